/* words.c - see words.h.
 *
 * Where a type has its name: of a static type in tp_name, as "module.name", or "name" when it is
 * one of builtins; of a class in ht_qualname, and the module in its dict. A namespace may have
 * keys that are no str and compare as they like, so it is read from end to end, not asked. */
#include "heap/words.h"

#include <string.h>

static const char BUILTINS[] = "builtins";

/* What stands for a byte that was no UTF-8, in names of files, is that byte again. */
static void append_character(tare_buffer *out, Py_UCS4 character)
{
    if (character < 0x80 || (character >= 0xdc80 && character <= 0xdcff)) {
        tare_buffer_u8(out, (uint8_t)character);
        return;
    }
    if (character < 0x800) {
        tare_buffer_u8(out, (uint8_t)(0xc0 | character >> 6));
    } else if (character < 0x10000) {
        tare_buffer_u8(out, (uint8_t)(0xe0 | character >> 12));
        tare_buffer_u8(out, (uint8_t)(0x80 | (character >> 6 & 0x3f)));
    } else {
        tare_buffer_u8(out, (uint8_t)(0xf0 | character >> 18));
        tare_buffer_u8(out, (uint8_t)(0x80 | (character >> 12 & 0x3f)));
        tare_buffer_u8(out, (uint8_t)(0x80 | (character >> 6 & 0x3f)));
    }
    tare_buffer_u8(out, (uint8_t)(0x80 | (character & 0x3f)));
}

void tare_words_text(tare_buffer *out, PyObject *text)
{
    if (text == NULL || !PyUnicode_Check(text) || !PyUnicode_IS_READY(text))
        return;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (PyUnicode_IS_COMPACT_ASCII(text)) {
        tare_buffer_append(out, PyUnicode_DATA(text), (size_t)length);
        return;
    }
    for (Py_ssize_t i = 0; i < length; i++)
        append_character(out, PyUnicode_READ_CHAR(text, i));
}

/* What the class says with __module__, or NULL. */
static PyObject *find_module(PyTypeObject *type)
{
    PyObject  *key, *value;
    Py_ssize_t at = 0;
    if (type->tp_dict == NULL)
        return NULL;
    while (PyDict_Next(type->tp_dict, &at, &key, &value))
        if (PyUnicode_CheckExact(key) && PyUnicode_IS_COMPACT_ASCII(key) &&
            strcmp(PyUnicode_DATA(key), "__module__") == 0)
            return PyUnicode_Check(value) ? value : NULL;
    return NULL;
}

static bool is_class(const PyTypeObject *type)
{
    return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0;
}

void tare_words_module(tare_buffer *out, PyTypeObject *type)
{
    uint32_t start = out->size;
    if (is_class(type))
        tare_words_text(out, find_module(type));
    const char *dot = strrchr(type->tp_name, '.');
    if (out->size == start && dot != NULL)
        tare_buffer_append(out, type->tp_name, (size_t)(dot - type->tp_name));
    if (out->size == start)
        tare_buffer_append(out, BUILTINS, sizeof BUILTINS - 1);
}

void tare_words_type(tare_buffer *out, PyTypeObject *type)
{
    const char *dot = strrchr(type->tp_name, '.');
    uint32_t    start = out->size;
    tare_words_module(out, type);
    size_t size = out->failed ? 0 : out->size - start;
    if (size == sizeof BUILTINS - 1 && memcmp(out->bytes + start, BUILTINS, size) == 0)
        out->size = start;
    else
        tare_buffer_u8(out, '.');
    uint32_t named = out->size;
    if (is_class(type))
        tare_words_text(out, ((PyHeapTypeObject *)type)->ht_qualname);
    if (out->size == named)
        tare_buffer_append(out, dot != NULL ? dot + 1 : type->tp_name,
                           strlen(dot != NULL ? dot + 1 : type->tp_name));
}
