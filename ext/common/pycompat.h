/* pycompat.h - the only place that asks which CPython this is built for.
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

/* The frame that the thread runs, as a name for it that no other frame has while it exists. */
static inline uintptr_t tare_current_frame(void)
{
#if PY_VERSION_HEX >= 0x030d0000
    return (uintptr_t)PyThreadState_GetUnchecked()->current_frame;
#else
    return (uintptr_t)_PyThreadState_UncheckedGet()->cframe->current_frame;
#endif
}

#if TARE_HAS_MONITORING
/* The byte offset of the instruction at which the thread's frame stands, which runs that code.
 * Include/internal/pycore_frame.h: what follows frame_obj is prev_instr in 3.12, instr_ptr later;
 * while an event of a line is told both are the instruction that it is about. */
static inline uint32_t tare_current_offset(const PyCodeObject *code)
{
    const struct {
        void *before[7];
        char *instruction;
    } *frame = (const void *)tare_current_frame();
    return (uint32_t)(frame->instruction - (const char *)code->co_code_adaptive);
}

/* Of a whole number that fits in 30 bits and is not negative: Include/cpython/longintrepr.h. */
static inline uint32_t tare_small_number(PyObject *number)
{
    return ((PyLongObject *)number)->long_value.ob_digit[0];
}
#endif

/* What the collector tracks is seen in the lists of a structure, which later versions change within
 * a minor one: these tell it. */
#define TARE_HAS_OPEN_INTERPRETER (PY_VERSION_HEX < 0x030e0000)
/* Whether the tables of imports and codecs are structures of their own in it. */
#define TARE_HAS_IMPORT_STATE (PY_VERSION_HEX >= 0x030c0000)
#define TARE_HAS_CODEC_STATE (PY_VERSION_HEX >= 0x030d0000)
/* What static types have besides their structure is kept by the interpreter, of extensions' too. */
#define TARE_HAS_STATIC_TYPE_STATE (PY_VERSION_HEX >= 0x030c0000)
#define TARE_HAS_EXTENSION_TYPE_STATE (PY_VERSION_HEX >= 0x030d0000)
#define TARE_HAS_CODE_IN_GENERATORS (PY_VERSION_HEX < 0x030c0000)
/* An exception being raised is one object, or a type, a value and a traceback. */
#define TARE_HAS_ONE_EXCEPTION (PY_VERSION_HEX >= 0x030c0000)
/* Frames that stand for C code lie between others; their values carry tags; the thread knows its
 * frame itself. Include/internal/pycore_frame.h, later pycore_interpframe_structs.h. */
#define TARE_HAS_C_FRAMES (PY_VERSION_HEX >= 0x030c0000)
#define TARE_HAS_STACK_REFS (PY_VERSION_HEX >= 0x030e0000)
#define TARE_HAS_CURRENT_FRAME (PY_VERSION_HEX >= 0x030d0000)
#define TARE_HAS_EXECUTABLES (PY_VERSION_HEX >= 0x030d0000)

/* Whether the object is never freed, whoever refers to it. Before 3.12, which counts no references
 * to such objects, they had a count that nobody uses up: Include/internal/pycore_object.h. */
static inline int tare_is_immortal(PyObject *object)
{
#if PY_VERSION_HEX >= 0x030c0000
    return _Py_IsImmortal(object);
#else
    return Py_REFCNT(object) >= 999999999 / 2 || object == Py_None || object == Py_True ||
           object == Py_False || object == Py_Ellipsis || object == Py_NotImplemented ||
           (PyType_Check(object) && !(((PyTypeObject *)object)->tp_flags & Py_TPFLAGS_HEAPTYPE));
#endif
}

/* Where an instance of a class keeps its attributes while it has no dictionary of them.
 * Objects/object_layout.md, Include/internal/pycore_object.h. Words before the object count
 * backwards, the two of the collector included.
 *     3.11   word -4: the array of values; word -3: the dictionary
 *     3.12   word -3: either; the array as its address less 1
 *     3.13   word -3: the dictionary; the array in the object, behind its head
 *     3.14   the same; the array behind tp_basicsize */
#define TARE_HAS_INLINE_VALUES (PY_VERSION_HEX >= 0x030d0000)
#define TARE_HAS_TAGGED_VALUES (PY_VERSION_HEX >= 0x030c0000 && PY_VERSION_HEX < 0x030d0000)
#if PY_VERSION_HEX >= 0x030e0000
#define TARE_INLINE_VALUES_AT(type) ((size_t)(type)->tp_basicsize)
#else
#define TARE_INLINE_VALUES_AT(type) ((void)(type), sizeof(PyObject))
#endif

