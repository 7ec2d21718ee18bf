/* import_pstats.c - what cProfile and profile write: sums by function and by pair.
 *
 *     {(file, line, name): (cc, nc, tt, ct, {caller: (nc, cc, tt, ct)})}     cProfile
 *     {(file, line, name): (cc, nc, tt, ct, {caller: nc})}                   profile
 *
 * cc primitive calls, nc all calls, tt own time, ct cumulative time, in seconds. The two numbers
 * of calls stand the other way round for a caller (CPython Lib/cProfile.py, snapshot_stats).
 * pstats.Stats.dump_stats writes the same. A caller that has no entry of its own is one without
 * time.
 *
 * Built-in functions are ("~", 0, name). The module profile, told to run code, has the code itself
 * for the name of what it ran.
 * Cost: that of io/edges.h. */
#include "io/edges.h"
#include "io/import.h"
#include "io/marshal_read.h"

enum { KEY_ITEMS = 3, SUM_ITEMS = 5, CALLER_ITEMS = 4 };

static const double ns_per_second = 1e9;

typedef struct pstats_reader {
    tare_values   values;
    tare_edges    edges;
    tare_imported im;
    tare_map      names;      /* file and name, by their values -> their number */
    tare_map      functions;  /* that number and the line -> function of the edges */
    size_t        pairs_left; /* that the file has bytes for: one dict may stand in many places */
} pstats_reader;

bool tare_sniff_pstats(const uint8_t *bytes, size_t size)
{
    enum { FLAG_REF = 0x80, LEAST_BYTES = 2 };

    if (size < LEAST_BYTES || (bytes[0] & ~FLAG_REF) != '{')
        return false;
    uint8_t next = (uint8_t)(bytes[1] & ~FLAG_REF);
    return next == '(' || next == ')' || (next == '0' && size == LEAST_BYTES);
}

static tare_status fail_shape(const pstats_reader *r, const char *reason)
{
    return tare_fail(r->im.err, TARE_CORRUPT, "read a pstats file: %s", reason);
}

/* The first cell of a tuple with so many items, or TARE_VALUE_NONE_ID. */
static uint32_t find_items(const tare_plain_value *value, uint32_t count)
{
    bool fits = value->kind == TARE_VALUE_TUPLE && value->count == count;
    return fits ? value->as.items.first : TARE_VALUE_NONE_ID;
}

/* A name, or the name of code. */
static bool find_name(const tare_values *values, const tare_plain_value *value, tare_text *out)
{
    if (value->kind != TARE_VALUE_OTHER || value->count <= TARE_MARSHAL_CODE_NAME)
        return tare_values_text(value, out);
    uint32_t cell = value->as.items.first;
    for (uint32_t i = 0; i < TARE_MARSHAL_CODE_NAME; i++)
        cell = tare_values_next(values, cell);
    return tare_values_text(tare_values_at(values, cell), out);
}

/* Has a function the same file, line and name? References to long names are short, so that names
 * are looked at once. */
static tare_status find_known(pstats_reader *r, uint64_t names, uint32_t line, uint64_t *place_out,
                              uint32_t *index_out)
{
    uint32_t number = tare_map_get(&r->names, names);
    if (number == TARE_MAP_ABSENT) {
        number = r->names.count;
        TARE_TRY(tare_map_put(&r->names, names, number, r->values.alloc, r->im.err));
    }
    *place_out = tare_pack(number, line);
    *index_out = tare_map_get(&r->functions, *place_out);
    return TARE_OK;
}

/* (file, line, name) as a function. */
static tare_status read_key(pstats_reader *r, const tare_plain_value *key, uint32_t *index_out)
{
    const tare_values *values = &r->values;
    uint32_t           first = find_items(key, KEY_ITEMS);
    tare_import_name   name = {0};
    uint64_t           line, place;
    uint32_t           function;
    if (first == TARE_VALUE_NONE_ID || !tare_values_text(tare_values_at(values, first), &name.file))
        return fail_shape(r, "a key is not (file, line, name)");
    uint32_t second = tare_values_next(values, first);
    uint32_t third = tare_values_next(values, second);
    if (!tare_values_count(tare_values_at(values, second), &line) || line > UINT32_MAX)
        line = 0; /* frozen code and C modules have lines below 0 */
    if (!find_name(values, tare_values_at(values, third), &name.name))
        return fail_shape(r, "a key is not (file, line, name)");
    name.first_line = (uint32_t)line;
    uint64_t names = tare_pack(values->cells[first].value, values->cells[third].value);
    TARE_TRY(find_known(r, names, name.first_line, &place, index_out));
    if (*index_out != TARE_MAP_ABSENT)
        return TARE_OK;
    TARE_TRY(tare_imported_function(&r->im, &name, &function));
    TARE_TRY(tare_edges_function(&r->edges, function, index_out, r->im.err));
    return tare_map_put(&r->functions, place, *index_out, r->values.alloc, r->im.err);
}

typedef struct pstats_sums {
    uint64_t first_calls, second_calls; /* which is which depends on where they stand */
    uint64_t own_ns, inclusive_ns;
} pstats_sums;

