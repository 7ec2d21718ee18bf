/* test_ulp.c - steps between numbers, and halves against what IEEE 754 says of them. */
#include "harness.h"
#include "same/ulp.h"

#include <float.h>
#include <math.h>

TEST(neighbours_are_one_step_apart)
{
    CHECK_EQ(tare_ulp_distance(1.0, nextafter(1.0, 2), TARE_FLOAT_DOUBLE), 1);
    CHECK_EQ(tare_ulp_distance(1.0, nextafter(1.0, 0), TARE_FLOAT_DOUBLE), 1);
    CHECK_EQ(tare_ulp_distance(-1.0, nextafter(-1.0, 0), TARE_FLOAT_DOUBLE), 1);
    CHECK_EQ(tare_ulp_distance(1.0F, nextafterf(1.0F, 2), TARE_FLOAT_SINGLE), 1);
    CHECK_EQ(tare_ulp_distance(1.0, 1.0009765625, TARE_FLOAT_HALF), 1);
    CHECK_EQ(tare_ulp_distance(DBL_MAX, HUGE_VAL, TARE_FLOAT_DOUBLE), 1);
}

TEST(zero_is_one_place_between_the_smallest)
{
    double smallest = nextafter(0, 1);
    CHECK_EQ(tare_ulp_distance(0.0, -0.0, TARE_FLOAT_DOUBLE), 0);
    CHECK_EQ(tare_ulp_distance(0.0, -0.0, TARE_FLOAT_SINGLE), 0);
    CHECK_EQ(tare_ulp_distance(0.0, -0.0, TARE_FLOAT_HALF), 0);
    CHECK_EQ(tare_ulp_distance(-smallest, smallest, TARE_FLOAT_DOUBLE), 2);
    CHECK_EQ(tare_ulp_distance(-0.0, smallest, TARE_FLOAT_DOUBLE), 1);
}

TEST(octaves_have_as_many_steps_as_the_fraction_has_bits)
{
    CHECK_EQ(tare_ulp_distance(1, 2, TARE_FLOAT_DOUBLE), 1LL << 52);
    CHECK_EQ(tare_ulp_distance(1, 2, TARE_FLOAT_SINGLE), 1 << 23);
    CHECK_EQ(tare_ulp_distance(2, 1, TARE_FLOAT_HALF), 1 << 10);
    CHECK(tare_ulp_distance(-DBL_MAX, DBL_MAX, TARE_FLOAT_DOUBLE) > UINT64_C(1) << 63);
}

TEST(what_is_no_number_is_nowhere)
{
    CHECK(tare_ulp_distance(NAN, 1, TARE_FLOAT_DOUBLE) == TARE_ULP_NONE);
    CHECK(tare_ulp_distance(1, NAN, TARE_FLOAT_HALF) == TARE_ULP_NONE);
    CHECK_EQ(tare_ulp_distance(1, 5, TARE_FLOAT_NONE), 0);
}

TEST(halves_are_read)
{
    CHECK(tare_half_value(0x3c00) == 1.0);
    CHECK(tare_half_value(0xc000) == -2.0);
    CHECK(tare_half_value(0x7bff) == 65504.0);
    CHECK(tare_half_value(0x0001) == ldexp(1, -24));
    CHECK(tare_half_value(0x0400) == ldexp(1, -14));
    CHECK(tare_half_value(0x3555) == 1365.0 / 4096);
    CHECK(isinf(tare_half_value(0xfc00)) && tare_half_value(0xfc00) < 0);
    CHECK(isnan(tare_half_value(0x7e00)));
    CHECK(signbit(tare_half_value(0x8000)) != 0);
}

TEST(every_half_comes_back)
{
    int wrong = 0;
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
        double value = tare_half_value((uint16_t)bits);
        if (isnan(value))
            wrong += (tare_half_bits(value) & 0x7fff) != 0x7e00;
        else
            wrong += tare_half_bits(value) != bits;
    }
    CHECK_EQ(wrong, 0);
}

TEST(between_two_halves_the_nearer_one_is_taken_and_the_even_of_two)
{
    CHECK_EQ(tare_half_bits(1.0 + 0.4 / 1024), 0x3c00);
    CHECK_EQ(tare_half_bits(1.0 + 0.6 / 1024), 0x3c01);
    CHECK_EQ(tare_half_bits(1.0 + 0.5 / 1024), 0x3c00);
    CHECK_EQ(tare_half_bits(1.0 + 1.5 / 1024), 0x3c02);
    CHECK_EQ(tare_half_bits(2047.0 / 1024 + 0.6 / 1024), 0x4000); /* into the next octave */
    CHECK_EQ(tare_half_bits(65519), 0x7bff);
    CHECK_EQ(tare_half_bits(65520), 0x7c00);
    CHECK_EQ(tare_half_bits(-1e300), 0xfc00);
    CHECK_EQ(tare_half_bits(ldexp(0.4, -24)), 0);
    CHECK_EQ(tare_half_bits(ldexp(0.6, -24)), 1);
    CHECK_EQ(tare_half_bits(ldexp(1023.6, -24)), 0x400); /* the largest of the smallest */
}
