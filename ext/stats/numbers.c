/* numbers.c - from Python's numbers to core's.
 *
 *     array('d'), memoryview of doubles   copied at once
 *     any other iterable                  one by one, by float(); while that runs Python code, the
 *                                         sequence may shrink, so its size is read again each time
 *
 * Copies, so that nobody can change what core reads. */
#include "stats/stats.h"

#include "stats/sample.h"

#include <math.h>
#include <string.h>

static int acquire(size_t count, size_t item_bytes, void **out)
{
    tare_error err;
    if (tare_acquire(tare_alloc_system(), out, count, item_bytes, &err) == TARE_OK)
        return 0;
    tare_stats_refuse(&err);
    return -1;
}

PyObject *tare_stats_refuse(const tare_error *err)
{
    bool no_memory = err->status == TARE_NO_MEMORY;
    PyErr_SetString(no_memory ? PyExc_MemoryError : PyExc_ValueError, err->message);
    return NULL;
}

static int complain(const char *name, PyObject *value, const char *words)
{
    PyErr_Format(PyExc_ValueError, "%s: %R: %s", name, value, words);
    return -1;
}

int tare_stats_check(const char *name, double value, double above, double below)
{
    if (value > above && value < below)
        return 0;
    char words[64];
    PyOS_snprintf(words, sizeof words, "it lies between %g and %g", above, below);
    PyObject *number = PyFloat_FromDouble(value);
    if (number != NULL)
        complain(name, number, words);
    Py_XDECREF(number);
    return -1;
}

static int check_number(double value, const char *name, size_t at)
{
    if (fabs(value) <= TARE_SAMPLE_LARGEST)
        return 0;
    char where[96];
    PyOS_snprintf(where, sizeof where, "%.60s[%zu]", name, at);
    PyObject *number = PyFloat_FromDouble(value);
    if (number != NULL)
        complain(where, number, "a measurement is finite, and at most 1e100");
    Py_XDECREF(number);
    return -1;
}

/* 1: copied, 0: not of that kind, -1: with an exception set. */
static int copy_doubles(PyObject *given, const char *name, tare_numbers *numbers)
{
    Py_buffer view;
    void     *items = NULL;
    int       result = -1;
    if (!PyObject_CheckBuffer(given))
        return 0;
    if (PyObject_GetBuffer(given, &view, PyBUF_CONTIG_RO | PyBUF_FORMAT) < 0) {
        PyErr_Clear();
        return 0;
    }
    if (view.ndim != 1 || view.format == NULL || strcmp(view.format, "d") != 0) {
        PyBuffer_Release(&view);
        return 0;
    }
    size_t count = (size_t)view.shape[0];
    if (acquire(count, sizeof(double), &items) < 0)
        goto fail;
    *numbers = (tare_numbers){.items = items, .count = count};
    if (count > 0)
        memcpy(items, view.buf, count * sizeof(double));
    result = 1;
    for (size_t i = 0; i < count && result > 0; i++)
        result = check_number(numbers->items[i], name, i) < 0 ? -1 : 1;
fail:
    PyBuffer_Release(&view);
    return result;
}

static int read_item(PyObject *items, Py_ssize_t at, const char *name, double *out)
{
    PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(items, at));
    *out = PyFloat_AsDouble(item);
    Py_DECREF(item);
    if (*out == -1 && PyErr_Occurred())
        return -1;
    return check_number(*out, name, (size_t)at);
}

static int convert_items(PyObject *given, const char *name, tare_numbers *numbers)
{
    void     *memory = NULL;
    PyObject *items = PySequence_Fast(given, "numbers come in a sequence");
    if (items == NULL)
        return -1;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(items);
    if (acquire((size_t)count, sizeof(double), &memory) < 0)
        goto fail;
    *numbers = (tare_numbers){.items = memory, .count = (size_t)count};
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i >= PySequence_Fast_GET_SIZE(items)) {
            PyErr_Format(PyExc_ValueError, "%s: the sequence shrank while it was read", name);
            goto fail;
        }
        if (read_item(items, i, name, &numbers->items[i]) < 0)
            goto fail;
    }
    Py_DECREF(items);
    return 0;
fail:
    Py_DECREF(items);
    return -1;
}

int tare_numbers_read(PyObject *given, const char *name, size_t least, tare_numbers *numbers)
{
    *numbers = (tare_numbers){.count = 0};
    int copied = copy_doubles(given, name, numbers);
    if (copied < 0 || (copied == 0 && convert_items(given, name, numbers) < 0))
        goto fail;
    if (numbers->count < least) {
        PyErr_Format(PyExc_ValueError, "%s: %zu numbers, at least %zu are needed", name,
                     numbers->count, least);
        goto fail;
    }
    return 0;
fail:
    tare_numbers_free(numbers);
    return -1;
}

void tare_numbers_free(tare_numbers *numbers)
{
    tare_release(tare_alloc_system(), numbers->items, numbers->count, sizeof(double));
    *numbers = (tare_numbers){.count = 0};
}

/* Each group by itself, in parts; 0, or -1 with an exception set. */
static int read_parts(PyObject *items, const char *name, tare_numbers *parts)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); i++) {
        char where[96];
        PyOS_snprintf(where, sizeof where, "%.60s[%zd]", name, i);
        if (tare_numbers_read(PyTuple_GET_ITEM(items, i), where, 1, &parts[i]) < 0)
            return -1;
    }
    return 0;
}

static int join_parts(const tare_numbers *parts, size_t count, tare_number_groups *groups)
{
    void  *items = NULL;
    size_t whole = 0;
    for (size_t i = 0; i < count; i++)
        whole += groups->sizes[i] = parts[i].count;
    if (acquire(whole, sizeof(double), &items) < 0)
        return -1;
    groups->all = (tare_numbers){.items = items, .count = whole};
    double *next = items;
    for (size_t i = 0; i < count; i++) {
        memcpy(next, parts[i].items, parts[i].count * sizeof *next);
        next += parts[i].count;
    }
    return 0;
}

static int fill_groups(PyObject *items, const char *name, tare_number_groups *groups)
{
    void  *memory = NULL;
    void  *sizes = NULL;
    size_t count = (size_t)PyTuple_GET_SIZE(items);
    if (acquire(count, sizeof(size_t), &sizes) < 0)
        return -1;
    groups->sizes = sizes;
    groups->count = count;
    if (acquire(count, sizeof(tare_numbers), &memory) < 0)
        return -1;
    tare_numbers *parts = memory;
    int           result = read_parts(items, name, parts);
    if (result == 0)
        result = join_parts(parts, count, groups);
    for (size_t i = 0; i < count; i++)
        tare_numbers_free(&parts[i]);
    tare_release(tare_alloc_system(), memory, count, sizeof(tare_numbers));
    return result;
}

int tare_number_groups_read(PyObject *given, const char *name, tare_number_groups *groups)
{
    *groups = (tare_number_groups){.count = 0};
    PyObject *items = PySequence_Tuple(given);
    if (items == NULL)
        return -1;
    int result = fill_groups(items, name, groups);
    Py_DECREF(items);
    if (result < 0)
        tare_number_groups_free(groups);
    return result;
}

void tare_number_groups_free(tare_number_groups *groups)
{
    tare_numbers_free(&groups->all);
    tare_release(tare_alloc_system(), groups->sizes, groups->count, sizeof(size_t));
    *groups = (tare_number_groups){.count = 0};
}
