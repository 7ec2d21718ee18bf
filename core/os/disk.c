/* disk.c - creating, appending, replacing and reading files on a POSIX system.
 *
 * Descriptors are close-on-exec; a
 * call that a signal interrupts is repeated; a write that stops half way (disk full,
 * RLIMIT_FSIZE with SIGXFSZ ignored) is undone by cutting the file.
 *
 * Replacing: the new file is written under a name of its own and renamed over the old. If the
 * name of an open file no longer leads to it, somebody has moved or replaced it: theirs is
 * left alone. There is no fsync between the write and the rename, because it would hold
 * up the measurement; after a loss of power the common file systems keep one of the two.
 * Cost: tare_disk_write is one pwrite as a rule. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH: a directory that can be written to need not be readable */
#endif

#include "os/disk.h"

#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PRIVATE_MODE = 0600 };

/* Splits path and opens its directory. */
static tare_status open_directory(tare_disk *disk, const char *path, tare_error *err)
{
    char        directory[TARE_OS_PATH_BYTES] = ".";
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t      directory_size = (size_t)(name - path);
    if (strlen(name) >= sizeof disk->name || directory_size >= sizeof directory)
        return tare_fail_os(err, ENAMETOOLONG, "create %s", path);
    memcpy(disk->name, name, strlen(name) + 1);
    if (directory_size > 0) {
        memcpy(directory, path, directory_size);
        directory[directory_size] = '\0';
    }
    disk->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (disk->directory < 0)
        return tare_fail_os(err, errno, "create %s: open its directory", path);
    return TARE_OK;
}

/* What is there is a regular file, or nothing. */
static tare_status check_old(const tare_disk *disk, const char *path, bool *exists_out,
                             tare_error *err)
{
    struct stat old;
    *exists_out = fstatat(disk->directory, disk->name, &old, AT_SYMLINK_NOFOLLOW) == 0;
    if (!*exists_out)
        return errno == ENOENT ? TARE_OK : tare_fail_os(err, errno, "overwrite %s", path);
    if (!S_ISREG(old.st_mode))
        return tare_fail(err, TARE_USAGE,
                         "overwrite %s: it is not a regular file; give another name", path);
    return TARE_OK;
}

/* Removed rather than cut to nothing: whoever has the old file open keeps it, and a file
 * that somebody else put there is never written to. */
static tare_status remove_old(const tare_disk *disk, const char *path, tare_error *err)
{
    bool exists;
    TARE_TRY(check_old(disk, path, &exists, err));
    if (exists && unlinkat(disk->directory, disk->name, 0) != 0)
        return tare_fail_os(err, errno, "overwrite %s", path);
    return TARE_OK;
}

static int create_file(int directory, const char *name)
{
    return openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  PRIVATE_MODE);
}

static tare_status create_in_directory(tare_disk *disk, const char *path, bool overwrite,
                                       tare_error *err)
{
    if (overwrite)
        TARE_TRY(remove_old(disk, path, err));
    disk->file = create_file(disk->directory, disk->name);
    if (disk->file >= 0)
        return TARE_OK;
    if (errno == EEXIST)
        return tare_fail(err, TARE_USAGE,
                         "create %s: it exists; give another name or allow overwriting", path);
    return tare_fail_os(err, errno, "create %s", path);
}

tare_status tare_disk_create(tare_disk *disk, const char *path, bool overwrite, tare_error *err)
{
    TARE_TRY(open_directory(disk, path, err));
    tare_status status = create_in_directory(disk, path, overwrite, err);
    if (status != TARE_OK)
        close(disk->directory);
    return status;
}

void tare_disk_discard(tare_disk *disk)
{
    unlinkat(disk->directory, disk->name, 0);
    close(disk->file);
    close(disk->directory);
}

/* 0, or errno. */
static int write_all(int file, uint64_t offset, const uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = pwrite(file, bytes + done, size - done, (off_t)(offset + done));
        if (count < 0 && errno != EINTR)
            return errno;
        if (count > 0)
            done += (size_t)count;
    }
    return 0;
}

tare_status tare_disk_write(const tare_disk *disk, uint64_t offset, const uint8_t *bytes,
                            size_t size, tare_error *err)
{
    int failure = write_all(disk->file, offset, bytes, size);
    if (failure == 0)
        return TARE_OK;
    /* Should cutting fail as well, readers stop at the torn block by themselves. */
    int cut = ftruncate(disk->file, (off_t)offset);
    return tare_fail_os(err, failure, "write %zu bytes to %s%s", size, disk->name,
                        cut == 0 ? "" : " (its torn end stays there)");
}

