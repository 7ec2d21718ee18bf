/* listen.h - how the engine is told of calls: one implementation per way of CPython's.
 *
 *     listen_monitoring.c   3.12 and later: sys.monitoring, with a callback type of our own
 *     listen_frames.c       3.11: the frame evaluation hook, or a profile function
 *
 * All of it is process-wide and of the main interpreter. */
#ifndef TARE_EXT_LISTEN_H
#define TARE_EXT_LISTEN_H

#include "base/status.h"

#include <stdbool.h>

/* As tare_trace.options say; sets tare_trace.hook. */
TARE_MUST_USE tare_status tare_listen_begin(tare_error *err);
void                      tare_listen_end(void);
/* Is Python code slower between two events, for being listened to? */
bool tare_listen_slows(void);
/* From time to time: are we still heard, and are there threads that we do not hear? */
void tare_listen_again(void);

#endif
