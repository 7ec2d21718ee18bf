/* linetable.c - values to pieces, pieces to rows, each in one sorted pass.
 *
 *     values   (node, label set, metric, amount)  ->  pieces, one per (node, label set)
 *     blocks   function  ->  the outermost measured function around it
 *     sort     pieces by block, line, label set
 *     fold     pieces of one label set into a part, the parts of a line into its row
 *
 *     def f(rows):                           f line 2 inclusive 9, f.<locals>.<lambda> line 2
 *         return sorted(rows,                inclusive 6: the row has 9, for the 6 were spent
 *             key=lambda row: row.key)       in what line 2 of f called
 *
 * The block of a function is found by its name: every ".<" in it ends a possible outer name, the
 * first is the outermost. Functions are looked at from top to bottom, so of two with one name the
 * nearer one above is the one meant.
 *
 * Cost: O(values + nodes + bytes of names) time plus the sorting; 72 bytes per piece. */
#include "stats/linetable.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

enum {
    NO_COLUMN = 0xFF,
    CALLS_COLUMN = 0xFE,
    MAX_NESTING = 64 /* deeper in a name nothing is looked for */
};

typedef struct line_column {
    tare_metric_id metric;
    uint8_t        offset;
} line_column;

static const line_column columns[] = {
    {TARE_METRIC_hits, offsetof(tare_line_sums, hits)},
    {TARE_METRIC_wall_ns, offsetof(tare_line_sums, self_ns)},
    {TARE_METRIC_inclusive_ns, offsetof(tare_line_sums, inclusive_ns)},
    {TARE_METRIC_suspended_ns, offsetof(tare_line_sums, suspended_ns)},
    {TARE_METRIC_raw_ns, offsetof(tare_line_sums, raw_ns)},
    {TARE_METRIC_cpu_ns, offsetof(tare_line_sums, cpu_ns)},
    {TARE_METRIC_error_ns, offsetof(tare_line_sums, error_ns)},
    {TARE_METRIC_calls, CALLS_COLUMN},
};

/* What one function has on one line, in one thread. */
typedef struct piece {
    uint32_t       block; /* function */
    uint32_t       function;
    uint32_t       line;
    uint32_t       label_set;
    tare_line_sums sums;
} piece;

/* A function in the order of the source. */
typedef struct place {
    uint32_t file;
    uint32_t first_line;
    size_t   name_size;
    uint32_t function;
} place;

typedef struct line_builder {
    const tare_profile *profile;
    tare_linetable     *table;
    uint32_t            thread;
    uint8_t            *column_of; /* owned; by metric */
    bool               *measured;  /* owned; by function: has a node */
    bool               *called;    /* owned; by function: has calls, or a piece */
    uint32_t           *block_of;  /* owned; by function */
    uint64_t           *calls;     /* owned; by function */
    uint64_t           *end_of;    /* owned; by function: first line below it; 0 = not looked */
    place              *places;    /* owned; function_count of them */
    uint32_t            place_count;
    tare_map            by_name; /* file, qualname -> function, the last one seen */
    piece              *pieces;  /* owned */
    uint32_t            piece_count;
    uint32_t            piece_capacity;
    tare_map            piece_by_key; /* node, label set */
} line_builder;

/* ---- columns ---- */

static uint8_t find_column(const char *name)
{
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (strcmp(name, tare_metric_get(columns[i].metric)->name) == 0)
            return columns[i].offset;
    }
    return NO_COLUMN;
}

bool tare_linetable_known(const tare_profile *profile)
{
    const char *wanted = tare_metric_get(TARE_METRIC_hits)->name;
    tare_text   engine = tare_profile_get_meta(profile, "engine");
    if (engine.bytes != NULL && strcmp(engine.bytes, "lines") == 0)
        return true; /* also when nothing ran and no metric was ever used */
    for (uint32_t id = 0; id < profile->metric_count; id++) {
        if (strcmp(tare_profile_text(profile, profile->metrics[id].name).bytes, wanted) == 0)
            return true;
    }
    return false;
}

