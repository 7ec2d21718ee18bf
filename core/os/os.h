/* os.h - everything Tare asks of an operating system.
 *
 * The contract; os_linux_*.c implement it, and no other file of Tare tests for a
 * platform. Conventions: times are nanoseconds of CLOCK_MONOTONIC unless a name says
 * otherwise; functions that can fail return a tare_status; a process that has ended
 * is always TARE_GONE, a missing right always TARE_PERMISSION. Nothing here writes to another
 * process or stops it; only tare_os_signal sends a signal.
 *
 * A tare_raddr is an address in another process: a number, never dereferenced. */
#ifndef TARE_OS_OS_H
#define TARE_OS_OS_H

#include "base/alloc.h"

#include <stdbool.h>

typedef uint64_t tare_raddr;

enum {
    TARE_OS_PATH_BYTES = 4096,
    TARE_OS_NAME_BYTES = 64,
    TARE_OS_MAX_READS = 1024 /* pieces in one tare_os_read */
};

/* ---- clocks ---- */

uint64_t tare_os_monotonic_ns(void); /* stands still while the machine sleeps */
uint64_t tare_os_boottime_ns(void);  /* goes on while the machine sleeps */
/* By how much the second is ahead of the first, to 0.1 ms: what the machine has slept since
 * boot. Negative by some nanoseconds or so when it has not. */
int64_t  tare_os_slept_ns(void);
uint64_t tare_os_unix_ns(void);
uint64_t tare_os_own_cpu_ns(void); /* CPU time of this process, all threads */

/* Asks to be let onto a CPU soon after waking up, instead of when whoever runs there has had its
 * turn of some milliseconds: who looks at a program late looks at it when it pauses. For this
 * thread alone, not for what it starts. Where the system knows no such wish nothing changes. */
void tare_os_ask_for_prompt_wakeups(void);

typedef enum tare_where { TARE_ANYWHERE, TARE_ELSEWHERE, TARE_BESIDE } tare_where;

/* Where the calling thread runs. Zeroed is valid. */
typedef struct tare_placement {
    tare_where where;
    int        cpu;
    uint32_t   usual_count; /* 0 = not asked for yet */
    uint8_t    usual[128];  /* the CPUs that it may use, as the system gives them */
} tare_placement;

/* Keeps the calling thread off a CPU, or on it, as long as it may use that one and another;
 * cpu < 0: anywhere. A system call when something is new. */
void tare_os_place(tare_placement *placement, tare_where where, int cpu);

/* Sleeps until the clock reads deadline_ns; returns at once when it is past. Ends early
 * when a signal arrives. Asks for the finest timer slack; the last stretch, shorter than
 * a wake-up costs, is spun (see spin_ns). Cost: two system calls, or none when spun. */
void tare_os_sleep_until(uint64_t deadline_ns, uint64_t spin_ns);

/* ---- one process ---- */

/* A process, told apart from a later one with the same number. */
typedef struct tare_process {
    int      pid;
    uint64_t start_time_ticks; /* since boot; identity together with pid */
    int      pidfd;            /* -1 where the system has none */
    bool     our_child;
} tare_process;

/* GONE when there is no such process; PERMISSION when its /proc entry is closed to us. */
TARE_MUST_USE tare_status tare_os_process_open(tare_process *process, int pid, tare_error *err);
void                      tare_os_process_close(tare_process *process);
/* true as long as the same process exists and is no zombie. One or two system calls. */
bool tare_os_process_alive(const tare_process *process);

/* Time since it was started, to a hundredth of a second. */
uint64_t tare_os_process_age_ns(const tare_process *process);

typedef struct tare_read {
    tare_raddr address;
    void      *into; /* size_bytes of the caller */
    size_t     size_bytes;
} tare_read;

/* Reads all pieces with one system call, in the order given (ascending addresses within
 * a piece). *done_bytes_out is how much arrived; less than the sum means that the read
 * stopped at an unmapped page, and is still TARE_OK. */
TARE_MUST_USE tare_status tare_os_read(const tare_process *process, const tare_read *reads,
                                       size_t read_count, size_t *done_bytes_out, tare_error *err);

typedef struct tare_mapping {
    tare_raddr  start, end;
    uint64_t    file_offset;
    uint64_t    inode;
    bool        readable, writable, executable;
    const char *path; /* borrowed for the call; "" when anonymous; " (deleted)" removed */
    bool        deleted;
} tare_mapping;

