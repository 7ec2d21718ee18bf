/* module.c - the extension module tare._heap: what is in memory.
 *
 *     sizeof(*objects)   bytes of the objects with all they hold */
#include "heap/deep.h"

#include "common/pystatus.h"

typedef struct heap_state {
    tare_errors errors;
} heap_state;

static heap_state *get_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static PyObject *measure_deep(PyObject *module, PyObject *const *objects, Py_ssize_t count)
{
    tare_deep_size size;
    tare_error     err = {0};
    if (tare_deep_measure(objects, count, &size, &err) != TARE_OK)
        return tare_raise(&get_state(module)->errors, &err);
    return PyLong_FromUnsignedLongLong(size.bytes);
}

static int execute(PyObject *module)
{
    return tare_errors_init(&get_state(module)->errors);
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    return tare_errors_traverse(&get_state(module)->errors, visit, arg);
}

static int clear(PyObject *module)
{
    tare_errors_clear(&get_state(module)->errors);
    return 0;
}

static void free_module(void *module)
{
    clear(module);
}

static PyMethodDef functions[] = {
    {"sizeof", TARE_METHOD(measure_deep), METH_FASTCALL,
     "sizeof(*objects)\n--\n\nBytes of the objects with all they hold, each thing once."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    TARE_MODULE_SLOTS(execute),
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tare._heap",
    .m_doc = "What is in the memory of this process.",
    .m_size = sizeof(heap_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_module,
};

TARE_MODULE_INIT(_heap, &definition)
