/* pickle_read.c - pickle's stack machine, as far as it makes data.
 *
 *     stack    dict  MARK  "timings"  dict  MARK  (key)  list      values being put together
 *     marks    where on the stack each MARK stands                 2 of them here
 *     memo     number -> value                                     may lead to unfinished ones
 *
 * Values have ids, so remembering costs nothing and a list may even hold itself; who reads
 * the result goes no deeper than the shape he expects. Each instruction takes a byte at least
 * and makes two values at most, so memory follows the size of the file; a memo's number is the
 * file's word, and is therefore a key in a map.
 * Cost: O(bytes). */
#include "io/pickle_read.h"

#include "io/decimal.h"

#include <string.h>

enum {
    OP_PROTOCOL = 0x80,
    OP_NEW_OBJECT = 0x81,
    OP_TUPLE1 = 0x85,
    OP_TUPLE2 = 0x86,
    OP_TUPLE3 = 0x87,
    OP_TRUE = 0x88,
    OP_FALSE = 0x89,
    OP_LONG1 = 0x8A,
    OP_LONG4 = 0x8B,
    OP_SHORT_TEXT = 0x8C,
    OP_TEXT8 = 0x8D,
    OP_BYTES8 = 0x8E,
    OP_STACK_CLASS = 0x93,
    OP_MEMOIZE = 0x94,
    OP_FRAME = 0x95,
    FRAME_BYTES = 8,
    MAX_LONG_BYTES = 9,
    BITS_PER_BYTE = 8
};

typedef struct id_stack {
    uint32_t *ids; /* owned */
    uint32_t  count;
    uint32_t  capacity;
} id_stack;

typedef struct unpickler {
    tare_cursor  in;
    tare_values *values; /* borrowed */
    tare_error  *err;
    id_stack     stack;
    id_stack     marks; /* sizes of the stack */
    tare_map     memo;
    uint32_t     memo_count; /* what MEMOIZE counts */
    bool         ended;
} unpickler;

static tare_status fail_at(const unpickler *u, const char *reason)
{
    return tare_fail(u->err, TARE_CORRUPT, "read a pickle, byte %zu: %s", u->in.at, reason);
}

/* ---- the stack ---- */

static tare_status push_id(const unpickler *u, id_stack *stack, uint32_t id)
{
    void *memory = stack->ids;
    TARE_TRY(tare_grow(u->values->alloc, &memory, &stack->capacity, stack->count + (size_t)1,
                       sizeof *stack->ids, u->err));
    stack->ids = memory;
    stack->ids[stack->count++] = id;
    return TARE_OK;
}

static tare_status push_value(unpickler *u, tare_plain_value value)
{
    uint32_t id;
    TARE_TRY(tare_values_add(u->values, value, &id, u->err));
    return push_id(u, &u->stack, id);
}

static tare_status push_container(unpickler *u, tare_value_kind kind)
{
    uint32_t id;
    TARE_TRY(tare_values_container(u->values, kind, &id, u->err));
    return push_id(u, &u->stack, id);
}

/* Values above the last mark, or below it none: what an instruction without a mark may take. */
static bool has_values(const unpickler *u, uint32_t count)
{
    uint32_t floor = u->marks.count > 0 ? u->marks.ids[u->marks.count - 1] : 0;
    return u->stack.count - floor >= count;
}

/* Where on the stack the items above the last mark begin; the mark is gone. */
static tare_status take_mark(unpickler *u, uint32_t *begin)
{
    if (u->marks.count == 0)
        return fail_at(u, "an instruction needs a mark");
    *begin = u->marks.ids[--u->marks.count];
    return TARE_OK;
}

/* A tuple, list or dict of what stands on the stack from begin on. */
static tare_status gather(unpickler *u, tare_value_kind kind, uint32_t begin)
{
    uint32_t id;
    if (kind == TARE_VALUE_DICT && (u->stack.count - begin) % 2 != 0)
        return fail_at(u, "a key has no value");
    TARE_TRY(tare_values_container(u->values, kind, &id, u->err));
    for (uint32_t i = begin; i < u->stack.count; i++)
        TARE_TRY(tare_values_append(u->values, id, u->stack.ids[i], u->err));
    u->stack.count = begin;
    return push_id(u, &u->stack, id);
}

