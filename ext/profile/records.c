/* records.c - the named tuples of tare._profile, one row per field. Field texts are the
 * documentation people see in help(). */
#include "profile/profile.h"

#define END_OF_FIELDS {NULL, NULL}

static const tare_record_field alloc_pair_fields[] = {
    {"caller", "id of the calling function; None: nothing in Python called it"},
    {"callee", "id of the called function"},
    {"amount", "allocated in such calls, counted once"},
    END_OF_FIELDS,
};

static const tare_record_field alloc_row_fields[] = {
    {"id", "of the function; None: no place is known"},
    {"qualname", NULL},
    {"file", "as the interpreter has it"},
    {"first_line", "of the function; 0: unknown"},
    {"line", "in the table of lines; else 0"},
    {"kind", "python, native or synthetic"},
    {"own", "AllocSums: allocated here"},
    {"total", "AllocSums: here and in all that was called from here, counted once"},
    END_OF_FIELDS,
};

static const tare_record_field alloc_sums_fields[] = {
    {"peak_bytes", "held when the program held most"},
    {"peak_count", "blocks"},
    {"live_bytes", "held at the end"},
    {"live_count", NULL},
    {"alloc_bytes", NULL},
    {"alloc_count", NULL},
    {"freed_bytes", "of what was allocated here"},
    {"freed_count", NULL},
    {"temporary_bytes", "freed before the same thread allocated anything else"},
    {"temporary_count", NULL},
    {"sample_count", "from which the others are estimated; 0: they are counted"},
    {"alloc_error_bytes", "half the 95 % interval of alloc_bytes, where that is an estimate"},
    END_OF_FIELDS,
};

static const tare_record_field alloc_kind_fields[] = {
    {"label_set", NULL},
    {"labels", NULL},
    {"sums", "AllocSums"},
    END_OF_FIELDS,
};

static const tare_record_field alloc_tree_row_fields[] = {
    {"depth", "0: called by nothing in Python"},
    {"function", "id"},
    {"qualname", NULL},
    {"file", NULL},
    {"first_line", NULL},
    {"kind", NULL},
    {"own", "of the metric"},
    {"total", "with all that was called"},
    {"share", "total as part of the whole"},
    END_OF_FIELDS,
};

static const tare_record_field called_fields[] = {
    {"id", "of the function"},
    {"qualname", NULL},
    {"file", "as the interpreter has it"},
    {"first_line", "0: unknown"},
    {"kind", "python, native or synthetic"},
    {"sums", "CallSums"},
    {"durations", "of its calls; None: not measured"},
    END_OF_FIELDS,
};

static const tare_record_field call_pair_fields[] = {
    {"caller", "id of the calling function; None: nothing traced called it"},
    {"callee", "id of the called function"},
    {"sums", "CallSums of these calls only"},
    END_OF_FIELDS,
};

static const tare_record_field call_row_fields[] = {
    {"depth", "0: nothing traced called it"},
    {"function", "id"},
    {"qualname", NULL},
    {"file", NULL},
    {"first_line", NULL},
    {"kind", NULL},
    {"calls", "on this path"},
    {"self_ns", NULL},
    {"total_ns", NULL},
    {"share", "total_ns as part of all time"},
    END_OF_FIELDS,
};

static const tare_record_field call_sums_fields[] = {
    {"calls", "begun"},
    {"primitive_calls", "those not on the stack already: without recursion"},
    {"self_ns", "in the function itself, the cost of measuring taken out"},
    {"total_ns", "with all it called, counted once"},
    {"resumes", "of generators and coroutines"},
    {"suspended_ns", "between resumptions"},
    {"raw_ns", "self_ns as it was measured; 0: not kept"},
    {"cpu_ns", "own CPU time; 0: not measured"},
    {"error_ns", "what self_ns may be off by, either way"},
    END_OF_FIELDS,
};

static const tare_record_field call_thread_fields[] = {
    {"label_set", NULL},
    {"labels", NULL},
    {"sums", "CallSums; total_ns == self_ns"},
    END_OF_FIELDS,
};

