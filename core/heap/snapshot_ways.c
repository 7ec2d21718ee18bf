/* snapshot_ways.c - see snapshot_ways.h.
 *
 * Backwards, every object of the type marks the way to it; forwards, each marked one gets the
 * pattern of its parent and its own step. Cost: O(objects). */
#include "heap/snapshot_ways.h"

#include <string.h>

enum { WANTED = 1, ON_WAY = 2, BELOW = 4 };
enum { KEYS_KEPT = 32 };

static const char MODULES[] = "sys.modules";

typedef struct finder {
    tare_snapshot_ways  *ways;
    const tare_snapshot *snapshot;
    uint8_t             *marks;       /* owned; by object, as the next two */
    uint32_t            *by_object;   /* owned; the pattern */
    uint32_t            *child_count; /* owned */
    tare_buffer          words;
    tare_error          *err;
} finder;

void tare_snapshot_ways_deinit(tare_snapshot_ways *ways)
{
    tare_patterns_deinit(&ways->patterns);
    *ways = (tare_snapshot_ways){0};
}

static bool is_named(const tare_snapshot *snapshot, uint32_t string, const char *bytes, size_t size)
{
    tare_text text = tare_profile_text(&snapshot->profile, string);
    return text.size == size && memcmp(text.bytes, bytes, size) == 0;
}

static void mark(finder *f, tare_text type)
{
    const tare_snapshot *snapshot = f->snapshot;
    for (uint32_t id = snapshot->object_count; id-- > 1;) {
        const tare_heap_object *object = &snapshot->objects[id];
        if (is_named(snapshot, snapshot->types[object->type].name, type.bytes, type.size))
            f->marks[id] |= WANTED;
        if (f->marks[id] != 0)
            f->marks[object->parent] |= ON_WAY;
        f->child_count[object->parent]++;
    }
}

/* Whether it is one of many, by a key or an index. */
static bool is_one_of_many(const finder *f, const tare_heap_object *object, tare_text name)
{
    uint32_t parent = object->parent;
    if (object->name & TARE_EDGE_INDEX)
        return true;
    if (name.size == 0 || name.bytes[0] != '[')
        return false;
    bool is_text = name.size > 1 && (name.bytes[1] == '\'' || name.bytes[1] == '"');
    bool of_modules = f->snapshot->objects[parent].parent == 0 && parent != 0 &&
                      (f->snapshot->objects[parent].name & TARE_EDGE_INDEX) == 0 &&
                      is_named(f->snapshot, f->snapshot->objects[parent].name, MODULES,
                               sizeof MODULES - 1);
    return !of_modules && (!is_text || f->child_count[parent] > KEYS_KEPT);
}

static tare_status name(finder *f, uint32_t id)
{
    const tare_heap_object *object = &f->snapshot->objects[id];
    tare_text               text = {0};
    if (f->marks[object->parent] & (WANTED | BELOW)) {
        f->marks[id] |= BELOW;
        return tare_patterns_below(&f->ways->patterns, f->by_object[object->parent], id,
                                   &f->by_object[id], f->err);
    }
    if ((object->name & TARE_EDGE_INDEX) == 0)
        text = tare_profile_text(&f->snapshot->profile, object->name);
    tare_buffer_clear(&f->words);
    if (is_one_of_many(f, object, text))
        tare_buffer_append(&f->words, "[*]", strlen("[*]"));
    else
        tare_buffer_append(&f->words, text.bytes, text.size);
    return tare_patterns_extend(&f->ways->patterns, f->by_object[object->parent], &f->words, id,
                                &f->by_object[id], f->err);
}

static tare_status name_all(finder *f)
{
    for (uint32_t id = 1; id < f->snapshot->object_count; id++) {
        if (f->marks[id] == 0)
            continue;
        TARE_TRY(name(f, id));
        if ((f->marks[id] & WANTED) == 0)
            continue;
        uint64_t bytes = f->snapshot->objects[id].bytes;
        f->ways->count++;
        f->ways->bytes += bytes;
        if (f->by_object[id] == 0)
            continue;
        f->ways->patterns.patterns[f->by_object[id]].count++;
        f->ways->patterns.patterns[f->by_object[id]].bytes += bytes;
    }
    return TARE_OK;
}

static tare_status find(finder *f, tare_text type)
{
    const tare_alloc *alloc = f->snapshot->alloc;
    uint32_t          count = f->snapshot->object_count;
    void             *marks, *by_object, *child_count;
    TARE_TRY(tare_acquire(alloc, &marks, count, 1, f->err));
    f->marks = marks;
    TARE_TRY(tare_acquire(alloc, &by_object, count, sizeof(uint32_t), f->err));
    f->by_object = by_object;
    TARE_TRY(tare_acquire(alloc, &child_count, count, sizeof(uint32_t), f->err));
    f->child_count = child_count;
    mark(f, type);
    return name_all(f);
}

tare_status tare_snapshot_ways_find(tare_snapshot_ways *ways, const tare_snapshot *snapshot,
                                    tare_text type, tare_error *err)
{
    const tare_alloc *alloc = snapshot->alloc;
    finder            f = {.ways = ways, .snapshot = snapshot, .err = err};
    ways->patterns.alloc = f.words.alloc = alloc;
    tare_status status = find(&f, type);
    tare_release(alloc, f.marks, snapshot->object_count, 1);
    tare_release(alloc, f.by_object, snapshot->object_count, sizeof(uint32_t));
    tare_release(alloc, f.child_count, snapshot->object_count, sizeof(uint32_t));
    tare_buffer_deinit(&f.words);
    return status;
}
