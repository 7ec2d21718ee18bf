/* dominators.c - see dominators.h.
 *
 * After Lengauer and Tarjan, "A fast algorithm for finding dominators in a flowgraph" (1979), the
 * simple variant, on what is left of the graph when its trees are cut off:
 *
 *     trim      a node that one other refers to, and all of whose references lead to such or to
 *               pinned ones, is owned by that other; one pass backwards, since such references
 *               lead to higher numbers
 *     number    the rest in depth-first order, the process and what is pinned first
 *     turn      their references, by who is referred to
 *     semi      backwards, the least number from which a way leads around
 *     own       forwards, from semi to owner
 *
 * Everything after `trim` speaks in depth-first numbers: vertices[] leads back to nodes, numbers[]
 * there. Nothing recurses: a way may be as long as the heap has objects.
 *
 * Semi-NCA needs no buckets, but climbs the tree of owners for each node: quadratic for a long list
 * whose last item holds a million things that its first holds too. */
#include "heap/dominators.h"

#include <string.h>

enum { ABSENT = UINT32_MAX, TRIMMED = UINT32_MAX - 1 };

typedef struct state {
    const tare_graph *graph;
    uint32_t         *numbers;   /* by node: its depth-first number, ABSENT or TRIMMED */
    uint32_t         *vertices;  /* the node; by depth-first number, as all that follow */
    uint32_t         *parents;   /* in the depth-first tree */
    uint32_t         *ancestors; /* the same, shortened as it is walked */
    uint32_t         *semis;
    uint32_t         *labels;  /* the one with the least semi on the shortened way */
    uint32_t         *owners;  /* before they are known: where in its references a search is */
    uint32_t         *buckets; /* the first of those whose semi it is, 0 = none */
    uint32_t         *nexts;   /* the next one in the same bucket */
    uint32_t         *stack;
    uint32_t         *first; /* of its sources: sources[first[n]] ... sources[first[n + 1] - 1] */
    uint32_t         *sources;
    uint32_t          kept;  /* that are to be numbered */
    uint32_t          count; /* numbered */
    uint32_t          source_count;
} state;

enum { BY_NUMBER = 10 }; /* arrays */

static void release(state *s)
{
    const tare_alloc *alloc = s->graph->alloc;
    tare_release(alloc, s->numbers, s->graph->count, sizeof(uint32_t));
    tare_release(alloc, s->vertices, s->kept + (size_t)1, BY_NUMBER * sizeof(uint32_t));
    tare_release(alloc, s->sources, s->source_count, sizeof(uint32_t));
}

/* One block for all; first has one item more than there are numbers. */
static tare_status acquire_by_number(state *s, tare_error *err)
{
    void      *memory;
    size_t     room = s->kept + (size_t)1;
    uint32_t **arrays[BY_NUMBER] = {
        &s->vertices, &s->parents, &s->ancestors, &s->semis, &s->labels,
        &s->owners,   &s->buckets, &s->nexts,     &s->stack, &s->first,
    };
    TARE_TRY(tare_acquire(s->graph->alloc, &memory, room, BY_NUMBER * sizeof(uint32_t), err));
    for (size_t i = 0; i < BY_NUMBER; i++)
        *arrays[i] = (uint32_t *)memory + i * room;
    return TARE_OK;
}

static bool is_pinned(const state *s, uint32_t node)
{
    return (s->graph->flags[node] & TARE_GRAPH_PINNED) != 0;
}

/* Whether the reference counts: it neither leads into what is cut off nor to what is not freed. */
static bool leads_on(const state *s, uint32_t source, uint32_t target)
{
    return s->numbers[target] != TRIMMED && target != source && !is_pinned(s, target);
}

static bool is_leaf(const state *s, uint32_t node)
{
    const tare_graph *graph = s->graph;
    for (uint32_t at = graph->first[node]; at < graph->first[node + 1]; at++)
        if (leads_on(s, node, graph->targets[at]))
            return false;
    return true;
}

static void trim(state *s)
{
    const uint8_t *flags = s->graph->flags;
    s->kept = s->graph->count;
    for (uint32_t node = s->graph->count - 1; node > 0; node--) {
        uint8_t how = flags[node] & (TARE_GRAPH_SHARED | TARE_GRAPH_PINNED);
        if (how == TARE_GRAPH_SHARED || !is_leaf(s, node))
            continue;
        s->numbers[node] = TRIMMED;
        s->kept--;
    }
}

static uint32_t enter(state *s, uint32_t node, uint32_t parent)
{
    uint32_t number = s->count++;
    s->numbers[node] = number;
    s->vertices[number] = node;
    s->parents[number] = s->ancestors[number] = parent;
    s->semis[number] = s->labels[number] = number;
    s->owners[number] = s->graph->first[node];
    return number;
}

