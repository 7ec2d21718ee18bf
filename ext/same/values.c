/* values.c - one pair of values: a leaf, two containers, or a matter for `expand`.
 *
 *     both                          what happens
 *     float, int, complex           by the rule; bool with bool alone
 *     str, bytes, None              equal or not
 *     list, tuple, dict             entered
 *     anything else, or two types   expand(left, right, path) -> None: they agree
 *                                               how many values agree: that many
 *                                               text: why they do not
 *                                               (style, left, right): those instead
 *
 * What `expand` returns may have to be expanded again, but not without end. */
#include "same/walk.h"

#include <math.h>

enum { MOST_EXPANSIONS = 64 };

static int agree(tare_walk *walk)
{
    walk->tally.compared++;
    return 0;
}

static int settle(tare_walk *walk, PyObject *left, PyObject *right, bool agrees,
                  const tare_gap *gap)
{
    if (tare_tally_add(&walk->tally, agrees, gap) && tare_walk_mark_worst(walk) < 0)
        return -1;
    return agrees ? 0 : tare_walk_keep_first(walk, left, right, NULL, NULL);
}

static bool is_number(PyObject *value)
{
    return PyFloat_Check(value) || PyComplex_Check(value) ||
           (PyLong_Check(value) && !PyBool_Check(value));
}

/* True when it fits; a whole number may not. */
static bool read_number(PyObject *value, tare_number *out)
{
    *out = (tare_number){.width = TARE_FLOAT_DOUBLE};
    if (PyFloat_Check(value)) {
        out->re = PyFloat_AS_DOUBLE(value);
    } else if (PyComplex_Check(value)) {
        Py_complex parts = ((PyComplexObject *)value)->cval;
        out->re = parts.real;
        out->im = parts.imag;
        out->complex = true;
    } else {
        int       overflow;
        long long whole = PyLong_AsLongLongAndOverflow(value, &overflow);
        out->re = (long double)whole;
        out->width = TARE_FLOAT_NONE;
        return overflow == 0;
    }
    return true;
}

/* Where an int is too large for a float nothing but an equal number is close to it. */
static double rounded(PyObject *value)
{
    double number = PyFloat_AsDouble(value);
    if (number == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return NAN;
    }
    return number;
}

static int compare_large(tare_walk *walk, PyObject *left, PyObject *right)
{
    tare_gap gap = {0};
    bool     agrees = false;
    int      equal = PyObject_RichCompareBool(left, right, Py_EQ);
    if (equal != 0)
        return equal < 0 ? -1 : agree(walk);
    if (PyComplex_Check(left) || PyComplex_Check(right))
        return tare_walk_differ(walk, left, right, NULL, NULL);
    if (PyLong_Check(left) && PyLong_Check(right)) {
        PyObject *difference = PyNumber_Subtract(left, right);
        if (difference == NULL)
            return -1;
        double apart = fabs(rounded(difference)), a = rounded(left), b = rounded(right);
        Py_DECREF(difference);
        if (isfinite(apart) && isfinite(a) && isfinite(b))
            agrees = tare_close_whole(&walk->rule, apart, a, b, &gap);
    } else {
        double a = rounded(left), b = rounded(right);
        if (!isnan(a) && !isnan(b))
            agrees = tare_close_doubles(&walk->rule, a, b, &gap);
    }
    return settle(walk, left, right, agrees, &gap);
}

static int compare_numbers(tare_walk *walk, PyObject *left, PyObject *right)
{
    tare_number a, b;
    tare_gap    gap;
    bool        fit = read_number(left, &a);
    if (!read_number(right, &b) || !fit)
        return compare_large(walk, left, right);
    bool agrees = tare_close_numbers(&walk->rule, &a, &b, &gap);
    return settle(walk, left, right, agrees, &gap);
}

static int compare_floats(tare_walk *walk, PyObject *left, PyObject *right)
{
    tare_gap gap;
    bool agrees = tare_close_doubles(&walk->rule, PyFloat_AS_DOUBLE(left), PyFloat_AS_DOUBLE(right),
                                     &gap);
    return settle(walk, left, right, agrees, &gap);
}

/* str, bytes and bool of the interpreter's own, which compare without anybody else's code. */
static int compare_equal(tare_walk *walk, PyObject *left, PyObject *right)
{
    int equal = left == right ? 1 : PyObject_RichCompareBool(left, right, Py_EQ);
    if (equal < 0)
        return -1;
    return equal ? agree(walk) : tare_walk_differ(walk, left, right, NULL, NULL);
}

