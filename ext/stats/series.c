/* series.c - values in the order in which they came. */
#include "stats/stats.h"

#include "stats/batches.h"
#include "stats/changes.h"
#include "stats/warm_up.h"

#include <math.h>

static PyObject *list_starts(const uint32_t *starts, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *start = PyLong_FromUnsignedLong(starts[i]);
        if (start == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, start);
    }
    return list;
}

static PyObject *find_changes(const tare_numbers *values, double penalty)
{
    const tare_alloc *alloc = tare_alloc_system();
    void             *starts = NULL;
    size_t            start_count = 0;
    tare_error        err;
    tare_status       status;
    Py_BEGIN_ALLOW_THREADS;
    status = tare_acquire(alloc, &starts, values->count, sizeof(uint32_t), &err);
    if (status == TARE_OK)
        status = tare_changes_find(values->items, values->count, penalty, starts, &start_count,
                                   alloc, &err);
    Py_END_ALLOW_THREADS;
    PyObject *list = status == TARE_OK ? list_starts(starts, start_count) : tare_stats_refuse(&err);
    tare_release(alloc, starts, values->count, sizeof(uint32_t));
    return list;
}

/* Core's default for None; 0, or -1 with an exception set. */
static int read_penalty(PyObject *given, double *penalty)
{
    *penalty = TARE_CHANGES_DEFAULT;
    if (given == Py_None)
        return 0;
    *penalty = PyFloat_AsDouble(given);
    if (*penalty == -1 && PyErr_Occurred())
        return -1;
    return tare_stats_check("penalty", *penalty, 0, HUGE_VAL);
}

static PyObject *change_points(PyObject *Py_UNUSED(module), PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"values", "penalty", NULL};
    PyObject    *given;
    PyObject    *given_penalty = Py_None;
    double       penalty;
    tare_numbers values;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|O:change_points", names, &given,
                                     &given_penalty) ||
        read_penalty(given_penalty, &penalty) < 0 ||
        tare_numbers_read(given, "values", 0, &values) < 0)
        return NULL;
    PyObject *list = find_changes(&values, penalty);
    tare_numbers_free(&values);
    return list;
}

static PyObject *warm_up(PyObject *module, PyObject *given)
{
    tare_numbers values;
    tare_warm_up found;
    tare_error   err;
    tare_status  status;
    if (tare_numbers_read(given, "values", 0, &values) < 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    status = tare_warm_up_classify(values.items, values.count, &found, tare_alloc_system(), &err);
    Py_END_ALLOW_THREADS;
    tare_numbers_free(&values);
    if (status != TARE_OK)
        return tare_stats_refuse(&err);
    bool      never = found.kind == TARE_WARM_UP_NONE || found.kind == TARE_WARM_UP_UNKNOWN;
    PyObject *steady_from = never ? Py_NewRef(Py_None) : PyLong_FromSize_t(found.steady_from);
    return tare_stats_record(module, TARE_STATS_WARM_UP, "(sNI)", tare_warm_up_name(found.kind),
                             steady_from, (unsigned)found.period);
}

static PyObject *effective_count(PyObject *Py_UNUSED(module), PyObject *given)
{
    tare_numbers values;
    if (tare_numbers_read(given, "values", 0, &values) < 0)
        return NULL;
    double count = tare_batches_effective(values.items, values.count);
    tare_numbers_free(&values);
    return PyFloat_FromDouble(count);
}

PyMethodDef tare_stats_series[] = {
    {"change_points", TARE_METHOD(change_points), METH_VARARGS | METH_KEYWORDS,
     "change_points(values, penalty=None)\n--\n\nWhere another mean begins: list of indices.\n\n"
     "penalty: what a cut must save, in variances; 15 log(count) by default."},
    {"warm_up", warm_up, METH_O,
     "warm_up(values, /)\n--\n\nWhether times become steady, and from where on: WarmUp."},
    {"effective_count", effective_count, METH_O,
     "effective_count(values, /)\n--\n\nHow many independent values they are worth."},
    {NULL, NULL, 0, NULL},
};
