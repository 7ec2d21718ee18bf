/* line_sources.c - see line_sources.h. A file that cannot be had is remembered as such. */
#include "trace/line_sources.h"

#include "os/disk.h"

#include <string.h>

enum { MAX_SOURCE_BYTES = 16 << 20 };

typedef struct known_source {
    PyObject   *file; /* owned */
    tare_source source;
    bool        there;
} known_source;

static known_source **known; /* owned, and each of them */
static uint32_t       known_count, known_capacity;

static bool read_disk(tare_source *source, PyObject *file)
{
    const tare_alloc *alloc = tare_alloc_system();
    const char       *path = PyUnicode_AsUTF8(file);
    uint8_t          *bytes;
    size_t            capacity, size;
    if (path == NULL ||
        tare_disk_read(path, MAX_SOURCE_BYTES, alloc, &bytes, &capacity, &size, NULL) != TARE_OK)
        return false;
    bool read = tare_source_init(source, (const char *)bytes, size, alloc, NULL) == TARE_OK;
    tare_release(alloc, bytes, capacity, 1);
    return read;
}

static bool use_text(tare_source *source, PyObject *text)
{
    Py_ssize_t  size;
    const char *bytes = text != NULL && PyUnicode_Check(text) ? PyUnicode_AsUTF8AndSize(text, &size)
                                                              : NULL;
    return bytes != NULL &&
           tare_source_init(source, bytes, (size_t)size, tare_alloc_system(), NULL) == TARE_OK;
}

/* linecache.cache[file] is (size, mtime, lines, full name), or a loader that was not asked yet. */
static bool ask_linecache(tare_source *source, PyObject *file)
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "linecache");
    if (module == NULL || !PyModule_CheckExact(module))
        return false;
    PyObject *cache = PyDict_GetItemString(PyModule_GetDict(module), "cache");
    PyObject *entry = cache != NULL && PyDict_CheckExact(cache) ? PyDict_GetItem(cache, file)
                                                                : NULL;
    if (entry == NULL || !PyTuple_CheckExact(entry) || PyTuple_GET_SIZE(entry) != 4)
        return false;
    PyObject *lines = PyTuple_GET_ITEM(entry, 2);
    PyObject *empty = PyList_CheckExact(lines) ? PyUnicode_FromString("") : NULL;
    PyObject *text = empty != NULL ? PyUnicode_Join(empty, lines) : NULL;
    bool      used = use_text(source, text);
    Py_XDECREF(text);
    Py_XDECREF(empty);
    return used;
}

static bool ask_loader(tare_source *source, PyObject *globals)
{
    PyObject *loader = globals != NULL ? PyDict_GetItemString(globals, "__loader__") : NULL;
    PyObject *name = globals != NULL ? PyDict_GetItemString(globals, "__name__") : NULL;
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "zipimport");
    if (loader == NULL || name == NULL || module == NULL || !PyModule_CheckExact(module) ||
        (PyObject *)Py_TYPE(loader) !=
            PyDict_GetItemString(PyModule_GetDict(module), "zipimporter"))
        return false;
    PyObject *text = PyObject_CallMethod(loader, "get_source", "O", name);
    bool      used = use_text(source, text);
    Py_XDECREF(text);
    return used;
}

/* Kept only when it is whole: reading may run the zip module's code, and other threads with it. */
static known_source *add_known(PyObject *file, PyObject *globals)
{
    const tare_alloc *alloc = tare_alloc_system();
    void             *memory, *items;
    if (tare_acquire(alloc, &memory, 1, sizeof(known_source), NULL) != TARE_OK)
        return NULL;
    known_source *added = memory;
    added->there = read_disk(&added->source, file) || ask_linecache(&added->source, file) ||
                   ask_loader(&added->source, globals);
    PyErr_Clear();
    items = known;
    if (tare_grow(alloc, &items, &known_capacity, (size_t)known_count + 1, sizeof *known, NULL) !=
        TARE_OK) {
        tare_source_deinit(&added->source);
        tare_release(alloc, added, 1, sizeof *added);
        return NULL;
    }
    known = items;
    added->file = Py_NewRef(file);
    return known[known_count++] = added;
}

const tare_source *tare_line_source(PyObject *file, PyObject *globals)
{
    const known_source *found = NULL;
    if (!PyUnicode_CheckExact(file))
        return NULL;
    for (uint32_t i = 0; i < known_count && found == NULL; i++)
        if (known[i]->file == file || PyUnicode_Compare(known[i]->file, file) == 0)
            found = known[i];
    if (found == NULL)
        found = add_known(file, globals);
    return found != NULL && found->there ? &found->source : NULL;
}

void tare_line_sources_forget(void)
{
    for (uint32_t i = 0; i < known_count; i++) {
        tare_source_deinit(&known[i]->source);
        Py_DECREF(known[i]->file);
        tare_release(tare_alloc_system(), known[i], 1, sizeof *known[i]);
    }
    tare_release(tare_alloc_system(), known, known_capacity, sizeof *known);
    known = NULL;
    known_count = known_capacity = 0;
}
