/* links.c - see links.h.
 *
 *     containers   items of lists and tuples, keys and values, sets, deques
 *     values       attributes of an instance that has no dictionary yet, or shares its values
 *     dictionary
 *     members      of each base: what __slots__ made, and what C types offer as attributes
 *     parts        of the types that compute their attributes: a table, one row for each type
 *     frames       variables of frames and generators, by the names in their code
 *     class
 *
 * Cost: O(references) for all, and for one. */
#include "heap/links.h"

#include "common/pyobjects.h"

#include "heap/interior.h"
#include "heap/layouts.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

typedef struct teller {
    tare_link_visitor visitor;
    void             *context;
} teller;

/* In a function that tells: goes on unless the visitor wants no more. */
#define TELL(teller_, target_, ...)                                                            \
    do {                                                                                       \
        const tare_link link_ = {.target = (PyObject *)(target_), __VA_ARGS__};                \
        int stop_ = link_.target == NULL ? 0 : (teller_)->visitor(&link_, (teller_)->context); \
        if (stop_ != 0)                                                                        \
            return stop_;                                                                      \
    } while (0)

/* ---- containers ---- */

static int tell_items(PyObject *const *items, Py_ssize_t count, const teller *t)
{
    for (Py_ssize_t i = 0; i < count; i++)
        TELL(t, items[i], .kind = TARE_LINK_INDEX, .index = i);
    return 0;
}

static int tell_dict(PyObject *dict, const teller *t)
{
    PyObject  *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dict, &at, &key, &value)) {
        TELL(t, key, .kind = TARE_LINK_KEY, .key = key);
        TELL(t, value, .kind = TARE_LINK_VALUE, .key = key);
    }
    return 0;
}

/* A place that was emptied has a dummy with the hash -1, which no object has. */
static int tell_set(PyObject *set, const teller *t)
{
    const PySetObject *s = (const PySetObject *)set;
    for (Py_ssize_t i = 0; i <= s->mask; i++)
        if (s->table[i].hash != -1)
            TELL(t, s->table[i].key, .kind = TARE_LINK_ITEM);
    return 0;
}

typedef struct counted {
    const teller *teller;
    PyTypeObject *type;
    Py_ssize_t    index;
} counted;

static int tell_next(PyObject *item, void *context)
{
    counted *c = context;
    if (item == (PyObject *)c->type)
        return 0;
    TELL(c->teller, item, .kind = TARE_LINK_INDEX, .index = c->index++);
    return 0;
}

/* Not one that a class statement made. */
static bool is_of_library(const PyTypeObject *type)
{
    return !(type->tp_flags & Py_TPFLAGS_HEAPTYPE) || type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE;
}

static PyTypeObject *find_base(PyTypeObject *type, const char *name)
{
    for (; type != NULL; type = type->tp_base)
        if (is_of_library(type) && strcmp(type->tp_name, name) == 0)
            return type;
    return NULL;
}

/* Modules/_collectionsmodule.c, deque_traverse: the items from left to right, and nothing else. */
static int tell_deque(PyObject *object, const teller *t)
{
    PyTypeObject *type = find_base(Py_TYPE(object), "collections.deque");
    counted       c = {.teller = t, .type = type};
    return type != NULL && type->tp_traverse != NULL ? type->tp_traverse(object, tell_next, &c) : 0;
}

static int tell_contents(PyObject *object, const teller *t)
{
    if (PyList_Check(object))
        return tell_items(((PyListObject *)object)->ob_item, Py_SIZE(object), t);
    if (PyTuple_Check(object))
        return tell_items(((PyTupleObject *)object)->ob_item, Py_SIZE(object), t);
    if (PyDict_Check(object))
        return tell_dict(object, t);
    if (PyAnySet_Check(object))
        return tell_set(object, t);
    return PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_SEQUENCE) ? tell_deque(object, t) : 0;
}

/* ---- attributes ---- */

static PyObject *const *find_values(PyObject *object)
{
    if (!(Py_TYPE(object)->tp_flags & Py_TPFLAGS_MANAGED_DICT))
        return NULL;
#if TARE_HAS_INLINE_VALUES
    if (!(Py_TYPE(object)->tp_flags & Py_TPFLAGS_INLINE_VALUES))
        return NULL;
    const tare_values *values = (const void *)((const char *)object +
                                               TARE_INLINE_VALUES_AT(Py_TYPE(object)));
    return values->valid ? values->values : NULL;
#elif TARE_HAS_TAGGED_VALUES
    const uintptr_t *words = (const uintptr_t *)(const void *)object;
    return words[-3] & 1 ? (PyObject *const *)(words[-3] + 1) : NULL;
#else
    const uintptr_t *words = (const uintptr_t *)(const void *)object;
    return (PyObject *const *)words[-4];
#endif
}

