/* test_os_linux.c - the parsers of what /proc says, on lines that are known. */
#define _GNU_SOURCE 1

#include "harness.h"
#include "os/os_linux.h"

#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

/* ---- control groups ---- */

TEST(control_group_of_either_hierarchy)
{
    static const char both[] = "12:pids:/user.slice\n"
                               "7:cpuacct,memory:/docker/ab:c\n"
                               "3:memory2:/no\n"
                               "0::/system.slice/a.service\n";
    char              path[32];
    CHECK(tare_linux_parse_group(both, "", path, sizeof path));
    CHECK(strcmp(path, "/system.slice/a.service") == 0);
    CHECK(tare_linux_parse_group(both, "memory", path, sizeof path));
    CHECK(strcmp(path, "/docker/ab:c") == 0);
    CHECK(tare_linux_parse_group(both, "cpuacct", path, sizeof path));
    CHECK(tare_linux_parse_group(both, "pids", path, sizeof path));
    CHECK(!tare_linux_parse_group(both, "cpu", path, sizeof path));
    CHECK(!tare_linux_parse_group(both, "", path, 10)); /* too long for it */
    CHECK(!tare_linux_parse_group("0:name=x:/a", "", path, sizeof path));
}

TEST(control_groups_that_are_none)
{
    static const char *const odd[] = {
        "", "\n", ":", "::", "0::", "0:", "a\nb\n", ":\n:\n", "0:memory"};
    char path[32];
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        if (tare_linux_parse_group(odd[i], "", path, sizeof path))
            CHECK(strcmp(path, "") == 0);
        CHECK(!tare_linux_parse_group(odd[i], "memory", path, sizeof path));
    }
}

/* ---- maps ---- */

static bool parse_line(const char *line, tare_mapping *mapping)
{
    static char copy[512]; /* the path that is found points into it */

    snprintf(copy, sizeof copy, "%s", line);
    return tare_linux_parse_mapping(copy, mapping);
}

TEST(mapping_of_a_library)
{
    tare_mapping mapping;

    CHECK(parse_line("7f3c8a20e000-7f3c8a600000 r-xp 0010e000 fe:00 2753      "
                     "                 /usr/lib/libpython3.13.so.1.0",
                     &mapping));
    CHECK_EQ(mapping.start, 0x7f3c8a20e000);
    CHECK_EQ(mapping.end, 0x7f3c8a600000);
    CHECK_EQ(mapping.file_offset, 0x10e000);
    CHECK_EQ(mapping.inode, 2753);
    CHECK(mapping.readable && !mapping.writable && mapping.executable && !mapping.deleted);
    CHECK(strcmp(mapping.path, "/usr/lib/libpython3.13.so.1.0") == 0);
}

TEST(mapping_without_a_file)
{
    tare_mapping mapping;

    CHECK(parse_line("7ffd1000-7ffd3000 rw-p 00000000 00:00 0 ", &mapping));
    CHECK(strcmp(mapping.path, "") == 0);
    CHECK(parse_line("7ffd1000-7ffd3000 ---p 00000000 00:00 0", &mapping));
    CHECK(!mapping.readable && !mapping.writable && !mapping.executable);
    CHECK(parse_line("7ffd1000-7ffd3000 rw-p 00000000 00:00 0          [stack]", &mapping));
    CHECK(strcmp(mapping.path, "[stack]") == 0);
}

TEST(mapping_of_an_odd_path)
{
    tare_mapping mapping;

    CHECK(parse_line("1000-2000 rw-s 00000000 00:05 7    /dev/shm/two  words (x) (deleted)",
                     &mapping));
    CHECK(mapping.deleted);
    CHECK(strcmp(mapping.path, "/dev/shm/two  words (x)") == 0);
    CHECK(parse_line("1000-2000 rw-p 0 0:0 18446744073709551615 /a (deleted) b", &mapping));
    CHECK(!mapping.deleted);
    CHECK_EQ(mapping.inode, UINT64_MAX);
    CHECK(strcmp(mapping.path, "/a (deleted) b") == 0);
    CHECK(parse_line("1000-ffffffffffffffff --xp 0 0:0 0", &mapping));
    CHECK_EQ(mapping.end, UINT64_MAX);
}

TEST(mapping_malformed)
{
    static const char *const bad[] = {
        "",
        "-",
        "1000",
        "1000-",
        "2000-1000 rw-p 0 0:0 0",
        "1000-1000 rw-p 0 0:0 0",
        "g000-2000 rw-p 0 0:0 0",
        "1000-2000",
        "1000-2000 rw-p",
        "1000-2000 rwx 0 0:0 0",
        "1000-2000 wr-p 0 0:0 0",
        "1000-2000 rw-p x 0:0 0",
        "1000-2000 rw-p 0 00 0",
        "1000-2000 rw-p 0 0:0 ",
        "1000-2000 rw-p 0 0:0 x",
        "11111111111111111-2 rw-p 0 0:0 0",
    };
    tare_mapping mapping;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!parse_line(bad[i], &mapping));
}

/* ---- stat ---- */

