/* code.h - the code objects of one target, each resolved once.
 *
 * A stack read from outside is full of addresses of code objects. The first sight of
 * one costs a handful of reads (names, line table, bytecode); from then on it is a hash
 * look-up. Addresses are reused when code is freed, so an entry remembers the words
 * that tell one code object from another, and they are compared again:
 * whenever the interpreter's witness says that code was created or freed, and at the
 * latest after TARE_CODE_TRUST_NS.
 * Cost: look-up O(1); resolve 6-10 reads; compare one piece of a read per code. */
#ifndef TARE_REMOTE_CODE_H
#define TARE_REMOTE_CODE_H

#include "base/bytes.h"
#include "base/map.h"
#include "model/profile.h"
#include "remote/layout.h"

enum {
    TARE_CODE_IDENTITY_BYTES = 512,
    TARE_CODE_TRUST_NS = 20000000,     /* with a witness */
    TARE_CODE_BLIND_TRUST_NS = 10000,  /* 3.11 and 3.12 have none: at every sample */
    TARE_CODE_MAX_CHECKS = 64,         /* pieces of one read */
    TARE_CODE_KIND_TRUST_NS = 50000000 /* instructions get specialised while they run */
};

typedef struct tare_code {
    tare_raddr address;  /* of the code object */
    tare_raddr bytecode; /* of its first code unit */
    uint32_t   unit_count;
    uint32_t   frame_bytes; /* of a frame that runs it */
    uint32_t   function;    /* function of the profile */
    bool       shim;        /* the interpreter's own: not shown, but lies on the stack */
    uint8_t   *identity;    /* owned; layout->code.bytecode - first_line bytes, and those of file */
    tare_raddr file;        /* the str of the file name, where it is a part of the identity */
    uint32_t   file_bytes;  /* so many of it; 0 = none */
    uint32_t  *lines;       /* owned; of each unit, 0 = none */
    uint32_t  *frames;      /* owned; of the profile, TARE_NONE = not used yet */
    uint8_t   *kinds;       /* owned; tare_opcode_kind of each unit */
    uint64_t   checked_ns;  /* when the identity was last compared */
    uint64_t   witness;     /* then */
    uint64_t   kinds_ns;    /* when the bytecode was last read */
} tare_code;

typedef struct tare_codes {
    const tare_alloc  *alloc;   /* borrowed */
    const tare_layout *layout;  /* borrowed */
    tare_memory       *memory;  /* borrowed */
    tare_profile      *profile; /* borrowed: functions and frames go there */
    tare_code         *items;   /* owned; index = code id; freed ones stay, emptied */
    uint32_t           count, capacity;
    uint32_t           emptied_count; /* of count */
    tare_map           by_address;
    tare_raddr         code_type; /* address of the type "code"; 0 until the first one */
    tare_buffer        scratch;   /* owned */
} tare_codes;

void tare_codes_init(tare_codes *codes, const tare_layout *layout, tare_memory *memory,
                     tare_profile *profile, const tare_alloc *alloc);
void tare_codes_deinit(tare_codes *codes);

/* Id, or TARE_MAP_ABSENT. */
static inline uint32_t tare_codes_find(const tare_codes *codes, tare_raddr address)
{
    uint32_t id = tare_map_get(&codes->by_address, address);
    return id != TARE_MAP_ABSENT && codes->items[id].address == 0 ? TARE_MAP_ABSENT : id;
}

/* Reads the code object there. CORRUPT or TORN when there is none (a stale pointer). */
TARE_MUST_USE tare_status tare_codes_resolve(tare_codes *codes, tare_raddr address, uint64_t now_ns,
                                             uint64_t witness, uint32_t *id_out, tare_error *err);

/* Identities to compare, as pieces of a read that is made anyway. */
typedef struct tare_code_checks {
    uint32_t  ids[TARE_CODE_MAX_CHECKS];
    uint32_t  count; /* of ids */
    tare_read reads[TARE_CODE_MAX_CHECKS];
    uint32_t  read_count;
} tare_code_checks;

/* Lists those of the ids that are due, each once; the pieces point into the codes' own
 * storage, until the next call. More than fit stay due. */
TARE_MUST_USE tare_status tare_codes_plan(tare_codes *codes, const uint32_t *ids, size_t id_count,
                                          uint64_t now_ns, uint64_t witness,
                                          tare_code_checks *checks, tare_error *err);
/* The pieces could not be read: they are due again. */
void tare_codes_abandon(tare_codes *codes, const tare_code_checks *checks);
/* After the pieces were read: true when all are what they were. One that had changed is
 * emptied (address 0, no units), and its address will resolve anew. */
bool tare_codes_compare(tare_codes *codes, const tare_code_checks *checks);

/* Plan, read and compare in one, for all of the ids. */
TARE_MUST_USE tare_status tare_codes_verify(tare_codes *codes, const uint32_t *ids, size_t id_count,
                                            uint64_t now_ns, uint64_t witness, bool *same_out,
                                            tare_error *err);

/* The frame (function, line) of a code unit. */
TARE_MUST_USE tare_status tare_codes_frame(tare_codes *codes, uint32_t id, uint32_t unit,
                                           uint32_t *frame_out, tare_error *err);

/* What the instruction at a unit does; reads the bytecode again when it is old. */
tare_opcode_kind tare_codes_kind(tare_codes *codes, uint32_t id, uint32_t unit, uint64_t now_ns);

#endif
