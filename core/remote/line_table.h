/* line_table.h - from co_linetable to the line of every instruction.
 *
 * The location table of CPython 3.11 - 3.15 (Objects/locations.md): entries of one head
 * byte 1cccclll and a payload, each covering lll + 1 code units. Foreign bytes: a
 * malformed table ends the decoding, and what was decoded until then stands. */
#ifndef TARE_REMOTE_LINE_TABLE_H
#define TARE_REMOTE_LINE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills lines[0 .. unit_count - 1]; 0 where an instruction has no line. Returns false
 * when the table is malformed or does not cover every unit. O(size + unit_count). */
bool tare_line_table_decode(const uint8_t *table, size_t size_bytes, int32_t first_line,
                            uint32_t *lines, size_t unit_count);

#endif
