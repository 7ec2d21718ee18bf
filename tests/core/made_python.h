/* made_python.h - a Python process that does not exist: one interpreter, threads, their stacks.
 *
 *     made_python made;
 *     made_python_init(&made, &known_layouts[0].layout);
 *     made_thread(&made, 41);
 *     made_enter(&made);                        C code calls Python
 *     made_call(&made, code, unit);             a frame on the data stack
 *     made_generator(&made, code, unit);        a frame in an object of its own
 *     made_running(&made);                      the last one executes
 *
 * The runtime lies at MADE_BASE. It and the interpreter are kept small, so that a fuzzer's input
 * is: the layout is the one given but for their fields. */
#ifndef TARE_TESTS_MADE_PYTHON_H
#define TARE_TESTS_MADE_PYTHON_H

#include "made_memory.h"

enum { MADE_STATE_BYTES = 64, MADE_CHUNK_HEADER = 24, MADE_OWNER_GENERATOR = 1 };

typedef struct made_python {
    made_memory memory;
    tare_raddr  runtime, interpreter, gil;
    tare_raddr  thread;     /* the last one made: what follows is its */
    tare_raddr  last_frame; /* 0: none yet */
    tare_raddr  chunk, chunk_top, chunk_end;
    bool        entered; /* from C: the next frame says so (3.11) */
} made_python;

static inline void made_small_states(tare_layout *layout)
{
    bool own_gil = layout->interpreter.gil_pointer != TARE_LAYOUT_ABSENT;
    bool has_witness = layout->interpreter.code_witness != TARE_LAYOUT_ABSENT;
    layout->runtime.interpreters_head = 8;
    layout->runtime.gil = own_gil ? TARE_LAYOUT_ABSENT : 16;
    layout->interpreter.next = 0;
    layout->interpreter.id = 8;
    layout->interpreter.threads_head = 16;
    layout->interpreter.gc_collecting = 24;
    layout->interpreter.gil_pointer = own_gil ? 32 : TARE_LAYOUT_ABSENT;
    layout->interpreter.code_witness = has_witness ? 40 : TARE_LAYOUT_ABSENT;
}

static inline void made_python_init(made_python *made, const tare_layout *layout)
{
    memset(made, 0, sizeof *made);
    made_use(&made->memory, layout);
    made_small_states(&made->memory.layout);
    layout = &made->memory.layout;
    made->runtime = made_room(&made->memory, MADE_STATE_BYTES);
    made->interpreter = made_room(&made->memory, MADE_STATE_BYTES);
    made->memory.code_type = made_type(&made->memory, "code");
    made_word(&made->memory, made->runtime + layout->runtime.interpreters_head, made->interpreter);
    made->gil = made->runtime + layout->runtime.gil;
    if (layout->interpreter.gil_pointer != TARE_LAYOUT_ABSENT) {
        made->gil = made_room(&made->memory, TARE_GIL_LOCKED + 8);
        made_word(&made->memory, made->interpreter + layout->interpreter.gil_pointer, made->gil);
    }
}

/* ---- threads ---- */

/* size_bytes with the header. The words of the thread follow. */
static inline void made_chunk(made_python *made, size_t size_bytes)
{
    made_memory *memory = &made->memory;
    tare_raddr   state = made->thread + memory->layout.thread.datastack_chunk;
    tare_raddr   previous = made->chunk;
    if (previous != 0)
        made_word(memory, previous + 16, (made->chunk_top - previous - MADE_CHUNK_HEADER) / 8);
    made->chunk = made_room(memory, size_bytes);
    made->chunk_end = made->chunk + size_bytes;
    made->chunk_top = made->chunk + MADE_CHUNK_HEADER + (previous == 0 ? 8 : 0);
    made_word(memory, made->chunk, previous);
    made_word(memory, made->chunk + 8, size_bytes);
    made_word(memory, state, made->chunk);
    made_word(memory, state + 8, made->chunk_top);
    made_word(memory, state + 16, made->chunk_end);
}

