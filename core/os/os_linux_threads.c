/* os_linux_threads.c - what a thread does at this moment, seen from outside.
 *
 * The kernel answers in one line of /proc/PID/task/TID/syscall, which is read with one pread from
 * a file that stays open:
 *
 *     running                                              on a CPU, or ready for one
 *     202 0x7f3c... 0x189 0x0 0x0 0x0 0xffffffff 0x7ff... 0x7f3...     in system call 202,
 *                                                          its arguments, stack and code address
 *     -1 0x7ff... 0x7f3...                                 off the CPU, but in no call
 *
 * Only for the last a second pread, of stat, tells stopped from paging from ended. A thread that
 * was stopped by a signal inside a call, or on its way out of one, still shows that call. Asking
 * stat every time would more than double the cost, and a stop by job control stops all threads,
 * so callers ask for one of them now and then (tare_os_thread_activity).
 *
 * Cost, on a virtual 2.6 GHz x86-64 where getppid takes 170 ns: 1,000 ns for a running thread,
 * 1,750 for a blocked one, 2,800 more where stat is needed.
 *
 * The file is open to those who may trace the process. To others the state is the letter in
 * stat: blocked, but nobody knows in what.
 *
 * tare_os_find_thread reads status, 15 us: once, and in another PID namespace for each thread. */
#define _GNU_SOURCE 1

#include "os/os_linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { SYSCALL_BYTES = 192 }; /* 9 numbers of at most 18 characters */

/* ---- parsing ---- */

static bool take_number(const char **text, uint64_t *value_out)
{
    const char *at = *text;
    uint64_t    value = 0;
    const bool  is_hex = at[0] == '0' && at[1] == 'x';

    at += is_hex ? 2 : 0;
    const char *first = at;
    for (;; at++) {
        if (*at >= '0' && *at <= '9')
            value = value * (is_hex ? 16 : 10) + (uint64_t)(*at - '0');
        else if (is_hex && *at >= 'a' && *at <= 'f')
            value = value * 16 + (uint64_t)(*at - 'a' + 10);
        else
            break;
    }
    *text = at;
    *value_out = value;
    return at > first;
}

bool tare_linux_parse_syscall(const char *text, tare_thread_state *state_out)
{
    uint64_t number;
    uint64_t arguments[TARE_LINUX_CALL_ARGUMENTS];

    if (text[0] == 'r') {
        *state_out = (tare_thread_state){.activity = TARE_THREAD_RUNNING, .descriptor = -1};
        return true;
    }
    if (!take_number(&text, &number))
        return false;
    for (int i = 0; i < TARE_LINUX_CALL_ARGUMENTS; i++) {
        if (*text++ != ' ' || !take_number(&text, &arguments[i]))
            return false;
    }
    tare_linux_classify_call(number, arguments, state_out);
    return true;
}

/* ---- looking ---- */

static bool read_line(int fd, char *into, size_t capacity)
{
    const ssize_t got = pread(fd, into, capacity - 1, 0);

    into[got > 0 ? got : 0] = '\0';
    return got > 0;
}

tare_status tare_os_thread_open(tare_thread_probe *probe, const tare_process *process, int tid,
                                tare_error *err)
{
    char path[TARE_LINUX_PATH_BYTES];
    char line[SYSCALL_BYTES];

    *probe = (tare_thread_probe){.syscall_fd = -1, .stat_fd = -1};
    tare_linux_task_path(path, process->pid, tid, "stat");
    const int stat_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (stat_fd < 0 && errno == ENOENT)
        return tare_fail(err, TARE_GONE, "watch thread %d of process %d: it has ended", tid,
                         process->pid);
    if (stat_fd < 0)
        return tare_linux_fail_process(err, errno, process->pid, "watch a thread of");

    tare_linux_task_path(path, process->pid, tid, "syscall");
    int syscall_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (syscall_fd >= 0 && !read_line(syscall_fd, line, sizeof line)) {
        close(syscall_fd); /* opening asks for the owner, reading for the right to trace */
        syscall_fd = -1;
    }
    *probe = (tare_thread_probe){tid, syscall_fd, stat_fd};
    return TARE_OK;
}

void tare_os_thread_close(tare_thread_probe *probe)
{
    if (probe->tid > 0 && probe->syscall_fd >= 0)
        close(probe->syscall_fd);
    if (probe->tid > 0 && probe->stat_fd >= 0)
        close(probe->stat_fd);
    *probe = (tare_thread_probe){.syscall_fd = -1, .stat_fd = -1};
}

tare_thread_activity tare_os_thread_activity(const tare_thread_probe *probe)
{
    char            line[TARE_LINUX_STAT_BYTES];
    tare_linux_stat stat;

    if (!read_line(probe->stat_fd, line, sizeof line) || !tare_linux_parse_stat(line, &stat))
        return TARE_THREAD_ENDED;
    switch (stat.state) {
    case 'R':
        return TARE_THREAD_RUNNING;
    case 'T':
    case 't':
        return TARE_THREAD_STOPPED;
    case 'Z':
    case 'X':
        return TARE_THREAD_ENDED;
    default:
        return TARE_THREAD_BLOCKED;
    }
}

