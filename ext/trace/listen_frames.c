/* listen_frames.c - CPython 3.11: there is no sys.monitoring.
 *
 *     without builtins   the hook that evaluates frames (PEP 523): +6 ns a call by itself, and code
 *                        between calls runs at full speed
 *     with builtins      a profile function in every thread: the only way to hear of C functions;
 *                        it slows all bytecode, and is all that cProfile has there
 *
 * A hook that another tool has set before us is left alone: then the profile function hears Python
 * functions too. Both see a generator at each resumption. Whether it begins or goes on, yields or
 * ends, is read from its instructions and its state:
 *
 *     hook      before: the last instruction was RETURN_GENERATOR (begins); after: suspended
 *     profile   RESUME 0 (begins) or another (goes on); YIELD_VALUE or another (ends)
 *
 * With the hook set, a call from Python to Python recurses on the C stack, which without it does
 * not happen: what recurses deeply goes on on a second stack, and a third, as long as there is
 * memory.
 *
 * The profile function is per thread. Threads are started by _thread.start_new_thread, a C
 * function, so we hear of each before it can run; others (started in C) are found from time to
 * time. sys.getprofile() stays None, for the function is given no object, but as cProfile. */
#include "trace/listen.h"

#include "trace/names.h"

#if !TARE_HAS_MONITORING

#include <opcode.h>
#include <string.h>

/* Include/internal/pycore_frame.h of 3.11, up to what is needed. */
typedef struct frame_head {
    PyFunctionObject  *f_func;
    PyObject          *f_globals, *f_builtins, *f_locals;
    PyCodeObject      *f_code;
    PyFrameObject     *frame_obj;
    struct frame_head *previous;
    _Py_CODEUNIT      *prev_instr;
    int                stacktop;
    bool               is_entry;
    char               owner;
} frame_head;

enum { MAKES_GENERATOR = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR };
enum { OWNED_BY_GENERATOR = 1, STATE_SUSPENDED = -1 };
enum { SPARE_BYTES = 2 << 20, NEW_STACK_BYTES = 64 << 20 };

static bool           uses_hook;
static tare_own_stack spare; /* the last one left: recursion comes back to the same depth */

/* ---- the hook ---- */

static bool is_suspended(const frame_head *frame)
{
    size_t             offset = offsetof(PyGenObject, gi_iframe);
    const PyGenObject *generator = (const PyGenObject *)((const char *)frame - offset);
    return generator->gi_frame_state == STATE_SUSPENDED;
}

/* An exception that is thrown into a generator goes on with it, also with one that has not begun:
 * its body does not run. */
static bool goes_on_there(const frame_head *frame, int throwing)
{
    return frame->owner == OWNED_BY_GENERATOR &&
           (throwing != 0 || _Py_OPCODE(*frame->prev_instr) != RETURN_GENERATOR);
}

static void enter_frame(tare_trace_thread *thread, const frame_head *frame, uint32_t key,
                        int throwing, uint64_t now)
{
    if (goes_on_there(frame, throwing)) {
        uint64_t waited = tare_suspended_end(&tare_trace.suspended, (uintptr_t)frame, now);
        tare_calls_resume(&thread->calls, key, 0, now, waited);
    } else {
        tare_calls_enter(&thread->calls, key, 0, now);
    }
}

static PyObject *evaluate(PyThreadState *state, frame_head *frame, int throwing)
{
    return _PyEval_EvalFrameDefault(state, (struct _PyInterpreterFrame *)frame, throwing);
}

typedef struct deep_call {
    PyThreadState *state;
    frame_head    *frame;
    int            throwing;
    PyObject      *result;
} deep_call;

static void evaluate_deep(void *context)
{
    deep_call *call = context;
    call->result = evaluate(call->state, call->frame, call->throwing);
}

/* How far the stack that we are on may be used; the rest is for what C functions need. */
static uintptr_t find_stack_limit(void)
{
    char      here;
    uintptr_t low = tare_own_stack_low();
    uintptr_t size = (uintptr_t)&here - low;
    if (low == 0 || (uintptr_t)&here < low)
        return 1;
    return low + (size / 4 < SPARE_BYTES ? size / 4 : SPARE_BYTES);
}

