/* state.c - see state.h.
 *
 *     not on a CPU   -> the system call it is blocked in says what it waits for
 *     on a CPU, without the GIL -> native code that released it; at a plain instruction
 *                                  on its way to the GIL
 *     on a CPU, with the GIL    -> collecting, when the interpreter's flag says so
 *                                  native, at a call of a C function
 *                                  Python, at any plain instruction
 *                                  at an operator: native when it stays there
 *
 * An interpreter's own instruction takes some 10 ns, so a thread that stands still for ten
 * microseconds is inside native code (tare_stack_stays). Shorter native operators count as
 * Python; and on a machine with more to run than CPUs, a thread that waits for one at an
 * operator stands still too and counts as native: the system does not tell them apart. */
#include "sampler/state.h"

enum { DESCRIPTOR_TRUST_NS = 100000000 };

const tare_thread_state *tare_state_of(tare_watched_thread *thread, uint64_t now_ns,
                                       uint64_t age_ns)
{
    if (thread->probed && (thread->state_ns == 0 || now_ns - thread->state_ns >= age_ns)) {
        thread->state = tare_os_thread_state(&thread->probe);
        thread->state_ns = now_ns;
    }
    return &thread->state;
}

static tare_descriptor_kind descriptor_kind(const tare_target *target, tare_watched_thread *thread,
                                            int descriptor, uint64_t now_ns)
{
    bool known = thread->descriptor == descriptor &&
                 now_ns - thread->descriptor_ns < DESCRIPTOR_TRUST_NS;
    if (!known) {
        thread->descriptor = descriptor;
        thread->descriptor_ns = now_ns;
        thread->descriptor_kind = tare_os_descriptor_kind(&target->process, descriptor);
    }
    return thread->descriptor_kind;
}

static tare_metric_id wait_on_descriptor(tare_descriptor_kind kind)
{
    static const tare_metric_id by_kind[] = {
        [TARE_DESCRIPTOR_OTHER] = TARE_METRIC_wait_other_ns,
        [TARE_DESCRIPTOR_FILE] = TARE_METRIC_wait_disk_ns,
        [TARE_DESCRIPTOR_SOCKET] = TARE_METRIC_wait_socket_ns,
        [TARE_DESCRIPTOR_PIPE] = TARE_METRIC_wait_pipe_ns,
        [TARE_DESCRIPTOR_TERMINAL] = TARE_METRIC_wait_terminal_ns,
    };
    return by_kind[kind];
}

tare_metric_id tare_state_wait(const tare_target *target, tare_watched_thread *thread, bool gil,
                               uint64_t now_ns)
{
    static const tare_metric_id by_call[] = {
        [TARE_CALL_OTHER] = TARE_METRIC_wait_other_ns,
        [TARE_CALL_SLEEP] = TARE_METRIC_wait_sleep_ns,
        [TARE_CALL_FUTEX] = TARE_METRIC_wait_lock_ns,
        [TARE_CALL_POLL] = TARE_METRIC_wait_poll_ns,
        [TARE_CALL_SOCKET] = TARE_METRIC_wait_socket_ns,
        [TARE_CALL_FILE] = TARE_METRIC_wait_other_ns,
        [TARE_CALL_SYNC] = TARE_METRIC_wait_disk_ns,
        [TARE_CALL_CHILD] = TARE_METRIC_wait_child_ns,
    };
    const tare_thread_state *state = &thread->state;
    if (state->activity == TARE_THREAD_FAULT)
        return TARE_METRIC_wait_paging_ns;
    if (state->activity == TARE_THREAD_STOPPED || target->stopped)
        return TARE_METRIC_wait_stopped_ns;
    if (gil)
        return TARE_METRIC_wait_gil_ns;
    if (state->call == TARE_CALL_FILE && state->descriptor >= 0)
        return wait_on_descriptor(descriptor_kind(target, thread, state->descriptor, now_ns));
    return by_call[state->call];
}

