/* module.c - the extension module tare._profile: what a .tare file says.
 *
 *     load(path), decode(bytes)  ->  Profile  ->  Summary, Calls
 *     import_bytes(data)         ->  Profile, from another tool's file
 *     formats()                  ->  what Profile.export can write
 *     import_formats()           ->  what import_bytes can read
 *     STATUSES                   ->  the names of core's statuses
 *
 * The module keeps its exception classes, types and records in its state, so every
 * interpreter has its own. Reading a file happens without the GIL: core knows nothing
 * of Python, and the Profile is not yet visible to anyone else.
 * Left out: arithmetic. Whatever is computed, core computed it. */
#include "profile/profile.h"

#include "io/export.h"
#include "io/import.h"

#include <string.h>

static tare_profile_state *get_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static PyObject *finish_load(tare_profile_state *state, tare_profile_object *loaded,
                             tare_status status, const tare_error *err)
{
    if (status == TARE_OK)
        return (PyObject *)loaded;
    Py_DECREF(loaded);
    return tare_raise(&state->errors, err);
}

static PyObject *load(PyObject *module, PyObject *argument)
{
    tare_profile_state *state = get_state(module);
    PyObject           *path = NULL;
    tare_error          err;
    tare_status         status;
    if (!PyUnicode_FSConverter(argument, &path))
        return NULL;
    tare_profile_object *loaded = tare_profile_new(state);
    if (loaded == NULL) {
        Py_DECREF(path);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS status = tare_file_load(PyBytes_AS_STRING(path), tare_alloc_system(),
                                                   &loaded->profile, &loaded->file, &err);
    Py_END_ALLOW_THREADS   Py_DECREF(path);
    return finish_load(state, loaded, status, &err);
}

static PyObject *decode(PyObject *module, PyObject *argument)
{
    tare_profile_state *state = get_state(module);
    Py_buffer           view;
    tare_error          err;
    tare_status         status;
    if (PyObject_GetBuffer(argument, &view, PyBUF_SIMPLE) < 0)
        return NULL;
    tare_profile_object *loaded = tare_profile_new(state);
    if (loaded == NULL) {
        PyBuffer_Release(&view);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS status = tare_file_decode(
        view.buf, (size_t)view.len, tare_alloc_system(), &loaded->profile, &loaded->file, &err);
    Py_END_ALLOW_THREADS PyBuffer_Release(&view);
    return finish_load(state, loaded, status, &err);
}

/* The profile, and in it where it came from when that is known. */
static tare_status import_profile(tare_profile *profile, const Py_buffer *view, const char *format,
                                  const char *file, tare_error *err)
{
    TARE_TRY(tare_import(view->buf, (size_t)view->len, format, tare_alloc_system(), profile, err));
    return file == NULL ? TARE_OK
                        : tare_profile_set_meta(profile, "import.file", file, strlen(file), err);
}

static PyObject *import_bytes(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char        *names[] = {"data", "format", "file", NULL};
    tare_profile_state *state = get_state(module);
    Py_buffer           view;
    const char         *format = NULL, *file = NULL;
    tare_error          err;
    tare_status         status;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "y*|zz:import_bytes", names, &view,
                                     &format, &file))
        return NULL;
    tare_profile_object *loaded = tare_profile_new(state);
    if (loaded == NULL) {
        PyBuffer_Release(&view);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS status = import_profile(&loaded->profile, &view, format, file, &err);
    Py_END_ALLOW_THREADS   PyBuffer_Release(&view);
    loaded->file = (tare_file_state){.version = TARE_FILE_VERSION, .complete = true};
    return finish_load(state, loaded, status, &err);
}

static PyObject *list_import_formats(PyObject *module, PyObject *Py_UNUSED(none))
{
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    for (const tare_import_format *format = tare_import_formats(); format->name != NULL; format++) {
        if (tare_list_take(list, tare_record(get_state(module), TARE_RECORD_IMPORT_FORMAT, "(ss)",
                                             format->name, format->words)) < 0)
            goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

static PyObject *list_formats(PyObject *module, PyObject *Py_UNUSED(none))
{
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    for (const tare_export_format *format = tare_export_formats(); format->name != NULL; format++) {
        if (tare_list_take(list, tare_record(get_state(module), TARE_RECORD_FORMAT, "(sss)",
                                             format->name, format->extension, format->words)) < 0)
            goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

static int add_statuses(PyObject *module)
{
    PyObject *names = PyTuple_New(TARE_STATUS_COUNT);
    if (names == NULL)
        return -1;
    for (int status = 0; status < TARE_STATUS_COUNT; status++) {
        PyObject *name = PyUnicode_FromString(tare_status_name((tare_status)status));
        if (name == NULL)
            goto fail;
        PyTuple_SET_ITEM(names, status, name);
    }
    int result = PyModule_AddObjectRef(module, "STATUSES", names);
    Py_DECREF(names);
    return result;
fail:
    Py_DECREF(names);
    return -1;
}

static PyObject *judge_slopes(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    return tare_slopes_list(get_state(module), arguments, keywords);
}

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type != NULL && PyModule_AddType(module, type) < 0)
        Py_CLEAR(type);
    return type;
}

static int execute(PyObject *module)
{
    tare_profile_state *state = get_state(module);
    if (tare_errors_init(&state->errors) < 0 || tare_records_init(module, state) < 0 ||
        add_statuses(module) < 0)
        return -1;
    state->profile_type = add_type(module, &tare_profile_spec);
    state->summary_type = add_type(module, &tare_summary_spec);
    state->counts_type = add_type(module, &tare_counts_spec);
    state->allocs_type = add_type(module, &tare_allocs_spec);
    bool failed = state->profile_type == NULL || state->summary_type == NULL ||
                  state->counts_type == NULL || state->allocs_type == NULL;
    return failed ? -1 : 0;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    tare_profile_state *state = get_state(module);
    Py_VISIT(state->profile_type);
    Py_VISIT(state->summary_type);
    Py_VISIT(state->counts_type);
    Py_VISIT(state->allocs_type);
    for (int kind = 0; kind < TARE_RECORD_COUNT; kind++)
        Py_VISIT(state->records[kind]);
    return tare_errors_traverse(&state->errors, visit, arg);
}

static int clear(PyObject *module)
{
    tare_profile_state *state = get_state(module);
    Py_CLEAR(state->profile_type);
    Py_CLEAR(state->summary_type);
    Py_CLEAR(state->counts_type);
    Py_CLEAR(state->allocs_type);
    for (int kind = 0; kind < TARE_RECORD_COUNT; kind++)
        Py_CLEAR(state->records[kind]);
    tare_errors_clear(&state->errors);
    return 0;
}

static void free_module(void *module)
{
    clear(module);
}

static PyMethodDef functions[] = {
    {"load", load, METH_O, "load(path, /)\n--\n\nThe Profile in a .tare file."},
    {"decode", decode, METH_O, "decode(data, /)\n--\n\nThe Profile in a .tare file's bytes."},
    {"formats", list_formats, METH_NOARGS,
     "formats()\n--\n\nWhat Profile.export can write: list of Format."},
    {"import_bytes", TARE_METHOD(import_bytes), METH_VARARGS | METH_KEYWORDS,
     "import_bytes(data, format=None, file=None)\n--\n\nThe Profile in another tool's file.\n\n"
     "Without a format it is found by the bytes; file is noted as where it came from."},
    {"judge_slopes", TARE_METHOD(judge_slopes), METH_VARARGS | METH_KEYWORDS,
     "judge_slopes(deltas, call_count, false_rate)\n--\n\nDo counters grow with every call? list "
     "of "
     "Slope.\n\ndeltas: of each counter what it grew by in each window of calls. The chance that "
     "any is said\nto grow which does not is at most false_rate."},
    {"import_formats", list_import_formats, METH_NOARGS,
     "import_formats()\n--\n\nWhat import_bytes can read: list of ImportFormat."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    TARE_MODULE_SLOTS(execute),
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,      .m_name = "tare._profile",
    .m_doc = "Reads profiles.", .m_size = sizeof(tare_profile_state),
    .m_methods = functions,     .m_slots = slots,
    .m_traverse = traverse,     .m_clear = clear,
    .m_free = free_module,
};

TARE_MODULE_INIT(_profile, &definition)
