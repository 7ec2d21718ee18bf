/* kinds_native.c - asks an object by its type's own __sizeof__ what else it has.
 *
 * A type of C with buffers that no rule here knows says how large they are by __sizeof__: a regular
 * expression, a Decimal, a struct. It says no address, so they cannot be told from those of
 * another object; none of them shares.
 *
 * What is called is the C function behind the method, found by walking the bases' dictionaries by
 * the identity of their keys: no lookup that the program could have a say in. A function of
 * Python's is passed over, and a class made in Python is not asked unless the rule of its base
 * says that the function reads the object's fields and nothing else. */
#include "heap/rules.h"

#include "common/pyobjects.h"

enum { MAX_BYTES_BITS = 47 }; /* no process has more */

static PyObject *find_own_attribute(PyTypeObject *type, PyObject *interned_name)
{
    PyObject  *dict = tare_type_dict(type), *key, *value;
    Py_ssize_t at = 0;
    while (dict != NULL && PyDict_Next(dict, &at, &key, &value))
        if (key == interned_name)
            return value;
    return NULL;
}

static PyCFunction take_function(PyTypeObject *type, PyObject *name)
{
    PyObject *found = find_own_attribute(type, name);
    if (found == NULL || !Py_IS_TYPE(found, &PyMethodDescr_Type))
        return NULL;
    const PyMethodDef *method = ((PyMethodDescrObject *)found)->d_method;
    return method->ml_flags == METH_NOARGS ? method->ml_meth : NULL;
}

PyCFunction tare_native_size_function(PyTypeObject *type)
{
    PyObject   *name = PyUnicode_InternFromString("__sizeof__");
    PyCFunction function = NULL;
    if (name == NULL) {
        PyErr_Clear();
        return NULL;
    }
    for (; type != NULL && type != &PyBaseObject_Type && function == NULL; type = type->tp_base)
        if (!tare_type_is_made_in_python(type))
            function = take_function(type, name);
    Py_DECREF(name);
    return function;
}

/* What object.__sizeof__ says: what a __sizeof__ begins with. */
static size_t measure_as_declared(const PyTypeObject *type, PyObject *object)
{
    size_t items = type->tp_itemsize != 0 ? (size_t)Py_ABS(Py_SIZE(object)) : 0;
    return (size_t)type->tp_basicsize + items * (size_t)type->tp_itemsize;
}

void tare_tell_native(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                      void *context)
{
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    PyObject *said = kind->tells(object, NULL);
    size_t    declared = measure_as_declared(kind->type, object);
    size_t    bytes = said != NULL && PyLong_CheckExact(said) ? PyLong_AsSize_t(said) : 0;
    PyErr_Restore(type, value, trace);
    Py_XDECREF(said);
    if (bytes > declared && bytes >> MAX_BYTES_BITS == 0)
        visitor(context, &(tare_heap_block){
                             .bytes = bytes - declared,
                             .domain = TARE_HEAP_FOREIGN,
                         });
}
