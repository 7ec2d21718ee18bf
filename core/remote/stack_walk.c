/* stack_walk.c - rebuilds the chain of frames in a copied stack (stack.h).
 *
 *     chunk 0              chunk 1
 *     | F0 | F1 | F2 |     | F3 | F4 | stale ... |
 *           \____ X (a generator, or an entry frame on the C stack: outside) ____/
 *
 * From the bottom up: the next frame begins where this one ends, and must link to this
 * one, directly or through frames outside. Above the top lie stale frames that often
 * link well, so the walk goes on as far as it can and the top is chosen afterwards. */
#include "remote/stack_walk.h"

#include <string.h>

enum {
    CHUNK_HEADER_BYTES = 24,
    CHUNK_TOP_AT = 16,
    TAG_BITS = 7,
    MAX_STEPS = 2, /* calls and returns between two looks at the current frame */
    NOWHERE = -1
};

typedef struct walk {
    tare_stack_reader     *reader;
    tare_stack            *stack;
    const tare_stack_view *view;
    tare_raddr             below;  /* the frame that the next one must link to */
    tare_stack_finding     stop;   /* why the walk ended: UNSURE when there just was no frame */
    tare_raddr             wanted; /* for NEEDS_CODE and NEEDS_OUTSIDE */
    bool                   entry_above; /* the slot above the last frame claims to have been
                                           entered from C */
    bool                   empty_above; /* 3.14: that slot has no code. Returning clears it */
    tare_error            *err;
} walk;

static uint64_t word_at(const uint8_t *bytes, uint32_t offset)
{
    uint64_t word;
    memcpy(&word, bytes + offset, sizeof word);
    return word;
}

static tare_raddr link_of(const walk *w, const uint8_t *frame)
{
    return word_at(frame, w->reader->layout->frame.previous);
}

static bool is_marked(const tare_layout *layout, const uint8_t *frame)
{
    int32_t stacktop;
    if (layout->frame.stacktop == TARE_LAYOUT_ABSENT)
        return false;
    memcpy(&stacktop, frame + layout->frame.stacktop, sizeof stacktop);
    return stacktop == -1;
}

static bool was_entered_from_c(const tare_layout *layout, const uint8_t *frame)
{
    return layout->frame.is_entry != TARE_LAYOUT_ABSENT && frame[layout->frame.is_entry] != 0;
}

static tare_status push(walk *w, tare_stack_walked entry)
{
    tare_stack *stack = w->stack;
    void       *walked = stack->walked;
    TARE_TRY(tare_grow(w->reader->alloc, &walked, &stack->walked_capacity,
                       (size_t)stack->walked_count + 1, sizeof *stack->walked, w->err));
    stack->walked = walked;
    stack->walked[stack->walked_count++] = entry;
    return TARE_OK;
}

static const uint8_t *find_outside(walk *w, tare_raddr address)
{
    for (uint32_t i = 0; i < w->stack->outside_count; i++) {
        if (w->stack->outside[i].address == address) {
            w->stack->outside[i].idle = 0;
            return w->stack->copy + w->stack->outside[i].at;
        }
    }
    return NULL;
}

/* Fills entry from a frame's bytes. False: no frame (stop says whether code is wanted). */
static bool read_frame(walk *w, tare_raddr address, const uint8_t *frame, tare_stack_walked *entry)
{
    const tare_layout *layout = w->reader->layout;
    *entry = (tare_stack_walked){.address = address};
    if (frame[layout->frame.owner] >= layout->frame.first_shim_owner)
        return true;
    tare_raddr object = word_at(frame, layout->frame.code) & ~(uint64_t)TAG_BITS;
    entry->code = tare_codes_find(w->reader->codes, object);
    if (entry->code == TARE_MAP_ABSENT) {
        w->stop = object == 0 ? TARE_STACK_UNSURE : TARE_STACK_NEEDS_CODE;
        w->wanted = object;
        return false;
    }
    const tare_code *code = &w->reader->codes->items[entry->code];
    tare_raddr       instruction = word_at(frame, layout->frame.instruction);
    uint64_t         unit = (instruction - code->bytecode) / 2;
    if (instruction < code->bytecode)
        unit = 0; /* not started: the pointer stands one unit before the code */
    if (unit >= code->unit_count || (instruction & 1) != 0 || instruction + 2 < code->bytecode) {
        w->stop = TARE_STACK_UNSURE;
        return false;
    }
    entry->unit = (uint32_t)unit;
    entry->shown = !code->shim;
    entry->marked = is_marked(layout, frame);
    return true;
}

