/* os_linux_proc.c - small files in /proc, and what to say when they stay closed.
 *
 * A file in /proc is made when it is read, so it is read whole, with as few reads as fit,
 * and parsed afterwards. Errors say who may do what: which of the four reasons for a
 * refusal it was can be told from the owner of the process and from Yama's setting, so
 * the user gets one piece of advice instead of a list.
 *
 * Cost: open, two reads and close for each file. */
#define _GNU_SOURCE 1

#include "os/os_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void tare_linux_path(char path[TARE_LINUX_PATH_BYTES], int pid, const char *name)
{
    snprintf(path, TARE_LINUX_PATH_BYTES, "/proc/%d/%s", pid, name);
}

void tare_linux_task_path(char path[TARE_LINUX_PATH_BYTES], int pid, int tid, const char *name)
{
    snprintf(path, TARE_LINUX_PATH_BYTES, "/proc/%d/task/%d/%s", pid, tid, name);
}

int tare_linux_slurp(const char *path, char *into, size_t capacity, size_t *size_out)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t    size = 0;
    ssize_t   got = 0;

    into[0] = '\0';
    if (size_out != NULL)
        *size_out = 0;
    if (fd < 0)
        return errno;
    do {
        got = read(fd, into + size, capacity - 1 - size);
        if (got > 0)
            size += (size_t)got;
    } while ((got > 0 && size < capacity - 1) || (got < 0 && errno == EINTR));

    const int failure = got < 0 ? errno : 0;
    close(fd);
    into[size] = '\0';
    if (size_out != NULL)
        *size_out = size;
    return failure;
}

tare_status tare_os_read_text(const char *path, char *into, size_t capacity, size_t *size_out,
                              tare_error *err)
{
    const int failure = tare_linux_slurp(path, into, capacity, size_out);

    return failure == 0 ? TARE_OK : tare_fail_os(err, failure, "read %s", path);
}

bool tare_linux_cut_deleted(char *path)
{
    static const char deleted[] = " (deleted)";
    const size_t      size = strlen(path);
    const size_t      cut = sizeof deleted - 1;

    if (size <= cut || strcmp(path + size - cut, deleted) != 0)
        return false;
    path[size - cut] = '\0';
    return true;
}

/* ---- complaints ---- */

void tare_linux_advise(tare_error *err, const char *advice)
{
    if (err == NULL)
        return;
    const size_t size = strlen(err->message);
    snprintf(err->message + size, sizeof err->message - size, "; %s", advice);
}

static int read_ptrace_scope(void)
{
    char text[16];

    if (tare_linux_slurp("/proc/sys/kernel/yama/ptrace_scope", text, sizeof text, NULL) != 0)
        return 0;
    return atoi(text);
}

static void advise_about_rights(tare_error *err, int pid)
{
    char        path[TARE_LINUX_PATH_BYTES];
    char        advice[192];
    struct stat owner;

    tare_linux_path(path, pid, "");
    const bool known = stat(path, &owner) == 0;
    if (known && owner.st_uid != geteuid()) {
        snprintf(advice, sizeof advice,
                 "user %u may read it, this is user %u: run tare as that user or as root, "
                 "or start the program with `tare run`",
                 (unsigned)owner.st_uid, (unsigned)geteuid());
        tare_linux_advise(err, advice);
    } else if (read_ptrace_scope() > 0) {
        tare_linux_advise(err, "start the program with `tare run`, or run tare as root, or allow "
                               "it until the next boot with "
                               "`sudo sysctl kernel.yama.ptrace_scope=0`");
    } else {
        tare_linux_advise(err, "start the program with `tare run`, or give tare the capability "
                               "SYS_PTRACE (docker run --cap-add SYS_PTRACE)");
    }
}

tare_status tare_linux_fail_process(tare_error *err, int os_errno, int pid, const char *what)
{
    if (os_errno == ENOENT || os_errno == ESRCH)
        return tare_fail(err, TARE_GONE,
                         "%s process %d: it has ended, or there is no process by that number; "
                         "`pgrep -a python` lists those that run",
                         what, pid);

    const tare_status status = tare_fail_os(err, os_errno, "%s process %d", what, pid);
    if (status == TARE_PERMISSION)
        advise_about_rights(err, pid);
    return status;
}

/* ---- stat ---- */

uint64_t tare_linux_next_number(const char **text)
{
    const char *at = *text;
    uint64_t    value = 0;

    while (*at != '\0' && (*at < '0' || *at > '9'))
        at++;
    while (*at >= '0' && *at <= '9')
        value = value * 10 + (uint64_t)(*at++ - '0');
    *text = at;
    return value;
}

int tare_linux_entry_number(const char *name)
{
    char      *end;
    const long number = strtol(name, &end, 10);

    return *end == '\0' && number > 0 && number <= INT32_MAX ? (int)number : 0;
}

/* Numbers by their place in proc(5), counted from 1; the name is 2, the state 3. A minus sign is
 * skipped, which is harmless: only fields that are never negative are kept. */
enum { FIRST_NUMBER = 4, LAST_NUMBER = 39 };

bool tare_linux_parse_stat(const char *text, tare_linux_stat *stat_out)
{
    const char *at = strrchr(text, ')');
    uint64_t    fields[LAST_NUMBER + 1] = {0};

    if (at == NULL || at[1] != ' ' || at[2] == '\0')
        return false;
    const char state = at[2];
    at += 3;
    for (int i = FIRST_NUMBER; i <= LAST_NUMBER; i++) {
        if (*at != ' ')
            return false;
        fields[i] = tare_linux_next_number(&at);
    }
    *stat_out = (tare_linux_stat){
        .state = state,
        .parent_pid = (int)fields[4],
        .minor_faults = fields[10],
        .major_faults = fields[12],
        .user_ticks = fields[14],
        .system_ticks = fields[15],
        .thread_count = (uint32_t)fields[20],
        .start_time_ticks = fields[22],
        .cpu = (int)fields[39],
    };
    return true;
}

tare_status tare_linux_read_stat(int pid, tare_linux_stat *stat_out, tare_error *err)
{
    char path[TARE_LINUX_PATH_BYTES];
    char text[TARE_LINUX_STAT_BYTES];

    tare_linux_path(path, pid, "stat");
    const int failure = tare_linux_slurp(path, text, sizeof text, NULL);
    if (failure != 0)
        return tare_linux_fail_process(err, failure, pid, "read the state of");
    if (!tare_linux_parse_stat(text, stat_out))
        return tare_fail(err, TARE_CORRUPT, "read %s: it does not read like proc(5) says", path);
    return TARE_OK;
}

bool tare_linux_is_zombie(const tare_linux_stat *stat)
{
    return (stat->state == 'Z' || stat->state == 'X') && stat->thread_count <= 1;
}
