/* names.c - see names.h.
 *
 *     instance --DICT--> dict --VALUE 'cache'--> dict --VALUE 'k'--> list --INDEX 3--> object
 *              nothing         .cache                 ['k']             [3]
 *
 * A step to a __dict__ is held back until the next one says whether it is an attribute. It is
 * none where the class has a descriptor of that name that comes first: then .__dict__['cache'] is
 * written, which is as true and can be typed.
 *
 * Cost: O(text), and for each attribute O(names of its classes). */
#include "heap/names.h"

#include "common/pyobjects.h"

#include "heap/words.h"

#include <string.h>

enum { TEXT_SHOWN = 80, TUPLE_SHOWN = 8, TUPLE_DEPTH = 3, INT_BITS_SHOWN = 512 };

static void say(tare_buffer *out, const char *text)
{
    tare_buffer_append(out, text, strlen(text));
}

static void say_type(tare_buffer *out, const char *what, PyObject *object)
{
    tare_buffer_format(out, "<%s ", what);
    tare_words_type(out, Py_TYPE(object));
    say(out, ">");
}

/* ---- literals ---- */

static void say_escaped(tare_buffer *out, Py_UCS4 c)
{
    if (c < 0x100)
        tare_buffer_format(out, "\\x%02x", (unsigned)c);
    else if (c < 0x10000)
        tare_buffer_format(out, "\\u%04x", (unsigned)c);
    else
        tare_buffer_format(out, "\\U%08x", (unsigned)c);
}

static void say_utf8(tare_buffer *out, Py_UCS4 c)
{
    if (c >= 0x10000) {
        tare_buffer_u8(out, (uint8_t)(0xf0 | c >> 18));
        tare_buffer_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
    } else if (c >= 0x800) {
        tare_buffer_u8(out, (uint8_t)(0xe0 | c >> 12));
    }
    if (c >= 0x800)
        tare_buffer_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    else
        tare_buffer_u8(out, (uint8_t)(0xc0 | c >> 6));
    tare_buffer_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
}

static void say_character(tare_buffer *out, Py_UCS4 c, Py_UCS4 quote)
{
    const char *named = c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : NULL;
    if (named != NULL)
        say(out, named);
    else if (c == quote || c == '\\')
        tare_buffer_format(out, "\\%c", (int)c);
    else if (c >= 0x20 && c < 0x7f)
        tare_buffer_u8(out, (uint8_t)c);
    else if (c >= 0xa0 && Py_UNICODE_ISPRINTABLE(c))
        say_utf8(out, c);
    else
        say_escaped(out, c);
}

static Py_UCS4 text_at(PyObject *object, Py_ssize_t index)
{
    return PyUnicode_READ_CHAR(object, index);
}

static bool say_text(tare_buffer *out, PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), quotes = 0, doubles = 0;
    Py_ssize_t shown = Py_MIN(length, TEXT_SHOWN);
    for (Py_ssize_t i = 0; i < shown; i++) {
        quotes += text_at(text, i) == '\'';
        doubles += text_at(text, i) == '"';
    }
    uint8_t quote = quotes > 0 && doubles == 0 ? '"' : '\'';
    tare_buffer_u8(out, quote);
    for (Py_ssize_t i = 0; i < shown; i++)
        say_character(out, text_at(text, i), quote);
    say(out, shown < length ? "..." : "");
    tare_buffer_u8(out, quote);
    return shown == length;
}

static bool say_bytes(tare_buffer *out, PyObject *bytes)
{
    Py_ssize_t length = PyBytes_GET_SIZE(bytes), shown = Py_MIN(length, TEXT_SHOWN);
    say(out, "b'");
    for (Py_ssize_t i = 0; i < shown; i++) {
        uint8_t byte = (uint8_t)PyBytes_AS_STRING(bytes)[i];
        if (byte < 0x80)
            say_character(out, byte, '\'');
        else
            tare_buffer_format(out, "\\x%02x", byte);
    }
    say(out, shown < length ? "...'" : "'");
    return shown == length;
}

/* An int of this exact type is written by C code that asks nobody; a longer one takes too long. */
static bool say_int(tare_buffer *out, PyObject *number)
{
    int       overflow;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (overflow == 0) {
        tare_buffer_format(out, "%lld", value);
        return true;
    }
    PyObject *text = _PyLong_NumBits(number) <= INT_BITS_SHOWN ? PyNumber_ToBase(number, 16) : NULL;
    if (text == NULL) {
        PyErr_Clear();
        say_type(out, "a large", number);
        return false;
    }
    tare_words_text(out, text);
    Py_DECREF(text);
    return true;
}

static bool say_float(tare_buffer *out, double value)
{
    char *text = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (text == NULL) {
        PyErr_Clear();
        return false;
    }
    say(out, text);
    PyMem_Free(text);
    return Py_IS_FINITE(value);
}

