/* source.h - the lines of a Python source: which belong together, and where a block ends.
 *
 *      1  def f(                       head 1    indent 0
 *      2          a):                  head 1
 *      3      return g("""             head 3    indent 4
 *      4      text""",                 head 3
 *      5              a)               head 3
 *      6                               head 6    blank
 *      7  x = 1                        head 7    indent 0      f's block ends at 5
 *
 * A logical line goes on while a bracket or a string is open, or after a backslash. That is all of
 * Python's grammar that is known here; what is no Python gives some answer, never a failure. */
#ifndef TARE_TRACE_SOURCE_H
#define TARE_TRACE_SOURCE_H

#include "base/alloc.h"

#include <stdbool.h>

enum { TARE_SOURCE_BLANK = UINT16_MAX };

typedef struct tare_source_line {
    uint32_t start;  /* byte at which it begins */
    uint32_t head;   /* number of the first line of its logical line */
    uint16_t indent; /* of the logical line, in columns; BLANK: nothing, or a comment */
    char     first;  /* character after the indent */
} tare_source_line;

typedef struct tare_source {
    const tare_alloc *alloc; /* borrowed */
    char             *text;  /* owned */
    size_t            size_bytes;
    tare_source_line *lines; /* owned; line 1 is lines[0] */
    uint32_t          line_count, line_capacity;
} tare_source;

/* Copies text. LIMIT when it is 4 GiB or more. O(size). */
TARE_MUST_USE tare_status tare_source_init(tare_source *source, const char *text, size_t size_bytes,
                                           const tare_alloc *alloc, tare_error *err);
void                      tare_source_deinit(tare_source *source); /* no-op on zeroed storage */

/* The first line of the logical line to which a line belongs; the line itself beyond the end. */
uint32_t tare_source_head(const tare_source *source, uint32_t line);

/* Whether a logical line is the header of a with statement, or of a loop, by the number of its
 * first line. */
bool tare_source_is_with(const tare_source *source, uint32_t line);
bool tare_source_is_loop(const tare_source *source, uint32_t line);

/* The last line of the function or class that begins at first_line, decorators included; at least
 * first_line. O(lines of the block). */
uint32_t tare_source_block_end(const tare_source *source, uint32_t first_line);

/* The bytes of lines first to last, each with its end. Empty beyond the end. */
void tare_source_part(const tare_source *source, uint32_t first, uint32_t last,
                      const char **bytes_out, size_t *size_out);

#endif
