/* export_speedscope.c - the JSON format of https://www.speedscope.app.
 *
 *     shared.frames    one per function: name, file, line of its definition
 *     profiles         one per label set with stacks: type "sampled", samples root first
 *                      as lists of places in shared.frames, weights in the metric's unit
 *
 * Boxes are functions rather than lines, so that a function is one box below each caller
 * and one row in the sandwich view; the lines are in the json and collapsed exports. The
 * order of samples in time is not in a profile: use the "left heavy" view.
 *
 * Schema: https://www.speedscope.app/file-format-schema.json
 * Cost: O(functions + sum of the depths of all stacks). */
#include "io/export.h"
#include "io/json_text.h"
#include "io/stacks.h"

#include <string.h>

static void append_text(tare_buffer *out, tare_text text)
{
    tare_json_string(out, text.bytes, text.size);
}

static void append_functions(const tare_profile *profile, tare_buffer *out)
{
    for (uint32_t id = 0; id < profile->function_count; id++) {
        const tare_function *function = &profile->functions[id];
        tare_text            file = tare_profile_text(profile, function->file);
        tare_buffer_format(out, "%s\n{\"name\":", id > 0 ? "," : "");
        append_text(out, tare_profile_text(profile, function->qualname));
        if (file.size > 0) {
            tare_buffer_format(out, ",\"file\":");
            append_text(out, file);
        }
        if (function->first_line > 0)
            tare_buffer_format(out, ",\"line\":%u", function->first_line);
        tare_buffer_format(out, "}");
    }
}

static const char *find_unit(const tare_profile *profile, uint32_t metric)
{
    static const struct {
        const char *ours, *theirs;
    } units[] = {{"ns", "nanoseconds"}, {"bytes", "bytes"}};
    const char *unit = tare_profile_text(profile, profile->metrics[metric].unit).bytes;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, units[i].ours) == 0)
            return units[i].theirs;
    }
    return "none";
}

static void append_samples(tare_stacks *stacks, uint32_t set, tare_buffer *out)
{
    const tare_profile *profile = stacks->profile;
    uint32_t            first = stacks->first[set];
    for (uint32_t i = first; i < stacks->first[set + 1] && !out->failed; i++) {
        uint32_t        depth;
        const uint32_t *frames = tare_stacks_frames(stacks, stacks->stacks[i].node, &depth);
        tare_buffer_append(out, ",", i > first);
        tare_buffer_append(out, "\n[", 2);
        for (uint32_t j = 0; j < depth; j++) {
            tare_buffer_append(out, ",", j > 0);
            tare_text_number(out, profile->frames[frames[j]].function);
        }
        tare_buffer_u8(out, ']');
    }
}

/* Returns the sum of the weights; it stops at the largest number there is. */
static uint64_t append_weights(const tare_stacks *stacks, uint32_t set, tare_buffer *out)
{
    uint64_t sum = 0;
    uint32_t first = stacks->first[set];
    for (uint32_t i = first; i < stacks->first[set + 1]; i++) {
        uint64_t amount = stacks->stacks[i].amount;
        tare_buffer_append(out, ",", i > first);
        tare_text_number(out, amount);
        sum = amount <= UINT64_MAX - sum ? sum + amount : UINT64_MAX;
    }
    return sum;
}

static tare_status append_label_set(tare_stacks *stacks, uint32_t set, const char *unit,
                                    tare_buffer *out, tare_error *err)
{
    tare_buffer label = {.alloc = out->alloc};
    tare_stacks_label(stacks->profile, set, &label);
    if (label.size == 0)
        tare_buffer_format(&label, "all threads");
    tare_status status = tare_export_result(&label, "speedscope", err);
    if (status == TARE_OK) {
        tare_buffer_format(out, "\n{\"type\":\"sampled\",\"name\":");
        tare_json_string(out, (const char *)label.bytes, label.size);
        tare_buffer_format(out, ",\"unit\":\"%s\",\"startValue\":0,\"samples\":[", unit);
        append_samples(stacks, set, out);
        tare_buffer_format(out, "],\"weights\":[");
        uint64_t sum = append_weights(stacks, set, out);
        tare_buffer_format(out, "],\"endValue\":%llu}", (unsigned long long)sum);
        status = tare_export_result(out, "speedscope", err);
    }
    tare_buffer_deinit(&label);
    return status;
}

static tare_status append_profiles(tare_stacks *stacks, uint32_t metric, tare_buffer *out,
                                   tare_error *err)
{
    const char *unit = find_unit(stacks->profile, metric);
    bool        is_first = true;
    for (uint32_t set = 0; set < stacks->profile->label_set_count; set++) {
        if (stacks->first[set] == stacks->first[set + 1])
            continue;
        tare_buffer_format(out, "%s", is_first ? "" : ",");
        TARE_TRY(append_label_set(stacks, set, unit, out, err));
        is_first = false;
    }
    return TARE_OK;
}

static tare_status append_file(tare_stacks *stacks, uint32_t metric, tare_buffer *out,
                               tare_error *err)
{
    tare_buffer_format(out, "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\","
                            "\"exporter\":\"tare\",\"name\":");
    append_text(out, tare_profile_get_meta(stacks->profile, "target.command"));
    tare_buffer_format(out, ",\"activeProfileIndex\":0,\"shared\":{\"frames\":[");
    append_functions(stacks->profile, out);
    tare_buffer_format(out, "]},\"profiles\":[");
    TARE_TRY(append_profiles(stacks, metric, out, err));
    tare_buffer_format(out, "]}\n");
    return tare_export_result(out, "speedscope", err);
}

tare_status tare_export_speedscope(const tare_profile *profile, uint32_t metric, tare_buffer *out,
                                   tare_error *err)
{
    tare_stacks stacks;
    TARE_TRY(tare_stacks_init(&stacks, profile, metric, err));
    tare_status status = append_file(&stacks, metric, out, err);
    tare_stacks_deinit(&stacks);
    return status;
}
