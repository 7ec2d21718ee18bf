/* decode.c - blocks to tables, from bytes that nobody vouches for.
 *
 *     scan    walks the headers, checks each checksum, finds the last commit
 *     apply   reads the entries of every block up to there into the profile
 *
 * Reading stops at the first block that is cut short or whose checksum does not match.
 * Blocks behind it are not looked for: ids are places, so entries behind a gap would
 * take the names of the missing ones. What follows the last commit belongs to a flush
 * that never ended; it is left out too, so a reader sees the state of one moment.
 *
 * Invariants: no byte beyond size is touched; an entry is checked against the tables as
 * they are before it is added; each entry takes at least one byte, so memory is at most
 * a fixed multiple of the file.
 * Cost: O(bytes). */
#include "io/format.h"
#include "io/heap_blocks.h"
#include "io/heap_file.h"

#include <string.h>

typedef struct decoder {
    tare_profile   *profile;
    tare_cursor     payload;
    size_t          block_offset;   /* for messages */
    tare_function   function;       /* the entry before, zeroed at the start of a block; */
    uint32_t        frame_function; /* likewise below */
    uint32_t        node_frame;
    tare_value      value;
    uint32_t        value_id;
    bool            value_id_known; /* an increment came before in this block */
    tare_snapshot  *heap;           /* NULL: passes over its blocks */
    tare_heap_entry heap_entry;
    tare_error     *err;
} decoder;

static tare_status fail_block(const decoder *d, const char *reason)
{
    return tare_fail(d->err, TARE_CORRUPT, "the block at byte %zu is malformed: %s",
                     d->block_offset, reason);
}

/* ---- fields ---- */

/* An id in a table of count entries. */
static bool read_id(tare_cursor *cursor, uint32_t count, uint32_t *id_out)
{
    uint64_t id = tare_cursor_varint(cursor);
    *id_out = (uint32_t)id;
    return !cursor->failed && id < count;
}

/* The same, written as the difference to an earlier one. */
static bool read_near_id(tare_cursor *cursor, uint32_t previous, uint32_t count, uint32_t *id_out)
{
    uint64_t id = previous + (uint64_t)tare_cursor_svarint(cursor);
    *id_out = (uint32_t)id;
    return !cursor->failed && id < count;
}

static bool read_u32(tare_cursor *cursor, uint32_t *value_out)
{
    uint64_t value = tare_cursor_varint(cursor);
    *value_out = (uint32_t)value;
    return !cursor->failed && value <= UINT32_MAX;
}

/* The model takes these names as C strings: one with a NUL inside would be cut. */
static bool is_plain_name(const tare_profile *profile, uint32_t string)
{
    tare_text text = tare_profile_text(profile, string);
    return memchr(text.bytes, 0, text.size) == NULL;
}

/* ---- one function per table; each reads one entry ---- */

static tare_status read_string(decoder *d)
{
    uint64_t size = tare_cursor_varint(&d->payload);
    if (d->payload.failed || size > d->payload.size - d->payload.at)
        return fail_block(d, "a string is longer than the block");
    const uint8_t *bytes = tare_cursor_take(&d->payload, (size_t)size);
    uint32_t       expected = d->profile->strings.count;
    uint32_t       id = 0;
    TARE_TRY(tare_profile_string(d->profile, (const char *)bytes, (size_t)size, &id, d->err));
    return id == expected ? TARE_OK : fail_block(d, "a string is there twice");
}

static tare_status read_function(decoder *d)
{
    tare_cursor  *in = &d->payload;
    uint32_t      strings = d->profile->strings.count;
    tare_function function;
    if (!read_near_id(in, d->function.name, strings, &function.name) ||
        !read_near_id(in, function.name, strings, &function.qualname) ||
        !read_near_id(in, d->function.file, strings, &function.file) ||
        !read_u32(in, &function.first_line) ||
        !read_id(in, TARE_FUNCTION_SYNTHETIC + 1, &function.kind))
        return fail_block(d, "a field of a function is out of range");
    uint32_t expected = d->profile->function_count;
    uint32_t id;
    TARE_TRY(tare_profile_function(d->profile, &function, &id, d->err));
    if (id != expected)
        return fail_block(d, "a function is there twice");
    d->function = function;
    return TARE_OK;
}

