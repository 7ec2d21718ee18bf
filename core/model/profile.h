/* profile.h - what was measured: one model for every engine.
 *
 *     strings -> functions -> frames (function, line) -> nodes of a calling-context
 *     tree -> values, one per (node, label set, metric)
 *
 * beside it: counters over time (series) and provenance (meta). Everything is named
 * by dense 32-bit ids in the order of first appearance, so tables can be written as
 * they are and a later part of a file only adds to the end of each.
 *
 * Invariants (tare_profile_check):
 *     nodes[0] is the root: no frame, no parent; parent(n) < n for every other node
 *     (parent, frame) names at most one node; (function, line) at most one frame;
 *     (name, qualname, file, first_line) at most one function
 *     label set 0 is empty; pairs of a set are sorted by key id, keys differ
 *     every id stored anywhere is smaller than the count of its table; so is each amount of a
 *     series with the unit "node", without its sign
 *
 * One writer at a time; no locks. Adding never changes on failure what was there.
 * Cost: each add and lookup O(1) expected (strings O(length)). */
#ifndef TARE_MODEL_PROFILE_H
#define TARE_MODEL_PROFILE_H

#include "base/intern.h"
#include "model/metric.h"

#include <stdbool.h>

#define TARE_NONE UINT32_MAX /* no such id */

enum {
    TARE_PROFILE_MAX_LABEL_SETS = 1 << 20,
    TARE_PROFILE_MAX_METRICS = 1 << 12,
    TARE_PROFILE_MAX_LABELS_PER_SET = 16
};

typedef enum tare_function_kind {
    TARE_FUNCTION_PYTHON = 0,
    TARE_FUNCTION_NATIVE = 1,   /* a C function, named by whoever called it */
    TARE_FUNCTION_SYNTHETIC = 2 /* "(overflow)" and the like: no code behind it */
} tare_function_kind;

typedef struct tare_function {
    uint32_t name;       /* string: co_name */
    uint32_t qualname;   /* string: co_qualname, = name where there is none */
    uint32_t file;       /* string: co_filename, exactly as the interpreter has it */
    uint32_t first_line; /* 0 = unknown */
    uint32_t kind;       /* tare_function_kind */
} tare_function;

typedef struct tare_frame {
    uint32_t function;
    uint32_t line; /* 0 = unknown */
} tare_frame;

typedef struct tare_node {
    uint32_t parent; /* TARE_NONE for the root only */
    uint32_t frame;  /* TARE_NONE for the root only */
} tare_node;

typedef struct tare_label {
    uint32_t key;   /* string */
    uint32_t value; /* string */
} tare_label;

typedef struct tare_label_set {
    uint32_t first; /* index into labels */
    uint32_t count;
} tare_label_set;

typedef struct tare_metric {
    uint32_t name; /* string */
    uint32_t unit; /* string */
} tare_metric;

typedef struct tare_value {
    uint32_t node;
    uint32_t label_set;
    uint32_t metric;
    uint64_t amount; /* in the metric's unit */
} tare_value;

typedef struct tare_point {
    uint64_t time_ns; /* since the start of the measurement */
    int64_t  amount;
} tare_point;

typedef struct tare_series {
    uint32_t    name; /* string */
    uint32_t    unit; /* string */
    uint32_t    label_set;
    uint32_t    point_count;
    uint32_t    point_capacity;
    uint32_t    edition; /* counts how often points that were there have changed */
    tare_point *points;  /* owned; time_ns never decreases */
} tare_series;

typedef struct tare_meta {
    uint32_t key;   /* string, e.g. "target.command" */
    uint32_t value; /* string; numbers in decimal */
} tare_meta;

/* Open for reading: tables are plain arrays. Written through the functions below. */
typedef struct tare_profile {
    const tare_alloc *alloc; /* borrowed; must outlive the profile */
    tare_intern       strings;

    tare_function  *functions;
    tare_frame     *frames;
    tare_node      *nodes;
    tare_label     *labels;
    tare_label_set *label_sets;
    tare_metric    *metrics;
    tare_value     *values;
    tare_series    *series;
    tare_meta      *meta;
    uint32_t        function_count, function_capacity;
    uint32_t        frame_count, frame_capacity;
    uint32_t        node_count, node_capacity;
    uint32_t        label_count, label_capacity;
    uint32_t        label_set_count, label_set_capacity;
    uint32_t        metric_count, metric_capacity;
    uint32_t        value_count, value_capacity;
    uint32_t        series_count, series_capacity;
    uint32_t        meta_count, meta_capacity;

    uint32_t node_limit;    /* no more nodes than this, at least 2; 0 = no limit but memory */
    uint32_t overflow_node; /* child of the root that takes what did not fit; 0 = none yet */

    /* indices; a second thing with the same hash is at hash + 1 */
    tare_map function_by_hash;  /* of the four fields that name it */
    tare_map frame_by_key;      /* function, line */
    tare_map node_by_key;       /* parent, frame */
    tare_map label_set_by_hash; /* of the sorted labels */
    tare_map metric_by_name;    /* string */
    tare_map value_by_key;      /* node 32 bits, label set 20, metric 12 */
    tare_map series_by_key;     /* name, label set */
    tare_map meta_by_key;       /* string */
} tare_profile;