/* Calls visit for each mapping, in order of address, until it returns false. */
TARE_MUST_USE tare_status tare_os_each_mapping(const tare_process *process,
                                               bool (*visit)(void               *context,
                                                             const tare_mapping *mapping),
                                               void *context, tare_error *err);

/* Opens the file behind a mapping for reading, by the process's own view of the file
 * system (another mount namespace, a deleted or replaced file): first map_files, then
 * root/path with the inode compared. *fd_out is the caller's to close with
 * tare_os_close_file. Never executes anything. */
TARE_MUST_USE tare_status tare_os_open_mapped_file(const tare_process *process,
                                                   const tare_mapping *mapping, int *fd_out,
                                                   uint64_t *size_bytes_out, tare_error *err);
/* Reads exactly size_bytes at offset; CORRUPT when the file is shorter. */
TARE_MUST_USE tare_status tare_os_read_file(int fd, uint64_t offset, void *into, size_t size_bytes,
                                            tare_error *err);
void                      tare_os_close_file(int fd);

/* For lines to whoever started us: one write, of which nothing is expected, for nobody may be
 * there to read it. And a descriptor that programs started later do not inherit. */
enum { TARE_OS_STDERR = 2 };
void tare_os_say(int fd, const char *bytes, size_t size);
void tare_os_keep_to_ourselves(int fd);

/* The whole of a (small) text file such as those in /proc, NUL-terminated and cut at
 * capacity - 1. *size_out (may be NULL) without the NUL. */
TARE_MUST_USE tare_status tare_os_read_text(const char *path, char *into, size_t capacity,
                                            size_t *size_out, tare_error *err);

/* Path of the executable, and its command line (arguments joined by NUL), which is empty for
 * a moment after exec. */
TARE_MUST_USE tare_status tare_os_process_executable(const tare_process *process, char *into,
                                                     size_t capacity, tare_error *err);
TARE_MUST_USE tare_status tare_os_process_command(const tare_process *process, char *into,
                                                  size_t capacity, size_t *size_out,
                                                  tare_error *err);

/* Child processes now (direct ones), at most capacity; *count_out may exceed capacity. */
TARE_MUST_USE tare_status tare_os_children(const tare_process *process, int *pids, size_t capacity,
                                           size_t *count_out, tare_error *err);

/* ---- threads of a process ---- */

/* Our number for the thread that the process itself calls own_tid. Not the same when it lives
 * in a PID namespace of its own, as in a container; 0 when there is none such there. */
int tare_os_find_thread(const tare_process *process, int own_tid);

typedef enum tare_thread_activity {
    TARE_THREAD_RUNNING, /* on a CPU or ready for one */
    TARE_THREAD_BLOCKED, /* in a system call: call and arguments are set */
    TARE_THREAD_FAULT,   /* blocked outside a system call: paging */
    TARE_THREAD_STOPPED, /* by a signal or a debugger */
    TARE_THREAD_ENDED
} tare_thread_activity;

/* The kinds of system call that Tare tells apart. */
typedef enum tare_call_kind {
    TARE_CALL_OTHER,
    TARE_CALL_SLEEP,  /* nanosleep, clock_nanosleep, a select without descriptors */
    TARE_CALL_FUTEX,  /* lock; futex_address is set */
    TARE_CALL_POLL,   /* poll, select, epoll_wait */
    TARE_CALL_SOCKET, /* connect, accept, send, recv and their family */
    TARE_CALL_FILE,   /* read, write and family: what it is depends on descriptor */
    TARE_CALL_SYNC,   /* fsync, fdatasync, sync_file_range, open, stat: disk */
    TARE_CALL_CHILD   /* wait4, waitid */
} tare_call_kind;

typedef struct tare_thread_state {
    tare_thread_activity activity;
    tare_call_kind       call;
    uint64_t             futex_address; /* for TARE_CALL_FUTEX */
    int                  descriptor;    /* for FILE, SOCKET; -1 = none */
} tare_thread_state;

/* A thread to be looked at again and again: keeps its /proc file open. */
typedef struct tare_thread_probe {
    int tid;
    int syscall_fd; /* -1 = not to be had: state falls back to stat */
    int stat_fd;
} tare_thread_probe;

TARE_MUST_USE tare_status tare_os_thread_open(tare_thread_probe *probe, const tare_process *process,
                                              int tid, tare_error *err);
void                      tare_os_thread_close(tare_thread_probe *probe);
/* One or two preads. A thread that is gone is ENDED, not an error. */
tare_thread_state tare_os_thread_state(const tare_thread_probe *probe);
/* The activity alone, never FAULT. Tells that a thread was stopped inside a call, where
 * tare_os_thread_state still says BLOCKED in it. One pread, of a dearer file. */
