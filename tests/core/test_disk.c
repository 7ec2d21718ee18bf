/* test_disk.c - files: made for their owner alone, never through a link, whole or as before. */
#define _GNU_SOURCE 1

#include "harness.h"
#include "oom.h"

#include "os/disk.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 64 };

/* A folder of its own for each test, and names in it. */
typedef struct folder {
    char path[PATH_BYTES];
    char file[2 * PATH_BYTES];
    char other[2 * PATH_BYTES];
} folder;

static folder make_folder(void)
{
    folder f = {.path = "/tmp/tare-disk-XXXXXX"};
    if (mkdtemp(f.path) == NULL)
        abort();
    snprintf(f.file, sizeof f.file, "%s/x.tare", f.path);
    snprintf(f.other, sizeof f.other, "%s/other", f.path);
    return f;
}

static void remove_folder(const folder *f)
{
    unlink(f->file);
    unlink(f->other);
    CHECK_EQ(rmdir(f->path), 0); /* nothing else was left there */
}

static bool holds(const char *path, const char *expected)
{
    uint8_t *bytes = NULL;
    size_t   capacity = 0;
    size_t   size = 0;
    if (tare_disk_read(path, 1000, tare_alloc_system(), &bytes, &capacity, &size, NULL) != TARE_OK)
        return false;
    bool same = size == strlen(expected) && (size == 0 || memcmp(bytes, expected, size) == 0);
    tare_release(tare_alloc_system(), bytes, capacity, 1);
    return same;
}

static tare_status write_text(const tare_disk *disk, uint64_t offset, const char *text)
{
    return tare_disk_write(disk, offset, (const uint8_t *)text, strlen(text), NULL);
}

static tare_status replace_with(tare_disk *disk, const char *text, tare_error *err)
{
    return tare_disk_replace(disk, (const uint8_t *)text, strlen(text), err);
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* ---- creating ---- */

TEST(a_new_file_is_its_owners)
{
    folder      f = make_folder();
    tare_disk   disk;
    struct stat info;
    CHECK_EQ(tare_disk_create(&disk, f.file, false, NULL), TARE_OK);
    CHECK_EQ(stat(f.file, &info), 0);
    CHECK_EQ(info.st_mode & 0777, 0600);
    CHECK_EQ(write_text(&disk, 0, "one"), TARE_OK);
    CHECK_EQ(write_text(&disk, 3, " two"), TARE_OK);
    CHECK_EQ(tare_disk_close(&disk, NULL), TARE_OK);
    CHECK(holds(f.file, "one two"));
    remove_folder(&f);
}

TEST(what_is_there_stays_unless_told_otherwise)
{
    folder     f = make_folder();
    tare_disk  disk;
    tare_error err;
    put_file(f.file, "precious");
    CHECK_EQ(link(f.file, f.other), 0); /* somebody else's name for it */
    CHECK_EQ(tare_disk_create(&disk, f.file, false, &err), TARE_USAGE);
    CHECK(strstr(err.message, "exists") != NULL);
    CHECK(holds(f.file, "precious"));
    CHECK_EQ(tare_disk_create(&disk, f.file, true, NULL), TARE_OK);
    CHECK_EQ(tare_disk_close(&disk, NULL), TARE_OK);
    CHECK(holds(f.file, "") && holds(f.other, "precious"));
    remove_folder(&f);
}

TEST(never_through_a_link_nor_over_a_folder)
{
    folder     f = make_folder();
    tare_disk  disk;
    tare_error err;
    put_file(f.other, "precious");
    CHECK_EQ(symlink(f.other, f.file), 0);
    CHECK_EQ(tare_disk_create(&disk, f.file, false, NULL), TARE_USAGE);
    CHECK_EQ(tare_disk_create(&disk, f.file, true, &err), TARE_USAGE);
    CHECK(strstr(err.message, "not a regular file") != NULL);
    CHECK(holds(f.other, "precious"));
    CHECK_EQ(tare_disk_create(&disk, f.path, true, NULL), TARE_USAGE);
    remove_folder(&f);
}

TEST(names_that_cannot_be)
{
    tare_disk disk;
    char      name[TARE_DISK_NAME_BYTES + 1];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    CHECK_EQ(tare_disk_create(&disk, name, false, NULL), TARE_SYSTEM);
    CHECK_EQ(tare_disk_create(&disk, "/no/such/folder/x", false, NULL), TARE_NOT_FOUND);
    CHECK_EQ(tare_disk_create(&disk, "/dev/null/x", false, NULL), TARE_SYSTEM);
    CHECK(tare_disk_create(&disk, "/tmp/", false, NULL) != TARE_OK);
}

TEST(a_discarded_file_is_gone)
{
    folder    f = make_folder();
    tare_disk disk;
    CHECK_EQ(tare_disk_create(&disk, f.file, false, NULL), TARE_OK);
    tare_disk_discard(&disk);
    CHECK_EQ(access(f.file, F_OK), -1);
    remove_folder(&f);
}

/* ---- writing ---- */

/* No more than five bytes fit into a file; returns the limit that was. */
static struct rlimit allow_five_bytes(void)
{
    struct rlimit before;
    signal(SIGXFSZ, SIG_IGN);
    CHECK_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 5, .rlim_max = before.rlim_max};
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    return before;
}

