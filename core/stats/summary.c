/* summary.c - values of nodes added up by function, by line and by state.
 *
 *     node              self  subtree  counts as total of
 *     1 main              1       10   main
 *     2 '- walk           2        9   walk
 *     3    '- walk        3        7       (walk is on the path already: counted in node 2)
 *     4       '- parse    4        4   parse
 *
 * Three passes, none of them recursive, for a stack may be as deep as the tree is large:
 *     1. each value goes to its node and to the rows of its function and line
 *     2. backwards over the nodes: a parent precedes its children, so each subtree is
 *        complete when it is added to its parent; children are linked on the way
 *     3. down and up along the links: a subtree counts for a function unless the function
 *        is on the path from the root; likewise for a line
 *
 * The subtrees of program time are summed beside those of active time, in the same passes.
 *
 * Sums stop at the largest number: files are foreign, and a total below its parts would be
 * harder to see than one that is absurd.
 * Cost: O(nodes + values + functions + lines), then sorting the rows that have time. */
#include "stats/summary.h"

#include "stats/active.h"

#include <stdlib.h>
#include <string.h>

typedef struct node_sum {
    uint64_t total_ns;    /* of the subtree, once summed */
    uint64_t program_ns;  /* likewise */
    uint32_t first_child; /* 0 = none */
    uint32_t next_sibling;
} node_sum;

typedef struct summing {
    const tare_profile *profile;
    tare_summary       *summary;
    tare_active         active;
    uint32_t            native_metric;   /* TARE_NONE: the profile has none */
    uint32_t            unproven_metric; /* likewise */
    uint32_t            program_metric;
    uint32_t            program_wait_metric;
    node_sum           *nodes;            /* by node */
    uint32_t           *function_on_path; /* by function: how often it is on the path */
    uint32_t           *line_on_path;     /* by frame */
} summing;

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* ---- the run: states, wall time, ticks ---- */

static uint32_t find_metric(const tare_profile *profile, tare_metric_id id)
{
    const char *name = tare_metric_get(id)->name;
    uint32_t    string = tare_intern_find(&profile->strings, name, strlen(name));
    return string == TARE_MAP_ABSENT ? TARE_NONE : tare_map_get(&profile->metric_by_name, string);
}

static uint64_t get_root_amount(const tare_profile *profile, tare_metric_id id)
{
    uint32_t metric = find_metric(profile, id);
    return metric == TARE_NONE ? 0 : tare_profile_value(profile, 0, 0, metric);
}

/* Few rows: each goes to its place among those that are there. */
static void insert_state(tare_summary *summary, tare_state_row row)
{
    uint32_t at = summary->state_count++;
    for (; at > 0 && summary->states[at - 1].ns < row.ns; at--)
        summary->states[at] = summary->states[at - 1];
    summary->states[at] = row;
}

static void read_states(tare_summary *summary, const tare_profile *profile)
{
    for (int id = 0; id < TARE_METRIC_COUNT; id++) {
        const tare_metric_info *metric = tare_metric_get((tare_metric_id)id);
        if (metric->role != TARE_ROLE_BUSY && metric->role != TARE_ROLE_WAIT)
            continue;
        uint64_t ns = get_root_amount(profile, (tare_metric_id)id);
        if (ns > 0)
            insert_state(summary, (tare_state_row){.metric = metric, .ns = ns});
    }
}

/* A number from a file, which may say anything. */
static uint64_t clamp_to_u64(double number)
{
    if (!(number > 0))
        return 0;
    return number < (double)UINT64_MAX ? (uint64_t)number : UINT64_MAX;
}

tare_estimate tare_summary_share(const tare_summary *summary, uint64_t ns)
{
    if (summary->whole_ns == 0)
        return tare_share_interval(0, 0);
    return tare_share_interval((double)ns / (double)summary->whole_ns, summary->effective_count);
}

static void read_run(tare_summary *summary, const tare_profile *profile)
{
    read_states(summary, profile);
    uint64_t states_ns = 0;
    for (uint32_t i = 0; i < summary->state_count; i++)
        states_ns = add_saturating(states_ns, summary->states[i].ns);
    double ticks = (double)get_root_amount(profile, TARE_METRIC_samples);
    summary->wall_ns = clamp_to_u64(tare_profile_meta_number(profile, "wall_ns", 0));
    if (summary->wall_ns == 0)
        summary->wall_ns = states_ns; /* the run was cut off before it was noted */
    summary->whole_ns = summary->wall_ns > states_ns ? summary->wall_ns : states_ns;
    summary->cpu_ns = clamp_to_u64(tare_profile_meta_number(profile, "cpu_ns", 0));
    summary->effective_count = tare_effective_count(
        tare_profile_meta_number(profile, "sampler.weight", ticks),
        tare_profile_meta_number(profile, "sampler.weight_squared", ticks));
    for (uint32_t i = 0; i < summary->state_count; i++)
        summary->states[i].share = tare_summary_share(summary, summary->states[i].ns);
}

