/* comparing.c - A against B: once, after each batch, and several at once. */
#include "stats/stats.h"

#include "stats/bootstrap.h"
#include "stats/holm.h"
#include "stats/paired.h"
#include "stats/sequential.h"

#include <math.h>

static int check_least(double least)
{
    if (least >= 0 && least <= TARE_SAMPLE_LARGEST)
        return 0;
    PyErr_SetString(PyExc_ValueError, "least: the smallest change that matters is not negative");
    return -1;
}

static PyObject *compare_pairs(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"log_ratios", "level", "least", NULL};
    PyObject    *given;
    double       level = 0.95;
    double       least = 0;
    tare_numbers ratios;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|dd:compare_pairs", names, &given,
                                     &level, &least) ||
        tare_stats_check("level", level, 0, 1) < 0 || check_least(least) < 0 ||
        tare_numbers_read(given, "log_ratios", 1, &ratios) < 0)
        return NULL;
    tare_paired paired = tare_paired_compare(ratios.items, ratios.count, level, least);
    tare_numbers_free(&ratios);
    return tare_stats_record(
        module, TARE_STATS_PAIRED, "(NdnddK)", tare_stats_estimate(module, paired.ratio), paired.sd,
        (Py_ssize_t)paired.count, paired.p, paired.smallest, (unsigned long long)paired.needed);
}

/* How many, in looks; or -1 with an exception set. */
static Py_ssize_t read_looks(PyObject *given, size_t *looks)
{
    PyObject *items = PySequence_Tuple(given);
    if (items == NULL)
        return -1;
    Py_ssize_t count = PyTuple_GET_SIZE(items);
    if (count > TARE_SEQUENTIAL_MAX_LOOKS) {
        PyErr_Format(PyExc_ValueError, "looks: %zd, at most %d can be preset", count,
                     TARE_SEQUENTIAL_MAX_LOOKS);
        goto fail;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t look = PyNumber_AsSsize_t(PyTuple_GET_ITEM(items, i), PyExc_ValueError);
        if (look == -1 && PyErr_Occurred())
            goto fail;
        looks[i] = look < 0 ? 0 : (size_t)look; /* core refuses 0 */
    }
    Py_DECREF(items);
    return count;
fail:
    Py_DECREF(items);
    return -1;
}

static const char *name_decision(tare_decision decision)
{
    static const char *const names[] = {
        [TARE_DECISION_NONE] = "",
        [TARE_DECISION_FASTER] = "faster",
        [TARE_DECISION_SLOWER] = "slower",
        [TARE_DECISION_SAME] = "same",
    };
    return names[decision];
}

static PyObject *sequential(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"log_ratios", "looks", "level", "least", NULL};
    PyObject    *given[2];
    double       level = 0.95;
    double       least = 0;
    double       used = 0;
    size_t       looks[TARE_SEQUENTIAL_MAX_LOOKS];
    tare_numbers ratios;
    tare_error   err;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO|dd:sequential", names, &given[0],
                                     &given[1], &level, &least) ||
        tare_stats_check("level", level, 0, 1) < 0 || check_least(least) < 0)
        return NULL;
    Py_ssize_t look_count = read_looks(given[1], looks);
    if (look_count < 0 || tare_numbers_read(given[0], "log_ratios", 1, &ratios) < 0)
        return NULL;
    tare_status status = tare_sequential_level(looks, (size_t)look_count, ratios.count, level,
                                               &used, &err);
    tare_look   look = {.level_used = used};
    if (status == TARE_OK)
        look = tare_sequential_look(ratios.items, ratios.count, used, least);
    tare_numbers_free(&ratios);
    if (status != TARE_OK)
        return tare_stats_refuse(&err);
    return tare_stats_record(module, TARE_STATS_LOOK, "(Nds)",
                             tare_stats_estimate(module, look.ratio), look.level_used,
                             name_decision(look.decided));
}

static PyObject *sequential_p(PyObject *Py_UNUSED(module), PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"log_ratios", "looks", NULL};
    PyObject    *given[2];
    size_t       looks[TARE_SEQUENTIAL_MAX_LOOKS];
    tare_numbers ratios;
    double       p = 0;
    tare_error   err;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO:sequential_p", names, &given[0],
                                     &given[1]))
        return NULL;
    Py_ssize_t look_count = read_looks(given[1], looks);
    if (look_count < 0 || tare_numbers_read(given[0], "log_ratios", 1, &ratios) < 0)
        return NULL;
    double      plain = tare_paired_compare(ratios.items, ratios.count, 0.95, 0).p;
    tare_status status = tare_sequential_p(looks, (size_t)look_count, ratios.count, plain, &p,
                                           &err);
    tare_numbers_free(&ratios);
    return status == TARE_OK ? PyFloat_FromDouble(p) : tare_stats_refuse(&err);
}

