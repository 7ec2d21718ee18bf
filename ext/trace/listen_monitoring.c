/* listen_monitoring.c - CPython 3.12 and later: sys.monitoring, called from C.
 *
 *     PY_START            enter            PY_RETURN, PY_UNWIND   leave
 *     PY_RESUME, PY_THROW resume           PY_YIELD               leave, suspended
 *     CALL                enter native     C_RETURN, C_RAISE      leave native
 *
 * There is no C interface to register a callback, so the objects of sys.monitoring are called. A
 * callback is an instance of a type of ours that is called by vectorcall: 16 ns an event instead
 * of 26 for a builtin function (measured). Numbers of events are asked for by name, because they
 * change between versions. The tool id is one that nobody uses, so that a debugger, coverage or
 * cProfile go on beside us.
 *
 * CALL of a Python function is not counted, for it starts by itself: see sites.h.
 * C_RETURN tells of calls that CALL did not (a method of a C function): then nothing is left.
 * Nothing here raises: a callback returns None or DISABLE. */
#include "trace/listen.h"

#include "trace/names.h"
#include "trace/sites.h"

#if TARE_HAS_MONITORING

enum { NO_TOOL = -1 };

static int       tool = NO_TOOL;
static PyObject *disable; /* owned */

/* ---- events ---- */

static PyObject *on_start(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    uint32_t           key = tare_names_code((PyCodeObject *)args[0]);
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_thread_at(now);
    (void)self, (void)count, (void)names;
    if (thread != NULL) {
        tare_calls_enter(&thread->calls, key, (uintptr_t)args[0], now);
        tare_trace_end_event(thread, now);
    }
    Py_RETURN_NONE;
}

static PyObject *on_resume(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    uint32_t           key = tare_names_code((PyCodeObject *)args[0]);
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_thread_at(now);
    (void)self, (void)count, (void)names;
    if (thread != NULL) {
        uint64_t waited = tare_suspended_end(&tare_trace.suspended, tare_current_frame(), now);
        tare_calls_resume(&thread->calls, key, (uintptr_t)args[0], now, waited);
        tare_trace_end_event(thread, now);
    }
    Py_RETURN_NONE;
}

static inline void leave_code(tare_trace_thread *thread, PyCodeObject *code, uint64_t now)
{
    if (__builtin_expect(!tare_calls_leave_owner(&thread->calls, (uintptr_t)code, now), 0))
        tare_calls_leave(&thread->calls, tare_names_code(code), now);
}

static PyObject *on_leave(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_thread_at(now);
    (void)self, (void)count, (void)names;
    if (thread != NULL)
        leave_code(thread, (PyCodeObject *)args[0], now);
    Py_RETURN_NONE;
}

static PyObject *on_yield(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_thread_at(now);
    (void)self, (void)count, (void)names;
    if (thread != NULL) {
        leave_code(thread, (PyCodeObject *)args[0], now);
        tare_suspended_begin(&tare_trace.suspended, tare_current_frame(), now);
    }
    Py_RETURN_NONE;
}

/* A Python function is to be called: it tells by itself when it starts. */
static PyObject *announce(PyCodeObject *code, PyObject *offset)
{
    tare_trace_thread *thread = tare_trace_current;
    if (tare_sites_may_disable(code, offset))
        return Py_NewRef(disable);
    if (thread != NULL)
        tare_calls_announce(&thread->calls);
    Py_RETURN_NONE;
}

static PyObject *on_call(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    PyObject *callable = args[2];
    (void)self, (void)count, (void)names;
    if (tare_names_is_python(&callable))
        return announce((PyCodeObject *)args[0], args[1]);
    uint32_t           key = tare_names_callable(callable);
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_thread_at(now);
    if (thread == NULL)
        Py_RETURN_NONE;
    if (__builtin_expect(key == TARE_NAMES_SILENT, 0))
        tare_calls_announce(&thread->calls);
    else
        tare_calls_enter(&thread->calls, key, 0, now);
    Py_RETURN_NONE;
}

static PyObject *on_native_leave(PyObject *self, PyObject *const *args, size_t count,
                                 PyObject *names)
{
    uint64_t           now = tare_trace_now();
    tare_trace_thread *thread = tare_trace_thread_at(now);
    PyObject          *callable = args[2];
    (void)self, (void)count, (void)names;
    if (thread != NULL && !tare_names_is_python(&callable)) {
        tare_calls_leave_native(&thread->calls, now);
        tare_trace_end_event(thread, now);
    }
    Py_RETURN_NONE;
}

/* ---- callbacks ---- */

typedef struct callback {
    PyObject       ob_base;
    vectorcallfunc call;
} callback;

