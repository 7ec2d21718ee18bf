/* marshal_read.c - one letter for the type, its high bit says "remember this one".
 *
 *     stack     { of the file   ( of 5        containers that are not finished, outermost first
 *     refs      0 "f.py"   1 tuple   ...      in the order in which they began
 *     interned  of Python 2: every 't', for 'R'
 *
 * A loop with a stack of its own, not a recursion: depth is the file's word. A count is
 * believed only as far as there are bytes for so many items.
 * Cost: O(bytes); 32 bytes of memory for each at most. */
#include "io/marshal_read.h"

#include "io/decimal.h"

#include <string.h>

enum {
    FLAG_REF = 0x80,
    DIGIT_BITS = 15,
    MAX_LONG_DIGITS = 5,
    COMPLEX_BYTES = 16,
    SLICE_ITEMS = 3,
    CODE_ITEMS = 8,         /* before the first line, and one or two behind it */
    CODE_KINDS_AT = 4,      /* of them: bytes since CPython 3.11, a tuple before */
    LEAST_CODE_NUMBERS = 4, /* at its begin: 4 in Python 2, 5, 6 since 3.8, 5 since 3.11 */
    MOST_CODE_NUMBERS = 6,
    UNTIL_NULL = UINT32_MAX
};

typedef struct open_container {
    uint32_t value;
    uint32_t left;         /* items still to come; UNTIL_NULL for a dict */
    uint32_t ref;          /* its place in refs, or TARE_VALUE_NONE_ID */
    bool     line_follows; /* a code object, before its first line */
} open_container;

typedef struct id_list {
    uint32_t *ids; /* owned */
    uint32_t  count;
    uint32_t  capacity;
} id_list;

typedef struct marshal {
    tare_cursor    in;
    tare_values   *values; /* borrowed */
    tare_error    *err;
    id_list        refs;     /* TARE_VALUE_NONE_ID: not finished */
    id_list        interned; /* of Python 2 */
    open_container stack[TARE_MARSHAL_MAX_DEPTH];
    uint32_t       depth;
    uint32_t       code_numbers; /* 0 = no code object was met yet */
} marshal;

static tare_status fail_at(const marshal *m, const char *reason)
{
    return tare_fail(m->err, TARE_CORRUPT, "read marshal data, byte %zu: %s", m->in.at, reason);
}

static tare_status append_id(const marshal *m, id_list *list, uint32_t id)
{
    void *memory = list->ids;
    TARE_TRY(tare_grow(m->values->alloc, &memory, &list->capacity, list->count + (size_t)1,
                       sizeof *list->ids, m->err));
    list->ids = memory;
    list->ids[list->count++] = id;
    return TARE_OK;
}

/* ---- numbers ---- */

static tare_plain_value make_integer(int64_t integer)
{
    return (tare_plain_value){.kind = TARE_VALUE_INTEGER, .as.integer = integer};
}

static tare_status read_long(marshal *m, tare_plain_value *out)
{
    int32_t  said = (int32_t)tare_cursor_u32(&m->in);
    uint32_t count = said < 0 ? 0U - (uint32_t)said : (uint32_t)said;
    uint64_t value = 0;
    if (count > MAX_LONG_DIGITS) { /* a constant in some code */
        *out = (tare_plain_value){.kind = TARE_VALUE_OTHER};
        tare_cursor_take(&m->in, (size_t)count * 2);
        return TARE_OK;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t low = tare_cursor_u8(&m->in);
        uint64_t digit = low | (uint64_t)tare_cursor_u8(&m->in) << 8;
        if (digit >> DIGIT_BITS != 0 || (i == MAX_LONG_DIGITS - 1 && digit > 3))
            return fail_at(m, "a number is larger than any count of calls");
        value |= digit << DIGIT_BITS * i;
    }
    if (value > INT64_MAX)
        return fail_at(m, "a number is larger than any count of calls");
    *out = make_integer(said < 0 ? -(int64_t)value : (int64_t)value);
    return TARE_OK;
}

static tare_status read_float_text(marshal *m, tare_plain_value *out)
{
    size_t         size = tare_cursor_u8(&m->in);
    const uint8_t *text = tare_cursor_take(&m->in, size);
    tare_decimal   decimal;
    if (text == NULL || tare_decimal_read((const char *)text, size, &decimal) != size)
        return fail_at(m, "a number is not one");
    *out = (tare_plain_value){.kind = TARE_VALUE_FLOAT, .as.number = tare_decimal_double(&decimal)};
    return TARE_OK;
}

