/* reading.c - see reading.h.
 *
 *     counters()     a dict: easy to read, and of blocks that come and go
 *     read(buffer)   into an array that the caller has: what is measured does not move for it
 *
 * What is there beside the engine's: what malloc has given out, to the whole process, Tare's own
 * part taken off as far as it is counted. */
#include "memory/reading.h"

#include "memory/engine.h"
#include "memory/own.h"

#include "os/footprint.h"

#include <string.h>

typedef enum counter {
    LIVE_BYTES,
    LIVE_COUNT,
    HIGH_BYTES,
    ALLOC_BYTES,
    ALLOC_COUNT,
    FREED_BYTES,
    FREED_COUNT,
    UNKNOWN_FREED_COUNT,
    LOST_COUNT,
    RSS_BYTES,
    MALLOC_BYTES,
    COUNTER_COUNT
} counter;

static const char *const names[COUNTER_COUNT] = {
    [LIVE_BYTES] = "live_bytes",     [LIVE_COUNT] = "live_count",
    [HIGH_BYTES] = "high_bytes",     [ALLOC_BYTES] = "alloc_bytes",
    [ALLOC_COUNT] = "alloc_count",   [FREED_BYTES] = "freed_bytes",
    [FREED_COUNT] = "freed_count",   [UNKNOWN_FREED_COUNT] = "unknown_freed_count",
    [LOST_COUNT] = "lost_count",     [RSS_BYTES] = "rss_bytes",
    [MALLOC_BYTES] = "malloc_bytes",
};

PyObject *tare_reading_names(void)
{
    PyObject *tuple = PyTuple_New(COUNTER_COUNT);
    for (Py_ssize_t i = 0; tuple != NULL && i < COUNTER_COUNT; i++) {
        PyObject *name = PyUnicode_FromString(names[i]);
        if (name == NULL)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, name);
    }
    return tuple;
}

/* Of malloc, without Tare's own. */
static uint64_t program_bytes(const tare_footprint *footprint)
{
    uint64_t own_bytes = tare_memory_own_bytes();
    return footprint->malloc_used_bytes > own_bytes ? footprint->malloc_used_bytes - own_bytes : 0;
}

static void fill(uint64_t *amounts)
{
    tare_memory_counters now = tare_memory_count();
    tare_footprint       footprint = tare_footprint_read();
    amounts[LIVE_BYTES] = now.live_bytes;
    amounts[LIVE_COUNT] = now.live_count;
    amounts[HIGH_BYTES] = now.high_bytes;
    amounts[ALLOC_BYTES] = now.alloc_bytes;
    amounts[ALLOC_COUNT] = now.alloc_count;
    amounts[FREED_BYTES] = now.freed_bytes;
    amounts[FREED_COUNT] = now.freed_count;
    amounts[UNKNOWN_FREED_COUNT] = now.unknown_freed_count;
    amounts[LOST_COUNT] = now.lost_count;
    amounts[RSS_BYTES] = footprint.rss_bytes;
    amounts[MALLOC_BYTES] = program_bytes(&footprint);
}

PyObject *tare_reading_read(PyObject *module, PyObject *buffer)
{
    Py_buffer view;
    uint64_t  amounts[COUNTER_COUNT];
    (void)module;
    if (PyObject_GetBuffer(buffer, &view, PyBUF_WRITABLE) < 0)
        return NULL;
    bool fits = view.len == (Py_ssize_t)sizeof amounts;
    if (fits) {
        fill(amounts);
        memcpy(view.buf, amounts, sizeof amounts);
    }
    PyBuffer_Release(&view);
    if (!fits)
        return PyErr_Format(PyExc_ValueError, "read: the buffer must have %zu bytes",
                            sizeof amounts);
    Py_RETURN_NONE;
}

PyObject *tare_reading_reset_high(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    tare_memory_reset_high();
    Py_RETURN_NONE;
}