static int tell_values(PyObject *object, const teller *t)
{
    PyObject *const *values = find_values(object);
    if (values == NULL)
        return 0;
    const tare_dict_keys *keys = (const void *)((PyHeapTypeObject *)Py_TYPE(object))
                                     ->ht_cached_keys;
    const tare_dict_text_entry *entries = tare_dict_entries(keys);
    for (Py_ssize_t i = 0; i < keys->entry_count; i++)
        TELL(t, values[i], .kind = TARE_LINK_ATTRIBUTE, .key = entries[i].key);
    return 0;
}

/* Objects/object.c, _PyObject_ComputedDictPointer; a negative offset counts from the end. */
static PyObject *dict_at_offset(PyObject *object, Py_ssize_t offset)
{
    const PyTypeObject *type = Py_TYPE(object);
    if (offset < 0) {
        size_t items = (size_t)Py_ABS(Py_SIZE(object));
        size_t bytes = (size_t)type->tp_basicsize + items * (size_t)type->tp_itemsize;
        offset += (Py_ssize_t)((bytes + sizeof(void *) - 1) & ~(sizeof(void *) - 1));
    }
    return offset > 0 ? *(PyObject **)(void *)((char *)object + offset) : NULL;
}

PyObject *tare_links_dict(PyObject *object)
{
    const PyTypeObject *type = Py_TYPE(object);
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        uintptr_t word = ((const uintptr_t *)(const void *)object)[-3];
#if TARE_HAS_TAGGED_VALUES
        return word & 1 ? NULL : (PyObject *)word;
#else
        return (PyObject *)word;
#endif
    }
    if (PyType_Check(object))
        return tare_type_dict((PyTypeObject *)object);
    return type->tp_dictoffset != 0 ? dict_at_offset(object, type->tp_dictoffset) : NULL;
}

static int tell_members_of(PyTypeObject *type, PyObject *object, const teller *t)
{
    for (const PyMemberDef *member = type->tp_members; member != NULL && member->name != NULL;
         member++) {
        if (member->type != T_OBJECT && member->type != T_OBJECT_EX)
            continue;
        TELL(t, *(PyObject **)(void *)((char *)object + member->offset), .kind = TARE_LINK_MEMBER,
             .text = member->name);
    }
    return 0;
}

static int tell_members(PyObject *object, const teller *t)
{
    PyObject *bases = Py_TYPE(object)->tp_mro;
    for (Py_ssize_t i = 0; bases != NULL && i < PyTuple_GET_SIZE(bases); i++) {
        int stop = tell_members_of((PyTypeObject *)PyTuple_GET_ITEM(bases, i), object, t);
        if (stop != 0)
            return stop;
    }
    return 0;
}

/* ---- parts that are attributes by a function ---- */

typedef struct part {
    const char *text;
    size_t      offset;
    bool        hidden; /* no attribute */
} part;

typedef struct parts {
    PyTypeObject *type;
    const part   *rows; /* the last has no text */
} parts;

#define PART(type, field, name) {.text = (name), .offset = offsetof(type, field)}
#define HIDDEN(type, field, name) {.text = (name), .offset = offsetof(type, field), .hidden = true}

static const part function_parts[] = {
    PART(PyFunctionObject, func_code, "__code__"),
    PART(PyFunctionObject, func_defaults, "__defaults__"),
    PART(PyFunctionObject, func_kwdefaults, "__kwdefaults__"),
    PART(PyFunctionObject, func_annotations, "__annotations__"),
    PART(PyFunctionObject, func_name, "__name__"),
    PART(PyFunctionObject, func_qualname, "__qualname__"),
    {0},
};

static const part cell_parts[] = {PART(PyCellObject, ob_ref, "cell_contents"), {0}};

static const part traceback_parts[] = {PART(PyTracebackObject, tb_next, "tb_next"), {0}};

static const part exception_parts[] = {
    PART(PyBaseExceptionObject, args, "args"),
    PART(PyBaseExceptionObject, notes, "__notes__"),
    PART(PyBaseExceptionObject, traceback, "__traceback__"),
    PART(PyBaseExceptionObject, context, "__context__"),
    PART(PyBaseExceptionObject, cause, "__cause__"),
    {0},
};

static const part builtin_parts[] = {
    PART(PyCFunctionObject, m_self, "__self__"),
    PART(PyCFunctionObject, m_module, "__module__"),
    {0},
};

static const part type_parts[] = {
    PART(PyTypeObject, tp_mro, "__mro__"),
    PART(PyTypeObject, tp_bases, "__bases__"),
    PART(PyTypeObject, tp_base, "__base__"),
    HIDDEN(PyTypeObject, tp_cache, "cache"),
    HIDDEN(PyTypeObject, tp_subclasses, "weak references to its subclasses"),
    {0},
};

static const part class_parts[] = {
    PART(PyHeapTypeObject, ht_name, "__name__"),
    PART(PyHeapTypeObject, ht_qualname, "__qualname__"),
    HIDDEN(PyHeapTypeObject, ht_slots, "slots"),
    HIDDEN(PyHeapTypeObject, ht_module, "module"),
    {0},
};

