/* fuzz_layout.c - any words as the table of offsets at the start of _PyRuntime.
 *
 *     minor version (1 byte) | words
 *
 * A layout that is accepted must keep every read that relies on it inside what is read: the
 * sizes below are those of the readers' own buffers. */
#include "checking.h"
#include "remote/code.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_WORDS = 256, THREAD_BYTES = 1024, TEXT_HEADER_BYTES = 80, MAX_FRAME_BYTES = 256 };

/* ABSENT where the version has no such field. */
static bool fits(uint32_t offset, uint32_t field_bytes, uint32_t whole_bytes)
{
    return offset == TARE_LAYOUT_ABSENT || offset + field_bytes <= whole_bytes;
}

static void check_frame(const tare_layout *layout)
{
    uint32_t bytes = layout->frame.locals;
    require(bytes % 8 == 0 && bytes <= MAX_FRAME_BYTES);
    require(fits(layout->frame.code, 8, bytes) && fits(layout->frame.previous, 8, bytes));
    require(fits(layout->frame.instruction, 8, bytes) && fits(layout->frame.owner, 1, bytes));
    require(fits(layout->frame.stacktop, 4, bytes) && fits(layout->frame.is_entry, 1, bytes));
}

static void check_code(const tare_layout *layout)
{
    uint32_t bytes = layout->code.bytecode;
    uint32_t identity_end = layout->code.line_table + 8;
    require(bytes <= TARE_CODE_IDENTITY_BYTES && identity_end <= bytes);
    require(layout->code.first_line < identity_end);
    require(fits(layout->code.name, 8, bytes) && fits(layout->code.qualname, 8, bytes));
    require(fits(layout->code.file, 8, bytes) && fits(layout->code.first_line, 4, bytes));
    require(fits(layout->code.frame_words, 4, bytes) && fits(layout->code.locals_count, 4, bytes));
    require(fits(layout->code.stack_size, 4, bytes) && fits(layout->code.flags, 4, bytes));
}

static void check_thread(const tare_layout *layout)
{
    require(fits(layout->thread.datastack_chunk, 24, THREAD_BYTES));
    /* Read together, up to the end of the words about the data stack. */
    uint32_t bytes = layout->thread.datastack_chunk + 24;
    require(fits(layout->thread.next, 8, bytes) && fits(layout->thread.frame, 8, bytes));
    require(fits(layout->thread.native_thread_id, 8, bytes));
}

static void check_objects(const tare_layout *layout)
{
    uint32_t bytes = layout->object.text_ascii;
    require(bytes <= TEXT_HEADER_BYTES);
    require(fits(layout->object.text_length, 8, bytes));
    require(fits(layout->object.text_state, 4, bytes));
    require(fits(layout->object.bytes_size, 8, layout->object.bytes_value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tare_layout layout;
    if (size < 1 || (size - 1) / sizeof(uint64_t) > MAX_WORDS)
        return 0;
    size_t    word_count = (size - 1) / sizeof(uint64_t);
    uint64_t *words = malloc(word_count * sizeof *words + 1);
    require(words != NULL);
    memcpy(words, data + 1, word_count * sizeof *words);
    tare_status status = tare_layout_from_table(&layout, data[0], words, word_count, NULL);
    free(words);
    require(status == TARE_OK || status == TARE_CORRUPT || status == TARE_UNSUPPORTED);
    if (status != TARE_OK)
        return 0;
    require(layout.minor == data[0] && layout.opcodes->minor == data[0]);
    check_frame(&layout);
    check_code(&layout);
    check_thread(&layout);
    check_objects(&layout);
    return 0;
}
