/* engine.c - see engine.h.
 *
 *     thread 1   calls ---\
 *     thread 2   calls ----+-- merge --> profile --> file
 *     (ended)    calls ---/              (once in a while, and at the end)
 *
 * A thread is known from its first event on. When it ends, its destructor marks it, and whoever
 * next makes a thread or writes merges what it has and frees it: threads in sequence cost the
 * memory of one.
 *
 * The file is there from the start. It is written anew each time, opened and closed in one go, so
 * that the program has no descriptor more than without us. The pause to the next time is
 * FLUSH_PARTS times what the last one took, and FLUSH_NS at least: writing costs a hundredth of the
 * time at most. What a signal can take is that pause, plus what a call into C that never returned
 * has lasted.
 *
 * Nothing is said on stderr: whoever started the program finds the file, or does not. */
#include "trace/engine.h"

#include "common/forks.h"
#include "common/output.h"

#include "trace/calibrate.h"
#include "trace/calibrate_lines.h"
#include "trace/line_codes.h"
#include "trace/listen.h"
#include "trace/names.h"
#include "trace/notes.h"

#include "io/tare_file.h"

#include <stdio.h>
#include <string.h>

#define FLUSH_NS 5e7
#define FLUSH_PARTS 100
#define TICKS_A_SECOND 1e9 /* of a timer that tells seconds */
#define COSTS_NS 10000000000U
#define TIMER_PAUSE_NS 50000U

tare_trace_engine tare_trace = {.extra_index = -1, .flush_at_ticks = UINT64_MAX};

_Thread_local tare_trace_thread *tare_trace_current __attribute__((tls_model("initial-exec")));

/* ---- clock ---- */

static _Thread_local bool is_asking; /* this thread is in the program's timer */

/* As cProfile does: what it raises is reported, and no time has passed. */
static uint64_t ask_timer(uint64_t last)
{
    PyObject *type, *value, *traceback;
    uint64_t  now = last;
    PyErr_Fetch(&type, &value, &traceback);
    is_asking = true;
    tare_trace.asking_count++;
    PyObject *told = PyObject_CallNoArgs(tare_trace.options.timer);
    tare_trace.asking_count--;
    is_asking = false;
    if (told != NULL && tare_trace.options.timer_unit > 0)
        now = (uint64_t)PyLong_AsLongLong(told);
    else if (told != NULL)
        now = (uint64_t)(int64_t)(PyFloat_AsDouble(told) * TICKS_A_SECOND);
    if (PyErr_Occurred()) {
        PyErr_WriteUnraisable(tare_trace.options.timer);
        now = last;
    }
    Py_XDECREF(told);
    PyErr_Restore(type, value, traceback);
    return now;
}

uint64_t tare_trace_ask_clock(void)
{
    static uint64_t last; /* of the program's timer; under the GIL */
    if (tare_trace.options.timer == NULL)
        return tare_ticks_monotonic();
    return last = ask_timer(last);
}

double tare_trace_ns_per_tick(void)
{
    const tare_trace_options *options = &tare_trace.options;
    if (options->timer != NULL)
        return options->timer_unit > 0 ? options->timer_unit * 1e9 : 1e9 / TICKS_A_SECOND;
    return tare_ticks_ns_ratio(&tare_trace.clock);
}

/* ---- threads ---- */

static void note_thread_end(void *value)
{
    tare_trace_thread *thread = value;
    tare_trace_current = NULL;
    __atomic_store_n(&thread->ended, true, __ATOMIC_RELEASE);
}

static void merge_thread(tare_trace_thread *thread, double ns_per_tick)
{
    if (!thread->labelled && tare_notes_label(thread) != TARE_OK) {
        tare_trace.failed_count++;
        return;
    }
    tare_status status;
    if (tare_trace.options.lines)
        status = tare_lines_merge(&thread->lines, &tare_trace.profile, &tare_trace.line_costs,
                                  thread->label_set, ns_per_tick, &tare_trace.last_error);
    else
        status = tare_merge_calls(&thread->merge, &thread->calls, &tare_trace.profile,
                                  &tare_trace.metrics, &tare_trace.costs, thread->label_set,
                                  ns_per_tick, &tare_trace.last_error);
    if (status != TARE_OK)
        tare_trace.failed_count++;
}

static void empty_thread(tare_trace_thread *thread)
{
    tare_trace.lost_calls += thread->calls.lost_calls + thread->lines.lost_count;
    tare_trace.resync_count += thread->calls.resync_count;
    tare_calls_deinit(&thread->calls);
    tare_lines_deinit(&thread->lines);
    tare_merge_deinit(&thread->merge, tare_alloc_system());
}

