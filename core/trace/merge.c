/* merge.c - see merge.h.
 *
 * Time outside any traced function, between the thread's first and last event, is the root's and
 * goes to "(no Python frame)", the name that the sampler has for it; the overflow node goes to
 * the profile's own.
 * Invariant: merge->nodes[i] is set for i < merge->count, parents first. */
#include "trace/merge.h"

#include <stdio.h>

tare_status tare_merge_metrics_init(tare_merge_metrics *metrics, tare_profile *profile,
                                    tare_error *err)
{
    const struct {
        tare_metric_id id;
        uint32_t      *out;
    } wanted[] = {
        {TARE_METRIC_calls, &metrics->calls},
        {TARE_METRIC_resumes, &metrics->resumes},
        {TARE_METRIC_suspended_ns, &metrics->suspended_ns},
        {TARE_METRIC_wall_ns, &metrics->wall_ns},
        {TARE_METRIC_raw_ns, &metrics->raw_ns},
        {TARE_METRIC_error_ns, &metrics->error_ns},
        {TARE_METRIC_python_ns, &metrics->python_ns},
        {TARE_METRIC_native_ns, &metrics->native_ns},
        {TARE_METRIC_cpu_ns, &metrics->cpu_ns},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const tare_metric_info *info = tare_metric_get(wanted[i].id);
        TARE_TRY(tare_profile_metric(profile, info->name, info->unit, wanted[i].out, err));
    }
    for (uint32_t i = 0; i < TARE_CALLS_DURATIONS; i++)
        metrics->durations[i] = TARE_NONE;
    return TARE_OK;
}

void tare_merge_deinit(tare_merge *merge, const tare_alloc *alloc)
{
    tare_release(alloc, merge->nodes, merge->capacity, sizeof *merge->nodes);
    *merge = (tare_merge){0};
}

static tare_status add_synthetic(tare_profile *profile, const char *name, uint32_t *node_out,
                                 tare_error *err)
{
    uint32_t frame = 0;
    TARE_TRY(tare_profile_synthetic(profile, name, &frame, err));
    return tare_profile_child(profile, 0, frame, node_out, err);
}

/* The profile's root stands for that of the calls: a parent, whose own time goes elsewhere. */
static tare_status find_node(const tare_merge *merge, const tare_call_node *node,
                             tare_profile *profile, uint32_t *node_out, tare_error *err)
{
    if (node->parent == NULL) {
        *node_out = 0;
        return TARE_OK;
    }
    if (node->key == TARE_CALLS_OVERFLOW_KEY)
        return add_synthetic(profile, "(overflow)", node_out, err);
    uint32_t function = node->key >> 1;
    uint32_t frame;
    TARE_TRY(tare_profile_frame(profile, function, profile->functions[function].first_line, &frame,
                                err));
    return tare_profile_child(profile, merge->nodes[node->parent->index].node, frame, node_out,
                              err);
}

static bool is_silent(const tare_call_node *node)
{
    return (node->self_ticks | node->calls | node->resumes | node->suspended_ticks |
            node->announced | node->cpu_ns) == 0;
}

/* The overflow node exists in each thread, and in the profile only when it was used. */
static tare_status place_node(tare_merge *merge, const tare_calls *calls, uint32_t index,
                              tare_profile *profile, tare_error *err)
{
    const tare_call_node *node = tare_calls_node(calls, index);
    void                 *nodes = merge->nodes;
    if (index < merge->count && merge->nodes[index].node != TARE_NONE)
        return TARE_OK;
    TARE_TRY(tare_grow(profile->alloc, &nodes, &merge->capacity, (size_t)index + 1,
                       sizeof *merge->nodes, err));
    merge->nodes = nodes;
    if (index >= merge->count) {
        merge->nodes[index] = (tare_merged_node){.node = TARE_NONE};
        merge->count = index + 1;
    }
    if (node == calls->overflow && is_silent(node))
        return TARE_OK;
    return find_node(merge, node, profile, &merge->nodes[index].node, err);
}

