/* edges.c - functions and pairs as a file names them, then made to agree.
 *
 *     functions    own, calls, ...  inclusive       amounts lie side by side in one array,
 *     edges        own, calls, ...  inclusive       amount_count for each
 *
 *     f: 10 calls, own 100        main -> f: 6 calls, own 70    g -> f: 3 calls, own 20
 *                                 so 1 call and 10 were nobody's: f is a root too
 *
 * A file's numbers are rounded and may be wrong. The function's are the truth: where the pairs
 * say more, or account for all calls but not all time, they are scaled to it, exactly.
 *
 * Cycles are found as strongly connected components (Tarjan), with a stack instead of recursion.
 * Cost: O(functions + edges log edges). */
#include "io/edges.h"

#include "io/edges_settle.h"
#include "io/share.h"

#include <string.h>

/* ---- adding ---- */

void tare_edges_deinit(tare_edges *edges)
{
    const tare_alloc *alloc = edges->alloc;
    tare_release(alloc, edges->functions, edges->function_capacity, sizeof *edges->functions);
    tare_release(alloc, edges->function_amounts, edges->function_amounts_capacity,
                 sizeof(uint64_t));
    tare_release(alloc, edges->edges, edges->edge_capacity, sizeof *edges->edges);
    tare_release(alloc, edges->edge_amounts, edges->edge_amounts_capacity, sizeof(uint64_t));
    tare_map_deinit(&edges->function_by_id, alloc);
    tare_map_deinit(&edges->edge_by_pair, alloc);
    *edges = (tare_edges){.alloc = alloc, .amount_count = edges->amount_count};
}

uint64_t *tare_edges_function_amounts(const tare_edges *edges, uint32_t index)
{
    return &edges->function_amounts[(size_t)index * edges->amount_count];
}

uint64_t *tare_edges_pair_amounts(const tare_edges *edges, uint32_t edge)
{
    return &edges->edge_amounts[(size_t)edge * edges->amount_count];
}

void tare_edges_raise(uint64_t *sum, uint64_t amount)
{
    uint64_t most = INT64_MAX;
    *sum = *sum < most && amount < most - *sum ? *sum + amount : most;
}

tare_status tare_edges_function(tare_edges *edges, uint32_t function, uint32_t *index_out,
                                tare_error *err)
{
    *index_out = tare_map_get(&edges->function_by_id, function);
    if (*index_out != TARE_MAP_ABSENT)
        return TARE_OK;
    uint32_t index = edges->function_count;
    void    *memory = edges->functions;
    TARE_TRY(tare_grow(edges->alloc, &memory, &edges->function_capacity, index + (size_t)1,
                       sizeof *edges->functions, err));
    edges->functions = memory;
    memory = edges->function_amounts;
    TARE_TRY(tare_grow(edges->alloc, &memory, &edges->function_amounts_capacity,
                       (index + (size_t)1) * edges->amount_count, sizeof(uint64_t), err));
    edges->function_amounts = memory;
    TARE_TRY(tare_map_put(&edges->function_by_id, function, index, edges->alloc, err));
    edges->functions[index] = (tare_edge_function){.function = function};
    memset(tare_edges_function_amounts(edges, index), 0, edges->amount_count * sizeof(uint64_t));
    *index_out = edges->function_count++;
    return TARE_OK;
}

tare_status tare_edges_pair(tare_edges *edges, uint32_t caller, uint32_t callee, uint32_t *edge_out,
                            tare_error *err)
{
    uint64_t key = tare_pack(caller, callee);
    *edge_out = tare_map_get(&edges->edge_by_pair, key);
    if (*edge_out != TARE_MAP_ABSENT)
        return TARE_OK;
    uint32_t edge = edges->edge_count;
    void    *memory = edges->edges;
    TARE_TRY(tare_grow(edges->alloc, &memory, &edges->edge_capacity, edge + (size_t)1,
                       sizeof *edges->edges, err));
    edges->edges = memory;
    memory = edges->edge_amounts;
    TARE_TRY(tare_grow(edges->alloc, &memory, &edges->edge_amounts_capacity,
                       (edge + (size_t)1) * edges->amount_count, sizeof(uint64_t), err));
    edges->edge_amounts = memory;
    TARE_TRY(tare_map_put(&edges->edge_by_pair, key, edge, edges->alloc, err));
    edges->edges[edge] = (tare_call_edge){.caller = caller, .callee = callee};
    memset(tare_edges_pair_amounts(edges, edge), 0, edges->amount_count * sizeof(uint64_t));
    *edge_out = edges->edge_count++;
    return TARE_OK;
}

