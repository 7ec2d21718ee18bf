/* walk.h - two values side by side, from their roots to their leaves.
 *
 *     stack of frames, each a pair of containers and a place in them
 *
 *         [list,  list ]   at [3]
 *         [dict,  dict ]   at ['x']        =>   result[3]['x']
 *         pair of values   compared now
 *
 * Lists, tuples, dicts, numbers, text and buffers are compared here; whatever else there is the
 * function `expand` turns into those, or judges (tare/agreeing.py). The walk is iterative, since a
 * list of a million lists in each other is as deep as it is long.
 *
 * Code of the program's runs in `expand`, and where keys of dicts are looked for. It may change
 * what is walked: so a frame holds its containers, and each step asks anew how long they are. */
#ifndef TARE_EXT_WALK_H
#define TARE_EXT_WALK_H

#include "same/pairs.h"

#include "same/arrays.h"

#define TARE_SAME_LEFT_ONLY "key on the left side only"
#define TARE_SAME_RIGHT_ONLY "key on the right side only"

/* How the pair that `expand` returns is to be looked at, and what its keys are called in a path. */
typedef enum tare_style {
    TARE_STYLE_ITEMS,      /* [3], ['x'] */
    TARE_STYLE_ATTRIBUTES, /* .x */
    TARE_STYLE_WORDS,      /* keys are steps as they stand */
    TARE_STYLE_BUFFER,     /* not containers: two buffers of numbers */
    TARE_STYLE_GAP,        /* not a pair: whether it agrees, and its gap */
    TARE_STYLE_COUNT
} tare_style;

typedef struct tare_frame {
    PyObject  *left, *right; /* owned; both lists, both tuples or both dicts */
    PyObject  *key;          /* owned; of a dict: where it is */
    PyObject  *known;        /* owned; dict: the right one's keys, once it needs to be asked */
    Py_ssize_t index;        /* of the next item; of a dict: where to go on in the left one */
    Py_ssize_t other;        /* dict: where to go on in the right one */
    tare_style style;
    bool       noted; /* whether the pair is among those that were met */
} tare_frame;

typedef struct tare_walk {
    const tare_alloc *alloc; /* borrowed */
    tare_close_rule   rule;
    bool              strict;  /* numbers of different types differ */
    bool              ordered; /* so do dicts with their keys in another order */
    PyObject         *expand;  /* borrowed */
    PyObject         *root;    /* borrowed; what paths begin with */
    tare_frame       *frames;  /* owned */
    uint32_t          depth, capacity;
    tare_pairs        met;
    uint64_t          turn_count; /* of the loop: signals are looked for now and then */
    tare_tally        tally;
    PyObject         *first;      /* owned; (path, left, right, why), NULL: nothing differs */
    PyObject         *worst_path; /* owned; NULL: none, or it is still to be spelled: */
    PyObject         *worst_key;  /* owned; of a dict */
    Py_ssize_t        worst_index;
    uint32_t          worst_depth; /* frames at that place; 0: worst_path stands */
} tare_walk;

void tare_walk_deinit(tare_walk *walk);

/* All that follows returns 0, or -1 with an exception set. */

/* Walks both values to the end. */
int tare_walk_pair(tare_walk *walk, PyObject *left, PyObject *right);

/* The pair at the place where the walk is. values.c */
int tare_walk_value(tare_walk *walk, PyObject *left, PyObject *right);

/* Two buffers of numbers. buffers.c */
int tare_walk_buffers(tare_walk *walk, PyObject *left, PyObject *right);

/* A frame for two containers, unless that pair was met. */
int tare_walk_enter(tare_walk *walk, PyObject *left, PyObject *right, tare_style style);

/* paths.c: the pair at this place differs; why is
 * a format of PyUnicode_FromFormat's, suffix a step that has no frame or NULL.
 * Counts it, and keeps it when it is the first. */
int tare_walk_differ(tare_walk *walk, PyObject *left, PyObject *right, const char *suffix,
                     const char *why, ...);

/* Likewise, of a difference that was counted; why may be NULL, for values speak for themselves. */
int tare_walk_keep_first(tare_walk *walk, PyObject *left, PyObject *right, const char *suffix,
                         PyObject *why);

/* The worst pair is here; spelled later, since it may not stay the worst for long. */
int tare_walk_mark_worst(tare_walk *walk);
int tare_walk_spell_worst(tare_walk *walk, const char *suffix);

/* Before the frame on top goes, or at the end: the place of the worst, if it is in it. */
int tare_walk_settle_worst(tare_walk *walk);

#endif
