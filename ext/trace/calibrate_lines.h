/* calibrate_lines.h - what hearing of a line costs, here and now. */
#ifndef TARE_EXT_CALIBRATE_LINES_H
#define TARE_EXT_CALIBRATE_LINES_H

#include "trace/line_merge.h"

/* In a measurement of nothing else. False, and costs of 0, when that failed. Some milliseconds. */
bool tare_calibrate_lines(tare_line_costs *costs_out);

#endif