static PyObject *evaluate_on_new_stack(tare_trace_thread *thread, PyThreadState *state,
                                       frame_head *frame, int throwing)
{
    deep_call      call = {.state = state, .frame = frame, .throwing = throwing};
    tare_own_stack stack = spare;
    uintptr_t      limit = thread->stack_limit;
    spare = (tare_own_stack){0};
    if (stack.low == NULL && tare_own_stack_open(&stack, NEW_STACK_BYTES, NULL) != TARE_OK)
        return evaluate(state, frame, throwing); /* as deep as this one goes */
    thread->stack_limit = (uintptr_t)stack.low + SPARE_BYTES;
    tare_own_stack_run(&stack, evaluate_deep, &call);
    thread->stack_limit = limit;
    tare_own_stack_close(&spare);
    spare = stack;
    return call.result;
}

static PyObject *evaluate_checked(tare_trace_thread *thread, PyThreadState *state,
                                  frame_head *frame, int throwing)
{
    char here;
    if (__builtin_expect(thread->stack_limit == 0, 0))
        thread->stack_limit = find_stack_limit();
    if (__builtin_expect((uintptr_t)&here < thread->stack_limit, 0))
        return evaluate_on_new_stack(thread, state, frame, throwing);
    return evaluate(state, frame, throwing);
}

/* A call of a generator function makes the generator and runs nothing of it: not counted. */
static bool makes_generator(const frame_head *frame)
{
    return frame->owner != OWNED_BY_GENERATOR && (frame->f_code->co_flags & MAKES_GENERATOR) != 0;
}

static PyObject *on_frame(PyThreadState *state, struct _PyInterpreterFrame *opaque, int throwing)
{
    frame_head        *frame = (frame_head *)opaque;
    uint32_t           key = tare_names_code(frame->f_code);
    uint32_t           generation = tare_trace.generation;
    bool               generator = frame->owner == OWNED_BY_GENERATOR;
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_thread_at(now);
    if (thread == NULL || makes_generator(frame))
        return evaluate(state, frame, throwing);
    enter_frame(thread, frame, key, throwing, now);
    tare_trace_end_event(thread, now);
    PyObject *result = evaluate_checked(thread, state, frame, throwing);
    if (tare_trace.active && tare_trace.generation == generation) {
        now = tare_trace_now();
        tare_calls_leave(&thread->calls, key, now);
        if (generator && is_suspended(frame))
            tare_suspended_begin(&tare_trace.suspended, (uintptr_t)frame, now);
        tare_trace_end_event(thread, now); /* the last we hear when the hook is taken from us */
    }
    return result;
}

/* ---- the profile function ---- */

/* Instruction and argument at, or where the frame has just begun, after, the last one. */
static int read_instruction(PyCodeObject *code, PyFrameObject *frame, int *argument_out)
{
    const _Py_CODEUNIT *units = (const _Py_CODEUNIT *)(const void *)code->co_code_adaptive;
    int                 at = PyFrame_GetLasti(frame) / (int)sizeof *units;
    _Py_CODEUNIT        unit = units[at < 0 ? 0 : at];
    *argument_out = _Py_OPARG(unit);
    return _Py_OPCODE(unit);
}

static bool goes_on(PyCodeObject *code, PyFrameObject *frame)
{
    int argument;
    if ((code->co_flags & MAKES_GENERATOR) == 0)
        return false;
    int opcode = read_instruction(code, frame, &argument);
    return (opcode != RESUME && opcode != RESUME_QUICK) || argument != 0;
}

static void note_begin(tare_trace_thread *thread, PyFrameObject *frame, uint64_t now)
{
    PyCodeObject *code = PyFrame_GetCode(frame);
    uint32_t      key = tare_names_code(code);
    if (goes_on(code, frame))
        tare_calls_resume(&thread->calls, key, 0, now,
                          tare_suspended_end(&tare_trace.suspended, (uintptr_t)frame, now));
    else
        tare_calls_enter(&thread->calls, key, 0, now);
    Py_DECREF(code);
}

