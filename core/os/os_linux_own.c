/* os_linux_own.c - see own.h.
 *
 * Changing stacks is left to makecontext and swapcontext: they are slow (each saves the signal
 * mask by a system call), and right on every processor and under a debugger's eyes. */
#define _GNU_SOURCE 1

#include "os/own.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { GUARD_BYTES = 1 << 16 }; /* a multiple of every page size */

int tare_own_process_id(void)
{
    return getpid();
}

int tare_own_thread_id(void)
{
    return gettid();
}

/* Time on a CPU, time in line for one, turns. */
uint64_t tare_own_line_ns(void)
{
    char text[96];
    int  descriptor = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    ssize_t size = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    text[size > 0 ? size : 0] = '\0';
    const char *second = strchr(text, ' ');
    return second != NULL ? strtoull(second, NULL, 10) : 0;
}

tare_status tare_own_key_make(tare_own_key *key, void (*at_end)(void *value), tare_error *err)
{
    pthread_key_t made;
    int           number = pthread_key_create(&made, at_end);
    if (number != 0)
        return tare_fail_os(err, number, "make a key for thread data");
    *key = (tare_own_key){.made = true, .number = made};
    return TARE_OK;
}

void tare_own_key_set(const tare_own_key *key, void *value)
{
    if (key->made)
        (void)!pthread_setspecific(key->number, value);
}

uintptr_t tare_own_stack_low(void)
{
    pthread_attr_t attributes;
    void          *low = NULL;
    size_t         size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return 0;
    if (pthread_attr_getstack(&attributes, &low, &size) != 0)
        low = NULL;
    pthread_attr_destroy(&attributes);
    return (uintptr_t)low;
}

void tare_own_yield(void)
{
    sched_yield();
}

bool tare_own_offer_barrier(void)
{
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

void tare_own_barrier(void)
{
    syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

/* The second number of statm, in pages. */
uint64_t tare_own_rss_bytes(void)
{
    char text[128];
    int  file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    const char *second = strchr(text, ' ');
    if (second == NULL)
        return 0;
    return strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

void *tare_own_symbol(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}

tare_status tare_own_at_fork(void (*before)(void), void (*after)(void), tare_error *err)
{
    int number = pthread_atfork(before, after, after);
    return number == 0 ? TARE_OK : tare_fail_os(err, number, "ask to be told of forks");
}

tare_status tare_own_stack_open(tare_own_stack *stack, size_t size_bytes, tare_error *err)
{
    void *low = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (low == MAP_FAILED)
        return tare_fail_os(err, errno, "map a stack of %zu bytes", size_bytes);
    if (mprotect(low, GUARD_BYTES, PROT_NONE) != 0) {
        int number = errno;
        munmap(low, size_bytes);
        return tare_fail_os(err, number, "protect the end of a stack");
    }
    *stack = (tare_own_stack){.low = low, .size_bytes = size_bytes};
    return TARE_OK;
}

void tare_own_stack_close(tare_own_stack *stack)
{
    if (stack->low != NULL)
        munmap(stack->low, stack->size_bytes);
    *stack = (tare_own_stack){0};
}

tare_status tare_own_share_file(const char *path, size_t size_bytes, void **out, tare_error *err)
{
    struct stat file;
    int         descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return tare_fail_os(err, errno, "open %s", path);
    if (fstat(descriptor, &file) != 0 || (uint64_t)file.st_size < size_bytes) {
        close(descriptor);
        return tare_fail(err, TARE_CORRUPT, "share %s: shorter than %zu bytes", path, size_bytes);
    }
    void *shared = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    int   number = errno;
    close(descriptor);
    if (shared == MAP_FAILED)
        return tare_fail_os(err, number, "map %s", path);
    *out = shared;
    return TARE_OK;
}

typedef struct change {
    ucontext_t here, there;
    void (*work)(void *context);
    void *context;
} change;

/* makecontext hands on integers only. */
static void begin_there(unsigned high, unsigned low)
{
    change *c = (change *)(uintptr_t)((uint64_t)high << 32 | low);
    c->work(c->context);
}

void tare_own_stack_run(const tare_own_stack *stack, void (*work)(void *context), void *context)
{
    change   c = {.work = work, .context = context};
    uint64_t address = (uintptr_t)&c;
    getcontext(&c.there);
    c.there.uc_stack.ss_sp = (char *)stack->low + GUARD_BYTES;
    c.there.uc_stack.ss_size = stack->size_bytes - GUARD_BYTES;
    c.there.uc_link = &c.here;
    makecontext(&c.there, (void (*)(void))begin_there, 2, (unsigned)(address >> 32),
                (unsigned)address);
    swapcontext(&c.here, &c.there);
}

typedef struct part_visit {
    bool (*visit)(void *context, uintptr_t start, uintptr_t end, const char *path);
    void *context;
} part_visit;

static int visit_image(struct dl_phdr_info *image, size_t size, void *context)
{
    const part_visit *visit = context;
    (void)size;
    for (size_t i = 0; i < image->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &image->dlpi_phdr[i];
        uintptr_t start = image->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_LOAD &&
            !visit->visit(visit->context, start, start + part->p_memsz, image->dlpi_name))
            return 1;
    }
    return 0;
}

bool tare_own_each_image_part(bool (*visit)(void *context, uintptr_t start, uintptr_t end,
                                            const char *path),
                              void *context)
{
    return dl_iterate_phdr(visit_image, &(part_visit){visit, context}) == 0;
}
