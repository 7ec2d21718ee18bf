/* monitoring.c - see monitoring.h. */
#include "common/monitoring.h"

#if TARE_HAS_MONITORING

enum { NO_TOOL = -1 };

PyObject *tare_monitoring_disable;

static int       tool = NO_TOOL;
static PyObject *monitoring; /* owned while open: sys.monitoring as it was then */
/* Owned: weak references by address, which code that is made again and again has again. Local
 * events outlive the tool's id. */
static PyObject *listened;

static PyTypeObject callback_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "tare.callback",
    .tp_basicsize = sizeof(tare_callback),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(tare_callback, call),
    .tp_call = PyVectorcall_Call,
};

static int prepare_callbacks(tare_monitored *rows, int count)
{
    if (PyType_Ready(&callback_type) < 0)
        return -1;
    for (int i = 0; i < count; i++)
        if (Py_REFCNT(&rows[i].callback) == 0)
            PyObject_Init((PyObject *)&rows[i].callback, &callback_type);
    return 0;
}

/* -1 with an exception. */
static long event_number(const char *name)
{
    PyObject *events = PyObject_GetAttrString(monitoring, "events");
    PyObject *number = events != NULL ? PyObject_GetAttrString(events, name) : NULL;
    long      value = number != NULL ? PyLong_AsLong(number) : -1;
    Py_XDECREF(number);
    Py_XDECREF(events);
    return value;
}

static int call_monitoring(const char *method, const char *format, ...)
{
    va_list   list;
    PyObject *function = PyObject_GetAttrString(monitoring, method);
    va_start(list, format);
    PyObject *args = Py_VaBuildValue(format, list);
    va_end(list);
    PyObject *result = function != NULL && args != NULL ? PyObject_CallObject(function, args)
                                                        : NULL;
    Py_XDECREF(args);
    Py_XDECREF(function);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

/* An id that nobody has: those without a meaning first, then those that stand for a debugger,
 * coverage and the like. */
static int take_tool(bool profiler)
{
    static const int order[] = {4, 3, 5, 2, 1, 0};

    enum { PROFILERS = 2 }; /* sys.monitoring.PROFILER_ID */

    if (profiler)
        return call_monitoring("use_tool_id", "(is)", PROFILERS, "cProfile") == 0
                   ? PROFILERS
                   : (PyErr_Clear(), NO_TOOL);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (call_monitoring("use_tool_id", "(is)", order[i], "tare") == 0)
            return order[i];
        PyErr_Clear();
    }
    return NO_TOOL;
}

static int register_rows(tare_monitored *rows, int count)
{
    long events = 0;
    for (int i = 0; i < count; i++) {
        if (rows[i].unused)
            continue;
        rows[i].number = event_number(rows[i].event);
        if (rows[i].number < 0 ||
            call_monitoring("register_callback", "(ilO)", tool, rows[i].number,
                            (PyObject *)&rows[i].callback) < 0)
            return -1;
        events |= rows[i].local ? 0 : rows[i].number;
    }
    return call_monitoring("set_events", "(il)", tool, events);
}

tare_status tare_monitoring_open(tare_monitored *rows, int count, bool profiler, tare_error *err)
{
    monitoring = Py_XNewRef(PySys_GetObject("monitoring"));
    if (monitoring == NULL)
        return tare_fail(err, TARE_UNSUPPORTED, "listen: sys.monitoring is not there");
    if (prepare_callbacks(rows, count) < 0 ||
        (tare_monitoring_disable = PyObject_GetAttrString(monitoring, "DISABLE")) == NULL) {
        tare_monitoring_close(rows, count);
        return tare_fail(err, TARE_NO_MEMORY, "listen: out of memory");
    }
    tool = take_tool(profiler);
    if (tool == NO_TOOL) {
        tare_monitoring_close(rows, count);
        return tare_fail(err, TARE_LIMIT,
                         "listen: no place left in sys.monitoring; stop another tool first");
    }
    if (register_rows(rows, count) < 0) {
        PyErr_Clear();
        tare_monitoring_close(rows, count);
        return tare_fail(err, TARE_UNSUPPORTED, "listen: sys.monitoring refused");
    }
    return TARE_OK;
}

/* While others are undone: what fails is let alone. */
static void undo(const char *method, const char *format, int number, PyObject *object)
{
    int done = object != NULL ? call_monitoring(method, format, tool, object, number)
                              : call_monitoring(method, format, tool, number);
    if (done < 0)
        PyErr_Clear();
}

static void stop_local_events(void)
{
    PyObject  *address, *weak;
    Py_ssize_t at = 0;
    while (listened != NULL && PyDict_Next(listened, &at, &address, &weak)) {
        PyObject *code = tare_follow_weak(weak);
        if (code != NULL)
            undo("set_local_events", "(iOi)", 0, code);
        Py_XDECREF(code);
    }
    Py_CLEAR(listened);
}

void tare_monitoring_close(tare_monitored *rows, int count)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (tool != NO_TOOL) {
        undo("set_events", "(ii)", 0, NULL);
        stop_local_events();
        for (int i = 0; i < count; i++)
            if (!rows[i].unused &&
                call_monitoring("register_callback", "(ilO)", tool, rows[i].number, Py_None) < 0)
                PyErr_Clear();
        if (call_monitoring("free_tool_id", "(i)", tool) < 0)
            PyErr_Clear();
    }
    tool = NO_TOOL;
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    Py_CLEAR(tare_monitoring_disable);
    Py_CLEAR(monitoring);
}

int tare_monitoring_listen_in(PyCodeObject *code, const tare_monitored *rows, int count)
{
    long events = 0;
    for (int i = 0; i < count; i++)
        events |= rows[i].local && !rows[i].unused ? rows[i].number : 0;
    if (listened == NULL && (listened = PyDict_New()) == NULL)
        return -1;
    PyObject *address = PyLong_FromVoidPtr(code);
    PyObject *weak = PyWeakref_NewRef((PyObject *)code, NULL);
    int       kept = address != NULL && weak != NULL ? PyDict_SetItem(listened, address, weak) : -1;
    Py_XDECREF(weak);
    Py_XDECREF(address);
    if (kept < 0)
        return -1;
    return call_monitoring("set_local_events", "(iOl)", tool, (PyObject *)code, events);
}

int tare_monitoring_restart(void)
{
    return call_monitoring("restart_events", "()");
}

#endif
