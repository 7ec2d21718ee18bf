/* edges_tree.c - contexts, what each gets, and the nodes for them.
 *
 *     contexts   main   main.a   main.b   main.a.f   main.b.f       a parent before its children
 *     share      1      1        1        1/4        3/4            of what the function called
 *
 *     1. expand     the waiting context with most time first, what is known before guesses: a heap
 *     2. divide     each amount of each pair among the contexts made from it, exactly
 *     3. write      nodes for contexts that got something or lead to one that did
 *
 * The shares of a function's contexts add up to 1 when all of them were made. Those of an edge
 * then divide all of the edge's amounts; else the part that is missing goes to the function's node
 * below "(path not known)".
 *
 * An exact context or one at the root is the only one of its function, so there are as many as
 * functions at most; all others take from `room`, certain or guessed: a file whose numbers
 * contradict one another could make any path certain.
 *
 * Cost: O(functions + edges + contexts log contexts), and MAX_STEPS; 80 bytes per context and 8 for
 * each amount. */
#include "io/edges.h"

#include "io/edges_settle.h"
#include "io/decimal.h"
#include "io/share.h"

#include <string.h>

#define ALL_SHARES (1 - 1e-9) /* so much of 1 is 1 but for rounding */
#define CERTAIN 0.1           /* of a pair's time: more than clocks and rounding may be off by */

/* Pairs looked at below contexts, and contexts passed on the way up: a function with many callees
 * may have many contexts, each of which gets next to nothing. */
enum { MAX_STEPS = 100000000 };

typedef struct edge_context {
    uint32_t parent; /* context, TARE_NONE at the root */
    uint32_t function;
    uint32_t edge; /* that it was made from; TARE_NONE at the root */
    uint32_t depth;
    uint32_t node;  /* in the profile; 0 = none */
    bool     exact; /* every path to the function is this one */
    bool     known; /* exact, or the file leaves no other place for CERTAIN of its time */
    bool     needed;
    double   share; /* of what the function called in all its contexts */
    double   cut;   /* what the calls took that could be made here and are not */
    uint64_t least; /* of its time, with all it called: what it surely took here */
} edge_context;

typedef struct edge_tree {
    const tare_edges *edges;
    tare_edge_graph   graph;
    tare_imported    *im;
    bool              is_time;
    const uint32_t   *metrics;
    uint64_t          whole;    /* sum of all own costs */
    edge_context     *contexts; /* owned */
    uint32_t          count;
    uint32_t          capacity;
    uint32_t          room;       /* for contexts that are neither exact nor at the root */
    uint32_t          steps_left; /* of MAX_STEPS */
    uint64_t         *nested;     /* owned; by function: its calls' time within cycles */
    uint32_t         *heap;       /* owned; contexts that wait, the largest first */
    uint32_t          heap_count;
    uint32_t          heap_capacity;
    uint64_t         *amounts; /* owned; by context */
    uint64_t         *unknown; /* owned; by function: below "(path not known)" */
    uint32_t          unknown_node;
} edge_tree;

/* ---- the heap ---- */

/* What the callees of a context take. */
static double find_weight(const edge_tree *tree, uint32_t id)
{
    const edge_context *context = &tree->contexts[id];
    return context->share * tree->graph.places[context->function].weight_sum;
}

static bool comes_before(const edge_tree *tree, uint32_t left, uint32_t right)
{
    double left_weight = find_weight(tree, left), right_weight = find_weight(tree, right);
    if (tree->contexts[left].known != tree->contexts[right].known)
        return tree->contexts[left].known;
    return left_weight != right_weight ? left_weight > right_weight : left < right;
}

static tare_status push_waiting(edge_tree *tree, uint32_t id)
{
    void *memory = tree->heap;
    TARE_TRY(tare_grow(tree->edges->alloc, &memory, &tree->heap_capacity,
                       tree->heap_count + (size_t)1, sizeof *tree->heap, tree->im->err));
    tree->heap = memory;
    uint32_t at = tree->heap_count++;
    for (; at > 0 && comes_before(tree, id, tree->heap[(at - 1) / 2]); at = (at - 1) / 2)
        tree->heap[at] = tree->heap[(at - 1) / 2];
    tree->heap[at] = id;
    return TARE_OK;
}

