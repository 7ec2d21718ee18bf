/* timeline.h - where each thread was, in the order of time.
 *
 * The run is cut into periods, at first those of the schedule. One look stands for each, and a
 * thread's time line has a point where that look differs from the one before:
 *
 *     series "timeline" (unit "node") of the thread's label set
 *         time     when the period began
 *         amount   the node; below zero: less the node, in which it waits; 0: not seen, because
 *                  it has ended, or because nobody looked (a gap)
 *
 * A late look stands for the slots that it missed, as its weight does in the sums.
 * When points get too many, the period is doubled: of each two looks one stays. Which one, a
 * coin says: with the same phase of each period a program whose rhythm is the period's would
 * always be met at the same beat, and with coins every look of a period is as likely as the
 * others, whatever was halved before. The coins are the same for all threads, so that what
 * stands below each other was seen at the same moment.
 *
 * One writer. Cost: O(1) a note and O(threads that are there) a period, some nanoseconds each;
 * halving O(points), and for a run of t seconds it happens log2(t) times. */
#ifndef TARE_SAMPLER_TIMELINE_H
#define TARE_SAMPLER_TIMELINE_H

#include "model/profile.h"

enum {
    TARE_TIMELINE_MAX_POINTS = 1 << 14, /* of a thread: a picture has fewer columns; 70 KB */
    TARE_TIMELINE_MAX_ALL = 1 << 18     /* of all threads: 4 MiB in memory, 1 MB in a file */
};

/* Of one label set. */
typedef struct tare_lane {
    uint64_t tick;   /* in which found and rank hold */
    int64_t  found;  /* by this tick's look */
    int64_t  drawn;  /* of the last point; 0 = none, or not there */
    uint32_t series; /* TARE_NONE = none yet */
    int      rank;
    bool     live; /* in the list of live ones */
} tare_lane;

/* Invariants: drawn != 0 implies live; next_slot stands for next_period and is not before
 * end_slot. */
typedef struct tare_timeline {
    const tare_alloc *alloc; /* borrowed */
    double            slot_ns;
    uint64_t          seed;
    unsigned          level;       /* a period has 1 << level slots */
    uint64_t          end_slot;    /* those before it are looked at, or missed */
    uint64_t          next_period; /* the first that no look stands for yet, */
    uint64_t          next_slot;   /* and whose look will */
    uint64_t          tick;        /* counts */
    uint64_t          period;      /* for which this tick's look stands, if it */
    bool              counts;
    uint64_t          missed_period; /* the first in the gap before this tick, if there was one */
    bool              missed;
    tare_lane        *lanes; /* owned; by label set */
    uint32_t          lane_count, lane_capacity;
    uint32_t         *live; /* owned; label sets; as many fit as there are lanes */
    uint32_t          live_count, live_capacity;
    uint32_t          point_count; /* of all lanes */
    bool              full;        /* a lane has max_points */
    uint32_t          max_points, max_all;
} tare_timeline;

/* slot_ns: of the schedule. */
void tare_timeline_init(tare_timeline *timeline, double slot_ns, uint64_t seed,
                        const tare_alloc *alloc);
void tare_timeline_deinit(tare_timeline *timeline); /* no-op on zeroed storage */

/* A look that stands for the weight slots before end_slot; slots between the last look's and
 * these are a gap. */
void tare_timeline_begin(tare_timeline *timeline, uint64_t end_slot, uint64_t weight);

/* The look found the thread there. Of several places of a thread the one with the higher rank
 * counts, then the first. */
TARE_MUST_USE tare_status tare_timeline_note(tare_timeline *timeline, uint32_t label_set,
                                             uint32_t node, bool waits, int rank, tare_error *err);

/* Adds to the profile what is new; halves until all is within the bounds. After a failure only
 * fit to be deinitialised. */
TARE_MUST_USE tare_status tare_timeline_end(tare_timeline *timeline, tare_profile *profile,
                                            tare_error *err);

/* How much time one look stands for; 0 before the first. */
uint64_t tare_timeline_period_ns(const tare_timeline *timeline);

#endif
