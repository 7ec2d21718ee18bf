/* lock.h - the lock of the engine, which costs next to nothing to those with the GIL.
 *
 *     with the main interpreter's GIL        all others
 *     busy = 1                               locked: 0 -> 1, by a locked instruction
 *     wanted?  yes: busy = 0, as the others  wanted = 1, barrier on all threads, wait until !busy
 *     ...                                    ...
 *     busy = 0                               wanted = locked = 0
 *
 * The GIL lets one of the first in at a time. Between its store and its load there has to be a full
 * barrier, which costs more than all else that a block costs; the others have that done for it, by
 * a system call. When there are many of the others the lock becomes one like any: wanted stays.
 *
 * Held for less than a microsecond, but while the file is written; waited for by giving way. */
#ifndef TARE_EXT_LOCK_H
#define TARE_EXT_LOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tare_lock {
    int      busy;   /* the one with the GIL is in */
    int      wanted; /* by another; or it is a plain lock */
    int      locked;
    uint32_t other_count;
    bool     plain;
} tare_lock;

/* plain: the system has no such barrier. With nobody in. */
void tare_lock_begin(tare_lock *lock, bool plain);
/* Others will be many. By who holds it. */
void tare_lock_make_plain(tare_lock *lock);

void tare_lock_acquire_slow(tare_lock *lock);
void tare_lock_release_slow(tare_lock *lock);

/* with_gil: surely holds the GIL of the main interpreter. true: it was cheap; say so when leaving.
 */
static inline bool tare_lock_acquire(tare_lock *lock, bool with_gil)
{
    if (__builtin_expect(with_gil, 1)) {
        __atomic_store_n(&lock->busy, 1, __ATOMIC_RELAXED);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        if (__builtin_expect(__atomic_load_n(&lock->wanted, __ATOMIC_ACQUIRE) == 0, 1))
            return true;
        __atomic_store_n(&lock->busy, 0, __ATOMIC_RELEASE);
    }
    tare_lock_acquire_slow(lock);
    return false;
}

static inline void tare_lock_release(tare_lock *lock, bool cheap)
{
    if (__builtin_expect(cheap, 1))
        __atomic_store_n(&lock->busy, 0, __ATOMIC_RELEASE);
    else
        tare_lock_release_slow(lock);
}

#endif