static uint32_t pop_waiting(edge_tree *tree)
{
    uint32_t first = tree->heap[0];
    uint32_t last = tree->heap[--tree->heap_count];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= tree->heap_count)
            break;
        if (child + 1 < tree->heap_count &&
            comes_before(tree, tree->heap[child + 1], tree->heap[child]))
            child++;
        if (!comes_before(tree, tree->heap[child], last))
            break;
        tree->heap[at] = tree->heap[child];
        at = child;
    }
    tree->heap[at] = last;
    return first;
}

/* ---- 1. contexts ---- */

static tare_status add_context(edge_tree *tree, edge_context context)
{
    void *memory = tree->contexts;
    TARE_TRY(tare_grow(tree->edges->alloc, &memory, &tree->capacity, tree->count + (size_t)1,
                       sizeof *tree->contexts, tree->im->err));
    tree->contexts = memory;
    tree->contexts[tree->count] = context;
    tree->room -= !context.exact && context.parent != TARE_NONE;
    bool     calls = tree->graph.places[context.function].out_count > 0 && context.share > 0;
    uint32_t id = tree->count++;
    return calls ? push_waiting(tree, id) : TARE_OK;
}

static uint64_t above_zero(uint64_t amount, uint64_t less)
{
    return amount > less ? amount - less : 0;
}

/* With all that was called: what callers account for. */
static uint64_t sum_inclusive(const edge_tree *tree, uint32_t index)
{
    const tare_edge_place *place = &tree->graph.places[index];
    uint64_t               sum = 0;
    for (uint32_t i = 0; i < place->in_count; i++)
        tare_edges_raise(&sum, tree->edges->edges[tree->graph.in[place->first_in + i]].inclusive);
    return sum;
}

/* What callers account for that may be within another call of the function. */
static tare_status find_nested(edge_tree *tree)
{
    const tare_edges *edges = tree->edges;
    void             *memory;
    TARE_TRY(tare_acquire(edges->alloc, &memory, edges->function_count, sizeof(uint64_t),
                          tree->im->err));
    tree->nested = memory;
    for (uint32_t id = 0; id < edges->edge_count; id++) {
        const tare_call_edge *edge = &edges->edges[id];
        if (tree->graph.places[edge->caller].recursive &&
            tree->graph.places[edge->callee].recursive)
            tare_edges_raise(&tree->nested[edge->callee], edge->inclusive);
    }
    return TARE_OK;
}

static bool is_certain(uint64_t least, uint64_t of)
{
    return least > 0 && (double)least >= CERTAIN * (double)of;
}

static void take_steps(edge_tree *tree, uint32_t count)
{
    tree->steps_left -= count < tree->steps_left ? count : tree->steps_left;
}

/* Of a function on a cycle: none stands above an exact context. */
static bool stands_above(edge_tree *tree, uint32_t context, uint32_t function)
{
    uint32_t steps = 0;
    for (; context != TARE_NONE && !tree->contexts[context].exact; steps++) {
        if (tree->contexts[context].function == function)
            break;
        context = tree->contexts[context].parent;
    }
    take_steps(tree, steps);
    return context != TARE_NONE && tree->contexts[context].function == function;
}

/* What the callee of the edge surely took when this context called it. It took the pair's time but
 * for what the caller's other contexts have room for: the caller's time elsewhere, and that of its
 * calls within others of its own. */
static uint64_t find_least(edge_tree *tree, uint32_t id, uint32_t edge)
{
    const edge_context *context = &tree->contexts[id];
    const tare_edges   *edges = tree->edges;
    uint32_t            callee = edges->edges[edge].callee;
    if (context->least == 0 || !edges->edges[edge].inclusive_known)
        return 0;
    uint64_t elsewhere = above_zero(edges->functions[context->function].inclusive, context->least);
    tare_edges_raise(&elsewhere, tree->nested[context->function]);
    uint64_t least = above_zero(edges->edges[edge].inclusive, elsewhere);
    bool     recurs = least > 0 && tree->graph.places[callee].recursive &&
                  stands_above(tree, id, callee);
    return recurs ? 0 : least;
}