static void add_saturating(uint64_t *sum, uint64_t amount)
{
    *sum = amount <= UINT64_MAX - *sum ? *sum + amount : UINT64_MAX;
}

static void raise_to(uint64_t *sum, uint64_t least)
{
    *sum = *sum < least ? least : *sum;
}

/* All but inclusive_ns, which does not simply add up. */
static void add_sums(tare_line_sums *sums, const tare_line_sums *more)
{
    add_saturating(&sums->hits, more->hits);
    add_saturating(&sums->self_ns, more->self_ns);
    add_saturating(&sums->suspended_ns, more->suspended_ns);
    add_saturating(&sums->raw_ns, more->raw_ns);
    add_saturating(&sums->cpu_ns, more->cpu_ns);
    add_saturating(&sums->error_ns, more->error_ns);
}

/* ---- pieces ---- */

static bool is_line(const tare_profile *profile, uint32_t node)
{
    return node != 0 && profile->nodes[node].parent == 0;
}

static bool is_asked(const line_builder *builder, const tare_value *value)
{
    return is_line(builder->profile, value->node) && value->amount > 0 &&
           (builder->thread == TARE_NONE || builder->thread == value->label_set);
}

static tare_status find_piece(line_builder *builder, const tare_value *value, piece **piece_out,
                              tare_error *err)
{
    const tare_alloc *alloc = builder->profile->alloc;
    uint64_t          key = tare_pack(value->node, value->label_set);
    uint32_t          found = tare_map_get(&builder->piece_by_key, key);
    if (found == TARE_MAP_ABSENT) {
        void *pieces = builder->pieces;
        found = builder->piece_count;
        TARE_TRY(tare_grow(alloc, &pieces, &builder->piece_capacity, found + (size_t)1,
                           sizeof *builder->pieces, err));
        builder->pieces = pieces;
        TARE_TRY(tare_map_put(&builder->piece_by_key, key, found, alloc, err));
        const tare_frame *frame = &builder->profile
                                       ->frames[builder->profile->nodes[value->node].frame];
        builder->pieces[builder->piece_count++] = (piece){
            .block = builder->block_of[frame->function],
            .function = frame->function,
            .line = frame->line,
            .label_set = value->label_set,
        };
        builder->called[builder->block_of[frame->function]] = true;
    }
    *piece_out = &builder->pieces[found];
    return TARE_OK;
}

static tare_status add_value(line_builder *builder, const tare_value *value, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    uint8_t             column = builder->column_of[value->metric];
    if (column == NO_COLUMN || !is_asked(builder, value))
        return TARE_OK;
    if (column == CALLS_COLUMN) {
        uint32_t function = profile->frames[profile->nodes[value->node].frame].function;
        add_saturating(&builder->calls[function], value->amount);
        builder->called[builder->block_of[function]] = true;
        return TARE_OK;
    }
    piece *found;
    TARE_TRY(find_piece(builder, value, &found, err));
    void *field = (unsigned char *)&found->sums + column;
    add_saturating(field, value->amount);
    return TARE_OK;
}

/* ---- blocks ---- */

