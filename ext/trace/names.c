/* names.c - see names.h.
 *
 *     list.append            builtins.list.append      a method of the type in whose table it is
 *     math.sin               math.sin                  a function of a module
 *     dict.fromkeys          builtins.dict.fromkeys    of a class, bound to it
 *     list                   builtins.list             a type: the call makes an instance
 *     functools.partial(f)   functools.partial         an object: by its type, as when it is made
 *     (5).__add__            builtins.int.__add__      a slot of a C type
 *
 * Names are read without running any of the program's code: from structures, from dicts, and
 * never by attribute access. What cannot be named, for want of memory, is "(unnamed)".
 * The table is direct-mapped: two callables that share a slot push each other out, and then cost
 * a look-up by name each time, a microsecond. */
#include "trace/names.h"

#include <stdio.h>
#include <string.h>

tare_name_slot tare_name_slots[TARE_NAMES_SLOTS];
PyTypeObject  *tare_method_wrapper_type;

static tare_status add_function(const tare_text *name, const tare_text *qualname,
                                const tare_text *file, uint32_t first_line, tare_function_kind kind,
                                uint32_t *key_out, tare_error *err)
{
    tare_profile *profile = &tare_trace.profile;
    tare_function function = {.first_line = first_line, .kind = kind};
    uint32_t      id;
    TARE_TRY(tare_profile_string(profile, name->bytes, name->size, &function.name, err));
    TARE_TRY(
        tare_profile_string(profile, qualname->bytes, qualname->size, &function.qualname, err));
    TARE_TRY(tare_profile_string(profile, file->bytes, file->size, &function.file, err));
    TARE_TRY(tare_profile_function(profile, &function, &id, err));
    if (id >= TARE_CALLS_OVERFLOW_KEY / 2)
        return tare_fail(err, TARE_LIMIT, "name a function: too many");
    *key_out = tare_merge_key(id, kind == TARE_FUNCTION_NATIVE);
    return TARE_OK;
}

static tare_status find_method_wrapper(tare_error *err)
{
    PyObject *wrapper = PyObject_GetAttrString(Py_None, "__str__");
    if (wrapper == NULL) {
        PyErr_Clear();
        return tare_fail(err, TARE_NO_MEMORY, "look at a method of None: out of memory");
    }
    tare_method_wrapper_type = Py_TYPE(wrapper);
    Py_DECREF(wrapper);
    return TARE_OK;
}

tare_status tare_names_init(tare_error *err)
{
    const tare_text name = {"(unnamed)", strlen("(unnamed)")};
    const tare_text file = {"", 0};
    memset(tare_name_slots, 0, sizeof tare_name_slots);
    TARE_TRY(find_method_wrapper(err));
    if (tare_trace.extra_index < 0) {
        tare_trace.extra_index = TARE_CODE_EXTRA_INDEX(NULL);
        if (tare_trace.extra_index < 0)
            return tare_fail(err, TARE_LIMIT,
                             "ask for a slot in code objects: 255 tools have one already");
    }
    return add_function(&name, &name, &file, 0, TARE_FUNCTION_SYNTHETIC, &tare_trace.unnamed_key,
                        err);
}

void tare_names_deinit(void)
{
    memset(tare_name_slots, 0, sizeof tare_name_slots);
}

/* ---- code objects ---- */

/* The exact text, lone surrogates too; bytes_out is the owner where it had to be encoded. */
static tare_text read_text(PyObject *text, PyObject **bytes_out)
{
    tare_text  read = {"", 0};
    Py_ssize_t size = 0;
    *bytes_out = NULL;
    if (text == NULL || !PyUnicode_Check(text))
        return read;
    const char *bytes = PyUnicode_AsUTF8AndSize(text, &size);
    if (bytes == NULL) {
        PyErr_Clear();
        *bytes_out = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
        if (*bytes_out == NULL) {
            PyErr_Clear();
            return read;
        }
        bytes = PyBytes_AS_STRING(*bytes_out);
        size = PyBytes_GET_SIZE(*bytes_out);
    }
    return (tare_text){bytes, (size_t)size};
}

static uint32_t name_code(PyCodeObject *code)
{
    PyObject *owners[3];
    tare_text name = read_text(code->co_name, &owners[0]);
    tare_text qualname = read_text(code->co_qualname, &owners[1]);
    tare_text file = read_text(code->co_filename, &owners[2]);
    uint32_t  line = code->co_firstlineno > 0 ? (uint32_t)code->co_firstlineno : 0;
    uint32_t  key;
    if (add_function(&name, &qualname, &file, line, TARE_FUNCTION_PYTHON, &key, NULL) != TARE_OK) {
        key = tare_trace.unnamed_key;
        tare_trace.failed_count++;
    }
    for (int i = 0; i < 3; i++)
        Py_XDECREF(owners[i]);
    return key;
}

uint32_t tare_names_function(PyCodeObject *code)
{
    return name_code(code) >> 1;
}

uint32_t tare_names_add_code(PyCodeObject *code)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    uint32_t  key = name_code(code);
    uintptr_t extra = (uintptr_t)((uint64_t)tare_trace.generation << 32 | key);
    if (TARE_CODE_EXTRA_SET((PyObject *)code, tare_trace.extra_index, (void *)extra) < 0)
        tare_trace.failed_count++; /* it is named anew next time */
    PyErr_Restore(type, value, traceback);
    return key;
}

