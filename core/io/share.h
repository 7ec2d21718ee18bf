/* share.h - a whole number divided in proportion, so that the parts add up to it exactly. */
#ifndef TARE_IO_SHARE_H
#define TARE_IO_SHARE_H

#include "base/alloc.h"

/* parts[i] is total * weights[i] / sum of weights, rounded down or up: those that lose most by
 * rounding down get one more, earlier ones first. Weights are finite and not below 0; when all are
 * 0 the first part gets everything. count > 0. O(count log count). */
TARE_MUST_USE tare_status tare_share_out(uint64_t total, const double *weights, uint32_t count,
                                         uint64_t *parts, const tare_alloc *alloc, tare_error *err);

#endif
