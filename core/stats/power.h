/* power.h - what an experiment of this size can see.
 *
 * A mean that is shift standard errors away from zero is found, its interval leaves zero, in this
 * part of the experiments: the noncentral distribution of Student's, two-sided. */
#ifndef TARE_STATS_POWER_H
#define TARE_STATS_POWER_H

/* The part of such experiments that is promised wherever a smallest change is named. */
#define TARE_POWER_PROMISED 0.8

double tare_power_of(double shift, double df, double level);

/* The shift that is found with that power; 0 < power < 1, above 1 - level. */
double tare_power_shift(double power, double df, double level);

#endif
