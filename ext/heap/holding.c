/* holding.c - see holding.h.
 *
 *     survey --search, dominators--> numbers and strings --survey dropped--> Python objects
 *
 * In this order: making a Python object can start a collection, which frees what the survey has
 * the addresses of. */
#include "heap/holding.h"

#include "heap/paths.h"
#include "heap/state.h"
#include "heap/words.h"

#include "heap/dominators.h"
#include "heap/search.h"

#include <stdlib.h>

enum { PATHS_MOST = 10000, LARGEST_MOST = 1000 };

static PyObject *fail(PyObject *module, const tare_error *err)
{
    return tare_raise(PyModule_GetState(module), err);
}

/* ---- paths as tuples ---- */

static PyObject *as_text(const tare_paths *paths, uint32_t id)
{
    return tare_heap_str(tare_intern_get(&paths->strings, id));
}

/* (text, type, node) */
static PyObject *as_steps(const tare_paths *paths, const tare_path *path)
{
    PyObject *steps = PyTuple_New(path->step_count);
    for (uint32_t i = 0; steps != NULL && i < path->step_count; i++) {
        const tare_path_step *step = &paths->steps[path->first_step + i];
        PyObject             *item = Py_BuildValue("(NNI)", as_text(paths, step->text),
                                                   as_text(paths, step->type), step->node);
        if (item == NULL)
            Py_CLEAR(steps);
        else
            PyTuple_SET_ITEM(steps, i, item);
    }
    return steps;
}

/* (text, exact, reached, count, bytes, steps) */
static PyObject *as_path(const tare_paths *paths, const tare_path *path)
{
    return Py_BuildValue("(NNNKKN)", as_text(paths, path->text), PyBool_FromLong(path->exact),
                         PyBool_FromLong(path->reached), (unsigned long long)path->count,
                         (unsigned long long)path->bytes, as_steps(paths, path));
}

static PyObject *as_list(const tare_paths *paths)
{
    PyObject *list = PyList_New(paths->count);
    for (uint32_t i = 0; list != NULL && i < paths->count; i++) {
        PyObject *item = as_path(paths, &paths->paths[i]);
        if (item == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, item);
    }
    return list;
}

/* ---- holders ---- */

static tare_status find_paths(tare_paths *paths, PyObject *object, bool instances, uint32_t limit,
                              tare_error *err)
{
    tare_survey      survey = {0};
    const tare_asked asked = {.objects = &object, .count = 1};
    tare_status      status = tare_survey_make(&survey, &asked, err);
    if (status == TARE_OK && instances)
        status = tare_paths_to_type(paths, &survey, (PyTypeObject *)object, limit, err);
    else if (status == TARE_OK)
        status = tare_paths_to(paths, &survey, tare_graph_find(&survey.graph, (uintptr_t)object),
                               limit, err);
    tare_survey_deinit(&survey);
    return status;
}

/* A number of paths, at most so many; -1 with an exception set. */
static int parse_limit(PyObject *number, unsigned long most, uint32_t *out)
{
    unsigned long limit = PyLong_AsUnsignedLong(number);
    if (limit == (unsigned long)-1 && PyErr_Occurred())
        return -1;
    *out = (uint32_t)Py_MIN(limit, most);
    return 0;
}

static PyObject *name_of(PyTypeObject *type)
{
    tare_buffer words = {.alloc = tare_alloc_system()};
    tare_words_type(&words, type);
    tare_text text = {.bytes = (const char *)words.bytes, .size = words.size};
    PyObject *name = words.failed ? PyErr_NoMemory() : tare_heap_str(text);
    tare_buffer_deinit(&words);
    return name;
}

PyObject *tare_holding_type_name(PyObject *module, PyObject *type)
{
    (void)module;
    if (!PyType_Check(type))
        return PyErr_Format(PyExc_TypeError, "a class or its name is wanted");
    return name_of((PyTypeObject *)type);
}

/* No tuple of arguments, which would hold the object. */
PyObject *tare_holding_holders(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    PyObject  *result = NULL;
    uint32_t   limit;
    tare_error err = {0};
    tare_paths paths = {.alloc = tare_alloc_system()};
    if (count != 3)
        return PyErr_Format(PyExc_TypeError, "holders takes an object, a bool and a number");
    bool instances = args[1] == Py_True;
    if (parse_limit(args[2], PATHS_MOST, &limit) < 0)
        return NULL;
    if (instances && !PyType_Check(args[0]))
        return PyErr_Format(PyExc_TypeError, "there are instances of classes alone");
    if (find_paths(&paths, args[0], instances, limit, &err) != TARE_OK)
        (void)fail(module, &err);
    else
        result = Py_BuildValue(
            "(NNKKK)", name_of(instances ? (PyTypeObject *)args[0] : Py_TYPE(args[0])),
            as_list(&paths), (unsigned long long)paths.all_count,
            (unsigned long long)paths.object_count, (unsigned long long)paths.object_bytes);
    tare_paths_deinit(&paths);
    return result;
}

/* ---- sizes ---- */

