/* columns.c - renumbering the tree, grouping the values, writing both as varints.
 *
 *     nodes        0 root, 1 a under 0, 2 b under 0, 3 c under 1
 *     place        0       1            3            2             (pre-order number of each)
 *     values       sorted by metric, label set, place: three stable counting sorts
 *
 * Children come in the order of their ids, which is that of first appearance.
 * Cost: O(size of the profile); memory 12 bytes a node, 8 a value, beside what is written. */
#include "io/columns.h"

#include "io/json_text.h"
#include "stats/counts.h"
#include "stats/allocs.h"
#include "stats/linetable.h"
#include "stats/summary.h"

#include <string.h>

enum {
    SECTION_HEAD = 1,
    SECTION_STRINGS,
    SECTION_FUNCTIONS,
    SECTION_FRAMES,
    SECTION_NODES,
    SECTION_VALUES,
    SECTION_SERIES
};

typedef struct columns {
    const tare_profile        *profile;
    const tare_columns_origin *origin;
    uint32_t                  *place;  /* by node: its pre-order number */
    uint32_t                  *sorted; /* values by metric, label set, place */
    uint32_t                  *spare;  /* likewise, while sorting */
    tare_buffer                payload;
} columns;

static void append_section(columns *c, uint8_t tag, tare_buffer *out)
{
    tare_buffer_u8(out, tag);
    tare_buffer_u64(out, c->payload.size);
    tare_buffer_append(out, c->payload.bytes, c->payload.size);
    out->failed = out->failed || c->payload.failed;
    tare_buffer_clear(&c->payload);
}

static void append_string(columns *c, uint32_t id)
{
    tare_text text = tare_profile_text(c->profile, id);
    tare_json_string(&c->payload, text.bytes, text.size);
}

static void append_metrics(columns *c)
{
    for (uint32_t id = 0; id < c->profile->metric_count; id++) {
        const tare_metric      *metric = &c->profile->metrics[id];
        const tare_metric_info *known = tare_metric_find(
            tare_profile_text(c->profile, metric->name).bytes);
        tare_buffer_format(&c->payload, "%s{\"name\":", id > 0 ? "," : "");
        append_string(c, metric->name);
        tare_buffer_format(&c->payload, ",\"unit\":");
        append_string(c, metric->unit);
        tare_buffer_format(&c->payload, ",\"role\":\"%s\",\"words\":",
                           tare_metric_role_name(known != NULL ? known->role : TARE_ROLE_OTHER));
        if (known != NULL)
            tare_json_string(&c->payload, known->words, strlen(known->words));
        else
            append_string(c, metric->name);
        tare_buffer_u8(&c->payload, '}');
    }
}

static void append_label_sets(columns *c)
{
    for (uint32_t id = 0; id < c->profile->label_set_count; id++) {
        tare_label_set set = c->profile->label_sets[id];
        tare_buffer_format(&c->payload, id > 0 ? ",{" : "{");
        for (uint32_t i = 0; i < set.count; i++) {
            tare_label label = c->profile->labels[set.first + i];
            tare_buffer_append(&c->payload, ",", i > 0);
            append_string(c, label.key);
            tare_buffer_u8(&c->payload, ':');
            append_string(c, label.value);
        }
        tare_buffer_u8(&c->payload, '}');
    }
}

/* The page has sources in a block of its own, or by its maker's wish none. */
static bool is_source(tare_text key)
{
    static const char prefix[] = "source:";
    return key.size >= sizeof prefix - 1 && memcmp(key.bytes, prefix, sizeof prefix - 1) == 0;
}

static void append_meta(columns *c)
{
    bool is_first = true;
    for (uint32_t i = 0; i < c->profile->meta_count; i++) {
        if (is_source(tare_profile_text(c->profile, c->profile->meta[i].key)))
            continue;
        tare_buffer_append(&c->payload, ",", !is_first);
        is_first = false;
        append_string(c, c->profile->meta[i].key);
        tare_buffer_u8(&c->payload, ':');
        append_string(c, c->profile->meta[i].value);
    }
}

