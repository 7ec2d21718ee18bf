/* engine.c - see engine.h.
 *
 *     block is there    stack -> node -> cell + kind, into the table, added to the ledger
 *     block goes        out of the table, taken from its cell
 *     every EVENTS      the clock: births, a point of the curve, the file if it is time
 *
 * The file is there from the start, and is written anew each time, as a whole: what is live can
 * become less. The pause to the next time is FLUSH_PARTS times what the last one took, FLUSH_NS at
 * least, and a 64th of the time so far; but when the program holds much more than it did in the
 * last file it is written at once, so that one that is killed for using too much memory has left
 * what it was used for.
 *
 * What is live at the end is what was when the interpreter began to end: it would take apart
 * everything. The first block that goes after that says so. */
#include "memory/engine.h"

#include "common/forks.h"
#include "common/output.h"
#include "common/pyframes.h"
#include "memory/hooks.h"
#include "memory/moments.h"
#include "memory/notes.h"
#include "memory/own.h"
#include "memory/places.h"
#include "memory/stacks.h"

#include "io/tare_file.h"
#include "os/os.h"

#include <errno.h>
#include <string.h>

enum {
    EVENTS = 64, /* a thread's between two looks at the clock */
    LOOK_NS = 1000000,
    FLUSH_NS = 100000000,
    FLUSH_PARTS = 100,
    FLUSH_AGE = 64,         /* a part of the time so far: what is noted each time adds up */
    FLUSH_BYTES = 32 << 20, /* more than in the last file; or a part of that: */
    FLUSH_SHARE = 8,
    BIRTH_UNIT_NS = 1 << 20
};

tare_memory_engine tare_memory;

_Thread_local tare_memory_own_part tare_memory_own __attribute__((tls_model("initial-exec")));

/* ---- lock ---- */

void tare_memory_lock(void)
{
    tare_lock_acquire_slow(&tare_memory.lock);
}

void tare_memory_unlock(void)
{
    tare_lock_release_slow(&tare_memory.lock);
}

static inline bool lock_for(const PyThreadState *state)
{
    bool with_gil = state != NULL && state->interp == tare_memory.main_interpreter;
    return tare_lock_acquire(&tare_memory.lock, with_gil);
}

/* Once per process: other threads may hold it from then on, also between two measurements. */
static void begin_lock(void)
{
    if (tare_memory.lock_process_id == tare_own_process_id())
        return;
    tare_lock_begin(&tare_memory.lock, !tare_own_offer_barrier());
    tare_memory.lock_process_id = tare_own_process_id();
    if (tare_memory.active && tare_memory.options.native)
        tare_lock_make_plain(&tare_memory.lock);
}

/* The thread that forks is the only one in the child: nobody else may hold the lock then. */
static void lock_for_fork(void)
{
    tare_memory_own.within++;
    tare_memory_lock();
}

/* Others may just have been on their way in, which in the child they never end. */
static void unlock_after_fork(void)
{
    if (tare_memory.lock_process_id == tare_own_process_id())
        tare_memory_unlock();
    else
        begin_lock();
    tare_memory_own.within--;
}

/* What people ask for; its own memory is not the program's. */
static void enter(void)
{
    tare_memory_own.within++;
    tare_memory_lock();
}

static void leave(void)
{
    tare_memory_unlock();
    tare_memory_own.within--;
}

/* ---- threads ---- */

static void unlink_thread(tare_memory_thread *thread)
{
    *thread->link = thread->next;
    if (thread->next != NULL)
        thread->next->link = thread->link;
    tare_release(tare_memory_alloc(), thread, 1, sizeof *thread);
}

static void end_thread(void *value)
{
    tare_memory_own.within++;
    tare_memory_lock();
    tare_memory_own.thread = NULL;
    unlink_thread(value);
    tare_memory_unlock();
    tare_memory_own.within--;
}

static void begin_thread(tare_memory_thread *thread)
{
    thread->last = 0;
    thread->last_depth = thread->last_base = 0;
    thread->epoch = 0; /* none: nothing is known */
    thread->events_to_look = 1;
    tare_memory.thread_count++;
    tare_memory.seed += UINT64_C(0x9E3779B97F4A7C15);
    if (tare_memory.sampled)
        tare_countdown_begin(&thread->countdown, tare_memory.sample_bytes, tare_memory.seed);
    thread->left_at_sample = INT64_MIN;
}

