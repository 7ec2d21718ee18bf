/* records.c - the named tuples of tare._stats, one row each.
 *
 * They are classes of collections.namedtuple, so that whoever has read a figure back from a file
 * can make one, change a field of it, and send it to another process. */
#include "stats/stats.h"

typedef struct record_description {
    const char *name;
    const char *fields;
    const char *doc;
} record_description;

static const record_description descriptions[TARE_STATS_KIND_COUNT] = {
    [TARE_STATS_ESTIMATE] = {"Estimate", "value low high", "A value and its interval."},
    [TARE_STATS_FACTOR] = {"Factor", "share p labels separable",
                           "The part of the spread of processes that a factor explains."},
    [TARE_STATS_LEVELS] = {"Levels",
                           "mean within between between_share lasting_share best processes values",
                           "Variance within processes and between them."},
    [TARE_STATS_LINE] = {"Line", "slope intercept at spread linear_p count",
                         "A line through points."},
    [TARE_STATS_LOOK] = {"Look", "ratio level_used decided", "One of several looks."},
    [TARE_STATS_PAIRED] = {"Paired", "ratio sd count p smallest needed",
                           "Two sides compared over processes."},
    [TARE_STATS_WARM_UP] = {"WarmUp", "kind steady_from period", "Whether times become steady."},
};

static PyObject *make_class(PyObject *namedtuple, const record_description *description)
{
    PyObject *class = NULL;
    PyObject *positional = Py_BuildValue("(ss)", description->name, description->fields);
    PyObject *keywords = Py_BuildValue("{ss}", "module", "tare._stats");
    PyObject *doc = PyUnicode_FromString(description->doc);
    if (positional == NULL || keywords == NULL || doc == NULL)
        goto fail;
    class = PyObject_Call(namedtuple, positional, keywords);
    if (class != NULL && PyObject_SetAttrString(class, "__doc__", doc) < 0)
        Py_CLEAR(class);
fail:
    Py_XDECREF(positional);
    Py_XDECREF(keywords);
    Py_XDECREF(doc);
    return class;
}

int tare_stats_records_init(PyObject *module, tare_stats_state *state)
{
    PyObject *collections = PyImport_ImportModule("collections");
    if (collections == NULL)
        return -1;
    PyObject *namedtuple = PyObject_GetAttrString(collections, "namedtuple");
    Py_DECREF(collections);
    if (namedtuple == NULL)
        return -1;
    int result = 0;
    for (int kind = 0; kind < TARE_STATS_KIND_COUNT && result == 0; kind++) {
        state->records[kind] = make_class(namedtuple, &descriptions[kind]);
        result = state->records[kind] == NULL
                     ? -1
                     : PyModule_AddObjectRef(module, descriptions[kind].name, state->records[kind]);
    }
    Py_DECREF(namedtuple);
    return result;
}

PyObject *tare_stats_record(PyObject *module, tare_stats_kind kind, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    PyObject *tuple = Py_VaBuildValue(format, values);
    va_end(values);
    if (tuple == NULL)
        return NULL;
    PyObject *record = PyObject_Call(tare_stats_state_of(module)->records[kind], tuple, NULL);
    Py_DECREF(tuple);
    return record;
}

PyObject *tare_stats_estimate(PyObject *module, tare_estimate estimate)
{
    return tare_stats_record(module, TARE_STATS_ESTIMATE, "(ddd)", estimate.value, estimate.low,
                             estimate.high);
}
