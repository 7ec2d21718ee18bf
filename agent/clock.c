/* clock.c - clocks that stand still while chosen code runs (common/clock.h).
 *
 *     real     |----work----|--sleep(1)--|
 *     hidden   |  0 ... d   |      d     |        d: CPU time of the work
 *     told     |.|--sleep(1)--|                   real - hidden
 *
 * Another thread that sleeps meanwhile until a moment by the told clock sleeps longer by what was
 * hidden until then. So the program does what it would do if the work took no time, and at its end
 *
 *     the time it would have taken == real time - hidden time
 *
 * Time in which the work was ready and had no CPU is hidden, all of it: on a machine that did
 * nothing else there would be none.
 *
 * That holds for what the processor of this thread and clocks do. What goes on without them is
 * not held up: other threads that compute at the same time, other processes, the network.
 *
 * begin and end come one at a time (they are called with the GIL); hidden time may be asked for by
 * any thread at any time, and is read again when it changed meanwhile. Each wait is one of the C
 * library's until the moment that is meant, as far as is known then, and once more if it was put
 * off in between. Left out: timers that send signals, and programs that ask the kernel
 * themselves. */
#define _GNU_SOURCE 1

#include "common/clock.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

enum { MAX_THREADS = 64, NS_A_MS = 1000000, NS_A_US = 1000, NS_A_SECOND = 1000000000 };

/* ---- what is hidden ---- */

typedef struct hidden_thread {
    bool      used;
    clockid_t clock; /* its CPU time */
    int       tid;
    int64_t   begin_cpu_ns;
    int64_t   begin_line_ns; /* how long it had stood in line for a CPU */
} hidden_thread;

/* How long the calling thread has stood in line, read anew only when it has lost its CPU since. */
typedef struct line_meter {
    long    switch_count;
    int64_t line_ns;
} line_meter;

static struct {
    double        part;
    uint32_t      version;         /* odd: being changed */
    uint32_t      count;           /* of threads in use */
    int64_t       cpu_ns, line_ns; /* of what has ended */
    int64_t       last_told_ns;    /* of the clock that never goes back */
    hidden_thread threads[MAX_THREADS];
} hidden;

static _Thread_local hidden_thread *own;
static _Thread_local line_meter     meter = {.switch_count = -1};

static struct {
    int (*clock_gettime)(clockid_t clock, struct timespec *time);
    int (*clock_nanosleep)(clockid_t clock, int flags, const struct timespec *time,
                           struct timespec *rest);
    int (*epoll_wait)(int descriptor, struct epoll_event *events, int count, int timeout_ms);
    int (*poll)(struct pollfd *descriptors, nfds_t count, int timeout_ms);
    int (*select)(int count, fd_set *reading, fd_set *writing, fd_set *failing,
                  struct timeval *timeout);
    int (*sem_timedwait)(sem_t *semaphore, const struct timespec *until);
    int (*sem_clockwait)(sem_t *semaphore, clockid_t clock, const struct timespec *until);
    int (*pthread_cond_timedwait)(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                  const struct timespec *until);
    int (*pthread_cond_clockwait)(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                  clockid_t clock, const struct timespec *until);
} real;

static int64_t in_ns(const struct timespec *time)
{
    return (int64_t)time->tv_sec * NS_A_SECOND + time->tv_nsec;
}

static struct timespec as_time(int64_t ns)
{
    if (ns < 0)
        ns = 0;
    return (struct timespec){.tv_sec = ns / NS_A_SECOND, .tv_nsec = ns % NS_A_SECOND};
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec time = {0};
    if (real.clock_gettime == NULL) /* called before this library began */
        return syscall(SYS_clock_gettime, clock, &time) == 0 ? in_ns(&time) : -1;
    return real.clock_gettime(clock, &time) == 0 ? in_ns(&time) : -1;
}

static bool read_text(const char *path, char *text, size_t room)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    ssize_t size = read(descriptor, text, room - 1);
    close(descriptor);
    text[size > 0 ? size : 0] = '\0';
    return size > 0;
}

/* /proc/self/task/TID/schedstat: time on a CPU, time in line for one, turns. */
static int64_t read_line(int tid)
{
    char path[64], text[96];
    snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", tid);
    const char *second = read_text(path, text, sizeof text) ? strchr(text, ' ') : NULL;
    return second != NULL ? strtoll(second, NULL, 10) : 0;
}

