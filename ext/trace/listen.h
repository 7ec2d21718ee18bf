/* listen.h - how the engine is told of what runs: one listener for what is measured, and one
 * implementation of it for each way of CPython's.
 *
 *                            calls                  lines
 *     3.12 and later         listen_monitoring.c    line_monitoring.c    sys.monitoring
 *     3.11                   listen_frames.c        line_frames.c        the hook that
 *                                                                        evaluates frames
 *
 * All of it is process-wide and of the main interpreter. */
#ifndef TARE_EXT_LISTEN_H
#define TARE_EXT_LISTEN_H

#include "base/status.h"

#include <stdbool.h>

typedef struct tare_listener {
    /* As tare_trace.options say; sets tare_trace.hook. */
    tare_status (*begin)(tare_error *err);
    void (*end)(void);
    /* Is Python code slower between two events, for being listened to? */
    bool (*slows)(void);
    /* From time to time: are we still heard, and are there threads that we do not hear? */
    void (*begin_again)(void);
} tare_listener;

extern const tare_listener tare_listen_calls, tare_listen_lines;

#endif
