/* kinds_containers.c - rules for list, tuple, dict, set and what the collections module adds.
 *
 * The keys of a dictionary of attributes are its class's: they are told with the class, and with a
 * dictionary only when it is the last to have them. tp_traverse is silent about keys that are all
 * strings, and about values that lie in an object, whose they are (from 3.13 on). */
#include "heap/rules.h"

#include "common/pyobjects.h"

#include <stddef.h>

/* ---- list, tuple ---- */

static void tell_items(const tare_kind *kind, PyObject *list, tare_block_visitor visitor,
                       void *context)
{
    (void)kind;
    const PyListObject *items = (PyListObject *)list;
    /* While it is being sorted the list has other items, and this is -1. */
    if (items->allocated > 0)
        tare_tell_block(visitor, context, items->ob_item,
                        (size_t)items->allocated * TARE_WORD_BYTES);
}

static size_t sum_list(const tare_kind *kind, PyObject *list)
{
    Py_ssize_t room = ((PyListObject *)list)->allocated;
    return kind->own_bytes + (room > 0 ? (size_t)room * TARE_WORD_BYTES : 0);
}

static int visit_list(const tare_kind *kind, PyObject *list, visitproc visitor, void *context)
{
    (void)kind;
    PyObject *const *items = ((PyListObject *)list)->ob_item;
    for (Py_ssize_t i = 0; items != NULL && i < Py_SIZE(list); i++)
        TARE_VISIT(items[i]);
    return 0;
}

static int visit_tuple(const tare_kind *kind, PyObject *tuple, visitproc visitor, void *context)
{
    (void)kind;
    PyObject *const *items = ((PyTupleObject *)tuple)->ob_item;
    for (Py_ssize_t i = 0; i < Py_SIZE(tuple); i++)
        TARE_VISIT(items[i]);
    return 0;
}

/* ---- dict ---- */

static bool has_keys_of_its_own(const tare_dict_keys *keys)
{
    return keys->kind != TARE_KEYS_SPLIT || keys->holder_count == 1;
}

/* Those of an empty dictionary lie in the interpreter's image. */
static bool are_the_empty_keys(const tare_dict_keys *keys)
{
    return keys->log2_size == 0;
}

#if TARE_HAS_INLINE_VALUES
static void tell_dict_values(PyObject *dict, tare_block_visitor visitor, void *context)
{
    const tare_values *values = (const void *)((PyDictObject *)dict)->ma_values;
    if (values != NULL && !values->embedded)
        tare_tell_block(visitor, context, values, tare_values_bytes(values));
}
#else
static void tell_dict_values(PyObject *dict, tare_block_visitor visitor, void *context)
{
    tare_tell_values_of_keys(tare_keys_of(dict), ((PyDictObject *)dict)->ma_values, visitor,
                             context);
}
#endif

static void tell_dict(const tare_kind *kind, PyObject *dict, tare_block_visitor visitor,
                      void *context)
{
    (void)kind;
    const tare_dict_keys *keys = tare_keys_of(dict);
    if (keys != NULL && has_keys_of_its_own(keys) && !are_the_empty_keys(keys))
        tare_tell_block(visitor, context, keys, tare_keys_bytes(keys));
    if (keys != NULL)
        tell_dict_values(dict, visitor, context);
}

static size_t sum_dict(const tare_kind *kind, PyObject *dict)
{
    const tare_dict_keys *keys = tare_keys_of(dict);
    if (keys == NULL || ((PyDictObject *)dict)->ma_values != NULL)
        return TARE_KIND_UNKNOWN;
    return kind->own_bytes + (are_the_empty_keys(keys) ? 0 : tare_keys_bytes(keys));
}

static int visit_keys(const tare_dict_keys *keys, bool with_values, visitproc visitor,
                      void *context)
{
    const tare_dict_text_entry *texts = tare_dict_entries(keys);
    const tare_dict_entry      *entries = tare_dict_entries(keys);
    if (keys->kind != TARE_KEYS_GENERAL) {
        for (Py_ssize_t i = 0; i < keys->entry_count; i++) {
            TARE_VISIT(texts[i].key);
            if (with_values)
                TARE_VISIT(texts[i].value);
        }
        return 0;
    }
    for (Py_ssize_t i = 0; with_values && i < keys->entry_count; i++) {
        TARE_VISIT(entries[i].key);
        TARE_VISIT(entries[i].value);
    }
    return 0;
}

