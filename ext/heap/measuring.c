/* measuring.c - the functions of tare._heap that measure given objects: see measuring.h. */
#include "heap/measuring.h"

#include "heap/explain.h"
#include "heap/state.h"

enum { MAX_PARTS = 1 << 20 };

/* ---- arguments ---- */

/* What options there are: NULL for those that a function does not take. */
static int parse_option(PyObject *name, PyObject *value, bool *code, bool *allocated)
{
    bool *option = NULL;
    if (PyUnicode_CompareWithASCIIString(name, "code") == 0)
        option = code;
    else if (PyUnicode_CompareWithASCIIString(name, "allocated") == 0)
        option = allocated;
    if (option == NULL) {
        PyErr_Format(PyExc_TypeError, "%U is not an option here", name);
        return -1;
    }
    int truth = PyObject_IsTrue(value);
    *option = truth > 0;
    return truth < 0 ? -1 : 0;
}

static int parse_options(PyObject *const *values, PyObject *names, bool *code, bool *allocated)
{
    Py_ssize_t count = names != NULL ? PyTuple_GET_SIZE(names) : 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (parse_option(PyTuple_GET_ITEM(names, i), values[i], code, allocated) < 0)
            return -1;
    return 0;
}

/* ---- functions ---- */

static PyObject *fail(PyObject *module, const tare_error *err)
{
    const tare_heap_state *state = PyModule_GetState(module);
    return tare_raise(&state->errors, err);
}

static tare_status add_all(tare_deep *deep, PyObject *const *objects, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        TARE_TRY(tare_deep_add(deep, objects[i]));
    return TARE_OK;
}

static tare_status measure_all(PyObject *const *objects, Py_ssize_t count,
                               tare_deep_options options, tare_deep_size *out, tare_error *err)
{
    tare_deep deep;
    tare_deep_begin(&deep, options, err);
    tare_status status = add_all(&deep, objects, count);
    *out = deep.size;
    tare_deep_end(&deep);
    return status;
}

/* What is given, with options behind it; false with an exception set. */
static bool measure_given(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                          PyObject *names, tare_deep_size *out)
{
    tare_deep_options options = {0};
    tare_error        err = {0};
    if (parse_options(objects + count, names, &options.code, &options.allocated) < 0)
        return false;
    if (measure_all(objects, count, options, out, &err) == TARE_OK)
        return true;
    fail(module, &err);
    return false;
}

PyObject *tare_measuring_sizeof(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                                PyObject *names)
{
    tare_deep_size size;
    if (!measure_given(module, objects, count, names, &size))
        return NULL;
    return PyLong_FromUnsignedLongLong(size.bytes);
}

PyObject *tare_measuring_measure(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                                 PyObject *names)
{
    tare_deep_size size;
    if (!measure_given(module, objects, count, names, &size))
        return NULL;
    return Py_BuildValue("(KKK)", (unsigned long long)size.bytes, (unsigned long long)size.count,
                         (unsigned long long)size.opaque_count);
}

static tare_status measure_each(PyObject *const *objects, Py_ssize_t count,
                                tare_deep_options options, uint64_t *bytes_out, tare_error *err)
{
    tare_deep   deep;
    tare_status status = TARE_OK;
    tare_deep_begin(&deep, options, err);
    for (Py_ssize_t i = 0; i < count && status == TARE_OK; i++) {
        uint64_t before = deep.size.bytes;
        status = tare_deep_add(&deep, objects[i]);
        bytes_out[i] = deep.size.bytes - before;
    }
    tare_deep_end(&deep);
    return status;
}

static PyObject *make_tuple(const uint64_t *values, Py_ssize_t count)
{
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t i = 0; tuple != NULL && i < count; i++) {
        PyObject *value = PyLong_FromUnsignedLongLong(values[i]);
        if (value == NULL)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, value);
    }
    return tuple;
}

PyObject *tare_measuring_sizes(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                               PyObject *names)
{
    const tare_alloc *alloc = tare_alloc_system();
    tare_deep_options options = {0};
    tare_error        err = {0};
    void             *bytes = NULL;
    PyObject         *result = NULL;
    if (parse_options(objects + count, names, &options.code, &options.allocated) < 0)
        return NULL;
    if (tare_acquire(alloc, &bytes, (size_t)count, sizeof(uint64_t), &err) != TARE_OK ||
        measure_each(objects, count, options, bytes, &err) != TARE_OK)
        fail(module, &err);
    else
        result = make_tuple(bytes, count);
    tare_release(alloc, bytes, (size_t)count, sizeof(uint64_t));
    return result;
}

PyObject *tare_measuring_flat(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                              PyObject *names)
{
    tare_deep_options options = {0};
    tare_deep         deep;
    tare_error        err = {0};
    if (count != 1)
        return PyErr_Format(PyExc_TypeError, "flat() takes one object, %zd given", count);
    if (parse_options(objects + count, names, NULL, &options.allocated) < 0)
        return NULL;
    tare_deep_begin(&deep, options, &err);
    tare_status status = tare_deep_add_flat(&deep, objects[0]);
    tare_deep_end(&deep);
    return status == TARE_OK ? PyLong_FromUnsignedLongLong(deep.size.bytes) : fail(module, &err);
}

