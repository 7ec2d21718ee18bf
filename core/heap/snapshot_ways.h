/* snapshot_ways.h - how the objects of a type are held, from a snapshot alone.
 *
 * As for objects of this process: ways that differ in an index are one, "[*]", and so are those
 * that differ in a key where an object holds many; what is held through another object of the type
 * is "...". */
#ifndef TARE_HEAP_SNAPSHOT_WAYS_H
#define TARE_HEAP_SNAPSHOT_WAYS_H

#include "heap/patterns.h"
#include "heap/snapshot.h"

typedef struct tare_snapshot_ways {
    tare_patterns patterns; /* the node of a pattern is an object's number */
    uint64_t      count;    /* of objects of the type, and their own bytes */
    uint64_t      bytes;
} tare_snapshot_ways;

void tare_snapshot_ways_deinit(tare_snapshot_ways *ways);

/* type: as it is named there. ways is zeroed; the caller calls deinit whatever is returned. */
TARE_MUST_USE tare_status tare_snapshot_ways_find(tare_snapshot_ways  *ways,
                                                  const tare_snapshot *snapshot, tare_text type,
                                                  tare_error *err);

#endif
