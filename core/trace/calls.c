/* calls.c - see calls.h.
 *
 *     chunks   [0] 64 nodes | [1] 64 nodes | [2] 128 | [3] 256 | ...
 *
 * Nodes never move, because the tree is made of pointers: chunk 0 has FIRST_NODES, each later one
 * as many as all before it together. The root has the key NO_KEY, which no callable has, and so
 * has the empty node to which recent points in a node without children: the hot path then needs
 * no test for NULL.
 *
 * Invariant: index of parent < index of child; (parent, key) names one node (tare_calls_check).
 *
 * Left out: who may be called what. Keys are only compared. */
#include "trace/calls.h"

#include <string.h>

#define NO_KEY UINT32_MAX
#define TWO_TO_32 4294967296.0

#ifdef TARE_HARD
enum { FIRST_NODES = 4 };
#else
enum { FIRST_NODES = 64 };
#endif

static const tare_call_node empty_node = {.key = NO_KEY};

/* Which chunk an index lies in, and where it begins. */
static uint32_t find_chunk(uint32_t index, uint32_t *first_out)
{
    uint32_t parts = index / FIRST_NODES;
    if (parts == 0) {
        *first_out = 0;
        return 0;
    }
    uint32_t power = 31 - (uint32_t)__builtin_clz(parts);
    *first_out = (uint32_t)FIRST_NODES << power;
    return power + 1;
}

static size_t count_in_chunk(uint32_t chunk)
{
    return chunk == 0 ? FIRST_NODES : (size_t)FIRST_NODES << (chunk - 1);
}

tare_call_node *tare_calls_node(const tare_calls *calls, uint32_t index)
{
    uint32_t first;
    uint32_t chunk = find_chunk(index, &first);
    return &calls->chunks[chunk][index - first];
}

/* Room for the node with this index. */
static tare_status reserve_node(tare_calls *calls, uint32_t index, tare_error *err)
{
    uint32_t first;
    uint32_t chunk = find_chunk(index, &first);
    void    *chunks = calls->chunks;
    TARE_TRY(tare_grow(calls->alloc, &chunks, &calls->chunk_capacity, (size_t)chunk + 1,
                       sizeof *calls->chunks, err));
    calls->chunks = chunks;
    if (calls->chunks[chunk] != NULL)
        return TARE_OK;
    void *nodes;
    TARE_TRY(
        tare_acquire(calls->alloc, &nodes, count_in_chunk(chunk), sizeof(tare_call_node), err));
    calls->chunks[chunk] = nodes;
    return TARE_OK;
}

static tare_status add_node(tare_calls *calls, tare_call_node *parent, uint32_t key,
                            tare_call_node **node_out, tare_error *err)
{
    uint32_t index = calls->node_count;
    TARE_TRY(reserve_node(calls, index, err));
    if (parent != NULL)
        TARE_TRY(
            tare_map_put(&calls->by_path, tare_pack(parent->index, key), index, calls->alloc, err));
    tare_call_node *node = tare_calls_node(calls, index);
    *node = (tare_call_node){.parent = parent, .key = key, .index = index};
    node->recent = (tare_call_node *)&empty_node; /* read only: nobody enters NO_KEY */
    node->follows = node->recent;
    calls->node_count++;
    calls->budget->node_count++;
    *node_out = node;
    return TARE_OK;
}

tare_status tare_calls_init(tare_calls *calls, tare_calls_budget *budget, uint64_t now,
                            const tare_alloc *alloc, tare_error *err)
{
    *calls = (tare_calls){.alloc = alloc, .budget = budget, .first_ticks = now, .last_ticks = now};
    tare_status status = add_node(calls, NULL, NO_KEY, &calls->root, err);
    if (status == TARE_OK)
        status = add_node(calls, calls->root, TARE_CALLS_OVERFLOW_KEY, &calls->overflow, err);
    calls->current = calls->root;
    if (status != TARE_OK)
        tare_calls_deinit(calls);
    return status;
}

void tare_calls_deinit(tare_calls *calls)
{
    for (uint32_t chunk = 0; chunk < calls->chunk_capacity; chunk++)
        tare_release(calls->alloc, calls->chunks[chunk], count_in_chunk(chunk),
                     sizeof(tare_call_node));
    for (uint32_t i = 0; i < calls->duration_count; i++)
        tare_release(calls->alloc, calls->durations[i], 1, sizeof(tare_call_durations));
    if (calls->alloc != NULL) {
        tare_release(calls->alloc, calls->durations, calls->duration_capacity,
                     sizeof *calls->durations);
        tare_map_deinit(&calls->durations_of, calls->alloc);
        tare_release(calls->alloc, calls->chunks, calls->chunk_capacity, sizeof *calls->chunks);
        tare_map_deinit(&calls->by_path, calls->alloc);
        calls->budget->node_count -= calls->node_count;
    }
    *calls = (tare_calls){0};
}

