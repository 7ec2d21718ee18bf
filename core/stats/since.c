/* since.c - the same ids mean the same things, so a difference is value by value.
 *
 *     earlier   nodes 0..n     values v         wall_ns 4,000,000,000
 *     now       nodes 0..n+k   values v + d     wall_ns 5,000,000,000
 *     since     nodes 0..n+k   values d         wall_ns 1,000,000,000
 *
 * now continues earlier when every table of earlier is the beginning of now's and no
 * value fell; that is checked in whole before anything changes. Amounts are found
 * through now's own index; those that did not grow stay in the table as zeros. */
#include "stats/since.h"

#include <string.h>

/* What the sampler adds up while it runs. Peaks, names and rates stay as they are. */
static const char *const counted_keys[] = {
    "wall_ns",
    "cpu_ns",
    "cpu.user_ns",
    "cpu.system_ns",
    "faults.major",
    "faults.minor",
    "switches.voluntary",
    "switches.involuntary",
    "sampler.tick_count",
    "sampler.weight",
    "sampler.weight_squared",
    "sampler.late_count",
    "sampler.gap_count",
    "sampler.gap_ns",
    "sampler.sample_count",
    "sampler.proven_count",
    "sampler.prefix_count",
    "sampler.lost_count",
    "sampler.retry_count",
    "sampler.read_count",
    "sampler.cpu_ns",
    "sampler.skipped_count",
    "sampler.hold_count",
    "sampler.hold_ns",
    "sampler.truncated_count",
    "sampler.overflow_count",
    "machine.idle_ns",
    "machine.steal_ns",
};

typedef struct table_pair {
    const void *now;
    const void *earlier;
    size_t      now_count;
    size_t      earlier_count;
    size_t      item_bytes;
} table_pair;

static bool starts_with(const table_pair *pair)
{
    if (pair->earlier_count > pair->now_count)
        return false;
    size_t bytes = pair->earlier_count * pair->item_bytes;
    return bytes == 0 || memcmp(pair->now, pair->earlier, bytes) == 0;
}

#define PAIR(items, count) \
    {now->items, earlier->items, now->count, earlier->count, sizeof *now->items}

static bool tables_continue(const tare_profile *now, const tare_profile *earlier)
{
    const table_pair pairs[] = {
        PAIR(strings.bytes, strings.bytes_size),
        PAIR(functions, function_count),
        PAIR(frames, frame_count),
        PAIR(nodes, node_count),
        PAIR(labels, label_count),
        PAIR(label_sets, label_set_count),
        PAIR(metrics, metric_count),
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (!starts_with(&pairs[i]))
            return false;
    }
    return true;
}

static uint64_t find_amount(const tare_profile *profile, const tare_value *value)
{
    return tare_profile_value(profile, value->node, value->label_set, value->metric);
}

/* No value fell, and none of earlier's is missing. */
static bool values_continue(const tare_profile *now, const tare_profile *earlier)
{
    uint32_t missing_count = 0;
    for (uint32_t i = 0; i < earlier->value_count; i++)
        missing_count += earlier->values[i].amount > 0;
    for (uint32_t i = 0; i < now->value_count; i++) {
        uint64_t amount = find_amount(earlier, &now->values[i]);
        if (amount > now->values[i].amount)
            return false;
        missing_count -= amount > 0;
    }
    return missing_count == 0;
}

static tare_status subtract_counts(tare_profile *now, const tare_profile *earlier, tare_error *err)
{
    for (size_t i = 0; i < sizeof counted_keys / sizeof counted_keys[0]; i++) {
        const char *key = counted_keys[i];
        if (tare_profile_get_meta(now, key).bytes == NULL)
            continue;
        double difference = tare_profile_meta_number(now, key, 0) -
                            tare_profile_meta_number(earlier, key, 0);
        TARE_TRY(tare_profile_format_meta(now, err, key, "%.0f", difference));
    }
    return TARE_OK;
}

tare_status tare_profile_since(tare_profile *now, const tare_profile *earlier, tare_error *err)
{
    if (!tables_continue(now, earlier) || !values_continue(now, earlier))
        return tare_fail(err, TARE_INCOMPATIBLE,
                         "take an earlier look away from a profile: it is not an earlier "
                         "look at the same measurement");
    for (uint32_t i = 0; i < now->value_count; i++)
        now->values[i].amount -= find_amount(earlier, &now->values[i]);
    return subtract_counts(now, earlier, err);
}