static tare_status gather_last(unpickler *u, tare_value_kind kind, uint32_t count)
{
    if (!has_values(u, count))
        return fail_at(u, "an instruction needs more values");
    return gather(u, kind, u->stack.count - count);
}

static tare_status gather_marked(unpickler *u, tare_value_kind kind)
{
    uint32_t begin = 0;
    TARE_TRY(take_mark(u, &begin));
    return gather(u, kind, begin);
}

/* Adds what stands from begin on to the list or dict right below it. */
static tare_status extend(unpickler *u, tare_value_kind kind, uint32_t begin)
{
    uint32_t floor = u->marks.count > 0 ? u->marks.ids[u->marks.count - 1] : 0;
    if (begin <= floor || u->values->values[u->stack.ids[begin - 1]].kind != kind)
        return fail_at(u, "items are added to what is no container for them");
    if (kind == TARE_VALUE_DICT && (u->stack.count - begin) % 2 != 0)
        return fail_at(u, "a key has no value");
    uint32_t container = u->stack.ids[begin - 1];
    for (uint32_t i = begin; i < u->stack.count; i++)
        TARE_TRY(tare_values_append(u->values, container, u->stack.ids[i], u->err));
    u->stack.count = begin;
    return TARE_OK;
}

static tare_status extend_marked(unpickler *u, tare_value_kind kind)
{
    uint32_t begin = 0;
    TARE_TRY(take_mark(u, &begin));
    return extend(u, kind, begin);
}

static tare_status extend_last(unpickler *u, tare_value_kind kind, uint32_t count)
{
    if (!has_values(u, count + 1))
        return fail_at(u, "an instruction needs more values");
    return extend(u, kind, u->stack.count - count);
}

/* ---- plain values ---- */

static tare_status push_integer(unpickler *u, int64_t integer)
{
    return push_value(u, (tare_plain_value){.kind = TARE_VALUE_INTEGER, .as.integer = integer});
}

static tare_status push_text(unpickler *u, uint64_t size)
{
    if (size > u->in.size - u->in.at || size > UINT32_MAX)
        return fail_at(u, "a text is longer than the file");
    const uint8_t *text = tare_cursor_take(&u->in, (size_t)size);
    return push_value(u, (tare_plain_value){.kind = TARE_VALUE_TEXT,
                                            .count = (uint32_t)size,
                                            .as.text = (const char *)text});
}

static tare_status push_float(unpickler *u)
{
    tare_plain_value value = {.kind = TARE_VALUE_FLOAT};
    uint64_t         bits = 0;
    for (size_t i = 0; i < sizeof bits; i++)
        bits = bits << BITS_PER_BYTE | tare_cursor_u8(&u->in);
    memcpy(&value.as.number, &bits, sizeof bits);
    return push_value(u, value);
}

/* Two's complement, the low byte first. */
static tare_status push_long(unpickler *u, uint32_t size)
{
    const uint8_t *bytes = tare_cursor_take(&u->in, size);
    uint64_t       value = 0;
    if (bytes == NULL || size > MAX_LONG_BYTES)
        return fail_at(u, "a number is larger than any time");
    bool negative = size > 0 && bytes[size - 1] >> (BITS_PER_BYTE - 1) != 0;
    for (uint32_t i = 0; i < sizeof value; i++) {
        uint64_t byte = i < size ? bytes[i] : negative ? UINT8_MAX : 0;
        value |= byte << BITS_PER_BYTE * i;
    }
    if ((size == MAX_LONG_BYTES && bytes[size - 1] != 0) || (!negative && value > INT64_MAX))
        return fail_at(u, "a number is larger than any time");
    return push_integer(u, (int64_t)value);
}

/* The rest of the line, as protocol 0 has its arguments. */
static tare_status read_line(unpickler *u, tare_text *line)
{
    const char *begin = (const char *)u->in.bytes + u->in.at;
    const char *end = memchr(begin, '\n', u->in.size - u->in.at);
    if (end == NULL)
        return fail_at(u, "a line does not end");
    *line = (tare_text){.bytes = begin, .size = (size_t)(end - begin)};
    tare_cursor_take(&u->in, line->size + 1);
    return TARE_OK;
}

