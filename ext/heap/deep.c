/* deep.c - see deep.h.
 *
 *     objects --meet--> seen before?  no --> measured; if it refers to anything --push--> stack
 *                                                                                  |
 *         ^-------------------------------- its parts <--pop-----------------------+
 *
 * Iterative, for a list of a million links is as deep as it is long. What refers to nothing, and
 * that is most, never gets onto the stack.
 * Cost: one visit and one bit for each object reached, a word of stack for some. */
#include "heap/deep.h"

#include "heap/layouts.h"

void tare_deep_begin(tare_deep *deep, tare_deep_options options, tare_error *err)
{
    const tare_alloc *alloc = tare_alloc_system();
    *deep = (tare_deep){
        .kinds.alloc = alloc,
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
    tare_release(deep->seen.alloc, deep->stack, deep->capacity, sizeof *deep->stack);
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
    bool       is_new = true;
    if (block->shared && deep->status == TARE_OK)
        deep->status = tare_addresses_add(&deep->seen, block->address, &is_new, deep->err);
    if (!is_new)
        return;
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

static inline tare_status push(tare_deep *deep, PyObject *object)
{
    if (deep->depth == deep->capacity)
        TARE_TRY(tare_grow(deep->seen.alloc, (void **)&deep->stack, &deep->capacity,
                           (size_t)deep->depth + 1, sizeof *deep->stack, deep->err));
    deep->stack[deep->depth++] = object;
    return TARE_OK;
}

static inline tare_status take(tare_deep *deep, PyObject *object)
{
    const tare_kind *kind;
    bool             is_new = false;
    TARE_TRY(tare_addresses_add(&deep->seen, (uintptr_t)object, &is_new, deep->err));
    if (!is_new)
        return TARE_OK;
    TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
    if (kind->border != TARE_BORDER_NONE && !tare_deep_goes_into(deep, kind, object))
        return TARE_OK;
    count_object(deep, kind, object);
    return kind->visit_parts != NULL ? push(deep, object) : TARE_OK;
}

static int meet(PyObject *object, void *context)
{
    tare_deep *deep = context;
    deep->status = take(deep, object);
    return deep->status != TARE_OK;
}

static tare_status run(tare_deep *deep)
{
    while (deep->depth > 0) {
        PyObject        *object = deep->stack[--deep->depth];
        const tare_kind *kind;
        TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
        (void)kind->visit_parts(kind, object, meet, deep);
        TARE_TRY(deep->status);
    }
    return TARE_OK;
}

/* ---- what is given ---- */

/* Whether it has not been counted. What was only met at a border has not. */
static tare_status is_uncounted(tare_deep *deep, const tare_kind *kind, PyObject *object,
                                bool *uncounted_out)
{
    bool at_border = !tare_deep_goes_into(deep, kind, object), is_new;
    TARE_TRY(tare_addresses_add(&deep->seen, (uintptr_t)object, uncounted_out, deep->err));
    if (at_border) {
        TARE_TRY(tare_addresses_add(&deep->entered, (uintptr_t)object, &is_new, deep->err));
        *uncounted_out = is_new;
    }
    return TARE_OK;
}

tare_status tare_deep_add_flat(tare_deep *deep, PyObject *object)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
    count_object(deep, kind, object);
    return deep->status;
}

tare_status tare_deep_add(tare_deep *deep, PyObject *object)
{
    const tare_kind *kind;
    bool             uncounted;
    TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
    TARE_TRY(is_uncounted(deep, kind, object, &uncounted));
    if (!uncounted)
        return TARE_OK;
    TARE_TRY(tare_deep_add_flat(deep, object));
    if (kind->visit_parts != NULL)
        TARE_TRY(push(deep, object));
    return run(deep);
}

tare_status tare_deep_each_part(tare_deep *deep, PyObject *object, visitproc visitor, void *context)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(&deep->kinds, object, &kind, deep->err));
    if (kind->visit_parts != NULL)
        (void)kind->visit_parts(kind, object, visitor, context);
    return TARE_OK;
}
