/* timeline.c - see timeline.h.
 *
 *     slots         0   1   2   3   4   5   6   7        one look each
 *     a thread at   a   a   b   b   b   b   c   -        points (0, a) (2, b) (6, c) (7, 0)
 *     halved, the coins say   1st     2nd     1st     2nd
 *                   a       b       b       -            points (0, a) (2, b) (6, 0)
 *
 * The slot that stands for a period is found from the top: of its two halves one, of that one's
 * halves one, and so on. It therefore is the same whether looks were thrown away later or
 * never kept, and a period that is not over when it is made of two needs no special case: its
 * point is dropped if its slot is still to come. */
#include "sampler/timeline.h"

#include "sampler/schedule.h"

enum { MAX_LEVEL = 40 }; /* a period of 12 days at 1 MHz: nothing is left to halve */

void tare_timeline_init(tare_timeline *timeline, double slot_ns, uint64_t seed,
                        const tare_alloc *alloc)
{
    *timeline = (tare_timeline){.alloc = alloc,
                                .slot_ns = slot_ns,
                                .seed = seed,
                                .max_points = TARE_TIMELINE_MAX_POINTS,
                                .max_all = TARE_TIMELINE_MAX_ALL};
}

void tare_timeline_deinit(tare_timeline *timeline)
{
    if (timeline->alloc == NULL)
        return;
    tare_release(timeline->alloc, timeline->lanes, timeline->lane_capacity,
                 sizeof *timeline->lanes);
    tare_release(timeline->alloc, timeline->live, timeline->live_capacity, sizeof *timeline->live);
    *timeline = (tare_timeline){0};
}

/* ---- periods ---- */

/* Of the two periods one level below, the one whose look stands for both. */
static uint64_t choose_half(const tare_timeline *timeline, unsigned level, uint64_t period)
{
    uint64_t coin = tare_scramble(timeline->seed ^ tare_scramble(period << 6 | level)) & 1;
    return period * 2 + coin;
}

static uint64_t choose_slot(const tare_timeline *timeline, uint64_t period)
{
    for (unsigned level = timeline->level; level > 0; level--)
        period = choose_half(timeline, level, period);
    return period;
}

/* The next look that stands for a period is not before that slot. */
static void go_to(tare_timeline *timeline, uint64_t slot)
{
    timeline->next_period = slot >> timeline->level;
    timeline->next_slot = choose_slot(timeline, timeline->next_period);
    if (timeline->next_slot < slot)
        timeline->next_slot = choose_slot(timeline, ++timeline->next_period);
}

static uint64_t time_of(const tare_timeline *timeline, uint64_t period)
{
    return (uint64_t)((double)(period << timeline->level) * timeline->slot_ns);
}

uint64_t tare_timeline_period_ns(const tare_timeline *timeline)
{
    return timeline->tick == 0 ? 0 : time_of(timeline, 1);
}

/* ---- one look ---- */

void tare_timeline_begin(tare_timeline *timeline, uint64_t end_slot, uint64_t weight)
{
    uint64_t first_slot = end_slot - weight;
    timeline->tick++;
    timeline->end_slot = end_slot;
    timeline->missed = timeline->next_slot < first_slot;
    timeline->missed_period = timeline->next_period;
    if (timeline->missed)
        go_to(timeline, first_slot);
    timeline->counts = timeline->next_slot < end_slot;
    timeline->period = timeline->next_period;
    if (timeline->counts)
        go_to(timeline, end_slot);
}

static tare_status add_lanes(tare_timeline *timeline, uint32_t label_set, tare_error *err)
{
    void *lanes = timeline->lanes;
    void *live = timeline->live;
    TARE_TRY(tare_grow(timeline->alloc, &live, &timeline->live_capacity, label_set + (size_t)1,
                       sizeof *timeline->live, err));
    timeline->live = live;
    TARE_TRY(tare_grow(timeline->alloc, &lanes, &timeline->lane_capacity, label_set + (size_t)1,
                       sizeof *timeline->lanes, err));
    timeline->lanes = lanes;
    while (timeline->lane_count <= label_set)
        timeline->lanes[timeline->lane_count++] = (tare_lane){.series = TARE_NONE};
    return TARE_OK;
}

