/* distribution.h - the distributions that tests and intervals are made of.
 *
 * Each is good to 1e-10 of the smaller tail and better; degrees of freedom need not be whole, and
 * a million or more are infinitely many. Sources: Abramowitz and Stegun 1964, 26.5 and 26.7; the
 * continued fraction by Lentz 1976. */
#ifndef TARE_STATS_DISTRIBUTION_H
#define TARE_STATS_DISTRIBUTION_H

/* The part of a normal distribution below z, and above it. */
double tare_normal_below(double z);
double tare_normal_above(double z);

/* Below which the part p lies; -HUGE_VAL at 0, HUGE_VAL at 1. 0 <= p <= 1. */
double tare_normal_quantile(double p);

/* Student's distribution with df > 0 degrees of freedom. */
double tare_student_below(double t, double df);
double tare_student_quantile(double p, double df);

/* Two-sided: the chance of at least |t| where the mean is zero. */
double tare_student_p(double t, double df);

/* How many standard errors reach as far as a two-sided interval of this level, 0 < level < 1. */
double tare_student_reach(double level, double df);

/* The chance of at least f in a test of variances with these degrees of freedom. */
double tare_fisher_p(double f, double df_above, double df_below);

#endif
