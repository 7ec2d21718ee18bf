/* heap_file.c - see heap_file.h.
 *
 * The tables of the profile with strings and provenance, the blocks of the heap, the end: one
 * flush. Cost: O(objects), the whole file in memory. */
#include "io/heap_file.h"

#include "os/disk.h"
#include "io/encode.h"
#include "io/format.h"
#include "io/heap_blocks.h"

#define LOAD_LIMIT_BYTES (UINT64_C(1) << 32)

static tare_status set_flag(tare_profile *profile, const char *key, bool value, tare_error *err)
{
    return tare_profile_set_meta(profile, key, value ? "1" : "0", 1, err);
}

tare_status tare_heap_encode(tare_snapshot *snapshot, tare_buffer *out, tare_error *err)
{
    tare_profile *profile = &snapshot->profile;
    uint32_t      start = out->size;
    uint8_t       magic[TARE_FILE_MAGIC_BYTES];
    tare_progress nothing;
    tare_part     part;
    TARE_TRY(tare_heap_intern_keys(snapshot, err));
    TARE_TRY(set_flag(profile, "heap.during_collection", snapshot->census.during_collection, err));
    TARE_TRY(set_flag(profile, "heap.frozen_hidden", snapshot->census.frozen_hidden, err));
    tare_file_magic(magic);
    tare_buffer_append(out, magic, sizeof magic);
    uint32_t first = out->size;
    tare_progress_init(&nothing);
    tare_encode_tables(&nothing, profile, out);
    tare_heap_write(snapshot, out);
    (void)tare_encode_begin(out, TARE_BLOCK_END);
    if (out->failed) {
        out->size = start;
        return tare_fail(err, TARE_NO_MEMORY, "encode a heap of %u objects: out of memory",
                         snapshot->object_count);
    }
    tare_encode_seal(out->bytes + first, out->size - first, nothing.checksum, &part);
    return TARE_OK;
}

tare_status tare_heap_save(tare_snapshot *snapshot, const char *path, bool overwrite,
                           tare_error *err)
{
    tare_buffer bytes = {.alloc = snapshot->alloc};
    tare_status status = tare_heap_encode(snapshot, &bytes, err);
    if (status == TARE_OK)
        status = tare_disk_save(path, overwrite, bytes.bytes, bytes.size, err);
    tare_buffer_deinit(&bytes);
    return status;
}

tare_status tare_heap_load(const char *path, const tare_alloc *alloc, tare_snapshot *snapshot,
                           tare_file_state *state_out, tare_error *err)
{
    uint8_t *bytes;
    size_t   capacity, size;
    *state_out = (tare_file_state){0};
    TARE_TRY(tare_disk_read(path, LOAD_LIMIT_BYTES, alloc, &bytes, &capacity, &size, err));
    tare_error  inner = {0};
    tare_status status = tare_heap_decode(bytes, size, alloc, snapshot, state_out, &inner);
    tare_release(alloc, bytes, capacity, 1);
    if (status != TARE_OK)
        return tare_fail(err, status, "open %s: %s", path, inner.message);
    return TARE_OK;
}
