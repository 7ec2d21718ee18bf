/* paths.c - see paths.h.
 *
 *     holders of the object --nearest first--> way back to a root --turned--> steps --> text
 *
 * Numbers grow with the distance, and a shortest path to a node has smaller numbers only: the way
 * to a holder whose number is below the object's does not lead through it. For the others all is
 * searched once more without the object.
 *
 * A way of a million steps is shown by its first and last ones. */
#include "heap/paths.h"

#include "heap/names.h"
#include "heap/words.h"

#include "heap/search.h"

#include <string.h>

enum { STEPS_SHOWN = 40 }; /* at either end */

void tare_paths_deinit(tare_paths *paths)
{
    if (paths->alloc != NULL) {
        tare_intern_deinit(&paths->strings, paths->alloc);
        tare_release(paths->alloc, paths->paths, paths->capacity, sizeof *paths->paths);
        tare_release(paths->alloc, paths->steps, paths->step_capacity, sizeof *paths->steps);
    }
    *paths = (tare_paths){.alloc = paths->alloc};
}

/* ---- parts that others use too ---- */

tare_status tare_paths_string(tare_paths *paths, const tare_buffer *text, uint32_t from,
                              uint32_t *id_out, tare_error *err)
{
    if (text->failed)
        return tare_fail(err, TARE_NO_MEMORY, "write a path: out of memory");
    const char *bytes = text->size > from ? (const char *)text->bytes + from : "";
    return tare_intern_add(&paths->strings, bytes, text->size - from, paths->alloc, id_out, err);
}

tare_status tare_paths_step(tare_paths *paths, const tare_survey *survey, uint32_t text,
                            uint32_t node, tare_error *err)
{
    tare_path_step step = {.text = text, .node = node};
    tare_buffer    words = {.alloc = paths->alloc};
    if (node != 0)
        tare_words_type(&words, Py_TYPE(tare_survey_object(survey, node)));
    tare_status status = tare_paths_string(paths, &words, 0, &step.type, err);
    tare_buffer_deinit(&words);
    TARE_TRY(status);
    TARE_TRY(tare_grow(paths->alloc, (void **)&paths->steps, &paths->step_capacity,
                       (size_t)paths->step_count + 1, sizeof *paths->steps, err));
    paths->steps[paths->step_count++] = step;
    return TARE_OK;
}

bool tare_paths_say_root(tare_buffer *out, const tare_survey *survey, uint32_t node,
                         const tare_root *root)
{
    if (root == NULL) {
        tare_buffer_format(out, "<unreached ");
        tare_words_type(out, Py_TYPE(tare_survey_object(survey, node)));
        tare_buffer_format(out, ">");
        return false;
    }
    tare_text where = tare_intern_get(&survey->roots.strings, root->where);
    tare_text name = tare_intern_get(&survey->roots.strings, root->name);
    tare_buffer_append(out, where.bytes, where.size);
    tare_buffer_append(out, name.bytes, name.size);
    return true;
}

/* ---- one path ---- */

typedef struct writer {
    tare_paths        *paths;
    const tare_survey *survey;
    const uint32_t    *parents; /* by which a way leads back to a place */
    tare_buffer        text;
    tare_composer      composer;
    uint32_t           written; /* bytes of text that belong to steps that were told */
    tare_error        *err;
} writer;

static bool is_place(const tare_survey *survey, uint32_t node)
{
    return survey->graph.addresses[node] == 0;
}

static tare_status end_step(writer *w, uint32_t node)
{
    uint32_t text;
    TARE_TRY(tare_paths_string(w->paths, &w->text, w->written, &text, w->err));
    w->written = w->text.size;
    return tare_paths_step(w->paths, w->survey, text, node, w->err);
}

static tare_status write_root(writer *w, uint32_t node, const tare_root *root, tare_path *path)
{
    path->reached = tare_paths_say_root(&w->text, w->survey, node, root);
    w->composer = (tare_composer){
        .out = &w->text,
        .exact = root != NULL && root->kind == TARE_ROOT_MODULES,
        .cell = root != NULL && root->kind == TARE_ROOT_LOCAL,
    };
    return TARE_OK;
}

static tare_status write_left_out(writer *w, uint32_t count)
{
    tare_compose_end(&w->composer);
    tare_buffer_format(&w->text, " ... %u steps ... ", count);
    w->composer.exact = false;
    w->composer.cell = false;
    return end_step(w, 0);
}

/* way: from the object to the one whose parent is a place. */
static tare_status write_way(writer *w, const uint32_t *way, uint32_t length, tare_path *path)
{
    for (uint32_t i = length; i-- > 0;) {
        if (i + 1 < length) {
            PyObject *source = tare_survey_object(w->survey, way[i + 1]);
            tare_link link = tare_links_find(source, tare_survey_object(w->survey, way[i]));
            tare_compose(&w->composer, source, &link);
        }
        if (i == 0)
            tare_compose_end(&w->composer);
        TARE_TRY(end_step(w, way[i]));
        if (length > 2 * STEPS_SHOWN && length - i == STEPS_SHOWN) {
            TARE_TRY(write_left_out(w, length - 2 * STEPS_SHOWN));
            i = STEPS_SHOWN;
        }
    }
    path->exact = w->composer.exact;
    return tare_paths_string(w->paths, &w->text, 0, &path->text, w->err);
}

static uint32_t measure_way(const writer *w, uint32_t holder)
{
    uint32_t length = 1;
    for (uint32_t at = holder; !is_place(w->survey, at); at = w->parents[at])
        length++;
    return length;
}

