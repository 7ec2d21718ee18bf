/* session.c - see session.h. */
#include "sampler/session.h"

#include "sampler/provenance.h"
#include "sampler/state.h"

#include <stdio.h>

enum {
    FLUSH_MIN_NS = 1000000000,
    FLUSHES_SO_FAR = 100, /* the interval grows with the run: 1 % of it may be lost */
    STATUS_INTERVAL_NS = 1000000000,
    CENSUS_INTERVAL_NS = 10000000, /* new and ended processes */
    AGE_ERROR_NS = 20000000,       /* of the time at which a process started */
    MAX_NEW_CHILDREN = 1024,       /* of one process in one census */
    STATE_AGE_NS = 100000,         /* asking the system once in so long per thread is enough */
    STATE_ALWAYS_HZ = 5000,        /* up to this rate it is asked at every look */
    SPIN_FROM_HZ = 15000,          /* above this rate a wake-up takes too much of a period */
    SPIN_NS = 50000,
    ATTACH_PATIENCE_NS = 2000000000, /* an interpreter that is just starting */
    EXIT_OK = 0,
    EXIT_USAGE = 2,
    EXIT_UNREADABLE = 3,
    EXIT_PARTIAL = 4
};

/* ---- processes ---- */

/* What a process has used before we attached to it or to its parent is not of this measurement. */
static void leave_out_the_past(tare_session *session, const tare_target *target)
{
    tare_usage usage = {0};
    uint64_t   measured_ns = tare_os_monotonic_ns() - session->start_ns;
    if (session->options->mode == TARE_MODE_RUN || session->target_count == 1)
        return; /* of the first one it is left out when it is ready */
    if (tare_os_process_age_ns(&target->process) > measured_ns + AGE_ERROR_NS &&
        tare_os_usage(&target->process, &usage, NULL) == TARE_OK)
        tare_usage_add(&session->begin, &usage);
}

static tare_status add_target(tare_session *session, int pid, tare_error *err)
{
    void        *targets = session->targets;
    tare_target *target = NULL;
    TARE_TRY(tare_grow(session->alloc, &targets, &session->target_capacity,
                       (size_t)session->target_count + 1, sizeof *session->targets, err));
    session->targets = targets;
    TARE_TRY(tare_target_new(&target, pid, session->target_count == 0, &session->profile,
                             &session->landmarks, &session->division, &session->timeline,
                             &session->reporter, session->alloc, err));
    target->holder = session->holder;
    target->hold_share = session->options->hold_share;
    session->targets[session->target_count++] = target;
    session->process_count++;
    leave_out_the_past(session, target);
    return TARE_OK;
}

static bool is_watched(const tare_session *session, int pid)
{
    for (uint32_t i = 0; i < session->target_count; i++)
        if (session->targets[i]->process.pid == pid)
            return true;
    return false;
}

/* A child that ended between being listed and being opened is nobody's failure. */
static tare_status add_children_of(tare_session *session, const tare_target *parent,
                                   tare_error *err)
{
    int        pids[MAX_NEW_CHILDREN];
    size_t     count = 0;
    tare_error quiet;
    if (tare_os_children(&parent->process, pids, MAX_NEW_CHILDREN, &count, NULL) != TARE_OK)
        return TARE_OK;
    for (size_t i = 0; i < count && i < MAX_NEW_CHILDREN; i++) {
        if (is_watched(session, pids[i]))
            continue;
        if (add_target(session, pids[i], &quiet) == TARE_NO_MEMORY)
            return tare_fail(err, TARE_NO_MEMORY, "%s", quiet.message);
    }
    return TARE_OK;
}

/* Ended children leave; what they used is kept. The first process stays to the end. */
static void drop_ended(tare_session *session)
{
    uint32_t kept = 1;
    for (uint32_t i = 1; i < session->target_count; i++) {
        tare_target *target = session->targets[i];
        if (tare_os_process_alive(&target->process)) {
            session->targets[kept++] = target;
            continue;
        }
        tare_usage_add(&session->total, &target->usage);
        tare_counters_drop(&session->counters, target);
        session->thread_count += target->threads_seen;
        tare_target_free(target);
    }
    session->target_count = kept;
}

static tare_status take_census(tare_session *session, uint64_t now_ns, tare_error *err)
{
    if (now_ns < session->next_census_ns)
        return TARE_OK;
    session->next_census_ns = now_ns + CENSUS_INTERVAL_NS;
    drop_ended(session);
    if (!session->options->follow_children)
        return TARE_OK;
    uint32_t count = session->target_count; /* children of new ones wait for the next census */
    for (uint32_t i = 0; i < count; i++)
        TARE_TRY(add_children_of(session, session->targets[i], err));
    return TARE_OK;
}

