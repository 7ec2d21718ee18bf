/* splitting.c - where the spread comes from: levels and factors. */
#include "stats/stats.h"

#include "stats/factors.h"
#include "stats/levels.h"

#include <math.h>

/* 0, or -1 with an exception set; None is one to one. */
static int read_costs(PyObject *given, double *value_cost, double *process_cost)
{
    *value_cost = 1;
    *process_cost = 1;
    if (given == Py_None)
        return 0;
    tare_numbers costs;
    if (tare_numbers_read(given, "costs", 2, &costs) < 0)
        return -1;
    *value_cost = costs.items[0];
    *process_cost = costs.items[1];
    bool right = costs.count == 2 && *value_cost > 0 && *process_cost > 0;
    tare_numbers_free(&costs);
    if (right)
        return 0;
    PyErr_SetString(PyExc_ValueError, "costs: of a value and of a process, both above 0");
    return -1;
}

static PyObject *record_levels(PyObject *module, const tare_levels *levels)
{
    PyObject *best = levels->best == TARE_LEVELS_ANY ? Py_NewRef(Py_None)
                                                     : PyLong_FromUnsignedLongLong(levels->best);
    return tare_stats_record(module, TARE_STATS_LEVELS, "(NddddNnn)",
                             tare_stats_estimate(module, levels->mean), levels->within,
                             levels->between, levels->between_share, levels->lasting_share, best,
                             (Py_ssize_t)levels->process_count, (Py_ssize_t)levels->value_count);
}

static PyObject *find_levels(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char       *names[] = {"processes", "costs", "level", NULL};
    PyObject          *given;
    PyObject          *given_costs = Py_None;
    double             level = 0.95;
    double             value_cost;
    double             process_cost;
    tare_number_groups groups;
    tare_levels        levels;
    tare_error         err;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|Od:levels", names, &given,
                                     &given_costs, &level) ||
        tare_stats_check("level", level, 0, 1) < 0 ||
        read_costs(given_costs, &value_cost, &process_cost) < 0 ||
        tare_number_groups_read(given, "processes", &groups) < 0)
        return NULL;
    tare_status status = tare_levels_find(groups.all.items, groups.sizes, groups.count, value_cost,
                                          process_cost, level, &levels, tare_alloc_system(), &err);
    tare_number_groups_free(&groups);
    return status == TARE_OK ? record_levels(module, &levels) : tare_stats_refuse(&err);
}

/* Labels as core numbers them: [factor * count + value]. */
typedef struct label_table {
    uint32_t    *labels;       /* owned */
    uint32_t    *label_counts; /* owned */
    tare_factor *factors;      /* owned */
    size_t       factor_count;
    size_t       count; /* of the values */
} label_table;

static void free_labelling(label_table *labelling)
{
    const tare_alloc *alloc = tare_alloc_system();
    size_t            label_count = labelling->factor_count * labelling->count;
    tare_release(alloc, labelling->labels, label_count, sizeof(uint32_t));
    tare_release(alloc, labelling->label_counts, labelling->factor_count, sizeof(uint32_t));
    tare_release(alloc, labelling->factors, labelling->factor_count, sizeof(tare_factor));
}

static int acquire_labelling(label_table *labelling)
{
    const tare_alloc *alloc = tare_alloc_system();
    size_t            factor_count = labelling->factor_count;
    size_t            label_count = factor_count * labelling->count;
    void             *memory[3] = {NULL, NULL, NULL};
    tare_error        err;
    tare_status       status = tare_acquire(alloc, &memory[0], label_count, sizeof(uint32_t), &err);
    if (status == TARE_OK)
        status = tare_acquire(alloc, &memory[1], factor_count, sizeof(uint32_t), &err);
    if (status == TARE_OK)
        status = tare_acquire(alloc, &memory[2], factor_count, sizeof(tare_factor), &err);
    labelling->labels = memory[0];
    labelling->label_counts = memory[1];
    labelling->factors = memory[2];
    if (status == TARE_OK)
        return 0;
    tare_stats_refuse(&err);
    return -1;
}

/* The number of a label, a new one the first time; -1 with an exception set. */
static long number_label(PyObject *numbers, PyObject *label)
{
    PyObject *next = PyLong_FromSsize_t(PyDict_GET_SIZE(numbers));
    if (next == NULL)
        return -1;
    PyObject *number = PyDict_SetDefault(numbers, label, next);
    long      result = number == NULL ? -1 : PyLong_AsLong(number);
    Py_DECREF(next);
    return result;
}

