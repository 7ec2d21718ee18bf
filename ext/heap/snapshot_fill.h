/* snapshot_fill.h - all objects of the interpreter, as a snapshot. */
#ifndef TARE_EXT_SNAPSHOT_FILL_H
#define TARE_EXT_SNAPSHOT_FILL_H

#include "heap/survey.h"

#include "heap/snapshot.h"

/* snapshot is initialised and has no types and no objects. */
TARE_MUST_USE tare_status tare_snapshot_fill(tare_snapshot *snapshot, const tare_survey *survey,
                                             tare_error *err);

#endif