/* ---- looking ---- */

/* Intervals are computed from the weights: a sample that stands for skipped ones too says no
 * more than one. */
static void count_tick(tare_session *session, uint64_t weight, bool skipped)
{
    if (skipped) {
        session->carried += weight;
        return;
    }
    weight += session->carried;
    session->carried = 0;
    session->tick_count++;
    session->weight += weight;
    session->weight_squared += weight * weight;
}

/* On the CPU of the target we would look at it only once it had left that CPU, or was interrupted:
 * how long that takes must not depend on what it does. But there at least our turn comes. */
static void choose_cpu(tare_session *session, uint64_t now_ns)
{
    bool crowded = tare_crowding_is(&session->crowding, now_ns);
    int  cpu = -1;
    for (uint32_t i = 0; i < session->target_count && cpu < 0; i++)
        cpu = session->targets[i]->cpu;
    tare_os_place(&session->placement, crowded ? TARE_BESIDE : TARE_ELSEWHERE, cpu);
}

static tare_status look_at_all(tare_session *session, uint64_t now_ns, uint64_t weight,
                               tare_error *err)
{
    uint64_t       weight_ns = (uint64_t)((double)weight * session->schedule.period_ns);
    uint64_t       age_ns = session->options->rate_hz <= STATE_ALWAYS_HZ ? 0 : STATE_AGE_NS;
    tare_metric_id state = TARE_METRIC_wait_other_ns;
    uint64_t       skipped_before = session->tally.skipped_count;
    tare_division_begin(
        &session->division,
        (tare_place){session->landmarks.outside, session->targets[0]->threads[0].label_set});
    for (uint32_t i = 0; i < session->target_count; i++) {
        tare_metric_id one = TARE_METRIC_wait_other_ns;
        TARE_TRY(tare_target_look(session->targets[i], now_ns, weight_ns, age_ns, &session->tally,
                                  &one, err));
        state = i == 0 ? one : tare_state_stronger(state, one);
        session->saw_python = session->saw_python || session->targets[i]->has_python;
    }
    choose_cpu(session, now_ns);
    bool skipped = session->tally.skipped_count > skipped_before;
    count_tick(session, weight, skipped);
    TARE_TRY(tare_division_end(&session->division, &session->profile, weight_ns, err));
    TARE_TRY(tare_profile_add(&session->profile, 0, 0, TARE_METRIC_samples, skipped ? 0 : 1, err));
    TARE_TRY(tare_profile_add(&session->profile, 0, 0, TARE_METRIC_wall_ns, weight_ns, err));
    return tare_profile_add(&session->profile, 0, 0, state, weight_ns, err);
}

/* A dump has no order in time: it looks without this. */
static tare_status take_tick(tare_session *session, uint64_t now_ns, uint64_t weight,
                             tare_error *err)
{
    tare_timeline_begin(&session->timeline, session->schedule.next_slot, weight);
    TARE_TRY(look_at_all(session, now_ns, weight, err));
    return tare_timeline_end(&session->timeline, &session->profile, err);
}

/* ---- the file ---- */

static uint64_t flush_interval_ns(const tare_session *session, uint64_t now_ns)
{
    static const uint64_t max_ns = 60000000000;
    uint64_t              part_ns = (now_ns - session->start_ns) / FLUSHES_SO_FAR;
    if (session->options->flush_s > 0)
        return (uint64_t)(session->options->flush_s * 1e9);
    return part_ns < FLUSH_MIN_NS ? FLUSH_MIN_NS : part_ns < max_ns ? part_ns : max_ns;
}

/* After a failure growth is no reason to try again: only time brings room. */
static bool is_flush_due(const tare_session *session, uint64_t now_ns)
{
    return now_ns >= session->next_flush_ns ||
           (!session->write_failed && tare_writer_is_behind(session->writer, &session->profile));
}

/* A disk that is full is said once; the data stays in memory for the next try. */
static tare_status flush(tare_session *session, uint64_t now_ns, tare_error *err)
{
    tare_error problem;
    session->next_flush_ns = now_ns + flush_interval_ns(session, now_ns);
    TARE_TRY(tare_provenance_update(session, now_ns, err));
    tare_status status = tare_writer_flush(session->writer, &session->profile, &problem);
    if (status == TARE_OK) {
        session->write_failed = false;
        return TARE_OK;
    }
    if (!session->write_failed)
        tare_report_warning(&session->reporter, &problem);
    session->write_failed = true;
    return TARE_OK;
}

