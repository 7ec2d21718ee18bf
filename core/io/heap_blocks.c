/* heap_blocks.c - see heap_blocks.h.
 *
 *     census         group | key | count | bytes | allocated - bytes
 *     heap types     name | module
 *     heap objects   type - previous | parent - previous | name, and whether it is an index |
 *                    flags | bytes | allocated - bytes | retained
 *
 * Breadth first, so parents rise slowly and most fields of an object take one byte.
 *
 * A group is one of the sums kept apart, or 16 + the way in which things were counted. */
#include "io/heap_blocks.h"

#include "io/encode.h"
#include "io/format.h"

enum { GROUP_ROWS = 16, UNREACHED_FLAG = TARE_OBJECT_FLAGS + 1 };

/* ---- writing ---- */

tare_status tare_heap_intern_keys(tare_snapshot *snapshot, tare_error *err)
{
    for (uint32_t id = 0; id < snapshot->census.row_count; id++) {
        tare_text key = tare_intern_get(&snapshot->census.keys, id);
        uint32_t  string;
        TARE_TRY(tare_profile_string(&snapshot->profile, key.bytes, key.size, &string, err));
    }
    return TARE_OK;
}

/* Differences wrap: a sum may be anything that 64 bits hold. */
static void write_sum(const tare_census_sum *sum, tare_buffer *out)
{
    uint64_t more = (uint64_t)sum->allocated_bytes - (uint64_t)sum->bytes;
    tare_buffer_svarint(out, sum->count);
    tare_buffer_svarint(out, sum->bytes);
    tare_buffer_svarint(out, (int64_t)more);
}

static void write_census(const tare_snapshot *snapshot, tare_buffer *out)
{
    const tare_census *census = &snapshot->census;
    if (census->by == TARE_CENSUS_NONE)
        return;
    for (uint32_t part = 0; part < TARE_CENSUS_PART_COUNT; part++) {
        tare_buffer_varint(out, part);
        tare_buffer_varint(out, 0);
        write_sum(&census->parts[part], out);
    }
    for (uint32_t id = 0; id < census->row_count; id++) {
        tare_text key = tare_intern_get(&census->keys, id);
        if (tare_census_is_zero(&census->rows[id]))
            continue;
        tare_buffer_varint(out, GROUP_ROWS + (uint64_t)census->by);
        tare_buffer_varint(out, tare_intern_find(&snapshot->profile.strings, key.bytes, key.size));
        write_sum(&census->rows[id], out);
    }
}

static void write_types(const tare_snapshot *snapshot, tare_buffer *out)
{
    for (uint32_t i = 0; i < snapshot->type_count; i++) {
        tare_buffer_varint(out, snapshot->types[i].name);
        tare_buffer_varint(out, snapshot->types[i].module);
    }
}

static void write_objects(const tare_snapshot *snapshot, tare_buffer *out)
{
    tare_heap_object previous = {0};
    for (uint32_t id = 0; id < snapshot->object_count; id++) {
        const tare_heap_object *object = &snapshot->objects[id];
        uint32_t                name = object->name & ~TARE_EDGE_INDEX;
        uint64_t                index = (object->name & TARE_EDGE_INDEX) != 0;
        uint32_t                unreached = id >= snapshot->reached_count ? UNREACHED_FLAG : 0;
        uint64_t                more = object->allocated_bytes - object->bytes;
        bool                    known = object->retained_bytes != 0;
        tare_buffer_svarint(out, (int64_t)object->type - (int64_t)previous.type);
        tare_buffer_svarint(out, (int64_t)object->parent - (int64_t)previous.parent);
        tare_buffer_varint(out, (uint64_t)name << 1 | index);
        tare_buffer_varint(out, object->flags | unreached);
        tare_buffer_varint(out, object->bytes);
        tare_buffer_svarint(out, (int64_t)more);
        tare_buffer_varint(out, known ? object->retained_bytes - object->bytes + 1 : 0);
        previous = *object;
    }
}

static const struct {
    tare_block_type type;
    void (*write)(const tare_snapshot *snapshot, tare_buffer *out);
} block_writers[] = {
    {TARE_BLOCK_CENSUS, write_census},
    {TARE_BLOCK_HEAP_TYPES, write_types},
    {TARE_BLOCK_HEAP_OBJECTS, write_objects},
};

void tare_heap_write(const tare_snapshot *snapshot, tare_buffer *out)
{
    for (size_t i = 0; i < sizeof block_writers / sizeof block_writers[0]; i++) {
        uint32_t start = tare_encode_begin(out, (uint8_t)block_writers[i].type);
        block_writers[i].write(snapshot, out);
        tare_encode_end(out, start);
    }
}

/* ---- reading ---- */

static bool read_id(tare_cursor *cursor, uint32_t count, uint32_t *id_out)
{
    uint64_t id = tare_cursor_varint(cursor);
    *id_out = (uint32_t)id;
    return !cursor->failed && id < count;
}

static bool read_near_id(tare_cursor *cursor, uint32_t previous, uint32_t count, uint32_t *id_out)
{
    uint64_t id = previous + (uint64_t)tare_cursor_svarint(cursor);
    *id_out = (uint32_t)id;
    return !cursor->failed && id < count;
}

static bool read_sum(tare_cursor *cursor, tare_census_sum *sum)
{
    sum->count = tare_cursor_svarint(cursor);
    sum->bytes = tare_cursor_svarint(cursor);
    sum->allocated_bytes = (int64_t)((uint64_t)sum->bytes + (uint64_t)tare_cursor_svarint(cursor));
    return !cursor->failed;
}

