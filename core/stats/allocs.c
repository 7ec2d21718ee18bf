/* allocs.c - one walk over the tree, counting recursion once, by function and by line at once.
 *
 *     values    (node, label set, metric, amount)  ->  node[id].own
 *     backward  totals flow to the parents, siblings are linked in the order of their ids
 *     walk      on_path[function], on_path[line]: only the outermost adds its total
 *
 *         load:3            own 0   total 10        load:3    own 0   total 10
 *           load:3          own 4   total 10   ->             own 4
 *             parse:9       own 6   total  6        parse:9   own 6   total  6
 *
 * The way up is in the nodes, so depth costs nothing.
 * Cost: O(values + nodes) time plus the sorting of rows; 224 bytes a node.
 * Left out: pairs of callers and callees, which calltree.h finds for any metric. */
#include "stats/allocs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NO_COLUMN = 0xFF };

typedef struct alloc_column {
    const char *metric;
    uint8_t     offset;
} alloc_column;

#define COLUMN(name) {#name, offsetof(tare_alloc_sums, name)}

static const alloc_column columns[] = {
    COLUMN(peak_bytes),      COLUMN(peak_count),      COLUMN(live_bytes),   COLUMN(live_count),
    COLUMN(alloc_bytes),     COLUMN(alloc_count),     COLUMN(freed_bytes),  COLUMN(freed_count),
    COLUMN(temporary_bytes), COLUMN(temporary_count), COLUMN(sample_count), COLUMN(alloc_variance),
};

enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

typedef struct node_amounts {
    tare_alloc_sums own;
    tare_alloc_sums total;
    uint32_t        first_child;
    uint32_t        next_sibling;
    uint32_t        line; /* index into the rows of lines */
} node_amounts;

typedef struct alloc_builder {
    const tare_profile *profile;
    tare_allocs        *allocs;
    uint32_t            label_set;
    uint8_t            *column_of;         /* owned; by metric: offset in tare_alloc_sums */
    node_amounts       *nodes;             /* owned; by node */
    uint32_t           *functions_on_path; /* owned */
    uint32_t           *lines_on_path;     /* owned; by row of lines, node_count of them */
    tare_map            line_by_place;     /* file and line, or function */
} alloc_builder;

/* ---- columns ---- */

uint32_t tare_allocs_metric(const tare_profile *profile, const char *name)
{
    for (uint32_t id = 0; id < profile->metric_count; id++) {
        if (strcmp(tare_profile_text(profile, profile->metrics[id].name).bytes, name) == 0)
            return id;
    }
    return TARE_NONE;
}

bool tare_allocs_known(const tare_profile *profile)
{
    return tare_allocs_metric(profile, "peak_bytes") != TARE_NONE;
}

static void find_columns(alloc_builder *builder)
{
    for (uint32_t id = 0; id < builder->profile->metric_count; id++)
        builder->column_of[id] = NO_COLUMN;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        uint32_t metric = tare_allocs_metric(builder->profile, columns[i].metric);
        if (metric != TARE_NONE)
            builder->column_of[metric] = columns[i].offset;
    }
}

static void add_saturating(uint64_t *sum, uint64_t amount)
{
    *sum = amount <= UINT64_MAX - *sum ? *sum + amount : UINT64_MAX;
}

static void add_amount(tare_alloc_sums *sums, uint8_t column, uint64_t amount)
{
    void *field = (unsigned char *)sums + column;
    add_saturating(field, amount);
}

static void add_sums(tare_alloc_sums *sums, const tare_alloc_sums *added)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        const void *field = (const unsigned char *)added + columns[i].offset;
        add_amount(sums, columns[i].offset, *(const uint64_t *)field);
    }
}

static bool is_nothing(const tare_alloc_sums *sums)
{
    static const tare_alloc_sums nothing;
    return memcmp(sums, &nothing, sizeof nothing) == 0;
}

/* ---- values ---- */

static bool is_asked(const alloc_builder *builder, const tare_value *value)
{
    return value->amount > 0 && builder->column_of[value->metric] != NO_COLUMN &&
           (builder->label_set == TARE_NONE || builder->label_set == value->label_set);
}

static void add_values(alloc_builder *builder)
{
    for (uint32_t i = 0; i < builder->profile->value_count; i++) {
        const tare_value *value = &builder->profile->values[i];
        if (!is_asked(builder, value))
            continue;
        uint8_t column = builder->column_of[value->metric];
        add_amount(&builder->nodes[value->node].own, column, value->amount);
        add_amount(&builder->allocs->kinds[value->label_set].sums, column, value->amount);
        add_amount(&builder->allocs->all, column, value->amount);
    }
}

