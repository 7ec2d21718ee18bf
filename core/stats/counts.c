/* counts.c - one walk over the exact tree, counting recursion once.
 *
 *     values    (node, label set, metric, amount)  ->  node_sums[node].own
 *     backward  totals flow to the parents, siblings are linked in the order of their ids
 *     walk      on_path[function], on_path[pair]: only the outermost adds its total
 *
 *         main            calls 1  total 10     fib: calls 1 + 5, primitive 1
 *           fib           calls 1  total  9          total 9, not 9 + 7
 *             fib         calls 5  total  7     pair fib -> fib: calls 5, primitive 5, total 7
 *
 * The path itself is kept nowhere: the way up is in the nodes, so depth costs nothing.
 * Durations are gathered by function with a counting sort, then each function's are folded
 * into 65 counts, one function at a time: memory follows the values, not the functions.
 *
 * Cost: O(values + nodes) time plus the sorting of rows; 84 bytes per node, 16 per duration.
 * Left out: lines; a trace knows functions only. */
#include "stats/counts.h"

#include <stdlib.h>
#include <string.h>

enum {
    NO_COLUMN = 0xFF,
    FIRST_DURATION = 0x80, /* + bits */
    BUCKET_COUNT = TARE_DURATION_MAX_BITS + 1,
    DECIMAL = 10
};

#define DURATION_PREFIX "duration_log2_"

typedef struct count_column {
    tare_metric_id metric;
    uint8_t        offset;
} count_column;

static const count_column columns[] = {
    {TARE_METRIC_calls, offsetof(tare_count_sums, calls)},
    {TARE_METRIC_wall_ns, offsetof(tare_count_sums, self_ns)},
    {TARE_METRIC_resumes, offsetof(tare_count_sums, resumes)},
    {TARE_METRIC_suspended_ns, offsetof(tare_count_sums, suspended_ns)},
    {TARE_METRIC_raw_ns, offsetof(tare_count_sums, raw_ns)},
    {TARE_METRIC_cpu_ns, offsetof(tare_count_sums, cpu_ns)},
    {TARE_METRIC_error_ns, offsetof(tare_count_sums, error_ns)},
};

typedef struct node_sums {
    tare_count_sums own; /* but total_ns is of all below too */
    uint32_t        first_child;
    uint32_t        next_sibling;
    uint32_t        pair;
    bool            outermost; /* of its function on its path */
} node_sums;

typedef struct duration {
    uint64_t count;
    uint32_t bits;
} duration;

typedef struct count_builder {
    const tare_profile *profile;
    tare_counts        *calls;
    uint32_t            thread;
    uint8_t            *column_of; /* owned; by metric: offset in tare_count_sums and so on */
    node_sums          *nodes;     /* owned; by node */
    uint32_t           *functions_on_path;
    uint32_t           *pairs_on_path; /* owned; by pair, node_count of them */
    uint32_t           *first;         /* owned; by function: its durations, and one more */
    duration           *durations;     /* owned */
    uint32_t            duration_count;
    tare_map            pair_by_functions; /* caller, callee */
} count_builder;

/* ---- columns ---- */

static tare_text metric_name(const tare_profile *profile, uint32_t metric)
{
    return tare_profile_text(profile, profile->metrics[metric].name);
}

/* The number at the end of the name of a column of durations, or NO_COLUMN. */
static uint8_t find_duration(const char *name)
{
    enum { PREFIX_BYTES = sizeof DURATION_PREFIX - 1 };

    if (strncmp(name, DURATION_PREFIX, PREFIX_BYTES) != 0)
        return NO_COLUMN;
    const char *digit = name + PREFIX_BYTES;
    uint32_t    bits = 0;
    while (*digit >= '0' && *digit <= '9' && bits <= TARE_DURATION_MAX_BITS)
        bits = bits * DECIMAL + (uint32_t)(*digit++ - '0');
    if (digit == name + PREFIX_BYTES || *digit != '\0' || bits > TARE_DURATION_MAX_BITS)
        return NO_COLUMN;
    return (uint8_t)(FIRST_DURATION + bits);
}

static uint8_t find_column(const char *name)
{
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (strcmp(name, tare_metric_get(columns[i].metric)->name) == 0)
            return columns[i].offset;
    }
    return find_duration(name);
}

