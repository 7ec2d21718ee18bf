/* target.c - see target.h.
 *
 *     no Python --(found)--> Python --(nothing readable for a while)--> no Python
 *
 * Time is never lost: without Python, or with a thread outside any Python frame, a look
 * goes to the landmark "(no Python frame)"; with nothing proven to "(unreadable)". */
#include "sampler/target.h"

#include "sampler/naming.h"
#include "sampler/state.h"

#include <stdio.h>
#include <string.h>

enum {
    FIRST_TRY_DELAY_NS = 500000,   /* an interpreter is up some 10 ms after exec */
    LAST_TRY_DELAY_NS = 200000000, /* a process that is no Python is asked rarely */
    BLIND_NS_TO_RETRY = 50000000,  /* nothing readable for so long: has it called exec? */
    MAX_EMPTIED_CODES = 1 << 16,   /* code objects that came and went: 6 MB */
    STOP_CHECK_NS = 10000000,
    CPU_CHECK_NS = 5000000,
    UNREADY_DELAY_NS = 100000 /* a new thread is bound within microseconds */
};

/* ---- names ---- */

static tare_status synthetic_node(tare_profile *profile, const char *name, uint32_t *node_out,
                                  tare_error *err)
{
    uint32_t frame = 0;
    TARE_TRY(tare_profile_synthetic(profile, name, &frame, err));
    return tare_profile_child(profile, 0, frame, node_out, err);
}

tare_status tare_landmarks_init(tare_landmarks *landmarks, tare_profile *profile, tare_error *err)
{
    TARE_TRY(synthetic_node(profile, "(no Python frame)", &landmarks->outside, err));
    TARE_TRY(synthetic_node(profile, "(unreadable)", &landmarks->unreadable, err));
    return synthetic_node(profile, "(truncated)", &landmarks->truncated, err);
}

static tare_status add_label(tare_profile *profile, tare_label *label, const char *key,
                             const char *value, tare_error *err)
{
    TARE_TRY(tare_profile_string(profile, key, strlen(key), &label->key, err));
    return tare_profile_string(profile, value, strlen(value), &label->value, err);
}

/* Programs that start threads or processes for ever would fill the memory with their names. */
static tare_status label_other(tare_target *target, uint32_t *id_out, tare_error *err)
{
    tare_label labels[2];
    TARE_TRY(add_label(target->profile, &labels[0], "process", "(other processes)", err));
    TARE_TRY(add_label(target->profile, &labels[1], "thread", "(other threads)", err));
    return tare_profile_label_set(target->profile, labels, 2, id_out, err);
}

static bool is_full(const tare_target *target)
{
    return target->profile->label_set_count >= target->landmarks.max_labels;
}

static tare_status label_thread(tare_target *target, tare_watched_thread *thread, const char *name,
                                tare_error *err)
{
    tare_label labels[3];
    uint32_t   count = 2;
    char       process[2 * TARE_OS_NAME_BYTES];
    char       text[2 * TARE_OS_NAME_BYTES];
    thread->nameless = is_full(target) && !thread->main;
    if (thread->nameless)
        return label_other(target, &thread->label_set, err);
    snprintf(process, sizeof process, "%d %s", target->process.pid, target->name);
    snprintf(text, sizeof text, "%d %s", thread->tid, name);
    TARE_TRY(add_label(target->profile, &labels[0], "process", process, err));
    TARE_TRY(add_label(target->profile, &labels[1], "thread", text, err));
    if (thread->main)
        TARE_TRY(add_label(target->profile, &labels[count++], "main", "1", err));
    return tare_profile_label_set(target->profile, labels, count, &thread->label_set, err);
}

static tare_status label_process(tare_target *target, tare_error *err)
{
    tare_label label;
    char       text[2 * TARE_OS_NAME_BYTES];
    if (is_full(target) && !target->first)
        return label_other(target, &target->label_set, err);
    snprintf(text, sizeof text, "%d %s", target->process.pid, target->name);
    TARE_TRY(add_label(target->profile, &label, "process", text, err));
    return tare_profile_label_set(target->profile, &label, 1, &target->label_set, err);
}