/* Backwards, children come before their parents. */
static void sum_subtrees(alloc_builder *builder)
{
    for (uint32_t id = builder->profile->node_count - 1; id > 0; id--) {
        node_amounts *node = &builder->nodes[id];
        node_amounts *parent = &builder->nodes[builder->profile->nodes[id].parent];
        add_sums(&node->total, &node->own);
        add_sums(&parent->total, &node->total);
        node->next_sibling = parent->first_child;
        parent->first_child = id;
    }
}

static const tare_frame *frame_of(const tare_profile *profile, uint32_t node)
{
    return &profile->frames[profile->nodes[node].frame];
}

static tare_status find_line(alloc_builder *builder, const tare_frame *frame, uint32_t *row_out,
                             tare_error *err)
{
    tare_allocs *allocs = builder->allocs;
    uint32_t     file = builder->profile->functions[frame->function].file;
    uint64_t     place = frame->line > 0 ? tare_pack(file, frame->line)
                                         : tare_pack(TARE_NONE, frame->function);
    *row_out = tare_map_get(&builder->line_by_place, place);
    if (*row_out != TARE_MAP_ABSENT)
        return TARE_OK;
    TARE_TRY(tare_map_put(&builder->line_by_place, place, allocs->line_count, allocs->alloc, err));
    *row_out = allocs->line_count++;
    allocs->lines[*row_out] = (tare_alloc_row){.function = frame->function, .line = frame->line};
    return TARE_OK;
}

static tare_status find_lines(alloc_builder *builder, tare_error *err)
{
    for (uint32_t id = 1; id < builder->profile->node_count; id++)
        TARE_TRY(find_line(builder, frame_of(builder->profile, id), &builder->nodes[id].line, err));
    return TARE_OK;
}

/* ---- the walk ---- */

static void add_node(tare_alloc_row *row, const node_amounts *node, bool outermost)
{
    add_sums(&row->own, &node->own);
    if (outermost)
        add_sums(&row->total, &node->total);
}

static void enter_node(alloc_builder *builder, uint32_t id)
{
    const node_amounts *node = &builder->nodes[id];
    uint32_t            function = frame_of(builder->profile, id)->function;
    tare_alloc_row     *line = &builder->allocs->lines[node->line];
    if (is_nothing(&line->own) && !is_nothing(&node->own))
        line->function = function;
    add_node(&builder->allocs->functions[function], node,
             builder->functions_on_path[function]++ == 0);
    add_node(line, node, builder->lines_on_path[node->line]++ == 0);
}

static void leave_node(alloc_builder *builder, uint32_t id)
{
    builder->functions_on_path[frame_of(builder->profile, id)->function]--;
    builder->lines_on_path[builder->nodes[id].line]--;
}

static void walk_tree(alloc_builder *builder)
{
    uint32_t id = builder->nodes[0].first_child;
    while (id != 0) {
        enter_node(builder, id);
        uint32_t next = builder->nodes[id].first_child;
        while (next == 0 && id != 0) {
            leave_node(builder, id);
            next = builder->nodes[id].next_sibling;
            id = builder->profile->nodes[id].parent;
        }
        id = next;
    }
}

/* ---- rows ---- */

static int compare_u64(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

/* What is larger first. */
static int compare_sums(const tare_alloc_sums *left, const tare_alloc_sums *right)
{
    if (left->peak_bytes != right->peak_bytes)
        return compare_u64(right->peak_bytes, left->peak_bytes);
    return compare_u64(right->alloc_bytes, left->alloc_bytes);
}

static int compare_rows(const void *left_item, const void *right_item)
{
    const tare_alloc_row *left = left_item;
    const tare_alloc_row *right = right_item;
    int                   order = compare_sums(&left->own, &right->own);
    if (order == 0)
        order = compare_sums(&left->total, &right->total);
    return order != 0 ? order
                      : compare_u64(tare_pack(left->function, left->line),
                                    tare_pack(right->function, right->line));
}

static int compare_kinds(const void *left_item, const void *right_item)
{
    const tare_alloc_kind *left = left_item;
    const tare_alloc_kind *right = right_item;
    int                    order = compare_sums(&left->sums, &right->sums);
    return order != 0 ? order : compare_u64(left->label_set, right->label_set);
}

static uint32_t finish_rows(tare_alloc_row *rows, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_nothing(&rows[i].total) || !is_nothing(&rows[i].own))
            rows[kept++] = rows[i];
    }
    if (kept > 0)
        qsort(rows, kept, sizeof *rows, compare_rows);
    return kept;
}

