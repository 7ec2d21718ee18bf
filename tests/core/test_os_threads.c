/* test_os_threads.c - threads that wait in known calls, seen through tare_os_thread_state.
 *
 * Each test puts a thread of this very process to sleep in one call, and looks until the thread
 * is seen there. A thread needs a moment to fall asleep, so there is a limit to the looks, far
 * above what is needed, and no limit in time. */
#define _GNU_SOURCE 1

#include "harness.h"
#include "os/os.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_LOOKS = 20000, LOOK_EVERY_NS = 500000 };

/* One waiting thread, and the means to end its wait. */
typedef struct waiter {
    void (*wait)(struct waiter *self);
    pthread_t       thread;
    int             tid; /* 0 until it runs */
    int             ends[2];
    int             child;
    pthread_mutex_t lock;
} waiter;

static void *run_waiter(void *context)
{
    waiter *self = context;

    __atomic_store_n(&self->tid, gettid(), __ATOMIC_RELEASE);
    self->wait(self);
    return NULL;
}

static void pause_a_little(void)
{
    tare_os_sleep_until(tare_os_monotonic_ns() + LOOK_EVERY_NS, 0);
}

static int start_waiter(waiter *self, void (*wait)(waiter *self))
{
    self->wait = wait;
    CHECK_EQ(pthread_create(&self->thread, NULL, run_waiter, self), 0);
    while (__atomic_load_n(&self->tid, __ATOMIC_ACQUIRE) == 0)
        pause_a_little();
    return self->tid;
}

/* The first state with this activity and call; the last one seen when there is none. */
static tare_thread_state look_for(const tare_thread_probe *probe, tare_thread_activity activity,
                                  tare_call_kind call)
{
    tare_thread_state state = {0};

    for (int i = 0; i < MAX_LOOKS; i++) {
        state = tare_os_thread_state(probe);
        if (state.activity == activity && state.call == call)
            break;
        pause_a_little();
    }
    return state;
}

static tare_thread_state look_at_waiter(waiter        *self, void (*wait)(waiter *self),
                                        tare_call_kind expected)
{
    tare_process      process;
    tare_thread_probe probe;
    const int         tid = start_waiter(self, wait);

    CHECK_EQ(tare_os_process_open(&process, getpid(), NULL), TARE_OK);
    CHECK_EQ(tare_os_thread_open(&probe, &process, tid, NULL), TARE_OK);
    CHECK(probe.syscall_fd >= 0);
    const tare_thread_state state = look_for(&probe, TARE_THREAD_BLOCKED, expected);
    CHECK_EQ(state.activity, TARE_THREAD_BLOCKED);
    CHECK_EQ(state.call, expected);
    CHECK_EQ(tare_os_thread_activity(&probe), TARE_THREAD_BLOCKED);
    tare_os_thread_close(&probe);
    tare_os_process_close(&process);
    return state;
}

static void end_with_byte(waiter *self)
{
    CHECK_EQ(write(self->ends[1], "x", 1), 1);
    CHECK_EQ(pthread_join(self->thread, NULL), 0);
    close(self->ends[0]);
    close(self->ends[1]);
}

/* ---- calls ---- */

static void wait_for_lock(waiter *self)
{
    pthread_mutex_lock(&self->lock);
    pthread_mutex_unlock(&self->lock);
}

TEST(waits_for_a_lock)
{
    waiter self = {.lock = PTHREAD_MUTEX_INITIALIZER};

    pthread_mutex_lock(&self.lock);
    const tare_thread_state state = look_at_waiter(&self, wait_for_lock, TARE_CALL_FUTEX);
    CHECK_EQ(state.futex_address, (uintptr_t)&self.lock);
    pthread_mutex_unlock(&self.lock);
    pthread_join(self.thread, NULL);
}

static void wait_for_pipe(waiter *self)
{
    char byte;
    CHECK_EQ(read(self->ends[0], &byte, 1), 1);
}

TEST(waits_for_a_pipe)
{
    waiter self = {0};

    CHECK_EQ(pipe2(self.ends, O_CLOEXEC), 0);
    CHECK_EQ(look_at_waiter(&self, wait_for_pipe, TARE_CALL_FILE).descriptor, self.ends[0]);
    end_with_byte(&self);
}

