/* ulp.c - places of numbers in their order.
 *
 *     bits as an integer    0x8001 ... 0x8000 | 0x0000  0x0001 ... 0x7c00
 *     number                -small ... -0     | +0      small  ... infinity
 *     place                 -1     ... 0      | 0       1      ... 0x7c00
 *
 * A number without its sign is ordered as its bits are, so a negative one's place is the negative
 * of that. Cost: some shifts; no table, no loop. */
#include "same/ulp.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { HALF_FRACTION_BITS = 10, HALF_BIAS = 15, HALF_INFINITY = 0x7c00, HALF_NAN = 0x7e00 };

static int64_t place(uint64_t magnitude, bool negative)
{
    return negative ? -(int64_t)magnitude : (int64_t)magnitude;
}

static int64_t place_of_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return place(bits & INT64_MAX, bits >> 63 != 0);
}

static int64_t place_of_single(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return place(bits & INT32_MAX, bits >> 31 != 0);
}

static int64_t place_of_half(double value)
{
    uint16_t bits = tare_half_bits(value);
    return place(bits & INT16_MAX, bits >> 15 != 0);
}

static int64_t place_of(double value, tare_float_width width)
{
    switch (width) {
    case TARE_FLOAT_HALF:
        return place_of_half(value);
    case TARE_FLOAT_SINGLE:
        return place_of_single((float)value);
    case TARE_FLOAT_DOUBLE:
        return place_of_double(value);
    case TARE_FLOAT_NONE:
        break;
    }
    return 0;
}

uint64_t tare_ulp_distance(double a, double b, tare_float_width width)
{
    if (isnan(a) || isnan(b))
        return TARE_ULP_NONE;
    int64_t left = place_of(a, width), right = place_of(b, width);
    return left > right ? (uint64_t)left - (uint64_t)right : (uint64_t)right - (uint64_t)left;
}

double tare_half_value(uint16_t bits)
{
    int    exponent = bits >> HALF_FRACTION_BITS & 0x1f;
    int    fraction = bits & 0x3ff;
    double value;
    if (exponent == 0x1f)
        value = fraction == 0 ? HUGE_VAL : NAN;
    else if (exponent == 0)
        value = ldexp(fraction, 1 - HALF_BIAS - HALF_FRACTION_BITS);
    else
        value = ldexp(0x400 + fraction, exponent - HALF_BIAS - HALF_FRACTION_BITS);
    return bits >> 15 != 0 ? -value : value;
}

uint16_t tare_half_bits(double value)
{
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double   size = fabs(value);
    int      exponent;
    if (isnan(value))
        return (uint16_t)(sign | HALF_NAN);
    if (size >= 65520) /* half a step beyond the largest one */
        return (uint16_t)(sign | HALF_INFINITY);
    (void)frexp(size, &exponent);
    if (size == 0 || exponent < 2 - HALF_BIAS)
        exponent = 2 - HALF_BIAS; /* the smallest have a step in common */
    /* In steps of the last place; a carry into the exponent is what it should be. */
    double steps = nearbyint(ldexp(size, HALF_FRACTION_BITS + 1 - exponent));
    int    bits = (exponent - (2 - HALF_BIAS)) * (1 << HALF_FRACTION_BITS) + (int)steps;
    return (uint16_t)(sign | bits);
}
