/* layout.c - see layout.h.
 *
 *     rows[]          what is constant per minor version
 *     table_fields[]  word of _Py_DebugOffsets (3.13, 3.14, 3.15) -> field of the row
 *
 * Sources: Include/cpython/pystate.h, code.h and Include/internal/pycore_{frame,
 * interpframe_structs,interp,interp_structs,runtime,debug_offsets,gil,gc}.h of
 * CPython 3.11.7, 3.12.1, 3.13.0, 3.14.8, 3.15.0, GIL builds for 64-bit machines.
 * Cost: one read of at most 4 KiB per process. */
#include "remote/layout.h"

#include <string.h>

enum {
    MAX_TABLE_WORDS = 256,
    FREE_THREADED_WORD = 2,
    MAX_SMALL_OFFSET = 4096,    /* frames, code, objects, thread states */
    MAX_STATE_OFFSET = 1 << 22, /* runtime and interpreter states: 450 KiB in 3.12 */
    GC_COLLECTING_BYTES = 4096
};

#define NO TARE_LAYOUT_ABSENT

// clang-format off
/* Objects look the same from 3.12 on, but for the flag words of attribute storage. */
#define OBJECT(ascii, compact, keys, values)                                                 \
    {                                                                                        \
        .type_name = 24, .type_flags = 168, .type_basic_size = 32, .cached_keys = (keys),    \
        .text_length = 16, .text_state = 32, .text_ascii = (ascii),                          \
        .text_compact = (compact), .bytes_size = 16, .bytes_value = 32, .dict_keys = 32,     \
        .dict_values = 40, .values_first = (values)                                          \
    }

#define CODE(line, words, bytecode_at)                                                       \
    {                                                                                        \
        .first_line = (line), .file = 112, .name = 120, .qualname = 128, .line_table = 136,  \
        .flags = 48, .bytecode = (bytecode_at), .frame_words = (words), .locals_count = NO,  \
        .stack_size = NO                                                                     \
    }

static const tare_layout rows[] = {
    {.minor = 11,
     .runtime = {.finalizing = 24, .interpreters_head = 40, .gil = 360},
     .interpreter = {.next = 0, .id = 48, .threads_head = 16, .gc_collecting = 848,
                     .gil_pointer = NO, .code_witness = NO},
     .thread = {.next = 8, .native_thread_id = 160, .datastack_chunk = 296, .frame = 56,
                .frame_field = 8},
     .frame = {.code = 32, .previous = 48, .instruction = 56, .owner = 69, .stacktop = 64,
               .is_entry = 68, .locals = 72, .first_shim_owner = 3},
     .code = {.first_line = 72, .file = 112, .name = 120, .qualname = 128, .line_table = 136,
              .flags = 48, .bytecode = 184, .frame_words = NO, .locals_count = 76,
              .stack_size = 68},
     .object = OBJECT(48, 72, 872, 0)},
    {.minor = 12,
     .runtime = {.finalizing = 24, .interpreters_head = 40, .gil = NO},
     .interpreter = {.next = 0, .id = 8, .threads_head = 72, .gc_collecting = 312,
                     .gil_pointer = 384, .code_witness = NO},
     .thread = {.next = 8, .native_thread_id = 144, .datastack_chunk = 232, .frame = 56,
                .frame_field = 0},
     .frame = {.code = 0, .previous = 8, .instruction = 56, .owner = 70, .stacktop = 64,
               .is_entry = NO, .locals = 72, .first_shim_owner = 3},
     .code = CODE(68, 76, 192),
     .object = OBJECT(40, 56, 880, 0)},
    {.minor = 13,
     .runtime = {.gil = NO},
     .interpreter = {.code_witness = 17000},
     .thread = {.frame_field = NO},
     .frame = {.stacktop = 64, .is_entry = NO, .first_shim_owner = 3},
     .code = CODE(68, 76, 200),
     .object = OBJECT(40, 56, 880, 8)},
    {.minor = 14,
     .runtime = {.gil = NO},
     .interpreter = {.code_witness = 14256},
     .thread = {.frame_field = NO},
     .frame = {.stacktop = NO, .is_entry = NO, .first_shim_owner = 3},
     .code = CODE(68, 76, 208),
     .object = OBJECT(40, 56, 880, 8)},
    {.minor = 15,
     .runtime = {.gil = NO},
     .interpreter = {.code_witness = 14264},
     .thread = {.frame_field = NO},
     .frame = {.stacktop = NO, .is_entry = NO, .first_shim_owner = 3},
     .code = CODE(68, 76, 208),
     .object = OBJECT(40, 56, 888, 8)},
};
// clang-format on

/* Where each published offset stands in the table, in 8-byte words. */
typedef struct table_field {
    uint16_t word[3]; /* 3.13, 3.14, 3.15 */
    uint32_t field;   /* offset in tare_layout */
    uint32_t limit;
} table_field;