/* ---- threads ---- */

static tare_watched_thread *find_thread(tare_target *target, int tid)
{
    for (uint32_t i = 0; i < target->thread_count; i++)
        if (target->threads[i].tid == tid)
            return &target->threads[i];
    return NULL;
}

static tare_status watch_thread(tare_target *target, int tid, tare_error *err)
{
    void               *threads = target->threads;
    tare_watched_thread thread = {.tid = tid, .descriptor = -1};
    TARE_TRY(tare_grow(target->alloc, &threads, &target->thread_capacity,
                       (size_t)target->thread_count + 1, sizeof *target->threads, err));
    target->threads = threads;
    thread.main = target->first && tid == target->process.pid;
    thread.named = tid == target->process.pid;
    if (thread.named) /* the others when they are first seen, by the name that they have then */
        TARE_TRY(label_thread(target, &thread, "MainThread", err));
    /* A thread without a probe is taken to run: it may be gone already. */
    thread.probed = tare_os_thread_open(&thread.probe, &target->process, tid, NULL) == TARE_OK;
    target->threads[target->thread_count++] = thread;
    target->threads_seen++;
    return TARE_OK;
}

static void drop_unkept_threads(tare_target *target)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < target->thread_count; i++) {
        tare_watched_thread *thread = &target->threads[i];
        if (i == 0 || thread->kept)
            target->threads[kept++] = *thread;
        else if (thread->probed)
            tare_os_thread_close(&thread->probe);
    }
    target->thread_count = kept;
}

static uint32_t index_of_thread(const tare_target *target, int tid)
{
    for (uint32_t i = 0; i < target->thread_count; i++)
        if (target->threads[i].tid == tid)
            return i;
    return 0;
}

static bool is_thread(const tare_target *target, int number)
{
    tare_thread_probe probe;
    if (tare_os_thread_open(&probe, &target->process, number, NULL) != TARE_OK)
        return false;
    tare_os_thread_close(&probe);
    return true;
}

/* Our number for a thread: in a container it has another one inside. 0: not there (yet, or any
 * more). An only thread is the main one, whatever number it gives: after a fork that may
 * still be the parent's. */
static int number_of(const tare_target *target, tare_python_thread *thread)
{
    if (thread->number != 0 || thread->tid == 0)
        return thread->number;
    int number = tare_os_find_thread(&target->process, thread->tid);
    if (number != 0 && is_thread(target, number))
        thread->number = number;
    else if (target->python.thread_count == 1)
        thread->number = target->process.pid;
    return thread->number;
}

static tare_status keep_thread(tare_target *target, tare_python_thread *thread, tare_error *err)
{
    int number = number_of(target, thread);
    if (number == 0)
        return TARE_OK;
    if (find_thread(target, number) == NULL)
        TARE_TRY(watch_thread(target, number, err));
    tare_watched_thread *watched = find_thread(target, number);
    /* 3.11: a new thread has its creator's number until it is bound. */
    if (watched->kept && watched->interpreter == thread->interpreter) {
        thread->number = 0;
        target->python.unready_count++;
    }
    watched->shared = watched->kept && watched->interpreter != thread->interpreter;
    watched->kept = true;
    watched->interpreter = thread->interpreter;
    return TARE_OK;
}

/* The watched threads follow the interpreter's list, oldest first. */
static tare_status match_threads(tare_target *target, tare_error *err)
{
    tare_python *python = &target->python;
    void        *thread_of = target->thread_of;
    TARE_TRY(tare_grow(target->alloc, &thread_of, &target->thread_of_capacity, python->thread_count,
                       sizeof *target->thread_of, err));
    target->thread_of = thread_of;
    for (uint32_t i = 0; i < target->thread_count; i++)
        target->threads[i].kept = false;
    for (uint32_t i = python->thread_count; i > 0; i--)
        TARE_TRY(keep_thread(target, python->threads[i - 1], err));
    drop_unkept_threads(target);
    for (uint32_t i = 0; i < python->thread_count; i++)
        target->thread_of[i] = index_of_thread(target, python->threads[i]->number);
    return TARE_OK;
}

