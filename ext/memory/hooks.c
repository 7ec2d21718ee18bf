/* hooks.c - see hooks.h.
 *
 *     PyObject_Malloc --> ours --> pymalloc --> (large) PyMem_RawMalloc --> ours --> malloc
 *                          |                                                 |
 *                          heard, within = 1                                 within: passed on
 *
 * The order matters, for a block that is freed can be another thread's before free() returns: it
 * is forgotten first and freed then; on realloc it is forgotten first, and remembered again when
 * that fails. A block is heard of when it is there.
 *
 * When another tool has hooked in after us it keeps our functions: then they only pass on. When it
 * has left with what was there before us, we are not heard any more; a block each tells. */
#include "memory/hooks.h"

#include "memory/engine.h"

#include "common/native.h"
#include "common/pyframes.h"

typedef struct hooked_domain {
    PyMemAllocatorEx     inner; /* what was there before */
    tare_memory_kind     kind;
    PyMemAllocatorDomain domain;
} hooked_domain;

static hooked_domain domains[] = {
    {.kind = TARE_MEMORY_RAW, .domain = PYMEM_DOMAIN_RAW},
    {.kind = TARE_MEMORY_MEM, .domain = PYMEM_DOMAIN_MEM},
    {.kind = TARE_MEMORY_OBJ, .domain = PYMEM_DOMAIN_OBJ},
};

enum {
    DOMAIN_COUNT = sizeof domains / sizeof domains[0],
    SMALL_BYTES = 480 /* pymalloc serves 512 by itself, of which debug hooks take up to 32 */
};

static hooked_domain native_domain = {.kind = TARE_MEMORY_NATIVE};

/* By is_heard, whether it comes by; NULL: nobody asks, or it has. */
static _Thread_local const hooked_domain *asked __attribute__((tls_model("initial-exec")));

static inline bool is_deaf(void)
{
    return __builtin_expect(tare_memory_own.within != 0 || !tare_memory.active, 0);
}

/* Whether a block is to be looked at. A thread's first one is: only then it has a countdown. */
static inline bool is_wanted(size_t bytes)
{
    tare_memory_thread *thread = tare_memory_own.thread;
    return !tare_memory.sampled || thread == NULL ||
           __builtin_expect(tare_countdown_step(&thread->countdown, bytes), 0);
}

/* Small ones without a sample in them, which are most: an allocator asks the one below it for more
 * than that, or for what it needs itself. */
static inline bool is_passing(size_t bytes)
{
    tare_memory_thread *thread = tare_memory_own.thread;
    if (!tare_memory.sampled || bytes > SMALL_BYTES || thread == NULL ||
        tare_memory_own.within != 0 || thread->countdown.left_bytes < (int64_t)bytes)
        return false;
    thread->countdown.left_bytes -= (int64_t)bytes;
    return true;
}

static inline PyThreadState *state_for(const hooked_domain *domain)
{
    bool surely = domain->kind == TARE_MEMORY_MEM || domain->kind == TARE_MEMORY_OBJ;
    return surely ? tare_current_state() : tare_attached_state();
}

static inline void add(const hooked_domain *domain, void *address, size_t bytes)
{
    if (is_wanted(bytes))
        tare_memory_add(address, bytes, domain->kind, state_for(domain));
}

static inline bool may_be_known(const void *address)
{
    return !tare_memory.sampled || tare_sampling_may_be(&tare_memory.filter, (uintptr_t)address);
}

static inline bool forget(const hooked_domain *domain, void *address, tare_block *block_out)
{
    return may_be_known(address) && tare_memory_remove(address, state_for(domain), block_out);
}

static __attribute__((noinline)) void *look_at_malloc(hooked_domain *domain, size_t bytes)
{
    if (is_deaf()) {
        if (__builtin_expect(asked == domain, 0))
            asked = NULL;
        return domain->inner.malloc(domain->inner.ctx, bytes);
    }
    tare_memory_own.within = 1;
    void *address = domain->inner.malloc(domain->inner.ctx, bytes);
    if (address != NULL)
        add(domain, address, bytes);
    tare_memory_own.within = 0;
    return address;
}

