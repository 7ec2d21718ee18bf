/* paths.h - how an object, or all objects of a class, are held: "sys.modules['x'].cache['k'][3]".
 *
 * All strings and numbers, so that what is found outlives the survey that it was found in. */
#ifndef TARE_EXT_PATHS_H
#define TARE_EXT_PATHS_H

#include "heap/survey.h"

#include "base/bytes.h"
#include "base/intern.h"

typedef struct tare_path_step {
    uint32_t text; /* what it adds to the path; both strings */
    uint32_t type; /* of the object it leads to */
    uint32_t node; /* in the survey, 0 = stands for steps that are left out */
} tare_path_step;

typedef struct tare_path {
    uint32_t text;       /* string */
    bool     exact;      /* the text is an expression that is the object */
    bool     reached;    /* begins at a root */
    uint32_t first_step; /* from the root to the object */
    uint32_t step_count;
    uint64_t count; /* of objects that are held so, and their own bytes */
    uint64_t bytes;
} tare_path;

typedef struct tare_paths {
    const tare_alloc *alloc; /* borrowed */
    tare_intern       strings;
    tare_path        *paths; /* owned */
    uint32_t          count, capacity;
    tare_path_step   *steps; /* owned */
    uint32_t          step_count, step_capacity;
    uint64_t all_count; /* of holders, or of ways in which objects are held; paths has some */
    uint64_t object_count, object_bytes; /* asked about */
} tare_paths;

void tare_paths_deinit(tare_paths *paths);

/* A shortest path through each of the nearest holders of an object, limit at most; none leads
 * through the object itself. paths has its allocator and is zeroed otherwise, as below. */
TARE_MUST_USE tare_status tare_paths_to(tare_paths *paths, const tare_survey *survey, uint32_t node,
                                        uint32_t limit, tare_error *err);

/* A shortest path to an object, with bytes in the place of its own. */
TARE_MUST_USE tare_status tare_paths_add(tare_paths *paths, const tare_survey *survey,
                                         uint32_t node, uint64_t bytes, tare_error *err);

/* The objects of a class and of those derived from it, by how they are held: paths that differ in
 * an index alone are one, "[*]". The limit most frequent. */
TARE_MUST_USE tare_status tare_paths_to_type(tare_paths *paths, const tare_survey *survey,
                                             PyTypeObject *type, uint32_t limit, tare_error *err);

/* ---- for those who make paths ---- */

/* Appends where a path begins, at an object whose parent is a place; false when no root has it. */
bool tare_paths_say_root(tare_buffer *out, const tare_survey *survey, uint32_t node,
                         const tare_root *root);

TARE_MUST_USE tare_status tare_paths_string(tare_paths *paths, const tare_buffer *text,
                                            uint32_t from, uint32_t *id_out, tare_error *err);
TARE_MUST_USE tare_status tare_paths_step(tare_paths *paths, const tare_survey *survey,
                                          uint32_t text, uint32_t node, tare_error *err);

#endif
