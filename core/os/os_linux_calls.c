/* os_linux_calls.c - what a thread in a system call waits for.
 *
 * A table from the number of a call to its kind, indexed directly: one load for each look. The
 * numbers differ between processors and come from <sys/syscall.h>; calls that only old
 * processors have are left out by #ifdef on the others. Three families need a look at the
 * arguments:
 *
 *     select, poll   without descriptors they are only a sleep
 *     futex          waiting for a lock, or waking who waits: only the first blocks
 *     read ...       the first argument is the descriptor that the wait is for
 *
 * Calls that are not in the table, newer ones too, are OTHER. */
#define _GNU_SOURCE 1

#include "os/os_linux.h"

#include <linux/futex.h>
#include <sys/syscall.h>

/* What the arguments of a call mean to us. */
typedef enum argument_rule {
    NO_ARGUMENT,
    FIRST_IS_DESCRIPTOR,
    FIRST_IS_COUNT,  /* of descriptors; 0 makes it a sleep */
    SECOND_IS_COUNT, /* the same */
    FUTEX_OPERATION, /* first the address, second the operation */
    FIRST_IS_ADDRESS
} argument_rule;

typedef struct call_row {
    uint8_t kind; /* tare_call_kind */
    uint8_t rule; /* argument_rule */
} call_row;

#define FILE_CALL {TARE_CALL_FILE, FIRST_IS_DESCRIPTOR}
#define SOCKET_CALL {TARE_CALL_SOCKET, FIRST_IS_DESCRIPTOR}
#define SYNC_CALL {TARE_CALL_SYNC, NO_ARGUMENT}

