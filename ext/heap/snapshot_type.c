/* snapshot_type.c - the type Snapshot: all objects of a process at one moment, as numbers.
 *
 *     Snapshot.take()           of this process, now
 *     Snapshot.load(path)       from a file
 *     snapshot.write(path, overwrite, meta)
 *     snapshot.list_largest(limit)   what holds the most alone
 *     snapshot.list_holders(type, limit)   how the objects of a type are held */
#include "heap/snapshot_fill.h"
#include "heap/state.h"

#include "heap/snapshot_ways.h"
#include "io/heap_file.h"

static tare_snapshot *snapshot_of(PyObject *self)
{
    return &((tare_snapshot_object *)self)->snapshot;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    tare_snapshot_deinit(snapshot_of(self));
    type->tp_free(self);
    Py_DECREF(type);
}

static tare_status take_survey(tare_snapshot *snapshot, tare_heap_state *state, tare_error *err)
{
    tare_asked  asked = {.hidden = state->types, .hidden_count = TARE_HIDDEN_TYPES};
    tare_survey survey = {0};
    tare_status status = tare_survey_make(&survey, &asked, err);
    if (status == TARE_OK)
        status = tare_snapshot_fill(snapshot, &survey, err);
    tare_survey_deinit(&survey);
    return status;
}

static PyObject *take(PyObject *type, PyObject *Py_UNUSED(nothing))
{
    tare_heap_state *state = tare_heap_state_of((PyTypeObject *)type);
    tare_error       err = {0};
    PyObject *self = state != NULL ? ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0)
                                   : NULL;
    if (self == NULL)
        return NULL;
    tare_status status = tare_snapshot_init(snapshot_of(self), tare_alloc_system(), &err);
    if (status == TARE_OK)
        status = take_survey(snapshot_of(self), state, &err);
    if (status == TARE_OK)
        status = tare_snapshot_check(snapshot_of(self), &err);
    if (status == TARE_OK)
        return self;
    Py_DECREF(self);
    return tare_raise(&state->errors, &err);
}

static PyObject *load(PyObject *type, PyObject *arguments)
{
    tare_heap_state *state = tare_heap_state_of((PyTypeObject *)type);
    PyObject        *path = NULL, *self = NULL;
    tare_file_state  file;
    tare_error       err = {0};
    tare_status      status;
    if (state == NULL || !PyArg_ParseTuple(arguments, "O&:load", PyUnicode_FSConverter, &path))
        return NULL;
    self = ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
    if (self == NULL) {
        Py_DECREF(path);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS status = tare_heap_load(PyBytes_AS_STRING(path), tare_alloc_system(),
                                                   snapshot_of(self), &file, &err);
    Py_END_ALLOW_THREADS   Py_DECREF(path);
    if (status == TARE_OK)
        return self;
    Py_DECREF(self);
    return tare_raise(&state->errors, &err);
}

static PyObject *save(PyObject *self, PyObject *arguments)
{
    tare_heap_state *state = tare_heap_state_of(Py_TYPE(self));
    PyObject        *path = NULL, *meta = Py_None, *result = NULL;
    int              overwrite = 0;
    tare_error       err = {0};
    if (state == NULL || !PyArg_ParseTuple(arguments, "O&|pO:write", PyUnicode_FSConverter, &path,
                                           &overwrite, &meta))
        return NULL;
    if (tare_heap_set_meta(state, &snapshot_of(self)->profile, meta) == 0) {
        tare_status status = tare_heap_save(snapshot_of(self), PyBytes_AS_STRING(path),
                                            overwrite != 0, &err);
        result = status == TARE_OK ? Py_NewRef(Py_None) : tare_raise(&state->errors, &err);
    }
    Py_DECREF(path);
    return result;
}

/* ---- reading ---- */

static PyObject *describe(const tare_snapshot *snapshot, uint32_t id, tare_buffer *path)
{
    const tare_heap_object *object = &snapshot->objects[id];
    tare_buffer_clear(path);
    tare_snapshot_path(snapshot, id, path);
    tare_text text = {.bytes = (const char *)path->bytes, .size = path->failed ? 0 : path->size};
    tare_text type = tare_profile_text(&snapshot->profile, snapshot->types[object->type].name);
    return Py_BuildValue("(NNKK)", tare_heap_str(text), tare_heap_str(type),
                         (unsigned long long)object->bytes,
                         (unsigned long long)object->retained_bytes);
}

static PyObject *describe_all(const tare_snapshot *snapshot, const uint32_t *ids, uint32_t count)
{
    tare_buffer path = {.alloc = snapshot->alloc};
    PyObject   *list = PyList_New(count);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        PyObject *row = describe(snapshot, ids[i], &path);
        if (row == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, row);
    }
    tare_buffer_deinit(&path);
    return list;
}