static int compare_u64(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

/* From top to bottom; of two that begin at one line the shorter name is further out. */
static int compare_places(const void *left_item, const void *right_item)
{
    const place *left = left_item;
    const place *right = right_item;
    if (left->file != right->file)
        return compare_u64(left->file, right->file);
    if (left->first_line != right->first_line)
        return compare_u64(left->first_line, right->first_line);
    if (left->name_size != right->name_size)
        return compare_u64(left->name_size, right->name_size);
    return compare_u64(left->function, right->function);
}

static void fill_places(line_builder *builder)
{
    const tare_profile *profile = builder->profile;
    for (uint32_t node = 1; node < profile->node_count; node++) {
        if (is_line(profile, node))
            builder->measured[profile->frames[profile->nodes[node].frame].function] = true;
    }
    for (uint32_t id = 0; id < profile->function_count; id++) {
        const tare_function *function = &profile->functions[id];
        builder->block_of[id] = id;
        if (!builder->measured[id])
            continue;
        builder->places[builder->place_count++] = (place){
            .file = function->file,
            .first_line = function->first_line,
            .name_size = tare_profile_text(profile, function->qualname).size,
            .function = id,
        };
    }
    if (builder->place_count > 0)
        qsort(builder->places, builder->place_count, sizeof *builder->places, compare_places);
}

static uint64_t count_lines(tare_text source)
{
    uint64_t count = source.size > 0 && source.bytes[source.size - 1] != '\n';
    for (size_t at = 0; at < source.size; at++)
        count += source.bytes[at] == '\n';
    return count;
}

/* Fills end_of: UINT64_MAX when the source of the function is unknown. */
static tare_status find_end(line_builder *builder, uint32_t function, tare_error *err)
{
    const tare_profile  *profile = builder->profile;
    const tare_function *outer = &profile->functions[function];
    if (builder->end_of[function] != 0)
        return TARE_OK;
    tare_buffer key = {.alloc = profile->alloc};
    tare_buffer_format(&key, "source:%s:%u", tare_profile_text(profile, outer->file).bytes,
                       outer->first_line);
    tare_buffer_u8(&key, 0);
    if (key.failed) {
        tare_buffer_deinit(&key);
        return tare_fail(err, TARE_NO_MEMORY, "look for the source of a function: out of memory");
    }
    tare_text source = tare_profile_get_meta(profile, (const char *)key.bytes);
    tare_buffer_deinit(&key);
    builder->end_of[function] = source.bytes == NULL ? UINT64_MAX
                                                     : outer->first_line + count_lines(source);
    return TARE_OK;
}

/* The function whose name is the first part of the inner one's, or TARE_MAP_ABSENT. */
static uint32_t find_outer(const line_builder *builder, const tare_function *inner, size_t size)
{
    const tare_profile *profile = builder->profile;
    const char         *bytes = tare_profile_text(profile, inner->qualname).bytes;
    uint32_t            name = tare_intern_find(&profile->strings, bytes, size);
    if (name == TARE_MAP_ABSENT)
        return TARE_MAP_ABSENT;
    return tare_map_get(&builder->by_name, tare_pack(inner->file, name));
}

static tare_status find_block(line_builder *builder, uint32_t id, tare_error *err)
{
    const tare_function *inner = &builder->profile->functions[id];
    tare_text            name = tare_profile_text(builder->profile, inner->qualname);
    uint32_t             tries = 0;
    for (size_t size = 1; size + 1 < name.size && tries < MAX_NESTING; size++) {
        if (name.bytes[size] != '.' || name.bytes[size + 1] != '<')
            continue;
        tries++;
        uint32_t outer = find_outer(builder, inner, size);
        if (outer == TARE_MAP_ABSENT)
            continue;
        TARE_TRY(find_end(builder, outer, err));
        if (inner->first_line < builder->end_of[outer]) {
            builder->block_of[id] = builder->block_of[outer];
            return TARE_OK;
        }
    }
    return TARE_OK;
}

static tare_status find_blocks(line_builder *builder, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    for (uint32_t i = 0; i < builder->place_count; i++) {
        uint32_t             id = builder->places[i].function;
        const tare_function *function = &profile->functions[id];
        TARE_TRY(find_block(builder, id, err));
        TARE_TRY(tare_map_put(&builder->by_name, tare_pack(function->file, function->qualname), id,
                              profile->alloc, err));
    }
    return TARE_OK;
}

/* ---- rows ---- */

static int compare_pieces(const void *left_item, const void *right_item)
{
    const piece *left = left_item;
    const piece *right = right_item;
    if (left->block != right->block)
        return compare_u64(left->block, right->block);
    if (left->line != right->line)
        return compare_u64(left->line, right->line);
    if (left->label_set != right->label_set)
        return compare_u64(left->label_set, right->label_set);
    return compare_u64(left->function, right->function);
}

static bool same_line(const piece *left, const piece *right)
{
    return left->block == right->block && left->line == right->line;
}

/* The pieces of one line in one thread, from which at to before the one returned. */
static uint32_t fold_part(const line_builder *builder, uint32_t at, tare_lined *block,
                          tare_line_sums *row)
{
    const piece   *first = &builder->pieces[at];
    tare_line_sums part = {0};
    for (; at < builder->piece_count; at++) {
        const piece *next = &builder->pieces[at];
        if (!same_line(first, next) || next->label_set != first->label_set)
            break;
        add_sums(&part, &next->sums);
        raise_to(&part.inclusive_ns, next->sums.inclusive_ns);
        if (next->function == next->block)
            add_saturating(&block->sums.inclusive_ns, next->sums.inclusive_ns);
    }
    raise_to(&part.inclusive_ns, part.self_ns);
    add_sums(row, &part);
    add_saturating(&row->inclusive_ns, part.inclusive_ns);
    return at;
}

static void fold_threads(line_builder *builder)
{
    for (uint32_t i = 0; i < builder->piece_count; i++) {
        const piece *part = &builder->pieces[i];
        add_sums(&builder->table->threads[part->label_set].sums, &part->sums);
        add_sums(&builder->table->all, &part->sums);
    }
    builder->table->all.inclusive_ns = builder->table->all.self_ns;
}

/* Functions by id until they are sorted, so a block's entry is at its own function. */
static void fold_pieces(line_builder *builder)
{
    tare_linetable *table = builder->table;
    for (uint32_t at = 0; at < builder->piece_count;) {
        const piece   *first = &builder->pieces[at];
        tare_lined    *block = &table->functions[first->block];
        tare_line_row *row = &table->rows[table->row_count];
        row->line = first->line;
        if (block->row_count++ == 0)
            block->first_row = table->row_count;
        table->row_count++;
        while (at < builder->piece_count && same_line(first, &builder->pieces[at]))
            at = fold_part(builder, at, block, &row->sums);
        add_sums(&block->sums, &row->sums);
    }
}

static int compare_functions(const void *left_item, const void *right_item)
{
    const tare_lined *left = left_item;
    const tare_lined *right = right_item;
    if (left->sums.self_ns != right->sums.self_ns)
        return compare_u64(right->sums.self_ns, left->sums.self_ns);
    return compare_u64(left->function, right->function);
}

static int compare_threads(const void *left_item, const void *right_item)
{
    const tare_line_thread *left = left_item;
    const tare_line_thread *right = right_item;
    if (left->sums.self_ns != right->sums.self_ns)
        return compare_u64(right->sums.self_ns, left->sums.self_ns);
    return compare_u64(left->label_set, right->label_set);
}

static void finish_functions(line_builder *builder)
{
    tare_linetable *table = builder->table;
    for (uint32_t id = 0; id < table->function_capacity; id++) {
        tare_lined block = table->functions[id];
        bool       is_block = builder->measured[id] && builder->block_of[id] == id;
        if (!is_block || (builder->thread != TARE_NONE && !builder->called[id]))
            continue;
        block.function = id;
        block.calls = builder->calls[id];
        raise_to(&block.sums.inclusive_ns, block.sums.self_ns);
        table->functions[table->function_count++] = block;
    }
    if (table->function_count > 0)
        qsort(table->functions, table->function_count, sizeof *table->functions, compare_functions);
}

static void finish_threads(tare_linetable *table)
{
    for (uint32_t id = 0; id < table->thread_capacity; id++) {
        tare_line_thread row = table->threads[id];
        if (row.sums.hits == 0 && row.sums.self_ns == 0 && row.sums.suspended_ns == 0)
            continue;
        row.label_set = id;
        row.sums.inclusive_ns = row.sums.self_ns;
        table->threads[table->thread_count++] = row;
    }
    if (table->thread_count > 0)
        qsort(table->threads, table->thread_count, sizeof *table->threads, compare_threads);
}

/* ---- memory ---- */

static tare_status acquire_builder(line_builder *builder, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    const tare_alloc   *alloc = profile->alloc;
    uint32_t            count = profile->function_count;
    void               *memory;
    TARE_TRY(tare_acquire(alloc, &memory, profile->metric_count, 1, err));
    builder->column_of = memory;
    for (uint32_t id = 0; id < profile->metric_count; id++)
        builder->column_of[id] = find_column(
            tare_profile_text(profile, profile->metrics[id].name).bytes);
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *builder->measured, err));
    builder->measured = memory;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *builder->called, err));
    builder->called = memory;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *builder->block_of, err));
    builder->block_of = memory;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *builder->calls, err));
    builder->calls = memory;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *builder->end_of, err));
    builder->end_of = memory;
    TARE_TRY(tare_acquire(alloc, &memory, count, sizeof *builder->places, err));
    builder->places = memory;
    return TARE_OK;
}

