/* kinds_code.c - rules for what programs consist of: functions, code, frames, types, modules.
 *
 * Here `visit_parts` differs most from `visit`: a function refers to the globals of its module and
 * so to all the program, but how big it is depends on its defaults, its closure and what was
 * stored with it. */
#include "heap/rules.h"

#include "common/pyframes.h"
#include "common/pyobjects.h"

#include <string.h>

/* ---- functions ---- */

static int visit_function_parts(const tare_kind *kind, PyObject *object, visitproc visitor,
                                void *context)
{
    (void)kind;
    const PyFunctionObject *function = (PyFunctionObject *)object;
    TARE_VISIT(function->func_code);
    TARE_VISIT(function->func_defaults);
    TARE_VISIT(function->func_kwdefaults);
    TARE_VISIT(function->func_closure);
    TARE_VISIT(function->func_dict);
    TARE_VISIT(function->func_annotations);
#if TARE_HAS_LATE_ANNOTATIONS
    TARE_VISIT(function->func_annotate);
#endif
#if TARE_HAS_TYPE_PARAMETERS
    TARE_VISIT(function->func_typeparams);
#endif
    return 0;
}

static int visit_builtin_parts(const tare_kind *kind, PyObject *object, visitproc visitor,
                               void *context)
{
    (void)kind;
    TARE_VISIT(((PyCFunctionObject *)object)->m_self);
    return 0;
}

/* ---- frames and what runs in one ---- */

typedef struct part_filter {
    visitproc        visitor;
    void            *context;
    PyObject *const *words; /* of the object, up to its locals */
    size_t           count;
} part_filter;

static bool is_fixed_part(const part_filter *filter, const PyObject *object)
{
    for (size_t i = 0; i < filter->count; i++)
        if (((uintptr_t)filter->words[i] & ~(uintptr_t)7) == (uintptr_t)object)
            return true;
    return false;
}

/* What stands before the locals is there for the interpreter: the function and its names, and the
 * globals, which a module's frame has as locals. But for code, whose size may be asked for. */
static int visit_unless_fixed(PyObject *object, void *context)
{
    const part_filter *filter = context;
    if (!PyCode_Check(object) && is_fixed_part(filter, object))
        return 0;
    return filter->visitor(object, filter->context);
}

static int visit_frame_parts(const tare_kind *kind, PyObject *object, visitproc visitor,
                             void *context)
{
    part_filter filter = {
        .visitor = visitor,
        .context = context,
        .words = (PyObject *const *)(const void *)object,
        .count = (size_t)kind->type->tp_basicsize / TARE_WORD_BYTES,
    };
    return kind->type->tp_traverse(object, visit_unless_fixed, &filter);
}

/* Neither has an ob_size: how many words its locals take, its code knows. */
static size_t measure_with_room(const tare_kind *kind, const PyObject *code)
{
    size_t words = code != NULL && PyCode_Check(code) ? tare_frame_room((const void *)code) : 0;
    return kind->own_bytes + words * TARE_WORD_BYTES;
}

static size_t measure_frame(const tare_kind *kind, PyObject *object)
{
    const tare_pyframe *frame = tare_frame_of(object);
    return measure_with_room(kind, frame != NULL ? (PyObject *)tare_pyframe_code(frame) : NULL);
}

static size_t measure_generator(const tare_kind *kind, PyObject *object)
{
    return measure_with_room(kind, tare_generator_code(object));
}

/* ---- code: not a collected type ---- */

static int visit_code(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    (void)kind;
    const PyCodeObject *code = (PyCodeObject *)object;
    TARE_VISIT(code->co_consts);
    TARE_VISIT(code->co_names);
    TARE_VISIT(code->co_exceptiontable);
    TARE_VISIT(code->co_localsplusnames);
    TARE_VISIT(code->co_localspluskinds);
    TARE_VISIT(code->co_filename);
    TARE_VISIT(code->co_name);
    TARE_VISIT(code->co_qualname);
    TARE_VISIT(code->co_linetable);
    for (size_t i = 0; i < TARE_CODE_CACHES; i++)
        TARE_VISIT(tare_code_cache(code, i));
    return 0;
}

