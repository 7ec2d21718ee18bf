/* engine.h - every block of memory that this process's interpreter allocates.
 *
 *     stopped --start--> active --stop--> stopped
 *
 *     interpreter -> hooks.c -> what was there before (pymalloc, malloc, another tool)
 *                       |
 *                       v
 *     stack (stacks.c) -> node of the profile -> cell of the ledger <- block -> table of blocks
 *
 * One per process. Memory may be asked for by any thread, with a GIL, with that of another
 * interpreter or with none: all that is here is under one lock, but for a thread's own part.
 * What Tare allocates for itself, and what an allocator takes from the one below it, is not heard
 * (tare_memory_own.within).
 *
 * Probes never raise, call nothing of Python's that does, and keep errno. What cannot be kept for
 * want of memory is counted as lost. */
#ifndef TARE_EXT_ENGINE_H
#define TARE_EXT_ENGINE_H

#include "common/pycompat.h"
#include "memory/lock.h"

#include "base/bytes.h"
#include "memory/blocks.h"
#include "memory/curve.h"
#include "memory/figures.h"
#include "memory/ledger.h"
#include "memory/sampling.h"
#include "model/profile.h"
#include "os/own.h"

typedef enum tare_memory_kind {
    TARE_MEMORY_RAW,
    TARE_MEMORY_MEM,
    TARE_MEMORY_OBJ,
    TARE_MEMORY_NATIVE,
    TARE_MEMORY_KINDS
} tare_memory_kind;

enum {
    TARE_MEMORY_MAX_NODES = 1 << 20,
    TARE_MEMORY_DEPTH = 64,      /* of stacks, if nothing else is asked for */
    TARE_MEMORY_MAX_DEPTH = 256, /* a stack is kept on the C stack of whoever allocates */
    TARE_MEMORY_CACHE = 1024     /* frames of a thread that are known */
};

/* A frame as it was when its thread last allocated at that instruction; zeros are none. */
typedef struct tare_known_frame {
    uintptr_t frame, instruction;
    uint32_t  parent, node; /* of the profile */
    uint32_t  place;        /* frame of the profile: function and line */
    uint32_t  code;         /* number (places.h) */
} tare_known_frame;

typedef struct tare_last_frame {
    uintptr_t frame, instruction;
    uint32_t  node;
} tare_last_frame;

typedef struct tare_memory_thread tare_memory_thread;
struct tare_memory_thread {
    uintptr_t           last;           /* the block it allocated last; 0 = none, or it is gone */
    int64_t             left_at_sample; /* of the countdown when it was drawn */
    tare_countdown      countdown;
    uint32_t            events_to_look; /* at the clock */
    uint32_t            epoch;          /* of tare_memory.epoch, to which known belongs */
    tare_memory_thread *next, **link;
    uint32_t            last_depth; /* frames of its last stack; 0 = not known */
    uint32_t            last_base;  /* under which these are: the root, or "(deeper)" */
    tare_last_frame  last_frames[TARE_MEMORY_MAX_DEPTH + 1]; /* from 1, the outermost; 0 is none */
    tare_known_frame known[TARE_MEMORY_CACHE];
};

typedef struct tare_memory_options {
    char       *output; /* owned by the engine once started; absolute. NULL: in memory alone */
    char       *command;
    const char *mode;
    double      sample_bytes; /* mean distance of samples; 0 = every block */
    uint32_t    depth;        /* 0 = TARE_MEMORY_DEPTH */
    uint32_t    node_limit;   /* 0 = TARE_MEMORY_MAX_NODES */
    bool        overwrite;
    bool        children; /* forked ones too, each for a file of its own */
    bool        native;
} tare_memory_options;

