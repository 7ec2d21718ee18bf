/* names.h - the key of what is called: which function of the profile it is.
 *
 *     code object   its co_extra slot holds generation and key: no look-up, nothing to keep alive
 *     C callable    a small table by identity, checked against its name or version tag
 *
 * A key belongs to a name (module or file, qualified name, first line), not to an object: code
 * that is made again and again is one function, and an address that is used again after its
 * object died gets the key of the new one. Nothing of the program is kept alive. */
#ifndef TARE_EXT_NAMES_H
#define TARE_EXT_NAMES_H

#include "trace/engine.h"

TARE_MUST_USE tare_status tare_names_init(tare_error *err);
void                      tare_names_deinit(void);

/* Slow paths. */
uint32_t tare_names_add_code(PyCodeObject *code);
/* The function of the profile that a code object is, without a key. */
uint32_t tare_names_function(PyCodeObject *code);
uint32_t tare_names_add_callable(PyObject *callable, uint64_t identity, uint64_t proof,
                                 uint32_t slot);

/* The key of what is not to be counted. */
enum { TARE_NAMES_SILENT = TARE_CALLS_MAX_KEY - 4 };

static inline uint32_t tare_names_code(PyCodeObject *code)
{
    uint64_t extra = (uintptr_t)tare_code_extra(code, tare_trace.extra_index);
    return __builtin_expect(extra >> 32 == tare_trace.generation, 1) ? (uint32_t)extra
                                                                     : tare_names_add_code(code);
}

/* ---- C callables ---- */

enum { TARE_NAMES_SLOTS = 1 << 12 };

typedef struct tare_name_slot {
    uint64_t identity; /* of what is called; 0 = free */
    uint64_t proof;    /* that the identity still stands for the same name */
    uint32_t key;
} tare_name_slot;

extern tare_name_slot tare_name_slots[TARE_NAMES_SLOTS];
extern PyTypeObject  *tare_method_wrapper_type; /* _PyMethodWrapper_Type, hidden since 3.13 */

/* Objects/descrobject.c, wrapperobject: what obj.__init__ is for a slot of a C type. */
typedef struct tare_method_wrapper {
    PyObject              ob_base;
    PyWrapperDescrObject *descr;
    PyObject             *self;
} tare_method_wrapper;

/* Does its start and end as a Python function, by itself? Methods are unpacked by the interpreter
 * before it decides. */
static inline bool tare_names_is_python(PyObject **callable)
{
    if (Py_TYPE(*callable) == &PyMethod_Type)
        *callable = PyMethod_GET_FUNCTION(*callable);
    return Py_TYPE(*callable) == &PyFunction_Type;
}

/* Types made in C stay; a class has a tag that no other class has had (0 = none, for now). */
static inline uint64_t tare_names_prove_type(const PyTypeObject *type)
{
    return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0 ? type->tp_version_tag : 1;
}

/* A type that dies leaves its address, its names' addresses, everything but its version tag, to
 * the next one; a C function's definition is as good as its name. */
static inline void tare_names_identify(PyObject *callable, uint64_t *identity_out,
                                       uint64_t *proof_out)
{
    PyTypeObject *type = Py_TYPE(callable);
    if (type == &PyMethodDescr_Type) {
        const PyMethodDef *method = ((PyMethodDescrObject *)callable)->d_method;
        *identity_out = (uintptr_t)method;
        *proof_out = (uintptr_t)method->ml_name;
    } else if (PyCFunction_Check(callable)) {
        const PyMethodDef *method = ((PyCFunctionObject *)callable)->m_ml;
        *identity_out = (uintptr_t)method;
        *proof_out = (uintptr_t)method->ml_name;
    } else if (PyType_Check(callable)) {
        *identity_out = (uintptr_t)callable;
        *proof_out = tare_names_prove_type((PyTypeObject *)callable);
    } else if (type == tare_method_wrapper_type) {
        const PyWrapperDescrObject *descr = ((tare_method_wrapper *)callable)->descr;
        *identity_out = (uintptr_t)descr;
        *proof_out = (uintptr_t)descr->d_base;
    } else if (type == &PyWrapperDescr_Type) {
        *identity_out = (uintptr_t)callable;
        *proof_out = (uintptr_t)((PyWrapperDescrObject *)callable)->d_base;
    } else { /* an object that can be called: by its type, which is not the type being called */
        *identity_out = (uintptr_t)type | 1;
        *proof_out = tare_names_prove_type(type);
    }
}

/* callable as left by tare_names_is_python. */
static inline uint32_t tare_names_callable(PyObject *callable)
{
    uint64_t identity, proof;
    tare_names_identify(callable, &identity, &proof);
    uint32_t              slot = (uint32_t)(identity * UINT64_C(0x9E3779B97F4A7C15) >> 52);
    const tare_name_slot *entry = &tare_name_slots[slot];
    if (__builtin_expect(entry->identity == identity && entry->proof == proof && proof != 0, 1))
        return entry->key;
    return tare_names_add_callable(callable, identity, proof, slot);
}

#endif
