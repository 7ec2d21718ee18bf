/* sequential.c - where a walk has to be stopped so that it crosses as rarely as was allotted.
 *
 *      b(1)  .
 *            |  b(2) .
 *     -------+-------|-------- walk of the sum of the log ratios, in units of its last deviation
 *            |       '
 *            '                  time: processes by the most there may be
 *
 * The density of the walks that are still inside is carried from look to look (Armitage, McPherson
 * and Rowe 1969), at POINTS places of one half, since it is symmetric, and summed by Simpson's
 * rule. At each look the bound is halved in on until as many cross as are allotted; its distance,
 * in deviations at that time, is a level. That level then is Student's for the processes there
 * are: for a spread that is not known an approximation (Jennison and Turnbull 2000, 4.4). It makes
 * too many cross, by some 4 in 100 of the rate, or by 8 with a look after every second process, so
 * a twentieth of the rate is kept back.
 *
 * Cost: looks * POINTS^2 exponentials, half a millisecond each. */
#include "stats/sequential.h"

#include "stats/distribution.h"
#include "stats/paired.h"

#include <math.h>

enum { POINTS = 129, HALVINGS = 50, P_HALVINGS = 30 };

static const double least_p = 1e-100; /* smaller ones are as good as this */
static const double kept_back = 0.05; /* of what may be spent, with more than one look */

/* density[i]: of the walks inside, at edge * i / (POINTS - 1). */
typedef struct walk_state {
    double time;
    double edge;
    double density[POINTS];
} walk_state;

static double place(const walk_state *walk, int i)
{
    return walk->edge * i / (POINTS - 1);
}

/* Simpson's weights for one half; the other is its mirror image. */
static double weigh(const walk_state *walk, int i)
{
    double weight = i == 0 || i == POINTS - 1 ? 1 : i % 2 != 0 ? 4 : 2;
    return weight * walk->edge / (3 * (POINTS - 1));
}

/* The part that has not crossed before and is beyond bound, on either side, after this step. */
static double cross(const walk_state *walk, double step, double bound)
{
    if (walk->time == 0)
        return 2 * tare_normal_above(bound / step);
    double sum = 0;
    for (int i = 0; i < POINTS; i++) {
        double at = place(walk, i);
        sum += 2 * weigh(walk, i) * walk->density[i] *
               (tare_normal_above((bound - at) / step) + tare_normal_above((bound + at) / step));
    }
    return sum;
}

static double find_bound(const walk_state *walk, double step, double allotted)
{
    double low = 0;
    double high = 40 * step + walk->edge;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (cross(walk, step, middle) > allotted)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static double normal_density(double z)
{
    return exp(-z * z / 2) * 0.3989422804014327;
}

static double arrive(const walk_state *walk, double step, double at)
{
    if (walk->time == 0)
        return normal_density(at / step) / step;
    double sum = 0;
    for (int i = 0; i < POINTS; i++) {
        double from = place(walk, i);
        sum += weigh(walk, i) * walk->density[i] *
               (normal_density((at - from) / step) + normal_density((at + from) / step));
    }
    return sum / step;
}

/* Up to time: the chance, for that time alone, to lie beyond the bound at which exactly what is
 * allotted crosses. */
static double advance(walk_state *before, double time, double allotted)
{
    walk_state after = {.time = time};
    double     step = sqrt(time - before->time);
    after.edge = find_bound(before, step, allotted);
    for (int i = 0; i < POINTS; i++)
        after.density[i] = arrive(before, step, place(&after, i));
    *before = after;
    return 2 * tare_normal_above(after.edge / sqrt(time));
}

static tare_status check_looks(const size_t *looks, size_t look_count, size_t count,
                               tare_error *err)
{
    if (look_count == 0 || look_count > TARE_SEQUENTIAL_MAX_LOOKS)
        return tare_fail(err, TARE_USAGE, "%zu looks: from 1 to %d can be preset", look_count,
                         TARE_SEQUENTIAL_MAX_LOOKS);
    for (size_t i = 0; i < look_count; i++) {
        size_t least = i > 0 ? looks[i - 1] + 1 : 1;
        if (looks[i] < least)
            return tare_fail(err, TARE_USAGE, "look %zu is after %zu processes: looks ascend",
                             i + 1, looks[i]);
    }
    if (count == 0 || count > looks[look_count - 1])
        return tare_fail(err, TARE_USAGE, "%zu processes: the looks are after 1 to %zu", count,
                         looks[look_count - 1]);
    return TARE_OK;
}

/* The rate of the look after count processes by itself, for a rate of all looks together. */
static double rate_of_look(const size_t *looks, size_t look_count, size_t count, double rate)
{
    double     most = (double)looks[look_count - 1];
    double     whole = rate * (look_count > 1 ? 1 - kept_back : 1);
    double     spent = 0;
    walk_state walk = {.time = 0};
    for (size_t i = 0; i < look_count && looks[i] < count; i++) {
        double time = (double)looks[i] / most;
        (void)advance(&walk, time, whole * time * time - spent);
        spent = whole * time * time;
    }
    double time = (double)count / most;
    return advance(&walk, time, whole * time * time - spent);
}

tare_status tare_sequential_level(const size_t *looks, size_t look_count, size_t count,
                                  double level, double *level_out, tare_error *err)
{
    TARE_TRY(check_looks(looks, look_count, count, err));
    *level_out = 1 - rate_of_look(looks, look_count, count, 1 - level);
    return TARE_OK;
}

tare_status tare_sequential_p(const size_t *looks, size_t look_count, size_t count, double p,
                              double *p_out, tare_error *err)
{
    TARE_TRY(check_looks(looks, look_count, count, err));
    double low = log(fmax(p, least_p));
    double high = 0;
    for (int i = 0; i < P_HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (rate_of_look(looks, look_count, count, exp(middle)) < p)
            low = middle;
        else
            high = middle;
    }
    *p_out = exp(high);
    return TARE_OK;
}

static tare_decision decide(tare_estimate log_ratio, double same)
{
    if (log_ratio.low >= -same && log_ratio.high <= same)
        return TARE_DECISION_SAME;
    if (log_ratio.low > 0)
        return TARE_DECISION_FASTER;
    return log_ratio.high < 0 ? TARE_DECISION_SLOWER : TARE_DECISION_NONE;
}

tare_look tare_sequential_look(const double *log_ratios, size_t count, double level_used,
                               double least)
{
    tare_sample   sample = tare_sample_of(log_ratios, count);
    tare_estimate log_ratio = tare_sample_interval(&sample, level_used);
    return (tare_look){
        .ratio = tare_paired_ratio(log_ratio),
        .level_used = level_used,
        .decided = decide(log_ratio, log1p(least)),
    };
}
