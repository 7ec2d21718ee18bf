/* os_linux_process.c - one process: is it there, is it the same, what does it run.
 *
 * Process numbers are used again. A process is known by its number and its start time, and
 * where the kernel has them (Linux 5.3) by a pidfd, which stays with the process it was
 * opened for:
 *
 *     pidfd_open(41) ... read /proc/41/stat ... is the pidfd alive?
 *
 * If it is alive at the end, what was read in between belongs to the same process.
 *
 * Cost: alive is one poll with a pidfd; without one it reads stat (4 system calls). */
#define _GNU_SOURCE 1

#include "os/os_linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static bool is_pidfd_alive(int pidfd)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};

    return poll(&ended, 1, 0) != 1;
}

/* The process that a thread belongs to, 0 when that cannot be told. */
static int find_process_of_thread(int tid)
{
    char        path[TARE_LINUX_PATH_BYTES];
    char        text[TARE_LINUX_STATUS_BYTES];
    const char *line;

    tare_linux_path(path, tid, "status");
    if (tare_linux_slurp(path, text, sizeof text, NULL) != 0)
        return 0;
    line = strstr(text, "\nTgid:");
    return line == NULL ? 0 : atoi(line + strlen("\nTgid:"));
}

static tare_status fail_open(tare_error *err, int os_errno, int pid)
{
    const int owner_pid = find_process_of_thread(pid);

    if (owner_pid != 0 && owner_pid != pid)
        return tare_fail(err, TARE_USAGE, "open process %d: that is a thread of process %d; use %d",
                         pid, owner_pid, owner_pid);
    return tare_linux_fail_process(err, os_errno, pid, "read the state of");
}

/* A number that exists as a process, but not in /proc, is hidden from us (hidepid). */
static tare_status fail_hidden(tare_error *err, int pid)
{
    return tare_fail(err, TARE_PERMISSION,
                     "read the state of process %d: it exists, but /proc hides it; run tare as the "
                     "user who started it or as root",
                     pid);
}

static tare_status fail_zombie(tare_error *err, int pid)
{
    return tare_fail(err, TARE_GONE,
                     "read the state of process %d: it has ended, its parent has yet to ask how",
                     pid);
}

/* Its number stays its own until we ask how it ended. */
static bool is_our_child(const tare_linux_stat *stat)
{
    return stat->parent_pid == getpid();
}

tare_status tare_os_process_open(tare_process *process, int pid, tare_error *err)
{
    tare_linux_stat now;

    *process = (tare_process){.pidfd = -1};
    if (pid <= 0)
        return tare_fail(err, TARE_USAGE, "open process %d: process numbers start at 1", pid);

    const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0U); /* always close-on-exec */
    const int why = pidfd < 0 ? errno : 0;
    if (pidfd < 0 && why != ENOSYS && why != EPERM) /* EPERM: a sandbox that knows no pidfd */
        return fail_open(err, why, pid);

    tare_status status = tare_linux_read_stat(pid, &now, err);
    if (status == TARE_GONE && pidfd >= 0 && is_pidfd_alive(pidfd))
        status = fail_hidden(err, pid);
    else if (status == TARE_OK && !is_our_child(&now) && tare_linux_is_zombie(&now))
        status = fail_zombie(err, pid);
    else if (status == TARE_OK && !is_our_child(&now) && pidfd >= 0 && !is_pidfd_alive(pidfd))
        status = tare_linux_fail_process(err, ESRCH, pid, "read the state of");
    if (status != TARE_OK) {
        if (pidfd >= 0)
            close(pidfd);
        return status;
    }
    *process = (tare_process){pid, now.start_time_ticks, pidfd, is_our_child(&now)};
    return TARE_OK;
}

void tare_os_process_close(tare_process *process)
{
    if (process->pid > 0 && process->pidfd >= 0)
        close(process->pidfd);
    *process = (tare_process){.pidfd = -1};
}

bool tare_os_process_alive(const tare_process *process)
{
    tare_linux_stat now;

    if (process->pidfd >= 0)
        return is_pidfd_alive(process->pidfd);

    const tare_status status = tare_linux_read_stat(process->pid, &now, NULL);
    if (status != TARE_OK)
        return status != TARE_GONE; /* no file descriptor left, say: no reason to give up */
    return now.start_time_ticks == process->start_time_ticks && !tare_linux_is_zombie(&now);
}