/* What is passed on costs no frame: the rest is a function of its own. */
static void *hooked_malloc(void *context, size_t bytes)
{
    hooked_domain *domain = context;
    if (is_passing(bytes))
        return domain->inner.malloc(domain->inner.ctx, bytes);
    return look_at_malloc(domain, bytes);
}

static __attribute__((noinline)) void *look_at_calloc(hooked_domain *domain, size_t count,
                                                      size_t item_bytes)
{
    if (is_deaf())
        return domain->inner.calloc(domain->inner.ctx, count, item_bytes);
    tare_memory_own.within = 1;
    void *address = domain->inner.calloc(domain->inner.ctx, count, item_bytes);
    if (address != NULL)
        add(domain, address, count * item_bytes);
    tare_memory_own.within = 0;
    return address;
}

static void *hooked_calloc(void *context, size_t count, size_t item_bytes)
{
    hooked_domain *domain = context;
    if (count <= SMALL_BYTES && item_bytes <= SMALL_BYTES && is_passing(count * item_bytes))
        return domain->inner.calloc(domain->inner.ctx, count, item_bytes);
    return look_at_calloc(domain, count, item_bytes);
}

/* The C library's realloc to nothing has freed, and returns nothing. */
static inline bool is_freed_by(const hooked_domain *domain, size_t bytes)
{
    return domain->kind == TARE_MEMORY_NATIVE && bytes == 0;
}

static __attribute__((noinline)) void *look_at_realloc(hooked_domain *domain, void *old,
                                                       size_t bytes)
{
    tare_block block;
    if (is_deaf())
        return domain->inner.realloc(domain->inner.ctx, old, bytes);
    tare_memory_own.within = 1;
    bool  known = old != NULL && forget(domain, old, &block);
    void *address = domain->inner.realloc(domain->inner.ctx, old, bytes);
    if (address != NULL)
        add(domain, address, bytes);
    else if (known && !is_freed_by(domain, bytes))
        tare_memory_restore(old, &block);
    tare_memory_own.within = 0;
    return address;
}

static void *hooked_realloc(void *context, void *old, size_t bytes)
{
    hooked_domain *domain = context;
    if ((old == NULL || !may_be_known(old)) && is_passing(bytes))
        return domain->inner.realloc(domain->inner.ctx, old, bytes);
    return look_at_realloc(domain, old, bytes);
}

static __attribute__((noinline)) void look_at_free(hooked_domain *domain, void *address)
{
    tare_block block;
    if (is_deaf()) {
        domain->inner.free(domain->inner.ctx, address);
        return;
    }
    tare_memory_own.within = 1;
    (void)tare_memory_remove(address, state_for(domain), &block);
    domain->inner.free(domain->inner.ctx, address);
    tare_memory_own.within = 0;
}

/* What was not looked at is not known to whom it is passed on either. */
static void hooked_free(void *context, void *address)
{
    hooked_domain *domain = context;
    if (address == NULL || !may_be_known(address))
        domain->inner.free(domain->inner.ctx, address);
    else
        look_at_free(domain, address);
}

/* ---- without the GIL ----
 *
 * Threads without it ask for raw memory while allocators are being exchanged, and may find the
 * function of one with the context of the other: ours need none. */

static void *raw_malloc(void *Py_UNUSED(context), size_t bytes)
{
    return hooked_malloc(&domains[0], bytes);
}

static void *raw_calloc(void *Py_UNUSED(context), size_t count, size_t item_bytes)
{
    return hooked_calloc(&domains[0], count, item_bytes);
}

static void *raw_realloc(void *Py_UNUSED(context), void *old, size_t bytes)
{
    return hooked_realloc(&domains[0], old, bytes);
}

static void raw_free(void *Py_UNUSED(context), void *address)
{
    hooked_free(&domains[0], address);
}

/* ---- the C library's ---- */

static void note_aligned(void *context, void *address, size_t bytes)
{
    if (is_deaf())
        return;
    tare_memory_own.within = 1;
    add(context, address, bytes);
    tare_memory_own.within = 0;
}

static tare_native_exchange_function find_exchange(void)
{
    return (tare_native_exchange_function)tare_own_symbol(TARE_NATIVE_SYMBOL);
}

bool tare_hooks_have_native(void)
{
    return find_exchange() != NULL;
}