/* The file ends where the write began. */
TEST(a_write_that_stops_half_way_is_undone)
{
    folder    f = make_folder();
    tare_disk disk;
    CHECK_EQ(tare_disk_create(&disk, f.file, false, NULL), TARE_OK);
    CHECK_EQ(write_text(&disk, 0, "abc"), TARE_OK);
    struct rlimit before = allow_five_bytes();
    tare_status   status = write_text(&disk, 3, "defg");
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_EQ(status, TARE_SYSTEM);
    CHECK(holds(f.file, "abc"));
    CHECK_EQ(write_text(&disk, 3, "defg"), TARE_OK);
    CHECK_EQ(tare_disk_close(&disk, NULL), TARE_OK);
    CHECK(holds(f.file, "abcdefg"));
    remove_folder(&f);
}

TEST(replaced_in_one_step)
{
    folder    f = make_folder();
    tare_disk disk;
    CHECK_EQ(tare_disk_create(&disk, f.file, false, NULL), TARE_OK);
    CHECK_EQ(write_text(&disk, 0, "a long one"), TARE_OK);
    CHECK_EQ(link(f.file, f.other), 0); /* as one who has the old file open */
    CHECK_EQ(replace_with(&disk, "short", NULL), TARE_OK);
    CHECK(holds(f.file, "short") && holds(f.other, "a long one"));
    CHECK_EQ(write_text(&disk, 5, " and more"), TARE_OK); /* it is the new one that goes on */
    CHECK(holds(f.file, "short and more"));
    CHECK_EQ(tare_disk_close(&disk, NULL), TARE_OK);
    remove_folder(&f);
}

TEST(somebody_elses_file_is_not_replaced)
{
    folder     f = make_folder();
    tare_disk  disk;
    tare_error err;
    CHECK_EQ(tare_disk_create(&disk, f.file, false, NULL), TARE_OK);
    CHECK_EQ(rename(f.file, f.other), 0);
    CHECK_EQ(replace_with(&disk, "new", &err), TARE_GONE);
    put_file(f.file, "theirs");
    CHECK_EQ(replace_with(&disk, "new", &err), TARE_GONE);
    CHECK(holds(f.file, "theirs"));
    CHECK_EQ(write_text(&disk, 0, "ours"), TARE_OK);
    CHECK_EQ(tare_disk_close(&disk, NULL), TARE_OK);
    CHECK(holds(f.other, "ours"));
    remove_folder(&f);
}

static tare_status save_text(const char *path, bool overwrite, const char *text)
{
    return tare_disk_save(path, overwrite, (const uint8_t *)text, strlen(text), NULL);
}

