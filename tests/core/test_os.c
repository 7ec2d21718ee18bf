/* test_os.c - os.h against what is known: this process, its children, files made for the test.
 *
 * Times are compared with other clocks or with each other, never with a number of seconds. What
 * needs root says so when it is passed over. */
#define _GNU_SOURCE 1

#include "harness.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_SUCH_PID = 99999999, PAGE_BYTES = 4096 };

static tare_process open_self(void)
{
    tare_process process;

    CHECK_EQ(tare_os_process_open(&process, getpid(), NULL), TARE_OK);
    return process;
}

/* A copy of this process that does nothing until it is killed. */
static int fork_idle(void)
{
    const int pid = fork();

    while (pid == 0)
        pause();
    return pid;
}

static tare_process spawn(char *const *argv)
{
    tare_process process;
    tare_error   err = {0};
    int          pid;

    CHECK_EQ(tare_os_spawn(argv, &pid, &err), TARE_OK);
    CHECK_EQ(tare_os_process_open(&process, pid, &err), TARE_OK);
    return process;
}

static void end(tare_process *process)
{
    kill(process->pid, SIGKILL);
    waitpid(process->pid, NULL, 0);
    tare_os_process_close(process);
}

/* ---- clocks ---- */

TEST(clocks_agree)
{
    const uint64_t awake_ns = tare_os_monotonic_ns();
    const uint64_t all_ns = tare_os_boottime_ns();
    const uint64_t later_ns = tare_os_monotonic_ns();
    const uint64_t date_s = tare_os_unix_ns() / 1000000000;

    CHECK(awake_ns <= later_ns);
    CHECK(all_ns >= awake_ns);
    CHECK(date_s + 1 >= (uint64_t)time(NULL) && date_s <= (uint64_t)time(NULL));
}

/* Asked twice in a row nothing has been slept, however the clocks stood before. */
TEST(sleep_is_what_the_clocks_are_apart)
{
    const int64_t slept_ns = tare_os_slept_ns();

    CHECK(slept_ns > -1000000);
    for (int i = 0; i < 1000; i++) {
        const int64_t since_ns = tare_os_slept_ns() - slept_ns;
        CHECK(since_ns > -1000000 && since_ns < 1000000);
    }
}

TEST(own_cpu_goes_on_only_while_we_run)
{
    const uint64_t before_ns = tare_os_own_cpu_ns();
    uint64_t       after_ns = before_ns;

    while (after_ns == before_ns)
        after_ns = tare_os_own_cpu_ns();
    const uint64_t slept_at_ns = tare_os_monotonic_ns();
    tare_os_sleep_until(slept_at_ns + 20000000, 0);
    CHECK(tare_os_own_cpu_ns() - after_ns < tare_os_monotonic_ns() - slept_at_ns);
}

TEST(sleep_reaches_its_deadline)
{
    const uint64_t start_ns = tare_os_monotonic_ns();

    for (uint64_t spin_ns = 0; spin_ns <= 4000000; spin_ns += 1000000) { /* past it at the end */
        const uint64_t deadline_ns = tare_os_monotonic_ns() + 2000000;
        tare_os_sleep_until(deadline_ns, spin_ns);
        CHECK(tare_os_monotonic_ns() >= deadline_ns);
    }
    tare_os_sleep_until(start_ns, 0);
    tare_os_sleep_until(0, UINT64_MAX);
}

static void ignore_alarm(int signal_number)
{
    (void)signal_number;
}

TEST(sleep_ends_when_a_signal_arrives)
{
    const uint64_t         deadline_ns = tare_os_monotonic_ns() + UINT64_C(3600000000000);
    const struct sigaction action = {.sa_handler = ignore_alarm};
    const struct itimerval often = {.it_value.tv_usec = 10000, .it_interval.tv_usec = 10000};

    CHECK_EQ(sigaction(SIGALRM, &action, NULL), 0);
    CHECK_EQ(setitimer(ITIMER_REAL, &often, NULL), 0);
    tare_os_sleep_until(deadline_ns, 0);
    CHECK(tare_os_monotonic_ns() < deadline_ns);
    CHECK_EQ(setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL), 0);
    signal(SIGALRM, SIG_DFL);
}