static void release_builder(line_builder *builder)
{
    const tare_alloc *alloc = builder->profile->alloc;
    uint32_t          count = builder->profile->function_count;
    tare_release(alloc, builder->column_of, builder->profile->metric_count, 1);
    tare_release(alloc, builder->measured, count, sizeof *builder->measured);
    tare_release(alloc, builder->called, count, sizeof *builder->called);
    tare_release(alloc, builder->block_of, count, sizeof *builder->block_of);
    tare_release(alloc, builder->calls, count, sizeof *builder->calls);
    tare_release(alloc, builder->end_of, count, sizeof *builder->end_of);
    tare_release(alloc, builder->places, count, sizeof *builder->places);
    tare_release(alloc, builder->pieces, builder->piece_capacity, sizeof *builder->pieces);
    tare_map_deinit(&builder->by_name, alloc);
    tare_map_deinit(&builder->piece_by_key, alloc);
}

static tare_status acquire_table(line_builder *builder, tare_error *err)
{
    const tare_profile *profile = builder->profile;
    tare_linetable     *table = builder->table;
    void               *memory;
    TARE_TRY(tare_acquire(table->alloc, &memory, profile->function_count, sizeof *table->functions,
                          err));
    table->functions = memory;
    table->function_capacity = profile->function_count;
    TARE_TRY(tare_acquire(table->alloc, &memory, builder->piece_count, sizeof *table->rows, err));
    table->rows = memory;
    table->row_capacity = builder->piece_count;
    TARE_TRY(
        tare_acquire(table->alloc, &memory, profile->label_set_count, sizeof *table->threads, err));
    table->threads = memory;
    table->thread_capacity = profile->label_set_count;
    return TARE_OK;
}

