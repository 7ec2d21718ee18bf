/* pickle_read.h - the values in a pickle that holds data, protocols 0 to 5.
 *
 * A pickle is a program; this runs only the instructions that put plain values together: None,
 * bools, numbers, text, tuples, lists, dicts, and what it has remembered. An instance is never
 * made: naming a class gives a TARE_VALUE_OTHER, "calling" it another, and its state, if it gets
 * any, is that one's first item. Everything else is refused. Source: CPython
 * Lib/pickletools.py. */
#ifndef TARE_IO_PICKLE_READ_H
#define TARE_IO_PICKLE_READ_H

#include "base/bytes.h"
#include "io/values.h"

/* Reads one pickle into *values, which has only its alloc set; the caller deinits it, also on
 * failure. Bytes after it are not looked at. */
TARE_MUST_USE tare_status tare_pickle_read(const uint8_t *bytes, size_t size, tare_values *values,
                                           uint32_t *root_out, tare_error *err);

#endif
