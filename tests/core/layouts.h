/* layouts.h - what the headers of five CPython versions say of their structures. The numbers
 * are in layouts.c, written by tools/layouts.py. */
#ifndef TARE_TESTS_LAYOUTS_H
#define TARE_TESTS_LAYOUTS_H

#include "remote/layout.h"

typedef struct known_layout {
    const uint64_t *words; /* the table at the start of _PyRuntime; NULL before 3.13 */
    size_t          word_count;
    uint32_t        gil_holder, gil_locked, gil_bytes;
    tare_layout     layout; /* but for the opcodes */
} known_layout;

extern const known_layout known_layouts[];
extern const size_t       known_layout_count;

#endif