typedef struct tare_memory_engine {
    bool                 active; /* read without the lock by those who then ask again with it */
    bool                 sampled;
    tare_lock            lock;
    int                  lock_process_id; /* whose it is: a child has its own */
    PyInterpreterState  *main_interpreter;
    bool                 busy; /* with starting or stopping */
    bool                 written;
    bool                 unheard;     /* when it was last looked at: another tool took us out */
    uint32_t             epoch;       /* of code objects: raised when one has gone, */
    uint32_t             begun_epoch; /* or all are void */
    double               sample_bytes;
    tare_blocks          blocks;
    tare_ledger          ledger;
    tare_sampling_filter filter;
    tare_profile         profile;
    tare_figures         figures;
    tare_curve           curve;
    uint32_t            *cells; /* owned; by node and kind: cell + 1, 0 = none */
    uint32_t             cell_capacity;
    uint32_t             deeper_node, no_gil_node, no_frame_node; /* 0 = not needed yet */
    uint32_t             label_sets[TARE_MEMORY_KINDS];
    tare_memory_thread  *threads;
    tare_own_key         thread_key;
    tare_memory_options  options;
    uint64_t             seed; /* of the next thread's countdown */

    uint64_t   look_at_ns, flush_at_ns; /* since the start */
    uint64_t   flush_at_bytes;          /* live, likewise */
    uint64_t   seen_peak_bytes, peak_time_ns;
    uint64_t   birth_unit_ns; /* of the births in the table */
    uint16_t   birth;         /* now */
    int        process_id;
    size_t     output_size; /* in a child: of the output's name, as the parent has it */
    uint64_t   start_ns, start_cpu_ns, wall_ns;
    uint64_t   truncated_count; /* stacks that were deeper */
    uint64_t   lost_count, lost_bytes;
    uint64_t   unknown_freed_count; /* of blocks that were there before, or lost */
    uint64_t   thread_count, flush_count, flush_ns, fork_count, failed_count;
    tare_error last_error;
} tare_memory_engine;

extern tare_memory_engine tare_memory;

typedef struct tare_memory_own {
    tare_memory_thread *thread;
    uint32_t            within; /* > 0: what it allocates now is not the program's */
} tare_memory_own_part;

extern _Thread_local tare_memory_own_part tare_memory_own
    __attribute__((tls_model("initial-exec")));

typedef struct tare_memory_counters {
    uint64_t live_bytes, live_count, high_bytes, peak_bytes, alloc_bytes, alloc_count, freed_bytes,
        freed_count;
    uint64_t rss_bytes, lost_count, unknown_freed_count, block_count, table_bytes;
} tare_memory_counters;

/* Takes over the texts of options. On failure err says why, and nothing is heard. */
TARE_MUST_USE tare_status tare_memory_start(const tare_memory_options *options, tare_error *err);
/* Writes the file, or in memory what would be in it to out, and forgets everything. */
TARE_MUST_USE tare_status tare_memory_stop(tare_buffer *out, tare_error *err);
/* What the file would be if it ended now, to out. It goes on. */
TARE_MUST_USE tare_status tare_memory_snapshot(tare_buffer *out, tare_error *err);
/* For the end of the process, without telling Python: writes the file as complete; with last
 * nothing is measured after it. */
void tare_memory_finish(bool last);
/* In a forked child, with its only thread; and in its parent. */
void tare_memory_begin_child(void);
void tare_memory_note_fork(void);

tare_memory_counters tare_memory_count(void); /* zeros when nothing is measured */
void                 tare_memory_reset_peak(void);
/* high_bytes is from now on the most after this; the peak stays what it is. */
void tare_memory_reset_high(void);

/* Around objects that are made for whoever asks: they are not the program's. What the collector
 * would free meanwhile is, and would not be heard: it waits. begin: whether it was on. */
static inline bool tare_memory_begin_own(void)
{
    tare_memory_own.within++;
    return PyGC_Disable() != 0;
}

static inline void tare_memory_end_own(bool collecting)
{
    if (collecting)
        (void)PyGC_Enable();
    tare_memory_own.within--;
}

/* ---- for the hooks ---- */

/* Of any kind, after it has succeeded, with tare_memory_own.within > 0. state: of the thread if it
 * holds a GIL. */
void tare_memory_add(void *address, size_t bytes, tare_memory_kind kind, PyThreadState *state);
/* Before it is gone. true: *out_block is what was known. */
bool tare_memory_remove(void *address, PyThreadState *state, tare_block *block_out);
/* It is not gone after all. */
void tare_memory_restore(void *address, const tare_block *block);

/* ---- shared by the engine's files, with the lock held ---- */

void tare_memory_lock(void);
void tare_memory_unlock(void);
/* Everything up to now in the profile; then the file, as complete or not. */
TARE_MUST_USE tare_status tare_memory_settle(tare_error *err);
/* By now. */
uint64_t tare_memory_now_ns(void);

#endif