static tare_status read_frame(decoder *d)
{
    tare_cursor  *in = &d->payload;
    tare_profile *profile = d->profile;
    uint32_t      function;
    if (!read_near_id(in, d->frame_function, profile->function_count, &function))
        return fail_block(d, "a frame names no function");
    uint64_t line = profile->functions[function].first_line + (uint64_t)tare_cursor_svarint(in);
    if (in->failed || line > UINT32_MAX)
        return fail_block(d, "the line of a frame is out of range");
    uint32_t expected = profile->frame_count;
    uint32_t id;
    TARE_TRY(tare_profile_frame(profile, function, (uint32_t)line, &id, d->err));
    if (id != expected)
        return fail_block(d, "a frame is there twice");
    d->frame_function = function;
    return TARE_OK;
}

static tare_status read_node(decoder *d)
{
    tare_cursor *in = &d->payload;
    uint32_t     expected = d->profile->node_count;
    uint64_t     distance = tare_cursor_varint(in);
    if (in->failed || distance == 0 || distance > expected)
        return fail_block(d, "a node names no earlier node as its parent");
    uint32_t frame;
    if (!read_near_id(in, d->node_frame, d->profile->frame_count, &frame))
        return fail_block(d, "a node names no frame");
    uint32_t id;
    TARE_TRY(tare_profile_child(d->profile, expected - (uint32_t)distance, frame, &id, d->err));
    if (id != expected)
        return fail_block(d, "a node is there twice");
    d->node_frame = frame;
    return TARE_OK;
}

static tare_status read_label_set(decoder *d)
{
    tare_cursor *in = &d->payload;
    uint32_t     strings = d->profile->strings.count;
    uint32_t     count;
    if (!read_id(in, TARE_PROFILE_MAX_LABELS_PER_SET + 1, &count))
        return fail_block(d, "a label set has too many labels");
    tare_label labels[TARE_PROFILE_MAX_LABELS_PER_SET];
    for (uint32_t i = 0; i < count; i++) {
        if (!read_id(in, strings, &labels[i].key) || !read_id(in, strings, &labels[i].value))
            return fail_block(d, "a label names no string");
        if (i > 0 && labels[i].key <= labels[i - 1].key)
            return fail_block(d, "the labels of a set are not in order");
    }
    uint32_t expected = d->profile->label_set_count;
    uint32_t id;
    TARE_TRY(tare_profile_label_set(d->profile, labels, count, &id, d->err));
    return id == expected ? TARE_OK : fail_block(d, "a label set is there twice");
}

static tare_status read_name_and_unit(decoder *d, tare_text *name_out, tare_text *unit_out)
{
    uint32_t strings = d->profile->strings.count;
    uint32_t name, unit;
    if (!read_id(&d->payload, strings, &name) || !read_id(&d->payload, strings, &unit))
        return fail_block(d, "a name is no string");
    if (!is_plain_name(d->profile, name) || !is_plain_name(d->profile, unit))
        return fail_block(d, "a name has a NUL in it");
    *name_out = tare_profile_text(d->profile, name);
    *unit_out = tare_profile_text(d->profile, unit);
    return TARE_OK;
}

static tare_status read_metric(decoder *d)
{
    tare_text name, unit;
    TARE_TRY(read_name_and_unit(d, &name, &unit));
    uint32_t expected = d->profile->metric_count;
    uint32_t id;
    TARE_TRY(tare_profile_metric(d->profile, name.bytes, unit.bytes, &id, d->err));
    return id == expected ? TARE_OK : fail_block(d, "a metric is there twice");
}

