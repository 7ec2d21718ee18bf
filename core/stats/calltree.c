/* calltree.c - merging nodes by function, ordering them, and counting each edge once.
 *
 *     nodes        0 root, 1 main:10, 2 main:12, 3 parse:7 under 1, 4 parse:7 under 2
 *     entries      0 root, 1 main, 2 parse under 1            (parents first, as nodes are)
 *     sorted       grouped by parent, hottest first           (children = one range)
 *     rows         main, parse                                (pre-order, root left out)
 *
 * Entries are made in node order, so an entry's parent always precedes it and totals
 * are summed in one backward pass. Rows are pre-order, so the path to the current row
 * is a stack cut to its depth: an edge adds its total only when it is not yet on it.
 *
 * Cost: O(n log n) for n nodes, memory O(n).
 * Left out: lines; they have a table of their own in the summary. */
#include "stats/calltree.h"

#include "stats/active.h"

#include <stdlib.h>
#include <string.h>

typedef struct call_entry {
    uint32_t parent; /* entry; TARE_NONE for the root */
    uint32_t function;
    uint32_t id; /* index before sorting */
    uint64_t self_ns;
    uint64_t total_ns;
    uint64_t calls;
} call_entry;

typedef struct call_range {
    uint32_t next;
    uint32_t end;
} call_range;

typedef struct tree_builder {
    const tare_profile *profile;
    uint32_t            metric;   /* TARE_NONE: active time */
    call_entry         *entries;  /* node_count items, count used */
    uint32_t           *entry_of; /* by node */
    call_range         *children; /* by entry id: its range in the sorted entries */
    call_range         *stack;    /* by depth */
    tare_map            by_key;   /* parent entry, function -> entry */
    uint32_t            capacity; /* of all four arrays: node_count */
    uint32_t            count;
} tree_builder;

static void release_builder(tree_builder *builder)
{
    const tare_alloc *alloc = builder->profile->alloc;
    tare_release(alloc, builder->entries, builder->capacity, sizeof *builder->entries);
    tare_release(alloc, builder->entry_of, builder->capacity, sizeof *builder->entry_of);
    tare_release(alloc, builder->children, builder->capacity, sizeof *builder->children);
    tare_release(alloc, builder->stack, builder->capacity, sizeof *builder->stack);
    tare_map_deinit(&builder->by_key, alloc);
}

static tare_status acquire_builder(tree_builder *builder, tare_error *err)
{
    const tare_alloc *alloc = builder->profile->alloc;
    void             *memory = NULL;
    builder->capacity = builder->profile->node_count;
    TARE_TRY(tare_acquire(alloc, &memory, builder->capacity, sizeof *builder->entries, err));
    builder->entries = memory;
    TARE_TRY(tare_acquire(alloc, &memory, builder->capacity, sizeof *builder->entry_of, err));
    builder->entry_of = memory;
    TARE_TRY(tare_acquire(alloc, &memory, builder->capacity, sizeof *builder->children, err));
    builder->children = memory;
    TARE_TRY(tare_acquire(alloc, &memory, builder->capacity, sizeof *builder->stack, err));
    builder->stack = memory;
    return TARE_OK;
}

static tare_status merge_nodes(tree_builder *builder, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    builder->entries[0] = (call_entry){.parent = TARE_NONE, .function = TARE_NONE};
    builder->count = 1;
    for (uint32_t node = 1; node < profile->node_count; node++) {
        uint32_t parent = builder->entry_of[profile->nodes[node].parent];
        uint32_t function = profile->frames[profile->nodes[node].frame].function;
        uint64_t key = tare_pack(parent, function);
        uint32_t entry = tare_map_get(&builder->by_key, key);
        if (entry == TARE_MAP_ABSENT) {
            entry = builder->count;
            TARE_TRY(tare_map_put(&builder->by_key, key, entry, profile->alloc, err));
            builder->entries[entry] = (call_entry){
                .parent = parent, .function = function, .id = entry};
            builder->count++;
        }
        builder->entry_of[node] = entry;
    }
    return TARE_OK;
}

/* The metric of calls; TARE_NONE where nobody counted them. */
static uint32_t find_calls(const tare_profile *profile)
{
    const char *wanted = tare_metric_get(TARE_METRIC_calls)->name;
    uint32_t    id = 0;
    while (id < profile->metric_count &&
           strcmp(tare_profile_text(profile, profile->metrics[id].name).bytes, wanted) != 0)
        id++;
    return id < profile->metric_count ? id : TARE_NONE;
}

static void add_metric(tree_builder *builder, uint32_t thread)
{
    const tare_profile *profile = builder->profile;
    for (uint32_t i = 0; i < profile->value_count; i++) {
        const tare_value *value = &profile->values[i];
        if (value->metric == builder->metric && (thread == TARE_NONE || thread == value->label_set))
            builder->entries[builder->entry_of[value->node]].self_ns += value->amount;
    }
}

