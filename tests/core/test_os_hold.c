/* test_os_hold.c - a child of this process is held still, let go, and never notices.
 *
 * The child counts in memory that it shares with us, so whether it runs can be read off. */
#define _GNU_SOURCE 1

#include "harness.h"
#include "os/os.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MANY_HOLDS = 500,
    EXIT_CODE = 7,
    PATIENCE_NS = 500000,
    MAX_LOOKS = 20000,
    SLICES = 10,
    SLICE_NS = 1500
};

typedef struct board {
    volatile uint64_t count;
    volatile int      signals;
    volatile int      finish; /* the child ends with EXIT_CODE */
    volatile int      slice;  /* of the time from system call to system call */
} board;

typedef struct child {
    board            *shared;
    tare_process      process;
    tare_thread_probe probe;
    int               pid;
} child;

static board *child_shared;

static void note_signal(int number)
{
    (void)number;
    child_shared->signals++;
}

static void count_until_told(board *shared)
{
    child_shared = shared;
    signal(SIGUSR1, note_signal);
    while (!shared->finish)
        shared->count++;
    _exit(EXIT_CODE);
}

static void pause_a_little(void)
{
    tare_os_sleep_until(tare_os_monotonic_ns() + PATIENCE_NS, 0);
}

/* Does it count on? Looks until it does, or MAX_LOOKS times. */
static bool is_counting(const child *c)
{
    uint64_t before = c->shared->count;
    for (int i = 0; i < MAX_LOOKS && c->shared->count == before; i++)
        pause_a_little();
    return c->shared->count != before;
}

static child start_child(void (*run)(board *shared))
{
    child c = {0};
    c.shared = mmap(NULL, sizeof *c.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                    0);
    c.pid = fork();
    if (c.pid == 0)
        run(c.shared);
    CHECK_EQ(tare_os_process_open(&c.process, c.pid, NULL), TARE_OK);
    CHECK(c.process.our_child);
    CHECK_EQ(tare_os_thread_open(&c.probe, &c.process, c.pid, NULL), TARE_OK);
    return c;
}

/* How it ended, as its parent learns it. */
static tare_exit end_child(child *c)
{
    tare_exit ending = {0};
    c->shared->finish = 1;
    for (int i = 0; i < MAX_LOOKS && !ending.ended; i++) {
        CHECK_EQ(tare_os_reap(c->pid, &ending, NULL, NULL), TARE_OK);
        pause_a_little();
    }
    tare_os_thread_close(&c->probe);
    tare_os_process_close(&c->process);
    munmap(c->shared, sizeof *c->shared);
    return ending;
}

/* What the work sees: the count when it begins, and when it has looked for a while. */
typedef struct witness {
    const board *shared;
    uint64_t     first, last;
    int          looks; /* of some microseconds each */
    int          calls;
    int          slice;
} witness;

static void watch_the_count(void *context)
{
    witness *w = context;
    w->calls++;
    w->first = w->shared->count;
    for (int i = 0; i < w->looks; i++)
        w->last = tare_os_monotonic_ns() > 0 ? w->shared->count : 0;
}

static tare_holder *new_holder(void)
{
    tare_holder *holder = NULL;
    CHECK_EQ(tare_os_holder_new(&holder, tare_alloc_system(), NULL), TARE_OK);
    return holder;
}

/* MANY_HOLDS tries: in all that succeed the count stands still. Returns how many did. */
static int hold_often(tare_holder *holder, const child *c, const tare_thread_probe *probe)
{
    int held = 0;
    for (int i = 0; i < MANY_HOLDS; i++) {
        witness  w = {.shared = c->shared, .looks = 20};
        uint64_t held_ns = 0;
        pause_a_little(); /* else it has not run again yet */
        tare_status status = tare_os_hold(holder, probe, watch_the_count, &w, &held_ns, NULL);
        CHECK(status == TARE_OK || status == TARE_TORN || status == TARE_NOT_READY);
        CHECK(status != TARE_OK || w.calls == 1);
        CHECK(status != TARE_NOT_READY || w.calls == 0);
        CHECK(held_ns > 0 || w.calls == 0);
        if (status != TARE_OK)
            continue;
        CHECK_EQ(w.last, w.first);
        held++;
    }
    return held;
}

