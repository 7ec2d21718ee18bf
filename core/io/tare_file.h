/* tare_file.h - the .tare file: append-only, whole blocks, checked.
 *
 * The bytes and the reasons for them are in docs/format.md. In short: an 8-byte magic
 * with version, then blocks of (type, length, checksum, payload). A block holds new
 * entries of one table; ids are implied by order. Values are increments, so a later
 * block adds to an earlier one. Whatever whole blocks exist can be opened: a killed
 * writer or a full disk loses at most what came after the last flush.
 *
 * Writer: one thread. A failed flush (disk full) leaves the file ending in its last
 * whole block, and the next flush tries again with everything not yet written.
 * When increments and points have made the file much larger than its content (more than twice
 * and more than 1 MiB), flush writes it anew beside and renames it over. */
#ifndef TARE_IO_TARE_FILE_H
#define TARE_IO_TARE_FILE_H

#include "base/bytes.h"
#include "model/profile.h"

enum { TARE_FILE_VERSION = 1 };

typedef struct tare_writer tare_writer;

/* Creates path (0600). Fails when it exists unless overwrite is set; never follows a
 * symbolic link in the last part. */
TARE_MUST_USE tare_status tare_writer_open(tare_writer **out, const char *path, bool overwrite,
                                           const tare_alloc *alloc, tare_error *err);
/* Appends everything that profile has and the file has not. The same profile each time. */
TARE_MUST_USE tare_status tare_writer_flush(tare_writer *writer, const tare_profile *profile,
                                            tare_error *err);
/* Has the profile grown so much since the last flush that it should not wait for its time? By
 * an eighth of what is in the file, and by 1,000 entries. O(1). */
bool tare_writer_is_behind(const tare_writer *writer, const tare_profile *profile);
/* Flushes, marks the file as complete and frees the writer, also on failure. */
TARE_MUST_USE tare_status tare_writer_close(tare_writer *writer, const tare_profile *profile,
                                            tare_error *err);
/* Bytes in the file now. */
uint64_t tare_writer_size_bytes(const tare_writer *writer);

/* The whole profile as the bytes of one file, complete. For tests and merging. */
TARE_MUST_USE tare_status tare_file_encode(const tare_profile *profile, tare_buffer *out,
                                           tare_error *err);

/* The same in a file, opened, written and closed in this call, without waiting for the disk: for
 * those who may keep nothing open. complete == false leaves out the mark that the measurement
 * has ended. Created as by tare_writer_open. */
TARE_MUST_USE tare_status tare_file_save(const tare_profile *profile, const char *path,
                                         bool overwrite, bool complete, const tare_alloc *alloc,
                                         tare_error *err);

typedef struct tare_file_state {
    uint32_t version;
    uint32_t block_count;   /* whole blocks read */
    bool     complete;      /* the writer ended properly */
    uint64_t lost_bytes;    /* after the last whole block */
    uint64_t lost_offset;   /* where they begin, in bytes */
    uint32_t unknown_count; /* blocks of a type this version does not know: skipped */
} tare_file_state;

/* Reads into *profile, which must be zeroed; the caller deinits it (also on failure it
 * is safe to deinit). An incomplete file is TARE_OK with state saying so. No whole block
 * with a profile in it: TARE_CORRUPT (empty, foreign, too damaged); a newer major
 * version: TARE_UNSUPPORTED. Everything in the bytes is checked before it is used. */
TARE_MUST_USE tare_status tare_file_decode(const uint8_t *bytes, size_t size,
                                           const tare_alloc *alloc, tare_profile *profile,
                                           tare_file_state *state_out, tare_error *err);
/* The same from a path; at most 4 GiB. */
TARE_MUST_USE tare_status tare_file_load(const char *path, const tare_alloc *alloc,
                                         tare_profile *profile, tare_file_state *state_out,
                                         tare_error *err);

#endif
