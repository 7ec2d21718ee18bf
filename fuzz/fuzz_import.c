/* fuzz_import.c - the importer of one format, TARE_FUZZ_FORMAT, against any bytes.
 *
 * What can be imported must pass the model's check, and be written as a .tare file that reads back
 * with the same bytes. Of files with pairs alone the sums are conserved, which the tests prove; own
 * times must at least add up to what the root says. */
#include "checking.h"
#include "io/import.h"
#include "io/tare_file.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sum(const tare_profile *profile)
{
    uint64_t sum = 0;
    uint64_t at_root = 0;
    for (uint32_t i = 0; i < profile->value_count; i++) {
        const tare_value *value = &profile->values[i];
        tare_text         name = tare_profile_text(profile, profile->metrics[value->metric].name);
        if (strcmp(name.bytes, "wall_ns") != 0)
            continue;
        if (value->node == 0)
            at_root = value->amount;
        else if (__builtin_add_overflow(sum, value->amount, &sum))
            sum = UINT64_MAX;
    }
    tare_text engine = tare_profile_get_meta(profile, "engine");
    require(sum == at_root || sum == UINT64_MAX || strcmp(engine.bytes, "lines") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tare_profile profile = {0};
    tare_status  status = tare_import(data, size, TARE_FUZZ_FORMAT, tare_alloc_system(), &profile,
                                      NULL);
    require(status == TARE_OK || status == TARE_CORRUPT || status == TARE_LIMIT);
    for (const tare_import_format *format = tare_import_formats(); format->name != NULL; format++)
        format->sniff(data, size);
    if (status == TARE_OK) {
        require(tare_profile_check(&profile, NULL) == TARE_OK);
        check_sum(&profile);
        check_round_trip(&profile);
    }
    tare_profile_deinit(&profile);
    return 0;
}
