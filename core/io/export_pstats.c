/* export_pstats.c - the file that cProfile writes and pstats reads.
 *
 *     {(file, first line, name): (cc, nc, tt, ct, {caller: (nc, cc, tt, ct)})}
 *
 *                                             of a trace             of samples
 *     tt  time with the function on top       nc  calls              cc  samples of it
 *     ct  time with it anywhere on the stack  cc  those of them      nc  samples of it
 *                                                 outermost on
 *                                                 their path
 *
 * A trace has real calls: nc all, cc the primitive ones. A sampler cannot count calls: cc and
 * nc are samples, in the places where CPython's own sampling profiler puts them, so "ncalls"
 * shows nc/cc. Times are seconds when the metric is nanoseconds, else the plain numbers.
 *
 * Recursion must not count twice. One walk through the tree keeps, for each function and
 * each pair (caller, callee), how many times it is on the stack; only the outermost one
 * adds its total. Calls are not handed up to the callers, so a trace's total is its primitive
 * calls:
 *
 *     main          total 10                 ct(f) = 7, not 7 + 4
 *       f           total  7   outermost     edge main -> f: 7
 *         f         total  4   nested        edge f -> f:    4, outermost of its kind
 *
 * Functions that pstats cannot tell apart (same file, line and name) become one. Their
 * key is interned as the bytes it has in the file, so equal keys are equal strings.
 * Native and synthetic functions get the file "~" and line 0, as in cProfile; native ones of a
 * trace its words too, "<built-in method time.sleep>", with the full name: there are many "get".
 *
 * Cost: O(nodes + values) time, 48 bytes per node. */
#include "io/export.h"
#include "io/marshal.h"

#include <string.h>

typedef struct cost {
    uint64_t time;
    uint64_t count; /* of calls, or of samples */
} cost;

typedef struct sums {
    cost     self;
    cost     total;
    uint32_t active; /* times on the stack of the walk */
    bool     seen;   /* on the stack of the walk at any time */
} sums;

typedef struct visit {
    cost     self;
    cost     total;        /* of the node and everything below */
    uint32_t first_child;  /* 0 = none: the root is nobody's child */
    uint32_t next_sibling; /* 0 = none */
    uint32_t key;
    uint32_t edge; /* TARE_NONE below the root */
} visit;

typedef struct edge {
    uint32_t caller;      /* key */
    uint32_t next_caller; /* next edge with the same callee, TARE_NONE = none */
    sums     sums;
} edge;

typedef struct pstats {
    const tare_profile *profile; /* borrowed */
    const tare_alloc   *alloc;   /* borrowed */
    tare_intern         keys;
    uint32_t           *function_keys; /* owned; by function id */
    sums               *functions;     /* owned; by key */
    uint32_t           *callers;       /* owned; by key: first edge to it, TARE_NONE = none */
    uint32_t            key_count;     /* of the two arrays above */
    visit              *visits;        /* owned; by node id */
    edge               *edges;         /* owned */
    uint32_t            edge_count;
    uint32_t            edge_capacity;
    tare_map            edge_by_pair;     /* caller key, callee key */
    double              units_per_second; /* 1 when the metric is no time */
    bool                has_calls;        /* a trace */
} pstats;

static void add_capped(uint64_t *sum, uint64_t amount)
{
    *sum = amount <= UINT64_MAX - *sum ? *sum + amount : UINT64_MAX;
}

static void add_cost(cost *sum, const cost *amount)
{
    add_capped(&sum->time, amount->time);
    add_capped(&sum->count, amount->count);
}

/* ---- keys ---- */

static void write_native(const pstats *p, const tare_function *function, tare_buffer *out)
{
    tare_buffer words = {.alloc = p->alloc};
    tare_text   name = tare_profile_text(p->profile, function->qualname);
    bool        is_said = name.size > 0 && name.bytes[0] == '<';
    tare_buffer_format(&words, "%s", is_said ? "" : "<built-in method ");
    tare_buffer_append(&words, name.bytes, name.size);
    tare_buffer_format(&words, "%s", is_said ? "" : ">");
    tare_marshal_string(out, (const char *)words.bytes, words.size);
    out->failed = out->failed || words.failed;
    tare_buffer_deinit(&words);
}

static void write_key(const pstats *p, const tare_function *function, tare_buffer *out)
{
    bool      is_python = function->kind == TARE_FUNCTION_PYTHON;
    tare_text file = tare_profile_text(p->profile, function->file);
    tare_text name = tare_profile_text(p->profile, function->name);
    tare_marshal_tuple(out, 3);
    tare_marshal_string(out, is_python ? file.bytes : "~", is_python ? file.size : 1);
    tare_marshal_integer(out, is_python ? function->first_line : 0);
    if (p->has_calls && function->kind == TARE_FUNCTION_NATIVE)
        write_native(p, function, out);
    else
        tare_marshal_string(out, name.bytes, name.size);
}