/* The frame that the interpreter calls current: directly, or through a record. */
static inline void made_current(made_python *made, tare_raddr frame)
{
    made_memory       *memory = &made->memory;
    const tare_layout *layout = &memory->layout;
    tare_raddr         at = made->thread + layout->thread.frame;
    if (layout->thread.frame_field != TARE_LAYOUT_ABSENT) {
        memcpy(&at, made_at(memory, at), sizeof at);
        at += layout->thread.frame_field;
    }
    made_word(memory, at, frame);
}

/* A new thread, at the head of the list as CPython puts it, with an empty stack. */
static inline tare_raddr made_thread(made_python *made, uint64_t tid)
{
    made_memory       *memory = &made->memory;
    const tare_layout *layout = &memory->layout;
    tare_raddr         head = made->interpreter + layout->interpreter.threads_head;
    tare_raddr         thread = made_room(memory, layout->thread.datastack_chunk + 24);
    memcpy(made_at(memory, thread + layout->thread.next), made_at(memory, head), 8);
    made_word(memory, head, thread);
    made_word(memory, thread + layout->thread.native_thread_id, tid);
    if (layout->thread.frame_field != TARE_LAYOUT_ABSENT)
        made_word(memory, thread + layout->thread.frame, made_room(memory, 16));
    made->thread = thread;
    made->chunk = 0;
    made->last_frame = 0;
    made->entered = false;
    return thread;
}

/* ---- frames ---- */

static inline void made_frame(made_python *made, tare_raddr frame, tare_raddr code, uint32_t unit,
                              uint8_t owner)
{
    made_memory       *memory = &made->memory;
    const tare_layout *layout = &memory->layout;
    /* A caller waits; one that is in C code between goes on executing, as far as it knows. */
    if (layout->frame.stacktop != TARE_LAYOUT_ABSENT && made->last_frame != 0 && !made->entered)
        made_half(memory, made->last_frame + layout->frame.stacktop, 0);
    made_word(memory, frame + layout->frame.code, code);
    made_word(memory, frame + layout->frame.previous, made->last_frame);
    made_word(memory, frame + layout->frame.instruction,
              code + layout->code.bytecode + 2 * (uint64_t)unit);
    *made_at(memory, frame + layout->frame.owner) = owner;
    if (layout->frame.is_entry != TARE_LAYOUT_ABSENT)
        *made_at(memory, frame + layout->frame.is_entry) = made->entered;
    made->entered = false;
    made->last_frame = frame;
    made_current(made, frame);
}

/* 3.11 marks the next frame, later versions have an entry frame on the C stack. */
static inline void made_enter(made_python *made)
{
    made_memory       *memory = &made->memory;
    const tare_layout *layout = &memory->layout;
    made->entered = true;
    if (layout->frame.is_entry == TARE_LAYOUT_ABSENT)
        made_frame(made, made_room(memory, layout->frame.locals), 0, 0,
                   (uint8_t)layout->frame.first_shim_owner);
}

/* A call of frame_words on the data stack; its chunk must have room. */
static inline void made_call_of(made_python *made, tare_raddr code, uint32_t unit,
                                uint32_t frame_words)
{
    tare_raddr frame = made->chunk_top;
    if (made->chunk == 0 || frame + 8 * (uint64_t)frame_words > made->chunk_end)
        abort();
    made->chunk_top += 8 * (uint64_t)frame_words;
    made_word(&made->memory, made->thread + made->memory.layout.thread.datastack_chunk + 8,
              made->chunk_top);
    made_frame(made, frame, code, unit, 0);
}

static inline void made_generator(made_python *made, tare_raddr code, uint32_t unit)
{
    made_frame(made, made_room(&made->memory, made->memory.layout.frame.locals), code, unit,
               MADE_OWNER_GENERATOR);
}

/* Versions that mark the executing frame: the last one is it. */
static inline void made_running(made_python *made)
{
    const tare_layout *layout = &made->memory.layout;
    if (layout->frame.stacktop != TARE_LAYOUT_ABSENT)
        made_half(&made->memory, made->last_frame + layout->frame.stacktop, UINT32_MAX);
}

#endif