/* A machine that does something else meanwhile may spoil some. */
TEST(a_thread_stands_still_while_it_is_held)
{
    child        c = start_child(count_until_told);
    tare_holder *holder = new_holder();
    CHECK(is_counting(&c));
    CHECK(hold_often(holder, &c, &c.probe) >= MANY_HOLDS / 2);
    CHECK(is_counting(&c));
    tare_os_holder_free(holder);
    CHECK_EQ(end_child(&c).code, EXIT_CODE);
}

/* Seen by the account, not by luck: work that is long enough for the other thread to get its
 * CPU back in between is called off. */
TEST(a_thread_that_ran_meanwhile_is_noticed)
{
    child        c = start_child(count_until_told);
    tare_holder *holder = new_holder();
    bool         noticed = false;
    CHECK(is_counting(&c));
    for (int i = 0; i < MANY_HOLDS && !noticed; i++) {
        witness     w = {.shared = c.shared, .looks = 200000};
        uint64_t    held_ns = 0;
        tare_status status = tare_os_hold(holder, &c.probe, watch_the_count, &w, &held_ns, NULL);
        if (status == TARE_OK)
            CHECK_EQ(w.last, w.first);
        noticed = status == TARE_TORN && w.last != w.first;
    }
    CHECK(noticed);
    tare_os_holder_free(holder);
    CHECK_EQ(end_child(&c).code, EXIT_CODE);
}

TEST(a_thread_on_the_same_cpu)
{
    cpu_set_t usual;
    cpu_set_t one;
    CHECK_EQ(sched_getaffinity(0, sizeof usual, &usual), 0);
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    CHECK_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    child        c = start_child(count_until_told);
    tare_holder *holder = new_holder();
    CHECK(is_counting(&c));
    CHECK(hold_often(holder, &c, &c.probe) >= MANY_HOLDS / 2);
    tare_os_holder_free(holder);
    CHECK_EQ(end_child(&c).code, EXIT_CODE);
    CHECK_EQ(sched_setaffinity(0, sizeof usual, &usual), 0);
}

TEST(signals_reach_a_thread_that_is_being_held)
{
    child        c = start_child(count_until_told);
    tare_holder *holder = new_holder();
    witness      w = {.shared = c.shared, .looks = 1};
    uint64_t     held_ns = 0;
    CHECK(is_counting(&c));
    for (int i = 1; i <= MANY_HOLDS; i++) {
        CHECK_EQ(tare_os_signal(&c.process, SIGUSR1, NULL), TARE_OK);
        (void)!tare_os_hold(holder, &c.probe, watch_the_count, &w, &held_ns, NULL);
        for (int looks = 0; looks < MAX_LOOKS && c.shared->signals < i; looks++)
            pause_a_little();
        CHECK_EQ(c.shared->signals, i);
    }
    tare_os_holder_free(holder);
    CHECK_EQ(end_child(&c).code, EXIT_CODE);
}

static void wait_for_signals(board *shared)
{
    child_shared = shared;
    signal(SIGUSR1, note_signal);
    while (!shared->finish)
        pause();
    _exit(EXIT_CODE);
}

TEST(a_thread_that_waits_is_left_alone)
{
    child        c = start_child(wait_for_signals);
    tare_holder *holder = new_holder();
    witness      w = {.shared = c.shared};
    uint64_t     held_ns = 0;
    tare_error   err;
    for (int i = 0; i < MAX_LOOKS; i++) {
        if (tare_os_thread_state(&c.probe).activity == TARE_THREAD_BLOCKED)
            break;
        pause_a_little();
    }
    CHECK_EQ(tare_os_hold(holder, &c.probe, watch_the_count, &w, &held_ns, &err), TARE_NOT_READY);
    CHECK_EQ(w.calls, 0);
    c.shared->finish = 1;
    CHECK_EQ(tare_os_signal(&c.process, SIGUSR1, NULL), TARE_OK);
    tare_os_holder_free(holder);
    CHECK_EQ(end_child(&c).code, EXIT_CODE);
}

