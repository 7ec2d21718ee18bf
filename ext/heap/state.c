/* state.c - see state.h. */
#include "heap/state.h"

tare_heap_state *tare_heap_state_of(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &tare_heap_module);
    return module != NULL ? PyModule_GetState(module) : NULL;
}

PyObject *tare_heap_str(tare_text text)
{
    return PyUnicode_DecodeUTF8(text.bytes, (Py_ssize_t)text.size, "surrogateescape");
}

PyObject *tare_heap_bytes(PyObject *text)
{
    return PyUnicode_AsEncodedString(text, "utf-8", "surrogateescape");
}

static int set_one(tare_heap_state *state, tare_profile *profile, PyObject *key, PyObject *value)
{
    int        result = -1;
    tare_error err = {0};
    PyObject  *name = tare_heap_bytes(key), *text = tare_heap_bytes(value);
    if (name != NULL && text != NULL) {
        result = 0;
        if (tare_profile_set_meta(profile, PyBytes_AS_STRING(name), PyBytes_AS_STRING(text),
                                  (size_t)PyBytes_GET_SIZE(text), &err) != TARE_OK) {
            tare_raise(&state->errors, &err);
            result = -1;
        }
    }
    Py_XDECREF(name);
    Py_XDECREF(text);
    return result;
}

int tare_heap_set_meta(tare_heap_state *state, tare_profile *profile, PyObject *meta)
{
    PyObject  *key, *value;
    Py_ssize_t at = 0;
    if (meta == NULL || meta == Py_None)
        return 0;
    if (!PyDict_Check(meta)) {
        PyErr_SetString(PyExc_TypeError, "meta is a dict of str");
        return -1;
    }
    while (PyDict_Next(meta, &at, &key, &value)) {
        if (!PyUnicode_Check(key) || !PyUnicode_Check(value)) {
            PyErr_SetString(PyExc_TypeError, "meta is a dict of str");
            return -1;
        }
        if (set_one(state, profile, key, value) < 0)
            return -1;
    }
    return 0;
}
