/* values.c - values in one array, the items of containers as chains of cells in another.
 *
 *     values   0 dict   1 "f.py"   2 12   3 tuple
 *     cells    0 (value 1, next 1)   1 (value 2, last)      tuple 3: first 0, last 1
 *
 * Cost: everything O(1); 24 bytes per value, 8 per item. */
#include "io/values.h"

#include "io/decimal.h"

void tare_values_deinit(tare_values *values)
{
    tare_release(values->alloc, values->values, values->capacity, sizeof *values->values);
    tare_release(values->alloc, values->cells, values->cell_capacity, sizeof *values->cells);
    *values = (tare_values){.alloc = values->alloc};
}

tare_status tare_values_add(tare_values *values, tare_plain_value value, uint32_t *id_out,
                            tare_error *err)
{
    void *memory = values->values;
    TARE_TRY(tare_grow(values->alloc, &memory, &values->capacity, values->count + (size_t)1,
                       sizeof *values->values, err));
    values->values = memory;
    values->values[values->count] = value;
    *id_out = values->count++;
    return TARE_OK;
}

tare_status tare_values_container(tare_values *values, tare_value_kind kind, uint32_t *id_out,
                                  tare_error *err)
{
    tare_plain_value value = {
        .kind = kind,
        .as.items = {.first = TARE_VALUE_NONE_ID, .last = TARE_VALUE_NONE_ID},
    };
    return tare_values_add(values, value, id_out, err);
}

tare_status tare_values_append(tare_values *values, uint32_t container, uint32_t item,
                               tare_error *err)
{
    void *memory = values->cells;
    TARE_TRY(tare_grow(values->alloc, &memory, &values->cell_capacity,
                       values->cell_count + (size_t)1, sizeof *values->cells, err));
    values->cells = memory;
    tare_plain_value *value = &values->values[container];
    uint32_t          cell = values->cell_count++;
    values->cells[cell] = (tare_value_cell){.value = item, .next = TARE_VALUE_NONE_ID};
    if (value->as.items.last == TARE_VALUE_NONE_ID)
        value->as.items.first = cell;
    else
        values->cells[value->as.items.last].next = cell;
    value->as.items.last = cell;
    value->count++;
    return TARE_OK;
}

const tare_plain_value *tare_values_at(const tare_values *values, uint32_t cell)
{
    return &values->values[values->cells[cell].value];
}

uint32_t tare_values_next(const tare_values *values, uint32_t cell)
{
    return values->cells[cell].next;
}

bool tare_values_text(const tare_plain_value *value, tare_text *out)
{
    if (value->kind != TARE_VALUE_TEXT)
        return false;
    *out = (tare_text){.bytes = value->as.text, .size = value->count};
    return true;
}

bool tare_values_count(const tare_plain_value *value, uint64_t *out)
{
    if (value->kind != TARE_VALUE_INTEGER || value->as.integer < 0)
        return false;
    *out = (uint64_t)value->as.integer;
    return true;
}

bool tare_values_scaled(const tare_plain_value *value, double scale, uint64_t *out)
{
    if (value->kind == TARE_VALUE_FLOAT)
        return tare_round_scaled(value->as.number, scale, out);
    return value->kind == TARE_VALUE_INTEGER &&
           tare_round_scaled((double)value->as.integer, scale, out);
}
