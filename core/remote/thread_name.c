/* thread_name.c - the name of a thread that the threading module started (python.h).
 *
 *     bottom frame of the thread: Thread._bootstrap(self) in threading.py
 *     self -> attribute values + shared keys of its type -> "_name" -> str
 *
 * The name lives only in that Thread object, so its attributes are looked up as the
 * interpreter would, without running any of it. Where the values lie by version:
 *
 *     3.11   pointer 4 words before the object; 3 words before: a dict instead
 *     3.12   pointer + 1 (odd) 3 words before the object; even: a dict instead
 *     3.13+  behind the object itself while a flag byte says so; else a dict, 3 words before
 *
 * Any surprise on the way means "no name"; nothing here is needed for the stack itself.
 * Source: Include/internal/pycore_{object,dict}.h of CPython 3.11 - 3.15. */
#include "remote/python.h"
#include "remote/text.h"

#include <string.h>

enum {
    KEYS_HEADER_BYTES = 32,
    KEYS_INDEX_LOG2_AT = 9,
    KEYS_KIND_AT = 10,
    KEYS_COUNT_AT = 24,
    KEYS_KIND_GENERAL = 0,
    MAX_ENTRIES = 64,
    VALUES_VALID_AT = 3,
    FLAG_INLINE_VALUES = 1 << 2
};

static bool read_word(tare_python *python, tare_raddr address, uint64_t *word_out)
{
    return tare_memory_read(&python->memory, address, word_out, sizeof *word_out, NULL) == TARE_OK;
}

static bool is_text(tare_python *python, tare_raddr address, const char *expected)
{
    tare_buffer text = {.alloc = python->alloc};
    bool        same = tare_remote_text(&python->memory, &python->layout, address, &text, NULL) ==
                    TARE_OK &&
                text.size == strlen(expected) && memcmp(text.bytes, expected, text.size) == 0;
    tare_buffer_deinit(&text);
    return same;
}

/* Index of the key "_name" in a keys object, and the value beside it (combined tables). */
static bool find_key(tare_python *python, tare_raddr keys, uint32_t *index_out,
                     tare_raddr *value_out)
{
    uint8_t  header[KEYS_HEADER_BYTES];
    uint64_t count = 0;
    if (tare_memory_read(&python->memory, keys, header, sizeof header, NULL) != TARE_OK)
        return false;
    memcpy(&count, header + KEYS_COUNT_AT, sizeof count);
    if (header[KEYS_INDEX_LOG2_AT] > 16)
        return false;
    /* A general entry has its hash in front of key and value. */
    uint32_t   key_at = header[KEYS_KIND_AT] == KEYS_KIND_GENERAL ? 8 : 0;
    uint32_t   entry_bytes = key_at + 16;
    tare_raddr entries = keys + KEYS_HEADER_BYTES + ((uint64_t)1 << header[KEYS_INDEX_LOG2_AT]);
    for (uint32_t i = 0; i < count && i < MAX_ENTRIES; i++) {
        tare_raddr pair[2];
        if (tare_memory_read(&python->memory, entries + (uint64_t)i * entry_bytes + key_at, pair,
                             sizeof pair, NULL) != TARE_OK)
            return false;
        if (pair[0] != 0 && is_text(python, pair[0], "_name")) {
            *index_out = i;
            *value_out = pair[1];
            return true;
        }
    }
    return false;
}

static bool find_in_dict(tare_python *python, tare_raddr dict, tare_raddr *value_out)
{
    tare_raddr keys = 0;
    tare_raddr values = 0;
    uint32_t   index = 0;
    if (!read_word(python, dict + python->layout.object.dict_keys, &keys) ||
        !read_word(python, dict + python->layout.object.dict_values, &values) ||
        !find_key(python, keys, &index, value_out))
        return false;
    return values == 0 ||
           read_word(python, values + python->layout.object.values_first + 8 * (uint64_t)index,
                     value_out);
}

static bool find_in_values(tare_python *python, tare_raddr type, tare_raddr values,
                           tare_raddr *value_out)
{
    tare_raddr keys = 0;
    uint32_t   index = 0;
    return read_word(python, type + python->layout.object.cached_keys, &keys) && keys != 0 &&
           find_key(python, keys, &index, value_out) &&
           read_word(python, values + python->layout.object.values_first + 8 * (uint64_t)index,
                     value_out);
}