static void note_end(tare_trace_thread *thread, PyFrameObject *frame, PyObject *result,
                     uint64_t now)
{
    PyCodeObject *code = PyFrame_GetCode(frame);
    int           argument;
    tare_calls_leave(&thread->calls, tare_names_code(code), now);
    if (result != NULL && read_instruction(code, frame, &argument) == YIELD_VALUE)
        tare_suspended_begin(&tare_trace.suspended, (uintptr_t)frame, now);
    Py_DECREF(code);
}

static void listen_in_threads(void);

/* _thread.start_new_thread and its older name. */
static bool starts_thread(PyObject *callable)
{
    if (Py_TYPE(callable) != &PyCFunction_Type)
        return false;
    const char *name = ((PyCFunctionObject *)callable)->m_ml->ml_name;
    return name[0] == 's' && name[1] == 't' && strncmp(name, "start_new", 9) == 0;
}

static int on_event(PyObject *none, PyFrameObject *frame, int what, PyObject *arg)
{
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_thread_at(now);
    (void)none;
    if (thread == NULL)
        return 0;
    switch (what) {
    case PyTrace_CALL:
        note_begin(thread, frame, now);
        break;
    case PyTrace_RETURN:
        note_end(thread, frame, arg, now);
        break;
    case PyTrace_C_CALL:
        if (tare_trace.options.builtins)
            tare_calls_enter(&thread->calls, tare_names_callable(arg), 0, now);
        return 0;
    case PyTrace_C_RETURN:
    case PyTrace_C_EXCEPTION:
        if (tare_trace.options.builtins)
            tare_calls_leave_native(&thread->calls, now);
        if (starts_thread(arg))
            listen_in_threads();
        break;
    default:
        return 0;
    }
    tare_trace_end_event(thread, now);
    return 0;
}

/* In threads that have none; one that the program has set in its thread is the program's. */
static void listen_in_threads(void)
{
    PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Main());
    for (; state != NULL; state = PyThreadState_Next(state))
        if (state->c_profilefunc == NULL &&
            _PyEval_SetProfile(state, on_event, tare_trace.options.owner) < 0)
            PyErr_Clear();
}

static void stop_in_threads(void)
{
    PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Main());
    for (; state != NULL; state = PyThreadState_Next(state))
        if (state->c_profilefunc == on_event && _PyEval_SetProfile(state, NULL, NULL) < 0)
            PyErr_Clear();
}

/* ---- both ---- */

static bool is_hook_free(void)
{
    return _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState_Main()) ==
           _PyEval_EvalFrameDefault;
}

bool tare_listen_slows(void)
{
    return tare_trace.options.builtins || tare_trace.options.timer != NULL || !is_hook_free();
}

tare_status tare_listen_begin(tare_error *err)
{
    if (tare_trace.options.as_cprofile && PyThreadState_Get()->c_profilefunc != NULL)
        return tare_fail(err, TARE_LIMIT, "listen to calls: another profiler does; stop it first");
    uses_hook = !tare_listen_slows();
    if (uses_hook)
        _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Main(), on_frame);
    else
        listen_in_threads();
    tare_trace.hook = uses_hook ? "frame evaluation" : "profile function";
    return TARE_OK;
}

void tare_listen_end(void)
{
    PyInterpreterState *main = PyInterpreterState_Main();
    if (uses_hook && _PyInterpreterState_GetEvalFrameFunc(main) == on_frame)
        _PyInterpreterState_SetEvalFrameFunc(main, _PyEval_EvalFrameDefault);
    stop_in_threads();
    uses_hook = false;
    tare_own_stack_close(&spare);
}

/* A tool that took the hook from us keeps it; the profile function hears what it can. */
void tare_listen_again(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (uses_hook && _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState_Main()) != on_frame) {
        uses_hook = false;
        tare_trace.hook = "frame evaluation, taken by another tool; then profile function";
    }
    if (!uses_hook)
        listen_in_threads();
    PyErr_Restore(type, value, traceback);
}

#endif