tare_status tare_timeline_note(tare_timeline *timeline, uint32_t label_set, uint32_t node,
                               bool waits, int rank, tare_error *err)
{
    if (!timeline->counts)
        return TARE_OK;
    if (label_set >= timeline->lane_count)
        TARE_TRY(add_lanes(timeline, label_set, err));
    tare_lane *lane = &timeline->lanes[label_set];
    if (lane->tick == timeline->tick && lane->rank >= rank)
        return TARE_OK;
    lane->tick = timeline->tick;
    lane->rank = rank;
    lane->found = waits ? -(int64_t)node : (int64_t)node;
    if (!lane->live)
        timeline->live[timeline->live_count++] = label_set;
    lane->live = true;
    return TARE_OK;
}

static tare_status draw(tare_timeline *timeline, tare_profile *profile, uint32_t label_set,
                        uint64_t period, int64_t amount, tare_error *err)
{
    tare_lane *lane = &timeline->lanes[label_set];
    if (lane->series == TARE_NONE)
        TARE_TRY(tare_profile_series(profile, "timeline", "node", label_set, &lane->series, err));
    TARE_TRY(tare_profile_point(profile, lane->series, time_of(timeline, period), amount, err));
    lane->drawn = amount;
    timeline->point_count++;
    if (profile->series[lane->series].point_count >= timeline->max_points)
        timeline->full = true;
    return TARE_OK;
}

static tare_status draw_gap(tare_timeline *timeline, tare_profile *profile, tare_error *err)
{
    for (uint32_t i = 0; i < timeline->live_count; i++) {
        uint32_t label_set = timeline->live[i];
        if (timeline->lanes[label_set].drawn != 0)
            TARE_TRY(draw(timeline, profile, label_set, timeline->missed_period, 0, err));
    }
    return TARE_OK;
}

/* Who is not there any more leaves the list. */
static tare_status draw_look(tare_timeline *timeline, tare_profile *profile, tare_error *err)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < timeline->live_count; i++) {
        uint32_t   label_set = timeline->live[i];
        tare_lane *lane = &timeline->lanes[label_set];
        int64_t    amount = lane->tick == timeline->tick ? lane->found : 0;
        if (amount != lane->drawn)
            TARE_TRY(draw(timeline, profile, label_set, timeline->period, amount, err));
        lane->live = amount != 0;
        timeline->live[kept] = label_set;
        kept += lane->live;
    }
    timeline->live_count = kept;
    return TARE_OK;
}

/* ---- halving ---- */

/* In place: a point goes where its period is the first whose look is not before it, and the
 * last of those that go to the same place stays. */
static void halve_lane(const tare_timeline *timeline, tare_profile *profile, tare_lane *lane)
{
    tare_series *series = &profile->series[lane->series];
    tare_point  *points = series->points;
    uint32_t     kept = 0;
    for (uint32_t i = 0; i < series->point_count; i++) {
        tare_point point = points[i];
        uint64_t   slot = (uint64_t)((double)point.time_ns / timeline->slot_ns + 0.5);
        uint64_t   before = slot >> (timeline->level - 1);
        uint64_t   period = before / 2;
        if (choose_half(timeline, timeline->level, period) < before)
            period++;
        if (period >= timeline->next_period)
            break; /* its look is still to come */
        point.time_ns = time_of(timeline, period);
        if (kept > 0 && points[kept - 1].time_ns == point.time_ns)
            kept--;
        if (point.amount != (kept > 0 ? points[kept - 1].amount : 0))
            points[kept++] = point;
    }
    lane->drawn = kept > 0 ? points[kept - 1].amount : 0;
    tare_profile_set_points(profile, lane->series, kept);
}

static void halve(tare_timeline *timeline, tare_profile *profile)
{
    timeline->level++;
    go_to(timeline, timeline->end_slot);
    timeline->full = false;
    timeline->point_count = 0;
    timeline->live_count = 0;
    for (uint32_t label_set = 0; label_set < timeline->lane_count; label_set++) {
        tare_lane *lane = &timeline->lanes[label_set];
        if (lane->series == TARE_NONE)
            continue;
        halve_lane(timeline, profile, lane);
        uint32_t count = profile->series[lane->series].point_count;
        timeline->point_count += count;
        timeline->full = timeline->full || count >= timeline->max_points;
        lane->live = lane->drawn != 0;
        if (lane->live)
            timeline->live[timeline->live_count++] = label_set;
    }
}

tare_status tare_timeline_end(tare_timeline *timeline, tare_profile *profile, tare_error *err)
{
    if (timeline->missed)
        TARE_TRY(draw_gap(timeline, profile, err));
    if (timeline->missed || timeline->counts)
        TARE_TRY(draw_look(timeline, profile, err));
    while ((timeline->full || timeline->point_count >= timeline->max_all) &&
           timeline->level < MAX_LEVEL)
        halve(timeline, profile);
    return TARE_OK;
}