/* An empty profile with its root node and label set 0. */
TARE_MUST_USE tare_status tare_profile_init(tare_profile *profile, const tare_alloc *alloc,
                                            tare_error *err);

void tare_profile_deinit(tare_profile *profile); /* no-op on zeroed storage */

/* Forgets what was measured, and of whom: nodes, label sets, values, series and provenance.
 * Strings, functions, frames and metrics keep their ids. */
TARE_MUST_USE tare_status tare_profile_clear(tare_profile *profile, tare_error *err);

TARE_MUST_USE tare_status tare_profile_string(tare_profile *profile, const char *bytes, size_t size,
                                              uint32_t *id_out, tare_error *err);

tare_text tare_profile_text(const tare_profile *profile, uint32_t string_id);

/* Each of these returns the id of the thing described, old or new. */
TARE_MUST_USE tare_status tare_profile_function(tare_profile        *profile,
                                                const tare_function *function, uint32_t *id_out,
                                                tare_error *err);
TARE_MUST_USE tare_status tare_profile_frame(tare_profile *profile, uint32_t function,
                                             uint32_t line, uint32_t *id_out, tare_error *err);
/* The frame of a synthetic function, such as "(overflow)". */
TARE_MUST_USE tare_status tare_profile_synthetic(tare_profile *profile, const char *name,
                                                 uint32_t *frame_out, tare_error *err);
/* The last node under node_limit is the overflow node: a child of the root with a synthetic
 * function "(overflow)", which takes every new child from then on, so that nothing is lost
 * silently. */
TARE_MUST_USE tare_status tare_profile_child(tare_profile *profile, uint32_t parent, uint32_t frame,
                                             uint32_t *id_out, tare_error *err);
/* labels need not be sorted; at most TARE_PROFILE_MAX_LABELS_PER_SET, and no key twice. */
TARE_MUST_USE tare_status tare_profile_label_set(tare_profile *profile, const tare_label *labels,
                                                 uint32_t count, uint32_t *id_out, tare_error *err);
TARE_MUST_USE tare_status tare_profile_metric(tare_profile *profile, const char *name,
                                              const char *unit, uint32_t *id_out, tare_error *err);

/* Adds amount to one value; the sum saturates at UINT64_MAX. */
TARE_MUST_USE tare_status tare_profile_add(tare_profile *profile, uint32_t node, uint32_t label_set,
                                           uint32_t metric, uint64_t amount, tare_error *err);
/* Makes one value what it is now; it may fall. Such a profile is written to a file as a whole, by
 * tare_file_save or tare_file_encode, for parts of a file can only add. */
TARE_MUST_USE tare_status tare_profile_set_value(tare_profile *profile, uint32_t node,
                                                 uint32_t label_set, uint32_t metric,
                                                 uint64_t amount, tare_error *err);
/* 0 when never added to. */
uint64_t tare_profile_value(const tare_profile *profile, uint32_t node, uint32_t label_set,
                            uint32_t metric);

/* The series with this name and label set, old or new; then one more point, which is not
 * before the last. */
TARE_MUST_USE tare_status tare_profile_series(tare_profile *profile, const char *name,
                                              const char *unit, uint32_t label_set,
                                              uint32_t *id_out, tare_error *err);
TARE_MUST_USE tare_status tare_profile_point(tare_profile *profile, uint32_t series,
                                             uint64_t time_ns, int64_t amount, tare_error *err);
/* The first count points, which the caller has changed in place, are now all there are: a series
 * that is thinned out. What was written of the others is void. */
void tare_profile_set_points(tare_profile *profile, uint32_t series, uint32_t count);

/* Sets or replaces a piece of provenance. value need not be NUL-terminated. */
TARE_MUST_USE tare_status tare_profile_set_meta(tare_profile *profile, const char *key,
                                                const char *value, size_t value_size,
                                                tare_error *err);
/* printf-like; LIMIT when the text is longer than 1,000 bytes. */
TARE_MUST_USE tare_status tare_profile_format_meta(tare_profile *profile, tare_error *err,
                                                   const char *key, const char *format, ...)
    TARE_PRINTF(4, 5);
/* Borrows; bytes == NULL when the key is not there. */
tare_text tare_profile_get_meta(const tare_profile *profile, const char *key);
/* fallback when the key is absent or not a decimal number such as 12 or 0.25, whatever the
 * locale. */
double tare_profile_meta_number(const tare_profile *profile, const char *key, double fallback);

/* Adds the values of another profile, of what is called the same or is new here; series and
 * provenance stay as they are. After a failure into can only be deinitialised. O(size of from). */
TARE_MUST_USE tare_status tare_profile_join(tare_profile *into, const tare_profile *from,
                                            tare_error *err);

/* TARE_CORRUPT with the first invariant that does not hold. O(size). */
TARE_MUST_USE tare_status tare_profile_check(const tare_profile *profile, tare_error *err);

#endif
