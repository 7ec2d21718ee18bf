/* text.h - str and bytes objects of another process. */
#ifndef TARE_REMOTE_TEXT_H
#define TARE_REMOTE_TEXT_H

#include "base/bytes.h"
#include "remote/layout.h"

enum { TARE_REMOTE_MAX_TEXT_BYTES = 1 << 20 }; /* longer strings are refused as CORRUPT */

/* Appends the text of a str object as UTF-8; lone surrogates become their three-byte
 * form, so that names are kept exactly.  */
TARE_MUST_USE tare_status tare_remote_text(tare_memory *memory, const tare_layout *layout,
                                           tare_raddr address, tare_buffer *out, tare_error *err);

/* Appends the value of a bytes object of at most limit_bytes.  */
TARE_MUST_USE tare_status tare_remote_bytes(tare_memory *memory, const tare_layout *layout,
                                            tare_raddr address, size_t limit_bytes,
                                            tare_buffer *out, tare_error *err);

#endif
