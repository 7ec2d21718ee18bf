/* import.c - the table of formats that can be read; a new format is a file and a row.
 *
 * The order is that of asking: what begins with a mark of its own comes before what is only text
 * of a certain shape. */
#include "io/import.h"

#include <string.h>

const tare_import_format *tare_import_formats(void)
{
    static const tare_import_format formats[] = {
        {"pstats", "cProfile and profile, .prof and .pstats", tare_sniff_pstats,
         tare_import_pstats},
        {"lprof", "line_profiler and kernprof, .lprof", tare_sniff_lprof, tare_import_lprof},
        {"speedscope", "py-spy, memray, pyinstrument and others, .speedscope.json",
         tare_sniff_speedscope, tare_import_speedscope},
        {"callgrind", "Valgrind's callgrind, pyprof2calltree and others", tare_sniff_callgrind,
         tare_import_callgrind},
        {"importtime", "what python -X importtime prints to stderr", tare_sniff_importtime,
         tare_import_importtime},
        {"pprof", "pprof's protocol buffer: Go, py-spy and others", tare_sniff_pprof,
         tare_import_pprof},
        {"collapsed", "one line per stack, as flame graph tools take it", tare_sniff_collapsed,
         tare_import_collapsed},
        {NULL, NULL, NULL, NULL},
    };
    return formats;
}

static const tare_import_format *find_format(const char *name, const uint8_t *bytes, size_t size)
{
    const tare_import_format *format = tare_import_formats();
    for (; format->name != NULL; format++) {
        if (name != NULL ? strcmp(format->name, name) == 0 : format->sniff(bytes, size))
            break;
    }
    return format;
}

tare_status tare_import(const uint8_t *bytes, size_t size, const char *name,
                        const tare_alloc *alloc, tare_profile *profile, tare_error *err)
{
    const tare_import_format *format = find_format(name, bytes, size);
    if (format->name == NULL && name != NULL)
        return tare_fail(err, TARE_USAGE, "no format %.100s can be imported", name);
    if (format->name == NULL)
        return tare_fail(err, TARE_UNSUPPORTED, "it is in no format that Tare knows");
    TARE_TRY(tare_profile_init(profile, alloc, err));
    TARE_TRY(tare_profile_set_meta(profile, "engine", "import", strlen("import"), err));
    TARE_TRY(
        tare_profile_set_meta(profile, "import.format", format->name, strlen(format->name), err));
    return format->read(bytes, size, profile, err);
}
