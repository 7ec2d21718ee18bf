/* test_decimal.c - digits, powers of ten, and rounding to whole numbers. */
#include "harness.h"

#include "io/decimal.h"

#include <math.h>
#include <string.h>

static size_t read(const char *text, tare_decimal *out)
{
    return tare_decimal_read(text, strlen(text), out);
}

static uint64_t scaled(const char *text, int32_t power)
{
    tare_decimal decimal;
    uint64_t     value = 0;
    CHECK_EQ(read(text, &decimal), strlen(text));
    CHECK(tare_decimal_scale(&decimal, power, &value));
    return value;
}

TEST(numbers_take_what_belongs_to_them)
{
    tare_decimal decimal;
    CHECK_EQ(read("12 ", &decimal), 2);
    CHECK(decimal.is_whole && decimal.digits == 12 && decimal.exponent == 0);
    CHECK_EQ(read("-12.50e-3x", &decimal), 9);
    CHECK(!decimal.is_whole && decimal.negative && decimal.digits == 1250);
    CHECK_EQ(decimal.exponent, -5);
    CHECK_EQ(read("7e", &decimal), 1);
    CHECK_EQ(read("7e+", &decimal), 1);
    CHECK_EQ(read("7.", &decimal), 2);
    CHECK_EQ(read(".5", &decimal), 2);
    CHECK_EQ(read("", &decimal), 0);
    CHECK_EQ(read("-", &decimal), 0);
    CHECK_EQ(read(".", &decimal), 0);
    CHECK_EQ(read("e5", &decimal), 0);
}

TEST(scaling_is_exact_and_rounds_to_the_nearest)
{
    CHECK_EQ(scaled("0.001234", 9), 1234000);
    CHECK_EQ(scaled("1.5", 0), 2);
    CHECK_EQ(scaled("1.4999", 0), 1);
    CHECK_EQ(scaled("0.4", 0), 0);
    CHECK_EQ(scaled("12e3", -3), 12);
    CHECK_EQ(scaled("123456789012345678", 0), 123456789012345678);
    CHECK_EQ(scaled("9.9e-500", 9), 0);
    CHECK_EQ(scaled("-0", 0), 0);
    CHECK_EQ(scaled("000000000000000000000000012", 0), 12);
}

TEST(what_does_not_fit_is_refused)
{
    tare_decimal decimal;
    uint64_t     value;
    read("1e300", &decimal);
    CHECK(!tare_decimal_scale(&decimal, 0, &value));
    read("99999999999999999999999", &decimal);
    CHECK(!decimal.is_whole);
    CHECK(!tare_decimal_scale(&decimal, 0, &value));
    read("9223372036854775808", &decimal);
    CHECK(!tare_decimal_scale(&decimal, 0, &value));
    read("-1", &decimal);
    CHECK(!tare_decimal_scale(&decimal, 0, &value));
    read("1e99999999999", &decimal);
    CHECK(!tare_decimal_scale(&decimal, 0, &value));
    read("1e-99999999999", &decimal);
    CHECK(tare_decimal_scale(&decimal, 9, &value) && value == 0);
}

TEST(doubles)
{
    tare_decimal decimal;
    uint64_t     value;
    read("-1.25", &decimal);
    CHECK(tare_decimal_double(&decimal) == -1.25);
    CHECK(tare_round_scaled(1.5e-9, 1e9, &value) && value == 2);
    CHECK(tare_round_scaled(-1, 1e9, &value) && value == 0);
    CHECK(!tare_round_scaled(NAN, 1e9, &value));
    CHECK(!tare_round_scaled(INFINITY, 1e9, &value));
    CHECK(!tare_round_scaled(1e10, 1e9, &value));
}
