/* code_names.c - see code_names.h. */
#include "common/code_names.h"

#include <string.h>

static bool is_word(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

const char *tare_code_utf8(PyObject *text, const char *fallback)
{
    const char *bytes = text != NULL && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
    if (bytes == NULL)
        PyErr_Clear();
    return bytes != NULL ? bytes : fallback;
}

const char *tare_code_module(PyObject *globals)
{
    return tare_code_utf8(globals != NULL ? PyDict_GetItemString(globals, "__name__") : NULL, "");
}

/* "x" for /a/x.py: what the main module would be called. */
static bool is_stem_of(const char *word, size_t size, const char *file)
{
    const char *base = strrchr(file, '/');
    base = base != NULL ? base + 1 : file;
    return strncmp(base, word, size) == 0 && (base[size] == '.' || base[size] == '\0');
}

/* The main module by the name that it has for others: its file's, and of one that was run by -m
 * the package's before that. */
static bool is_main_module(const char *word, size_t size, PyCodeObject *code, PyObject *globals)
{
    PyObject   *found = globals != NULL ? PyDict_GetItemString(globals, "__package__") : NULL;
    const char *package = tare_code_utf8(found, "");
    size_t      package_size = strlen(package);
    if (package_size > 0 && size > package_size && word[package_size] == '.' &&
        memcmp(word, package, package_size) == 0) {
        word += package_size + 1;
        size -= package_size + 1;
    }
    return is_stem_of(word, size, tare_code_utf8(code->co_filename, ""));
}

bool tare_code_is_module(const char *word, size_t size, PyCodeObject *code, PyObject *globals)
{
    const char *name = tare_code_module(globals);
    return is_word(word, size, name) ||
           (strcmp(name, "__main__") == 0 && is_main_module(word, size, code, globals));
}

bool tare_code_is_file(const char *word, size_t size, const char *file)
{
    size_t file_size = strlen(file);
    if (size == 0 || file_size < size || memcmp(file + file_size - size, word, size) != 0)
        return false;
    return file_size == size || (word[0] != '/' && file[file_size - size - 1] == '/');
}
