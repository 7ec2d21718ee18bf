/* stacks.c - one column of a profile, sorted by label set.
 *
 *     values   (node 3, set 1) (node 5, set 0) (node 4, set 1) ...
 *     first    set 0: 0    set 1: 1    end: 3
 *     stacks   (node 5) | (node 3) (node 4)
 *
 * A counting sort: stable, so stacks of a set come in the order of first appearance.
 * Cost: init O(values + label sets + nodes), frames O(depth). */
#include "io/stacks.h"

static bool belongs(const tare_value *value, uint32_t metric)
{
    return value->metric == metric && value->node != 0 && value->amount > 0;
}

static void sort_stacks(tare_stacks *stacks, uint32_t metric)
{
    const tare_profile *profile = stacks->profile;
    uint32_t            set_count = profile->label_set_count;
    for (uint32_t i = 0; i < profile->value_count; i++) {
        const tare_value *value = &profile->values[i];
        if (belongs(value, metric))
            stacks->stacks[stacks->first[value->label_set]++] = (tare_stack){
                .node = value->node, .amount = value->amount};
    }
    /* Each start has moved to the end of its set: shift them back by one. */
    for (uint32_t set = set_count; set > 0; set--)
        stacks->first[set] = stacks->first[set - 1];
    stacks->first[0] = 0;
}

/* first[s] = how many stacks there are in sets before s. */
static void count_stacks(tare_stacks *stacks, uint32_t metric)
{
    const tare_profile *profile = stacks->profile;
    for (uint32_t i = 0; i < profile->value_count; i++) {
        if (belongs(&profile->values[i], metric))
            stacks->first[profile->values[i].label_set + 1]++;
    }
    for (uint32_t set = 0; set < profile->label_set_count; set++)
        stacks->first[set + 1] += stacks->first[set];
    stacks->count = stacks->first[profile->label_set_count];
}

static tare_status reserve_frames(tare_stacks *stacks, tare_error *err)
{
    const tare_profile *profile = stacks->profile;
    void               *depths;
    TARE_TRY(tare_acquire(profile->alloc, &depths, profile->node_count, sizeof(uint32_t), err));
    uint32_t *depth = depths;
    for (uint32_t node = 1; node < profile->node_count; node++) {
        depth[node] = depth[profile->nodes[node].parent] + 1;
        if (depth[node] > stacks->max_depth)
            stacks->max_depth = depth[node];
    }
    tare_release(profile->alloc, depths, profile->node_count, sizeof(uint32_t));
    void *frames;
    TARE_TRY(tare_acquire(profile->alloc, &frames, stacks->max_depth, sizeof(uint32_t), err));
    stacks->frames = frames;
    return TARE_OK;
}

static tare_status fill_stacks(tare_stacks *stacks, uint32_t metric, tare_error *err)
{
    const tare_profile *profile = stacks->profile;
    void               *memory;
    TARE_TRY(
        tare_acquire(profile->alloc, &memory, profile->label_set_count + 1, sizeof(uint32_t), err));
    stacks->first = memory;
    count_stacks(stacks, metric);
    TARE_TRY(tare_acquire(profile->alloc, &memory, stacks->count, sizeof(tare_stack), err));
    stacks->stacks = memory;
    sort_stacks(stacks, metric);
    return reserve_frames(stacks, err);
}

tare_status tare_stacks_init(tare_stacks *stacks, const tare_profile *profile, uint32_t metric,
                             tare_error *err)
{
    *stacks = (tare_stacks){.profile = profile};
    if (metric >= profile->metric_count)
        return tare_fail(err, TARE_USAGE, "export metric %u: the profile has %u metrics", metric,
                         profile->metric_count);
    tare_status status = fill_stacks(stacks, metric, err);
    if (status != TARE_OK)
        tare_stacks_deinit(stacks);
    return status;
}

void tare_stacks_deinit(tare_stacks *stacks)
{
    if (stacks->profile == NULL)
        return;
    const tare_alloc *alloc = stacks->profile->alloc;
    tare_release(alloc, stacks->stacks, stacks->count, sizeof(tare_stack));
    tare_release(alloc, stacks->first, stacks->profile->label_set_count + 1, sizeof(uint32_t));
    tare_release(alloc, stacks->frames, stacks->max_depth, sizeof(uint32_t));
    *stacks = (tare_stacks){0};
}

const uint32_t *tare_stacks_frames(tare_stacks *stacks, uint32_t node, uint32_t *depth_out)
{
    uint32_t at = stacks->max_depth;
    for (; node != 0; node = stacks->profile->nodes[node].parent)
        stacks->frames[--at] = stacks->profile->nodes[node].frame;
    *depth_out = stacks->max_depth - at;
    return stacks->frames + at;
}

static bool is_word(tare_text text, const char *word)
{
    size_t i = 0;
    while (i < text.size && word[i] != '\0' && text.bytes[i] == word[i])
        i++;
    return i == text.size && word[i] == '\0';
}

void tare_stacks_label(const tare_profile *profile, uint32_t label_set, tare_buffer *out)
{
    tare_label_set set = profile->label_sets[label_set];
    const char    *separator = "";
    for (uint32_t i = 0; i < set.count; i++) {
        tare_label label = profile->labels[set.first + i];
        tare_text  key = tare_profile_text(profile, label.key);
        tare_text  value = tare_profile_text(profile, label.value);
        if (is_word(key, "main"))
            continue;
        tare_buffer_format(out, "%s", separator);
        tare_buffer_append(out, key.bytes, key.size);
        tare_buffer_u8(out, ' ');
        tare_buffer_append(out, value.bytes, value.size);
        separator = ", ";
    }
}

tare_status tare_export_result(const tare_buffer *out, const char *format, tare_error *err)
{
    if (!out->failed)
        return TARE_OK;
    return tare_fail(err, TARE_NO_MEMORY, "export to %s: out of memory after %u bytes", format,
                     out->size);
}
