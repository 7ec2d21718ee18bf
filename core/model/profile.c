/* profile.c - strings to nodes: what a stack is made of.
 *
 *     strings    0 ""   1 "main"   2 "app.py"   3 "parse"
 *     functions  0 main (app.py:1)              1 parse (app.py:20)
 *     frames     0 main, line 7                 1 parse, line 21
 *     nodes      0 root      1 frame 0 under 0      2 frame 1 under 1     main -> parse
 *
 * Every add is the same: search by key; if it is not there, make room, put it into the
 * index, and raise the count last. Whatever fails on the way, the count has not moved and
 * the tables are what they were; room made too early is used by the next add.
 *
 * Cost: child and frame run for every frame of every sample; a warm hit in a small table
 * takes about 4 ns: mix, one probe, return. Nothing is allocated unless something is new.
 * Labels, metrics and values are in profile_value.c, series and provenance in
 * profile_meta.c, the invariants in profile_check.c. */
#include "model/profile.h"

#include "model/profile_index.h"

#include <string.h>

/* The root node and label set 0, which no other thing stands before. */
static tare_status add_first(tare_profile *profile, tare_error *err)
{
    uint32_t id;
    TARE_TRY(tare_profile_label_set(profile, NULL, 0, &id, err));
    TARE_TRY(tare_profile_grow(profile, &profile->nodes, &profile->node_capacity, 1,
                               sizeof *profile->nodes, err));
    profile->nodes[0] = (tare_node){.parent = TARE_NONE, .frame = TARE_NONE};
    profile->node_count = 1;
    return TARE_OK;
}

tare_status tare_profile_init(tare_profile *profile, const tare_alloc *alloc, tare_error *err)
{
    *profile = (tare_profile){.alloc = alloc};
    uint32_t    id;
    tare_status status = tare_profile_string(profile, "", 0, &id, err);
    if (status == TARE_OK)
        status = add_first(profile, err);
    if (status != TARE_OK)
        tare_profile_deinit(profile);
    return status;
}

static void release_tables(tare_profile *profile)
{
    const struct {
        void    *items;
        uint32_t capacity;
        size_t   item_bytes;
    } tables[] = {
        {profile->functions, profile->function_capacity, sizeof *profile->functions},
        {profile->frames, profile->frame_capacity, sizeof *profile->frames},
        {profile->nodes, profile->node_capacity, sizeof *profile->nodes},
        {profile->labels, profile->label_capacity, sizeof *profile->labels},
        {profile->label_sets, profile->label_set_capacity, sizeof *profile->label_sets},
        {profile->metrics, profile->metric_capacity, sizeof *profile->metrics},
        {profile->values, profile->value_capacity, sizeof *profile->values},
        {profile->series, profile->series_capacity, sizeof *profile->series},
        {profile->meta, profile->meta_capacity, sizeof *profile->meta},
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        tare_release(profile->alloc, tables[i].items, tables[i].capacity, tables[i].item_bytes);
}

static void release_points(tare_profile *profile)
{
    for (uint32_t i = 0; i < profile->series_count; i++)
        tare_release(profile->alloc, profile->series[i].points, profile->series[i].point_capacity,
                     sizeof(tare_point));
}

void tare_profile_deinit(tare_profile *profile)
{
    const tare_alloc *alloc = profile->alloc;
    if (alloc == NULL)
        return;
    tare_map *indices[] = {
        &profile->function_by_hash,  &profile->frame_by_key,   &profile->node_by_key,
        &profile->label_set_by_hash, &profile->metric_by_name, &profile->value_by_key,
        &profile->series_by_key,     &profile->meta_by_key,
    };
    release_points(profile);
    release_tables(profile);
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++)
        tare_map_deinit(indices[i], alloc);
    tare_intern_deinit(&profile->strings, alloc);
    *profile = (tare_profile){0};
}

tare_status tare_profile_clear(tare_profile *profile, tare_error *err)
{
    tare_map *indices[] = {&profile->node_by_key, &profile->label_set_by_hash,
                           &profile->value_by_key, &profile->series_by_key, &profile->meta_by_key};
    release_points(profile);
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++)
        tare_map_deinit(indices[i], profile->alloc);
    profile->node_count = profile->label_count = profile->label_set_count = 0;
    profile->value_count = profile->series_count = profile->meta_count = 0;
    profile->overflow_node = 0;
    return add_first(profile, err);
}

tare_status tare_profile_grow(const tare_profile *profile, void *items, uint32_t *capacity,
                              size_t need, size_t item_bytes, tare_error *err)
{
    void *memory; /* copied as bytes: a tare_node ** must not be written as a void ** */
    memcpy(&memory, items, sizeof memory);
    TARE_TRY(tare_grow(profile->alloc, &memory, capacity, need, item_bytes, err));
    memcpy(items, &memory, sizeof memory);
    return TARE_OK;
}

/* ---- strings and functions ---- */

tare_status tare_profile_string(tare_profile *profile, const char *bytes, size_t size,
                                uint32_t *id_out, tare_error *err)
{
    return tare_intern_add(&profile->strings, bytes, size, profile->alloc, id_out, err);
}

tare_text tare_profile_text(const tare_profile *profile, uint32_t string_id)
{
    return tare_intern_get(&profile->strings, string_id);
}