void tare_calls_use_cpu_clock(tare_calls *calls, double ns_per_tick)
{
    calls->cpu = tare_cpu_meter_on(ns_per_tick);
}

void tare_calls_use_durations(tare_calls *calls, double ns_per_tick, double pair_ticks,
                              double own_ticks)
{
    calls->ns_scale = (uint64_t)(ns_per_tick * TWO_TO_32);
    calls->pair_ticks = (uint64_t)pair_ticks;
    calls->own_ticks = (uint64_t)own_ticks;
}

/* What an activation under way needs of its node. */
typedef struct activation {
    uint32_t  key;
    uintptr_t owner;
    uint64_t  entered_ticks, entered_count;
} activation;

static uint32_t count_depth(const tare_call_node *node)
{
    uint32_t depth = 0;
    for (; node->parent != NULL; node = node->parent)
        depth++;
    return depth;
}

static void list_activations(const tare_call_node *node, activation *list, uint32_t depth)
{
    for (; node->parent != NULL; node = node->parent)
        list[--depth] = (activation){node->key, node->owner, node->entered_ticks,
                                     node->entered_count};
}

static tare_status enter_again(tare_calls *calls, const activation *list, uint32_t depth,
                               tare_error *err)
{
    for (uint32_t i = 0; i < depth; i++) {
        tare_call_node *node;
        TARE_TRY(add_node(calls, calls->current, list[i].key, &node, err));
        node->owner = list[i].owner;
        node->entered_ticks = list[i].entered_ticks;
        node->entered_count = list[i].entered_count;
        calls->current->recent = node;
        calls->current = node;
    }
    return TARE_OK;
}

/* Those that were skipped are so again. */
static tare_status replace_tree(tare_calls *calls, const activation *list, uint32_t depth,
                                uint64_t now, tare_error *err)
{
    tare_calls old = *calls;
    bool       overflowed = old.current == old.overflow;
    tare_calls_deinit(calls);
    TARE_TRY(tare_calls_init(calls, old.budget, now, old.alloc, err));
    if (old.cpu.on)
        tare_calls_use_cpu_clock(calls, old.cpu.ns_per_tick);
    calls->ns_scale = old.ns_scale;
    calls->pair_ticks = old.pair_ticks;
    calls->own_ticks = old.own_ticks;
    calls->entered_count = old.entered_count;
    TARE_TRY(enter_again(calls, list, depth, err));
    calls->skipped = old.skipped;
    calls->back_to = calls->current;
    if (overflowed)
        calls->current = calls->overflow;
    return TARE_OK;
}

tare_status tare_calls_begin_again(tare_calls *calls, uint64_t now, tare_error *err)
{
    const tare_alloc     *alloc = calls->alloc;
    const tare_call_node *innermost = calls->skipped > 0 ? calls->back_to : calls->current;
    uint32_t              depth = count_depth(innermost);
    void                 *list;
    tare_status           status = tare_acquire(alloc, &list, depth, sizeof(activation), err);
    if (status == TARE_OK) {
        list_activations(innermost, list, depth);
        status = replace_tree(calls, list, depth, now, err);
        tare_release(alloc, list, depth, sizeof(activation));
    }
    if (status != TARE_OK)
        tare_calls_deinit(calls);
    return status;
}

void tare_calls_settle(tare_calls *calls, uint64_t now)
{
    bool cpu_clock = calls->cpu.on;
    calls->cpu.on = false; /* it would read the caller's */
    tare_calls_charge(calls, now);
    calls->cpu.on = cpu_clock;
}

void tare_calls_shift(tare_calls *calls, uint64_t ticks)
{
    calls->first_ticks += ticks;
    calls->last_ticks += ticks;
}

void tare_calls_charge_cpu(tare_calls *calls, uint64_t now, uint64_t ticks)
{
    calls->current->cpu_ns += tare_cpu_meter_take(&calls->cpu, now, ticks);
}

/* ---- where the hot path does not know ---- */

static tare_call_node *skip(tare_calls *calls)
{
    if (calls->current == calls->overflow)
        calls->overflow->calls++;
    else
        calls->lost_calls++;
    calls->skipped++;
    return NULL;
}

/* A new path. Over the limit the thread goes to its overflow node until the activation ends. */
static tare_call_node *make_child(tare_calls *calls, uint32_t key)
{
    tare_call_node *child;
    bool            full = calls->budget->node_count >= calls->budget->node_limit;
    if (!full && add_node(calls, calls->current, key, &child, NULL) == TARE_OK)
        return child;
    calls->back_to = calls->current;
    if (full)
        calls->current = calls->overflow;
    return skip(calls);
}

