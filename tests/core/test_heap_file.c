/* test_heap_file.c - what was in memory, to a file and back; files that nobody vouches for. */
#include "harness.h"
#include "known_heap.h"
#include "oom.h"

#include "io/format.h"
#include "io/heap_file.h"

static tare_status decode(const tare_buffer *bytes, tare_snapshot *out, tare_error *err)
{
    tare_file_state state;
    return tare_heap_decode(bytes->bytes, bytes->size, tare_alloc_system(), out, &state, err);
}

static bool same_bytes(const tare_buffer *a, const tare_buffer *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static tare_status encode_known(tare_snapshot *snapshot, tare_buffer *bytes)
{
    tare_census_sum sum = {.count = 3, .bytes = 300, .allocated_bytes = 290};
    TARE_TRY(known_heap(snapshot, bytes->alloc));
    snapshot->census.by = TARE_CENSUS_CLASS;
    snapshot->census.during_collection = true;
    snapshot->census.parts[TARE_CENSUS_OPAQUE].bytes = -7;
    TARE_TRY(tare_census_add(&snapshot->census, "app.Row", 7, &sum, NULL));
    TARE_TRY(tare_census_add(&snapshot->census, "dict", 4, &sum, NULL));
    return tare_heap_encode(snapshot, bytes, NULL);
}

TEST(what_is_read_is_what_was_written)
{
    tare_buffer   bytes = {.alloc = tare_alloc_system()}, again = bytes;
    tare_snapshot snapshot = {0}, read = {0};
    CHECK_EQ(encode_known(&snapshot, &bytes), TARE_OK);
    CHECK_EQ(decode(&bytes, &read, NULL), TARE_OK);
    CHECK_EQ(read.object_count, KNOWN_OBJECTS);
    CHECK_EQ(read.reached_count, KNOWN_REACHED);
    CHECK_EQ(read.type_count, snapshot.type_count);
    CHECK(memcmp(read.types, snapshot.types, read.type_count * sizeof *read.types) == 0);
    CHECK(memcmp(read.objects, snapshot.objects, KNOWN_OBJECTS * sizeof *read.objects) == 0);
    CHECK_EQ(read.census.by, TARE_CENSUS_CLASS);
    CHECK(read.census.during_collection && !read.census.frozen_hidden);
    CHECK_EQ(read.census.all.count, 6);
    CHECK_EQ(read.census.all.allocated_bytes, 580);
    CHECK_EQ(read.census.parts[TARE_CENSUS_OPAQUE].bytes, -7);
    CHECK_EQ(tare_profile_meta_number(&read.profile, "target.pid", 0.0) == 12.0, true);
    CHECK_EQ(tare_heap_encode(&read, &again, NULL), TARE_OK);
    CHECK(same_bytes(&bytes, &again));
    tare_buffer_deinit(&bytes);
    tare_buffer_deinit(&again);
    tare_snapshot_deinit(&snapshot);
    tare_snapshot_deinit(&read);
}

TEST(a_reader_of_profiles_passes_over_the_heap)
{
    tare_buffer     bytes = {.alloc = tare_alloc_system()};
    tare_snapshot   snapshot = {0};
    tare_profile    profile = {0};
    tare_file_state state;
    CHECK_EQ(encode_known(&snapshot, &bytes), TARE_OK);
    CHECK_EQ(tare_file_decode(bytes.bytes, bytes.size, tare_alloc_system(), &profile, &state, NULL),
             TARE_OK);
    CHECK(state.complete);
    CHECK_EQ(state.unknown_count, 0);
    CHECK_EQ(profile.strings.count, snapshot.profile.strings.count);
    tare_profile_deinit(&profile);
    tare_buffer_deinit(&bytes);
    tare_snapshot_deinit(&snapshot);
}

TEST(a_profile_without_a_heap_is_said_to_be_one)
{
    tare_buffer   bytes = {.alloc = tare_alloc_system()};
    tare_profile  profile = {0};
    tare_snapshot read = {0};
    tare_error    err = {0};
    CHECK_EQ(tare_profile_init(&profile, tare_alloc_system(), NULL), TARE_OK);
    CHECK_EQ(tare_file_encode(&profile, &bytes, NULL), TARE_OK);
    CHECK_EQ(decode(&bytes, &read, &err), TARE_INCOMPATIBLE);
    CHECK(strstr(err.message, "no heap") != NULL);
    tare_profile_deinit(&profile);
    tare_snapshot_deinit(&read);
    tare_buffer_deinit(&bytes);
}

/* A file with one block of that type, whose checksum is right. */
static tare_status decode_block(uint8_t type, const uint8_t *payload, size_t size)
{
    tare_buffer   bytes = {.alloc = tare_alloc_system()};
    tare_snapshot read = {0};
    uint8_t       magic[TARE_FILE_MAGIC_BYTES];
    uint8_t       header[TARE_BLOCK_CHECKED_BYTES] = {type, TARE_BLOCK_COMMIT, 0, 0, (uint8_t)size};
    tare_file_magic(magic);
    uint32_t checksum = tare_crc32c(0, magic, sizeof magic);
    checksum = tare_crc32c(checksum, header, sizeof header);
    tare_buffer_append(&bytes, magic, sizeof magic);
    tare_buffer_append(&bytes, header, sizeof header);
    tare_buffer_u32(&bytes, tare_crc32c(checksum, payload, size));
    tare_buffer_append(&bytes, payload, size);
    tare_status status = decode(&bytes, &read, NULL);
    tare_snapshot_deinit(&read);
    tare_buffer_deinit(&bytes);
    return status;
}

#define DECODE(type, ...) \
    decode_block(type, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

TEST(entries_out_of_range_are_refused)
{
    CHECK_EQ(DECODE(TARE_BLOCK_CENSUS, 17, 0, 2, 2, 0), TARE_OK);
    CHECK_EQ(DECODE(TARE_BLOCK_CENSUS, 17, 0, 2, 2, 0, 17, 0, 2, 2, 0), TARE_CORRUPT);
    CHECK_EQ(DECODE(TARE_BLOCK_CENSUS, 17, 0, 0, 0, 0), TARE_CORRUPT);
    CHECK_EQ(DECODE(TARE_BLOCK_CENSUS, 17, 1, 2, 2, 0), TARE_CORRUPT);
    CHECK_EQ(DECODE(TARE_BLOCK_CENSUS, 16, 0, 2, 2, 0), TARE_CORRUPT);
    CHECK_EQ(DECODE(TARE_BLOCK_CENSUS, 9, 0, 2, 2, 0), TARE_CORRUPT);
    CHECK_EQ(DECODE(TARE_BLOCK_CENSUS, 127, 0, 2, 2, 0), TARE_CORRUPT);
    CHECK_EQ(DECODE(TARE_BLOCK_CENSUS, 17, 0, 2), TARE_CORRUPT);
    CHECK_EQ(DECODE(TARE_BLOCK_HEAP_TYPES, 0, 1), TARE_CORRUPT);
    CHECK_EQ(DECODE(TARE_BLOCK_HEAP_OBJECTS, 0, 0, 0, 0, 0, 0, 0), TARE_CORRUPT);
}

static tare_status decode_objects(const uint8_t *objects, size_t size)
{
    tare_snapshot snapshot = {0};
    tare_buffer   bytes = {.alloc = tare_alloc_system()};
    tare_status   status = known_heap(&snapshot, tare_alloc_system());
    snapshot.object_count = snapshot.reached_count = 0;
    for (size_t at = 0; at < size && status == TARE_OK; at += 4) {
        tare_heap_object object = {
            .type = objects[at],
            .parent = objects[at + 1],
            .name = objects[at + 2],
            .flags = objects[at + 3],
        };
        status = tare_snapshot_add(&snapshot, &object, NULL);
        snapshot.reached_count++;
    }
    if (status == TARE_OK)
        status = tare_heap_encode(&snapshot, &bytes, NULL);
    if (status == TARE_OK) {
        tare_snapshot read = {0};
        status = decode(&bytes, &read, NULL);
        tare_snapshot_deinit(&read);
    }
    tare_buffer_deinit(&bytes);
    tare_snapshot_deinit(&snapshot);
    return status;
}

TEST(objects_that_do_not_fit_together_are_refused)
{
    static const uint8_t good[] = {0, 0, 0, 0, 1, 0, 1, 0, 2, 1, 1, 7};
    static const uint8_t bad[][12] = {
        {0, 0, 0, 0, 1, 1, 1, 0, 2, 1, 1, 0},  /* holds itself */
        {0, 0, 0, 0, 1, 0, 1, 0, 9, 1, 1, 0},  /* a type that is not there */
        {0, 0, 0, 0, 1, 0, 99, 0, 2, 1, 1, 0}, /* a name that is not there */
        {0, 0, 0, 0, 1, 0, 1, 16, 2, 1, 1, 0}, /* a flag that is not there */
        {0, 0, 0, 8, 1, 0, 1, 0, 2, 1, 1, 0},  /* the process is reached from itself */
    };
    CHECK_EQ(decode_objects(good, sizeof good), TARE_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_EQ(decode_objects(bad[i], sizeof bad[i]), TARE_CORRUPT);
}

/* Every bit of a file, and every end of it. */
TEST(damage_is_found)
{
    tare_buffer   bytes = {.alloc = tare_alloc_system()};
    tare_snapshot snapshot = {0};
    CHECK_EQ(encode_known(&snapshot, &bytes), TARE_OK);
    for (uint32_t at = 0; at < bytes.size; at++) {
        tare_snapshot read = {0};
        bytes.bytes[at] ^= 4;
        CHECK(decode(&bytes, &read, NULL) != TARE_OK);
        bytes.bytes[at] ^= 4;
        tare_snapshot_deinit(&read);
    }
    for (uint32_t size = bytes.size; bytes.size > 0; bytes.size--) {
        tare_snapshot read = {0};
        CHECK_EQ(decode(&bytes, &read, NULL) == TARE_OK, bytes.size == size);
        tare_snapshot_deinit(&read);
    }
    tare_buffer_deinit(&bytes);
    tare_snapshot_deinit(&snapshot);
}

TEST(survives_every_failed_allocation)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        tare_snapshot   snapshot = {0}, read = {0};
        tare_file_state state;
        oom_init(&memory, fail_at);
        tare_buffer bytes = {.alloc = &memory.alloc};
        status = encode_known(&snapshot, &bytes);
        if (status == TARE_OK)
            status = tare_heap_decode(bytes.bytes, bytes.size, &memory.alloc, &read, &state, NULL);
        tare_snapshot_deinit(&snapshot);
        tare_snapshot_deinit(&read);
        tare_buffer_deinit(&bytes);
        CHECK_EQ(memory.outstanding, 0);
    }
}
