/* snapshot_fill.c - see snapshot_fill.h.
 *
 *     survey    process  modules  place  ...  far  tables  ...  apart  what no root reaches
 *     snapshot     0        1                          2    ...          n
 *
 * Places are left out, and what they lead to has 0 as its parent: the order stays, so a parent
 * still comes before its children. The type of an object is that of its kind, plus one for the
 * process.
 *
 * Cost: one look at the references of each object for the names, one at its blocks for what the
 * allocator takes; dominators. */
#include "heap/snapshot_fill.h"

#include "heap/interior.h"
#include "heap/names.h"
#include "heap/paths.h"
#include "heap/rounding.h"
#include "heap/words.h"

#include "heap/dominators.h"

#include <string.h>

enum { OF_OWNER = 1, CELL = 2, NAMED = 4 };

typedef struct filler {
    tare_snapshot     *snapshot;
    const tare_survey *survey;
    const tare_graph  *graph;
    uint32_t          *ids;   /* owned; by node: the object's, 0 for what has none */
    uint8_t           *marks; /* owned; by node */
    tare_rounding      rounding;
    tare_buffer        words;
    tare_map           attributes; /* key object or C string of an attribute -> string id */
    uint32_t           source;
    tare_status        status;
    tare_error        *err;
} filler;

/* ---- types ---- */

static tare_text text_of(const tare_buffer *words, uint32_t from, uint32_t to)
{
    return (tare_text){.bytes = (const char *)words->bytes + from, .size = to - from};
}

static tare_status add_types(filler *f)
{
    const tare_kinds *kinds = &f->survey->kinds;
    const tare_text   process = {.bytes = "the process", .size = strlen("the process")};
    uint32_t          id;
    TARE_TRY(tare_snapshot_type(f->snapshot, process, (tare_text){.bytes = ""}, &id, f->err));
    for (uint32_t i = 0; i < kinds->count; i++) {
        tare_buffer_clear(&f->words);
        tare_words_type(&f->words, kinds->kinds[i]->type);
        uint32_t end = f->words.size;
        tare_words_module(&f->words, kinds->kinds[i]->type);
        if (f->words.failed)
            return tare_fail(f->err, TARE_NO_MEMORY, "name a type: out of memory");
        TARE_TRY(tare_snapshot_type(f->snapshot, text_of(&f->words, 0, end),
                                    text_of(&f->words, end, f->words.size), &id, f->err));
    }
    return TARE_OK;
}

/* ---- objects ---- */

static void round_block(void *context, const tare_heap_block *block)
{
    filler           *f = context;
    tare_heap_object *object = &f->snapshot->objects[f->ids[f->source]];
    object->allocated_bytes += tare_rounding_of(&f->rounding, block);
}

static uint32_t flags_of(const tare_kind *kind, PyObject *object)
{
    bool is_static = kind->may_be_static && tare_images_has(kind->images, (uintptr_t)object);
    return (kind->opaque ? TARE_OBJECT_OPAQUE : 0u) | (is_static ? TARE_OBJECT_STATIC : 0u);
}

static tare_status add_object(filler *f, uint32_t node)
{
    const tare_kind *kind = f->survey->kinds.kinds[f->graph->tags[node]];
    PyObject        *object = tare_survey_object(f->survey, node);
    if (kind->hidden)
        return TARE_OK;
    tare_heap_object row = {
        .bytes = f->graph->bytes[node],
        .type = kind->index + 1,
        .parent = f->ids[f->graph->parents[node]],
        .flags = flags_of(kind, object),
    };
    f->ids[node] = f->snapshot->object_count;
    TARE_TRY(tare_snapshot_add(f->snapshot, &row, f->err));
    f->source = node;
    kind->measure(kind, object, round_block, f);
    return TARE_OK;
}

static tare_status add_objects(filler *f)
{
    TARE_TRY(tare_snapshot_add(f->snapshot, &(tare_heap_object){0}, f->err));
    for (uint32_t node = 1; node < f->graph->count; node++) {
        if (f->graph->addresses[node] != 0)
            TARE_TRY(add_object(f, node));
        if (node == f->survey->apart)
            f->snapshot->reached_count = f->snapshot->object_count;
    }
    return TARE_OK;
}