static bool find_name_311(tare_python *python, tare_raddr object, tare_raddr type,
                          tare_raddr *value_out)
{
    tare_raddr values = 0;
    tare_raddr dict = 0;
    if (!read_word(python, object - 32, &values) || !read_word(python, object - 24, &dict))
        return false;
    return values != 0 ? find_in_values(python, type, values, value_out)
                       : find_in_dict(python, dict, value_out);
}

static bool find_name_312(tare_python *python, tare_raddr object, tare_raddr type,
                          tare_raddr *value_out)
{
    tare_raddr either = 0;
    if (!read_word(python, object - 24, &either))
        return false;
    return (either & 1) != 0 ? find_in_values(python, type, either + 1, value_out)
                             : find_in_dict(python, either, value_out);
}

static bool find_name_313(tare_python *python, tare_raddr object, tare_raddr type,
                          tare_raddr *value_out)
{
    uint64_t   flags = 0;
    uint64_t   basic_size = 0;
    uint8_t    head[8] = {0};
    tare_raddr dict = 0;
    if (!read_word(python, type + python->layout.object.type_flags, &flags) ||
        !read_word(python, type + python->layout.object.type_basic_size, &basic_size))
        return false;
    if ((flags & FLAG_INLINE_VALUES) != 0 && basic_size < 4096 &&
        tare_memory_read(&python->memory, object + basic_size, head, sizeof head, NULL) ==
            TARE_OK &&
        head[VALUES_VALID_AT] != 0)
        return find_in_values(python, type, object + basic_size, value_out);
    return read_word(python, object - 24, &dict) && find_in_dict(python, dict, value_out);
}

static bool find_name(tare_python *python, tare_raddr object, tare_raddr *name_out)
{
    tare_raddr type = 0;
    if (object == 0 || !read_word(python, object + 8, &type))
        return false;
    if (python->layout.minor == 11)
        return find_name_311(python, object, type, name_out);
    if (python->layout.minor == 12)
        return find_name_312(python, object, type, name_out);
    return find_name_313(python, object, type, name_out);
}

/* The first local variable of the bottom frame, when that frame is Thread._bootstrap. */
static bool find_self(tare_python *python, const tare_python_thread *thread, tare_raddr *self_out)
{
    const tare_layout *layout = &python->layout;
    tare_raddr         chunk = 0;
    tare_raddr         previous = 0;
    tare_raddr         code = 0;
    tare_raddr         name = 0;
    if (!read_word(python, thread->stack.state + layout->thread.datastack_chunk, &chunk))
        return false;
    for (int i = 0; i < TARE_STACK_MAX_CHUNKS && chunk != 0; i++) {
        if (!read_word(python, chunk, &previous))
            return false;
        if (previous == 0)
            break;
        chunk = previous;
    }
    tare_raddr frame = chunk + 32; /* header of three words, first slot unused */
    if (chunk == 0 || !read_word(python, frame + layout->frame.code, &code) ||
        !read_word(python, (code & ~(uint64_t)7) + layout->code.name, &name) ||
        !is_text(python, name, "_bootstrap") ||
        !read_word(python, frame + layout->frame.locals, self_out))
        return false;
    *self_out &= ~(uint64_t)7;
    return true;
}

void tare_python_thread_name(tare_python *python, const tare_python_thread *thread,
                             char name[TARE_OS_NAME_BYTES])
{
    tare_raddr  self = 0;
    tare_raddr  text_at = 0;
    tare_buffer text = {.alloc = python->alloc};
    name[0] = '\0';
    if (find_self(python, thread, &self) && find_name(python, self, &text_at) &&
        tare_remote_text(&python->memory, &python->layout, text_at, &text, NULL) == TARE_OK &&
        text.size > 0) {
        size_t size = text.size < TARE_OS_NAME_BYTES ? text.size : TARE_OS_NAME_BYTES - 1;
        memcpy(name, text.bytes, size);
        name[size] = '\0';
    }
    tare_buffer_deinit(&text);
}
