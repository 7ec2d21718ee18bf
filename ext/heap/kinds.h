/* kinds.h - what an object refers to and which memory it consists of, by its type.
 *
 * A block is one piece of memory from an allocator: an object is a block of its own, with what
 * CPython keeps before it, and the buffers it owns (the items of a list, the keys of a dict).
 *
 * Nothing here runs code of the program's, makes or keeps a reference, materialises a __dict__ or
 * allocates from the Python heap; an object is only read. It may be half built: NULL where a
 * reference will be is no reference. Called with the GIL, and while no collection is under way.
 *
 * A kind is known as long as its table: a walk makes one and drops it, for types come and go. */
#ifndef TARE_EXT_KINDS_H
#define TARE_EXT_KINDS_H

#include "common/pycompat.h"

#include "base/map.h"

#include <stdbool.h>

typedef enum tare_heap_domain {
    TARE_HEAP_RAW,    /* malloc */
    TARE_HEAP_PYTHON, /* PyMem_Malloc, PyObject_Malloc: pymalloc up to 512 bytes */
    TARE_HEAP_FOREIGN /* of whoever made the object; nobody's that we know */
} tare_heap_domain;

typedef struct tare_heap_block {
    uintptr_t        address; /* 0 = not known: a number of bytes that the object has somewhere */
    size_t           bytes;   /* as requested */
    bool             shared;  /* several objects may have it: it counts once */
    tare_heap_domain domain;
} tare_heap_block;

typedef void (*tare_block_visitor)(void *context, const tare_heap_block *block);

typedef struct tare_kind tare_kind;
struct tare_kind {
    PyTypeObject *type; /* borrowed */
    uint32_t      index;
    uint32_t      head_bytes; /* what CPython keeps before the object, in the same block */
    bool          opaque;     /* a type of an extension's that may refer to what it does not tell */
    /* Calls visitor for each reference the object holds, but not for its type. NULL: none. */
    int (*visit)(const tare_kind *kind, PyObject *object, visitproc visitor, void *context);
    /* Calls visitor for each block but those of objects it refers to; those that several objects
     * share are told for each of them. */
    void (*measure)(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                    void *context);
};

typedef struct tare_kinds {
    const tare_alloc *alloc; /* borrowed; not of Python's heap */
    tare_kind       **kinds; /* owned, each; by index */
    uint32_t          count, capacity;
    tare_map          by_type;
    const tare_kind  *last; /* found */
} tare_kinds;

void tare_kinds_deinit(tare_kinds *kinds);

TARE_MUST_USE tare_status tare_kinds_find(tare_kinds *kinds, PyTypeObject *type,
                                          const tare_kind **out, tare_error *err);

static inline TARE_MUST_USE tare_status tare_kinds_of(tare_kinds *kinds, PyObject *object,
                                                      const tare_kind **out, tare_error *err)
{
    *out = kinds->last;
    if (*out != NULL && (*out)->type == Py_TYPE(object))
        return TARE_OK;
    return tare_kinds_find(kinds, Py_TYPE(object), out, err);
}

#endif
