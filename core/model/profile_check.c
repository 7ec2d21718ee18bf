/* profile_check.c - the invariants of a profile, table by table.
 *
 *     ids      what an entry names is there             id < count of its table
 *     order    a parent stands before its children, a label before one with a larger key,
 *              a point before later ones
 *     unique   searching for an entry finds this entry, not an earlier twin; a wrong index
 *              shows in the same way
 *
 * Readers of a profile index its tables without looking; this is where that is earned, once
 * per file. The first thing found is named by table and id, and ends the check.
 * Cost: O(size), one look into an index per entry. */
#include "model/profile.h"

#include "model/profile_index.h"

static tare_status fail_entry(tare_error *err, const char *table, uint32_t id, const char *reason)
{
    return tare_fail(err, TARE_CORRUPT, "check the profile: %s %u %s", table, id, reason);
}

static bool has_string(const tare_profile *profile, uint32_t id)
{
    return id < profile->strings.count;
}

static tare_status check_functions(const tare_profile *profile, tare_error *err)
{
    for (uint32_t id = 0; id < profile->function_count; id++) {
        const tare_function *function = &profile->functions[id];
        uint64_t             key;
        if (!has_string(profile, function->name) || !has_string(profile, function->qualname) ||
            !has_string(profile, function->file))
            return fail_entry(err, "function", id, "names a string that is not there");
        if (function->kind > TARE_FUNCTION_SYNTHETIC)
            return fail_entry(err, "function", id, "is of no known kind");
        if (tare_profile_find_function(profile, function, &key) != id)
            return fail_entry(err, "function", id, "is there twice");
    }
    return TARE_OK;
}

static tare_status check_frames(const tare_profile *profile, tare_error *err)
{
    for (uint32_t id = 0; id < profile->frame_count; id++) {
        const tare_frame *frame = &profile->frames[id];
        if (frame->function >= profile->function_count)
            return fail_entry(err, "frame", id, "names a function that is not there");
        if (tare_map_get(&profile->frame_by_key, tare_pack(frame->function, frame->line)) != id)
            return fail_entry(err, "frame", id, "is there twice");
    }
    return TARE_OK;
}

static tare_status check_nodes(const tare_profile *profile, tare_error *err)
{
    if (profile->node_count == 0 || profile->nodes[0].parent != TARE_NONE ||
        profile->nodes[0].frame != TARE_NONE)
        return fail_entry(err, "node", 0, "is no root");
    for (uint32_t id = 1; id < profile->node_count; id++) {
        const tare_node *node = &profile->nodes[id];
        if (node->parent >= id)
            return fail_entry(err, "node", id, "does not stand behind its parent");
        if (node->frame >= profile->frame_count)
            return fail_entry(err, "node", id, "names a frame that is not there");
        if (tare_map_get(&profile->node_by_key, tare_pack(node->parent, node->frame)) != id)
            return fail_entry(err, "node", id, "is there twice");
    }
    if (profile->overflow_node >= profile->node_count)
        return fail_entry(err, "node", profile->overflow_node,
                          "takes the overflow, but is not there");
    return TARE_OK;
}

static tare_status check_labels(const tare_profile *profile, uint32_t id, tare_error *err)
{
    const tare_label_set *set = &profile->label_sets[id];
    if (set->count > TARE_PROFILE_MAX_LABELS_PER_SET)
        return fail_entry(err, "label set", id, "has too many labels");
    if (set->first > profile->label_count || set->count > profile->label_count - set->first)
        return fail_entry(err, "label set", id, "has labels that are not there");
    /* Before the first label there is no table to point into. */
    const tare_label *labels = set->count > 0 ? profile->labels + set->first : NULL;
    for (uint32_t i = 0; i < set->count; i++) {
        if (!has_string(profile, labels[i].key) || !has_string(profile, labels[i].value))
            return fail_entry(err, "label set", id, "names a string that is not there");
        if (i > 0 && labels[i - 1].key >= labels[i].key)
            return fail_entry(err, "label set", id, "is not in order");
    }
    uint64_t key;
    if (tare_profile_find_label_set(profile, labels, set->count, &key) != id)
        return fail_entry(err, "label set", id, "is there twice");
    return TARE_OK;
}