static tare_memory_thread *make_thread(void)
{
    void *memory;
    if (tare_acquire(tare_memory_alloc(), &memory, 1, sizeof(tare_memory_thread), NULL) != TARE_OK)
        return NULL;
    tare_memory_thread *thread = memory;
    begin_thread(thread);
    thread->next = tare_memory.threads;
    thread->link = &tare_memory.threads;
    if (thread->next != NULL)
        thread->next->link = &thread->next;
    tare_memory.threads = thread;
    tare_memory_own.thread = thread;
    tare_own_key_set(&tare_memory.thread_key, thread);
    return thread;
}

/* ---- time, and the file ---- */

uint64_t tare_memory_now_ns(void)
{
    return tare_os_monotonic_ns() - tare_memory.start_ns;
}

static void plan_flush(uint64_t took_ns)
{
    uint64_t live = tare_memory.ledger.live.bytes;
    uint64_t more = live / FLUSH_SHARE > FLUSH_BYTES ? live / FLUSH_SHARE : FLUSH_BYTES;
    uint64_t now_ns = tare_memory_now_ns();
    uint64_t pause_ns = took_ns * FLUSH_PARTS;
    if (pause_ns < now_ns / FLUSH_AGE)
        pause_ns = now_ns / FLUSH_AGE;
    if (pause_ns < FLUSH_NS)
        pause_ns = FLUSH_NS;
    tare_memory.flush_at_ns = now_ns + pause_ns;
    tare_memory.flush_at_bytes = live + more;
}

static void add_point(uint64_t now_ns)
{
    uint64_t live = tare_memory.ledger.live.bytes, peak = tare_memory.ledger.peak.bytes;
    bool     risen = peak != tare_memory.seen_peak_bytes;
    if (tare_curve_is_due(&tare_memory.curve, now_ns)) {
        const uint64_t amounts[TARE_CURVE_AMOUNTS] = {live, tare_own_rss_bytes()};
        tare_curve_add(&tare_memory.curve, now_ns, amounts);
    }
    tare_moments_look(now_ns);
    if (risen) {
        tare_curve_raise(&tare_memory.curve, 0, peak);
        tare_memory.seen_peak_bytes = peak;
        tare_memory.peak_time_ns = now_ns;
    }
}

tare_status tare_memory_settle(tare_error *err)
{
    tare_memory_engine *engine = &tare_memory;
    engine->wall_ns = tare_memory_now_ns();
    add_point(engine->wall_ns);
    TARE_TRY(tare_memory_notes_update(err));
    TARE_TRY(tare_figures_store(&engine->figures, &engine->ledger, engine->label_sets,
                                engine->sampled, &engine->profile, err));
    TARE_TRY(tare_curve_store(&engine->curve, 0, "heap_bytes", 0, &engine->profile, err));
    return tare_curve_store(&engine->curve, 1, "rss_bytes", 0, &engine->profile, err);
}

static tare_status write_file(bool complete, tare_error *err)
{
    tare_memory_options *options = &tare_memory.options;
    TARE_TRY(tare_memory_settle(err));
    TARE_TRY(tare_file_save(&tare_memory.profile, options->output, options->overwrite, complete,
                            tare_memory_alloc(), err));
    options->overwrite = true; /* the file is ours now */
    return TARE_OK;
}

static void try_write(bool complete)
{
    if (write_file(complete, &tare_memory.last_error) != TARE_OK)
        tare_memory.failed_count++;
}

static bool is_own_process(void)
{
    return tare_own_process_id() == tare_memory.process_id;
}

static void flush(void)
{
    uint64_t before_ns = tare_memory_now_ns();
    tare_memory.flush_at_ns = tare_memory.flush_at_bytes = UINT64_MAX;
    if (tare_memory.options.output == NULL || tare_memory.written || !is_own_process())
        return;
    try_write(false);
    uint64_t took_ns = tare_memory_now_ns() - before_ns;
    tare_memory.flush_count++;
    tare_memory.flush_ns += took_ns;
    plan_flush(took_ns);
}

/* Births are told in 16 bits, in a unit that doubles. */
static void pass_time(uint64_t now_ns)
{
    while (now_ns / tare_memory.birth_unit_ns > TARE_BLOCKS_MAX_BIRTH) {
        tare_memory.birth_unit_ns *= 2;
        tare_blocks_age(&tare_memory.blocks);
    }
    tare_memory.birth = (uint16_t)(now_ns / tare_memory.birth_unit_ns);
}

