/* text.c - see text.h.
 *
 *     str    ... length (8 bytes) ... state (4 bytes) ...  characters
 *            state: interned 2 bits, kind 3 bits (1, 2 or 4 bytes each), compact, ascii
 *            characters begin behind the ascii or the compact header
 *     bytes  ... size (8 bytes) ... value
 *
 * Only compact strings occur: names and files of code objects are never of the old form.
 * Source: Include/cpython/unicodeobject.h of CPython 3.11 - 3.15. */
#include "remote/text.h"

#include <string.h>

enum { MAX_HEADER_BYTES = 80, CHARACTERS_PER_READ = 1024, LAST_CHARACTER = 0x10ffff };

static void append_utf8(tare_buffer *out, uint32_t character)
{
    if (character < 0x80) {
        tare_buffer_u8(out, (uint8_t)character);
    } else if (character < 0x800) {
        tare_buffer_u8(out, (uint8_t)(0xc0 | character >> 6));
        tare_buffer_u8(out, (uint8_t)(0x80 | (character & 0x3f)));
    } else if (character < 0x10000) {
        tare_buffer_u8(out, (uint8_t)(0xe0 | character >> 12));
        tare_buffer_u8(out, (uint8_t)(0x80 | (character >> 6 & 0x3f)));
        tare_buffer_u8(out, (uint8_t)(0x80 | (character & 0x3f)));
    } else {
        tare_buffer_u8(out, (uint8_t)(0xf0 | (character >> 18 & 7)));
        tare_buffer_u8(out, (uint8_t)(0x80 | (character >> 12 & 0x3f)));
        tare_buffer_u8(out, (uint8_t)(0x80 | (character >> 6 & 0x3f)));
        tare_buffer_u8(out, (uint8_t)(0x80 | (character & 0x3f)));
    }
}

static uint32_t character_at(const uint8_t *bytes, size_t index, uint32_t width)
{
    uint16_t two;
    uint32_t four;
    if (width == 1)
        return bytes[index];
    if (width == 2) {
        memcpy(&two, bytes + 2 * index, sizeof two);
        return two;
    }
    memcpy(&four, bytes + 4 * index, sizeof four);
    return four;
}

static tare_status check_kept(const tare_buffer *out, uint64_t size, tare_error *err)
{
    if (out->failed)
        return tare_fail(err, TARE_NO_MEMORY, "keep %llu characters of the target: out of memory",
                         (unsigned long long)size);
    return TARE_OK;
}

static tare_status append_characters(tare_memory *memory, tare_raddr at, uint64_t length,
                                     uint32_t width, tare_buffer *out, tare_error *err)
{
    uint8_t piece[CHARACTERS_PER_READ * 4];
    for (uint64_t done = 0; done < length;) {
        uint64_t count = length - done;
        if (count > CHARACTERS_PER_READ)
            count = CHARACTERS_PER_READ;
        TARE_TRY(tare_memory_read(memory, at + done * width, piece, count * width, err));
        for (size_t i = 0; i < count; i++) {
            uint32_t character = character_at(piece, i, width);
            if (character > LAST_CHARACTER)
                return tare_fail(err, TARE_CORRUPT, "no str object: a character %x", character);
            append_utf8(out, character);
        }
        done += count;
    }
    return check_kept(out, length, err);
}

tare_status tare_remote_text(tare_memory *memory, const tare_layout *layout, tare_raddr address,
                             tare_buffer *out, tare_error *err)
{
    uint8_t  header[MAX_HEADER_BYTES] = {0};
    uint64_t length = 0;
    uint32_t state = 0;
    TARE_TRY(tare_memory_read(memory, address, header, layout->object.text_ascii, err));
    memcpy(&length, header + layout->object.text_length, sizeof length);
    memcpy(&state, header + layout->object.text_state, sizeof state);
    uint32_t width = state >> 2 & 7;
    bool     compact = (state >> 5 & 1) != 0;
    bool     ascii = (state >> 6 & 1) != 0;
    if (!compact || (width != 1 && width != 2 && width != 4) || (ascii && width != 1) ||
        length > TARE_REMOTE_MAX_TEXT_BYTES / width)
        return tare_fail(err, TARE_CORRUPT, "no str object at 0x%llx of the target",
                         (unsigned long long)address);
    uint32_t header_bytes = ascii ? layout->object.text_ascii : layout->object.text_compact;
    return append_characters(memory, address + header_bytes, length, width, out, err);
}

tare_status tare_remote_bytes(tare_memory *memory, const tare_layout *layout, tare_raddr address,
                              size_t limit_bytes, tare_buffer *out, tare_error *err)
{
    uint64_t size = 0;
    TARE_TRY(
        tare_memory_read(memory, address + layout->object.bytes_size, &size, sizeof size, err));
    if (size > limit_bytes)
        return tare_fail(err, TARE_CORRUPT, "no bytes object at 0x%llx of the target",
                         (unsigned long long)address);
    uint8_t piece[CHARACTERS_PER_READ];
    for (uint64_t done = 0; done < size;) {
        uint64_t count = size - done < sizeof piece ? size - done : sizeof piece;
        TARE_TRY(tare_memory_read(memory, address + layout->object.bytes_value + done, piece, count,
                                  err));
        tare_buffer_append(out, piece, count);
        done += count;
    }
    return check_kept(out, size, err);
}
