/* marshal.h - the few shapes of Python's marshal format that pstats files are made of.
 *
 * Only codes that every Python 3 reads: no references, no interning. Source: CPython
 * Python/marshal.c, r_object. A container is an opening followed by its items; a dict is
 * closed. */
#ifndef TARE_IO_MARSHAL_H
#define TARE_IO_MARSHAL_H

#include "base/bytes.h"

void tare_marshal_tuple(tare_buffer *out, uint32_t item_count);
void tare_marshal_dict(tare_buffer *out);
void tare_marshal_dict_end(tare_buffer *out);
void tare_marshal_integer(tare_buffer *out, uint64_t value);
void tare_marshal_float(tare_buffer *out, double value);
/* Invalid UTF-8 becomes U+FFFD. */
void tare_marshal_string(tare_buffer *out, const char *bytes, size_t size);

#endif
