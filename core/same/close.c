/* close.c - rules of closeness.
 *
 * A rule is what it allows: a function from the sizes of both numbers to a tolerance. The rest is
 * the same for all of them, and in this order:
 *
 *     equal?  ->  not a number?  ->  infinite?  ->  |a - b| <= allowed, or few enough steps
 *
 * Arithmetic is that of doubles wherever both numbers are doubles, in the order in which the
 * originals do it, so that the same values stand on the same side of a tolerance. Whole numbers
 * beyond 2^53 are subtracted before they are rounded.
 * Left out: tolerances in the width of single or half arrays; they would be coarser than asked. */
#include "same/close.h"

#include <math.h>

static const tare_gap none = {0};

/* The standard error of the difference of two estimates; NaN where there can be no share. */
static double error_of_difference(const tare_close_rule *rule, double a, double b)
{
    if (rule->error > 0)
        return sqrt(2) * rule->error;
    double share = (a + b) / (2 * rule->scale);
    return sqrt(2 * share * (1 - share) / rule->draw_count) * fabs(rule->scale);
}

/* b is what is expected, where a rule makes a difference. */
static double allowed_between(const tare_close_rule *rule, double a, double b)
{
    double size = fabs(b);
    switch (rule->kind) {
    case TARE_CLOSE_NUMPY:
        return rule->absolute + rule->relative * size;
    case TARE_CLOSE_MATH:
        return fmax(rule->relative * fmax(fabs(a), size), rule->absolute);
    case TARE_CLOSE_PYTEST:
        return rule->absolute_alone ? rule->absolute : fmax(rule->relative * size, rule->absolute);
    case TARE_CLOSE_SIGMA:
        return rule->sigmas * error_of_difference(rule, a, b);
    case TARE_CLOSE_EXACT:
    case TARE_CLOSE_COUNT:
        break;
    }
    return 0;
}

static double part_used(double difference, double allowed, double a, double b)
{
    double size = fmax(fabs(a), fabs(b));
    if (allowed > 0)
        return difference / allowed;
    return size > 0 ? difference / size : difference;
}

/* Both finite, and not equal. */
static bool judge(const tare_close_rule *rule, double difference, double a, double b, tare_gap *gap)
{
    double allowed = allowed_between(rule, a, b);
    gap->absolute = difference;
    gap->relative = b != 0 ? difference / fabs(b) : 0;
    gap->used = part_used(difference, allowed, a, b);
    bool within = difference <= allowed && rule->kind != TARE_CLOSE_EXACT;
    return within || (rule->ulp > 0 && gap->ulp <= rule->ulp);
}

static tare_gap apart(void)
{
    return (tare_gap){.absolute = NAN, .relative = NAN, .ulp = TARE_ULP_NONE, .used = NAN};
}

bool tare_close_doubles(const tare_close_rule *rule, double a, double b, tare_gap *gap_out)
{
    *gap_out = none;
    if (a == b)
        return rule->kind != TARE_CLOSE_EXACT || signbit(a) == signbit(b) || rule->ulp > 0;
    if (isnan(a) && isnan(b) && rule->nan_equal)
        return true;
    if (!isfinite(a) || !isfinite(b)) {
        *gap_out = apart();
        return false;
    }
    gap_out->ulp = tare_ulp_distance(a, b, TARE_FLOAT_DOUBLE);
    return judge(rule, fabs(a - b), a, b, gap_out);
}

static bool is_wide(long double value)
{
    return (long double)(double)value != value;
}

static double difference_of(long double a, long double b)
{
    return is_wide(a) || is_wide(b) ? (double)(a - b) : (double)a - (double)b;
}

/* A step of which of the two is meant? Of the wider one's fewer are there. */
static tare_float_width common_width(const tare_number *a, const tare_number *b)
{
    if (a->width == TARE_FLOAT_NONE)
        return b->width;
    return b->width == TARE_FLOAT_NONE || a->width < b->width ? a->width : b->width;
}

static uint64_t steps_between(const tare_number *a, const tare_number *b)
{
    tare_float_width width = common_width(a, b);
    uint64_t         re = tare_ulp_distance((double)a->re, (double)b->re, width);
    uint64_t         im = tare_ulp_distance((double)a->im, (double)b->im, width);
    return re > im ? re : im;
}

static bool signs_agree(long double a, long double b)
{
    return (signbit(a) != 0) == (signbit(b) != 0);
}

static bool are_identical(const tare_close_rule *rule, const tare_number *a, const tare_number *b)
{
    if (rule->kind != TARE_CLOSE_EXACT || rule->ulp > 0)
        return true;
    return signs_agree(a->re, b->re) && (!a->complex || signs_agree(a->im, b->im));
}

static bool is_nan(const tare_close_rule *rule, const tare_number *number)
{
    if (rule->kind == TARE_CLOSE_PYTEST)
        return isnan(hypot((double)number->re, (double)number->im));
    return isnan(number->re) || isnan(number->im);
}

/* Exactly: part by part, so that what is beside a NaN counts. */
static bool parts_agree(long double a, long double b)
{
    return (isnan(a) && isnan(b)) || (a == b && signs_agree(a, b));
}

static bool nans_agree(const tare_close_rule *rule, const tare_number *a, const tare_number *b)
{
    if (!rule->nan_equal || !is_nan(rule, a) || !is_nan(rule, b))
        return false;
    return rule->kind != TARE_CLOSE_EXACT ||
           (parts_agree(a->re, b->re) && parts_agree(a->im, b->im));
}

static double size_of(const tare_number *number)
{
    return number->complex ? hypot((double)number->re, (double)number->im) : (double)number->re;
}

bool tare_close_numbers(const tare_close_rule *rule, const tare_number *a, const tare_number *b,
                        tare_gap *gap_out)
{
    *gap_out = none;
    if (a->re == b->re && a->im == b->im)
        return are_identical(rule, a, b);
    if (nans_agree(rule, a, b))
        return true;
    if (!isfinite(a->re) || !isfinite(a->im) || !isfinite(b->re) || !isfinite(b->im)) {
        *gap_out = apart();
        return false;
    }
    double re = difference_of(a->re, b->re), im = difference_of(a->im, b->im);
    gap_out->ulp = steps_between(a, b);
    bool whole = common_width(a, b) == TARE_FLOAT_NONE;
    return whole ? tare_close_whole(rule, fabs(re), (double)a->re, (double)b->re, gap_out)
                 : judge(rule, hypot(re, im), size_of(a), size_of(b), gap_out);
}

bool tare_close_whole(const tare_close_rule *rule, double difference, double a, double b,
                      tare_gap *gap_out)
{
    tare_close_rule without_steps = *rule;
    without_steps.ulp = 0;
    *gap_out = none;
    if (rule->kind == TARE_CLOSE_SIGMA) /* a count is no estimate */
        without_steps.kind = TARE_CLOSE_EXACT;
    return judge(&without_steps, difference, a, b, gap_out);
}
