/* monitoring.h - sys.monitoring from C, on CPython 3.12 and later: our place in it, our callbacks.
 *
 * There is no C interface to register a callback, so the objects of sys.monitoring are called. A
 * callback is an instance of a type of ours that is called by vectorcall: 16 ns an event instead
 * of 26 for a builtin function (measured). Numbers of events are asked for by name, because they
 * change between versions. The tool id is one that nobody uses, so that a debugger, coverage or
 * cProfile go on beside us. */
#ifndef TARE_EXT_MONITORING_H
#define TARE_EXT_MONITORING_H

#include "common/pycompat.h"

#include "base/status.h"

#include <stdbool.h>

typedef struct tare_callback {
    PyObject       ob_base;
    vectorcallfunc call;
} tare_callback;

typedef struct tare_monitored {
    const char   *event;
    tare_callback callback;
    bool          unused; /* this time */
    bool          local;  /* of chosen code objects only */
    long          number; /* once it is open */
} tare_monitored;

/* What a callback returns so as not to be called again for that place. Borrowed, while open. */
extern PyObject *tare_monitoring_disable;

/* Registers the callbacks, and listens to those that are not local. profiler: in the place of one,
 * by the name of cProfile. On failure nothing is registered. */
TARE_MUST_USE tare_status tare_monitoring_open(tare_monitored *rows, int count, bool profiler,
                                               tare_error *err);
void                      tare_monitoring_close(tare_monitored *rows, int count);

/* Listens to the local ones in that code object too, until it is closed. Keeps it not alive. -1
 * with an exception. */
int tare_monitoring_listen_in(PyCodeObject *code, const tare_monitored *rows, int count);
/* Places that were disabled are heard again. -1 with an exception. */
int tare_monitoring_restart(void);

#endif
