/* samples.c - distributions, means, and lines through points. */
#include "stats/stats.h"

#include "stats/distribution.h"
#include "stats/regression.h"
#include "stats/sample.h"

#include <math.h>

static int check_part(double p)
{
    if (p >= 0 && p <= 1)
        return 0;
    PyErr_SetString(PyExc_ValueError, "p: a part lies in [0, 1]");
    return -1;
}

static PyObject *normal_quantile(PyObject *Py_UNUSED(module), PyObject *argument)
{
    double p = PyFloat_AsDouble(argument);
    if ((p == -1 && PyErr_Occurred()) || check_part(p) < 0)
        return NULL;
    return PyFloat_FromDouble(tare_normal_quantile(p));
}

static PyObject *student_quantile(PyObject *Py_UNUSED(module), PyObject *arguments,
                                  PyObject *keywords)
{
    static char *names[] = {"p", "df", NULL};
    double       p;
    double       df;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "dd:student_quantile", names, &p, &df) ||
        check_part(p) < 0 || tare_stats_check("df", df, 0, HUGE_VAL) < 0)
        return NULL;
    return PyFloat_FromDouble(tare_student_quantile(p, df));
}

static PyObject *student_p(PyObject *Py_UNUSED(module), PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"t", "df", NULL};
    double       t;
    double       df;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "dd:student_p", names, &t, &df) ||
        tare_stats_check("df", df, 0, HUGE_VAL) < 0)
        return NULL;
    if (isnan(t))
        return PyErr_Format(PyExc_ValueError, "t: nan is no number of standard errors");
    return PyFloat_FromDouble(tare_student_p(t, df));
}

static PyObject *mean_interval(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"values", "level", NULL};
    PyObject    *given;
    double       level = 0.95;
    tare_numbers values;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|d:mean_interval", names, &given,
                                     &level) ||
        tare_stats_check("level", level, 0, 1) < 0 ||
        tare_numbers_read(given, "values", 1, &values) < 0)
        return NULL;
    tare_sample   sample = tare_sample_of(values.items, values.count);
    tare_estimate mean = tare_sample_interval(&sample, level);
    tare_numbers_free(&values);
    return tare_stats_estimate(module, mean);
}

static PyObject *trim(PyObject *given, double part)
{
    tare_numbers values;
    double       mean;
    tare_error   err;
    if (tare_numbers_read(given, "values", 1, &values) < 0)
        return NULL;
    tare_status status = tare_sample_trimmed_mean(values.items, values.count, part, &mean,
                                                  tare_alloc_system(), &err);
    tare_numbers_free(&values);
    return status == TARE_OK ? PyFloat_FromDouble(mean) : tare_stats_refuse(&err);
}

static PyObject *trimmed_mean(PyObject *Py_UNUSED(module), PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"values", "part", NULL};
    PyObject    *given;
    double       part = 0.1;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|d:trimmed_mean", names, &given, &part))
        return NULL;
    if (!(part >= 0 && part <= 0.5))
        return PyErr_Format(PyExc_ValueError, "part: what is cut at each end lies in [0, 0.5]");
    return trim(given, part);
}

static PyObject *median(PyObject *Py_UNUSED(module), PyObject *given)
{
    return trim(given, 0.5);
}

/* Both or none; 0, or -1 with an exception set. */
static int read_points(PyObject *given_xs, PyObject *given_ys, const char *x_name,
                       const char *y_name, tare_numbers *xs, tare_numbers *ys)
{
    if (tare_numbers_read(given_xs, x_name, 0, xs) < 0)
        return -1;
    if (tare_numbers_read(given_ys, y_name, 0, ys) < 0)
        goto fail;
    if (xs->count == ys->count)
        return 0;
    PyErr_Format(PyExc_ValueError, "%zu %s and %zu %s: a point has one of each", xs->count, x_name,
                 ys->count, y_name);
    tare_numbers_free(ys);
fail:
    tare_numbers_free(xs);
    return -1;
}

static PyObject *regress(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"xs", "ys", "level", "at", NULL};
    PyObject    *given[2];
    double       level = 0.95;
    double       at = 0;
    tare_numbers xs;
    tare_numbers ys;
    tare_line    line;
    tare_error   err;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO|dd:regress", names, &given[0],
                                     &given[1], &level, &at) ||
        tare_stats_check("level", level, 0, 1) < 0 ||
        tare_stats_check("at", at, -TARE_SAMPLE_LARGEST, TARE_SAMPLE_LARGEST) < 0 ||
        read_points(given[0], given[1], "xs", "ys", &xs, &ys) < 0)
        return NULL;
    tare_status status = tare_regression_line(xs.items, ys.items, xs.count, level, at, &line, &err);
    tare_numbers_free(&xs);
    tare_numbers_free(&ys);
    if (status != TARE_OK)
        return tare_stats_refuse(&err);
    return tare_stats_record(
        module, TARE_STATS_LINE, "(NNNddn)", tare_stats_estimate(module, line.slope),
        tare_stats_estimate(module, line.intercept), tare_stats_estimate(module, line.at),
        line.spread, line.linear_p, (Py_ssize_t)line.count);
}

static PyObject *power_law(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char  *names[] = {"ns", "times", "level", NULL};
    PyObject     *given[2];
    double        level = 0.95;
    tare_numbers  ns;
    tare_numbers  times;
    tare_estimate exponent;
    tare_error    err;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO|d:power_law", names, &given[0],
                                     &given[1], &level) ||
        tare_stats_check("level", level, 0, 1) < 0 ||
        read_points(given[0], given[1], "ns", "times", &ns, &times) < 0)
        return NULL;
    tare_status status = tare_regression_exponent(ns.items, times.items, ns.count, level, &exponent,
                                                  tare_alloc_system(), &err);
    tare_numbers_free(&ns);
    tare_numbers_free(&times);
    return status == TARE_OK ? tare_stats_estimate(module, exponent) : tare_stats_refuse(&err);
}

PyMethodDef tare_stats_samples[] = {
    {"normal_quantile", normal_quantile, METH_O,
     "normal_quantile(p, /)\n--\n\nBelow which the part p of a normal distribution lies."},
    {"student_quantile", TARE_METHOD(student_quantile), METH_VARARGS | METH_KEYWORDS,
     "student_quantile(p, df)\n--\n\nThe same of Student's distribution."},
    {"student_p", TARE_METHOD(student_p), METH_VARARGS | METH_KEYWORDS,
     "student_p(t, df)\n--\n\nTwo-sided: the chance of at least |t|."},
    {"mean_interval", TARE_METHOD(mean_interval), METH_VARARGS | METH_KEYWORDS,
     "mean_interval(values, level=0.95)\n--\n\nThe mean of independent values, with Student's "
     "interval: Estimate."},
    {"trimmed_mean", TARE_METHOD(trimmed_mean), METH_VARARGS | METH_KEYWORDS,
     "trimmed_mean(values, part=0.1)\n--\n\nThe mean without that part of the values at each end."},
    {"median", median, METH_O, "median(values, /)\n--\n\nThe middle of the sorted values."},
    {"regress", TARE_METHOD(regress), METH_VARARGS | METH_KEYWORDS,
     "regress(xs, ys, level=0.95, at=0.0)\n--\n\nA line by least squares, where it is at x = at, "
     "and whether it bends: Line."},
    {"power_law", TARE_METHOD(power_law), METH_VARARGS | METH_KEYWORDS,
     "power_law(ns, times, level=0.95)\n--\n\nThe exponent by which times grow with n: Estimate."},
    {NULL, NULL, 0, NULL},
};