/* Blocks that are in between when this changes are passed on. */
static void exchange_native(bool on)
{
    static const tare_native_functions hooks = {
        .context = &native_domain,
        .allocate = hooked_malloc,
        .allocate_zeroed = hooked_calloc,
        .move = hooked_realloc,
        .release = hooked_free,
        .note = note_aligned,
    };
    tare_native_exchange_function exchange = find_exchange();
    if (exchange == NULL)
        return;
    const tare_native_functions *inner = exchange(NULL);
    native_domain.inner = (PyMemAllocatorEx){
        .ctx = inner->context,
        .malloc = inner->allocate,
        .calloc = inner->allocate_zeroed,
        .realloc = inner->move,
        .free = inner->release,
    };
    if (on)
        (void)exchange(&hooks);
}

/* ---- in and out ---- */

static void *ask(PyMemAllocatorDomain domain)
{
    return domain == PYMEM_DOMAIN_RAW   ? PyMem_RawMalloc(1)
           : domain == PYMEM_DOMAIN_MEM ? PyMem_Malloc(1)
                                        : PyObject_Malloc(1);
}

static void give_back(PyMemAllocatorDomain domain, void *address)
{
    if (domain == PYMEM_DOMAIN_RAW)
        PyMem_RawFree(address);
    else if (domain == PYMEM_DOMAIN_MEM)
        PyMem_Free(address);
    else
        PyObject_Free(address);
}

/* By a block that nobody counts: nothing is looked at within. */
static bool is_heard(const hooked_domain *domain)
{
    tare_memory_own.within++;
    asked = domain;
    void *address = ask(domain->domain);
    bool  found = asked == NULL;
    asked = NULL;
    give_back(domain->domain, address);
    tare_memory_own.within--;
    return found;
}

/* Who leaves takes us out of all domains: without the GIL the first, which needs none, tells. */
bool tare_hooks_are_heard(void)
{
    int count = tare_attached_state() != NULL ? DOMAIN_COUNT : 1;
    for (int i = 0; i < count; i++)
        if (!is_heard(&domains[i]))
            return false;
    return true;
}

static bool is_ours(const hooked_domain *domain, const PyMemAllocatorEx *allocator)
{
    return allocator->ctx == domain &&
           (allocator->malloc == hooked_malloc || allocator->malloc == raw_malloc);
}

static PyMemAllocatorEx hooks_of(hooked_domain *domain)
{
    if (domain->kind == TARE_MEMORY_RAW)
        return (PyMemAllocatorEx){domain, raw_malloc, raw_calloc, raw_realloc, raw_free};
    return (PyMemAllocatorEx){domain, hooked_malloc, hooked_calloc, hooked_realloc, hooked_free};
}

/* Unless they are in the chain still, under somebody else's. */
void tare_hooks_begin(bool native)
{
    for (int i = 0; i < DOMAIN_COUNT; i++) {
        hooked_domain   *domain = &domains[i];
        PyMemAllocatorEx hooks = hooks_of(domain);
        if (is_heard(domain))
            continue;
        PyMem_GetAllocator(domain->domain, &domain->inner);
        PyMem_SetAllocator(domain->domain, &hooks);
    }
    if (native)
        exchange_native(true);
}

/* Who holds the only GIL keeps everybody else from allocating objects meanwhile. */
bool tare_hooks_step_aside(void (*work)(void *context), void *context)
{
    hooked_domain   *domain = &domains[DOMAIN_COUNT - 1];
    PyMemAllocatorEx now;
    if (tare_attached_state() == NULL || PyInterpreterState_Next(PyInterpreterState_Head()) != NULL)
        return false;
    PyMem_GetAllocator(domain->domain, &now);
    if (is_ours(domain, &now))
        PyMem_SetAllocator(domain->domain, &domain->inner);
    work(context);
    if (is_ours(domain, &now))
        PyMem_SetAllocator(domain->domain, &now);
    return true;
}

void tare_hooks_end(void)
{
    exchange_native(false);
    for (int i = 0; i < DOMAIN_COUNT; i++) {
        PyMemAllocatorEx now;
        PyMem_GetAllocator(domains[i].domain, &now);
        if (is_ours(&domains[i], &now))
            PyMem_SetAllocator(domains[i].domain, &domains[i].inner);
    }
}
