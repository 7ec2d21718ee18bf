/* pending.h - objects that a walk has met and not looked at yet.
 *
 *     push --> stack --> coming (16, whose memory is being fetched) --> next
 *
 * An object is handed out some turns after its memory was asked for: where objects lie about in no
 * order a walk takes half the time so, and a little more where they lie in order. The walk is
 * iterative, for a list of a million links is as deep as it is long.
 *
 * Zeroed storage with an allocator is valid and empty. The objects are borrowed. */
#ifndef TARE_EXT_PENDING_H
#define TARE_EXT_PENDING_H

#include "common/pycompat.h"

#include "base/alloc.h"

enum { TARE_PENDING_AHEAD = 16 /* a power of two */, TARE_PENDING_HEAD_BYTES = 32 };

typedef struct tare_pending {
    const tare_alloc *alloc; /* borrowed; not of Python's heap */
    PyObject        **stack; /* owned; nothing in it is */
    uint32_t          depth, capacity;
    PyObject         *coming[TARE_PENDING_AHEAD];
    uint32_t          first, count; /* of those that are coming */
} tare_pending;

static inline void tare_pending_deinit(tare_pending *pending)
{
    tare_release(pending->alloc, pending->stack, pending->capacity, sizeof *pending->stack);
}

static inline TARE_MUST_USE tare_status tare_pending_push(tare_pending *pending, PyObject *object,
                                                          tare_error *err)
{
    if (pending->depth == pending->capacity)
        TARE_TRY(tare_grow(pending->alloc, (void **)&pending->stack, &pending->capacity,
                           (size_t)pending->depth + 1, sizeof *pending->stack, err));
    pending->stack[pending->depth++] = object;
    return TARE_OK;
}

/* NULL: there is none. */
static inline PyObject *tare_pending_next(tare_pending *pending)
{
    while (pending->count < TARE_PENDING_AHEAD && pending->depth > 0) {
        PyObject *object = pending->stack[--pending->depth];
        __builtin_prefetch((const char *)object - TARE_PENDING_HEAD_BYTES);
        __builtin_prefetch(object);
        pending->coming[(pending->first + pending->count++) % TARE_PENDING_AHEAD] = object;
    }
    if (pending->count == 0)
        return NULL;
    PyObject *next = pending->coming[pending->first];
    pending->first = (pending->first + 1) % TARE_PENDING_AHEAD;
    pending->count--;
    return next;
}

#endif
