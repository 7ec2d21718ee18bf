/* test_images.c - the parts of memory that images take: what lies in one is found, nothing else. */
#include "harness.h"
#include "oom.h"

#include "heap/images.h"

enum { STEP = TARE_IMAGES_STRETCH_BYTES };

static const uint64_t parts[][2] = {
    /* two that touch, one within a stretch, one over three, one that ends where a stretch does */
    {8 * STEP, 8 * STEP + 4096},
    {8 * STEP + 4096, 8 * STEP + 5000},
    {20 * STEP + 100, 20 * STEP + 200},
    {30 * STEP + 7, 33 * STEP - 7},
    {UINT64_C(0x7f0000000000), UINT64_C(0x7f0000000000) + STEP},
};
enum { COUNT = sizeof parts / sizeof *parts };

static bool is_in_a_part(uint64_t address)
{
    for (size_t i = 0; i < COUNT; i++)
        if (parts[i][0] <= address && address < parts[i][1])
            return true;
    return false;
}

/* Not in order, and one of no bytes. */
static tare_status fill(tare_images *images, tare_error *err)
{
    TARE_TRY(tare_images_add(images, 5 * STEP, 5 * STEP, 9, err));
    for (size_t i = COUNT; i > 0; i--)
        TARE_TRY(tare_images_add(images, parts[i - 1][0], parts[i - 1][1], (uint32_t)i - 1, err));
    tare_images_settle(images);
    return TARE_OK;
}

TEST(zeroed_list_is_empty)
{
    tare_images images = {.alloc = tare_alloc_system()};
    CHECK(!tare_images_has(&images, 0));
    CHECK(!tare_images_has(&images, 12345));
    tare_images_settle(&images);
    CHECK(tare_images_find(&images, 0) == NULL);
    tare_images_deinit(&images);
}

TEST(edges_are_told_from_what_is_beside_them)
{
    tare_images images = {.alloc = tare_alloc_system()};
    CHECK_EQ(fill(&images, NULL), TARE_OK);
    for (int round = 0; round < 2; round++) /* what is remembered is the same */
        for (size_t i = 0; i < COUNT; i++)
            for (uint64_t edge = 0; edge < 2; edge++)
                for (uint64_t at = parts[i][edge] - 2; at <= parts[i][edge] + 2; at++) {
                    CHECK_EQ(tare_images_has(&images, at), is_in_a_part(at));
                    CHECK_EQ(tare_images_find(&images, at) != NULL, is_in_a_part(at));
                }
    CHECK_EQ(tare_images_find(&images, parts[3][0])->label, 3);
    tare_images_deinit(&images);
}

/* Stretches whose numbers are alike share a place in the memory of free ones. */
TEST(stretches_that_share_a_place)
{
    tare_images images = {.alloc = tare_alloc_system()};
    CHECK_EQ(fill(&images, NULL), TARE_OK);
    for (uint64_t stretch = 0; stretch < 6 * TARE_IMAGES_REMEMBERED; stretch++)
        for (uint64_t offset = 0; offset < STEP; offset += STEP / 8) {
            uint64_t at = stretch * STEP + offset;
            CHECK_EQ(tare_images_has(&images, at), is_in_a_part(at));
            CHECK(tare_images_has(&images, parts[0][0]));
        }
    tare_images_deinit(&images);
}

static tare_status fill_with(const tare_alloc *alloc)
{
    tare_images images = {.alloc = alloc};
    tare_status status = fill(&images, NULL);
    tare_images_deinit(&images);
    return status;
}

TEST(survives_every_failed_allocation)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom_init(&memory, fail_at);
        status = fill_with(&memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
}