static tare_status read_census(tare_snapshot *snapshot, tare_cursor *in, const char **fault_out,
                               tare_error *err)
{
    tare_census    *census = &snapshot->census;
    tare_census_sum sum;
    uint32_t        group, key;
    if (!read_id(in, GROUP_ROWS + TARE_CENSUS_BY_COUNT, &group) ||
        !read_id(in, snapshot->profile.strings.count, &key) || !read_sum(in, &sum)) {
        *fault_out = "a row of a census is out of range";
        return TARE_CORRUPT;
    }
    if (group < TARE_CENSUS_PART_COUNT) {
        census->parts[group] = sum;
        return TARE_OK;
    }
    tare_census_by by = group > GROUP_ROWS ? (tare_census_by)(group - GROUP_ROWS) : 0;
    if (by == TARE_CENSUS_NONE || (census->by != TARE_CENSUS_NONE && census->by != by)) {
        *fault_out = "a census is counted in two ways, or in none";
        return TARE_CORRUPT;
    }
    census->by = by;
    tare_text text = tare_profile_text(&snapshot->profile, key);
    uint32_t  row = tare_intern_find(&census->keys, text.bytes, text.size);
    bool      is_new = row >= census->row_count || tare_census_is_zero(&census->rows[row]);
    if (!is_new || tare_census_is_zero(&sum)) {
        *fault_out = "a row of a census is there twice, or counts nothing";
        return TARE_CORRUPT;
    }
    return tare_census_add(census, text.bytes, text.size, &sum, err);
}

static tare_status read_type(tare_snapshot *snapshot, tare_cursor *in, const char **fault_out,
                             tare_error *err)
{
    uint32_t strings = snapshot->profile.strings.count, id;
    uint32_t name, module;
    if (!read_id(in, strings, &name) || !read_id(in, strings, &module)) {
        *fault_out = "a type has no name";
        return TARE_CORRUPT;
    }
    return tare_snapshot_type(snapshot, tare_profile_text(&snapshot->profile, name),
                              tare_profile_text(&snapshot->profile, module), &id, err);
}

/* An edge's name: a string, or a place below 2^31. */
static bool read_edge(tare_cursor *in, uint32_t strings, uint32_t *name_out)
{
    uint64_t name = tare_cursor_varint(in);
    uint64_t limit = name & 1 ? TARE_EDGE_INDEX : strings;
    *name_out = (uint32_t)(name >> 1) | (name & 1 ? TARE_EDGE_INDEX : 0);
    return !in->failed && name >> 1 < limit;
}

static bool read_amounts(tare_cursor *in, tare_heap_object *object)
{
    object->bytes = tare_cursor_varint(in);
    object->allocated_bytes = object->bytes + (uint64_t)tare_cursor_svarint(in);
    uint64_t retained = tare_cursor_varint(in);
    object->retained_bytes = retained != 0 ? object->bytes + (retained - 1) : 0;
    return !in->failed && (retained == 0 || object->retained_bytes >= object->bytes) &&
           (retained == 0 || object->retained_bytes != 0);
}

static tare_status read_object(tare_snapshot *snapshot, tare_cursor *in, tare_heap_entry *entry,
                               const char **fault_out, tare_error *err)
{
    tare_heap_object object = {0};
    uint32_t         id = snapshot->object_count;
    if (!read_near_id(in, entry->type, snapshot->type_count, &object.type) ||
        !read_near_id(in, entry->parent, id == 0 ? 1 : id, &object.parent) ||
        !read_edge(in, snapshot->profile.strings.count, &object.name) ||
        !read_id(in, 2 * UNREACHED_FLAG, &object.flags) || !read_amounts(in, &object)) {
        *fault_out = "a field of an object is out of range";
        return TARE_CORRUPT;
    }
    bool reached = (object.flags & UNREACHED_FLAG) == 0;
    if (reached && snapshot->reached_count < id) {
        *fault_out = "an object that is reached comes after one that is not";
        return TARE_CORRUPT;
    }
    object.flags &= TARE_OBJECT_FLAGS;
    *entry = (tare_heap_entry){.type = object.type, .parent = object.parent};
    TARE_TRY(tare_snapshot_add(snapshot, &object, err));
    snapshot->reached_count += reached;
    return TARE_OK;
}

tare_status tare_heap_read(tare_snapshot *snapshot, uint8_t type, tare_cursor *payload,
                           tare_heap_entry *entry, const char **fault_out, tare_error *err)
{
    if (type == TARE_BLOCK_CENSUS)
        return read_census(snapshot, payload, fault_out, err);
    if (type == TARE_BLOCK_HEAP_TYPES)
        return read_type(snapshot, payload, fault_out, err);
    return read_object(snapshot, payload, entry, fault_out, err);
}

tare_status tare_heap_settle(tare_snapshot *snapshot, tare_error *err)
{
    if (snapshot->census.by == TARE_CENSUS_NONE && snapshot->object_count == 0)
        return tare_fail(err, TARE_INCOMPATIBLE,
                         "there is no heap in it; tare report shows what was measured");
    const tare_profile *profile = &snapshot->profile;
    snapshot->census.during_collection = tare_profile_meta_number(profile, "heap.during_collection",
                                                                  0.0) > 0;
    snapshot->census.frozen_hidden = tare_profile_meta_number(profile, "heap.frozen_hidden", 0.0) >
                                     0;
    return tare_snapshot_check(snapshot, err);
}
