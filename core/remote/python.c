/* python.c - see python.h.
 *
 *     _PyRuntime.interpreters.head -> PyInterpreterState -> next -> ...
 *                                     threads.head -> PyThreadState -> next -> ...
 *
 * New threads are put at the head of the list, ended ones are unlinked: comparing the
 * head, and each thread's next with the thread that followed it, notices both.
 * Cost: refresh two or three reads per interpreter and one per thread; sample one. */
#include "remote/python.h"

#include <string.h>

enum {
    THREAD_BYTES = 1024,
    MAX_EXTRA = 5,
    MAX_HEADS = 64,
    WITNESS_BYTES = 4,
    GIL_WORDS_BYTES = TARE_GIL_LOCKED + 4 - TARE_GIL_HOLDER,
    WORDS_AGE_NS = 50000
};

static uint64_t word_at(const uint8_t *bytes, uint32_t offset)
{
    uint64_t word;
    memcpy(&word, bytes + offset, sizeof word);
    return word;
}

tare_status tare_python_open(tare_python *python, const tare_process *process,
                             tare_profile *profile, const tare_alloc *alloc, tare_error *err)
{
    *python = (tare_python){.alloc = alloc, .memory = tare_memory_of(process), .stale = true};
    TARE_TRY(tare_runtime_locate(&python->runtime, process, alloc, err));
    TARE_TRY(tare_layout_init(&python->layout, &python->runtime, &python->memory, err));
    tare_codes_init(&python->codes, &python->layout, &python->memory, profile, alloc);
    python->reader = (tare_stack_reader){.layout = &python->layout,
                                         .memory = &python->memory,
                                         .codes = &python->codes,
                                         .alloc = alloc};
    return TARE_OK;
}

static void free_thread(tare_python *python, tare_python_thread *thread)
{
    tare_stack_deinit(&thread->stack, python->alloc);
    tare_release(python->alloc, thread, 1, sizeof *thread);
}

void tare_python_close(tare_python *python)
{
    if (python->alloc == NULL)
        return;
    for (uint32_t i = 0; i < python->thread_count; i++)
        free_thread(python, python->threads[i]);
    tare_release(python->alloc, python->threads, python->thread_capacity, sizeof *python->threads);
    tare_release(python->alloc, python->interpreters, python->interpreter_capacity,
                 sizeof *python->interpreters);
    tare_stack_reader_deinit(&python->reader);
    tare_codes_deinit(&python->codes);
    *python = (tare_python){0};
}

/* ---- walking the lists ---- */

static tare_python_thread *find_thread(const tare_python *python, tare_raddr state, int tid,
                                       uint32_t old_count)
{
    for (uint32_t i = 0; i < old_count; i++)
        if (python->threads[i]->stack.state == state && python->threads[i]->tid == tid)
            return python->threads[i];
    return NULL;
}

static tare_status add_thread(tare_python *python, tare_python_thread *thread, tare_error *err)
{
    void *threads = python->threads;
    TARE_TRY(tare_grow(python->alloc, &threads, &python->thread_capacity,
                       (size_t)python->thread_count + 1, sizeof *python->threads, err));
    python->threads = threads;
    python->threads[python->thread_count++] = thread;
    return TARE_OK;
}

/* The known thread with that state, or a new one, goes to the end of the list. */
static tare_status list_thread(tare_python *python, tare_raddr state, int tid, uint32_t interpreter,
                               uint32_t old_count, tare_error *err)
{
    tare_python_thread *thread = find_thread(python, state, tid, old_count);
    if (thread != NULL && !thread->seen) {
        thread->seen = true;
        thread->interpreter = interpreter;
        return add_thread(python, thread, err);
    }
    void *memory = NULL;
    TARE_TRY(tare_acquire(python->alloc, &memory, 1, sizeof *thread, err));
    thread = memory;
    *thread = (tare_python_thread){
        .stack = {.state = state}, .interpreter = interpreter, .tid = tid, .seen = true};
    tare_status status = add_thread(python, thread, err);
    if (status != TARE_OK)
        free_thread(python, thread);
    return status;
}

