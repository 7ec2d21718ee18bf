/* line_frames.c - lines on CPython 3.11.
 *
 *     the hook that evaluates frames    knows each frame before it runs: is its code wanted?
 *     a trace function                  set while wanted code runs, and taken away for all that it
 *                                       calls: being traced slows every instruction
 *
 * So code that is not wanted pays for the hook alone, some 6 ns a call. The trace function is given
 * no object: sys.gettrace() stays None. Where a debugger or coverage has set its own the lines are
 * not heard, and the hook says so. */
#include "trace/listen.h"

#include "common/frames.h"
#include "trace/line_codes.h"

#if !TARE_HAS_MONITORING

static bool refused; /* another tool had the trace function */

static bool is_on(void)
{
    return tare_trace.active && tare_trace.options.lines;
}

static int on_trace(PyObject *none, PyFrameObject *frame, int what, PyObject *argument);

/* Somebody else's function is left alone. */
static void trace_from_here(PyThreadState *state, bool on)
{
    if (on ? state->c_tracefunc != NULL : state->c_tracefunc != on_trace) {
        refused = refused || on;
        return;
    }
    state->c_tracefunc = on ? on_trace : NULL;
    state->cframe->use_tracing = on || state->c_profilefunc != NULL ? 255 : 0;
}

/* A frame that goes on when the measurement has ended is still traced: it takes this away. */
static int on_trace(PyObject *none, PyFrameObject *frame, int what, PyObject *argument)
{
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_current;
    tare_line_target  *target;
    (void)none, (void)argument;
    if (!is_on()) {
        trace_from_here(PyThreadState_Get(), false);
        return 0;
    }
    if (what != PyTrace_LINE || thread == NULL)
        return 0;
    PyCodeObject *object = PyFrame_GetCode(frame);
    (void)tare_line_codes_know(object, &target);
    Py_DECREF(object); /* its frame keeps it */
    /* What is not the topmost is a frame of an earlier measurement, whose end is not heard. */
    if (target == NULL || thread->lines.top->code != &target->code)
        return 0;
    TARE_LINE_COMES_UP(thread, target, (uint32_t)PyFrame_GetLineNumber(frame), now,
                       (uint32_t)PyFrame_GetLasti(frame));
    tare_trace_end_event(thread, now);
    return 0;
}

static uint32_t line_of(const tare_line_target *target, const tare_frame_head *frame)
{
    const char *code = (const char *)frame->f_code->co_code_adaptive;
    return tare_line_at(target, (uint32_t)((const char *)frame->prev_instr - code));
}

static void enter_frame(tare_trace_thread *thread, const tare_line_target *target,
                        const tare_frame_head *frame, int throwing, uint64_t now)
{
    if (tare_frame_goes_on(frame, throwing)) {
        uint64_t waited = tare_suspended_end(&tare_trace.suspended, (uintptr_t)frame, now);
        tare_lines_resume(&thread->lines, &target->code, line_of(target, frame), now, waited);
    } else {
        tare_lines_enter(&thread->lines, &target->code, now);
    }
}

static PyObject *evaluate_wanted(tare_trace_thread *thread, PyThreadState *state,
                                 tare_line_target *target, tare_frame_head *frame, int throwing)
{
    uint32_t generation = tare_trace.generation;
    bool     generator = tare_frame_is_generators(frame);
    uint64_t now = tare_trace_now();
    enter_frame(thread, target, frame, throwing, now);
    tare_trace_end_event(thread, now);
    PyObject *result = tare_frame_evaluate(tare_trace_stack(thread), state, frame, throwing);
    if (tare_trace.active && tare_trace.generation == generation) {
        now = tare_trace_now();
        tare_lines_leave(&thread->lines, &target->code, now);
        if (generator && tare_frame_is_suspended(frame))
            tare_suspended_begin(&tare_trace.suspended, (uintptr_t)frame, now);
        tare_trace_end_event(thread, now);
    }
    return result;
}

static PyObject *on_frame(PyThreadState *state, struct _PyInterpreterFrame *opaque, int throwing)
{
    tare_frame_head   *frame = (tare_frame_head *)opaque;
    tare_trace_thread *thread = tare_trace_current;
    tare_line_target  *target;
    bool               traced = state->c_tracefunc == on_trace;
    if (__builtin_expect(!is_on(), 0)) /* somebody kept our hook */
        return tare_frame_evaluate(tare_trace_stack(thread), state, frame, throwing);
    if (__builtin_expect(!tare_line_codes_know(frame->f_code, &target), 0))
        target = tare_line_codes_look(frame->f_code, frame->f_globals);
    if (__builtin_expect(thread == NULL, 0))
        thread = tare_trace_make_thread(tare_trace_now());
    bool wanted = target != NULL && thread != NULL && !tare_frame_makes_generator(frame);
    if (wanted != traced)
        trace_from_here(state, wanted);
    PyObject *result = wanted
                           ? evaluate_wanted(thread, state, target, frame, throwing)
                           : tare_frame_evaluate(tare_trace_stack(thread), state, frame, throwing);
    if (wanted != traced)
        trace_from_here(state, traced);
    return result;
}

/* ---- the listener ---- */

static void listen_in(PyCodeObject *code, bool seen)
{
    (void)code, (void)seen; /* the hook knows */
}

static tare_status begin(tare_error *err)
{
    PyInterpreterState *main = PyInterpreterState_Main();
    if (_PyInterpreterState_GetEvalFrameFunc(main) != _PyEval_EvalFrameDefault)
        return tare_fail(err, TARE_LIMIT,
                         "listen to lines: another tool evaluates frames; stop it first");
    refused = false;
    tare_line_codes_on_target = listen_in;
    _PyInterpreterState_SetEvalFrameFunc(main, on_frame);
    tare_trace.hook = "frame evaluation, trace function";
    return TARE_OK;
}

/* Frames that are under way take the trace function away when they end. */
static void end(void)
{
    PyInterpreterState *main = PyInterpreterState_Main();
    if (_PyInterpreterState_GetEvalFrameFunc(main) == on_frame)
        _PyInterpreterState_SetEvalFrameFunc(main, _PyEval_EvalFrameDefault);
    tare_frames_release();
}

static bool slows(void)
{
    return true;
}

static void begin_again(void)
{
    if (refused)
        tare_trace.hook = "frame evaluation; another tool has the trace function";
}

const tare_listener tare_listen_lines = {begin, end, slows, begin_again};

#endif