static int64_t own_line(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) == 0 &&
        usage.ru_nivcsw + usage.ru_nvcsw != meter.switch_count) {
        meter.switch_count = usage.ru_nivcsw + usage.ru_nvcsw;
        meter.line_ns = read_line((int)gettid());
    }
    return meter.line_ns;
}

/* The part of the CPU time, and all the time in line. */
static int64_t sum_hidden(void)
{
    int64_t cpu_ns = hidden.cpu_ns, line_ns = hidden.line_ns;
    for (uint32_t i = 0; hidden.count > 0 && i < MAX_THREADS; i++) {
        const hidden_thread *thread = &hidden.threads[i];
        int64_t              now_ns = thread->used ? read_clock(thread->clock) : -1;
        if (now_ns < thread->begin_cpu_ns) /* it has ended */
            continue;
        cpu_ns += now_ns - thread->begin_cpu_ns;
        line_ns += read_line(thread->tid) - thread->begin_line_ns;
    }
    return (int64_t)(hidden.part * (double)cpu_ns) + line_ns;
}

static int64_t find_hidden(void)
{
    uint32_t version;
    int64_t  sum_ns;
    if (hidden.part <= 0)
        return 0;
    do {
        while (((version = __atomic_load_n(&hidden.version, __ATOMIC_ACQUIRE)) & 1) != 0)
            sched_yield();
        sum_ns = sum_hidden();
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (__atomic_load_n(&hidden.version, __ATOMIC_RELAXED) != version);
    return sum_ns;
}

static void change_begin(void)
{
    __atomic_fetch_add(&hidden.version, 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

static void change_end(void)
{
    __atomic_fetch_add(&hidden.version, 1, __ATOMIC_RELEASE);
}

/* Where there are more threads at once than places, those are not hidden. */
static void begin(void)
{
    hidden_thread *found = NULL;
    for (uint32_t i = 0; i < MAX_THREADS && found == NULL; i++)
        found = hidden.threads[i].used ? NULL : &hidden.threads[i];
    clockid_t clock;
    if (found == NULL || own != NULL || pthread_getcpuclockid(pthread_self(), &clock) != 0)
        return;
    int64_t line_ns = own_line();
    change_begin();
    *found = (hidden_thread){
        .used = true,
        .clock = clock,
        .tid = (int)gettid(),
        .begin_cpu_ns = read_clock(clock),
        .begin_line_ns = line_ns,
    };
    hidden.count++;
    change_end();
    own = found;
}

static void end(void)
{
    if (own == NULL)
        return;
    int64_t line_ns = own_line();
    int64_t cpu_ns = read_clock(own->clock);
    change_begin();
    hidden.cpu_ns += cpu_ns - own->begin_cpu_ns;
    hidden.line_ns += line_ns - own->begin_line_ns;
    own->used = false;
    hidden.count--;
    change_end();
    own = NULL;
}

static void forget(void)
{
    memset(hidden.threads, 0, sizeof hidden.threads);
    hidden.count = 0;
    hidden.version = 0;
    meter.switch_count = -1;
    own = NULL;
}

static uint64_t tell_hidden(void)
{
    return (uint64_t)find_hidden();
}

static uint64_t tell_hidden_line(void)
{
    return (uint64_t)hidden.line_ns;
}

EXPORTED const tare_clock_functions *tare_clock_start(double part);

const tare_clock_functions *tare_clock_start(double part)
{
    static const tare_clock_functions functions = {begin, end, forget, tell_hidden,
                                                   tell_hidden_line};
    hidden.part = part;
    return &functions;
}

__attribute__((constructor)) static void find_functions(void)
{
    *(void **)&real.clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    *(void **)&real.clock_nanosleep = dlsym(RTLD_NEXT, "clock_nanosleep");
    *(void **)&real.epoll_wait = dlsym(RTLD_NEXT, "epoll_wait");
    *(void **)&real.poll = dlsym(RTLD_NEXT, "poll");
    *(void **)&real.select = dlsym(RTLD_NEXT, "select");
    *(void **)&real.sem_timedwait = dlsym(RTLD_NEXT, "sem_timedwait");
    *(void **)&real.sem_clockwait = dlsym(RTLD_NEXT, "sem_clockwait");
    *(void **)&real.pthread_cond_clockwait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    /* Of an older kind there is one of the same name, for programs of before 2003. */
    *(void **)&real.pthread_cond_timedwait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait",
                                                    "GLIBC_2.3.2");
    if (real.pthread_cond_timedwait == NULL)
        *(void **)&real.pthread_cond_timedwait = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
}

/* ---- in the place of the C library's ---- */

static bool tells_time(clockid_t clock)
{
    return clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC_RAW ||
           clock == CLOCK_BOOTTIME || clock == CLOCK_MONOTONIC_COARSE ||
           clock == CLOCK_REALTIME_COARSE;
}

/* What is hidden grows between two readings: without this a clock could go back by them. */
static int64_t never_back(int64_t told_ns)
{
    int64_t last_ns = __atomic_load_n(&hidden.last_told_ns, __ATOMIC_RELAXED);
    while (last_ns < told_ns &&
           !__atomic_compare_exchange_n(&hidden.last_told_ns, &last_ns, told_ns, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return last_ns < told_ns ? told_ns : last_ns;
}

static int64_t told_now(void)
{
    return never_back(read_clock(CLOCK_MONOTONIC) - find_hidden());
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (real.clock_gettime == NULL)
        return (int)syscall(SYS_clock_gettime, clock, time);
    int failed = real.clock_gettime(clock, time);
    if (failed || hidden.part <= 0 || !tells_time(clock))
        return failed;
    int64_t told_ns = in_ns(time) - find_hidden();
    *time = as_time(clock == CLOCK_MONOTONIC ? never_back(told_ns) : told_ns);
    return 0;
}

/* until: by the told clock; a signal ends it. */
static int sleep_until(int64_t until_ns)
{
    for (;;) {
        int64_t left_ns = until_ns - told_now();
        if (left_ns <= 0)
            return 0;
        struct timespec left = as_time(left_ns);
        int             failed = real.clock_nanosleep(CLOCK_MONOTONIC, 0, &left, NULL);
        if (failed)
            return failed;
    }
}

EXPORTED int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                             struct timespec *rest)
{
    if (hidden.part <= 0 || !tells_time(clock))
        return real.clock_nanosleep(clock, flags, time, rest);
    int64_t until_ns = in_ns(time);
    if ((flags & TIMER_ABSTIME) == 0)
        until_ns += told_now();
    else if (clock != CLOCK_MONOTONIC)
        until_ns += read_clock(CLOCK_MONOTONIC) - read_clock(clock);
    int failed = sleep_until(until_ns);
    if (failed == EINTR && (flags & TIMER_ABSTIME) == 0 && rest != NULL)
        *rest = as_time(until_ns - told_now());
    return failed;
}

EXPORTED int nanosleep(const struct timespec *time, struct timespec *rest)
{
    int failed = clock_nanosleep(CLOCK_MONOTONIC, 0, time, rest);
    if (failed)
        errno = failed;
    return failed ? -1 : 0;
}

/* So much of a timeout is left, rounded up; a wait without one has none. */
static int left_ms(int64_t until_ns)
{
    int64_t left_ns = until_ns - told_now();
    return left_ns > 0 ? (int)((left_ns + NS_A_MS - 1) / NS_A_MS) : 0;
}

EXPORTED int epoll_wait(int descriptor, struct epoll_event *events, int count, int timeout_ms)
{
    if (hidden.part <= 0 || timeout_ms <= 0)
        return real.epoll_wait(descriptor, events, count, timeout_ms);
    int64_t until_ns = told_now() + (int64_t)timeout_ms * NS_A_MS;
    for (int left = timeout_ms;;) {
        int found = real.epoll_wait(descriptor, events, count, left);
        if (found != 0 || (left = left_ms(until_ns)) == 0)
            return found;
    }
}

EXPORTED int poll(struct pollfd *descriptors, nfds_t count, int timeout_ms)
{
    if (hidden.part <= 0 || timeout_ms <= 0)
        return real.poll(descriptors, count, timeout_ms);
    int64_t until_ns = told_now() + (int64_t)timeout_ms * NS_A_MS;
    for (int left = timeout_ms;;) {
        int found = real.poll(descriptors, count, left);
        if (found != 0 || (left = left_ms(until_ns)) == 0)
            return found;
    }
}

typedef struct three_sets {
    fd_set *given[3];
    fd_set  kept[3];
} three_sets;

static void move_sets(three_sets *sets, bool keep)
{
    for (int i = 0; i < 3; i++) {
        if (sets->given[i] != NULL && keep)
            sets->kept[i] = *sets->given[i];
        else if (sets->given[i] != NULL)
            *sets->given[i] = sets->kept[i];
    }
}

EXPORTED int select(int count, fd_set *reading, fd_set *writing, fd_set *failing,
                    struct timeval *timeout)
{
    if (hidden.part <= 0 || timeout == NULL || count > FD_SETSIZE)
        return real.select(count, reading, writing, failing, timeout);
    three_sets sets = {.given = {reading, writing, failing}};
    int64_t    wanted_ns = (int64_t)timeout->tv_sec * NS_A_SECOND + timeout->tv_usec * NS_A_US;
    int64_t    until_ns = told_now() + wanted_ns;
    move_sets(&sets, true);
    for (;;) {
        int found = real.select(count, reading, writing, failing, timeout);
        int left = found == 0 ? left_ms(until_ns) : 0;
        if (left == 0)
            return found;
        move_sets(&sets, false);
        timeout->tv_sec = left / 1000;
        timeout->tv_usec = left % 1000 * 1000;
    }
}

/* The moment by the real clock at which the told one will have come so far, unless more is hidden
 * until then. */
static struct timespec put_off(const struct timespec *until, int64_t hidden_ns)
{
    return as_time(in_ns(until) + hidden_ns);
}

EXPORTED int sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
    for (;;) {
        int64_t         hidden_ns = find_hidden();
        struct timespec later = put_off(until, hidden_ns);
        int             failed = real.sem_timedwait(semaphore, &later);
        if (!failed || errno != ETIMEDOUT || find_hidden() == hidden_ns)
            return failed;
    }
}

EXPORTED int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
    for (;;) {
        int64_t         hidden_ns = find_hidden();
        struct timespec later = put_off(until, hidden_ns);
        int             failed = real.sem_clockwait(semaphore, clock, &later);
        if (!failed || errno != ETIMEDOUT || find_hidden() == hidden_ns)
            return failed;
    }
}

/* /proc/self/task/TID/stat: NUMBER (NAME) STATE ... */
static bool wants_to_run(int tid)
{
    char path[64], text[128];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    const char *end = read_text(path, text, sizeof text) ? strrchr(text, ')') : NULL;
    return end != NULL && end[1] == ' ' && end[2] == 'R';
}

/* Also when it is not on a CPU now. */
static bool another_works_hidden(void)
{
    for (uint32_t i = 0; hidden.count > 0 && i < MAX_THREADS; i++) {
        const hidden_thread *thread = &hidden.threads[i];
        if (thread->used && thread != own && wants_to_run(thread->tid))
            return true;
    }
    return false;
}

/* Of a condition that timed out too early: whoever waits must look at what he waits for before he
 * waits on, so this ends as if he had been woken for nothing, which is allowed. So the GIL is not
 * asked for while a thread works hidden; without that it is, though it may come a little early:
 * who waits for it begins anew each time. */
static int after_timeout(int64_t hidden_before_ns, int64_t begin_ns)
{
    if (another_works_hidden())
        return 0;
    int64_t missing_ns = find_hidden() - hidden_before_ns;
    int64_t waited_ns = read_clock(CLOCK_MONOTONIC) - begin_ns;
    return missing_ns > waited_ns / 8 ? 0 : ETIMEDOUT;
}

EXPORTED int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                    const struct timespec *until)
{
    int64_t         begin_ns = read_clock(CLOCK_MONOTONIC);
    int64_t         hidden_ns = find_hidden();
    struct timespec later = put_off(until, hidden_ns);
    int             failed = real.pthread_cond_timedwait(condition, mutex, &later);
    return failed == ETIMEDOUT ? after_timeout(hidden_ns, begin_ns) : failed;
}

EXPORTED int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                    clockid_t clock, const struct timespec *until)
{
    int64_t         begin_ns = read_clock(CLOCK_MONOTONIC);
    int64_t         hidden_ns = find_hidden();
    struct timespec later = put_off(until, hidden_ns);
    int             failed = real.pthread_cond_clockwait(condition, mutex, clock, &later);
    return failed == ETIMEDOUT ? after_timeout(hidden_ns, begin_ns) : failed;
}
