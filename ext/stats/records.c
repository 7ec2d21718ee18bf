/* records.c - the named tuples of tare._stats. */
#include "stats/stats.h"

#define END_OF_FIELDS {NULL, NULL}

static const tare_record_field estimate_fields[] = {
    {"value", NULL},
    {"low", NULL},
    {"high", NULL},
    END_OF_FIELDS,
};

static const tare_record_field factor_fields[] = {
    {"share", NULL}, {"p", NULL}, {"labels", NULL}, {"separable", NULL}, END_OF_FIELDS,
};

static const tare_record_field levels_fields[] = {
    {"mean", NULL},          {"within", NULL},        {"between", NULL},
    {"between_share", NULL}, {"lasting_share", NULL}, {"best", NULL},
    {"processes", NULL},     {"values", NULL},        END_OF_FIELDS,
};

static const tare_record_field line_fields[] = {
    {"slope", NULL},    {"intercept", NULL}, {"at", NULL},  {"spread", NULL},
    {"linear_p", NULL}, {"count", NULL},     END_OF_FIELDS,
};

static const tare_record_field look_fields[] = {
    {"ratio", NULL},
    {"level_used", NULL},
    {"decided", NULL},
    END_OF_FIELDS,
};

static const tare_record_field paired_fields[] = {
    {"ratio", NULL},    {"sd", NULL},     {"count", NULL}, {"p", NULL},
    {"smallest", NULL}, {"needed", NULL}, END_OF_FIELDS,
};

static const tare_record_field warm_up_fields[] = {
    {"kind", NULL},
    {"steady_from", NULL},
    {"period", NULL},
    END_OF_FIELDS,
};

static const tare_record_description descriptions[TARE_STATS_KIND_COUNT] = {
    [TARE_STATS_ESTIMATE] = {"Estimate", "A value and its interval.", estimate_fields},
    [TARE_STATS_FACTOR] = {"Factor", "The part of the spread of processes that a factor explains.",
                           factor_fields},
    [TARE_STATS_LEVELS] = {"Levels", "Variance within processes and between them.", levels_fields},
    [TARE_STATS_LINE] = {"Line", "A line through points.", line_fields},
    [TARE_STATS_LOOK] = {"Look", "One of several looks.", look_fields},
    [TARE_STATS_PAIRED] = {"Paired", "Two sides compared over processes.", paired_fields},
    [TARE_STATS_WARM_UP] = {"WarmUp", "Whether times become steady.", warm_up_fields},
};

int tare_stats_records_init(PyObject *module, tare_stats_state *state)
{
    return tare_record_classes_init(module, descriptions, state->records, TARE_STATS_KIND_COUNT);
}

PyObject *tare_stats_record(PyObject *module, tare_stats_kind kind, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    PyObject *record = tare_record_build(tare_stats_state_of(module)->records[kind], format,
                                         values);
    va_end(values);
    return record;
}

PyObject *tare_stats_estimate(PyObject *module, tare_estimate estimate)
{
    return tare_stats_record(module, TARE_STATS_ESTIMATE, "(ddd)", estimate.value, estimate.low,
                             estimate.high);
}
