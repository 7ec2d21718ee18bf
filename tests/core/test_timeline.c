/* test_timeline.c - what ran when, against a record of every slot. */
#include "harness.h"
#include "oom.h"

#include "io/tare_file.h"
#include "sampler/timeline.h"

#include <math.h>
#include <stdlib.h>

enum { MAIN = 1, WORKER = 2, THREADS = 6, NODES = 40, SLOT_NS = 1000, MOST_SLOTS = 1 << 16 };

static void must(tare_status status)
{
    CHECK_EQ(status, TARE_OK);
}

typedef struct fixture {
    tare_profile  profile; /* nodes 1 to NODES - 1, label sets 1 to THREADS - 1 */
    tare_timeline timeline;
    uint64_t      slot; /* of the next look */
} fixture;

static void add_nodes(tare_profile *profile)
{
    uint32_t id = 0;
    for (uint32_t i = 1; i < NODES; i++) {
        must(tare_profile_synthetic(profile, "f", &id, NULL));
        must(tare_profile_frame(profile, 0, i, &id, NULL));
        must(tare_profile_child(profile, 0, id, &id, NULL));
        CHECK_EQ(id, i);
    }
}

static void add_threads(tare_profile *profile)
{
    tare_label label;
    uint32_t   id = 0;
    must(tare_profile_string(profile, "thread", 6, &label.key, NULL));
    for (uint32_t i = 1; i < THREADS; i++) {
        char name = (char)('a' + i);
        must(tare_profile_string(profile, &name, 1, &label.value, NULL));
        must(tare_profile_label_set(profile, &label, 1, &id, NULL));
        CHECK_EQ(id, i);
    }
}

static void begin(fixture *f)
{
    f->slot = 0;
    must(tare_profile_init(&f->profile, tare_alloc_system(), NULL));
    add_nodes(&f->profile);
    add_threads(&f->profile);
    tare_timeline_init(&f->timeline, SLOT_NS, 42, tare_alloc_system());
}

static void finish(fixture *f)
{
    must(tare_profile_check(&f->profile, NULL));
    tare_timeline_deinit(&f->timeline);
    tare_timeline_deinit(&f->timeline); /* zeroed: nothing to do */
    tare_profile_deinit(&f->profile);
}

static void note(fixture *f, uint32_t thread, int64_t amount, int rank)
{
    uint32_t node = (uint32_t)(amount < 0 ? -amount : amount);
    must(tare_timeline_note(&f->timeline, thread, node, amount < 0, rank, NULL));
}

/* Both threads are seen, but at node 0. */
static void look(fixture *f, uint64_t weight, int64_t first, int64_t worker)
{
    f->slot += weight;
    tare_timeline_begin(&f->timeline, f->slot, weight);
    if (first != 0)
        note(f, MAIN, first, 0);
    if (worker != 0)
        note(f, WORKER, worker, 0);
    must(tare_timeline_end(&f->timeline, &f->profile, NULL));
}

static const tare_series *series_of(const fixture *f, uint32_t thread)
{
    for (uint32_t i = 0; i < f->profile.series_count; i++)
        if (f->profile.series[i].label_set == thread)
            return &f->profile.series[i];
    return NULL;
}

static void check_points(const fixture *f, uint32_t thread, const tare_point *points,
                         uint32_t count)
{
    const tare_series *series = series_of(f, thread);
    if (!CHECK(series != NULL))
        return;
    CHECK_EQ(series->point_count, count);
    for (uint32_t i = 0; i < count && i < series->point_count; i++) {
        CHECK_EQ(series->points[i].time_ns, points[i].time_ns * SLOT_NS);
        CHECK_EQ(series->points[i].amount, points[i].amount);
    }
}

#define CHECK_POINTS(f, thread, ...)                                                          \
    do {                                                                                      \
        const tare_point points_[] = {__VA_ARGS__};                                           \
        check_points((f), (thread), points_, (uint32_t)(sizeof points_ / sizeof points_[0])); \
    } while (0)

