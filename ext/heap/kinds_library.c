/* kinds_library.c - rules for types of the standard library's modules in C.
 *
 * None of them has a symbol: they are known by name and size. */
#include "heap/rules.h"

#include <datetime.h>

/* ---- io: Modules/_io/bytesio.c, stringio.c ---- */

typedef struct bytes_io {
    PyObject   base;
    PyObject  *bytes;
    Py_ssize_t position, length;
    PyObject  *attributes, *weak_references;
    Py_ssize_t export_count;
} bytes_io;

static int visit_bytes_io(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    (void)kind;
    TARE_VISIT(((bytes_io *)object)->bytes);
    return 0;
}

typedef struct string_io {
    PyObject   base;
    Py_UCS4   *characters;
    Py_ssize_t position, length;
    size_t     capacity;
    int        state;
    PyObject  *collected; /* what was written, as long as nothing else was done; in that state */
} string_io;

enum { STRING_IO_REALIZED = 1, STRING_IO_COLLECTS = 2 };

static void tell_string_io(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                           void *context)
{
    (void)kind;
    const string_io *self = (string_io *)object;
    tare_tell_block(visitor, context, self->characters, self->capacity * sizeof(Py_UCS4));
}

static int visit_string_io(const tare_kind *kind, PyObject *object, visitproc visitor,
                           void *context)
{
    (void)kind;
    if (((string_io *)object)->state == STRING_IO_COLLECTS)
        TARE_VISIT(((string_io *)object)->collected);
    return 0;
}

/* ---- datetime: Include/datetime.h, no collected types ---- */

static size_t measure_datetime(const tare_kind *kind, PyObject *object)
{
    (void)kind;
    return ((PyDateTime_DateTime *)object)->hastzinfo ? sizeof(PyDateTime_DateTime)
                                                      : sizeof(_PyDateTime_BaseDateTime);
}

static size_t measure_time(const tare_kind *kind, PyObject *object)
{
    (void)kind;
    return ((PyDateTime_Time *)object)->hastzinfo ? sizeof(PyDateTime_Time)
                                                  : sizeof(_PyDateTime_BaseTime);
}

static int visit_datetime(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    (void)kind;
    if (((PyDateTime_DateTime *)object)->hastzinfo)
        TARE_VISIT(((PyDateTime_DateTime *)object)->tzinfo);
    return 0;
}

static int visit_time(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    (void)kind;
    if (((PyDateTime_Time *)object)->hastzinfo)
        TARE_VISIT(((PyDateTime_Time *)object)->tzinfo);
    return 0;
}

/* Modules/_datetimemodule.c */
typedef struct fixed_zone {
    PyObject  base;
    PyObject *offset, *name;
} fixed_zone;

static int visit_timezone(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    (void)kind;
    TARE_VISIT(((fixed_zone *)object)->offset);
    TARE_VISIT(((fixed_zone *)object)->name);
    return 0;
}

/* ---- ctypes: Modules/_ctypes/ctypes.h ---- */

typedef struct c_data {
    PyObject    base;
    char       *memory;
    int         is_own;
    PyObject   *memory_of;
    Py_ssize_t  bytes, length, index;
    PyObject   *kept;
    long double value; /* or whatever fits into its place */
} c_data;

static void tell_c_data(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                        void *context)
{
    (void)kind;
    const c_data *self = (c_data *)object;
    if (self->is_own && self->memory != (const char *)&self->value)
        tare_tell_block(visitor, context, self->memory, (size_t)self->bytes);
}

/* ---- threading: Modules/_threadmodule.c, Python/thread_pthread.h ---- */

typedef struct lock_object {
    PyObject  base;
    void     *lock;
    PyObject *weak_references;
    char      is_locked;
} lock_object;

typedef struct reentrant_lock {
    PyObject      base;
    void         *lock;
    unsigned long owner, count;
    PyObject     *weak_references;
} reentrant_lock;

enum { LOCK_BYTES = 32 }; /* a sem_t */

static void tell_lock(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                      void *context)
{
    (void)kind;
    visitor(context, &(tare_heap_block){
                         .address = (uintptr_t)((lock_object *)object)->lock,
                         .bytes = LOCK_BYTES,
                         .domain = TARE_HEAP_RAW,
                     });
}

// clang-format off
static const tare_kind_rule rules[] = {
    {.name = "_io.BytesIO", .basic_bytes = sizeof(bytes_io), .visit_more = visit_bytes_io,
     .in_heap = true},
    {.name = "_io.StringIO", .buffers = tell_string_io, .visit_more = visit_string_io,
     .in_heap = true},
    {.name = "datetime.datetime", .basic_bytes = sizeof(PyDateTime_DateTime),
     .own = measure_datetime, .visit_more = visit_datetime},
    {.name = "datetime.time", .basic_bytes = sizeof(PyDateTime_Time),
     .own = measure_time, .visit_more = visit_time},
    {.name = "datetime.timezone", .basic_bytes = sizeof(fixed_zone),
     .visit_more = visit_timezone},
    {.name = "_thread.lock", .basic_bytes = sizeof(lock_object), .buffers = tell_lock},
    {.name = "_thread.RLock", .basic_bytes = sizeof(reentrant_lock), .buffers = tell_lock},
    {.name = "_ctypes._CData", .basic_bytes = sizeof(c_data), .buffers = tell_c_data},
};
// clang-format on

const tare_rule_table tare_rules_library = {rules, sizeof rules / sizeof *rules};
