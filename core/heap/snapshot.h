/* snapshot.h - all objects of a process at one moment, as numbers and strings.
 *
 *     objects   0 the process   1 sys.modules   2 ...     each with the one that holds it
 *
 * Objects are numbered breadth first from the roots, so a parent comes before its children and
 * the parents up to 0 are a shortest path. What no root reaches has 0 as its parent too; such
 * objects come after all that are reached, with what only they reach.
 *
 * An edge's name is a string of the profile's, to be put after the parent's path as it is
 * (".cache", "['k']"; for a child of 0 the root's name), or an index, shown as "[12]".
 *
 * Invariants (tare_snapshot_check):
 *     objects[0] has type 0, which is the process'; parent(n) < n for every other object
 *     every type, name and string id is smaller than the count of its table
 *     retained_bytes is 0 or at least bytes
 *     1 <= reached_count <= object_count, or both are 0 when there are no objects
 *
 * Zeroed storage with an allocator, then tare_snapshot_init. Cost: 40 bytes an object. */
#ifndef TARE_HEAP_SNAPSHOT_H
#define TARE_HEAP_SNAPSHOT_H

#include "base/bytes.h"
#include "heap/census.h"
#include "model/profile.h"

typedef struct tare_heap_type {
    uint32_t name;   /* string: module.qualname; builtins without their module */
    uint32_t module; /* string */
} tare_heap_type;

enum {
    TARE_OBJECT_OPAQUE = 1, /* may hold what it does not tell */
    TARE_OBJECT_STATIC = 2, /* in the image of a program or library: no bytes of the heap */
    TARE_OBJECT_FROZEN = 4, /* set apart by gc.freeze() */
    TARE_OBJECT_FLAGS = 7
};

/* The name of an edge: a string's id, or an index below 2^31. */
#define TARE_EDGE_INDEX (UINT32_C(1) << 31)

typedef struct tare_heap_object {
    uint64_t bytes; /* requested, of its own blocks */
    uint64_t allocated_bytes;
    uint64_t retained_bytes; /* requested, of all that goes if it goes; 0 = not known */
    uint32_t type;
    uint32_t parent;
    uint32_t name; /* of the edge from its parent: string id, or TARE_EDGE_INDEX | index */
    uint32_t flags;
} tare_heap_object;

typedef struct tare_snapshot {
    const tare_alloc *alloc;   /* borrowed */
    tare_profile      profile; /* strings and provenance; nothing else */
    tare_heap_type   *types;   /* owned */
    uint32_t          type_count, type_capacity;
    tare_heap_object *objects; /* owned */
    uint32_t          object_count, object_capacity;
    uint32_t          reached_count; /* objects before it are reached from a root; 0 is */
    tare_census       census;        /* counted then and there; by NONE when it is not there */
} tare_snapshot;

TARE_MUST_USE tare_status tare_snapshot_init(tare_snapshot *snapshot, const tare_alloc *alloc,
                                             tare_error *err);
void tare_snapshot_deinit(tare_snapshot *snapshot); /* no-op on zeroed storage */

/* The id of the new type; of the new object. */
TARE_MUST_USE tare_status tare_snapshot_type(tare_snapshot *snapshot, tare_text name,
                                             tare_text module, uint32_t *id_out, tare_error *err);
TARE_MUST_USE tare_status tare_snapshot_add(tare_snapshot *snapshot, const tare_heap_object *object,
                                            tare_error *err);

/* Fills a zeroed census with the objects by type, module or size. */
TARE_MUST_USE tare_status tare_snapshot_count(const tare_snapshot *snapshot, tare_census_by by,
                                              tare_census *out, tare_error *err);

/* Appends how an object is held: root name and edges, as "sys.modules['x'].cache['k'][3]"; of
 * hundreds of steps the first and last only. */
void tare_snapshot_path(const tare_snapshot *snapshot, uint32_t object, tare_buffer *out);

/* The objects that retain most, the most first, but for those that do by one of what they hold
 * alone: nine tenths of it. At most limit, which is at most TARE_SNAPSHOT_MAX_LARGEST. */
enum { TARE_SNAPSHOT_MAX_LARGEST = 1000 };
TARE_MUST_USE tare_status tare_snapshot_largest(const tare_snapshot *snapshot, uint32_t limit,
                                                uint32_t *ids_out, uint32_t *count_out,
                                                tare_error *err);

TARE_MUST_USE tare_status tare_snapshot_check(const tare_snapshot *snapshot, tare_error *err);

#endif
