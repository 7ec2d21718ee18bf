/* survey.h - every object of the interpreter: who refers to whom, how large each is.
 *
 * Made in one go under the GIL; of use as long as nothing of Python's has run since, for it keeps
 * addresses and no references. In the graph
 *
 *     node 0                   the process; refers to the roots that have good names
 *     node far                 a place; refers to the others, so that whatever can also be named
 *                              by a module or a variable is
 *     node apart               a place; refers to what no root reaches
 *     any other                an object; its tag is the index of its kind
 *
 * Nodes before reached_count are reached from roots, `apart` is the first that is not. */
#ifndef TARE_EXT_SURVEY_H
#define TARE_EXT_SURVEY_H

#include "heap/kinds.h"
#include "heap/roots.h"

#include "heap/graph.h"

typedef struct tare_survey {
    tare_graph graph;
    tare_kinds kinds;
    tare_roots roots;
    uint32_t   far, apart;
    uint32_t   reached_count;
} tare_survey;

/* What someone asks about: the variables of the asking frame that are one of these do not hold
 * them, and each has a node whether it is reached or not. May be empty. */
typedef struct tare_asked {
    PyObject *const *objects; /* borrowed */
    Py_ssize_t       count;
    /* As in kinds.h: their nodes have no bytes and refer to nothing. */
    PyTypeObject *const *hidden;
    size_t               hidden_count;
} tare_asked;

/* survey is zeroed; the caller calls deinit whatever is returned. */
TARE_MUST_USE tare_status tare_survey_make(tare_survey *survey, const tare_asked *asked,
                                           tare_error *err);
void                      tare_survey_deinit(tare_survey *survey);

/* NULL for a place. */
static inline PyObject *tare_survey_object(const tare_survey *survey, uint32_t node)
{
    return (PyObject *)(uintptr_t)survey->graph.addresses[node];
}

/* Whether it is by that root that the place (node 0 or far) refers to the node. */
bool tare_survey_holds(const tare_survey *survey, uint32_t place, const tare_root *root,
                       uint32_t node);

/* The first such root, or NULL: for `apart`. */
const tare_root *tare_survey_root(const tare_survey *survey, uint32_t node, uint32_t place);

#endif