typedef struct amount {
    uint32_t  metric;
    uint64_t  ns;
    uint64_t *source; /* zeroed when it has been added */
} amount;

static tare_status add_amounts(tare_profile *profile, uint32_t node, uint32_t label_set,
                               const amount *amounts, size_t count, tare_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (amounts[i].ns > 0)
            TARE_TRY(
                tare_profile_add(profile, node, label_set, amounts[i].metric, amounts[i].ns, err));
        if (amounts[i].source != NULL)
            *amounts[i].source = 0;
    }
    return TARE_OK;
}

static bool is_native(const tare_call_node *node)
{
    return node->parent == NULL || (node->key & 1) != 0;
}

/* ---- cost ---- */

static void take(tare_merged_node *from, double cost_ns, double error_ns)
{
    from->cost_ns += cost_ns;
    from->cost_error_ns += error_ns;
}

/* The error of a pair of events is shared as the cost is. */
static void take_pairs(tare_merged_node *callee, tare_merged_node *caller, const tare_cost *cost,
                       uint64_t count)
{
    double inside_ns = (double)count * cost->inside_ns;
    double outside_ns = (double)count * cost->outside_ns;
    double both_ns = inside_ns + outside_ns;
    double error_ns = tare_cost_error_ns(cost, (double)count);
    double inside_part = both_ns > 0 ? inside_ns / both_ns : 1;
    take(callee, inside_ns, error_ns * inside_part);
    take(caller, outside_ns, error_ns * (1 - inside_part));
}

/* What has no node of its own was charged to the overflow node, its callers with it. */
static void cost_of_node(tare_merge *merge, const tare_calls *calls, const tare_call_node *node,
                         const tare_costs *costs)
{
    tare_merged_node *callee = &merge->nodes[node->index];
    const tare_cost  *announcement = &costs->of[TARE_COST_ANNOUNCEMENT];
    tare_cost_kind    kind = (node->key & 1) != 0 ? TARE_COST_NATIVE : TARE_COST_CALL;
    take_pairs(callee, callee, announcement, node->announced);
    if (node->parent == NULL)
        return;
    tare_merged_node *caller = node == calls->overflow ? callee
                                                       : &merge->nodes[node->parent->index];
    take_pairs(callee, caller, &costs->of[kind], node->calls);
    take_pairs(callee, caller, &costs->of[TARE_COST_RESUME], node->resumes);
}

static void find_costs(tare_merge *merge, const tare_calls *calls, const tare_costs *costs)
{
    for (uint32_t i = 0; i < calls->node_count; i++)
        merge->nodes[i].cost_ns = merge->nodes[i].cost_error_ns = 0;
    for (uint32_t i = 0; i < calls->node_count; i++)
        cost_of_node(merge, calls, tare_calls_node(calls, i), costs);
}

/* Whole nanoseconds of what is left, which keeps the rest. */
static uint64_t draw(double *left_ns)
{
    uint64_t whole_ns = *left_ns >= 1 ? (uint64_t)*left_ns : 0;
    *left_ns -= (double)whole_ns;
    return whole_ns;
}

/* ---- amounts ---- */

/* Times come last and together, so that a failure between two of them is the only one that could
 * leave a state without its total; the profile's check would say so. */