static PyTypeObject callback_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "tare._trace.callback",
    .tp_basicsize = sizeof(callback),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(callback, call),
    .tp_call = PyVectorcall_Call,
};

static struct {
    const char *event;
    callback    callback;
    bool        native;
} rows[] = {
    {"PY_START", {.call = on_start}, false},
    {"PY_RESUME", {.call = on_resume}, false},
    {"PY_THROW", {.call = on_resume}, false},
    {"PY_RETURN", {.call = on_leave}, false},
    {"PY_UNWIND", {.call = on_leave}, false},
    {"PY_YIELD", {.call = on_yield}, false},
    {"CALL", {.call = on_call}, true},
    {"C_RETURN", {.call = on_native_leave}, true},
    {"C_RAISE", {.call = on_native_leave}, true},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static int prepare_callbacks(void)
{
    if (PyType_Ready(&callback_type) < 0)
        return -1;
    for (int i = 0; i < ROW_COUNT; i++)
        if (Py_REFCNT(&rows[i].callback) == 0)
            PyObject_Init((PyObject *)&rows[i].callback, &callback_type);
    return 0;
}

/* -1 with an exception. */
static long event_number(PyObject *monitoring, const char *name)
{
    PyObject *events = PyObject_GetAttrString(monitoring, "events");
    PyObject *number = events != NULL ? PyObject_GetAttrString(events, name) : NULL;
    long      value = number != NULL ? PyLong_AsLong(number) : -1;
    Py_XDECREF(number);
    Py_XDECREF(events);
    return value;
}

static int call_monitoring(PyObject *monitoring, const char *method, const char *format, ...)
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
static int take_tool(PyObject *monitoring)
{
    static const int order[] = {4, 3, 5, 2, 1, 0};

    enum { PROFILERS = 2 }; /* sys.monitoring.PROFILER_ID */

    if (tare_trace.options.as_cprofile)
        return call_monitoring(monitoring, "use_tool_id", "(is)", PROFILERS, "cProfile") == 0
                   ? PROFILERS
                   : (PyErr_Clear(), NO_TOOL);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (call_monitoring(monitoring, "use_tool_id", "(is)", order[i], "tare") == 0)
            return order[i];
        PyErr_Clear();
    }
    return NO_TOOL;
}

static int listen_to(PyObject *monitoring, bool builtins)
{
    long events = 0;
    for (int i = 0; i < ROW_COUNT; i++) {
        if (rows[i].native && !builtins)
            continue;
        long number = event_number(monitoring, rows[i].event);
        if (number < 0 || call_monitoring(monitoring, "register_callback", "(ilO)", tool, number,
                                          (PyObject *)&rows[i].callback) < 0)
            return -1;
        events |= number;
    }
    return call_monitoring(monitoring, "set_events", "(il)", tool, events);
}

tare_status tare_listen_begin(tare_error *err)
{
    PyObject *monitoring = PySys_GetObject("monitoring"); /* borrowed */
    if (monitoring == NULL)
        return tare_fail(err, TARE_UNSUPPORTED, "listen to calls: sys.monitoring is not there");
    if (prepare_callbacks() < 0 ||
        (disable = PyObject_GetAttrString(monitoring, "DISABLE")) == NULL) {
        PyErr_Clear();
        return tare_fail(err, TARE_NO_MEMORY, "listen to calls: out of memory");
    }
    tool = take_tool(monitoring);
    if (tool == NO_TOOL)
        return tare_fail(err, TARE_LIMIT,
                         "listen to calls: no place left in sys.monitoring; stop another tool "
                         "first");
    tare_trace.hook = "sys.monitoring";
    if (listen_to(monitoring, tare_trace.options.builtins) < 0) {
        PyErr_Clear();
        tare_listen_end();
        return tare_fail(err, TARE_UNSUPPORTED, "listen to calls: sys.monitoring refused");
    }
    return TARE_OK;
}

void tare_listen_end(void)
{
    PyObject *type, *value, *traceback;
    PyObject *monitoring = PySys_GetObject("monitoring");
    PyErr_Fetch(&type, &value, &traceback);
    if (tool != NO_TOOL && monitoring != NULL) {
        (void)call_monitoring(monitoring, "set_events", "(ii)", tool, 0);
        for (int i = 0; i < ROW_COUNT; i++)
            (void)call_monitoring(monitoring, "register_callback", "(ilO)", tool,
                                  event_number(monitoring, rows[i].event), Py_None);
        (void)call_monitoring(monitoring, "free_tool_id", "(i)", tool);
    }
    tool = NO_TOOL;
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    Py_CLEAR(disable);
}

bool tare_listen_slows(void)
{
    return false; /* only the instructions that tell are others */
}

void tare_listen_again(void)
{
    /* Events are global: threads and code that come later are heard by themselves. */
}

#endif