static tare_status add_keys(pstats *p, tare_buffer *scratch, tare_error *err)
{
    for (uint32_t id = 0; id < p->profile->function_count; id++) {
        tare_buffer_clear(scratch);
        write_key(p, &p->profile->functions[id], scratch);
        if (scratch->failed)
            return tare_fail(err, TARE_NO_MEMORY, "export to pstats: out of memory");
        TARE_TRY(tare_intern_add(&p->keys, (const char *)scratch->bytes, scratch->size, p->alloc,
                                 &p->function_keys[id], err));
    }
    return TARE_OK;
}

static tare_status fill_keys(pstats *p, tare_error *err)
{
    void *memory;
    TARE_TRY(tare_acquire(p->alloc, &memory, p->profile->function_count, sizeof(uint32_t), err));
    p->function_keys = memory;
    tare_buffer scratch = {.alloc = p->alloc};
    tare_status status = add_keys(p, &scratch, err);
    tare_buffer_deinit(&scratch);
    TARE_TRY(status);
    TARE_TRY(tare_acquire(p->alloc, &memory, p->keys.count, sizeof(sums), err));
    p->functions = memory;
    p->key_count = p->keys.count;
    TARE_TRY(tare_acquire(p->alloc, &memory, p->key_count, sizeof(uint32_t), err));
    p->callers = memory;
    for (uint32_t key = 0; key < p->key_count; key++)
        p->callers[key] = TARE_NONE;
    return TARE_OK;
}

/* ---- the tree ---- */

static uint32_t find_metric(const tare_profile *profile, tare_metric_id wanted)
{
    for (uint32_t id = 0; id < profile->metric_count; id++) {
        tare_text name = tare_profile_text(profile, profile->metrics[id].name);
        if (strcmp(name.bytes, tare_metric_get(wanted)->name) == 0)
            return id;
    }
    return TARE_NONE;
}

static void fill_self(pstats *p, uint32_t metric)
{
    uint32_t counted = find_metric(p->profile,
                                   p->has_calls ? TARE_METRIC_calls : TARE_METRIC_samples);
    for (uint32_t i = 0; i < p->profile->value_count; i++) {
        const tare_value *value = &p->profile->values[i];
        if (value->metric == metric)
            add_capped(&p->visits[value->node].self.time, value->amount);
        if (value->metric == counted)
            add_capped(&p->visits[value->node].self.count, value->amount);
    }
}

/* Backwards, children come before their parents: totals are complete when they are passed
 * on, and siblings end up linked in the order of their ids. */
static void link_visits(pstats *p)
{
    const tare_profile *profile = p->profile;
    for (uint32_t node = profile->node_count - 1; node > 0; node--) {
        visit *v = &p->visits[node];
        visit *parent = &p->visits[profile->nodes[node].parent];
        v->key = p->function_keys[profile->frames[profile->nodes[node].frame].function];
        add_cost(&v->total, &v->self);
        add_capped(&parent->total.time, v->total.time);
        if (!p->has_calls)
            add_capped(&parent->total.count, v->total.count);
        v->next_sibling = parent->first_child;
        parent->first_child = node;
    }
}

static tare_status add_edge(pstats *p, uint32_t caller, uint32_t callee, uint32_t *edge_out,
                            tare_error *err)
{
    uint64_t pair = tare_pack(caller, callee);
    *edge_out = tare_map_get(&p->edge_by_pair, pair);
    if (*edge_out != TARE_MAP_ABSENT)
        return TARE_OK;
    void *edges = p->edges;
    TARE_TRY(
        tare_grow(p->alloc, &edges, &p->edge_capacity, p->edge_count + 1, sizeof *p->edges, err));
    p->edges = edges;
    TARE_TRY(tare_map_put(&p->edge_by_pair, pair, p->edge_count, p->alloc, err));
    *edge_out = p->edge_count++;
    p->edges[*edge_out] = (edge){.caller = caller, .next_caller = p->callers[callee]};
    p->callers[callee] = *edge_out;
    return TARE_OK;
}

static tare_status fill_visits(pstats *p, uint32_t metric, tare_error *err)
{
    void *memory;
    TARE_TRY(tare_acquire(p->alloc, &memory, p->profile->node_count, sizeof(visit), err));
    p->visits = memory;
    fill_self(p, metric);
    link_visits(p);
    for (uint32_t node = 1; node < p->profile->node_count; node++) {
        uint32_t parent = p->profile->nodes[node].parent;
        p->visits[node].edge = TARE_NONE;
        if (parent != 0)
            TARE_TRY(add_edge(p, p->visits[parent].key, p->visits[node].key, &p->visits[node].edge,
                              err));
    }
    return TARE_OK;
}

static void enter(sums *s, const visit *v)
{
    s->seen = true;
    add_cost(&s->self, &v->self);
    if (s->active++ == 0)
        add_cost(&s->total, &v->total);
}

static void enter_node(pstats *p, const visit *v)
{
    enter(&p->functions[v->key], v);
    if (v->edge != TARE_NONE)
        enter(&p->edges[v->edge].sums, v);
}