/* ---- who calls whom ---- */

/* Ids of edges by callee, or by caller; each function's stand together. */
static void sort_edges(tare_edge_graph *graph, bool by_callee)
{
    const tare_edges *edges = graph->edges;
    uint32_t          at = 0;
    for (uint32_t id = 0; id < edges->edge_count; id++) {
        const tare_call_edge *edge = &edges->edges[id];
        if (by_callee)
            graph->places[edge->callee].in_count++;
        else
            graph->places[edge->caller].out_count++;
    }
    for (uint32_t index = 0; index < edges->function_count; index++) {
        tare_edge_place *place = &graph->places[index];
        *(by_callee ? &place->first_in : &place->first_out) = at;
        at += by_callee ? place->in_count : place->out_count;
    }
    for (uint32_t id = 0; id < edges->edge_count; id++) {
        const tare_call_edge *edge = &edges->edges[id];
        if (by_callee)
            graph->in[graph->places[edge->callee].first_in++] = id;
        else
            graph->out[graph->places[edge->caller].first_out++] = id;
    }
    for (uint32_t index = 0; index < edges->function_count; index++) {
        tare_edge_place *place = &graph->places[index];
        if (by_callee)
            place->first_in -= place->in_count;
        else
            place->first_out -= place->out_count;
    }
}

/* ---- cycles ---- */

typedef struct components {
    const tare_edge_graph *graph;
    uint32_t              *order; /* by function: when it was met, from 1; 0 = not yet */
    uint32_t              *low;   /* the earliest still open that it leads to */
    uint32_t              *of;    /* its component, from 1; 0 = still open */
    uint32_t              *next;  /* which of its edges comes next */
    uint32_t              *path;  /* functions being looked at, outermost first */
    uint32_t              *open;  /* functions met and in no component yet */
    uint32_t               path_count, open_count, met_count, component_count;
} components;

static void meet(components *c, uint32_t index)
{
    c->order[index] = c->low[index] = ++c->met_count;
    c->path[c->path_count++] = index;
    c->open[c->open_count++] = index;
}

static void close_component(components *c, uint32_t index)
{
    uint32_t member;
    c->component_count++;
    do {
        member = c->open[--c->open_count];
        c->of[member] = c->component_count;
    } while (member != index);
}

static void lower(components *c, uint32_t index, uint32_t order)
{
    if (order < c->low[index])
        c->low[index] = order;
}

static void step(components *c)
{
    uint32_t               index = c->path[c->path_count - 1];
    const tare_edge_place *place = &c->graph->places[index];
    if (c->next[index] < place->out_count) {
        uint32_t id = c->graph->out[place->first_out + c->next[index]++];
        uint32_t callee = c->graph->edges->edges[id].callee;
        if (c->order[callee] == 0)
            meet(c, callee);
        else if (c->of[callee] == 0)
            lower(c, index, c->order[callee]);
        return;
    }
    c->path_count--;
    if (c->low[index] == c->order[index])
        close_component(c, index);
    if (c->path_count > 0)
        lower(c, c->path[c->path_count - 1], c->low[index]);
}

/* ---- amounts of pairs against those of functions ---- */

/* One amount of all edges to a function, scaled to add up to total. */
static tare_status scale_edges(tare_edge_graph *graph, uint32_t index, uint32_t which,
                               uint64_t total, const double *weights, tare_error *err)
{
    const tare_edge_place *place = &graph->places[index];
    const tare_alloc      *alloc = graph->edges->alloc;
    void                  *memory;
    TARE_TRY(tare_acquire(alloc, &memory, place->in_count, sizeof(uint64_t), err));
    uint64_t   *parts = memory;
    tare_status status = tare_share_out(total, weights, place->in_count, parts, alloc, err);
    for (uint32_t i = 0; i < place->in_count && status == TARE_OK; i++) {
        uint32_t id = graph->in[place->first_in + i];
        tare_edges_pair_amounts(graph->edges, id)[which] = parts[i];
    }
    tare_release(alloc, parts, place->in_count, sizeof *parts);
    return status;
}