/* ---- one process ---- */

TEST(process_that_lives)
{
    tare_process process = open_self();

    CHECK_EQ(process.pid, getpid());
    CHECK(process.start_time_ticks > 0);
    CHECK(tare_os_process_alive(&process));
    const tare_process without = {process.pid, process.start_time_ticks, -1, true};
    const tare_process earlier = {process.pid, process.start_time_ticks - 1, -1, true};
    CHECK(tare_os_process_alive(&without));
    CHECK(!tare_os_process_alive(&earlier));
    tare_os_process_close(&process);
    CHECK_EQ(process.pid, 0);
    CHECK_EQ(process.pidfd, -1);
    tare_os_process_close(&(tare_process){0}); /* leaves descriptor 0 alone */
    CHECK(fcntl(0, F_GETFD) >= 0 || errno == EBADF);
}

TEST(process_that_is_not_there)
{
    tare_process process;
    tare_error   err;

    CHECK_EQ(tare_os_process_open(&process, NO_SUCH_PID, &err), TARE_GONE);
    CHECK(strstr(err.message, "99999999") != NULL);
    CHECK(strstr(err.message, "`pgrep") != NULL); /* what to do next */
    CHECK_EQ(process.pidfd, -1);
    CHECK_EQ(tare_os_process_open(&process, 0, &err), TARE_USAGE);
    CHECK_EQ(tare_os_process_open(&process, -1, &err), TARE_USAGE);
}

TEST(process_that_ends)
{
    tare_process process, again;
    const int    pid = fork_idle();
    tare_usage   usage;
    size_t       count;
    char         text[16];
    int          number = 0;

    CHECK_EQ(tare_os_process_open(&process, pid, NULL), TARE_OK);
    const tare_process without = {pid, process.start_time_ticks, -1, true};
    CHECK(tare_os_process_alive(&process) && tare_os_process_alive(&without));
    CHECK_EQ(tare_os_last_usage(&process, &usage, NULL), TARE_NOT_READY);
    CHECK_EQ(tare_os_signal(&process, SIGKILL, NULL), TARE_OK);
    CHECK_EQ(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT), 0);

    CHECK(!tare_os_process_alive(&process) && !tare_os_process_alive(&without)); /* a zombie */
    CHECK_EQ(tare_os_process_open(&again, pid, NULL), TARE_OK); /* ours until we have asked */
    CHECK(again.our_child && !tare_os_process_alive(&again));
    tare_os_process_close(&again);
    CHECK_EQ(tare_os_usage(&process, &usage, NULL), TARE_GONE);
    CHECK_EQ(tare_os_last_usage(&process, &usage, NULL), TARE_OK);
    CHECK(usage.minor_faults > 0 && usage.cpu_ns > 0);
    CHECK_EQ(usage.rss_bytes, 0);
    CHECK_EQ(waitpid(pid, NULL, 0), pid);
    CHECK_EQ(tare_os_process_open(&again, pid, NULL), TARE_GONE);
    CHECK_EQ(tare_os_last_usage(&process, &usage, NULL), TARE_GONE);
    CHECK(!tare_os_process_alive(&process) && !tare_os_process_alive(&without));
    CHECK_EQ(tare_os_usage(&process, &usage, NULL), TARE_GONE);
    CHECK_EQ(tare_os_signal(&process, SIGTERM, NULL), TARE_GONE);
    CHECK_EQ(tare_os_signal(&without, SIGTERM, NULL), TARE_GONE);
    CHECK_EQ(tare_os_children(&process, &number, 1, &count, NULL), TARE_GONE);
    CHECK_EQ(tare_os_process_executable(&process, text, sizeof text, NULL), TARE_GONE);
    CHECK_EQ(tare_os_process_command(&process, text, sizeof text, NULL, NULL), TARE_GONE);
    tare_os_process_close(&process);
}

