/* pystatus.c - exception classes made from the list of statuses.
 *
 *     TARE_STATUS_LIST   NOT_PYTHON, "not a Python process"
 *     Python             class NotPythonError(Error): "not a Python process"
 *                            status = "NOT_PYTHON"
 *
 * Invariant: a class is made once per interpreter. tare.errors keeps it, a module's
 * state only holds another reference.
 * Cost: one import and 13 attribute look-ups per module, at its import.
 * Left out: os_errno does not choose a subclass of OSError; the status does that job. */
#include "common/pystatus.h"

#include <ctype.h>
#include <string.h>

enum { CLASS_NAME_BYTES = 64 };

/* NOT_PYTHON -> NotPythonError */
static void spell_class_name(const char *status_name, char *out)
{
    size_t used = 0;
    int    starts_word = 1;
    for (; *status_name != '\0' && used < CLASS_NAME_BYTES - sizeof "Error"; status_name++) {
        if (*status_name == '_') {
            starts_word = 1;
            continue;
        }
        int letter = (unsigned char)*status_name;
        out[used++] = (char)(starts_word ? letter : tolower(letter));
        starts_word = 0;
    }
    memcpy(out + used, "Error", sizeof "Error");
}

static PyObject *make_class(PyObject *base, const char *class_name, tare_status status)
{
    char qualified[CLASS_NAME_BYTES + 16];
    PyOS_snprintf(qualified, sizeof qualified, "tare.errors.%s", class_name);
    PyObject *names = Py_BuildValue("{s:s}", "status", tare_status_name(status));
    if (names == NULL)
        return NULL;
    PyObject *class = PyErr_NewExceptionWithDoc(qualified, tare_status_text(status), base, names);
    Py_DECREF(names);
    return class;
}

/* The class that tare.errors has for a status; made and put there if it has none. */
static PyObject *find_class(PyObject *module, PyObject *base, tare_status status)
{
    char class_name[CLASS_NAME_BYTES];
    spell_class_name(tare_status_name(status), class_name);
    PyObject *class = PyDict_GetItemString(PyModule_GetDict(module), class_name);
    if (class != NULL)
        return Py_NewRef(class);
    class = make_class(base, class_name, status);
    if (class != NULL && PyObject_SetAttrString(module, class_name, class) < 0)
        Py_CLEAR(class);
    return class;
}

int tare_errors_init(tare_errors *errors)
{
    int       result = -1;
    PyObject *base = NULL;
    PyObject *module = PyImport_ImportModule("tare.errors");
    if (module == NULL)
        goto fail;
    base = PyObject_GetAttrString(module, "Error");
    if (base == NULL)
        goto fail;
    for (int status = TARE_OK + 1; status < TARE_STATUS_COUNT; status++) {
        errors->classes[status] = find_class(module, base, (tare_status)status);
        if (errors->classes[status] == NULL)
            goto fail;
    }
    result = 0;
fail:
    Py_XDECREF(base);
    Py_XDECREF(module);
    return result;
}

int tare_errors_traverse(const tare_errors *errors, visitproc visit, void *arg)
{
    for (int status = 0; status < TARE_STATUS_COUNT; status++)
        Py_VISIT(errors->classes[status]);
    return 0;
}

void tare_errors_clear(tare_errors *errors)
{
    for (int status = 0; status < TARE_STATUS_COUNT; status++)
        Py_CLEAR(errors->classes[status]);
}

PyObject *tare_raise(const tare_errors *errors, const tare_error *err)
{
    PyObject *raised = NULL;
    PyObject *number = NULL;
    PyObject *class = errors->classes[err->status];
    PyObject *message = PyUnicode_DecodeUTF8(err->message, (Py_ssize_t)strlen(err->message),
                                             "backslashreplace");
    if (message == NULL)
        goto fail;
    raised = PyObject_CallOneArg(class, message);
    number = PyLong_FromLong(err->os_errno);
    if (raised == NULL || number == NULL)
        goto fail;
    if (PyObject_SetAttrString(raised, "os_errno", number) == 0)
        PyErr_SetObject(class, raised);
fail:
    Py_XDECREF(number);
    Py_XDECREF(raised);
    Py_XDECREF(message);
    return NULL;
}
