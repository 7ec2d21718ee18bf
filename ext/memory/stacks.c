/* stacks.c - see stacks.h.
 *
 *     frame (innermost first)   last stack
 *     a   line 7                a   line 7     as it was, but for its caller
 *     b   line 9                b   line 8     at another line          <- outermost change
 *     c   line 3                c   line 3     as it was: node 2
 *
 * One pass from the inside, beside the last stack, finds the outermost change; what is outside of
 * it has the node that it had, and what is inside of it is looked up. That a frame is where it was
 * and at the same instruction, and all its callers too, is all there is to its node: an address
 * that was used again by another call is no different.
 *
 * A stack deeper than asked for begins at "(deeper)": it is the innermost frames that matter. It
 * has between half and all of the frames asked for: it is cut where the last one was, as long as
 * that is so, for with each frame at which it begins all its nodes are others. */
#include "memory/stacks.h"

#include "common/pyframes.h"

#include "memory/places.h"

#include <string.h>

enum { MAX_RETURNS = 8 };

/* One for each instruction of a frame at which it has allocated or called: a loop comes by at
 * several in turn. */
static inline tare_known_frame *known_at(tare_memory_thread *thread, uintptr_t frame,
                                         uintptr_t instruction)
{
    return &thread->known[(frame / 16 + instruction / 2 * 5) % TARE_MEMORY_CACHE];
}

static inline tare_known_frame *known_of(tare_memory_thread *thread, const tare_pyframe *frame)
{
    return known_at(thread, (uintptr_t)frame, (uintptr_t)frame->instruction);
}

/* A child of the root that stands for no code. */
static uint32_t synthetic(uint32_t *node, const char *name)
{
    uint32_t frame;
    if (*node != 0)
        return *node;
    if (tare_profile_synthetic(&tare_memory.profile, name, &frame, NULL) != TARE_OK ||
        tare_profile_child(&tare_memory.profile, 0, frame, node, NULL) != TARE_OK) {
        *node = 0;
        return TARE_NONE;
    }
    return *node;
}

typedef struct walk {
    uint32_t depth;
    uint32_t changed; /* frames, from the innermost, that are not as they were */
    uint32_t base;    /* node under which the outermost is */
} walk;

/* Instructions are within their code object, so they tell which that is, as long as it is there. */
static inline bool is_as_known(const tare_known_frame *known, const tare_pyframe *frame)
{
    return known->frame == (uintptr_t)frame && known->instruction == (uintptr_t)frame->instruction;
}

static inline bool is_as_last(const tare_last_frame *last, const tare_pyframe *frame)
{
    return last->frame == (uintptr_t)frame && last->instruction == (uintptr_t)frame->instruction;
}

/* Of the last stack, from the outermost: so it is still cut where it was. */
static uint32_t count_known(tare_memory_thread *thread)
{
    uint32_t depth = 0;
    for (; depth < thread->last_depth; depth++) {
        const tare_last_frame  *last = &thread->last_frames[depth + 1];
        const tare_known_frame *known = known_at(thread, last->frame, last->instruction);
        if (known->frame != last->frame || known->instruction != last->instruction)
            break;
    }
    return depth;
}

/* Code objects have gone, and with them what is known of their instructions. */
static void forget_known(tare_memory_thread *thread)
{
    if (thread->epoch < tare_memory.begun_epoch)
        memset(thread->known, 0, sizeof thread->known);
    for (uint32_t i = 0; i < TARE_MEMORY_CACHE; i++)
        if (thread->known[i].frame != 0 && tare_places_is_gone(thread->known[i].code))
            thread->known[i].frame = 0;
    thread->last_depth = count_known(thread);
    thread->epoch = tare_memory.epoch;
}

/* Calls have returned since: how many frames of the last stack are left, this one the innermost. 0:
 * it is of a new call; or so far out that all is looked up. */
static uint32_t find_last(const tare_memory_thread *thread, const tare_pyframe *frame,
                          uint32_t left)
{
    uint32_t least = left > MAX_RETURNS ? left - MAX_RETURNS : 0;
    for (uint32_t i = left; i > least; i--)
        if (thread->last_frames[i].frame == (uintptr_t)frame)
            return i;
    return 0;
}

/* The caller's frame, whose address most probably is the one expected: so the processor need not
 * wait for one frame to go on to the next. */
static inline const tare_pyframe *step(const tare_pyframe *frame, uintptr_t expected)
{
    const tare_pyframe *previous = frame->previous;
    if (__builtin_expect((uintptr_t)previous != expected, 0))
        return previous;
    __asm__("" : "+r"(expected)); /* not known to be the same */
    return (const tare_pyframe *)expected;
}

/* Goes on as long as frames are as they were, and there are no more than most. */
static inline uint32_t pass_same(const tare_last_frame *last, uint32_t most,
                                 const tare_pyframe **at)
{
    const tare_pyframe *frame = *at;
    uint32_t            count = 0;
    for (; count < most && is_as_last(last, frame); count++, last--)
        frame = step(frame, last[-1].frame);
    *at = frame;
    return count;
}

/* Too deep. Cut anew, so that some more or fewer calls are no reason to cut again. */
static walk cut(uint32_t depth)
{
    depth -= depth / 4;
    return (walk){depth, depth, synthetic(&tare_memory.deeper_node, "(deeper)")};
}

