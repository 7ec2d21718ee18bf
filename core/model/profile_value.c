/* profile_value.c - label sets, metrics, and the values that nodes have for both.
 *
 *     label_sets  0 {}    1 {process: 41 app, thread: 41 MainThread, main: 1}
 *                             '-- labels 0..2, sorted by key, so that equal sets are equal
 *     values      (node 2, set 1, python_ns) = 3,000,000
 *                 (node 2, set 1, samples)   = 3
 *
 * Only pairs that were seen have a value; a sum stops at the largest number, which shows,
 * and never wraps, which would not. The key of a value has 20 bits for the label set and 12
 * for the metric: hence their limits.
 * Cost: add runs three times a sample, about 4 ns each when the value is there. */
#include "model/profile.h"

#include "model/profile_index.h"

#include <string.h>

_Static_assert((uint64_t)TARE_PROFILE_MAX_LABEL_SETS *TARE_PROFILE_MAX_METRICS ==
                   (uint64_t)UINT32_MAX + 1,
               "a label set and a metric fill 32 bits of a value's key");

/* ---- label sets ---- */

static void sort_labels(tare_label *labels, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        tare_label label = labels[i];
        uint32_t   at = i;
        for (; at > 0 && labels[at - 1].key > label.key; at--)
            labels[at] = labels[at - 1];
        labels[at] = label;
    }
}

static bool same_labels(const tare_profile *profile, uint32_t id, const tare_label *labels,
                        uint32_t count)
{
    const tare_label_set *set = &profile->label_sets[id];
    if (set->count != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const tare_label *label = &profile->labels[set->first + i];
        if (label->key != labels[i].key || label->value != labels[i].value)
            return false;
    }
    return true;
}

uint32_t tare_profile_find_label_set(const tare_profile *profile, const tare_label *labels,
                                     uint32_t count, uint64_t *key_out)
{
    uint64_t key = count;
    for (uint32_t i = 0; i < count; i++)
        key = tare_profile_mix(profile, key ^ tare_pack(labels[i].key, labels[i].value));
    uint32_t id = tare_map_get(&profile->label_set_by_hash, key);
    while (id != TARE_MAP_ABSENT && !same_labels(profile, id, labels, count))
        id = tare_map_get(&profile->label_set_by_hash, ++key);
    *key_out = key;
    return id;
}

static tare_status append_label_set(tare_profile *profile, const tare_label *labels, uint32_t count,
                                    uint64_t key, uint32_t *id_out, tare_error *err)
{
    uint32_t id = profile->label_set_count;
    uint32_t first = profile->label_count;
    if (id == TARE_PROFILE_MAX_LABEL_SETS)
        return tare_fail(err, TARE_LIMIT, "add a label set to a profile: %u are the most", id);
    TARE_TRY(tare_profile_grow(profile, &profile->labels, &profile->label_capacity,
                               first + (size_t)count, sizeof *profile->labels, err));
    TARE_TRY(tare_profile_grow(profile, &profile->label_sets, &profile->label_set_capacity,
                               id + (size_t)1, sizeof *profile->label_sets, err));
    TARE_TRY(tare_map_put(&profile->label_set_by_hash, key, id, profile->alloc, err));
    for (uint32_t i = 0; i < count; i++)
        profile->labels[first + i] = labels[i];
    profile->label_sets[id] = (tare_label_set){.first = first, .count = count};
    profile->label_count = first + count;
    profile->label_set_count = id + 1;
    *id_out = id;
    return TARE_OK;
}