static void finish_kinds(tare_allocs *allocs)
{
    for (uint32_t id = 0; id < allocs->kind_capacity; id++) {
        tare_alloc_kind row = allocs->kinds[id];
        if (is_nothing(&row.sums))
            continue;
        row.label_set = id;
        allocs->kinds[allocs->kind_count++] = row;
    }
    if (allocs->kind_count > 0)
        qsort(allocs->kinds, allocs->kind_count, sizeof *allocs->kinds, compare_kinds);
}

/* The last row of each table is that of the root, which no function names. */
static void add_root(alloc_builder *builder)
{
    tare_allocs    *allocs = builder->allocs;
    tare_alloc_row *function = &allocs->functions[allocs->function_capacity - 1];
    tare_alloc_row *line = &allocs->lines[allocs->line_count++];
    function->own = function->total = builder->nodes[0].own;
    function->function = TARE_NONE;
    *line = *function;
}

uint64_t tare_allocs_error_bytes(const tare_alloc_sums *sums)
{
    static const double normal_95 = 1.959963984540054;
    return (uint64_t)llround(normal_95 * sqrt((double)sums->alloc_variance));
}

/* ---- memory ---- */

static tare_status acquire_rows(tare_allocs *allocs, const tare_profile *profile, tare_error *err)
{
    void    *memory;
    uint32_t function_count = profile->function_count + 1;
    TARE_TRY(tare_acquire(allocs->alloc, &memory, function_count, sizeof *allocs->functions, err));
    allocs->functions = memory;
    allocs->function_capacity = function_count;
    for (uint32_t id = 0; id < profile->function_count; id++)
        allocs->functions[id].function = id;
    TARE_TRY(tare_acquire(allocs->alloc, &memory, profile->node_count + (size_t)1,
                          sizeof *allocs->lines, err));
    allocs->lines = memory;
    allocs->line_capacity = profile->node_count + 1;
    TARE_TRY(
        tare_acquire(allocs->alloc, &memory, profile->label_set_count, sizeof *allocs->kinds, err));
    allocs->kinds = memory;
    allocs->kind_capacity = profile->label_set_count;
    return TARE_OK;
}

static tare_status acquire_builder(alloc_builder *builder, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    void               *memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->metric_count, 1, err));
    builder->column_of = memory;
    find_columns(builder);
    TARE_TRY(
        tare_acquire(profile->alloc, &memory, profile->node_count, sizeof *builder->nodes, err));
    builder->nodes = memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->function_count, sizeof(uint32_t), err));
    builder->functions_on_path = memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->node_count, sizeof(uint32_t), err));
    builder->lines_on_path = memory;
    return TARE_OK;
}

static void release_builder(alloc_builder *builder)
{
    const tare_profile *profile = builder->profile;
    const tare_alloc   *alloc = profile->alloc;
    tare_release(alloc, builder->column_of, profile->metric_count, 1);
    tare_release(alloc, builder->nodes, profile->node_count, sizeof *builder->nodes);
    tare_release(alloc, builder->functions_on_path, profile->function_count, sizeof(uint32_t));
    tare_release(alloc, builder->lines_on_path, profile->node_count, sizeof(uint32_t));
    tare_map_deinit(&builder->line_by_place, alloc);
}

static tare_status build_rows(alloc_builder *builder, tare_error *err)
{
    tare_allocs *allocs = builder->allocs;
    TARE_TRY(acquire_rows(allocs, builder->profile, err));
    TARE_TRY(acquire_builder(builder, err));
    add_values(builder);
    sum_subtrees(builder);
    TARE_TRY(find_lines(builder, err));
    walk_tree(builder);
    add_root(builder);
    allocs->function_count = finish_rows(allocs->functions, allocs->function_capacity);
    allocs->line_count = finish_rows(allocs->lines, allocs->line_count);
    finish_kinds(allocs);
    return TARE_OK;
}

tare_status tare_allocs_init(tare_allocs *allocs, const tare_profile *profile, uint32_t label_set,
                             tare_error *err)
{
    *allocs = (tare_allocs){.alloc = profile->alloc};
    alloc_builder builder = {.profile = profile, .allocs = allocs, .label_set = label_set};
    tare_status   status = build_rows(&builder, err);
    release_builder(&builder);
    if (status != TARE_OK)
        tare_allocs_deinit(allocs);
    return status;
}

void tare_allocs_deinit(tare_allocs *allocs)
{
    if (allocs->alloc == NULL)
        return;
    tare_release(allocs->alloc, allocs->functions, allocs->function_capacity,
                 sizeof *allocs->functions);
    tare_release(allocs->alloc, allocs->lines, allocs->line_capacity, sizeof *allocs->lines);
    tare_release(allocs->alloc, allocs->kinds, allocs->kind_capacity, sizeof *allocs->kinds);
    *allocs = (tare_allocs){0};
}
