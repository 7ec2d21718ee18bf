/* page.h - what the processes of a delayed program have counted together.
 *
 * A file that tare whatif makes, mapped by each process: nothing has to be written at the end, so
 * nothing is lost when a worker of a pool is killed. Counters are added to atomically. */
#ifndef TARE_EXT_PAGE_H
#define TARE_EXT_PAGE_H

#include "base/status.h"

#include <stdint.h>

/* name, what it counts */
#define TARE_DELAY_COUNTERS(X)                                                              \
    X(process_count, "processes that were listened to")                                     \
    X(code_count, "code objects of the function that were seen")                            \
    X(calls, "calls of it, without those within one")                                       \
    X(resumes, "times that one of them went on after a yield or an await")                  \
    X(cpu_ns, "CPU time of the thread in them")                                             \
    X(wall_ns, "wall time in them, by the program's clock")                                 \
    X(line_ns, "of that, it was ready and had no CPU: asked for where waits are stretched") \
    X(inserted_ns, "by which they were made longer")                                        \
    X(hidden_ns, "of their CPU time, what the program's clocks did not show")               \
    X(hidden_line_ns, "of that, they were ready and had no CPU")                            \
    X(beside_ns, "CPU time of other threads of the process, while they were hidden")        \
    X(progress_code_count, "code objects of the progress point that were seen")             \
    X(progress_count, "times that it was called")                                           \
    X(first_progress_ns, "when it was called first; 0 = never")                             \
    X(last_progress_ns, "when it was called last")                                          \
    X(failed_count, "code objects that could not be listened to")

typedef struct tare_delay_page {
    uint64_t began; /* 1: the program was listened to */
#define TARE_DELAY_FIELD(name, words) uint64_t name;
    TARE_DELAY_COUNTERS(TARE_DELAY_FIELD)
#undef TARE_DELAY_FIELD
    char message[TARE_ERROR_MESSAGE_BYTES]; /* why it was not */
} tare_delay_page;

static inline void tare_delay_count(uint64_t *counter, uint64_t amount)
{
    __atomic_fetch_add(counter, amount, __ATOMIC_RELAXED);
}

#endif