static const part view_parts[] = {
    PART(PyMemoryViewObject, view.obj, "obj"),
    HIDDEN(PyMemoryViewObject, mbuf, "buffer"),
    {0},
};

static int tell_rows(const part *rows, PyObject *object, const teller *t)
{
    for (const part *row = rows; row->text != NULL; row++)
        TELL(t, *(PyObject **)(void *)((char *)object + row->offset),
             .kind = row->hidden ? TARE_LINK_PART : TARE_LINK_MEMBER, .text = row->text);
    return 0;
}

/* Of these types no class can be derived. */
static const part *find_rows(const PyTypeObject *type)
{
    const parts table[] = {
        {&PyFunction_Type, function_parts},   {&PyCell_Type, cell_parts},
        {&PyTraceBack_Type, traceback_parts}, {&PyCFunction_Type, builtin_parts},
        {&PyCMethod_Type, builtin_parts},     {&PyMemoryView_Type, view_parts},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (type == table[i].type)
            return table[i].rows;
    return NULL;
}

static int tell_parts(PyObject *object, const teller *t)
{
    PyTypeObject *type = Py_TYPE(object);
    if (PyType_FastSubclass(type, Py_TPFLAGS_BASE_EXC_SUBCLASS))
        return tell_rows(exception_parts, object, t);
    if (PyType_FastSubclass(type, Py_TPFLAGS_TYPE_SUBCLASS)) {
        int stop = PyType_HasFeature((PyTypeObject *)object, Py_TPFLAGS_HEAPTYPE)
                       ? tell_rows(class_parts, object, t)
                       : 0;
        return stop != 0 ? stop : tell_rows(type_parts, object, t);
    }
    const part *rows = find_rows(type);
    return rows != NULL ? tell_rows(rows, object, t) : 0;
}

/* ---- frames ---- */

enum { CELL_KINDS = 0x40 | 0x80 }; /* Include/internal/pycore_code.h: CO_FAST_CELL, CO_FAST_FREE */

static const char *name_of_variables(PyObject *object)
{
    if (PyFrame_Check(object))
        return "f_locals";
    if (PyCoro_CheckExact(object))
        return "cr_frame.f_locals";
    return PyAsyncGen_CheckExact(object) ? "ag_frame.f_locals" : "gi_frame.f_locals";
}

static int tell_frame(PyObject *object, const teller *t)
{
    tare_running_frame frame;
    PyObject          *name, *qualname;
    tare_interior_generator(object, &name, &qualname);
    TELL(t, name, .kind = TARE_LINK_MEMBER, .text = "__name__");
    TELL(t, qualname, .kind = TARE_LINK_MEMBER, .text = "__qualname__");
    const void *address = tare_interior_frame_in(object);
    if (address == NULL)
        return 0;
    tare_interior_read_frame(address, &frame);
    if (frame.code == NULL)
        return 0;
    const char *text = name_of_variables(object);
    for (int i = 0; i < frame.local_count; i++)
        TELL(t, tare_interior_value(&frame, i), .kind = TARE_LINK_VARIABLE, .text = text,
             .key = PyTuple_GET_ITEM(frame.code->co_localsplusnames, i),
             .index = PyBytes_AS_STRING(frame.code->co_localspluskinds)[i] & CELL_KINDS);
    for (int i = 0; i < frame.stack_count; i++)
        TELL(t, tare_interior_value(&frame, frame.local_count + i), .kind = TARE_LINK_PART,
             .text = "value being computed");
    TELL(t, frame.code, .kind = TARE_LINK_PART, .text = "code");
    TELL(t, frame.function, .kind = TARE_LINK_PART, .text = "function");
    TELL(t, frame.locals, .kind = TARE_LINK_MEMBER, .text = "f_locals");
    TELL(t, frame.frame_object, .kind = TARE_LINK_PART, .text = "frame");
    if (PyFrame_Check(object))
        TELL(t, tare_interior_frame_back(object), .kind = TARE_LINK_MEMBER, .text = "f_back");
    return 0;
}

/* ---- all ---- */

int tare_links_visit(PyObject *source, tare_link_visitor visitor, void *context)
{
    const teller t = {.visitor = visitor, .context = context};
    int (*const tellers[])(PyObject *, const teller *) = {
        tell_contents, tell_values, tell_members, tell_parts, tell_frame,
    };
    TELL(&t, tare_links_dict(source), .kind = TARE_LINK_DICT);
    for (size_t i = 0; i < sizeof tellers / sizeof tellers[0]; i++) {
        int stop = tellers[i](source, &t);
        if (stop != 0)
            return stop;
    }
    TELL(&t, Py_TYPE(source), .kind = TARE_LINK_CLASS);
    return 0;
}

static int compare(const tare_link *link, void *context)
{
    tare_link *search = context;
    if (link->target != search->target)
        return 0;
    *search = *link;
    return 1;
}

tare_link tare_links_find(PyObject *source, PyObject *target)
{
    tare_link search = {.kind = TARE_LINK_OTHER, .target = target};
    tare_links_visit(source, compare, &search);
    return search;
}
