/* test_snapshot.c - objects of a process as numbers: counted, named, checked. */
#include "harness.h"
#include "known_heap.h"
#include "oom.h"

static bool has_row(const tare_census *census, const char *key, int64_t count, int64_t bytes)
{
    uint32_t id = tare_intern_find(&census->keys, key, strlen(key));
    return id < census->row_count && census->rows[id].count == count &&
           census->rows[id].bytes == bytes;
}

TEST(objects_are_counted_by_type_module_and_size)
{
    tare_snapshot snapshot = {0};
    tare_census   types = {.alloc = tare_alloc_system()}, modules = types, sizes = types;
    CHECK_EQ(known_heap(&snapshot, tare_alloc_system()), TARE_OK);
    CHECK_EQ(tare_snapshot_check(&snapshot, NULL), TARE_OK);
    CHECK_EQ(tare_snapshot_count(&snapshot, TARE_CENSUS_TYPE, &types, NULL), TARE_OK);
    CHECK_EQ(types.all.count, KNOWN_OBJECTS - 1);
    CHECK_EQ(types.all.bytes, 1350);
    CHECK_EQ(types.all.allocated_bytes, 1350 + 8 * (KNOWN_OBJECTS - 1));
    CHECK(has_row(&types, "app.Row", 2, 100));
    CHECK(has_row(&types, "list", 2, 170));
    CHECK_EQ(types.parts[TARE_CENSUS_UNREACHED].count, KNOWN_OBJECTS - KNOWN_REACHED);
    CHECK_EQ(types.parts[TARE_CENSUS_UNREACHED].bytes, 120);
    CHECK_EQ(types.parts[TARE_CENSUS_OPAQUE].bytes, 50);
    CHECK_EQ(types.parts[TARE_CENSUS_STATIC].bytes, 70);
    CHECK_EQ(types.parts[TARE_CENSUS_FROZEN].bytes, 100);
    CHECK_EQ(tare_snapshot_count(&snapshot, TARE_CENSUS_MODULE, &modules, NULL), TARE_OK);
    CHECK(has_row(&modules, "app", 2, 100));
    CHECK(has_row(&modules, "builtins", 4, 1250));
    CHECK_EQ(tare_snapshot_count(&snapshot, TARE_CENSUS_SIZE, &sizes, NULL), TARE_OK);
    CHECK(has_row(&sizes, "up to 128", 3, 250));
    CHECK(has_row(&sizes, "up to 1 KiB", 1, 1000));
    CHECK_EQ(tare_snapshot_count(&snapshot, TARE_CENSUS_SITE, &sizes, NULL), TARE_UNSUPPORTED);
    tare_census_deinit(&types);
    tare_census_deinit(&modules);
    tare_census_deinit(&sizes);
    tare_snapshot_deinit(&snapshot);
}

static bool is_path(const tare_snapshot *snapshot, uint32_t object, const char *expected)
{
    tare_buffer text = {.alloc = tare_alloc_system()};
    tare_snapshot_path(snapshot, object, &text);
    bool same = text.size == strlen(expected) &&
                (text.size == 0 || memcmp(text.bytes, expected, text.size) == 0);
    tare_buffer_deinit(&text);
    return same;
}

TEST(paths_lead_from_the_root)
{
    tare_snapshot snapshot = {0};
    CHECK_EQ(known_heap(&snapshot, tare_alloc_system()), TARE_OK);
    CHECK(is_path(&snapshot, 0, ""));
    CHECK(is_path(&snapshot, 1, "sys.modules"));
    CHECK(is_path(&snapshot, 4, "sys.modules['app'].rows[3]"));
    CHECK(is_path(&snapshot, 6, "(garbage).other"));
    tare_snapshot_deinit(&snapshot);
}

TEST(long_paths_are_cut_in_the_middle)
{
    tare_snapshot snapshot = {0};
    CHECK_EQ(known_heap(&snapshot, tare_alloc_system()), TARE_OK);
    snapshot.object_count = 2;
    for (uint32_t parent = 1; parent < 1000; parent++)
        CHECK_EQ(known_object(&snapshot, 3, parent, NULL, 8, 0), TARE_OK);
    CHECK(is_path(&snapshot, 1000,
                  "sys.modules[3][3][3][3][3][3][3][3][3](980 steps)"
                  "[3][3][3][3][3][3][3][3][3][3]"));
    tare_snapshot_deinit(&snapshot);
}

TEST(what_does_not_fit_together_is_found)
{
    tare_snapshot     snapshot = {0};
    tare_heap_object *object;
    CHECK_EQ(known_heap(&snapshot, tare_alloc_system()), TARE_OK);
    object = &snapshot.objects[4];
    const tare_heap_object good = *object;
    object->parent = 4;
    CHECK_EQ(tare_snapshot_check(&snapshot, NULL), TARE_CORRUPT);
    *object = good;
    object->type = snapshot.type_count;
    CHECK_EQ(tare_snapshot_check(&snapshot, NULL), TARE_CORRUPT);
    *object = good;
    object->name = snapshot.profile.strings.count;
    CHECK_EQ(tare_snapshot_check(&snapshot, NULL), TARE_CORRUPT);
    *object = good;
    object->flags = TARE_OBJECT_FLAGS + 1;
    CHECK_EQ(tare_snapshot_check(&snapshot, NULL), TARE_CORRUPT);
    *object = good;
    object->retained_bytes = object->bytes - 1;
    CHECK_EQ(tare_snapshot_check(&snapshot, NULL), TARE_CORRUPT);
    *object = good;
    snapshot.reached_count = 0;
    CHECK_EQ(tare_snapshot_check(&snapshot, NULL), TARE_CORRUPT);
    snapshot.reached_count = KNOWN_OBJECTS + 1;
    CHECK_EQ(tare_snapshot_check(&snapshot, NULL), TARE_CORRUPT);
    snapshot.reached_count = KNOWN_OBJECTS;
    CHECK_EQ(tare_snapshot_check(&snapshot, NULL), TARE_OK);
    tare_snapshot_deinit(&snapshot);
}

TEST(survives_every_failed_allocation)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        tare_snapshot snapshot = {0};
        oom_init(&memory, fail_at);
        tare_census census = {.alloc = &memory.alloc};
        status = known_heap(&snapshot, &memory.alloc);
        if (status == TARE_OK)
            status = tare_snapshot_count(&snapshot, TARE_CENSUS_TYPE, &census, NULL);
        tare_census_deinit(&census);
        tare_snapshot_deinit(&snapshot);
        CHECK_EQ(memory.outstanding, 0);
    }
}