/* ---- life ---- */

static void name_process(tare_target *target)
{
    char   path[TARE_OS_PATH_BYTES] = "";
    char   command[TARE_OS_PATH_BYTES] = "";
    size_t size = 0;
    if (tare_os_process_executable(&target->process, path, sizeof path, NULL) != TARE_OK)
        path[0] = '\0';
    if (tare_os_process_command(&target->process, command, sizeof command, &size, NULL) != TARE_OK)
        size = 0;
    tare_name_program(path, command, size, target->name);
}

tare_status tare_target_new(tare_target **out, int pid, bool first, tare_profile *profile,
                            const tare_landmarks *landmarks, tare_division *division,
                            tare_timeline *timeline, const tare_reporter *reporter,
                            const tare_alloc *alloc, tare_error *err)
{
    void *memory = NULL;
    TARE_TRY(tare_acquire(alloc, &memory, 1, sizeof **out, err));
    tare_target *target = memory;
    *target = (tare_target){.alloc = alloc,
                            .profile = profile,
                            .reporter = reporter,
                            .division = division,
                            .timeline = timeline,
                            .landmarks = *landmarks,
                            .first = first,
                            .cpu = -1,
                            .process = {.pidfd = -1},
                            .try_delay_ns = FIRST_TRY_DELAY_NS,
                            .seen_from_ns = tare_os_monotonic_ns()};
    for (size_t i = 0; i < sizeof target->series / sizeof target->series[0]; i++)
        target->series[i] = TARE_NONE;
    tare_status status = tare_os_process_open(&target->process, pid, err);
    if (status == TARE_OK) {
        name_process(target);
        status = label_process(target, err);
    }
    if (status == TARE_OK)
        status = watch_thread(target, pid, err);
    if (status != TARE_OK) {
        tare_target_free(target);
        return status;
    }
    if (target->threads[0].probed)
        target->cpu = tare_os_thread_cpu(&target->threads[0].probe);
    *out = target;
    return TARE_OK;
}

/* An exec may have brought another program: it gets labels of its own. */
static tare_status label_anew(tare_target *target, tare_error *err)
{
    name_process(target);
    TARE_TRY(label_process(target, err));
    return label_thread(target, &target->threads[0], "MainThread", err);
}

static void close_python(tare_target *target)
{
    if (target->has_python)
        tare_python_close(&target->python);
    target->has_python = false;
}

void tare_target_free(tare_target *target)
{
    if (target == NULL)
        return;
    close_python(target);
    for (uint32_t i = 0; i < target->thread_count; i++)
        if (target->threads[i].probed)
            tare_os_thread_close(&target->threads[i].probe);
    tare_release(target->alloc, target->threads, target->thread_capacity, sizeof *target->threads);
    tare_release(target->alloc, target->thread_of, target->thread_of_capacity,
                 sizeof *target->thread_of);
    tare_os_process_close(&target->process);
    tare_release(target->alloc, target, 1, sizeof *target);
}

tare_status tare_target_find_python(tare_target *target, uint64_t now_ns, tare_error *err)
{
    tare_python *python = &target->python;
    close_python(target);
    tare_status status = tare_python_open(python, &target->process, target->profile, target->alloc,
                                          err);
    python->memory.holder = target->holder;
    python->memory.hold_share = target->hold_share;
    if (status == TARE_OK)
        status = tare_python_refresh(python, err);
    if (status == TARE_OK)
        status = match_threads(target, err);
    if (status != TARE_OK) {
        tare_python_close(python);
        target->next_try_ns = now_ns + target->try_delay_ns;
        if (target->try_delay_ns < LAST_TRY_DELAY_NS)
            target->try_delay_ns += target->try_delay_ns / 4;
        return status;
    }
    target->has_python = true;
    target->last_sight_ns = now_ns;
    target->try_delay_ns = FIRST_TRY_DELAY_NS;
    TARE_TRY(label_anew(target, err));
    tare_report(target->reporter, "python %d %u.%u.%u %s", target->process.pid,
                python->runtime.version_hex >> 24, python->runtime.version_hex >> 16 & 0xff,
                python->runtime.version_hex >> 8 & 0xff, python->runtime.path);
    return TARE_OK;
}

