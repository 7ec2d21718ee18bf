/* marshal.c - one letter for the type, then the value, little-endian.
 *
 *     (  u32 count  items      tuple        i  i32          integer
 *     {  key value ... 0       dict         l  i32 n  n u16  longer integer, 15 bits each
 *     u  u32 size   UTF-8      str          g  double       float
 *
 * Cost: O(bytes written). */
#include "io/marshal.h"

#include "io/json_text.h"

#include <string.h>

enum { DIGIT_BITS = 15 };

void tare_marshal_tuple(tare_buffer *out, uint32_t item_count)
{
    tare_buffer_u8(out, '(');
    tare_buffer_u32(out, item_count);
}

void tare_marshal_dict(tare_buffer *out)
{
    tare_buffer_u8(out, '{');
}

void tare_marshal_dict_end(tare_buffer *out)
{
    tare_buffer_u8(out, '0');
}

static void write_long(tare_buffer *out, uint64_t value)
{
    uint32_t digit_count = 0;
    for (uint64_t rest = value; rest > 0; rest >>= DIGIT_BITS)
        digit_count++;
    tare_buffer_u8(out, 'l');
    tare_buffer_u32(out, digit_count);
    for (uint64_t rest = value; rest > 0; rest >>= DIGIT_BITS) {
        tare_buffer_u8(out, (uint8_t)rest);
        tare_buffer_u8(out, (uint8_t)(rest >> 8 & 0x7F));
    }
}

void tare_marshal_integer(tare_buffer *out, uint64_t value)
{
    if (value > INT32_MAX) {
        write_long(out, value);
        return;
    }
    tare_buffer_u8(out, 'i');
    tare_buffer_u32(out, (uint32_t)value);
}

void tare_marshal_float(tare_buffer *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    tare_buffer_u8(out, 'g');
    tare_buffer_u64(out, bits);
}

void tare_marshal_string(tare_buffer *out, const char *bytes, size_t size)
{
    tare_buffer_u8(out, 'u');
    tare_utf8_sized(out, bytes, size);
}