/* ---- one point where something changes ---- */

TEST(a_point_stands_where_the_node_differs)
{
    fixture f;
    begin(&f);
    static const int64_t seen[] = {3, 3, 3, 4, 4, 3, 5, 5};
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
        look(&f, 1, seen[i], 7);
    CHECK_POINTS(&f, MAIN, {0, 3}, {3, 4}, {5, 3}, {6, 5});
    CHECK_POINTS(&f, WORKER, {0, 7});
    const tare_series *series = series_of(&f, MAIN);
    CHECK(strcmp(tare_profile_text(&f.profile, series->name).bytes, "timeline") == 0);
    CHECK(strcmp(tare_profile_text(&f.profile, series->unit).bytes, "node") == 0);
    CHECK_EQ(tare_timeline_period_ns(&f.timeline), SLOT_NS);
    finish(&f);
}

TEST(who_waits_is_below_zero)
{
    fixture f;
    begin(&f);
    static const int64_t seen[] = {3, -3, -3, -4, 4};
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
        look(&f, 1, seen[i], 0);
    CHECK_POINTS(&f, MAIN, {0, 3}, {1, -3}, {3, -4}, {4, 4});
    CHECK(series_of(&f, WORKER) == NULL);
    finish(&f);
}

TEST(a_thread_that_is_not_seen_is_nowhere)
{
    fixture f;
    begin(&f);
    static const int64_t worker[] = {0, 7, 7, 0, 0, 7, 0};
    for (size_t i = 0; i < sizeof worker / sizeof worker[0]; i++)
        look(&f, 1, 3, worker[i]);
    CHECK_POINTS(&f, MAIN, {0, 3});
    CHECK_POINTS(&f, WORKER, {1, 7}, {3, 0}, {5, 7}, {6, 0});
    finish(&f);
}

TEST(a_late_look_stands_for_what_it_missed)
{
    fixture f;
    begin(&f);
    look(&f, 1, 3, 7);
    look(&f, 3, 4, 7);
    look(&f, 1, 5, 7);
    CHECK_POINTS(&f, MAIN, {0, 3}, {1, 4}, {4, 5});
    finish(&f);
}

TEST(in_a_gap_nobody_is_anywhere)
{
    fixture f;
    begin(&f);
    look(&f, 1, 3, 7);
    f.slot += 100;
    look(&f, 1, 3, 0);
    f.slot += 1;
    look(&f, 1, 4, 7);
    CHECK_POINTS(&f, MAIN, {0, 3}, {1, 0}, {101, 3}, {102, 0}, {103, 4});
    CHECK_POINTS(&f, WORKER, {0, 7}, {1, 0}, {103, 7});
    finish(&f);
}

/* A thread with stacks in several interpreters is looked at in each. */
TEST(of_several_places_the_higher_rank_counts_then_the_first)
{
    fixture f;
    begin(&f);
    tare_timeline_begin(&f.timeline, 1, 1);
    note(&f, MAIN, 3, 0);
    note(&f, MAIN, 4, 1);
    note(&f, MAIN, 5, 1);
    note(&f, MAIN, 6, 0);
    must(tare_timeline_end(&f.timeline, &f.profile, NULL));
    CHECK_POINTS(&f, MAIN, {0, 4});
    finish(&f);
}

TEST(before_it_begins_nothing_is_noted)
{
    fixture f;
    begin(&f);
    note(&f, MAIN, 3, 0);
    must(tare_timeline_end(&f.timeline, &f.profile, NULL));
    CHECK_EQ(f.profile.series_count, 0);
    finish(&f);
}

/* ---- thinned out ---- */

/* What a time line says of a period. */
static int64_t amount_at(const tare_series *series, uint64_t time_ns)
{
    int64_t amount = 0;
    for (uint32_t i = 0; series != NULL && i < series->point_count; i++) {
        if (series->points[i].time_ns > time_ns)
            break;
        amount = series->points[i].amount;
    }
    return amount;
}