static bool say_literal(tare_buffer *out, PyObject *object, int depth);

static bool say_tuple(tare_buffer *out, PyObject *tuple, int depth)
{
    Py_ssize_t count = PyTuple_GET_SIZE(tuple), shown = Py_MIN(count, TUPLE_SHOWN);
    bool       exact = shown == count;
    say(out, "(");
    for (Py_ssize_t i = 0; i < shown; i++) {
        say(out, i > 0 ? ", " : "");
        PyObject *item = PyTuple_GET_ITEM(tuple, i);
        exact = item != NULL && say_literal(out, item, depth + 1) && exact;
    }
    say(out, count == 1 ? ",)" : shown < count ? ", ...)" : ")");
    return exact;
}

static const char *constant(PyObject *object)
{
    return object == Py_None       ? "None"
           : object == Py_True     ? "True"
           : object == Py_False    ? "False"
           : object == Py_Ellipsis ? "..."
                                   : NULL;
}

static bool say_literal(tare_buffer *out, PyObject *object, int depth)
{
    const char *name = constant(object);
    if (name != NULL) {
        say(out, name);
        return true;
    }
    if (PyUnicode_CheckExact(object) && PyUnicode_IS_READY(object))
        return say_text(out, object);
    if (PyLong_CheckExact(object))
        return say_int(out, object);
    if (PyBytes_CheckExact(object))
        return say_bytes(out, object);
    if (PyFloat_CheckExact(object))
        return say_float(out, PyFloat_AS_DOUBLE(object));
    if (PyTuple_CheckExact(object) && depth < TUPLE_DEPTH)
        return say_tuple(out, object, depth);
    if (PyType_Check(object)) {
        say(out, "<class ");
        tare_words_type(out, (PyTypeObject *)object);
        say(out, ">");
    } else {
        say_type(out, "key of type", object);
    }
    return false;
}

bool tare_names_literal(tare_buffer *out, PyObject *object)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    bool exact = say_literal(out, object, 0);
    PyErr_Restore(type, value, traceback);
    return exact;
}

/* ---- attributes ---- */

static const char *const keywords[] = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield",
};

static bool is_word(const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        if (!Py_ISALPHA(text[i]) && text[i] != '_' && (i == 0 || !Py_ISDIGIT(text[i])))
            return false;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strcmp(text, keywords[i]) == 0)
            return false;
    return text[0] != '\0';
}

/* The name as C has it, or NULL: others than ASCII are brought into another form by the parser. */
static const char *as_word(PyObject *name)
{
    if (!PyUnicode_CheckExact(name) || !PyUnicode_IS_COMPACT_ASCII(name))
        return NULL;
    const char *text = PyUnicode_DATA(name);
    bool        whole = strlen(text) == (size_t)PyUnicode_GET_LENGTH(name);
    return whole && is_word(text) ? text : NULL;
}

static PyObject *find_in_dict(PyObject *dict, const char *name)
{
    PyObject  *key, *value;
    Py_ssize_t at = 0;
    if (dict == NULL)
        return NULL;
    while (PyDict_Next(dict, &at, &key, &value))
        if (PyUnicode_CheckExact(key) && PyUnicode_IS_COMPACT_ASCII(key) &&
            strcmp(PyUnicode_DATA(key), name) == 0)
            return value;
    return NULL;
}

/* What a class, or the first of its bases that has it, has by that name; borrowed or NULL. */
static PyObject *find_in_class(PyTypeObject *type, const char *name)
{
    PyObject *found = NULL;
    for (Py_ssize_t i = 0;
         type->tp_mro != NULL && found == NULL && i < PyTuple_GET_SIZE(type->tp_mro); i++)
        found = find_in_dict(tare_type_dict((PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i)),
                             name);
    return found;
}

static bool reads_plainly(PyTypeObject *type)
{
    PyObject *reader = find_in_class(type, "__getattribute__");
    return reader == NULL || !PyFunction_Check(reader);
}

/* Whether source.name is what the __dict__ of source has by that name. */
static bool is_attribute(PyObject *source, const char *name, PyObject *value)
{
    PyObject *descriptor = find_in_class(Py_TYPE(source), name);
    if (descriptor != NULL && Py_TYPE(descriptor)->tp_descr_set != NULL)
        return false;
    return !PyType_Check(source) || value == NULL || Py_TYPE(value)->tp_descr_get == NULL ||
           PyFunction_Check(value);
}

/* Whether source.name is what C keeps there: by a descriptor of C's. */
static bool is_member(PyObject *source, const char *name)
{
    PyObject *descriptor = find_in_class(Py_TYPE(source), name);
    return descriptor != NULL && (Py_IS_TYPE(descriptor, &PyMemberDescr_Type) ||
                                  Py_IS_TYPE(descriptor, &PyGetSetDescr_Type));
}

