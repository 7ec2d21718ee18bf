/* decimal.c - digits and a power of ten.
 *
 *     "12.50e-3"  ->  digits 1250, exponent -5
 *
 * Exponents stop at +-LARGEST_EXPONENT: beyond it everything is 0 or too large anyway.
 * Cost: O(length). */
#include "io/decimal.h"

#include <math.h>

enum { MOST_DIGITS = 19, LARGEST_EXPONENT = 400, BASE = 10 };

static bool is_digit(const char *text, size_t size, size_t at)
{
    return at < size && text[at] >= '0' && text[at] <= '9';
}

/* The digits from at on; those that no longer fit raise the exponent. */
static size_t read_digits(const char *text, size_t size, size_t at, bool fraction,
                          tare_decimal *out, int *count)
{
    for (; is_digit(text, size, at); at++) {
        if (*count < MOST_DIGITS) {
            out->digits = out->digits * BASE + (uint64_t)(text[at] - '0');
            *count += out->digits > 0;
            out->exponent -= fraction && out->exponent > -LARGEST_EXPONENT;
        } else {
            out->is_whole = false;
            out->exponent += !fraction && out->exponent < LARGEST_EXPONENT;
        }
    }
    return at;
}

/* The exponent behind "e", if there is one: where it ends. */
static size_t read_exponent(const char *text, size_t size, size_t at, tare_decimal *out)
{
    size_t begin = at;
    if (at >= size || (text[at] != 'e' && text[at] != 'E'))
        return begin;
    at++;
    bool negative = at < size && text[at] == '-';
    at += at < size && (text[at] == '-' || text[at] == '+');
    if (!is_digit(text, size, at))
        return begin;
    int32_t exponent = 0;
    for (; is_digit(text, size, at); at++) {
        if (exponent < LARGEST_EXPONENT)
            exponent = exponent * BASE + (text[at] - '0');
    }
    out->exponent += negative ? -exponent : exponent;
    out->is_whole = false;
    return at;
}

size_t tare_decimal_read(const char *text, size_t size, tare_decimal *out)
{
    size_t at = 0;
    int    count = 0;
    *out = (tare_decimal){.is_whole = true};
    if (at < size && (text[at] == '-' || text[at] == '+'))
        out->negative = text[at++] == '-';
    bool   whole = is_digit(text, size, at);
    size_t end = read_digits(text, size, at, false, out, &count);
    if (end < size && text[end] == '.' && (whole || is_digit(text, size, end + 1))) {
        out->is_whole = false;
        whole = true;
        end = read_digits(text, size, end + 1, true, out, &count);
    }
    return whole ? read_exponent(text, size, end, out) : 0;
}

bool tare_decimal_scale(const tare_decimal *decimal, int32_t power, uint64_t *out)
{
    int32_t  exponent = decimal->exponent + power;
    uint64_t value = decimal->digits;
    uint64_t dropped = 0;
    *out = 0;
    if (decimal->negative && value > 0)
        return false;
    for (; exponent > 0 && value > 0; exponent--) {
        if (__builtin_mul_overflow(value, (uint64_t)BASE, &value))
            return false;
    }
    for (; exponent < 0 && (value > 0 || dropped > 0); exponent++) {
        dropped = value % BASE;
        value /= BASE;
    }
    value += dropped >= BASE / 2;
    *out = value;
    return value <= INT64_MAX;
}

double tare_decimal_double(const tare_decimal *decimal)
{
    long double value = (long double)decimal->digits * powl(BASE, decimal->exponent);
    return (double)(decimal->negative ? -value : value);
}

bool tare_round_scaled(double seconds, double scale, uint64_t *out)
{
    double value = seconds * scale;
    *out = 0;
    if (!isfinite(value) || value >= (double)INT64_MAX)
        return false;
    if (value > 0)
        *out = (uint64_t)(value + 0.5);
    return true;
}