__attribute__((noinline)) static void look(void)
{
    int      kept = errno;
    uint64_t now_ns = tare_memory_now_ns();
    if (now_ns >= tare_memory.look_at_ns) {
        tare_memory.look_at_ns = now_ns + LOOK_NS;
        pass_time(now_ns);
        add_point(now_ns);
    }
    if (now_ns >= tare_memory.flush_at_ns ||
        tare_memory.ledger.live.bytes >= tare_memory.flush_at_bytes)
        flush();
    errno = kept;
}

/* ---- blocks ---- */

__attribute__((noinline)) static uint32_t make_cell(uint32_t node, tare_memory_kind kind)
{
    tare_memory_engine *engine = &tare_memory;
    uint32_t            index = node * TARE_MEMORY_KINDS + kind;
    void               *cells = engine->cells;
    uint32_t            id;
    if (engine->ledger.count >= TARE_BLOCKS_MAX_CELLS - 1 ||
        tare_grow(tare_memory_alloc(), &cells, &engine->cell_capacity, (size_t)index + 1,
                  sizeof *engine->cells, NULL) != TARE_OK)
        return 0;
    engine->cells = cells;
    if (tare_ledger_cell(&engine->ledger, node, kind, &id, NULL) != TARE_OK)
        return 0;
    return engine->cells[index] = id + 1;
}

/* The ledger's cell + 1; 0 without memory. */
static inline uint32_t find_cell(uint32_t node, tare_memory_kind kind)
{
    uint32_t index = node * TARE_MEMORY_KINDS + kind;
    if (__builtin_expect(index < tare_memory.cell_capacity && tare_memory.cells[index] != 0, 1))
        return tare_memory.cells[index];
    return make_cell(node, kind);
}

static inline tare_held weigh(uint64_t bytes)
{
    if (bytes > TARE_BLOCKS_MAX_BYTES)
        bytes = TARE_BLOCKS_MAX_BYTES;
    if (!tare_memory.sampled)
        return (tare_held){.bytes = bytes, .count = TARE_LEDGER_ONE};
    return tare_sampling_weigh(bytes, tare_memory.sample_bytes);
}

static void lose(size_t bytes)
{
    tare_memory.lost_count++;
    tare_memory.lost_bytes += bytes;
}

/* A block has gone: from its cell. */
static inline void take_off(const tare_block *block, bool temporary)
{
    if (block->cell != TARE_BLOCKS_NO_CELL)
        tare_ledger_remove(&tare_memory.ledger, block->cell, weigh(block->bytes), temporary);
}

/* It went without our hearing of it. */
__attribute__((noinline)) static void replace(const tare_block *old, void *address)
{
    take_off(old, false);
    if (old->watched)
        tare_places_forget((uintptr_t)address);
}

/* In the table, then in the ledger. */
static inline bool keep(void *address, const tare_block *block)
{
    tare_block old;
    bool       had;
    if (__builtin_expect(
            tare_blocks_put(&tare_memory.blocks, (uintptr_t)address, block, &old, &had) != TARE_OK,
            0))
        return false;
    if (__builtin_expect(had, 0))
        replace(&old, address);
    tare_ledger_add(&tare_memory.ledger, block->cell, weigh(block->bytes));
    return true;
}

__attribute__((noinline)) static void note_sample(tare_memory_thread *thread, uint32_t cell_id,
                                                  void *address, size_t bytes)
{
    tare_cell *cell = &tare_memory.ledger.cells[cell_id];
    cell->samples++;
    cell->variance += tare_sampling_variance(bytes, tare_memory.sample_bytes);
    tare_sampling_mark(&tare_memory.filter, (uintptr_t)address);
    tare_countdown_draw(&thread->countdown, tare_memory.sample_bytes);
    thread->left_at_sample = thread->countdown.left_bytes;
}

static inline void place(tare_memory_thread *thread, void *address, size_t bytes,
                         tare_memory_kind kind, const PyThreadState *state)
{
    uint32_t   node = tare_stacks_node(thread, state);
    uint32_t   cell = node != TARE_NONE ? find_cell(node, kind) : 0;
    tare_block block = {.bytes = bytes, .cell = cell - 1, .birth = tare_memory.birth};
    thread->last = (uintptr_t)address;
    if (__builtin_expect(cell == 0 || !keep(address, &block), 0)) {
        lose(bytes);
        if (tare_memory.sampled)
            tare_countdown_draw(&thread->countdown, tare_memory.sample_bytes);
        return;
    }
    if (tare_memory.sampled)
        note_sample(thread, cell - 1, address, bytes);
    if (--thread->events_to_look == 0 ||
        tare_memory.ledger.live.bytes >= tare_memory.flush_at_bytes) {
        thread->events_to_look = tare_memory.sampled ? 1 : EVENTS;
        look();
    }
}

