/* native.c - the C library's allocator, with somebody who listens (ext/common/native.h).
 *
 * The functions of the C library are called by the names that it has for itself: looking them up
 * would allocate. What is mapped (mmap) is not heard, nor what a library of the program allocates
 * in a way of its own. */
#define _GNU_SOURCE 1

#include "common/native.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t item_bytes);
extern void *__libc_realloc(void *old, size_t bytes);
extern void  __libc_free(void *address);
extern void *__libc_memalign(size_t alignment, size_t bytes);

EXPORTED const tare_native_functions *tare_native_exchange(const tare_native_functions *hooks);

static const tare_native_functions *heard_by; /* NULL = nobody */

static const tare_native_functions *ask(void)
{
    return __atomic_load_n(&heard_by, __ATOMIC_ACQUIRE);
}

/* ---- the C library's ---- */

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return __libc_malloc(bytes);
}

static void *allocate_zeroed(void *context, size_t count, size_t item_bytes)
{
    (void)context;
    return __libc_calloc(count, item_bytes);
}

static void *move(void *context, void *old, size_t bytes)
{
    (void)context;
    return __libc_realloc(old, bytes);
}

static void release(void *context, void *address)
{
    (void)context;
    __libc_free(address);
}

static const tare_native_functions libc_functions = {
    .allocate = allocate,
    .allocate_zeroed = allocate_zeroed,
    .move = move,
    .release = release,
};

const tare_native_functions *tare_native_exchange(const tare_native_functions *hooks)
{
    __atomic_store_n(&heard_by, hooks, __ATOMIC_RELEASE);
    return &libc_functions;
}

/* ---- what everybody calls ---- */

EXPORTED void *malloc(size_t bytes)
{
    const tare_native_functions *hooks = ask();
    return hooks != NULL ? hooks->allocate(hooks->context, bytes) : __libc_malloc(bytes);
}

EXPORTED void *calloc(size_t count, size_t item_bytes)
{
    const tare_native_functions *hooks = ask();
    return hooks != NULL ? hooks->allocate_zeroed(hooks->context, count, item_bytes)
                         : __libc_calloc(count, item_bytes);
}

EXPORTED void *realloc(void *old, size_t bytes)
{
    const tare_native_functions *hooks = ask();
    return hooks != NULL ? hooks->move(hooks->context, old, bytes) : __libc_realloc(old, bytes);
}

EXPORTED void free(void *address)
{
    const tare_native_functions *hooks = ask();
    if (hooks != NULL)
        hooks->release(hooks->context, address);
    else
        __libc_free(address);
}

static void *allocate_aligned(size_t alignment, size_t bytes)
{
    const tare_native_functions *hooks = ask();
    void                        *address = __libc_memalign(alignment, bytes);
    if (hooks != NULL && address != NULL)
        hooks->note(hooks->context, address, bytes);
    return address;
}

EXPORTED void *memalign(size_t alignment, size_t bytes)
{
    return allocate_aligned(alignment, bytes);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t bytes)
{
    return allocate_aligned(alignment, bytes);
}

/* errno is not its business. */
EXPORTED int posix_memalign(void **out, size_t alignment, size_t bytes)
{
    int kept = errno;
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    void *address = allocate_aligned(alignment, bytes);
    errno = kept;
    if (address == NULL)
        return ENOMEM;
    *out = address;
    return 0;
}

EXPORTED void *valloc(size_t bytes)
{
    return allocate_aligned((size_t)sysconf(_SC_PAGESIZE), bytes);
}
