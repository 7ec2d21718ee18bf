/* hear_monitoring.c - calls of the function on CPython 3.12 and later.
 *
 *     PY_START             of all code, until it was looked at: neither? then disabled there
 *     PY_RESUME            of the function's code (local)          begins
 *     PY_RETURN, PY_YIELD  likewise                                end
 *     PY_THROW, PY_UNWIND  of all code: they cannot be local before 3.15; other code is let pass
 *
 * Nothing here raises. */
#include "delay/longer.h"

#include "common/monitoring.h"
#include "common/pyframes.h"

#include "delay/codes.h"

#if TARE_HAS_MONITORING

static bool is_function(PyObject *code)
{
    return (tare_delay_codes_find((PyCodeObject *)code) & TARE_DELAY_FUNCTION) != 0;
}

static PyObject *on_resume(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    (void)self, (void)count, (void)names;
    if (is_function(args[0]))
        tare_delay_begin_call(tare_current_frame(), true);
    Py_RETURN_NONE;
}

static PyObject *on_leave(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    (void)self, (void)count, (void)names;
    if (is_function(args[0]))
        tare_delay_end_call(tare_current_frame());
    Py_RETURN_NONE;
}

static PyObject *on_start(PyObject *self, PyObject *const *args, size_t count, PyObject *names);

static tare_monitored rows[] = {
    {.event = "PY_START", .callback.call = on_start},
    {.event = "PY_RESUME", .callback.call = on_resume, .local = true},
    {.event = "PY_RETURN", .callback.call = on_leave, .local = true},
    {.event = "PY_YIELD", .callback.call = on_leave, .local = true},
    {.event = "PY_THROW", .callback.call = on_resume},
    {.event = "PY_UNWIND", .callback.call = on_leave},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static unsigned look(PyCodeObject *code)
{
    unsigned found = tare_delay_codes_look(code, PyEval_GetGlobals());
    if ((found & TARE_DELAY_PROGRESS) != 0)
        tare_delay_count(&tare_delay.page->progress_code_count, 1);
    if ((found & TARE_DELAY_FUNCTION) == 0)
        return found;
    tare_delay_count(&tare_delay.page->code_count, 1);
    if (tare_monitoring_listen_in(code, rows, ROW_COUNT) < 0) {
        PyErr_Clear();
        tare_delay_count(&tare_delay.page->failed_count, 1);
    }
    return found;
}

static PyObject *on_start(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    PyCodeObject *code = (PyCodeObject *)args[0];
    unsigned      found = tare_delay_codes_find(code);
    (void)self, (void)count, (void)names;
    if (__builtin_expect(found == 0, 0))
        found = look(code);
    if (found == TARE_DELAY_LOOKED_AT)
        return Py_NewRef(tare_monitoring_disable);
    if ((found & TARE_DELAY_PROGRESS) != 0)
        tare_delay_note_progress();
    if ((found & TARE_DELAY_FUNCTION) != 0)
        tare_delay_begin_call(tare_current_frame(), false);
    Py_RETURN_NONE;
}

tare_status tare_delay_listen(tare_error *err)
{
    return tare_monitoring_open(rows, ROW_COUNT, false, err);
}

#endif
