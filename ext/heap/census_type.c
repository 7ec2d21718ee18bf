/* census_type.c - the type Census: rows that were counted, outside the Python heap.
 *
 *     Census(by="type", objects=None)   counts now: all there are, or the objects given
 *     Census.of(snapshot, by)           counts those of a snapshot
 *     census.since(before)              a difference
 *     census.write(path, overwrite, meta) */
#include "heap/state.h"

#include "heap/counting.h"

#include "io/heap_file.h"

static tare_census *census_of(PyObject *self)
{
    return &((tare_census_object *)self)->census;
}

static PyObject *make(PyTypeObject *type)
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self != NULL)
        *census_of(self) = (tare_census){.alloc = tare_alloc_system()};
    return self;
}

static PyObject *finish(PyTypeObject *type, PyObject *self, tare_status status,
                        const tare_error *err)
{
    if (status == TARE_OK)
        return self;
    Py_DECREF(self);
    tare_heap_state *state = tare_heap_state_of(type);
    return state != NULL ? tare_raise(&state->errors, err) : NULL;
}

/* ---- making ---- */

static int parse_by(const char *word, tare_census_by *out)
{
    *out = tare_census_find(word);
    if (*out != TARE_CENSUS_BY_COUNT)
        return 0;
    PyErr_Format(PyExc_ValueError, "count by %s: there is type, class, module, size, age and site",
                 word);
    return -1;
}

static tare_status count(tare_counting *counting, tare_census *out, tare_error *err)
{
    int         was_enabled = PyGC_Disable();
    tare_status status = tare_count_objects(counting, out, err);
    if (was_enabled)
        PyGC_Enable();
    return status;
}

static PyObject *new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char     *names[] = {"by", "objects", NULL};
    const char      *by = "type";
    PyObject        *objects = Py_None, *given = NULL, *self = NULL;
    tare_heap_state *state = tare_heap_state_of(type);
    tare_counting    counting = {0};
    tare_error       err = {0};
    if (state == NULL ||
        !PyArg_ParseTupleAndKeywords(arguments, keywords, "|sO:Census", names, &by, &objects) ||
        parse_by(by, &counting.by) < 0)
        return NULL;
    counting.hidden = state->types;
    counting.hidden_count = TARE_HIDDEN_TYPES;
    if (objects != Py_None) {
        given = PySequence_Fast(objects, "objects is not iterable");
        if (given == NULL)
            return NULL;
        counting.objects = PySequence_Fast_ITEMS(given);
        counting.object_count = PySequence_Fast_GET_SIZE(given);
        counting.given = true;
    }
    self = make(type);
    if (self != NULL)
        self = finish(type, self, count(&counting, census_of(self), &err), &err);
    Py_XDECREF(given);
    return self;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    tare_census_deinit(census_of(self));
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *count_snapshot(PyObject *type, PyObject *arguments)
{
    tare_heap_state *state = tare_heap_state_of((PyTypeObject *)type);
    PyObject        *snapshot;
    const char      *word;
    tare_census_by   by;
    tare_error       err = {0};
    if (state == NULL ||
        !PyArg_ParseTuple(arguments, "O!s:of", state->types[TARE_TYPE_SNAPSHOT], &snapshot,
                          &word) ||
        parse_by(word, &by) < 0)
        return NULL;
    PyObject *self = make((PyTypeObject *)type);
    if (self == NULL)
        return NULL;
    const tare_snapshot *from = &((tare_snapshot_object *)snapshot)->snapshot;
    tare_status          status = from->census.by == by
                                      ? tare_census_copy(&from->census, census_of(self), &err)
                                      : tare_snapshot_count(from, by, census_of(self), &err);
    return finish((PyTypeObject *)type, self, status, &err);
}

static PyObject *since(PyObject *self, PyObject *before)
{
    tare_heap_state *state = tare_heap_state_of(Py_TYPE(self));
    tare_error       err = {0};
    if (state == NULL)
        return NULL;
    if (!PyObject_TypeCheck(before, state->types[TARE_TYPE_CENSUS]))
        return PyErr_Format(PyExc_TypeError, "since() takes a Census, not %s",
                            Py_TYPE(before)->tp_name);
    PyObject *out = make(Py_TYPE(self));
    if (out == NULL)
        return NULL;
    return finish(Py_TYPE(self), out,
                  tare_census_diff(census_of(before), census_of(self), census_of(out), &err), &err);
}

/* ---- saving ---- */

static tare_status save_census(const tare_census *census, tare_snapshot *file, const char *path,
                               bool overwrite, tare_error *err)
{
    if (census->is_difference)
        return tare_fail(err, TARE_USAGE,
                         "save %s: a difference has no file of its own; save the two censuses",
                         path);
    TARE_TRY(tare_census_copy(census, &file->census, err));
    return tare_heap_save(file, path, overwrite, err);
}

