/* target.h - one process under observation, and what a look at it adds to the profile.
 *
 * A target starts without Python (it was just started, or is no Python at all); it is
 * asked again, less and less often, and once a runtime is found its threads are sampled.
 * After an exec the runtime is gone or another one: the target is asked anew. */
#ifndef TARE_SAMPLER_TARGET_H
#define TARE_SAMPLER_TARGET_H

#include "remote/python.h"
#include "sampler/division.h"
#include "sampler/report.h"
#include "sampler/timeline.h"

/* What sampling itself did; sums over all targets. */
typedef struct tare_tally {
    uint64_t sample_count; /* thread stacks */
    uint64_t proven_count;
    uint64_t prefix_count;
    uint64_t lost_count;
    uint64_t truncated_count;
    uint64_t overflow_count; /* beyond the profile's node_limit */
    uint64_t retry_count;
    uint64_t read_count;
    uint64_t skipped_count; /* to keep within the budget of holds */
    uint64_t hold_count;
    uint64_t hold_ns;
} tare_tally;

/* One thread of the target, by the system's number. */
typedef struct tare_watched_thread {
    int                  tid;
    tare_thread_probe    probe;
    uint32_t             label_set;
    bool                 probed;      /* probe is open */
    bool                 main;        /* of the first process */
    bool                 cut;         /* the last stack had no bottom (truncated) */
    bool                 kept;        /* by the refresh under way ... */
    uint32_t             interpreter; /* ... as a thread of this one */
    bool                 shared;      /* in several interpreters */
    bool                 named;       /* label_set has the name that Python gave it */
    bool                 nameless;    /* label_set is that of "(other threads)" */
    tare_thread_state    state;       /* as of state_ns */
    uint64_t             state_ns;
    int                  descriptor; /* whose kind is cached; -1 = none */
    tare_descriptor_kind descriptor_kind;
    uint64_t             descriptor_ns;
    tare_claim           claim; /* on the tick */
} tare_watched_thread;

/* Nodes without code behind them, made once per profile; and how many label sets the profile
 * may have before threads and processes share one. */
typedef struct tare_landmarks {
    uint32_t outside;    /* "(no Python frame)" */
    uint32_t unreadable; /* "(unreadable)" */
    uint32_t truncated;  /* "(truncated)" */
    uint32_t max_labels;
} tare_landmarks;

typedef struct tare_target {
    const tare_alloc    *alloc;   /* borrowed */
    tare_profile        *profile; /* borrowed */
    const tare_reporter *reporter;
    tare_division       *division; /* borrowed */
    tare_timeline       *timeline; /* borrowed */
    tare_landmarks       landmarks;
    tare_process         process;
    char                 name[TARE_OS_NAME_BYTES];
    bool                 first;  /* the process that was started or attached to */
    tare_holder         *holder; /* borrowed; NULL = its threads must not be held */
    double               hold_share;
    bool                 stopped; /* by job control */
    uint64_t             next_stop_check_ns;
    int                  cpu; /* on which one of its threads ran lately; -1 = unknown */
    uint64_t             next_cpu_check_ns;
    uint32_t             label_set; /* of the process alone */

    bool        has_python;
    tare_python python;
    tare_error  refusal;      /* why there is no Python, for the first process */
    uint64_t    refreshed_ns; /* when the thread list was last walked */
    uint64_t    next_try_ns;  /* when to look for Python again */
    uint64_t    try_delay_ns;
    uint64_t    last_sight_ns; /* when a stack was last read */

    tare_watched_thread *threads; /* owned; the main thread is threads[0] */
    uint32_t             thread_count, thread_capacity;
    uint64_t             threads_seen; /* ever */
    uint32_t            *thread_of;    /* owned; index of python.threads -> index of threads */
    uint32_t             thread_of_capacity;

    bool       traced;    /* it has series of its own */
    tare_usage usage;     /* last known */
    uint32_t   series[8]; /* ids, in the order of counters.c; TARE_NONE = not made */
    uint64_t   seen_from_ns;
} tare_target;

TARE_MUST_USE tare_status tare_landmarks_init(tare_landmarks *landmarks, tare_profile *profile,
                                              tare_error *err);

/* Heap handle: the target holds addresses into itself. GONE when the process is not there. */
TARE_MUST_USE tare_status tare_target_new(tare_target **out, int pid, bool first,
                                          tare_profile *profile, const tare_landmarks *landmarks,
                                          tare_division *division, tare_timeline *timeline,
                                          const tare_reporter *reporter, const tare_alloc *alloc,
                                          tare_error *err);
void                      tare_target_free(tare_target *target); /* NULL is fine */

/* Looks at every thread once, claims the tick for those that run and notes in the time line where
 * each is. weight_ns is the time
 * the look stands for. *state_out is the
 * metric that describes the process: running Python before native before collecting, and
 * the main thread's way of waiting when nothing runs. A process that is
 * gone shows nothing readable; fails only for want of memory. */
TARE_MUST_USE tare_status tare_target_look(tare_target *target, uint64_t now_ns, uint64_t weight_ns,
                                           uint64_t state_age_ns, tare_tally *tally,
                                           tare_metric_id *state_out, tare_error *err);

/* Looks for a Python runtime now, whatever the schedule of tries says. The refusal when
 * there is none. */
TARE_MUST_USE tare_status tare_target_find_python(tare_target *target, uint64_t now_ns,
                                                  tare_error *err);

#endif