/* Pushes the frames outside that lead from previous down to the frame below, bottom
 * first. False: the chain does not get there. */
static tare_status push_outside(walk *w, tare_raddr previous, bool *linked_out)
{
    tare_raddr chain[TARE_STACK_MAX_OUTSIDE];
    uint32_t   count = 0;
    *linked_out = false;
    for (tare_raddr at = previous; at != w->below;) {
        const uint8_t *frame = at == 0 ? NULL : find_outside(w, at);
        if (frame == NULL || count == TARE_STACK_MAX_OUTSIDE) {
            w->stop = at == 0 ? TARE_STACK_UNSURE : TARE_STACK_NEEDS_OUTSIDE;
            w->wanted = at;
            return TARE_OK;
        }
        chain[count++] = at;
        at = link_of(w, frame);
    }
    for (uint32_t i = count; i > 0; i--) {
        tare_stack_walked entry;
        if (!read_frame(w, chain[i - 1], find_outside(w, chain[i - 1]), &entry))
            return TARE_OK;
        TARE_TRY(push(w, entry));
    }
    *linked_out = true;
    return TARE_OK;
}

/* One slot of a chunk. *bytes_out is the frame's length, 0 where the walk ends. */
static tare_status walk_slot(walk *w, tare_raddr address, const uint8_t *frame, uint32_t *bytes_out)
{
    tare_raddr        previous = link_of(w, frame);
    tare_stack_walked entry;
    bool              linked = true;
    *bytes_out = 0;
    w->empty_above = (word_at(frame, w->reader->layout->frame.code) & ~(uint64_t)TAG_BITS) == 0;
    if (w->empty_above)
        return TARE_OK;
    if (w->stack->truncated && w->stack->walked_count == 0)
        w->below = previous; /* the frames below are not in the copy */
    w->entry_above = was_entered_from_c(w->reader->layout, frame) || previous != w->below;
    if (previous != w->below)
        TARE_TRY(push_outside(w, previous, &linked));
    if (!linked || !read_frame(w, address, frame, &entry))
        return TARE_OK;
    if (frame[w->reader->layout->frame.owner] >= w->reader->layout->frame.first_shim_owner)
        return TARE_OK; /* shims never lie in a chunk */
    entry.entered = w->entry_above;
    TARE_TRY(push(w, entry));
    w->below = address;
    w->entry_above = false;
    *bytes_out = w->reader->codes->items[entry.code].frame_bytes;
    return TARE_OK;
}

/* Walks one chunk; true when all of it was frames, so that the next chunk may follow. */
static tare_status walk_chunk(walk *w, uint32_t index, bool *whole_out)
{
    const tare_stack_chunk *chunk = &w->stack->chunks[index];
    const uint8_t          *bytes = w->stack->copy + chunk->at;
    bool                    newest = index + 1 == w->stack->chunk_count;
    uint32_t                end = newest ? w->view->copied_bytes : chunk->size_bytes;
    uint32_t                at = CHUNK_HEADER_BYTES + (word_at(bytes, 0) == 0 ? 8 : 0);
    *whole_out = false;
    if (index > 0 && word_at(bytes, 0) != w->stack->chunks[index - 1].address)
        return TARE_OK;
    if (!newest && word_at(bytes, CHUNK_TOP_AT) * 8 + CHUNK_HEADER_BYTES != end)
        return TARE_OK;
    while (at + w->reader->layout->frame.locals <= end) {
        uint32_t frame_bytes = 0;
        TARE_TRY(walk_slot(w, chunk->address + at, bytes + at, &frame_bytes));
        if (frame_bytes == 0)
            return TARE_OK;
        at += frame_bytes;
    }
    *whole_out = at == end;
    return TARE_OK;
}

static int64_t index_of(const tare_stack *stack, tare_raddr address)
{
    for (uint32_t i = stack->walked_count; i > 0; i--)
        if (stack->walked[i - 1].address == address)
            return i - 1;
    return NOWHERE;
}

static bool in_chunk(const tare_stack_chunk *chunk, tare_raddr address)
{
    return address - chunk->address < chunk->size_bytes;
}