static tare_status add_roots(edge_tree *tree)
{
    for (uint32_t index = 0; index < tree->edges->function_count; index++) {
        const tare_edge_place *place = &tree->graph.places[index];
        if (!place->is_root)
            continue;
        double   sum = place->weight_sum;
        bool     exact = place->in_count == 0;
        uint64_t inclusive = tree->edges->functions[index].inclusive;
        uint64_t least = above_zero(inclusive, sum_inclusive(tree, index));
        TARE_TRY(add_context(tree, (edge_context){
                                       .parent = TARE_NONE,
                                       .function = index,
                                       .edge = TARE_NONE,
                                       .exact = exact,
                                       .known = exact || is_certain(least, inclusive),
                                       .share = sum > 0 ? place->root_weight / sum : 0,
                                       .least = least,
                                   }));
    }
    return TARE_OK;
}

/* Does the function of the context stand on the path to it as well? */
static bool recurs(edge_tree *tree, uint32_t id)
{
    const edge_context *context = &tree->contexts[id];
    return tree->graph.places[context->function].recursive &&
           stands_above(tree, context->parent, context->function);
}

/* May it have children that are not the only context of their function? All of them, or none. */
static bool may_guess(edge_tree *tree, uint32_t id)
{
    const edge_context *context = &tree->contexts[id];
    uint32_t            children = tree->graph.places[context->function].out_count;
    if (context->depth >= TARE_EDGES_MAX_DEPTH || children > tree->room ||
        children > tree->steps_left)
        return false;
    return context->known || find_weight(tree, id) >= TARE_EDGES_CUT * (double)tree->whole ||
           !recurs(tree, id);
}

/* What the callee took, with all that it called, when a context with that share called it. */
static double find_cost(const edge_tree *tree, double share, uint32_t edge)
{
    double inclusive = (double)tree->edges->edges[edge].inclusive;
    double own = (double)tare_edges_pair_amounts(tree->edges, edge)[TARE_EDGES_OWN];
    double cost = own + tree->graph.weights[edge];
    return share * (cost > inclusive ? cost : inclusive);
}

static edge_context make_child(edge_tree *tree, uint32_t id, uint32_t edge)
{
    const edge_context    *parent = &tree->contexts[id];
    const tare_call_edge  *pair = &tree->edges->edges[edge];
    const tare_edge_place *place = &tree->graph.places[pair->callee];
    double                 sum = place->weight_sum;
    bool                   alone = place->in_count == 1 && !place->is_root && !place->recursive;
    bool                   exact = parent->exact && alone;
    uint64_t               least = find_least(tree, id, edge);
    return (edge_context){
        .parent = id,
        .function = pair->callee,
        .edge = edge,
        .depth = parent->depth + 1,
        .exact = exact,
        .known = exact || is_certain(least, pair->inclusive),
        .share = sum > 0 ? parent->share * (tree->graph.weights[edge] / sum) : 0,
        .least = least,
    };
}

static tare_status expand(edge_tree *tree, uint32_t id)
{
    const tare_edge_place *caller = &tree->graph.places[tree->contexts[id].function];
    bool                   guesses = may_guess(tree, id);
    if (!guesses && !tree->contexts[id].exact) {
        tree->contexts[id].cut = find_weight(tree, id);
        return TARE_OK;
    }
    take_steps(tree, caller->out_count);
    for (uint32_t i = 0; i < caller->out_count; i++) {
        uint32_t     edge = tree->graph.out[caller->first_out + i];
        edge_context child = make_child(tree, id, edge);
        double       cost = find_cost(tree, tree->contexts[id].share, edge);
        if (!child.known && cost < TARE_EDGES_LEAST * (double)tree->whole)
            continue; /* so small a guess that room is better kept for others */
        if (child.exact || guesses)
            TARE_TRY(add_context(tree, child));
        else
            tree->contexts[id].cut += cost;
    }
    return TARE_OK;
}

static tare_status expand_all(edge_tree *tree)
{
    tree->room = TARE_EDGES_MAX_NODES;
    tree->steps_left = MAX_STEPS;
    TARE_TRY(find_nested(tree));
    TARE_TRY(add_roots(tree));
    while (tree->heap_count > 0)
        TARE_TRY(expand(tree, pop_waiting(tree)));
    return TARE_OK;
}

