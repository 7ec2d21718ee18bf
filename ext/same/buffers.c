/* buffers.c - arrays of numbers, by the buffer protocol.
 *
 * NumPy's arrays and scalars, array.array, memoryview, ctypes and whatever else exports its memory
 * are one thing here: a format, a shape and strides. Nothing is copied or imported.
 * What is no array of numbers is compared as bytes, and only where both have the same format. */
#include "same/walk.h"

#include <string.h>

enum { SUFFIX_BYTES = 32 * TARE_ARRAY_MAX_DIMENSIONS };

static const char unreadable[] = "the memory of one cannot be read";

static bool is_readable(const Py_buffer *view)
{
    return view->ndim <= TARE_ARRAY_MAX_DIMENSIONS && (view->ndim == 0 || view->shape != NULL);
}

/* Who exports without strides has his elements in C order. */
static void read_strides(const Py_buffer *view, tare_array *out)
{
    int64_t stride = view->itemsize;
    for (int d = view->ndim; d-- > 0; stride *= view->shape[d])
        out->strides[d] = view->strides != NULL ? view->strides[d] : stride;
}

static bool read_view(const Py_buffer *view, tare_array *out)
{
    const char *format = view->format != NULL ? view->format : "B";
    *out = (tare_array){.data = view->buf, .dimensions = (uint32_t)view->ndim};
    read_strides(view, out);
    return tare_element_parse(format, (size_t)view->itemsize, &out->element, NULL) == TARE_OK;
}

/* Shapes are arrays of Py_ssize_t, which is what core counts in. */
static_assert(sizeof(Py_ssize_t) == sizeof(int64_t), "a shape is read as it is");

static bool have_one_shape(const Py_buffer *left, const Py_buffer *right)
{
    return left->ndim == right->ndim &&
           (left->ndim == 0 ||
            memcmp(left->shape, right->shape, (size_t)left->ndim * sizeof *left->shape) == 0);
}

static PyObject *shape_of(const Py_buffer *view)
{
    PyObject *shape = PyTuple_New(view->ndim);
    for (int d = 0; shape != NULL && d < view->ndim; d++) {
        PyObject *count = PyLong_FromSsize_t(view->shape[d]);
        if (count == NULL)
            Py_CLEAR(shape);
        else
            PyTuple_SET_ITEM(shape, d, count);
    }
    return shape;
}

static int tell_shapes(tare_walk *walk, PyObject *left, PyObject *right, const Py_buffer *a,
                       const Py_buffer *b)
{
    PyObject *of_left = shape_of(a), *of_right = shape_of(b);
    int       result = -1;
    if (of_left != NULL && of_right != NULL)
        result = tare_walk_differ(walk, left, right, NULL, "shape %R against %R", of_left,
                                  of_right);
    Py_XDECREF(of_left);
    Py_XDECREF(of_right);
    return result;
}

/* An element as an object. */
static PyObject *box(const tare_array *array, uint64_t index)
{
    const char *at = array->data;
    for (uint32_t d = array->dimensions; d-- > 0;) {
        uint64_t count = (uint64_t)array->shape[d];
        at += array->strides[d] * (int64_t)(index % count);
        index /= count;
    }
    tare_number number = tare_element_load(&array->element, at);
    switch (array->element.kind) {
    case TARE_ELEMENT_BOOL:
        return PyBool_FromLong(number.re != 0);
    case TARE_ELEMENT_CHARACTER:
        return PyUnicode_FromFormat("%c", (int)number.re);
    case TARE_ELEMENT_SIGNED:
        return PyLong_FromLongLong((long long)number.re);
    case TARE_ELEMENT_UNSIGNED:
        return PyLong_FromUnsignedLongLong((unsigned long long)number.re);
    case TARE_ELEMENT_COMPLEX:
        return PyComplex_FromDoubles((double)number.re, (double)number.im);
    case TARE_ELEMENT_FLOAT:
        break;
    }
    return PyFloat_FromDouble((double)number.re);
}

/* [i, j] as the array's own index is written; nothing for a scalar. */
static void spell_index(const tare_array *array, uint64_t index, char *out)
{
    uint64_t indices[TARE_ARRAY_MAX_DIMENSIONS];
    size_t   used = 0;
    for (uint32_t d = array->dimensions; d-- > 0;) {
        indices[d] = index % (uint64_t)array->shape[d];
        index /= (uint64_t)array->shape[d];
    }
    out[0] = '\0';
    for (uint32_t d = 0; d < array->dimensions; d++) {
        const char *before = d == 0 ? "[" : ", ";
        const char *after = d + 1 == array->dimensions ? "]" : "";
        used += (size_t)PyOS_snprintf(out + used, SUFFIX_BYTES - used, "%s%llu%s", before,
                                      (unsigned long long)indices[d], after);
    }
}

