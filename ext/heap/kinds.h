/* kinds.h - what an object refers to and which memory it consists of, by its type.
 *
 * A block is one piece of memory from an allocator: an object is a block of its own, with what
 * CPython keeps before it, and the buffers it owns (the items of a list, the keys of a dict).
 *
 * Nothing here runs code of the program's, makes or keeps a reference, materialises a __dict__ or
 * allocates from the Python heap; an object is only read. It may be half built: NULL where a
 * reference will be is no reference. Called with the GIL, and while no collection is under way.
 * (The one exception: some types of extensions are asked by their own __sizeof__, see
 * kinds_native.c, which may make an int.)
 *
 * A kind is known as long as its table: a walk makes one and drops it, for types come and go. */
#ifndef TARE_EXT_KINDS_H
#define TARE_EXT_KINDS_H

#include "common/pycompat.h"

#include "base/map.h"
#include "heap/images.h"

#include <stdbool.h>

typedef enum tare_heap_domain {
    TARE_HEAP_RAW,     /* malloc */
    TARE_HEAP_PYTHON,  /* PyMem_Malloc, PyObject_Malloc: pymalloc up to 512 bytes */
    TARE_HEAP_FOREIGN, /* of whoever made the object; nobody's that we know */
    TARE_HEAP_STATIC   /* lies in the image of the interpreter or a library: 0 bytes of heap */
} tare_heap_domain;

typedef struct tare_heap_block {
    uintptr_t        address; /* 0 = not known: a number of bytes that the object has somewhere */
    size_t           bytes;   /* as requested */
    tare_heap_domain domain;
} tare_heap_block;

typedef void (*tare_block_visitor)(void *context, const tare_heap_block *block);

#define TARE_KIND_UNKNOWN SIZE_MAX

typedef struct tare_kind      tare_kind;
typedef struct tare_kind_rule tare_kind_rule; /* heap/rules.h */

/* A walk over references: calls visitor for each and stops when that does not return 0. */
typedef int (*tare_kind_visit)(const tare_kind *kind, PyObject *object, visitproc visitor,
                               void *context);

/* What a walk that measures stops at. */
typedef enum tare_kind_border {
    TARE_BORDER_NONE,
    TARE_BORDER_PROGRAM, /* types, modules */
    TARE_BORDER_CODE,
    TARE_BORDER_FRAME /* when it runs, or is a generator's */
} tare_kind_border;

struct tare_kind {
    PyTypeObject    *type; /* borrowed */
    uint32_t         index;
    uint32_t         head_bytes; /* what CPython keeps before the object, in the same block */
    uint32_t         own_bytes;  /* of the block of its own, without items */
    uint32_t         item_bytes, more_items; /* those beyond ob_size */
    bool             hidden;                 /* the walker does not want its objects to be seen */
    bool             opaque; /* a type of an extension's that may refer to what it does not tell */
    bool             may_be_static; /* some of its objects lie in an image */
    bool             one_block;     /* sum, where it is known, is that of the own block */
    bool             is_exact;      /* the type that the rule is for, none derived from it */
    tare_kind_border border;
    tare_heap_domain domain; /* of the object's own block */
    /* Calls visitor for each reference the object holds; that to its type may be left out, and is
     * not to be relied on. NULL: none. */
    tare_kind_visit visit;
    /* The same, for what is part of the object when one asks how big it is: not the globals of a
     * function, not what a bound method's function is called. Types, modules and code are for the
     * walker to leave out. NULL: none. */
    tare_kind_visit visit_parts;
    /* Calls visitor for each block but those of objects it refers to. No two objects tell the same:
     * what several share, such as the keys of a class, one has. */
    void (*measure)(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                    void *context);
    /* Bytes of all blocks, for walkers in a hurry. TARE_KIND_UNKNOWN: ask measure. NULL: always. */
    size_t (*sum)(const tare_kind *kind, PyObject *object);
    const tare_kind_rule *rule;   /* NULL: any type */
    PyCFunction           tells;  /* its own __sizeof__, in C; NULL = not to be asked */
    tare_images          *images; /* borrowed */
};

typedef struct tare_kinds {
    const tare_alloc    *alloc;  /* borrowed; not of Python's heap */
    PyTypeObject *const *hidden; /* borrowed: those types and what derives from them; may be NULL */
    size_t               hidden_count;
    tare_kind          **kinds; /* owned, each; by index */
    uint32_t             count, capacity;
    tare_map             by_type;
    const tare_kind     *recent[64]; /* found, by some bits of the type's address */
    tare_images          images;
    bool                 has_images;
} tare_kinds;

void tare_kinds_deinit(tare_kinds *kinds);

TARE_MUST_USE tare_status tare_kinds_find(tare_kinds *kinds, PyTypeObject *type,
                                          const tare_kind **out, tare_error *err);

static inline TARE_MUST_USE tare_status tare_kinds_of(tare_kinds *kinds, PyObject *object,
                                                      const tare_kind **out, tare_error *err)
{
    PyTypeObject *type = Py_TYPE(object);
    uintptr_t     bits = (uintptr_t)type;
    *out = kinds->recent[(bits >> 4 ^ bits >> 10) % 64];
    if (*out != NULL && (*out)->type == type)
        return TARE_OK;
    return tare_kinds_find(kinds, type, out, err);
}

#endif
