/* frames.h - CPython 3.11: frames as the hook that evaluates them gets them (PEP 523).
 *
 * With the hook set, a call from Python to Python recurses on the C stack, which without it does
 * not happen: what recurses deeply goes on on a second stack, and a third, as long as there is
 * memory. */
#ifndef TARE_EXT_FRAMES_H
#define TARE_EXT_FRAMES_H

#include "common/pycompat.h"

#include <stdint.h>

#if !TARE_HAS_MONITORING

/* Include/internal/pycore_frame.h of 3.11, up to what is needed. */
typedef struct tare_frame_head {
    PyFunctionObject       *f_func;
    PyObject               *f_globals, *f_builtins, *f_locals;
    PyCodeObject           *f_code;
    PyFrameObject          *frame_obj;
    struct tare_frame_head *previous;
    _Py_CODEUNIT           *prev_instr;
    int                     stacktop;
    bool                    is_entry;
    char                    owner;
} tare_frame_head;

/* An exception that is thrown into a generator goes on with it, also with one that has not begun:
 * its body does not run. */
bool tare_frame_goes_on(const tare_frame_head *frame, int throwing);
/* After it was evaluated: it has yielded. Of a generator's frame only. */
bool tare_frame_is_suspended(const tare_frame_head *frame);
bool tare_frame_is_generators(const tare_frame_head *frame);
/* A call of a generator function makes the generator and runs nothing of it: not counted. */
bool tare_frame_makes_generator(const tare_frame_head *frame);

/* As the interpreter would, on another stack when this one is nearly used up. stack_limit: lower
 * than that is too deep; the thread's own, 0 at first. NULL: on this one. */
PyObject *tare_frame_evaluate(uintptr_t *stack_limit, PyThreadState *state, tare_frame_head *frame,
                              int throwing);
/* Nothing is heard any more. */
void tare_frames_release(void);

#endif

#endif
