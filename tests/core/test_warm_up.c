/* test_warm_up.c - series of each class, many of each, and how often they are taken for it. */
#include "simulate.h"

#include "harness.h"
#include "oom.h"

#include "stats/warm_up.h"

#include <string.h>

enum { ROOM = 2000, RUNS = 200 };

static tare_warm_up classify(const double *values, size_t count)
{
    tare_warm_up found = {.kind = TARE_WARM_UP_UNKNOWN};
    CHECK(tare_warm_up_classify(values, count, &found, tare_alloc_system(), NULL) == TARE_OK);
    return found;
}

/* The level at place i of count, noise of deviation 0.02 is added. */
typedef double level_maker(double i, double count);

static double make_flat(double i, double count)
{
    (void)i;
    (void)count;
    return 1;
}

static double make_first_slow(double i, double count)
{
    (void)count;
    return i < 1 ? 3 : 1;
}

static double make_settling(double i, double count)
{
    return 1 + 0.8 * exp(-i / (0.04 * count));
}

static double make_compiled(double i, double count)
{
    return i < 0.3 * count ? 1.5 : 1;
}

static double make_leaking(double i, double count)
{
    return i < 0.5 * count ? 1 : 1.3;
}

static double make_dip(double i, double count)
{
    return i < 0.1 * count ? 1.5 : i < 0.4 * count ? 0.8 : 1;
}

static double make_five(double i, double count)
{
    (void)count;
    return (size_t)i % 5 == 4 ? 1.6 : 1;
}

static double make_warm_seven(double i, double count)
{
    return make_compiled(i, count) + ((size_t)i % 7 < 3 ? 0.3 : 0);
}

static double make_wave(double i, double count)
{
    (void)count;
    return (size_t)i % 40 < 20 ? 1 : 1.2;
}

static double make_rising(double i, double count)
{
    return 1 + i / count;
}

static double make_late(double i, double count)
{
    return i < 0.9 * count ? 1 : 1.3;
}

static double make_restless(double i, double count)
{
    static const double levels[] = {1, 1.4, 0.8, 1.2, 0.9, 1.5, 1.1, 1.3};
    return levels[(size_t)(8 * i / count)];
}

typedef struct expected {
    const char       *name;
    level_maker      *level;
    tare_warm_up_kind kind;
    uint32_t          period;
    double            from;       /* part of the count */
    double            from_error; /* likewise */
} expected;

static const expected rows[] = {
    {"flat", make_flat, TARE_WARM_UP_FLAT, 0, 0, 0},
    {"first slow", make_first_slow, TARE_WARM_UP_FASTER, 0, 0.005, 0.005},
    {"settling", make_settling, TARE_WARM_UP_FASTER, 0, 0.15, 0.1},
    {"compiled", make_compiled, TARE_WARM_UP_FASTER, 0, 0.3, 0.01},
    {"leaking", make_leaking, TARE_WARM_UP_SLOWER, 0, 0.5, 0.01},
    {"dip", make_dip, TARE_WARM_UP_SLOWER, 0, 0.4, 0.01},
    {"period 5", make_five, TARE_WARM_UP_CYCLIC, 5, 0, 0},
    {"period 7 after warm-up", make_warm_seven, TARE_WARM_UP_CYCLIC, 7, 0.3, 0.02},
    {"period 40", make_wave, TARE_WARM_UP_CYCLIC, 40, 0, 0},
    {"rising", make_rising, TARE_WARM_UP_NONE, 0, 1, 0},
    {"late", make_late, TARE_WARM_UP_NONE, 0, 1, 0},
    {"restless", make_restless, TARE_WARM_UP_NONE, 0, 1, 0},
};

static bool is_expected(const expected *row, tare_warm_up found, size_t count)
{
    double from = (double)found.steady_from / (double)count;
    return found.kind == row->kind && found.period == row->period &&
           fabs(from - row->from) <= row->from_error + 1e-9;
}