__attribute__((noinline)) static walk compare(const tare_memory_thread *thread,
                                              const tare_pyframe       *frame)
{
    const tare_last_frame *last = thread->last_frames;
    uint32_t               limit = tare_memory.options.depth;
    uint32_t               left = thread->last_depth;
    walk                   w = {0, 0, 0};
    for (;;) {
        uint32_t room = limit - w.depth;
        uint32_t same = pass_same(&last[left], left < room ? left : room, &frame);
        w.depth += same;
        left -= same;
        if (left == 0 && same > 0 && thread->last_base != 0 && w.depth > limit / 2) {
            w.base = thread->last_base;
            return w;
        }
        while (frame != NULL && !tare_pyframe_is_python(frame))
            frame = frame->previous;
        if (frame == NULL)
            break;
        if (w.depth == limit)
            return cut(limit);
        uint32_t found = find_last(thread, frame, left);
        if (found > 0 && is_as_last(&last[found], frame)) {
            w.changed = found < left ? w.depth : w.changed;
            left = found;
            continue;
        }
        w.changed = ++w.depth;
        left = found > 0 ? found - 1 : left;
        frame = frame->previous;
    }
    if (left > 0 || thread->last_base != 0)
        w.changed = w.depth;
    return w;
}

__attribute__((noinline)) static uint32_t make_known(tare_memory_thread *thread,
                                                     const tare_pyframe *frame, uint32_t parent)
{
    tare_known_frame *known = known_of(thread, frame);
    bool              same = is_as_known(known, frame);
    uint32_t          place = known->place, code = known->code;
    uint32_t          node;
    if (!same)
        place = tare_places_find(tare_pyframe_code(frame), frame->instruction, &code);
    if (place == TARE_NONE ||
        tare_profile_child(&tare_memory.profile, parent, place, &node, NULL) != TARE_OK) {
        known->frame = 0;
        return TARE_NONE;
    }
    if (__builtin_expect(thread->epoch != tare_memory.epoch, 0))
        return node; /* codes were started over in between */
    *known = (tare_known_frame){.frame = (uintptr_t)frame,
                                .instruction = (uintptr_t)frame->instruction,
                                .parent = parent,
                                .node = node,
                                .place = place,
                                .code = code};
    return node;
}

/* Its node under parent. */
static inline uint32_t look_up(tare_memory_thread *thread, const tare_pyframe *frame,
                               uint32_t parent)
{
    const tare_known_frame *known = known_of(thread, frame);
    if (__builtin_expect(is_as_known(known, frame) && known->parent == parent, 1))
        return known->node;
    return make_known(thread, frame, parent);
}

/* The last stack is from now on this one. */
__attribute__((noinline)) static uint32_t look_up_changed(tare_memory_thread *thread,
                                                          const tare_pyframe *frame, const walk *w)
{
    const tare_pyframe *frames[TARE_MEMORY_MAX_DEPTH]; /* innermost first */
    uint32_t            depth = w->depth - w->changed;
    uint32_t            node = depth > 0 ? thread->last_frames[depth].node : w->base;
    for (uint32_t i = 0; i < w->changed; frame = frame->previous)
        if (tare_pyframe_is_python(frame))
            frames[i++] = frame;
    for (uint32_t i = w->changed; i > 0 && node != TARE_NONE; i--) {
        frame = frames[i - 1];
        node = look_up(thread, frame, node);
        thread->last_frames[++depth] = (tare_last_frame){
            .frame = (uintptr_t)frame,
            .instruction = (uintptr_t)frame->instruction,
            .node = node,
        };
    }
    thread->last_depth = node != TARE_NONE ? depth : 0;
    thread->last_base = w->base;
    return node;
}

/* Whether the last stack is this one, but for where the innermost frame is now: as in a loop, which
 * is most blocks. */
static inline bool is_same_call(const tare_memory_thread *thread, const tare_pyframe *frame)
{
    uint32_t               depth = thread->last_depth;
    const tare_last_frame *last = &thread->last_frames[depth];
    if (depth == 0 || last->frame != (uintptr_t)frame || !tare_pyframe_is_python(frame))
        return false;
    frame = step(frame, last[-1].frame);
    if (pass_same(last - 1, depth - 1, &frame) < depth - 1)
        return false;
    if (thread->last_base != 0)
        return depth > tare_memory.options.depth / 2;
    while (frame != NULL && !tare_pyframe_is_python(frame))
        frame = frame->previous;
    return frame == NULL;
}

static inline uint32_t look_up_innermost(tare_memory_thread *thread, const tare_pyframe *frame)
{
    uint32_t         depth = thread->last_depth;
    tare_last_frame *last = &thread->last_frames[depth];
    if (last->instruction == (uintptr_t)frame->instruction)
        return last->node;
    uint32_t node = look_up(thread, frame, depth > 1 ? last[-1].node : thread->last_base);
    last->instruction = (uintptr_t)frame->instruction;
    last->node = node;
    thread->last_depth = node != TARE_NONE ? depth : 0;
    return node;
}

uint32_t tare_stacks_node(tare_memory_thread *thread, const PyThreadState *state)
{
    if (state == NULL)
        return synthetic(&tare_memory.no_gil_node, "(without the GIL)");
    if (__builtin_expect(thread->epoch != tare_memory.epoch, 0))
        forget_known(thread);
    const tare_pyframe *frame = tare_state_frame(state);
    if (is_same_call(thread, frame)) {
        tare_memory.truncated_count += thread->last_base != 0;
        return look_up_innermost(thread, frame);
    }
    walk w = compare(thread, frame);
    tare_memory.truncated_count += w.base != 0;
    if (w.depth == 0)
        return synthetic(&tare_memory.no_frame_node, "(no Python frame)");
    return look_up_changed(thread, frame, &w);
}
