/* line_tables.h - location tables as compilers made them, and what they mean. The tables
 * are in line_tables.c, written by tools/line_tables.py. */
#ifndef TARE_TESTS_LINE_TABLES_H
#define TARE_TESTS_LINE_TABLES_H

#include <stddef.h>
#include <stdint.h>

typedef struct line_run {
    uint32_t unit_count;
    uint32_t line; /* 0 = none */
} line_run;

typedef struct line_table {
    const char     *name; /* function and version; bare: compiled without columns */
    int32_t         first_line;
    const char     *bytes;
    size_t          size;
    const line_run *runs; /* co_lines() */
    size_t          run_count;
} line_table;

extern const line_table line_tables[];
extern const size_t     line_table_count;

#endif
