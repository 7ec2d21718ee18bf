/* disk.h - files, as a .tare file needs them: the other half of what os.h asks of a system.
 *
 * A tare_disk is one file open for writing together with its directory, so that a
 * process that changes its working directory meanwhile still replaces the right file.
 * Nothing is synchronised before tare_disk_close: a machine that loses power may lose
 * the last seconds, a process that is killed loses nothing that was written. */
#ifndef TARE_OS_DISK_H
#define TARE_OS_DISK_H

#include "base/alloc.h"

#include <stdbool.h>

enum { TARE_DISK_NAME_BYTES = 256 };

typedef struct tare_disk {
    int  file;                       /* descriptor */
    int  directory;                  /* descriptor */
    char name[TARE_DISK_NAME_BYTES]; /* of the file in its directory */
} tare_disk;

/* A new file that only its owner may read. What is there already is an error, or with
 * overwrite is removed when it is a regular file. A symbolic link is never followed. */
TARE_MUST_USE tare_status tare_disk_create(tare_disk *disk, const char *path, bool overwrite,
                                           tare_error *err);
/* Takes the file away again. */
void tare_disk_discard(tare_disk *disk);
/* All of it at offset; on failure the file ends at offset. */
TARE_MUST_USE tare_status tare_disk_write(const tare_disk *disk, uint64_t offset,
                                          const uint8_t *bytes, size_t size, tare_error *err);
/* These bytes instead of everything in the file, in one step: whoever opens the name sees
 * the old or the new content. On failure the old file goes on. */
TARE_MUST_USE tare_status tare_disk_replace(tare_disk *disk, const uint8_t *bytes, size_t size,
                                            tare_error *err);
/* Waits until the bytes are on the disk. The descriptors are closed also on failure. */
TARE_MUST_USE tare_status tare_disk_close(tare_disk *disk, tare_error *err);

/* A file with these bytes, without waiting for the disk. With overwrite instead of what is there,
 * in one step as above: on failure that stays. */
TARE_MUST_USE tare_status tare_disk_save(const char *path, bool overwrite, const uint8_t *bytes,
                                         size_t size, tare_error *err);

/* A whole regular file of at most limit_bytes, read once; caller frees *bytes_out with
 * tare_release(alloc, bytes, capacity, 1). *size_out is what arrived: less than capacity
 * when the file became shorter meanwhile. */
TARE_MUST_USE tare_status tare_disk_read(const char *path, uint64_t limit_bytes,
                                         const tare_alloc *alloc, uint8_t **bytes_out,
                                         size_t *capacity_out, size_t *size_out, tare_error *err);

#endif