uint64_t tare_os_process_age_ns(const tare_process *process)
{
    struct timespec now;
    const uint64_t  tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);

    clock_gettime(CLOCK_BOOTTIME, &now);
    const uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    const uint64_t start_ns = process->start_time_ticks * tick_ns;
    return now_ns > start_ns ? now_ns - start_ns : 0;
}

/* ---- what it runs ---- */

tare_status tare_os_process_executable(const tare_process *process, char *into, size_t capacity,
                                       tare_error *err)
{
    char path[TARE_LINUX_PATH_BYTES];

    tare_linux_path(path, process->pid, "exe");
    const ssize_t size = readlink(path, into, capacity - 1);
    if (size < 0 && errno == ENOENT && tare_os_process_alive(process))
        return tare_fail(err, TARE_NOT_FOUND,
                         "find the executable of process %d: it has none, it is part of the kernel",
                         process->pid);
    if (size < 0)
        return tare_linux_fail_process(err, errno, process->pid, "find the executable of");
    into[size] = '\0';
    tare_linux_cut_deleted(into);
    return TARE_OK;
}

tare_status tare_os_process_command(const tare_process *process, char *into, size_t capacity,
                                    size_t *size_out, tare_error *err)
{
    char   path[TARE_LINUX_PATH_BYTES];
    size_t size;

    tare_linux_path(path, process->pid, "cmdline");
    const int failure = tare_linux_slurp(path, into, capacity, &size);
    if (failure != 0)
        return tare_linux_fail_process(err, failure, process->pid, "read the command line of");
    if (size > 0 && into[size - 1] == '\0')
        size--; /* the kernel ends each argument with NUL, we only part them */
    if (size_out != NULL)
        *size_out = size;
    return TARE_OK;
}

/* ---- children ---- */

typedef struct pid_list {
    int   *pids; /* of the caller */
    size_t capacity;
    size_t count; /* may exceed capacity: then only the first ones are in pids */
} pid_list;

static void add_pid(pid_list *list, int pid)
{
    if (list->count < list->capacity)
        list->pids[list->count] = pid;
    list->count++;
}

/* Numbers parted by spaces, from a file without a bound on its size; a number may be cut in two
 * by the end of a piece. */
static void add_pids_of_file(pid_list *list, int fd)
{
    char    piece[4096];
    ssize_t got;
    int     pid = 0;

    while ((got = read(fd, piece, sizeof piece)) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            if (piece[i] >= '0' && piece[i] <= '9') {
                pid = pid * 10 + (piece[i] - '0');
            } else if (pid != 0) {
                add_pid(list, pid);
                pid = 0;
            }
        }
    }
}

/* A child belongs to the thread that forked it. false when the kernel keeps no such lists. */
static bool add_children_of_threads(pid_list *list, const tare_process *process, DIR *tasks)
{
    char                 path[TARE_LINUX_PATH_BYTES];
    const struct dirent *entry;
    bool                 kept = false;

    while ((entry = readdir(tasks)) != NULL) {
        const int tid = tare_linux_entry_number(entry->d_name);
        if (tid == 0)
            continue;
        tare_linux_task_path(path, process->pid, tid, "children");
        const int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue; /* the thread has just ended, or the kernel has no such file */
        kept = true;
        add_pids_of_file(list, fd);
        close(fd);
    }
    return kept;
}

static void add_children_by_parent(pid_list *list, const tare_process *process, DIR *processes)
{
    const struct dirent *entry;
    tare_linux_stat      other;

    while ((entry = readdir(processes)) != NULL) {
        const int pid = tare_linux_entry_number(entry->d_name);
        if (pid != 0 && tare_linux_read_stat(pid, &other, NULL) == TARE_OK &&
            other.parent_pid == process->pid)
            add_pid(list, pid);
    }
}

tare_status tare_os_children(const tare_process *process, int *pids, size_t capacity,
                             size_t *count_out, tare_error *err)
{
    char     path[TARE_LINUX_PATH_BYTES];
    pid_list list = {pids, capacity, 0};

    *count_out = 0;
    tare_linux_path(path, process->pid, "task");
    DIR *tasks = opendir(path);
    if (tasks == NULL)
        return tare_linux_fail_process(err, errno, process->pid, "list the threads of");
    const bool kept = add_children_of_threads(&list, process, tasks);
    closedir(tasks);

    if (!kept) { /* a kernel without CONFIG_PROC_CHILDREN: ask every process for its parent */
        DIR *processes = opendir("/proc");
        if (processes == NULL)
            return tare_fail_os(err, errno, "list /proc");
        add_children_by_parent(&list, process, processes);
        closedir(processes);
    }
    *count_out = list.count;
    return TARE_OK;
}
