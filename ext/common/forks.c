/* forks.c - see forks.h.
 *
 * The child has what the parent measured, and would have the parent's file. Before any code of the
 * program's runs in it, it begins to measure anew, for a file of its own; where nobody would look
 * for that, it stops listening and runs as fast as without Tare. The parent counts it.
 * os.register_at_fork is where the interpreter itself would tell Python code; what is registered
 * there cannot be seen or taken back by the program. */
#include "common/forks.h"

#include "common/pycompat.h"

static void (*call_in_child)(void);
static void (*call_in_parent)(void);

static PyObject *begin_child(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    call_in_child();
    Py_RETURN_NONE;
}

static PyObject *go_on(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    call_in_parent();
    Py_RETURN_NONE;
}

static PyMethodDef in_child = {"tare_after_fork", begin_child, METH_NOARGS, NULL};
static PyMethodDef in_parent = {"tare_after_fork", go_on, METH_NOARGS, NULL};

tare_status tare_forks_watch(void (*at_child)(void), void (*at_parent)(void), tare_error *err)
{
    static bool watching;
    call_in_child = at_child;
    call_in_parent = at_parent;
    if (watching)
        return TARE_OK;
    PyObject *posix = PyImport_ImportModule("posix"); /* there since the interpreter is */
    PyObject *ask = posix != NULL ? PyObject_GetAttrString(posix, "register_at_fork") : NULL;
    PyObject *child = PyCFunction_New(&in_child, NULL);
    PyObject *parent = PyCFunction_New(&in_parent, NULL);
    PyObject *none = PyTuple_New(0);
    PyObject *named = child != NULL && parent != NULL
                          ? Py_BuildValue("{sOsO}", "after_in_child", child, "after_in_parent",
                                          parent)
                          : NULL;
    PyObject *done = ask != NULL && none != NULL && named != NULL ? PyObject_Call(ask, none, named)
                                                                  : NULL;
    watching = done != NULL;
    PyErr_Clear();
    Py_XDECREF(done);
    Py_XDECREF(named);
    Py_XDECREF(none);
    Py_XDECREF(parent);
    Py_XDECREF(child);
    Py_XDECREF(ask);
    Py_XDECREF(posix);
    return watching ? TARE_OK
                    : tare_fail(err, TARE_UNSUPPORTED, "ask to be told of forks: refused");
}
