/* spin.h - waiting without sleeping, for less than a sleep would take. */
#ifndef TARE_OS_SPIN_H
#define TARE_OS_SPIN_H

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/* To be called in each turn of a loop that waits: two CPUs are often one core, and a loop without
 * a pause takes half of it from the other one, which is the measured program's. Some 0.5 us. */
static inline void tare_spin_pause(void)
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

#endif