TEST(stat_with_a_hostile_name)
{
    tare_linux_stat stat;

    CHECK(
        tare_linux_parse_stat("41 (a) R 7 (b\n) S) D 5 6 7 8 9 0 11 12 13 14 15 16 17 18 -19 20 "
                              "3 22 23456 24 -25 26 27 28 29 30 31 32 33 34 35 36 37 38 17 1 40\n",
                              &stat));
    CHECK_EQ(stat.state, 'D');
    CHECK_EQ(stat.parent_pid, 5);
    CHECK_EQ(stat.minor_faults, 11);
    CHECK_EQ(stat.major_faults, 13);
    CHECK_EQ(stat.user_ticks, 15);
    CHECK_EQ(stat.system_ticks, 16);
    CHECK_EQ(stat.thread_count, 3);
    CHECK_EQ(stat.start_time_ticks, 23456);
    CHECK_EQ(stat.cpu, 1);
}

TEST(stat_malformed)
{
    tare_linux_stat stat;

    CHECK(!tare_linux_parse_stat("", &stat));
    CHECK(!tare_linux_parse_stat("41 (a", &stat));
    CHECK(!tare_linux_parse_stat("41 (a)", &stat));
    CHECK(!tare_linux_parse_stat("41 (a) ", &stat));
    CHECK(!tare_linux_parse_stat("41 (a) R 1 2 3 4", &stat));
}

TEST(zombies_have_no_threads_left)
{
    CHECK(tare_linux_is_zombie(&(tare_linux_stat){.state = 'Z', .thread_count = 1}));
    CHECK(!tare_linux_is_zombie(&(tare_linux_stat){.state = 'Z', .thread_count = 2}));
    CHECK(!tare_linux_is_zombie(&(tare_linux_stat){.state = 'S', .thread_count = 1}));
}

/* ---- syscall ---- */

/* What is said of a call by this number with these arguments. */
static tare_thread_state look_at(long number, uint64_t first, uint64_t second)
{
    tare_thread_state state = {.activity = TARE_THREAD_ENDED};
    char              text[256];

    snprintf(text, sizeof text, "%ld 0x%llx 0x%llx 0x0 0x0 0x0 0xffffffff 0x7ffc 0x7f3c\n", number,
             (unsigned long long)first, (unsigned long long)second);
    CHECK(tare_linux_parse_syscall(text, &state));
    CHECK_EQ(state.activity, TARE_THREAD_BLOCKED);
    return state;
}

TEST(call_running_or_none)
{
    tare_thread_state state;

    CHECK(tare_linux_parse_syscall("running\n", &state));
    CHECK_EQ(state.activity, TARE_THREAD_RUNNING);
    CHECK_EQ(state.descriptor, -1);
    CHECK(!tare_linux_parse_syscall("-1 0x7ffc 0x7f3c\n", &state));
    CHECK(!tare_linux_parse_syscall("", &state));
    CHECK(!tare_linux_parse_syscall("0 0x3 0x1", &state));
    CHECK(!tare_linux_parse_syscall("0 0x 0x1 0x2 0x3 0x4 0x5 0x6 0x7", &state));
}

TEST(call_futex)
{
    const uint64_t lock = 0x7f3c8a201234;

    CHECK_EQ(look_at(SYS_futex, lock, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG).call,
             TARE_CALL_FUTEX);
    CHECK_EQ(look_at(SYS_futex, lock, FUTEX_WAIT).futex_address, lock);
    CHECK_EQ(look_at(SYS_futex, lock, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME).call, TARE_CALL_FUTEX);
    CHECK_EQ(look_at(SYS_futex, lock, FUTEX_WAKE).call, TARE_CALL_OTHER);
    CHECK_EQ(look_at(SYS_futex, lock, FUTEX_WAKE | FUTEX_PRIVATE_FLAG).futex_address, 0);
}

TEST(call_that_waits_for_descriptors)
{
    CHECK_EQ(look_at(SYS_pselect6, 5, 0).call, TARE_CALL_POLL);
    CHECK_EQ(look_at(SYS_pselect6, 0, 0).call, TARE_CALL_SLEEP);
    CHECK_EQ(look_at(SYS_ppoll, 0x7ffc, 1).call, TARE_CALL_POLL);
    CHECK_EQ(look_at(SYS_ppoll, 0, 0).call, TARE_CALL_SLEEP);
    CHECK_EQ(look_at(SYS_epoll_pwait, 4, 0).call, TARE_CALL_POLL);
}

TEST(call_with_a_descriptor)
{
    CHECK_EQ(look_at(SYS_read, 7, 0x7ffc).call, TARE_CALL_FILE);
    CHECK_EQ(look_at(SYS_read, 7, 0x7ffc).descriptor, 7);
    CHECK_EQ(look_at(SYS_recvfrom, 9, 0x7ffc).call, TARE_CALL_SOCKET);
    CHECK_EQ(look_at(SYS_recvfrom, 9, 0x7ffc).descriptor, 9);
    CHECK_EQ(look_at(SYS_accept4, 0xffffffff, 0).descriptor, -1);
}

TEST(call_of_the_other_kinds)
{
    CHECK_EQ(look_at(SYS_clock_nanosleep, 1, 1).call, TARE_CALL_SLEEP);
    CHECK_EQ(look_at(SYS_fsync, 3, 0).call, TARE_CALL_SYNC);
    CHECK_EQ(look_at(SYS_fsync, 3, 0).descriptor, -1);
    CHECK_EQ(look_at(SYS_wait4, 1, 0).call, TARE_CALL_CHILD);
    CHECK_EQ(look_at(SYS_getpid, 0, 0).call, TARE_CALL_OTHER);
    CHECK_EQ(look_at(100000, 0, 0).call, TARE_CALL_OTHER);
    CHECK_EQ(look_at(INT64_MAX, 0, 0).call, TARE_CALL_OTHER);
}