/* ---- the loop ---- */

static void pass_on_requests(tare_session *session)
{
    const tare_requests *requests = session->requests;
    if (session->child_pid == 0 || session->target_count == 0 ||
        session->forwarded == requests->stop_count)
        return;
    session->forwarded = requests->stop_count;
    if (tare_os_signal(&session->targets[0]->process, requests->stop_signal, NULL) != TARE_OK)
        session->detached = true; /* nobody to pass it to: stop measuring */
}

/* Asked to stop? A child is told first and measured until it goes; a second request means
 * now. */
static bool is_told_to_stop(tare_session *session, uint64_t now_ns)
{
    const tare_options *options = session->options;
    pass_on_requests(session);
    int  patience = session->child_pid == 0 ? 0 : 1;
    bool timed_out = options->duration_s > 0 &&
                     (double)(now_ns - session->start_ns) >= options->duration_s * 1e9;
    if (session->requests->stop_count > patience || timed_out)
        session->detached = true;
    return session->detached;
}

/* The system's account of an ended child includes the children that it waited for: it
 * replaces what was summed up so far. */
static tare_status reap_child(tare_session *session, tare_error *err)
{
    tare_usage usage = {0};
    TARE_TRY(tare_os_reap(session->child_pid, &session->exit, &usage, err));
    if (session->exit.ended) {
        session->total = usage;
        if (session->target_count > 0) /* else it could not even be opened */
            session->targets[0]->usage = (tare_usage){0};
    }
    return TARE_OK;
}

static tare_status take_counters(tare_session *session, uint64_t now_ns, bool force,
                                 tare_error *err)
{
    return tare_counters_take(&session->counters, &session->profile, session->targets,
                              session->target_count, now_ns, force, err);
}

/* What it used in all is asked first: the system forgets that when the child is reaped. */
static tare_status has_first_ended(tare_session *session, uint64_t now_ns, bool *ended_out,
                                   tare_error *err)
{
    if (session->child_pid != 0) {
        if (session->requests->child_changed != 0) {
            session->requests->child_changed = 0;
            TARE_TRY(take_counters(session, now_ns, true, err));
            TARE_TRY(reap_child(session, err));
        }
    } else if (!tare_os_process_alive(&session->targets[0]->process)) {
        session->exit = (tare_exit){.ended = true, .code = -1};
        TARE_TRY(take_counters(session, now_ns, true, err));
    }
    *ended_out = session->exit.ended;
    return TARE_OK;
}

static tare_status keep_house(tare_session *session, uint64_t now_ns, tare_error *err)
{
    TARE_TRY(take_census(session, now_ns, err));
    TARE_TRY(take_counters(session, now_ns, false, err));
    uint64_t rss_bytes = 0;
    uint64_t swap_bytes = 0;
    for (uint32_t i = 0; i < session->target_count; i++) {
        rss_bytes += session->targets[i]->usage.rss_bytes;
        swap_bytes += session->targets[i]->usage.swap_bytes;
    }
    if (rss_bytes > session->peak_rss_bytes)
        session->peak_rss_bytes = rss_bytes;
    if (swap_bytes > session->peak_swap_bytes)
        session->peak_swap_bytes = swap_bytes;
    if (now_ns >= session->next_status_ns) {
        session->next_status_ns = now_ns + STATUS_INTERVAL_NS;
        tare_report(&session->reporter, "tick %llu %llu %llu",
                    (unsigned long long)(now_ns - session->start_ns),
                    (unsigned long long)session->tally.sample_count,
                    (unsigned long long)session->tally.lost_count);
    }
    return is_flush_due(session, now_ns) ? flush(session, now_ns, err) : TARE_OK;
}

static tare_status loop(tare_session *session, tare_error *err)
{
    uint64_t spin_ns = session->options->rate_hz > SPIN_FROM_HZ ? SPIN_NS : 0;
    for (;;) {
        bool     ended = false;
        uint64_t deadline_ns = tare_schedule_deadline_ns(&session->schedule);
        uint64_t begin_ns = tare_os_monotonic_ns();
        tare_os_sleep_until(deadline_ns, spin_ns);
        uint64_t now_ns = tare_os_monotonic_ns();
        if (begin_ns < deadline_ns && now_ns > deadline_ns) /* else it was we who were slow */
            tare_crowding_note(&session->crowding, now_ns, now_ns - deadline_ns);
        TARE_TRY(has_first_ended(session, now_ns, &ended, err));
        session->end_ns = now_ns;
        uint64_t weight = tare_schedule_take(&session->schedule, now_ns);
        if (ended) /* the last ticks missed count as late, or as a gap */
            return TARE_OK;
        if (is_told_to_stop(session, now_ns))
            return take_counters(session, now_ns, true, err);
        if (weight > 0)
            TARE_TRY(take_tick(session, now_ns, weight, err));
        TARE_TRY(keep_house(session, now_ns, err));
    }
}

