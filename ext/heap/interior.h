/* interior.h - what only the interpreter's own headers tell: its tables, its lists of objects, and
 * frames that nobody has asked for yet.
 *
 * All of it borrowed and for reading only. Called with the GIL. */
#ifndef TARE_EXT_INTERIOR_H
#define TARE_EXT_INTERIOR_H

#include "common/pycompat.h"

#include <stdbool.h>

/* ---- tables of the interpreter ---- */

typedef void (*tare_table_visitor)(void *context, const char *name, PyObject *object);

/* Tells of each object that the interpreter's state refers to, and the state of a thread; each of
 * them may be NULL. */
void tare_interior_tables(tare_table_visitor visitor, void *context);
void tare_interior_thread(PyThreadState *thread, tare_table_visitor visitor, void *context);

/* The dict of weak references to the types derived from a static type, borrowed; NULL when there
 * is none, or it is not to be seen. */
PyObject *tare_interior_subclasses(PyTypeObject *type);

/* ---- what the collector tracks ---- */

enum { TARE_GENERATIONS = 3 };

/* age: the generation, TARE_GENERATIONS for what is frozen, or, where the lists are not to be
 * seen, always TARE_GENERATIONS + 1. Not 0: go no further. */
typedef int (*tare_tracked_visitor)(PyObject *object, unsigned age, void *context);

/* Whether it tells generations. */
bool tare_interior_knows_ages(void);
void tare_interior_tracked(tare_tracked_visitor visitor, void *context);
/* Of what gc.freeze() set apart: whether tare_interior_tracked tells of it. */
bool tare_interior_tells_frozen(void);
/* Whether a collection is under way; it hides what it has found to be garbage. False where it
 * cannot be known. */
bool tare_interior_collecting(void);

/* ---- frames ---- */

/* A frame that runs. stack_count: values above the variables, 0 while the frame itself is being
 * executed, for then only the evaluation loop knows. */
typedef struct tare_running_frame {
    PyCodeObject *code;                                       /* NULL: stands for C code */
    PyObject     *function, *globals, *locals, *frame_object; /* each may be NULL */
    const void   *previous;                                   /* next outer one, or NULL */
    const void   *values;
    int           local_count, stack_count;
    int           line; /* 0 = not known */
} tare_running_frame;

/* The innermost frame of a thread, or NULL. */
const void *tare_interior_frame(PyThreadState *thread);
void        tare_interior_read_frame(const void *frame, tare_running_frame *out);
/* What a frame object, generator, coroutine or asynchronous generator has of a frame, not
 * necessarily running; NULL when it is another object, or has ended. */
const void *tare_interior_frame_in(PyObject *object);
/* The names of a generator, coroutine or asynchronous generator; NULL for others. */
void tare_interior_generator(PyObject *object, PyObject **name_out, PyObject **qualname_out);
/* The next outer frame that a frame object keeps since it ended; NULL when it has none. */
PyObject *tare_interior_frame_back(PyObject *frame);
/* index < local_count + stack_count; NULL when there is none. */
PyObject *tare_interior_value(const tare_running_frame *frame, int index);

#endif
