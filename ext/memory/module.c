/* module.c - the extension module tare._memory: every block of memory of this process.
 *
 *     start(output, ...)   stop()   snapshot()   active()   counters()   reset_peak()   find()
 *
 * tare memory does not import it: there the agent calls it before there is a program (entry.c).
 * Left out: reading what was measured; that is tare._profile's. */
#include "memory/engine.h"
#include "memory/lookup.h"
#include "memory/reading.h"
#include "memory/traces.h"

#include "common/allocation.h"
#include "common/output.h"
#include "common/pystatus.h"

typedef struct memory_state {
    tare_errors errors;
} memory_state;

static memory_state *get_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static PyObject *start(PyObject *module, PyObject *args, PyObject *named)
{
    static char *names[] = {"output",    "sample_bytes", "depth",      "children", "command",
                            "overwrite", "native",       "node_limit", NULL};
    PyObject    *path = Py_None;
    int          children = 0, overwrite = 0, native = 0;
    unsigned     depth = 0, node_limit = 0;
    const char  *command = NULL;
    double       sample_bytes = 0;
    tare_error   err = {0};
    if (!PyArg_ParseTupleAndKeywords(args, named, "|O$dIpzppI", names, &path, &sample_bytes, &depth,
                                     &children, &command, &overwrite, &native, &node_limit))
        return NULL;
    if (!(sample_bytes >= 0 && sample_bytes < 0x1p40) || depth > TARE_MEMORY_MAX_DEPTH)
        return PyErr_Format(PyExc_ValueError, "start: sample_bytes is 0 to 2**40, depth at most %d",
                            TARE_MEMORY_MAX_DEPTH);
    tare_memory_options options = {
        .mode = "api",
        .sample_bytes = sample_bytes,
        .depth = depth,
        .node_limit = node_limit,
        .overwrite = overwrite != 0,
        .children = children != 0,
        .native = native != 0,
    };
    if (path != Py_None) {
        if (!PyUnicode_FSConverter(path, &path))
            return NULL;
        options.output = tare_output_copy(PyBytes_AS_STRING(path));
        Py_DECREF(path);
    }
    options.command = tare_output_copy(command);
    if (tare_memory_start(&options, &err) != TARE_OK)
        return tare_raise(&get_state(module)->errors, &err);
    Py_RETURN_NONE;
}

static PyObject *stop(PyObject *module, PyObject *Py_UNUSED(none))
{
    tare_error  err = {0};
    tare_buffer kept = {.alloc = tare_alloc_system()};
    PyObject   *result = NULL;
    if (tare_memory_stop(&kept, &err) != TARE_OK)
        result = tare_raise(&get_state(module)->errors, &err);
    else if (kept.size > 0)
        result = PyBytes_FromStringAndSize((const char *)kept.bytes, (Py_ssize_t)kept.size);
    else
        result = Py_NewRef(Py_None);
    tare_buffer_deinit(&kept);
    return result;
}

/* The bytes that it returns are not in them, and not the program's afterwards. */
static PyObject *snapshot(PyObject *module, PyObject *Py_UNUSED(none))
{
    tare_error  err = {0};
    tare_buffer bytes = {.alloc = tare_alloc_system()};
    PyObject   *result = NULL;
    bool        collecting = tare_memory_begin_own();
    if (tare_memory_snapshot(&bytes, &err) != TARE_OK)
        result = tare_raise(&get_state(module)->errors, &err);
    else
        result = PyBytes_FromStringAndSize((const char *)bytes.bytes, (Py_ssize_t)bytes.size);
    tare_buffer_deinit(&bytes);
    tare_memory_end_own(collecting);
    return result;
}

static PyObject *is_active(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    return PyBool_FromLong(tare_memory.active);
}

static PyObject *counters(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    tare_memory_counters now = tare_memory_count();
    const struct {
        const char *name;
        uint64_t    amount;
    } rows[] = {
        {"live_bytes", now.live_bytes},   {"live_count", now.live_count},
        {"peak_bytes", now.peak_bytes},   {"alloc_bytes", now.alloc_bytes},
        {"alloc_count", now.alloc_count}, {"freed_bytes", now.freed_bytes},
        {"freed_count", now.freed_count}, {"rss_bytes", now.rss_bytes},
        {"lost_count", now.lost_count},   {"unknown_freed_count", now.unknown_freed_count},
        {"block_count", now.block_count}, {"table_bytes", now.table_bytes},
    };
    bool      collecting = tare_memory_begin_own();
    PyObject *result = PyDict_New();
    for (size_t i = 0; result != NULL && i < sizeof rows / sizeof rows[0]; i++) {
        PyObject *amount = PyLong_FromUnsignedLongLong(rows[i].amount);
        if (amount == NULL || PyDict_SetItemString(result, rows[i].name, amount) < 0)
            Py_CLEAR(result);
        Py_XDECREF(amount);
    }
    tare_memory_end_own(collecting);
    return result;
}

