/* decimal.h - numbers as text files write them, whatever the locale.
 *
 * A number is kept as digits and a power of ten, so that "0.001234" seconds are exactly 1,234,000
 * nanoseconds. Digits beyond the 19th only move the point. */
#ifndef TARE_IO_DECIMAL_H
#define TARE_IO_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tare_decimal {
    uint64_t digits;
    int32_t  exponent; /* value = digits * 10^exponent */
    bool     negative;
    bool     is_whole; /* written without point and exponent, and digits is all of it */
} tare_decimal;

/* Reads [+-]digits[.digits][e[+-]digits] at the start of the text, which need not end there.
 * Returns how many bytes it takes; 0 = no number. */
size_t tare_decimal_read(const char *text, size_t size, tare_decimal *out);

/* value * 10^power, rounded to the nearest; false when negative or above 2^63 - 1. */
bool tare_decimal_scale(const tare_decimal *decimal, int32_t power, uint64_t *out);

double tare_decimal_double(const tare_decimal *decimal);

/* seconds * scale as a whole number, from a double: false for what is no number or above
 * 2^63 - 1. Below zero is 0: clocks that step back leave such times. */
bool tare_round_scaled(double seconds, double scale, uint64_t *out);

#endif
