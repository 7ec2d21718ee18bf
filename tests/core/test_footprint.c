/* test_footprint.c - what is allocated and touched is found where it is. */
#include "harness.h"

#include "os/footprint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MIB = 1 << 20, SIZE = 64 * MIB, SLACK = 8 * MIB };

static bool is_near(uint64_t before, uint64_t after, int64_t expected)
{
    int64_t grown = (int64_t)(after - before);
    return grown > expected - SLACK && grown < expected + SLACK;
}

TEST(touched_memory_is_resident_and_freed_memory_is_not)
{
    tare_footprint before = tare_footprint_read();
    char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    CHECK(is_near(before.rss_bytes, tare_footprint_read().rss_bytes, 0));
    memset(memory, 1, SIZE);
    tare_footprint after = tare_footprint_read();
    CHECK(is_near(before.rss_bytes, after.rss_bytes, SIZE));
    CHECK(is_near(before.file_bytes, after.file_bytes, 0));
    munmap(memory, SIZE);
    CHECK(is_near(before.rss_bytes, tare_footprint_read().rss_bytes, 0));
}

TEST(shared_memory_counts_with_the_files)
{
    tare_footprint before = tare_footprint_read();
    char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    memset(memory, 1, SIZE);
    tare_footprint after = tare_footprint_read();
    CHECK(is_near(before.file_bytes, after.file_bytes, SIZE));
    CHECK(is_near(before.rss_bytes, after.rss_bytes, SIZE));
    munmap(memory, SIZE);
}

/* The one in the middle keeps what is below it from going back to the system. */
TEST(malloc_tells_what_is_in_use_and_what_is_free)
{
    enum { BLOCKS = 1024, BLOCK_BYTES = SIZE / BLOCKS };

    static char   *blocks[BLOCKS];
    tare_footprint before = tare_footprint_read();
    if (!before.malloc_known)
        return;
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = malloc(BLOCK_BYTES);
    char          *last = malloc(BLOCK_BYTES);
    tare_footprint after = tare_footprint_read();
    CHECK(is_near(before.malloc_used_bytes, after.malloc_used_bytes, SIZE));
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    after = tare_footprint_read();
    CHECK(is_near(before.malloc_used_bytes, after.malloc_used_bytes, 0));
    CHECK(is_near(before.malloc_free_bytes, after.malloc_free_bytes, SIZE));
    free(last);
}
