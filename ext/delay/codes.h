/* codes.h - which code objects are the function that is delayed, and which the progress point.
 *
 *     row    f [MODULE:]NAME     every function of that name, or of one that ends with it
 *            l FILE:NAME         the function of that qualified name in that file
 *
 * What is defined within a function is not the function. A code object is looked at once: what it
 * is stands in its co_extra slot. */
#ifndef TARE_EXT_CODES_H
#define TARE_EXT_CODES_H

#include "common/pycompat.h"

#include "base/status.h"

#include <stdint.h>

enum { TARE_DELAY_LOOKED_AT = 1, TARE_DELAY_FUNCTION = 2, TARE_DELAY_PROGRESS = 4 };

/* Borrows the rows; progress may be NULL. */
TARE_MUST_USE tare_status tare_delay_codes_begin(const char *function, const char *progress,
                                                 tare_error *err);

/* Slow: the first sight of a code object. globals: of a frame of it. */
unsigned tare_delay_codes_look(PyCodeObject *code, PyObject *globals);

extern Py_ssize_t tare_delay_codes_index;

/* TARE_DELAY_FUNCTION and TARE_DELAY_PROGRESS, as far as they are so; 0: not looked at yet. */
static inline unsigned tare_delay_codes_find(const PyCodeObject *code)
{
    return (unsigned)(uintptr_t)tare_code_extra(code, tare_delay_codes_index);
}

#endif