static void check_series(const fixture *f, uint32_t thread)
{
    const tare_series *series = series_of(f, thread);
    int64_t            before = 0;
    for (uint32_t i = 0; series != NULL && i < series->point_count; i++) {
        CHECK(series->points[i].amount != before);
        CHECK_EQ(series->points[i].time_ns % tare_timeline_period_ns(&f->timeline), 0);
        CHECK(i == 0 || series->points[i].time_ns > series->points[i - 1].time_ns);
        before = series->points[i].amount;
    }
}

typedef struct record {
    int64_t *amounts; /* of every slot, THREADS for each */
} record;

/* Is there a slot in the period in which all threads were where the time lines say? */
static bool was_so(const fixture *f, const record *truth, uint64_t period_slots, uint64_t period)
{
    int64_t said[THREADS] = {0};
    for (uint32_t thread = 1; thread < THREADS; thread++)
        said[thread] = amount_at(series_of(f, thread), period * period_slots * SLOT_NS);
    for (uint64_t slot = period * period_slots; slot < (period + 1) * period_slots; slot++)
        if (memcmp(said, &truth->amounts[slot * THREADS], sizeof said) == 0)
            return true;
    return false;
}

/* Every period that is over shows one moment of it, the same for all threads. */
static void check_all(const fixture *f, const record *truth)
{
    uint64_t period_slots = tare_timeline_period_ns(&f->timeline) / SLOT_NS;
    for (uint32_t thread = 1; thread < THREADS; thread++)
        check_series(f, thread);
    for (uint64_t period = 0; (period + 1) * period_slots <= f->slot; period++)
        if (!CHECK(was_so(f, truth, period_slots, period))) {
            printf("    period %llu of %llu slots\n", (unsigned long long)period,
                   (unsigned long long)period_slots);
            return;
        }
}

static uint32_t draw_number(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % below;
}

/* Threads begin, end, wait and go on; looks are late; there are gaps. */
static void live_a_life(fixture *f, record *truth, uint64_t *state)
{
    int64_t  now[THREADS] = {0};
    uint64_t weight = draw_number(state, 10) == 0 ? 1 + draw_number(state, 5) : 1;
    for (uint32_t thread = 1; thread < THREADS; thread++) {
        now[thread] = f->slot == 0 ? 1 : truth->amounts[(f->slot - 1) * THREADS + thread];
        if (draw_number(state, 4) == 0)
            now[thread] = (int64_t)draw_number(state, 2 * NODES - 1) - (NODES - 1);
        else if (draw_number(state, 20) == 0)
            now[thread] = 0;
    }
    if (draw_number(state, 50) == 0)
        f->slot += draw_number(state, 40);
    for (uint64_t i = 0; i < weight; i++)
        memcpy(&truth->amounts[(f->slot + i) * THREADS], now, sizeof now);
    f->slot += weight;
    tare_timeline_begin(&f->timeline, f->slot, weight);
    for (uint32_t thread = 1; thread < THREADS; thread++)
        if (now[thread] != 0)
            note(f, thread, now[thread], 0);
    must(tare_timeline_end(&f->timeline, &f->profile, NULL));
}

TEST(each_period_shows_one_moment_of_it_for_all_threads)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        fixture  f;
        record   truth = {calloc((MOST_SLOTS + 64) * THREADS, sizeof(int64_t))};
        uint64_t state = seed;
        uint64_t periods_seen = 0;
        begin(&f);
        f.timeline.max_points = 100;
        f.timeline.max_all = seed % 2 == 0 ? 1000 : 250;
        while (f.slot < 3000) {
            live_a_life(&f, &truth, &state);
            CHECK(f.timeline.point_count < f.timeline.max_all);
            if (tare_timeline_period_ns(&f.timeline) != periods_seen || f.slot % 64 == 0)
                check_all(&f, &truth);
            periods_seen = tare_timeline_period_ns(&f.timeline);
        }
        check_all(&f, &truth);
        CHECK(periods_seen >= 32 * SLOT_NS);
        free(truth.amounts);
        finish(&f);
    }
}