void tare_memory_add(void *address, size_t bytes, tare_memory_kind kind, PyThreadState *state)
{
    bool                cheap = lock_for(state);
    tare_memory_thread *thread = tare_memory_own.thread;
    bool                wanted = tare_memory.active;
    if (__builtin_expect(thread == NULL && wanted, 0)) {
        thread = make_thread();
        if (thread == NULL)
            lose(bytes);
        wanted = thread != NULL &&
                 (!tare_memory.sampled || tare_countdown_step(&thread->countdown, bytes));
    }
    if (wanted)
        place(thread, address, bytes, kind, state);
    tare_lock_release(&tare_memory.lock, cheap);
}

/* In samples: nothing has been allocated since when the countdown is what it was then. */
static bool is_temporary(const tare_memory_thread *thread, const void *address)
{
    return thread != NULL && thread->last == (uintptr_t)address &&
           (!tare_memory.sampled || thread->countdown.left_bytes == thread->left_at_sample);
}

static void end_measurement(void);

bool tare_memory_remove(void *address, PyThreadState *state, tare_block *block_out)
{
    bool cheap = lock_for(state);
    bool known = false;
    if (__builtin_expect(tare_is_finalizing(), 0))
        end_measurement();
    if (tare_memory.active) {
        known = tare_blocks_take(&tare_memory.blocks, (uintptr_t)address, block_out);
        if (known) {
            take_off(block_out, is_temporary(tare_memory_own.thread, address));
            if (__builtin_expect(block_out->watched, 0))
                tare_places_forget((uintptr_t)address);
        }
        if (tare_memory.sampled)
            tare_sampling_forget(&tare_memory.filter, &tare_memory.blocks);
        if (!tare_memory.sampled && (!known || block_out->cell == TARE_BLOCKS_NO_CELL))
            tare_memory.unknown_freed_count++;
    }
    tare_lock_release(&tare_memory.lock, cheap);
    return known;
}

/* Its cell has counted its end and now counts it as allocated once more. */
void tare_memory_restore(void *address, const tare_block *block)
{
    tare_memory_lock();
    if (tare_memory.active && block->cell != TARE_BLOCKS_NO_CELL) {
        if (!keep(address, block))
            lose(block->bytes);
        else if (tare_memory.sampled)
            tare_sampling_mark(&tare_memory.filter, (uintptr_t)address);
    }
    tare_memory_unlock();
}

/* ---- from start to end ---- */

static void forget_results(void)
{
    tare_memory_engine *engine = &tare_memory;
    engine->active = false;
    tare_blocks_deinit(&engine->blocks);
    tare_ledger_deinit(&engine->ledger);
    tare_curve_deinit(&engine->curve);
    tare_profile_deinit(&engine->profile);
    tare_places_clear();
    tare_release(tare_memory_alloc(), engine->cells, engine->cell_capacity, sizeof *engine->cells);
    engine->cells = NULL;
    engine->cell_capacity = 0;
}

static void forget(void)
{
    forget_results();
    tare_output_release(&tare_memory.options.output);
    tare_output_release(&tare_memory.options.command);
}

/* What is in the file stays; the interpreter's end is not measured. */
static void end_measurement(void)
{
    if (!tare_memory.active)
        return;
    if (tare_memory.options.output != NULL && !tare_memory.written && is_own_process())
        try_write(true);
    tare_memory.written = true;
    tare_memory.active = false;
}

