/* family.c - see family.h.
 *
 *     parent's file   4711 python: main -> work          calls 1, wall_ns 3 s
 *     child's file    4712 python: main -> fork -> work  calls 1, wall_ns 2 s
 *
 * The labels keep the processes apart, and in sums over all of them a child's time is under
 * the call that made it. The wall time of the run stays the parent's. The peak of memory is the sum
 * of the peaks, which need not have been at one time. */
#include "trace/family.h"

#include <string.h>

static const char *const counted_keys[] = {
    "cpu_ns",
    "memory.alloc_bytes",
    "memory.alloc_count",
    "memory.block_count",
    "memory.failed_count",
    "memory.flush_count",
    "memory.flush_ns",
    "memory.fork_count",
    "memory.live_bytes",
    "memory.live_count",
    "memory.lost_bytes",
    "memory.lost_count",
    "memory.path_count",
    "memory.peak_bytes",
    "memory.peak_count",
    "memory.truncated_count",
    "memory.unheard_count",
    "memory.unknown_freed_count",
    "process_count",
    "thread_count",
    "trace.failed_count",
    "trace.flush_count",
    "trace.flush_ns",
    "trace.fork_count",
    "trace.lost_count",
    "trace.path_count",
    "trace.resync_count",
    "trace.suspended_lost_count",
};

static tare_status set_number(tare_profile *profile, const char *key, double number,
                              tare_error *err)
{
    return tare_profile_format_meta(profile, err, key, "%.0f", number);
}

static tare_status join_counts(tare_profile *parent, const tare_profile *child, bool cut,
                               tare_error *err)
{
    static const char *const peak = "memory.peak_rss_bytes";
    static const char *const cut_count = "trace.cut_count";
    double                   child_peak = tare_profile_meta_number(child, peak, 0);
    for (size_t i = 0; i < sizeof counted_keys / sizeof counted_keys[0]; i++) {
        const char *key = counted_keys[i];
        if (tare_profile_get_meta(parent, key).bytes == NULL &&
            tare_profile_get_meta(child, key).bytes == NULL)
            continue; /* of another kind of measurement */
        TARE_TRY(set_number(parent, key,
                            tare_profile_meta_number(parent, key, 0) +
                                tare_profile_meta_number(child, key, 0),
                            err));
    }
    if (child_peak > tare_profile_meta_number(parent, peak, 0))
        TARE_TRY(set_number(parent, peak, child_peak, err));
    return set_number(parent, cut_count, tare_profile_meta_number(parent, cut_count, 0) + cut, err);
}

/* What only the child has seen the source of. */
static tare_status join_sources(tare_profile *parent, const tare_profile *child, tare_error *err)
{
    static const char prefix[] = "source:";
    for (uint32_t i = 0; i < child->meta_count; i++) {
        tare_text key = tare_profile_text(child, child->meta[i].key);
        tare_text text = tare_profile_text(child, child->meta[i].value);
        if (strncmp(key.bytes, prefix, sizeof prefix - 1) == 0 &&
            tare_profile_get_meta(parent, key.bytes).bytes == NULL)
            TARE_TRY(tare_profile_set_meta(parent, key.bytes, text.bytes, text.size, err));
    }
    return TARE_OK;
}

/* From within a program, and both alike. */
static bool may_join(const tare_profile *parent, const tare_profile *child)
{
    tare_text ours = tare_profile_get_meta(parent, "engine");
    tare_text theirs = tare_profile_get_meta(child, "engine");
    return ours.bytes != NULL && theirs.bytes != NULL && strcmp(ours.bytes, theirs.bytes) == 0 &&
           (strcmp(ours.bytes, "trace") == 0 || strcmp(ours.bytes, "lines") == 0 ||
            strcmp(ours.bytes, "memory") == 0);
}

tare_status tare_family_join(tare_profile *parent, const tare_profile *child, bool cut,
                             tare_error *err)
{
    if (!may_join(parent, child))
        return tare_fail(err, TARE_INCOMPATIBLE,
                         "join two profiles: they are not from within a program, or not alike");
    TARE_TRY(tare_profile_join(parent, child, err));
    TARE_TRY(join_sources(parent, child, err));
    return join_counts(parent, child, cut, err);
}