/* ---- C callables ---- */

typedef struct spelling {
    char        text[TARE_TRACE_TEXT_BYTES / 4];
    const char *name; /* the last part, in text or constant */
} spelling;

static const char *text_or(PyObject *text, const char *fallback)
{
    const char *bytes = text != NULL && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
    if (bytes == NULL)
        PyErr_Clear();
    return bytes != NULL ? bytes : fallback;
}

/* tp_name has the module for types made in C outside builtins; classes have it in their dict. */
static void spell_type(PyTypeObject *type, spelling *out)
{
    if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0) {
        PyObject   *dict = type->tp_dict;
        PyObject   *module = dict != NULL ? PyDict_GetItemString(dict, "__module__") : NULL;
        const char *qualname = text_or(((PyHeapTypeObject *)type)->ht_qualname, type->tp_name);
        snprintf(out->text, sizeof out->text, "%s.%s", text_or(module, "?"), qualname);
    } else if (strchr(type->tp_name, '.') != NULL) {
        snprintf(out->text, sizeof out->text, "%s", type->tp_name);
    } else {
        snprintf(out->text, sizeof out->text, "builtins.%s", type->tp_name);
    }
    const char *dot = strrchr(out->text, '.');
    out->name = dot != NULL ? dot + 1 : out->text;
}

static void spell_member(PyTypeObject *type, const char *name, spelling *out)
{
    spell_type(type, out);
    size_t size = strlen(out->text);
    snprintf(out->text + size, sizeof out->text - size, ".%s", name);
    out->name = name;
}

/* The type in whose own table the method is: a subclass calls it too. */
static PyTypeObject *find_definer(PyTypeObject *type, const PyMethodDef *method)
{
    PyObject *bases = type->tp_mro;
    for (Py_ssize_t i = 0; bases != NULL && i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (base->tp_methods == NULL)
            continue;
        for (const PyMethodDef *row = base->tp_methods; row->ml_name != NULL; row++)
            if (row == method)
                return base;
    }
    return type;
}

static void spell_function(const PyCFunctionObject *function, spelling *out)
{
    const PyMethodDef *method = function->m_ml;
    PyObject          *self = function->m_self;
    const char        *module = text_or(function->m_module, "");
    if (self != NULL && PyType_Check(self)) {
        spell_member(find_definer((PyTypeObject *)self, method), method->ml_name, out);
    } else if (self != NULL && !PyModule_Check(self)) {
        spell_member(find_definer(Py_TYPE(self), method), method->ml_name, out);
    } else {
        if (module[0] == '\0' && self != NULL)
            module = text_or(PyDict_GetItemString(PyModule_GetDict(self), "__name__"), "?");
        snprintf(out->text, sizeof out->text, "%s.%s", module, method->ml_name);
        out->name = method->ml_name;
    }
}

static void spell_callable(PyObject *callable, spelling *out)
{
    PyTypeObject *type = Py_TYPE(callable);
    if (type == &PyMethodDescr_Type) {
        PyMethodDescrObject *descr = (PyMethodDescrObject *)callable;
        spell_member(descr->d_common.d_type, descr->d_method->ml_name, out);
    } else if (PyCFunction_Check(callable)) {
        spell_function((PyCFunctionObject *)callable, out);
    } else if (PyType_Check(callable)) {
        spell_type((PyTypeObject *)callable, out);
    } else if (type == tare_method_wrapper_type || type == &PyWrapperDescr_Type) {
        PyWrapperDescrObject *descr = type == &PyWrapperDescr_Type
                                          ? (PyWrapperDescrObject *)callable
                                          : ((tare_method_wrapper *)callable)->descr;
        spell_member(descr->d_common.d_type, descr->d_base->name, out);
    } else {
        spell_member(type, "__call__", out);
    }
}

static bool is_silent(PyObject *callable)
{
    return !tare_trace.options.classes && !PyCFunction_Check(callable) &&
           Py_TYPE(callable) != &PyMethodDescr_Type;
}

uint32_t tare_names_add_callable(PyObject *callable, uint64_t identity, uint64_t proof,
                                 uint32_t slot)
{
    spelling  spelled;
    PyObject *type, *value, *traceback;
    uint32_t  key;
    PyErr_Fetch(&type, &value, &traceback);
    if (proof == 0) { /* a class, or an object of one, that nobody has looked into yet */
        tare_tag_type(PyType_Check(callable) ? (PyTypeObject *)callable : Py_TYPE(callable));
        tare_names_identify(callable, &identity, &proof);
    }
    if (is_silent(callable)) {
        PyErr_Restore(type, value, traceback);
        tare_name_slots[slot] = (tare_name_slot){identity, proof, TARE_NAMES_SILENT};
        return TARE_NAMES_SILENT;
    }
    spell_callable(callable, &spelled);
    PyErr_Restore(type, value, traceback);
    tare_text name = {spelled.name, strlen(spelled.name)};
    tare_text qualname = {spelled.text, strlen(spelled.text)};
    tare_text file = {"", 0};
    if (add_function(&name, &qualname, &file, 0, TARE_FUNCTION_NATIVE, &key, NULL) != TARE_OK) {
        tare_trace.failed_count++;
        return tare_trace.unnamed_key | 1;
    }
    tare_name_slots[slot] = (tare_name_slot){.identity = identity, .proof = proof, .key = key};
    return key;
}