static bool same_function(const tare_function *a, const tare_function *b)
{
    return a->name == b->name && a->qualname == b->qualname && a->file == b->file &&
           a->first_line == b->first_line;
}

uint32_t tare_profile_find_function(const tare_profile *profile, const tare_function *function,
                                    uint64_t *key_out)
{
    uint64_t names = tare_profile_mix(profile, tare_pack(function->name, function->qualname));
    uint64_t place = tare_pack(function->file, function->first_line);
    uint64_t key = tare_profile_mix(profile, names ^ place);
    uint32_t id = tare_map_get(&profile->function_by_hash, key);
    while (id != TARE_MAP_ABSENT && !same_function(&profile->functions[id], function))
        id = tare_map_get(&profile->function_by_hash, ++key);
    *key_out = key;
    return id;
}

tare_status tare_profile_function(tare_profile *profile, const tare_function *function,
                                  uint32_t *id_out, tare_error *err)
{
    uint64_t key;
    uint32_t id = tare_profile_find_function(profile, function, &key);
    if (id == TARE_MAP_ABSENT) {
        id = profile->function_count;
        TARE_TRY(tare_profile_grow(profile, &profile->functions, &profile->function_capacity,
                                   id + (size_t)1, sizeof *profile->functions, err));
        TARE_TRY(tare_map_put(&profile->function_by_hash, key, id, profile->alloc, err));
        profile->functions[id] = *function;
        profile->function_count = id + 1;
    }
    *id_out = id;
    return TARE_OK;
}

/* ---- frames and nodes ---- */

static tare_status append_frame(tare_profile *profile, tare_frame frame, uint32_t *id_out,
                                tare_error *err)
{
    uint32_t id = profile->frame_count;
    TARE_TRY(tare_profile_grow(profile, &profile->frames, &profile->frame_capacity, id + (size_t)1,
                               sizeof *profile->frames, err));
    TARE_TRY(tare_map_put(&profile->frame_by_key, tare_pack(frame.function, frame.line), id,
                          profile->alloc, err));
    profile->frames[id] = frame;
    profile->frame_count = id + 1;
    *id_out = id;
    return TARE_OK;
}

tare_status tare_profile_frame(tare_profile *profile, uint32_t function, uint32_t line,
                               uint32_t *id_out, tare_error *err)
{
    *id_out = tare_map_get(&profile->frame_by_key, tare_pack(function, line));
    if (*id_out != TARE_MAP_ABSENT)
        return TARE_OK;
    return append_frame(profile, (tare_frame){.function = function, .line = line}, id_out, err);
}

static tare_status append_node(tare_profile *profile, tare_node node, uint32_t *id_out,
                               tare_error *err)
{
    uint32_t id = profile->node_count;
    TARE_TRY(tare_profile_grow(profile, &profile->nodes, &profile->node_capacity, id + (size_t)1,
                               sizeof *profile->nodes, err));
    TARE_TRY(tare_map_put(&profile->node_by_key, tare_pack(node.parent, node.frame), id,
                          profile->alloc, err));
    profile->nodes[id] = node;
    profile->node_count = id + 1;
    *id_out = id;
    return TARE_OK;
}

tare_status tare_profile_synthetic(tare_profile *profile, const char *name, uint32_t *frame_out,
                                   tare_error *err)
{
    tare_function function = {.kind = TARE_FUNCTION_SYNTHETIC};
    uint32_t      id = 0;
    TARE_TRY(tare_profile_string(profile, name, strlen(name), &function.name, err));
    function.qualname = function.name;
    TARE_TRY(tare_profile_string(profile, "", 0, &function.file, err));
    TARE_TRY(tare_profile_function(profile, &function, &id, err));
    return tare_profile_frame(profile, id, 0, frame_out, err);
}

/* A profile that was read from a file can have the node without knowing its id. */
static tare_status find_overflow(tare_profile *profile, uint32_t *id_out, tare_error *err)
{
    if (profile->overflow_node == 0) {
        uint32_t frame = 0;
        TARE_TRY(tare_profile_synthetic(profile, "(overflow)", &frame, err));
        uint32_t id = tare_map_get(&profile->node_by_key, tare_pack(0, frame));
        if (id == TARE_MAP_ABSENT)
            TARE_TRY(append_node(profile, (tare_node){.frame = frame}, &id, err));
        profile->overflow_node = id;
    }
    *id_out = profile->overflow_node;
    return TARE_OK;
}

/* One place stays free for the overflow node until it is there. */
static bool is_full(const tare_profile *profile)
{
    uint32_t reserved = profile->overflow_node == 0 ? 1 : 0;
    return profile->node_limit > 0 && profile->node_count + reserved >= profile->node_limit;
}

tare_status tare_profile_child(tare_profile *profile, uint32_t parent, uint32_t frame,
                               uint32_t *id_out, tare_error *err)
{
    *id_out = tare_map_get(&profile->node_by_key, tare_pack(parent, frame));
    if (*id_out != TARE_MAP_ABSENT)
        return TARE_OK;
    if (is_full(profile))
        return find_overflow(profile, id_out, err);
    return append_node(profile, (tare_node){.parent = parent, .frame = frame}, id_out, err);
}
