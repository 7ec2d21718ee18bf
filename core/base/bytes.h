/* bytes.h - a growing buffer to write to, and a cursor to read from.
 *
 * Integers are little-endian or LEB128 varints (7 bits a byte, low first, at most
 * 10 bytes; signed ones zigzag). The buffer remembers a failed allocation, so a
 * writer checks once at the end (buffer.failed). The cursor remembers a read past
 * the end or an overlong varint (cursor.failed) and yields zeros from then on: a
 * parser may read a whole record and check once. Both are valid when zeroed
 * (the buffer needs its alloc set). */
#ifndef TARE_BASE_BYTES_H
#define TARE_BASE_BYTES_H

#include "base/alloc.h"

#include <stdbool.h>

typedef struct tare_buffer {
    const tare_alloc *alloc; /* borrowed */
    uint8_t          *bytes; /* owned */
    uint32_t          capacity;
    uint32_t          size;
    bool              failed; /* an append did not fit into memory */
} tare_buffer;

void tare_buffer_deinit(tare_buffer *buffer);
void tare_buffer_clear(tare_buffer *buffer); /* size = 0, failed = false; keeps storage */
void tare_buffer_append(tare_buffer *buffer, const void *bytes, size_t size);
void tare_buffer_u8(tare_buffer *buffer, uint8_t value);
void tare_buffer_u32(tare_buffer *buffer, uint32_t value);
void tare_buffer_u64(tare_buffer *buffer, uint64_t value);
void tare_buffer_varint(tare_buffer *buffer, uint64_t value);
void tare_buffer_svarint(tare_buffer *buffer, int64_t value);
void tare_buffer_format(tare_buffer *buffer, const char *format, ...) TARE_PRINTF(2, 3);

typedef struct tare_cursor {
    const uint8_t *bytes; /* borrowed */
    size_t         size;
    size_t         at; /* <= size */
    bool           failed;
} tare_cursor;

uint8_t        tare_cursor_u8(tare_cursor *cursor);
uint32_t       tare_cursor_u32(tare_cursor *cursor);
uint64_t       tare_cursor_u64(tare_cursor *cursor);
uint64_t       tare_cursor_varint(tare_cursor *cursor);
int64_t        tare_cursor_svarint(tare_cursor *cursor);
const uint8_t *tare_cursor_take(tare_cursor *cursor, size_t size); /* NULL when it failed */

/* CRC-32C (Castagnoli), as in RFC 3720; start with crc = 0. */
uint32_t tare_crc32c(uint32_t crc, const void *bytes, size_t size);

#endif