static tare_status walk_threads(tare_python *python, uint32_t index, uint32_t old_count,
                                tare_error *err)
{
    const tare_layout       *layout = &python->layout;
    tare_python_interpreter *interpreter = &python->interpreters[index];
    uint8_t                  bytes[THREAD_BYTES];
    interpreter->first_thread = python->thread_count - old_count;
    interpreter->thread_count = 0;
    for (tare_raddr state = interpreter->threads_head; state != 0;) {
        if (interpreter->thread_count == TARE_PYTHON_MAX_THREADS)
            return tare_fail(err, TARE_TORN, "the target's list of threads has no end");
        TARE_TRY(tare_memory_read(&python->memory, state, bytes,
                                  layout->thread.datastack_chunk + 24, err));
        uint64_t   tid = word_at(bytes, layout->thread.native_thread_id);
        tare_raddr next = word_at(bytes, layout->thread.next);
        python->unready_count += tid == 0;
        TARE_TRY(
            list_thread(python, state, tid <= INT32_MAX ? (int)tid : 0, index, old_count, err));
        interpreter->thread_count++; /* when it is listed: the rest may be torn */
        python->threads[python->thread_count - 1]->stack.next = next;
        python->threads[python->thread_count - 1]->stack.tid = tid;
        state = next;
    }
    return TARE_OK;
}

static tare_status read_interpreter(tare_python *python, tare_raddr address,
                                    tare_python_interpreter *interpreter, tare_error *err)
{
    const tare_layout *layout = &python->layout;
    *interpreter = (tare_python_interpreter){.address = address};
    tare_read reads[] = {
        {address + layout->interpreter.next, &interpreter->next, 8},
        {address + layout->interpreter.threads_head, &interpreter->threads_head, 8},
        {address + layout->interpreter.gil_pointer, &interpreter->gil, 8},
    };
    bool own_gil = layout->interpreter.gil_pointer != TARE_LAYOUT_ABSENT;
    TARE_TRY(tare_memory_read_all(&python->memory, reads, own_gil ? 3 : 2, err));
    if (!own_gil)
        interpreter->gil = python->runtime.address + layout->runtime.gil;
    python->unready_count += interpreter->gil == 0;
    return TARE_OK;
}

static tare_status walk_interpreters(tare_python *python, uint32_t old_count, tare_error *err)
{
    tare_raddr at = 0;
    TARE_TRY(tare_memory_read(&python->memory,
                              python->runtime.address + python->layout.runtime.interpreters_head,
                              &at, sizeof at, err));
    python->interpreters_head = at;
    python->interpreter_count = 0;
    while (at != 0) {
        void *interpreters = python->interpreters;
        if (python->interpreter_count == TARE_PYTHON_MAX_INTERPRETERS)
            return tare_fail(err, TARE_TORN, "the target's list of interpreters has no end");
        TARE_TRY(tare_grow(python->alloc, &interpreters, &python->interpreter_capacity,
                           (size_t)python->interpreter_count + 1, sizeof *python->interpreters,
                           err));
        python->interpreters = interpreters;
        uint32_t index = python->interpreter_count;
        TARE_TRY(read_interpreter(python, at, &python->interpreters[index], err));
        python->interpreter_count++;
        TARE_TRY(walk_threads(python, index, old_count, err));
        at = python->interpreters[index].next;
    }
    return TARE_OK;
}

/* The old threads stand in front of the new list: drop those that are not in it. */
static void drop_old_threads(tare_python *python, uint32_t old_count, bool complete)
{
    for (uint32_t i = 0; i < old_count; i++)
        if (!python->threads[i]->seen)
            free_thread(python, python->threads[i]);
    python->thread_count -= old_count;
    if (python->thread_count > 0)
        memmove(python->threads, python->threads + old_count,
                python->thread_count * sizeof *python->threads);
    for (uint32_t i = 0; i < python->thread_count; i++)
        python->threads[i]->seen = false;
    python->stale = !complete;
}

tare_status tare_python_refresh(tare_python *python, tare_error *err)
{
    uint32_t old_count = python->thread_count;
    python->unready_count = 0;
    tare_status status = walk_interpreters(python, old_count, err);
    drop_old_threads(python, old_count, status == TARE_OK);
    if (status == TARE_OK && python->thread_count == 0)
        return tare_fail(err, TARE_NOT_READY, "the target has no Python thread yet, or no more");
    return status;
}

/* ---- sampling ---- */

/* Of more interpreters than fit, the last ones are noticed when one of their threads is
 * sampled. */