/* far: how often a value is two to ten times as long, for no reason. */
static int count_right(const expected *row, size_t count, double far, uint64_t seed)
{
    static double values[ROOM];
    tare_random   random = {.state = seed};
    int           right = 0;
    for (int run = 0; run < RUNS; run++) {
        for (size_t i = 0; i < count; i++) {
            values[i] = row->level((double)i, (double)count) + 0.02 * made_normal(&random);
            if (made_part(&random) < far)
                values[i] *= 2 + 8 * made_part(&random);
        }
        right += is_expected(row, classify(values, count), count);
    }
    if (right < 0.9 * RUNS)
        printf("    %s: %d of %d\n", row->name, right, RUNS);
    return right;
}

TEST(each_class_is_found)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK(count_right(&rows[i], 400, 0, i) >= 0.97 * RUNS);
}

TEST(values_far_out_do_not_hide_it)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK(count_right(&rows[i], 400, 0.01, 100 + i) >= 0.9 * RUNS);
}

TEST(noise_alone_is_flat)
{
    static double       values[ROOM];
    static const size_t counts[] = {10, 20, 50, 200, 2000};
    for (size_t row = 0; row < 10; row++) {
        tare_random random = {.state = 30 + row};
        int         flat = 0;
        for (int run = 0; run < RUNS; run++) {
            for (size_t i = 0; i < counts[row % 5]; i++)
                values[i] = 50 + (row < 5 ? made_normal(&random) : made_skewed(&random));
            flat += classify(values, counts[row % 5]).kind == TARE_WARM_UP_FLAT;
        }
        CHECK(flat >= 0.96 * RUNS);
    }
}

/* Steps without a period and with hardly any noise. Those of 4 % are other work's on the machine,
 * those of 10 % the program's. */
TEST(small_steps_are_the_machines)
{
    static double values[400];
    tare_random   random = {.state = 41};
    for (int percent = 4; percent <= 10; percent += 6) {
        for (size_t i = 0; i < 400; i++)
            values[i] = 1 + 0.01 * percent * (double)(i / 70 % 2) + 0.002 * made_normal(&random);
        CHECK(classify(values, 400).kind == (percent == 4 ? TARE_WARM_UP_FLAT : TARE_WARM_UP_NONE));
    }
}

TEST(a_cycle_without_noise)
{
    double values[50];
    for (size_t i = 0; i < 50; i++)
        values[i] = i % 5 == 4 ? 2 : 1;
    tare_warm_up found = classify(values, 50);
    CHECK(found.kind == TARE_WARM_UP_CYCLIC);
    CHECK_EQ(found.period, 5);
    CHECK_EQ(found.steady_from, 0);
    for (size_t i = 0; i < 50; i++)
        values[i] = 1;
    CHECK(classify(values, 50).kind == TARE_WARM_UP_FLAT);
}

TEST(few_values_say_nothing)
{
    static const double values[TARE_WARM_UP_LEAST] = {9, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    tare_warm_up        found = classify(values, TARE_WARM_UP_LEAST - 1);
    CHECK(found.kind == TARE_WARM_UP_UNKNOWN);
    CHECK_EQ(found.steady_from, TARE_WARM_UP_LEAST - 1);
    found = classify(NULL, 0);
    CHECK(found.kind == TARE_WARM_UP_UNKNOWN);
    CHECK(strcmp(tare_warm_up_name(TARE_WARM_UP_FASTER), "warm-up") == 0);
}

TEST(without_memory_nothing_is_left)
{
    double       values[60];
    tare_warm_up found;
    oom          memory;
    tare_status  status = TARE_NO_MEMORY;
    for (size_t i = 0; i < 60; i++)
        values[i] = (double)(i * i % 11) + (i < 25 ? 100 : 0);
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = tare_warm_up_classify(values, 60, &found, &memory.alloc, NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK(found.kind == TARE_WARM_UP_FASTER);
}