/* ---- blocks, for tests ---- */

typedef struct block_list {
    tare_heap_block *blocks; /* owned */
    uint32_t         count, capacity;
    tare_status      status;
    tare_error      *err;
} block_list;

static void list_block(void *context, const tare_heap_block *block)
{
    block_list *list = context;
    if (list->status == TARE_OK)
        list->status = tare_grow(tare_alloc_system(), (void **)&list->blocks, &list->capacity,
                                 (size_t)list->count + 1, sizeof *block, list->err);
    if (list->status == TARE_OK)
        list->blocks[list->count++] = *block;
}

static tare_status list_blocks(PyObject *const *objects, Py_ssize_t count,
                               tare_deep_options options, block_list *list)
{
    tare_deep deep;
    tare_deep_begin(&deep, options, list->err);
    deep.listener = list_block;
    deep.listener_context = list;
    tare_status status = add_all(&deep, objects, count);
    tare_deep_end(&deep);
    return status != TARE_OK ? status : list->status;
}

static PyObject *make_block_list(const block_list *list)
{
    PyObject *result = PyList_New(list->count);
    for (uint32_t i = 0; result != NULL && i < list->count; i++) {
        PyObject *pair = Py_BuildValue("(Kn)", (unsigned long long)list->blocks[i].address,
                                       (Py_ssize_t)list->blocks[i].bytes);
        if (pair == NULL)
            Py_CLEAR(result);
        else
            PyList_SET_ITEM(result, i, pair);
    }
    return result;
}

PyObject *tare_measuring_blocks(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                                PyObject *names)
{
    tare_deep_options options = {0};
    tare_error        err = {0};
    block_list        list = {.err = &err};
    PyObject         *result = NULL;
    if (parse_options(objects + count, names, &options.code, NULL) < 0)
        return NULL;
    if (list_blocks(objects, count, options, &list) != TARE_OK)
        fail(module, &err);
    else
        result = make_block_list(&list);
    tare_release(tare_alloc_system(), list.blocks, list.capacity, sizeof *list.blocks);
    return result;
}

/* ---- explain ---- */

static PyObject *make_text(const tare_explain *explain, uint32_t at, uint32_t bytes)
{
    const char *texts = bytes > 0 ? (const char *)explain->texts.bytes + at : "";
    return tare_heap_str((tare_text){.bytes = texts, .size = bytes});
}

static PyObject *make_row(const tare_explain *explain, const tare_explain_row *row)
{
    return Py_BuildValue(
        "(INNKKKKK)", row->depth, make_text(explain, row->name_at, row->name_bytes),
        make_text(explain, row->type_at, row->type_bytes), (unsigned long long)row->bytes,
        (unsigned long long)row->own_bytes, (unsigned long long)row->count,
        (unsigned long long)row->opaque_count, (unsigned long long)row->rest_count);
}

static PyObject *make_rows(const tare_explain *explain)
{
    PyObject *rows = PyList_New(explain->count);
    for (uint32_t i = 0; rows != NULL && i < explain->count; i++) {
        PyObject *row = make_row(explain, &explain->rows[i]);
        if (row == NULL)
            Py_CLEAR(rows);
        else
            PyList_SET_ITEM(rows, i, row);
    }
    return rows;
}

/* A number from 0 to most; what is beyond is taken for the nearest. */
static int parse_number(PyObject *object, uint32_t most, uint32_t *out)
{
    int  overflow;
    long number = PyLong_AsLongAndOverflow(object, &overflow);
    if (number == -1 && overflow == 0 && PyErr_Occurred())
        return -1;
    if (overflow > 0 || number > (long)most)
        number = (long)most;
    *out = number < 0 ? 0 : (uint32_t)number;
    return 0;
}

PyObject *tare_measuring_explain(PyObject *module, PyObject *const *arguments, Py_ssize_t count,
                                 PyObject *names)
{
    tare_explain      explain = {.alloc = tare_alloc_system()};
    tare_deep_options options = {0};
    tare_error        err = {0};
    uint32_t          depth, limit;
    PyObject         *rows = NULL;
    if (count != 3)
        return PyErr_Format(PyExc_TypeError, "explain() takes an object, a depth and a limit");
    if (parse_number(arguments[1], TARE_EXPLAIN_MAX_DEPTH, &depth) < 0 ||
        parse_number(arguments[2], MAX_PARTS, &limit) < 0 ||
        parse_options(arguments + count, names, &options.code, &options.allocated) < 0)
        return NULL;
    if (tare_explain_object(&explain, arguments[0], depth, limit, options, &err) != TARE_OK)
        fail(module, &err);
    else
        rows = make_rows(&explain);
    tare_explain_deinit(&explain);
    return rows;
}
