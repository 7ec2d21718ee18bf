/* export.h - a profile in other tools' formats.
 *
 * One file per format, one row in the table. All are written from the tree, never
 * from another export. Names are bytes in the model; each format escapes them in its
 * own way and stays valid whatever they are (invalid UTF-8 becomes U+FFFD where the
 * format is text). Waiting of worker threads is included: these are the raw facts. */
#ifndef TARE_IO_EXPORT_H
#define TARE_IO_EXPORT_H

#include "base/bytes.h"
#include "model/profile.h"

typedef struct tare_export_format {
    const char *name;      /* "speedscope" */
    const char *extension; /* "speedscope.json", without the dot */
    const char *words;     /* one line for --help */
    /* Appends the whole file to out. metric is a metric id of the profile. */
    tare_status (*write)(const tare_profile *profile, uint32_t metric, tare_buffer *out,
                         tare_error *err);
} tare_export_format;

/* The table, ended by a row with name == NULL. */
const tare_export_format *tare_export_formats(void);

/* One per file: export_pstats.c, export_collapsed.c, export_speedscope.c, export_json.c,
 * export_lprof.c */
TARE_MUST_USE tare_status tare_export_pstats(const tare_profile *profile, uint32_t metric,
                                             tare_buffer *out, tare_error *err);
TARE_MUST_USE tare_status tare_export_collapsed(const tare_profile *profile, uint32_t metric,
                                                tare_buffer *out, tare_error *err);
TARE_MUST_USE tare_status tare_export_speedscope(const tare_profile *profile, uint32_t metric,
                                                 tare_buffer *out, tare_error *err);
TARE_MUST_USE tare_status tare_export_json(const tare_profile *profile, uint32_t metric,
                                           tare_buffer *out, tare_error *err);
/* UNSUPPORTED unless the profile is one of lines and the metric its time. */
TARE_MUST_USE tare_status tare_export_lprof(const tare_profile *profile, uint32_t metric,
                                            tare_buffer *out, tare_error *err);

#endif