static tare_status add_path(tare_paths *paths, const tare_path *path, tare_error *err)
{
    TARE_TRY(tare_grow(paths->alloc, (void **)&paths->paths, &paths->capacity,
                       (size_t)paths->count + 1, sizeof *paths->paths, err));
    paths->paths[paths->count++] = *path;
    return TARE_OK;
}

static tare_status write_path(writer *w, const uint32_t *way, uint32_t length,
                              const tare_root *root)
{
    tare_path path = {
        .first_step = w->paths->step_count,
        .count = 1,
        .bytes = w->survey->graph.bytes[way[0]],
    };
    tare_buffer_clear(&w->text);
    w->written = 0;
    TARE_TRY(write_root(w, way[length - 1], root, &path));
    TARE_TRY(write_way(w, way, length, &path));
    path.step_count = w->paths->step_count - path.first_step;
    return add_path(w->paths, &path, w->err);
}

static tare_status write_way_through(writer *w, uint32_t node, uint32_t holder)
{
    void    *memory;
    uint32_t length = measure_way(w, holder), at = holder;
    TARE_TRY(tare_acquire(w->paths->alloc, &memory, length, sizeof(uint32_t), w->err));
    uint32_t *way = memory;
    way[0] = node;
    for (uint32_t i = 1; i < length; i++, at = w->parents[at])
        way[i] = at;
    tare_status status = write_path(w, way, length,
                                    tare_survey_root(w->survey, way[length - 1], at));
    tare_release(w->paths->alloc, way, length, sizeof(uint32_t));
    return status;
}

/* ---- all paths to an object ---- */

/* Each root by itself, for a place holds by all of them. */
static tare_status write_roots(writer *w, uint32_t node, uint32_t place, uint32_t limit)
{
    const tare_roots *roots = &w->survey->roots;
    for (uint32_t i = 0; i < roots->count && w->paths->count < limit; i++)
        if (tare_survey_holds(w->survey, place, &roots->roots[i], node))
            TARE_TRY(write_path(w, &node, 1, &roots->roots[i]));
    return TARE_OK;
}

static tare_status write_through(writer *w, uint32_t node, uint32_t holder, uint32_t limit)
{
    if (w->paths->count >= limit)
        return TARE_OK;
    return is_place(w->survey, holder) ? write_roots(w, node, holder, limit)
                                       : write_way_through(w, node, holder);
}

/* Those before the object in the order of the walk, and, when they are too few, the others. */
static tare_status write_far_holders(writer *w, uint32_t node, uint8_t *holds, uint32_t limit)
{
    tare_search search = {0};
    tare_status status = tare_search_begin(&search, &w->survey->graph, w->err);
    if (status == TARE_OK) {
        tare_search_avoid(&search, node);
        tare_search_from(&search, 0);
        tare_search_from(&search, w->survey->apart);
        w->parents = search.parents;
    }
    for (uint32_t i = 0; status == TARE_OK && i < search.count; i++)
        if (holds[search.order[i]])
            status = write_through(w, node, search.order[i], limit);
    tare_search_deinit(&search);
    return status;
}

static tare_status write_holders(writer *w, uint32_t node, const uint32_t *holders, uint32_t count,
                                 uint32_t limit)
{
    void *holds = NULL;
    for (uint32_t i = 0; i < count && holders[i] < node; i++)
        TARE_TRY(write_through(w, node, holders[i], limit));
    if (w->paths->count >= limit || count == 0 || holders[count - 1] < node)
        return TARE_OK;
    TARE_TRY(tare_acquire(w->paths->alloc, &holds, w->survey->graph.count, 1, w->err));
    for (uint32_t i = 0; i < count; i++)
        ((uint8_t *)holds)[holders[i]] = holders[i] > node;
    tare_status status = write_far_holders(w, node, holds, limit);
    tare_release(w->paths->alloc, holds, w->survey->graph.count, 1);
    return status;
}

tare_status tare_paths_to(tare_paths *paths, const tare_survey *survey, uint32_t node,
                          uint32_t limit, tare_error *err)
{
    writer w = {.paths = paths, .survey = survey, .parents = survey->graph.parents, .err = err};
    void  *holders;
    w.text.alloc = paths->alloc;
    uint32_t count = tare_graph_holders(&survey->graph, node, NULL, 0);
    TARE_TRY(tare_acquire(paths->alloc, &holders, count, sizeof(uint32_t), err));
    (void)tare_graph_holders(&survey->graph, node, holders, count);
    for (uint32_t i = 0; i < count; i++) /* `apart` is where a walk begins, and holds nothing */
        paths->all_count += ((uint32_t *)holders)[i] != survey->apart;
    paths->object_count = 1;
    paths->object_bytes = survey->graph.bytes[node];
    tare_status status = write_holders(&w, node, holders, count, limit);
    tare_release(paths->alloc, holders, count, sizeof(uint32_t));
    tare_buffer_deinit(&w.text);
    return status;
}

tare_status tare_paths_add(tare_paths *paths, const tare_survey *survey, uint32_t node,
                           uint64_t bytes, tare_error *err)
{
    writer w = {.paths = paths, .survey = survey, .parents = survey->graph.parents, .err = err};
    w.text.alloc = paths->alloc;
    uint32_t    holder = survey->graph.parents[node];
    tare_status status = is_place(survey, holder)
                             ? write_path(&w, &node, 1, tare_survey_root(survey, node, holder))
                             : write_way_through(&w, node, holder);
    if (status == TARE_OK)
        paths->paths[paths->count - 1].bytes = bytes;
    tare_buffer_deinit(&w.text);
    return status;
}
