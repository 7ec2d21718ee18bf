/* odd.c - an extension module for tests: a type that holds what it tells nobody of.
 *
 *     Box(held)     holds an object, is not known to the collector, and says of its size what it
 *                   was told to say
 *     say(how)      "size": the truth; "less": a number below 0; "huge": one of 2**62;
 *                   "text": no number; "raise": raises */
#include <Python.h>

#include <string.h>

typedef struct box {
    PyObject_HEAD PyObject *held;
    char                    room[48];
} box;

static char how[8] = "size";

static PyObject *make(PyTypeObject *type, PyObject *args, PyObject *named)
{
    PyObject *held;
    (void)named;
    if (!PyArg_ParseTuple(args, "O", &held))
        return NULL;
    box *self = (box *)type->tp_alloc(type, 0);
    if (self != NULL)
        self->held = Py_NewRef(held);
    return (PyObject *)self;
}

static void dealloc(PyObject *self)
{
    Py_CLEAR(((box *)self)->held);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *tell_size(PyObject *self, PyObject *unused)
{
    (void)unused;
    if (strcmp(how, "raise") == 0)
        return PyErr_Format(PyExc_RuntimeError, "no size");
    if (strcmp(how, "text") == 0)
        return PyUnicode_FromString("large");
    if (strcmp(how, "less") == 0)
        return PyLong_FromLong(-5);
    if (strcmp(how, "huge") == 0)
        return PyLong_FromLongLong(1LL << 62);
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize + 1000);
}

static PyObject *say(PyObject *module, PyObject *text)
{
    const char *word = PyUnicode_AsUTF8(text);
    (void)module;
    if (word == NULL || strlen(word) >= sizeof how)
        return PyErr_Format(PyExc_ValueError, "say: no such way");
    strcpy(how, word);
    Py_RETURN_NONE;
}

static PyMethodDef box_methods[] = {
    {"__sizeof__", tell_size, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject box_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "odd.Box",
    .tp_basicsize = sizeof(box),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = make,
    .tp_dealloc = dealloc,
    .tp_methods = box_methods,
};

static PyMethodDef functions[] = {
    {"say", say, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "odd", .m_methods = functions};

PyMODINIT_FUNC PyInit_odd(void);
PyMODINIT_FUNC PyInit_odd(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL || PyModule_AddType(module, &box_type) < 0)
        return NULL;
    return module;
}
