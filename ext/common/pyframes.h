/* pyframes.h - frames of the interpreter, as they lie in memory: by version. */
#ifndef TARE_EXT_PYFRAMES_H
#define TARE_EXT_PYFRAMES_H

#include "common/pycompat.h"

/* Their values carry tags. */
#define TARE_HAS_STACK_REFS (PY_VERSION_HEX >= 0x030e0000)

/* Include/internal/pycore_frame.h, since 3.14 pycore_interpframe_structs.h: up to what is needed,
 * of builds with a GIL. Of a later version nothing is known: TARE_HAS_FRAMES is 0. */
#if PY_VERSION_HEX < 0x03100000 && !defined(Py_GIL_DISABLED)
#define TARE_HAS_FRAMES 1
#else
#define TARE_HAS_FRAMES 0
#endif

#if PY_VERSION_HEX >= 0x030c0000
typedef struct tare_pyframe {
    uintptr_t            executable; /* since 3.14 with a tag in its lowest bits */
    struct tare_pyframe *previous;
    void                *function;
    PyObject            *globals, *builtins, *locals;
    PyFrameObject       *object;
    char                *instruction;
#if PY_VERSION_HEX >= 0x030e0000
    void *stack_pointer;
#else
    int stack_top;
#endif
    uint16_t return_offset;
    char     owner;
} tare_pyframe;
enum { TARE_FRAME_TAG = PY_VERSION_HEX >= 0x030e0000 ? 3 : 0, TARE_FRAME_FIRST_SHIM = 3 };
#else
typedef struct tare_pyframe {
    PyFunctionObject    *function;
    PyObject            *globals, *builtins, *locals;
    uintptr_t            executable;
    PyFrameObject       *object;
    struct tare_pyframe *previous;
    char                *instruction;
    int                  stack_top;
    bool                 is_entry;
    char                 owner;
} tare_pyframe;
enum { TARE_FRAME_TAG = 0, TARE_FRAME_FIRST_SHIM = 3 };
#endif

/* Not one that only marks where C code called the interpreter. */
static inline bool tare_pyframe_is_python(const tare_pyframe *frame)
{
    return frame->owner < TARE_FRAME_FIRST_SHIM;
}

static inline PyCodeObject *tare_pyframe_code(const tare_pyframe *frame)
{
    return (PyCodeObject *)(frame->executable & ~(uintptr_t)TARE_FRAME_TAG);
}

/* The state of the calling thread if it holds the GIL; NULL if it does not, or, of a thread of a
 * subinterpreter of 3.11, if that cannot be told. */
static inline PyThreadState *tare_attached_state(void)
{
#if PY_VERSION_HEX >= 0x030d0000
    return PyThreadState_GetUnchecked();
#elif PY_VERSION_HEX >= 0x030c0000
    return _PyThreadState_UncheckedGet();
#else
    PyThreadState *state = _PyThreadState_UncheckedGet(); /* of whoever holds it */
    return state != NULL && state == PyGILState_GetThisThreadState() ? state : NULL;
#endif
}

/* The same where the GIL is held for sure. */
static inline PyThreadState *tare_current_state(void)
{
#if PY_VERSION_HEX >= 0x030d0000
    return PyThreadState_GetUnchecked();
#else
    return _PyThreadState_UncheckedGet();
#endif
}

/* The innermost frame of a thread, NULL when it runs no Python code. */
static inline const tare_pyframe *tare_state_frame(const PyThreadState *state)
{
#if PY_VERSION_HEX >= 0x030d0000
    return (const tare_pyframe *)state->current_frame;
#else
    return state->cframe != NULL ? (const tare_pyframe *)state->cframe->current_frame : NULL;
#endif
}

/* The frame that the thread runs, as a name for it that no other frame has while it exists. */
static inline uintptr_t tare_current_frame(void)
{
    return (uintptr_t)tare_state_frame(tare_current_state());
}

#if TARE_HAS_MONITORING
/* The byte offset of the instruction at which the thread's frame stands, which runs that code.
 * While an event of a line is told, prev_instr of 3.12 and instr_ptr of later ones are both the
 * instruction that it is about. */
static inline uint32_t tare_current_offset(const PyCodeObject *code)
{
    const tare_pyframe *frame = tare_state_frame(tare_current_state());
    return (uint32_t)(frame->instruction - (const char *)code->co_code_adaptive);
}
#endif

/* In a frame object, a generator or on its thread's own stack, the locals and what is being
 * evaluated follow. */
static inline const void *tare_pyframe_values(const tare_pyframe *frame)
{
    return frame + 1;
}

/* Words for locals and evaluation in a frame that runs this code. */
static inline size_t tare_frame_room(const PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030c0000
    return (size_t)code->co_framesize - sizeof(tare_pyframe) / sizeof(void *);
#else
    return (size_t)(code->co_nlocalsplus + code->co_stacksize);
#endif
}

/* Of a generator, coroutine or asynchronous generator, which ends with its frame; NULL when it has
 * none any more. */
static inline PyObject *tare_generator_code(PyObject *generator)
{
#if PY_VERSION_HEX >= 0x030c0000
    const char *end = (const char *)generator + Py_TYPE(generator)->tp_basicsize;
    return (PyObject *)tare_pyframe_code((const void *)(end - sizeof(tare_pyframe)));
#else
    return (PyObject *)((PyGenObject *)generator)->gi_code;
#endif
}

#endif
