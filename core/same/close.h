/* close.h - are two numbers the same, by a rule?
 *
 *     kind     a and b agree when                                     default tolerances
 *     EXACT    they are equal, zeros in sign too
 *     NUMPY    |a - b| <= absolute + relative * |b|                    as numpy.testing
 *     MATH     |a - b| <= max(relative * max(|a|, |b|), absolute)      as math.isclose
 *     PYTEST   |a - b| <= max(relative * |b|, absolute)                as pytest.approx
 *     SIGMA    |a - b| <= sigmas * the standard error of a - b
 *
 * Whatever the kind, two that are at most ulp steps apart agree, infinities agree with themselves
 * alone, and what is not a number agrees with its like where nan_equal says so. A complex number
 * is not one when a part of it is not (of PYTEST: when its absolute value is not).
 *
 * In SIGMA both are estimates from the same number of random draws. Their standard error is given,
 * or follows from how many draws there were: a is then scale times the share of draws that hit, so
 * that of a share p it is sqrt(p (1 - p) / draws). */
#ifndef TARE_SAME_CLOSE_H
#define TARE_SAME_CLOSE_H

#include "same/ulp.h"

#include <stdbool.h>

typedef enum tare_close_kind {
    TARE_CLOSE_EXACT,
    TARE_CLOSE_NUMPY,
    TARE_CLOSE_MATH,
    TARE_CLOSE_PYTEST,
    TARE_CLOSE_SIGMA,
    TARE_CLOSE_COUNT
} tare_close_kind;

typedef struct tare_close_rule {
    tare_close_kind kind;
    bool            nan_equal;
    bool            absolute_alone; /* PYTEST: relative does not count */
    double          relative;
    double          absolute;
    uint64_t        ulp;
    double          sigmas;
    double          error;      /* of one estimate; 0: from draw_count and scale */
    double          draw_count; /* SIGMA without an error: > 0 */
    double          scale;      /* likewise */
} tare_close_rule;

/* A number of any kind that is compared; im is 0 but for complex ones. long double holds every
 * integer of 64 bits and every double. */
typedef struct tare_number {
    long double      re, im;
    tare_float_width width; /* NONE: a whole number */
    bool             complex;
} tare_number;

/* How far apart two numbers are. All 0 when they are equal. */
typedef struct tare_gap {
    double   absolute; /* |a - b|; NaN where one is not finite and they do not agree */
    double   relative; /* |a - b| / |b|; 0 where b is 0 */
    uint64_t ulp;      /* of parts the larger; TARE_ULP_NONE as in ulp.h */
    double   used;     /* |a - b| as a part of what is allowed; without such, of the larger one */
} tare_gap;

/* The first is for speed, and the second's for doubles. gap_out is always written. O(1). */
bool tare_close_doubles(const tare_close_rule *rule, double a, double b, tare_gap *gap_out);
bool tare_close_numbers(const tare_close_rule *rule, const tare_number *a, const tare_number *b,
                        tare_gap *gap_out);

/* The gap of two whole numbers which no tare_number holds, from their difference and sizes; and
 * whether they agree. Infinite where a double ends. */
bool tare_close_whole(const tare_close_rule *rule, double difference, double a, double b,
                      tare_gap *gap_out);

#endif