static bool is_still_ours(const tare_disk *disk)
{
    struct stat ours, theirs;
    return fstat(disk->file, &ours) == 0 &&
           fstatat(disk->directory, disk->name, &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* Opens what is then in the place of the old file. */
static tare_status put_instead(const tare_disk *disk, const uint8_t *bytes, size_t size,
                               int *file_out, tare_error *err)
{
    char beside[48];
    snprintf(beside, sizeof beside, ".tare-%ld.new", (long)getpid());
    int file = create_file(disk->directory, beside);
    if (file < 0 && errno == EEXIST && unlinkat(disk->directory, beside, 0) == 0)
        file = create_file(disk->directory,
                           beside); /* of one that had our number, and was killed */
    if (file < 0)
        return tare_fail_os(err, errno, "create %s", beside);
    int failure = write_all(file, 0, bytes, size);
    if (failure == 0 && renameat(disk->directory, beside, disk->directory, disk->name) != 0)
        failure = errno;
    if (failure != 0) {
        unlinkat(disk->directory, beside, 0);
        close(file);
        return tare_fail_os(err, failure, "replace %s", disk->name);
    }
    *file_out = file;
    return TARE_OK;
}

tare_status tare_disk_replace(tare_disk *disk, const uint8_t *bytes, size_t size, tare_error *err)
{
    int file;
    if (!is_still_ours(disk))
        return tare_fail(err, TARE_GONE, "replace %s: it was moved or replaced", disk->name);
    TARE_TRY(put_instead(disk, bytes, size, &file, err));
    close(disk->file);
    disk->file = file;
    return TARE_OK;
}

static tare_status save_new(const char *path, const uint8_t *bytes, size_t size, tare_error *err)
{
    tare_disk disk;
    TARE_TRY(tare_disk_create(&disk, path, false, err));
    tare_status status = tare_disk_write(&disk, 0, bytes, size, err);
    if (status != TARE_OK) {
        tare_disk_discard(&disk);
        return status;
    }
    close(disk.file);
    close(disk.directory);
    return TARE_OK;
}

static tare_status save_over(const char *path, const uint8_t *bytes, size_t size, tare_error *err)
{
    tare_disk disk;
    bool      exists;
    TARE_TRY(open_directory(&disk, path, err));
    tare_status status = check_old(&disk, path, &exists, err);
    if (status == TARE_OK)
        status = put_instead(&disk, bytes, size, &disk.file, err);
    if (status == TARE_OK)
        close(disk.file);
    close(disk.directory);
    return status;
}

tare_status tare_disk_save(const char *path, bool overwrite, const uint8_t *bytes, size_t size,
                           tare_error *err)
{
    return overwrite ? save_over(path, bytes, size, err) : save_new(path, bytes, size, err);
}

tare_status tare_disk_close(tare_disk *disk, tare_error *err)
{
    int failure = fsync(disk->file) == 0 ? 0 : errno;
    if (close(disk->file) != 0 && failure == 0)
        failure = errno;
    close(disk->directory);
    if (failure != 0)
        return tare_fail_os(err, failure, "close %s", disk->name);
    return TARE_OK;
}

/* ---- reading ---- */

static tare_status read_open_file(int file, const char *path, uint64_t limit_bytes,
                                  const tare_alloc *alloc, uint8_t **bytes_out,
                                  size_t *capacity_out, size_t *size_out, tare_error *err)
{
    struct stat stat;
    if (fstat(file, &stat) != 0)
        return tare_fail_os(err, errno, "read %s", path);
    if (!S_ISREG(stat.st_mode))
        return tare_fail(err, TARE_USAGE, "read %s: it is not a regular file", path);
    if ((uint64_t)stat.st_size > limit_bytes)
        return tare_fail(err, TARE_LIMIT, "read %s: it has %lld bytes, more than %llu", path,
                         (long long)stat.st_size, (unsigned long long)limit_bytes);
    size_t capacity = (size_t)stat.st_size;
    void  *bytes;
    TARE_TRY(tare_acquire(alloc, &bytes, capacity, 1, err));
    size_t size = 0;
    while (size < capacity) {
        ssize_t count = read(file, (uint8_t *)bytes + size, capacity - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            int failure = errno;
            tare_release(alloc, bytes, capacity, 1);
            return tare_fail_os(err, failure, "read %s", path);
        }
        if (count == 0)
            break;
        size += (size_t)count;
    }
    *bytes_out = bytes;
    *capacity_out = capacity;
    *size_out = size;
    return TARE_OK;
}

tare_status tare_disk_read(const char *path, uint64_t limit_bytes, const tare_alloc *alloc,
                           uint8_t **bytes_out, size_t *capacity_out, size_t *size_out,
                           tare_error *err)
{
    /* Not blocking: a named pipe would wait for somebody to write to it. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return tare_fail_os(err, errno, "read %s", path);
    tare_status status = read_open_file(file, path, limit_bytes, alloc, bytes_out, capacity_out,
                                        size_out, err);
    close(file);
    return status;
}
