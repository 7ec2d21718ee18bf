/* export.c - the table of foreign formats; a new format is a file and a row. */
#include "io/export.h"

const tare_export_format *tare_export_formats(void)
{
    static const tare_export_format formats[] = {
        {"pstats", "pstats", "for Python's pstats module and its viewers (SnakeViz)",
         tare_export_pstats},
        {"collapsed", "collapsed.txt", "one line per stack, for flame graph tools",
         tare_export_collapsed},
        {"speedscope", "speedscope.json", "for https://www.speedscope.app", tare_export_speedscope},
        {"json", "json", "everything in the profile, schema tare.profile/1", tare_export_json},
        {"lprof", "lprof", "for line_profiler: hits and times of lines", tare_export_lprof},
        {NULL, NULL, NULL, NULL},
    };
    return formats;
}
