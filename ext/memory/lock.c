/* lock.c - see lock.h. One of the first who finds that it is wanted waits as one of the others:
 * busy is 0 then, and stays, for nobody else has the GIL. */
#include "memory/lock.h"

#include "os/own.h"

#include <errno.h>

enum { SPINS = 100, MAX_OTHERS = 10000 };

void tare_lock_begin(tare_lock *lock, bool plain)
{
    *lock = (tare_lock){.plain = plain, .wanted = plain};
}

void tare_lock_make_plain(tare_lock *lock)
{
    lock->plain = true; /* wanted is set, and stays */
}

void tare_lock_acquire_slow(tare_lock *lock)
{
    int kept = errno, spins = 0;
    while (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE) != 0)
        while (__atomic_load_n(&lock->locked, __ATOMIC_RELAXED) != 0)
            if (++spins > SPINS)
                tare_own_yield();
    if (lock->plain)
        return;
    __atomic_store_n(&lock->wanted, 1, __ATOMIC_RELAXED);
    tare_own_barrier();
    while (__atomic_load_n(&lock->busy, __ATOMIC_ACQUIRE) != 0)
        if (++spins > SPINS)
            tare_own_yield();
    lock->plain = ++lock->other_count > MAX_OTHERS;
    errno = kept;
}

void tare_lock_release_slow(tare_lock *lock)
{
    if (!lock->plain)
        __atomic_store_n(&lock->wanted, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}