TEST(saved_in_one_go)
{
    folder f = make_folder();
    CHECK_EQ(save_text(f.file, false, "one"), TARE_OK);
    CHECK_EQ(save_text(f.file, false, "two"), TARE_USAGE);
    CHECK(holds(f.file, "one"));
    CHECK_EQ(link(f.file, f.other), 0);
    CHECK_EQ(save_text(f.file, true, "two"), TARE_OK);
    CHECK(holds(f.file, "two") && holds(f.other, "one"));
    CHECK_EQ(unlink(f.file), 0);
    CHECK_EQ(save_text(f.file, true, "three"), TARE_OK);
    CHECK_EQ(unlink(f.file), 0);
    CHECK_EQ(symlink(f.other, f.file), 0);
    CHECK_EQ(save_text(f.file, true, "four"), TARE_USAGE);
    CHECK(holds(f.other, "one"));
    remove_folder(&f);
}

/* Of one that had our number, and was killed in the middle of it. */
TEST(what_a_killed_save_left_is_not_in_the_way)
{
    folder f = make_folder();
    char   left[sizeof f.path + 32];
    snprintf(left, sizeof left, "%s/.tare-%ld.new", f.path, (long)getpid());
    put_file(left, "half");
    CHECK_EQ(save_text(f.file, true, "whole"), TARE_OK);
    CHECK(holds(f.file, "whole"));
    remove_folder(&f);
}

/* What was saved before stays. */
TEST(a_save_that_does_not_fit_changes_nothing)
{
    folder f = make_folder();
    CHECK_EQ(save_text(f.file, false, "abc"), TARE_OK);
    struct rlimit before = allow_five_bytes();
    tare_status   over = save_text(f.file, true, "abcdef");
    tare_status   beside = save_text(f.other, false, "abcdef");
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK(over == TARE_SYSTEM && beside == TARE_SYSTEM);
    CHECK(holds(f.file, "abc"));
    CHECK_EQ(access(f.other, F_OK), -1);
    remove_folder(&f); /* which has nothing else in it */
}

/* ---- reading ---- */

TEST(what_is_no_file_or_too_large)
{
    folder   f = make_folder();
    uint8_t *bytes;
    size_t   capacity, size;
    put_file(f.file, "12345");
    CHECK_EQ(tare_disk_read(f.file, 4, tare_alloc_system(), &bytes, &capacity, &size, NULL),
             TARE_LIMIT);
    CHECK_EQ(mkfifo(f.other, 0600), 0); /* nobody writes to it: that must not hold us */
    CHECK_EQ(tare_disk_read(f.other, 9, tare_alloc_system(), &bytes, &capacity, &size, NULL),
             TARE_USAGE);
    CHECK_EQ(tare_disk_read(f.path, 9, tare_alloc_system(), &bytes, &capacity, &size, NULL),
             TARE_USAGE);
    unlink(f.file);
    CHECK_EQ(tare_disk_read(f.file, 9, tare_alloc_system(), &bytes, &capacity, &size, NULL),
             TARE_NOT_FOUND);
    remove_folder(&f);
}

TEST(reading_without_memory)
{
    folder   f = make_folder();
    oom      memory;
    uint8_t *bytes;
    size_t   capacity, size;
    put_file(f.file, "12345");
    oom_init(&memory, 1);
    CHECK_EQ(tare_disk_read(f.file, 9, &memory.alloc, &bytes, &capacity, &size, NULL),
             TARE_NO_MEMORY);
    CHECK_EQ(memory.outstanding, 0);
    oom_init(&memory, 0);
    CHECK_EQ(tare_disk_read(f.file, 9, &memory.alloc, &bytes, &capacity, &size, NULL), TARE_OK);
    CHECK_EQ(size, 5);
    tare_release(&memory.alloc, bytes, capacity, 1);
    CHECK_EQ(memory.outstanding, 0);
    remove_folder(&f);
}