static void wait_for_socket(waiter *self)
{
    char byte;
    CHECK_EQ(recv(self->ends[0], &byte, 1, 0), 1);
}

TEST(waits_for_a_socket)
{
    waiter self = {0};

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, self.ends), 0);
    CHECK_EQ(look_at_waiter(&self, wait_for_socket, TARE_CALL_SOCKET).descriptor, self.ends[0]);
    end_with_byte(&self);
}

static void wait_in_poll(waiter *self)
{
    struct pollfd input = {.fd = self->ends[0], .events = POLLIN};
    CHECK_EQ(poll(&input, 1, -1), 1);
}

TEST(waits_in_poll)
{
    waiter self = {0};

    CHECK_EQ(pipe2(self.ends, O_CLOEXEC), 0);
    CHECK_EQ(look_at_waiter(&self, wait_in_poll, TARE_CALL_POLL).descriptor, -1);
    end_with_byte(&self);
}

static void wait_in_epoll(waiter *self)
{
    struct epoll_event event = {.events = EPOLLIN};
    const int          fd = epoll_create1(EPOLL_CLOEXEC);

    CHECK_EQ(epoll_ctl(fd, EPOLL_CTL_ADD, self->ends[0], &event), 0);
    CHECK_EQ(epoll_wait(fd, &event, 1, -1), 1);
    close(fd);
}

TEST(waits_in_epoll)
{
    waiter self = {0};

    CHECK_EQ(pipe2(self.ends, O_CLOEXEC), 0);
    look_at_waiter(&self, wait_in_epoll, TARE_CALL_POLL);
    end_with_byte(&self);
}

static void wait_in_empty_select(waiter *self)
{
    while (__atomic_load_n(&self->tid, __ATOMIC_ACQUIRE) > 0)
        select(0, NULL, NULL, NULL, &(struct timeval){.tv_usec = 200000});
}

TEST(sleeps_in_select)
{
    waiter self = {0};

    look_at_waiter(&self, wait_in_empty_select, TARE_CALL_SLEEP);
    __atomic_store_n(&self.tid, 0, __ATOMIC_RELEASE);
    pthread_join(self.thread, NULL);
}

static void wait_in_sleep(waiter *self)
{
    while (__atomic_load_n(&self->tid, __ATOMIC_ACQUIRE) > 0)
        tare_os_sleep_until(tare_os_monotonic_ns() + 200000000, 0);
}

TEST(sleeps_until)
{
    waiter self = {0};

    look_at_waiter(&self, wait_in_sleep, TARE_CALL_SLEEP);
    __atomic_store_n(&self.tid, 0, __ATOMIC_RELEASE);
    pthread_join(self.thread, NULL);
}

static void wait_for_child(waiter *self)
{
    CHECK_EQ(waitpid(self->child, NULL, 0), self->child);
}

TEST(waits_for_a_child)
{
    waiter self = {.child = fork()};

    if (self.child == 0) {
        pause();
        _exit(0);
    }
    look_at_waiter(&self, wait_for_child, TARE_CALL_CHILD);
    kill(self.child, SIGKILL);
    pthread_join(self.thread, NULL);
}

/* ---- other activities ---- */

static void spin(waiter *self)
{
    while (__atomic_load_n(&self->tid, __ATOMIC_ACQUIRE) > 0)
        continue;
}

TEST(runs_and_ends)
{
    waiter            self = {0};
    tare_process      process;
    tare_thread_probe probe;
    const int         tid = start_waiter(&self, spin);

    CHECK_EQ(tare_os_process_open(&process, getpid(), NULL), TARE_OK);
    CHECK_EQ(tare_os_thread_open(&probe, &process, tid, NULL), TARE_OK);
    CHECK_EQ(look_for(&probe, TARE_THREAD_RUNNING, TARE_CALL_OTHER).activity, TARE_THREAD_RUNNING);
    CHECK_EQ(tare_os_thread_activity(&probe), TARE_THREAD_RUNNING);
    __atomic_store_n(&self.tid, 0, __ATOMIC_RELEASE);
    pthread_join(self.thread, NULL);
    CHECK_EQ(look_for(&probe, TARE_THREAD_ENDED, TARE_CALL_OTHER).activity, TARE_THREAD_ENDED);
    CHECK_EQ(tare_os_thread_activity(&probe), TARE_THREAD_ENDED);
    tare_os_thread_close(&probe);
    CHECK_EQ(tare_os_thread_open(&probe, &process, tid, NULL), TARE_GONE);
    CHECK_EQ(probe.stat_fd, -1);
    tare_os_process_close(&process);
}