/* The types whose objects have two words more before them. */
#if PY_VERSION_HEX >= 0x030c0000
#define TARE_FLAGS_WITH_WORDS_BEFORE Py_TPFLAGS_PREHEADER
#else
#define TARE_FLAGS_WITH_WORDS_BEFORE Py_TPFLAGS_MANAGED_DICT
#endif

/* A string may have its text a second time, as wchar_t. */
#define TARE_HAS_WIDE_TEXT (PY_VERSION_HEX < 0x030c0000)

/* The bytes of a bytearray are an object. */
#define TARE_HAS_BYTES_IN_BYTEARRAY (PY_VERSION_HEX >= 0x030f0000)

/* How many digits an int has. */
static inline size_t tare_digit_count(PyObject *number)
{
#if PY_VERSION_HEX >= 0x030c0000
    return ((PyLongObject *)number)->long_value.lv_tag >> 3;
#else
    return (size_t)Py_ABS(Py_SIZE(number));
#endif
}

/* Objects that a code object makes when it is asked for them, and the block that they are kept in
 * (NULL: in the code object); each may be NULL. */
#if PY_VERSION_HEX >= 0x030c0000
enum { TARE_CODE_CACHES = 4, TARE_CODE_CACHE_BYTES = sizeof(_PyCoCached) };
#else
enum { TARE_CODE_CACHES = 1, TARE_CODE_CACHE_BYTES = 0 };
#endif

static inline const void *tare_code_cache_block(const PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030c0000
    return code->_co_cached;
#else
    (void)code;
    return NULL;
#endif
}

static inline PyObject *tare_code_cache(const PyCodeObject *code, size_t index)
{
#if PY_VERSION_HEX >= 0x030c0000
    PyObject *const *objects = (PyObject *const *)(const void *)code->_co_cached;
    return objects != NULL ? objects[index] : NULL;
#else
    (void)index;
    return code->_co_code;
#endif
}

/* Borrowed; NULL while the type is being made. */
static inline PyObject *tare_type_dict(PyTypeObject *type)
{
#if PY_VERSION_HEX >= 0x030c0000
    PyObject *dict = PyType_GetDict(type);
    Py_XDECREF(dict); /* the interpreter has it for as long as there is the type */
    return dict;
#else
    return type->tp_dict;
#endif
}

/* "pymalloc", "malloc", one of their debugging kin, or NULL when someone has put himself before
 * them. Declared in a header of CPython's own from 3.13 on. */
PyAPI_FUNC(const char *) _PyMem_GetCurrentAllocatorName(void);

static inline const char *tare_allocator_name(void)
{
    return _PyMem_GetCurrentAllocatorName();
}

/* An interpreter's frame, in a frame object, a generator or on its thread's own stack: so many
 * words before the locals, the code at one of them. Include/internal/pycore_frame.h and, from 3.14 on,
 * pycore_interpframe_structs.h, where references have marks in their low bits. */
#if PY_VERSION_HEX >= 0x030e0000
enum { TARE_FRAME_WORDS = 10 };
#else
enum { TARE_FRAME_WORDS = 9 };
#endif
#if PY_VERSION_HEX >= 0x030c0000
enum { TARE_FRAME_CODE_WORD = 0 };
#else
enum { TARE_FRAME_CODE_WORD = 4 };
#endif

/* Words for locals and evaluation in a frame that runs this code. */
static inline size_t tare_frame_room(const PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030c0000
    return (size_t)(code->co_framesize - TARE_FRAME_WORDS);
#else
    return (size_t)(code->co_nlocalsplus + code->co_stacksize);
#endif
}

/* Of a generator, coroutine or asynchronous generator; NULL when it has none any more. */
static inline PyObject *tare_generator_code(PyObject *generator)
{
#if PY_VERSION_HEX >= 0x030c0000
    Py_ssize_t       end = Py_TYPE(generator)->tp_basicsize / (Py_ssize_t)sizeof(void *);
    const uintptr_t *frame = (const uintptr_t *)(const void *)generator + end - TARE_FRAME_WORDS;
    return (PyObject *)(frame[TARE_FRAME_CODE_WORD] & ~(uintptr_t)7);
#else
    return (PyObject *)((PyGenObject *)generator)->gi_code;
#endif
}

/* A function or class that was written with parameters for types; a function that makes the
 * annotations of another when they are asked for. */
#define TARE_HAS_TYPE_PARAMETERS (PY_VERSION_HEX >= 0x030c0000)
#define TARE_HAS_LATE_ANNOTATIONS (PY_VERSION_HEX >= 0x030e0000)

/* ---- frames of the interpreter ----
 *
 * Include/internal/pycore_frame.h, since 3.14 pycore_interpframe_structs.h: up to what is needed,
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