/* What is not reached without the objects, them included. What is never freed is reached. */
static tare_status sum_without(const tare_survey *survey, const tare_asked *asked,
                               uint64_t *bytes_out, tare_error *err)
{
    const tare_graph *graph = &survey->graph;
    tare_search       search = {0};
    tare_status       status = tare_search_begin(&search, graph, err);
    for (Py_ssize_t i = 0; status == TARE_OK && i < asked->count; i++)
        tare_search_avoid(&search, tare_graph_find(graph, (uintptr_t)asked->objects[i]));
    if (status == TARE_OK)
        tare_search_from(&search, 0);
    for (uint32_t node = 1; status == TARE_OK && node < graph->count; node++)
        if (graph->flags[node] & TARE_GRAPH_PINNED)
            tare_search_from(&search, node);
    for (uint32_t node = 1; status == TARE_OK && node < graph->count; node++)
        *bytes_out += search.parents[node] == TARE_GRAPH_NONE ? graph->bytes[node] : 0;
    tare_search_deinit(&search);
    return status;
}

PyObject *tare_holding_exclusive(PyObject *module, PyObject *const *objects, Py_ssize_t count)
{
    tare_survey      survey = {0};
    const tare_asked asked = {.objects = objects, .count = count};
    uint64_t         bytes = 0;
    tare_error       err = {0};
    tare_status      status = tare_survey_make(&survey, &asked, &err);
    if (status == TARE_OK)
        status = sum_without(&survey, &asked, &bytes, &err);
    tare_survey_deinit(&survey);
    return status == TARE_OK ? PyLong_FromUnsignedLongLong(bytes) : fail(module, &err);
}

/* ---- the largest ---- */

typedef struct sized {
    uint64_t bytes;
    uint32_t node;
} sized;

static int compare(const void *left, const void *right)
{
    const sized *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return a->node < b->node ? -1 : a->node > b->node;
}

/* Keeps rows in order; room for limit of them. */
static uint32_t keep_largest(const tare_graph *graph, const uint64_t *retained, sized *rows,
                             uint32_t limit)
{
    uint32_t count = 0;
    for (uint32_t node = 1; node < graph->count; node++) {
        const sized row = {.bytes = retained[node], .node = node};
        if (graph->addresses[node] == 0 || (count == limit && compare(&row, &rows[count - 1]) > 0))
            continue;
        uint32_t at = count < limit ? count++ : count - 1;
        for (; at > 0 && compare(&row, &rows[at - 1]) < 0; at--)
            rows[at] = rows[at - 1];
        rows[at] = row;
    }
    return count;
}

static tare_status sum_retained(const tare_graph *graph, uint64_t **out, tare_error *err)
{
    void *owners, *retained;
    TARE_TRY(tare_acquire(graph->alloc, &retained, graph->count, sizeof(uint64_t), err));
    *out = retained;
    TARE_TRY(tare_acquire(graph->alloc, &owners, graph->count, sizeof(uint32_t), err));
    for (uint32_t node = 0; node < graph->count; node++)
        (*out)[node] = graph->bytes[node];
    tare_status status = tare_dominators_find(graph, owners, err);
    if (status == TARE_OK)
        tare_dominators_sum(owners, graph->count, *out);
    tare_release(graph->alloc, owners, graph->count, sizeof(uint32_t));
    return status;
}

static tare_status find_largest(tare_paths *paths, const tare_survey *survey, uint32_t limit,
                                tare_error *err)
{
    void       *rows = NULL;
    uint64_t   *retained = NULL;
    tare_status status = sum_retained(&survey->graph, &retained, err);
    if (status == TARE_OK)
        status = tare_acquire(paths->alloc, &rows, limit, sizeof(sized), err);
    uint32_t count = status == TARE_OK && limit > 0
                         ? keep_largest(&survey->graph, retained, rows, limit)
                         : 0;
    for (uint32_t i = 0; i < count && status == TARE_OK; i++)
        status = tare_paths_add(paths, survey, ((sized *)rows)[i].node, ((sized *)rows)[i].bytes,
                                err);
    paths->all_count = paths->object_count = survey->graph.count;
    paths->object_bytes = retained != NULL ? retained[0] : 0;
    tare_release(paths->alloc, rows, limit, sizeof(sized));
    tare_release(paths->alloc, retained, survey->graph.count, sizeof(uint64_t));
    return status;
}

PyObject *tare_holding_largest(PyObject *module, PyObject *number)
{
    PyObject   *result = NULL;
    uint32_t    limit;
    tare_error  err = {0};
    tare_paths  paths = {.alloc = tare_alloc_system()};
    tare_survey survey = {0};
    if (parse_limit(number, LARGEST_MOST, &limit) < 0)
        return NULL;
    tare_status status = tare_survey_make(&survey, &(tare_asked){0}, &err);
    if (status == TARE_OK)
        status = find_largest(&paths, &survey, limit, &err);
    tare_survey_deinit(&survey);
    if (status != TARE_OK)
        (void)fail(module, &err);
    else
        result = Py_BuildValue("(NKK)", as_list(&paths), (unsigned long long)paths.object_count,
                               (unsigned long long)paths.object_bytes);
    tare_paths_deinit(&paths);
    return result;
}
