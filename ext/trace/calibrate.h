/* calibrate.h - measures, in this process, what it costs to hear of its calls. */
#ifndef TARE_EXT_CALIBRATE_H
#define TARE_EXT_CALIBRATE_H

#include "trace/cost.h"

#include <stdbool.h>

/* Runs small loops of its own, some milliseconds, and listens to half of them, as the options of
 * the engine say: it is active, and what it has heard afterwards is of no use. False, and costs
 * that take nothing off, when that was not possible. */
bool tare_calibrate(tare_costs *costs_out);

#endif
