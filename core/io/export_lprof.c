/* export_lprof.c - the file that line_profiler writes and reads.
 *
 *     LineStats(timings={(file, first line, qualname): [(line, hits, time), ...]}, unit=1e-09)
 *
 * Keys and lines are those of our own tables: a function with what is written inside it, which is
 * how line_profiler shows a block too. Time is inclusive, as there. Functions that never ran have
 * an empty list.
 *
 * The class is named by the extension module of line_profiler: every version has it there, while
 * line_profiler.line_profiler has had one of its own since 5.0 only.
 *
 * Cost: that of the table, and O(bytes written). */
#include "io/export.h"
#include "io/pickle.h"
#include "io/stacks.h"
#include "stats/linetable.h"

#include <string.h>

static const double unit_seconds = 1e-9;

static void write_text(tare_buffer *out, const tare_profile *profile, uint32_t string)
{
    tare_text text = tare_profile_text(profile, string);
    tare_pickle_string(out, text.bytes, text.size);
}

static void write_function(tare_buffer *out, const tare_profile *profile,
                           const tare_linetable *table, const tare_lined *row)
{
    const tare_function *function = &profile->functions[row->function];
    write_text(out, profile, function->file);
    tare_pickle_integer(out, function->first_line);
    write_text(out, profile, function->qualname);
    tare_pickle_tuple3(out);
    tare_pickle_list(out);
    for (uint32_t i = row->first_row; i < row->first_row + row->row_count; i++) {
        tare_pickle_integer(out, table->rows[i].line);
        tare_pickle_integer(out, table->rows[i].sums.hits);
        tare_pickle_integer(out, table->rows[i].sums.inclusive_ns);
        tare_pickle_tuple3(out);
    }
    tare_pickle_list_end(out);
}

static void write_file(tare_buffer *out, const tare_profile *profile, const tare_linetable *table)
{
    tare_pickle_begin(out);
    tare_pickle_object(out, "line_profiler._line_profiler", "LineStats");
    tare_pickle_dict(out);
    tare_pickle_string(out, "timings", strlen("timings"));
    tare_pickle_dict(out);
    for (uint32_t i = 0; i < table->function_count; i++)
        write_function(out, profile, table, &table->functions[i]);
    tare_pickle_dict_end(out);
    tare_pickle_string(out, "unit", strlen("unit"));
    tare_pickle_float(out, unit_seconds);
    tare_pickle_dict_end(out);
    tare_pickle_build(out);
    tare_pickle_end(out);
}

tare_status tare_export_lprof(const tare_profile *profile, uint32_t metric, tare_buffer *out,
                              tare_error *err)
{
    if (metric >= profile->metric_count)
        return tare_fail(err, TARE_USAGE, "export metric %u: the profile has %u metrics", metric,
                         profile->metric_count);
    tare_metric_id usual[] = {TARE_METRIC_wall_ns, TARE_METRIC_inclusive_ns};
    const char    *name = tare_profile_text(profile, profile->metrics[metric].name).bytes;
    if (!tare_linetable_known(profile))
        return tare_fail(err, TARE_UNSUPPORTED,
                         "export to lprof: the profile has no hits of lines; tare lines counts "
                         "them");
    if (strcmp(name, tare_metric_get(usual[0])->name) != 0 &&
        strcmp(name, tare_metric_get(usual[1])->name) != 0)
        return tare_fail(err, TARE_UNSUPPORTED,
                         "export %.100s to lprof: it has hits and inclusive time only; leave the "
                         "metric out",
                         name);
    tare_linetable table;
    TARE_TRY(tare_linetable_init(&table, profile, TARE_NONE, err));
    write_file(out, profile, &table);
    tare_linetable_deinit(&table);
    return tare_export_result(out, "lprof", err);
}
