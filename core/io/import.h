/* import.h - other tools' profiles become a profile.
 *
 * One file per format, one row in the table. What a file says is taken as it is; what it cannot
 * say is in the meta key import.note, in one sentence. Every file is foreign: its bytes are
 * checked before they are used, nesting and counts have bounds, memory is at most a fixed
 * multiple of the file plus one of TARE_EDGES_MAX_NODES, and what is wrong is TARE_CORRUPT.
 *
 * Times become wall_ns with the state they belong to, calls become calls, samples samples, bytes
 * alloc_bytes; anything else keeps the name the file gives it. */
#ifndef TARE_IO_IMPORT_H
#define TARE_IO_IMPORT_H

#include "model/profile.h"

typedef struct tare_import_format {
    const char *name;  /* "pstats" */
    const char *words; /* one line for --help */
    /* Do the bytes look like such a file? */
    bool (*sniff)(const uint8_t *bytes, size_t size);
    /* Adds everything to a profile that was just begun. */
    tare_status (*read)(const uint8_t *bytes, size_t size, tare_profile *into, tare_error *err);
} tare_import_format;

/* The table, ended by a row with name == NULL. The first row whose sniff says yes is meant. */
const tare_import_format *tare_import_formats(void);

/* Reads into *profile, which must be zeroed; the caller deinits it, also on failure. name: of the
 * format, or NULL to find it by the bytes. USAGE: no such format. UNSUPPORTED: none that Tare
 * knows. CORRUPT: damaged, or not what it was said to be. */
TARE_MUST_USE tare_status tare_import(const uint8_t *bytes, size_t size, const char *name,
                                      const tare_alloc *alloc, tare_profile *profile,
                                      tare_error *err);

/* One pair per file: import_pstats.c, import_collapsed.c and so on. */
bool                      tare_sniff_pstats(const uint8_t *bytes, size_t size);
TARE_MUST_USE tare_status tare_import_pstats(const uint8_t *bytes, size_t size, tare_profile *into,
                                             tare_error *err);
bool                      tare_sniff_collapsed(const uint8_t *bytes, size_t size);
TARE_MUST_USE tare_status tare_import_collapsed(const uint8_t *bytes, size_t size,
                                                tare_profile *into, tare_error *err);
bool                      tare_sniff_speedscope(const uint8_t *bytes, size_t size);
TARE_MUST_USE tare_status tare_import_speedscope(const uint8_t *bytes, size_t size,
                                                 tare_profile *into, tare_error *err);
bool                      tare_sniff_importtime(const uint8_t *bytes, size_t size);
TARE_MUST_USE tare_status tare_import_importtime(const uint8_t *bytes, size_t size,
                                                 tare_profile *into, tare_error *err);
bool                      tare_sniff_lprof(const uint8_t *bytes, size_t size);
TARE_MUST_USE tare_status tare_import_lprof(const uint8_t *bytes, size_t size, tare_profile *into,
                                            tare_error *err);
bool                      tare_sniff_callgrind(const uint8_t *bytes, size_t size);
TARE_MUST_USE tare_status tare_import_callgrind(const uint8_t *bytes, size_t size,
                                                tare_profile *into, tare_error *err);
bool                      tare_sniff_pprof(const uint8_t *bytes, size_t size);
TARE_MUST_USE tare_status tare_import_pprof(const uint8_t *bytes, size_t size, tare_profile *into,
                                            tare_error *err);

#endif
