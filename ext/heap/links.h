/* links.h - by what name an object refers to another: an index, a key, an attribute, a variable.
 *
 * A link is told for what has a name, in the order in which tp_traverse tells the references where
 * there is such an order. What is not told is a part that has no name. Nothing of the program's
 * runs: no hash, no comparison, no attribute is asked for. */
#ifndef TARE_EXT_LINKS_H
#define TARE_EXT_LINKS_H

#include "common/pycompat.h"

#include <stdbool.h>

typedef enum tare_link_kind {
    TARE_LINK_INDEX,     /* source[index] */
    TARE_LINK_VALUE,     /* source[key] */
    TARE_LINK_KEY,       /* is the key of a dict */
    TARE_LINK_ITEM,      /* is in a set */
    TARE_LINK_ATTRIBUTE, /* source.key, from the object's own values */
    TARE_LINK_MEMBER,    /* source.text, from where C keeps it */
    TARE_LINK_DICT,      /* source.__dict__ */
    TARE_LINK_CLASS,     /* type(source) */
    TARE_LINK_VARIABLE,  /* source.text[key], a variable of a frame; text "f_locals" and the like;
                          * index is not 0 when it is the cell that holds the variable */
    TARE_LINK_PART,      /* a part called text, which Python code cannot have */
    TARE_LINK_OTHER      /* not told of: a part without a name */
} tare_link_kind;

typedef struct tare_link {
    tare_link_kind kind;
    PyObject      *target; /* borrowed */
    Py_ssize_t     index;
    PyObject      *key;  /* borrowed */
    const char    *text; /* borrowed */
} tare_link;

/* Not 0: go no further. */
typedef int (*tare_link_visitor)(const tare_link *link, void *context);

int tare_links_visit(PyObject *source, tare_link_visitor visitor, void *context);

/* How source refers to target; the first of several ways. */
tare_link tare_links_find(PyObject *source, PyObject *target);

/* The dictionary of an object's attributes, borrowed; NULL when it has none, or none yet. */
PyObject *tare_links_dict(PyObject *object);

#endif
