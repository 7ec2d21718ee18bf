/* kinds_text.c - rules for what refers to nothing: numbers, str, bytes, bytearray.
 *
 * An int of one digit takes a whole PyLongObject, with the padding at its end, when it was made as
 * such; made by parsing or long division it takes four bytes less, or the digits that it was too
 * long by. Nothing in it tells, and the allocator rounds both to the same. */
#include "heap/rules.h"

#include "common/pyobjects.h"

#include <stddef.h>

static size_t measure_int(const tare_kind *kind, PyObject *number)
{
    (void)kind;
    size_t digits = tare_digit_count(number);
    if (digits <= 1)
        return sizeof(PyLongObject);
    return (size_t)PyLong_Type.tp_basicsize + digits * sizeof(digit);
}

/* Zero has room for a digit too. */
static size_t count_digits(PyObject *number)
{
    size_t digits = tare_digit_count(number);
    return digits + (digits == 0);
}

static size_t measure_bytes(const tare_kind *kind, PyObject *bytes)
{
    return kind->own_bytes + (size_t)Py_SIZE(bytes);
}

/* The text follows at once. */
static bool is_compact(PyObject *text)
{
    return ((PyASCIIObject *)text)->state.compact;
}

static size_t measure_text(const tare_kind *kind, PyObject *text)
{
    (void)kind;
    const PyASCIIObject *ascii = (PyASCIIObject *)text;
    if (!is_compact(text))
        return sizeof(PyUnicodeObject);
    size_t head = ascii->state.ascii ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject);
    return head + ((size_t)ascii->length + 1) * ascii->state.kind;
}

static size_t sum_text(const tare_kind *kind, PyObject *text)
{
    const PyASCIIObject *ascii = (PyASCIIObject *)text;
    bool                 has_more = !ascii->state.compact || !ascii->state.ascii;
#if TARE_HAS_WIDE_TEXT
    has_more |= ascii->wstr != NULL;
#endif
    return has_more ? TARE_KIND_UNKNOWN : measure_text(kind, text);
}

static const void *find_text(PyObject *text)
{
    const char *start = (const char *)text;
    if (!is_compact(text))
        return ((PyUnicodeObject *)text)->data.any;
    return start + (((PyASCIIObject *)text)->state.ascii ? sizeof(PyASCIIObject)
                                                         : sizeof(PyCompactUnicodeObject));
}

#if TARE_HAS_WIDE_TEXT
static void tell_wide_text(PyObject *text, const void *data, tare_block_visitor visitor,
                           void *context)
{
    const PyASCIIObject *ascii = (PyASCIIObject *)text;
    size_t               length = (size_t)ascii->length;
    if (!ascii->state.ascii || !ascii->state.compact)
        length = (size_t)((PyCompactUnicodeObject *)text)->wstr_length;
    if ((const void *)ascii->wstr != data)
        tare_tell_block(visitor, context, ascii->wstr, (length + 1) * sizeof(wchar_t));
}
#endif

/* Text apart (of a derived type's object), as UTF-8 once it was asked for, as wchar_t. */
static void tell_texts(const tare_kind *kind, PyObject *text, tare_block_visitor visitor,
                       void *context)
{
    const PyASCIIObject          *ascii = (PyASCIIObject *)text;
    const PyCompactUnicodeObject *whole = (PyCompactUnicodeObject *)text;
    const void                   *data = find_text(text);
    if (!ascii->state.compact)
        tare_tell_block(visitor, context, data, ((size_t)ascii->length + 1) * ascii->state.kind);
    /* Strings of frozen modules have theirs in the image too. */
    if (!(ascii->state.ascii && ascii->state.compact) && (const void *)whole->utf8 != data &&
        !tare_images_has(kind->images, (uintptr_t)whole->utf8))
        tare_tell_block(visitor, context, whole->utf8, (size_t)whole->utf8_length + 1);
#if TARE_HAS_WIDE_TEXT
    tell_wide_text(text, data, visitor, context);
#endif
}

#if TARE_HAS_BYTES_IN_BYTEARRAY
static int visit_bytearray(const tare_kind *kind, PyObject *array, visitproc visitor, void *context)
{
    (void)kind;
    TARE_VISIT(((PyByteArrayObject *)array)->ob_bytes_object);
    return 0;
}
#else
static void tell_bytearray(const tare_kind *kind, PyObject *array, tare_block_visitor visitor,
                           void *context)
{
    (void)kind;
    const PyByteArrayObject *bytes = (PyByteArrayObject *)array;
    tare_tell_block(visitor, context, bytes->ob_bytes, (size_t)bytes->ob_alloc);
}
#endif

// clang-format off
static const tare_kind_rule rules[] = {
    {.type = &PyUnicode_Type, .own = measure_text, .buffers = tell_texts,
     .sum = sum_text, .sum_of_own = true},
    {.type = &PyLong_Type, .own = measure_int, .items = count_digits},
    {.type = &PyFloat_Type},
    {.type = &PyBytes_Type, .own = measure_bytes},
    {.type = &PyComplex_Type},
#if TARE_HAS_BYTES_IN_BYTEARRAY
    {.type = &PyByteArray_Type, .visit_more = visit_bytearray, .in_heap = true},
#else
    {.type = &PyByteArray_Type, .buffers = tell_bytearray, .in_heap = true},
#endif
};
// clang-format on

const tare_rule_table tare_rules_text = {rules, sizeof rules / sizeof *rules};