static const tare_record_field counts_fields[] = {
    {"strings", NULL}, {"functions", NULL}, {"frames", NULL}, {"nodes", NULL}, {"label_sets", NULL},
    {"metrics", NULL}, {"values", NULL},    {"series", NULL}, END_OF_FIELDS,
};

static const tare_record_field durations_fields[] = {
    {"count", "calls whose duration is known"},
    {"median", "(low, high) in ns: half of the calls took no longer"},
    {"p90", "likewise, 90 %"},
    {"p99", "likewise, 99 %"},
    {"max", "likewise, all"},
    END_OF_FIELDS,
};

static const tare_record_field edge_fields[] = {
    {"caller", "id of the calling function; None: nothing in Python called it"},
    {"callee", "id of the called function"},
    {"total_ns", "active time with this call on the stack, counted once"},
    {"total_share", "of the run's wall time"},
    END_OF_FIELDS,
};

static const tare_record_field estimate_fields[] = {
    {"value", NULL},
    {"low", "lower bound of the 95 % interval"},
    {"high", "upper bound of the 95 % interval"},
    END_OF_FIELDS,
};

static const tare_record_field file_state_fields[] = {
    {"version", "of the file format"},
    {"block_count", "whole blocks read"},
    {"complete", "the writer ended properly"},
    {"lost_bytes", "after the last whole block"},
    {"lost_offset", "where the lost bytes begin"},
    {"unknown_count", "blocks of a type this version does not know"},
    END_OF_FIELDS,
};

static const tare_record_field format_fields[] = {
    {"name", NULL},
    {"extension", "without the dot"},
    {"words", NULL},
    END_OF_FIELDS,
};

static const tare_record_field import_format_fields[] = {
    {"name", "as import_bytes takes it"},
    {"words", "whose files they are"},
    END_OF_FIELDS,
};

static const tare_record_field frame_fields[] = {
    {"qualname", NULL},
    {"file", NULL},
    {"first_line", "0: unknown"},
    {"line", "0: unknown"},
    {"kind", "python, native or synthetic"},
    END_OF_FIELDS,
};

static const tare_record_field line_function_fields[] = {
    {"id", "of the function"},
    {"name", NULL},
    {"qualname", NULL},
    {"file", "as the interpreter has it"},
    {"first_line", "of its block"},
    {"kind", "python, native or synthetic"},
    {"calls", "begun"},
    {"hits", NULL},
    {"self_ns", NULL},
    {"inclusive_ns", NULL},
    {"suspended_ns", NULL},
    {"raw_ns", NULL},
    {"cpu_ns", NULL},
    {"error_ns", NULL},
    {"rows", "list of LineRow, by line; empty: it never ran"},
    END_OF_FIELDS,
};

static const tare_record_field line_row_fields[] = {
    {"line", NULL},         {"hits", NULL},         {"self_ns", NULL},
    {"inclusive_ns", NULL}, {"suspended_ns", NULL}, {"raw_ns", NULL},
    {"cpu_ns", NULL},       {"error_ns", NULL},     END_OF_FIELDS,
};

static const tare_record_field line_sums_fields[] = {
    {"hits", "times that a line was begun"},
    {"self_ns", "without what it called whose lines are measured, cost of measuring taken out"},
    {"inclusive_ns", "with it"},
    {"suspended_ns", "waiting in await or yield"},
    {"raw_ns", "self_ns as it was measured; 0: not kept"},
    {"cpu_ns", "own CPU time; 0: not measured"},
    {"error_ns", "what self_ns may be off by, either way"},
    END_OF_FIELDS,
};

static const tare_record_field line_thread_fields[] = {
    {"label_set", NULL},    {"labels", NULL},       {"hits", NULL},   {"self_ns", NULL},
    {"inclusive_ns", NULL}, {"suspended_ns", NULL}, {"raw_ns", NULL}, {"cpu_ns", NULL},
    {"error_ns", NULL},     END_OF_FIELDS,
};

static const tare_record_field metric_fields[] = {
    {"name", NULL}, {"unit", NULL}, {"role", NULL}, {"words", NULL}, END_OF_FIELDS,
};

