/* failing.c - an extension module for tests: the program asks for memory and there is none, once.
 *
 *     install()     puts itself before the interpreter's three allocators, for good
 *     arm(k)        the k-th request from now on fails, counted from 1
 *     disarm() -> how many have failed since
 *
 * What an allocator asks of the one below it is not counted: it is not the program's. Under the
 * GIL, in one thread. */
#include <Python.h>

enum { DOMAINS = 3 };

static PyMemAllocatorEx before[DOMAINS];
static long             to_go; /* requests; 0: none fails */
static long             failed;
static int              depth;

static int fails(void)
{
    if (depth > 0 || to_go == 0 || --to_go > 0)
        return 0;
    failed++;
    return 1;
}

static void *failing_malloc(void *context, size_t bytes)
{
    const PyMemAllocatorEx *allocator = context;
    if (fails())
        return NULL;
    depth++;
    void *made = allocator->malloc(allocator->ctx, bytes);
    depth--;
    return made;
}

static void *failing_calloc(void *context, size_t count, size_t bytes)
{
    const PyMemAllocatorEx *allocator = context;
    if (fails())
        return NULL;
    depth++;
    void *made = allocator->calloc(allocator->ctx, count, bytes);
    depth--;
    return made;
}

static void *failing_realloc(void *context, void *old, size_t bytes)
{
    const PyMemAllocatorEx *allocator = context;
    if (fails())
        return NULL;
    depth++;
    void *made = allocator->realloc(allocator->ctx, old, bytes);
    depth--;
    return made;
}

static void failing_free(void *context, void *address)
{
    const PyMemAllocatorEx *allocator = context;
    allocator->free(allocator->ctx, address);
}

static PyObject *install(PyObject *module, PyObject *none)
{
    (void)module;
    (void)none;
    for (int i = 0; i < DOMAINS; i++) {
        PyMemAllocatorEx hooked = {&before[i], failing_malloc, failing_calloc, failing_realloc,
                                   failing_free};
        PyMem_GetAllocator((PyMemAllocatorDomain)i, &before[i]);
        PyMem_SetAllocator((PyMemAllocatorDomain)i, &hooked);
    }
    Py_RETURN_NONE;
}

static PyObject *arm(PyObject *module, PyObject *number)
{
    (void)module;
    long k = PyLong_AsLong(number);
    if (PyErr_Occurred())
        return NULL;
    failed = 0;
    to_go = k;
    Py_RETURN_NONE;
}

static PyObject *disarm(PyObject *module, PyObject *none)
{
    (void)module;
    (void)none;
    to_go = 0;
    return PyLong_FromLong(failed);
}

static PyMethodDef functions[] = {
    {"install", install, METH_NOARGS, NULL},
    {"arm", arm, METH_O, NULL},
    {"disarm", disarm, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "failing",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit_failing(void);
PyMODINIT_FUNC PyInit_failing(void)
{
    return PyModule_Create(&definition);
}
