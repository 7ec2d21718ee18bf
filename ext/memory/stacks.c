/* stacks.c - see stacks.h.
 *
 *     frame (innermost first)   known            as it was?
 *     a   line 7                a 7  parent 5    yes, but its parent is not the node of b
 *     b   line 9                b 8  parent 2    no: at another line          <- outermost change
 *     c   line 3                c 3  parent 0    yes: node 2
 *
 * A frame is known by its address and instruction. That its parent is what it was, too, is all
 * there is to its node: an address that was used again by another call is no
 * different. So one pass from the inside finds the outermost change, and what is inside of it is
 * looked up.
 *
 * A stack deeper than asked for begins at "(deeper)": it is the innermost frames that matter. It
 * has between half and all of the frames asked for: it is cut where the last one was, as long as
 * that is so, for with each frame at which it begins all its nodes are others. */
#include "memory/stacks.h"

#include "common/pyframes.h"

#include "memory/places.h"

#include <string.h>

/* One for each instruction of a frame at which it has allocated or called: a loop comes by at
 * several in turn. */
static inline tare_known_frame *known_of(tare_memory_thread *thread, const tare_pyframe *frame)
{
    uintptr_t hash = (uintptr_t)frame / 16 + (uintptr_t)frame->instruction / 2 * 5;
    return &thread->known[hash % TARE_MEMORY_CACHE];
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
    const tare_pyframe *frames[TARE_MEMORY_MAX_DEPTH]; /* innermost first */
    uint32_t            depth;
    uint32_t            changed; /* frames, from the innermost, that are not known as they are */
    uint32_t            base;    /* node under which the outermost is */
} walk;

/* Instructions are within their code object, so they tell which that is, as long as it is there. */
static inline bool is_as_known(const tare_known_frame *known, const tare_pyframe *frame)
{
    return known->frame == (uintptr_t)frame && known->instruction == (uintptr_t)frame->instruction;
}

/* Code objects have gone, and with them what is known of their instructions. */
static void forget_known(tare_memory_thread *thread)
{
    if (thread->epoch < tare_memory.begun_epoch)
        memset(thread->known, 0, sizeof thread->known);
    for (uint32_t i = 0; i < TARE_MEMORY_CACHE; i++)
        if (thread->known[i].frame != 0 && tare_places_is_gone(thread->known[i].code))
            thread->known[i].frame = 0;
    thread->epoch = tare_memory.epoch;
}

/* Where the last stack was cut; this one's outer part is the same, and shall look the same. */
static inline bool is_cut(const tare_memory_thread *thread, const tare_known_frame *known,
                          const tare_pyframe *frame, uint32_t depth)
{
    return thread->cut == (uintptr_t)frame && depth > tare_memory.options.depth / 2 &&
           is_as_known(known, frame) && known->parent == tare_memory.deeper_node;
}

/* Anew, so that some more or fewer calls are no reason to cut again. */
static void cut(tare_memory_thread *thread, walk *w)
{
    w->depth -= w->depth / 4;
    w->changed = w->depth;
    thread->cut = (uintptr_t)w->frames[w->depth - 1];
}

static void compare(tare_memory_thread *thread, const tare_pyframe *frame, walk *w)
{
    uint32_t parent = 0; /* that the frame before has */
    w->depth = w->changed = w->base = 0;
    for (; frame != NULL; frame = frame->previous) {
        if (!tare_pyframe_is_python(frame))
            continue;
        if (w->depth == tare_memory.options.depth) {
            w->base = synthetic(&tare_memory.deeper_node, "(deeper)");
            cut(thread, w);
            break;
        }
        const tare_known_frame *known = known_of(thread, frame);
        if (!is_as_known(known, frame))
            w->changed = w->depth + 1;
        else if (known->node != parent)
            w->changed = w->depth;
        parent = known->parent;
        w->frames[w->depth++] = frame;
        if (__builtin_expect(is_cut(thread, known, frame, w->depth), 0)) {
            w->base = parent;
            break;
        }
    }
    tare_memory.truncated_count += w->base != 0;
    if (parent != w->base)
        w->changed = w->depth;
}

/* Its node under parent. */
static uint32_t look_up(tare_memory_thread *thread, const tare_pyframe *frame, uint32_t parent)
{
    tare_known_frame *known = known_of(thread, frame);
    bool              same = is_as_known(known, frame);
    if (same && known->parent == parent)
        return known->node;
    uint32_t place = known->place, code = known->code;
    uint32_t node;
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

uint32_t tare_stacks_node(tare_memory_thread *thread, const PyThreadState *state)
{
    walk w;
    if (state == NULL)
        return synthetic(&tare_memory.no_gil_node, "(without the GIL)");
    if (__builtin_expect(thread->epoch != tare_memory.epoch, 0))
        forget_known(thread);
    compare(thread, tare_state_frame(state), &w);
    if (w.depth == 0)
        return synthetic(&tare_memory.no_frame_node, "(no Python frame)");
    if (w.changed == 0)
        return known_of(thread, w.frames[0])->node;
    uint32_t node = w.changed < w.depth ? known_of(thread, w.frames[w.changed])->node : w.base;
    for (uint32_t i = w.changed; i > 0 && node != TARE_NONE; i--)
        node = look_up(thread, w.frames[i - 1], node);
    return node;
}