static const char *find_kind(const tare_profile *profile)
{
    if (tare_allocs_known(profile))
        return "memory";
    if (tare_linetable_known(profile))
        return "lines";
    return tare_counts_known(profile) ? "trace" : "samples";
}

/* As a count of millionths: printf would write the comma of some locales. */
static uint64_t count_millionths(double number)
{
    double millionths = number * 1e6;
    if (!(millionths > 0))
        return 0;
    return millionths < (double)UINT64_MAX ? (uint64_t)millionths : UINT64_MAX;
}

static tare_status append_head(columns *c, tare_buffer *out, tare_error *err)
{
    const tare_profile *profile = c->profile;
    tare_buffer        *head = &c->payload;
    tare_summary        summary;
    TARE_TRY(tare_summary_init(&summary, profile, TARE_NONE, err));
    uint64_t effective = count_millionths(summary.effective_count);
    uint64_t whole_ns = summary.whole_ns;
    tare_summary_deinit(&summary, profile->alloc);
    tare_buffer_format(head,
                       "{\"schema\":\"tare.columns/1\",\"kind\":\"%s\",\"complete\":%s,"
                       "\"lost_bytes\":%llu,\"whole_ns\":%llu,"
                       "\"effective_count\":%llue-6,\"meta\":{",
                       find_kind(profile), c->origin->complete ? "true" : "false",
                       (unsigned long long)c->origin->lost_bytes, (unsigned long long)whole_ns,
                       (unsigned long long)effective);
    append_meta(c);
    tare_buffer_format(head, "},\"metrics\":[");
    append_metrics(c);
    tare_buffer_format(head, "],\"label_sets\":[");
    append_label_sets(c);
    tare_buffer_format(head, "],\"counts\":{\"functions\":%u,\"frames\":%u,\"nodes\":%u}}",
                       profile->function_count, profile->frame_count, profile->node_count);
    append_section(c, SECTION_HEAD, out);
    return TARE_OK;
}

static void append_clean(columns *c, tare_buffer *clean, tare_text text)
{
    tare_buffer_clear(clean);
    tare_utf8_sized(clean, text.bytes, text.size);
    c->payload.failed = c->payload.failed || clean->failed;
    if (clean->failed)
        return;
    tare_buffer_varint(&c->payload, clean->size - sizeof(uint32_t));
    tare_buffer_append(&c->payload, clean->bytes + sizeof(uint32_t),
                       clean->size - sizeof(uint32_t));
}

/* Those that functions name; the others are in the head or nowhere, and empty here. */
static tare_status append_strings(columns *c, tare_buffer *out, tare_error *err)
{
    const tare_profile *profile = c->profile;
    void               *memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->strings.count, sizeof(bool), err));
    bool *is_named = memory;
    for (uint32_t id = 0; id < profile->function_count; id++) {
        const tare_function *function = &profile->functions[id];
        is_named[function->name] = true;
        is_named[function->qualname] = true;
        is_named[function->file] = true;
    }
    tare_buffer clean = {.alloc = profile->alloc};
    for (uint32_t id = 0; id < profile->strings.count && !c->payload.failed; id++) {
        if (is_named[id])
            append_clean(c, &clean, tare_profile_text(profile, id));
        else
            tare_buffer_varint(&c->payload, 0);
    }
    tare_buffer_deinit(&clean);
    tare_release(profile->alloc, memory, profile->strings.count, sizeof(bool));
    append_section(c, SECTION_STRINGS, out);
    return TARE_OK;
}

static void append_functions(columns *c, tare_buffer *out)
{
    for (uint32_t id = 0; id < c->profile->function_count; id++) {
        const tare_function *function = &c->profile->functions[id];
        tare_buffer_varint(&c->payload, function->name);
        tare_buffer_varint(&c->payload, function->qualname);
        tare_buffer_varint(&c->payload, function->file);
        tare_buffer_varint(&c->payload, function->first_line);
        tare_buffer_varint(&c->payload, function->kind);
    }
    append_section(c, SECTION_FUNCTIONS, out);
    for (uint32_t id = 0; id < c->profile->frame_count; id++) {
        tare_buffer_varint(&c->payload, c->profile->frames[id].function);
        tare_buffer_varint(&c->payload, c->profile->frames[id].line);
    }
    append_section(c, SECTION_FRAMES, out);
}

