/* test_power.c - power against SciPy 1.17.1 (stats.nct), and by experiment. */
#include "simulate.h"

#include "harness.h"

#include "stats/distribution.h"
#include "stats/power.h"
#include "stats/sample.h"

/* nct.sf(t, df, shift) + nct.cdf(-t, df, shift) with t = stats.t.ppf(0.975, df). */
TEST(power_is_the_noncentral_distributions)
{
    static const double dfs[] = {1, 2, 4, 9, 19, 99};
    static const struct {
        double shift;
        double power[6];
    } rows[] = {
        {0, {0.05, 0.05, 0.05, 0.05, 0.05, 0.05}},
        {1,
         {0.07298889446967004, 0.09520175549788396, 0.1222491520733127, 0.14594995025317872,
          0.15808775160634667, 0.1676995471924708}},
        {2.5,
         {0.1557570369550373, 0.2995139266298845, 0.4772611173816541, 0.6061383742015277,
          0.6599498767821301, 0.696980274054786}},
        {4,
         {0.24635558728899282, 0.564514289260038, 0.8432964389085801, 0.9437178324456257,
          0.9664318140516249, 0.97730075350171}},
    };
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 6; j++) {
            double tolerance = dfs[j] < 3 ? 1e-3 : 1e-6;
            CHECK(is_near(tare_power_of(rows[i].shift, dfs[j], 0.95), rows[i].power[j], tolerance));
        }
    }
}

TEST(the_shift_has_the_power_it_is_for)
{
    for (double df = 1; df < 1e7; df *= 3) {
        double shift = tare_power_shift(TARE_POWER_PROMISED, df, 0.95);
        CHECK(is_near(tare_power_of(shift, df, 0.95), TARE_POWER_PROMISED, 1e-5));
        CHECK(is_near(tare_power_of(-shift, df, 0.95), TARE_POWER_PROMISED, 1e-5));
    }
    /* For a spread that is known: the quantiles of 97.5 % and of 80 %. */
    CHECK(is_near(tare_power_shift(0.8, 1e7, 0.95), 1.959964 + 0.841621, 1e-4));
}

TEST(so_many_experiments_find_it)
{
    enum { RUNS = 4000, COUNT = 8 };
    tare_random random = {.state = 2};
    double      shift = tare_power_shift(TARE_POWER_PROMISED, COUNT - 1, 0.95);
    int         found = 0;
    for (int run = 0; run < RUNS; run++) {
        double values[COUNT];
        fill_normal(&random, values, COUNT, 0.1 * shift / sqrt(COUNT), 0.1);
        tare_sample sample = tare_sample_of(values, COUNT);
        found += tare_sample_interval(&sample, 0.95).low > 0;
    }
    CHECK(is_rate(found, RUNS, TARE_POWER_PROMISED));
}
