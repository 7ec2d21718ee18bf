/* state.h - what a thread is doing, as one of the metrics of metric.h. */
#ifndef TARE_SAMPLER_STATE_H
#define TARE_SAMPLER_STATE_H

#include "sampler/target.h"

/* What the system says of a thread: not older than age_ns, else asked again. */
const tare_thread_state *tare_state_of(tare_watched_thread *thread, uint64_t now_ns,
                                       uint64_t age_ns);

/* The way of waiting behind a blocked thread's system call. gil: the call waits for it. */
tare_metric_id tare_state_wait(const tare_target *target, tare_watched_thread *thread, bool gil,
                               uint64_t now_ns);

/* The state of a Python thread after its stack was read: waiting by kind; on a CPU by who
 * holds the GIL, whether it collects, and the instruction it stands at. */
tare_metric_id tare_state_classify(tare_target *target, uint32_t index, bool may_ask_again,
                                   uint64_t now_ns);

/* Of two states of threads, the one that describes the whole process. */
tare_metric_id tare_state_stronger(tare_metric_id one, tare_metric_id other);

#endif