static tare_status check_label_sets(const tare_profile *profile, tare_error *err)
{
    if (profile->label_set_count == 0 || profile->label_sets[0].count != 0)
        return fail_entry(err, "label set", 0, "is not the empty one");
    for (uint32_t id = 0; id < profile->label_set_count; id++)
        TARE_TRY(check_labels(profile, id, err));
    return TARE_OK;
}

static tare_status check_metrics(const tare_profile *profile, tare_error *err)
{
    for (uint32_t id = 0; id < profile->metric_count; id++) {
        const tare_metric *metric = &profile->metrics[id];
        if (!has_string(profile, metric->name) || !has_string(profile, metric->unit))
            return fail_entry(err, "metric", id, "names a string that is not there");
        if (tare_map_get(&profile->metric_by_name, metric->name) != id)
            return fail_entry(err, "metric", id, "is there twice");
    }
    return TARE_OK;
}

static tare_status check_values(const tare_profile *profile, tare_error *err)
{
    for (uint32_t id = 0; id < profile->value_count; id++) {
        const tare_value *value = &profile->values[id];
        uint64_t key = tare_profile_value_key(value->node, value->label_set, value->metric);
        if (value->node >= profile->node_count || value->label_set >= profile->label_set_count ||
            value->metric >= profile->metric_count)
            return fail_entry(err, "value", id, "belongs to something that is not there");
        if (tare_map_get(&profile->value_by_key, key) != id)
            return fail_entry(err, "value", id, "is there twice");
    }
    return TARE_OK;
}

static bool has_node(const tare_profile *profile, int64_t amount)
{
    uint64_t node = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
    return node < profile->node_count;
}

static tare_status check_points(const tare_profile *profile, uint32_t id, bool nodes,
                                tare_error *err)
{
    const tare_series *series = &profile->series[id];
    for (uint32_t i = 0; i < series->point_count; i++) {
        if (i > 0 && series->points[i].time_ns < series->points[i - 1].time_ns)
            return fail_entry(err, "series", id, "goes back in time");
        if (nodes && !has_node(profile, series->points[i].amount))
            return fail_entry(err, "series", id, "is at a node that is not there");
    }
    return TARE_OK;
}

static tare_status check_series(const tare_profile *profile, tare_error *err)
{
    uint32_t node_unit = tare_intern_find(&profile->strings, "node", 4);
    for (uint32_t id = 0; id < profile->series_count; id++) {
        const tare_series *series = &profile->series[id];
        if (!has_string(profile, series->name) || !has_string(profile, series->unit))
            return fail_entry(err, "series", id, "names a string that is not there");
        if (series->label_set >= profile->label_set_count)
            return fail_entry(err, "series", id, "names a label set that is not there");
        if (tare_map_get(&profile->series_by_key, tare_pack(series->name, series->label_set)) != id)
            return fail_entry(err, "series", id, "is there twice");
        TARE_TRY(check_points(profile, id, series->unit == node_unit, err));
    }
    return TARE_OK;
}

static tare_status check_meta(const tare_profile *profile, tare_error *err)
{
    for (uint32_t id = 0; id < profile->meta_count; id++) {
        const tare_meta *meta = &profile->meta[id];
        if (!has_string(profile, meta->key) || !has_string(profile, meta->value))
            return fail_entry(err, "provenance", id, "names a string that is not there");
        if (tare_map_get(&profile->meta_by_key, meta->key) != id)
            return fail_entry(err, "provenance", id, "is there twice");
    }
    return TARE_OK;
}

tare_status tare_profile_check(const tare_profile *profile, tare_error *err)
{
    TARE_TRY(check_functions(profile, err));
    TARE_TRY(check_frames(profile, err));
    TARE_TRY(check_nodes(profile, err));
    TARE_TRY(check_label_sets(profile, err));
    TARE_TRY(check_metrics(profile, err));
    TARE_TRY(check_values(profile, err));
    TARE_TRY(check_series(profile, err));
    return check_meta(profile, err);
}