static tare_status build_table(line_builder *builder, tare_error *err)
{
    TARE_TRY(acquire_builder(builder, err));
    fill_places(builder);
    TARE_TRY(find_blocks(builder, err));
    for (uint32_t i = 0; i < builder->profile->value_count; i++)
        TARE_TRY(add_value(builder, &builder->profile->values[i], err));
    if (builder->piece_count > 0)
        qsort(builder->pieces, builder->piece_count, sizeof *builder->pieces, compare_pieces);
    TARE_TRY(acquire_table(builder, err));
    fold_pieces(builder);
    fold_threads(builder);
    finish_functions(builder);
    finish_threads(builder->table);
    return TARE_OK;
}

tare_status tare_linetable_init(tare_linetable *table, const tare_profile *profile, uint32_t thread,
                                tare_error *err)
{
    *table = (tare_linetable){.alloc = profile->alloc};
    line_builder builder = {.profile = profile, .table = table, .thread = thread};
    tare_status  status = build_table(&builder, err);
    release_builder(&builder);
    if (status != TARE_OK)
        tare_linetable_deinit(table);
    return status;
}

void tare_linetable_deinit(tare_linetable *table)
{
    if (table->alloc == NULL)
        return;
    tare_release(table->alloc, table->functions, table->function_capacity,
                 sizeof *table->functions);
    tare_release(table->alloc, table->rows, table->row_capacity, sizeof *table->rows);
    tare_release(table->alloc, table->threads, table->thread_capacity, sizeof *table->threads);
    *table = (tare_linetable){0};
}
