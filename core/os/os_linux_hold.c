/* os_linux_hold.c - keeping one thread of another process from running for some microseconds.
 *
 * A CPU runs one thread at a time. A thread of ours, the guest, goes to the CPU on which the other
 * one runs, and while it is there the other one is not:
 *
 *     CPU of the other    .... other ....|nap|.... other ....| guest works |... other ...
 *     our usual CPU       ask the guest .^   read the before ^ spin .......^ go on .....
 *
 * To the other thread that is two more interruptions like a timer's or another program's: no
 * signal, no trace, no system call that ends early. Whether it really stood still is read off two
 * accounts of the kernel, in this order:
 *
 *     before   schedstat: how often it was put on a CPU;  stat: the CPU to which it belongs
 *     visit    on that CPU
 *     after    schedstat: still as often
 *
 * To run on another CPU it would have had to be put there.
 *
 * Why the nap: the moment at which a guest arrives that was sent from another CPU is not chance.
 * That CPU is told by an interrupt, some microseconds under way, but looks for what it is to run
 * at the end of every system call too. So whoever arrives finds a thread at the end of a system
 * call far too often, and never in the microseconds after one: with a call every 15 us, 40 % of
 * the time instead of 2. A timer that was set on the CPU itself goes off at its own time. The guest
 * sets one as soon as it arrives, for a moment that chance chooses, and visits when that wakes it.
 *
 * Where the other thread is on our own CPU, our own timer has woken us, and the work is done at
 * once: this thread is the guest.
 *
 * The guest must not be late: who comes only when the other one pauses sees it pausing. One that
 * does not get onto the CPU within PATIENCE_NS, to nap or after it, stays away.
 *
 * Cost to the other thread: the work, one small file of /proc, and SWITCHES_NS for going there and
 * back twice, together some 60 us (virtual 2.6 GHz x86-64). */
#define _GNU_SOURCE 1

#include "base/map.h"
#include "os/os_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    PATIENCE_NS = 200000,
    NAP_MIN_NS = 40000,   /* the other one must be back at work, and its accounts read */
    NAP_RANGE_NS = 70000, /* longer than what most programs repeat between system calls */
    SWITCHES_NS = 40000,  /* four switches and what woke the guest: not seen from the guest */
    MAX_MOVES = 3,        /* from CPU to CPU, in one hold */
    SCHEDSTAT_BYTES = 96,
    NOWHERE = -1
};

static const uint64_t CHANCE_SEED = 0x9e3779b97f4a7c15u; /* odd */

/* RESTING -> ASKED -> NAPPING -> EXPECTED -> WORKING -> DONE. The caller takes the steps to ASKED
 * and to EXPECTED, and back to RESTING from wherever the guest was to be sent away. */
typedef enum step { RESTING, ASKED, NAPPING, EXPECTED, WORKING, DONE } step;

typedef enum outcome { NOT_MET, RAN, STILL } outcome;

/* The fields of the visit belong to the guest while it is WORKING, else to the caller. */
struct tare_holder {
    const tare_alloc *alloc;
    pthread_t         thread;
    pid_t             tid;
    sem_t             asked;
    _Atomic int       step;
    atomic_bool       leaves;
    int               cpu;          /* to which the guest is bound; NOWHERE = not yet */
    int               schedstat_fd; /* of the thread that was held last; -1 = none */
    int               schedstat_tid;
    /* the visit */
    int      visited_cpu;
    uint64_t turns; /* how often the thread was put on a CPU, before */
    void (*work)(void *context);
    void    *context;
    uint64_t held_ns;
    outcome  outcome;
};

/* ---- the kernel's accounts ---- */