static const tare_record_field row_fields[] = {
    {"id", "of the function, or of the frame in the table of lines"},
    {"qualname", NULL},
    {"file", "as the interpreter has it"},
    {"first_line", "of the function; 0: unknown"},
    {"line", "in the table of lines; else 0"},
    {"kind", "python, native or synthetic"},
    {"self_ns", "active time with the function on top of the stack"},
    {"total_ns", "active time with it anywhere on the stack, counted once"},
    {"self_native_ns", "part of self_ns in native code"},
    {"self_wait_ns", "part of self_ns waiting"},
    {"unproven_ns", "part of self_ns that belongs to an unproven callee"},
    {"program_ns", "of the program's wall time, which threads divide; counted like total_ns"},
    {"program_self_ns", "likewise, like self_ns"},
    {"program_self_wait_ns", "part of program_self_ns waiting"},
    {"self_share", "of the run's wall time; threads that run at once count each"},
    {"total_share", "likewise"},
    {"program_share", "program_ns as part of the run's wall time"},
    {"gain_ratio", "the most the program could gain: old time / new time"},
    END_OF_FIELDS,
};

static const tare_record_field series_fields[] = {
    {"name", NULL},      {"unit", NULL},
    {"label_set", NULL}, {"times_ns", "since the start of the measurement"},
    {"amounts", NULL},   END_OF_FIELDS,
};

static const tare_record_field slope_fields[] = {
    {"grown", "in all windows"},
    {"per_call", "grown by the number of calls"},
    {"p", "chance of at least so much growth in a counter that only moves"},
    {"grows", "beyond chance, with all counters taken into account"},
    END_OF_FIELDS,
};

static const tare_record_field state_fields[] = {
    {"name", "of the metric"},           {"words", NULL}, {"role", "busy or wait"}, {"ns", NULL},
    {"share", "of the run's wall time"}, END_OF_FIELDS,
};

static const tare_record_field thread_fields[] = {
    {"label_set", NULL},
    {"labels", NULL},
    {"wall_ns", "sum of its states"},
    {"states", "name of the metric -> ns"},
    END_OF_FIELDS,
};

static const tare_record_field tree_fields[] = {
    {"parent", "node id of each node's parent; 0xffffffff for the root"},
    {"frame", "frame id of each node; 0xffffffff for the root"},
    {"amount", "the metric's own amount at each node, over all label sets"},
    END_OF_FIELDS,
};

static const tare_record_field tree_row_fields[] = {
    {"depth", "0: called by nothing in Python"},
    {"function", "id"},
    {"qualname", NULL},
    {"file", NULL},
    {"first_line", NULL},
    {"self_ns", NULL},
    {"total_ns", NULL},
    {"total_share", "of the run's wall time"},
    END_OF_FIELDS,
};

static const tare_record_field value_fields[] = {
    {"node", NULL}, {"label_set", NULL}, {"metric", "its name"}, {"amount", NULL}, END_OF_FIELDS,
};

static const tare_record_field shortage_fields[] = {
    {"paging", "surely more than 5 % of the time waiting for pages, or swapped out"},
    {"collecting", "surely more than 10 % of the time collecting garbage"},
    {"full", "the peak was 80 % of the limit or more"},
    {"growing", "memory rose steadily until the end"},
    {"paging_share", "of the wall time: Estimate"},
    {"collecting_share", "of the wall time: Estimate"},
    {"swapped_bytes", "at most"},
    {"peak_bytes", NULL},
    {"limit_bytes", "0 when unknown"},
    {"from_bytes", "where the rise began; 0 unless growing"},
    {"to_bytes", "where it ended"},
    END_OF_FIELDS,
};

static const tare_record_field verdict_fields[] = {
    {"verdict", "fast_enough, reachable, waiting or unlikely"},
    {"target_ns", NULL},
    {"excess_ns", "wall time above the target"},
    {"waiting_ns", "what no faster Python code can give back"},
    {"needed_ratio", "how much faster the part on the CPU must get"},
    {"functions", "ids: these, made free, would do; empty: no few are enough"},
    END_OF_FIELDS,
};