/* Takes in the threads that have ended. */
static void reap_threads(void)
{
    double              ns_per_tick = 0;
    tare_trace_thread **link = &tare_trace.threads;
    while (*link != NULL) {
        tare_trace_thread *thread = *link;
        if (!__atomic_load_n(&thread->ended, __ATOMIC_ACQUIRE)) {
            link = &thread->next;
            continue;
        }
        if (ns_per_tick <= 0)
            ns_per_tick = tare_trace_ns_per_tick();
        *link = thread->next;
        merge_thread(thread, ns_per_tick);
        empty_thread(thread);
        tare_release(tare_alloc_system(), thread, 1, sizeof *thread);
    }
}

/* Of any call, for their costs are alike to a binary digit. How much of a call was Python code,
 * which alone is slowed down where that is, is not known. */
static void use_durations(tare_calls *calls)
{
    const tare_cost *call = &tare_trace.costs.of[TARE_COST_CALL];
    double           ns_per_tick = tare_trace_ns_per_tick();
    double           inside_ns = call->inside_ns;
    tare_calls_use_durations(calls, ns_per_tick, (inside_ns + call->outside_ns) / ns_per_tick,
                             inside_ns / ns_per_tick);
}

/* Who it is, as far as that is known. */
static void introduce_thread(tare_trace_thread *thread)
{
    thread->main = thread->tid == tare_trace.process_id;
    thread->named = thread->main; /* as "MainThread" */
    thread->name_tries = 0;
    thread->check_at_ticks = 0;
    thread->nodes_at_try = 0;
    thread->labelled = false;
    tare_trace.thread_count++;
}

static tare_status begin_lines(tare_lines *lines)
{
    double ns_per_tick = tare_trace_ns_per_tick();
    TARE_TRY(tare_lines_init(lines, tare_alloc_system(), NULL));
    lines->visit_cost = (int64_t)(tare_trace.line_costs.visit_ns / ns_per_tick);
    lines->call_cost = (int64_t)(tare_trace.line_costs.call_ns / ns_per_tick);
    lines->instruction_cost = (int64_t)(tare_trace.line_costs.instruction_ns / ns_per_tick);
    if (tare_trace.options.cpu_clock)
        lines->cpu = tare_cpu_meter_on(ns_per_tick);
    return TARE_OK;
}

static tare_status begin_calls(tare_trace_thread *thread, uint64_t now)
{
    TARE_TRY(tare_calls_init(&thread->calls, &tare_trace.budget, now, tare_alloc_system(), NULL));
    if (tare_trace.options.cpu_clock)
        tare_calls_use_cpu_clock(&thread->calls, tare_trace_ns_per_tick());
    if (tare_trace.options.durations)
        use_durations(&thread->calls);
    return TARE_OK;
}

/* With nothing measured: a new thread, or one that was there in an earlier measurement. */
static tare_status begin_thread(tare_trace_thread *thread, uint64_t now)
{
    TARE_TRY(tare_trace.options.lines ? begin_lines(&thread->lines) : begin_calls(thread, now));
    introduce_thread(thread);
    return TARE_OK;
}

tare_trace_thread *tare_trace_make_thread(uint64_t now)
{
    if (!tare_trace.active)
        return NULL;
    reap_threads();
    const tare_alloc *alloc = tare_alloc_system();
    void             *memory;
    if (tare_acquire(alloc, &memory, 1, sizeof(tare_trace_thread), NULL) != TARE_OK) {
        tare_trace.failed_count++;
        return NULL;
    }
    tare_trace_thread *thread = memory;
    thread->tid = tare_own_thread_id();
    thread->ident = PyThread_get_thread_ident();
    if (begin_thread(thread, now) != TARE_OK) {
        tare_release(alloc, thread, 1, sizeof *thread);
        tare_trace.failed_count++;
        return NULL;
    }
    thread->next = tare_trace.threads;
    tare_trace.threads = thread;
    tare_trace_current = thread;
    tare_own_key_set(&tare_trace.thread_key, thread);
    return thread;
}

/* Other threads keep a pointer to what they had in an earlier measurement: it gets a new tree. */
static tare_status revive_threads(uint64_t now)
{
    tare_trace_thread **link = &tare_trace.threads;
    while (*link != NULL) {
        tare_trace_thread *thread = *link;
        if (__atomic_load_n(&thread->ended, __ATOMIC_ACQUIRE)) {
            *link = thread->next;
            tare_release(tare_alloc_system(), thread, 1, sizeof *thread);
            continue;
        }
        TARE_TRY(begin_thread(thread, now));
        link = &thread->next;
    }
    return TARE_OK;
}