/* Numbers what is reached from there; the way back is by parents. */
static void number_from(state *s, uint32_t start)
{
    const tare_graph *graph = s->graph;
    uint32_t          at = start;
    for (;;) {
        uint32_t node = s->vertices[at];
        if (s->owners[at] < graph->first[node + 1]) {
            uint32_t target = graph->targets[s->owners[at]++];
            if (s->numbers[target] == ABSENT && !is_pinned(s, target))
                at = enter(s, target, at);
        } else if (at != start) {
            at = s->parents[at];
        } else {
            return;
        }
    }
}

static void number(state *s)
{
    number_from(s, enter(s, 0, 0));
    for (uint32_t node = 1; s->count < s->kept && node < s->graph->count; node++)
        if (s->numbers[node] == ABSENT && is_pinned(s, node))
            number_from(s, enter(s, node, 0));
}

static void count_sources(state *s)
{
    const tare_graph *graph = s->graph;
    for (uint32_t source = 0; source < s->count; source++) {
        uint32_t node = s->vertices[source];
        for (uint32_t at = graph->first[node]; at < graph->first[node + 1]; at++)
            if (leads_on(s, node, graph->targets[at]))
                s->first[s->numbers[graph->targets[at]]]++;
    }
    for (uint32_t number = 0; number < s->count; number++)
        s->first[number + 1] += s->first[number]; /* the ends: filling brings them to the starts */
    s->source_count = s->count > 0 ? s->first[s->count] : 0;
}

static tare_status turn(state *s, tare_error *err)
{
    const tare_graph *graph = s->graph;
    void             *memory;
    count_sources(s);
    TARE_TRY(tare_acquire(graph->alloc, &memory, s->source_count, sizeof(uint32_t), err));
    s->sources = memory;
    for (uint32_t source = s->count; source-- > 0;) {
        uint32_t node = s->vertices[source];
        for (uint32_t at = graph->first[node]; at < graph->first[node + 1]; at++)
            if (leads_on(s, node, graph->targets[at]))
                s->sources[--s->first[s->numbers[graph->targets[at]]]] = source;
    }
    return TARE_OK;
}

/* The one with the least semi on the way from n up to the last that is >= from. */
static uint32_t evaluate(state *s, uint32_t n, uint32_t from)
{
    uint32_t depth = 0;
    for (uint32_t at = n; s->ancestors[at] >= from; at = s->ancestors[at])
        s->stack[depth++] = at;
    while (depth > 0) {
        uint32_t at = s->stack[--depth], above = s->ancestors[at];
        if (s->semis[s->labels[above]] < s->semis[s->labels[at]])
            s->labels[at] = s->labels[above];
        s->ancestors[at] = s->ancestors[above];
    }
    return s->labels[n];
}

static uint32_t find_semi(state *s, uint32_t n)
{
    uint32_t least = s->parents[n];
    for (uint32_t at = s->first[n]; at < s->first[n + 1]; at++) {
        uint32_t source = s->sources[at];
        uint32_t semi = source > n ? s->semis[evaluate(s, source, n + 1)] : source;
        least = semi < least ? semi : least;
    }
    return least;
}

static void own(state *s)
{
    for (uint32_t n = s->count - 1; n > 0; n--) {
        uint32_t parent = s->parents[n];
        s->semis[n] = find_semi(s, n);
        s->nexts[n] = s->buckets[s->semis[n]];
        s->buckets[s->semis[n]] = n;
        for (uint32_t other = s->buckets[parent]; other != 0; other = s->nexts[other]) {
            uint32_t best = evaluate(s, other, n);
            s->owners[other] = s->semis[best] < s->semis[other] ? best : parent;
        }
        s->buckets[parent] = 0;
    }
    s->owners[0] = 0;
    for (uint32_t n = 1; n < s->count; n++)
        if (s->owners[n] != s->semis[n])
            s->owners[n] = s->owners[s->owners[n]];
}

static void tell(const state *s, uint32_t *owners_out)
{
    for (uint32_t node = 0; node < s->graph->count; node++) {
        if (s->numbers[node] != TRIMMED)
            owners_out[node] = s->vertices[s->owners[s->numbers[node]]];
        else
            owners_out[node] = is_pinned(s, node) ? 0 : s->graph->parents[node];
    }
}

static tare_status find(state *s, uint32_t *owners_out, tare_error *err)
{
    void *memory;
    TARE_TRY(tare_acquire(s->graph->alloc, &memory, s->graph->count, sizeof(uint32_t), err));
    s->numbers = memory;
    memset(s->numbers, 0xFF, s->graph->count * sizeof(uint32_t)); /* ABSENT, each */
    trim(s);
    TARE_TRY(acquire_by_number(s, err));
    number(s);
    TARE_TRY(turn(s, err));
    own(s);
    tell(s, owners_out);
    return TARE_OK;
}

tare_status tare_dominators_find(const tare_graph *graph, uint32_t *owners_out, tare_error *err)
{
    state s = {.graph = graph};
    if (graph->count == 0)
        return TARE_OK;
    tare_status status = find(&s, owners_out, err);
    release(&s);
    return status;
}

void tare_dominators_sum(const uint32_t *owners, uint32_t count, uint64_t *amounts)
{
    for (uint32_t node = count; node-- > 1;)
        amounts[owners[node]] += amounts[node];
}