static int keep_first(tare_walk *walk, const tare_array *left, const tare_array *right,
                      uint64_t index)
{
    char      suffix[SUFFIX_BYTES];
    PyObject *a = box(left, index), *b = box(right, index);
    int       result = -1;
    spell_index(left, index, suffix);
    if (a != NULL && b != NULL)
        result = tare_walk_keep_first(walk, a, b, suffix, NULL);
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

static int compare_arrays(tare_walk *walk, const tare_array *left, const tare_array *right)
{
    char                   suffix[SUFFIX_BYTES];
    tare_places            places;
    Py_BEGIN_ALLOW_THREADS places = tare_arrays_compare(&walk->rule, left, right, &walk->tally);
    Py_END_ALLOW_THREADS if (places.first_index != TARE_NO_PLACE &&
                             keep_first(walk, left, right, places.first_index) < 0) return -1;
    if (places.worst_index == TARE_NO_PLACE)
        return 0;
    spell_index(left, places.worst_index, suffix);
    return tare_walk_spell_worst(walk, suffix);
}

static bool have_one_kind(const tare_walk *walk, const tare_element *a, const tare_element *b)
{
    bool same = a->kind == b->kind && a->bytes == b->bytes;
    return walk->strict ? same : (a->kind == TARE_ELEMENT_BOOL) == (b->kind == TARE_ELEMENT_BOOL);
}

static int compare_bytes(tare_walk *walk, PyObject *left, PyObject *right, const Py_buffer *a,
                         const Py_buffer *b)
{
    if (a->format == NULL || b->format == NULL || strcmp(a->format, b->format) != 0)
        return tare_walk_differ(walk, left, right, NULL, "elements of format %s against %s",
                                a->format != NULL ? a->format : "B",
                                b->format != NULL ? b->format : "B");
    PyObject *of_left = PyBytes_FromObject(left), *of_right = PyBytes_FromObject(right);
    int       result = -1;
    if (of_left != NULL && of_right != NULL) {
        bool same = PyObject_RichCompareBool(of_left, of_right, Py_EQ) == 1;
        walk->tally.compared += same;
        result = same ? 0 : tare_walk_differ(walk, left, right, NULL, "their bytes differ");
    }
    Py_XDECREF(of_left);
    Py_XDECREF(of_right);
    return result;
}

static int compare_views(tare_walk *walk, PyObject *left, PyObject *right, const Py_buffer *a,
                         const Py_buffer *b)
{
    tare_array of_left, of_right;
    if (!is_readable(a) || !is_readable(b))
        return tare_walk_differ(walk, left, right, NULL, unreadable);
    if (!have_one_shape(a, b))
        return tell_shapes(walk, left, right, a, b);
    bool numbers = read_view(a, &of_left);
    if (!read_view(b, &of_right) || !numbers)
        return compare_bytes(walk, left, right, a, b);
    of_left.shape = of_right.shape = (const int64_t *)a->shape;
    if (!have_one_kind(walk, &of_left.element, &of_right.element))
        return tare_walk_differ(walk, left, right, NULL, "elements of format %s against %s",
                                a->format != NULL ? a->format : "B",
                                b->format != NULL ? b->format : "B");
    return compare_arrays(walk, &of_left, &of_right);
}

/* A buffer may be one that has no strides, or whose owner does not give it away now. */
static int tell_refused(tare_walk *walk, PyObject *left, PyObject *right)
{
    if (!PyErr_ExceptionMatches(PyExc_Exception))
        return -1;
    PyErr_Clear();
    return tare_walk_differ(walk, left, right, NULL, unreadable);
}

int tare_walk_buffers(tare_walk *walk, PyObject *left, PyObject *right)
{
    Py_buffer a, b;
    if (PyObject_GetBuffer(left, &a, PyBUF_RECORDS_RO) < 0)
        return tell_refused(walk, left, right);
    if (PyObject_GetBuffer(right, &b, PyBUF_RECORDS_RO) < 0) {
        PyBuffer_Release(&a);
        return tell_refused(walk, left, right);
    }
    int result = compare_views(walk, left, right, &a, &b);
    PyBuffer_Release(&b);
    PyBuffer_Release(&a);
    return result;
}