static PyObject *save(PyObject *self, PyObject *arguments)
{
    tare_heap_state *state = tare_heap_state_of(Py_TYPE(self));
    PyObject        *path = NULL, *meta = Py_None, *result = NULL;
    int              overwrite = 0;
    tare_snapshot    file = {0};
    tare_error       err = {0};
    if (state == NULL || !PyArg_ParseTuple(arguments, "O&|pO:write", PyUnicode_FSConverter, &path,
                                           &overwrite, &meta))
        return NULL;
    tare_status status = tare_snapshot_init(&file, tare_alloc_system(), &err);
    if (status != TARE_OK || tare_heap_set_meta(state, &file.profile, meta) == 0) {
        if (status == TARE_OK)
            status = save_census(census_of(self), &file, PyBytes_AS_STRING(path), overwrite != 0,
                                 &err);
        result = status == TARE_OK ? Py_NewRef(Py_None) : tare_raise(&state->errors, &err);
    }
    tare_snapshot_deinit(&file);
    Py_DECREF(path);
    return result;
}

/* ---- reading ---- */

static PyObject *sum_tuple(const tare_census_sum *sum)
{
    return Py_BuildValue("(LLL)", (long long)sum->count, (long long)sum->bytes,
                         (long long)sum->allocated_bytes);
}

static PyObject *make_rows(const tare_census_row *rows, uint32_t count)
{
    PyObject *list = PyList_New(count);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        PyObject *row = Py_BuildValue("(NLLL)", tare_heap_str(rows[i].key),
                                      (long long)rows[i].sum.count, (long long)rows[i].sum.bytes,
                                      (long long)rows[i].sum.allocated_bytes);
        if (row == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, row);
    }
    return list;
}

static PyObject *list_rows(PyObject *self, PyObject *Py_UNUSED(none))
{
    const tare_census *census = census_of(self);
    tare_heap_state   *state = tare_heap_state_of(Py_TYPE(self));
    tare_census_row   *rows;
    uint32_t           count;
    tare_error         err = {0};
    if (state == NULL)
        return NULL;
    if (tare_census_rows(census, &rows, &count, &err) != TARE_OK)
        return tare_raise(&state->errors, &err);
    PyObject *list = make_rows(rows, count);
    tare_release(census->alloc, rows, count, sizeof *rows);
    return list;
}

static PyObject *get_by(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(tare_census_word(census_of(self)->by));
}

static PyObject *get_all(PyObject *self, void *Py_UNUSED(closure))
{
    return sum_tuple(&census_of(self)->all);
}

static PyObject *get_parts(PyObject *self, void *Py_UNUSED(closure))
{
    const tare_census_sum *parts = census_of(self)->parts;
    return Py_BuildValue("{s:N,s:N,s:N,s:N}", "unreached", sum_tuple(&parts[TARE_CENSUS_UNREACHED]),
                         "static", sum_tuple(&parts[TARE_CENSUS_STATIC]), "opaque",
                         sum_tuple(&parts[TARE_CENSUS_OPAQUE]), "frozen",
                         sum_tuple(&parts[TARE_CENSUS_FROZEN]));
}

static PyObject *get_is_difference(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(census_of(self)->is_difference);
}

static PyObject *get_during_collection(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(census_of(self)->during_collection);
}

static PyObject *get_frozen_hidden(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(census_of(self)->frozen_hidden);
}

static PyGetSetDef attributes[] = {
    {"by", get_by, NULL, "The way it was counted.", NULL},
    {"all", get_all, NULL, "(count, bytes, allocated bytes) of all rows.", NULL},
    {"parts", get_parts, NULL, "The same of what is counted apart, by name.", NULL},
    {"is_difference", get_is_difference, NULL, "Whether it was made by since().", NULL},
    {"during_collection", get_during_collection, NULL,
     "Whether a collection was under way, which hides what it looks at.", NULL},
    {"frozen_hidden", get_frozen_hidden, NULL,
     "Whether objects set apart by gc.freeze() could not be seen.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"of", count_snapshot, METH_CLASS | METH_VARARGS,
     "of(snapshot, by)\n--\n\nThe objects of a snapshot, counted by type, module or size."},
    {"since", since, METH_O, "since(before)\n--\n\nThis census less another, row by row."},
    {"list", list_rows, METH_NOARGS,
     "list()\n--\n\n[(key, count, bytes, allocated bytes), ...], the most bytes first."},
    {"write", save, METH_VARARGS,
     "write(path, overwrite=False, meta=None)\n--\n\nWrites it to a .tare file, whole or not."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "How many objects there are of each sort, and how many bytes they are."},
    {Py_tp_new, (void *)new},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_getset, attributes},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tare._heap.Census",
    .basicsize = sizeof(tare_census_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

int tare_census_type_add(PyObject *module, tare_heap_state *state)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    state->types[TARE_TYPE_CENSUS] = (PyTypeObject *)type;
    return type != NULL ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
}
