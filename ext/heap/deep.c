/* deep.c - see deep.h.
 *
 *     objects --push--> stack --pop, measure, visit--> those not seen before --push--> ...
 *
 * Iterative, for a list of a million links is as deep as it is long.
 * Cost: one visit and one bit for each object reached. */
#include "heap/deep.h"

#include "heap/kinds.h"

#include "heap/addresses.h"

typedef struct deep_walk {
    tare_kinds     kinds;
    tare_addresses seen;
    PyObject     **stack; /* owned; nothing in it is */
    uint32_t       depth, capacity;
    tare_deep_size size;
    tare_status    status;
    tare_error    *err;
} deep_walk;

static void count_block(void *context, const tare_heap_block *block)
{
    deep_walk *walk = context;
    bool       is_new = true;
    if (block->shared && walk->status == TARE_OK)
        walk->status = tare_addresses_add(&walk->seen, block->address, &is_new, walk->err);
    walk->size.bytes += is_new ? block->bytes : 0;
}

static tare_status push(deep_walk *walk, PyObject *object)
{
    bool is_new = false;
    TARE_TRY(tare_addresses_add(&walk->seen, (uintptr_t)object, &is_new, walk->err));
    if (!is_new)
        return TARE_OK;
    TARE_TRY(tare_grow(walk->seen.alloc, (void **)&walk->stack, &walk->capacity,
                       (size_t)walk->depth + 1, sizeof *walk->stack, walk->err));
    walk->stack[walk->depth++] = object;
    walk->size.count++;
    return TARE_OK;
}

static int meet(PyObject *object, void *context)
{
    deep_walk *walk = context;
    if (object == NULL || PyType_Check(object) || PyModule_Check(object))
        return 0;
    walk->status = push(walk, object);
    return walk->status != TARE_OK;
}

static tare_status run(deep_walk *walk)
{
    while (walk->depth > 0) {
        PyObject        *object = walk->stack[--walk->depth];
        const tare_kind *kind;
        TARE_TRY(tare_kinds_of(&walk->kinds, object, &kind, walk->err));
        kind->measure(kind, object, count_block, walk);
        if (kind->visit != NULL)
            kind->visit(kind, object, meet, walk);
        TARE_TRY(walk->status);
    }
    return TARE_OK;
}

tare_status tare_deep_measure(PyObject *const *objects, Py_ssize_t count, tare_deep_size *out,
                              tare_error *err)
{
    const tare_alloc *alloc = tare_alloc_system();
    deep_walk         walk = {.kinds.alloc = alloc, .seen.alloc = alloc, .err = err};
    tare_status       status = TARE_OK;
    for (Py_ssize_t i = 0; i < count && status == TARE_OK; i++)
        status = push(&walk, objects[i]);
    if (status == TARE_OK)
        status = run(&walk);
    *out = walk.size;
    tare_release(alloc, walk.stack, walk.capacity, sizeof *walk.stack);
    tare_addresses_deinit(&walk.seen);
    tare_kinds_deinit(&walk.kinds);
    return status;
}