/* dump: one look at every thread of every process, and done. */
static tare_status look_once(tare_session *session, tare_error *err)
{
    uint64_t now_ns = tare_os_monotonic_ns();
    TARE_TRY(take_census(session, now_ns, err));
    TARE_TRY(take_counters(session, now_ns, true, err));
    TARE_TRY(look_at_all(session, now_ns, 1, err));
    session->detached = true;
    session->end_ns = tare_os_monotonic_ns();
    return TARE_OK;
}

/* ---- start and finish ---- */

/* The ids of the profile's metrics are those of metric.h. Those of a trace would make it one. */
static tare_status register_metrics(tare_profile *profile, tare_error *err)
{
    for (uint32_t i = 0; i < TARE_METRIC_SAMPLED_COUNT; i++) {
        const tare_metric_info *info = tare_metric_get((tare_metric_id)i);
        uint32_t                id = 0;
        TARE_TRY(tare_profile_metric(profile, info->name, info->unit, &id, err));
        if (id != i)
            return tare_fail(err, TARE_CORRUPT, "metric %s got number %u", info->name, id);
    }
    return TARE_OK;
}

/* Attached to: it must be readable now, or as soon as its interpreter is up. */
static tare_status await_python(tare_session *session, tare_error *err)
{
    tare_target *target = session->targets[0];
    for (;;) {
        uint64_t    now_ns = tare_os_monotonic_ns();
        tare_status status = tare_target_find_python(target, now_ns, err);
        bool        waits = status == TARE_NOT_READY || status == TARE_TORN;
        bool        late = now_ns - session->start_ns > ATTACH_PATIENCE_NS;
        if (status == TARE_OK || !waits || late || session->requests->stop_count > 0)
            return status;
        tare_os_sleep_until(target->next_try_ns, 0);
    }
}

/* What is known by now is written at once: whatever kills us while there is a target, the
 * file can be read. */
static tare_status open_file(tare_session *session, tare_error *err)
{
    const tare_options *options = session->options;
    TARE_TRY(tare_profile_init(&session->profile, session->alloc, err));
    TARE_TRY(register_metrics(&session->profile, err));
    TARE_TRY(tare_landmarks_init(&session->landmarks, &session->profile, err));
    TARE_TRY(tare_provenance_begin(session, err));
    TARE_TRY(tare_writer_open(&session->writer, options->output, options->overwrite, session->alloc,
                              err));
    session->start_ns = tare_os_monotonic_ns();
    return flush(session, session->start_ns, err);
}

/* Without it the target is measured all the same. */
static void start_holding(tare_session *session)
{
    tare_error problem;
    if (session->options->may_hold &&
        tare_os_holder_new(&session->holder, session->alloc, &problem) != TARE_OK)
        tare_report_warning(&session->reporter, &problem);
}

static tare_status start(tare_session *session, tare_error *err)
{
    const tare_options *options = session->options;
    int                 pid = options->pid;
    tare_division_init(&session->division, session->alloc);
    TARE_TRY(open_file(session, err));
    start_holding(session); /* before the target starts: that takes a tenth of a millisecond */
    session->start_ns = tare_os_monotonic_ns();
    if (options->mode == TARE_MODE_RUN) {
        TARE_TRY(tare_os_spawn(options->command, &pid, err));
        session->child_pid = pid;
    }
    session->profile.node_limit = options->max_nodes;
    session->landmarks.max_labels = options->max_labels;
    TARE_TRY(add_target(session, pid, err));
    tare_report(&session->reporter, "started %d", pid);
    if (options->mode != TARE_MODE_RUN) {
        TARE_TRY(await_python(session, err));
        TARE_TRY(tare_os_usage(&session->targets[0]->process, &session->begin, err));
        session->start_ns = tare_os_monotonic_ns();
    }
    tare_os_ask_for_prompt_wakeups();
    session->next_status_ns = session->start_ns + STATUS_INTERVAL_NS;
    session->next_flush_ns = session->start_ns + FLUSH_MIN_NS / 4;
    tare_schedule_init(&session->schedule, session->start_ns, options->rate_hz,
                       tare_os_unix_ns() ^ (uint64_t)pid << 40);
    tare_timeline_init(&session->timeline, session->schedule.period_ns, session->schedule.seed,
                       session->alloc);
    TARE_TRY(tare_counters_init(&session->counters, session->start_ns, options->max_traced,
                                &session->profile, err));
    return tare_provenance_target(session, err);
}

