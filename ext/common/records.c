/* records.c - classes of named tuples, made by collections.namedtuple, and their instances. */
#include "common/records.h"

static PyObject *field_names(const tare_record_field *fields)
{
    PyObject *names = PyList_New(0);
    for (; names != NULL && fields->name != NULL; fields++) {
        PyObject *name = PyUnicode_FromString(fields->name);
        if (name == NULL || PyList_Append(names, name) < 0)
            Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

/* 0, or -1 with an exception set. */
static int set_doc(PyObject *object, const char *doc)
{
    if (doc == NULL)
        return 0;
    PyObject *text = PyUnicode_FromString(doc);
    int       result = text != NULL ? PyObject_SetAttrString(object, "__doc__", text) : -1;
    Py_XDECREF(text);
    return result;
}

static int set_docs(PyObject *class, const tare_record_description *description)
{
    int result = set_doc(class, description->doc);
    for (const tare_record_field *field = description->fields; result == 0 && field->name != NULL;
         field++) {
        PyObject *member = PyObject_GetAttrString(class, field->name);
        result = member != NULL ? set_doc(member, field->doc) : -1;
        Py_XDECREF(member);
    }
    return result;
}

/* Of the module, not of who happens to import it: pickle looks there. */
static PyObject *make_class(PyObject *namedtuple, const char *module,
                            const tare_record_description *description)
{
    PyObject *class = NULL;
    PyObject *names = field_names(description->fields);
    PyObject *positional = names != NULL ? Py_BuildValue("(sO)", description->name, names) : NULL;
    PyObject *keywords = Py_BuildValue("{ss}", "module", module);
    if (positional != NULL && keywords != NULL)
        class = PyObject_Call(namedtuple, positional, keywords);
    if (class != NULL && set_docs(class, description) < 0)
        Py_CLEAR(class);
    Py_XDECREF(names);
    Py_XDECREF(positional);
    Py_XDECREF(keywords);
    return class;
}

int tare_record_classes_init(PyObject *module, const tare_record_description *descriptions,
                             PyObject **classes, int count)
{
    const char *name = PyModule_GetName(module);
    PyObject   *collections = name != NULL ? PyImport_ImportModule("collections") : NULL;
    if (collections == NULL)
        return -1;
    PyObject *namedtuple = PyObject_GetAttrString(collections, "namedtuple");
    Py_DECREF(collections);
    int result = namedtuple != NULL ? 0 : -1;
    for (int i = 0; i < count && result == 0; i++) {
        classes[i] = make_class(namedtuple, name, &descriptions[i]);
        result = classes[i] != NULL
                     ? PyModule_AddObjectRef(module, descriptions[i].name, classes[i])
                     : -1;
    }
    Py_XDECREF(namedtuple);
    return result;
}

/* tuple's own constructor, for that of namedtuple is written in Python and five times as slow. */
PyObject *tare_record_build(PyObject *class, const char *format, va_list values)
{
    PyObject *record = NULL;
    PyObject *tuple = Py_VaBuildValue(format, values);
    PyObject *arguments = tuple != NULL ? PyTuple_Pack(1, tuple) : NULL;
    if (arguments != NULL)
        record = PyTuple_Type.tp_new((PyTypeObject *)class, arguments, NULL);
    Py_XDECREF(arguments);
    Py_XDECREF(tuple);
    return record;
}
