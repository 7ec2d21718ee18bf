/* known_heap.h - a small process: sys.modules, a module, its dict, a list and what is in it; a
 * pair of objects that nothing holds. */
#ifndef TARE_TESTS_KNOWN_HEAP_H
#define TARE_TESTS_KNOWN_HEAP_H

#include "heap/snapshot.h"

#include <string.h>

enum { KNOWN_OBJECTS = 7, KNOWN_REACHED = 5 };

static inline tare_text known_text(const char *text)
{
    return (tare_text){.bytes = text, .size = strlen(text)};
}

static inline tare_status known_object(tare_snapshot *snapshot, uint32_t type, uint32_t parent,
                                       const char *edge, uint64_t bytes, uint32_t flags)
{
    tare_heap_object object = {
        .bytes = bytes,
        .allocated_bytes = bytes + 8,
        .retained_bytes = 2 * bytes,
        .type = type,
        .parent = parent,
        .name = TARE_EDGE_INDEX | 3,
        .flags = flags,
    };
    if (edge != NULL)
        TARE_TRY(tare_profile_string(&snapshot->profile, edge, strlen(edge), &object.name, NULL));
    return tare_snapshot_add(snapshot, &object, NULL);
}

/* snapshot is zeroed; the caller deinits it, after a failure too. */
static inline tare_status known_heap(tare_snapshot *snapshot, const tare_alloc *alloc)
{
    static const char *const types[][2] = {
        {"", ""},           {"dict", "builtins"}, {"module", "builtins"}, {"list", "builtins"},
        {"app.Row", "app"},
    };
    TARE_TRY(tare_snapshot_init(snapshot, alloc, NULL));
    TARE_TRY(tare_profile_set_meta(&snapshot->profile, "target.pid", "12", 2, NULL));
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint32_t id;
        TARE_TRY(tare_snapshot_type(snapshot, known_text(types[i][0]), known_text(types[i][1]), &id,
                                    NULL));
    }
    TARE_TRY(known_object(snapshot, 0, 0, "", 0, 0));
    TARE_TRY(known_object(snapshot, 1, 0, "sys.modules", 1000, 0));
    TARE_TRY(known_object(snapshot, 2, 1, "['app']", 80, 0));
    TARE_TRY(known_object(snapshot, 3, 2, ".rows", 100, TARE_OBJECT_FROZEN));
    TARE_TRY(known_object(snapshot, 4, 3, NULL, 50, 0));
    TARE_TRY(known_object(snapshot, 4, 0, "(garbage)", 50, TARE_OBJECT_OPAQUE));
    TARE_TRY(known_object(snapshot, 3, 5, ".other", 70, TARE_OBJECT_STATIC));
    snapshot->reached_count = KNOWN_REACHED;
    return TARE_OK;
}

#endif
