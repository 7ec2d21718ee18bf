/* test_figures.c - a ledger as the values of a profile. */
#include "harness.h"
#include "oom.h"

#include "memory/figures.h"

#include <string.h>

static uint64_t value_of(const tare_profile *profile, uint32_t node, uint32_t label_set,
                         const char *name)
{
    for (uint32_t metric = 0; metric < profile->metric_count; metric++)
        if (strcmp(tare_profile_text(profile, profile->metrics[metric].name).bytes, name) == 0)
            return tare_profile_value(profile, node, label_set, metric);
    return UINT64_MAX;
}

static tare_status make(const tare_alloc *alloc, bool sampled, tare_profile *profile)
{
    tare_ledger    ledger = {.alloc = alloc};
    tare_figures   figures;
    const uint32_t label_sets[1] = {0};
    uint32_t       cell = 0;
    tare_held      one = {100, TARE_LEDGER_ONE}, half = {50, TARE_LEDGER_ONE * 3 / 2};
    tare_status    status = tare_profile_init(profile, alloc, NULL);
    if (status == TARE_OK)
        status = tare_figures_init(&figures, profile, NULL);
    if (status == TARE_OK)
        status = tare_ledger_cell(&ledger, 0, 0, &cell, NULL);
    if (status == TARE_OK) {
        tare_ledger_add(&ledger, cell, one);
        tare_ledger_add(&ledger, cell, half);
        ledger.cells[cell].samples = 2;
        ledger.cells[cell].variance = 1e300;
        status = tare_figures_store(&figures, &ledger, label_sets, sampled, profile, NULL);
    }
    if (status == TARE_OK) {
        tare_ledger_remove(&ledger, cell, one, true);
        status = tare_figures_store(&figures, &ledger, label_sets, sampled, profile, NULL);
    }
    tare_ledger_deinit(&ledger);
    return status;
}

TEST(values_are_set_and_can_fall)
{
    tare_profile profile;
    CHECK_EQ(make(tare_alloc_system(), true, &profile), TARE_OK);
    CHECK_EQ(value_of(&profile, 0, 0, "alloc_bytes"), 150);
    CHECK_EQ(value_of(&profile, 0, 0, "alloc_count"), 3);
    CHECK_EQ(value_of(&profile, 0, 0, "freed_bytes"), 100);
    CHECK_EQ(value_of(&profile, 0, 0, "live_bytes"), 50);
    CHECK_EQ(value_of(&profile, 0, 0, "live_count"), 2);
    CHECK_EQ(value_of(&profile, 0, 0, "peak_bytes"), 150);
    CHECK_EQ(value_of(&profile, 0, 0, "temporary_bytes"), 100);
    CHECK_EQ(value_of(&profile, 0, 0, "temporary_count"), 1);
    CHECK_EQ(value_of(&profile, 0, 0, "sample_count"), 2);
    CHECK(value_of(&profile, 0, 0, "alloc_variance") == UINT64_MAX);
    CHECK_EQ(tare_profile_check(&profile, NULL), TARE_OK);
    tare_profile_deinit(&profile);
}

TEST(exact_figures_have_no_errors)
{
    tare_profile profile;
    CHECK_EQ(make(tare_alloc_system(), false, &profile), TARE_OK);
    CHECK_EQ(value_of(&profile, 0, 0, "alloc_bytes"), 150);
    CHECK_EQ(value_of(&profile, 0, 0, "sample_count"), 0);
    tare_profile_deinit(&profile);
}

TEST(without_memory_it_fails_and_releases)
{
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom          memory;
        tare_profile profile = {0};
        oom_init(&memory, fail_at);
        status = make(&memory.alloc, true, &profile);
        tare_profile_deinit(&profile);
        CHECK_EQ(memory.outstanding, 0);
    }
}
