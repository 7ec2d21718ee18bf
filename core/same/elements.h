/* elements.h - one number in an array, by the format that Python's struct module would give it.
 *
 *     [byte order] code      @ native   = native, standard sizes   < little   > ! big
 *     ?  b B h H i I l L q Q n N      whole numbers           c u w      characters, as whole ones
 *     e f d g      half, single, double, long double          Zf Zd Zg, F D    complex
 *
 * Anything else (strings, records, objects) is UNSUPPORTED. */
#ifndef TARE_SAME_ELEMENTS_H
#define TARE_SAME_ELEMENTS_H

#include "base/status.h"
#include "same/close.h"

#include <stddef.h>

typedef enum tare_element_kind {
    TARE_ELEMENT_BOOL,
    TARE_ELEMENT_SIGNED,
    TARE_ELEMENT_UNSIGNED,
    TARE_ELEMENT_CHARACTER,
    TARE_ELEMENT_FLOAT,
    TARE_ELEMENT_COMPLEX
} tare_element_kind;

typedef struct tare_element {
    tare_element_kind kind;
    uint32_t          bytes; /* of the whole element */
    bool              swapped;
} tare_element;

enum { TARE_ELEMENT_MAX_BYTES = 32 };

/* item_bytes is what the array says that an element takes; it must be what the format says. */
TARE_MUST_USE tare_status tare_element_parse(const char *format, size_t item_bytes,
                                             tare_element *out, tare_error *err);

/* at need not be aligned. O(1). */
tare_number tare_element_load(const tare_element *element, const void *at);

#endif