static tare_status push_line_number(unpickler *u, bool is_float)
{
    tare_text    line = {0};
    tare_decimal number;
    uint64_t     whole;
    TARE_TRY(read_line(u, &line));
    size_t size = tare_decimal_read(line.bytes, line.size, &number);
    bool   is_long = size + 1 == line.size && line.bytes[size] == 'L';
    if (size == 0 || (size != line.size && !is_long))
        return fail_at(u, "a number is not one");
    if (is_float)
        return push_value(u, (tare_plain_value){.kind = TARE_VALUE_FLOAT,
                                                .as.number = tare_decimal_double(&number)});
    bool negative = number.negative;
    number.negative = false;
    if (!tare_decimal_scale(&number, 0, &whole))
        return fail_at(u, "a number is larger than any time");
    return push_integer(u, negative ? -(int64_t)whole : (int64_t)whole);
}

/* Text of protocol 0; quotes go, escapes stay. */
static tare_status push_line_text(unpickler *u)
{
    tare_text line = {0};
    TARE_TRY(read_line(u, &line));
    if (line.size >= 2 && (line.bytes[0] == '\'' || line.bytes[0] == '"')) {
        line.bytes++;
        line.size -= 2;
    }
    if (line.size > UINT32_MAX)
        return fail_at(u, "a text is too long");
    return push_value(u, (tare_plain_value){.kind = TARE_VALUE_TEXT,
                                            .count = (uint32_t)line.size,
                                            .as.text = line.bytes});
}

/* ---- what is remembered ---- */

static tare_status remember(unpickler *u, uint32_t number)
{
    if (!has_values(u, 1))
        return fail_at(u, "nothing is there to be remembered");
    u->memo_count++;
    return tare_map_put(&u->memo, number, u->stack.ids[u->stack.count - 1], u->values->alloc,
                        u->err);
}

static tare_status recall(unpickler *u, uint32_t number)
{
    uint32_t id = tare_map_get(&u->memo, number);
    if (id == TARE_MAP_ABSENT)
        return fail_at(u, "something was never remembered");
    return push_id(u, &u->stack, id);
}

static tare_status use_line_memo(unpickler *u, bool puts)
{
    tare_text    line = {0};
    tare_decimal number;
    uint64_t     at;
    TARE_TRY(read_line(u, &line));
    if (tare_decimal_read(line.bytes, line.size, &number) != line.size ||
        !tare_decimal_scale(&number, 0, &at) || at >= UINT32_MAX)
        return fail_at(u, "a number is not one");
    return puts ? remember(u, (uint32_t)at) : recall(u, (uint32_t)at);
}

/* ---- classes and instances, which are never made ---- */

static tare_status push_class(unpickler *u)
{
    tare_text module, name;
    TARE_TRY(read_line(u, &module));
    TARE_TRY(read_line(u, &name));
    return push_container(u, TARE_VALUE_OTHER);
}

/* Takes so many values and leaves something without contents. */
static tare_status replace_by_other(unpickler *u, uint32_t count)
{
    if (!has_values(u, count))
        return fail_at(u, "an instruction needs more values");
    u->stack.count -= count;
    return push_container(u, TARE_VALUE_OTHER);
}

static tare_status give_state(unpickler *u)
{
    if (!has_values(u, 2))
        return fail_at(u, "an instruction needs more values");
    uint32_t state = u->stack.ids[--u->stack.count];
    uint32_t object = u->stack.ids[u->stack.count - 1];
    if (u->values->values[object].kind != TARE_VALUE_OTHER)
        return fail_at(u, "what is no instance gets a state");
    return tare_values_append(u->values, object, state, u->err);
}

/* ---- instructions ---- */

static tare_status run_new(unpickler *u, uint8_t op, bool *known)
{
    switch (op) {
    case OP_PROTOCOL:
        tare_cursor_u8(&u->in);
        return TARE_OK;
    case OP_FRAME:
        tare_cursor_take(&u->in, FRAME_BYTES);
        return TARE_OK;
    case OP_NEW_OBJECT:
    case OP_STACK_CLASS:
        return replace_by_other(u, 2);
    case OP_TUPLE1:
    case OP_TUPLE2:
    case OP_TUPLE3:
        return gather_last(u, TARE_VALUE_TUPLE, 1U + op - OP_TUPLE1);
    case OP_TRUE:
    case OP_FALSE:
        return push_integer(u, op == OP_TRUE);
    case OP_LONG1:
        return push_long(u, tare_cursor_u8(&u->in));
    case OP_LONG4:
        return push_long(u, tare_cursor_u32(&u->in));
    case OP_SHORT_TEXT:
        return push_text(u, tare_cursor_u8(&u->in));
    case OP_TEXT8:
    case OP_BYTES8:
        return push_text(u, tare_cursor_u64(&u->in));
    case OP_MEMOIZE:
        return remember(u, u->memo_count);
    default:
        *known = false;
        return TARE_OK;
    }
}