void tare_python_check_lists(tare_python *python, uint64_t now_ns)
{
    const tare_layout *layout = &python->layout;
    tare_raddr         heads[MAX_HEADS] = {0};
    tare_read          reads[MAX_HEADS];
    uint32_t           count = 0;
    if (now_ns - python->checked_ns < WORDS_AGE_NS)
        return;
    python->checked_ns = now_ns;
    reads[count++] = (tare_read){python->runtime.address + layout->runtime.interpreters_head,
                                 &heads[0], 8};
    for (uint32_t i = 0; i < python->interpreter_count && count < MAX_HEADS; i++, count++)
        reads[count] = (tare_read){
            python->interpreters[i].address + layout->interpreter.threads_head, &heads[count], 8};
    if (tare_memory_read_all(&python->memory, reads, count, NULL) != TARE_OK) {
        python->stale = true;
        return;
    }
    for (uint32_t i = 1; i < count; i++)
        python->stale = python->stale || heads[i] != python->interpreters[i - 1].threads_head;
    python->stale = python->stale || heads[0] != python->interpreters_head;
}

/* The words beside the stack. All but the witness may be a little old: each piece of a read
 * costs a third of a microsecond. */
static size_t list_extra(tare_python *python, tare_python_interpreter *interpreter, uint64_t now_ns,
                         tare_read extra[MAX_EXTRA])
{
    const tare_layout *layout = &python->layout;
    tare_raddr         base = interpreter->address;
    size_t             count = 0;
    if (layout->interpreter.code_witness != TARE_LAYOUT_ABSENT)
        extra[count++] = (tare_read){base + layout->interpreter.code_witness, &interpreter->witness,
                                     WITNESS_BYTES};
    if (now_ns - interpreter->words_ns < WORDS_AGE_NS)
        return count;
    interpreter->words_ns = now_ns;
    extra[count++] = (tare_read){python->runtime.address + layout->runtime.interpreters_head,
                                 &python->interpreters_head, 8};
    extra[count++] = (tare_read){base + layout->interpreter.threads_head,
                                 &interpreter->threads_head, 8};
    extra[count++] = (tare_read){base + layout->interpreter.gc_collecting,
                                 &interpreter->gc_collecting, 4};
    if (interpreter->gil != 0) /* one bad piece would cost the whole read */
        extra[count++] = (tare_read){interpreter->gil + TARE_GIL_HOLDER, &interpreter->gil_words,
                                     GIL_WORDS_BYTES};
    return count;
}

/* Does the list go on as it did when it was walked, with the same thread here? */
static bool are_lists_same(const tare_python *python, uint32_t index)
{
    const tare_python_thread      *thread = python->threads[index];
    const tare_python_interpreter *interpreter = &python->interpreters[thread->interpreter];
    uint32_t                       end = interpreter->first_thread + interpreter->thread_count;
    tare_raddr next = index + 1 < end ? python->threads[index + 1]->stack.state : 0;
    return thread->stack.next == next && tare_python_is_same_thread(thread) &&
           interpreter->threads_head == python->threads[interpreter->first_thread]->stack.state &&
           python->interpreters_head == python->interpreters[0].address;
}

tare_status tare_python_sample(tare_python *python, uint32_t index, uint64_t now_ns,
                               tare_stack_proof *proof_out, tare_error *err)
{
    tare_python_thread      *thread = python->threads[index];
    tare_python_interpreter *interpreter = &python->interpreters[thread->interpreter];
    tare_read                extra[MAX_EXTRA];
    size_t                   extra_count = list_extra(python, interpreter, now_ns, extra);
    TARE_TRY(tare_stack_sample(&python->reader, &thread->stack, extra, extra_count,
                               &interpreter->witness, now_ns, proof_out, err));
    if (!are_lists_same(python, index))
        python->stale = true;
    return TARE_OK;
}

bool tare_python_holds_gil(const tare_python *python, const tare_python_thread *thread)
{
    const tare_python_interpreter *interpreter = &python->interpreters[thread->interpreter];
    return interpreter->gil_words.locked == 1 &&
           interpreter->gil_words.holder == thread->stack.state;
}

bool tare_python_is_gil(const tare_python *python, const tare_python_thread *thread,
                        uint64_t futex_address)
{
    tare_raddr gil = python->interpreters[thread->interpreter].gil;
    return futex_address >= gil && futex_address - gil < TARE_GIL_BYTES;
}
