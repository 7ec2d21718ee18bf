/* kinds.c - see kinds.h.
 *
 *     own block:   head | object | items | values         one allocation
 *                       ^ address of the object
 *     head         two words for the collector, two for __dict__ and weak references, or neither
 *     values       of the attributes, from 3.13 on
 *
 * An object is put together from what its type says (tp_basicsize, tp_itemsize, flags), what a
 * class of Python's adds (values of attributes) and what the rule of the type or its nearest base
 * knows (buffers, references that tp_traverse does not tell). */
#include "heap/rules.h"

#include "common/pyobjects.h"

#include "os/own.h"

#include <string.h>

void tare_kinds_deinit(tare_kinds *kinds)
{
    for (uint32_t i = 0; i < kinds->count; i++)
        tare_release(kinds->alloc, kinds->kinds[i], 1, sizeof(tare_kind));
    if (kinds->alloc != NULL) {
        tare_release(kinds->alloc, kinds->kinds, kinds->capacity, sizeof(void *));
        tare_map_deinit(&kinds->by_type, kinds->alloc);
    }
    tare_images_deinit(&kinds->images);
    *kinds = (tare_kinds){.alloc = kinds->alloc};
}

/* ---- references ---- */

/* A static type has the flag and no head, for example: tp_is_gc knows. */
static inline bool is_collected(const PyTypeObject *type, PyObject *object)
{
    return type->tp_is_gc == NULL || type->tp_is_gc(object);
}

static int visit_any(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    if (!is_collected(kind->type, object))
        return 0;
    return kind->type->tp_traverse(object, visitor, context);
}

#if TARE_HAS_INLINE_VALUES
/* As long as the values are the object's, tp_traverse does not tell the dictionary that shows
 * them. */
static int visit_instance(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    const tare_values *values = (void *)((char *)object + TARE_INLINE_VALUES_AT(kind->type));
    int                stop = visit_any(kind, object, visitor, context);
    if (stop == 0 && values->valid)
        TARE_VISIT(((PyObject **)(void *)object)[-3]);
    return stop;
}
#endif

static int visit_by_flags(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
#if TARE_HAS_INLINE_VALUES
    if (kind->type->tp_flags & Py_TPFLAGS_INLINE_VALUES)
        return visit_instance(kind, object, visitor, context);
#endif
    return visit_any(kind, object, visitor, context);
}

static int visit_any_and_more(const tare_kind *kind, PyObject *object, visitproc visitor,
                              void *context)
{
    int stop = kind->type->tp_flags & Py_TPFLAGS_HAVE_GC && kind->type->tp_traverse != NULL
                   ? visit_by_flags(kind, object, visitor, context)
                   : 0;
    return stop != 0 ? stop : kind->rule->visit_more(kind, object, visitor, context);
}

/* ---- blocks ---- */

/* A type that is none of Python's making has no head, and may yet lie in the heap. */
static size_t head_before(const tare_kind *kind, PyObject *object)
{
    return is_collected(kind->type, object) ? kind->head_bytes : 0;
}

static size_t measure_any(const tare_kind *kind, PyObject *object)
{
    size_t bytes = kind->own_bytes - kind->head_bytes + head_before(kind, object);
    if (kind->item_bytes != 0) {
        size_t items = kind->more_items + (kind->rule != NULL && kind->rule->items != NULL
                                               ? kind->rule->items(object)
                                               : (size_t)Py_ABS(Py_SIZE(object)));
        bytes = tare_round_up(bytes + items * kind->item_bytes, TARE_WORD_BYTES);
    }
#if TARE_HAS_INLINE_VALUES
    if (kind->type->tp_flags & Py_TPFLAGS_INLINE_VALUES)
        bytes += tare_values_bytes((void *)((char *)object + TARE_INLINE_VALUES_AT(kind->type)));
#endif
    return bytes;
}

static inline size_t measure_own(const tare_kind *kind, PyObject *object)
{
    return kind->is_exact && kind->rule->own != NULL ? kind->rule->own(kind, object)
                                                     : measure_any(kind, object);
}