static void *keep_thread(void *context)
{
    int *tid = context;

    __atomic_store_n(tid, gettid(), __ATOMIC_RELEASE);
    while (__atomic_load_n(tid, __ATOMIC_ACQUIRE) != 0)
        usleep(1000);
    return NULL;
}

TEST(thread_is_no_process)
{
    tare_process process;
    tare_error   err = {0};
    pthread_t    thread;
    int          tid = 0;

    CHECK_EQ(pthread_create(&thread, NULL, keep_thread, &tid), 0);
    while (__atomic_load_n(&tid, __ATOMIC_ACQUIRE) == 0)
        usleep(1000);
    CHECK_EQ(tare_os_process_open(&process, tid, &err), TARE_USAGE);
    CHECK(strstr(err.message, "is a thread of process") != NULL);
    __atomic_store_n(&tid, 0, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
}

/* Runs as a stranger in a child; the exit code tells what it saw. */
static int read_as_stranger(int pid)
{
    tare_process process;
    tare_error   err = {0};
    char         byte;
    size_t       done;

    if (setgid(65534) != 0 || setuid(65534) != 0)
        return 1;
    if (tare_os_process_open(&process, pid, NULL) != TARE_OK)
        return 2;
    if (tare_os_read(&process, &(tare_read){0x1000, &byte, 1}, 1, &done, &err) != TARE_PERMISSION)
        return 3;
    if (strstr(err.message, "run tare as that user") == NULL)
        return 4;
    if (tare_os_each_mapping(&process, NULL, NULL, &err) != TARE_PERMISSION)
        return 5;
    return strstr(err.message, "tare run") == NULL ? 6 : 0;
}

TEST(process_of_another_user)
{
    int status = 0;

    if (geteuid() != 0) {
        printf("process_of_another_user: passed over, it needs root\n");
        return;
    }
    const int owner = fork_idle();
    const int stranger = fork();
    if (stranger == 0)
        _exit(read_as_stranger(owner));
    CHECK_EQ(waitpid(stranger, &status, 0), stranger);
    CHECK_EQ(WEXITSTATUS(status), 0);
    kill(owner, SIGKILL);
    waitpid(owner, NULL, 0);
}

TEST(process_names)
{
    char *const  argv[] = {"sh", "-c", "kill -STOP $$", "", NULL};
    static char  expected[] = "sh\0-c\0kill -STOP $$\0";
    char         text[TARE_OS_PATH_BYTES];
    char         own[TARE_OS_PATH_BYTES] = "";
    tare_process process = spawn(argv);
    size_t       size;

    do
        CHECK_EQ(tare_os_process_command(&process, text, sizeof text, &size, NULL), TARE_OK);
    while (size == 0); /* exec has begun, but not yet copied them */
    CHECK_EQ(size, sizeof expected - 1);
    CHECK(memcmp(text, expected, size) == 0);
    end(&process);

    process = open_self();
    CHECK(readlink("/proc/self/exe", own, sizeof own - 1) > 0);
    CHECK_EQ(tare_os_process_executable(&process, text, sizeof text, NULL), TARE_OK);
    CHECK(strcmp(text, own) == 0);
    tare_os_process_close(&process);
}

static void *fork_in_thread(void *context)
{
    *(int *)context = fork_idle();
    return NULL;
}

TEST(children_of_all_threads)
{
    enum { COUNT = 3 };
    tare_process process = open_self();
    pthread_t    thread;
    int          made[COUNT];
    int          pids[COUNT + 1] = {0};
    size_t       count;

    CHECK_EQ(tare_os_children(&process, pids, COUNT, &count, NULL), TARE_OK);
    CHECK_EQ(count, 0);
    made[0] = fork_idle();
    made[1] = fork_idle();
    CHECK_EQ(pthread_create(&thread, NULL, fork_in_thread, &made[2]), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(tare_os_children(&process, pids, COUNT, &count, NULL), TARE_OK);
    CHECK_EQ(count, COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK(memmem(pids, sizeof pids, &made[i], sizeof made[i]) != NULL);
    pids[1] = 0;
    CHECK_EQ(tare_os_children(&process, pids, 1, &count, NULL), TARE_OK);
    CHECK_EQ(count, COUNT);
    CHECK_EQ(pids[1], 0);
    for (int i = 0; i < COUNT; i++) {
        kill(made[i], SIGKILL);
        waitpid(made[i], NULL, 0);
    }
    tare_os_process_close(&process);
}

/* ---- memory ---- */

TEST(read_pieces_in_order)
{
    tare_process    process = open_self();
    const char      source[] = "abcdefgh";
    char            into[9] = "";
    size_t          done;
    const uint64_t  at = (uintptr_t)source;
    const tare_read reads[] = {{at + 4, into, 2}, {at, into + 2, 0}, {at, into + 2, 3}};

    CHECK_EQ(tare_os_read(&process, reads, 3, &done, NULL), TARE_OK);
    CHECK_EQ(done, 5);
    CHECK(strcmp(into, "efabc") == 0);
    CHECK_EQ(tare_os_read(&process, reads, 0, &done, NULL), TARE_OK);
    CHECK_EQ(done, 0);
    tare_os_process_close(&process);
}

TEST(read_ends_at_a_page_that_is_not_there)
{
    tare_process process = open_self();
    char  *pages = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                        -1, 0);
    char   into[200];
    char   other;
    size_t done;

    CHECK(pages != MAP_FAILED);
    memset(pages, 'x', PAGE_BYTES);
    CHECK_EQ(munmap(pages + PAGE_BYTES, PAGE_BYTES), 0);
    const uint64_t  edge = (uintptr_t)pages + PAGE_BYTES;
    const tare_read across[] = {{edge - 50, into, 100}, {(uintptr_t)pages, &other, 1}};
    CHECK_EQ(tare_os_read(&process, across, 2, &done, NULL), TARE_OK);
    CHECK_EQ(done, 50);
    CHECK_EQ(into[49], 'x');
    const tare_read nowhere = {edge, into, 8};
    CHECK_EQ(tare_os_read(&process, &nowhere, 1, &done, NULL), TARE_OK);
    CHECK_EQ(done, 0);
    munmap(pages, PAGE_BYTES);
    tare_os_process_close(&process);
}

TEST(read_limits)
{
    static tare_read reads[TARE_OS_MAX_READS + 1];
    static char      into[TARE_OS_MAX_READS + 1];
    tare_process     process = open_self();
    tare_error       err;
    size_t           done;

    for (size_t i = 0; i <= TARE_OS_MAX_READS; i++)
        reads[i] = (tare_read){(uintptr_t) "yz" + i % 2, &into[i], 1};
    CHECK_EQ(tare_os_read(&process, reads, TARE_OS_MAX_READS, &done, &err), TARE_OK);
    CHECK_EQ(done, TARE_OS_MAX_READS);
    CHECK_EQ(into[TARE_OS_MAX_READS - 1], 'z');
    CHECK_EQ(tare_os_read(&process, reads, TARE_OS_MAX_READS + 1, &done, &err), TARE_LIMIT);
    CHECK_EQ(done, 0);
    process.pid = NO_SUCH_PID;
    CHECK_EQ(tare_os_read(&process, reads, 1, &done, &err), TARE_GONE);
    process.pid = getpid();
    tare_os_process_close(&process);
}

/* ---- maps and files ---- */

/* The mapping that holds an address, with a copy of its path. */
typedef struct wanted_mapping {
    tare_raddr   address;
    tare_mapping found;
    char         path[TARE_OS_PATH_BYTES];
    tare_raddr   last_end;
    int          visited;
    bool         in_order;
} wanted_mapping;

static bool visit_all(void *context, const tare_mapping *mapping)
{
    wanted_mapping *wanted = context;

    wanted->visited++;
    wanted->in_order = wanted->in_order && mapping->start >= wanted->last_end;
    wanted->last_end = mapping->end;
    if (wanted->address >= mapping->start && wanted->address < mapping->end) {
        wanted->found = *mapping;
        snprintf(wanted->path, sizeof wanted->path, "%s", mapping->path);
        wanted->found.path = wanted->path;
    }
    return true;
}

static bool visit_one(void *context, const tare_mapping *mapping)
{
    (void)mapping;
    ++*(int *)context;
    return false;
}

static void find_mapping(const tare_process *process, const void *address, wanted_mapping *wanted)
{
    *wanted = (wanted_mapping){.address = (uintptr_t)address, .in_order = true};
    CHECK_EQ(tare_os_each_mapping(process, visit_all, wanted, NULL), TARE_OK);
    CHECK(wanted->in_order);
    CHECK(wanted->visited > 4);
}

/* Two pages in a new file, "1..." and "2...", of which the second is mapped. */
static void *map_new_file(char *path, struct stat *info)
{
    char      page[PAGE_BYTES];
    const int fd = mkstemp(path);

    CHECK(fd >= 0);
    for (char first = '1'; first <= '2'; first++) {
        memset(page, first, sizeof page);
        CHECK_EQ(write(fd, page, sizeof page), (ssize_t)sizeof page);
    }
    CHECK_EQ(fstat(fd, info), 0);
    void *mapped = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE, fd, PAGE_BYTES);
    CHECK(mapped != MAP_FAILED);
    close(fd);
    return mapped;
}

static void expect_first_page(const tare_process *process, const tare_mapping *mapping)
{
    int      fd;
    uint64_t size;
    char     bytes[4] = "";

    CHECK_EQ(tare_os_open_mapped_file(process, mapping, &fd, &size, NULL), TARE_OK);
    CHECK_EQ(size, 2 * PAGE_BYTES);
    CHECK_EQ(tare_os_read_file(fd, PAGE_BYTES - 1, bytes, 2, NULL), TARE_OK);
    CHECK(strcmp(bytes, "12") == 0);
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    tare_os_close_file(fd);
}

TEST(mapping_of_a_file)
{
    char           path[] = "/tmp/tare test XXXXXX";
    struct stat    info;
    wanted_mapping wanted;
    tare_process   process = open_self();
    void          *mapped = map_new_file(path, &info);
    int            visited = 0;

    find_mapping(&process, mapped, &wanted);
    CHECK_EQ(wanted.found.start, (uintptr_t)mapped);
    CHECK_EQ(wanted.found.end, (uintptr_t)mapped + PAGE_BYTES);
    CHECK_EQ(wanted.found.file_offset, PAGE_BYTES);
    CHECK_EQ(wanted.found.inode, info.st_ino);
    CHECK(wanted.found.readable && !wanted.found.writable && !wanted.found.executable);
    CHECK(!wanted.found.deleted);
    CHECK(strcmp(wanted.path, path) == 0);
    expect_first_page(&process, &wanted.found);
    CHECK_EQ(tare_os_each_mapping(&process, visit_one, &visited, NULL), TARE_OK);
    CHECK_EQ(visited, 1);
    munmap(mapped, PAGE_BYTES);
    unlink(path);
    tare_os_process_close(&process);
}

TEST(mapped_file_is_found_by_its_path)
{
    char           path[] = "/tmp/tare-test-XXXXXX";
    struct stat    info;
    wanted_mapping wanted;
    tare_process   process = open_self();
    void          *mapped = map_new_file(path, &info);
    tare_error     err;
    int            fd;
    uint64_t       size;

    find_mapping(&process, mapped, &wanted);
    munmap(mapped, PAGE_BYTES); /* so /proc has no link to it any more */
    expect_first_page(&process, &wanted.found);
    wanted.found.inode++;
    CHECK_EQ(tare_os_open_mapped_file(&process, &wanted.found, &fd, &size, &err), TARE_NOT_FOUND);
    CHECK(strstr(err.message, "replaced") != NULL);
    CHECK_EQ(fd, -1);
    unlink(path);
    tare_os_process_close(&process);
}

TEST(mapped_file_that_was_deleted_and_replaced)
{
    char           path[] = "/tmp/tare-test-XXXXXX";
    struct stat    info;
    wanted_mapping wanted;
    tare_process   process = open_self();
    void          *mapped = map_new_file(path, &info);
    tare_error     err;
    int            fd;
    uint64_t       size;

    unlink(path);
    const int replacement = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(replacement >= 0);
    close(replacement);
    find_mapping(&process, mapped, &wanted);
    CHECK(wanted.found.deleted);
    CHECK(strcmp(wanted.path, path) == 0);
    if (geteuid() == 0)
        expect_first_page(&process, &wanted.found);
    munmap(mapped, PAGE_BYTES);
    CHECK_EQ(tare_os_open_mapped_file(&process, &wanted.found, &fd, &size, &err), TARE_NOT_FOUND);
    CHECK(strstr(err.message, "deleted") != NULL);
    unlink(path);
    tare_os_process_close(&process);
}

TEST(only_regular_files_are_opened)
{
    struct stat  info;
    tare_process process = open_self();
    tare_mapping mapping = {.start = 1, .end = 2, .path = "/dev/zero"};
    int          fd;
    uint64_t     size;

    CHECK_EQ(stat(mapping.path, &info), 0);
    mapping.inode = info.st_ino;
    CHECK_EQ(tare_os_open_mapped_file(&process, &mapping, &fd, &size, NULL), TARE_NOT_FOUND);
    mapping.path = "[heap]";
    CHECK_EQ(tare_os_open_mapped_file(&process, &mapping, &fd, &size, NULL), TARE_NOT_FOUND);
    mapping.path = "";
    CHECK_EQ(tare_os_open_mapped_file(&process, &mapping, &fd, &size, NULL), TARE_NOT_FOUND);
    tare_os_close_file(-1);
    tare_os_process_close(&process);
}

TEST(file_that_is_too_short)
{
    char        path[] = "/tmp/tare-test-XXXXXX";
    struct stat info;
    char        bytes[8];
    tare_error  err;
    void       *mapped = map_new_file(path, &info);
    const int   fd = open(path, O_RDONLY | O_CLOEXEC);

    CHECK_EQ(tare_os_read_file(fd, 2 * PAGE_BYTES - 8, bytes, 8, &err), TARE_OK);
    CHECK_EQ(tare_os_read_file(fd, 2 * PAGE_BYTES - 7, bytes, 8, &err), TARE_CORRUPT);
    CHECK_EQ(tare_os_read_file(fd, UINT64_MAX, bytes, 8, &err), TARE_SYSTEM);
    CHECK_EQ(tare_os_read_file(-1, 0, bytes, 8, &err), TARE_SYSTEM);
    tare_os_close_file(fd);
    munmap(mapped, PAGE_BYTES);
    unlink(path);
}

TEST(text_files)
{
    char       text[8];
    size_t     size = 1;
    tare_error err;

    CHECK_EQ(tare_os_read_text("/proc/self/comm", text, sizeof text, &size, &err), TARE_OK);
    CHECK_EQ(size, strlen(text));
    CHECK_EQ(size, sizeof text - 1); /* "test_os" fills it */
    CHECK_EQ(tare_os_read_text("/no/such/file", text, sizeof text, &size, &err), TARE_NOT_FOUND);
    CHECK_EQ(size, 0);
    CHECK(strcmp(text, "") == 0);
    CHECK(strstr(err.message, "/no/such/file") != NULL);
}

/* ---- accounts ---- */

TEST(usage_of_this_process)
{
    enum { TOUCHED_BYTES = 32 << 20 };
    tare_process process = open_self();
    tare_usage   before, after;

    const uint64_t cpu_before_ns = tare_os_own_cpu_ns();
    CHECK_EQ(tare_os_usage(&process, &before, NULL), TARE_OK);
    const uint64_t cpu_after_ns = tare_os_own_cpu_ns();
    CHECK(before.cpu_ns >= cpu_before_ns && before.cpu_ns <= cpu_after_ns);
    CHECK(before.user_ns + before.system_ns <= before.cpu_ns);
    CHECK_EQ(before.thread_count, 1);
    CHECK(before.peak_rss_bytes >= before.rss_bytes);

    char *touched = mmap(NULL, TOUCHED_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                         -1, 0);
    CHECK(touched != MAP_FAILED);
    memset(touched, 1, TOUCHED_BYTES);
    CHECK_EQ(tare_os_usage(&process, &after, NULL), TARE_OK);
    CHECK(after.rss_bytes >= before.rss_bytes + TOUCHED_BYTES - (2 << 20)); /* counted in lumps */
    CHECK(after.minor_faults > before.minor_faults);
    munmap(touched, TOUCHED_BYTES);
    tare_os_process_close(&process);
}

TEST(usage_of_a_later_process_with_the_same_number)
{
    tare_process process = open_self();
    tare_usage   usage;

    process.start_time_ticks--;
    CHECK_EQ(tare_os_usage(&process, &usage, NULL), TARE_GONE);
    tare_os_process_close(&process);
}

TEST(machine)
{
    tare_machine      machine;
    tare_machine_load before, after;
    char              host[TARE_OS_NAME_BYTES] = "";

    tare_os_machine(&machine);
    gethostname(host, sizeof host - 1);
    CHECK(strcmp(machine.host, host) == 0);
    CHECK(strncmp(machine.system, "Linux ", 6) == 0);
    CHECK(machine.cpu_count >= 1);
    CHECK(machine.cpu_count <= (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
    CHECK(machine.memory_bytes > 1 << 20);
    CHECK(machine.memory_limit_bytes > 1 << 20);
    CHECK(machine.memory_limit_bytes <= machine.memory_bytes);

    tare_os_machine_load(&before);
    const uint64_t start_ns = tare_os_own_cpu_ns();
    while (tare_os_own_cpu_ns() - start_ns < 50000000) /* five ticks */
        continue;
    tare_os_machine_load(&after);
    CHECK(after.busy_ns > before.busy_ns);
    CHECK(after.idle_ns >= before.idle_ns);
    CHECK(after.memory_pressure_avg10 >= -1 && after.memory_pressure_avg10 <= 100);
}

/* On a machine with one CPU there is nothing to choose. */
TEST(a_cpu_to_keep_off_or_to_stay_on)
{
    tare_placement placement = {0};
    cpu_set_t      usual, now;

    CHECK_EQ(sched_getaffinity(0, sizeof usual, &usual), 0);
    for (int i = 0; i < 4; i++) {
        const int cpu = sched_getcpu();
        tare_os_place(&placement, TARE_ELSEWHERE, cpu);
        if (CPU_COUNT(&usual) > 1)
            CHECK(sched_getcpu() != cpu);
        tare_os_place(&placement, TARE_BESIDE, cpu);
        if (CPU_COUNT(&usual) > 1)
            CHECK_EQ(sched_getcpu(), cpu);
    }
    tare_os_place(&placement, TARE_BESIDE, -1);
    CHECK_EQ(sched_getaffinity(0, sizeof now, &now), 0);
    CHECK(CPU_EQUAL(&usual, &now));
}
