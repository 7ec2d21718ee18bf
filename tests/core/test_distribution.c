/* test_distribution.c - tails and quantiles against SciPy 1.17.1 (stats.norm, t, f). */
#include "simulate.h"

#include "harness.h"

#include "stats/distribution.h"

TEST(normal_quantiles_are_the_known_ones)
{
    static const double rows[][2] = {
        {1e-300, -37.0470962993612}, {1e-20, -9.262340089798409}, {1e-6, -4.753424308822899},
        {0.01, -2.3263478740408408}, {0.3, -0.5244005127080409},  {0.5001, 0.0002506628300880075},
        {0.975, 1.959963984540054},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK(is_close(tare_normal_quantile(rows[i][0]), rows[i][1], 1e-11));
    CHECK(tare_normal_quantile(0.5) == 0);
    CHECK(tare_normal_quantile(0) == -HUGE_VAL && tare_normal_quantile(1) == HUGE_VAL);
    for (double p = 1e-12; p < 0.5; p *= 1.7) {
        CHECK(is_close(tare_normal_below(tare_normal_quantile(p)), p, 1e-12));
        CHECK(is_close(tare_normal_above(-tare_normal_quantile(p)), p, 1e-12));
    }
}

TEST(student_quantiles_are_the_known_ones)
{
    static const double dfs[] = {1, 2, 2.5, 9, 30, 1000, 1e5};
    static const struct {
        double p;
        double t[7];
    } rows[] = {
        {1e-9,
         {-318309886.1837907, -22360.679741456875, -3489.583395369981, -23.7299198193785,
          -8.445862796274243, -6.053690272079834, -5.9983614616790755}},
        {0.005,
         {-63.65674116287158, -9.924843200918293, -7.163728138948786, -3.2498355415921263,
          -2.749995653567226, -2.580754698065951, -2.5758784699083757}},
        {0.4,
         {-0.32491969623290634, -0.2886751345948128, -0.2814595127485477, -0.260955336473911,
          -0.2556053649519128, -0.25341451583949876, -0.25334777715718015}},
        {0.975,
         {12.706204736174694, 4.302652729749462, 3.5746548420036817, 2.262157162798205,
          2.0422724563012378, 1.9623390808264083, 1.9599877075346095}},
        {0.9995,
         {636.6192487687897, 31.599054576445365, 18.277893528131457, 4.780912585931217,
          3.6459586350420627, 3.300282648423944, 3.2906240314119137}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t j = 0; j < 7; j++)
            CHECK(is_close(tare_student_quantile(rows[i].p, dfs[j]), rows[i].t[j], 1e-9));
    }
    CHECK(tare_student_quantile(0.5, 3) == 0);
    CHECK(tare_student_quantile(1, 3) == HUGE_VAL);
    CHECK(is_close(tare_student_reach(0.95, 9), 2.262157162798205, 1e-9));
}

TEST(student_tails_are_the_known_ones)
{
    static const double dfs[] = {1, 3, 9, 29.5, 500};
    static const struct {
        double t;
        double p[5];
    } rows[] = {
        {1e-6,
         {0.9999993633519304, 0.9999992648948061, 0.9999992239301823, 0.9999992088473199,
          0.9999992025142815}},
        {0.5,
         {0.7048327646991335, 0.651447964848151, 0.6290712998260263, 0.6207844906206732,
          0.6172950500946657}},
        {10,
         {0.06345103486110713, 0.0021283990584141503, 3.578237431924736e-06, 5.4877919832907465e-11,
          1.3860493598239857e-21}},
        {50,
         {0.012730698201945594, 1.761715204127197e-05, 2.5689529108747976e-12, 4.47555848583699e-30,
          1.1319912889543718e-196}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t j = 0; j < 5; j++) {
            double p = rows[i].p[j];
            CHECK(is_close(tare_student_p(rows[i].t, dfs[j]), p, 1e-10));
            CHECK(is_close(tare_student_p(-rows[i].t, dfs[j]), p, 1e-10));
            CHECK(is_close(tare_student_below(-rows[i].t, dfs[j]), p / 2, 1e-10));
            CHECK(is_close(tare_student_below(rows[i].t, dfs[j]), 1 - p / 2, 1e-10));
        }
    }
    CHECK(tare_student_p(0, 5) == 1 && tare_student_p(HUGE_VAL, 5) == 0);
}

TEST(fisher_tails_are_the_known_ones)
{
    static const double rows[][4] = {
        {0.1, 1, 2, 0.7817821097640076},    {0.1, 10, 200, 0.9998137584281479},
        {1, 3, 17, 0.41678702003837276},    {1, 10, 2, 0.5981224279835391},
        {3, 1, 200, 0.08480629608468535},   {3, 3, 2, 0.25992669967276205},
        {20, 3, 17, 8.155027671732673e-06}, {20, 10, 200, 2.3595278339800308e-25},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK(is_close(tare_fisher_p(rows[i][0], rows[i][1], rows[i][2]), rows[i][3], 1e-10));
    CHECK(tare_fisher_p(0, 2, 3) == 1 && tare_fisher_p(HUGE_VAL, 2, 3) == 0);
}

/* The tables end; what joins them must not jump. */
TEST(many_degrees_of_freedom_are_normal)
{
    for (double df = 1e4; df < 1e9; df *= 10) {
        CHECK(is_near(tare_student_quantile(0.975, df), 1.959963984540054, 3 / df));
        CHECK(is_near(tare_student_p(1.5, df), 2 * tare_normal_above(1.5), 1 / df));
    }
    CHECK(tare_student_quantile(0.975, HUGE_VAL) == tare_normal_quantile(0.975));
}
