/* line_sources.h - the sources of a program while it runs, each read once.
 *
 *     the file     as it is on the disk
 *     linecache    what a notebook or doctest has put there, if the program has loaded it
 *     the loader   of a module in a zip archive
 *
 * None of the program's own code runs for it, but for the zip module's other threads may. */
#ifndef TARE_EXT_LINE_SOURCES_H
#define TARE_EXT_LINE_SOURCES_H

#include "common/pycompat.h"

#include "trace/source.h"

/* NULL when it cannot be had. Borrowed until tare_line_sources_forget, which another thread may
 * call meanwhile: ask whether the measurement is still the same. */
const tare_source *tare_line_source(PyObject *file, PyObject *globals);
void               tare_line_sources_forget(void);

#endif
