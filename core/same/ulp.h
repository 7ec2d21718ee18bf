/* ulp.h - how many numbers lie between two: the distance in units in the last place.
 *
 * Bits of an IEEE number, read as an integer, count the numbers from 0 on; so the difference of
 * two such counts is how many steps lie between. Both zeros are one place. */
#ifndef TARE_SAME_ULP_H
#define TARE_SAME_ULP_H

#include <stdint.h>

typedef enum tare_float_width {
    TARE_FLOAT_NONE = 0, /* whole numbers: they have no last place */
    TARE_FLOAT_HALF = 16,
    TARE_FLOAT_SINGLE = 32,
    TARE_FLOAT_DOUBLE = 64
} tare_float_width;

#define TARE_ULP_NONE UINT64_MAX

/* Steps between a and b among numbers of that width, to which both are rounded first.
 * TARE_ULP_NONE when one of them is not a number; 0 for TARE_FLOAT_NONE. O(1). */
uint64_t tare_ulp_distance(double a, double b, tare_float_width width);

/* From the 16 bits of a half to its value, which is exact. */
double tare_half_value(uint16_t bits);

/* To the nearest half, ties to even; beyond the largest one infinity. */
uint16_t tare_half_bits(double value);

#endif