/* ---- 2. amounts ---- */

static uint64_t *amounts_of(const edge_tree *tree, uint32_t context)
{
    return &tree->amounts[(size_t)context * tree->edges->amount_count];
}

static void give_roots(edge_tree *tree)
{
    uint32_t amount_count = tree->edges->amount_count;
    for (uint32_t id = 0; id < tree->count && tree->contexts[id].edge == TARE_NONE; id++) {
        size_t at = (size_t)tree->contexts[id].function * amount_count;
        memcpy(amounts_of(tree, id), &tree->graph.root_amounts[at],
               amount_count * sizeof(uint64_t));
    }
}

/* One pair: members are the contexts made from it; weights and parts have room for one more. */
static tare_status divide_edge(edge_tree *tree, uint32_t edge, const uint32_t *members,
                               uint32_t count, double *weights, uint64_t *parts)
{
    const tare_edges *edges = tree->edges;
    double            sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        weights[i] = tree->contexts[tree->contexts[members[i]].parent].share;
        sum += weights[i];
    }
    uint32_t part_count = count;
    if (sum < ALL_SHARES)
        weights[part_count++] = 1 - sum;
    for (uint32_t which = 0; which < edges->amount_count; which++) {
        uint64_t total = tare_edges_pair_amounts(edges, edge)[which];
        if (total == 0)
            continue;
        TARE_TRY(tare_share_out(total, weights, part_count, parts, edges->alloc, tree->im->err));
        for (uint32_t i = 0; i < count; i++)
            amounts_of(tree, members[i])[which] = parts[i];
        size_t unknown = (size_t)edges->edges[edge].callee * edges->amount_count + which;
        if (part_count > count)
            tree->unknown[unknown] += parts[count];
    }
    return TARE_OK;
}

/* first[e] .. first[e + 1] - 1: places in members of the contexts that edge e made. */
static void sort_members(const edge_tree *tree, uint32_t *first, uint32_t *members)
{
    uint32_t edge_count = tree->edges->edge_count;
    for (uint32_t id = 0; id < tree->count; id++) {
        if (tree->contexts[id].edge != TARE_NONE)
            first[tree->contexts[id].edge + 1]++;
    }
    for (uint32_t edge = 0; edge < edge_count; edge++)
        first[edge + 1] += first[edge];
    for (uint32_t id = 0; id < tree->count; id++) {
        if (tree->contexts[id].edge != TARE_NONE)
            members[first[tree->contexts[id].edge]++] = id;
    }
    for (uint32_t edge = edge_count; edge > 0; edge--)
        first[edge] = first[edge - 1];
    first[0] = 0;
}

typedef struct division {
    uint32_t *first;   /* edge_count + 1 */
    uint32_t *members; /* count + 1 */
    double   *weights; /* likewise */
    uint64_t *parts;   /* likewise */
} division;

static tare_status divide_all(edge_tree *tree, division *d)
{
    uint32_t          edge_count = tree->edges->edge_count;
    size_t            count = tree->count + (size_t)1;
    const tare_alloc *alloc = tree->edges->alloc;
    tare_error       *err = tree->im->err;
    void             *memory;
    TARE_TRY(tare_acquire(alloc, &memory, edge_count + (size_t)1, sizeof *d->first, err));
    d->first = memory;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *d->members, err));
    d->members = memory;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *d->weights, err));
    d->weights = memory;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *d->parts, err));
    d->parts = memory;
    sort_members(tree, d->first, d->members);
    for (uint32_t edge = 0; edge < edge_count; edge++)
        TARE_TRY(divide_edge(tree, edge, d->members + d->first[edge],
                             d->first[edge + 1] - d->first[edge], d->weights, d->parts));
    return TARE_OK;
}