static int number_factor(label_table *labelling, PyObject *rows, size_t factor)
{
    PyObject *numbers = PyDict_New();
    if (numbers == NULL)
        return -1;
    for (size_t i = 0; i < labelling->count; i++) {
        PyObject *row = PyTuple_GET_ITEM(rows, (Py_ssize_t)i);
        long      number = number_label(numbers, PyTuple_GET_ITEM(row, (Py_ssize_t)factor));
        if (number < 0)
            goto fail;
        labelling->labels[factor * labelling->count + i] = (uint32_t)number;
    }
    labelling->label_counts[factor] = (uint32_t)PyDict_GET_SIZE(numbers);
    Py_DECREF(numbers);
    return 0;
fail:
    Py_DECREF(numbers);
    return -1;
}

/* A tuple of tuples, all of one length; NULL with an exception set. */
static PyObject *copy_rows(PyObject *given, size_t count)
{
    PyObject *rows = PySequence_Tuple(given);
    if (rows == NULL)
        return NULL;
    if ((size_t)PyTuple_GET_SIZE(rows) != count) {
        PyErr_Format(PyExc_ValueError, "%zu values and %zd labels: each value has its own", count,
                     PyTuple_GET_SIZE(rows));
        goto fail;
    }
    for (size_t i = 0; i < count; i++) {
        PyObject *row = PyTuple_GET_ITEM(rows, (Py_ssize_t)i);
        if (!PyTuple_Check(row) ||
            PyTuple_GET_SIZE(row) != PyTuple_GET_SIZE(PyTuple_GET_ITEM(rows, 0))) {
            PyErr_Format(PyExc_ValueError, "labels[%zu]: not a tuple as long as the others", i);
            goto fail;
        }
    }
    return rows;
fail:
    Py_DECREF(rows);
    return NULL;
}

static PyObject *list_factors(PyObject *module, const label_table *labelling)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list != NULL && i < labelling->factor_count; i++) {
        const tare_factor *found = &labelling->factors[i];
        PyObject *factor = tare_stats_record(module, TARE_STATS_FACTOR, "(ddIN)", found->share,
                                             found->p, (unsigned)found->label_count,
                                             PyBool_FromLong(found->separable));
        if (factor == NULL || PyList_Append(list, factor) < 0)
            Py_CLEAR(list);
        Py_XDECREF(factor);
    }
    return list;
}

static PyObject *split_by_factors(PyObject *module, const tare_numbers *values, PyObject *rows)
{
    tare_error  err;
    PyObject   *list = NULL;
    label_table labelling = {.count = values->count};
    if (values->count > 0)
        labelling.factor_count = (size_t)PyTuple_GET_SIZE(PyTuple_GET_ITEM(rows, 0));
    if (acquire_labelling(&labelling) < 0)
        goto fail;
    for (size_t i = 0; i < labelling.factor_count; i++) {
        if (number_factor(&labelling, rows, i) < 0)
            goto fail;
    }
    if (tare_factors_find(values->items, values->count, labelling.labels, labelling.label_counts,
                          labelling.factor_count, labelling.factors, tare_alloc_system(),
                          &err) == TARE_OK)
        list = list_factors(module, &labelling);
    else
        tare_stats_refuse(&err);
fail:
    free_labelling(&labelling);
    return list;
}

static PyObject *find_factors(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"values", "labels", NULL};
    PyObject    *given;
    PyObject    *given_labels;
    tare_numbers values;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO:factors", names, &given,
                                     &given_labels) ||
        tare_numbers_read(given, "values", 1, &values) < 0)
        return NULL;
    PyObject *rows = copy_rows(given_labels, values.count);
    PyObject *list = rows == NULL ? NULL : split_by_factors(module, &values, rows);
    Py_XDECREF(rows);
    tare_numbers_free(&values);
    return list;
}

PyMethodDef tare_stats_splitting[] = {
    {"levels", TARE_METHOD(find_levels), METH_VARARGS | METH_KEYWORDS,
     "levels(processes, costs=None, level=0.95)\n--\n\nVariance within processes and between them: "
     "Levels.\n\nprocesses: the values of each. costs: of a further value, and of a further "
     "process."},
    {"factors", TARE_METHOD(find_factors), METH_VARARGS | METH_KEYWORDS,
     "factors(values, labels)\n--\n\nWhat processes differ by: list of Factor.\n\nlabels: for each "
     "value a tuple with its label in each factor."},
    {NULL, NULL, 0, NULL},
};
