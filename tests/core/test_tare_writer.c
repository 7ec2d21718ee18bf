/* test_tare_writer.c - .tare files on a disk: created safely, complete after each flush,
 * whole when the disk is full, small when they have grown. */
#include "harness.h"
#include "oom.h"

#include "io/tare_file.h"
#include "known_profile.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 256 };

/* A folder of its own for each test. */
typedef struct folder {
    char path[PATH_BYTES];
    char file[PATH_BYTES + 16]; /* x.tare in it */
} folder;

static void make_folder(folder *f)
{
    snprintf(f->path, sizeof f->path, "/tmp/tare_writer_XXXXXX");
    if (mkdtemp(f->path) == NULL)
        abort();
    snprintf(f->file, sizeof f->file, "%s/x.tare", f->path);
}

static int count_entries(const folder *f)
{
    DIR *directory = opendir(f->path);
    int  count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void remove_folder(const folder *f)
{
    DIR *directory = opendir(f->path);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    CHECK_EQ(rmdir(f->path), 0);
}

static uint64_t file_size(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : UINT64_MAX;
}

static tare_status open_writer(tare_writer **writer, const char *path, bool overwrite,
                               tare_error *err)
{
    return tare_writer_open(writer, path, overwrite, tare_alloc_system(), err);
}

static tare_buffer encode(const tare_profile *profile)
{
    tare_buffer out = {.alloc = tare_alloc_system()};
    must(tare_file_encode(profile, &out, NULL));
    return out;
}

/* The file holds exactly that profile. */
static void check_file(const char *path, const tare_profile *expected, bool complete)
{
    tare_profile    profile = {0};
    tare_file_state state;
    CHECK_EQ(tare_file_load(path, tare_alloc_system(), &profile, &state, NULL), TARE_OK);
    CHECK_EQ(state.complete, complete);
    CHECK_EQ(state.lost_bytes, 0);
    tare_buffer a = encode(&profile), b = encode(expected);
    CHECK(a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0);
    tare_buffer_deinit(&a);
    tare_buffer_deinit(&b);
    tare_profile_deinit(&profile);
}

TEST(a_file_saved_in_one_go)
{
    folder       f;
    tare_profile profile = {0};
    tare_error   err;
    make_folder(&f);
    known_profile(&profile, tare_alloc_system());
    const tare_alloc *alloc = tare_alloc_system();
    CHECK_EQ(tare_file_save(&profile, f.file, false, false, alloc, NULL), TARE_OK);
    check_file(f.file, &profile, false);
    CHECK(tare_file_save(&profile, f.file, false, true, alloc, &err) != TARE_OK);
    CHECK_EQ(tare_file_save(&profile, f.file, true, true, alloc, NULL), TARE_OK);
    check_file(f.file, &profile, true);
    CHECK_EQ(count_entries(&f), 1);
    oom memory;
    for (size_t fail_at = 1;; fail_at++) {
        oom_init(&memory, fail_at);
        tare_status status = tare_file_save(&profile, f.file, true, true, &memory.alloc, NULL);
        CHECK_EQ(memory.outstanding, 0);
        check_file(f.file, &profile, true);
        if (status == TARE_OK)
            break;
    }
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

TEST(file_is_readable_after_every_flush)
{
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0};
    make_folder(&f);
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    CHECK_EQ(tare_writer_size_bytes(writer), 8);
    for (int step = 0; step < KNOWN_STEPS; step++) {
        known_step(&profile, step);
        CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
        CHECK_EQ(tare_writer_size_bytes(writer), file_size(f.file));
        check_file(f.file, &profile, false);
    }
    uint64_t size = tare_writer_size_bytes(writer);
    CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
    CHECK_EQ(file_size(f.file), size); /* nothing new, nothing written */
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    check_file(f.file, &profile, true);
    CHECK_EQ(count_entries(&f), 1);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

TEST(file_is_private)
{
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0};
    struct stat  status;
    make_folder(&f);
    empty_profile(&profile, tare_alloc_system());
    mode_t mask = umask(0);
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    umask(mask);
    CHECK_EQ(stat(f.file, &status), 0);
    CHECK_EQ(status.st_mode & 07777, 0600);
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    check_file(f.file, &profile, true);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

static void put_text(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");
    if (stream == NULL || fputs(text, stream) < 0 || fclose(stream) != 0)
        abort();
}

TEST(existing_file_is_kept_unless_told_otherwise)
{
    folder       f;
    tare_writer *writer;
    tare_error   err;
    tare_profile profile = {0};
    make_folder(&f);
    put_text(f.file, "precious, and longer than the file that replaces it");
    CHECK_EQ(open_writer(&writer, f.file, false, &err), TARE_USAGE);
    CHECK(strstr(err.message, "exists") != NULL);
    CHECK_EQ(file_size(f.file), 51);
    known_profile(&profile, tare_alloc_system());
    CHECK_EQ(open_writer(&writer, f.file, true, NULL), TARE_OK);
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    check_file(f.file, &profile, true);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

TEST(symbolic_links_are_not_followed)
{
    folder       f;
    tare_writer *writer;
    char         target[PATH_BYTES + 16];
    make_folder(&f);
    snprintf(target, sizeof target, "%s/target", f.path);
    put_text(target, "precious");
    CHECK_EQ(symlink(target, f.file), 0);
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_USAGE);
    CHECK_EQ(open_writer(&writer, f.file, true, NULL), TARE_USAGE);
    CHECK_EQ(file_size(target), 8);
    CHECK_EQ(unlink(target), 0);
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_USAGE); /* nor when dangling */
    CHECK(file_size(target) == UINT64_MAX);
    remove_folder(&f);
}

TEST(places_that_cannot_be_written_are_named)
{
    folder       f;
    tare_writer *writer;
    tare_error   err;
    char         path[PATH_BYTES + 16];
    make_folder(&f);
    CHECK_EQ(open_writer(&writer, f.path, true, &err), TARE_USAGE);
    CHECK(strstr(err.message, "not a regular file") != NULL);
    snprintf(path, sizeof path, "%s/no/x.tare", f.path);
    CHECK_EQ(open_writer(&writer, path, false, &err), TARE_NOT_FOUND);
    CHECK(strstr(err.message, path) != NULL);
    CHECK_EQ(mkfifo(f.file, 0600), 0); /* stands for devices: a test must not risk a real one */
    CHECK_EQ(open_writer(&writer, f.file, true, &err), TARE_USAGE);
    struct stat status;
    CHECK(stat(f.file, &status) == 0 && S_ISFIFO(status.st_mode));
    char long_name[400];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    CHECK_EQ(open_writer(&writer, long_name, false, &err), TARE_SYSTEM);
    remove_folder(&f);
}

/* ---- full disks ---- */

static rlim_t limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    rlim_t old = limit.rlim_cur;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
    return old;
}