static tare_status run_plain(unpickler *u, uint8_t op, bool *known)
{
    switch (op) {
    case 'N':
        return push_value(u, (tare_plain_value){.kind = TARE_VALUE_NONE});
    case 'J':
        return push_integer(u, (int32_t)tare_cursor_u32(&u->in));
    case 'K':
        return push_integer(u, tare_cursor_u8(&u->in));
    case 'M': {
        int64_t low = tare_cursor_u8(&u->in);
        return push_integer(u, low | (int64_t)tare_cursor_u8(&u->in) << BITS_PER_BYTE);
    }
    case 'G':
        return push_float(u);
    case 'X':
    case 'B':
    case 'T':
        return push_text(u, tare_cursor_u32(&u->in));
    case 'C':
    case 'U':
        return push_text(u, tare_cursor_u8(&u->in));
    case 'I':
    case 'L':
    case 'F':
        return push_line_number(u, op == 'F');
    case 'V':
    case 'S':
        return push_line_text(u);
    default:
        return run_new(u, op, known);
    }
}

static tare_status run_container(unpickler *u, uint8_t op, bool *known)
{
    switch (op) {
    case '(':
        return push_id(u, &u->marks, u->stack.count);
    case '}':
        return push_container(u, TARE_VALUE_DICT);
    case ']':
        return push_container(u, TARE_VALUE_LIST);
    case ')':
        return push_container(u, TARE_VALUE_TUPLE);
    case 't':
        return gather_marked(u, TARE_VALUE_TUPLE);
    case 'd':
        return gather_marked(u, TARE_VALUE_DICT);
    case 'l':
        return gather_marked(u, TARE_VALUE_LIST);
    case 'u':
        return extend_marked(u, TARE_VALUE_DICT);
    case 'e':
        return extend_marked(u, TARE_VALUE_LIST);
    case 's':
        return extend_last(u, TARE_VALUE_DICT, 2);
    case 'a':
        return extend_last(u, TARE_VALUE_LIST, 1);
    default:
        return run_plain(u, op, known);
    }
}

static tare_status run(unpickler *u, uint8_t op, bool *known)
{
    switch (op) {
    case '.':
        u->ended = true;
        return TARE_OK;
    case 'c':
        return push_class(u);
    case 'R':
        return replace_by_other(u, 2);
    case 'b':
        return give_state(u);
    case 'q':
        return remember(u, tare_cursor_u8(&u->in));
    case 'r':
        return remember(u, tare_cursor_u32(&u->in));
    case 'h':
        return recall(u, tare_cursor_u8(&u->in));
    case 'j':
        return recall(u, tare_cursor_u32(&u->in));
    case 'p':
    case 'g':
        return use_line_memo(u, op == 'p');
    default:
        return run_container(u, op, known);
    }
}

static tare_status run_all(unpickler *u, uint32_t *root_out)
{
    while (!u->ended) {
        bool known = true;
        if (u->in.at == u->in.size)
            return fail_at(u, "it is cut short");
        TARE_TRY(run(u, tare_cursor_u8(&u->in), &known));
        if (u->in.failed)
            return fail_at(u, "it is cut short");
        if (!known)
            return fail_at(u, "an instruction does more than put data together");
    }
    if (u->stack.count != 1 || u->marks.count > 0)
        return fail_at(u, "it ends with something unfinished");
    *root_out = u->stack.ids[0];
    return TARE_OK;
}

tare_status tare_pickle_read(const uint8_t *bytes, size_t size, tare_values *values,
                             uint32_t *root_out, tare_error *err)
{
    unpickler         u = {.in = {.bytes = bytes, .size = size}, .values = values, .err = err};
    const tare_alloc *alloc = values->alloc;
    tare_status       status = run_all(&u, root_out);
    tare_release(alloc, u.stack.ids, u.stack.capacity, sizeof *u.stack.ids);
    tare_release(alloc, u.marks.ids, u.marks.capacity, sizeof *u.marks.ids);
    tare_map_deinit(&u.memo, alloc);
    return status;
}