static PyObject *list_largest(PyObject *self, PyObject *argument)
{
    const tare_snapshot *snapshot = snapshot_of(self);
    tare_heap_state     *state = tare_heap_state_of(Py_TYPE(self));
    long                 limit = PyLong_AsLong(argument);
    uint32_t             ids[TARE_SNAPSHOT_MAX_LARGEST], count = 0;
    tare_error           err = {0};
    if (state == NULL || (limit == -1 && PyErr_Occurred()))
        return NULL;
    if (limit < 0 || limit > TARE_SNAPSHOT_MAX_LARGEST)
        return PyErr_Format(PyExc_ValueError, "list_largest() takes up to %d",
                            TARE_SNAPSHOT_MAX_LARGEST);
    if (tare_snapshot_largest(snapshot, (uint32_t)limit, ids, &count, &err) != TARE_OK)
        return tare_raise(&state->errors, &err);
    return describe_all(snapshot, ids, count);
}

enum { HOLDERS_MOST = 10000, STEPS_TOLD = 80 };

/* (text, type, object) for each step; what it says is appended to path too. */
static PyObject *describe_steps(const tare_snapshot *snapshot, const tare_patterns *patterns,
                                const uint32_t *way, uint32_t length, tare_buffer *path)
{
    PyObject *steps = PyTuple_New(length);
    for (uint32_t i = 0; steps != NULL && i < length; i++) {
        const tare_pattern *step = &patterns->patterns[way[i]];
        tare_text           text = tare_intern_get(&patterns->strings, step->text);
        uint32_t            type = snapshot->objects[step->node].type;
        tare_buffer_append(path, text.bytes, text.size);
        PyObject *item = Py_BuildValue(
            "(NNI)", tare_heap_str(text),
            tare_heap_str(tare_profile_text(&snapshot->profile, snapshot->types[type].name)),
            step->node);
        if (item == NULL)
            Py_CLEAR(steps);
        else
            PyTuple_SET_ITEM(steps, i, item);
    }
    return steps;
}

/* (path, reached, count, bytes, steps) */
static PyObject *describe_way(const tare_snapshot *snapshot, const tare_patterns *patterns,
                              uint32_t id, tare_buffer *path)
{
    const tare_pattern *pattern = &patterns->patterns[id];
    uint32_t            way[STEPS_TOLD];
    bool                cut;
    uint32_t            length = tare_patterns_way(patterns, id, way, STEPS_TOLD, &cut);
    tare_buffer_clear(path);
    if (cut)
        tare_buffer_format(path, "... ");
    PyObject *steps = describe_steps(snapshot, patterns, way, length, path);
    tare_text text = {.bytes = (const char *)path->bytes, .size = path->failed ? 0 : path->size};
    return Py_BuildValue(
        "(NNKKN)", tare_heap_str(text), PyBool_FromLong(pattern->node < snapshot->reached_count),
        (unsigned long long)pattern->count, (unsigned long long)pattern->bytes, steps);
}

static PyObject *describe_ways(const tare_snapshot *snapshot, const tare_patterns *patterns,
                               const uint32_t *ids, uint32_t count)
{
    tare_buffer path = {.alloc = snapshot->alloc};
    PyObject   *list = PyList_New(count);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        PyObject *row = describe_way(snapshot, patterns, ids[i], &path);
        if (row == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, row);
    }
    tare_buffer_deinit(&path);
    return list;
}