/* A run that is longer than a period stays, in its place, and no end of it moves by more. */
static void check_order(double slot_ns)
{
    fixture  f;
    uint64_t state = 7;
    double   starts_ns[200];
    uint32_t run_count = 0;
    begin(&f);
    f.timeline.slot_ns = slot_ns;
    f.timeline.max_points = 1024;
    for (; run_count < 200; run_count++) {
        starts_ns[run_count] = (double)f.slot * slot_ns;
        for (uint32_t length = 100 + draw_number(&state, 200); length > 0; length--)
            look(&f, 1, 1 + run_count % 5, (int64_t)(1 + f.slot % 20));
    }
    uint64_t           period_ns = tare_timeline_period_ns(&f.timeline);
    const tare_series *series = series_of(&f, MAIN);
    CHECK(period_ns == (uint64_t)(64 * slot_ns)); /* the worker is elsewhere each time */
    CHECK_EQ(series->point_count, run_count);
    for (uint32_t i = 0; i < series->point_count && i < run_count; i++) {
        uint64_t time_ns = series->points[i].time_ns;
        double   period = round((double)time_ns / (64 * slot_ns));
        CHECK(time_ns == (uint64_t)(period * 64 * slot_ns));
        CHECK_EQ(series->points[i].amount, 1 + i % 5);
        CHECK(fabs((double)time_ns - starts_ns[i]) < (double)period_ns);
    }
    finish(&f);
}

TEST(order_and_shares_stay)
{
    check_order(SLOT_NS);
    check_order(1e9 / 30000); /* of a rate that gives no whole number */
    check_order(1e9 / 70001);
}

static uint64_t time_at(const fixture *f, uint32_t thread, int64_t amount)
{
    const tare_series *series = series_of(f, thread);
    uint64_t           sum_ns = 0;
    for (uint32_t i = 0; i < series->point_count; i++) {
        bool     last = i + 1 == series->point_count;
        uint64_t end_ns = last ? f->slot * SLOT_NS : series->points[i + 1].time_ns;
        if (series->points[i].amount == amount)
            sum_ns += end_ns - series->points[i].time_ns;
    }
    return sum_ns;
}

/* With the same phase of each period it would be all of one of them. */
TEST(a_rhythm_as_long_as_the_period_has_its_shares)
{
    for (uint64_t rhythm = 2; rhythm <= 512; rhythm *= 4) {
        fixture f;
        begin(&f);
        while (f.slot < 1000000)
            look(&f, 1, f.slot % rhythm < rhythm / 2 ? 1 : 2, 3);
        uint64_t half_ns = f.slot * SLOT_NS / 2;
        uint64_t first_ns = time_at(&f, MAIN, 1);
        CHECK(first_ns > half_ns * 96 / 100 && first_ns < half_ns * 104 / 100);
        finish(&f);
    }
}

TEST(a_million_ticks_stay_within_the_bound)
{
    fixture f;
    begin(&f);
    while (f.slot < 1000000) {
        look(&f, 1, (int64_t)(1 + f.slot % 30), f.slot < 300 ? 7 : 0);
        CHECK(series_of(&f, MAIN)->point_count < TARE_TIMELINE_MAX_POINTS);
    }
    CHECK(series_of(&f, MAIN)->point_count > TARE_TIMELINE_MAX_POINTS / 3);
    uint64_t period_ns = tare_timeline_period_ns(&f.timeline);
    CHECK(period_ns >= 64 * SLOT_NS && period_ns <= 128 * SLOT_NS);
    CHECK_EQ(amount_at(series_of(&f, WORKER), 0), 7);
    CHECK_EQ(amount_at(series_of(&f, WORKER), 300 * SLOT_NS + 2 * period_ns), 0);
    finish(&f);
}

