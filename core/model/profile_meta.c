/* profile_meta.c - counters over time, and provenance.
 *
 *     series   rss_bytes, label set 1:  (0 ns, 4096) (100,000,000 ns, 12288) ...
 *     meta     target.command = python main.py     wall_ns = 15000000
 *
 * Provenance is text, so that any reader shows it without knowing the key; numbers are read
 * by hand, because strtod and the like obey the locale of a program that we are only a
 * guest in. A replaced value leaves its string in the table: few keys change, and rarely.
 * Cost: O(length) for set, get and point. */
#include "model/profile.h"

#include "model/profile_index.h"

#include <stdio.h>
#include <string.h>

enum { MAX_FORMATTED_BYTES = 1000, MAX_NUMBER_BYTES = 40 };

/* ---- series ---- */

static tare_status append_series(tare_profile *profile, tare_series series, uint32_t *id_out,
                                 tare_error *err)
{
    uint32_t id = profile->series_count;
    TARE_TRY(tare_profile_grow(profile, &profile->series, &profile->series_capacity, id + (size_t)1,
                               sizeof *profile->series, err));
    TARE_TRY(tare_map_put(&profile->series_by_key, tare_pack(series.name, series.label_set), id,
                          profile->alloc, err));
    profile->series[id] = series;
    profile->series_count = id + 1;
    *id_out = id;
    return TARE_OK;
}

tare_status tare_profile_series(tare_profile *profile, const char *name, const char *unit,
                                uint32_t label_set, uint32_t *id_out, tare_error *err)
{
    tare_series series = {.label_set = label_set};
    TARE_TRY(tare_profile_string(profile, name, strlen(name), &series.name, err));
    TARE_TRY(tare_profile_string(profile, unit, strlen(unit), &series.unit, err));
    *id_out = tare_map_get(&profile->series_by_key, tare_pack(series.name, label_set));
    if (*id_out != TARE_MAP_ABSENT)
        return TARE_OK;
    return append_series(profile, series, id_out, err);
}

tare_status tare_profile_point(tare_profile *profile, uint32_t series, uint64_t time_ns,
                               int64_t amount, tare_error *err)
{
    tare_series *line = &profile->series[series];
    uint32_t     count = line->point_count;
    if (count > 0 && time_ns < line->points[count - 1].time_ns)
        return tare_fail(err, TARE_USAGE, "add a point to the series %s: it is before the last",
                         tare_profile_text(profile, line->name).bytes);
    TARE_TRY(tare_profile_grow(profile, &line->points, &line->point_capacity, count + (size_t)1,
                               sizeof *line->points, err));
    line->points[count] = (tare_point){.time_ns = time_ns, .amount = amount};
    line->point_count = count + 1;
    return TARE_OK;
}

void tare_profile_set_points(tare_profile *profile, uint32_t series, uint32_t count)
{
    profile->series[series].point_count = count;
    profile->series[series].edition++;
}

/* ---- provenance ---- */

tare_status tare_profile_set_meta(tare_profile *profile, const char *key, const char *value,
                                  size_t value_size, tare_error *err)
{
    tare_meta meta;
    TARE_TRY(tare_profile_string(profile, key, strlen(key), &meta.key, err));
    TARE_TRY(tare_profile_string(profile, value, value_size, &meta.value, err));
    uint32_t id = tare_map_get(&profile->meta_by_key, meta.key);
    if (id == TARE_MAP_ABSENT) {
        id = profile->meta_count;
        TARE_TRY(tare_profile_grow(profile, &profile->meta, &profile->meta_capacity, id + (size_t)1,
                                   sizeof *profile->meta, err));
        TARE_TRY(tare_map_put(&profile->meta_by_key, meta.key, id, profile->alloc, err));
        profile->meta_count = id + 1;
    }
    profile->meta[id] = meta;
    return TARE_OK;
}

tare_status tare_profile_format_meta(tare_profile *profile, tare_error *err, const char *key,
                                     const char *format, ...)
{
    char    text[MAX_FORMATTED_BYTES + 1];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0 || size > MAX_FORMATTED_BYTES)
        return tare_fail(err, TARE_LIMIT, "note %s in a profile: %d bytes are the most", key,
                         MAX_FORMATTED_BYTES);
    return tare_profile_set_meta(profile, key, text, (size_t)size, err);
}

tare_text tare_profile_get_meta(const tare_profile *profile, const char *key)
{
    uint32_t string = tare_intern_find(&profile->strings, key, strlen(key));
    uint32_t id = TARE_MAP_ABSENT;
    if (string != TARE_MAP_ABSENT)
        id = tare_map_get(&profile->meta_by_key, string);
    if (id == TARE_MAP_ABSENT)
        return (tare_text){.bytes = NULL};
    return tare_profile_text(profile, profile->meta[id].value);
}

/* Digits are gathered as one whole number and divided once at the end, so that numbers of
 * up to 15 digits come out as the nearest double. */
static bool parse_number(tare_text text, double *number_out)
{
    double digits = 0;
    double scale = 1;
    size_t digit_count = 0;
    bool   after_point = false;
    bool   negative = text.size > 0 && text.bytes[0] == '-';
    if (text.size > MAX_NUMBER_BYTES)
        return false;
    for (size_t i = negative ? 1 : 0; i < text.size; i++) {
        char character = text.bytes[i];
        if (character == '.' && !after_point) {
            after_point = true;
            continue;
        }
        if (character < '0' || character > '9')
            return false;
        digits = digits * 10 + (character - '0');
        scale = after_point ? scale * 10 : scale;
        digit_count++;
    }
    *number_out = (negative ? -digits : digits) / scale;
    return digit_count > 0;
}

double tare_profile_meta_number(const tare_profile *profile, const char *key, double fallback)
{
    double number;
    return parse_number(tare_profile_get_meta(profile, key), &number) ? number : fallback;
}
