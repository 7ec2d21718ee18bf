/* hear_frames.c - calls of the function on CPython 3.11: the hook that evaluates frames (PEP 523)
 * knows each of them before and after. A generator's frame is evaluated from each resumption to
 * the next yield. */
#include "delay/longer.h"

#include "common/frames.h"

#include "delay/codes.h"

#if !TARE_HAS_MONITORING

static _Thread_local uintptr_t stack_limit __attribute__((tls_model("initial-exec")));

static unsigned look(const tare_frame_head *frame)
{
    unsigned found = tare_delay_codes_look(frame->f_code, frame->f_globals);
    if ((found & TARE_DELAY_PROGRESS) != 0)
        tare_delay_count(&tare_delay.page->progress_code_count, 1);
    if ((found & TARE_DELAY_FUNCTION) != 0)
        tare_delay_count(&tare_delay.page->code_count, 1);
    return found;
}

static PyObject *on_frame(PyThreadState *state, struct _PyInterpreterFrame *opaque, int throwing)
{
    tare_frame_head *frame = (tare_frame_head *)opaque;
    uintptr_t        name = (uintptr_t)frame; /* it may be gone when it has returned */
    unsigned         found = tare_delay_codes_find(frame->f_code);
    if (__builtin_expect(found == 0, 0))
        found = look(frame);
    if (found == TARE_DELAY_LOOKED_AT || tare_frame_makes_generator(frame))
        return tare_frame_evaluate(&stack_limit, state, frame, throwing);
    bool goes_on = tare_frame_goes_on(frame, throwing);
    if ((found & TARE_DELAY_PROGRESS) != 0 && !goes_on)
        tare_delay_note_progress();
    if ((found & TARE_DELAY_FUNCTION) == 0)
        return tare_frame_evaluate(&stack_limit, state, frame, throwing);
    tare_delay_begin_call(name, goes_on);
    PyObject *result = tare_frame_evaluate(&stack_limit, state, frame, throwing);
    tare_delay_end_call(name);
    return result;
}

tare_status tare_delay_listen(tare_error *err)
{
    PyInterpreterState *main = PyInterpreterState_Main();
    if (_PyInterpreterState_GetEvalFrameFunc(main) != _PyEval_EvalFrameDefault)
        return tare_fail(err, TARE_LIMIT, "listen: another tool evaluates frames; stop it first");
    _PyInterpreterState_SetEvalFrameFunc(main, on_frame);
    return TARE_OK;
}

#endif