/* ---- writing ---- */

static void settle_thread(tare_trace_thread *thread, uint64_t now)
{
    bool own = thread == tare_trace_current;
    if (tare_trace.options.lines)
        tare_lines_settle(&thread->lines, now, own);
    else if (own)
        tare_calls_charge(&thread->calls, now);
    else
        tare_calls_settle(&thread->calls, now);
}

/* What every thread has done up to now, also one that is in C without the GIL. */
static void merge_all(uint64_t now)
{
    double ns_per_tick = tare_trace_ns_per_tick();
    tare_trace.wall_ns = tare_os_monotonic_ns() - tare_trace.start_ns;
    reap_threads();
    for (tare_trace_thread *thread = tare_trace.threads; thread != NULL; thread = thread->next) {
        settle_thread(thread, now);
        merge_thread(thread, ns_per_tick);
    }
}

static tare_status write_file(bool complete, tare_error *err)
{
    tare_trace_options *options = &tare_trace.options;
    TARE_TRY(tare_notes_update(err));
    TARE_TRY(tare_file_save(&tare_trace.profile, options->output, options->overwrite, complete,
                            tare_alloc_system(), err));
    options->overwrite = true; /* the file is ours now */
    return TARE_OK;
}

/* After one that took so long. */
static void plan_flush(uint64_t now, uint64_t took)
{
    uint64_t pause = (uint64_t)(FLUSH_NS / tare_trace_ns_per_tick());
    tare_trace.flush_at_ticks = now + (pause > took * FLUSH_PARTS ? pause : took * FLUSH_PARTS);
}

/* What it did for Tare is not the program's time. */
static void shift_thread(tare_trace_thread *thread, uint64_t ticks)
{
    if (tare_trace.options.lines)
        tare_lines_shift(&thread->lines, ticks);
    else
        tare_calls_shift(&thread->calls, ticks);
}

static void flush(tare_trace_thread *thread)
{
    uint64_t before = tare_trace_now();
    tare_trace.flush_at_ticks = UINT64_MAX;
    if (!tare_trace.active || tare_own_process_id() != tare_trace.process_id)
        return;
    tare_trace.listener->begin_again();
    merge_all(before);
    if (write_file(false, &tare_trace.last_error) != TARE_OK)
        tare_trace.failed_count++;
    uint64_t took = tare_trace_now() - before;
    tare_trace.flush_count++;
    tare_trace.flush_ticks += took;
    plan_flush(before + took, took);
    shift_thread(thread, took);
}

/* A thread without a name asks at each event; the others at the time of the next write, and those
 * that ask for one that is past do so once more. */
void tare_trace_check(tare_trace_thread *thread, uint64_t now)
{
    if (!thread->named &&
        (tare_trace.options.lines || thread->nodes_at_try != thread->calls.node_count))
        tare_trace_name_thread(thread);
    if (now >= tare_trace.flush_at_ticks)
        flush(thread);
    thread->check_at_ticks = thread->named ? tare_trace.flush_at_ticks : 0;
}

/* ---- from start to end ---- */

/* What a measurement keeps its results in. */
static tare_status prepare(tare_error *err)
{
    tare_trace_engine *engine = &tare_trace;
    engine->generation++;
    TARE_TRY(tare_profile_init(&engine->profile, tare_alloc_system(), err));
    if (engine->options.lines)
        TARE_TRY(tare_lines_metrics(&engine->profile, err));
    else
        TARE_TRY(tare_merge_metrics_init(&engine->metrics, &engine->profile, err));
    return tare_names_init(err);
}

static tare_status activate(tare_error *err)
{
    if (revive_threads(tare_trace_now()) != TARE_OK)
        return tare_fail(err, TARE_NO_MEMORY, "start tracing: out of memory");
    tare_trace.active = true;
    return TARE_OK;
}

static void forget_results(void)
{
    tare_trace_engine *engine = &tare_trace;
    engine->active = false;
    engine->generation++; /* what code objects were marked with means nothing any more */
    engine->flush_at_ticks = UINT64_MAX;
    for (tare_trace_thread *thread = engine->threads; thread != NULL; thread = thread->next)
        empty_thread(thread);
    tare_suspended_deinit(&engine->suspended);
    tare_profile_deinit(&engine->profile);
    tare_names_deinit();
    tare_line_codes_end();
}

static void release_options(tare_trace_options *options)
{
    tare_output_release(&options->output);
    tare_output_release(&options->command);
    tare_output_release(&options->selection);
    Py_CLEAR(options->owner);
    Py_CLEAR(options->timer);
}

