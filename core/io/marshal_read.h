/* marshal_read.h - the values in a file of Python's marshal format, versions 0 to 5.
 *
 * Knows what profiles are made of: None, bools, integers, floats, text and bytes, tuples, lists,
 * dicts, and references to them; beside them code, with all that can be in it, which the module
 * profile writes as a name. Nothing is ever run. Sets come as lists, code as TARE_VALUE_OTHER with
 * its name as item TARE_MARSHAL_CODE_NAME. Source: CPython
 * Python/marshal.c, r_object. A reference to a container that is not finished, which makes
 * CPython's own reader crash, is refused; so is nesting deeper than TARE_MARSHAL_MAX_DEPTH. */
#ifndef TARE_IO_MARSHAL_READ_H
#define TARE_IO_MARSHAL_READ_H

#include "base/bytes.h"
#include "io/values.h"

enum { TARE_MARSHAL_MAX_DEPTH = 64, TARE_MARSHAL_CODE_NAME = 7 };

/* Reads one value into *values, which has only its alloc set; the caller deinits it, also on
 * failure. Bytes after it are not looked at. */
TARE_MUST_USE tare_status tare_marshal_read(const uint8_t *bytes, size_t size, tare_values *values,
                                            uint32_t *root_out, tare_error *err);

#endif
