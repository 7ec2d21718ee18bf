/* export_json.c - everything in a profile, schema "tare.profile/1".
 *
 *     {"schema": "tare.profile/1",
 *      "meta": {key: value},
 *      "metrics": [{"name", "unit"}],
 *      "label_sets": [{key: value}],
 *      "functions": [{"name", "qualname", "file", "first_line", "kind"}],
 *      "frames": [[function, line]],
 *      "nodes": [[parent, frame]],          the root is [null, null]
 *      "values": [[node, label_set, metric, amount]],
 *      "series": [{"name", "unit", "label_set", "points": [[time_ns, amount]]}]}
 *
 * Ids are places in the lists, as in docs/format.md. A list has one entry per line, so
 * that two exports can be compared line by line. Numbers are written whole; amounts can
 * pass 2^53, which JavaScript rounds. All metrics are written, whichever is asked for.
 *
 * Cost: O(size of the profile). */
#include "io/export.h"
#include "io/json_text.h"

static void append_string(const tare_profile *profile, uint32_t id, tare_buffer *out)
{
    tare_text text = tare_profile_text(profile, id);
    tare_json_string(out, text.bytes, text.size);
}

static void append_pair(const tare_profile *profile, uint32_t key, uint32_t value, tare_buffer *out)
{
    append_string(profile, key, out);
    tare_buffer_u8(out, ':');
    append_string(profile, value, out);
}

static void append_name_and_unit(const tare_profile *profile, uint32_t name, uint32_t unit,
                                 tare_buffer *out)
{
    tare_buffer_format(out, "{\"name\":");
    append_string(profile, name, out);
    tare_buffer_format(out, ",\"unit\":");
    append_string(profile, unit, out);
}

static void append_meta(const tare_profile *profile, uint32_t i, tare_buffer *out)
{
    append_pair(profile, profile->meta[i].key, profile->meta[i].value, out);
}

static void append_metric(const tare_profile *profile, uint32_t id, tare_buffer *out)
{
    append_name_and_unit(profile, profile->metrics[id].name, profile->metrics[id].unit, out);
    tare_buffer_u8(out, '}');
}

static void append_label_set(const tare_profile *profile, uint32_t id, tare_buffer *out)
{
    tare_label_set set = profile->label_sets[id];
    tare_buffer_u8(out, '{');
    for (uint32_t i = 0; i < set.count; i++) {
        tare_label label = profile->labels[set.first + i];
        tare_buffer_format(out, "%s", i > 0 ? "," : "");
        append_pair(profile, label.key, label.value, out);
    }
    tare_buffer_u8(out, '}');
}

static void append_function(const tare_profile *profile, uint32_t id, tare_buffer *out)
{
    static const char *const kinds[] = {"python", "native", "synthetic"};
    tare_function            function = profile->functions[id];
    tare_buffer_format(out, "{\"name\":");
    append_string(profile, function.name, out);
    tare_buffer_format(out, ",\"qualname\":");
    append_string(profile, function.qualname, out);
    tare_buffer_format(out, ",\"file\":");
    append_string(profile, function.file, out);
    tare_buffer_format(out, ",\"first_line\":%u,\"kind\":\"%s\"}", function.first_line,
                       kinds[function.kind]);
}

/* "[1,2]" */
static void append_numbers(tare_buffer *out, const uint64_t *numbers, int count)
{
    for (int i = 0; i < count; i++) {
        tare_buffer_u8(out, i == 0 ? '[' : ',');
        tare_text_number(out, numbers[i]);
    }
    tare_buffer_u8(out, ']');
}

static void append_frame(const tare_profile *profile, uint32_t id, tare_buffer *out)
{
    tare_frame frame = profile->frames[id];
    append_numbers(out, (uint64_t[]){frame.function, frame.line}, 2);
}

static void append_node(const tare_profile *profile, uint32_t id, tare_buffer *out)
{
    tare_node node = profile->nodes[id];
    if (id == 0)
        tare_buffer_format(out, "[null,null]");
    else
        append_numbers(out, (uint64_t[]){node.parent, node.frame}, 2);
}

static void append_value(const tare_profile *profile, uint32_t id, tare_buffer *out)
{
    tare_value value = profile->values[id];
    append_numbers(out, (uint64_t[]){value.node, value.label_set, value.metric, value.amount}, 4);
}

static void append_series(const tare_profile *profile, uint32_t id, tare_buffer *out)
{
    const tare_series *series = &profile->series[id];
    append_name_and_unit(profile, series->name, series->unit, out);
    tare_buffer_format(out, ",\"label_set\":%u,\"points\":[", series->label_set);
    for (uint32_t i = 0; i < series->point_count; i++)
        tare_buffer_format(out, "%s[%llu,%lld]", i > 0 ? "," : "",
                           (unsigned long long)series->points[i].time_ns,
                           (long long)series->points[i].amount);
    tare_buffer_format(out, "]}");
}

typedef struct section {
    const char *name;
    const char *brackets;
    uint32_t    count;
    void (*append)(const tare_profile *profile, uint32_t id, tare_buffer *out);
} section;

static void append_section(const tare_profile *profile, const section *s, tare_buffer *out)
{
    tare_buffer_format(out, ",\n\"%s\":%c", s->name, s->brackets[0]);
    for (uint32_t id = 0; id < s->count && !out->failed; id++) {
        tare_buffer_append(out, ",", id > 0);
        tare_buffer_u8(out, '\n');
        s->append(profile, id, out);
    }
    tare_buffer_u8(out, (uint8_t)s->brackets[1]);
}

tare_status tare_export_json(const tare_profile *profile, uint32_t metric, tare_buffer *out,
                             tare_error *err)
{
    (void)metric;
    const section sections[] = {
        {"meta", "{}", profile->meta_count, append_meta},
        {"metrics", "[]", profile->metric_count, append_metric},
        {"label_sets", "[]", profile->label_set_count, append_label_set},
        {"functions", "[]", profile->function_count, append_function},
        {"frames", "[]", profile->frame_count, append_frame},
        {"nodes", "[]", profile->node_count, append_node},
        {"values", "[]", profile->value_count, append_value},
        {"series", "[]", profile->series_count, append_series},
    };
    tare_buffer_format(out, "{\"schema\":\"tare.profile/1\"");
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        append_section(profile, &sections[i], out);
    tare_buffer_format(out, "}\n");
    if (out->failed)
        return tare_fail(err, TARE_NO_MEMORY, "export to json: out of memory after %u bytes",
                         out->size);
    return TARE_OK;
}
