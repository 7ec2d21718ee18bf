/* session.h - one measurement from start to file.
 *
 *     start      open the file, spawn or find the target
 *     loop       sleep to the next tick, look at every process, now and then: counters,
 *                new children, flush
 *     finish     provenance, last flush, how the target ended
 *
 * The file is opened before the target is started, so a path that cannot be written costs
 * nobody a run, and provenance is written to it at once, so a kill at any moment leaves a file
 * that can be read. A flush that fails (disk full) is reported once; sampling goes on and each
 * later flush tries again, the last one at the end. */
#ifndef TARE_SAMPLER_SESSION_H
#define TARE_SAMPLER_SESSION_H

#include "io/tare_file.h"
#include "sampler/counters.h"
#include "sampler/crowding.h"
#include "sampler/options.h"
#include "sampler/schedule.h"
#include "sampler/timeline.h"

#include <signal.h>

/* Set by signal handlers, read by the loop. */
typedef struct tare_requests {
    volatile sig_atomic_t child_changed; /* SIGCHLD */
    volatile sig_atomic_t stop_count;    /* SIGTERM, SIGHUP; in attach mode SIGINT too */
    volatile sig_atomic_t stop_signal;   /* the last of them */
} tare_requests;

typedef struct tare_session {
    const tare_options *options;  /* borrowed */
    const tare_alloc   *alloc;    /* borrowed */
    tare_requests      *requests; /* borrowed */
    tare_reporter       reporter;
    tare_profile        profile;
    tare_writer        *writer;
    tare_schedule       schedule;
    tare_counters       counters;
    tare_landmarks      landmarks;
    tare_division       division;
    tare_timeline       timeline;
    tare_tally          tally;
    tare_target       **targets; /* owned, as is each; targets[0] is the first process */
    tare_holder        *holder;  /* owned; NULL = no thread is held */
    uint32_t            target_count, target_capacity;
    int                 child_pid; /* what run started; 0 = nothing */
    tare_exit           exit;      /* of the first process */
    tare_usage          total;     /* of processes that have ended */
    tare_usage          begin;     /* what was used before we attached */
    uint64_t            process_count;
    uint64_t            thread_count;   /* of processes that have ended */
    uint64_t            peak_rss_bytes; /* of all processes together, as far as seen */
    uint64_t            peak_swap_bytes;
    uint64_t            start_ns, end_ns;
    uint64_t            tick_count;
    uint64_t            weight, weight_squared;
    uint64_t            carried;         /* weight of ticks whose samples were skipped */
    int64_t             slept_before_ns; /* tare_os_slept_ns at the start */
    uint64_t            next_flush_ns, next_census_ns, next_status_ns;
    int                 forwarded; /* stop requests passed on to the target */
    tare_crowding       crowding;
    tare_placement      placement; /* ours, by the CPU on which the target runs */
    bool                write_failed;
    bool                saw_python;
    bool                detached; /* ended before the target did */
} tare_session;

/* Runs the whole measurement; returns tare-sample's exit code. */
int tare_session_run(tare_session *session, const tare_options *options, tare_requests *requests);

#endif