TEST(full_disk_keeps_what_was_flushed_and_can_be_retried)
{
    folder       f;
    tare_writer *writer;
    tare_error   err;
    tare_profile profile = {0}, before = {0};
    make_folder(&f);
    signal(SIGXFSZ, SIG_IGN);
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    must(tare_profile_init(&before, tare_alloc_system(), NULL));
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    known_step(&profile, 0);
    known_step(&before, 0);
    CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
    uint64_t size = tare_writer_size_bytes(writer);
    /* The disk is full at once, or after some bytes of the flush. */
    for (uint64_t room = 0; room < 60; room += 7) {
        if (room < 14)
            known_step(&profile, room == 0 ? 1 : 2);
        rlim_t old = limit_file_size(size + room);
        CHECK_EQ(tare_writer_flush(writer, &profile, &err), TARE_SYSTEM);
        limit_file_size(old);
        CHECK(strstr(err.message, "x.tare") != NULL);
        CHECK_EQ(tare_writer_size_bytes(writer), size);
        CHECK_EQ(file_size(f.file), size);
        check_file(f.file, &before, false);
    }
    CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
    check_file(f.file, &profile, false);
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    check_file(f.file, &profile, true);
    tare_profile_deinit(&before);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

TEST(disk_full_at_the_end_is_told)
{
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0};
    make_folder(&f);
    known_profile(&profile, tare_alloc_system());
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
    rlim_t old = limit_file_size(tare_writer_size_bytes(writer));
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_SYSTEM);
    limit_file_size(old);
    check_file(f.file, &profile, false);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

TEST(disk_full_from_the_start_leaves_no_file)
{
    folder       f;
    tare_writer *writer;
    make_folder(&f);
    rlim_t old = limit_file_size(5);
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_SYSTEM);
    limit_file_size(old);
    CHECK_EQ(count_entries(&f), 0);
    remove_folder(&f);
}