static tare_opcode_kind kind_of_top(tare_target *target, const tare_stack *stack, uint64_t now_ns)
{
    if (stack->frame_count == 0)
        return TARE_OPCODE_NATIVE_CALL; /* running, and not in Python code */
    const tare_stack_frame *top = &stack->frames[stack->frame_count - 1];
    return tare_codes_kind(&target->python.codes, top->code, top->unit, now_ns);
}

static tare_metric_id classify_holder(tare_target *target, const tare_stack *stack,
                                      bool may_ask_again, uint64_t now_ns)
{
    switch (kind_of_top(target, stack, now_ns)) {
    case TARE_OPCODE_NATIVE_CALL:
    case TARE_OPCODE_ANY_CALL:
        return TARE_METRIC_native_ns;
    case TARE_OPCODE_OPERATOR:
        return may_ask_again && tare_stack_stays(&target->python.reader, stack)
                   ? TARE_METRIC_native_ns
                   : TARE_METRIC_python_ns;
    case TARE_OPCODE_PYTHON_CALL:
    case TARE_OPCODE_PLAIN:
    default:
        return TARE_METRIC_python_ns;
    }
}

/* On a CPU without the GIL: native code that released it; but a plain instruction never
 * does, so a thread at one is about to ask for the GIL or to sleep until it is free. */
static tare_metric_id classify_other(tare_target *target, const tare_python_thread *thread,
                                     uint64_t now_ns)
{
    const tare_python_interpreter *interpreter = &target->python.interpreters[thread->interpreter];
    bool                           taken = interpreter->gil_words.locked == 1;
    return taken && kind_of_top(target, &thread->stack, now_ns) == TARE_OPCODE_PLAIN
               ? TARE_METRIC_wait_gil_ns
               : TARE_METRIC_native_ns;
}

/* When a thread goes from one interpreter to another that shares the lock, the lock keeps the
 * name of the state it left. */
static bool holds_gil(const tare_python *python, const tare_python_thread *thread)
{
    if (tare_python_holds_gil(python, thread))
        return true;
    if (python->interpreter_count == 1)
        return false;
    tare_raddr gil = python->interpreters[thread->interpreter].gil;
    for (uint32_t i = 0; i < python->thread_count; i++) {
        const tare_python_thread *other = python->threads[i];
        if (other->tid == thread->tid && python->interpreters[other->interpreter].gil == gil &&
            tare_python_holds_gil(python, other))
            return true;
    }
    return false;
}

tare_metric_id tare_state_classify(tare_target *target, uint32_t index, bool may_ask_again,
                                   uint64_t now_ns)
{
    const tare_python        *python = &target->python;
    const tare_python_thread *thread = python->threads[index];
    tare_watched_thread      *watched = &target->threads[target->thread_of[index]];
    if (watched->state.activity != TARE_THREAD_RUNNING) {
        bool gil = watched->state.call == TARE_CALL_FUTEX &&
                   tare_python_is_gil(python, thread, watched->state.futex_address);
        return tare_state_wait(target, watched, gil, now_ns);
    }
    if (!holds_gil(python, thread))
        return classify_other(target, thread, now_ns);
    if (python->interpreters[thread->interpreter].gc_collecting != 0)
        return TARE_METRIC_gc_ns;
    return classify_holder(target, &thread->stack, may_ask_again, now_ns);
}

/* Running beats waiting; Python beats native; collecting comes next. */
static int strength(tare_metric_id state)
{
    switch (state) {
    case TARE_METRIC_python_ns:
        return 3;
    case TARE_METRIC_native_ns:
        return 2;
    case TARE_METRIC_gc_ns:
        return 1;
    default:
        return 0;
    }
}

tare_metric_id tare_state_stronger(tare_metric_id one, tare_metric_id other)
{
    return strength(other) > strength(one) ? other : one;
}