static tare_plain_value read_float(marshal *m)
{
    uint64_t         bits = tare_cursor_u64(&m->in);
    tare_plain_value value = {.kind = TARE_VALUE_FLOAT};
    memcpy(&value.as.number, &bits, sizeof bits);
    return value;
}

/* ---- text ---- */

static tare_status read_text(marshal *m, size_t size, tare_plain_value *out)
{
    const uint8_t *text = tare_cursor_take(&m->in, size);
    if (text == NULL || size > UINT32_MAX)
        return fail_at(m, "a text is longer than the file");
    *out = (tare_plain_value){
        .kind = TARE_VALUE_TEXT, .count = (uint32_t)size, .as.text = (const char *)text};
    return TARE_OK;
}

/* ---- one value that is no container ---- */

static tare_status read_plain(marshal *m, uint8_t type, tare_plain_value *out)
{
    *out = (tare_plain_value){.kind = TARE_VALUE_NONE};
    switch (type) {
    case 'N':
    case '.': /* Ellipsis */
    case 'S': /* StopIteration */
        return TARE_OK;
    case 'y':
        tare_cursor_take(&m->in, COMPLEX_BYTES);
        return TARE_OK;
    case 'x':
        TARE_TRY(read_float_text(m, out));
        return read_float_text(m, out);
    case 'F':
    case 'T':
        *out = make_integer(type == 'T');
        return TARE_OK;
    case 'i':
        *out = make_integer((int32_t)tare_cursor_u32(&m->in));
        return TARE_OK;
    case 'I':
        *out = make_integer((int64_t)tare_cursor_u64(&m->in));
        return TARE_OK;
    case 'l':
        return read_long(m, out);
    case 'f':
        return read_float_text(m, out);
    case 'g':
        *out = read_float(m);
        return TARE_OK;
    case 's':
    case 't':
    case 'u':
    case 'a':
    case 'A':
        return read_text(m, tare_cursor_u32(&m->in), out);
    case 'z':
    case 'Z':
        return read_text(m, tare_cursor_u8(&m->in), out);
    default:
        return fail_at(m, "a value is of a type that no profile has");
    }
}

/* ---- containers ---- */

static tare_status open_items(marshal *m, tare_value_kind kind, uint32_t count, bool remembered,
                              uint32_t *id_out)
{
    if (m->depth == TARE_MARSHAL_MAX_DEPTH)
        return fail_at(m, "it is nested deeper than any profile");
    if (count != UNTIL_NULL && count > m->in.size - m->in.at)
        return fail_at(m, "a tuple has more items than the file has bytes");
    open_container *open = &m->stack[m->depth];
    TARE_TRY(tare_values_container(m->values, kind, id_out, m->err));
    *open = (open_container){.value = *id_out, .left = count, .ref = TARE_VALUE_NONE_ID};
    if (remembered) {
        open->ref = m->refs.count;
        TARE_TRY(append_id(m, &m->refs, TARE_VALUE_NONE_ID));
    }
    m->depth++;
    return TARE_OK;
}

static void close_items(marshal *m)
{
    const open_container *open = &m->stack[--m->depth];
    if (open->ref != TARE_VALUE_NONE_ID)
        m->refs.ids[open->ref] = open->value;
}

/* ---- code ---- */

/* How many numbers a code object begins with, found where its bytecode would follow them. The
 * first one in a file is that of a module, whose numbers are small. */
static tare_status read_code_numbers(marshal *m)
{
    const size_t number_bytes = sizeof(uint32_t);
    for (uint32_t n = LEAST_CODE_NUMBERS; m->code_numbers == 0 && n <= MOST_CODE_NUMBERS; n++) {
        size_t at = m->in.at + n * number_bytes;
        if (at < m->in.size && (m->in.bytes[at] & ~FLAG_REF) == 's')
            m->code_numbers = n;
    }
    if (m->code_numbers == 0)
        return fail_at(m, "a code object is of no known version");
    tare_cursor_take(&m->in, m->code_numbers * number_bytes);
    return TARE_OK;
}

/* All but what stands behind the first line is there. */
static void read_code_line(marshal *m, open_container *open)
{
    uint32_t cell = m->values->values[open->value].as.items.first;
    for (uint32_t i = 0; i < CODE_KINDS_AT; i++)
        cell = tare_values_next(m->values, cell);
    tare_cursor_u32(&m->in);
    open->left = tare_values_at(m->values, cell)->kind == TARE_VALUE_TEXT ? 2 : 1;
    open->line_follows = false;
}