/* A child that sleeps in a call that a stop interrupts. */
static int fork_sleeping(void)
{
    const int pid = fork();

    while (pid == 0)
        sleep(1000);
    return pid;
}

/* A child that counts, and makes no call any more once it has begun to. */
static int fork_counting(volatile uint64_t *shared_count)
{
    const int pid = fork();

    while (pid == 0)
        ++*shared_count;
    while (*shared_count == 0)
        pause_a_little();
    return pid;
}

static void open_child(int pid, tare_process *process, tare_thread_probe *probe)
{
    CHECK_EQ(tare_os_process_open(process, pid, NULL), TARE_OK);
    CHECK_EQ(tare_os_thread_open(probe, process, pid, NULL), TARE_OK);
}

static void end_child(tare_process *process, tare_thread_probe *probe)
{
    CHECK_EQ(tare_os_signal(process, SIGKILL, NULL), TARE_OK);
    CHECK_EQ(waitid(P_PID, (id_t)process->pid, NULL, WEXITED | WNOWAIT), 0);
    CHECK_EQ(look_for(probe, TARE_THREAD_ENDED, TARE_CALL_OTHER).activity, TARE_THREAD_ENDED);
    waitpid(process->pid, NULL, 0);
    tare_os_thread_close(probe);
    tare_os_process_close(process);
}

TEST(stopped_outside_a_call)
{
    tare_process      process;
    tare_thread_probe probe;
    void *shared = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        -1, 0);

    CHECK(shared != MAP_FAILED);
    open_child(fork_counting(shared), &process, &probe);
    CHECK_EQ(look_for(&probe, TARE_THREAD_RUNNING, TARE_CALL_OTHER).activity, TARE_THREAD_RUNNING);
    CHECK_EQ(tare_os_signal(&process, SIGSTOP, NULL), TARE_OK);
    CHECK_EQ(look_for(&probe, TARE_THREAD_STOPPED, TARE_CALL_OTHER).activity, TARE_THREAD_STOPPED);
    end_child(&process, &probe);
    munmap(shared, sizeof(uint64_t));
}

TEST(stopped_inside_a_call)
{
    tare_process      process;
    tare_thread_probe probe;

    open_child(fork_sleeping(), &process, &probe);
    CHECK_EQ(look_for(&probe, TARE_THREAD_BLOCKED, TARE_CALL_SLEEP).call, TARE_CALL_SLEEP);
    CHECK_EQ(tare_os_signal(&process, SIGSTOP, NULL), TARE_OK);
    for (int i = 0; i < MAX_LOOKS && tare_os_thread_activity(&probe) != TARE_THREAD_STOPPED; i++)
        pause_a_little();
    CHECK_EQ(tare_os_thread_activity(&probe), TARE_THREAD_STOPPED);
    CHECK_EQ(tare_os_thread_state(&probe).activity, TARE_THREAD_BLOCKED);
    end_child(&process, &probe);
}

TEST(without_the_right_to_trace)
{
    tare_process      process;
    tare_thread_probe probe;

    open_child(fork_sleeping(), &process, &probe);
    const tare_thread_probe blind = {probe.tid, -1, probe.stat_fd};
    const tare_thread_state state = look_for(&blind, TARE_THREAD_BLOCKED, TARE_CALL_OTHER);
    CHECK_EQ(state.activity, TARE_THREAD_BLOCKED);
    CHECK_EQ(state.call, TARE_CALL_OTHER);
    CHECK_EQ(state.descriptor, -1);
    end_child(&process, &probe);
}

/* ---- numbers, names and descriptors ---- */

TEST(thread_numbers_in_our_own_namespace)
{
    tare_process process;

    CHECK_EQ(tare_os_process_open(&process, getpid(), NULL), TARE_OK);
    CHECK_EQ(tare_os_find_thread(&process, gettid()), gettid());
    tare_os_process_close(&process);
}

