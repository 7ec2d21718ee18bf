/* bytes.c - appending to a buffer, reading behind a cursor, CRC-32C.
 *
 *     varint   300 = 10 0101100      ->  1 0101100  0 0000010      7 bits a byte, low first
 *     svarint  0, -1, 1, -2, 2 ...   ->  0, 1, 2, 3, 4 ...         then as varint
 *
 * The one rule of both sides: after a failure nothing more happens. A failed buffer keeps
 * what fitted and ignores the rest, a failed cursor stands still and yields zeros; so code
 * that uses them reads and writes whole records and asks once.
 * Cost: append O(size) amortised; a number about 2 ns either way. */
#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

enum { MAX_VARINT_BYTES = 10 };

/* ---- buffer ---- */

void tare_buffer_deinit(tare_buffer *buffer)
{
    tare_release(buffer->alloc, buffer->bytes, buffer->capacity, 1);
    *buffer = (tare_buffer){.alloc = buffer->alloc};
}

void tare_buffer_clear(tare_buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

static bool make_room(tare_buffer *buffer, size_t size)
{
    if (buffer->failed)
        return false;
    if (size <= buffer->capacity - buffer->size)
        return true;
    void  *bytes = buffer->bytes;
    size_t need = size <= UINT32_MAX ? buffer->size + size : SIZE_MAX;
    buffer->failed = tare_grow(buffer->alloc, &bytes, &buffer->capacity, need, 1, NULL) != TARE_OK;
    buffer->bytes = bytes;
    return !buffer->failed;
}

void tare_buffer_append(tare_buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0 || !make_room(buffer, size))
        return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += (uint32_t)size;
}

void tare_buffer_u8(tare_buffer *buffer, uint8_t value)
{
    if (make_room(buffer, 1))
        buffer->bytes[buffer->size++] = value;
}

static void append_little_endian(tare_buffer *buffer, uint64_t value, size_t size)
{
    uint8_t bytes[sizeof value];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    tare_buffer_append(buffer, bytes, size);
}

void tare_buffer_u32(tare_buffer *buffer, uint32_t value)
{
    append_little_endian(buffer, value, sizeof value);
}

void tare_buffer_u64(tare_buffer *buffer, uint64_t value)
{
    append_little_endian(buffer, value, sizeof value);
}

void tare_buffer_varint(tare_buffer *buffer, uint64_t value)
{
    uint8_t bytes[MAX_VARINT_BYTES];
    size_t  size = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[size++] = (uint8_t)(value | 0x80);
    bytes[size++] = (uint8_t)value;
    tare_buffer_append(buffer, bytes, size);
}

void tare_buffer_svarint(tare_buffer *buffer, int64_t value)
{
    uint64_t ones_if_negative = value < 0 ? UINT64_MAX : 0;
    tare_buffer_varint(buffer, (uint64_t)value << 1 ^ ones_if_negative);
}

void tare_buffer_format(tare_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0)
        buffer->failed = true;
    if (size < 0 || !make_room(buffer, (size_t)size + 1)) /* vsnprintf writes a NUL too */
        return;
    va_start(arguments, format);
    vsnprintf((char *)buffer->bytes + buffer->size, (size_t)size + 1, format, arguments);
    va_end(arguments);
    buffer->size += (uint32_t)size;
}

/* ---- cursor ---- */

const uint8_t *tare_cursor_take(tare_cursor *cursor, size_t size)
{
    if (cursor->failed || size > cursor->size - cursor->at) {
        cursor->failed = true;
        return NULL;
    }
    const uint8_t *bytes = cursor->bytes + cursor->at;
    cursor->at += size;
    return bytes;
}

uint8_t tare_cursor_u8(tare_cursor *cursor)
{
    const uint8_t *bytes = tare_cursor_take(cursor, 1);
    return bytes != NULL ? bytes[0] : 0;
}

static uint64_t take_little_endian(tare_cursor *cursor, size_t size)
{
    const uint8_t *bytes = tare_cursor_take(cursor, size);
    uint64_t       value = 0;
    for (size_t i = 0; bytes != NULL && i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

uint32_t tare_cursor_u32(tare_cursor *cursor)
{
    return (uint32_t)take_little_endian(cursor, sizeof(uint32_t));
}

uint64_t tare_cursor_u64(tare_cursor *cursor)
{
    return take_little_endian(cursor, sizeof(uint64_t));
}

uint64_t tare_cursor_varint(tare_cursor *cursor)
{
    uint64_t value = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
        uint64_t byte = tare_cursor_u8(cursor);
        if (i == MAX_VARINT_BYTES - 1 && byte > 1)
            break; /* bit 64 and above */
        value |= (byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return cursor->failed ? 0 : value;
    }
    cursor->failed = true;
    return 0;
}

int64_t tare_cursor_svarint(tare_cursor *cursor)
{
    uint64_t value = tare_cursor_varint(cursor);
    uint64_t ones_if_odd = 0 - (value & 1);
    return (int64_t)(value >> 1 ^ ones_if_odd);
}

/* ---- checksum ---- */

/* Four bits at a time: the remainders of 0 to 15 by the polynomial 0x1EDC6F41, reflected. A
 * table of 256 would be twice as fast and not matter: 1 MB/s is a busy profile. */
static const uint32_t crc32c_of_nibble[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t tare_crc32c(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= byte[i];
        crc = crc >> 4 ^ crc32c_of_nibble[crc & 15];
        crc = crc >> 4 ^ crc32c_of_nibble[crc & 15];
    }
    return ~crc;
}
