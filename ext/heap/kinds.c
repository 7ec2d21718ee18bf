/* kinds.c - see kinds.h. */
#include "heap/kinds.h"

#include "base/alloc.h"

void tare_kinds_deinit(tare_kinds *kinds)
{
    for (uint32_t i = 0; i < kinds->count; i++)
        tare_release(kinds->alloc, kinds->kinds[i], 1, sizeof(tare_kind));
    if (kinds->alloc != NULL) {
        tare_release(kinds->alloc, kinds->kinds, kinds->capacity, sizeof(void *));
        tare_map_deinit(&kinds->by_type, kinds->alloc);
    }
    *kinds = (tare_kinds){.alloc = kinds->alloc};
}

/* tp_traverse tells of the type of an object of a heap type too: whoever walks leaves that out. */
static int visit_any(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    if (kind->type->tp_is_gc != NULL && !kind->type->tp_is_gc(object))
        return 0;
    return kind->type->tp_traverse(object, visitor, context);
}

static void measure_any(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                        void *context)
{
    size_t          items = kind->type->tp_itemsize != 0 ? (size_t)Py_ABS(Py_SIZE(object)) : 0;
    tare_heap_block block = {
        .address = (uintptr_t)object - kind->head_bytes,
        .bytes = kind->head_bytes + (size_t)kind->type->tp_basicsize +
                 items * (size_t)kind->type->tp_itemsize,
        .domain = TARE_HEAP_PYTHON,
    };
    visitor(context, &block);
}

static uint32_t head_of(const PyTypeObject *type)
{
    return type->tp_flags & Py_TPFLAGS_HAVE_GC ? 2 * sizeof(void *) : 0;
}

tare_status tare_kinds_find(tare_kinds *kinds, PyTypeObject *type, const tare_kind **out,
                            tare_error *err)
{
    void    *memory = NULL;
    uint32_t index = tare_map_get(&kinds->by_type, (uintptr_t)type);
    if (index == TARE_MAP_ABSENT) {
        TARE_TRY(tare_grow(kinds->alloc, (void **)&kinds->kinds, &kinds->capacity,
                           (size_t)kinds->count + 1, sizeof(void *), err));
        TARE_TRY(tare_acquire(kinds->alloc, &memory, 1, sizeof(tare_kind), err));
        index = kinds->count;
        kinds->kinds[kinds->count++] = memory;
        *kinds->kinds[index] = (tare_kind){
            .type = type,
            .index = index,
            .head_bytes = head_of(type),
            .visit = type->tp_flags & Py_TPFLAGS_HAVE_GC && type->tp_traverse ? visit_any : NULL,
            .measure = measure_any,
        };
        TARE_TRY(tare_map_put(&kinds->by_type, (uintptr_t)type, index, kinds->alloc, err));
    }
    *out = kinds->last = kinds->kinds[index];
    return TARE_OK;
}
