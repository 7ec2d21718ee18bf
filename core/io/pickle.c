/* pickle.c - a program for pickle's stack machine: values are pushed, containers take them up.
 *
 *     c module \n name \n ) 0x81   object           X u32 UTF-8    str
 *     } ( key value ... u          dict             J i32          integer
 *     ] ( item ... e               list             0x8a u8 bytes  longer integer, little-endian
 *     a b c 0x87                   tuple of three   G double       float, big-endian
 *     object dict b                object with these attributes
 *
 * Cost: O(bytes written). */
#include "io/pickle.h"

#include "io/json_text.h"

#include <string.h>

enum {
    PROTOCOL = 2,
    OP_PROTOCOL = 0x80,
    OP_NEW_OBJECT = 0x81,
    OP_TUPLE3 = 0x87,
    OP_LONG1 = 0x8A,
    LONG_BYTES = 9 /* of an unsigned 64-bit number, with a sign */
};

void tare_pickle_begin(tare_buffer *out)
{
    tare_buffer_u8(out, OP_PROTOCOL);
    tare_buffer_u8(out, PROTOCOL);
}

void tare_pickle_end(tare_buffer *out)
{
    tare_buffer_u8(out, '.');
}

void tare_pickle_object(tare_buffer *out, const char *module, const char *name)
{
    tare_buffer_format(out, "c%s\n%s\n)", module, name);
    tare_buffer_u8(out, OP_NEW_OBJECT);
}

void tare_pickle_build(tare_buffer *out)
{
    tare_buffer_u8(out, 'b');
}

void tare_pickle_dict(tare_buffer *out)
{
    tare_buffer_append(out, "}(", 2);
}

void tare_pickle_dict_end(tare_buffer *out)
{
    tare_buffer_u8(out, 'u');
}

void tare_pickle_list(tare_buffer *out)
{
    tare_buffer_append(out, "](", 2);
}

void tare_pickle_list_end(tare_buffer *out)
{
    tare_buffer_u8(out, 'e');
}

void tare_pickle_tuple3(tare_buffer *out)
{
    tare_buffer_u8(out, OP_TUPLE3);
}

void tare_pickle_integer(tare_buffer *out, uint64_t value)
{
    if (value <= INT32_MAX) {
        tare_buffer_u8(out, 'J');
        tare_buffer_u32(out, (uint32_t)value);
        return;
    }
    tare_buffer_u8(out, OP_LONG1);
    tare_buffer_u8(out, LONG_BYTES);
    tare_buffer_u64(out, value);
    tare_buffer_u8(out, 0);
}

void tare_pickle_float(tare_buffer *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    tare_buffer_u8(out, 'G');
    for (int shift = 56; shift >= 0; shift -= 8)
        tare_buffer_u8(out, (uint8_t)(bits >> shift));
}

void tare_pickle_string(tare_buffer *out, const char *bytes, size_t size)
{
    tare_buffer_u8(out, 'X');
    tare_utf8_sized(out, bytes, size);
}