static uint32_t find_metric(const tare_profile *profile, tare_metric_id wanted)
{
    for (uint32_t id = 0; id < profile->metric_count; id++) {
        if (strcmp(metric_name(profile, id).bytes, tare_metric_get(wanted)->name) == 0)
            return id;
    }
    return TARE_NONE;
}

bool tare_counts_known(const tare_profile *profile)
{
    return find_metric(profile, TARE_METRIC_calls) != TARE_NONE;
}

static bool is_duration(uint8_t column)
{
    return column >= FIRST_DURATION && column != NO_COLUMN;
}

static void add_saturating(uint64_t *sum, uint64_t amount)
{
    *sum = amount <= UINT64_MAX - *sum ? *sum + amount : UINT64_MAX;
}

/* All but the totals and the primitive calls, which belong to the outermost alone. */
static void add_sums(tare_count_sums *sums, const tare_count_sums *own, bool outermost)
{
    add_saturating(&sums->calls, own->calls);
    add_saturating(&sums->self_ns, own->self_ns);
    add_saturating(&sums->resumes, own->resumes);
    add_saturating(&sums->suspended_ns, own->suspended_ns);
    add_saturating(&sums->raw_ns, own->raw_ns);
    add_saturating(&sums->cpu_ns, own->cpu_ns);
    add_saturating(&sums->error_ns, own->error_ns);
    if (outermost) {
        add_saturating(&sums->primitive_calls, own->calls);
        add_saturating(&sums->total_ns, own->total_ns);
    }
}

static bool is_nothing(const tare_count_sums *sums)
{
    return sums->calls == 0 && sums->resumes == 0 && sums->total_ns == 0 && sums->self_ns == 0 &&
           sums->suspended_ns == 0 && sums->raw_ns == 0 && sums->cpu_ns == 0;
}

/* ---- values ---- */

static bool is_asked(const count_builder *builder, const tare_value *value)
{
    return value->node != 0 && value->amount > 0 &&
           (builder->thread == TARE_NONE || builder->thread == value->label_set);
}

static uint32_t function_of(const tare_profile *profile, uint32_t node)
{
    return node == 0 ? TARE_NONE : profile->frames[profile->nodes[node].frame].function;
}

static void add_amount(tare_count_sums *sums, uint8_t column, uint64_t amount)
{
    void *field = (unsigned char *)sums + column;
    add_saturating(field, amount);
}

static void add_values(count_builder *builder)
{
    for (uint32_t i = 0; i < builder->profile->value_count; i++) {
        const tare_value *value = &builder->profile->values[i];
        uint8_t           column = builder->column_of[value->metric];
        if (column == NO_COLUMN || !is_asked(builder, value))
            continue;
        if (is_duration(column))
            builder->duration_count++;
        else
            add_amount(&builder->nodes[value->node].own, column, value->amount);
    }
}

/* Backwards, children come before their parents. */
static void sum_subtrees(count_builder *builder)
{
    for (uint32_t id = builder->profile->node_count - 1; id > 0; id--) {
        node_sums *node = &builder->nodes[id];
        node_sums *parent = &builder->nodes[builder->profile->nodes[id].parent];
        add_saturating(&node->own.total_ns, node->own.self_ns);
        add_saturating(&parent->own.total_ns, node->own.total_ns);
        node->next_sibling = parent->first_child;
        parent->first_child = id;
    }
}

static tare_status find_pair(count_builder *builder, uint32_t caller, uint32_t callee,
                             uint32_t *pair_out, tare_error *err)
{
    tare_counts *calls = builder->calls;
    uint64_t     key = tare_pack(caller, callee);
    *pair_out = tare_map_get(&builder->pair_by_functions, key);
    if (*pair_out != TARE_MAP_ABSENT)
        return TARE_OK;
    void *pairs = calls->pairs;
    TARE_TRY(tare_grow(calls->alloc, &pairs, &calls->pair_capacity, calls->pair_count + (size_t)1,
                       sizeof *calls->pairs, err));
    calls->pairs = pairs;
    TARE_TRY(tare_map_put(&builder->pair_by_functions, key, calls->pair_count, calls->alloc, err));
    *pair_out = calls->pair_count++;
    calls->pairs[*pair_out] = (tare_count_pair){.caller = caller, .callee = callee};
    return TARE_OK;
}

