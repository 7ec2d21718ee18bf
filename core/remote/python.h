/* python.h - a Python process: its interpreters, threads and locks.
 *
 * Opened once per process image (an exec makes a new one). The thread lists are walked
 * when the process is opened and whenever a sample notices that a list has changed; the
 * words that tell (list heads, links) travel in the same read as a thread's stack.
 * Not thread-safe; everything borrowed must outlive it. */
#ifndef TARE_REMOTE_PYTHON_H
#define TARE_REMOTE_PYTHON_H

#include "remote/stack.h"

enum { TARE_PYTHON_MAX_INTERPRETERS = 1024, TARE_PYTHON_MAX_THREADS = 1 << 16 };

typedef struct tare_python_interpreter {
    tare_raddr address;
    tare_raddr gil;  /* address of the lock; shared by several or own; 0 = none yet */
    tare_raddr next; /* as last read, like all below */
    tare_raddr threads_head;
    uint32_t   first_thread; /* index of its first thread; its others follow */
    uint32_t   thread_count;
    int32_t    gc_collecting;
    struct {
        tare_raddr holder; /* thread state that has or last had the lock */
        int32_t    locked;
    } gil_words;
    uint64_t witness;
    uint64_t words_ns; /* when all of these were read, but the witness: that is newer */
} tare_python_interpreter;

typedef struct tare_python_thread {
    tare_stack stack;
    uint32_t   interpreter; /* index */
    int        tid;         /* as the target's system numbers it; 0 = not bound yet */
    int        number;      /* caller's: ours for tid, 0 = not asked yet */
    uint32_t   last_node;   /* caller's, like the next three: of the last sample with a probe */
    int        last_state;
    int        last_rank;
    bool       last_cut;
    bool       seen; /* by the refresh under way */
} tare_python_thread;

typedef struct tare_python {
    tare_memory              memory;
    tare_runtime             runtime;
    tare_layout              layout;
    tare_codes               codes;
    tare_stack_reader        reader;
    const tare_alloc        *alloc;        /* borrowed */
    tare_python_interpreter *interpreters; /* owned */
    uint32_t                 interpreter_count, interpreter_capacity;
    tare_python_thread     **threads; /* owned, as is each; in list order */
    uint32_t                 thread_count, thread_capacity;
    uint32_t   unready_count;     /* threads without a tid yet, interpreters without a lock */
    tare_raddr interpreters_head; /* as last read */
    uint64_t   checked_ns;        /* when the heads of all lists were */
    bool       stale;             /* a list has changed: refresh */
} tare_python;

/* Finds the runtime; functions and frames go to profile. Statuses of tare_runtime_locate
 * and tare_layout_init. The storage must not move afterwards. */
TARE_MUST_USE tare_status tare_python_open(tare_python *python, const tare_process *process,
                                           tare_profile *profile, const tare_alloc *alloc,
                                           tare_error *err);
void                      tare_python_close(tare_python *python); /* no-op on zeroed storage */

/* Walks the lists anew. Threads that go on keep their storage; threads that ended are
 * freed. NOT_READY when there is no interpreter (yet or any more). */
TARE_MUST_USE tare_status tare_python_refresh(tare_python *python, tare_error *err);

/* Sets stale when a list has a new head. One read, or none when the heads were read less
 * than 50 us ago. */
void tare_python_check_lists(tare_python *python, uint64_t now_ns);

/* tare_stack_sample for threads[index]; also brings its interpreter's words up to date. */
TARE_MUST_USE tare_status tare_python_sample(tare_python *python, uint32_t index, uint64_t now_ns,
                                             tare_stack_proof *proof_out, tare_error *err);

/* Was the last sample this thread's? A new thread may have got the storage of one that
 * ended; then the lists are stale. */
static inline bool tare_python_is_same_thread(const tare_python_thread *thread)
{
    return thread->stack.tid == (uint64_t)thread->tid;
}

/* By the words of the last sample of a thread of the same interpreter. */
bool tare_python_holds_gil(const tare_python *python, const tare_python_thread *thread);
bool tare_python_is_gil(const tare_python *python, const tare_python_thread *thread,
                        uint64_t futex_address);

/* The name that threading gave a thread it started ("Thread-1", "worker"); "" for any
 * other thread, the main one among them, and when it cannot be read. Some 20 reads. */
void tare_python_thread_name(tare_python *python, const tare_python_thread *thread,
                             char name[TARE_OS_NAME_BYTES]);

#endif