static tare_status add_node(tare_merge *merge, tare_call_node *node, tare_profile *profile,
                            const tare_merge_metrics *metrics, const tare_costs *costs,
                            uint32_t label_set, double ns_per_tick, tare_error *err)
{
    tare_merged_node *merged = &merge->nodes[node->index];
    uint32_t          into = merged->node;
    if (node->parent == NULL)
        TARE_TRY(add_synthetic(profile, "(no Python frame)", &into, err));
    double   exact_ns = (double)node->self_ticks * ns_per_tick + merge->carry_ns;
    uint64_t raw_ns = (uint64_t)exact_ns;
    bool     native = is_native(node);
    double   slowdown = native ? 1 : costs->slowdown;
    double   own_ns = ((double)raw_ns - merged->cost_ns) / slowdown;
    double   slowdown_part = native ? 0 : costs->slowdown_error / slowdown;
    double   left_ns = merged->left_ns + own_ns;
    double   error_left_ns = merged->error_left_ns + merged->cost_error_ns / slowdown +
                           (own_ns > 0 ? own_ns * slowdown_part : 0);
    uint64_t     wall_ns = draw(&left_ns);
    uint64_t     suspended_ns = (uint64_t)((double)node->suspended_ticks * ns_per_tick);
    uint32_t     state = native ? metrics->native_ns : metrics->python_ns;
    const amount amounts[] = {
        {metrics->calls, node->calls, &node->calls},
        {metrics->resumes, node->resumes, &node->resumes},
        {metrics->suspended_ns, suspended_ns, &node->suspended_ticks},
        {metrics->cpu_ns, node->cpu_ns, &node->cpu_ns},
        {metrics->error_ns, draw(&error_left_ns), &node->announced},
        {metrics->raw_ns, raw_ns, NULL},
        {metrics->wall_ns, wall_ns, NULL},
        {state, wall_ns, &node->self_ticks},
    };
    TARE_TRY(
        add_amounts(profile, into, label_set, amounts, sizeof amounts / sizeof amounts[0], err));
    merged->left_ns = left_ns;
    merged->error_left_ns = error_left_ns;
    merge->carry_ns = exact_ns - (double)raw_ns;
    return TARE_OK;
}

/* ---- durations ---- */

static tare_status add_duration(const tare_merge *merge, uint32_t node, uint32_t digits,
                                uint32_t count, tare_profile *profile, tare_merge_metrics *metrics,
                                uint32_t label_set, tare_error *err)
{
    uint32_t *metric = &metrics->durations[digits];
    char      name[sizeof "duration_log2_00"];
    if (*metric == TARE_NONE) {
        snprintf(name, sizeof name, "duration_log2_%02u", digits % 100);
        TARE_TRY(tare_profile_metric(profile, name, "count", metric, err));
    }
    return tare_profile_add(profile, merge->nodes[node].node, label_set, *metric, count, err);
}

static tare_status add_durations(const tare_merge *merge, tare_call_durations *durations,
                                 tare_profile *profile, tare_merge_metrics *metrics,
                                 uint32_t label_set, tare_error *err)
{
    for (uint32_t i = 0; i < TARE_CALLS_DURATIONS; i++) {
        if (durations->counts[i] == 0)
            continue;
        TARE_TRY(add_duration(merge, durations->node, i, durations->counts[i], profile, metrics,
                              label_set, err));
        durations->counts[i] = 0;
    }
    return TARE_OK;
}

static tare_status merge_durations(const tare_merge *merge, tare_calls *calls,
                                   tare_profile *profile, tare_merge_metrics *metrics,
                                   uint32_t label_set, tare_error *err)
{
    for (uint32_t i = 0; i < calls->node_count; i++) {
        tare_call_node *node = tare_calls_node(calls, i);
        if (node->first_duration == 0)
            continue;
        TARE_TRY(
            add_duration(merge, i, node->first_duration - 1U, 1, profile, metrics, label_set, err));
        node->first_duration = 0;
    }
    for (uint32_t i = 0; i < calls->duration_count; i++)
        TARE_TRY(add_durations(merge, calls->durations[i], profile, metrics, label_set, err));
    return TARE_OK;
}

tare_status tare_merge_calls(tare_merge *merge, tare_calls *calls, tare_profile *profile,
                             tare_merge_metrics *metrics, const tare_costs *costs,
                             uint32_t label_set, double ns_per_tick, tare_error *err)
{
    for (uint32_t i = 0; i < calls->node_count; i++)
        TARE_TRY(place_node(merge, calls, i, profile, err));
    find_costs(merge, calls, costs);
    for (uint32_t i = 0; i < calls->node_count; i++) {
        tare_call_node *node = tare_calls_node(calls, i);
        if (!is_silent(node) || merge->nodes[i].cost_ns > 0)
            TARE_TRY(add_node(merge, node, profile, metrics, costs, label_set, ns_per_tick, err));
    }
    return merge_durations(merge, calls, profile, metrics, label_set, err);
}