/* Two numbers of calls and two times, which begin at a cell. */
static tare_status read_sums(const pstats_reader *r, uint32_t *cell, pstats_sums *sums)
{
    const tare_values *values = &r->values;
    uint64_t          *calls[] = {&sums->first_calls, &sums->second_calls};
    uint64_t          *times[] = {&sums->own_ns, &sums->inclusive_ns};
    for (int i = 0; i < 2; i++, *cell = tare_values_next(values, *cell)) {
        if (!tare_values_count(tare_values_at(values, *cell), calls[i]))
            return fail_shape(r, "a number of calls is not one");
    }
    for (int i = 0; i < 2; i++, *cell = tare_values_next(values, *cell)) {
        if (!tare_values_scaled(tare_values_at(values, *cell), ns_per_second, times[i]))
            return fail_shape(r, "a time is not one");
    }
    return TARE_OK;
}

static tare_status read_caller(pstats_reader *r, uint32_t callee, const tare_plain_value *key,
                               const tare_plain_value *value)
{
    uint32_t    caller, pair;
    pstats_sums sums = {0};
    uint32_t    cell = find_items(value, CALLER_ITEMS);
    if (r->pairs_left-- == 0)
        return fail_shape(r, "it has more callers than bytes");
    TARE_TRY(read_key(r, key, &caller));
    if (cell != TARE_VALUE_NONE_ID)
        TARE_TRY(read_sums(r, &cell, &sums));
    else if (!tare_values_count(value, &sums.first_calls))
        return fail_shape(r, "what a caller called is neither a number nor (nc, cc, tt, ct)");
    TARE_TRY(tare_edges_pair(&r->edges, caller, callee, &pair, r->im.err));
    tare_call_edge *edge = &r->edges.edges[pair];
    uint64_t       *amounts = tare_edges_pair_amounts(&r->edges, pair);
    edge->own_known = edge->inclusive_known = value->kind == TARE_VALUE_TUPLE;
    tare_edges_raise(&edge->inclusive, sums.inclusive_ns);
    tare_edges_raise(&amounts[TARE_EDGES_OWN], sums.own_ns);
    tare_edges_raise(&amounts[TARE_EDGES_CALLS], sums.first_calls);
    return TARE_OK;
}

static tare_status read_function(pstats_reader *r, const tare_plain_value *key,
                                 const tare_plain_value *value)
{
    const tare_values *values = &r->values;
    uint32_t           index;
    pstats_sums        sums;
    uint32_t           cell = find_items(value, SUM_ITEMS);
    TARE_TRY(read_key(r, key, &index));
    if (cell == TARE_VALUE_NONE_ID)
        return fail_shape(r, "what a function cost is not (cc, nc, tt, ct, callers)");
    TARE_TRY(read_sums(r, &cell, &sums));
    uint64_t *amounts = tare_edges_function_amounts(&r->edges, index);
    tare_edges_raise(&amounts[TARE_EDGES_OWN], sums.own_ns);
    tare_edges_raise(&amounts[TARE_EDGES_CALLS], sums.second_calls);
    tare_edges_raise(&r->edges.functions[index].inclusive, sums.inclusive_ns);
    tare_edges_raise(&r->edges.functions[index].primitive_calls, sums.first_calls);
    tare_plain_value callers = *tare_values_at(values, cell);
    if (callers.kind != TARE_VALUE_DICT)
        return fail_shape(r, "the callers of a function are no dict");
    for (cell = callers.as.items.first; cell != TARE_VALUE_NONE_ID;
         cell = tare_values_next(values, cell)) {
        const tare_plain_value *caller = tare_values_at(values, cell);
        cell = tare_values_next(values, cell);
        TARE_TRY(read_caller(r, index, caller, tare_values_at(values, cell)));
    }
    return TARE_OK;
}

static tare_status read_file(pstats_reader *r, const uint8_t *bytes, size_t size)
{
    uint32_t root;
    TARE_TRY(tare_marshal_read(bytes, size, &r->values, &root, r->im.err));
    const tare_values *values = &r->values;
    if (values->values[root].kind != TARE_VALUE_DICT)
        return fail_shape(r, "it is no dict of functions");
    for (uint32_t cell = values->values[root].as.items.first; cell != TARE_VALUE_NONE_ID;
         cell = tare_values_next(values, cell)) {
        const tare_plain_value *key = tare_values_at(values, cell);
        cell = tare_values_next(values, cell);
        TARE_TRY(read_function(r, key, tare_values_at(values, cell)));
    }
    TARE_TRY(tare_edges_build(&r->edges, &r->im, true, NULL));
    return tare_imported_end(&r->im,
                             "A pstats file has sums for each pair of caller and callee, no paths: "
                             "longer paths in the tree are estimated, and of threads it knows "
                             "nothing.");
}

tare_status tare_import_pstats(const uint8_t *bytes, size_t size, tare_profile *into,
                               tare_error *err)
{
    pstats_reader r = {
        .values.alloc = into->alloc,
        .edges = {.alloc = into->alloc, .amount_count = TARE_EDGES_MORE},
        .im = {.profile = into, .err = err, .named_files = true},
        .pairs_left = size,
    };
    tare_status status = read_file(&r, bytes, size);
    tare_values_deinit(&r.values);
    tare_map_deinit(&r.names, into->alloc);
    tare_map_deinit(&r.functions, into->alloc);
    tare_edges_deinit(&r.edges);
    return status;
}
