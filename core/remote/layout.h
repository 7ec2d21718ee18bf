/* layout.h - where CPython keeps what the sampler reads.
 *
 * One row of byte offsets per minor version; hot code knows only the row, never the
 * version. 3.11 and 3.12 rows are data (patch releases keep the layout). From 3.13
 * the interpreter publishes most offsets in a table at the start of _PyRuntime; what
 * the table leaves out (frame size of a code object, the saved stack pointer) comes
 * from the row. The table is foreign memory: tare_layout_init checks every offset
 * against the size of its structure and a bound before anything relies on it. */
#ifndef TARE_REMOTE_LAYOUT_H
#define TARE_REMOTE_LAYOUT_H

#include "remote/locate.h"
#include "remote/memory.h"
#include "remote/opcode.h"

#include <stdbool.h>

/* Fields by structure; all are byte offsets. ABSENT where a version has none. */
#define TARE_LAYOUT_ABSENT UINT32_MAX

typedef struct tare_layout {
    uint32_t minor; /* of CPython 3 */

    struct {
        uint32_t finalizing, interpreters_head;
        uint32_t gil; /* the GIL itself: 3.11 only, later per interpreter */
    } runtime;
    struct {
        uint32_t next, id, threads_head, gc_collecting;
        uint32_t gil_pointer;
        uint32_t code_witness; /* 8 bytes that change whenever a code object's address may
                                  have been given to another: 3.13 and newer */
    } interpreter;
    struct {
        uint32_t next, native_thread_id, datastack_chunk; /* then top, limit */
        uint32_t frame;       /* pointer to the current frame, or to a record ... */
        uint32_t frame_field; /* ... with the pointer at this offset; ABSENT: direct */
    } thread;
    struct {
        uint32_t code, previous, instruction, owner;
        uint32_t stacktop;         /* int32, -1 while the frame executes; ABSENT from 3.14 */
        uint32_t is_entry;         /* bool; 3.11 only */
        uint32_t locals;           /* = bytes of a frame without locals and stack */
        uint32_t first_shim_owner; /* owners from here on are no Python code */
    } frame;
    struct {
        uint32_t first_line, file, name, qualname, line_table, flags, bytecode;
        uint32_t frame_words;              /* whole frame; ABSENT: sum of the next two */
        uint32_t locals_count, stack_size; /* 3.11 */
    } code; /* .bytecode is also the bytes of a code object without bytecode */
    struct {
        uint32_t type_name, type_flags, type_basic_size, cached_keys;
        uint32_t text_length, text_state, text_ascii, text_compact;
        uint32_t bytes_size, bytes_value;
        uint32_t dict_keys, dict_values;
        uint32_t values_first; /* of the inline attribute values */
    } object;

    const tare_opcode_table *opcodes; /* constant */
} tare_layout;

/* A GIL is the same in all these versions. */
enum { TARE_GIL_HOLDER = 8, TARE_GIL_LOCKED = 16, TARE_GIL_BYTES = 208 };

/* The row for a located runtime. UNSUPPORTED: a version without a row, or a
 * free-threaded build; CORRUPT: a table of offsets that cannot be. */
TARE_MUST_USE tare_status tare_layout_init(tare_layout *layout, const tare_runtime *runtime,
                                           tare_memory *memory, tare_error *err);

/* The same from the bytes of a debug offset table, for tests and fuzzing. */
TARE_MUST_USE tare_status tare_layout_from_table(tare_layout *layout, uint32_t minor,
                                                 const uint64_t *words, size_t word_count,
                                                 tare_error *err);

#endif