static int mark_frozen(PyObject *object, unsigned age, void *context)
{
    filler  *f = context;
    uint32_t node = age == TARE_GENERATIONS ? tare_graph_find(f->graph, (uintptr_t)object)
                                            : TARE_GRAPH_NONE;
    if (node != TARE_GRAPH_NONE && f->ids[node] != 0)
        f->snapshot->objects[f->ids[node]].flags |= TARE_OBJECT_FROZEN;
    return 0;
}

/* ---- names ---- */

static tare_status set_words(filler *f, uint32_t node)
{
    uint32_t id;
    if (f->words.failed)
        return tare_fail(f->err, TARE_NO_MEMORY, "name a reference: out of memory");
    const char *bytes = f->words.size > 0 ? (const char *)f->words.bytes : "";
    TARE_TRY(tare_profile_string(&f->snapshot->profile, bytes, f->words.size, &id, f->err));
    f->snapshot->objects[f->ids[node]].name = id;
    f->marks[node] |= NAMED;
    return TARE_OK;
}

static tare_status compose(filler *f, uint32_t child, const tare_link *link)
{
    tare_composer composer = {.out = &f->words, .rough = true};
    composer.cell = (f->marks[f->source] & CELL) != 0;
    if (f->marks[f->source] & OF_OWNER)
        composer.owner = tare_survey_object(f->survey, f->graph->parents[f->source]);
    tare_buffer_clear(&f->words);
    tare_compose(&composer, tare_survey_object(f->survey, f->source), link);
    if (link->kind != TARE_LINK_DICT)
        tare_compose_end(&composer);
    return set_words(f, child);
}

/* What alone decides how an attribute is written, so that it is written once; 0 = more does. */
static uint64_t attribute_of(const filler *f, const tare_link *link)
{
    bool of_owner = (f->marks[f->source] & OF_OWNER) != 0;
    if (link->kind == TARE_LINK_ATTRIBUTE || (link->kind == TARE_LINK_VALUE && of_owner))
        return (uintptr_t)link->key;
    bool of_cell = (f->marks[f->source] & CELL) != 0;
    return link->kind == TARE_LINK_MEMBER && !of_cell ? (uintptr_t)link->text : 0;
}

static tare_status set_attribute(filler *f, uint32_t child, uint64_t key, const tare_link *link)
{
    uint32_t id = tare_map_get(&f->attributes, key);
    if (id == TARE_MAP_ABSENT) {
        TARE_TRY(compose(f, child, link));
        return tare_map_put(&f->attributes, key, f->snapshot->objects[f->ids[child]].name,
                            f->snapshot->alloc, f->err);
    }
    f->snapshot->objects[f->ids[child]].name = id;
    f->marks[child] |= NAMED;
    return TARE_OK;
}

static tare_status set_link(filler *f, uint32_t child, const tare_link *link)
{
    uint64_t attribute = attribute_of(f, link);
    if (attribute != 0)
        return set_attribute(f, child, attribute, link);
    if (link->kind == TARE_LINK_INDEX && link->index < TARE_EDGE_INDEX) {
        f->snapshot->objects[f->ids[child]].name = TARE_EDGE_INDEX | (uint32_t)link->index;
        f->marks[child] |= NAMED;
        return TARE_OK;
    }
    if (link->kind == TARE_LINK_DICT)
        f->marks[child] |= OF_OWNER;
    if (link->kind == TARE_LINK_VARIABLE && link->index != 0)
        f->marks[child] |= CELL;
    return compose(f, child, link);
}

static int meet(const tare_link *link, void *context)
{
    filler  *f = context;
    uint32_t child = tare_graph_find(f->graph, (uintptr_t)link->target);
    if (child == TARE_GRAPH_NONE || f->graph->parents[child] != f->source || f->ids[child] == 0 ||
        (f->marks[child] & NAMED))
        return 0;
    f->status = set_link(f, child, link);
    return f->status != TARE_OK;
}

