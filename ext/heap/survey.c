/* survey.c - see survey.h.
 *
 *     process --> sys.modules, variables of frames
 *        \--> place --> place --> far --> the interpreter's tables, threads' states
 *        \--> apart --> objects that C code holds, and one of each cycle that nothing holds
 *
 * Between the process and `far` are as many places as there are steps to a module's variable, so
 * that sys.modules['sys'].path is not named after the interpreter's table that refers to it too.
 *
 * What no root reaches is walked twice. First by itself, in any order, to find which of them have
 * a holder among them; then, from those that have none, as part of the whole.
 *
 * Cost: one visit of each object, and two of those that no root reaches. */
#include "heap/survey.h"

#include "common/pyobjects.h"

#include "heap/interior.h"

#include <string.h>

enum {
    FAR_STEPS = 3,   /* process, sys.modules, module, its dict */
    PREFETCHED = 12, /* nodes ahead: a tenth less time than none */
};

typedef struct walk {
    tare_graph *graph;
    tare_kinds *kinds;
    PyObject   *type; /* of the object being visited */
    tare_status status;
    tare_error *err;
} walk;

static int meet(PyObject *target, void *context)
{
    walk *w = context;
    if (target == NULL || target == w->type)
        return 0;
    w->status = tare_graph_refer(w->graph, (uintptr_t)target, w->err);
    return w->status != TARE_OK;
}

static void count_block(void *context, const tare_heap_block *block)
{
    walk *w = context;
    w->graph->bytes[w->graph->source] += block->bytes;
}

static void measure(walk *w, const tare_kind *kind, PyObject *object)
{
    size_t bytes = kind->sum != NULL ? kind->sum(kind, object) : TARE_KIND_UNKNOWN;
    if (bytes != TARE_KIND_UNKNOWN)
        w->graph->bytes[w->graph->source] = bytes;
    else
        kind->measure(kind, object, count_block, w);
}

static bool is_pinned(const tare_kind *kind, PyObject *object)
{
    return tare_is_immortal(object) ||
           (kind->may_be_static && tare_images_has(kind->images, (uintptr_t)object));
}

/* An object holds its class when that is one that can go. tp_traverse tells of it or not, by how
 * the class was made; it is always the last reference here. */
static inline tare_status visit(walk *w, PyObject *object)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(w->kinds, object, &kind, w->err));
    w->graph->tags[w->graph->source] = kind->index;
    if (kind->hidden)
        return TARE_OK;
    if (is_pinned(kind, object))
        w->graph->flags[w->graph->source] |= TARE_GRAPH_PINNED;
    measure(w, kind, object);
    w->type = (PyObject *)kind->type;
    if (kind->visit != NULL && w->status == TARE_OK)
        kind->visit(kind, object, meet, w);
    if (PyType_HasFeature(kind->type, Py_TPFLAGS_HEAPTYPE) && w->status == TARE_OK)
        w->status = tare_graph_refer(w->graph, (uintptr_t)w->type, w->err);
    return w->status;
}

/* Visits what was met and not yet visited, until there is no more or the next is a place. */
static tare_status visit_all(walk *w)
{
    tare_graph *graph = w->graph;
    while (graph->opened_count < graph->count && graph->addresses[graph->opened_count] != 0) {
        (void)tare_graph_open_next(graph);
        if (graph->source + PREFETCHED < graph->count)
            __builtin_prefetch(
                (const void *)(uintptr_t)graph->addresses[graph->source + PREFETCHED]);
        TARE_TRY(visit(w, (PyObject *)(uintptr_t)graph->addresses[graph->source]));
    }
    return TARE_OK;
}

/* ---- roots ---- */

static bool has_good_name(const tare_root *root)
{
    return root->kind == TARE_ROOT_MODULES || root->kind == TARE_ROOT_LOCAL ||
           root->kind == TARE_ROOT_STACK;
}

static tare_status refer_roots(walk *w, const tare_roots *roots, bool good)
{
    for (uint32_t i = 0; i < roots->count; i++) {
        const tare_root *root = &roots->roots[i];
        if (!root->own && has_good_name(root) == good)
            TARE_TRY(tare_graph_refer(w->graph, (uintptr_t)root->object, w->err));
    }
    return TARE_OK;
}

static tare_status visit_reached(walk *w, tare_survey *survey)
{
    uint32_t place;
    TARE_TRY(tare_graph_begin(&survey->graph, w->err));
    TARE_TRY(refer_roots(w, &survey->roots, true));
    TARE_TRY(tare_graph_refer_place(&survey->graph, &place, w->err));
    for (uint32_t step = 1; step <= FAR_STEPS; step++) {
        TARE_TRY(visit_all(w));
        (void)tare_graph_open_next(&survey->graph);
        if (step < FAR_STEPS)
            TARE_TRY(tare_graph_refer_place(&survey->graph, &place, w->err));
    }
    survey->far = survey->graph.source;
    TARE_TRY(refer_roots(w, &survey->roots, false));
    TARE_TRY(visit_all(w));
    survey->reached_count = survey->graph.count;
    return TARE_OK;
}

/* ---- what no root reaches ---- */

typedef struct rest {
    const tare_graph *graph; /* of what is reached */
    tare_graph        own; /* of what is not: the process refers to each that the collector knows */
    tare_status       status;
    tare_error       *err;
} rest;

