/* test_os_spawn.c - children that tare_os_spawn starts: what they get from us, and how they end. */
#define _GNU_SOURCE 1

#include "harness.h"
#include "os/os.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_BYTES = 4096, MAX_LOOKS = 10000 };

static int start(char *const *argv)
{
    tare_error err = {0};
    int        pid = 0;

    CHECK_EQ(tare_os_spawn(argv, &pid, &err), TARE_OK);
    CHECK(pid > 0);
    return pid;
}

static int start_sleeping(void)
{
    char *const argv[] = {"sleep", "1000", NULL};
    return start(argv);
}

static void end(int pid)
{
    CHECK_EQ(kill(pid, SIGKILL), 0);
    CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static tare_exit await(int pid, tare_usage *usage)
{
    tare_exit how = {0};

    do {
        CHECK_EQ(tare_os_reap(pid, &how, usage, NULL), TARE_OK);
        usleep(1000);
    } while (!how.ended);
    return how;
}

static tare_exit run_script(char *script, tare_usage *usage)
{
    char *const argv[] = {"sh", "-c", script, NULL};
    return await(start(argv), usage);
}

/* ---- how it ends ---- */

TEST(exit_codes)
{
    const tare_exit fine = run_script("exit 0", NULL);
    const tare_exit failed = run_script("exit 217", NULL);

    CHECK_EQ(fine.code, 0);
    CHECK_EQ(fine.signal, 0);
    CHECK_EQ(failed.code, 217);
    CHECK_EQ(failed.signal, 0);
}

TEST(exit_by_signal)
{
    const tare_exit killed = run_script("kill -9 $$", NULL);

    CHECK_EQ(killed.code, -1);
    CHECK_EQ(killed.signal, SIGKILL);
}

TEST(reap_what_runs_or_is_not_ours)
{
    const int  pid = start_sleeping();
    tare_exit  how = {.ended = true};
    tare_error err;

    CHECK_EQ(tare_os_reap(pid, &how, NULL, &err), TARE_OK);
    CHECK(!how.ended);
    CHECK_EQ(kill(pid, SIGTERM), 0);
    CHECK_EQ(await(pid, NULL).signal, SIGTERM);
    CHECK_EQ(tare_os_reap(pid, &how, NULL, &err), TARE_GONE);
    CHECK_EQ(tare_os_reap(getppid(), &how, NULL, &err), TARE_GONE);
    CHECK(strstr(err.message, "no child of ours") != NULL);
}

TEST(usage_counts_grandchildren)
{
    tare_usage usage = {0};

    run_script("sh -c 'i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done'; exit 0", &usage);
    CHECK(usage.cpu_ns > 0);
    CHECK_EQ(usage.cpu_ns, usage.user_ns + usage.system_ns);
    CHECK(usage.peak_rss_bytes > 100000);
    CHECK(usage.minor_faults > 0);
    CHECK(usage.voluntary_switches > 0); /* the outer shell waited for the inner */
}

/* ---- what cannot be started ---- */

static tare_status fail_to_start(char *path, tare_error *err)
{
    char *const       argv[] = {path, NULL};
    int               pid = -1;
    const tare_status status = tare_os_spawn(argv, &pid, err);

    CHECK_EQ(pid, 0);
    CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1); /* no half-made child is left */
    return status;
}

TEST(start_what_is_not_there)
{
    tare_error err;

    CHECK_EQ(fail_to_start("/no/such/program", &err), TARE_NOT_FOUND);
    CHECK(strstr(err.message, "start /no/such/program: No such file") != NULL);
    CHECK_EQ(fail_to_start("no-such-program-anywhere", &err), TARE_NOT_FOUND);
    CHECK(strstr(err.message, "PATH") != NULL);
}

TEST(start_what_is_no_program)
{
    char       path[] = "/tmp/tare-test-XXXXXX";
    const int  fd = mkstemp(path);
    tare_error err;

    CHECK_EQ(write(fd, "hello\n", 6), 6);
    CHECK_EQ(fail_to_start(path, &err), TARE_PERMISSION);
    CHECK(strstr(err.message, "chmod +x") != NULL);
    close(fd);
    unlink(path);
}

TEST(start_nothing)
{
    char *const argv[] = {NULL};
    int         pid;

    CHECK_EQ(tare_os_spawn(argv, &pid, NULL), TARE_USAGE);
}

/* ---- what it gets from us ---- */

static void read_entry(int pid, const char *name, char *into, size_t capacity)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    CHECK_EQ(tare_os_read_text(path, into, capacity, NULL, NULL), TARE_OK);
}

static uint64_t read_signal_set(int pid, const char *label)
{
    char text[STATUS_BYTES];

    read_entry(pid, "status", text, sizeof text);
    const char *at = strstr(text, label);
    CHECK(at != NULL);
    return at == NULL ? 0 : strtoull(at + strlen(label), NULL, 16);
}

static void do_nothing(int signal_number)
{
    (void)signal_number;
}

static uint64_t mask_of(int signal_number)
{
    return UINT64_C(1) << (signal_number - 1);
}