/* ---- one look ---- */

/* The state of affairs outside Python, by the system alone. */
static tare_metric_id plain_state(const tare_target *target, tare_watched_thread *thread,
                                  uint64_t now_ns, uint64_t age_ns)
{
    const tare_thread_state *state = tare_state_of(thread, now_ns, age_ns);
    if (state->activity == TARE_THREAD_RUNNING || state->activity == TARE_THREAD_ENDED)
        return TARE_METRIC_native_ns;
    return tare_state_wait(target, thread, false, now_ns);
}

static tare_status add_sample(tare_target *target, uint32_t node, uint32_t label_set,
                              tare_metric_id state, uint64_t weight_ns, tare_error *err)
{
    tare_profile *profile = target->profile;
    TARE_TRY(tare_profile_add(profile, node, label_set, TARE_METRIC_samples, 1, err));
    TARE_TRY(tare_profile_add(profile, node, label_set, TARE_METRIC_wall_ns, weight_ns, err));
    return tare_profile_add(profile, node, label_set, state, weight_ns, err);
}

/* The tick is the program's: whoever runs has a part of it. */
static tare_status claim_tick(tare_target *target, tare_watched_thread *thread, uint32_t node,
                              tare_metric_id state, int rank, tare_error *err)
{
    tare_place place = {node, thread->label_set};
    if (tare_metric_get(state)->role == TARE_ROLE_BUSY)
        return tare_division_run(target->division, &thread->claim, place, rank, err);
    if (thread->main)
        tare_division_wait(target->division, &thread->claim, place, rank);
    return TARE_OK;
}

/* Of the nameless ones a time line would show now one, now another. */
static tare_status note_place(tare_target *target, const tare_watched_thread *thread, uint32_t node,
                              tare_metric_id state, int rank, tare_error *err)
{
    bool waits = tare_metric_get(state)->role == TARE_ROLE_WAIT;
    if (thread->nameless)
        return TARE_OK;
    return tare_timeline_note(target->timeline, thread->label_set, node, waits, rank, err);
}

static tare_status look_without_python(tare_target *target, uint64_t now_ns, uint64_t weight_ns,
                                       uint64_t age_ns, tare_metric_id *state_out, tare_error *err)
{
    tare_watched_thread *thread = &target->threads[0];
    uint32_t node = target->has_python ? target->landmarks.unreadable : target->landmarks.outside;
    *state_out = plain_state(target, thread, now_ns, age_ns);
    TARE_TRY(claim_tick(target, thread, node, *state_out, 0, err));
    TARE_TRY(note_place(target, thread, node, *state_out, 0, err));
    return add_sample(target, node, thread->label_set, *state_out, weight_ns, err);
}

static bool is_overflow(const tare_target *target, uint32_t node)
{
    return node != 0 && node == target->profile->overflow_node;
}

/* The node of the proven stack: frames that kept their node are passed over. */
static tare_status find_node(tare_target *target, tare_watched_thread *thread, tare_stack *stack,
                             tare_tally *tally, uint32_t *node_out, tare_error *err)
{
    tare_codes *codes = &target->python.codes;
    uint32_t    first = stack->frame_count;
    uint32_t    node = stack->truncated ? target->landmarks.truncated : 0;
    if (thread->cut != stack->truncated)
        for (uint32_t i = 0; i < stack->frame_count; i++)
            stack->frames[i].node = TARE_NONE;
    thread->cut = stack->truncated;
    while (first > 0 && stack->frames[first - 1].node == TARE_NONE)
        first--;
    if (first > 0)
        node = stack->frames[first - 1].node;
    for (uint32_t i = first; i < stack->frame_count && !is_overflow(target, node); i++) {
        uint32_t frame = 0;
        TARE_TRY(
            tare_codes_frame(codes, stack->frames[i].code, stack->frames[i].unit, &frame, err));
        TARE_TRY(tare_profile_child(target->profile, node, frame, &node, err));
        stack->frames[i].node = node;
    }
    *node_out = node;
    tally->overflow_count += is_overflow(target, node);
    return TARE_OK;
}

