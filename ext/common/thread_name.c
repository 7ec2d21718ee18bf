/* thread_name.c - see thread_name.h.
 *
 * It is threading._active[ident]._name, where both are what threading makes them. */
#include "common/thread_name.h"

/* Of the object itself: a class that computes it is not asked, for what it makes nobody keeps. */
static PyObject *stored_name(PyObject *thread)
{
    PyObject *key = PyUnicode_InternFromString("_name"), *name = NULL;
    if (key != NULL && Py_TYPE(thread)->tp_getattro == PyObject_GenericGetAttr &&
        _PyType_Lookup(Py_TYPE(thread), key) == NULL)
        name = PyObject_GetAttr(thread, key);
    Py_XDECREF(key);
    Py_XDECREF(name); /* the thread keeps it */
    return name;
}

PyObject *tare_thread_name(unsigned long ident)
{
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *module = modules != NULL ? PyDict_GetItemString(modules, "threading") : NULL;
    if (module == NULL || !PyModule_Check(module))
        return NULL;
    PyObject *active = PyDict_GetItemString(PyModule_GetDict(module), "_active");
    PyObject *number = PyLong_FromUnsignedLong(ident);
    PyObject *found = active != NULL && PyDict_Check(active) && number != NULL
                          ? PyDict_GetItem(active, number)
                          : NULL;
    Py_XDECREF(number);
    PyObject *name = found != NULL ? stored_name(found) : NULL;
    return name != NULL && PyUnicode_Check(name) ? name : NULL;
}
