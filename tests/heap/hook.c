/* hook.c - an extension module for tests: which blocks of memory a call has left behind.
 *
 *     record(make) -> (make(), [(address, bytes), ...])
 *
 * It puts itself before the interpreter's three allocators while make runs, between collections
 * that empty the free lists, so that whatever is built comes from an allocator and what was built
 * for a while only goes back there. A large block passes through two of them; it is recorded by
 * the outer one, as the one that was asked. */
#include <Python.h>

#include <stdbool.h>
#include <stdlib.h>

enum { DOMAINS = 3, SLOTS = 1 << 16 };

typedef struct slot {
    void  *address; /* NULL = free; a slot whose block was freed has 0 bytes and keeps its place */
    size_t bytes;
    bool   live;
} slot;

static PyMemAllocatorEx before[DOMAINS];
static slot            *slots;
static size_t           used;
static bool             is_full;

/* Calls from one allocator to another. It begins above zero, where nothing is noted: what other
 * threads allocate meanwhile, the runner's own among them, was not built by make. */
static _Thread_local int depth = 1;

static slot *find(void *address)
{
    size_t at = ((size_t)address >> 4) * 0x9e3779b97f4a7c15u >> 48;
    while (slots[at].address != NULL && slots[at].address != address)
        at = (at + 1) % SLOTS;
    return &slots[at];
}

static void *note(void *address, size_t bytes)
{
    if (depth > 0 || address == NULL)
        return address;
    slot *found = find(address);
    if (found->address == NULL && used >= SLOTS / 2) {
        is_full = true;
        return address;
    }
    used += found->address == NULL;
    *found = (slot){address, bytes, true};
    return address;
}

static void forget(void *address)
{
    if (depth == 0 && address != NULL)
        find(address)->live = false;
}

static void *hooked_malloc(void *context, size_t bytes)
{
    const PyMemAllocatorEx *allocator = context;
    depth++;
    void *made = allocator->malloc(allocator->ctx, bytes);
    depth--;
    return note(made, bytes);
}

static void *hooked_calloc(void *context, size_t count, size_t bytes)
{
    const PyMemAllocatorEx *allocator = context;
    depth++;
    void *made = allocator->calloc(allocator->ctx, count, bytes);
    depth--;
    return note(made, count * bytes);
}

static void *hooked_realloc(void *context, void *old, size_t bytes)
{
    const PyMemAllocatorEx *allocator = context;
    depth++;
    void *made = allocator->realloc(allocator->ctx, old, bytes);
    depth--;
    if (made != NULL)
        forget(old);
    return note(made, bytes);
}

static void hooked_free(void *context, void *address)
{
    const PyMemAllocatorEx *allocator = context;
    forget(address);
    depth++;
    allocator->free(allocator->ctx, address);
    depth--;
}

static void install(void)
{
    for (int i = 0; i < DOMAINS; i++) {
        PyMemAllocatorEx hooked = {&before[i], hooked_malloc, hooked_calloc, hooked_realloc,
                                   hooked_free};
        PyMem_GetAllocator((PyMemAllocatorDomain)i, &before[i]);
        PyMem_SetAllocator((PyMemAllocatorDomain)i, &hooked);
    }
}

static void uninstall(void)
{
    for (int i = 0; i < DOMAINS; i++)
        PyMem_SetAllocator((PyMemAllocatorDomain)i, &before[i]);
}

static PyObject *list_live(void)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list != NULL && i < SLOTS; i++) {
        if (slots[i].address == NULL || !slots[i].live)
            continue;
        PyObject *pair = Py_BuildValue("(Kn)", (unsigned long long)(size_t)slots[i].address,
                                       (Py_ssize_t)slots[i].bytes);
        if (pair == NULL || PyList_Append(list, pair) < 0)
            Py_CLEAR(list);
        Py_XDECREF(pair);
    }
    return list;
}

static PyObject *record(PyObject *module, PyObject *make)
{
    (void)module;
    used = 0;
    is_full = false;
    slots = calloc(SLOTS, sizeof *slots);
    if (slots == NULL)
        return PyErr_NoMemory();
    PyGC_Collect();
    install();
    depth--;
    PyObject *made = PyObject_CallNoArgs(make);
    if (made != NULL)
        PyGC_Collect();
    depth++;
    uninstall();
    PyObject *live = made != NULL ? list_live() : NULL;
    free(slots);
    if (live != NULL && is_full) {
        Py_CLEAR(live);
        PyErr_SetString(PyExc_OverflowError, "more blocks than can be recorded");
    }
    if (live == NULL) {
        Py_XDECREF(made);
        return NULL;
    }
    return Py_BuildValue("(NN)", made, live);
}

static PyMethodDef functions[] = {
    {"record", record, METH_O, "record(make) -> (made, [(address, bytes), ...])"},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "hook",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit_hook(void);
PyMODINIT_FUNC PyInit_hook(void)
{
    return PyModule_Create(&definition);
}