static uint64_t sum_edges(const tare_edge_graph *graph, uint32_t index, uint32_t which)
{
    const tare_edge_place *place = &graph->places[index];
    uint64_t               sum = 0;
    for (uint32_t i = 0; i < place->in_count; i++)
        tare_edges_raise(
            &sum, tare_edges_pair_amounts(graph->edges, graph->in[place->first_in + i])[which]);
    return sum;
}

static bool any_edge(const tare_edge_graph *graph, const tare_edge_place *place, uint32_t which)
{
    for (uint32_t i = 0; i < place->in_count; i++) {
        uint32_t id = graph->in[place->first_in + i];
        if (tare_edges_pair_amounts(graph->edges, id)[which] > 0)
            return true;
    }
    return false;
}

/* By what the edges to a function share its amount: by the amount itself where the file has it;
 * else by cumulative time, or by calls. */
static void weigh_edges(const tare_edge_graph *graph, const tare_edge_place *place, uint32_t which,
                        double *weights)
{
    const tare_edges *edges = graph->edges;
    bool              known = any_edge(graph, place, which);
    bool              inclusive = true;
    for (uint32_t i = 0; i < place->in_count; i++) {
        const tare_call_edge *edge = &edges->edges[graph->in[place->first_in + i]];
        known = known && (which != TARE_EDGES_OWN || edge->own_known);
        inclusive = inclusive && edge->inclusive_known && edge->inclusive > 0;
    }
    for (uint32_t i = 0; i < place->in_count; i++) {
        uint32_t        id = graph->in[place->first_in + i];
        const uint64_t *amounts = tare_edges_pair_amounts(edges, id);
        if (known)
            weights[i] = (double)amounts[which];
        else
            weights[i] = inclusive && which != TARE_EDGES_CALLS ? (double)edges->edges[id].inclusive
                                                                : (double)amounts[TARE_EDGES_CALLS];
    }
}

/* Which part of a function's amount its callers account for. */
static uint64_t find_accounted(const tare_edge_graph *graph, uint32_t index, uint32_t which,
                               uint64_t calls_accounted)
{
    const tare_edges      *edges = graph->edges;
    const uint64_t        *amounts = tare_edges_function_amounts(edges, index);
    const tare_edge_place *place = &graph->places[index];
    uint64_t               sum = sum_edges(graph, index, which);
    uint64_t               total = amounts[which], calls = amounts[TARE_EDGES_CALLS];
    if (which == TARE_EDGES_CALLS)
        return sum < total ? sum : total;
    if (calls_accounted >= calls)
        return total; /* what is missing was lost by rounding */
    bool known = which == TARE_EDGES_OWN && edges->edges[graph->in[place->first_in]].own_known;
    if (!known)
        sum = (uint64_t)((double)total * (double)calls_accounted / (double)calls);
    return sum < total ? sum : total; /* doubles round numbers above 2^53 up, too */
}

static tare_status settle_amount(tare_edge_graph *graph, uint32_t index, uint32_t which,
                                 uint64_t calls_accounted, tare_error *err)
{
    const tare_edge_place *place = &graph->places[index];
    const tare_alloc      *alloc = graph->edges->alloc;
    size_t                 at = (size_t)index * graph->edges->amount_count + which;
    uint64_t               total = tare_edges_function_amounts(graph->edges, index)[which];
    graph->root_amounts[at] = total;
    if (place->in_count == 0)
        return TARE_OK;
    uint64_t accounted = find_accounted(graph, index, which, calls_accounted);
    void    *memory;
    TARE_TRY(tare_acquire(alloc, &memory, place->in_count, sizeof(double), err));
    double *weights = memory;
    weigh_edges(graph, place, which, weights);
    tare_status status = scale_edges(graph, index, which, accounted, weights, err);
    tare_release(alloc, weights, place->in_count, sizeof *weights);
    graph->root_amounts[at] = total - accounted;
    return status;
}

/* Calls first: they say whether anything is nobody's. */
static tare_status settle_function(tare_edge_graph *graph, uint32_t index, tare_error *err)
{
    const tare_edges *edges = graph->edges;
    TARE_TRY(settle_amount(graph, index, TARE_EDGES_CALLS, 0, err));
    uint64_t calls = tare_edges_function_amounts(edges, index)[TARE_EDGES_CALLS];
    size_t   at = (size_t)index * edges->amount_count;
    uint64_t accounted = calls - graph->root_amounts[at + TARE_EDGES_CALLS];
    TARE_TRY(settle_amount(graph, index, TARE_EDGES_OWN, accounted, err));
    for (uint32_t which = TARE_EDGES_MORE; which < edges->amount_count; which++)
        TARE_TRY(settle_amount(graph, index, which, accounted, err));
    return TARE_OK;
}