/* What a measurement keeps its results in, empty. */
static tare_status begin_results(tare_error *err)
{
    tare_memory_engine *engine = &tare_memory;
    const tare_alloc   *alloc = tare_memory_alloc();
    engine->blocks = (tare_blocks){.alloc = alloc};
    engine->ledger = (tare_ledger){.alloc = alloc};
    engine->curve = (tare_curve){.alloc = alloc};
    tare_moments_begin();
    memset(&engine->filter, 0, sizeof engine->filter);
    engine->begun_epoch = ++engine->epoch;
    engine->birth_unit_ns = BIRTH_UNIT_NS;
    TARE_TRY(tare_profile_init(&engine->profile, alloc, err));
    engine->profile.node_limit = engine->options.node_limit;
    TARE_TRY(tare_figures_init(&engine->figures, &engine->profile, err));
    TARE_TRY(tare_memory_notes_begin(err));
    engine->start_cpu_ns = tare_os_own_cpu_ns();
    engine->start_ns = tare_os_monotonic_ns();
    if (engine->options.output != NULL)
        TARE_TRY(write_file(false, err));
    plan_flush(0);
    for (tare_memory_thread *thread = engine->threads; thread != NULL; thread = thread->next)
        begin_thread(thread);
    return TARE_OK;
}

static tare_status begin(tare_error *err)
{
    static bool         watching_forks;
    tare_memory_engine *engine = &tare_memory;
    if (!TARE_HAS_FRAMES)
        return tare_fail(err, TARE_UNSUPPORTED,
                         "measure memory: how this version of Python keeps its frames is not "
                         "known; use an older one");
    if (engine->options.native && !tare_hooks_have_native())
        return tare_fail(err, TARE_UNSUPPORTED,
                         "measure the native allocator: that has to begin with the process; use "
                         "tare memory --native");
    if (!engine->thread_key.made)
        TARE_TRY(tare_own_key_make(&engine->thread_key, end_thread, err));
    if (!watching_forks)
        TARE_TRY(tare_own_at_fork(lock_for_fork, unlock_after_fork, err));
    watching_forks = true;
    TARE_TRY(tare_forks_watch(tare_memory_begin_child, tare_memory_note_fork, err));
    tare_memory_lock();
    tare_status status = begin_results(err);
    engine->active = status == TARE_OK;
    tare_memory_unlock();
    return status;
}

static tare_memory_options complete_options(const tare_memory_options *options)
{
    tare_memory_options complete = *options;
    if (complete.depth == 0)
        complete.depth = TARE_MEMORY_DEPTH;
    if (complete.depth > TARE_MEMORY_MAX_DEPTH)
        complete.depth = TARE_MEMORY_MAX_DEPTH;
    if (complete.node_limit == 0 || complete.node_limit > TARE_MEMORY_MAX_NODES)
        complete.node_limit = TARE_MEMORY_MAX_NODES;
    return complete;
}

tare_status tare_memory_start(const tare_memory_options *options, tare_error *err)
{
    tare_memory_engine *engine = &tare_memory;
    if (engine->active || engine->busy) {
        tare_memory_options unused = *options;
        tare_output_release(&unused.output);
        tare_output_release(&unused.command);
        return tare_fail(err, TARE_USAGE,
                         "start measuring memory: it is on already; stop it "
                         "first");
    }
    tare_memory_own.within++;
    begin_lock();
    tare_memory_lock();
    forget();
    *engine = (tare_memory_engine){
        .lock = engine->lock,
        .lock_process_id = engine->lock_process_id,
        .epoch = engine->epoch,
        .begun_epoch = engine->epoch,
        .threads = engine->threads,
        .thread_key = engine->thread_key,
        .options = complete_options(options),
        .sampled = options->sample_bytes > 0,
        .sample_bytes = options->sample_bytes,
        .seed = tare_os_monotonic_ns() ^ (uintptr_t)&options,
        .process_id = tare_own_process_id(),
        .main_interpreter = PyInterpreterState_Main(),
        .busy = true,
    };
    if (options->native)
        tare_lock_make_plain(&engine->lock);
    tare_memory_unlock();
    tare_status status = begin(err);
    if (status == TARE_OK)
        tare_hooks_begin(options->native);
    else
        forget();
    engine->busy = false;
    tare_memory_own.within--;
    return status;
}

/* What is written meanwhile is so because a block was heard of. */
static void ask_whether_heard(void)
{
    tare_memory.unheard = !tare_hooks_are_heard();
}

void tare_memory_finish(bool last)
{
    if (!tare_memory.active || tare_memory.written || tare_memory.options.output == NULL ||
        !is_own_process())
        return;
    ask_whether_heard();
    enter();
    try_write(true);
    tare_memory.written = last;
    leave();
}

static tare_status write_last(tare_buffer *out, tare_error *err)
{
    if (tare_memory.options.output != NULL)
        return write_file(true, err);
    TARE_TRY(tare_memory_settle(err));
    return tare_file_encode(&tare_memory.profile, out, err);
}

