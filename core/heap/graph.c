/* graph.c - see graph.h.
 *
 *     number      0          1          2          3    ...   count - 1
 *     addresses   process    a root     a root     what 1 refers to
 *     parents     0          0          0          1
 *     first       0          2          5          ...
 *     targets     1 2 | 3 4 2 | 1 ...
 *                 of 0   of 1   of 2
 *
 * Invariant: first[i] <= first[i + 1] for i < opened_count, and first[opened_count] ==
 * target_count. A node has its place in every column before it has a number. */
#include "heap/graph.h"

typedef struct column {
    void **items;
    size_t item_bytes;
} column;

enum { COLUMN_COUNT = 6 };

static void list_columns(tare_graph *graph, column out[COLUMN_COUNT])
{
    out[0] = (column){(void **)&graph->addresses, sizeof *graph->addresses};
    out[1] = (column){(void **)&graph->bytes, sizeof *graph->bytes};
    out[2] = (column){(void **)&graph->parents, sizeof *graph->parents};
    out[3] = (column){(void **)&graph->first, sizeof *graph->first};
    out[4] = (column){(void **)&graph->tags, sizeof *graph->tags};
    out[5] = (column){(void **)&graph->flags, sizeof *graph->flags};
}

void tare_graph_deinit(tare_graph *graph)
{
    column columns[COLUMN_COUNT];
    list_columns(graph, columns);
    if (graph->alloc == NULL)
        return;
    for (int i = 0; i < COLUMN_COUNT; i++)
        tare_release(graph->alloc, *columns[i].items, graph->capacities[i], columns[i].item_bytes);
    tare_release(graph->alloc, graph->targets, graph->target_capacity, sizeof *graph->targets);
    tare_numbers_deinit(&graph->numbers);
    *graph = (tare_graph){.alloc = graph->alloc};
}

/* One more than there are nodes, for the end of the last one's references. */
static tare_status grow_columns(tare_graph *graph, tare_error *err)
{
    column columns[COLUMN_COUNT];
    list_columns(graph, columns);
    for (int i = 0; i < COLUMN_COUNT; i++)
        TARE_TRY(tare_grow(graph->alloc, columns[i].items, &graph->capacities[i],
                           (size_t)graph->count + 2, columns[i].item_bytes, err));
    return TARE_OK;
}

tare_status tare_graph_add(tare_graph *graph, uint64_t address, uint32_t *number_out,
                           tare_error *err)
{
    if ((size_t)graph->count + 2 > graph->capacities[COLUMN_COUNT - 1])
        TARE_TRY(grow_columns(graph, err));
    *number_out = graph->count++;
    graph->addresses[*number_out] = address;
    graph->parents[*number_out] = graph->source;
    return TARE_OK;
}

tare_status tare_graph_begin(tare_graph *graph, tare_error *err)
{
    uint32_t process;
    graph->numbers.alloc = graph->alloc;
    TARE_TRY(tare_graph_add(graph, 0, &process, err));
    (void)tare_graph_open_next(graph);
    return TARE_OK;
}

tare_status tare_graph_grow_targets(tare_graph *graph, tare_error *err)
{
    return tare_grow(graph->alloc, (void **)&graph->targets, &graph->target_capacity,
                     (size_t)graph->target_count + 1, sizeof *graph->targets, err);
}

tare_status tare_graph_refer_place(tare_graph *graph, uint32_t *number_out, tare_error *err)
{
    if (graph->target_count == graph->target_capacity)
        TARE_TRY(tare_graph_grow_targets(graph, err));
    TARE_TRY(tare_graph_add(graph, 0, number_out, err));
    graph->targets[graph->target_count++] = *number_out;
    graph->first[graph->opened_count] = graph->target_count;
    return TARE_OK;
}

uint32_t tare_graph_find(const tare_graph *graph, uint64_t address)
{
    uint32_t number = tare_numbers_find(&graph->numbers, address);
    return number != 0 ? number : TARE_GRAPH_NONE;
}

/* The node among whose references the one at this place is. */
static uint32_t find_source(const tare_graph *graph, uint32_t at, uint32_t from)
{
    uint32_t low = from, high = graph->opened_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (graph->first[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint32_t tare_graph_holders(const tare_graph *graph, uint32_t target, uint32_t *out,
                            uint32_t capacity)
{
    uint32_t count = 0, source = 0;
    for (uint32_t at = 0; at < graph->target_count; at++) {
        if (graph->targets[at] != target)
            continue;
        source = find_source(graph, at, source);
        if (count < capacity)
            out[count] = source;
        count++;
        at = graph->first[source + 1] - 1; /* the others of the same source are the same holder */
    }
    return count;
}

enum { HELD = 1, REACHED = 2 };

static void mark_held(const tare_graph *graph, uint8_t *marks)
{
    for (uint32_t source = 1; source < graph->count; source++)
        for (uint32_t at = graph->first[source]; at < graph->first[source + 1]; at++)
            if (graph->targets[at] != source)
                marks[graph->targets[at]] |= HELD;
}

/* stack: those that are reached and whose references were not looked at. */
static void mark_reached(const tare_graph *graph, uint32_t from, uint8_t *marks, uint32_t *stack)
{
    uint32_t depth = 0;
    stack[depth++] = from;
    marks[from] |= REACHED;
    while (depth > 0) {
        uint32_t node = stack[--depth];
        for (uint32_t at = graph->first[node]; at < graph->first[node + 1]; at++) {
            uint32_t target = graph->targets[at];
            if ((marks[target] & REACHED) == 0)
                stack[depth++] = target;
            marks[target] |= REACHED;
        }
    }
}

/* Of node 0's: those not reached, and, when not_held, not held either. */
static void take_heads(const tare_graph *graph, bool not_held, uint8_t *marks, uint32_t *stack,
                       uint32_t *out, uint32_t *count)
{
    for (uint32_t at = graph->first[0]; at < graph->first[1]; at++) {
        uint32_t node = graph->targets[at];
        if ((marks[node] & REACHED) != 0 || (not_held && (marks[node] & HELD) != 0))
            continue;
        out[(*count)++] = node;
        mark_reached(graph, node, marks, stack);
    }
}

tare_status tare_graph_heads(const tare_graph *graph, uint32_t *out, uint32_t *count_out,
                             tare_error *err)
{
    void *marks = NULL, *stack = NULL;
    *count_out = 0;
    TARE_TRY(tare_acquire(graph->alloc, &marks, graph->count, 1, err));
    tare_status status = tare_acquire(graph->alloc, &stack, graph->count, sizeof(uint32_t), err);
    if (status == TARE_OK && graph->count > 0) {
        mark_held(graph, marks);
        take_heads(graph, true, marks, stack, out, count_out);
        take_heads(graph, false, marks, stack, out, count_out);
    }
    tare_release(graph->alloc, stack, graph->count, sizeof(uint32_t));
    tare_release(graph->alloc, marks, graph->count, 1);
    return status;
}