/* ---- weights ---- */

static double above_zero(double value)
{
    return value > 0 ? value : 0;
}

/* The cumulative time of an edge, or what its calls make of the function's. */
static double find_inclusive(const tare_edges *edges, uint32_t id)
{
    const tare_call_edge *edge = &edges->edges[id];
    if (edge->inclusive_known)
        return (double)edge->inclusive;
    const uint64_t *amounts = tare_edges_function_amounts(edges, edge->callee);
    double          calls = (double)amounts[TARE_EDGES_CALLS];
    double          part = (double)tare_edges_pair_amounts(edges, id)[TARE_EDGES_CALLS];
    return calls > 0 ? (double)edges->functions[edge->callee].inclusive * part / calls : 0;
}

/* What the callees of a function took when nobody called it. */
static double weigh_root(const tare_edge_graph *graph, uint32_t index, double edges_sum)
{
    const tare_edge_function *function = &graph->edges->functions[index];
    const tare_edge_place    *place = &graph->places[index];
    const uint64_t *amounts = &graph->root_amounts[(size_t)index * graph->edges->amount_count];
    double          inclusive = (double)function->inclusive - (double)amounts[TARE_EDGES_OWN];
    double          primitive = (double)function->primitive_calls;
    double          calls = (double)amounts[TARE_EDGES_CALLS];
    bool            is_all = calls >= primitive || calls == 0; /* 0: the chosen entry of a cycle */
    if (place->in_count == 0 || (place->recursive && is_all))
        return above_zero(inclusive);
    return above_zero(place->recursive ? inclusive * calls / primitive : inclusive - edges_sum);
}

/* Where nothing that the function called took time, its calls stand for it. */
static void weigh_by_calls(tare_edge_graph *graph, uint32_t index)
{
    tare_edge_place *place = &graph->places[index];
    size_t           at = (size_t)index * graph->edges->amount_count + TARE_EDGES_CALLS;
    double           calls = (double)graph->root_amounts[at];
    place->root_weight = place->is_root ? (calls > 0 ? calls : 1) : 0;
    place->weight_sum = place->root_weight;
    for (uint32_t i = 0; i < place->in_count; i++) {
        uint32_t id = graph->in[place->first_in + i];
        graph->weights[id] = (double)tare_edges_pair_amounts(graph->edges, id)[TARE_EDGES_CALLS];
        place->weight_sum += graph->weights[id];
    }
}

static void weigh_function(tare_edge_graph *graph, uint32_t index)
{
    tare_edge_place *place = &graph->places[index];
    double           edges_sum = 0;
    place->weight_sum = 0;
    for (uint32_t i = 0; i < place->in_count; i++) {
        uint32_t id = graph->in[place->first_in + i];
        double   own = (double)tare_edges_pair_amounts(graph->edges, id)[TARE_EDGES_OWN];
        double   inclusive = find_inclusive(graph->edges, id);
        edges_sum += inclusive;
        graph->weights[id] = above_zero(inclusive - own);
        place->weight_sum += graph->weights[id];
    }
    place->root_weight = place->is_root ? weigh_root(graph, index, edges_sum) : 0;
    place->weight_sum += place->root_weight;
    if (!(place->weight_sum > 0))
        weigh_by_calls(graph, index);
}

/* ---- roots ---- */

static bool is_entered(const tare_edge_graph *graph, uint32_t index)
{
    size_t at = (size_t)index * graph->edges->amount_count + TARE_EDGES_CALLS;
    return graph->places[index].in_count == 0 || graph->root_amounts[at] > 0;
}

/* For each component: whether something leads into it, and else its best member + 1. */
static void find_entries(tare_edge_graph *graph, const uint32_t *component_of, bool *entered,
                         uint32_t *best)
{
    const tare_edges *edges = graph->edges;
    for (uint32_t id = 0; id < edges->edge_count; id++) {
        const tare_call_edge *edge = &edges->edges[id];
        uint32_t              component = component_of[edge->callee];
        if (component_of[edge->caller] == component)
            graph->places[edge->callee].recursive = true;
        else
            entered[component] = true;
    }
    for (uint32_t index = 0; index < edges->function_count; index++) {
        uint32_t component = component_of[index];
        graph->places[index].is_root = is_entered(graph, index);
        if (graph->places[index].is_root)
            entered[component] = true;
        uint32_t *member = &best[component];
        if (*member == 0 ||
            edges->functions[index].inclusive > edges->functions[*member - 1].inclusive)
            *member = index + 1;
    }
}