static void forget(void)
{
    forget_results();
    release_options(&tare_trace.options);
}

/* A measurement of its own, of which only the costs are kept. */
static tare_status measure_costs(tare_error *err)
{
    tare_trace_engine *engine = &tare_trace;
    tare_status        status = prepare(err);
    if (status == TARE_OK)
        status = activate(err);
    if (status == TARE_OK)
        engine->calibrated = engine->options.lines ? tare_calibrate_lines(&engine->line_costs)
                                                   : tare_calibrate(&engine->costs);
    forget_results();
    engine->thread_count = 0;
    engine->failed_count = engine->lost_calls = engine->resync_count = 0;
    engine->suspended.alloc = tare_alloc_system();
    return status;
}

/* A program that profiles each of its requests as if with cProfile is not to wait for it each time.
 * What a timer of the program's tells is not ours to correct. */
static tare_status find_costs(tare_error *err)
{
    static struct {
        uint64_t   until_ns;
        bool       builtins;
        tare_costs costs;
    } kept;
    tare_trace_engine        *engine = &tare_trace;
    const tare_trace_options *options = &engine->options;
    uint64_t                  now_ns = tare_os_monotonic_ns();
    engine->costs = (tare_costs){.slowdown = 1};
    if (options->timer != NULL)
        return TARE_OK;
    if (options->as_cprofile && now_ns < kept.until_ns && kept.builtins == options->builtins) {
        engine->costs = kept.costs;
        engine->calibrated = true;
        return TARE_OK;
    }
    TARE_TRY(measure_costs(err));
    kept.until_ns = engine->calibrated ? now_ns + COSTS_NS : 0;
    kept.builtins = options->builtins;
    kept.costs = engine->costs;
    return TARE_OK;
}

static void begin_clocks(void)
{
    tare_trace_engine *engine = &tare_trace;
    engine->start_cpu_ns = tare_os_own_cpu_ns();
    engine->start_ns = tare_os_monotonic_ns();
    if (engine->options.output != NULL)
        plan_flush(tare_trace_now(), 0);
}

/* With what is known before anything was called; there is a file from now on. */
static tare_status begin_profile(tare_error *err)
{
    TARE_TRY(tare_notes_begin(err));
    begin_clocks();
    if (tare_trace.options.output != NULL)
        TARE_TRY(write_file(false, err));
    begin_clocks(); /* what came before is not in it */
    return TARE_OK;
}

static tare_status begin(tare_error *err)
{
    tare_trace_engine *engine = &tare_trace;
    if (!engine->thread_key.made)
        TARE_TRY(tare_own_key_make(&engine->thread_key, note_thread_end, err));
    TARE_TRY(tare_forks_watch(tare_trace_begin_child, tare_trace_note_fork, err));
    TARE_TRY(find_costs(err));
    TARE_TRY(prepare(err));
    TARE_TRY(tare_line_codes_begin(engine->options.selection, err));
    TARE_TRY(begin_profile(err));
    TARE_TRY(activate(err));
    return engine->listener->begin(err);
}

tare_status tare_trace_start(const tare_trace_options *options, tare_error *err)
{
    tare_trace_engine *engine = &tare_trace;
    uint32_t           limit = options->node_limit;
    if (engine->active || engine->busy) {
        tare_trace_options unused = *options;
        release_options(&unused);
        return tare_fail(err, TARE_USAGE, "start tracing: it is on already; stop it first");
    }
    *engine = (tare_trace_engine){
        .generation = engine->generation,
        .extra_index = engine->extra_index,
        .thread_key = engine->thread_key,
        .threads = engine->threads,
        .flush_at_ticks = UINT64_MAX,
        .options = *options,
        .listener = options->lines ? &tare_listen_lines : &tare_listen_calls,
        .process_id = tare_own_process_id(),
        .budget.node_limit = limit > 0 ? limit : TARE_TRACE_MAX_NODES,
        .busy = true,
        .suspended.alloc = tare_alloc_system(),
    };
    tare_ticks_init(&engine->clock);
    engine->clock.counter = engine->clock.counter && options->timer == NULL;
    tare_status status = begin(err);
    if (status != TARE_OK)
        forget();
    engine->busy = false;
    return status;
}

void tare_trace_finish(bool last)
{
    if (!tare_trace.active || tare_trace.written || tare_trace.options.output == NULL ||
        tare_own_process_id() != tare_trace.process_id)
        return;
    tare_trace.written = last;
    merge_all(tare_trace_now());
    if (write_file(true, &tare_trace.last_error) != TARE_OK)
        tare_trace.failed_count++;
}

