/* longer.h - calls of one function, each made longer by a part of its own time, or hidden.
 *
 *     begin          end          until here
 *       |-- the call --|-- ratio x --|          ratio 0: measured, and let alone
 *                                               below 0: so much of its CPU time is hidden from the
 *                                               program's clocks (common/clock.h)
 *
 * What stands for more of the work that a call does:
 *
 *     work       the thread burns CPU time and holds the GIL, and gives it away as often as Python
 *                code must
 *     released   it burns CPU time without the GIL, as what NumPy or zlib does
 *     waits      it sleeps; the time is that in which the call neither had a CPU nor stood in line
 *                for one
 *
 * Of calls within a call of the same thread only the outermost counts. A generator or coroutine is
 * a call from each resumption to the next yield or await: what it does itself, not what it awaits.
 *
 * All is called with the GIL, keeps the current exception and allocates nothing. */
#ifndef TARE_EXT_LONGER_H
#define TARE_EXT_LONGER_H

#include "common/pycompat.h"

#include "base/status.h"

#include "common/clock.h"

#include "delay/page.h"

typedef enum tare_stretch {
    TARE_STRETCH_WORK,
    TARE_STRETCH_RELEASED,
    TARE_STRETCH_WAITS
} tare_stretch;

typedef struct tare_longer {
    tare_delay_page *page; /* NULL: nothing is measured */
    tare_stretch     stretch;
    double           ratio;
    uint64_t         clock_ns; /* what reading a thread's CPU clock takes */
    uint64_t         slice_ns; /* after which another thread gets the GIL that asked for it */
    const tare_clock_functions *clock; /* NULL: nothing is hidden */
} tare_longer;

extern tare_longer tare_delay;

/* Before anything is heard. */
TARE_MUST_USE tare_status tare_delay_start(tare_delay_page *page, tare_stretch stretch,
                                           double ratio, tare_error *err);
/* In a forked child, with its only thread. */
void tare_delay_begin_child(void);

/* frame: a name for the frame that runs it. */
void tare_delay_begin_call(uintptr_t frame, bool resumed);
void tare_delay_end_call(uintptr_t frame);
void tare_delay_note_progress(void);

/* How the interpreter tells of calls: hear_monitoring.c, or on 3.11 hear_frames.c. */
TARE_MUST_USE tare_status tare_delay_listen(tare_error *err);

#endif