static PyObject *reset_peak(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    tare_memory_reset_peak();
    Py_RETURN_NONE;
}

static PyObject *find(PyObject *module, PyObject *number)
{
    (void)module;
    void *address = PyLong_AsVoidPtr(number);
    if (address == NULL && PyErr_Occurred())
        return NULL;
    bool      collecting = tare_memory_begin_own();
    PyObject *found = tare_lookup_find(address);
    tare_memory_end_own(collecting);
    return found;
}

static PyObject *traces(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    return tare_traces_list();
}

/* Its own result is not the program's. */
static PyObject *live_bytes(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    uint64_t  bytes = tare_traces_bytes();
    bool      collecting = tare_memory_begin_own();
    PyObject *result = PyLong_FromUnsignedLongLong(bytes);
    tare_memory_end_own(collecting);
    return result;
}

static int execute(PyObject *module)
{
    PyObject *capsule = PyCapsule_New((void *)&tare_lookup_source, TARE_ALLOCATION_CAPSULE, NULL);
    int       added = PyModule_AddObjectRef(module, "allocation_of", capsule);
    Py_XDECREF(capsule);
    PyObject *names = tare_reading_names();
    if (added == 0)
        added = PyModule_AddObjectRef(module, "COUNTERS", names);
    Py_XDECREF(names);
    return added < 0 ? -1 : tare_errors_init(&get_state(module)->errors);
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    return tare_errors_traverse(&get_state(module)->errors, visit, arg);
}

static int clear(PyObject *module)
{
    tare_errors_clear(&get_state(module)->errors);
    return 0;
}

static void free_module(void *module)
{
    clear(module);
}

static PyMethodDef functions[] = {
    {"start", TARE_METHOD(start), METH_VARARGS | METH_KEYWORDS,
     "start(output=None, *, sample_bytes=0, depth=64, children=False, command=None, "
     "overwrite=False, native=False, node_limit=0)\n--\n\n"
     "Hears of every block of memory from now on, or of samples that are sample_bytes apart on "
     "average, and writes them to output, an absolute path, from time to time and at stop(); None: "
     "to memory alone. depth: frames of each stack, from the innermost. children: forked ones are "
     "measured too, each to a file of its own. native: this process was started with the native "
     "allocator watched."},
    {"stop", stop, METH_NOARGS,
     "stop()\n--\n\nHears no more, and writes the file; in memory: returns its bytes."},
    {"snapshot", snapshot, METH_NOARGS,
     "snapshot()\n--\n\nThe bytes of the file that there would be if it stopped now; goes on."},
    {"active", is_active, METH_NOARGS, "active()\n--\n\nWhether memory is measured."},
    {"counters", counters, METH_NOARGS,
     "counters()\n--\n\nSums by now, by name; zeros when nothing is measured."},
    {"reset_peak", reset_peak, METH_NOARGS,
     "reset_peak()\n--\n\nThe peak is from now on the highest after this."},
    {"read", tare_reading_read, METH_O,
     "read(buffer, /)\n--\n\nFills a writable buffer with the counters that COUNTERS names, 8 "
     "bytes "
     "each, and allocates\nnothing; of the engine's, zeros when nothing is measured."},
    {"reset_high", tare_reading_reset_high, METH_NOARGS,
     "reset_high()\n--\n\nThe counter high_bytes is from now on the most that is held after this."},
    {"find", find, METH_O,
     "find(address, /)\n--\n\nWhat is known of the block at an address: (bytes, age_ns, "
     "((function, file, line), ...)), innermost first; None when it is not known."},
    {"traces", traces, METH_NOARGS,
     "traces()\n--\n\nThe blocks that are held now: list of (bytes, count, depth, "
     "((file, line), ...)),\ninnermost first; depth is None where the stack was deeper."},
    {"live_bytes", live_bytes, METH_NOARGS,
     "live_bytes()\n--\n\nThe counter of that name, without a look at anything else."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    TARE_SINGLE_MODULE_SLOTS(execute),
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tare._memory",
    .m_doc = "Hears of every block of memory that this process's interpreter allocates.",
    .m_size = sizeof(memory_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_module,
};

TARE_MODULE_INIT(_memory, &definition)