static tare_status add_rest(rest *r, PyObject *object)
{
    if (tare_graph_find(r->graph, (uintptr_t)object) != TARE_GRAPH_NONE)
        return TARE_OK;
    return tare_graph_refer(&r->own, (uintptr_t)object, r->err);
}

static int add_tracked(PyObject *object, unsigned age, void *context)
{
    rest *r = context;
    (void)age;
    r->status = add_rest(r, object);
    return r->status != TARE_OK;
}

static tare_status list_rest(rest *r, const tare_asked *asked)
{
    TARE_TRY(tare_graph_begin(&r->own, r->err));
    tare_interior_tracked(add_tracked, r);
    for (Py_ssize_t i = 0; i < asked->count && r->status == TARE_OK; i++)
        r->status = add_rest(r, asked->objects[i]);
    return r->status;
}

/* Those that no root reaches lead to reached ones too, which are of no interest to who comes
 * first among the others: they are not gone through. */
static tare_status walk_rest(rest *r, tare_kinds *kinds)
{
    walk        w = {.graph = &r->own, .kinds = kinds, .err = r->err};
    tare_status status = TARE_OK;
    while (status == TARE_OK && tare_graph_open_next(&r->own)) {
        uint64_t address = r->own.addresses[r->own.source];
        if (tare_graph_find(r->graph, address) == TARE_GRAPH_NONE)
            status = visit(&w, (PyObject *)(uintptr_t)address);
    }
    return status;
}

static tare_status refer_heads(tare_graph *graph, const tare_graph *from, tare_error *err)
{
    void    *heads;
    uint32_t count = 0;
    TARE_TRY(tare_acquire(from->alloc, &heads, from->count, sizeof(uint32_t), err));
    tare_status status = tare_graph_heads(from, heads, &count, err);
    for (uint32_t i = 0; i < count && status == TARE_OK; i++)
        status = tare_graph_refer(graph, from->addresses[((uint32_t *)heads)[i]], err);
    tare_release(from->alloc, heads, from->count, sizeof(uint32_t));
    return status;
}

/* Nothing refers to the place `apart`; since it is pinned, what it refers to has an owner. */
static tare_status visit_rest(walk *w, tare_survey *survey, const tare_asked *asked)
{
    tare_graph *graph = &survey->graph;
    rest        r = {.graph = graph, .own.alloc = graph->alloc, .err = w->err};
    tare_status status = list_rest(&r, asked);
    if (status == TARE_OK)
        status = walk_rest(&r, w->kinds);
    if (status == TARE_OK)
        status = tare_graph_add(graph, 0, &survey->apart, w->err);
    if (status == TARE_OK) {
        graph->parents[survey->apart] = 0;
        graph->flags[survey->apart] = TARE_GRAPH_PINNED;
        (void)tare_graph_open_next(graph);
        status = refer_heads(graph, &r.own, w->err);
    }
    tare_graph_deinit(&r.own);
    return status == TARE_OK ? visit_all(w) : status;
}

/* ---- all ---- */

static bool is_asked(const tare_asked *asked, const PyObject *object)
{
    for (Py_ssize_t i = 0; i < asked->count; i++)
        if (asked->objects[i] == object)
            return true;
    return false;
}

/* The variable by which the asking frame has what it asks about is no holder. */
static void disown_asked(tare_roots *roots, const tare_asked *asked)
{
    for (uint32_t i = 0; i < roots->count; i++) {
        tare_root *root = &roots->roots[i];
        if (root->asking && is_asked(asked, root->object))
            root->own = true;
    }
}

static tare_status make(tare_survey *survey, const tare_asked *asked, tare_error *err)
{
    const tare_alloc *alloc = tare_alloc_system();
    walk              w = {.graph = &survey->graph, .kinds = &survey->kinds, .err = err};
    survey->graph.alloc = survey->kinds.alloc = survey->roots.alloc = alloc;
    survey->kinds.hidden = asked->hidden;
    survey->kinds.hidden_count = asked->hidden_count;
    TARE_TRY(tare_roots_collect(&survey->roots, err));
    disown_asked(&survey->roots, asked);
    tare_status status = visit_reached(&w, survey);
    if (status == TARE_OK)
        status = visit_rest(&w, survey, asked);
    return status;
}

/* Naming threads and asking extensions for sizes makes a number or two: no collection then. */
tare_status tare_survey_make(tare_survey *survey, const tare_asked *asked, tare_error *err)
{
    int         was_collecting = PyGC_Disable();
    tare_status status = make(survey, asked, err);
    if (was_collecting)
        PyGC_Enable();
    return status;
}

void tare_survey_deinit(tare_survey *survey)
{
    tare_graph_deinit(&survey->graph);
    tare_kinds_deinit(&survey->kinds);
    tare_roots_deinit(&survey->roots);
}

bool tare_survey_holds(const tare_survey *survey, uint32_t place, const tare_root *root,
                       uint32_t node)
{
    return !root->own && has_good_name(root) == (place == 0) && place != survey->apart &&
           root->object == tare_survey_object(survey, node);
}

const tare_root *tare_survey_root(const tare_survey *survey, uint32_t node, uint32_t place)
{
    for (uint32_t i = 0; i < survey->roots.count; i++)
        if (tare_survey_holds(survey, place, &survey->roots.roots[i], node))
            return &survey->roots.roots[i];
    return NULL;
}