static tare_status divide(edge_tree *tree)
{
    const tare_alloc *alloc = tree->edges->alloc;
    size_t            amount_count = tree->edges->amount_count;
    size_t            count = tree->count + (size_t)1;
    void             *memory;
    TARE_TRY(
        tare_acquire(alloc, &memory, tree->count * amount_count, sizeof(uint64_t), tree->im->err));
    tree->amounts = memory;
    TARE_TRY(tare_acquire(alloc, &memory, tree->edges->function_count * amount_count,
                          sizeof(uint64_t), tree->im->err));
    tree->unknown = memory;
    give_roots(tree);
    division    d = {0};
    tare_status status = divide_all(tree, &d);
    tare_release(alloc, d.first, tree->edges->edge_count + (size_t)1, sizeof *d.first);
    tare_release(alloc, d.members, count, sizeof *d.members);
    tare_release(alloc, d.weights, count, sizeof *d.weights);
    tare_release(alloc, d.parts, count, sizeof *d.parts);
    return status;
}

/* ---- 3. nodes ---- */

static uint64_t find_unexpanded(const edge_tree *tree, uint32_t id)
{
    uint64_t cost;
    return tare_round_scaled(tree->contexts[id].cut, 1, &cost) ? cost : 0;
}

/* Backwards, children come before their parents. */
static void mark_needed(edge_tree *tree)
{
    for (uint32_t id = tree->count; id > 0; id--) {
        edge_context   *context = &tree->contexts[id - 1];
        const uint64_t *amounts = amounts_of(tree, id - 1);
        for (uint32_t which = 0; which < tree->edges->amount_count; which++)
            context->needed = context->needed || amounts[which] > 0;
        context->needed = context->needed || find_unexpanded(tree, id - 1) > 0;
        if (context->needed && context->parent != TARE_NONE)
            tree->contexts[context->parent].needed = true;
    }
}

static tare_status write_amounts(edge_tree *tree, uint32_t node, const uint64_t *amounts)
{
    tare_imported *im = tree->im;
    if (tree->is_time)
        TARE_TRY(tare_imported_time(im, node, 0, amounts[TARE_EDGES_OWN]));
    for (uint32_t which = 0; which < tree->edges->amount_count; which++) {
        if (which == TARE_EDGES_CALLS)
            TARE_TRY(tare_imported_add(im, node, 0, TARE_METRIC_calls, amounts[which]));
        else if (amounts[which] > 0 && (which != TARE_EDGES_OWN || !tree->is_time))
            TARE_TRY(tare_profile_add(im->profile, node, 0, tree->metrics[which], amounts[which],
                                      im->err));
    }
    return TARE_OK;
}

/* Cumulative time and primitive calls of the function, where it appears first. */
static tare_status write_function(edge_tree *tree, uint32_t index, uint32_t node, bool *written)
{
    const tare_edge_function *function = &tree->edges->functions[index];
    if (written[index])
        return TARE_OK;
    written[index] = true;
    if (tree->is_time)
        TARE_TRY(
            tare_imported_add(tree->im, node, 0, TARE_METRIC_inclusive_ns, function->inclusive));
    return tare_imported_add(tree->im, node, 0, TARE_METRIC_primitive_calls,
                             function->primitive_calls);
}

static tare_status mark_estimated(edge_tree *tree, uint32_t node)
{
    return tare_imported_add(tree->im, node, 0, TARE_METRIC_estimated, 1);
}

static tare_status write_unexpanded(edge_tree *tree, uint32_t id)
{
    uint64_t cost = find_unexpanded(tree, id);
    uint32_t frame, node;
    if (cost == 0)
        return TARE_OK;
    tare_profile *profile = tree->im->profile;
    TARE_TRY(tare_profile_synthetic(profile, "(not expanded)", &frame, tree->im->err));
    TARE_TRY(tare_profile_child(profile, tree->contexts[id].node, frame, &node, tree->im->err));
    TARE_TRY(mark_estimated(tree, node));
    if (!tree->is_time)
        return TARE_OK;
    return tare_imported_add(tree->im, node, 0, TARE_METRIC_unexpanded_ns, cost);
}