static void say_attribute(tare_composer *c, PyObject *source, PyObject *name, PyObject *value)
{
    const char *word = as_word(name);
    if (word != NULL && (c->rough || is_attribute(source, word, value))) {
        tare_buffer_format(c->out, ".%s", word);
    } else {
        c->exact = c->exact && is_member(source, "__dict__");
        say(c->out, ".__dict__[");
        c->exact = tare_names_literal(c->out, name) && c->exact;
        say(c->out, "]");
    }
    c->exact = c->exact && (c->rough || reads_plainly(Py_TYPE(source)));
}

static void say_member(tare_composer *c, PyObject *source, const char *name)
{
    tare_buffer_format(c->out, ".%s", name);
    c->exact = c->exact && !c->rough && is_member(source, name) && reads_plainly(Py_TYPE(source));
    if (PyFunction_Check(source) && strcmp(name, "__annotations__") == 0)
        c->exact = c->exact && PyDict_Check(((PyFunctionObject *)source)->func_annotations);
}

/* ---- steps ---- */

/* Whether source[...] asks the builtin type, whatever class it is. */
static bool reads_items_plainly(PyObject *source)
{
    const PyTypeObject *type = Py_TYPE(source);
    const PyTypeObject *base = PyList_Check(source)    ? &PyList_Type
                               : PyTuple_Check(source) ? &PyTuple_Type
                               : PyDict_Check(source)  ? &PyDict_Type
                                                       : NULL;
    if (base == NULL)
        return !PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_HEAPTYPE) ||
               PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_IMMUTABLETYPE);
    return type->tp_as_mapping != NULL &&
           type->tp_as_mapping->mp_subscript == base->tp_as_mapping->mp_subscript;
}

static void say_inexact(tare_composer *c, const char *text)
{
    tare_buffer_format(c->out, "<%s>", text);
    c->exact = false;
}

static void say_key(tare_composer *c, PyObject *key)
{
    c->exact = false;
    if (PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyBytes_CheckExact(key)) {
        say(c->out, "<key ");
        (void)tare_names_literal(c->out, key);
        say(c->out, ">");
    } else {
        say_type(c->out, "key of type", key);
    }
}

static void say_step(tare_composer *c, PyObject *source, const tare_link *link)
{
    switch (link->kind) {
    case TARE_LINK_INDEX:
        tare_buffer_format(c->out, "[%zd]", link->index);
        c->exact = c->exact && reads_items_plainly(source);
        break;
    case TARE_LINK_VALUE:
        say(c->out, "[");
        c->exact = tare_names_literal(c->out, link->key) && c->exact && reads_items_plainly(source);
        say(c->out, "]");
        break;
    case TARE_LINK_KEY:
        say_key(c, link->key);
        break;
    case TARE_LINK_ITEM:
        say_inexact(c, "item");
        break;
    case TARE_LINK_ATTRIBUTE:
        say_attribute(c, source, link->key, NULL);
        break;
    case TARE_LINK_MEMBER:
        say_member(c, source, link->text);
        break;
    case TARE_LINK_VARIABLE:
        tare_buffer_format(c->out, ".%s[", link->text);
        c->exact = tare_names_literal(c->out, link->key) && c->exact;
        say(c->out, "]");
        c->cell = link->index != 0;
        break;
    case TARE_LINK_PART:
        say_inexact(c, link->text);
        break;
    case TARE_LINK_CLASS:
        say_member(c, source, "__class__");
        break;
    case TARE_LINK_DICT:
    case TARE_LINK_OTHER:
        say_type(c->out, "referent of", source);
        c->exact = false;
        break;
    }
}

static void end_dict(tare_composer *c)
{
    PyObject *owner = c->owner;
    c->owner = NULL;
    if (owner != NULL)
        say_member(c, owner, "__dict__");
}

/* The __dict__ of a class is a proxy of the dictionary: it can be looked into, but is not it. */
void tare_compose_end(tare_composer *c)
{
    if (c->owner != NULL && PyType_Check(c->owner))
        c->exact = false;
    end_dict(c);
}

void tare_compose(tare_composer *c, PyObject *source, const tare_link *link)
{
    bool cell = c->cell;
    c->cell = false;
    if (cell && PyCell_Check(source) && link->kind == TARE_LINK_MEMBER)
        return;
    if (c->owner != NULL && link->kind == TARE_LINK_VALUE) {
        say_attribute(c, c->owner, link->key, link->target);
        c->owner = NULL;
        return;
    }
    end_dict(c);
    if (link->kind == TARE_LINK_DICT)
        c->owner = source;
    else
        say_step(c, source, link);
}