/* ---- pass 1: values ---- */

static void add_active(tare_row *row, uint64_t ns, bool native, bool waiting)
{
    row->self_ns = add_saturating(row->self_ns, ns);
    row->self_native_ns = add_saturating(row->self_native_ns, native ? ns : 0);
    row->self_wait_ns = add_saturating(row->self_wait_ns, waiting ? ns : 0);
}

/* The sum that a part of some state's time goes to; NULL when the metric is none of them. */
static uint64_t *find_part(const summing *s, tare_row *row, uint32_t metric)
{
    if (metric == s->unproven_metric)
        return &row->unproven_ns;
    if (metric == s->program_metric)
        return &row->program_self_ns;
    return metric == s->program_wait_metric ? &row->program_self_wait_ns : NULL;
}

static void add_value(summing *s, const tare_value *value)
{
    uint32_t  frame = s->profile->nodes[value->node].frame;
    tare_row *line = &s->summary->lines[frame];
    tare_row *function = &s->summary->functions[s->profile->frames[frame].function];
    node_sum *node = &s->nodes[value->node];
    uint64_t *line_part = find_part(s, line, value->metric);
    if (line_part != NULL) {
        uint64_t *function_part = find_part(s, function, value->metric);
        *line_part = add_saturating(*line_part, value->amount);
        *function_part = add_saturating(*function_part, value->amount);
        if (value->metric == s->program_metric)
            node->program_ns = add_saturating(node->program_ns, value->amount);
        return;
    }
    uint64_t active_ns = tare_active_ns(&s->active, value);
    bool     native = value->metric == s->native_metric;
    bool     waiting = s->active.metric_roles[value->metric] == TARE_ROLE_WAIT;
    add_active(line, active_ns, native, waiting);
    add_active(function, active_ns, native, waiting);
    node->total_ns = add_saturating(node->total_ns, active_ns);
    s->summary->active_ns = add_saturating(s->summary->active_ns, active_ns);
}

static void add_values(summing *s)
{
    for (uint32_t i = 0; i < s->profile->value_count; i++) {
        const tare_value *value = &s->profile->values[i];
        bool asked = s->active.thread == TARE_NONE || s->active.thread == value->label_set;
        if (value->node != 0 && asked)
            add_value(s, value);
    }
}

/* ---- pass 2: subtrees ---- */

static void sum_subtrees(summing *s)
{
    for (uint32_t id = s->profile->node_count - 1; id > 0; id--) {
        node_sum *node = &s->nodes[id];
        node_sum *parent = &s->nodes[s->profile->nodes[id].parent];
        parent->total_ns = add_saturating(parent->total_ns, node->total_ns);
        parent->program_ns = add_saturating(parent->program_ns, node->program_ns);
        node->next_sibling = parent->first_child;
        parent->first_child = id;
    }
}

/* ---- pass 3: totals ---- */

static void add_total(tare_row *row, const node_sum *node)
{
    row->total_ns = add_saturating(row->total_ns, node->total_ns);
    row->program_ns = add_saturating(row->program_ns, node->program_ns);
}

static void enter_node(summing *s, uint32_t id)
{
    uint32_t frame = s->profile->nodes[id].frame;
    uint32_t function = s->profile->frames[frame].function;
    if (s->line_on_path[frame]++ == 0)
        add_total(&s->summary->lines[frame], &s->nodes[id]);
    if (s->function_on_path[function]++ == 0)
        add_total(&s->summary->functions[function], &s->nodes[id]);
}

static void leave_node(summing *s, uint32_t id)
{
    uint32_t frame = s->profile->nodes[id].frame;
    s->line_on_path[frame]--;
    s->function_on_path[s->profile->frames[frame].function]--;
}

/* The path itself is kept nowhere: the way up is in the nodes. */
static void sum_totals(summing *s)
{
    uint32_t id = s->nodes[0].first_child;
    while (id != 0) {
        enter_node(s, id);
        uint32_t next = s->nodes[id].first_child;
        while (next == 0 && id != 0) {
            leave_node(s, id);
            next = s->nodes[id].next_sibling;
            id = s->profile->nodes[id].parent;
        }
        id = next;
    }
}

/* ---- rows ---- */

static int compare_rows(const void *left_item, const void *right_item)
{
    const tare_row *left = left_item;
    const tare_row *right = right_item;
    if (left->self_ns != right->self_ns)
        return left->self_ns < right->self_ns ? 1 : -1;
    return (left->id > right->id) - (left->id < right->id);
}

static uint64_t scale_down(uint64_t ns, double ratio)
{
    return ratio < 1 ? clamp_to_u64((double)ns * ratio) : ns;
}

