/* interval.h - how sure a sampled share is.
 *
 * A share is the fraction of the run's ticks that hit something. Ticks are spread
 * over the run at random, one in each period, so the binomial interval is an upper
 * bound of the true error whatever the program does (stratified sampling never has
 * more variance). The interval speaks of this run, not of the next one.
 * 95 % throughout. Source: Wilson 1927; Brown, Cai, DasGupta 2001. */
#ifndef TARE_STATS_INTERVAL_H
#define TARE_STATS_INTERVAL_H

typedef struct tare_estimate {
    double value;
    double low;
    double high;
} tare_estimate;

/* Samples of unequal weight count like this many equal ones: (sum w)^2 / sum w^2. */
double tare_effective_count(double weight_sum, double weight_squared_sum);

/* Wilson score interval for a share in [0, 1] seen in effective_count samples.
 * No samples: 0 [0, 1]. Several threads can sum to more than 1: the share is then a
 * rate per tick and gets the Poisson score interval instead. */
tare_estimate tare_share_interval(double share, double effective_count);

/* The most the whole can gain when a part of that share costs nothing: the ratio
 * old / new = 1 / (1 - share), each bound mapped; HUGE_VAL where the share reaches 1. */
tare_estimate tare_amdahl_ratio(tare_estimate share);

#endif