static tare_status find_pairs(count_builder *builder, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    for (uint32_t id = 1; id < profile->node_count; id++)
        TARE_TRY(find_pair(builder, function_of(profile, profile->nodes[id].parent),
                           function_of(profile, id), &builder->nodes[id].pair, err));
    return TARE_OK;
}

/* ---- the walk ---- */

static void enter_node(count_builder *builder, uint32_t id)
{
    node_sums *node = &builder->nodes[id];
    uint32_t   function = function_of(builder->profile, id);
    bool       pair_outermost = builder->pairs_on_path[node->pair]++ == 0;
    node->outermost = builder->functions_on_path[function]++ == 0;
    add_sums(&builder->calls->functions[function].sums, &node->own, node->outermost);
    add_sums(&builder->calls->pairs[node->pair].sums, &node->own, pair_outermost);
}

static void leave_node(count_builder *builder, uint32_t id)
{
    builder->functions_on_path[function_of(builder->profile, id)]--;
    builder->pairs_on_path[builder->nodes[id].pair]--;
}

static void walk_tree(count_builder *builder)
{
    uint32_t id = builder->nodes[0].first_child;
    while (id != 0) {
        enter_node(builder, id);
        uint32_t next = builder->nodes[id].first_child;
        while (next == 0 && id != 0) {
            leave_node(builder, id);
            next = builder->nodes[id].next_sibling;
            id = builder->profile->nodes[id].parent;
        }
        id = next;
    }
}

/* Paths that were estimated do not say what a function took in all; the file they were estimated
 * from does. */
static void take_known_totals(count_builder *builder)
{
    const tare_profile *profile = builder->profile;
    uint32_t            inclusive = find_metric(profile, TARE_METRIC_inclusive_ns);
    uint32_t            primitive = find_metric(profile, TARE_METRIC_primitive_calls);
    if (find_metric(profile, TARE_METRIC_estimated) == TARE_NONE)
        return;
    for (uint32_t id = 0; id < profile->function_count; id++) {
        tare_count_sums *sums = &builder->calls->functions[id].sums;
        if (profile->functions[id].kind != TARE_FUNCTION_SYNTHETIC)
            sums->total_ns = sums->primitive_calls = 0;
    }
    for (uint32_t i = 0; i < profile->value_count; i++) {
        const tare_value *value = &profile->values[i];
        if (!is_asked(builder, value) || (value->metric != inclusive && value->metric != primitive))
            continue;
        uint32_t         function = function_of(profile, value->node);
        tare_count_sums *sums = &builder->calls->functions[function].sums;
        add_saturating(value->metric == inclusive ? &sums->total_ns : &sums->primitive_calls,
                       value->amount);
    }
}

/* After the walk, which says what is primitive. */
static void add_thread_values(count_builder *builder)
{
    for (uint32_t i = 0; i < builder->profile->value_count; i++) {
        const tare_value *value = &builder->profile->values[i];
        uint8_t           column = builder->column_of[value->metric];
        if (column == NO_COLUMN || is_duration(column) || !is_asked(builder, value))
            continue;
        tare_count_sums *sums = &builder->calls->threads[value->label_set].sums;
        add_amount(sums, column, value->amount);
        if (column == offsetof(tare_count_sums, calls) && builder->nodes[value->node].outermost)
            add_saturating(&sums->primitive_calls, value->amount);
    }
}

/* ---- durations ---- */

uint64_t tare_duration_low_ns(uint32_t bits)
{
    return bits == 0 ? 0 : (uint64_t)1 << (bits - 1);
}

uint64_t tare_duration_high_ns(uint32_t bits)
{
    return bits == 0 ? 0 : UINT64_MAX >> (TARE_DURATION_MAX_BITS - bits);
}

/* Counts go into first[function + 1]; added up they are where each function's part begins,
 * and placing a duration moves first[function] on, to where the next one's part began. */
static void sort_durations(count_builder *builder)
{
    const tare_profile *profile = builder->profile;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < profile->value_count; i++) {
            const tare_value *value = &profile->values[i];
            uint8_t           column = builder->column_of[value->metric];
            if (!is_duration(column) || !is_asked(builder, value))
                continue;
            uint32_t function = function_of(profile, value->node);
            if (pass == 0)
                builder->first[function + 1]++;
            else
                builder->durations[builder->first[function]++] = (duration){
                    .count = value->amount, .bits = (uint32_t)column - FIRST_DURATION};
        }
        if (pass == 0)
            for (uint32_t id = 0; id < profile->function_count; id++)
                builder->first[id + 1] += builder->first[id];
    }
}

