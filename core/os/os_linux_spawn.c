/* os_linux_spawn.c - starting the target, asking how it ended, sending it signals.
 *
 * The target must not be able to tell that Tare started it. It gets our environment, working
 * directory, process group and the descriptors we were given ourselves (each of our own is
 * close-on-exec). Signals: the mask is emptied, and what we handle goes back to its default;
 * what was ignored when we were started stays ignored, as under nohup. So whoever uses tare_os
 * installs handlers and never sets a signal to "ignore". Nothing ties the target's life to ours.
 *
 *     parent                          child
 *     block all signals
 *     fork ------------------------>  default for each signal that we handle
 *     old signal mask                 open the mask
 *     read the pipe  <------------.   exec ----> the pipe closes: end of file, it runs
 *                                 `-- write errno, end
 *
 * Signals stay blocked until the handlers are gone, so that a Ctrl-C in between ends the child
 * instead of running our handler in it. posix_spawn would do nearly the same, but in glibc it
 * leaves the child with two signals ignored that were not (32 and 33).
 *
 * Cost: spawn 0.3 ms and more, most of it exec; reap and signal one system call each. */
#define _GNU_SOURCE 1

#include "os/os_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void reset_handlers(void)
{
    struct sigaction now;

    for (int number = 1; number < NSIG; number++) {
        if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_IGN &&
            now.sa_handler != SIG_DFL)
            signal(number, SIG_DFL);
    }
}

/* In the child, between fork and exec: calls that are safe there, and no way back. */
static void become(char *const *argv, int report_fd)
{
    sigset_t none;

    reset_handlers();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(argv[0], argv);

    const int     failure = errno;
    const ssize_t written = write(report_fd, &failure, sizeof failure);
    _exit(written == sizeof failure ? 127 : 126);
}

/* 0 when the program runs, else the errno of the exec. */
static int await_exec(int report_fd)
{
    int     failure = 0;
    ssize_t got;

    do
        got = read(report_fd, &failure, sizeof failure);
    while (got < 0 && errno == EINTR);
    return got == sizeof failure ? failure : 0;
}

/* 0, or an errno. */
static int fork_and_exec(char *const *argv, int *pid_out)
{
    int      ends[2];
    sigset_t all;
    sigset_t ours;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    prctl(PR_SET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL); /* inherited: back to what we were given */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &ours);
    const int pid = fork();
    if (pid == 0)
        become(argv, ends[1]);

    int failure = pid < 0 ? errno : 0;
    sigprocmask(SIG_SETMASK, &ours, NULL);
    close(ends[1]);
    if (pid > 0)
        failure = await_exec(ends[0]);
    close(ends[0]);
    if (pid > 0 && failure != 0)
        waitpid(pid, NULL, 0);
    *pid_out = failure == 0 ? pid : 0;
    return failure;
}

static const char *advise_on_exec(int os_errno)
{
    switch (os_errno) {
    case ENOENT:
        return "check the spelling and PATH, and the first line of a script";
    case EACCES:
        return "check that it is a file and executable (chmod +x)";
    case E2BIG:
        return "pass fewer arguments, or a smaller environment";
    default:
        return "try the same command without tare";
    }
}

tare_status tare_os_spawn(char *const *argv, int *pid_out, tare_error *err)
{
    *pid_out = 0;
    if (argv[0] == NULL)
        return tare_fail(err, TARE_USAGE, "start a program: none is named");

    const int failure = fork_and_exec(argv, pid_out);
    if (failure == 0)
        return TARE_OK;
    const tare_status status = tare_fail_os(err, failure, "start %s", argv[0]);
    tare_linux_advise(err, advise_on_exec(failure));
    return status;
}

/* ---- how it ended ---- */

static uint64_t convert_to_ns(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

static void convert_usage(const struct rusage *from, tare_usage *to)
{
    *to = (tare_usage){
        .user_ns = convert_to_ns(from->ru_utime),
        .system_ns = convert_to_ns(from->ru_stime),
        .peak_rss_bytes = (uint64_t)from->ru_maxrss * 1024,
        .minor_faults = (uint64_t)from->ru_minflt,
        .major_faults = (uint64_t)from->ru_majflt,
        .voluntary_switches = (uint64_t)from->ru_nvcsw,
        .involuntary_switches = (uint64_t)from->ru_nivcsw,
    };
    to->cpu_ns = to->user_ns + to->system_ns;
}

tare_status tare_os_reap(int pid, tare_exit *exit_out, tare_usage *usage_out, tare_error *err)
{
    struct rusage usage;
    int           status;
    int           found;

    *exit_out = (tare_exit){.code = -1};
    do
        found = wait4(pid, &status, WNOHANG, &usage);
    while (found < 0 && errno == EINTR);
    if (found < 0 && errno == ECHILD)
        return tare_fail(err, TARE_GONE,
                         "ask how process %d ended: it is no child of ours, or was asked before",
                         pid);
    if (found < 0)
        return tare_fail_os(err, errno, "ask how process %d ended", pid);
    if (found == 0)
        return TARE_OK;
    exit_out->ended = true;
    exit_out->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    exit_out->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (usage_out != NULL)
        convert_usage(&usage, usage_out);
    return TARE_OK;
}

tare_status tare_os_signal(const tare_process *process, int signal_number, tare_error *err)
{
    char what[32];
    long result;

    snprintf(what, sizeof what, "send signal %d to", signal_number);
    if (process->pidfd >= 0)
        result = syscall(SYS_pidfd_send_signal, process->pidfd, signal_number, NULL, 0U);
    else if (tare_os_process_alive(process))
        result = kill(process->pid, signal_number);
    else
        return tare_linux_fail_process(err, ESRCH, process->pid, what);
    return result == 0 ? TARE_OK : tare_linux_fail_process(err, errno, process->pid, what);
}

/* ---- what stays between us and who started us ---- */

void tare_os_say(int fd, const char *bytes, size_t size)
{
    const ssize_t written = write(fd, bytes, size);

    (void)written; /* nobody listens: nothing to do */
}

void tare_os_keep_to_ourselves(int fd)
{
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* no such descriptor: what is said there is lost too */
}