static PyObject *list_flags(const bool *flags, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++)
        PyList_SET_ITEM(list, (Py_ssize_t)i, PyBool_FromLong(flags[i]));
    return list;
}

static PyObject *judge_all(const tare_numbers *ps, double rate)
{
    const tare_alloc *alloc = tare_alloc_system();
    void             *flags = NULL;
    tare_error        err;
    for (size_t i = 0; i < ps->count; i++) {
        if (!(ps->items[i] >= 0 && ps->items[i] <= 1))
            return PyErr_Format(PyExc_ValueError, "ps[%zu]: a chance lies in [0, 1]", i);
    }
    tare_status status = tare_acquire(alloc, &flags, ps->count, sizeof(bool), &err);
    if (status == TARE_OK)
        status = tare_holm(ps->items, ps->count, rate, flags, alloc, &err);
    PyObject *list = status == TARE_OK ? list_flags(flags, ps->count) : tare_stats_refuse(&err);
    tare_release(alloc, flags, ps->count, sizeof(bool));
    return list;
}

static PyObject *holm(PyObject *Py_UNUSED(module), PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"ps", "rate", NULL};
    PyObject    *given;
    double       rate = 0.05;
    tare_numbers ps;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|d:holm", names, &given, &rate) ||
        tare_stats_check("rate", rate, 0, 1) < 0 || tare_numbers_read(given, "ps", 0, &ps) < 0)
        return NULL;
    PyObject *list = judge_all(&ps, rate);
    tare_numbers_free(&ps);
    return list;
}

static PyObject *geometric_mean(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char       *names[] = {"groups", "level", "seed", NULL};
    PyObject          *given;
    double             level = 0.95;
    unsigned long long seed = 1;
    tare_number_groups groups;
    tare_estimate      mean;
    tare_error         err;
    tare_status        status;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|dK:geometric_mean", names, &given,
                                     &level, &seed) ||
        tare_stats_check("level", level, 0, 1) < 0 ||
        tare_number_groups_read(given, "groups", &groups) < 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    status = tare_bootstrap_geometric_mean(groups.all.items, groups.sizes, groups.count, level,
                                           seed, &mean, tare_alloc_system(), &err);
    Py_END_ALLOW_THREADS;
    tare_number_groups_free(&groups);
    return status == TARE_OK ? tare_stats_estimate(module, mean) : tare_stats_refuse(&err);
}

PyMethodDef tare_stats_comparing[] = {
    {"compare_pairs", TARE_METHOD(compare_pairs), METH_VARARGS | METH_KEYWORDS,
     "compare_pairs(log_ratios, level=0.95, least=0.0)\n--\n\nTwo sides, from one log ratio, old "
     "by new, for each process: Paired.\n\nA change by less than the part least does not matter."},
    {"sequential", TARE_METHOD(sequential), METH_VARARGS | METH_KEYWORDS,
     "sequential(log_ratios, looks, level=0.95, least=0.0)\n--\n\nThe same after a part of the "
     "processes: Look.\n\nlooks: after how many processes one meant to look, ascending; the last "
     "is the most there\nwill be. All looks together keep the level, whatever the reason to "
     "stop."},
    {"sequential_p", TARE_METHOD(sequential_p), METH_VARARGS | METH_KEYWORDS,
     "sequential_p(log_ratios, looks)\n--\n\nThe chance of a comparison of equals to have shown so "
     "much at any of its looks."},
    {"holm", TARE_METHOD(holm), METH_VARARGS | METH_KEYWORDS,
     "holm(ps, rate=0.05)\n--\n\nWhich of several comparisons differ: list of bool.\n\nThe chance "
     "that any of them is called different wrongly is at most rate."},
    {"geometric_mean", TARE_METHOD(geometric_mean), METH_VARARGS | METH_KEYWORDS,
     "geometric_mean(groups, level=0.95, seed=1)\n--\n\nOf ratios, each known from a group of "
     "processes: Estimate.\n\ngroups: for each benchmark the log ratios of its processes."},
    {NULL, NULL, 0, NULL},
};