TEST(signals_of_the_child)
{
    const struct sigaction handled = {.sa_handler = do_nothing};
    sigset_t               blocked, before;

    sigaction(SIGUSR1, &handled, NULL);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    const uint64_t ignored = read_signal_set(getpid(), "\nSigIgn:");
    const int      pid = start_sleeping();

    CHECK_EQ(read_signal_set(pid, "\nSigBlk:"), 0);
    CHECK_EQ(read_signal_set(pid, "\nSigCgt:"), 0);
    CHECK_EQ(read_signal_set(pid, "\nSigIgn:"), ignored);
    CHECK((ignored & mask_of(SIGHUP)) != 0 && (ignored & mask_of(SIGUSR1)) == 0);
    CHECK((read_signal_set(getpid(), "\nSigBlk:") & mask_of(SIGTERM)) != 0); /* ours stays */
    CHECK((read_signal_set(getpid(), "\nSigCgt:") & mask_of(SIGUSR1)) != 0);
    end(pid);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static int count_descriptors(int pid)
{
    char           path[64];
    struct dirent *entry;
    int            count = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *folder = opendir(path);
    while ((entry = readdir(folder)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

TEST(descriptors_of_the_child)
{
    tare_process process;
    const int    before = count_descriptors(getpid()) - 1; /* less the folder itself */

    CHECK_EQ(tare_os_process_open(&process, getpid(), NULL), TARE_OK);
    tare_thread_probe probe;
    CHECK_EQ(tare_os_thread_open(&probe, &process, getpid(), NULL), TARE_OK);
    const int kept = fcntl(0, F_DUPFD, 10); /* given to us by whoever started us, say */
    const int expected = before + (kept >= 0 ? 1 : 0);
    const int pid = start_sleeping();
    for (int i = 0; i < MAX_LOOKS && count_descriptors(pid) != expected; i++)
        usleep(1000); /* exec closes them one by one */
    CHECK_EQ(count_descriptors(pid), expected);
    end(pid);
    close(kept);
    tare_os_thread_close(&probe);
    tare_os_process_close(&process);
}

TEST(surroundings_of_the_child)
{
    static char ours[1 << 17], theirs[1 << 17];
    char        here[4096], there[4096] = "", path[64];
    size_t      our_size, their_size;
    const int   pid = start_sleeping();

    CHECK_EQ(getpgid(pid), getpgrp());
    CHECK_EQ(getsid(pid), getsid(0));
    CHECK_EQ(tare_os_read_text("/proc/self/environ", ours, sizeof ours, &our_size, NULL), TARE_OK);
    snprintf(path, sizeof path, "/proc/%d/environ", pid);
    do
        CHECK_EQ(tare_os_read_text(path, theirs, sizeof theirs, &their_size, NULL), TARE_OK);
    while (their_size == 0); /* exec has begun, but not yet copied it */
    CHECK_EQ(their_size, our_size);
    CHECK(memcmp(ours, theirs, our_size) == 0);
    snprintf(path, sizeof path, "/proc/%d/cwd", pid);
    CHECK(readlink(path, there, sizeof there - 1) > 0);
    CHECK(getcwd(here, sizeof here) != NULL);
    CHECK(strcmp(here, there) == 0);
    end(pid);
}

TEST(timer_slack_of_the_child)
{
    char text[32];

    prctl(PR_SET_TIMERSLACK, 0UL);
    const int given_ns = prctl(PR_GET_TIMERSLACK);
    tare_os_sleep_until(tare_os_monotonic_ns() + 1000, 0);
    CHECK_EQ(prctl(PR_GET_TIMERSLACK), 1);
    const int pid = start_sleeping();
    read_entry(pid, "timerslack_ns", text, sizeof text);
    CHECK_EQ(atoi(text), given_ns);
    end(pid);
}

TEST(child_outlives_us)
{
    int          ends[2];
    int          pid = 0;
    tare_process process;

    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    const int between = fork();
    if (between == 0) {
        pid = start_sleeping();
        _exit(write(ends[1], &pid, sizeof pid) == sizeof pid ? 0 : 1);
    }
    CHECK_EQ(waitpid(between, NULL, 0), between);
    CHECK_EQ(read(ends[0], &pid, sizeof pid), (ssize_t)sizeof pid);
    CHECK_EQ(tare_os_process_open(&process, pid, NULL), TARE_OK);
    CHECK(tare_os_process_alive(&process));
    CHECK_EQ(tare_os_signal(&process, SIGKILL, NULL), TARE_OK);
    tare_os_process_close(&process);
    close(ends[0]);
    close(ends[1]);
}

TEST(what_is_said_arrives_and_stays_with_us)
{
    int  ends[2];
    char text[8] = "";

    CHECK_EQ(pipe(ends), 0);
    tare_os_keep_to_ourselves(ends[1]);
    CHECK_EQ(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
    tare_os_say(ends[1], "a line\n", 7);
    CHECK_EQ(read(ends[0], text, sizeof text), 7);
    CHECK(strcmp(text, "a line\n") == 0);
    close(ends[0]);
    close(ends[1]);
    tare_os_keep_to_ourselves(ends[1]); /* no such descriptor: no harm */
    tare_os_say(ends[1], "lost", 4);
}
