/* stats.h - the parts of the extension module tare._stats.
 *
 *     module.c      the module and its state
 *     numbers.c     sequences of Python's numbers, checked and copied
 *     samples.c     distributions, means; lines and power laws
 *     comparing.c   pairs, looks, several comparisons at once
 *     series.c      change points, warm-up, effective counts
 *     splitting.c   levels and factors: where the spread comes from
 *     records.c     the named tuples that they hand out
 *
 * Every function converts, calls core and converts back; core does the arithmetic. What comes in
 * is checked here, once: core trusts it. Whatever is wrong with it is a ValueError of one line. */
#ifndef TARE_EXT_STATS_H
#define TARE_EXT_STATS_H

#include "common/records.h"

#include "base/alloc.h"
#include "stats/interval.h"

/* The named tuples; their fields are in records.c. */
typedef enum tare_stats_kind {
    TARE_STATS_ESTIMATE,
    TARE_STATS_FACTOR,
    TARE_STATS_LEVELS,
    TARE_STATS_LINE,
    TARE_STATS_LOOK,
    TARE_STATS_PAIRED,
    TARE_STATS_WARM_UP,
    TARE_STATS_KIND_COUNT
} tare_stats_kind;

typedef struct tare_stats_state {
    PyObject *records[TARE_STATS_KIND_COUNT]; /* classes; owned */
} tare_stats_state;

tare_stats_state *tare_stats_state_of(PyObject *module);

/* 0, or -1 with an exception set. */
int tare_stats_records_init(PyObject *module, tare_stats_state *state);

/* A named tuple from what Py_BuildValue makes of format: one item per field. */
PyObject *tare_stats_record(PyObject *module, tare_stats_kind kind, const char *format, ...);
PyObject *tare_stats_estimate(PyObject *module, tare_estimate estimate);

/* A copy; zeroed is empty. */
typedef struct tare_numbers {
    double *items; /* owned */
    size_t  count;
} tare_numbers;

/* Several sequences, one after the other. */
typedef struct tare_number_groups {
    tare_numbers all;
    size_t      *sizes; /* owned */
    size_t       count;
} tare_number_groups;

/* 0, or -1 with an exception set and nothing to free. name is that of the argument. Fewer than
 * least numbers are a ValueError, and so is one that is not finite. In groups each has one at
 * least. */
int  tare_numbers_read(PyObject *given, const char *name, size_t least, tare_numbers *numbers);
int  tare_number_groups_read(PyObject *given, const char *name, tare_number_groups *groups);
void tare_numbers_free(tare_numbers *numbers);
void tare_number_groups_free(tare_number_groups *groups);

/* 0, or -1 with a ValueError: value must lie between the two, without them. */
int tare_stats_check(const char *name, double value, double above, double below);

/* Raises what core refused: ValueError or MemoryError. Always NULL. */
PyObject *tare_stats_refuse(const tare_error *err);

/* The tables of functions, which module.c joins. */
extern PyMethodDef tare_stats_samples[];
extern PyMethodDef tare_stats_comparing[];
extern PyMethodDef tare_stats_series[];
extern PyMethodDef tare_stats_splitting[];

#endif
