/* import_lprof.c - what line_profiler writes: a pickle of its LineStats.
 *
 *     LineStats(timings={(file, first line, name): [(line, hits, time), ...]}, unit=1e-09)
 *
 * Older versions have the state of the instance as a tuple, or the dict alone. Becomes a profile
 * of lines as Tare's own (core/trace/line_merge.h). Times are inclusive: what a line called is in
 * it, though it may have lines here of its own; so self and inclusive time are the same.
 * Cost: O(lines). */
#include "io/import.h"
#include "io/imported.h"
#include "io/pickle_read.h"

#include <string.h>

enum { KEY_ITEMS = 3, LINE_ITEMS = 3, MAX_NESTING = 4 };

typedef struct lprof_reader {
    tare_values   values;
    tare_imported im;
    double        unit_ns;
    size_t        lines_left; /* that the file has bytes for: one list may stand in many places */
} lprof_reader;

/* As pickles of an instance do: with the number of their protocol, or, before there was one, with
 * the function that makes it again. */
static bool begins_pickle(tare_text text)
{
    enum { LATEST_PROTOCOL = 5 };

    if (tare_text_begins(text, "\x80"))
        return text.size > 1 && (uint8_t)text.bytes[1] <= LATEST_PROTOCOL;
    return tare_text_begins(text, "ccopy_reg\n") || tare_text_begins(text, "ccopyreg\n");
}

bool tare_sniff_lprof(const uint8_t *bytes, size_t size)
{
    enum { SNIFFED_BYTES = 256 };

    tare_text text = {.bytes = (const char *)bytes,
                      .size = size < SNIFFED_BYTES ? size : SNIFFED_BYTES};
    if (!begins_pickle(text))
        return false;
    for (; text.size > 0; text.bytes++, text.size--) {
        if (tare_text_begins(text, "LineStats"))
            return true;
    }
    return false;
}

static tare_status fail_shape(const lprof_reader *r, const char *reason)
{
    return tare_fail(r->im.err, TARE_CORRUPT, "read an lprof file: %s", reason);
}

/* The value behind a key that is text, or NULL. */
static const tare_plain_value *find_item(const tare_values *values, const tare_plain_value *dict,
                                         const char *key)
{
    uint32_t cell = dict->kind == TARE_VALUE_DICT ? dict->as.items.first : TARE_VALUE_NONE_ID;
    while (cell != TARE_VALUE_NONE_ID) {
        const tare_plain_value *found = tare_values_at(values, cell);
        tare_text               text;
        cell = tare_values_next(values, cell);
        if (tare_values_text(found, &text) && tare_text_is(text, key))
            return tare_values_at(values, cell);
        cell = tare_values_next(values, cell);
    }
    return NULL;
}

static tare_status read_key(lprof_reader *r, const tare_plain_value *key, uint32_t *function_out,
                            uint32_t *line_out)
{
    const tare_values *values = &r->values;
    tare_import_name   name = {0};
    uint64_t           line = 0;
    if (key->kind != TARE_VALUE_TUPLE || key->count != KEY_ITEMS)
        return fail_shape(r, "a key is not (file, line, name)");
    uint32_t first = key->as.items.first;
    uint32_t second = tare_values_next(values, first);
    uint32_t third = tare_values_next(values, second);
    if (!tare_values_text(tare_values_at(values, first), &name.file) ||
        !tare_values_count(tare_values_at(values, second), &line) || line > UINT32_MAX ||
        !tare_values_text(tare_values_at(values, third), &name.name))
        return fail_shape(r, "a key is not (file, line, name)");
    name.first_line = *line_out = (uint32_t)line;
    return tare_imported_function(&r->im, &name, function_out);
}