static bool is_plain(PyTypeObject *type)
{
    return type == &PyUnicode_Type || type == &PyBytes_Type || type == &PyBool_Type ||
           type == Py_TYPE(Py_None) || type == &PyByteArray_Type;
}

/* (GAP, agrees, absolute, relative) */
static int compare_gap(tare_walk *walk, PyObject *told, PyObject *left, PyObject *right)
{
    int      style, agrees;
    tare_gap gap = {0};
    if (!PyArg_ParseTuple(told, "ipdd", &style, &agrees, &gap.absolute, &gap.relative))
        return -1;
    gap.used = gap.relative;
    return settle(walk, left, right, agrees != 0, &gap);
}

static int compare_known(tare_walk *walk, PyObject *left, PyObject *right, tare_style style,
                         bool *known_out)
{
    PyTypeObject *type = Py_TYPE(left);
    bool          same = type == Py_TYPE(right);
    *known_out = true;
    if (same && type == &PyFloat_Type)
        return compare_floats(walk, left, right);
    if (is_number(left) && is_number(right) && (same || !walk->strict))
        return compare_numbers(walk, left, right);
    if (same && is_plain(type))
        return compare_equal(walk, left, right);
    if (same && (type == &PyList_Type || type == &PyTuple_Type || type == &PyDict_Type))
        return tare_walk_enter(walk, left, right, style);
    *known_out = false;
    return 0;
}

/* What was told of the pair; 1: *left and *right are to be looked at instead, which told holds. */
static int follow(tare_walk *walk, PyObject *told, PyObject **left, PyObject **right,
                  tare_style *style)
{
    if (told == Py_None)
        return agree(walk);
    if (PyUnicode_Check(told))
        return tare_walk_differ(walk, *left, *right, NULL, "%U", told);
    if (PyLong_Check(told)) {
        unsigned long long count = PyLong_AsUnsignedLongLong(told);
        walk->tally.compared += count;
        return PyErr_Occurred() ? -1 : 0;
    }
    long chosen = PyTuple_Check(told) && PyTuple_GET_SIZE(told) >= 3
                      ? PyLong_AsLong(PyTuple_GET_ITEM(told, 0))
                      : TARE_STYLE_COUNT;
    if (chosen < 0 || chosen >= TARE_STYLE_COUNT) {
        PyErr_SetString(PyExc_TypeError, "expand: neither None, a count, text nor a pair");
        return -1;
    }
    *style = (tare_style)chosen;
    if (*style == TARE_STYLE_GAP)
        return compare_gap(walk, told, *left, *right);
    *left = PyTuple_GET_ITEM(told, 1);
    *right = PyTuple_GET_ITEM(told, 2);
    return *style == TARE_STYLE_BUFFER ? tare_walk_buffers(walk, *left, *right) : 1;
}

/* A pair that was looked into is not looked into again: it may be part of itself. told is replaced
 * by what holds the new pair. */
static int expand(tare_walk *walk, PyObject **told, PyObject **left, PyObject **right,
                  tare_style *style)
{
    PyObject *a = *left, *b = *right;
    if (tare_pairs_has(&walk->met, a, b))
        return 0;
    PyObject *next = PyObject_CallFunctionObjArgs(walk->expand, a, b, NULL);
    int       result = next == NULL ? -1 : follow(walk, next, left, right, style);
    if (result == 1 && tare_pairs_add(&walk->met, a, b, NULL) != TARE_OK) {
        PyErr_NoMemory();
        result = -1;
    }
    Py_XSETREF(*told, next);
    return result;
}

int tare_walk_value(tare_walk *walk, PyObject *left, PyObject *right)
{
    PyObject  *told = NULL; /* holds left and right, once they are its */
    tare_style style = TARE_STYLE_ITEMS;
    for (int turn = 0; turn < MOST_EXPANSIONS; turn++) {
        bool known;
        int  result = compare_known(walk, left, right, style, &known);
        if (!known)
            result = expand(walk, &told, &left, &right, &style);
        if (known || result != 1) {
            Py_XDECREF(told);
            return result;
        }
    }
    int result = tare_walk_differ(walk, left, right, NULL, "values without end in each other");
    Py_XDECREF(told);
    return result;
}