static void tell_own(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                     void *context)
{
    uintptr_t       address = (uintptr_t)object - head_before(kind, object);
    tare_heap_block block = {.address = address, .domain = TARE_HEAP_STATIC};
    if (!kind->may_be_static || !tare_images_has(kind->images, (uintptr_t)object)) {
        block.bytes = measure_own(kind, object);
        block.domain = kind->domain;
    }
    visitor(context, &block);
}

static void measure(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                    void *context)
{
    tell_own(kind, object, visitor, context);
    tare_tell_values(kind, object, visitor, context);
    if (kind->rule != NULL && kind->rule->buffers != NULL)
        kind->rule->buffers(kind, object, visitor, context);
    if (kind->tells != NULL)
        tare_tell_native(kind, object, visitor, context);
}

/* A static object has no buffers but static ones, or some that were made for it later. */
static size_t sum_unless_static(const tare_kind *kind, PyObject *object)
{
    if (kind->may_be_static && tare_images_has(kind->images, (uintptr_t)object))
        return kind->rule != NULL && kind->rule->buffers != NULL ? TARE_KIND_UNKNOWN : 0;
    return kind->is_exact && kind->rule->sum != NULL ? kind->rule->sum(kind, object)
                                                     : measure_own(kind, object);
}

/* ---- finding ---- */

static uint32_t head_of(const PyTypeObject *type)
{
    uint32_t words = (type->tp_flags & Py_TPFLAGS_HAVE_GC ? 2u : 0u) +
                     (type->tp_flags & TARE_FLAGS_WITH_WORDS_BEFORE ? 2u : 0u);
    return words * TARE_WORD_BYTES;
}

/* Whose types are known: those of the interpreter and its standard library. */
enum { OF_OTHERS, OF_PYTHON };

typedef struct image_walk {
    tare_images *images;
    const char  *interpreter; /* path of the image that the interpreter is in; NULL = not met yet */
} image_walk;

static bool find_interpreter(void *context, uintptr_t start, uintptr_t end, const char *path)
{
    image_walk *walk = context;
    uintptr_t   known = (uintptr_t)&PyType_Type;
    if (start <= known && known < end)
        walk->interpreter = path;
    return walk->interpreter == NULL;
}

static bool add_image_part(void *context, uintptr_t start, uintptr_t end, const char *path)
{
    image_walk *walk = context;
    bool        is_python = path == walk->interpreter || strstr(path, "/lib-dynload/") != NULL;
    return tare_images_add(walk->images, start, end, is_python ? OF_PYTHON : OF_OTHERS, NULL) ==
           TARE_OK;
}

static tare_status look_at_images(tare_kinds *kinds, tare_error *err)
{
    image_walk walk = {.images = &kinds->images};
    kinds->images.alloc = kinds->alloc;
    (void)tare_own_each_image_part(find_interpreter, &walk);
    if (!tare_own_each_image_part(add_image_part, &walk))
        return tare_fail(err, TARE_NO_MEMORY, "list the libraries of this process: %s",
                         tare_status_text(TARE_NO_MEMORY));
    tare_images_settle(&kinds->images);
    kinds->has_images = true;
    return TARE_OK;
}

static bool is_of_others(const tare_images *images, uintptr_t address)
{
    const tare_image_part *part = tare_images_find(images, address);
    return part != NULL && part->label == OF_OTHERS;
}

/* Of an extension's type that no rule knows: whether its objects can refer to what nobody is told
 * of. One that is no collected type may, and one that is and does not traverse. */
static bool is_opaque(const tare_kind *kind)
{
    const PyTypeObject *type = kind->type;
    while (tare_type_is_made_in_python(type))
        type = type->tp_base;
    bool tells = type->tp_flags & Py_TPFLAGS_HAVE_GC
                     ? type->tp_traverse != NULL
                     : (size_t)type->tp_basicsize <= sizeof(PyObject);
    return !tells && kind->rule == NULL &&
           (is_of_others(kind->images, (uintptr_t)type) ||
            is_of_others(kind->images, (uintptr_t)type->tp_dealloc) ||
            is_of_others(kind->images, (uintptr_t)type->tp_new));
}

