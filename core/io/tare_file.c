/* tare_file.c - the writer, and reading by path.
 *
 *     file   | magic | flush 1 | flush 2 | ... | flush n |
 *                                                 size_bytes ^   what is in progress
 *
 * A flush is encoded whole, written by one pwrite at size_bytes, and only then counted
 * as progress. A failed write changes neither, so the next flush repeats it together
 * with what has come since.
 *
 * Increments pile up while the profile stays small, and points of series that were thinned out.
 * Once they are more than half of the file (and the file is above 1 MiB) the profile is written
 * anew beside it; between two such rewrites the file at least doubles, so their cost is a
 * constant per byte written.
 *
 * A flush fits whole or not at all, for half of one would be the profile of no moment. It is
 * therefore due whenever the tables have grown by a part of themselves: a full disk then
 * keeps most of what it has room for, and the number of flushes is the logarithm of the
 * growth.
 *
 * Thread rule: one writer, one thread. Cost of a flush: see encode.h, one system call. */
#include "io/tare_file.h"

#include "os/disk.h"
#include "os/os.h"
#include "io/encode.h"
#include "io/format.h"

#define COMPACT_ABOVE_BYTES (UINT64_C(1) << 20)
#define LOAD_LIMIT_BYTES (UINT64_C(1) << 32)

enum {
    GROWTH_MIN_ENTRIES = 1000, /* some 6 KiB: fewer are not worth a call */
    GROWTH_PARTS = 8
};

struct tare_writer {
    const tare_alloc *alloc; /* borrowed */
    tare_disk         disk;
    tare_progress     progress;
    tare_buffer       bytes; /* of the flush at hand */
    uint64_t          size_bytes;
    uint64_t          passing_bytes; /* of size_bytes, since the last rewrite */
    uint64_t          entry_count;   /* in the file */
};

uint64_t tare_writer_size_bytes(const tare_writer *writer)
{
    return writer->size_bytes;
}

/* Of the tables that grow with the variety of the program. */
static uint64_t count_entries(const tare_profile *profile)
{
    return (uint64_t)profile->strings.count + profile->function_count + profile->frame_count +
           profile->node_count + profile->label_set_count + profile->value_count;
}

bool tare_writer_is_behind(const tare_writer *writer, const tare_profile *profile)
{
    uint64_t tolerated = writer->entry_count / GROWTH_PARTS;
    if (tolerated < GROWTH_MIN_ENTRIES)
        tolerated = GROWTH_MIN_ENTRIES;
    return count_entries(profile) - writer->entry_count >= tolerated;
}

/* Everything but the file. */
static void free_writer(tare_writer *writer)
{
    const tare_alloc *alloc = writer->alloc;
    tare_buffer_deinit(&writer->bytes);
    tare_progress_deinit(&writer->progress, alloc);
    tare_release(alloc, writer, 1, sizeof *writer);
}

tare_status tare_writer_open(tare_writer **out, const char *path, bool overwrite,
                             const tare_alloc *alloc, tare_error *err)
{
    void *memory;
    TARE_TRY(tare_acquire(alloc, &memory, 1, sizeof(tare_writer), err));
    tare_writer *writer = memory;
    writer->alloc = alloc;
    writer->bytes.alloc = alloc;
    tare_progress_init(&writer->progress);
    tare_status status = tare_disk_create(&writer->disk, path, overwrite, err);
    if (status == TARE_OK) {
        uint8_t magic[TARE_FILE_MAGIC_BYTES];
        tare_file_magic(magic);
        status = tare_disk_write(&writer->disk, 0, magic, sizeof magic, err);
        if (status != TARE_OK)
            tare_disk_discard(&writer->disk);
    }
    if (status != TARE_OK) {
        free_writer(writer);
        return status;
    }
    writer->size_bytes = TARE_FILE_MAGIC_BYTES;
    *out = writer;
    return TARE_OK;
}

