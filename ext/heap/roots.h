/* roots.h - from where an object of this interpreter is held: modules, threads, running frames.
 *
 * A root is one reference that is no object's: of the interpreter's own tables, of a thread's
 * state, or a variable of a frame that runs. Each has a name for people, in two parts:
 *
 *     where                           name
 *     ""                              sys.modules         an expression that is the object
 *     "thread MainThread, f:12, "     x                   the local x of f, which is at line 12
 *
 * They come best name first: modules, then variables, then what only the interpreter knows. What
 * the collector tracks and no root reaches is held by C code, or is a cycle that awaits the
 * collector; tare_interior_tracked tells of all that it tracks.
 *
 * The objects are borrowed, and there as long as the GIL is held and nothing of Python's runs.
 * No object is made or changed. Only the current interpreter is looked at. Called with the GIL. */
#ifndef TARE_EXT_ROOTS_H
#define TARE_EXT_ROOTS_H

#include "common/pycompat.h"

#include "base/intern.h"

#include <stdbool.h>

typedef enum tare_root_kind {
    TARE_ROOT_MODULES,    /* sys.modules */
    TARE_ROOT_LOCAL,      /* a variable of a running frame: local, cell or free */
    TARE_ROOT_STACK,      /* a value on the stack of a frame that waits for another */
    TARE_ROOT_FRAME,      /* what a running frame consists of: function, code, frame object */
    TARE_ROOT_THREAD,     /* of a thread's state: exception, context, thread-local values */
    TARE_ROOT_INTERPRETER /* of the interpreter's: builtins, codec tables, callbacks */
} tare_root_kind;

typedef struct tare_root {
    PyObject      *object; /* borrowed, never NULL */
    tare_root_kind kind;
    uint32_t       where; /* both strings of roots->strings; where may be empty */
    uint32_t       name;
    bool           own;    /* of a frame of Tare's that asks: it holds nothing for the program */
    bool           asking; /* of the frame that called Tare */
} tare_root;

typedef struct tare_roots {
    const tare_alloc *alloc; /* borrowed; not of Python's heap */
    tare_root        *roots; /* owned */
    uint32_t          count, capacity;
    tare_intern       strings;
} tare_roots;

void tare_roots_deinit(tare_roots *roots);

/* Fills roots, which has its allocator and is zeroed otherwise. */
TARE_MUST_USE tare_status tare_roots_collect(tare_roots *roots, tare_error *err);

#endif
