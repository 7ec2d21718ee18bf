/* module.c - the extension module tare._heap: what is in memory.
 *
 *     sizeof(*objects, code=False, allocated=False)    bytes of the objects with all they hold
 *     sizes(*objects, code=False, allocated=False)     the same for each
 *     flat(object, allocated=False)                    bytes of one alone
 *     blocks(*objects, code=False)                     where these bytes are
 *     measure(*objects, code=False, allocated=False)   bytes, objects, opaque objects
 *     flats(objects)                                   bytes of each alone
 *     objects(), attributes(object)                    objects, for those who want them
 *     Sizer                                            sizes of one object after another
 *     Census, Snapshot   see census_type.c, snapshot_type.c */
#include "heap/deep.h"
#include "heap/holding.h"
#include "heap/listing.h"
#include "heap/sizer.h"
#include "heap/state.h"

static tare_heap_state *get_state(PyObject *module)
{
    return PyModule_GetState(module);
}

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
    return tare_raise(&get_state(module)->errors, err);
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

static PyObject *sizeof_(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                         PyObject *names)
{
    tare_deep_options options = {0};
    tare_deep_size    size;
    tare_error        err = {0};
    if (parse_options(objects + count, names, &options.code, &options.allocated) < 0)
        return NULL;
    if (measure_all(objects, count, options, &size, &err) != TARE_OK)
        return fail(module, &err);
    return PyLong_FromUnsignedLongLong(size.bytes);
}

static PyObject *measure(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                         PyObject *names)
{
    tare_deep_options options = {0};
    tare_deep_size    size;
    tare_error        err = {0};
    if (parse_options(objects + count, names, &options.code, &options.allocated) < 0)
        return NULL;
    if (measure_all(objects, count, options, &size, &err) != TARE_OK)
        return fail(module, &err);
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

static PyObject *sizes(PyObject *module, PyObject *const *objects, Py_ssize_t count,
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

static PyObject *flat(PyObject *module, PyObject *const *objects, Py_ssize_t count, PyObject *names)
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

static PyObject *blocks(PyObject *module, PyObject *const *objects, Py_ssize_t count,
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

/* ---- the module ---- */

static int execute(PyObject *module)
{
    tare_heap_state *state = get_state(module);
    if (tare_errors_init(&state->errors) < 0 || tare_census_type_add(module, state) < 0)
        return -1;
    return tare_snapshot_type_add(module, state) < 0 ? -1 : tare_sizer_add_type(module);
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    const tare_heap_state *state = get_state(module);
    for (size_t i = 0; i < TARE_HIDDEN_TYPES; i++)
        Py_VISIT(state->types[i]);
    return tare_errors_traverse(&state->errors, visit, arg);
}

static int clear(PyObject *module)
{
    tare_heap_state *state = get_state(module);
    for (size_t i = 0; i < TARE_HIDDEN_TYPES; i++)
        Py_CLEAR(state->types[i]);
    tare_errors_clear(&state->errors);
    return 0;
}

static void free_module(void *module)
{
    clear(module);
}

enum { WITH_OPTIONS = METH_FASTCALL | METH_KEYWORDS };

static PyMethodDef functions[] = {
    {"holders", TARE_METHOD(tare_holding_holders), METH_FASTCALL,
     "holders(object, instances, limit)\n--\n\nHow an object, or all of a class, are held."},
    {"exclusive", TARE_METHOD(tare_holding_exclusive), METH_FASTCALL,
     "exclusive(*objects)\n--\n\nBytes that would go with the objects."},
    {"largest", tare_holding_largest, METH_O,
     "largest(limit)\n--\n\nThe objects with which most bytes would go."},
    {"sizeof", TARE_METHOD(sizeof_), WITH_OPTIONS,
     "sizeof(*objects, code=False, allocated=False)\n--\n\n"
     "Bytes of the objects with all they hold, each thing once."},
    {"sizes", TARE_METHOD(sizes), WITH_OPTIONS,
     "sizes(*objects, code=False, allocated=False)\n--\n\n"
     "A tuple of the sizeof each; what two share counts for the first."},
    {"flat", TARE_METHOD(flat), WITH_OPTIONS,
     "flat(object, allocated=False)\n--\n\nBytes of the object itself, its buffers included."},
    {"measure", TARE_METHOD(measure), WITH_OPTIONS,
     "measure(*objects, code=False, allocated=False)\n--\n\n"
     "(bytes, objects, opaque objects): what sizeof counts."},
    {"blocks", TARE_METHOD(blocks), WITH_OPTIONS,
     "blocks(*objects, code=False)\n--\n\n"
     "[(address, bytes), ...]: what sizeof adds up; address 0 where it is not known."},
    {"flats", tare_sizer_flats, METH_O,
     "flats(objects)\n--\n\nBytes of each by itself, as a list; what several have counts for the "
     "first."},
    {"objects", tare_listing_objects, METH_NOARGS,
     "objects()\n--\n\nA list of all objects that are alive, each once."},
    {"attributes", tare_listing_attributes, METH_O,
     "attributes(object)\n--\n\nIts attributes, a dict: its __dict__ if it has one, else a new one "
     "that\nstays apart. None: it cannot have any."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    TARE_MODULE_SLOTS(execute),
};

PyModuleDef tare_heap_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tare._heap",
    .m_doc = "What is in the memory of this process.",
    .m_size = sizeof(tare_heap_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_module,
};

TARE_MODULE_INIT(_heap, &tare_heap_module)
