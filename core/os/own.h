/* own.h - what a thread of a measured program is told about itself.
 *
 * The probes that run inside a program ask this of the system, and only this. */
#ifndef TARE_OS_OWN_H
#define TARE_OS_OWN_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

int tare_own_process_id(void); /* a system call: a fork is noticed by it */
int tare_own_thread_id(void);

/* How long the calling thread was ready and had no CPU, since it began; 0 where the system does not
 * say. Four system calls. */
uint64_t tare_own_line_ns(void);

/* A value per thread, for the sake of being called when a thread ends that has set one. */
typedef struct tare_own_key {
    bool     made;
    uint32_t number;
} tare_own_key;

TARE_MUST_USE tare_status tare_own_key_make(tare_own_key *key, void (*at_end)(void *value),
                                            tare_error   *err);
/* NULL: nothing is to be called. Without memory for it, nothing will be. */
void tare_own_key_set(const tare_own_key *key, void *value);

/* The lowest address that the calling thread's stack may grow to; 0 = unknown. Slow. */
uintptr_t tare_own_stack_low(void);

/* Lets another thread run. */
void tare_own_yield(void);

/* A barrier on the part of others: when it returns, each thread of this process has passed a full
 * memory barrier since it was called. One that runs often can then do without. offer: whether the
 * system can do that; once per process, before the first. A system call, microseconds. */
bool tare_own_offer_barrier(void);
void tare_own_barrier(void);

/* Of memory now; 0 = unknown. Three system calls, no memory. */
uint64_t tare_own_rss_bytes(void);

/* What is called so in this process, in the order of the loader; NULL: nothing is. */
void *tare_own_symbol(const char *name);

/* Calls before in the process that forks, and after in it and in the child, each in the thread
 * that forks. For the rest of the process's life. */
TARE_MUST_USE tare_status tare_own_at_fork(void (*before)(void), void (*after)(void),
                                           tare_error *err);

/* A second stack, for calls too deep for the first. Its pages cost nothing until they are used;
 * the lowest one cannot be, so that running over it is an error and not damage. */
typedef struct tare_own_stack {
    void  *low; /* NULL = none */
    size_t size_bytes;
} tare_own_stack;

TARE_MUST_USE tare_status tare_own_stack_open(tare_own_stack *stack, size_t size_bytes,
                                              tare_error *err);
void                      tare_own_stack_close(tare_own_stack *stack);
/* Calls work(context) on it; returns when that has. Two system calls. */
void tare_own_stack_run(const tare_own_stack *stack, void (*work)(void *context), void *context);

/* The file's bytes as memory, up to size_bytes of them: this process, those that it forks and
 * whoever maps the file see the same, also after one was killed. Keeps no descriptor. Stays until
 * the process ends. */
TARE_MUST_USE tare_status tare_own_share_file(const char *path, size_t size_bytes, void **out,
                                              tare_error *err);

/* ---- what lies where in the process ---- */

/* Calls visit for each part of memory that was mapped for the executable or a library; parts of
 * one image come one after the other and have the same path ("" for the executable). Ends early,
 * with false, when visit returns false. visit must not load or unload a library. */
bool tare_own_each_image_part(bool (*visit)(void *context, uintptr_t start, uintptr_t end,
                                            const char *path),
                              void *context);

#endif