static tare_status place_sample(tare_target *target, tare_watched_thread *thread, tare_stack *stack,
                                tare_stack_proof proof, tare_tally *tally, uint32_t *node_out,
                                tare_error *err)
{
    tally->sample_count++;
    tally->truncated_count += stack->truncated && stack->frame_count > 0;
    switch (proof) {
    case TARE_STACK_PROVEN:
        tally->proven_count++;
        return find_node(target, thread, stack, tally, node_out, err);
    case TARE_STACK_PREFIX:
        tally->prefix_count++;
        return find_node(target, thread, stack, tally, node_out, err);
    case TARE_STACK_EMPTY:
        tally->proven_count++;
        *node_out = target->landmarks.outside;
        return TARE_OK;
    case TARE_STACK_UNREADABLE:
    case TARE_STACK_SKIPPED:
    case TARE_STACK_GONE:
    default:
        tally->lost_count++;
        *node_out = target->landmarks.unreadable;
        return TARE_OK;
    }
}

/* Python's name of a thread is on its stack, so it is looked for once there is one; the
 * system's name for threads that Python did not start. */
static tare_status name_thread(tare_target *target, tare_watched_thread *watched,
                               const tare_python_thread *thread, tare_error *err)
{
    char name[TARE_OS_NAME_BYTES];
    if (watched->named)
        return TARE_OK;
    watched->named = thread->stack.frame_count > 0;
    tare_python_thread_name(&target->python, thread, name);
    if (name[0] == '\0')
        tare_os_thread_name(&target->process, watched->tid, name);
    return label_thread(target, watched, name, err);
}

/* What a sample is put down to. */
typedef struct finding {
    uint32_t       node;
    tare_metric_id state;
    int            rank; /* of its claim on the tick */
    bool           cut;  /* the node is a proven caller of what ran */
} finding;

static finding last_finding(const tare_python_thread *thread)
{
    return (finding){.node = thread->last_node,
                     .state = (tare_metric_id)thread->last_state,
                     .rank = thread->last_rank,
                     .cut = thread->last_cut};
}

static void keep_finding(tare_python_thread *thread, const finding *found)
{
    thread->last_node = found->node;
    thread->last_state = (int)found->state;
    thread->last_rank = found->rank;
    thread->last_cut = found->cut;
}

static tare_status charge(tare_target *target, tare_watched_thread *watched, const finding *found,
                          uint64_t weight_ns, tare_error *err)
{
    tare_profile *profile = target->profile;
    uint32_t      label_set = watched->label_set;
    TARE_TRY(claim_tick(target, watched, found->node, found->state, found->rank, err));
    TARE_TRY(note_place(target, watched, found->node, found->state, found->rank, err));
    if (found->cut)
        TARE_TRY(tare_profile_add(profile, found->node, label_set, TARE_METRIC_unproven_ns,
                                  weight_ns, err));
    TARE_TRY(
        tare_profile_add(profile, found->node, label_set, TARE_METRIC_wall_ns, weight_ns, err));
    return tare_profile_add(profile, found->node, label_set, found->state, weight_ns, err);
}

static void note_cpu(tare_target *target, const tare_watched_thread *watched, uint64_t now_ns)
{
    if (!watched->probed || now_ns < target->next_cpu_check_ns)
        return;
    target->next_cpu_check_ns = now_ns + CPU_CHECK_NS;
    target->cpu = tare_os_thread_cpu(&watched->probe);
}