TEST(a_process_that_ended_is_no_failure)
{
    child        c = start_child(count_until_told);
    tare_holder *holder = new_holder();
    witness      w = {.shared = c.shared};
    uint64_t     held_ns = 0;
    CHECK(is_counting(&c));
    c.shared->finish = 1;
    CHECK_EQ(waitid(P_PID, (id_t)c.pid, NULL, WEXITED | WNOWAIT), 0);
    CHECK(tare_os_hold(holder, &c.probe, watch_the_count, &w, &held_ns, NULL) != TARE_OK);
    CHECK_EQ(w.calls, 0);
    CHECK_EQ(end_child(&c).code, EXIT_CODE);
    tare_os_holder_free(holder);
}

/* A system call of half a microsecond, then some 15 us without, in SLICES equal slices. */
static void call_now_and_then(board *shared)
{
    while (!shared->finish) {
        for (shared->slice = 1; shared->slice <= SLICES; shared->slice++) {
            uint64_t until_ns = tare_os_monotonic_ns() + SLICE_NS;
            while (tare_os_monotonic_ns() < until_ns)
                shared->count++;
        }
        shared->slice = 0;
        (void)getppid();
    }
    _exit(EXIT_CODE);
}

static void note_the_slice(void *context)
{
    witness *w = context;
    w->calls++;
    w->slice = w->shared->slice;
}

/* A system call draws whoever comes from another CPU: 40 % would be met in the call, and none in
 * the 5 us after it. */
TEST(system_calls_do_not_draw_the_holds)
{
    child        c = start_child(call_now_and_then);
    tare_holder *holder = new_holder();
    int          in_slice[SLICES + 2] = {0};
    int          held = 0;
    CHECK(is_counting(&c));
    for (int i = 0; i < MANY_HOLDS; i++) {
        witness  w = {.shared = c.shared};
        uint64_t cost_ns = 0;
        pause_a_little();
        if (tare_os_hold(holder, &c.probe, note_the_slice, &w, &cost_ns, NULL) != TARE_OK)
            continue;
        in_slice[w.slice]++;
        held++;
    }
    CHECK(held >= MANY_HOLDS / 2);
    CHECK(in_slice[0] < held / 5);
    CHECK(in_slice[1] + in_slice[2] > held / 12); /* of 2 / SLICES, that is a fifth */
    tare_os_holder_free(holder);
    CHECK_EQ(end_child(&c).code, EXIT_CODE);
}

/* One thread of several. */
static void *count_in_thread(void *context)
{
    board *shared = context;
    while (!shared->finish)
        shared->count++;
    return NULL;
}

static void start_threads(board *shared)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, count_in_thread, shared) != 0)
        _exit(1);
    pthread_join(thread, NULL);
    _exit(EXIT_CODE);
}

static int find_other_thread(const child *c)
{
    char path[64];
    for (int tid = c->pid + 1; tid < c->pid + 1000; tid++) {
        snprintf(path, sizeof path, "/proc/%d/task/%d", c->pid, tid);
        if (access(path, F_OK) == 0)
            return tid;
    }
    return 0;
}

TEST(a_thread_beside_the_main_one)
{
    child             c = start_child(start_threads);
    tare_holder      *holder = new_holder();
    tare_thread_probe probe;
    CHECK(is_counting(&c));
    int tid = find_other_thread(&c);
    CHECK_EQ(tare_os_thread_open(&probe, &c.process, tid, NULL), TARE_OK);
    CHECK(hold_often(holder, &c, &probe) >= MANY_HOLDS / 2);
    CHECK(is_counting(&c));
    tare_os_thread_close(&probe);
    tare_os_holder_free(holder);
    CHECK_EQ(end_child(&c).code, EXIT_CODE);
}

TEST(a_holder_that_never_held)
{
    tare_os_holder_free(new_holder());
    tare_os_holder_free(NULL);
}