static tare_status write_context(edge_tree *tree, uint32_t id, bool *written)
{
    edge_context *context = &tree->contexts[id];
    uint32_t      parent = context->parent == TARE_NONE ? 0 : tree->contexts[context->parent].node;
    uint32_t      function = tree->edges->functions[context->function].function;
    if (!context->needed)
        return TARE_OK;
    TARE_TRY(tare_imported_child(tree->im, parent, function, 0, &context->node));
    TARE_TRY(write_amounts(tree, context->node, amounts_of(tree, id)));
    TARE_TRY(write_function(tree, context->function, context->node, written));
    if (!context->known)
        TARE_TRY(mark_estimated(tree, context->node));
    else if (!context->exact && tree->is_time)
        TARE_TRY(
            tare_imported_add(tree->im, context->node, 0, TARE_METRIC_certain_ns, context->least));
    return write_unexpanded(tree, id);
}

static bool has_unknown(const edge_tree *tree, uint32_t index, const bool *written)
{
    const tare_edge_function *function = &tree->edges->functions[index];
    uint32_t                  amount_count = tree->edges->amount_count;
    for (uint32_t which = 0; which < amount_count; which++) {
        if (tree->unknown[(size_t)index * amount_count + which] > 0)
            return true;
    }
    return !written[index] && (function->inclusive > 0 || function->primitive_calls > 0);
}

static tare_status write_unknown(edge_tree *tree, uint32_t index, bool *written)
{
    tare_profile *profile = tree->im->profile;
    uint32_t      frame, node;
    if (!has_unknown(tree, index, written))
        return TARE_OK;
    if (tree->unknown_node == 0) {
        TARE_TRY(tare_profile_synthetic(profile, "(path not known)", &frame, tree->im->err));
        TARE_TRY(tare_profile_child(profile, 0, frame, &tree->unknown_node, tree->im->err));
        TARE_TRY(mark_estimated(tree, tree->unknown_node));
    }
    TARE_TRY(tare_imported_child(tree->im, tree->unknown_node,
                                 tree->edges->functions[index].function, 0, &node));
    TARE_TRY(mark_estimated(tree, node));
    TARE_TRY(write_amounts(tree, node, &tree->unknown[(size_t)index * tree->edges->amount_count]));
    return write_function(tree, index, node, written);
}

static tare_status write_tree(edge_tree *tree)
{
    const tare_alloc *alloc = tree->edges->alloc;
    uint32_t          function_count = tree->edges->function_count;
    tare_status       status = TARE_OK;
    void             *memory;
    TARE_TRY(tare_acquire(alloc, &memory, function_count, sizeof(bool), tree->im->err));
    mark_needed(tree);
    for (uint32_t id = 0; id < tree->count && status == TARE_OK; id++)
        status = write_context(tree, id, memory);
    for (uint32_t index = 0; index < function_count && status == TARE_OK; index++)
        status = write_unknown(tree, index, memory);
    tare_release(alloc, memory, function_count, sizeof(bool));
    return status;
}

/* ---- the whole ---- */

static tare_status build(edge_tree *tree, tare_edges *edges)
{
    for (uint32_t index = 0; index < edges->function_count; index++)
        tare_edges_raise(&tree->whole, tare_edges_function_amounts(edges, index)[TARE_EDGES_OWN]);
    TARE_TRY(tare_edge_graph_init(&tree->graph, edges, tree->im->err));
    TARE_TRY(expand_all(tree));
    TARE_TRY(divide(tree));
    return write_tree(tree);
}

static void deinit_tree(edge_tree *tree)
{
    const tare_alloc *alloc = tree->edges->alloc;
    size_t            amount_count = tree->edges->amount_count;
    tare_edge_graph_deinit(&tree->graph);
    tare_release(alloc, tree->contexts, tree->capacity, sizeof *tree->contexts);
    tare_release(alloc, tree->nested, tree->edges->function_count, sizeof(uint64_t));
    tare_release(alloc, tree->heap, tree->heap_capacity, sizeof *tree->heap);
    tare_release(alloc, tree->amounts, tree->count * amount_count, sizeof(uint64_t));
    tare_release(alloc, tree->unknown, tree->edges->function_count * amount_count,
                 sizeof(uint64_t));
}

tare_status tare_edges_build(tare_edges *edges, tare_imported *im, bool is_time,
                             const uint32_t *metrics)
{
    edge_tree   tree = {.edges = edges, .im = im, .is_time = is_time, .metrics = metrics};
    tare_status status = build(&tree, edges);
    deinit_tree(&tree);
    return status;
}
