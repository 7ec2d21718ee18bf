/* type_paths.c - see paths.h: how all objects of a class are held.
 *
 *     mark      every object of the class, and backwards the way to it
 *     name      forwards, the pattern of what is marked; all children of one holder in one pass
 *     count     the objects of each pattern
 *
 * What is below an object of the class is not named: further objects of the class there are held
 * through that one, "...".
 *
 * Cost: O(nodes) and one look at the references of each holder that is marked. */
#include "heap/paths.h"

#include "heap/names.h"
#include "heap/words.h"

#include "heap/patterns.h"

#include <string.h>

enum {
    MARK_WANTED = 1,   /* an object of the class */
    MARK_ON_WAY = 2,   /* one of its ancestors */
    MARK_OF_OWNER = 4, /* the __dict__ of its parent */
    MARK_CELL = 8,     /* of a variable, which has been named */
    MARK_BELOW = 16    /* a wanted one is among its ancestors */
};

enum { KEYS_KEPT = 32, STEPS_TOLD = 80 };

typedef struct grouping {
    tare_paths        *paths;
    const tare_survey *survey;
    const tare_graph  *graph;
    uint8_t           *marks;   /* owned; by node, as the next */
    uint32_t          *by_node; /* owned; the pattern */
    tare_patterns      patterns;
    tare_buffer        words;
    uint32_t           source;
    tare_status        status;
    tare_error        *err;
} grouping;

/* ---- mark ---- */

/* By kind, each asked once. */
static tare_status mark_wanted(grouping *g, PyTypeObject *type)
{
    const tare_kinds *kinds = &g->survey->kinds;
    void             *memory;
    TARE_TRY(tare_acquire(g->paths->alloc, &memory, kinds->count, 1, g->err));
    uint8_t *is_wanted = memory;
    for (uint32_t i = 0; i < kinds->count; i++)
        is_wanted[i] = PyType_IsSubtype(kinds->kinds[i]->type, type) != 0;
    for (uint32_t node = 1; node < g->graph->count; node++)
        if (g->graph->addresses[node] != 0 && is_wanted[g->graph->tags[node]])
            g->marks[node] = MARK_WANTED;
    tare_release(g->paths->alloc, is_wanted, kinds->count, 1);
    return TARE_OK;
}

static void mark_ways(grouping *g)
{
    for (uint32_t node = g->graph->count; node-- > 1;)
        if (g->marks[node] != 0)
            g->marks[g->graph->parents[node]] |= MARK_ON_WAY;
}

/* ---- name ---- */

static bool keeps_key(PyObject *dict, const tare_link *link)
{
    if (!PyUnicode_CheckExact(link->key))
        return false;
    return PyDict_GET_SIZE(dict) <= KEYS_KEPT || dict == PyImport_GetModuleDict();
}

static void say_link(grouping *g, PyObject *source, const tare_link *link)
{
    tare_composer composer = {.out = &g->words, .rough = true};
    uint8_t       mark = g->marks[g->source];
    if (mark & MARK_OF_OWNER)
        composer.owner = tare_survey_object(g->survey, g->graph->parents[g->source]);
    composer.cell = (mark & MARK_CELL) != 0;
    bool is_index = link->kind == TARE_LINK_INDEX;
    if (link->kind == TARE_LINK_VALUE && composer.owner == NULL)
        is_index = !keeps_key(source, link);
    if (is_index) {
        tare_buffer_format(&g->words, "[*]");
        return;
    }
    tare_compose(&composer, source, link);
    if (link->kind != TARE_LINK_DICT)
        tare_compose_end(&composer);
}

static tare_status name_child(grouping *g, uint32_t child, const tare_link *link)
{
    PyObject *source = tare_survey_object(g->survey, g->source);
    tare_buffer_clear(&g->words);
    say_link(g, source, link);
    if (link->kind == TARE_LINK_DICT && (g->marks[child] & MARK_WANTED) == 0)
        g->marks[child] |= MARK_OF_OWNER;
    else if (link->kind == TARE_LINK_DICT)
        tare_buffer_format(&g->words, ".__dict__");
    if (link->kind == TARE_LINK_VARIABLE && link->index != 0)
        g->marks[child] |= MARK_CELL;
    return tare_patterns_extend(&g->patterns, g->by_node[g->source], &g->words, child,
                                &g->by_node[child], g->err);
}

static int meet(const tare_link *link, void *context)
{
    grouping *g = context;
    uint32_t  child = tare_graph_find(g->graph, (uintptr_t)link->target);
    if (child == TARE_GRAPH_NONE || g->marks[child] == 0 || g->by_node[child] != 0 ||
        g->graph->parents[child] != g->source)
        return 0;
    g->status = name_child(g, child, link);
    return g->status != TARE_OK;
}

static tare_status name_root(grouping *g, uint32_t node)
{
    const tare_root *root = tare_survey_root(g->survey, node, g->graph->parents[node]);
    tare_buffer_clear(&g->words);
    (void)tare_paths_say_root(&g->words, g->survey, node, root);
    if (root != NULL && root->kind == TARE_ROOT_LOCAL)
        g->marks[node] |= MARK_CELL;
    return tare_patterns_extend(&g->patterns, 0, &g->words, node, &g->by_node[node], g->err);
}

/* What its holder did not name. */
static tare_status name_other(grouping *g, uint32_t node)
{
    const tare_link link = {.kind = TARE_LINK_OTHER, .target = tare_survey_object(g->survey, node)};
    g->source = g->graph->parents[node];
    return name_child(g, node, &link);
}