static bool read_text(int fd, char *into, size_t capacity)
{
    const ssize_t got = pread(fd, into, capacity - 1, 0);

    into[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/* "run_ns wait_ns count": how often it was put on a CPU. */
static bool read_turns(int fd, uint64_t *turns_out)
{
    char        text[SCHEDSTAT_BYTES];
    const char *at = text;

    if (!read_text(fd, text, sizeof text))
        return false;
    tare_linux_next_number(&at);
    tare_linux_next_number(&at);
    *turns_out = tare_linux_next_number(&at);
    return *turns_out > 0;
}

static int read_cpu(int stat_fd, char *state_out)
{
    char            text[TARE_LINUX_STAT_BYTES];
    tare_linux_stat stat;

    if (!read_text(stat_fd, text, sizeof text) || !tare_linux_parse_stat(text, &stat))
        return NOWHERE;
    *state_out = stat.state;
    return stat.cpu;
}

static void forget_turns(tare_holder *holder)
{
    if (holder->schedstat_fd >= 0)
        close(holder->schedstat_fd);
    holder->schedstat_fd = -1;
}

/* What the proof begins with, and where the thread is; false when it does not run. */
static bool read_before(tare_holder *holder, int stat_fd, int *cpu_out)
{
    char state = 0;

    if (!read_turns(holder->schedstat_fd, &holder->turns)) {
        forget_turns(holder); /* it has ended: a later thread may get its number */
        return false;
    }
    *cpu_out = read_cpu(stat_fd, &state);
    return *cpu_out != NOWHERE && state == 'R';
}

/* ---- the visit ---- */

/* On the CPU that is visited. The accounts were asked before, by the caller: the thread was not put
 * on any CPU since, so it can only have run on this one, and this one is ours. */
static void visit(tare_holder *holder)
{
    const uint64_t start_ns = tare_os_monotonic_ns();
    uint64_t       turns = 0;

    if (sched_getcpu() != holder->visited_cpu)
        return;
    holder->work(holder->context);
    const bool still = read_turns(holder->schedstat_fd, &turns) && turns == holder->turns;
    holder->outcome = still ? STILL : RAN;
    holder->held_ns += tare_os_monotonic_ns() - start_ns;
}

/* False: woken too late to be there by chance. */
static bool nap(void)
{
    const uint64_t now_ns = tare_os_monotonic_ns();
    const uint64_t chance = tare_mix(now_ns, CHANCE_SEED) >> 32;
    const uint64_t until_ns = now_ns + NAP_MIN_NS + chance % NAP_RANGE_NS;

    tare_os_sleep_until(until_ns, 0);
    return tare_os_monotonic_ns() < until_ns + PATIENCE_NS;
}

static bool take_step(tare_holder *holder, step from, step to)
{
    int expected = (int)from;

    return atomic_compare_exchange_strong(&holder->step, &expected, to);
}

static void *be_guest(void *argument)
{
    tare_holder *holder = argument;

    tare_os_ask_for_prompt_wakeups();
    holder->tid = (pid_t)syscall(SYS_gettid);
    atomic_store(&holder->step, DONE);
    for (;;) {
        if (sem_wait(&holder->asked) != 0)
            continue;
        if (atomic_load(&holder->leaves))
            return NULL;
        if (!take_step(holder, ASKED, NAPPING))
            continue; /* too late: told to stay away */
        const bool in_time = nap();
        if (!take_step(holder, EXPECTED, WORKING)) {
            take_step(holder, NAPPING, RESTING); /* the caller was too late */
            continue;
        }
        if (in_time)
            visit(holder);
        atomic_store(&holder->step, DONE);
    }
}

/* Binding a thread that sleeps costs it nothing. */
static bool bind_guest(tare_holder *holder, int cpu)
{
    cpu_set_t set;

    if (holder->cpu == cpu)
        return true;
    if (cpu >= CPU_SETSIZE)
        return false;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    holder->cpu = sched_setaffinity(holder->tid, sizeof set, &set) == 0 ? cpu : NOWHERE;
    return holder->cpu == cpu;
}

/* Waits until the step is no longer the one named; sends the guest away when that takes long. */
static bool await_step(tare_holder *holder, step waiting)
{
    const uint64_t start_ns = tare_os_monotonic_ns();

    while (atomic_load(&holder->step) == (int)waiting) {
        tare_linux_spin_pause();
        if (tare_os_monotonic_ns() - start_ns > PATIENCE_NS + NAP_MIN_NS + NAP_RANGE_NS)
            return !take_step(holder, waiting, RESTING);
    }
    return true;
}

/* Whether it worked there is told by the outcome. */
static void send_guest(tare_holder *holder, int stat_fd)
{
    const uint64_t turns = holder->turns;
    int            cpu = NOWHERE;
    bool           there;

    atomic_store(&holder->step, ASKED);
    sem_post(&holder->asked);
    if (!await_step(holder, ASKED))
        return;
    holder->held_ns += SWITCHES_NS / 2;
    do /* until the guest has left the CPU to the other one again */
        there = read_before(holder, stat_fd, &cpu) && cpu == holder->visited_cpu;
    while (there && holder->turns == turns && atomic_load(&holder->step) == NAPPING);
    if (!take_step(holder, NAPPING, there ? EXPECTED : RESTING) || !there)
        return;
    if (!await_step(holder, EXPECTED))
        return;
    while (atomic_load(&holder->step) == WORKING)
        tare_linux_spin_pause();
    holder->held_ns += SWITCHES_NS / 2;
}

/* ---- the interface ---- */

static tare_status watch_turns(tare_holder *holder, int tid, tare_error *err)
{
    char path[TARE_LINUX_PATH_BYTES];

    if (holder->schedstat_tid == tid && holder->schedstat_fd >= 0)
        return TARE_OK;
    forget_turns(holder);
    tare_linux_path(path, tid, "schedstat");
    holder->schedstat_fd = open(path, O_RDONLY | O_CLOEXEC);
    holder->schedstat_tid = tid;
    if (holder->schedstat_fd < 0)
        return tare_linux_fail_process(err, errno, tid, "read the turns of thread");
    return TARE_OK;
}

tare_status tare_os_hold(tare_holder *holder, const tare_thread_probe *probe,
                         void (*work)(void *context), void *context, uint64_t *held_ns_out,
                         tare_error *err)
{
    *held_ns_out = 0;
    TARE_TRY(watch_turns(holder, probe->tid, err));
    holder->work = work;
    holder->context = context;
    holder->outcome = NOT_MET;
    holder->held_ns = 0;
    for (int moves = 0; moves < MAX_MOVES && holder->outcome == NOT_MET; moves++) {
        if (!read_before(holder, probe->stat_fd, &holder->visited_cpu))
            return tare_fail(err, TARE_NOT_READY, "hold thread %d: it does not run", probe->tid);
        if (holder->visited_cpu == sched_getcpu())
            visit(holder);
        else if (bind_guest(holder, holder->visited_cpu))
            send_guest(holder, probe->stat_fd);
        else
            return tare_fail(err, TARE_PERMISSION, "hold thread %d: CPU %d is not ours to use",
                             probe->tid, holder->visited_cpu);
    }
    *held_ns_out = holder->held_ns;
    if (holder->outcome == STILL)
        return TARE_OK;
    return tare_fail(err, TARE_TORN, "hold thread %d: it %s", probe->tid,
                     holder->outcome == RAN ? "ran meanwhile" : "could not be met");
}

/* Signals are for the thread that asks. */
static int start_guest(tare_holder *holder)
{
    sigset_t every;
    sigset_t usual;

    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &usual);
    const int failure = pthread_create(&holder->thread, NULL, be_guest, holder);
    pthread_sigmask(SIG_SETMASK, &usual, NULL);
    return failure;
}

tare_status tare_os_holder_new(tare_holder **holder_out, const tare_alloc *alloc, tare_error *err)
{
    void *memory = NULL;

    *holder_out = NULL;
    TARE_TRY(tare_acquire(alloc, &memory, 1, sizeof(tare_holder), err));
    tare_holder *holder = memory;
    *holder = (tare_holder){.alloc = alloc, .cpu = NOWHERE, .schedstat_fd = -1};
    sem_init(&holder->asked, 0, 0);
    const int failure = start_guest(holder);
    if (failure != 0) {
        sem_destroy(&holder->asked);
        tare_release(alloc, holder, 1, sizeof *holder);
        return tare_fail(err, TARE_SYSTEM, "start a thread: %s", strerror(failure));
    }
    while (atomic_load(&holder->step) != DONE)
        sched_yield();
    *holder_out = holder;
    return TARE_OK;
}

void tare_os_holder_free(tare_holder *holder)
{
    if (holder == NULL)
        return;
    atomic_store(&holder->leaves, true);
    sem_post(&holder->asked);
    pthread_join(holder->thread, NULL);
    sem_destroy(&holder->asked);
    forget_turns(holder);
    tare_release(holder->alloc, holder, 1, sizeof *holder);
}