static const call_row calls[] = {
    [SYS_nanosleep] = {TARE_CALL_SLEEP, NO_ARGUMENT},
    [SYS_clock_nanosleep] = {TARE_CALL_SLEEP, NO_ARGUMENT},

    [SYS_futex] = {TARE_CALL_FUTEX, FUTEX_OPERATION},
#ifdef SYS_futex_wait
    [SYS_futex_wait] = {TARE_CALL_FUTEX, FIRST_IS_ADDRESS},
#endif

    [SYS_pselect6] = {TARE_CALL_POLL, FIRST_IS_COUNT},
    [SYS_ppoll] = {TARE_CALL_POLL, SECOND_IS_COUNT},
    [SYS_epoll_pwait] = {TARE_CALL_POLL, NO_ARGUMENT},
#ifdef SYS_epoll_pwait2
    [SYS_epoll_pwait2] = {TARE_CALL_POLL, NO_ARGUMENT},
#endif
#ifdef SYS_select
    [SYS_select] = {TARE_CALL_POLL, FIRST_IS_COUNT},
    [SYS_poll] = {TARE_CALL_POLL, SECOND_IS_COUNT},
    [SYS_epoll_wait] = {TARE_CALL_POLL, NO_ARGUMENT},
#endif

    [SYS_connect] = SOCKET_CALL,
    [SYS_accept] = SOCKET_CALL,
    [SYS_accept4] = SOCKET_CALL,
    [SYS_sendto] = SOCKET_CALL,
    [SYS_recvfrom] = SOCKET_CALL,
    [SYS_sendmsg] = SOCKET_CALL,
    [SYS_recvmsg] = SOCKET_CALL,
    [SYS_sendmmsg] = SOCKET_CALL,
    [SYS_recvmmsg] = SOCKET_CALL,
    [SYS_shutdown] = SOCKET_CALL,

    [SYS_read] = FILE_CALL,
    [SYS_readv] = FILE_CALL,
    [SYS_pread64] = FILE_CALL,
    [SYS_preadv] = FILE_CALL,
    [SYS_preadv2] = FILE_CALL,
    [SYS_write] = FILE_CALL,
    [SYS_writev] = FILE_CALL,
    [SYS_pwrite64] = FILE_CALL,
    [SYS_pwritev] = FILE_CALL,
    [SYS_pwritev2] = FILE_CALL,
    [SYS_sendfile] = FILE_CALL,
    [SYS_splice] = FILE_CALL,
    [SYS_vmsplice] = FILE_CALL,
    [SYS_tee] = FILE_CALL,
    [SYS_copy_file_range] = FILE_CALL,

    [SYS_fsync] = SYNC_CALL,
    [SYS_fdatasync] = SYNC_CALL,
    [SYS_sync_file_range] = SYNC_CALL,
    [SYS_sync] = SYNC_CALL,
    [SYS_syncfs] = SYNC_CALL,
    [SYS_msync] = SYNC_CALL,
    [SYS_readahead] = SYNC_CALL,
    [SYS_fallocate] = SYNC_CALL,
    [SYS_truncate] = SYNC_CALL,
    [SYS_ftruncate] = SYNC_CALL,
    [SYS_openat] = SYNC_CALL,
    [SYS_openat2] = SYNC_CALL,
    [SYS_newfstatat] = SYNC_CALL,
    [SYS_fstat] = SYNC_CALL,
    [SYS_statx] = SYNC_CALL,
    [SYS_statfs] = SYNC_CALL,
    [SYS_faccessat] = SYNC_CALL,
    [SYS_readlinkat] = SYNC_CALL,
    [SYS_getdents64] = SYNC_CALL,
    [SYS_unlinkat] = SYNC_CALL,
    [SYS_mkdirat] = SYNC_CALL,
    [SYS_renameat2] = SYNC_CALL,
    [SYS_linkat] = SYNC_CALL,
    [SYS_symlinkat] = SYNC_CALL,
#ifdef SYS_faccessat2
    [SYS_faccessat2] = SYNC_CALL,
#endif
#ifdef SYS_renameat
    [SYS_renameat] = SYNC_CALL,
#endif
#ifdef SYS_open
    [SYS_open] = SYNC_CALL,
    [SYS_creat] = SYNC_CALL,
    [SYS_stat] = SYNC_CALL,
    [SYS_lstat] = SYNC_CALL,
    [SYS_access] = SYNC_CALL,
    [SYS_readlink] = SYNC_CALL,
    [SYS_getdents] = SYNC_CALL,
    [SYS_unlink] = SYNC_CALL,
    [SYS_rmdir] = SYNC_CALL,
    [SYS_mkdir] = SYNC_CALL,
    [SYS_rename] = SYNC_CALL,
    [SYS_link] = SYNC_CALL,
    [SYS_symlink] = SYNC_CALL,
#endif

    [SYS_wait4] = {TARE_CALL_CHILD, NO_ARGUMENT},
    [SYS_waitid] = {TARE_CALL_CHILD, NO_ARGUMENT},
};

static bool is_waiting_futex_operation(uint64_t operation)
{
    switch (operation & (uint64_t)FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_WAIT_REQUEUE_PI:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
        return true;
    default:
        return false;
    }
}

void tare_linux_classify_call(uint64_t number, const uint64_t arguments[TARE_LINUX_CALL_ARGUMENTS],
                              tare_thread_state *state_out)
{
    const bool     known = number < sizeof calls / sizeof calls[0];
    const call_row row = known ? calls[number] : (call_row){TARE_CALL_OTHER, NO_ARGUMENT};

    *state_out = (tare_thread_state){
        .activity = TARE_THREAD_BLOCKED, .call = (tare_call_kind)row.kind, .descriptor = -1};
    switch ((argument_rule)row.rule) {
    case NO_ARGUMENT:
        break;
    case FIRST_IS_DESCRIPTOR:
        state_out->descriptor = (int)(uint32_t)arguments[0];
        break;
    case FIRST_IS_COUNT:
        if ((uint32_t)arguments[0] == 0)
            state_out->call = TARE_CALL_SLEEP;
        break;
    case SECOND_IS_COUNT:
        if ((uint32_t)arguments[1] == 0)
            state_out->call = TARE_CALL_SLEEP;
        break;
    case FUTEX_OPERATION:
        if (!is_waiting_futex_operation((uint32_t)arguments[1]))
            state_out->call = TARE_CALL_OTHER;
        else
            state_out->futex_address = arguments[0];
        break;
    case FIRST_IS_ADDRESS:
        state_out->futex_address = arguments[0];
        break;
    }
}