static tare_status add_times(tree_builder *builder, uint32_t thread, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    uint32_t            calls = find_calls(profile);
    tare_active         active;
    TARE_TRY(tare_active_init(&active, profile, thread, err));
    for (uint32_t i = 0; i < profile->value_count; i++) {
        const tare_value *value = &profile->values[i];
        call_entry       *entry = &builder->entries[builder->entry_of[value->node]];
        entry->self_ns += tare_active_ns(&active, value);
        if (value->metric == calls && (thread == TARE_NONE || thread == value->label_set))
            entry->calls += value->amount;
    }
    tare_active_deinit(&active);
    return TARE_OK;
}

static void sum_subtrees(tree_builder *builder)
{
    for (uint32_t id = builder->count - 1; id > 0; id--) {
        call_entry *entry = &builder->entries[id];
        entry->total_ns += entry->self_ns;
        builder->entries[entry->parent].total_ns += entry->total_ns;
    }
}

static int compare_u64(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

/* By parent (the root, which has none, comes last), then falling total, then function. */
static int compare_entries(const void *left_item, const void *right_item)
{
    const call_entry *left = left_item;
    const call_entry *right = right_item;
    if (left->parent != right->parent)
        return compare_u64(left->parent, right->parent);
    if (left->total_ns != right->total_ns)
        return compare_u64(right->total_ns, left->total_ns);
    return compare_u64(left->function, right->function);
}

/* Entries without any time end their siblings' range early. */
static void order_children(tree_builder *builder)
{
    qsort(builder->entries, builder->count, sizeof *builder->entries, compare_entries);
    for (uint32_t i = 0; i < builder->count; i++) {
        const call_entry *entry = &builder->entries[i];
        if (entry->parent == TARE_NONE || entry->total_ns == 0)
            continue;
        call_range *range = &builder->children[entry->parent];
        if (range->end == 0)
            range->next = i;
        range->end = i + 1;
    }
}

static void emit_rows(tree_builder *builder, tare_calltree *tree)
{
    uint32_t depth = 0;
    builder->stack[0] = builder->children[0];
    for (;;) {
        call_range *range = &builder->stack[depth];
        if (range->next == range->end) {
            if (depth == 0)
                return;
            depth--;
            continue;
        }
        const call_entry *entry = &builder->entries[range->next++];
        tree->rows[tree->row_count++] = (tare_call_row){
            .function = entry->function,
            .depth = depth,
            .self_ns = entry->self_ns,
            .total_ns = entry->total_ns,
            .calls = entry->calls,
        };
        builder->stack[++depth] = builder->children[entry->id];
    }
}

static tare_status build_rows(tree_builder *builder, tare_calltree *tree, uint32_t thread,
                              tare_error *err)
{
    TARE_TRY(acquire_builder(builder, err));
    TARE_TRY(merge_nodes(builder, err));
    if (builder->metric == TARE_NONE)
        TARE_TRY(add_times(builder, thread, err));
    else
        add_metric(builder, thread);
    sum_subtrees(builder);
    order_children(builder);
    emit_rows(builder, tree);
    return TARE_OK;
}

/* The edge's index, made when new. */
static tare_status find_edge(tare_calltree *tree, tare_map *by_pair, uint32_t caller,
                             uint32_t callee, uint32_t *index_out, tare_error *err)
{
    uint64_t key = tare_pack(caller, callee);
    *index_out = tare_map_get(by_pair, key);
    if (*index_out != TARE_MAP_ABSENT)
        return TARE_OK;
    void *edges = tree->edges;
    TARE_TRY(tare_grow(tree->alloc, &edges, &tree->edge_capacity, tree->edge_count + (size_t)1,
                       sizeof *tree->edges, err));
    tree->edges = edges;
    TARE_TRY(tare_map_put(by_pair, key, tree->edge_count, tree->alloc, err));
    *index_out = tree->edge_count++;
    tree->edges[*index_out] = (tare_edge){.caller = caller, .callee = callee};
    return TARE_OK;
}

/* path[d] is the edge into the row at depth d above the current one; on_path counts how
 * often each edge lies on it. An edge's index is below row_count, so both arrays fit. */
static tare_status count_edges(tare_calltree *tree, tare_map *by_pair, uint32_t *path,
                               uint32_t *on_path, tare_error *err)
{
    uint32_t depth = 0;
    for (uint32_t i = 0; i < tree->row_count; i++) {
        const tare_call_row *row = &tree->rows[i];
        while (depth > row->depth)
            on_path[path[--depth]]--;
        uint32_t caller = row->depth == 0 ? TARE_NONE : tree->edges[path[row->depth - 1]].callee;
        uint32_t edge = 0;
        TARE_TRY(find_edge(tree, by_pair, caller, row->function, &edge, err));
        if (on_path[edge] == 0)
            tree->edges[edge].total_ns += row->total_ns;
        on_path[edge]++;
        path[depth++] = edge;
    }
    return TARE_OK;
}

static int compare_edges(const void *left_item, const void *right_item)
{
    const tare_edge *left = left_item;
    const tare_edge *right = right_item;
    if (left->total_ns != right->total_ns)
        return compare_u64(right->total_ns, left->total_ns);
    return compare_u64(tare_pack(left->caller, left->callee),
                       tare_pack(right->caller, right->callee));
}

static tare_status build_edges(tare_calltree *tree, uint32_t row_capacity, tare_error *err)
{
    tare_map    by_pair = {0};
    void       *path = NULL;
    void       *on_path = NULL;
    tare_status status = tare_acquire(tree->alloc, &path, row_capacity, sizeof(uint32_t), err);
    if (status == TARE_OK)
        status = tare_acquire(tree->alloc, &on_path, row_capacity, sizeof(uint32_t), err);
    if (status == TARE_OK)
        status = count_edges(tree, &by_pair, path, on_path, err);
    if (status == TARE_OK && tree->edge_count > 0)
        qsort(tree->edges, tree->edge_count, sizeof *tree->edges, compare_edges);
    tare_release(tree->alloc, path, row_capacity, sizeof(uint32_t));
    tare_release(tree->alloc, on_path, row_capacity, sizeof(uint32_t));
    tare_map_deinit(&by_pair, tree->alloc);
    return status;
}

tare_status tare_calltree_init_metric(tare_calltree *tree, const tare_profile *profile,
                                      uint32_t metric, uint32_t thread, tare_error *err)
{
    tree_builder builder = {.profile = profile, .metric = metric};
    void        *rows = NULL;
    *tree = (tare_calltree){.alloc = profile->alloc, .row_capacity = profile->node_count};
    tare_status status = tare_acquire(tree->alloc, &rows, tree->row_capacity, sizeof *tree->rows,
                                      err);
    tree->rows = rows;
    if (status == TARE_OK)
        status = build_rows(&builder, tree, thread, err);
    release_builder(&builder);
    if (status == TARE_OK)
        status = build_edges(tree, tree->row_capacity, err);
    if (status != TARE_OK)
        tare_calltree_deinit(tree);
    return status;
}

tare_status tare_calltree_init(tare_calltree *tree, const tare_profile *profile, uint32_t thread,
                               tare_error *err)
{
    return tare_calltree_init_metric(tree, profile, TARE_NONE, thread, err);
}

void tare_calltree_deinit(tare_calltree *tree)
{
    if (tree->alloc == NULL)
        return;
    tare_release(tree->alloc, tree->rows, tree->row_capacity, sizeof *tree->rows);
    tare_release(tree->alloc, tree->edges, tree->edge_capacity, sizeof *tree->edges);
    *tree = (tare_calltree){0};
}

/* ---- picks ---- */

/* The hottest first; of the same time the outer one, which has the smaller row. */
static int compare_picks(const void *left_item, const void *right_item)
{
    const tare_tree_pick *left = left_item;
    const tare_tree_pick *right = right_item;
    if (left->total_ns != right->total_ns)
        return compare_u64(right->total_ns, left->total_ns);
    return compare_u64(left->row, right->row);
}

static int compare_places(const void *left_item, const void *right_item)
{
    const tare_tree_pick *left = left_item;
    const tare_tree_pick *right = right_item;
    return compare_u64(left->row, right->row);
}

static void sort_picks(tare_tree_picks *picks, int (*compare)(const void *, const void *))
{
    if (picks->count > 0)
        qsort(picks->items, picks->count, sizeof *picks->items, compare);
}

tare_status tare_calltree_pick(tare_tree_picks *picks, const tare_calltree *tree, uint64_t least_ns,
                               uint32_t most, tare_error *err)
{
    void *memory;
    *picks = (tare_tree_picks){.alloc = tree->alloc, .capacity = tree->row_count};
    TARE_TRY(tare_acquire(tree->alloc, &memory, tree->row_count, sizeof *picks->items, err));
    picks->items = memory;
    for (uint32_t row = 0; row < tree->row_count; row++) {
        if (tree->rows[row].total_ns >= least_ns)
            picks->items[picks->count++] = (tare_tree_pick){tree->rows[row].total_ns, row};
    }
    picks->fit_count = picks->count;
    sort_picks(picks, compare_picks);
    if (picks->count > most)
        picks->count = most;
    sort_picks(picks, compare_places);
    return TARE_OK;
}

void tare_tree_picks_deinit(tare_tree_picks *picks)
{
    if (picks->alloc == NULL)
        return;
    tare_release(picks->alloc, picks->items, picks->capacity, sizeof *picks->items);
    *picks = (tare_tree_picks){0};
}
