/* thread_name.c - see thread_name.h.
 *
 * It is threading._active[ident]._name, where both are what threading makes them. */
#include "common/thread_name.h"

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
    if (found == NULL || Py_TYPE(found)->tp_getattro != PyObject_GenericGetAttr)
        return NULL;
    PyObject *name = PyObject_GetAttrString(found, "_name");
    Py_XDECREF(name); /* the thread keeps it */
    return name != NULL && Py_REFCNT(name) > 0 && PyUnicode_Check(name) ? name : NULL;
}
