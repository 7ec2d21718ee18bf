/* arrays.c - walking two arrays at once.
 *
 *     outer indices, an odometer      [2][0][*]
 *     innermost dimension, a row       p, p + stride, p + 2 * stride ...   of both
 *
 * A row of native doubles has a loop of its own, in which equal numbers cost a comparison; any
 * other row loads number by number. Rows are compared in C order, so that the first that differs
 * is the first in that order whatever the strides. */
#include "same/arrays.h"

#include <math.h>
#include <string.h>

typedef struct both {
    const tare_close_rule *rule;
    const tare_array      *left, *right;
    tare_tally            *tally;
    tare_places            places;
    uint64_t               index; /* of the first element of the row */
} both;

typedef struct lane {
    const uint8_t *left, *right;
    int64_t        left_stride, right_stride;
    int64_t        count;
} lane;

static void note(both *walk, int64_t i, bool agrees, const tare_gap *gap)
{
    uint64_t index = walk->index + (uint64_t)i;
    if (tare_tally_add(walk->tally, agrees, gap))
        walk->places.worst_index = index;
    if (!agrees && walk->places.first_index == TARE_NO_PLACE)
        walk->places.first_index = index;
}

static void compare_numbers(both *walk, const lane *row)
{
    for (int64_t i = 0; i < row->count; i++) {
        tare_gap    gap;
        tare_number a = tare_element_load(&walk->left->element, row->left + i * row->left_stride);
        tare_number b = tare_element_load(&walk->right->element,
                                          row->right + i * row->right_stride);
        bool        agrees = tare_close_numbers(walk->rule, &a, &b, &gap);
        note(walk, i, agrees, &gap);
    }
}

static void compare_doubles(both *walk, const lane *row)
{
    for (int64_t i = 0; i < row->count; i++) {
        double   a, b;
        tare_gap gap;
        memcpy(&a, row->left + i * row->left_stride, sizeof a);
        memcpy(&b, row->right + i * row->right_stride, sizeof b);
        if (a == b && a != 0) { /* zeros may have a sign */
            walk->tally->compared++;
            continue;
        }
        bool agrees = tare_close_doubles(walk->rule, a, b, &gap);
        note(walk, i, agrees, &gap);
    }
}

static bool is_native_double(const tare_element *element)
{
    return element->kind == TARE_ELEMENT_FLOAT && element->bytes == sizeof(double) &&
           !element->swapped;
}

static void compare_row(both *walk, const lane *row)
{
    if (is_native_double(&walk->left->element) && is_native_double(&walk->right->element))
        compare_doubles(walk, row);
    else
        compare_numbers(walk, row);
    walk->index += (uint64_t)row->count;
}

/* To the next row; false when there is none. outer: dimensions but the innermost. */
static bool turn(const both *walk, uint32_t outer, int64_t *indices, lane *row)
{
    for (uint32_t d = outer; d-- > 0;) {
        row->left += walk->left->strides[d];
        row->right += walk->right->strides[d];
        if (++indices[d] < walk->left->shape[d])
            return true;
        row->left -= walk->left->strides[d] * indices[d];
        row->right -= walk->right->strides[d] * indices[d];
        indices[d] = 0;
    }
    return false;
}

static bool is_empty(const tare_array *array)
{
    for (uint32_t d = 0; d < array->dimensions; d++) {
        if (array->shape[d] == 0)
            return true;
    }
    return false;
}

tare_places tare_arrays_compare(const tare_close_rule *rule, const tare_array *left,
                                const tare_array *right, tare_tally *tally)
{
    int64_t  indices[TARE_ARRAY_MAX_DIMENSIONS] = {0};
    uint32_t outer = left->dimensions > 0 ? left->dimensions - 1 : 0;
    both     walk = {.rule = rule, .left = left, .right = right, .tally = tally};
    lane     row = {.left = left->data, .right = right->data, .count = 1};
    walk.places = (tare_places){TARE_NO_PLACE, TARE_NO_PLACE};
    if (left->dimensions > 0) {
        row.count = left->shape[outer];
        row.left_stride = left->strides[outer];
        row.right_stride = right->strides[outer];
    }
    if (is_empty(left))
        return walk.places;
    do {
        compare_row(&walk, &row);
    } while (turn(&walk, outer, indices, &row));
    return walk.places;
}
