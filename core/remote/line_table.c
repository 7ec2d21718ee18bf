/* line_table.c - see line_table.h.
 *
 *     head byte   1 c c c c l l l      cccc = form, lll = code units - 1
 *     form 0 - 9  same line, one more byte of columns
 *     10 - 12     line + (form - 10), two bytes of columns
 *     13          signed varint line delta, no columns
 *     14          signed varint line delta, varint end line delta, two column varints
 *     15          no line at all
 *
 * A varint has six bits a byte, low first, bit 6 = more; a signed one keeps its sign in
 * the lowest bit. Source: Objects/codeobject.c of CPython 3.11 - 3.15. */
#include "remote/line_table.h"

enum {
    FORM_FIRST_ONE_LINE = 10,
    FORM_NO_COLUMNS = 13,
    FORM_LONG = 14,
    FORM_NONE = 15,
    MAX_VARINT_BYTES = 6 /* 32 bits, six at a time */
};

typedef struct reader {
    const uint8_t *bytes;
    size_t         size;
    size_t         at;
    bool           failed;
} reader;

static uint32_t read_byte(reader *in)
{
    if (in->at >= in->size) {
        in->failed = true;
        return 0;
    }
    return in->bytes[in->at++];
}

static uint32_t read_varint(reader *in)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < MAX_VARINT_BYTES; i++) {
        uint32_t byte = read_byte(in);
        value |= (byte & 0x3f) << (6 * i);
        if ((byte & 0x40) == 0)
            return value;
    }
    in->failed = true;
    return value;
}

static int64_t read_signed_varint(reader *in)
{
    uint32_t value = read_varint(in);
    int64_t  magnitude = value >> 1;
    return (value & 1) != 0 ? -magnitude : magnitude;
}

static void skip_bytes(reader *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)read_byte(in);
}

/* The line delta of one entry; the payload is consumed. */
static int64_t read_delta(reader *in, unsigned form)
{
    if (form < FORM_FIRST_ONE_LINE) {
        skip_bytes(in, 1);
        return 0;
    }
    if (form < FORM_NO_COLUMNS) {
        skip_bytes(in, 2);
        return (int64_t)form - FORM_FIRST_ONE_LINE;
    }
    if (form == FORM_NONE)
        return 0;
    int64_t delta = read_signed_varint(in);
    if (form == FORM_LONG) {
        (void)read_varint(in); /* end line */
        (void)read_varint(in); /* column + 1 */
        (void)read_varint(in); /* end column + 1 */
    }
    return delta;
}

bool tare_line_table_decode(const uint8_t *table, size_t size_bytes, int32_t first_line,
                            uint32_t *lines, size_t unit_count)
{
    reader  in = {.bytes = table, .size = size_bytes};
    int64_t line = first_line;
    size_t  unit = 0;
    for (size_t i = 0; i < unit_count; i++)
        lines[i] = 0;
    while (in.at < in.size && unit < unit_count) {
        uint32_t head = read_byte(&in);
        if ((head & 0x80) == 0)
            return false;
        unsigned form = head >> 3 & 15;
        line += read_delta(&in, form);
        if (in.failed || line > INT32_MAX || line < INT32_MIN)
            return false;
        uint32_t shown = form == FORM_NONE || line <= 0 ? 0 : (uint32_t)line;
        size_t   covered = (head & 7) + 1;
        for (size_t end = unit + covered; unit < end && unit < unit_count; unit++)
            lines[unit] = shown;
    }
    return unit == unit_count;
}
