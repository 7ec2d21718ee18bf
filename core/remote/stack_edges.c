/* stack_edges.c - see stack_edges.h. An edge is kept as a hash of its three parts. */
#include "remote/stack_edges.h"

enum { KNOWN = 1 };

/* Odd; the map of edges has a secret seed of its own. */
static const uint64_t FACTOR = 0xd6e8feb86659fd93u;
static const uint64_t NO_CALLER = UINT64_MAX;

static uint64_t edge_of(uint64_t caller, uint32_t callee)
{
    return tare_mix(tare_mix(caller, FACTOR) + callee, FACTOR);
}

static uint64_t edge_below(const tare_stack_frame *frames, uint32_t index)
{
    uint64_t caller = index == 0 ? NO_CALLER
                                 : tare_pack(frames[index - 1].code, frames[index - 1].unit);
    return edge_of(caller, frames[index].code);
}

static bool is_known(const tare_stack_reader *reader, uint64_t edge)
{
    return tare_map_get(&reader->edges, edge) != TARE_MAP_ABSENT;
}

static bool is_doubted(const tare_doubts *doubts, uint64_t edge)
{
    for (uint32_t i = 0; i < doubts->count; i++)
        if (doubts->edges[i] == edge)
            return true;
    return false;
}

uint32_t tare_edges_judge(const tare_stack_reader *reader, const tare_stack *stack,
                          tare_doubts *doubts)
{
    uint32_t known = stack->frame_count;
    doubts->count = 0;
    for (uint32_t i = stack->frame_count; i > 0 && stack->frames[i - 1].node == TARE_NONE; i--) {
        uint64_t edge = edge_below(stack->frames, i - 1);
        if (is_known(reader, edge))
            continue;
        known = i - 1;
        if (doubts->count < TARE_STACK_MAX_DOUBTS && !is_doubted(doubts, edge))
            doubts->edges[doubts->count++] = edge;
    }
    return known;
}

tare_status tare_edges_learn(tare_stack_reader *reader, const tare_stack *stack, uint32_t top,
                             const tare_doubts *doubts, tare_error *err)
{
    uint64_t caller = NO_CALLER;
    for (uint32_t i = 0; i <= top; i++) {
        const tare_stack_walked *walked = &stack->walked[i];
        if (!walked->shown)
            continue;
        uint64_t edge = edge_of(caller, walked->code);
        caller = tare_pack(walked->code, walked->unit);
        if ((doubts == NULL || is_doubted(doubts, edge)) && !is_known(reader, edge))
            TARE_TRY(tare_map_put(&reader->edges, edge, KNOWN, reader->alloc, err));
    }
    return TARE_OK;
}