int tare_os_thread_cpu(const tare_thread_probe *probe)
{
    char            line[TARE_LINUX_STAT_BYTES];
    tare_linux_stat stat;

    if (!read_line(probe->stat_fd, line, sizeof line) || !tare_linux_parse_stat(line, &stat))
        return -1;
    return stat.cpu;
}

tare_thread_state tare_os_thread_state(const tare_thread_probe *probe)
{
    char              line[SYSCALL_BYTES];
    tare_thread_state state = {.call = TARE_CALL_OTHER, .descriptor = -1};

    if (probe->syscall_fd < 0) {
        state.activity = tare_os_thread_activity(probe);
    } else if (!read_line(probe->syscall_fd, line, sizeof line)) {
        state.activity = TARE_THREAD_ENDED;
    } else if (!tare_linux_parse_syscall(line, &state)) {
        state.activity = tare_os_thread_activity(probe);
        /* Asleep, but in no call: paging. If it runs by now the page has come since. */
        if (state.activity == TARE_THREAD_BLOCKED || state.activity == TARE_THREAD_RUNNING)
            state.activity = TARE_THREAD_FAULT;
    }
    return state;
}

/* ---- numbers, names and descriptors ---- */

/* The last number of "NSpid:  4711  12  1" in status, one for each PID namespace from ours down
 * to the thread's own. *depth_out is how many there are; 0 when it cannot be read. */
static int read_own_tid(int pid, int tid, int *depth_out)
{
    char   path[TARE_LINUX_PATH_BYTES];
    char   text[TARE_LINUX_STATUS_BYTES];
    int    own_tid = 0;
    size_t size;

    *depth_out = 0;
    tare_linux_task_path(path, pid, tid, "status");
    tare_linux_slurp(path, text, sizeof text, &size);
    const char *at = strstr(text, "\nNSpid:");
    if (at == NULL)
        return 0;
    at += strlen("\nNSpid:");
    while (*at == '\t') {
        own_tid = (int)tare_linux_next_number(&at);
        ++*depth_out;
    }
    return own_tid;
}

int tare_os_find_thread(const tare_process *process, int own_tid)
{
    char                 path[TARE_LINUX_PATH_BYTES];
    const struct dirent *entry;
    int                  depth;
    int                  found = 0;

    read_own_tid(process->pid, process->pid, &depth);
    if (depth <= 1)
        return own_tid; /* one namespace for both, or a kernel that does not tell */
    tare_linux_path(path, process->pid, "task");
    DIR *tasks = opendir(path);
    while (found == 0 && tasks != NULL && (entry = readdir(tasks)) != NULL) {
        const int tid = tare_linux_entry_number(entry->d_name);
        if (tid != 0 && read_own_tid(process->pid, tid, &depth) == own_tid)
            found = tid;
    }
    if (tasks != NULL)
        closedir(tasks);
    return found;
}

void tare_os_thread_name(const tare_process *process, int tid, char name[TARE_OS_NAME_BYTES])
{
    char   path[TARE_LINUX_PATH_BYTES];
    size_t size;

    tare_linux_task_path(path, process->pid, tid, "comm");
    tare_linux_slurp(path, name, TARE_OS_NAME_BYTES, &size);
    if (size > 0 && name[size - 1] == '\n')
        name[size - 1] = '\0';
}

/* Numbers of character devices: Documentation/admin-guide/devices.txt of Linux. */
enum { TTY_MAJOR = 4, TTY_AUX_MAJOR = 5, PTY_FIRST_MAJOR = 136, PTY_LAST_MAJOR = 143 };

static bool is_terminal(uint32_t device_major)
{
    return device_major == TTY_MAJOR || device_major == TTY_AUX_MAJOR ||
           (device_major >= PTY_FIRST_MAJOR && device_major <= PTY_LAST_MAJOR);
}

tare_descriptor_kind tare_os_descriptor_kind(const tare_process *process, int descriptor)
{
    char         path[TARE_LINUX_PATH_BYTES];
    struct statx info;

    snprintf(path, sizeof path, "/proc/%d/fd/%d", process->pid, descriptor);
    /* What is known here and now: a file server that does not answer must not hold us up. */
    if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE, &info) != 0)
        return TARE_DESCRIPTOR_OTHER;
    switch (info.stx_mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
    case S_IFBLK:
        return TARE_DESCRIPTOR_FILE;
    case S_IFSOCK:
        return TARE_DESCRIPTOR_SOCKET;
    case S_IFIFO:
        return TARE_DESCRIPTOR_PIPE;
    case S_IFCHR:
        return is_terminal(info.stx_rdev_major) ? TARE_DESCRIPTOR_TERMINAL : TARE_DESCRIPTOR_OTHER;
    default:
        return TARE_DESCRIPTOR_OTHER;
    }
}
