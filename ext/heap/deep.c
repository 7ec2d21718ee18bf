/* deep.c - see deep.h.
 *
 *     objects --meet--> seen before?  no --> pending --> measured --> its parts --meet--> ...
 *
 * An object is touched once, when its turn has come (pending.h).
 * Cost: one visit, one bit and at times a word of stack for each object reached. */
#include "heap/deep.h"

#include "heap/layouts.h"

void tare_deep_begin(tare_deep *deep, tare_deep_options options, tare_error *err)
{
    const tare_alloc *alloc = tare_alloc_system();
    *deep = (tare_deep){
        .kinds.alloc = alloc,
        .pending.alloc = alloc,
        .seen.alloc = alloc,
        .entered.alloc = alloc,
        .options = options,
        .rounding = tare_rounding_now(),
        .was_collecting = PyGC_Disable(),
        .err = err,
    };
}

void tare_deep_end(tare_deep *deep)
{
    tare_pending_deinit(&deep->pending);
    tare_addresses_deinit(&deep->seen);
    tare_addresses_deinit(&deep->entered);
    tare_kinds_deinit(&deep->kinds);
    if (deep->was_collecting)
        PyGC_Enable();
}

/* ---- blocks ---- */

static void count_block(void *context, const tare_heap_block *block)
{
    tare_deep *deep = context;
    deep->size.bytes += deep->options.allocated ? tare_rounding_of(&deep->rounding, block)
                                                : block->bytes;
    if (deep->listener != NULL)
        deep->listener(deep->listener_context, block);
}

static inline void count_object(tare_deep *deep, const tare_kind *kind, PyObject *object)
{
    deep->size.count++;
    deep->size.opaque_count += kind->opaque;
    if (kind->sum != NULL && !deep->options.allocated && deep->listener == NULL) {
        size_t bytes = kind->sum(kind, object);
        if (bytes != TARE_KIND_UNKNOWN) {
            deep->size.bytes += bytes;
            return;
        }
    }
    kind->measure(kind, object, count_block, deep);
}

/* ---- objects ---- */

bool tare_deep_goes_into(const tare_deep *deep, const tare_kind *kind, PyObject *object)
{
    switch (kind->border) {
    case TARE_BORDER_NONE:
        return true;
    case TARE_BORDER_CODE:
        return deep->options.code;
    case TARE_BORDER_FRAME:
        return tare_frame_is_its_own(object);
    default:
        return false;
    }
}

static int meet(PyObject *object, void *context)
{
    tare_deep *deep = context;
    bool       is_new = false;
    deep->status = tare_addresses_add(&deep->seen, (uintptr_t)object, &is_new, deep->err);
    if (is_new)
        deep->status = tare_pending_push(&deep->pending, object, deep->err);
    return deep->status != TARE_OK;
}

static tare_status take(tare_deep *deep, PyObject *object)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
    if (kind->border != TARE_BORDER_NONE && !tare_deep_goes_into(deep, kind, object))
        return TARE_OK;
    count_object(deep, kind, object);
    if (kind->visit_parts != NULL)
        (void)kind->visit_parts(kind, object, meet, deep);
    return deep->status;
}

static tare_status run(tare_deep *deep)
{
    for (PyObject *object; (object = tare_pending_next(&deep->pending)) != NULL;)
        TARE_TRY(take(deep, object));
    return TARE_OK;
}

/* ---- what is given ---- */

/* What was only met at a border is seen, and not counted. */
tare_status tare_deep_enter(tare_deep *deep, PyObject *object, bool given, bool *counts_out)
{
    const tare_kind *kind;
    *counts_out = false;
    TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
    if (tare_deep_goes_into(deep, kind, object))
        return tare_addresses_add(&deep->seen, (uintptr_t)object, counts_out, deep->err);
    if (!given)
        return TARE_OK;
    TARE_TRY(tare_addresses_add(&deep->seen, (uintptr_t)object, counts_out, deep->err));
    return tare_addresses_add(&deep->entered, (uintptr_t)object, counts_out, deep->err);
}

tare_status tare_deep_add_flat(tare_deep *deep, PyObject *object)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
    count_object(deep, kind, object);
    return deep->status;
}

tare_status tare_deep_add_parts(tare_deep *deep, PyObject *object)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
    if (kind->visit_parts != NULL)
        (void)kind->visit_parts(kind, object, meet, deep);
    TARE_TRY(deep->status);
    return run(deep);
}

tare_status tare_deep_add(tare_deep *deep, PyObject *object)
{
    bool counts;
    TARE_TRY(tare_deep_enter(deep, object, true, &counts));
    if (!counts)
        return TARE_OK;
    TARE_TRY(tare_deep_add_flat(deep, object));
    return tare_deep_add_parts(deep, object);
}

tare_status tare_deep_each_part(tare_deep *deep, PyObject *object, visitproc visitor, void *context)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
    if (kind->visit_parts != NULL)
        (void)kind->visit_parts(kind, object, visitor, context);
    return TARE_OK;
}
