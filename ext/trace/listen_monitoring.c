/* listen_monitoring.c - calls on CPython 3.12 and later.
 *
 *     PY_START            enter            PY_RETURN, PY_UNWIND   leave
 *     PY_RESUME, PY_THROW resume           PY_YIELD               leave, suspended
 *     CALL                enter native     C_RETURN, C_RAISE      leave native
 *
 * CALL of a Python function is not counted, for it starts by itself: see sites.h.
 * C_RETURN tells of calls that CALL did not (a method of a C function): then nothing is left.
 * Nothing here raises: a callback returns None or DISABLE. */
#include "trace/listen.h"

#include "common/monitoring.h"
#include "common/pyframes.h"

#include "trace/names.h"
#include "trace/sites.h"

#if TARE_HAS_MONITORING

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
        return Py_NewRef(tare_monitoring_disable);
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

static tare_monitored rows[] = {
    {.event = "PY_START", .callback.call = on_start},
    {.event = "PY_RESUME", .callback.call = on_resume},
    {.event = "PY_THROW", .callback.call = on_resume},
    {.event = "PY_RETURN", .callback.call = on_leave},
    {.event = "PY_UNWIND", .callback.call = on_leave},
    {.event = "PY_YIELD", .callback.call = on_yield},
    {.event = "CALL", .callback.call = on_call},
    {.event = "C_RETURN", .callback.call = on_native_leave},
    {.event = "C_RAISE", .callback.call = on_native_leave},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0], FIRST_NATIVE_ROW = 6 };

static tare_status begin(tare_error *err)
{
    for (int i = FIRST_NATIVE_ROW; i < ROW_COUNT; i++)
        rows[i].unused = !tare_trace.options.builtins;
    tare_trace.hook = "sys.monitoring";
    return tare_monitoring_open(rows, ROW_COUNT, tare_trace.options.as_cprofile, err);
}

static void end(void)
{
    tare_monitoring_close(rows, ROW_COUNT);
}

static bool slows(void)
{
    return false; /* only the instructions that tell are others */
}

static void begin_again(void)
{
    /* Events are global: threads and code that come later are heard by themselves. */
}

const tare_listener tare_listen_calls = {begin, end, slows, begin_again};

#endif
