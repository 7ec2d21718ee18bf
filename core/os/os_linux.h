/* os_linux.h - what the Linux files of core/os share.
 *
 * Private to core/os, its tests and its fuzzers. Linux tells nearly everything through
 * small text files in /proc; here are the ways to reach them, the parsers (pure
 * functions: text in, numbers out) and the one way to complain about a process. */
#ifndef TARE_OS_OS_LINUX_H
#define TARE_OS_OS_LINUX_H

#include "os/os.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/* To be called in each turn of a loop that waits: two CPUs are often one core, and a loop without
 * a pause takes half of it from the other one, which is the measured program's. Some 0.5 us. */
static inline void tare_linux_spin_pause(void)
{
    for (int i = 0; i < 16; i++)
#if defined(__x86_64__)
        _mm_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb" ::: "memory");
#else
        __asm__ volatile("" ::: "memory");
#endif
}

enum {
    TARE_LINUX_PATH_BYTES = 64,   /* "/proc/PID/task/TID/children" and shorter */
    TARE_LINUX_STAT_BYTES = 1024, /* /proc/PID/stat is 52 numbers and a name */
    TARE_LINUX_STATUS_BYTES = 4096
};

/* "/proc/PID/name" */
void tare_linux_path(char path[TARE_LINUX_PATH_BYTES], int pid, const char *name);
/* "/proc/PID/task/TID/name" */
void tare_linux_task_path(char path[TARE_LINUX_PATH_BYTES], int pid, int tid, const char *name);

/* The whole of a small file, NUL-terminated, cut at capacity - 1. 0 or an errno. */
int tare_linux_slurp(const char *path, char *into, size_t capacity, size_t *size_out);

/* Cuts the " (deleted)" off that /proc appends to paths; false when there is none. */
bool tare_linux_cut_deleted(char *path);

/* Fails about a process: no entry in /proc and ESRCH mean GONE; a missing right gets the
 * advice that fits its cause. what is the thing tried: "read the memory map of". */
tare_status tare_linux_fail_process(tare_error *err, int os_errno, int pid, const char *what);

/* Adds "; advice" to a message that is there already. err may be NULL. */
void tare_linux_advise(tare_error *err, const char *advice);

/* The number that names an entry of /proc or /proc/PID/task; 0 = it is none. */
int tare_linux_entry_number(const char *name);

/* Skips what is no digit, then reads a decimal number. Stops at the end of the text with 0. */
uint64_t tare_linux_next_number(const char **text);

/* The path of a process's control group in the text of its /proc/PID/cgroup: of the unified
 * hierarchy (no controller), or of the older one that has this controller. false: it has none. */
bool tare_linux_parse_group(const char *text, const char *controller, char *path, size_t capacity);

typedef struct tare_linux_stat {
    char     state; /* R, S, D, T, t, Z, X, I */
    int      parent_pid;
    uint64_t minor_faults, major_faults;
    uint64_t user_ticks, system_ticks; /* of sysconf(_SC_CLK_TCK) a second */
    uint32_t thread_count;
    uint64_t start_time_ticks;
    int      cpu; /* on which it runs, or ran last */
} tare_linux_stat;

/* One /proc/PID/stat or /proc/PID/task/TID/stat. The name in it may hold anything, brackets
 * and newlines too: numbers start behind the last bracket. false when it is malformed. */
bool tare_linux_parse_stat(const char *text, tare_linux_stat *stat_out);

TARE_MUST_USE tare_status tare_linux_read_stat(int pid, tare_linux_stat *stat_out, tare_error *err);
/* Ended, but not yet waited for. A leader that ended before its threads is not. */
bool tare_linux_is_zombie(const tare_linux_stat *stat);

/* One line of /proc/PID/maps without its newline, NUL-terminated. Cuts " (deleted)" off in
 * place; mapping->path points into the line. false when it is malformed. */
bool tare_linux_parse_mapping(char *line, tare_mapping *mapping_out);

/* One /proc/PID/task/TID/syscall. false when it says that the thread is in no call
 * ("-1 sp pc") or when it is malformed: then only stat can tell. */
bool tare_linux_parse_syscall(const char *text, tare_thread_state *state_out);

/* What a system call by this number and with these arguments waits for. */
enum { TARE_LINUX_CALL_ARGUMENTS = 6 };
void tare_linux_classify_call(uint64_t number, const uint64_t arguments[TARE_LINUX_CALL_ARGUMENTS],
                              tare_thread_state *state_out);

#endif
