/* merge.c - see merge.h.
 *
 * Time outside any traced function, between the thread's first and last event, is the root's and
 * goes to "(no Python frame)", the name that the sampler has for it; the overflow node goes to
 * the profile's own.
 * Invariant: merge->nodes[i] is set for i < merge->count, parents first. */
#include "trace/merge.h"

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
        {TARE_METRIC_python_ns, &metrics->python_ns},
        {TARE_METRIC_native_ns, &metrics->native_ns},
        {TARE_METRIC_cpu_ns, &metrics->cpu_ns},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const tare_metric_info *info = tare_metric_get(wanted[i].id);
        TARE_TRY(tare_profile_metric(profile, info->name, info->unit, wanted[i].out, err));
    }
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
    return tare_profile_child(profile, merge->nodes[node->parent->index], frame, node_out, err);
}

static bool is_silent(const tare_call_node *node)
{
    return (node->self_ticks | node->calls | node->resumes | node->suspended_ticks |
            node->cpu_ns) == 0;
}

/* The overflow node exists in each thread, and in the profile only when it was used. */
static tare_status place_node(tare_merge *merge, const tare_calls *calls, uint32_t index,
                              tare_profile *profile, tare_error *err)
{
    const tare_call_node *node = tare_calls_node(calls, index);
    void                 *nodes = merge->nodes;
    if (index < merge->count && merge->nodes[index] != TARE_NONE)
        return TARE_OK;
    TARE_TRY(tare_grow(profile->alloc, &nodes, &merge->capacity, (size_t)index + 1,
                       sizeof *merge->nodes, err));
    merge->nodes = nodes;
    if (index >= merge->count) {
        merge->nodes[index] = TARE_NONE;
        merge->count = index + 1;
    }
    if (node == calls->overflow && is_silent(node))
        return TARE_OK;
    return find_node(merge, node, profile, &merge->nodes[index], err);
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

/* Times come last and together, so that a failure between two of them is the only one that could
 * leave a state without its total; the profile's check would say so. */
static tare_status add_node(tare_merge *merge, tare_call_node *node, tare_profile *profile,
                            const tare_merge_metrics *metrics, uint32_t label_set,
                            double ns_per_tick, tare_error *err)
{
    uint32_t into = merge->nodes[node->index];
    if (node->parent == NULL)
        TARE_TRY(add_synthetic(profile, "(no Python frame)", &into, err));
    double       exact_ns = (double)node->self_ticks * ns_per_tick + merge->carry_ns;
    uint64_t     self_ns = (uint64_t)exact_ns;
    uint64_t     suspended_ns = (uint64_t)((double)node->suspended_ticks * ns_per_tick);
    uint32_t     state = is_native(node) ? metrics->native_ns : metrics->python_ns;
    const amount amounts[] = {
        {metrics->calls, node->calls, &node->calls},
        {metrics->resumes, node->resumes, &node->resumes},
        {metrics->suspended_ns, suspended_ns, &node->suspended_ticks},
        {metrics->cpu_ns, node->cpu_ns, &node->cpu_ns},
        {metrics->wall_ns, self_ns, NULL},
        {metrics->raw_ns, self_ns, NULL},
        {state, self_ns, &node->self_ticks},
    };
    TARE_TRY(
        add_amounts(profile, into, label_set, amounts, sizeof amounts / sizeof amounts[0], err));
    merge->carry_ns = exact_ns - (double)self_ns;
    return TARE_OK;
}

tare_status tare_merge_calls(tare_merge *merge, tare_calls *calls, tare_profile *profile,
                             const tare_merge_metrics *metrics, uint32_t label_set,
                             double ns_per_tick, tare_error *err)
{
    for (uint32_t i = 0; i < calls->node_count; i++) {
        tare_call_node *node = tare_calls_node(calls, i);
        TARE_TRY(place_node(merge, calls, i, profile, err));
        if (!is_silent(node))
            TARE_TRY(add_node(merge, node, profile, metrics, label_set, ns_per_tick, err));
    }
    return TARE_OK;
}