static tare_status name_root(filler *f, uint32_t node)
{
    const tare_root *root = tare_survey_root(f->survey, node, f->graph->parents[node]);
    tare_buffer_clear(&f->words);
    (void)tare_paths_say_root(&f->words, f->survey, node, root);
    if (root != NULL && root->kind == TARE_ROOT_LOCAL)
        f->marks[node] |= CELL;
    return set_words(f, node);
}

static bool refers(const tare_graph *graph, uint32_t node)
{
    return graph->first[node] < graph->first[node + 1];
}

/* A node has its name when those it holds get theirs. */
static tare_status name_all(filler *f)
{
    for (uint32_t node = 1; node < f->graph->count; node++) {
        uint32_t parent = f->graph->parents[node];
        if (f->ids[node] == 0)
            continue;
        if (f->graph->addresses[parent] == 0)
            TARE_TRY(name_root(f, node));
        if ((f->marks[node] & NAMED) == 0) {
            const tare_link other = {.kind = TARE_LINK_OTHER,
                                     .target = tare_survey_object(f->survey, node)};
            f->source = parent;
            TARE_TRY(set_link(f, node, &other));
        }
        f->source = node;
        if (refers(f->graph, node))
            tare_links_visit(tare_survey_object(f->survey, node), meet, f);
        TARE_TRY(f->status);
    }
    return TARE_OK;
}

/* ---- what they retain ---- */

static tare_status set_retained(filler *f, uint32_t *owners, uint64_t *amounts)
{
    TARE_TRY(tare_dominators_find(f->graph, owners, f->err));
    memcpy(amounts, f->graph->bytes, f->graph->count * sizeof *amounts);
    tare_dominators_sum(owners, f->graph->count, amounts);
    for (uint32_t node = 1; node < f->graph->count; node++)
        if (f->ids[node] != 0)
            f->snapshot->objects[f->ids[node]].retained_bytes = amounts[node];
    f->snapshot->objects[0].retained_bytes = amounts[0];
    return TARE_OK;
}

static tare_status retain(filler *f)
{
    const tare_alloc *alloc = f->snapshot->alloc;
    void             *owners, *amounts = NULL;
    TARE_TRY(tare_acquire(alloc, &owners, f->graph->count, sizeof(uint32_t), f->err));
    tare_status status = tare_acquire(alloc, &amounts, f->graph->count, sizeof(uint64_t), f->err);
    if (status == TARE_OK)
        status = set_retained(f, owners, amounts);
    tare_release(alloc, owners, f->graph->count, sizeof(uint32_t));
    tare_release(alloc, amounts, f->graph->count, sizeof(uint64_t));
    return status;
}

/* ---- all ---- */

static tare_status fill(filler *f)
{
    void *ids, *marks;
    TARE_TRY(tare_acquire(f->snapshot->alloc, &ids, f->graph->count, sizeof(uint32_t), f->err));
    f->ids = ids;
    TARE_TRY(tare_acquire(f->snapshot->alloc, &marks, f->graph->count, 1, f->err));
    f->marks = marks;
    TARE_TRY(add_types(f));
    TARE_TRY(add_objects(f));
    tare_interior_tracked(mark_frozen, f);
    TARE_TRY(name_all(f));
    return retain(f);
}

tare_status tare_snapshot_fill(tare_snapshot *snapshot, const tare_survey *survey, tare_error *err)
{
    filler f = {.snapshot = snapshot, .survey = survey, .graph = &survey->graph, .err = err};
    f.rounding = tare_rounding_now();
    f.words.alloc = snapshot->alloc;
    tare_status status = fill(&f);
    tare_release(snapshot->alloc, f.ids, survey->graph.count, sizeof(uint32_t));
    tare_release(snapshot->alloc, f.marks, survey->graph.count, 1);
    tare_buffer_deinit(&f.words);
    tare_map_deinit(&f.attributes, snapshot->alloc);
    return status;
}
