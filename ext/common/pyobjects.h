/* pyobjects.h - what lies where in objects, and which tables an interpreter has: by version. */
#ifndef TARE_EXT_PYOBJECTS_H
#define TARE_EXT_PYOBJECTS_H

#include "common/pycompat.h"

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

/* A function or class that was written with parameters for types; a function that makes the
 * annotations of another when they are asked for. */
#define TARE_HAS_TYPE_PARAMETERS (PY_VERSION_HEX >= 0x030c0000)
#define TARE_HAS_LATE_ANNOTATIONS (PY_VERSION_HEX >= 0x030e0000)

#endif