/* Writes the nodes in pre-order and numbers them. first: by node, its first child, else 0; next:
 * by node, its next sibling, else 0. */
static void walk_nodes(columns *c, const uint32_t *first, const uint32_t *next)
{
    const tare_profile *profile = c->profile;
    uint32_t            node = 0, number = 0, up = 0;
    while (first[node] != 0 || node != 0) {
        if (first[node] != 0) {
            node = first[node];
        } else {
            up++;
            while (node != 0 && next[node] == 0) {
                node = profile->nodes[node].parent;
                up++;
            }
            if (node == 0)
                break;
            node = next[node];
        }
        number++;
        c->place[node] = number;
        tare_buffer_varint(&c->payload, up);
        tare_buffer_varint(&c->payload, profile->nodes[node].frame);
        up = 0;
    }
}

static tare_status append_nodes(columns *c, tare_buffer *out, tare_error *err)
{
    const tare_profile *profile = c->profile;
    uint32_t            count = profile->node_count;
    void               *memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, 2 * (size_t)count, sizeof(uint32_t), err));
    uint32_t *first = memory;
    uint32_t *next = first + count;
    for (uint32_t node = count - 1; node > 0; node--) {
        uint32_t parent = profile->nodes[node].parent;
        next[node] = first[parent];
        first[parent] = node;
    }
    walk_nodes(c, first, next);
    tare_release(profile->alloc, memory, 2 * (size_t)count, sizeof(uint32_t));
    append_section(c, SECTION_NODES, out);
    return TARE_OK;
}

static uint32_t key_place(const columns *c, uint32_t value)
{
    return c->place[c->profile->values[value].node];
}

static uint32_t key_label_set(const columns *c, uint32_t value)
{
    return c->profile->values[value].label_set;
}

static uint32_t key_metric(const columns *c, uint32_t value)
{
    return c->profile->values[value].metric;
}

/* One stable counting sort of c->sorted by a key below limit. */
static tare_status sort_values(columns *c, uint32_t                                           limit,
                               uint32_t (*key)(const columns *c, uint32_t value), tare_error *err)
{
    void *memory;
    TARE_TRY(tare_acquire(c->profile->alloc, &memory, (size_t)limit + 1, sizeof(uint32_t), err));
    uint32_t *start = memory;
    uint32_t  count = c->profile->value_count;
    for (uint32_t i = 0; i < count; i++)
        start[key(c, i) + 1]++;
    for (uint32_t i = 0; i < limit; i++)
        start[i + 1] += start[i];
    for (uint32_t i = 0; i < count; i++)
        c->spare[start[key(c, c->sorted[i])]++] = c->sorted[i];
    tare_release(c->profile->alloc, memory, (size_t)limit + 1, sizeof(uint32_t));
    uint32_t *sorted = c->spare;
    c->spare = c->sorted;
    c->sorted = sorted;
    return TARE_OK;
}

/* Writes the values from begin on that have the same metric and label set; returns where
 * they end. */
static uint32_t append_column(columns *c, uint32_t begin, tare_buffer *out)
{
    const tare_value *values = c->profile->values;
    tare_value        first = values[c->sorted[begin]];
    uint32_t          end = begin, previous = 0;
    while (end < c->profile->value_count && values[c->sorted[end]].metric == first.metric &&
           values[c->sorted[end]].label_set == first.label_set)
        end++;
    tare_buffer_varint(&c->payload, first.metric);
    tare_buffer_varint(&c->payload, first.label_set);
    tare_buffer_varint(&c->payload, end - begin);
    for (uint32_t i = begin; i < end; i++) {
        uint32_t place = key_place(c, c->sorted[i]);
        tare_buffer_varint(&c->payload, place - previous);
        tare_buffer_varint(&c->payload, values[c->sorted[i]].amount);
        previous = place;
    }
    append_section(c, SECTION_VALUES, out);
    return end;
}

