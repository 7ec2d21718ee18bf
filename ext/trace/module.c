/* module.c - the extension module tare._trace: every call of this process, counted.
 *
 *     start(output, ...)   stop()   active()
 *
 * tare trace does not import it: there the agent calls it before there is a program (entry.c).
 * Left out: reading what was measured; that is tare._profile's. */
#include "trace/engine.h"
#include "trace/line_codes.h"

#include "common/output.h"
#include "common/pystatus.h"

typedef struct trace_state {
    tare_errors errors;
} trace_state;

static trace_state *get_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static PyObject *start(PyObject *module, PyObject *args, PyObject *named)
{
    static char       *names[] = {"output",    "builtins", "cpu_clock", "overwrite",  "node_limit",
                                  "command",   "profiler", "timer",     "timer_unit", "classes",
                                  "durations", "lines",    "selection", NULL};
    PyObject          *path = Py_None;
    int                builtins = 1, cpu_clock = 0, overwrite = 0, classes = 1, durations = 0;
    int                lines = 0;
    unsigned           node_limit = 0;
    const char        *command = NULL, *selection = NULL;
    PyObject          *profiler = Py_None, *timer = Py_None;
    tare_trace_options options = {.mode = "api"};
    tare_error         err = {0};
    if (!PyArg_ParseTupleAndKeywords(args, named, "|O$pppIzOOdpppz", names, &path, &builtins,
                                     &cpu_clock, &overwrite, &node_limit, &command, &profiler,
                                     &timer, &options.timer_unit, &classes, &durations, &lines,
                                     &selection))
        return NULL;
    if (path != Py_None) {
        if (!PyUnicode_FSConverter(path, &path))
            return NULL;
        options.output = tare_output_copy(PyBytes_AS_STRING(path));
        Py_DECREF(path);
    }
    options.command = tare_output_copy(command);
    options.selection = tare_output_copy(selection);
    options.lines = lines != 0;
    options.builtins = builtins != 0;
    options.classes = classes != 0;
    options.durations = durations != 0;
    options.cpu_clock = cpu_clock != 0;
    options.overwrite = overwrite != 0;
    options.node_limit = node_limit;
    options.as_cprofile = profiler != Py_None;
    if (options.as_cprofile && !TARE_HAS_MONITORING) /* else nothing would show it */
        options.owner = Py_NewRef(profiler);
    options.timer = timer != Py_None ? Py_NewRef(timer) : NULL;
    if (tare_trace_start(&options, &err) != TARE_OK)
        return tare_raise(&get_state(module)->errors, &err);
    Py_RETURN_NONE;
}

static PyObject *stop(PyObject *module, PyObject *Py_UNUSED(none))
{
    tare_error  err = {0};
    tare_buffer kept = {.alloc = tare_alloc_system()};
    PyObject   *result = NULL;
    if (tare_trace_stop(&kept, &err) != TARE_OK)
        result = tare_raise(&get_state(module)->errors, &err);
    else if (kept.size > 0)
        result = PyBytes_FromStringAndSize((const char *)kept.bytes, (Py_ssize_t)kept.size);
    else
        result = Py_NewRef(Py_None);
    tare_buffer_deinit(&kept);
    return result;
}

static PyObject *snapshot(PyObject *module, PyObject *Py_UNUSED(none))
{
    tare_error  err = {0};
    tare_buffer bytes = {.alloc = tare_alloc_system()};
    PyObject   *result = NULL;
    if (tare_trace_snapshot(&bytes, &err) != TARE_OK)
        result = tare_raise(&get_state(module)->errors, &err);
    else
        result = PyBytes_FromStringAndSize((const char *)bytes.bytes, (Py_ssize_t)bytes.size);
    tare_buffer_deinit(&bytes);
    return result;
}

static PyObject *measure_lines(PyObject *module, PyObject *code)
{
    (void)module;
    if (!PyCode_Check(code))
        return PyErr_Format(PyExc_TypeError, "measure_lines needs a code object, not %.100s",
                            Py_TYPE(code)->tp_name);
    if (!tare_trace.active || !tare_trace.options.lines)
        Py_RETURN_FALSE;
    return PyBool_FromLong(tare_line_codes_add((PyCodeObject *)code) != NULL);
}

static PyObject *is_active(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    return PyBool_FromLong(tare_trace.active);
}

static int execute(PyObject *module)
{
    return tare_errors_init(&get_state(module)->errors);
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
     "start(output=None, *, builtins=True, cpu_clock=False, overwrite=False, node_limit=0, "
     "command=None, profiler=None, timer=None, timer_unit=0.0, classes=True, "
     "durations=False, lines=False, selection=None)\n--\n\n"
     "Counts every call of all threads from now on, and writes them to output, an absolute path, "
     "from time to time and at stop(); None: to memory alone. profiler: the object that stands in "
     "for one of cProfile's. timer: tells the time, in seconds or in timer_unit seconds. classes: "
     "count their calls too. durations: time each call. lines: measure lines instead of calls, of "
     "the code that selection names and of what measure_lines() is told."},
    {"measure_lines", measure_lines, METH_O,
     "measure_lines(code, /)\n--\n\nMeasures the lines of a code object from now on, and of those "
     "in it. False when lines are not measured now."},
    {"stop", stop, METH_NOARGS,
     "stop()\n--\n\nCounts no more, and writes the file; in memory: returns its bytes."},
    {"snapshot", snapshot, METH_NOARGS,
     "snapshot()\n--\n\nThe bytes of the file that there would be if it stopped now; goes on."},
    {"active", is_active, METH_NOARGS, "active()\n--\n\nWhether calls are counted."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    TARE_SINGLE_MODULE_SLOTS(execute),
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tare._trace",
    .m_doc = "Counts every call of this process.",
    .m_size = sizeof(trace_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_module,
};

TARE_MODULE_INIT(_trace, &definition)