static void await_child(tare_session *session)
{
    while (session->child_pid != 0 && !session->exit.ended && !session->detached) {
        if (reap_child(session, NULL) != TARE_OK)
            return;
        tare_os_sleep_until(tare_os_monotonic_ns() + CENSUS_INTERVAL_NS, 0);
        pass_on_requests(session);
    }
}

static tare_status finish(tare_session *session, tare_error *err)
{
    tare_status  status = tare_provenance_update(session, session->end_ns, err);
    tare_writer *writer = session->writer;
    session->writer = NULL;
    tare_status closed = tare_writer_close(writer, &session->profile,
                                           status == TARE_OK ? err : NULL);
    return status == TARE_OK ? closed : status;
}

static void report_ending(const tare_session *session)
{
    const tare_exit *ending = &session->exit;
    if (ending->ended && ending->signal > 0)
        tare_report(&session->reporter, "ended signal %d", ending->signal);
    else if (ending->ended && ending->code >= 0)
        tare_report(&session->reporter, "ended exit %d", ending->code);
    else
        tare_report(&session->reporter, "ended detached");
}

static void close_session(tare_session *session)
{
    for (uint32_t i = 0; i < session->target_count; i++)
        tare_target_free(session->targets[i]);
    tare_release(session->alloc, session->targets, session->target_capacity,
                 sizeof *session->targets);
    tare_os_holder_free(session->holder);
    tare_division_deinit(&session->division);
    tare_timeline_deinit(&session->timeline);
    tare_profile_deinit(&session->profile);
}

/* Nothing was measured: no file is better than an empty one. Without a file to write the
 * target is not to blame. */
static int give_up(tare_session *session, tare_status status, const tare_error *error)
{
    int code = status == TARE_USAGE || session->writer == NULL ? EXIT_USAGE : EXIT_UNREADABLE;
    tare_report_error(&session->reporter, error);
    if (session->writer != NULL) {
        if (tare_writer_close(session->writer, &session->profile, NULL) == TARE_OK)
            remove(session->options->output);
        session->writer = NULL;
    }
    return code;
}

/* The refusal speaks of a process that runs; here it has ended, and has been followed. */
static void report_no_python(const tare_session *session)
{
    const tare_target *target = session->targets[0];
    tare_error         ended;
    if (target->refusal.status != TARE_NOT_PYTHON || !session->exit.ended) {
        tare_report_error(&session->reporter, &target->refusal);
        return;
    }
    (void)tare_fail(&ended, TARE_NOT_PYTHON,
                    "find Python in process %d: %s ran none%s; %s has its time and memory",
                    target->process.pid, target->name,
                    session->options->follow_children ? ", nor did a process that it started" : "",
                    session->options->output);
    tare_report_error(&session->reporter, &ended);
}

static int write_result(tare_session *session, tare_status measured)
{
    tare_error  error;
    tare_status written = finish(session, &error);
    if (written != TARE_OK) {
        tare_report_error(&session->reporter, &error);
        return EXIT_PARTIAL;
    }
    tare_report(&session->reporter, "written %s", session->options->output);
    if (measured != TARE_OK)
        return EXIT_PARTIAL;
    if (session->saw_python)
        return EXIT_OK;
    report_no_python(session);
    return EXIT_UNREADABLE;
}

int tare_session_run(tare_session *session, const tare_options *options, tare_requests *requests)
{
    tare_error error;
    int        code = EXIT_OK;
    *session = (tare_session){.options = options,
                              .alloc = tare_alloc_system(),
                              .requests = requests,
                              .reporter = tare_reporter_on(options->status_fd),
                              .slept_before_ns = tare_os_slept_ns()};
    tare_status status = start(session, &error);
    if (status != TARE_OK && session->child_pid == 0) {
        code = give_up(session, status, &error);
    } else {
        if (status == TARE_OK)
            status = options->mode == TARE_MODE_DUMP ? look_once(session, &error)
                                                     : loop(session, &error);
        if (status != TARE_OK)
            tare_report_error(&session->reporter, &error);
        await_child(session); /* whatever became of us, the target runs to its end */
        code = write_result(session, status);
        report_ending(session);
    }
    close_session(session);
    return code;
}