tare_call_node *tare_calls_find(tare_calls *calls, uint32_t key)
{
    if (calls->skipped > 0)
        return skip(calls);
    tare_call_node *parent = calls->current;
    tare_call_node *before = parent->recent;
    tare_call_node *child = before->follows;
    if (before->key == NO_KEY || child->key != key || child->parent != parent) {
        uint32_t index = tare_map_get(&calls->by_path, tare_pack(parent->index, key));
        child = index == TARE_MAP_ABSENT ? make_child(calls, key) : tare_calls_node(calls, index);
        if (child == NULL)
            return NULL;
        if (before->key != NO_KEY)
            before->follows = child;
    }
    parent->recent = child;
    return child;
}

/* Without memory the durations of its later calls are not known. */
static tare_call_durations *make_durations(tare_calls *calls, const tare_call_node *node)
{
    void *list = calls->durations;
    void *made = NULL;
    if (tare_grow(calls->alloc, &list, &calls->duration_capacity, (size_t)calls->duration_count + 1,
                  sizeof *calls->durations, NULL) != TARE_OK)
        return NULL;
    calls->durations = list;
    if (tare_acquire(calls->alloc, &made, 1, sizeof(tare_call_durations), NULL) != TARE_OK)
        return NULL;
    if (tare_map_put(&calls->durations_of, node->key, calls->duration_count, calls->alloc, NULL) !=
        TARE_OK) {
        tare_release(calls->alloc, made, 1, sizeof(tare_call_durations));
        return NULL;
    }
    tare_call_durations *durations = made;
    durations->node = node->index;
    calls->durations[calls->duration_count++] = durations;
    return durations;
}

/* The second one of a node, and each while there is no memory for more. */
static void note_second(tare_calls *calls, tare_call_node *node, uint32_t digits)
{
    uint32_t             index = tare_map_get(&calls->durations_of, node->key);
    tare_call_durations *durations = index != TARE_MAP_ABSENT ? calls->durations[index]
                                                              : make_durations(calls, node);
    if (durations == NULL)
        return;
    durations->counts[digits]++;
    durations->counts[node->first_duration - 1]++;
    node->first_duration = 0;
    node->durations = durations->counts;
}

/* Of the current activation, which ends now. */
void tare_calls_time(tare_calls *calls, uint64_t now)
{
    const uint32_t  most = TARE_CALLS_DURATIONS - 1;
    tare_call_node *node = calls->current;
    uint64_t        inner = calls->entered_count - node->entered_count;
    uint64_t        cost = inner * calls->pair_ticks + calls->own_ticks;
    uint64_t        took = now - node->entered_ticks;
    took = (int64_t)took > 0 && took > cost ? took - cost : 0;
    uint64_t ns = (uint64_t)((unsigned __int128)took * calls->ns_scale >> 32);
    uint32_t digits = ns == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(ns);
    digits = digits < most ? digits : most;
    if (node->durations != NULL)
        node->durations[digits]++;
    else if (node->first_duration == 0)
        node->first_duration = (uint8_t)(digits + 1);
    else
        note_second(calls, node, digits);
}

void tare_calls_leave_other(tare_calls *calls, uint32_t key, uint64_t now)
{
    if (calls->skipped > 0) {
        if (--calls->skipped == 0)
            calls->current = calls->back_to;
        return;
    }
    tare_call_node *node = calls->current;
    while (node->parent != NULL && node->key != key)
        node = node->parent;
    if (node->parent == NULL)
        return;
    calls->resync_count++;
    calls->current = node;
    tare_calls_pop(calls, now);
}

tare_status tare_calls_check(const tare_calls *calls, tare_error *err)
{
    uint64_t self_ticks = 0;
    for (uint32_t i = 0; i < calls->node_count; i++) {
        const tare_call_node *node = tare_calls_node(calls, i);
        self_ticks += node->self_ticks;
        if (node->index != i || (node->parent == NULL) != (i == 0))
            return tare_fail(err, TARE_CORRUPT, "call node %u: not where its index says", i);
        if (i == 0)
            continue;
        if (node->parent->index >= i)
            return tare_fail(err, TARE_CORRUPT, "call node %u: its parent comes after it", i);
        if (tare_map_get(&calls->by_path, tare_pack(node->parent->index, node->key)) != i)
            return tare_fail(err, TARE_CORRUPT, "call node %u: not found by its path", i);
    }
    if (self_ticks > calls->last_ticks - calls->first_ticks)
        return tare_fail(err, TARE_CORRUPT, "call nodes have more time than has passed");
    return TARE_OK;
}