static tare_status write_last(tare_buffer *out, tare_error *err)
{
    if (tare_trace.options.output != NULL)
        return write_file(true, err);
    TARE_TRY(tare_notes_update(err));
    return tare_file_encode(&tare_trace.profile, out, err);
}

tare_status tare_trace_snapshot(tare_buffer *out, tare_error *err)
{
    uint64_t before = tare_trace_now();
    if (!tare_trace.active || tare_trace.busy)
        return tare_fail(err, TARE_USAGE, "look at a measurement: none is on");
    merge_all(before);
    TARE_TRY(tare_notes_update(err));
    TARE_TRY(tare_file_encode(&tare_trace.profile, out, err));
    if (tare_trace_current != NULL)
        shift_thread(tare_trace_current, tare_trace_now() - before);
    return TARE_OK;
}

/* Their events are half heard, and have a tree to go on with. */
static void wait_for_timers(void)
{
    while (tare_trace.asking_count > 0) {
        PyThreadState *state = PyEval_SaveThread();
        tare_os_sleep_until(tare_os_monotonic_ns() + TIMER_PAUSE_NS, 0);
        PyEval_RestoreThread(state);
    }
}

/* The program's timer is asked when nothing is heard any more: it would be in the trace. Ours is
 * before, so that the end of listening is not. */
static uint64_t stop_listening(void)
{
    uint64_t now = tare_trace.options.timer == NULL ? tare_trace_now() : 0;
    tare_trace.listener->end();
    if (tare_trace.options.timer == NULL)
        return now;
    wait_for_timers();
    return tare_trace_now();
}

tare_status tare_trace_stop(tare_buffer *out, tare_error *err)
{
    if (is_asking)
        return tare_fail(err, TARE_USAGE, "stop tracing: not from within its timer");
    if (!tare_trace.active || tare_trace.busy)
        return tare_fail(err, TARE_USAGE, "stop tracing: it is not on");
    tare_trace.busy = true;
    merge_all(stop_listening());
    tare_status status = write_last(out, err);
    tare_trace.written = true;
    forget();
    tare_trace.busy = false;
    return status;
}

/* ---- in a forked child ---- */

/* Only the thread that forked is there. What the others had done is in the parent's file. */
static void drop_other_threads(void)
{
    tare_trace_thread *thread = tare_trace.threads;
    while (thread != NULL) {
        tare_trace_thread *next = thread->next;
        if (thread != tare_trace_current) {
            empty_thread(thread);
            tare_release(tare_alloc_system(), thread, 1, sizeof *thread);
        }
        thread = next;
    }
    tare_trace.threads = tare_trace_current;
    if (tare_trace_current != NULL)
        tare_trace_current->next = NULL;
}

static tare_status begin_thread_again(tare_trace_thread *thread, uint64_t now, tare_error *err)
{
    tare_merge_deinit(&thread->merge, tare_alloc_system());
    thread->tid = tare_own_thread_id();
    introduce_thread(thread);
    if (!tare_trace.options.lines)
        return tare_calls_begin_again(&thread->calls, now, err);
    tare_lines_forget(&thread->lines, now);
    return TARE_OK;
}

static tare_status name_childs_file(tare_error *err)
{
    tare_trace_options *options = &tare_trace.options;
    if (tare_trace.output_size == 0)
        tare_trace.output_size = strlen(options->output);
    options->overwrite = false;
    return tare_output_name_childs(&options->output, tare_trace.output_size, tare_trace.process_id,
                                   err);
}

static tare_status begin_child(tare_error *err)
{
    tare_trace_engine *engine = &tare_trace;
    engine->process_id = tare_own_process_id();
    engine->thread_count = engine->flush_count = engine->flush_ticks = engine->fork_count = 0;
    engine->failed_count = engine->lost_calls = engine->resync_count = 0;
    engine->suspended.lost_count = 0;
    engine->written = false;
    TARE_TRY(name_childs_file(err));
    TARE_TRY(tare_profile_clear(&engine->profile, err));
    TARE_TRY(tare_line_codes_place(err)); /* what is known of them, too */
    TARE_TRY(begin_profile(err));
    if (tare_trace_current == NULL)
        return TARE_OK;
    return begin_thread_again(tare_trace_current, tare_trace_now(), err);
}

void tare_trace_note_fork(void)
{
    tare_trace.fork_count++;
}

void tare_trace_begin_child(void)
{
    if (!tare_trace.active)
        return;
    drop_other_threads();
    if (tare_trace.options.children && !tare_trace.busy && begin_child(NULL) == TARE_OK)
        return;
    tare_trace.busy = false;
    tare_trace.listener->end();
    forget();
}
