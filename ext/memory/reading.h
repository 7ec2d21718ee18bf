/* reading.h - the counters, without a block of Python's being allocated for it. */
#ifndef TARE_EXT_READING_H
#define TARE_EXT_READING_H

#include "common/pycompat.h"

/* COUNTERS: the names, in the order of read. A new reference; NULL with an exception. */
PyObject *tare_reading_names(void);
/* read(buffer): fills in the counters, 8 bytes each. */
PyObject *tare_reading_read(PyObject *module, PyObject *buffer);
/* reset_high(): the counter high_bytes begins anew. */
PyObject *tare_reading_reset_high(PyObject *module, PyObject *none);

#endif
