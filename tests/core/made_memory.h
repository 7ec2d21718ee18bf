/* made_memory.h - the memory of a process that does not exist, and CPython's objects in it.
 *
 *     made_memory *made = made_new(12);                  laid out as Python 3.12 does
 *     tare_raddr   name = made_ascii(made, "main");
 *     tare_remote_text(&made->memory, &made->layout, name, ...);
 *
 * One block at MADE_BASE; whatever lies outside is unmapped, so reads stop there. The n-th read
 * from now on can be told to fail, or to find bytes changed. */
#ifndef TARE_TESTS_MADE_MEMORY_H
#define TARE_TESTS_MADE_MEMORY_H

#include "remote/code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MADE_BASE ((tare_raddr)0x7f0000000000)

enum { MADE_BYTES = 1 << 18, MADE_KIND_AT = 2, MADE_COMPACT = 1 << 5, MADE_ASCII = 1 << 6 };

typedef struct made_memory {
    tare_memory memory; /* hand this one on */
    tare_layout layout;
    uint8_t     bytes[MADE_BYTES];
    size_t      size;         /* in use: mapped */
    tare_raddr  code_type;    /* the type object "code" */
    uint64_t    calls;        /* of made_read */
    uint64_t    event_at;     /* number of the call with the event, 0 = never */
    tare_status event_status; /* what that read answers, TARE_OK = change a byte before it */
    tare_raddr  event_address;
} made_memory;

static inline uint8_t *made_at(made_memory *made, tare_raddr address)
{
    return made->bytes + (address - MADE_BASE);
}

static inline tare_status made_read(void *context, const tare_read *reads, size_t read_count,
                                    size_t *done_bytes_out, tare_error *err)
{
    made_memory *made = context;
    *done_bytes_out = 0;
    if (++made->calls == made->event_at) {
        if (made->event_status != TARE_OK)
            return tare_fail(err, made->event_status, "as the test wants");
        made_at(made, made->event_address)[0] ^= 0xff;
    }
    for (size_t i = 0; i < read_count; i++) {
        tare_raddr offset = reads[i].address - MADE_BASE;
        if (offset > made->size || reads[i].size_bytes > made->size - offset)
            return TARE_OK;
        memcpy(reads[i].into, made->bytes + offset, reads[i].size_bytes);
        *done_bytes_out += reads[i].size_bytes;
    }
    return TARE_OK;
}

/* ---- putting things into it ---- */

/* Zeroed room, aligned as malloc does. */
static inline tare_raddr made_room(made_memory *made, size_t size)
{
    size_t at = made->size;
    size_t end = at + ((size + 15) & ~(size_t)15);
    if (end > MADE_BYTES)
        abort();
    made->size = end;
    return MADE_BASE + at;
}

static inline void made_put(made_memory *made, tare_raddr address, const void *bytes, size_t size)
{
    if (size > 0)
        memcpy(made_at(made, address), bytes, size);
}

static inline void made_word(made_memory *made, tare_raddr address, uint64_t word)
{
    made_put(made, address, &word, sizeof word);
}

static inline void made_half(made_memory *made, tare_raddr address, uint32_t half)
{
    made_put(made, address, &half, sizeof half);
}

/* A str with characters of width 1, 2 or 4; flags: MADE_COMPACT, MADE_ASCII. */
static inline tare_raddr made_text(made_memory *made, const void *characters, size_t count,
                                   uint32_t width, uint32_t flags)
{
    uint32_t   header = (flags & MADE_ASCII) != 0 ? made->layout.object.text_ascii
                                                  : made->layout.object.text_compact;
    tare_raddr text = made_room(made, header + (count + 1) * width);
    made_word(made, text + made->layout.object.text_length, count);
    made_half(made, text + made->layout.object.text_state, width << MADE_KIND_AT | flags);
    made_put(made, text + header, characters, count * width);
    return text;
}

static inline tare_raddr made_ascii(made_memory *made, const char *text)
{
    return made_text(made, text, strlen(text), 1, MADE_COMPACT | MADE_ASCII);
}

static inline tare_raddr made_bytes(made_memory *made, const void *value, size_t size)
{
    tare_raddr bytes = made_room(made, made->layout.object.bytes_value + size + 1);
    made_word(made, bytes + made->layout.object.bytes_size, size);
    made_put(made, bytes + made->layout.object.bytes_value, value, size);
    return bytes;
}

static inline tare_raddr made_type(made_memory *made, const char *name)
{
    tare_raddr text = made_room(made, strlen(name) + 1);
    tare_raddr type = made_room(made, 512);
    made_put(made, text, name, strlen(name));
    made_word(made, type + made->layout.object.type_name, text);
    return type;
}

/* Empty; what is put into it first lies at MADE_BASE. */
static inline void made_use(made_memory *made, const tare_layout *layout)
{
    memset(made, 0, sizeof *made);
    made->memory = (tare_memory){.read = made_read, .context = made};
    made->layout = *layout;
}

/* 3.11 and 3.12: their layouts need no table of the target's. */
static inline made_memory *made_new(uint32_t minor)
{
    made_memory *made = malloc(sizeof *made);
    tare_layout  layout;
    if (made == NULL || tare_layout_from_table(&layout, minor, NULL, 0, NULL) != TARE_OK)
        abort();
    made_use(made, &layout);
    made->code_type = made_type(made, "code");
    return made;
}

/* The read after so many others answers status, or finds the byte at address changed. */
static inline void made_event(made_memory *made, uint64_t reads_before, tare_status status,
                              tare_raddr address)
{
    made->event_at = made->calls + reads_before + 1;
    made->event_status = status;
    made->event_address = address;
}

/* ---- code objects ---- */

typedef struct made_code {
    const char *name; /* NULL: a shim */
    const char *file;
    uint32_t    first_line;
    uint32_t    frame_words;
    const char *line_table;
    size_t      line_table_bytes;
    const char *bytecode;
    size_t      unit_count;
} made_code;

static inline void made_frame_words(made_memory *made, tare_raddr code, uint32_t words)
{
    if (made->layout.code.frame_words != TARE_LAYOUT_ABSENT) {
        made_half(made, code + made->layout.code.frame_words, words);
        return;
    }
    made_half(made, code + made->layout.code.locals_count, 1);
    made_half(made, code + made->layout.code.stack_size, words - 1 - made->layout.frame.locals / 8);
}

static inline tare_raddr made_code_object(made_memory *made, const made_code *from)
{
    const tare_layout *layout = &made->layout;
    tare_raddr         name = from->name != NULL ? made_ascii(made, from->name) : 0;
    tare_raddr         file = made_ascii(made, from->file);
    tare_raddr         table = made_bytes(made, from->line_table, from->line_table_bytes);
    tare_raddr         code = made_room(made, layout->code.bytecode + 2 * from->unit_count);
    made_word(made, code, 1);
    made_word(made, code + 8, made->code_type);
    made_word(made, code + 16, from->unit_count);
    made_half(made, code + layout->code.first_line, from->first_line);
    made_frame_words(made, code, from->frame_words);
    made_word(made, code + layout->code.name, name);
    made_word(made, code + layout->code.qualname, name);
    made_word(made, code + layout->code.file, file);
    made_word(made, code + layout->code.line_table, table);
    made_put(made, code + layout->code.bytecode, from->bytecode, 2 * from->unit_count);
    return code;
}

#endif