/* No tick was divided: times that overlap are scaled down together. */
static void divide_active(const tare_summary *summary, tare_row *row)
{
    double ratio = summary->active_ns > summary->whole_ns
                       ? (double)summary->whole_ns / (double)summary->active_ns
                       : 1;
    row->program_ns = scale_down(row->total_ns, ratio);
    row->program_self_ns = scale_down(row->self_ns, ratio);
    row->program_self_wait_ns = scale_down(row->self_wait_ns, ratio);
}

static uint32_t find_kind(const summing *s, const tare_row *rows, uint32_t id)
{
    const tare_profile *profile = s->profile;
    bool                is_line = rows == s->summary->lines;
    return profile->functions[is_line ? profile->frames[id].function : id].kind;
}

/* rows[id] so far; gives how many have time. An unproven callee can belong to a thread whose
 * waiting is not active: its part is never more than the whole. */
static uint32_t finish_rows(const summing *s, tare_row *rows, uint32_t count)
{
    const tare_summary *summary = s->summary;
    uint32_t            kept = 0;
    for (uint32_t id = 0; id < count; id++) {
        tare_row row = rows[id];
        if (row.total_ns == 0)
            continue;
        row.id = id;
        row.kind = find_kind(s, rows, id);
        if (row.unproven_ns > row.self_ns)
            row.unproven_ns = row.self_ns;
        if (s->program_metric == TARE_NONE)
            divide_active(summary, &row);
        row.self_share = tare_summary_share(summary, row.self_ns);
        row.total_share = tare_summary_share(summary, row.total_ns);
        row.program_share = tare_summary_share(summary, row.program_ns);
        row.gain_ratio = tare_amdahl_ratio(row.program_share);
        rows[kept++] = row;
    }
    if (kept > 0)
        qsort(rows, kept, sizeof *rows, compare_rows);
    return kept;
}

/* ---- memory ---- */

static tare_status acquire_rows(tare_summary *summary, const tare_profile *profile, tare_error *err)
{
    void *memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->function_count,
                          sizeof *summary->functions, err));
    summary->functions = memory;
    summary->function_capacity = profile->function_count;
    TARE_TRY(
        tare_acquire(profile->alloc, &memory, profile->frame_count, sizeof *summary->lines, err));
    summary->lines = memory;
    summary->line_capacity = profile->frame_count;
    return TARE_OK;
}

static tare_status acquire_sums(summing *s, uint32_t thread, tare_error *err)
{
    const tare_profile *profile = s->profile;
    void               *memory;
    TARE_TRY(tare_active_init(&s->active, profile, thread, err));
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->node_count, sizeof *s->nodes, err));
    s->nodes = memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->function_count,
                          sizeof *s->function_on_path, err));
    s->function_on_path = memory;
    TARE_TRY(
        tare_acquire(profile->alloc, &memory, profile->frame_count, sizeof *s->line_on_path, err));
    s->line_on_path = memory;
    return TARE_OK;
}

static void release_sums(summing *s)
{
    const tare_profile *profile = s->profile;
    tare_active_deinit(&s->active);
    tare_release(profile->alloc, s->nodes, profile->node_count, sizeof *s->nodes);
    tare_release(profile->alloc, s->function_on_path, profile->function_count,
                 sizeof *s->function_on_path);
    tare_release(profile->alloc, s->line_on_path, profile->frame_count, sizeof *s->line_on_path);
}

tare_status tare_summary_init(tare_summary *summary, const tare_profile *profile, uint32_t thread,
                              tare_error *err)
{
    *summary = (tare_summary){0};
    summing s = {
        .profile = profile,
        .summary = summary,
        .native_metric = find_metric(profile, TARE_METRIC_native_ns),
        .unproven_metric = find_metric(profile, TARE_METRIC_unproven_ns),
        .program_metric = find_metric(profile, TARE_METRIC_program_ns),
        .program_wait_metric = find_metric(profile, TARE_METRIC_program_wait_ns),
    };
    tare_status status = acquire_rows(summary, profile, err);
    if (status == TARE_OK)
        status = acquire_sums(&s, thread, err);
    if (status == TARE_OK) {
        add_values(&s);
        sum_subtrees(&s);
        sum_totals(&s);
        read_run(summary, profile);
        summary->function_count = finish_rows(&s, summary->functions, profile->function_count);
        summary->line_count = finish_rows(&s, summary->lines, profile->frame_count);
    } else {
        tare_summary_deinit(summary, profile->alloc);
    }
    release_sums(&s);
    return status;
}

void tare_summary_deinit(tare_summary *summary, const tare_alloc *alloc)
{
    tare_release(alloc, summary->functions, summary->function_capacity, sizeof *summary->functions);
    tare_release(alloc, summary->lines, summary->line_capacity, sizeof *summary->lines);
    *summary = (tare_summary){0};
}