static tare_status name_below(grouping *g, uint32_t node)
{
    uint32_t parent = g->graph->parents[node];
    g->marks[node] |= MARK_BELOW;
    return tare_patterns_below(&g->patterns, g->by_node[parent], node, &g->by_node[node], g->err);
}

/* Parents come first, so a node has its name when its children get theirs. */
static tare_status name_node(grouping *g, uint32_t node)
{
    uint32_t parent = g->graph->parents[node];
    if (g->marks[parent] & (MARK_WANTED | MARK_BELOW))
        return name_below(g, node);
    if (g->graph->addresses[parent] == 0)
        TARE_TRY(name_root(g, node));
    else if (g->by_node[node] == 0)
        TARE_TRY(name_other(g, node));
    if ((g->marks[node] & (MARK_WANTED | MARK_ON_WAY)) == MARK_ON_WAY) {
        g->source = node;
        tare_links_visit(tare_survey_object(g->survey, node), meet, g);
    }
    return g->status;
}

static tare_status name_all(grouping *g)
{
    for (uint32_t node = 1; node < g->graph->count; node++) {
        if (g->marks[node] == 0 || g->graph->addresses[node] == 0)
            continue;
        TARE_TRY(name_node(g, node));
        if (g->marks[node] & MARK_WANTED) {
            g->patterns.patterns[g->by_node[node]].count++;
            g->patterns.patterns[g->by_node[node]].bytes += g->graph->bytes[node];
            g->paths->object_count++;
            g->paths->object_bytes += g->graph->bytes[node];
        }
    }
    return TARE_OK;
}

/* ---- tell ---- */

static tare_status tell_steps(grouping *g, uint32_t pattern, tare_buffer *text)
{
    uint32_t way[STEPS_TOLD];
    bool     cut;
    uint32_t length = tare_patterns_way(&g->patterns, pattern, way, STEPS_TOLD, &cut);
    if (cut)
        tare_buffer_format(text, "... ");
    for (uint32_t i = 0; i < length; i++) {
        const tare_pattern *step = &g->patterns.patterns[way[i]];
        tare_text           words = tare_intern_get(&g->patterns.strings, step->text);
        uint32_t            from = text->size, id;
        tare_buffer_append(text, words.bytes, words.size);
        TARE_TRY(tare_paths_string(g->paths, text, from, &id, g->err));
        TARE_TRY(tare_paths_step(g->paths, g->survey, id, step->node, g->err));
    }
    return TARE_OK;
}

static bool is_reached(const grouping *g, uint32_t pattern)
{
    return g->patterns.patterns[pattern].node < g->survey->reached_count;
}

static tare_status tell_pattern(grouping *g, uint32_t pattern)
{
    tare_paths *paths = g->paths;
    tare_path   path = {
          .first_step = paths->step_count,
          .reached = is_reached(g, pattern),
          .count = g->patterns.patterns[pattern].count,
          .bytes = g->patterns.patterns[pattern].bytes,
    };
    tare_buffer_clear(&g->words);
    TARE_TRY(tell_steps(g, pattern, &g->words));
    TARE_TRY(tare_paths_string(paths, &g->words, 0, &path.text, g->err));
    path.step_count = paths->step_count - path.first_step;
    TARE_TRY(tare_grow(paths->alloc, (void **)&paths->paths, &paths->capacity,
                       (size_t)paths->count + 1, sizeof *paths->paths, g->err));
    paths->paths[paths->count++] = path;
    return TARE_OK;
}

static tare_status tell(grouping *g, uint32_t limit)
{
    void    *ids;
    uint32_t count, all_count, room = Py_MIN(limit, g->patterns.count);
    TARE_TRY(tare_acquire(g->paths->alloc, &ids, room, sizeof(uint32_t), g->err));
    tare_status status = tare_patterns_rank(&g->patterns, ids, room, &count, &all_count, g->err);
    for (uint32_t i = 0; i < count && status == TARE_OK; i++)
        status = tell_pattern(g, ((uint32_t *)ids)[i]);
    g->paths->all_count = all_count;
    tare_release(g->paths->alloc, ids, room, sizeof(uint32_t));
    return status;
}

/* ---- all ---- */

static tare_status group(grouping *g, PyTypeObject *type, uint32_t limit)
{
    void *marks, *by_node;
    TARE_TRY(tare_acquire(g->paths->alloc, &marks, g->graph->count, 1, g->err));
    g->marks = marks;
    TARE_TRY(tare_acquire(g->paths->alloc, &by_node, g->graph->count, sizeof(uint32_t), g->err));
    g->by_node = by_node;
    TARE_TRY(mark_wanted(g, type));
    mark_ways(g);
    TARE_TRY(name_all(g));
    return tell(g, limit);
}

tare_status tare_paths_to_type(tare_paths *paths, const tare_survey *survey, PyTypeObject *type,
                               uint32_t limit, tare_error *err)
{
    grouping g = {.paths = paths, .survey = survey, .graph = &survey->graph, .err = err};
    g.patterns.alloc = g.words.alloc = paths->alloc;
    tare_status status = group(&g, type, limit);
    tare_release(paths->alloc, g.marks, survey->graph.count, 1);
    tare_release(paths->alloc, g.by_node, survey->graph.count, sizeof(uint32_t));
    tare_patterns_deinit(&g.patterns);
    tare_buffer_deinit(&g.words);
    return status;
}