static tare_status read_value(decoder *d)
{
    tare_cursor  *in = &d->payload;
    tare_profile *profile = d->profile;
    tare_value    value;
    if (!read_near_id(in, d->value.node, profile->node_count, &value.node) ||
        !read_near_id(in, d->value.label_set, profile->label_set_count, &value.label_set) ||
        !read_near_id(in, d->value.metric, profile->metric_count, &value.metric))
        return fail_block(d, "a value belongs to nothing");
    value.amount = tare_cursor_varint(in);
    if (in->failed)
        return fail_block(d, "a value is cut short");
    uint32_t expected = profile->value_count;
    TARE_TRY(
        tare_profile_add(profile, value.node, value.label_set, value.metric, value.amount, d->err));
    if (profile->value_count != expected + 1)
        return fail_block(d, "a value is there twice");
    d->value = value;
    return TARE_OK;
}

static tare_status read_increment(decoder *d)
{
    tare_cursor *in = &d->payload;
    uint64_t     step = tare_cursor_varint(in);
    uint64_t     increment = tare_cursor_varint(in);
    uint64_t     id = d->value_id + step;
    if (in->failed || step > UINT32_MAX || id >= d->profile->value_count ||
        (step == 0 && d->value_id_known))
        return fail_block(d, "an increment belongs to no value, or to one that had its own");
    tare_value *value = &d->profile->values[id];
    bool        fits = increment <= UINT64_MAX - value->amount;
    value->amount = fits ? value->amount + increment : UINT64_MAX;
    d->value_id = (uint32_t)id;
    d->value_id_known = true;
    return TARE_OK;
}

static tare_status read_series(decoder *d)
{
    tare_text name, unit;
    TARE_TRY(read_name_and_unit(d, &name, &unit));
    uint32_t label_set;
    if (!read_id(&d->payload, d->profile->label_set_count, &label_set))
        return fail_block(d, "a series names no label set");
    uint32_t expected = d->profile->series_count;
    uint32_t id;
    TARE_TRY(tare_profile_series(d->profile, name.bytes, unit.bytes, label_set, &id, d->err));
    return id == expected ? TARE_OK : fail_block(d, "a series is there twice");
}

static tare_status read_points(decoder *d)
{
    tare_cursor *in = &d->payload;
    uint32_t     id, kept, count;
    if (!read_id(in, d->profile->series_count, &id))
        return fail_block(d, "points belong to no series");
    tare_series *series = &d->profile->series[id];
    if (!read_id(in, series->point_count + 1, &kept) || !read_u32(in, &count))
        return fail_block(d, "points follow points that are not there");
    series->point_count = kept;
    tare_point point = {0};
    if (kept > 0)
        point = series->points[kept - 1];
    for (uint32_t i = 0; i < count; i++) {
        uint64_t step_ns = tare_cursor_varint(in);
        uint64_t step = (uint64_t)tare_cursor_svarint(in);
        if (in->failed || step_ns > UINT64_MAX - point.time_ns)
            return fail_block(d, "a point is cut short or out of range");
        point.time_ns += step_ns;
        point.amount = (int64_t)((uint64_t)point.amount + step);
        TARE_TRY(tare_profile_point(d->profile, id, point.time_ns, point.amount, d->err));
    }
    return TARE_OK;
}

static tare_status read_meta(decoder *d)
{
    uint32_t strings = d->profile->strings.count;
    uint32_t key, value;
    if (!read_id(&d->payload, strings, &key) || !read_id(&d->payload, strings, &value))
        return fail_block(d, "a piece of provenance names no string");
    if (!is_plain_name(d->profile, key))
        return fail_block(d, "a name has a NUL in it");
    tare_text text = tare_profile_text(d->profile, value);
    return tare_profile_set_meta(d->profile, tare_profile_text(d->profile, key).bytes, text.bytes,
                                 text.size, d->err);
}

static tare_status read_end(decoder *d)
{
    return fail_block(d, "the end has something in it");
}