tare_status tare_memory_stop(tare_buffer *out, tare_error *err)
{
    if (!tare_memory.active || tare_memory.busy)
        return tare_fail(err, TARE_USAGE, "stop measuring memory: it is not on");
    ask_whether_heard();
    tare_memory_own.within++;
    tare_memory_lock();
    tare_memory.active = false;
    tare_status status = write_last(out, err);
    tare_memory.written = true;
    forget();
    tare_memory_unlock();
    tare_hooks_end();
    tare_memory_own.within--;
    return status;
}

tare_status tare_memory_snapshot(tare_buffer *out, tare_error *err)
{
    if (!tare_memory.active || tare_memory.busy)
        return tare_fail(err, TARE_USAGE, "look at a measurement: none is on");
    ask_whether_heard();
    enter();
    tare_status status = tare_memory_settle(err);
    if (status == TARE_OK)
        status = tare_file_encode(&tare_memory.profile, out, err);
    leave();
    return status;
}

tare_memory_counters tare_memory_count(void)
{
    const tare_memory_engine *engine = &tare_memory;
    const tare_ledger        *ledger = &engine->ledger;
    enter();
    tare_memory_counters counters = {
        .live_bytes = ledger->live.bytes,
        .live_count = tare_ledger_whole(ledger->live.count),
        .high_bytes = ledger->high_bytes,
        .peak_bytes = ledger->peak.bytes,
        .alloc_bytes = ledger->live.bytes + ledger->freed.bytes,
        .alloc_count = tare_ledger_whole(ledger->live.count + ledger->freed.count),
        .freed_bytes = ledger->freed.bytes,
        .freed_count = tare_ledger_whole(ledger->freed.count),
        .rss_bytes = tare_own_rss_bytes(),
        .lost_count = engine->lost_count,
        .unknown_freed_count = engine->unknown_freed_count,
        .block_count = engine->blocks.count,
        .table_bytes = (uint64_t)engine->blocks.capacity * sizeof(tare_block_slot),
    };
    leave();
    return counters;
}

void tare_memory_reset_peak(void)
{
    enter();
    tare_ledger_reset_peak(&tare_memory.ledger);
    tare_memory.seen_peak_bytes = tare_memory.ledger.peak.bytes;
    leave();
}

void tare_memory_reset_high(void)
{
    tare_ledger *ledger = &tare_memory.ledger;
    enter();
    ledger->high_bytes = ledger->live.bytes;
    leave();
}

/* ---- in a forked child ---- */

/* Only the thread that forked is there. */
static void drop_other_threads(void)
{
    for (tare_memory_thread *thread = tare_memory.threads, *next; thread != NULL; thread = next) {
        next = thread->next;
        if (thread != tare_memory_own.thread)
            unlink_thread(thread);
    }
}

static tare_status begin_child(tare_error *err)
{
    tare_memory_engine  *engine = &tare_memory;
    tare_memory_options *options = &engine->options;
    if (!options->children || options->output == NULL || engine->busy)
        return tare_fail(err, TARE_USAGE, "measure a child: nobody asked for it");
    if (engine->output_size == 0)
        engine->output_size = strlen(options->output);
    options->overwrite = false;
    TARE_TRY(
        tare_output_name_childs(&options->output, engine->output_size, engine->process_id, err));
    engine->truncated_count = engine->lost_count = engine->lost_bytes = 0;
    engine->unknown_freed_count = engine->thread_count = engine->flush_count = 0;
    engine->flush_ns = engine->fork_count = engine->failed_count = engine->peak_time_ns = 0;
    engine->deeper_node = engine->no_gil_node = engine->no_frame_node = 0;
    engine->seen_peak_bytes = engine->look_at_ns = 0;
    engine->written = engine->unheard = false;
    return begin_results(err);
}

void tare_memory_begin_child(void)
{
    if (!tare_memory.active)
        return;
    tare_memory_own.within++;
    begin_lock(); /* nobody else is there */
    tare_memory_lock();
    drop_other_threads();
    tare_memory.process_id = tare_own_process_id();
    forget_results();
    tare_memory.active = begin_child(NULL) == TARE_OK;
    if (!tare_memory.active)
        forget();
    tare_memory_unlock();
    if (!tare_memory.active)
        tare_hooks_end();
    tare_memory_own.within--;
}

void tare_memory_note_fork(void)
{
    tare_memory.fork_count++;
}