tare_status tare_profile_label_set(tare_profile *profile, const tare_label *labels, uint32_t count,
                                   uint32_t *id_out, tare_error *err)
{
    tare_label sorted[TARE_PROFILE_MAX_LABELS_PER_SET];
    if (count > TARE_PROFILE_MAX_LABELS_PER_SET)
        return tare_fail(err, TARE_LIMIT, "add a set of %u labels to a profile: %d are the most",
                         count, TARE_PROFILE_MAX_LABELS_PER_SET);
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = labels[i];
    sort_labels(sorted, count);
    for (uint32_t i = 1; i < count; i++) {
        if (sorted[i].key == sorted[i - 1].key)
            return tare_fail(err, TARE_USAGE, "add a label set to a profile: it has %s twice",
                             tare_profile_text(profile, sorted[i].key).bytes);
    }
    uint64_t key;
    *id_out = tare_profile_find_label_set(profile, sorted, count, &key);
    if (*id_out != TARE_MAP_ABSENT)
        return TARE_OK;
    return append_label_set(profile, sorted, count, key, id_out, err);
}

/* ---- metrics ---- */

static tare_status append_metric(tare_profile *profile, tare_metric metric, uint32_t *id_out,
                                 tare_error *err)
{
    uint32_t id = profile->metric_count;
    if (id == TARE_PROFILE_MAX_METRICS)
        return tare_fail(err, TARE_LIMIT, "add a metric to a profile: %u are the most", id);
    TARE_TRY(tare_profile_grow(profile, &profile->metrics, &profile->metric_capacity,
                               id + (size_t)1, sizeof *profile->metrics, err));
    TARE_TRY(tare_map_put(&profile->metric_by_name, metric.name, id, profile->alloc, err));
    profile->metrics[id] = metric;
    profile->metric_count = id + 1;
    *id_out = id;
    return TARE_OK;
}

tare_status tare_profile_metric(tare_profile *profile, const char *name, const char *unit,
                                uint32_t *id_out, tare_error *err)
{
    tare_metric metric;
    TARE_TRY(tare_profile_string(profile, name, strlen(name), &metric.name, err));
    TARE_TRY(tare_profile_string(profile, unit, strlen(unit), &metric.unit, err));
    *id_out = tare_map_get(&profile->metric_by_name, metric.name);
    if (*id_out != TARE_MAP_ABSENT)
        return TARE_OK;
    return append_metric(profile, metric, id_out, err);
}

/* ---- values ---- */

static tare_status append_value(tare_profile *profile, tare_value value, tare_error *err)
{
    uint32_t id = profile->value_count;
    uint64_t key = tare_profile_value_key(value.node, value.label_set, value.metric);
    TARE_TRY(tare_profile_grow(profile, &profile->values, &profile->value_capacity, id + (size_t)1,
                               sizeof *profile->values, err));
    TARE_TRY(tare_map_put(&profile->value_by_key, key, id, profile->alloc, err));
    profile->values[id] = value;
    profile->value_count = id + 1;
    return TARE_OK;
}

tare_status tare_profile_add(tare_profile *profile, uint32_t node, uint32_t label_set,
                             uint32_t metric, uint64_t amount, tare_error *err)
{
    uint32_t id = tare_map_get(&profile->value_by_key,
                               tare_profile_value_key(node, label_set, metric));
    if (id == TARE_MAP_ABSENT) {
        tare_value value = {node, label_set, metric, amount};
        return append_value(profile, value, err);
    }
    uint64_t *sum = &profile->values[id].amount;
    if (__builtin_add_overflow(*sum, amount, sum))
        *sum = UINT64_MAX;
    return TARE_OK;
}

tare_status tare_profile_set_value(tare_profile *profile, uint32_t node, uint32_t label_set,
                                   uint32_t metric, uint64_t amount, tare_error *err)
{
    uint32_t id = tare_map_get(&profile->value_by_key,
                               tare_profile_value_key(node, label_set, metric));
    if (id == TARE_MAP_ABSENT) {
        tare_value value = {node, label_set, metric, amount};
        return amount > 0 ? append_value(profile, value, err) : TARE_OK;
    }
    profile->values[id].amount = amount;
    return TARE_OK;
}

uint64_t tare_profile_value(const tare_profile *profile, uint32_t node, uint32_t label_set,
                            uint32_t metric)
{
    uint32_t id = tare_map_get(&profile->value_by_key,
                               tare_profile_value_key(node, label_set, metric));
    return id == TARE_MAP_ABSENT ? 0 : profile->values[id].amount;
}
