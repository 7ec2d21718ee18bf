/* json_text.h - bytes as text that other programs accept.
 *
 * Names in a profile are bytes. Text formats want UTF-8: each maximal part that is not
 * UTF-8 becomes one U+FFFD, as Python's errors="replace" has it. Nothing is allocated
 * and nothing is cut; everything goes straight into the buffer. */
#ifndef TARE_IO_JSON_TEXT_H
#define TARE_IO_JSON_TEXT_H

#include "base/bytes.h"

/* The character at the start of bytes (size > 0), U+FFFD where there is none. Returns how
 * many bytes it takes, at least 1. */
size_t tare_utf8_next(const char *bytes, size_t size, uint32_t *character_out);

/* Appends a character below U+110000. */
void tare_utf8_append(tare_buffer *out, uint32_t character);

/* Appends the size as 32 bits, then the text, whose size it is once it is clean. */
void tare_utf8_sized(tare_buffer *out, const char *bytes, size_t size);

/* C0 and C1 controls, DEL, and the two separators that split lines for some readers. */
bool tare_text_is_control(uint32_t character);

/* How many bytes at the start are plain: printable ASCII that no format here escapes. They
 * can be appended as they are, many at a time. */
size_t tare_text_plain(const char *bytes, size_t size);

/* Appends decimal digits; a profile has millions of numbers, and printf is slow. */
void tare_text_number(tare_buffer *out, uint64_t number);

/* Appends a JSON string with its quotes. Controls are escaped, and '<', so that the text
 * may stand inside a <script> element. */
void tare_json_string(tare_buffer *out, const char *bytes, size_t size);

#endif