#define FIELD(member, w13, w14, w15, limit) {{w13, w14, w15}, offsetof(tare_layout, member), limit}

static const table_field table_fields[] = {
    FIELD(runtime.finalizing, 4, 4, 4, MAX_STATE_OFFSET),
    FIELD(runtime.interpreters_head, 5, 5, 5, MAX_STATE_OFFSET),
    FIELD(interpreter.next, 8, 8, 8, MAX_STATE_OFFSET),
    FIELD(interpreter.id, 7, 7, 7, MAX_STATE_OFFSET),
    FIELD(interpreter.threads_head, 9, 9, 9, MAX_STATE_OFFSET),
    FIELD(interpreter.gc_collecting, 10, 11, 11, MAX_STATE_OFFSET), /* + gc.collecting below */
    FIELD(interpreter.gil_pointer, 14, 15, 15, MAX_STATE_OFFSET),
    FIELD(thread.next, 21, 24, 24, MAX_SMALL_OFFSET),
    FIELD(thread.native_thread_id, 25, 28, 31, MAX_SMALL_OFFSET),
    FIELD(thread.frame, 23, 26, 26, MAX_SMALL_OFFSET),
    FIELD(thread.datastack_chunk, 26, 29, 32, MAX_SMALL_OFFSET),
    FIELD(frame.code, 30, 33, 41, MAX_SMALL_OFFSET),
    FIELD(frame.previous, 29, 32, 40, MAX_SMALL_OFFSET),
    FIELD(frame.instruction, 31, 34, 42, MAX_SMALL_OFFSET),
    FIELD(frame.owner, 33, 36, 44, MAX_SMALL_OFFSET),
    FIELD(frame.locals, 32, 35, 43, MAX_SMALL_OFFSET),
    FIELD(code.first_line, 39, 44, 52, MAX_SMALL_OFFSET),
    FIELD(code.file, 35, 40, 48, MAX_SMALL_OFFSET),
    FIELD(code.name, 36, 41, 49, MAX_SMALL_OFFSET),
    FIELD(code.qualname, 37, 42, 50, MAX_SMALL_OFFSET),
    FIELD(code.line_table, 38, 43, 51, MAX_SMALL_OFFSET),
    FIELD(code.bytecode, 43, 48, 56, MAX_SMALL_OFFSET),
    FIELD(object.type_name, 47, 53, 61, MAX_SMALL_OFFSET),
    FIELD(object.type_flags, 49, 55, 63, MAX_SMALL_OFFSET),
    FIELD(object.text_state, 68, 78, 90, MAX_SMALL_OFFSET),
    FIELD(object.text_length, 69, 79, 91, MAX_SMALL_OFFSET),
    FIELD(object.text_ascii, 70, 80, 92, MAX_SMALL_OFFSET),
    FIELD(object.bytes_size, 65, 75, 87, MAX_SMALL_OFFSET),
    FIELD(object.bytes_value, 66, 76, 88, MAX_SMALL_OFFSET),
};

static const uint16_t gc_collecting_word[3] = {72, 82, 95};
static const uint16_t table_words[3] = {73, 95, 111};

/* A new field in a structure must be given a row above, or be constant. */
_Static_assert(sizeof(((tare_layout *)0)->code) == 10 * sizeof(uint32_t), "code fields");
_Static_assert(sizeof(((tare_layout *)0)->frame) == 8 * sizeof(uint32_t), "frame fields");

static const tare_layout *find_row(uint32_t minor)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].minor == minor)
            return &rows[i];
    return NULL;
}

static tare_status start_from_row(tare_layout *layout, uint32_t minor, tare_error *err)
{
    const tare_layout *row = find_row(minor);
    if (row == NULL)
        return tare_fail(err, TARE_UNSUPPORTED,
                         "the target runs Python 3.%u; this Tare reads 3.%u to 3.%u: look for "
                         "a newer Tare",
                         minor, rows[0].minor, rows[sizeof rows / sizeof rows[0] - 1].minor);
    *layout = *row;
    for (size_t i = 0; i < tare_opcode_table_count; i++)
        if (tare_opcode_tables[i].minor == minor)
            layout->opcodes = &tare_opcode_tables[i];
    return TARE_OK;
}

static tare_status take_word(uint32_t *offset_out, uint64_t word, uint32_t limit, size_t index,
                             tare_error *err)
{
    if (word >= limit)
        return tare_fail(err, TARE_CORRUPT,
                         "the interpreter's table of offsets says %llu at word %zu, at most %u "
                         "can be: a modified or unfinished Python",
                         (unsigned long long)word, index, limit - 1);
    *offset_out = (uint32_t)word;
    return TARE_OK;
}