static tare_status append_part(tare_writer *writer, const tare_profile *profile, bool last,
                               tare_error *err)
{
    tare_buffer_clear(&writer->bytes);
    tare_part part;
    TARE_TRY(tare_encode_part(&writer->progress, profile, last, &writer->bytes, &part, err));
    TARE_TRY(tare_disk_write(&writer->disk, writer->size_bytes, writer->bytes.bytes,
                             writer->bytes.size, err));
    writer->size_bytes += writer->bytes.size;
    writer->passing_bytes += part.passing_bytes;
    writer->entry_count = count_entries(profile);
    tare_progress_advance(&writer->progress, profile, &part);
    return TARE_OK;
}

static bool is_mostly_passing(const tare_writer *writer)
{
    return writer->size_bytes > COMPACT_ABOVE_BYTES &&
           writer->passing_bytes > writer->size_bytes / 2;
}

/* Writes the profile anew. The marks in progress stay as they are, for the new file holds
 * the same; only its chain of checksums is another. */
static tare_status rewrite(tare_writer *writer, const tare_profile *profile)
{
    tare_buffer_clear(&writer->bytes);
    uint8_t magic[TARE_FILE_MAGIC_BYTES];
    tare_file_magic(magic);
    tare_buffer_append(&writer->bytes, magic, sizeof magic);
    tare_progress nothing;
    tare_progress_init(&nothing);
    tare_part   part;
    tare_status status = tare_encode_part(&nothing, profile, false, &writer->bytes, &part, NULL);
    tare_progress_deinit(&nothing, writer->alloc);
    TARE_TRY(status);
    TARE_TRY(tare_disk_replace(&writer->disk, writer->bytes.bytes, writer->bytes.size, NULL));
    writer->size_bytes = writer->bytes.size;
    writer->progress.checksum = part.checksum;
    return TARE_OK;
}

tare_status tare_writer_flush(tare_writer *writer, const tare_profile *profile, tare_error *err)
{
    TARE_TRY(append_part(writer, profile, false, err));
    if (!is_mostly_passing(writer))
        return TARE_OK;
    /* The file is whole whether or not it could be made smaller, so a failure is no news
     * to the caller: the next attempt comes when these are half of the file again. */
    tare_status status = rewrite(writer, profile);
    (void)status;
    writer->passing_bytes = 0;
    return TARE_OK;
}

tare_status tare_writer_close(tare_writer *writer, const tare_profile *profile, tare_error *err)
{
    tare_status appended = append_part(writer, profile, true, err);
    tare_status closed = tare_disk_close(&writer->disk, appended == TARE_OK ? err : NULL);
    free_writer(writer);
    return appended != TARE_OK ? appended : closed;
}

tare_status tare_file_save(const tare_profile *profile, const char *path, bool overwrite,
                           bool complete, const tare_alloc *alloc, tare_error *err)
{
    tare_buffer   bytes = {.alloc = alloc};
    tare_progress nothing;
    tare_part     part;
    uint8_t       magic[TARE_FILE_MAGIC_BYTES];
    tare_file_magic(magic);
    tare_buffer_append(&bytes, magic, sizeof magic);
    tare_progress_init(&nothing);
    tare_status status = tare_encode_part(&nothing, profile, complete, &bytes, &part, err);
    tare_progress_deinit(&nothing, alloc);
    if (status == TARE_OK)
        status = tare_disk_save(path, overwrite, bytes.bytes, bytes.size, err);
    tare_buffer_deinit(&bytes);
    return status;
}

tare_status tare_file_load(const char *path, const tare_alloc *alloc, tare_profile *profile,
                           tare_file_state *state_out, tare_error *err)
{
    *state_out = (tare_file_state){0};
    uint8_t *bytes;
    size_t   capacity, size;
    TARE_TRY(tare_disk_read(path, LOAD_LIMIT_BYTES, alloc, &bytes, &capacity, &size, err));
    tare_error  inner = {0};
    tare_status status = tare_file_decode(bytes, size, alloc, profile, state_out, &inner);
    tare_release(alloc, bytes, capacity, 1);
    if (status != TARE_OK)
        return tare_fail(err, status, "open %s: %s", path, inner.message);
    return TARE_OK;
}