bool tare_stack_has_in_chunk(const tare_stack *stack, tare_raddr address)
{
    for (uint32_t i = stack->chunk_count; i > 0; i--)
        if (in_chunk(&stack->chunks[i - 1], address))
            return true;
    return false;
}

/* Could the marked frame be waiting in C for Python code above it? */
static bool may_be_in_c(const walk *w, int64_t marked)
{
    const tare_stack *stack = w->stack;
    if (marked + 1 == stack->walked_count)
        return w->entry_above;
    return stack->walked[marked + 1].entered ||
           !tare_stack_has_in_chunk(stack, stack->walked[marked + 1].address);
}

/* May a chain of frames outside end here, with nothing below? Only an entry frame, or in 3.11
 * a thread without any other frame. A suspended generator links to nothing too: caught just
 * before it was resumed, it must not pass for the bottom of the stack. */
static bool is_bottom(const walk *w, const uint8_t *last)
{
    const tare_layout *layout = w->reader->layout;
    if (w->stack->walked_count > 0)
        return false;
    return layout->frame.is_entry != TARE_LAYOUT_ABSENT ||
           last[layout->frame.owner] >= layout->frame.first_shim_owner;
}

/* The current frame lies outside: a running generator, or an entry frame. Joins its chain
 * to the walked frames; *top_out is then its index. */
static tare_status join_outside(walk *w, tare_raddr frame, int64_t *top_out)
{
    tare_stack    *stack = w->stack;
    tare_raddr     at = frame;
    const uint8_t *bytes = NULL;
    *top_out = NOWHERE;
    for (uint32_t steps = 0; steps <= TARE_STACK_MAX_OUTSIDE; steps++) {
        int64_t index = index_of(stack, at);
        if (at == 0 && !is_bottom(w, bytes))
            return TARE_OK;
        if (index != NOWHERE || at == 0) {
            bool linked = false;
            stack->walked_count = (uint32_t)(index + 1);
            w->below = at;
            TARE_TRY(push_outside(w, frame, &linked));
            if (linked)
                *top_out = (int64_t)stack->walked_count - 1;
            return TARE_OK;
        }
        bytes = find_outside(w, at);
        if (bytes == NULL && tare_stack_has_in_chunk(stack, at))
            return TARE_OK; /* not walked to: what ended the walk comes first */
        if (bytes == NULL) {
            w->stop = TARE_STACK_NEEDS_OUTSIDE;
            w->wanted = at;
            return TARE_OK;
        }
        at = link_of(w, bytes);
    }
    return TARE_OK;
}

/* From the bottom up, the first marked frame that cannot be waiting in C: it executed when its
 * slot was copied. What lies above was copied later, or is stale. *last_out is the highest
 * marked one up to there, waiting or not. */
static int64_t executing_frame(const walk *w, int64_t *last_out)
{
    const tare_stack *stack = w->stack;
    *last_out = NOWHERE;
    for (uint32_t i = 0; i < stack->walked_count; i++) {
        if (!stack->walked[i].marked)
            continue;
        *last_out = i;
        if (!may_be_in_c(w, i))
            return i;
    }
    return NOWHERE;
}

/* Without marks: the last frame below a slot without code was the top when that slot was
 * copied. */
static int64_t frame_below_empty_slot(const walk *w)
{
    const tare_stack *stack = w->stack;
    bool              has_marks = w->reader->layout->frame.stacktop != TARE_LAYOUT_ABSENT;
    return has_marks || !w->empty_above ? NOWHERE : (int64_t)stack->walked_count - 1;
}

/* The current frame was the same before and after the copy, or one frame is marked. */
static tare_status choose_certain_top(walk *w, int64_t *top_out)
{
    const tare_stack *stack = w->stack;
    tare_raddr        before = w->view->frame_before;
    tare_raddr        after = w->view->frame_after;
    int64_t           marked = NOWHERE;
    int64_t           executing = executing_frame(w, &marked);
    int64_t           index_before = index_of(stack, before);
    *top_out = NOWHERE;
    if (executing != NOWHERE && tare_stack_has_in_chunk(stack, before) &&
        tare_stack_has_in_chunk(stack, after)) {
        *top_out = executing;
        return TARE_OK;
    }
    if (marked != NOWHERE && (index_before == marked || index_of(stack, after) == marked)) {
        *top_out = marked;
        return TARE_OK;
    }
    if (before != after) {
        int64_t below = frame_below_empty_slot(w);
        if (below != NOWHERE && (below == index_before || below == index_of(stack, after)))
            *top_out = below;
        return TARE_OK;
    }
    if (index_before != NOWHERE && index_before >= marked) {
        *top_out = index_before;
        return TARE_OK;
    }
    /* In a chunk, but not walked to: what ended the walk comes first. */
    bool missed = index_before != NOWHERE || tare_stack_has_in_chunk(stack, before);
    return missed ? TARE_OK : join_outside(w, before, top_out);
}

