/* notes.h - what a measurement of memory says about itself: provenance and labels. */
#ifndef TARE_EXT_NOTES_H
#define TARE_EXT_NOTES_H

#include "memory/engine.h"

/* What is known at the start, the label sets too; and what has become of it by now. */
TARE_MUST_USE tare_status tare_memory_notes_begin(tare_error *err);
TARE_MUST_USE tare_status tare_memory_notes_update(tare_error *err);

#endif