static tare_status find_roots(tare_edge_graph *graph, const components *c, tare_error *err)
{
    const tare_alloc *alloc = graph->edges->alloc;
    size_t            count = c->component_count + (size_t)1;
    void             *entered, *best;
    TARE_TRY(tare_acquire(alloc, &entered, count, sizeof(bool), err));
    tare_status status = tare_acquire(alloc, &best, count, sizeof(uint32_t), err);
    if (status == TARE_OK) {
        find_entries(graph, c->of, entered, best);
        for (uint32_t component = 1; component < count; component++) {
            if (!((bool *)entered)[component])
                graph->places[((uint32_t *)best)[component] - 1].is_root = true;
        }
        tare_release(alloc, best, count, sizeof(uint32_t));
    }
    tare_release(alloc, entered, count, sizeof(bool));
    return status;
}

static tare_status find_components(tare_edge_graph *graph, tare_error *err)
{
    enum { ARRAYS = 6 };

    uint32_t          count = graph->edges->function_count;
    const tare_alloc *alloc = graph->edges->alloc;
    void             *memory;
    TARE_TRY(tare_acquire(alloc, &memory, (size_t)count * ARRAYS, sizeof(uint32_t), err));
    uint32_t  *part = memory;
    size_t     size = count;
    components c = {.graph = graph,
                    .order = part,
                    .low = part + size,
                    .of = part + 2 * size,
                    .next = part + 3 * size,
                    .path = part + 4 * size,
                    .open = part + 5 * size};
    for (uint32_t index = 0; index < count; index++) {
        if (c.order[index] == 0)
            meet(&c, index);
        while (c.path_count > 0)
            step(&c);
    }
    tare_status status = find_roots(graph, &c, err);
    tare_release(alloc, memory, (size_t)count * ARRAYS, sizeof(uint32_t));
    return status;
}

/* ---- the whole ---- */

static tare_status acquire_graph(tare_edge_graph *graph, tare_error *err)
{
    const tare_edges *edges = graph->edges;
    const tare_alloc *alloc = edges->alloc;
    void             *memory;
    TARE_TRY(tare_acquire(alloc, &memory, edges->function_count, sizeof *graph->places, err));
    graph->places = memory;
    TARE_TRY(tare_acquire(alloc, &memory, edges->edge_count, sizeof *graph->in, err));
    graph->in = memory;
    TARE_TRY(tare_acquire(alloc, &memory, edges->edge_count, sizeof *graph->out, err));
    graph->out = memory;
    TARE_TRY(tare_acquire(alloc, &memory, edges->edge_count, sizeof *graph->weights, err));
    graph->weights = memory;
    TARE_TRY(tare_acquire(alloc, &memory, (size_t)edges->function_count * edges->amount_count,
                          sizeof *graph->root_amounts, err));
    graph->root_amounts = memory;
    return TARE_OK;
}

tare_status tare_edge_graph_init(tare_edge_graph *graph, tare_edges *edges, tare_error *err)
{
    *graph = (tare_edge_graph){.edges = edges};
    TARE_TRY(acquire_graph(graph, err));
    sort_edges(graph, true);
    sort_edges(graph, false);
    for (uint32_t index = 0; index < edges->function_count; index++)
        TARE_TRY(settle_function(graph, index, err));
    TARE_TRY(find_components(graph, err));
    for (uint32_t index = 0; index < edges->function_count; index++)
        weigh_function(graph, index);
    return TARE_OK;
}

void tare_edge_graph_deinit(tare_edge_graph *graph)
{
    if (graph->edges == NULL)
        return;
    const tare_edges *edges = graph->edges;
    const tare_alloc *alloc = edges->alloc;
    tare_release(alloc, graph->places, edges->function_count, sizeof *graph->places);
    tare_release(alloc, graph->in, edges->edge_count, sizeof *graph->in);
    tare_release(alloc, graph->out, edges->edge_count, sizeof *graph->out);
    tare_release(alloc, graph->weights, edges->edge_count, sizeof *graph->weights);
    tare_release(alloc, graph->root_amounts, (size_t)edges->function_count * edges->amount_count,
                 sizeof *graph->root_amounts);
    *graph = (tare_edge_graph){0};
}