int tare_visit_keys(const tare_dict_keys *keys, visitproc visitor, void *context)
{
    return visit_keys(keys, false, visitor, context);
}

static int visit_dict_values(PyObject *dict, const tare_dict_keys *keys, visitproc visitor,
                             void *context)
{
#if TARE_HAS_INLINE_VALUES
    const tare_values *array = (const void *)((PyDictObject *)dict)->ma_values;
    PyObject *const   *values = array->values;
    const Py_ssize_t   count = Py_MIN(keys->entry_count, array->capacity);
#else
    PyObject *const *values = (PyObject *const *)(const void *)((PyDictObject *)dict)->ma_values;
    const Py_ssize_t count = keys->entry_count;
#endif
    for (Py_ssize_t i = 0; i < count; i++)
        TARE_VISIT(values[i]);
    return 0;
}

static bool shows_values_of_an_object(PyObject *dict)
{
#if TARE_HAS_INLINE_VALUES
    return ((const tare_values *)(const void *)((PyDictObject *)dict)->ma_values)->embedded;
#else
    (void)dict;
    return false;
#endif
}

static int visit_dict_and(PyObject *dict, bool values_of_an_object, visitproc visitor,
                          void *context)
{
    const tare_dict_keys *keys = tare_keys_of(dict);
    int                   stop = 0;
    if (keys == NULL)
        return 0;
    if (((PyDictObject *)dict)->ma_values == NULL)
        return visit_keys(keys, true, visitor, context);
    if (values_of_an_object || !shows_values_of_an_object(dict))
        stop = visit_dict_values(dict, keys, visitor, context);
    if (stop == 0 && has_keys_of_its_own(keys))
        stop = visit_keys(keys, false, visitor, context);
    return stop;
}

/* The object holds them: a second holder would be the same one by another name. */
static int visit_dict(const tare_kind *kind, PyObject *dict, visitproc visitor, void *context)
{
    (void)kind;
    return visit_dict_and(dict, false, visitor, context);
}

/* Whoever asks how big the dictionary is means what is in it. One of a derived type has values of
 * its own alone. */
static int visit_dict_parts(const tare_kind *kind, PyObject *dict, visitproc visitor, void *context)
{
    if (!kind->is_exact)
        return kind->visit(kind, dict, visitor, context);
    return visit_dict_and(dict, true, visitor, context);
}

static int visit_dict_keys(const tare_kind *kind, PyObject *dict, visitproc visitor, void *context)
{
    (void)kind;
    const tare_dict_keys *keys = tare_keys_of(dict);
    if (keys == NULL || !has_keys_of_its_own(keys))
        return 0;
    return visit_keys(keys, false, visitor, context);
}

/* ---- set ---- */

static void tell_table(const tare_kind *kind, PyObject *set, tare_block_visitor visitor,
                       void *context)
{
    (void)kind;
    const PySetObject *self = (PySetObject *)set;
    if (self->table != self->smalltable)
        tare_tell_block(visitor, context, self->table,
                        ((size_t)self->mask + 1) * sizeof *self->table);
}

static size_t sum_set(const tare_kind *kind, PyObject *set)
{
    const PySetObject *self = (PySetObject *)set;
    bool               has_table = self->table != NULL && self->table != self->smalltable;
    return kind->own_bytes + (has_table ? ((size_t)self->mask + 1) * sizeof *self->table : 0);
}

/* ---- deque: Modules/_collectionsmodule.c, 3.11 to 3.15 ---- */

enum { DEQUE_ITEMS = 64, DEQUE_SPARE_BLOCKS = 16 };

typedef struct deque_block {
    struct deque_block *left;
    PyObject           *items[DEQUE_ITEMS];
    struct deque_block *right;
} deque_block;