static bool fits(uint32_t offset, uint32_t field_bytes, uint32_t whole_bytes)
{
    return offset == TARE_LAYOUT_ABSENT || offset + field_bytes <= whole_bytes;
}

/* A frame is read up to its locals; fields that are looked at together must differ. */
static bool is_frame_sound(const tare_layout *layout)
{
    uint32_t bytes = layout->frame.locals;
    return bytes >= 64 && bytes <= 256 && bytes % 8 == 0 && fits(layout->frame.code, 8, bytes) &&
           fits(layout->frame.previous, 8, bytes) && fits(layout->frame.instruction, 8, bytes) &&
           fits(layout->frame.owner, 1, bytes) && fits(layout->frame.stacktop, 4, bytes) &&
           fits(layout->frame.is_entry, 1, bytes) && layout->frame.code != layout->frame.previous &&
           layout->frame.code != layout->frame.instruction &&
           layout->frame.previous != layout->frame.instruction;
}

/* A code object is read up to its bytecode, its identity from first_line to line_table. */
static bool is_code_sound(const tare_layout *layout)
{
    uint32_t bytes = layout->code.bytecode;
    return bytes <= 512 && fits(layout->code.first_line, 4, layout->code.line_table) &&
           fits(layout->code.line_table, 8, bytes) && fits(layout->code.file, 8, bytes) &&
           fits(layout->code.name, 8, bytes) && fits(layout->code.qualname, 8, bytes) &&
           fits(layout->code.frame_words, 4, bytes) && fits(layout->code.locals_count, 4, bytes) &&
           fits(layout->code.stack_size, 4, bytes);
}

/* A thread state is read up to the three words about its data stack. */
static bool is_thread_sound(const tare_layout *layout)
{
    uint32_t bytes = layout->thread.datastack_chunk + 24;
    return bytes <= 1024 && fits(layout->thread.frame, 8, bytes) &&
           fits(layout->thread.next, 8, bytes) && fits(layout->thread.native_thread_id, 8, bytes);
}

static bool are_objects_sound(const tare_layout *layout)
{
    uint32_t bytes = layout->object.text_ascii;
    return bytes >= 24 && bytes <= 64 && fits(layout->object.text_state, 4, bytes) &&
           fits(layout->object.text_length, 8, bytes) && layout->object.bytes_value <= 64 &&
           fits(layout->object.bytes_size, 8, layout->object.bytes_value);
}

/* Whatever is read together must contain the fields that are then taken from it. */
static tare_status check_layout(const tare_layout *layout, tare_error *err)
{
    if (!is_frame_sound(layout) || !is_code_sound(layout) || !is_thread_sound(layout) ||
        !are_objects_sound(layout))
        return tare_fail(err, TARE_CORRUPT,
                         "the interpreter's table of offsets contradicts itself: a modified or "
                         "unfinished Python 3.%u",
                         layout->minor);
    return TARE_OK;
}

tare_status tare_layout_from_table(tare_layout *layout, uint32_t minor, const uint64_t *words,
                                   size_t word_count, tare_error *err)
{
    TARE_TRY(start_from_row(layout, minor, err));
    if (minor < 13)
        return check_layout(layout, err);
    size_t column = minor - 13;
    if (word_count < table_words[column])
        return tare_fail(err, TARE_CORRUPT, "the interpreter's table of offsets is cut short");
    if (words[FREE_THREADED_WORD] != 0)
        return tare_fail(err, TARE_UNSUPPORTED,
                         "the target is a free-threaded Python 3.%u, which Tare does not read "
                         "yet: measure with the ordinary build",
                         minor);
    for (size_t i = 0; i < sizeof table_fields / sizeof table_fields[0]; i++) {
        const table_field *entry = &table_fields[i];
        size_t             index = entry->word[column];
        uint32_t           offset = 0;
        TARE_TRY(take_word(&offset, words[index], entry->limit, index, err));
        memcpy((char *)layout + entry->field, &offset, sizeof offset);
    }
    uint32_t collecting = 0;
    TARE_TRY(take_word(&collecting, words[gc_collecting_word[column]], GC_COLLECTING_BYTES,
                       gc_collecting_word[column], err));
    layout->interpreter.gc_collecting += collecting;
    return check_layout(layout, err);
}

tare_status tare_layout_init(tare_layout *layout, const tare_runtime *runtime, tare_memory *memory,
                             tare_error *err)
{
    uint32_t minor = runtime->version_hex >> 16 & 0xff;
    uint64_t words[MAX_TABLE_WORDS] = {0};
    size_t   word_count = 0;
    if (runtime->version_hex >> 24 == 3 && minor >= 13 && minor - 13 < 3) {
        word_count = table_words[minor - 13];
        TARE_TRY(
            tare_memory_read(memory, runtime->address, words, word_count * sizeof words[0], err));
    }
    return tare_layout_from_table(layout, minor, words, word_count, err);
}
