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
 * The profile function is per thread. Threads are started by _thread.start_new_thread, a C
 * function, so we hear of each before it can run; others (started in C) are found from time to
 * time. sys.getprofile() stays None, for the function is given no object, but as cProfile. */
#include "trace/listen.h"

#include "common/frames.h"
#include "trace/names.h"

#if !TARE_HAS_MONITORING

#include <opcode.h>
#include <string.h>

enum { MAKES_GENERATOR = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR };
static bool uses_hook;

/* ---- the hook ---- */

static void enter_frame(tare_trace_thread *thread, const tare_frame_head *frame, uint32_t key,
                        int throwing, uint64_t now)
{
    if (tare_frame_goes_on(frame, throwing)) {
        uint64_t waited = tare_suspended_end(&tare_trace.suspended, (uintptr_t)frame, now);
        tare_calls_resume(&thread->calls, key, 0, now, waited);
    } else {
        tare_calls_enter(&thread->calls, key, 0, now);
    }
}

static PyObject *on_frame(PyThreadState *state, struct _PyInterpreterFrame *opaque, int throwing)
{
    tare_frame_head *frame = (tare_frame_head *)opaque;
    uint32_t         key = tare_names_code(frame->f_code);
    uint32_t         generation = tare_trace.generation;
    bool             generator = tare_frame_is_generators(frame);
    if (__builtin_expect(!tare_trace.active || tare_trace.options.lines, 0)) /* our hook was kept */
        return tare_frame_evaluate(tare_trace_stack(tare_trace_current), state, frame, throwing);
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_thread_at(now);
    if (thread == NULL || tare_frame_makes_generator(frame))
        return _PyEval_EvalFrameDefault(state, opaque, throwing);
    enter_frame(thread, frame, key, throwing, now);
    tare_trace_end_event(thread, now);
    PyObject *result = tare_frame_evaluate(tare_trace_stack(thread), state, frame, throwing);
    if (tare_trace.active && tare_trace.generation == generation) {
        now = tare_trace_now();
        tare_calls_leave(&thread->calls, key, now);
        if (generator && tare_frame_is_suspended(frame))
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

static bool slows(void)
{
    return tare_trace.options.builtins || tare_trace.options.timer != NULL || !is_hook_free();
}

static tare_status begin(tare_error *err)
{
    if (tare_trace.options.as_cprofile && PyThreadState_Get()->c_profilefunc != NULL)
        return tare_fail(err, TARE_LIMIT, "listen to calls: another profiler does; stop it first");
    uses_hook = !slows();
    if (uses_hook)
        _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Main(), on_frame);
    else
        listen_in_threads();
    tare_trace.hook = uses_hook ? "frame evaluation" : "profile function";
    return TARE_OK;
}

static void end(void)
{
    PyInterpreterState *main = PyInterpreterState_Main();
    if (uses_hook && _PyInterpreterState_GetEvalFrameFunc(main) == on_frame)
        _PyInterpreterState_SetEvalFrameFunc(main, _PyEval_EvalFrameDefault);
    stop_in_threads();
    uses_hook = false;
    tare_frames_release();
}

/* A tool that took the hook from us keeps it; the profile function hears what it can. */
static void begin_again(void)
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

const tare_listener tare_listen_calls = {begin, end, slows, begin_again};

#endif
