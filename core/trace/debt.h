/* debt.h - how much longer a call is to be made, when it is too short for that by itself.
 *
 *     call  add(ratio x its time)   add   add   due!  burn, pay(what it took)   add ...
 *             |---- too little to burn: the clock alone costs more ----|
 *
 * What is owed is kept until it is worth a look at the clock, and what was burnt too much is taken
 * off what comes: over all calls the ratio is right, to one stretch of TARE_DEBT_LEAST_NS. */
#ifndef TARE_TRACE_DEBT_H
#define TARE_TRACE_DEBT_H

#include <stdint.h>

enum { TARE_DEBT_LEAST_NS = 20000 };

/* Zeroed is valid: nothing is owed. */
typedef struct tare_debt {
    double owed_ns; /* negative: paid in advance */
} tare_debt;

/* ratio of so many nanoseconds is owed more. */
static inline void tare_debt_add(tare_debt *debt, double ratio, uint64_t ns)
{
    debt->owed_ns += ratio * (double)ns;
}

/* To be burnt now; 0: not yet. */
static inline uint64_t tare_debt_due(const tare_debt *debt)
{
    return debt->owed_ns >= TARE_DEBT_LEAST_NS ? (uint64_t)debt->owed_ns : 0;
}

static inline void tare_debt_pay(tare_debt *debt, uint64_t ns)
{
    debt->owed_ns -= (double)ns;
}

#endif