static tare_status read_heap(decoder *d, uint8_t type)
{
    const char *fault = NULL;
    tare_status status = tare_heap_read(d->heap, type, &d->payload, &d->heap_entry, &fault, d->err);
    return fault != NULL ? fail_block(d, fault) : status;
}

static tare_status (*const entry_readers[TARE_BLOCK_TYPE_COUNT])(decoder *d) = {
    [TARE_BLOCK_STRINGS] = read_string,
    [TARE_BLOCK_FUNCTIONS] = read_function,
    [TARE_BLOCK_FRAMES] = read_frame,
    [TARE_BLOCK_NODES] = read_node,
    [TARE_BLOCK_LABEL_SETS] = read_label_set,
    [TARE_BLOCK_METRICS] = read_metric,
    [TARE_BLOCK_VALUES] = read_value,
    [TARE_BLOCK_INCREMENTS] = read_increment,
    [TARE_BLOCK_SERIES] = read_series,
    [TARE_BLOCK_POINTS] = read_points,
    [TARE_BLOCK_META] = read_meta,
    [TARE_BLOCK_END] = read_end,
};

static bool is_heap_type(uint8_t type)
{
    return type >= TARE_BLOCK_CENSUS && type <= TARE_BLOCK_HEAP_OBJECTS;
}

static bool is_known_type(uint8_t type)
{
    return is_heap_type(type) || (type < TARE_BLOCK_TYPE_COUNT && entry_readers[type] != NULL);
}

/* ---- blocks ---- */

typedef struct block {
    uint8_t        type;
    uint8_t        flags;
    uint32_t       checksum;
    const uint8_t *payload;
    uint32_t       payload_size;
} block;

/* The block that begins at the cursor; false when it does not fit. */
static bool read_block(tare_cursor *cursor, block *block_out)
{
    block_out->type = tare_cursor_u8(cursor);
    block_out->flags = tare_cursor_u8(cursor);
    tare_cursor_take(cursor, 2);
    block_out->payload_size = tare_cursor_u32(cursor);
    block_out->checksum = tare_cursor_u32(cursor);
    block_out->payload = tare_cursor_take(cursor, block_out->payload_size);
    return !cursor->failed;
}

/* What this version cannot read and may not skip. */
static bool is_unsupported(const block *b)
{
    bool required = b->flags & TARE_BLOCK_REQUIRED;
    return (b->flags & ~(TARE_BLOCK_COMMIT | TARE_BLOCK_REQUIRED)) != 0 ||
           (required && !is_known_type(b->type));
}

/* Fills state as far as whole flushes go. */
static tare_status scan_blocks(tare_cursor cursor, tare_file_state *state, tare_error *err)
{
    uint32_t checksum = tare_crc32c(0, cursor.bytes, TARE_FILE_MAGIC_BYTES);
    uint32_t block_count = 0;
    state->lost_offset = cursor.at;
    while (!state->complete && cursor.at < cursor.size) {
        const uint8_t *header = cursor.bytes + cursor.at;
        block          b;
        if (!read_block(&cursor, &b))
            break;
        checksum = tare_crc32c(checksum, header, TARE_BLOCK_CHECKED_BYTES);
        checksum = tare_crc32c(checksum, b.payload, b.payload_size);
        if (checksum != b.checksum)
            break;
        if (is_unsupported(&b))
            return tare_fail(err, TARE_UNSUPPORTED,
                             "the block at byte %zu (type %u, flags %u) needs a newer Tare; "
                             "open the file with the version that wrote it",
                             (size_t)(header - cursor.bytes), b.type, b.flags);
        block_count++;
        if (b.flags & TARE_BLOCK_COMMIT) {
            state->complete = b.type == TARE_BLOCK_END;
            state->block_count = block_count;
            state->lost_offset = cursor.at;
        }
    }
    state->lost_bytes = cursor.size - state->lost_offset;
    return TARE_OK;
}