static void leave_node(pstats *p, const visit *v)
{
    p->functions[v->key].active--;
    if (v->edge != TARE_NONE)
        p->edges[v->edge].sums.active--;
}

/* Depth first without a stack: the way back up is in the profile. */
static void walk_tree(pstats *p)
{
    uint32_t node = 0;
    uint32_t next = p->visits[0].first_child;
    while (next != 0) {
        node = next;
        enter_node(p, &p->visits[node]);
        next = p->visits[node].first_child;
        while (next == 0 && node != 0) {
            leave_node(p, &p->visits[node]);
            next = p->visits[node].next_sibling;
            node = p->profile->nodes[node].parent;
        }
    }
}

/* ---- the file ---- */

/* Whatever is in the tree of a trace was called, or called something, be its time 0. */
static bool is_nothing(const pstats *p, const sums *s)
{
    return p->has_calls ? !s->seen : s->total.time == 0 && s->total.count == 0;
}

static void write_counts(const sums *s, bool total_first, tare_buffer *out)
{
    tare_marshal_integer(out, total_first ? s->total.count : s->self.count);
    tare_marshal_integer(out, total_first ? s->self.count : s->total.count);
}

static void write_caller(const pstats *p, const edge *e, tare_buffer *out)
{
    tare_text key = tare_intern_get(&p->keys, e->caller);
    tare_buffer_append(out, key.bytes, key.size);
    tare_marshal_tuple(out, 4);
    /* Not the order of the outer tuple: here all calls come first. */
    write_counts(&e->sums, !p->has_calls, out);
    tare_marshal_float(out, (double)e->sums.self.time / p->units_per_second);
    tare_marshal_float(out, (double)e->sums.total.time / p->units_per_second);
}

static void write_function(const pstats *p, uint32_t key_id, tare_buffer *out)
{
    const sums *s = &p->functions[key_id];
    if (is_nothing(p, s))
        return;
    tare_text key = tare_intern_get(&p->keys, key_id);
    tare_buffer_append(out, key.bytes, key.size);
    tare_marshal_tuple(out, 5);
    write_counts(s, p->has_calls, out);
    tare_marshal_float(out, (double)s->self.time / p->units_per_second);
    tare_marshal_float(out, (double)s->total.time / p->units_per_second);
    tare_marshal_dict(out);
    for (uint32_t id = p->callers[key_id]; id != TARE_NONE; id = p->edges[id].next_caller) {
        if (!is_nothing(p, &p->edges[id].sums))
            write_caller(p, &p->edges[id], out);
    }
    tare_marshal_dict_end(out);
}

static bool has_functions(const pstats *p)
{
    uint32_t key = 0;
    while (key < p->key_count && is_nothing(p, &p->functions[key]))
        key++;
    return key < p->key_count;
}

static tare_status write_file(pstats *p, uint32_t metric, tare_buffer *out, tare_error *err)
{
    TARE_TRY(fill_keys(p, err));
    TARE_TRY(fill_visits(p, metric, err));
    walk_tree(p);
    if (!has_functions(p))
        return tare_fail(err, TARE_UNSUPPORTED,
                         "export to pstats: the profile has no stacks, and pstats refuses to "
                         "open a file without functions");
    tare_text unit = tare_profile_text(p->profile, p->profile->metrics[metric].unit);
    p->units_per_second = strcmp(unit.bytes, "ns") == 0 ? 1e9 : 1.0;
    tare_marshal_dict(out);
    for (uint32_t key = 0; key < p->key_count; key++)
        write_function(p, key, out);
    tare_marshal_dict_end(out);
    if (out->failed)
        return tare_fail(err, TARE_NO_MEMORY, "export to pstats: out of memory after %u bytes",
                         out->size);
    return TARE_OK;
}

static void deinit_pstats(pstats *p)
{
    const tare_alloc *alloc = p->alloc;
    tare_release(alloc, p->function_keys, p->profile->function_count, sizeof(uint32_t));
    tare_release(alloc, p->functions, p->key_count, sizeof(sums));
    tare_release(alloc, p->callers, p->key_count, sizeof(uint32_t));
    tare_release(alloc, p->visits, p->profile->node_count, sizeof(visit));
    tare_release(alloc, p->edges, p->edge_capacity, sizeof(edge));
    tare_intern_deinit(&p->keys, alloc);
    tare_map_deinit(&p->edge_by_pair, alloc);
}

tare_status tare_export_pstats(const tare_profile *profile, uint32_t metric, tare_buffer *out,
                               tare_error *err)
{
    if (metric >= profile->metric_count)
        return tare_fail(err, TARE_USAGE, "export metric %u: the profile has %u metrics", metric,
                         profile->metric_count);
    pstats p = {.profile = profile, .alloc = profile->alloc};
    p.has_calls = find_metric(profile, TARE_METRIC_calls) != TARE_NONE;
    tare_status status = write_file(&p, metric, out, err);
    deinit_pstats(&p);
    return status;
}