static tare_status append_values(columns *c, tare_buffer *out, tare_error *err)
{
    const tare_profile *profile = c->profile;
    for (uint32_t i = 0; i < profile->value_count; i++)
        c->sorted[i] = i;
    TARE_TRY(sort_values(c, profile->node_count, key_place, err));
    TARE_TRY(sort_values(c, profile->label_set_count, key_label_set, err));
    TARE_TRY(sort_values(c, profile->metric_count, key_metric, err));
    for (uint32_t i = 0; i < profile->value_count && !out->failed;)
        i = append_column(c, i, out);
    return TARE_OK;
}

/* The number of a node that a series names, which is below 0 where the thread waited at it. */
static int64_t renumber(const columns *c, int64_t node)
{
    return node < 0 ? -(int64_t)c->place[-node] : (int64_t)c->place[node];
}

static void append_series(columns *c, const tare_series *series, tare_buffer *out)
{
    tare_buffer head = {.alloc = c->profile->alloc};
    tare_text   name = tare_profile_text(c->profile, series->name);
    tare_text   unit = tare_profile_text(c->profile, series->unit);
    tare_buffer_format(&head, "{\"name\":");
    tare_json_string(&head, name.bytes, name.size);
    tare_buffer_format(&head, ",\"unit\":");
    tare_json_string(&head, unit.bytes, unit.size);
    tare_buffer_format(&head, ",\"label_set\":%u}", series->label_set);
    tare_buffer_varint(&c->payload, head.size);
    tare_buffer_append(&c->payload, head.bytes, head.size);
    c->payload.failed = c->payload.failed || head.failed;
    tare_buffer_deinit(&head);

    bool     is_nodes = strcmp(unit.bytes, "node") == 0;
    uint64_t time_ns = 0;
    int64_t  amount = 0;
    tare_buffer_varint(&c->payload, series->point_count);
    for (uint32_t i = 0; i < series->point_count; i++) {
        tare_point point = series->points[i];
        if (is_nodes)
            point.amount = renumber(c, point.amount);
        tare_buffer_varint(&c->payload, point.time_ns - time_ns);
        tare_buffer_svarint(&c->payload, (int64_t)((uint64_t)point.amount - (uint64_t)amount));
        time_ns = point.time_ns;
        amount = point.amount;
    }
    append_section(c, SECTION_SERIES, out);
}

static tare_status acquire_columns(columns *c, tare_error *err)
{
    const tare_profile *profile = c->profile;
    uint32_t          **arrays[] = {&c->place, &c->sorted, &c->spare};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        void *memory;
        TARE_TRY(tare_acquire(profile->alloc, &memory,
                              i == 0 ? profile->node_count : profile->value_count, sizeof(uint32_t),
                              err));
        *arrays[i] = memory;
    }
    return TARE_OK;
}

static void release_columns(columns *c)
{
    const tare_alloc *alloc = c->profile->alloc;
    tare_release(alloc, c->place, c->profile->node_count, sizeof(uint32_t));
    tare_release(alloc, c->sorted, c->profile->value_count, sizeof(uint32_t));
    tare_release(alloc, c->spare, c->profile->value_count, sizeof(uint32_t));
    tare_buffer_deinit(&c->payload);
}

static tare_status write_sections(columns *c, tare_buffer *out, tare_error *err)
{
    static const uint8_t magic[8] = {'T', 'a', 'r', 'e', 'C', 'o', 'l', 1};
    TARE_TRY(acquire_columns(c, err));
    tare_buffer_append(out, magic, sizeof magic);
    TARE_TRY(append_head(c, out, err));
    TARE_TRY(append_strings(c, out, err));
    append_functions(c, out);
    TARE_TRY(append_nodes(c, out, err));
    TARE_TRY(append_values(c, out, err));
    for (uint32_t i = 0; i < c->profile->series_count; i++)
        append_series(c, &c->profile->series[i], out);
    if (out->failed)
        return tare_fail(err, TARE_NO_MEMORY, "write columns: out of memory after %u bytes",
                         out->size);
    return TARE_OK;
}

tare_status tare_columns_write(const tare_profile *profile, const tare_columns_origin *origin,
                               tare_buffer *out, tare_error *err)
{
    columns     c = {.profile = profile, .origin = origin, .payload = {.alloc = profile->alloc}};
    tare_status status = write_sections(&c, out, err);
    release_columns(&c);
    return status;
}
