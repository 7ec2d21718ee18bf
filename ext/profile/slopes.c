/* slopes.c - judge_slopes: do counters grow with every call?
 *
 * Deltas come as one sequence of numbers for each counter, a number for each window of calls. The
 * test is core's (stats/slope.h). Cost: see there. */
#include "profile/profile.h"

#include "stats/slope.h"

/* How many numbers, in deltas; or -1 with an exception set. */
static Py_ssize_t read_deltas(PyObject *given, int64_t *deltas)
{
    PyObject *items = PySequence_Fast(given, "the deltas of a counter are no sequence");
    if (items == NULL)
        return -1;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(items);
    if (count > TARE_SLOPE_MAX_WINDOWS) {
        PyErr_Format(PyExc_ValueError, "%zd windows: at most %d", count, TARE_SLOPE_MAX_WINDOWS);
        goto fail;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        deltas[i] = PyLong_AsLongLong(PySequence_Fast_GET_ITEM(items, i));
        if (deltas[i] == -1 && PyErr_Occurred())
            goto fail;
    }
    Py_DECREF(items);
    return count;
fail:
    Py_DECREF(items);
    return -1;
}

/* How many counters, in slopes; or -1 with an exception set. */
static Py_ssize_t read_counters(PyObject *given, uint64_t call_count, tare_slope *slopes)
{
    PyObject *items = PySequence_Fast(given, "the counters are no sequence");
    if (items == NULL)
        return -1;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(items);
    if (count > TARE_SLOPE_MAX_COUNTERS) {
        PyErr_Format(PyExc_ValueError, "%zd counters: at most %d", count, TARE_SLOPE_MAX_COUNTERS);
        goto fail;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        int64_t    deltas[TARE_SLOPE_MAX_WINDOWS];
        Py_ssize_t window_count = read_deltas(PySequence_Fast_GET_ITEM(items, i), deltas);
        if (window_count < 0)
            goto fail;
        slopes[i] = tare_slope_find(deltas, (uint32_t)window_count, call_count);
    }
    Py_DECREF(items);
    return count;
fail:
    Py_DECREF(items);
    return -1;
}

PyObject *tare_slopes_list(tare_profile_state *state, PyObject *arguments, PyObject *keywords)
{
    static char       *names[] = {"deltas", "call_count", "false_rate", NULL};
    PyObject          *given;
    unsigned long long call_count;
    double             false_rate;
    tare_slope         slopes[TARE_SLOPE_MAX_COUNTERS];
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OKd:judge_slopes", names, &given,
                                     &call_count, &false_rate))
        return NULL;
    Py_ssize_t count = read_counters(given, call_count, slopes);
    PyObject  *list = count < 0 ? NULL : PyList_New(0);
    if (list == NULL)
        return NULL;
    tare_slopes_judge(slopes, (uint32_t)count, false_rate);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *slope = tare_record(state, TARE_RECORD_SLOPE, "(LddN)",
                                      (long long)slopes[i].grown, slopes[i].per_call, slopes[i].p,
                                      PyBool_FromLong(slopes[i].grows));
        if (tare_list_take(list, slope) < 0)
            goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}