tare_thread_activity tare_os_thread_activity(const tare_thread_probe *probe);

/* The CPU on which it runs or ran last; -1 when that cannot be had. One pread. */
int tare_os_thread_cpu(const tare_thread_probe *probe);

/* The system's name of a thread ("python3"); "" when it cannot be had. */
void tare_os_thread_name(const tare_process *process, int tid, char name[TARE_OS_NAME_BYTES]);

/* Holds one thread of another process still for some microseconds, by being on its CPU; the
 * process's other threads go on, and nothing in it can tell. Owns a thread of ours. */
typedef struct tare_holder tare_holder;

TARE_MUST_USE tare_status tare_os_holder_new(tare_holder **holder_out, const tare_alloc *alloc,
                                             tare_error *err);
void                      tare_os_holder_free(tare_holder *holder); /* may be NULL */

/* Calls work(context) while the thread stands still, mostly from a thread of the holder's; returns
 * when it is done. *held_ns_out is what it has cost the thread, also when work was not called.
 * NOT_READY when the thread does not run: work was not called. TORN when it was not met in time, or
 * may have run meanwhile: what work saw, if it was called, is of no use. PERMISSION when its CPU is
 * closed to us. */
TARE_MUST_USE tare_status tare_os_hold(tare_holder *holder, const tare_thread_probe *probe,
                                       void (*work)(void *context), void            *context,
                                       uint64_t *held_ns_out, tare_error *err);

/* What a descriptor of the process is. One system call. */
typedef enum tare_descriptor_kind {
    TARE_DESCRIPTOR_OTHER,
    TARE_DESCRIPTOR_FILE,
    TARE_DESCRIPTOR_SOCKET,
    TARE_DESCRIPTOR_PIPE,
    TARE_DESCRIPTOR_TERMINAL
} tare_descriptor_kind;
tare_descriptor_kind tare_os_descriptor_kind(const tare_process *process, int descriptor);

/* ---- accounts ---- */

typedef struct tare_usage {
    uint64_t user_ns, system_ns; /* of a live process in steps of a clock tick, 10 ms */
    uint64_t cpu_ns;             /* both together, to the nanosecond */
    uint64_t rss_bytes, peak_rss_bytes, swap_bytes;
    uint64_t minor_faults, major_faults;
    uint64_t voluntary_switches, involuntary_switches; /* main thread only on Linux < 7 */
    uint32_t thread_count;
} tare_usage;

TARE_MUST_USE tare_status tare_os_usage(const tare_process *process, tare_usage *usage,
                                        tare_error *err);
/* The same for a process that has ended and has not been reaped yet: what it used in all. Its
 * memory is gone: 0. NOT_READY while it runs. */
TARE_MUST_USE tare_status tare_os_last_usage(const tare_process *process, tare_usage *usage,
                                             tare_error *err);

typedef struct tare_machine {
    char     host[TARE_OS_NAME_BYTES];
    char     system[128];    /* "Linux 6.1.0 x86_64" */
    char     processor[128]; /* model name, "" unknown */
    uint32_t cpu_count;      /* that this process may use */
    uint64_t memory_bytes;
    uint64_t
        memory_limit_bytes; /* that processes like this one may use together; <= memory_bytes */
} tare_machine;
void tare_os_machine(tare_machine *machine);

/* Since boot, all CPUs. */
typedef struct tare_machine_load {
    uint64_t idle_ns, busy_ns, steal_ns;
    double   memory_pressure_avg10; /* percent, /proc/pressure/memory "some"; -1 unknown */
} tare_machine_load;
void tare_os_machine_load(tare_machine_load *load);

/* ---- the target as our own child ---- */

typedef struct tare_exit {
    bool ended;
    int  code;   /* exit code, or -1 */
    int  signal; /* signal number, or 0 */
} tare_exit;

/* fork + exec with default signal handling restored and our descriptors closed.
 * argv is NULL-terminated. An exec that fails is reported here, not by the child. */
TARE_MUST_USE tare_status tare_os_spawn(char *const *argv, int *pid_out, tare_error *err);
/* Reaps without waiting; ended == false while it runs. usage_out (may be NULL) gets what
 * the child and its own reaped children used in all. */
TARE_MUST_USE tare_status tare_os_reap(int pid, tare_exit *exit_out, tare_usage *usage_out,
                                       tare_error *err);
TARE_MUST_USE tare_status tare_os_signal(const tare_process *process, int signal_number,
                                         tare_error *err);

#endif