static tare_kind_border find_border(PyTypeObject *type)
{
    if (PyType_FastSubclass(type, Py_TPFLAGS_TYPE_SUBCLASS) ||
        PyType_IsSubtype(type, &PyModule_Type))
        return TARE_BORDER_PROGRAM;
    if (type == &PyCode_Type)
        return TARE_BORDER_CODE;
    return type == &PyFrame_Type ? TARE_BORDER_FRAME : TARE_BORDER_NONE;
}

static void choose_visits(tare_kind *kind)
{
    const tare_kind_rule *rule = kind->rule;
    if (rule != NULL && rule->visit != NULL && kind->is_exact)
        kind->visit = rule->visit;
    else if (rule != NULL && rule->visit_more != NULL)
        kind->visit = visit_any_and_more;
    else if (kind->type->tp_flags & Py_TPFLAGS_HAVE_GC && kind->type->tp_traverse != NULL)
        kind->visit = visit_by_flags;
    kind->visit_parts = rule != NULL && rule->visit_parts != NULL ? rule->visit_parts : kind->visit;
}

static bool has_sum(const tare_kind *kind)
{
    if (kind->is_exact && kind->rule->sum != NULL)
        return true;
    bool has_values_apart = !TARE_HAS_INLINE_VALUES &&
                            kind->type->tp_flags & Py_TPFLAGS_MANAGED_DICT;
    return !has_values_apart && kind->tells == NULL &&
           (kind->rule == NULL || kind->rule->buffers == NULL);
}

static bool is_hidden(const tare_kinds *kinds, PyTypeObject *type)
{
    for (size_t i = 0; i < kinds->hidden_count; i++)
        if (PyType_IsSubtype(type, kinds->hidden[i]))
            return true;
    return false;
}

static void fill(tare_kind *kind, PyTypeObject *type, tare_kinds *kinds)
{
    bool made_in_python = tare_type_is_made_in_python(type);
    kind->type = type;
    kind->images = &kinds->images;
    kind->hidden = is_hidden(kinds, type);
    kind->rule = tare_rules_find(type, &kind->is_exact);
    kind->head_bytes = head_of(type);
    kind->own_bytes = kind->head_bytes + (uint32_t)type->tp_basicsize;
    kind->item_bytes = (uint32_t)type->tp_itemsize;
    kind->more_items = made_in_python || (kind->rule != NULL && kind->rule->items_added);
    kind->may_be_static = !made_in_python && !(kind->rule != NULL && kind->rule->in_heap);
    if (kind->rule != NULL ? kind->rule->ask : !made_in_python)
        kind->tells = tare_native_size_function(type);
    kind->opaque = is_opaque(kind);
    kind->border = find_border(type);
    kind->domain = type->tp_free == PyObject_Free || type->tp_free == PyObject_GC_Del
                       ? TARE_HEAP_PYTHON
                       : TARE_HEAP_FOREIGN;
    kind->measure = measure;
    kind->sum = has_sum(kind) ? sum_unless_static : NULL;
    kind->one_block = kind->sum != NULL &&
                      (kind->rule == NULL || kind->rule->buffers == NULL || kind->rule->sum_of_own);
    choose_visits(kind);
}

tare_status tare_kinds_find(tare_kinds *kinds, PyTypeObject *type, const tare_kind **out,
                            tare_error *err)
{
    void     *memory = NULL;
    uintptr_t bits = (uintptr_t)type;
    uint32_t  index = tare_map_get(&kinds->by_type, bits);
    if (!kinds->has_images)
        TARE_TRY(look_at_images(kinds, err));
    if (index == TARE_MAP_ABSENT) {
        TARE_TRY(tare_grow(kinds->alloc, (void **)&kinds->kinds, &kinds->capacity,
                           (size_t)kinds->count + 1, sizeof(void *), err));
        TARE_TRY(tare_acquire(kinds->alloc, &memory, 1, sizeof(tare_kind), err));
        index = kinds->count;
        kinds->kinds[kinds->count++] = memory;
        kinds->kinds[index]->index = index;
        fill(kinds->kinds[index], type, kinds);
        TARE_TRY(tare_map_put(&kinds->by_type, bits, index, kinds->alloc, err));
    }
    *out = kinds->recent[(bits >> 4 ^ bits >> 10) % 64] = kinds->kinds[index];
    return TARE_OK;
}
