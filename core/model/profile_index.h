/* profile_index.h - how the tables of a profile grow and are searched; for core/model only.
 *
 * Small keys are packed and found by tare_map alone. Functions and label sets are longer
 * than 64 bits: they are put under their hash, or the next key that is free, and the search
 * compares what it meets. The hash takes its secret from the table of strings, which has
 * one from the start. */
#ifndef TARE_MODEL_PROFILE_INDEX_H
#define TARE_MODEL_PROFILE_INDEX_H

#include "model/profile.h"

/* Room for need items. items is the address of a table's pointer, whatever its type. */
TARE_MUST_USE tare_status tare_profile_grow(const tare_profile *profile, void *items,
                                            uint32_t *capacity, size_t need, size_t item_bytes,
                                            tare_error *err);

/* The id, or TARE_MAP_ABSENT and the key to put it under. Labels are sorted. */
uint32_t tare_profile_find_function(const tare_profile *profile, const tare_function *function,
                                    uint64_t *key_out);
uint32_t tare_profile_find_label_set(const tare_profile *profile, const tare_label *labels,
                                     uint32_t count, uint64_t *key_out);

static inline uint64_t tare_profile_value_key(uint32_t node, uint32_t label_set, uint32_t metric)
{
    return tare_pack(node, label_set * TARE_PROFILE_MAX_METRICS + metric);
}

static inline uint64_t tare_profile_mix(const tare_profile *profile, uint64_t key)
{
    return tare_mix(key, profile->strings.by_hash.seed);
}

#endif
