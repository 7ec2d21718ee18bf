/* engine.h - the measurement of this process, of its calls or of its lines: threads, profile, file.
 *
 * One per process, because what it listens to is. Everything here is called with the GIL, or when
 * there is no other thread left; the hot path is inline and knows one global and one thread-local.
 *
 *     stopped --start--> active --stop--> stopped
 *
 * A forked child stays active and writes OUTPUT.PID-TIME, or is stopped, without a file.
 *
 * As cProfile it is what a program that expects cProfile finds: in the place of profilers, shown by
 * sys.getprofile, with a timer of the program's if that has one.
 *
 * Probes never raise and keep the current exception: what fails is counted. */
#ifndef TARE_EXT_ENGINE_H
#define TARE_EXT_ENGINE_H

#include "common/pycompat.h"

#include "base/bytes.h"
#include "model/profile.h"
#include "os/os.h"
#include "os/own.h"
#include "os/ticks.h"
#include "trace/calls.h"
#include "trace/cost.h"
#include "trace/line_merge.h"
#include "trace/merge.h"
#include "trace/suspended.h"

typedef struct tare_trace_thread tare_trace_thread;
struct tare_trace_thread {
    uint64_t           check_at_ticks; /* then there is something to do beside counting */
    tare_calls         calls;          /* unused where lines are measured */
    tare_merge         merge;
    tare_lines         lines; /* unused where calls are */
    tare_trace_thread *next;
    bool               ended; /* set by the thread itself, without the GIL: read with acquire */
    bool               main;
    bool               named;
    bool               labelled;
    uint8_t            name_tries;
    uint32_t           nodes_at_try; /* nothing new has been called since */
    uintptr_t          stack_limit;  /* lower than this is too deep; 0 = not asked yet */
    int                tid;
    uint32_t           label_set;
    unsigned long      ident; /* threading's number for it */
    char               name[TARE_OS_NAME_BYTES];
};

typedef struct tare_trace_options {
    char       *output; /* owned by the engine once started; absolute. NULL: in memory alone */
    char       *command;
    const char *mode;
    bool        as_cprofile;
    PyObject   *owner;      /* as cProfile: what sys.getprofile shows on 3.11; owned likewise */
    PyObject   *timer;      /* NULL = our own clock; owned likewise */
    double      timer_unit; /* of its whole numbers, in seconds; 0 = it tells seconds */
    bool        overwrite;
    bool        builtins;
    bool        classes; /* with builtins: calls of what is no function too, classes above all */
    bool        cpu_clock;
    bool        durations;  /* of activations, by function */
    bool        children;   /* forked ones too, each for a file of its own */
    uint32_t    node_limit; /* 0 = TARE_TRACE_MAX_NODES */
    bool        lines;      /* measure lines instead of calls */
    char       *selection;  /* of which code (line_codes.h); NULL = what is added; owned likewise */
} tare_trace_options;

enum {
    TARE_TRACE_MAX_NODES = 1 << 20,
    TARE_TRACE_MAX_THREADS = 4096, /* with labels of their own */
    TARE_TRACE_TEXT_BYTES = 4096
};

typedef struct tare_trace_engine {
    bool                        active;
    uint32_t                    generation; /* of the keys kept in code objects */
    uint64_t                    flush_at_ticks;
    tare_ticks                  clock;
    uint32_t                    asking_count; /* threads that are in the program's timer */
    bool                        busy;         /* with starting or stopping */
    Py_ssize_t                  extra_index;  /* of those, -1 = not asked for yet */
    uint32_t                    unnamed_key;
    const struct tare_listener *listener;
    tare_suspended              suspended;
    tare_trace_thread          *threads; /* owned; newest first */
    tare_calls_budget           budget;
    tare_profile                profile;
    tare_merge_metrics          metrics;
    tare_costs                  costs;      /* of hearing of calls, taken off */
    tare_line_costs             line_costs; /* of lines, likewise */
    bool                        calibrated; /* else there are none */
    tare_trace_options          options;
    tare_own_key                thread_key;
    int                         process_id;
    size_t      output_size; /* in a child: of the output's name, as the parent has it */
    const char *hook;        /* what listens, for people */
    bool        written;
    uint64_t    start_ns; /* when listening began */
    uint64_t    wall_ns;  /* from then to the last merge */
    uint64_t    start_cpu_ns;
    uint64_t    thread_count;
    uint64_t    flush_count;
    uint64_t    flush_ticks;
    uint64_t    fork_count;
    uint64_t    failed_count; /* of threads and names for which there was no memory */
    uint64_t    lost_calls;   /* of threads that are gone; likewise below */
    uint64_t    resync_count;
    tare_error  last_error; /* of a flush that failed */
} tare_trace_engine;

extern tare_trace_engine tare_trace;

/* Offset from the thread pointer: the module is there before the program's threads are. */
extern _Thread_local tare_trace_thread *tare_trace_current
    __attribute__((tls_model("initial-exec")));

/* Takes over the texts and objects of options. On failure err says why, and nothing listens. */
TARE_MUST_USE tare_status tare_trace_start(const tare_trace_options *options, tare_error *err);
/* Writes the file, or in memory what would be in it to out, and forgets everything. The result of
 * the last write. */
TARE_MUST_USE tare_status tare_trace_stop(tare_buffer *out, tare_error *err);
/* What the file would be if it ended now, to out. It goes on. */
TARE_MUST_USE tare_status tare_trace_snapshot(tare_buffer *out, tare_error *err);
/* For the end of the process, without telling Python: writes the file as complete; with last
 * nothing is written after it. */
void tare_trace_finish(bool last);
/* In a forked child, with its only thread. The parent's file is the parent's. */
void tare_trace_begin_child(void);
/* In its parent. */
void tare_trace_note_fork(void);

/* Finds out what the thread is called; writes what there is by now when it is time. */
void tare_trace_check(tare_trace_thread *thread, uint64_t now);

/* The calling thread's, made when it has none; NULL without memory. */
tare_trace_thread *tare_trace_make_thread(uint64_t now);
/* Asks threading for its name. */
void tare_trace_name_thread(tare_trace_thread *thread);

static inline tare_trace_thread *tare_trace_thread_at(uint64_t now)
{
    tare_trace_thread *thread = tare_trace_current;
    return __builtin_expect(thread != NULL, 1) ? thread : tare_trace_make_thread(now);
}

/* Where the processor has no counter, or the program has a timer. */
uint64_t tare_trace_ask_clock(void);

static inline uint64_t tare_trace_now(void)
{
    if (__builtin_expect(!tare_trace.clock.counter, 0))
        return tare_trace_ask_clock();
    return tare_ticks_read(&tare_trace.clock);
}

double tare_trace_ns_per_tick(void);

/* How deep its stack may be used (frames.h); NULL of nobody's. */
static inline uintptr_t *tare_trace_stack(tare_trace_thread *thread)
{
    return thread != NULL ? &thread->stack_limit : NULL;
}

/* After an event, so that its time is charged. Of events that come in pairs one is enough. */
static inline void tare_trace_end_event(tare_trace_thread *thread, uint64_t now)
{
    if (__builtin_expect(now >= thread->check_at_ticks, 0))
        tare_trace_check(thread, now);
}

#endif
