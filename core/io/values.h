/* values.h - plain values read from a foreign file: numbers, text, tuples, lists, dicts.
 *
 * What the readers of marshal and pickle make. Values and the cells that hold the items of a
 * container are named by dense ids; one value may stand in many containers, or, in a hostile file,
 * in itself: nobody walks deeper than the shape he expects. A dict's items are key, value, key,
 * value. Text borrows from the file. */
#ifndef TARE_IO_VALUES_H
#define TARE_IO_VALUES_H

#include "base/intern.h"

#include <stdbool.h>

enum { TARE_VALUE_NONE_ID = UINT32_MAX };

typedef enum tare_value_kind {
    TARE_VALUE_NONE,
    TARE_VALUE_INTEGER, /* bools too */
    TARE_VALUE_FLOAT,
    TARE_VALUE_TEXT, /* str and bytes */
    TARE_VALUE_TUPLE,
    TARE_VALUE_LIST,
    TARE_VALUE_DICT,
    TARE_VALUE_OTHER /* code, a class, an instance: see the reader */
} tare_value_kind;

typedef struct tare_plain_value {
    tare_value_kind kind;
    uint32_t        count; /* items of a container; bytes of a text */
    union {
        int64_t     integer;
        double      number;
        const char *text; /* borrowed from the file */
        struct {
            uint32_t first, last; /* cells; TARE_VALUE_NONE_ID = none */
        } items;
    } as;
} tare_plain_value;

typedef struct tare_value_cell {
    uint32_t value;
    uint32_t next; /* TARE_VALUE_NONE_ID = the last */
} tare_value_cell;

typedef struct tare_values {
    const tare_alloc *alloc;  /* borrowed */
    tare_plain_value *values; /* owned */
    uint32_t          count;
    uint32_t          capacity;
    tare_value_cell  *cells; /* owned */
    uint32_t          cell_count;
    uint32_t          cell_capacity;
} tare_values;

void tare_values_deinit(tare_values *values);

TARE_MUST_USE tare_status tare_values_add(tare_values *values, tare_plain_value value,
                                          uint32_t *id_out, tare_error *err);
/* An empty container. */
TARE_MUST_USE tare_status tare_values_container(tare_values *values, tare_value_kind kind,
                                                uint32_t *id_out, tare_error *err);
TARE_MUST_USE tare_status tare_values_append(tare_values *values, uint32_t container, uint32_t item,
                                             tare_error *err);

/* The value of a cell; cell must not be TARE_VALUE_NONE_ID. */
const tare_plain_value *tare_values_at(const tare_values *values, uint32_t cell);
uint32_t                tare_values_next(const tare_values *values, uint32_t cell);
/* The text; false when the value is none. */
bool tare_values_text(const tare_plain_value *value, tare_text *out);
/* The number, if it is one and not negative. */
bool tare_values_count(const tare_plain_value *value, uint64_t *out);
/* value * scale as a whole number: of integers and floats; see tare_round_scaled. */
bool tare_values_scaled(const tare_plain_value *value, double scale, uint64_t *out);

#endif