/* The fewest binary digits that enough of the calls have: the place of the last of
 * ceil(count * percent / 100) calls, in the order of their durations. */
static uint8_t find_quantile(const uint64_t *buckets, uint64_t count, uint32_t percent)
{
    enum { WHOLE = 100 };

    uint64_t wanted = count / WHOLE * percent + (count % WHOLE * percent + WHOLE - 1) / WHOLE;
    uint32_t bits = 0;
    uint64_t seen = buckets[0];
    while (seen < wanted && bits < TARE_DURATION_MAX_BITS)
        add_saturating(&seen, buckets[++bits]);
    return (uint8_t)bits;
}

static void find_quantiles(const count_builder *builder, uint32_t function)
{
    static const uint32_t percents[TARE_QUANTILE_COUNT] = {50, 90, 99, 100};
    uint64_t              buckets[BUCKET_COUNT] = {0};
    tare_counted         *called = &builder->calls->functions[function];
    /* What began where the one before ended now ends where its own part does. */
    uint32_t begin = function == 0 ? 0 : builder->first[function - 1];
    for (uint32_t i = begin; i < builder->first[function]; i++) {
        add_saturating(&buckets[builder->durations[i].bits], builder->durations[i].count);
        add_saturating(&called->duration_count, builder->durations[i].count);
    }
    for (uint32_t i = 0; called->duration_count > 0 && i < TARE_QUANTILE_COUNT; i++)
        called->duration_bits[i] = find_quantile(buckets, called->duration_count, percents[i]);
}

static tare_status add_durations(count_builder *builder, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    void               *memory;
    if (builder->duration_count == 0)
        return TARE_OK;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->function_count + (size_t)1,
                          sizeof *builder->first, err));
    builder->first = memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, builder->duration_count,
                          sizeof *builder->durations, err));
    builder->durations = memory;
    sort_durations(builder);
    for (uint32_t function = 0; function < profile->function_count; function++)
        find_quantiles(builder, function);
    return TARE_OK;
}

/* ---- rows ---- */

