/* imported.h - what all importers do with what they have read.
 *
 *     begin   functions, times, calls, labels   end
 *
 * A function without a file, "~" for a file, or with the words that CPython has for its own, is
 * native code; "(such)" without a file is synthetic. */
#ifndef TARE_IO_IMPORTED_H
#define TARE_IO_IMPORTED_H

#include "model/profile.h"

enum { TARE_IMPORTED_MAX_NAME_BYTES = 1 << 14 };

typedef struct tare_imported {
    tare_profile *profile;                    /* borrowed */
    tare_error   *err;                        /* borrowed; may be NULL */
    uint32_t      metrics[TARE_METRIC_COUNT]; /* id + 1; 0 = not used yet */
    uint64_t      python_ns, native_ns;       /* sums of the times added */
    uint64_t      sample_count;
    double        weight, weight_squared; /* of the samples: sums of both */
    bool          named_files; /* a function without a file is native code, as others have one */
} tare_imported;

typedef struct tare_import_name {
    tare_text name; /* with what stands before the last dot */
    tare_text file; /* size 0: unknown */
    uint32_t  first_line;
} tare_import_name;

/* The id of the function so called. CORRUPT when a name is longer than any name: a small file could
 * use it often. */
TARE_MUST_USE tare_status tare_imported_function(tare_imported *im, const tare_import_name *name,
                                                 uint32_t *id_out);
TARE_MUST_USE tare_status tare_imported_child(tare_imported *im, uint32_t parent, uint32_t function,
                                              uint32_t line, uint32_t *node_out);
/* Adds to a metric of the list; nothing when amount is 0. */
TARE_MUST_USE tare_status tare_imported_add(tare_imported *im, uint32_t node, uint32_t label_set,
                                            tare_metric_id metric, uint64_t amount);
/* Own time of a node that is not the root: wall_ns and the state of its function. */
TARE_MUST_USE tare_status tare_imported_time(tare_imported *im, uint32_t node, uint32_t label_set,
                                             uint64_t ns);
/* So many samples, and what they weigh together beside others. */
TARE_MUST_USE tare_status tare_imported_sample(tare_imported *im, uint32_t node, uint32_t label_set,
                                               uint64_t count, double weight);
/* The metric that a file calls so: NULs and controls become '_', and a name of Tare's own list,
 * which means something else, gets "file." before it. */
TARE_MUST_USE tare_status tare_imported_metric(tare_imported *im, tare_text name, const char *unit,
                                               uint32_t *id_out);

/* "process 41 app, thread 42 MainThread", as Tare's own exports say it? */
bool tare_imported_is_label(tare_text text);
/* The label set of that, or of the thread with this name. */
TARE_MUST_USE tare_status tare_imported_labels(tare_imported *im, tare_text text,
                                               uint32_t *label_set_out);

/* The root's child "(no stack)": what a file says of samples that have none. */
TARE_MUST_USE tare_status tare_imported_no_stack(tare_imported *im, uint32_t *node_out);

/* Provenance, and the program's states at the root. note: one sentence on what such a file
 * cannot say. */
TARE_MUST_USE tare_status tare_imported_end(tare_imported *im, const char *note);

/* Of literals. */
tare_text tare_text_of(const char *words);
bool      tare_text_is(tare_text text, const char *words);
bool      tare_text_begins(tare_text text, const char *words);
/* Takes the next line off rest, without its end; false when there is none. */
bool tare_text_line(tare_text *rest, tare_text *line);
/* Takes words off the beginning; false when they are not there. */
bool tare_text_skip(tare_text *text, const char *words);
void tare_text_skip_blanks(tare_text *text);

#endif
