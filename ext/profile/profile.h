/* profile.h - the parts of the extension module tare._profile.
 *
 *     module.c    load, decode, import_bytes, formats; the module's state
 *     reader.c    Profile: one loaded file
 *     summary.c   Summary: the tables of a Profile, as people read them
 *     counts.c    Calls: the tables of a trace, with every call counted
 *     lines.c     the tables of a profile of lines
 *     allocs.c    Allocations: the tables of a profile of memory
 *     slopes.c    do counters grow with every call?
 *     records.c   the named tuples that they hand out
 *
 * A Profile owns what core loaded. A Summary, Calls and Allocations own their tables and a
 * reference to their Profile. None can change what the other sees, with two exceptions:
 * Profile.subtract and Profile.join. */
#ifndef TARE_EXT_PROFILE_H
#define TARE_EXT_PROFILE_H

#include "common/pystatus.h"
#include "common/records.h"

#include "io/tare_file.h"
#include "stats/summary.h"

/* The named tuples; their fields are in records.c. */
typedef enum tare_record_kind {
    TARE_RECORD_ALLOC_KIND,
    TARE_RECORD_ALLOC_PAIR,
    TARE_RECORD_ALLOC_ROW,
    TARE_RECORD_ALLOC_SUMS,
    TARE_RECORD_ALLOC_TREE_ROW,
    TARE_RECORD_CALLED,
    TARE_RECORD_CALL_PAIR,
    TARE_RECORD_CALL_ROW,
    TARE_RECORD_CALL_SUMS,
    TARE_RECORD_CALL_THREAD,
    TARE_RECORD_COUNTS,
    TARE_RECORD_DURATIONS,
    TARE_RECORD_EDGE,
    TARE_RECORD_ESTIMATE,
    TARE_RECORD_FILE_STATE,
    TARE_RECORD_FORMAT,
    TARE_RECORD_FRAME,
    TARE_RECORD_IMPORT_FORMAT,
    TARE_RECORD_LINE_FUNCTION,
    TARE_RECORD_LINE_ROW,
    TARE_RECORD_LINE_SUMS,
    TARE_RECORD_LINE_THREAD,
    TARE_RECORD_METRIC,
    TARE_RECORD_ROW,
    TARE_RECORD_SERIES,
    TARE_RECORD_SHORTAGE,
    TARE_RECORD_SLOPE,
    TARE_RECORD_STATE,
    TARE_RECORD_THREAD,
    TARE_RECORD_TREE,
    TARE_RECORD_TREE_ROW,
    TARE_RECORD_VALUE,
    TARE_RECORD_VERDICT,
    TARE_RECORD_COUNT
} tare_record_kind;

typedef struct tare_profile_state {
    tare_errors   errors;
    PyTypeObject *profile_type;               /* owned */
    PyTypeObject *summary_type;               /* owned */
    PyTypeObject *counts_type;                /* owned */
    PyTypeObject *allocs_type;                /* owned */
    PyObject     *records[TARE_RECORD_COUNT]; /* classes; owned */
} tare_profile_state;

typedef struct tare_profile_object {
    PyObject_HEAD tare_profile profile;
    tare_file_state            file;
} tare_profile_object;

extern PyType_Spec tare_profile_spec;
extern PyType_Spec tare_summary_spec;
extern PyType_Spec tare_counts_spec;
extern PyType_Spec tare_allocs_spec;

/* 0, or -1 with an exception set. */
int tare_records_init(PyObject *module, tare_profile_state *state);

/* A named tuple from what Py_BuildValue makes of format: one item per field. */
PyObject *tare_record(const tare_profile_state *state, tare_record_kind kind, const char *format,
                      ...);
PyObject *tare_record_estimate(const tare_profile_state *state, tare_estimate estimate);

/* Constant strings; "other" for what this version does not know. */
const char *tare_kind_name(uint32_t kind);

/* New references. Text that is not UTF-8 survives as surrogate escapes. */
PyObject *tare_text_object(const tare_profile *profile, uint32_t string_id);
PyObject *tare_labels_object(const tare_profile *profile, uint32_t label_set);

/* Appends item, which it takes over, to list; 0, or -1 with an exception set. */
int tare_list_take(PyObject *list, PyObject *item);

/* An empty Profile for load to fill. */
tare_profile_object *tare_profile_new(tare_profile_state *state);

/* Summary, Calls or Allocations, for one label set, or for all with TARE_NONE. */
PyObject *tare_summary_new(tare_profile_state *state, tare_profile_object *profile,
                           uint32_t thread);
PyObject *tare_counts_new(tare_profile_state *state, tare_profile_object *profile, uint32_t thread);
PyObject *tare_allocs_new(tare_profile_state *state, tare_profile_object *profile, uint32_t thread);

/* Of a profile of lines: list of LineFunction, LineSums of all, list of LineThread; of one label
 * set, or of all with TARE_NONE. */
PyObject *tare_lines_functions(tare_profile_state *state, tare_profile_object *profile,
                               uint32_t thread);
PyObject *tare_lines_sums(tare_profile_state *state, tare_profile_object *profile, uint32_t thread);
PyObject *tare_lines_threads(tare_profile_state *state, tare_profile_object *profile);

/* judge_slopes(deltas, call_count, false_rate): list of Slope. */
PyObject *tare_slopes_list(tare_profile_state *state, PyObject *arguments, PyObject *keywords);

#endif