static void wait_for_end(waiter *self)
{
    (void)self;
    for (;;)
        pause();
}

/* In a child: becomes the parent of process 1 of a new namespace, tells our number for it. */
static void make_namespace(int tell_fd)
{
    waiter second = {0};

    if (unshare(CLONE_NEWPID) != 0)
        _exit(1);
    const int pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        start_waiter(&second, wait_for_end);
        wait_for_end(NULL);
    }
    CHECK_EQ(write(tell_fd, &pid, sizeof pid), (ssize_t)sizeof pid);
    wait_for_end(NULL);
}

TEST(thread_numbers_in_another_namespace)
{
    int          ends[2];
    int          pid = 0;
    int          second = 0;
    tare_process process;
    char         path[64];

    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    const int between = fork();
    if (between == 0)
        make_namespace(ends[1]);
    close(ends[1]);
    if (read(ends[0], &pid, sizeof pid) != sizeof pid) {
        printf("thread_numbers_in_another_namespace: passed over, it needs root\n");
        waitpid(between, NULL, 0);
        close(ends[0]);
        return;
    }
    CHECK_EQ(tare_os_process_open(&process, pid, NULL), TARE_OK);
    for (int i = 0; i < MAX_LOOKS && second == 0; i++) {
        second = tare_os_find_thread(&process, 2);
        pause_a_little();
    }
    CHECK_EQ(tare_os_find_thread(&process, 1), pid);
    CHECK(second > 0 && second != pid);
    snprintf(path, sizeof path, "/proc/%d/task/%d", pid, second);
    CHECK_EQ(access(path, F_OK), 0);
    CHECK_EQ(tare_os_find_thread(&process, pid), 0);
    kill(pid, SIGKILL);
    kill(between, SIGKILL);
    waitpid(between, NULL, 0);
    tare_os_process_close(&process);
    close(ends[0]);
}

TEST(thread_names)
{
    tare_process process;
    char         name[TARE_OS_NAME_BYTES];

    CHECK_EQ(tare_os_process_open(&process, getpid(), NULL), TARE_OK);
    prctl(PR_SET_NAME, "fifteen letters");
    tare_os_thread_name(&process, gettid(), name);
    CHECK(strcmp(name, "fifteen letters") == 0);
    prctl(PR_SET_NAME, "");
    tare_os_thread_name(&process, gettid(), name);
    CHECK(strcmp(name, "") == 0);
    tare_os_thread_name(&process, 99999999, name);
    CHECK(strcmp(name, "") == 0);
    tare_os_process_close(&process);
}

static void check_descriptor(const tare_process *process, int descriptor,
                             tare_descriptor_kind expected)
{
    CHECK(descriptor >= 0);
    CHECK_EQ(tare_os_descriptor_kind(process, descriptor), expected);
    close(descriptor);
}

TEST(descriptor_kinds)
{
    tare_process process;
    int          ends[2];

    CHECK_EQ(tare_os_process_open(&process, getpid(), NULL), TARE_OK);
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    check_descriptor(&process, ends[0], TARE_DESCRIPTOR_PIPE);
    check_descriptor(&process, ends[1], TARE_DESCRIPTOR_PIPE);
    check_descriptor(&process, socket(AF_UNIX, SOCK_STREAM, 0), TARE_DESCRIPTOR_SOCKET);
    check_descriptor(&process, open("/proc/self/exe", O_RDONLY), TARE_DESCRIPTOR_FILE);
    check_descriptor(&process, open("/", O_RDONLY), TARE_DESCRIPTOR_FILE);
    check_descriptor(&process, open("/dev/null", O_RDONLY), TARE_DESCRIPTOR_OTHER);
    check_descriptor(&process, epoll_create1(0), TARE_DESCRIPTOR_OTHER);
    check_descriptor(&process, posix_openpt(O_RDWR | O_NOCTTY), TARE_DESCRIPTOR_TERMINAL);
    CHECK_EQ(tare_os_descriptor_kind(&process, ends[0]), TARE_DESCRIPTOR_OTHER); /* closed */
    CHECK_EQ(tare_os_descriptor_kind(&process, -1), TARE_DESCRIPTOR_OTHER);
    tare_os_process_close(&process);
}
