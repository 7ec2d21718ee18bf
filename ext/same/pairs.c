/* pairs.c - open addressing with linear probing, by both addresses. */
#include "same/pairs.h"

enum { FIRST_CAPACITY = 64 };

static const uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static tare_pair *find_slot(const tare_pairs *pairs, PyObject *left, PyObject *right)
{
    uint64_t key = tare_mix((uint64_t)(uintptr_t)left, seed) ^ (uint64_t)(uintptr_t)right;
    size_t   slot = (size_t)tare_mix(key, seed) & (pairs->capacity - 1);
    while (pairs->slots[slot].left != NULL &&
           (pairs->slots[slot].left != left || pairs->slots[slot].right != right))
        slot = (slot + 1) & (pairs->capacity - 1);
    return &pairs->slots[slot];
}

static tare_status widen(tare_pairs *pairs, tare_error *err)
{
    tare_pairs wider = {.alloc = pairs->alloc, .count = pairs->count};
    void      *slots = NULL;
    wider.capacity = pairs->capacity > 0 ? 2 * pairs->capacity : FIRST_CAPACITY;
    TARE_TRY(tare_acquire(pairs->alloc, &slots, wider.capacity, sizeof(tare_pair), err));
    wider.slots = slots;
    for (size_t i = 0; i < pairs->capacity; i++) {
        tare_pair *pair = &pairs->slots[i];
        if (pair->left != NULL)
            *find_slot(&wider, pair->left, pair->right) = *pair;
    }
    tare_release(pairs->alloc, pairs->slots, pairs->capacity, sizeof(tare_pair));
    *pairs = wider;
    return TARE_OK;
}

void tare_pairs_deinit(tare_pairs *pairs)
{
    for (size_t i = 0; i < pairs->capacity; i++) {
        Py_XDECREF(pairs->slots[i].left);
        Py_XDECREF(pairs->slots[i].right);
    }
    tare_release(pairs->alloc, pairs->slots, pairs->capacity, sizeof(tare_pair));
    pairs->slots = NULL;
    pairs->capacity = pairs->count = 0;
}

bool tare_pairs_has(const tare_pairs *pairs, PyObject *left, PyObject *right)
{
    return pairs->capacity > 0 && find_slot(pairs, left, right)->left != NULL;
}

tare_status tare_pairs_add(tare_pairs *pairs, PyObject *left, PyObject *right, tare_error *err)
{
    if (2 * (pairs->count + 1) > pairs->capacity)
        TARE_TRY(widen(pairs, err));
    tare_pair *slot = find_slot(pairs, left, right);
    if (slot->left == NULL) {
        *slot = (tare_pair){Py_NewRef(left), Py_NewRef(right)};
        pairs->count++;
    }
    return TARE_OK;
}