TEST(many_threads_share_the_bound)
{
    enum { CROWD = 1000 };
    fixture f;
    begin(&f);
    for (uint32_t i = THREADS; i < CROWD; i++) {
        tare_label label = {.key = 0, .value = i % f.profile.strings.count};
        uint32_t   id = 0;
        char       name[16];
        snprintf(name, sizeof name, "%u", i);
        must(tare_profile_string(&f.profile, name, strlen(name), &label.value, NULL));
        must(tare_profile_label_set(&f.profile, &label, 1, &id, NULL));
        CHECK_EQ(id, i);
    }
    while (f.slot < 2000) {
        tare_timeline_begin(&f.timeline, ++f.slot, 1);
        for (uint32_t i = 1; i < CROWD; i++)
            note(&f, i, (int64_t)(1 + (f.slot + i) % 30), 0);
        must(tare_timeline_end(&f.timeline, &f.profile, NULL));
        CHECK(f.timeline.point_count < TARE_TIMELINE_MAX_ALL);
    }
    CHECK(f.timeline.point_count > TARE_TIMELINE_MAX_ALL / 3);
    for (uint32_t i = 1; i < CROWD; i++)
        check_series(&f, i);
    finish(&f);
}

TEST(a_bound_that_cannot_be_kept_ends_the_halving)
{
    fixture f;
    begin(&f);
    f.timeline.max_all = 2;
    while (f.slot < 1000)
        look(&f, 1, (int64_t)(1 + f.slot % 30), 3);
    CHECK(f.timeline.point_count < 2);
    finish(&f);
}

/* ---- in a file ---- */

TEST(nodes_are_the_same_when_read_back)
{
    fixture         f;
    tare_buffer     bytes = {.alloc = tare_alloc_system()};
    tare_profile    again = {0};
    tare_file_state state;
    begin(&f);
    f.timeline.max_points = 64;
    while (f.slot < 1000)
        look(&f, 1, (int64_t)(1 + f.slot / 3 % 30), f.slot % 2 == 0 ? -3 : 3);
    must(tare_file_encode(&f.profile, &bytes, NULL));
    must(tare_file_decode(bytes.bytes, bytes.size, tare_alloc_system(), &again, &state, NULL));
    CHECK_EQ(again.node_count, f.profile.node_count);
    for (uint32_t id = 0; id < again.series_count; id++) {
        const tare_series *ours = &f.profile.series[id], *theirs = &again.series[id];
        CHECK_EQ(theirs->point_count, ours->point_count);
        CHECK(memcmp(theirs->points, ours->points, ours->point_count * sizeof *ours->points) == 0);
    }
    tare_profile_deinit(&again);
    tare_buffer_deinit(&bytes);
    finish(&f);
}

/* ---- memory ---- */

static tare_status draw_some(tare_timeline *timeline, tare_profile *profile)
{
    for (uint64_t slot = 1; slot <= 40; slot++) {
        tare_timeline_begin(timeline, slot, 1);
        for (uint32_t thread = 1; thread < THREADS; thread++)
            TARE_TRY(tare_timeline_note(timeline, thread, (uint32_t)slot % 30 + 1, false, 0, NULL));
        TARE_TRY(tare_timeline_end(timeline, profile, NULL));
    }
    return TARE_OK;
}

TEST(failed_allocations_leave_nothing)
{
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom     memory;
        fixture f;
        begin(&f);
        oom_init(&memory, fail_at);
        tare_timeline_deinit(&f.timeline);
        tare_timeline_init(&f.timeline, SLOT_NS, 42, &memory.alloc);
        f.timeline.max_points = 16;
        status = draw_some(&f.timeline, &f.profile);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        tare_timeline_deinit(&f.timeline);
        CHECK_EQ(memory.outstanding, 0);
        finish(&f);
    }
}