static tare_status apply_block(decoder *d, const block *b)
{
    d->payload = (tare_cursor){.bytes = b->payload, .size = b->payload_size};
    d->function = (tare_function){0};
    d->frame_function = 0;
    d->node_frame = 0;
    d->value = (tare_value){0};
    d->value_id = 0;
    d->value_id_known = false;
    d->heap_entry = (tare_heap_entry){0};
    if (is_heap_type(b->type) && d->heap == NULL)
        return TARE_OK;
    while (d->payload.at < d->payload.size)
        TARE_TRY(is_heap_type(b->type) ? read_heap(d, b->type) : entry_readers[b->type](d));
    return TARE_OK;
}

/* Second walk, over what scan_blocks has found whole. */
static tare_status apply_blocks(tare_cursor cursor, tare_profile *profile, tare_snapshot *heap,
                                tare_file_state *state, tare_error *err)
{
    decoder d = {.profile = profile, .heap = heap, .err = err};
    for (uint32_t i = 0; i < state->block_count; i++) {
        d.block_offset = cursor.at;
        block b;
        if (!read_block(&cursor, &b))
            return fail_block(&d, "it is cut short");
        if (is_known_type(b.type))
            TARE_TRY(apply_block(&d, &b));
        else
            state->unknown_count++;
    }
    return TARE_OK;
}

static tare_status check_magic(tare_cursor *cursor, tare_file_state *state, tare_error *err)
{
    uint8_t expected[TARE_FILE_MAGIC_BYTES];
    tare_file_magic(expected);
    const uint8_t *magic = tare_cursor_take(cursor, sizeof expected);
    if (magic == NULL || memcmp(magic, expected, sizeof expected - 1) != 0)
        return tare_fail(err, TARE_CORRUPT,
                         "not a .tare file, or one changed by a transfer in text mode");
    state->version = magic[sizeof expected - 1];
    if (state->version > TARE_FILE_VERSION)
        return tare_fail(err, TARE_UNSUPPORTED,
                         "the file has format version %u and this Tare reads up to %d; "
                         "open it with a newer Tare",
                         state->version, TARE_FILE_VERSION);
    if (state->version == 0)
        return tare_fail(err, TARE_CORRUPT, "there is no format version 0");
    return TARE_OK;
}

/* The blocks of a file that has any; state says how far they go. */
static tare_status scan(const uint8_t *bytes, size_t size, tare_cursor *cursor_out,
                        tare_file_state *state, tare_error *err)
{
    *state = (tare_file_state){0};
    *cursor_out = (tare_cursor){.bytes = bytes, .size = size};
    TARE_TRY(check_magic(cursor_out, state, err));
    TARE_TRY(scan_blocks(*cursor_out, state, err));
    if (state->block_count > 0)
        return TARE_OK;
    return tare_fail(err, TARE_CORRUPT,
                     "no whole flush is in the file: its writer was killed before the first "
                     "one, or bytes in it have changed (%llu bytes cannot be read)",
                     (unsigned long long)state->lost_bytes);
}

tare_status tare_file_decode(const uint8_t *bytes, size_t size, const tare_alloc *alloc,
                             tare_profile *profile, tare_file_state *state_out, tare_error *err)
{
    tare_cursor cursor;
    TARE_TRY(scan(bytes, size, &cursor, state_out, err));
    TARE_TRY(tare_profile_init(profile, alloc, err));
    TARE_TRY(apply_blocks(cursor, profile, NULL, state_out, err));
    return tare_profile_check(profile, err);
}

tare_status tare_heap_decode(const uint8_t *bytes, size_t size, const tare_alloc *alloc,
                             tare_snapshot *snapshot, tare_file_state *state_out, tare_error *err)
{
    tare_cursor cursor;
    TARE_TRY(scan(bytes, size, &cursor, state_out, err));
    TARE_TRY(tare_snapshot_init(snapshot, alloc, err));
    TARE_TRY(apply_blocks(cursor, &snapshot->profile, snapshot, state_out, err));
    TARE_TRY(tare_profile_check(&snapshot->profile, err));
    return tare_heap_settle(snapshot, err);
}
