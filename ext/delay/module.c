/* module.c - the extension module tare._delay: what a delayed program's page says.
 *
 *     read(page)   page_bytes
 *
 * What delays is begun by the agent (entry.c): there is no way to begin it from Python. */
#include "common/pycompat.h"

#include "delay/page.h"

#include <string.h>

static const struct {
    const char *name;
    size_t      offset;
} counters[] = {
#define ROW(name, words) {#name, offsetof(tare_delay_page, name)},
    TARE_DELAY_COUNTERS(ROW)
#undef ROW
};

static int add_counters(PyObject *found, const tare_delay_page *page)
{
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        uint64_t value;
        memcpy(&value, (const char *)page + counters[i].offset, sizeof value);
        PyObject *number = PyLong_FromUnsignedLongLong(value);
        int added = number != NULL ? PyDict_SetItemString(found, counters[i].name, number) : -1;
        Py_XDECREF(number);
        if (added < 0)
            return -1;
    }
    return 0;
}

static PyObject *read_page(PyObject *module, PyObject *bytes)
{
    tare_delay_page page;
    PyObject       *found = NULL;
    (void)module;
    if (!PyBytes_Check(bytes) || PyBytes_GET_SIZE(bytes) != sizeof page)
        return PyErr_Format(PyExc_ValueError, "read: a page has %zu bytes", sizeof page);
    memcpy(&page, PyBytes_AS_STRING(bytes), sizeof page);
    page.message[sizeof page.message - 1] = '\0';
    found = Py_BuildValue("{sOss}", "began", page.began != 0 ? Py_True : Py_False, "message",
                          page.message);
    if (found == NULL || add_counters(found, &page) < 0) {
        Py_XDECREF(found);
        return NULL;
    }
    return found;
}

static int execute(PyObject *module)
{
    return PyModule_AddIntConstant(module, "page_bytes", sizeof(tare_delay_page));
}

static PyMethodDef functions[] = {
    {"read", read_page, METH_O,
     "read(page, /)\n--\n\nWhat the bytes of a page say, by name: began, message, and counters."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    TARE_MODULE_SLOTS(execute),
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tare._delay",
    .m_doc = "What was counted while a function was delayed.",
    .m_size = 0,
    .m_methods = functions,
    .m_slots = slots,
};

TARE_MODULE_INIT(_delay, &definition)
