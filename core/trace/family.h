/* family.h - what was measured within a process and in its forked children, as one. */
#ifndef TARE_TRACE_FAMILY_H
#define TARE_TRACE_FAMILY_H

#include "model/profile.h"

/* Adds what a child counted, and what its provenance counts; the rest of the parent's provenance
 * stays. cut: the child ended before it could write everything. INCOMPATIBLE unless both are
 * traces, or of lines, or of memory; after another failure parent can only be deinitialised.
 * O(size of child). */
TARE_MUST_USE tare_status tare_family_join(tare_profile *parent, const tare_profile *child,
                                           bool cut, tare_error *err);

#endif
