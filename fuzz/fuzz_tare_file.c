/* fuzz_tare_file.c - the reader of .tare files against any bytes.
 *
 * Each input is read twice: as it is, and with its magic and checksums made right, because
 * chance alone never gets past a checksum. What can be read must pass the model's check,
 * survive encode and decode with the same bytes, and go through every exporter and the tables
 * of calls and lines; so must what it says of a heap. */
#include "checking.h"
#include "heap/snapshot_ways.h"
#include "io/export.h"
#include "io/format.h"
#include "io/heap_file.h"
#include "stats/counts.h"
#include "stats/calltree.h"
#include "stats/linetable.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t load_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void repair(uint8_t *bytes, size_t size)
{
    if (size < TARE_FILE_MAGIC_BYTES)
        return;
    tare_file_magic(bytes);
    uint32_t checksum = tare_crc32c(0, bytes, TARE_FILE_MAGIC_BYTES);
    for (size_t at = TARE_FILE_MAGIC_BYTES; size - at >= TARE_BLOCK_HEADER_BYTES;) {
        uint8_t *header = bytes + at;
        size_t   length = load_u32(header + TARE_BLOCK_LENGTH_AT);
        if (length > size - at - TARE_BLOCK_HEADER_BYTES)
            return;
        checksum = tare_crc32c(checksum, header, TARE_BLOCK_CHECKED_BYTES);
        checksum = tare_crc32c(checksum, header + TARE_BLOCK_HEADER_BYTES, length);
        for (int i = 0; i < 4; i++)
            header[TARE_BLOCK_CHECKED_BYTES + i] = (uint8_t)(checksum >> 8 * i);
        at += TARE_BLOCK_HEADER_BYTES + length;
    }
}

static void export_everywhere(const tare_profile *profile)
{
    for (const tare_export_format *format = tare_export_formats(); format->name; format++) {
        for (uint32_t metric = 0; metric < profile->metric_count && metric < 2; metric++) {
            tare_buffer out = {.alloc = tare_alloc_system()};
            tare_status status = format->write(profile, metric, &out, NULL);
            require(status == TARE_OK || status == TARE_UNSUPPORTED);
            tare_buffer_deinit(&out);
        }
    }
}

static void count_calls(const tare_profile *profile)
{
    tare_counts     calls;
    tare_calltree   tree;
    tare_tree_picks picks;
    require(tare_counts_init(&calls, profile, TARE_NONE, NULL) == TARE_OK);
    for (uint32_t i = 0; i < calls.function_count; i++)
        require(calls.functions[i].sums.primitive_calls <= calls.functions[i].sums.calls);
    require(tare_calltree_init(&tree, profile, TARE_NONE, NULL) == TARE_OK);
    require(tare_calltree_pick(&picks, &tree, 1, tree.row_count / 2, NULL) == TARE_OK);
    require(picks.count <= picks.fit_count && picks.fit_count <= tree.row_count);
    tare_tree_picks_deinit(&picks);
    tare_calltree_deinit(&tree);
    tare_counts_deinit(&calls);
}

static void sum_lines(const tare_profile *profile)
{
    tare_linetable table;
    require(tare_linetable_init(&table, profile, TARE_NONE, NULL) == TARE_OK);
    for (uint32_t i = 0; i < table.function_count; i++)
        require(table.functions[i].sums.self_ns <= table.functions[i].sums.inclusive_ns);
    for (uint32_t i = 0; i < table.row_count; i++)
        require(table.rows[i].sums.self_ns <= table.rows[i].sums.inclusive_ns);
    tare_linetable_deinit(&table);
}

/* Every object is in one row, and each of a type is held in one way or another. */
static void count_heap(const tare_snapshot *snapshot, tare_census_by by)
{
    tare_census        census = {.alloc = tare_alloc_system()};
    tare_snapshot_ways ways = {0};
    int64_t            count = 0;
    require(tare_snapshot_count(snapshot, by, &census, NULL) == TARE_OK);
    for (uint32_t i = 0; i < census.row_count; i++)
        count += census.rows[i].count;
    require(count == (int64_t)snapshot->object_count - (snapshot->object_count > 0));
    if (by == TARE_CENSUS_TYPE && census.row_count > 0) {
        tare_text type = tare_intern_get(&census.keys, 0);
        require(tare_snapshot_ways_find(&ways, snapshot, type, NULL) == TARE_OK);
        require(ways.count == (uint64_t)census.rows[0].count);
        require(ways.bytes == (uint64_t)census.rows[0].bytes);
    }
    tare_snapshot_ways_deinit(&ways);
    tare_census_deinit(&census);
}

/* What can be read as a heap is written with the same bytes as what is read of them. */
static void read_heap(const uint8_t *data, size_t size)
{
    tare_snapshot   first = {0}, second = {0};
    tare_buffer     bytes = {.alloc = tare_alloc_system()}, again = bytes;
    tare_file_state state;
    if (tare_heap_decode(data, size, tare_alloc_system(), &first, &state, NULL) == TARE_OK) {
        uint32_t ids[8], count;
        count_heap(&first, TARE_CENSUS_TYPE);
        count_heap(&first, TARE_CENSUS_MODULE);
        count_heap(&first, TARE_CENSUS_SIZE);
        require(tare_snapshot_largest(&first, 8, ids, &count, NULL) == TARE_OK);
        for (uint32_t i = 0; i < count; i++)
            tare_snapshot_path(&first, ids[i], &again);
        tare_buffer_clear(&again);
        require(tare_heap_encode(&first, &bytes, NULL) == TARE_OK);
        require(tare_heap_decode(bytes.bytes, bytes.size, tare_alloc_system(), &second, &state,
                                 NULL) == TARE_OK);
        require(tare_heap_encode(&second, &again, NULL) == TARE_OK);
        require(bytes.size == again.size && memcmp(bytes.bytes, again.bytes, bytes.size) == 0);
    }
    tare_snapshot_deinit(&first);
    tare_snapshot_deinit(&second);
    tare_buffer_deinit(&bytes);
    tare_buffer_deinit(&again);
}

static void read_input(const uint8_t *data, size_t size)
{
    tare_profile    profile = {0};
    tare_file_state state;
    if (tare_file_decode(data, size, tare_alloc_system(), &profile, &state, NULL) == TARE_OK) {
        require(state.lost_offset + state.lost_bytes == size);
        check_round_trip(&profile);
        export_everywhere(&profile);
        count_calls(&profile);
        sum_lines(&profile);
    }
    tare_profile_deinit(&profile);
    read_heap(data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_input(data, size);
    uint8_t *copy = malloc(size > 0 ? size : 1);
    require(copy != NULL);
    memcpy(copy, data, size);
    repair(copy, size);
    read_input(copy, size);
    free(copy);
    return 0;
}