static void tell_code(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                      void *context)
{
    (void)kind;
    const PyCodeObject *code = (PyCodeObject *)object;
    const Py_ssize_t   *extra_count = code->co_extra; /* and a slot for each; see tare_code_extra */
    if (extra_count != NULL)
        tare_tell_block(visitor, context, extra_count,
                        sizeof *extra_count + (size_t)*extra_count * TARE_WORD_BYTES);
    tare_tell_block(visitor, context, tare_code_cache_block(code), TARE_CODE_CACHE_BYTES);
}

/* ---- modules and types ---- */

/* Include/internal/pycore_moduleobject.h */
static void tell_module(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                        void *context)
{
    (void)kind;
    const PyModuleDef *definition = PyModule_GetDef(object);
    if (definition != NULL && definition->m_size > 0)
        tare_tell_block(visitor, context, PyModule_GetState(object), (size_t)definition->m_size);
}

static bool is_heap_type(const PyObject *type)
{
    return ((const PyTypeObject *)type)->tp_flags & Py_TPFLAGS_HEAPTYPE;
}

static int visit_type(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    const PyTypeObject     *type = (PyTypeObject *)object;
    const PyHeapTypeObject *heap = (PyHeapTypeObject *)object;
    (void)kind;
    TARE_VISIT(tare_type_dict((PyTypeObject *)object));
    TARE_VISIT(type->tp_mro);
    TARE_VISIT(type->tp_bases);
    TARE_VISIT(type->tp_base);
    TARE_VISIT(type->tp_cache);
    if (!is_heap_type(object))
        return 0;
    TARE_VISIT(type->tp_subclasses);
    TARE_VISIT(heap->ht_name);
    TARE_VISIT(heap->ht_slots);
    TARE_VISIT(heap->ht_qualname);
    TARE_VISIT(heap->ht_module);
    if (heap->ht_cached_keys != NULL)
        return tare_visit_keys((const void *)heap->ht_cached_keys, visitor, context);
    return 0;
}

/* A class that derives from type has attributes of its own beside. */
static int visit_type_and_more(const tare_kind *kind, PyObject *object, visitproc visitor,
                               void *context)
{
    int stop = visit_type(kind, object, visitor, context);
    if (stop == 0 && !kind->is_exact && is_heap_type(object))
        stop = kind->type->tp_traverse(object, visitor, context);
    return stop;
}

static void tell_type(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                      void *context)
{
    const PyTypeObject     *type = (PyTypeObject *)object;
    const PyHeapTypeObject *heap = (PyHeapTypeObject *)object;
    const tare_dict_keys   *keys = is_heap_type(object) ? (const void *)heap->ht_cached_keys : NULL;
    if (keys != NULL)
        tare_tell_block(visitor, context, keys, tare_keys_bytes(keys));
    if (!is_heap_type(object))
        return;
    if (type->tp_doc != NULL && !tare_images_has(kind->images, (uintptr_t)type->tp_doc))
        tare_tell_block(visitor, context, type->tp_doc, strlen(type->tp_doc) + 1);
    if (heap->_ht_tpname != NULL)
        tare_tell_block(visitor, context, heap->_ht_tpname, strlen(heap->_ht_tpname) + 1);
}

// clang-format off
static const tare_kind_rule rules[] = {
    {.type = &PyFunction_Type, .visit_parts = visit_function_parts, .in_heap = true},
    {.type = &PyCFunction_Type, .visit_parts = visit_builtin_parts, .in_heap = true},
    {.type = &PyFrame_Type, .own = measure_frame, .visit_parts = visit_frame_parts,
     .in_heap = true},
    {.type = &PyGen_Type, .own = measure_generator, .visit_parts = visit_frame_parts,
     .in_heap = true},
    {.type = &PyCoro_Type, .own = measure_generator, .visit_parts = visit_frame_parts,
     .in_heap = true},
    {.type = &PyAsyncGen_Type, .own = measure_generator, .visit_parts = visit_frame_parts,
     .in_heap = true},
    {.type = &PyCode_Type, .visit = visit_code, .buffers = tell_code},
    {.type = &PyModule_Type, .buffers = tell_module, .in_heap = true},
    {.type = &PyType_Type, .visit = visit_type, .visit_more = visit_type_and_more,
     .buffers = tell_type, .items_added = true},
};
// clang-format on

const tare_rule_table tare_rules_code = {rules, sizeof rules / sizeof *rules};