static int compare_u64(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static int compare_functions(const void *left_item, const void *right_item)
{
    const tare_counted *left = left_item;
    const tare_counted *right = right_item;
    if (left->sums.self_ns != right->sums.self_ns)
        return compare_u64(right->sums.self_ns, left->sums.self_ns);
    return compare_u64(left->function, right->function);
}

static int compare_pairs(const void *left_item, const void *right_item)
{
    const tare_count_pair *left = left_item;
    const tare_count_pair *right = right_item;
    if (left->sums.total_ns != right->sums.total_ns)
        return compare_u64(right->sums.total_ns, left->sums.total_ns);
    return compare_u64(tare_pack(left->caller, left->callee),
                       tare_pack(right->caller, right->callee));
}

static int compare_threads(const void *left_item, const void *right_item)
{
    const tare_count_thread *left = left_item;
    const tare_count_thread *right = right_item;
    if (left->sums.self_ns != right->sums.self_ns)
        return compare_u64(right->sums.self_ns, left->sums.self_ns);
    return compare_u64(left->label_set, right->label_set);
}

static void finish_functions(tare_counts *calls)
{
    for (uint32_t id = 0; id < calls->function_capacity; id++) {
        tare_counted row = calls->functions[id];
        if (is_nothing(&row.sums))
            continue;
        row.function = id;
        add_sums(&calls->all, &row.sums, false);
        add_saturating(&calls->all.primitive_calls, row.sums.primitive_calls);
        calls->functions[calls->function_count++] = row;
    }
    calls->all.total_ns = calls->all.self_ns;
    if (calls->function_count > 0)
        qsort(calls->functions, calls->function_count, sizeof *calls->functions, compare_functions);
}

static void finish_pairs(tare_counts *calls)
{
    uint32_t kept = 0;
    for (uint32_t id = 0; id < calls->pair_count; id++) {
        if (!is_nothing(&calls->pairs[id].sums))
            calls->pairs[kept++] = calls->pairs[id];
    }
    calls->pair_count = kept;
    if (kept > 0)
        qsort(calls->pairs, kept, sizeof *calls->pairs, compare_pairs);
}

static void finish_threads(tare_counts *calls)
{
    for (uint32_t id = 0; id < calls->thread_capacity; id++) {
        tare_count_thread row = calls->threads[id];
        if (is_nothing(&row.sums))
            continue;
        row.label_set = id;
        row.sums.total_ns = row.sums.self_ns;
        calls->threads[calls->thread_count++] = row;
    }
    if (calls->thread_count > 0)
        qsort(calls->threads, calls->thread_count, sizeof *calls->threads, compare_threads);
}

/* ---- memory ---- */

static tare_status acquire_rows(tare_counts *calls, const tare_profile *profile, tare_error *err)
{
    void *memory;
    TARE_TRY(tare_acquire(calls->alloc, &memory, profile->function_count, sizeof *calls->functions,
                          err));
    calls->functions = memory;
    calls->function_capacity = profile->function_count;
    TARE_TRY(
        tare_acquire(calls->alloc, &memory, profile->label_set_count, sizeof *calls->threads, err));
    calls->threads = memory;
    calls->thread_capacity = profile->label_set_count;
    return TARE_OK;
}

static tare_status acquire_builder(count_builder *builder, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    void               *memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->metric_count, 1, err));
    builder->column_of = memory;
    for (uint32_t id = 0; id < profile->metric_count; id++)
        builder->column_of[id] = find_column(metric_name(profile, id).bytes);
    TARE_TRY(
        tare_acquire(profile->alloc, &memory, profile->node_count, sizeof *builder->nodes, err));
    builder->nodes = memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->function_count, sizeof(uint32_t), err));
    builder->functions_on_path = memory;
    TARE_TRY(tare_acquire(profile->alloc, &memory, profile->node_count, sizeof(uint32_t), err));
    builder->pairs_on_path = memory;
    return TARE_OK;
}

static void release_builder(count_builder *builder)
{
    const tare_profile *profile = builder->profile;
    const tare_alloc   *alloc = profile->alloc;
    tare_release(alloc, builder->column_of, profile->metric_count, 1);
    tare_release(alloc, builder->nodes, profile->node_count, sizeof *builder->nodes);
    tare_release(alloc, builder->functions_on_path, profile->function_count, sizeof(uint32_t));
    tare_release(alloc, builder->pairs_on_path, profile->node_count, sizeof(uint32_t));
    tare_release(alloc, builder->first, profile->function_count + (size_t)1,
                 sizeof *builder->first);
    tare_release(alloc, builder->durations, builder->duration_count, sizeof *builder->durations);
    tare_map_deinit(&builder->pair_by_functions, alloc);
}

static tare_status build_rows(count_builder *builder, tare_error *err)
{
    tare_counts *calls = builder->calls;
    TARE_TRY(acquire_rows(calls, builder->profile, err));
    TARE_TRY(acquire_builder(builder, err));
    add_values(builder);
    sum_subtrees(builder);
    TARE_TRY(find_pairs(builder, err));
    TARE_TRY(add_durations(builder, err));
    walk_tree(builder);
    take_known_totals(builder);
    add_thread_values(builder);
    finish_functions(calls);
    finish_pairs(calls);
    finish_threads(calls);
    return TARE_OK;
}

tare_status tare_counts_init(tare_counts *calls, const tare_profile *profile, uint32_t thread,
                             tare_error *err)
{
    *calls = (tare_counts){.alloc = profile->alloc};
    count_builder builder = {.profile = profile, .calls = calls, .thread = thread};
    tare_status   status = build_rows(&builder, err);
    release_builder(&builder);
    if (status != TARE_OK)
        tare_counts_deinit(calls);
    return status;
}

void tare_counts_deinit(tare_counts *calls)
{
    if (calls->alloc == NULL)
        return;
    tare_release(calls->alloc, calls->functions, calls->function_capacity,
                 sizeof *calls->functions);
    tare_release(calls->alloc, calls->pairs, calls->pair_capacity, sizeof *calls->pairs);
    tare_release(calls->alloc, calls->threads, calls->thread_capacity, sizeof *calls->threads);
    *calls = (tare_counts){0};
}
