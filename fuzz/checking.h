/* checking.h - what fuzz targets demand: a demand that is not met ends the program. */
#ifndef TARE_FUZZ_CHECKING_H
#define TARE_FUZZ_CHECKING_H

#include "io/tare_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline void require(bool condition)
{
    if (!condition)
        abort();
}

/* What was read can be written, and reads back as the same bytes, with nothing lost. */
static inline void check_round_trip(const tare_profile *profile)
{
    tare_buffer     first = {.alloc = tare_alloc_system()};
    tare_buffer     second = {.alloc = tare_alloc_system()};
    tare_profile    again = {0};
    tare_file_state state;
    require(tare_file_encode(profile, &first, NULL) == TARE_OK);
    require(tare_file_decode(first.bytes, first.size, tare_alloc_system(), &again, &state, NULL) ==
            TARE_OK);
    require(state.complete && state.lost_bytes == 0);
    require(tare_file_encode(&again, &second, NULL) == TARE_OK);
    require(first.size == second.size && memcmp(first.bytes, second.bytes, first.size) == 0);
    tare_profile_deinit(&again);
    tare_buffer_deinit(&first);
    tare_buffer_deinit(&second);
}

#endif
