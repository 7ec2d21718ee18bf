/* line_monitoring.c - lines on CPython 3.12 and later.
 *
 *     PY_START             of all code, until it was looked at: is it wanted? then disabled there
 *     LINE                 of what is wanted (local)         visit
 *     PY_START, PY_RESUME  likewise                          enter, resume
 *     PY_RETURN, PY_YIELD  likewise                          leave, suspended
 *     PY_THROW, PY_UNWIND  of all code: they cannot be local before 3.15; what is not wanted is
 *                          let pass
 *
 * Code that is not wanted runs at full speed after its first call: events are switched on once for
 * a code object and stay. Nothing here raises. */
#include "trace/listen.h"

#include "common/monitoring.h"
#include "common/pyframes.h"

#include "trace/line_codes.h"

#if TARE_HAS_MONITORING

/* Whose event it is: NULL where nobody's is wanted, or there is no memory. */
static inline tare_trace_thread *hear(PyObject *code, uint64_t now, tare_line_target **target_out)
{
    (void)tare_line_codes_know((PyCodeObject *)code, target_out);
    return *target_out != NULL ? tare_trace_thread_at(now) : NULL;
}

static PyObject *on_line(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    uint64_t           now = tare_trace_now();
    tare_line_target  *target;
    tare_trace_thread *thread = hear(args[0], now, &target);
    (void)self, (void)count, (void)names;
    if (thread == NULL)
        Py_RETURN_NONE;
    TARE_LINE_COMES_UP(thread, target, tare_small_number(args[1]), now,
                       tare_current_offset((PyCodeObject *)args[0]));
    tare_trace_end_event(thread, now);
    Py_RETURN_NONE;
}

static PyObject *on_start(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    PyCodeObject     *code = (PyCodeObject *)args[0];
    tare_line_target *target;
    (void)self, (void)count, (void)names;
    if (__builtin_expect(!tare_line_codes_know(code, &target), 0))
        target = tare_line_codes_look(code, PyEval_GetGlobals());
    if (target == NULL)
        return Py_NewRef(tare_monitoring_disable);
    uint64_t           now = tare_trace_now(); /* looking at it is not the program's time */
    tare_trace_thread *thread = tare_trace_thread_at(now);
    if (thread != NULL) {
        tare_lines_enter(&thread->lines, &target->code, now);
        tare_trace_end_event(thread, now);
    }
    Py_RETURN_NONE;
}

static PyObject *on_resume(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    uint64_t           now = tare_trace_now();
    tare_line_target  *target;
    tare_trace_thread *thread = hear(args[0], now, &target);
    (void)self, (void)count, (void)names;
    if (thread == NULL)
        Py_RETURN_NONE;
    uint64_t waited = tare_suspended_end(&tare_trace.suspended, tare_current_frame(), now);
    uint32_t line = tare_line_at(target, tare_small_number(args[1]));
    tare_lines_resume(&thread->lines, &target->code, line, now, waited);
    tare_trace_end_event(thread, now);
    Py_RETURN_NONE;
}

static PyObject *on_leave(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    uint64_t           now = tare_trace_now();
    tare_line_target  *target;
    tare_trace_thread *thread = hear(args[0], now, &target);
    (void)self, (void)count, (void)names;
    if (thread != NULL) {
        tare_lines_leave(&thread->lines, &target->code, now);
        tare_trace_end_event(thread, now);
    }
    Py_RETURN_NONE;
}

static PyObject *on_yield(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    uint64_t           now = tare_trace_now();
    tare_line_target  *target;
    tare_trace_thread *thread = hear(args[0], now, &target);
    (void)self, (void)count, (void)names;
    if (thread != NULL) {
        tare_lines_leave(&thread->lines, &target->code, now);
        tare_suspended_begin(&tare_trace.suspended, tare_current_frame(), now);
    }
    Py_RETURN_NONE;
}

static tare_monitored rows[] = {
    {.event = "LINE", .callback.call = on_line, .local = true},
    {.event = "PY_START", .callback.call = on_start},
    {.event = "PY_RESUME", .callback.call = on_resume, .local = true},
    {.event = "PY_RETURN", .callback.call = on_leave, .local = true},
    {.event = "PY_YIELD", .callback.call = on_yield, .local = true},
    {.event = "PY_THROW", .callback.call = on_resume},
    {.event = "PY_UNWIND", .callback.call = on_leave},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0], START_ROW = 1 };

/* Its start was disabled when it was looked at and not wanted. */
static void listen_in(PyCodeObject *code, bool seen)
{
    if (tare_monitoring_listen_in(code, rows, ROW_COUNT) < 0 ||
        (seen && tare_monitoring_restart() < 0)) {
        PyErr_Clear();
        tare_trace.failed_count++;
    }
}

/* Where code is only added, nothing else need be looked at. */
static tare_status begin(tare_error *err)
{
    rows[START_ROW].local = tare_trace.options.selection == NULL;
    tare_trace.hook = "sys.monitoring";
    tare_line_codes_on_target = listen_in;
    return tare_monitoring_open(rows, ROW_COUNT, false, err);
}

static void end(void)
{
    tare_monitoring_close(rows, ROW_COUNT);
}

static bool slows(void)
{
    return false;
}

static void begin_again(void)
{
    /* Events belong to code objects, and to all threads. */
}

const tare_listener tare_listen_lines = {begin, end, slows, begin_again};

#endif