static tare_status look_at_thread(tare_target *target, uint32_t index, uint64_t now_ns,
                                  uint64_t weight_ns, uint64_t age_ns, tare_tally *tally,
                                  tare_metric_id *state_out, tare_error *err)
{
    tare_python         *python = &target->python;
    tare_python_thread  *thread = python->threads[index];
    tare_watched_thread *watched = &target->threads[target->thread_of[index]];
    tare_stack_proof     proof = TARE_STACK_UNREADABLE;
    tare_thread_activity activity = tare_state_of(watched, now_ns, age_ns)->activity;
    if (activity == TARE_THREAD_ENDED)
        return TARE_OK;
    /* Of a thread that is in several interpreters, one stack moves and the others stand still:
     * holds that have to be shared among them would make each stand for the others' time. */
    if (activity == TARE_THREAD_RUNNING)
        note_cpu(target, watched, now_ns);
    bool may_hold = watched->probed && !watched->shared && activity == TARE_THREAD_RUNNING;
    thread->stack.probe = may_hold ? &watched->probe : NULL;
    tare_status status = tare_python_sample(python, index, now_ns, &proof, err);
    if (status != TARE_OK && status != TARE_GONE)
        return status;
    if (!tare_python_is_same_thread(thread))
        return TARE_OK; /* another one in the storage of one that ended: the list is stale */
    if (proof != TARE_STACK_UNREADABLE)
        target->last_sight_ns = now_ns;
    finding found = last_finding(thread);
    if (proof == TARE_STACK_SKIPPED) {
        tally->skipped_count++;
        *state_out = found.state;
        return charge(target, watched, &found, weight_ns, err);
    }
    TARE_TRY(name_thread(target, watched, thread, err));
    TARE_TRY(place_sample(target, watched, &thread->stack, proof, tally, &found.node, err));
    *state_out = tare_state_classify(target, index, age_ns == 0, now_ns);
    found.state = *state_out;
    /* A thread that is in several interpreters has frames in each, the newest of which is listed
     * first: that is where it is. It has been in the others when it has none there. */
    found.rank = thread->stack.frame_count > 0;
    found.cut = proof == TARE_STACK_PREFIX;
    if (may_hold) /* only samples of a running thread stand for others */
        keep_finding(thread, &found);
    TARE_TRY(tare_profile_add(target->profile, found.node, watched->label_set, TARE_METRIC_samples,
                              1, err));
    return charge(target, watched, &found, weight_ns, err);
}

static tare_status look_at_python(tare_target *target, uint64_t now_ns, uint64_t weight_ns,
                                  uint64_t age_ns, tare_tally *tally, tare_metric_id *state_out,
                                  tare_error *err)
{
    tare_python   *python = &target->python;
    uint64_t       reads_before = python->memory.read_count;
    uint64_t       retries_before = python->reader.retry_count;
    uint64_t       holds_before = python->reader.hold_count;
    uint64_t       hold_before_ns = python->reader.hold_ns;
    tare_metric_id main_state = TARE_METRIC_wait_other_ns;
    bool           main_seen = false;
    for (uint32_t i = 0; i < python->thread_count; i++) {
        tare_metric_id state = TARE_METRIC_wait_other_ns;
        if (python->threads[i]->number == 0)
            continue; /* not bound to a system thread yet, or just ended */
        TARE_TRY(look_at_thread(target, i, now_ns, weight_ns, age_ns, tally, &state, err));
        if (target->thread_of[i] == 0)
            main_state = tare_state_stronger(state, main_state);
        else
            *state_out = tare_state_stronger(*state_out, state);
        main_seen = main_seen || target->thread_of[i] == 0;
    }
    if (!main_seen) {
        main_state = plain_state(target, &target->threads[0], now_ns, age_ns);
        TARE_TRY(
            claim_tick(target, &target->threads[0], target->landmarks.outside, main_state, 0, err));
    }
    *state_out = tare_state_stronger(main_state, *state_out);
    tally->read_count += python->memory.read_count - reads_before;
    tally->retry_count += python->reader.retry_count - retries_before;
    tally->hold_count += python->reader.hold_count - holds_before;
    tally->hold_ns += python->reader.hold_ns - hold_before_ns;
    return TARE_OK;
}

