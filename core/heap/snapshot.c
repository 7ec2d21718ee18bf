/* snapshot.c - see snapshot.h.
 *
 * Cost: add O(1), count and largest O(objects), path O(depth). */
#include "heap/snapshot.h"

#include <string.h>

enum { PATH_STEPS = 200 }; /* from each end of a path; what is between is left out */

tare_status tare_snapshot_init(tare_snapshot *snapshot, const tare_alloc *alloc, tare_error *err)
{
    *snapshot = (tare_snapshot){.alloc = alloc, .census.alloc = alloc};
    return tare_profile_init(&snapshot->profile, alloc, err);
}

void tare_snapshot_deinit(tare_snapshot *snapshot)
{
    const tare_alloc *alloc = snapshot->alloc;
    if (alloc == NULL)
        return;
    tare_profile_deinit(&snapshot->profile);
    tare_census_deinit(&snapshot->census);
    tare_release(alloc, snapshot->types, snapshot->type_capacity, sizeof *snapshot->types);
    tare_release(alloc, snapshot->objects, snapshot->object_capacity, sizeof *snapshot->objects);
    *snapshot = (tare_snapshot){0};
}

tare_status tare_snapshot_type(tare_snapshot *snapshot, tare_text name, tare_text module,
                               uint32_t *id_out, tare_error *err)
{
    tare_heap_type type;
    TARE_TRY(tare_profile_string(&snapshot->profile, name.bytes, name.size, &type.name, err));
    TARE_TRY(tare_profile_string(&snapshot->profile, module.bytes, module.size, &type.module, err));
    TARE_TRY(tare_grow(snapshot->alloc, (void **)&snapshot->types, &snapshot->type_capacity,
                       (size_t)snapshot->type_count + 1, sizeof *snapshot->types, err));
    *id_out = snapshot->type_count;
    snapshot->types[snapshot->type_count++] = type;
    return TARE_OK;
}

tare_status tare_snapshot_add(tare_snapshot *snapshot, const tare_heap_object *object,
                              tare_error *err)
{
    TARE_TRY(tare_grow(snapshot->alloc, (void **)&snapshot->objects, &snapshot->object_capacity,
                       (size_t)snapshot->object_count + 1, sizeof *snapshot->objects, err));
    snapshot->objects[snapshot->object_count++] = *object;
    return TARE_OK;
}

/* ---- counting ---- */

static void count_parts(const tare_snapshot *snapshot, uint32_t id, const tare_census_sum *sum,
                        tare_census *out)
{
    static const struct {
        uint32_t         flag;
        tare_census_part part;
    } flags[] = {
        {TARE_OBJECT_STATIC, TARE_CENSUS_STATIC},
        {TARE_OBJECT_OPAQUE, TARE_CENSUS_OPAQUE},
        {TARE_OBJECT_FROZEN, TARE_CENSUS_FROZEN},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (snapshot->objects[id].flags & flags[i].flag)
            tare_census_sum_add(&out->parts[flags[i].part], sum);
    if (id >= snapshot->reached_count)
        tare_census_sum_add(&out->parts[TARE_CENSUS_UNREACHED], sum);
}

/* Names what was summed up by type, or by class of sizes. */
static tare_status name_sums(const tare_snapshot *snapshot, const tare_census_sum *sums,
                             uint32_t count, tare_census *out, tare_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        char      size[TARE_CENSUS_SIZE_BYTES];
        tare_text key = {.bytes = size};
        if (sums[i].count == 0)
            continue;
        if (out->by == TARE_CENSUS_SIZE) {
            tare_census_size_key(i, size);
            key.size = strlen(size);
        } else {
            const tare_heap_type *type = &snapshot->types[i];
            key = tare_profile_text(&snapshot->profile,
                                    out->by == TARE_CENSUS_MODULE ? type->module : type->name);
        }
        TARE_TRY(tare_census_add(out, key.bytes, key.size, &sums[i], err));
    }
    return TARE_OK;
}

static void sum_up(const tare_snapshot *snapshot, tare_census_sum *sums, tare_census *out)
{
    for (uint32_t id = 1; id < snapshot->object_count; id++) {
        const tare_heap_object *object = &snapshot->objects[id];
        tare_census_sum         sum = {
                    .count = 1,
                    .bytes = (int64_t)object->bytes,
                    .allocated_bytes = (int64_t)object->allocated_bytes,
        };
        uint32_t row = out->by == TARE_CENSUS_SIZE ? tare_census_size_class(object->bytes)
                                                   : object->type;
        tare_census_sum_add(&sums[row], &sum);
        count_parts(snapshot, id, &sum, out);
    }
}

tare_status tare_snapshot_count(const tare_snapshot *snapshot, tare_census_by by, tare_census *out,
                                tare_error *err)
{
    void    *memory;
    uint32_t count = by == TARE_CENSUS_SIZE ? TARE_CENSUS_SIZE_CLASSES : snapshot->type_count;
    if (by != TARE_CENSUS_TYPE && by != TARE_CENSUS_MODULE && by != TARE_CENSUS_SIZE)
        return tare_fail(err, TARE_UNSUPPORTED,
                         "count the objects of a snapshot by %s: it knows their type, module and "
                         "size; count in the process itself",
                         tare_census_word(by));
    out->by = by;
    out->during_collection = snapshot->census.during_collection;
    out->frozen_hidden = snapshot->census.frozen_hidden;
    TARE_TRY(tare_acquire(snapshot->alloc, &memory, count, sizeof(tare_census_sum), err));
    sum_up(snapshot, memory, out);
    tare_status status = name_sums(snapshot, memory, count, out, err);
    tare_release(snapshot->alloc, memory, count, sizeof(tare_census_sum));
    return status;
}

