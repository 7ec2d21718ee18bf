/* fuzz_line_table.c - any bytes as the location table of a code object.
 *
 *     first line (4 bytes) | code units (2 bytes) | table
 *
 * What is decoded must stay within the units asked for, and must not depend on how many those
 * are, nor on what stands behind a cut. */
#include "checking.h"
#include "remote/line_table.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_BYTES = 6, MAX_UNITS = 1 << 12, UNTOUCHED = 0x5a5a5a5a };

/* Lines of unit_count units, and one more that nobody may touch; the caller frees. */
static uint32_t *decode(const uint8_t *table, size_t size, int32_t first_line, size_t unit_count,
                        bool *whole_out)
{
    uint32_t *lines = malloc((unit_count + 1) * sizeof *lines);
    require(lines != NULL);
    for (size_t i = 0; i <= unit_count; i++)
        lines[i] = UNTOUCHED;
    *whole_out = tare_line_table_decode(table, size, first_line, lines, unit_count);
    require(lines[unit_count] == UNTOUCHED);
    for (size_t i = 0; i < unit_count; i++)
        require(lines[i] <= INT32_MAX);
    return lines;
}

static void check_fewer_units(const uint8_t *table, size_t size, int32_t first_line,
                              const uint32_t *lines, size_t unit_count, bool whole)
{
    bool      part_whole;
    size_t    part_count = unit_count / 2;
    uint32_t *part = decode(table, size, first_line, part_count, &part_whole);
    require(memcmp(part, lines, part_count * sizeof *lines) == 0);
    require(part_whole || !whole);
    free(part);
}

/* Lines up to some unit, none from there on. */
static void check_cut(const uint8_t *table, size_t size, int32_t first_line, const uint32_t *lines,
                      size_t unit_count)
{
    bool      whole;
    size_t    unit = 0;
    uint32_t *cut = decode(table, size / 2, first_line, unit_count, &whole);
    while (unit < unit_count && cut[unit] == lines[unit])
        unit++;
    for (; unit < unit_count; unit++)
        require(cut[unit] == 0);
    free(cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int32_t  first_line;
    uint16_t units;
    bool     whole;
    if (size < HEAD_BYTES)
        return 0;
    memcpy(&first_line, data, sizeof first_line);
    memcpy(&units, data + sizeof first_line, sizeof units);
    const uint8_t *table = data + HEAD_BYTES;
    size_t         unit_count = units % MAX_UNITS;
    uint32_t      *lines = decode(table, size - HEAD_BYTES, first_line, unit_count, &whole);
    check_fewer_units(table, size - HEAD_BYTES, first_line, lines, unit_count, whole);
    check_cut(table, size - HEAD_BYTES, first_line, lines, unit_count);
    free(lines);
    return 0;
}
