/* memory.h - another process's memory as the readers of core/remote see it.
 *
 * One function reads many pieces at once. The real one is tare_os_read; tests and
 * fuzzers put a made-up memory behind the same call. Counts what it does, because a
 * profiler has to know its own cost. */
#ifndef TARE_REMOTE_MEMORY_H
#define TARE_REMOTE_MEMORY_H

#include "os/os.h"

static const double TARE_HOLD_SHARE = 0.005; /* unless somebody sets another */

typedef struct tare_memory {
    /* As tare_os_read: pieces in order, one call, short when a page is missing. */
    tare_status (*read)(void *context, const tare_read *reads, size_t read_count,
                        size_t *done_bytes_out, tare_error *err);
    void *context;
    /* As tare_os_hold. */
    tare_status (*hold)(tare_holder *holder, const tare_thread_probe *probe,
                        void (*work)(void *context), void *context, uint64_t *held_ns_out,
                        tare_error *err);
    tare_holder *holder;     /* borrowed; NULL: no thread may be held */
    double       hold_share; /* of a thread's time, at most */
    uint64_t     read_count; /* calls */
    uint64_t     read_bytes;
} tare_memory;

/* The memory of a process; borrows it. */
tare_memory tare_memory_of(const tare_process *process);

/* All pieces or TORN: what points nowhere was freed while it was read. */
TARE_MUST_USE tare_status tare_memory_read_all(tare_memory *memory, const tare_read *reads,
                                               size_t read_count, tare_error *err);
/* One piece. */
TARE_MUST_USE tare_status tare_memory_read(tare_memory *memory, tare_raddr address, void *into,
                                           size_t size_bytes, tare_error *err);

#endif