/* ---- growing and shrinking ---- */

enum { WIDE_NODES = 3000, ABOVE_LIMIT_BYTES = 1 << 20 };

/* One node more below the root, with a function of its own and one tick. */
static void widen(tare_profile *profile)
{
    char name[16];
    snprintf(name, sizeof name, "f%u", profile->node_count);
    uint32_t function = known_function(profile, name, name, "w.py", 1, TARE_FUNCTION_PYTHON);
    known_sample(profile, known_child(profile, 0, function, 1), 0, "python_ns", 1);
}

static void wide_profile(tare_profile *profile)
{
    must(tare_profile_init(profile, tare_alloc_system(), NULL));
    for (uint32_t i = 0; i < WIDE_NODES; i++)
        widen(profile);
}

/* One tick everywhere, then a flush. */
static tare_status flush_increments(tare_writer *writer, tare_profile *profile)
{
    for (uint32_t node = 1; node <= WIDE_NODES; node++)
        known_sample(profile, node, 0, "python_ns", 1);
    return tare_writer_flush(writer, profile, NULL);
}

/* Flushes until the file becomes smaller; the number of flushes, at most 100. */
static int flush_until_smaller(tare_writer *writer, tare_profile *profile)
{
    int      count = 0;
    uint64_t before;
    do {
        before = tare_writer_size_bytes(writer);
        CHECK_EQ(flush_increments(writer, profile), TARE_OK);
    } while (++count < 100 && tare_writer_size_bytes(writer) > before);
    return count;
}

/* Flushes past the size at which the file would be written anew; it must not shrink. */
static void flush_until_large(tare_writer *writer, tare_profile *profile)
{
    for (int count = 0; count < 100; count++) {
        if (tare_writer_size_bytes(writer) > ABOVE_LIMIT_BYTES * 3 / 2)
            return;
        CHECK_EQ(flush_increments(writer, profile), TARE_OK);
    }
    CHECK(tare_writer_size_bytes(writer) > ABOVE_LIMIT_BYTES * 3 / 2);
}

TEST(increments_do_not_pile_up)
{
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0};
    make_folder(&f);
    wide_profile(&profile);
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
    uint64_t content = tare_writer_size_bytes(writer);
    CHECK(content < ABOVE_LIMIT_BYTES / 4);
    for (int round = 0; round < 2; round++) {
        CHECK(flush_until_smaller(writer, &profile) < 100);
        CHECK(tare_writer_size_bytes(writer) < content * 3 / 2);
        CHECK_EQ(tare_writer_size_bytes(writer), file_size(f.file));
        CHECK_EQ(count_entries(&f), 1);
        check_file(f.file, &profile, false);
        CHECK_EQ(flush_increments(writer, &profile), TARE_OK);
        check_file(f.file, &profile, false);
    }
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    check_file(f.file, &profile, true);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

/* A series that is thinned out at each flush is written whole each time. */
TEST(points_do_not_pile_up)
{
    enum { POINTS = 20000 };
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0};
    uint64_t     largest = 0;
    uint64_t     before = 0;
    int          shrunk = 0;
    make_folder(&f);
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    known_thread(&profile, "41 p", "41 t", "1");
    for (uint64_t i = 0; i < POINTS; i++)
        known_point(&profile, "rss_bytes", 1000000 * i, (int64_t)i);
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    for (int round = 0; round < 100; round++) {
        profile.series[0].points[0].amount = round;
        tare_profile_set_points(&profile, 0, POINTS);
        CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
        uint64_t size = tare_writer_size_bytes(writer);
        largest = size > largest ? size : largest;
        shrunk += size < before;
        before = size;
    }
    CHECK(largest < 2 * ABOVE_LIMIT_BYTES);
    CHECK(shrunk > 2);
    check_file(f.file, &profile, false);
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    check_file(f.file, &profile, true);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

TEST(file_that_cannot_be_replaced_goes_on_growing)
{
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0};
    char         in_the_way[PATH_BYTES + 64];
    make_folder(&f);
    wide_profile(&profile);
    snprintf(in_the_way, sizeof in_the_way, "%s/.tare-%ld.new", f.path, (long)getpid());
    CHECK_EQ(mkdir(in_the_way, 0700), 0);
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    flush_until_large(writer, &profile);
    check_file(f.file, &profile, false);
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    check_file(f.file, &profile, true);
    CHECK_EQ(rmdir(in_the_way), 0);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

