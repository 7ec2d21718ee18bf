/* pycompat.h - what of CPython differs between versions. Nobody but this header, pyobjects.h (what
 * lies where in objects) and pyframes.h (in frames) asks which one this is built for.
 *
 * Extensions include this instead of Python.h and see features, not versions. The
 * slots below end the slot table of every module: they declare, truthfully, that a
 * module needs the GIL and that it keeps all it knows in its module state, so that
 * each interpreter can have its own. */
#ifndef TARE_EXT_PYCOMPAT_H
#define TARE_EXT_PYCOMPAT_H

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
#include <Python.h>

#include <stdbool.h>

#if PY_VERSION_HEX < 0x030b0000
#error "Tare's extension modules need CPython 3.11 or newer"
#endif

#if PY_VERSION_HEX >= 0x030c0000
#define TARE_SLOT_INTERPRETERS {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#else
#define TARE_SLOT_INTERPRETERS
#endif

#if PY_VERSION_HEX >= 0x030d0000
#define TARE_SLOT_GIL {Py_mod_gil, Py_MOD_GIL_USED},
#else
#define TARE_SLOT_GIL
#endif

/* For a module that measures the process and therefore cannot be had twice. */
#if PY_VERSION_HEX >= 0x030c0000
#define TARE_SLOT_ONE_INTERPRETER \
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#else
#define TARE_SLOT_ONE_INTERPRETER
#endif

/* clang-format off */
#define TARE_SINGLE_MODULE_SLOTS(exec) \
    {Py_mod_exec, (void *)(exec)},     \
    TARE_SLOT_ONE_INTERPRETER          \
    TARE_SLOT_GIL                      \
    {0, NULL}

#define TARE_MODULE_SLOTS(exec)     \
    {Py_mod_exec, (void *)(exec)},  \
    TARE_SLOT_INTERPRETERS          \
    TARE_SLOT_GIL                   \
    {0, NULL}
/* clang-format on */

/* The function the import system looks for. */
#define TARE_MODULE_INIT(name, definition)   \
    PyMODINIT_FUNC PyInit_##name(void);      \
    PyMODINIT_FUNC PyInit_##name(void)       \
    {                                        \
        return PyModuleDef_Init(definition); \
    }

/* How calls can be observed: by sys.monitoring, or by the hook that evaluates frames and the
 * profile function. (The hook exists later too, and then costs more than monitoring.) */
#define TARE_HAS_MONITORING (PY_VERSION_HEX >= 0x030c0000)

/* For a pointer per code object: what to call. */
#if PY_VERSION_HEX >= 0x030c0000
#define TARE_CODE_EXTRA_INDEX PyUnstable_Eval_RequestCodeExtraIndex
#define TARE_CODE_EXTRA_SET PyUnstable_Code_SetExtra
#else
#define TARE_CODE_EXTRA_INDEX _PyEval_RequestCodeExtraIndex
#define TARE_CODE_EXTRA_SET _PyCode_SetExtra
#endif

/* What PyUnstable_Code_GetExtra does, inline. Objects/codeobject.c, _PyCodeObjectExtra: the same
 * from 3.6 to 3.15. index must not be negative. */
static inline void *tare_code_extra(const PyCodeObject *code, Py_ssize_t index)
{
    const struct {
        Py_ssize_t size;
        void      *slots[1];
    } *extra = code->co_extra;
    return extra != NULL && index < extra->size ? extra->slots[index] : NULL;
}

/* A type that has no version tag gets one if it can; it has one anyway once it was looked into. */
static inline void tare_tag_type(PyTypeObject *type)
{
#if PY_VERSION_HEX >= 0x030c0000
    (void)PyUnstable_Type_AssignVersionTag(type);
#else
    (void)type;
#endif
}

/* What a weak reference leads to: a new reference, or NULL when it is gone. */
static inline PyObject *tare_follow_weak(PyObject *weak)
{
#if PY_VERSION_HEX >= 0x030d0000
    PyObject *object = NULL;
    (void)PyWeakref_GetRef(weak, &object);
    return object;
#else
    PyObject *object = PyWeakref_GET_OBJECT(weak);
    return object != Py_None ? Py_NewRef(object) : NULL;
#endif
}

#if TARE_HAS_MONITORING
/* Of a whole number that fits in 30 bits and is not negative: Include/cpython/longintrepr.h. */
static inline uint32_t tare_small_number(PyObject *number)
{
    return ((PyLongObject *)number)->long_value.ob_digit[0];
}
#endif

/* The interpreter has begun to end. */
static inline bool tare_is_finalizing(void)
{
#if PY_VERSION_HEX >= 0x030d0000
    return Py_IsFinalizing() != 0;
#else
    return _Py_IsFinalizing() != 0;
#endif
}

/* The major and minor version that this was compiled for, as in 0x030c. */
#define TARE_COMPILED_FOR (PY_VERSION_HEX >> 16)

/* A PyCFunction with keywords, kept in a table of PyMethodDef. */
#define TARE_METHOD(function) ((PyCFunction)(void (*)(void))(function))

#endif
