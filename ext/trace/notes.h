/* notes.h - what a trace says about itself and its threads: provenance and labels. */
#ifndef TARE_EXT_NOTES_H
#define TARE_EXT_NOTES_H

#include "trace/engine.h"

/* What is known at the start; and what has become of it by now. */
TARE_MUST_USE tare_status tare_notes_begin(tare_error *err);
TARE_MUST_USE tare_status tare_notes_update(tare_error *err);

/* Sets thread->label_set: process, thread, main, as the sampler has them. */
TARE_MUST_USE tare_status tare_notes_label(tare_trace_thread *thread);

#endif