/* Has the thread list changed, or is a thread in it about to get its number? Asked before
 * any thread is looked at, so that all are seen as of one moment, new ones too. */
static bool is_list_old(tare_target *target, uint64_t now_ns)
{
    tare_python *python = &target->python;
    tare_python_check_lists(python, now_ns);
    if (python->stale)
        return true;
    return python->unready_count > 0 && now_ns - target->refreshed_ns > UNREADY_DELAY_NS;
}

/* Is what is known of its Python of no use, or more of it past than present? */
static bool is_python_worn(const tare_target *target, uint64_t now_ns)
{
    return now_ns - target->last_sight_ns > BLIND_NS_TO_RETRY ||
           target->python.codes.emptied_count > MAX_EMPTIED_CODES;
}

/* A Python that may not or cannot be read was there, even if a later try met a process about to
 * end. */
static bool says_more(tare_status status, tare_status kept)
{
    return status == TARE_PERMISSION || status == TARE_UNSUPPORTED ||
           (kept != TARE_PERMISSION && kept != TARE_UNSUPPORTED);
}

/* Is the target what it was? Refreshes the thread list; leaves Python on exec. */
static tare_status keep_up(tare_target *target, uint64_t now_ns, tare_error *err)
{
    tare_error quiet;
    if (target->has_python && is_python_worn(target, now_ns)) {
        close_python(target);
        TARE_TRY(label_anew(target, err));
        target->try_delay_ns = FIRST_TRY_DELAY_NS;
        target->next_try_ns = now_ns;
    }
    if (target->has_python && is_list_old(target, now_ns)) {
        tare_status status = tare_python_refresh(&target->python, &quiet);
        target->refreshed_ns = now_ns;
        if (status == TARE_OK)
            return match_threads(target, err);
        if (status == TARE_NO_MEMORY)
            return tare_fail(err, status, "%s", quiet.message);
        return TARE_OK; /* half a list: nothing to sample this time */
    }
    if (target->has_python || now_ns < target->next_try_ns)
        return TARE_OK;
    /* No Python (yet) is no failure: the refusal is kept for the report. */
    tare_status status = tare_target_find_python(target, now_ns, &quiet);
    if (status == TARE_NO_MEMORY)
        return tare_fail(err, status, "%s", quiet.message);
    if (status != TARE_OK && says_more(status, target->refusal.status))
        target->refusal = quiet;
    return TARE_OK;
}

/* Job control stops a whole process, and a thread stopped inside a system call still looks
 * blocked in it: asked apart, and not at every look. */
static void look_for_stop(tare_target *target, uint64_t now_ns)
{
    const tare_watched_thread *thread = &target->threads[0];
    if (now_ns < target->next_stop_check_ns || !thread->probed)
        return;
    target->next_stop_check_ns = now_ns + STOP_CHECK_NS;
    target->stopped = tare_os_thread_activity(&thread->probe) == TARE_THREAD_STOPPED;
}

tare_status tare_target_look(tare_target *target, uint64_t now_ns, uint64_t weight_ns,
                             uint64_t state_age_ns, tare_tally *tally, tare_metric_id *state_out,
                             tare_error *err)
{
    *state_out = TARE_METRIC_wait_other_ns;
    TARE_TRY(keep_up(target, now_ns, err));
    look_for_stop(target, now_ns);
    if (!target->has_python)
        note_cpu(target, &target->threads[0], now_ns);
    if (!target->has_python || target->python.stale)
        return look_without_python(target, now_ns, weight_ns, state_age_ns, state_out, err);
    return look_at_python(target, now_ns, weight_ns, state_age_ns, tally, state_out, err);
}