/* Between the two looks the thread called or returned, a step or two. The higher of the two
 * frames was there at one of them. */
static tare_status choose_likely_top(walk *w, int64_t *top_out)
{
    const tare_stack *stack = w->stack;
    tare_raddr        before = w->view->frame_before;
    tare_raddr        after = w->view->frame_after;
    int64_t           one = index_of(stack, before);
    int64_t           other = index_of(stack, after);
    *top_out = NOWHERE;
    if (before == 0 || after == 0)
        return TARE_OK; /* on its way into Python, or out of it */
    if (tare_stack_has_in_chunk(stack, before) && tare_stack_has_in_chunk(stack, after)) {
        *top_out = frame_below_empty_slot(w);
        if (*top_out != NOWHERE)
            return TARE_OK;
    }
    if (one != NOWHERE && other != NOWHERE) {
        int64_t steps = one > other ? one - other : other - one;
        if (steps <= MAX_STEPS)
            *top_out = one > other ? one : other;
        return TARE_OK;
    }
    if (one == NOWHERE && !tare_stack_has_in_chunk(stack, before))
        return join_outside(w, before, top_out);
    if (other == NOWHERE && !tare_stack_has_in_chunk(stack, after))
        return join_outside(w, after, top_out);
    return TARE_OK;
}

/* The highest walked frame that lies below the current one both before and after: whatever
 * moved meanwhile, it moved above. TARE_NONE: none, or the current frame is elsewhere. */
static uint32_t still_frame(const tare_stack *stack, const tare_stack_view *view)
{
    tare_raddr low = view->frame_before < view->frame_after ? view->frame_before
                                                            : view->frame_after;
    if (stack->chunk_count == 0)
        return TARE_NONE;
    const tare_stack_chunk *newest = &stack->chunks[stack->chunk_count - 1];
    if (!in_chunk(newest, view->frame_before) || !in_chunk(newest, view->frame_after))
        return TARE_NONE;
    for (uint32_t i = stack->walked_count; i > 0; i--) {
        tare_raddr address = stack->walked[i - 1].address;
        if (in_chunk(newest, address) ? address <= low : tare_stack_has_in_chunk(stack, address))
            return i - 1;
    }
    return TARE_NONE;
}

tare_status tare_stack_walk(tare_stack_reader *reader, tare_stack *stack,
                            const tare_stack_view *view, tare_stack_finding *finding_out,
                            uint32_t *top_out, tare_raddr *wanted_out, tare_error *err)
{
    walk    w = {.reader = reader, .stack = stack, .view = view, .err = err};
    int64_t top = NOWHERE;
    w.stop = TARE_STACK_UNSURE;
    stack->walked_count = 0;
    *finding_out = TARE_STACK_NOTHING;
    if (view->frame_before == 0 && view->frame_after == 0)
        return TARE_OK;
    bool whole = true;
    for (uint32_t i = 0; i < stack->chunk_count && whole; i++)
        TARE_TRY(walk_chunk(&w, i, &whole));
    /* Is every live frame known already? Then a stale one above asked for more. */
    bool known = index_of(stack, view->frame_before) != NOWHERE &&
                 index_of(stack, view->frame_after) != NOWHERE;
    uint32_t still = still_frame(stack, view);
    TARE_TRY(choose_certain_top(&w, &top));
    bool certain = top != NOWHERE;
    if (!certain)
        TARE_TRY(choose_likely_top(&w, &top));
    *wanted_out = w.wanted;
    *finding_out = known ? TARE_STACK_UNSURE : w.stop;
    *top_out = still;
    if (top != NOWHERE) {
        *finding_out = certain ? TARE_STACK_FOUND : TARE_STACK_LIKELY;
        *top_out = (uint32_t)top;
    }
    return TARE_OK;
}