/* ---- paths ---- */

static void append_edge(const tare_snapshot *snapshot, uint32_t object, tare_buffer *out)
{
    uint32_t name = snapshot->objects[object].name;
    if (name & TARE_EDGE_INDEX) {
        tare_buffer_format(out, "[%u]", name & ~TARE_EDGE_INDEX);
        return;
    }
    tare_text text = tare_profile_text(&snapshot->profile, name);
    tare_buffer_append(out, text.bytes, text.size);
}

static uint32_t depth_of(const tare_snapshot *snapshot, uint32_t object)
{
    uint32_t depth = 0;
    for (; object != 0; object = snapshot->objects[object].parent)
        depth++;
    return depth;
}

/* Appends the edges of the last steps of the path to object. */
static void append_steps(const tare_snapshot *snapshot, uint32_t object, uint32_t steps,
                         tare_buffer *out)
{
    uint32_t chain[PATH_STEPS];
    for (uint32_t i = 0; i < steps; i++, object = snapshot->objects[object].parent)
        chain[i] = object;
    while (steps > 0)
        append_edge(snapshot, chain[--steps], out);
}

static uint32_t ancestor(const tare_snapshot *snapshot, uint32_t object, uint32_t steps)
{
    while (steps-- > 0)
        object = snapshot->objects[object].parent;
    return object;
}

void tare_snapshot_path(const tare_snapshot *snapshot, uint32_t object, tare_buffer *out)
{
    uint32_t depth = depth_of(snapshot, object);
    if (depth <= PATH_STEPS) {
        append_steps(snapshot, object, depth, out);
        return;
    }
    enum { ENDS = 10 };
    append_steps(snapshot, ancestor(snapshot, object, depth - ENDS), ENDS, out);
    tare_buffer_format(out, "(%u steps)", depth - 2 * ENDS);
    append_steps(snapshot, object, ENDS, out);
}

/* ---- the largest ---- */

static uint64_t retained(const tare_snapshot *snapshot, uint32_t id)
{
    return snapshot->objects[id].retained_bytes;
}

/* Puts id where it belongs among those found, which are at most limit. */
static void insert(const tare_snapshot *snapshot, uint32_t id, uint32_t limit, uint32_t *ids,
                   uint32_t *count)
{
    uint32_t at = *count;
    if (at == limit && retained(snapshot, ids[at - 1]) >= retained(snapshot, id))
        return;
    if (at < limit)
        (*count)++;
    else
        at--;
    for (; at > 0 && retained(snapshot, ids[at - 1]) < retained(snapshot, id); at--)
        ids[at] = ids[at - 1];
    ids[at] = id;
}

tare_status tare_snapshot_largest(const tare_snapshot *snapshot, uint32_t limit, uint32_t *ids_out,
                                  uint32_t *count_out, tare_error *err)
{
    void *memory;
    *count_out = 0;
    TARE_TRY(tare_acquire(snapshot->alloc, &memory, snapshot->object_count, sizeof(uint64_t), err));
    uint64_t *most = memory; /* of what has it as parent */
    for (uint32_t id = 1; id < snapshot->object_count; id++) {
        uint32_t parent = snapshot->objects[id].parent;
        if (most[parent] < retained(snapshot, id))
            most[parent] = retained(snapshot, id);
    }
    for (uint32_t id = 1; id < snapshot->object_count && limit > 0; id++)
        if (retained(snapshot, id) > 0 && most[id] < retained(snapshot, id) / 10 * 9)
            insert(snapshot, id, limit, ids_out, count_out);
    tare_release(snapshot->alloc, most, snapshot->object_count, sizeof(uint64_t));
    return TARE_OK;
}

/* ---- invariants ---- */

static tare_status check_object(const tare_snapshot *snapshot, uint32_t id, tare_error *err)
{
    const tare_heap_object *object = &snapshot->objects[id];
    if (object->type >= snapshot->type_count)
        return tare_fail(err, TARE_CORRUPT, "object %u has no type", id);
    if (object->parent >= id && id != 0)
        return tare_fail(err, TARE_CORRUPT, "object %u comes before the one that holds it", id);
    if (!(object->name & TARE_EDGE_INDEX) && object->name >= snapshot->profile.strings.count)
        return tare_fail(err, TARE_CORRUPT, "the name of object %u is no string", id);
    if (object->retained_bytes != 0 && object->retained_bytes < object->bytes)
        return tare_fail(err, TARE_CORRUPT, "object %u retains less than itself", id);
    if ((object->flags & ~(uint32_t)TARE_OBJECT_FLAGS) != 0)
        return tare_fail(err, TARE_CORRUPT, "object %u has a flag that is not known", id);
    return TARE_OK;
}

tare_status tare_snapshot_check(const tare_snapshot *snapshot, tare_error *err)
{
    bool empty = snapshot->object_count == 0;
    if (snapshot->reached_count > snapshot->object_count || (snapshot->reached_count == 0) != empty)
        return tare_fail(err, TARE_CORRUPT, "of %u objects %u are reached", snapshot->object_count,
                         snapshot->reached_count);
    for (uint32_t i = 0; i < snapshot->type_count; i++)
        if (snapshot->types[i].name >= snapshot->profile.strings.count ||
            snapshot->types[i].module >= snapshot->profile.strings.count)
            return tare_fail(err, TARE_CORRUPT, "type %u has no name", i);
    for (uint32_t id = 0; id < snapshot->object_count; id++)
        TARE_TRY(check_object(snapshot, id, err));
    return TARE_OK;
}