static const tare_record_description descriptions[TARE_RECORD_COUNT] = {
    [TARE_RECORD_ALLOC_PAIR] = {"AllocPair", NULL, alloc_pair_fields},
    [TARE_RECORD_ALLOC_ROW] = {"AllocRow", NULL, alloc_row_fields},
    [TARE_RECORD_ALLOC_SUMS] = {"AllocSums", NULL, alloc_sums_fields},
    [TARE_RECORD_ALLOC_KIND] = {"AllocKind", NULL, alloc_kind_fields},
    [TARE_RECORD_ALLOC_TREE_ROW] = {"AllocTreeRow", NULL, alloc_tree_row_fields},
    [TARE_RECORD_CALLED] = {"Called", NULL, called_fields},
    [TARE_RECORD_CALL_PAIR] = {"CallPair", NULL, call_pair_fields},
    [TARE_RECORD_CALL_ROW] = {"CallRow", NULL, call_row_fields},
    [TARE_RECORD_CALL_SUMS] = {"CallSums", NULL, call_sums_fields},
    [TARE_RECORD_CALL_THREAD] = {"CallThread", NULL, call_thread_fields},
    [TARE_RECORD_COUNTS] = {"Counts", NULL, counts_fields},
    [TARE_RECORD_DURATIONS] = {"Durations", NULL, durations_fields},
    [TARE_RECORD_EDGE] = {"Edge", NULL, edge_fields},
    [TARE_RECORD_ESTIMATE] = {"Estimate", NULL, estimate_fields},
    [TARE_RECORD_FILE_STATE] = {"FileState", NULL, file_state_fields},
    [TARE_RECORD_FORMAT] = {"Format", NULL, format_fields},
    [TARE_RECORD_IMPORT_FORMAT] = {"ImportFormat", NULL, import_format_fields},
    [TARE_RECORD_FRAME] = {"Frame", NULL, frame_fields},
    [TARE_RECORD_LINE_FUNCTION] = {"LineFunction", NULL, line_function_fields},
    [TARE_RECORD_LINE_ROW] = {"LineRow", NULL, line_row_fields},
    [TARE_RECORD_LINE_SUMS] = {"LineSums", NULL, line_sums_fields},
    [TARE_RECORD_LINE_THREAD] = {"LineThread", NULL, line_thread_fields},
    [TARE_RECORD_METRIC] = {"Metric", NULL, metric_fields},
    [TARE_RECORD_ROW] = {"Row", NULL, row_fields},
    [TARE_RECORD_SERIES] = {"Series", NULL, series_fields},
    [TARE_RECORD_SHORTAGE] = {"Shortage", NULL, shortage_fields},
    [TARE_RECORD_SLOPE] = {"Slope", NULL, slope_fields},
    [TARE_RECORD_STATE] = {"State", NULL, state_fields},
    [TARE_RECORD_THREAD] = {"Thread", NULL, thread_fields},
    [TARE_RECORD_TREE] = {"Tree", NULL, tree_fields},
    [TARE_RECORD_TREE_ROW] = {"TreeRow", NULL, tree_row_fields},
    [TARE_RECORD_VALUE] = {"Value", NULL, value_fields},
    [TARE_RECORD_VERDICT] = {"Verdict", NULL, verdict_fields},
};

int tare_records_init(PyObject *module, tare_profile_state *state)
{
    return tare_record_classes_init(module, descriptions, state->records, TARE_RECORD_COUNT);
}

PyObject *tare_record(const tare_profile_state *state, tare_record_kind kind, const char *format,
                      ...)
{
    va_list values;
    va_start(values, format);
    PyObject *record = tare_record_build(state->records[kind], format, values);
    va_end(values);
    return record;
}

PyObject *tare_record_estimate(const tare_profile_state *state, tare_estimate estimate)
{
    return tare_record(state, TARE_RECORD_ESTIMATE, "(ddd)", estimate.value, estimate.low,
                       estimate.high);
}

const char *tare_kind_name(uint32_t kind)
{
    static const char *const names[] = {
        [TARE_FUNCTION_PYTHON] = "python",
        [TARE_FUNCTION_NATIVE] = "native",
        [TARE_FUNCTION_SYNTHETIC] = "synthetic",
    };
    return kind < sizeof names / sizeof names[0] ? names[kind] : "other";
}
