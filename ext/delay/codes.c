/* codes.c - see codes.h. */
#include "delay/codes.h"

#include "common/code_names.h"

#include <string.h>

Py_ssize_t tare_delay_codes_index = -1;

static const char *function_row, *progress_row;

tare_status tare_delay_codes_begin(const char *function, const char *progress, tare_error *err)
{
    tare_delay_codes_index = TARE_CODE_EXTRA_INDEX(NULL);
    if (tare_delay_codes_index < 0)
        return tare_fail(err, TARE_LIMIT, "listen: no room left in code objects");
    function_row = function;
    progress_row = progress;
    return TARE_OK;
}

/* The last parts of a qualified name. */
static bool ends_with(const char *qualname, const char *name)
{
    size_t whole = strlen(qualname), size = strlen(name);
    return size > 0 && size <= whole && strcmp(qualname + whole - size, name) == 0 &&
           (size == whole || qualname[whole - size - 1] == '.');
}

static bool is_named(const char *name, PyCodeObject *code, PyObject *globals)
{
    const char *colon = strrchr(name, ':');
    const char *qualname = tare_code_utf8(code->co_qualname, "");
    if (colon == NULL)
        return ends_with(qualname, name);
    return ends_with(qualname, colon + 1) &&
           tare_code_is_module(name, (size_t)(colon - name), code, globals);
}

static bool is_in_file(const char *name, PyCodeObject *code)
{
    const char *colon = strrchr(name, ':');
    return colon != NULL && strcmp(colon + 1, tare_code_utf8(code->co_qualname, "")) == 0 &&
           tare_code_is_file(name, (size_t)(colon - name), tare_code_utf8(code->co_filename, ""));
}

static bool fits(const char *row, PyCodeObject *code, PyObject *globals)
{
    if (row == NULL || row[0] == '\0' || row[1] == '\0')
        return false;
    return row[0] == 'l' ? is_in_file(row + 2, code) : is_named(row + 2, code, globals);
}

unsigned tare_delay_codes_look(PyCodeObject *code, PyObject *globals)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    unsigned found = TARE_DELAY_LOOKED_AT;
    if (fits(function_row, code, globals))
        found |= TARE_DELAY_FUNCTION;
    if (fits(progress_row, code, globals))
        found |= TARE_DELAY_PROGRESS;
    /* Without room for it the code is looked at again. */
    if (TARE_CODE_EXTRA_SET((PyObject *)code, tare_delay_codes_index, (void *)(uintptr_t)found) < 0)
        PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return found;
}