typedef struct deque {
    PyVarObject        base;
    const deque_block *left, *right;
    Py_ssize_t         left_index, right_index;
    size_t             state;
    Py_ssize_t         max_length, spare_count;
    const deque_block *spare[DEQUE_SPARE_BLOCKS];
    PyObject          *weak_references;
} deque;

static void tell_deque(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                       void *context)
{
    (void)kind;
    const deque *self = (const deque *)object;
    for (const deque_block *block = self->left; block != NULL;
         block = block != self->right ? block->right : NULL)
        tare_tell_block(visitor, context, block, sizeof *block);
    for (Py_ssize_t i = 0; i < self->spare_count && i < DEQUE_SPARE_BLOCKS; i++)
        tare_tell_block(visitor, context, self->spare[i], sizeof(deque_block));
}

/* ---- OrderedDict: Objects/odictobject.c, 3.11 to 3.15 ---- */

typedef struct ordered_node {
    PyObject            *key;
    Py_hash_t            hash;
    struct ordered_node *next, *previous;
} ordered_node;

typedef struct ordered_dict {
    PyDictObject  base;
    ordered_node *first, *last;
    void         *by_index;
    Py_ssize_t    index_count;
    void         *made_for; /* keys */
    size_t        state;
    PyObject     *attributes, *weak_references;
} ordered_dict;

static void tell_ordered_dict(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                              void *context)
{
    const ordered_dict *self = (const ordered_dict *)object;
    tell_dict(kind, object, visitor, context);
    tare_tell_block(visitor, context, self->by_index, (size_t)self->index_count * TARE_WORD_BYTES);
    for (const ordered_node *node = self->first; node != NULL; node = node->next)
        tare_tell_block(visitor, context, node, sizeof *node);
}

/* ---- array: Modules/arraymodule.c, 3.11 to 3.15 ---- */

typedef struct array {
    PyVarObject base;
    char       *items;
    Py_ssize_t  capacity;
    const struct {
        char code;
        int  bytes;
    }         *item;
    PyObject  *weak_references;
    Py_ssize_t export_count;
} array;

static void tell_array(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                       void *context)
{
    (void)kind;
    const array *self = (const array *)object;
    if (self->items != NULL && self->item != NULL)
        tare_tell_block(visitor, context, self->items,
                        (size_t)self->capacity * (size_t)self->item->bytes);
}

/* ---- range, its iterator over large numbers: no collected types, but all references ---- */

static int visit_words(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    PyObject *const *words = (PyObject *const *)(const void *)(object + 1);
    size_t           count = (size_t)kind->type->tp_basicsize - sizeof *object;
    for (size_t i = 0; i < count / TARE_WORD_BYTES; i++)
        TARE_VISIT(words[i]);
    return 0;
}

// clang-format off
static const tare_kind_rule rules[] = {
    {.type = &PyTuple_Type, .visit = visit_tuple},
    {.type = &PyDict_Type, .visit = visit_dict, .visit_more = visit_dict_keys,
     .visit_parts = visit_dict_parts, .buffers = tell_dict, .sum = sum_dict, .in_heap = true},
    {.type = &PyList_Type, .visit = visit_list, .buffers = tell_items, .sum = sum_list,
     .in_heap = true},
    {.type = &PySet_Type, .buffers = tell_table, .sum = sum_set, .in_heap = true},
    {.type = &PyFrozenSet_Type, .buffers = tell_table},
    {.name = "collections.deque", .basic_bytes = sizeof(deque), .buffers = tell_deque},
    {.type = &PyODict_Type, .basic_bytes = sizeof(ordered_dict), .visit_more = visit_dict_keys,
     .buffers = tell_ordered_dict},
    {.name = "array.array", .basic_bytes = sizeof(array), .buffers = tell_array},
    {.type = &PyRange_Type, .visit_more = visit_words},
    {.type = &PyLongRangeIter_Type, .visit_more = visit_words},
};
// clang-format on

const tare_rule_table tare_rules_containers = {rules, sizeof rules / sizeof *rules};
