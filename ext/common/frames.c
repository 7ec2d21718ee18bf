/* frames.c - see frames.h. The last stack that was left is kept: recursion comes back to the same
 * depth. */
#include "common/frames.h"

#include "os/own.h"

#if !TARE_HAS_MONITORING

#include <opcode.h>
#include <stddef.h>

enum { MAKES_GENERATOR = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR };
enum { OWNED_BY_GENERATOR = 1, STATE_SUSPENDED = -1 };
enum { SPARE_BYTES = 2 << 20, NEW_STACK_BYTES = 64 << 20 };

static tare_own_stack spare;

bool tare_frame_is_suspended(const tare_frame_head *frame)
{
    size_t             offset = offsetof(PyGenObject, gi_iframe);
    const PyGenObject *generator = (const PyGenObject *)((const char *)frame - offset);
    return generator->gi_frame_state == STATE_SUSPENDED;
}

bool tare_frame_goes_on(const tare_frame_head *frame, int throwing)
{
    return frame->owner == OWNED_BY_GENERATOR &&
           (throwing != 0 || _Py_OPCODE(*frame->prev_instr) != RETURN_GENERATOR);
}

bool tare_frame_is_generators(const tare_frame_head *frame)
{
    return frame->owner == OWNED_BY_GENERATOR;
}

bool tare_frame_makes_generator(const tare_frame_head *frame)
{
    return frame->owner != OWNED_BY_GENERATOR && (frame->f_code->co_flags & MAKES_GENERATOR) != 0;
}

static PyObject *evaluate(PyThreadState *state, tare_frame_head *frame, int throwing)
{
    return _PyEval_EvalFrameDefault(state, (struct _PyInterpreterFrame *)frame, throwing);
}

typedef struct deep_call {
    PyThreadState   *state;
    tare_frame_head *frame;
    int              throwing;
    PyObject        *result;
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

static PyObject *evaluate_on_new_stack(uintptr_t *stack_limit, PyThreadState *state,
                                       tare_frame_head *frame, int throwing)
{
    deep_call      call = {.state = state, .frame = frame, .throwing = throwing};
    tare_own_stack stack = spare;
    uintptr_t      limit = *stack_limit;
    spare = (tare_own_stack){0};
    if (stack.low == NULL && tare_own_stack_open(&stack, NEW_STACK_BYTES, NULL) != TARE_OK)
        return evaluate(state, frame, throwing); /* as deep as this one goes */
    *stack_limit = (uintptr_t)stack.low + SPARE_BYTES;
    tare_own_stack_run(&stack, evaluate_deep, &call);
    *stack_limit = limit;
    tare_own_stack_close(&spare);
    spare = stack;
    return call.result;
}

PyObject *tare_frame_evaluate(uintptr_t *stack_limit, PyThreadState *state, tare_frame_head *frame,
                              int throwing)
{
    char here;
    if (__builtin_expect(stack_limit == NULL, 0))
        return evaluate(state, frame, throwing);
    if (__builtin_expect(*stack_limit == 0, 0))
        *stack_limit = find_stack_limit();
    if (__builtin_expect((uintptr_t)&here < *stack_limit, 0))
        return evaluate_on_new_stack(stack_limit, state, frame, throwing);
    return evaluate(state, frame, throwing);
}

void tare_frames_release(void)
{
    tare_own_stack_close(&spare);
}

#endif
