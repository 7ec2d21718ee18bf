/* test_arrays.c - shapes, strides and counts, against indices counted by hand. */
#include "harness.h"
#include "same/arrays.h"

#include <math.h>

static const tare_close_rule exact = {.kind = TARE_CLOSE_EXACT, .nan_equal = true};

static tare_array of_doubles(const double *data, uint32_t dimensions, const int64_t *shape)
{
    tare_array array = {.data = data, .dimensions = dimensions, .shape = shape};
    int64_t    stride = sizeof *data;
    for (uint32_t d = dimensions; d-- > 0; stride *= shape[d])
        array.strides[d] = stride;
    CHECK(tare_element_parse("d", sizeof *data, &array.element, NULL) == TARE_OK);
    return array;
}

TEST(the_first_and_the_worst_are_found)
{
    double        a[6] = {0, 1, 2, 3, 4, 5}, b[6] = {0, 1, 2.5, 3, 8, 5};
    const int64_t shape[] = {6};
    tare_tally    tally = {0};
    tare_array    left = of_doubles(a, 1, shape), right = of_doubles(b, 1, shape);
    tare_places   places = tare_arrays_compare(&exact, &left, &right, &tally);
    CHECK_EQ(tally.compared, 6);
    CHECK_EQ(tally.differing, 2);
    CHECK_EQ(places.first_index, 2);
    CHECK_EQ(places.worst_index, 4);
    CHECK(tally.worst_absolute == 4 && tally.worst_relative == 0.5);
}

TEST(strides_may_turn_round_repeat_and_skip)
{
    double        a[6] = {0, 1, 2, 3, 4, 5}, back[6] = {5, 4, 3, 2, 1, 0};
    const int64_t shape[] = {2, 3}, one[] = {6}, many[] = {1000};
    tare_tally    tally = {0};
    tare_array    left = of_doubles(a, 2, shape), right = of_doubles(back + 5, 2, shape);
    right.strides[0] = -(int64_t)(3 * sizeof(double));
    right.strides[1] = -(int64_t)sizeof(double);
    CHECK(tare_arrays_compare(&exact, &left, &right, &tally).first_index == TARE_NO_PLACE);
    CHECK_EQ(tally.compared, 6);
    left = of_doubles(a, 1, one);
    right = of_doubles(back, 1, one);
    right.strides[0] = 0; /* 5, six times */
    tally = (tare_tally){0};
    CHECK(tare_arrays_compare(&exact, &left, &right, &tally).first_index == 0);
    CHECK_EQ(tally.differing, 5);
    left = of_doubles(a + 1, 1, many);
    left.strides[0] = 0;
    right = left;
    tally = (tare_tally){0};
    (void)tare_arrays_compare(&exact, &left, &right, &tally);
    CHECK_EQ(tally.compared, 1000);
}

TEST(rows_are_counted_in_c_order)
{
    double        a[24], b[24];
    const int64_t shape[] = {2, 3, 4};
    tare_tally    tally = {0};
    for (int i = 0; i < 24; i++)
        a[i] = b[i] = i;
    b[1 * 12 + 2 * 4 + 3] = -1;
    b[1 * 12 + 0 * 4 + 1] = -1;
    tare_array  left = of_doubles(a, 3, shape), right = of_doubles(b, 3, shape);
    tare_places places = tare_arrays_compare(&exact, &left, &right, &tally);
    CHECK_EQ(places.first_index, 13);
    CHECK_EQ(tally.differing, 2);
    CHECK_EQ(tally.compared, 24);
}

TEST(formats_may_differ)
{
    const double  a[3] = {1, 2, 3};
    const int16_t b[3] = {1, 2, 4};
    const int64_t shape[] = {3};
    tare_tally    tally = {0};
    tare_array    left = of_doubles(a, 1, shape), right = left;
    right.data = b;
    right.strides[0] = sizeof *b;
    CHECK(tare_element_parse("h", sizeof *b, &right.element, NULL) == TARE_OK);
    CHECK_EQ(tare_arrays_compare(&exact, &left, &right, &tally).first_index, 2);
    CHECK_EQ(tally.differing, 1);
}

TEST(a_scalar_has_one_element_and_an_empty_array_none)
{
    double        one = 1, two = 2;
    const int64_t empty[] = {3, 0, 2};
    tare_tally    tally = {0};
    tare_array    left = of_doubles(&one, 0, NULL), right = of_doubles(&two, 0, NULL);
    CHECK_EQ(tare_arrays_compare(&exact, &left, &right, &tally).first_index, 0);
    CHECK_EQ(tally.compared, 1);
    left = of_doubles(&one, 3, empty);
    right = of_doubles(&two, 3, empty);
    CHECK(tare_arrays_compare(&exact, &left, &right, &tally).first_index == TARE_NO_PLACE);
    CHECK_EQ(tally.compared, 1);
}

TEST(zeros_and_nans_are_looked_at)
{
    double        a[3] = {0.0, NAN, 1}, b[3] = {-0.0, NAN, 1};
    const int64_t shape[] = {3};
    tare_tally    tally = {0};
    tare_array    left = of_doubles(a, 1, shape), right = of_doubles(b, 1, shape);
    CHECK_EQ(tare_arrays_compare(&exact, &left, &right, &tally).first_index, 0);
    CHECK_EQ(tally.differing, 1);
    tare_close_rule other = {.kind = TARE_CLOSE_NUMPY};
    tally = (tare_tally){0};
    CHECK_EQ(tare_arrays_compare(&other, &left, &right, &tally).first_index, 1);
    CHECK_EQ(tally.differing, 1);
}

TEST(a_worse_pair_of_before_stays_the_worst)
{
    double        a[1] = {1}, b[1] = {1.5};
    const int64_t shape[] = {1};
    tare_tally    tally = {.worst_used = 0.9};
    tare_array    left = of_doubles(a, 1, shape), right = of_doubles(b, 1, shape);
    tare_places   places = tare_arrays_compare(&exact, &left, &right, &tally);
    CHECK(places.worst_index == TARE_NO_PLACE && places.first_index == 0);
}