TEST(file_that_was_moved_is_left_where_it_is)
{
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0};
    char         moved[PATH_BYTES + 16];
    make_folder(&f);
    wide_profile(&profile);
    snprintf(moved, sizeof moved, "%s/moved", f.path);
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    CHECK_EQ(rename(f.file, moved), 0);
    put_text(f.file, "somebody else's");
    flush_until_large(writer, &profile);
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    CHECK_EQ(file_size(f.file), 15);
    check_file(moved, &profile, true);
    CHECK_EQ(count_entries(&f), 2);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

TEST(relative_path_survives_a_change_of_directory)
{
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0};
    char         old[4096];
    make_folder(&f);
    wide_profile(&profile);
    CHECK(getcwd(old, sizeof old) != NULL);
    CHECK_EQ(chdir(f.path), 0);
    CHECK_EQ(open_writer(&writer, "x.tare", false, NULL), TARE_OK);
    CHECK_EQ(chdir(old), 0);
    CHECK(flush_until_smaller(writer, &profile) < 100);
    check_file(f.file, &profile, false);
    CHECK_EQ(count_entries(&f), 1);
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

/* ---- growth ---- */

/* So many strings more; none of them is in the profile already. */
static void add_strings(tare_profile *profile, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char text[24];
        int  size = snprintf(text, sizeof text, "string %u", profile->strings.count);
        known_string(profile, text, (size_t)size);
    }
}

/* Exactly so many new entries bring a flush forward, and the flush settles it. */
static void check_tolerance(tare_writer *writer, tare_profile *profile, uint32_t entries)
{
    CHECK(!tare_writer_is_behind(writer, profile));
    add_strings(profile, entries - 1);
    CHECK(!tare_writer_is_behind(writer, profile));
    add_strings(profile, 1);
    CHECK(tare_writer_is_behind(writer, profile));
    rlim_t old = limit_file_size(tare_writer_size_bytes(writer));
    CHECK_EQ(tare_writer_flush(writer, profile, NULL), TARE_SYSTEM);
    limit_file_size(old);
    CHECK(tare_writer_is_behind(writer, profile)); /* nothing counts as written */
    CHECK_EQ(tare_writer_flush(writer, profile, NULL), TARE_OK);
    CHECK(!tare_writer_is_behind(writer, profile));
}

TEST(growth_by_an_eighth_makes_a_flush_due)
{
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0};
    make_folder(&f);
    signal(SIGXFSZ, SIG_IGN);
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
    check_tolerance(writer, &profile, 1000);
    check_tolerance(writer, &profile, 1000);
    /* 7 entries a node: a name, a function, a frame, the node, three values. */
    for (uint32_t i = 0; i < WIDE_NODES; i++)
        widen(&profile);
    CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
    uint32_t names = profile.strings.count + profile.label_set_count;
    check_tolerance(writer, &profile, (names + 1 + 6 * WIDE_NODES) / 8);
    CHECK_EQ(flush_increments(writer, &profile), TARE_OK); /* larger amounts are no growth */
    CHECK(!tare_writer_is_behind(writer, &profile));
    known_thread(&profile, "41 p", "41 t", "1");
    for (uint64_t i = 0; i < 100000; i++) /* nor are points */
        known_point(&profile, "rss_bytes", i, (int64_t)i);
    CHECK(!tare_writer_is_behind(writer, &profile));
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_OK);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