/* Puts a finished value where it belongs, and closes what is full by that. */
static tare_status place_value(marshal *m, uint32_t id)
{
    while (m->depth > 0) {
        open_container *open = &m->stack[m->depth - 1];
        TARE_TRY(tare_values_append(m->values, open->value, id, m->err));
        if (open->left == UNTIL_NULL || --open->left > 0)
            return TARE_OK;
        if (open->line_follows) {
            read_code_line(m, open);
            return TARE_OK;
        }
        id = open->value;
        close_items(m);
    }
    return TARE_OK;
}

/* The '0' that ends a dict. */
static tare_status end_dict(marshal *m)
{
    if (m->depth == 0 || m->stack[m->depth - 1].left != UNTIL_NULL)
        return fail_at(m, "a dict ends that did not begin");
    uint32_t id = m->stack[m->depth - 1].value;
    if (m->values->values[id].count % 2 != 0)
        return fail_at(m, "a key has no value");
    close_items(m);
    return place_value(m, id);
}

static tare_status find_ref(marshal *m, const id_list *list)
{
    uint32_t at = tare_cursor_u32(&m->in);
    if (at >= list->count || list->ids[at] == TARE_VALUE_NONE_ID)
        return fail_at(m, "a reference leads to nothing that is finished");
    return place_value(m, list->ids[at]);
}

static tare_status read_leaf(marshal *m, uint8_t type, bool remembered)
{
    tare_plain_value value;
    uint32_t         id;
    TARE_TRY(read_plain(m, type, &value));
    TARE_TRY(tare_values_add(m->values, value, &id, m->err));
    if (remembered)
        TARE_TRY(append_id(m, &m->refs, id));
    if (type == 't')
        TARE_TRY(append_id(m, &m->interned, id));
    return place_value(m, id);
}

static tare_status open_counted(marshal *m, tare_value_kind kind, uint32_t count, bool remembered)
{
    uint32_t id;
    TARE_TRY(open_items(m, kind, count, remembered, &id));
    if (count > 0)
        return TARE_OK;
    close_items(m);
    return place_value(m, id);
}

static tare_status open_code(marshal *m, bool remembered)
{
    uint32_t unused;
    TARE_TRY(read_code_numbers(m));
    TARE_TRY(open_items(m, TARE_VALUE_OTHER, CODE_ITEMS, remembered, &unused));
    m->stack[m->depth - 1].line_follows = true;
    return TARE_OK;
}

static tare_status read_value(marshal *m)
{
    uint8_t  code = tare_cursor_u8(&m->in);
    uint8_t  type = (uint8_t)(code & ~FLAG_REF);
    bool     remembered = code & FLAG_REF;
    uint32_t unused;
    switch (type) {
    case '(':
        return open_counted(m, TARE_VALUE_TUPLE, tare_cursor_u32(&m->in), remembered);
    case ')':
        return open_counted(m, TARE_VALUE_TUPLE, tare_cursor_u8(&m->in), remembered);
    case '<':
    case '>':
    case '[':
        return open_counted(m, TARE_VALUE_LIST, tare_cursor_u32(&m->in), remembered);
    case ':':
        return open_counted(m, TARE_VALUE_OTHER, SLICE_ITEMS, remembered);
    case 'c':
        return open_code(m, remembered);
    case '{':
        return open_items(m, TARE_VALUE_DICT, UNTIL_NULL, remembered, &unused);
    case '0':
        return end_dict(m);
    case 'r':
        return find_ref(m, &m->refs);
    case 'R':
        return find_ref(m, &m->interned);
    default:
        return read_leaf(m, type, remembered);
    }
}

/* The first value that is made is the outermost. */
static tare_status read_values(marshal *m)
{
    do {
        if (m->in.at == m->in.size)
            return fail_at(m, "it is cut short");
        TARE_TRY(read_value(m));
        if (m->in.failed)
            return fail_at(m, "it is cut short");
    } while (m->depth > 0);
    return TARE_OK;
}

tare_status tare_marshal_read(const uint8_t *bytes, size_t size, tare_values *values,
                              uint32_t *root_out, tare_error *err)
{
    marshal m = {.in = {.bytes = bytes, .size = size}, .values = values, .err = err};
    *root_out = 0;
    tare_status status = read_values(&m);
    tare_release(values->alloc, m.refs.ids, m.refs.capacity, sizeof *m.refs.ids);
    tare_release(values->alloc, m.interned.ids, m.interned.capacity, sizeof *m.interned.ids);
    return status;
}