static tare_status read_line(lprof_reader *r, uint32_t function, const tare_plain_value *item)
{
    const tare_values *values = &r->values;
    uint64_t           line, hits, ns;
    uint32_t           node;
    if (r->lines_left-- == 0)
        return fail_shape(r, "it has more lines than bytes");
    if (item->kind != TARE_VALUE_TUPLE || item->count != LINE_ITEMS)
        return fail_shape(r, "a line is not (line, hits, time)");
    uint32_t first = item->as.items.first;
    uint32_t second = tare_values_next(values, first);
    uint32_t third = tare_values_next(values, second);
    if (!tare_values_count(tare_values_at(values, first), &line) || line > UINT32_MAX ||
        !tare_values_count(tare_values_at(values, second), &hits) ||
        !tare_values_scaled(tare_values_at(values, third), r->unit_ns, &ns))
        return fail_shape(r, "a line is not (line, hits, time)");
    TARE_TRY(tare_imported_child(&r->im, 0, function, (uint32_t)line, &node));
    TARE_TRY(tare_imported_add(&r->im, node, 0, TARE_METRIC_hits, hits));
    TARE_TRY(tare_imported_add(&r->im, node, 0, TARE_METRIC_wall_ns, ns));
    return tare_imported_add(&r->im, node, 0, TARE_METRIC_inclusive_ns, ns);
}

/* A function that never ran has the node of its first line, without values. */
static tare_status read_function(lprof_reader *r, const tare_plain_value *key,
                                 const tare_plain_value *lines)
{
    uint32_t function, unused;
    uint32_t first_line = 0;
    if (lines->kind != TARE_VALUE_LIST && lines->kind != TARE_VALUE_TUPLE)
        return fail_shape(r, "the lines of a function are no list");
    TARE_TRY(read_key(r, key, &function, &first_line));
    if (lines->count == 0)
        return tare_imported_child(&r->im, 0, function, first_line, &unused);
    for (uint32_t cell = lines->as.items.first; cell != TARE_VALUE_NONE_ID;
         cell = tare_values_next(&r->values, cell))
        TARE_TRY(read_line(r, function, tare_values_at(&r->values, cell)));
    return TARE_OK;
}

/* The dict with timings and unit: the root, or the state of the instance. */
static tare_status find_stats(const lprof_reader *r, uint32_t root,
                              const tare_plain_value **timings, const tare_plain_value **unit)
{
    const tare_plain_value *value = &r->values.values[root];
    for (int i = 0; i < MAX_NESTING; i++) {
        *timings = find_item(&r->values, value, "timings");
        *unit = find_item(&r->values, value, "unit");
        if (*timings != NULL && *unit != NULL)
            return (*timings)->kind == TARE_VALUE_DICT ? TARE_OK
                                                       : fail_shape(r, "timings is no dict");
        bool nests = value->kind == TARE_VALUE_OTHER || value->kind == TARE_VALUE_TUPLE;
        if (!nests || value->count == 0)
            break;
        value = tare_values_at(&r->values, value->as.items.first);
    }
    return fail_shape(r, "it has no timings with a unit");
}

static tare_status read_file(lprof_reader *r, const uint8_t *bytes, size_t size)
{
    const tare_plain_value *timings, *unit;
    const double            ns_per_second = 1e9;
    uint32_t                root;
    TARE_TRY(tare_pickle_read(bytes, size, &r->values, &root, r->im.err));
    TARE_TRY(find_stats(r, root, &timings, &unit));
    if (unit->kind != TARE_VALUE_FLOAT || !(unit->as.number > 0) || !(unit->as.number <= 1))
        return fail_shape(r, "its unit is no part of a second");
    r->unit_ns = unit->as.number * ns_per_second;
    for (uint32_t cell = timings->as.items.first; cell != TARE_VALUE_NONE_ID;
         cell = tare_values_next(&r->values, cell)) {
        const tare_plain_value *key = tare_values_at(&r->values, cell);
        cell = tare_values_next(&r->values, cell);
        TARE_TRY(read_function(r, key, tare_values_at(&r->values, cell)));
    }
    TARE_TRY(tare_profile_set_meta(r->im.profile, "engine", "lines", strlen("lines"), r->im.err));
    return tare_imported_end(&r->im, "Times of lines with all that they called, and with what "
                                     "measuring cost; what a line took itself is not known.");
}

tare_status tare_import_lprof(const uint8_t *bytes, size_t size, tare_profile *into,
                              tare_error *err)
{
    lprof_reader r = {
        .values.alloc = into->alloc,
        .im = {.profile = into, .err = err, .named_files = true},
        .lines_left = size,
    };
    tare_status status = read_file(&r, bytes, size);
    tare_values_deinit(&r.values);
    return status;
}