static PyObject *tell_ways(const tare_snapshot *snapshot, const tare_snapshot_ways *ways,
                           uint32_t limit, tare_error *err)
{
    void     *ids;
    uint32_t  count = 0, all_count = 0;
    PyObject *result = NULL;
    if (tare_acquire(snapshot->alloc, &ids, limit, sizeof(uint32_t), err) != TARE_OK)
        return NULL;
    if (tare_patterns_rank(&ways->patterns, ids, limit, &count, &all_count, err) == TARE_OK)
        result = Py_BuildValue("(NIKK)", describe_ways(snapshot, &ways->patterns, ids, count),
                               all_count, (unsigned long long)ways->count,
                               (unsigned long long)ways->bytes);
    tare_release(snapshot->alloc, ids, limit, sizeof(uint32_t));
    return result;
}

static PyObject *list_holders(PyObject *self, PyObject *arguments)
{
    const tare_snapshot *snapshot = snapshot_of(self);
    tare_heap_state     *state = tare_heap_state_of(Py_TYPE(self));
    tare_snapshot_ways   ways = {0};
    unsigned             limit;
    tare_error           err = {0};
    PyObject            *type, *name, *result = NULL;
    if (state == NULL || !PyArg_ParseTuple(arguments, "UI:list_holders", &type, &limit))
        return NULL;
    name = tare_heap_bytes(type);
    if (name == NULL)
        return NULL;
    tare_text text = {.bytes = PyBytes_AS_STRING(name), .size = (size_t)PyBytes_GET_SIZE(name)};
    if (tare_snapshot_ways_find(&ways, snapshot, text, &err) == TARE_OK)
        result = tell_ways(snapshot, &ways, Py_MIN(limit, HOLDERS_MOST), &err);
    tare_snapshot_ways_deinit(&ways);
    Py_DECREF(name);
    if (result == NULL && !PyErr_Occurred())
        return tare_raise(&state->errors, &err);
    return result;
}

static PyObject *get_meta(PyObject *self, void *Py_UNUSED(closure))
{
    const tare_profile *profile = &snapshot_of(self)->profile;
    PyObject           *meta = PyDict_New();
    for (uint32_t i = 0; meta != NULL && i < profile->meta_count; i++) {
        PyObject *key = tare_heap_str(tare_profile_text(profile, profile->meta[i].key));
        PyObject *value = tare_heap_str(tare_profile_text(profile, profile->meta[i].value));
        if (key == NULL || value == NULL || PyDict_SetItem(meta, key, value) < 0)
            Py_CLEAR(meta);
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return meta;
}

static PyObject *get_object_count(PyObject *self, void *Py_UNUSED(closure))
{
    uint32_t count = snapshot_of(self)->object_count;
    return PyLong_FromUnsignedLong(count > 0 ? count - 1 : 0);
}

static PyObject *get_by(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(tare_census_word(snapshot_of(self)->census.by));
}

static PyGetSetDef attributes[] = {
    {"meta", get_meta, NULL, "Where, when and by what it was taken.", NULL},
    {"object_count", get_object_count, NULL, "0 when only a census was taken.", NULL},
    {"by", get_by, NULL, "How the census in it was counted; \"\" without one.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"take", take, METH_CLASS | METH_NOARGS,
     "take()\n--\n\nThis process, now: every object, with what holds it and what it retains."},
    {"load", load, METH_CLASS | METH_VARARGS, "load(path)\n--\n\nThe snapshot in a .tare file."},
    {"write", save, METH_VARARGS,
     "write(path, overwrite=False, meta=None)\n--\n\nWrites it to a .tare file, whole or not."},
    {"list_largest", list_largest, METH_O,
     "list_largest(limit)\n--\n\n[(path, type, bytes, retained bytes), ...] of what holds most by "
     "itself."},
    {"list_holders", list_holders, METH_VARARGS,
     "list_holders(type, limit)\n--\n\n"
     "([(path, reached, count, bytes, steps), ...], ways, objects, bytes): how the objects of a "
     "type are held."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "All objects of a process at one moment, as numbers and strings."},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_getset, attributes},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tare._heap.Snapshot",
    .basicsize = sizeof(tare_snapshot_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

int tare_snapshot_type_add(PyObject *module, tare_heap_state *state)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    state->types[TARE_TYPE_SNAPSHOT] = (PyTypeObject *)type;
    return type != NULL ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
}