TEST(growing_profile_fills_a_small_disk)
{
    enum { ROOM_BYTES = 40000 };
    folder       f;
    tare_writer *writer;
    tare_profile profile = {0}, kept = {0};
    make_folder(&f);
    signal(SIGXFSZ, SIG_IGN);
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    must(tare_profile_init(&kept, tare_alloc_system(), NULL));
    CHECK_EQ(open_writer(&writer, f.file, false, NULL), TARE_OK);
    rlim_t      old = limit_file_size(ROOM_BYTES);
    tare_status status = TARE_OK;
    uint32_t    kept_nodes = 1;
    while (status == TARE_OK && profile.node_count < WIDE_NODES) {
        widen(&profile);
        if (!tare_writer_is_behind(writer, &profile))
            continue;
        status = tare_writer_flush(writer, &profile, NULL);
        if (status == TARE_OK)
            kept_nodes = profile.node_count;
    }
    CHECK_EQ(status, TARE_SYSTEM);
    CHECK_EQ(tare_writer_close(writer, &profile, NULL), TARE_SYSTEM);
    limit_file_size(old);
    while (kept.node_count < kept_nodes)
        widen(&kept);
    check_file(f.file, &kept, false);
    CHECK(file_size(f.file) > ROOM_BYTES * 3 / 4);
    tare_profile_deinit(&kept);
    tare_profile_deinit(&profile);
    remove_folder(&f);
}

/* ---- reading ---- */

static tare_status load(const char *path, tare_error *err)
{
    tare_profile    profile = {0};
    tare_file_state state;
    tare_status     status = tare_file_load(path, tare_alloc_system(), &profile, &state, err);
    tare_profile_deinit(&profile);
    return status;
}

TEST(files_that_cannot_be_loaded_are_named)
{
    folder     f;
    tare_error err;
    make_folder(&f);
    CHECK_EQ(load(f.file, &err), TARE_NOT_FOUND);
    CHECK(strstr(err.message, f.file) != NULL);
    CHECK_EQ(load(f.path, &err), TARE_USAGE);
    CHECK_EQ(mkfifo(f.file, 0600), 0);
    CHECK_EQ(load(f.file, &err), TARE_USAGE); /* and does not wait for a writer */
    CHECK_EQ(unlink(f.file), 0);
    put_text(f.file, "");
    CHECK_EQ(load(f.file, &err), TARE_CORRUPT);
    CHECK(strstr(err.message, f.file) != NULL);
    CHECK_EQ(truncate(f.file, (INT64_C(1) << 32) + 1), 0);
    CHECK_EQ(load(f.file, &err), TARE_LIMIT);
    remove_folder(&f);
}

/* ---- memory ---- */

/* Opens, flushes and closes with the n-th allocation failing: whatever was flushed is in
 * the file, and a flush that failed can be repeated. */
static bool write_with_failure(const folder *f, size_t fail_at)
{
    oom          memory;
    tare_writer *writer;
    tare_profile profile = {0};
    oom_init(&memory, fail_at);
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    bool failed = tare_writer_open(&writer, f->file, false, &memory.alloc, NULL) != TARE_OK;
    if (failed) {
        CHECK_EQ(count_entries(f), 0);
    } else {
        for (int step = 0; step < KNOWN_STEPS; step++) {
            known_step(&profile, step);
            uint64_t    size = tare_writer_size_bytes(writer);
            tare_status status = tare_writer_flush(writer, &profile, NULL);
            if (status != TARE_OK) {
                failed = true;
                CHECK_EQ(file_size(f->file), size);
                CHECK_EQ(tare_writer_flush(writer, &profile, NULL), TARE_OK);
            }
            check_file(f->file, &profile, false);
        }
        bool complete = tare_writer_close(writer, &profile, NULL) == TARE_OK;
        failed = failed || !complete;
        check_file(f->file, &profile, complete);
        unlink(f->file);
    }
    CHECK_EQ(memory.outstanding, 0);
    tare_profile_deinit(&profile);
    return failed;
}

TEST(failed_allocations_lose_nothing_when_writing)
{
    folder f;
    make_folder(&f);
    size_t fail_at = 1;
    while (fail_at < 1000 && write_with_failure(&f, fail_at))
        fail_at++;
    CHECK(fail_at > 4 && fail_at < 1000);
    remove_folder(&f);
}

TEST(failed_allocations_leave_nothing_when_loading)
{
    folder       f;
    tare_writer *writer;
    tare_profile known = {0};
    make_folder(&f);
    known_profile(&known, tare_alloc_system());
    must(open_writer(&writer, f.file, false, NULL));
    must(tare_writer_close(writer, &known, NULL));
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
        oom             memory;
        tare_profile    profile = {0};
        tare_file_state state;
        oom_init(&memory, fail_at);
        status = tare_file_load(f.file, &memory.alloc, &profile, &state, NULL);
        tare_profile_deinit(&profile);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
    tare_profile_deinit(&known);
    remove_folder(&f);
}
