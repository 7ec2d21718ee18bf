/* test_python.c - interpreters, threads and locks of a made-up process; and this program, which
 * carries a false runtime, as the one that is opened. */
#include "harness.h"
#include "made_target.h"
#include "oom.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint64_t TICK_NS = 1000000;

/* Names and section are CPython's; without a cookie the version is that of the constant. */
__attribute__((used, aligned(4096), section(".PyRuntime"))) uint8_t _PyRuntime[8192] = {1};
__attribute__((used)) unsigned long                                 Py_Version = 0x030b07f0;

static void add_thread(made_target *target, uint64_t tid)
{
    made_thread(&target->made, tid);
    made_chunk(&target->made, MADE_CHUNK_BYTES);
}

static tare_raddr threads_head(const made_target *target)
{
    return target->made.interpreter + target->made.memory.layout.interpreter.threads_head;
}

/* An interpreter behind the first; the threads made from now on are its own. */
static void add_interpreter(made_target *target)
{
    made_memory       *memory = &target->made.memory;
    const tare_layout *layout = &memory->layout;
    tare_raddr         next = made_room(memory, MADE_STATE_BYTES);
    made_word(memory, target->made.interpreter + layout->interpreter.next, next);
    if (layout->interpreter.gil_pointer != TARE_LAYOUT_ABSENT)
        made_word(memory, next + layout->interpreter.gil_pointer,
                  made_room(memory, TARE_GIL_LOCKED + 8));
    target->made.interpreter = next;
}

/* ---- lists ---- */

TEST(threads_of_all_interpreters)
{
    for (size_t i = 0; i < known_layout_count; i++) {
        made_target *target = made_target_new(&known_layouts[i], tare_alloc_system());
        tare_python *python = &target->python;
        add_thread(target, 41);
        add_thread(target, 42);
        add_interpreter(target);
        add_thread(target, 43);
        CHECK_EQ(tare_python_refresh(python, NULL), TARE_OK);
        CHECK(!python->stale);
        CHECK_EQ(python->interpreter_count, 2);
        CHECK_EQ(python->thread_count, 3);
        CHECK_EQ(python->threads[0]->tid, 42); /* new ones are put in front */
        CHECK_EQ(python->threads[1]->tid, 41);
        CHECK_EQ(python->threads[2]->tid, 43);
        CHECK_EQ(python->threads[2]->interpreter, 1);
        CHECK_EQ(python->interpreters[0].thread_count, 2);
        CHECK_EQ(python->interpreters[1].first_thread, 2);
        bool shared = python->interpreters[0].gil == python->interpreters[1].gil;
        bool own = python->layout.interpreter.gil_pointer != TARE_LAYOUT_ABSENT;
        CHECK(shared != own);
        made_target_free(target);
    }
}

TEST(threads_that_go_on_keep_their_storage)
{
    made_target *target = made_target_new(&known_layouts[0], tare_alloc_system());
    tare_python *python = &target->python;
    add_thread(target, 41);
    tare_raddr first = target->made.thread;
    CHECK_EQ(tare_python_refresh(python, NULL), TARE_OK);
    const tare_python_thread *kept = python->threads[0];
    add_thread(target, 42);
    CHECK_EQ(tare_python_refresh(python, NULL), TARE_OK);
    CHECK_EQ(python->thread_count, 2);
    CHECK(python->threads[1] == kept);
    made_word(&target->made.memory, threads_head(target), first);
    CHECK_EQ(tare_python_refresh(python, NULL), TARE_OK);
    CHECK_EQ(python->thread_count, 1);
    CHECK(python->threads[0] == kept);
    made_target_free(target);
}

TEST(threads_without_a_number_are_counted)
{
    made_target *target = made_target_new(&known_layouts[0], tare_alloc_system());
    add_thread(target, 41);
    add_thread(target, 0);
    CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_OK);
    CHECK_EQ(target->python.unready_count, 1);
    CHECK_EQ(target->python.thread_count, 2);
    made_target_free(target);
}

TEST(no_interpreter_and_no_thread_is_not_ready)
{
    made_target *target = made_target_new(&known_layouts[0], tare_alloc_system());
    CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_NOT_READY);
    made_word(&target->made.memory,
              target->made.runtime + target->python.layout.runtime.interpreters_head, 0);
    CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_NOT_READY);
    CHECK_EQ(target->python.interpreter_count, 0);
    made_target_free(target);
}

/* Foreign lists: they may lead back to themselves, or out of the memory. */
TEST(lists_without_an_end)
{
    made_target       *target = made_target_new(&known_layouts[0], tare_alloc_system());
    made_memory       *memory = &target->made.memory;
    const tare_layout *layout = &target->python.layout;
    add_thread(target, 41);
    made_word(memory, target->made.thread + layout->thread.next, target->made.thread);
    CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_TORN);
    CHECK(target->python.stale);
    made_word(memory, target->made.thread + layout->thread.next, MADE_BASE + MADE_BYTES);
    CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_TORN);
    made_word(memory, target->made.thread + layout->thread.next, 0);
    made_word(memory, target->made.interpreter + layout->interpreter.next,
              target->made.interpreter);
    CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_TORN);
    CHECK(target->python.interpreter_count <= TARE_PYTHON_MAX_INTERPRETERS);
    made_word(memory, target->made.interpreter + layout->interpreter.next, 0);
    CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_OK);
    CHECK_EQ(target->python.thread_count, 1);
    made_target_free(target);
}

/* ---- what a sample notices ---- */

static tare_status sample(made_target *target, uint64_t tick)
{
    tare_stack_proof proof;
    return tare_python_sample(&target->python, 0, tick * TICK_NS, &proof, NULL);
}

TEST(a_sample_notices_that_a_list_has_changed)
{
    for (size_t i = 0; i < known_layout_count; i++) {
        made_target *target = made_target_new(&known_layouts[i], tare_alloc_system());
        add_thread(target, 41);
        CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_OK);
        CHECK_EQ(sample(target, 1), TARE_OK);
        CHECK(!target->python.stale);
        add_thread(target, 42);
        CHECK_EQ(sample(target, 2), TARE_OK);
        CHECK(target->python.stale);
        made_target_free(target);
    }
}

TEST(who_holds_the_lock)
{
    for (size_t i = 0; i < known_layout_count; i++) {
        made_target *target = made_target_new(&known_layouts[i], tare_alloc_system());
        made_memory *memory = &target->made.memory;
        tare_python *python = &target->python;
        add_thread(target, 41);
        CHECK_EQ(tare_python_refresh(python, NULL), TARE_OK);
        const tare_python_thread *thread = python->threads[0];
        tare_raddr                gil = python->interpreters[0].gil;
        CHECK_EQ(gil, target->made.gil);
        made_word(memory, gil + TARE_GIL_HOLDER, thread->stack.state);
        made_half(memory, gil + TARE_GIL_LOCKED, 1);
        CHECK_EQ(sample(target, 1), TARE_OK);
        CHECK(tare_python_holds_gil(python, thread));
        made_half(memory, gil + TARE_GIL_LOCKED, 0); /* had it last, and let it go */
        CHECK_EQ(sample(target, 2), TARE_OK);
        CHECK(!tare_python_holds_gil(python, thread));
        CHECK(tare_python_is_gil(python, thread, gil + TARE_GIL_BYTES - 1));
        CHECK(!tare_python_is_gil(python, thread, gil + TARE_GIL_BYTES));
        CHECK(!tare_python_is_gil(python, thread, gil - 1));
        made_target_free(target);
    }
}

/* It is in the list before it has its lock: its threads can be read all the same. */
TEST(an_interpreter_without_a_lock_yet)
{
    for (size_t i = 0; i < known_layout_count; i++) {
        made_target *target = made_target_new(&known_layouts[i], tare_alloc_system());
        made_memory *memory = &target->made.memory;
        tare_python *python = &target->python;
        uint32_t     pointer = memory->layout.interpreter.gil_pointer;
        if (pointer != TARE_LAYOUT_ABSENT) {
            add_thread(target, 41);
            made_word(memory, target->made.interpreter + pointer, 0);
            CHECK_EQ(tare_python_refresh(python, NULL), TARE_OK);
            CHECK_EQ(python->unready_count, 1);
            CHECK_EQ(sample(target, 1), TARE_OK);
            CHECK(tare_python_is_same_thread(python->threads[0]));
            CHECK(!tare_python_holds_gil(python, python->threads[0]));
            made_word(memory, target->made.interpreter + pointer, target->made.gil);
            CHECK_EQ(tare_python_refresh(python, NULL), TARE_OK);
            CHECK_EQ(python->unready_count, 0);
            CHECK_EQ(python->interpreters[0].gil, target->made.gil);
        }
        made_target_free(target);
    }
}

/* ---- memory ---- */

TEST(lists_without_memory)
{
    tare_status status = TARE_NO_MEMORY;
    size_t      fail_at = 0;
    while (status == TARE_NO_MEMORY) {
        oom memory;
        oom_init(&memory, ++fail_at);
        made_target *target = made_target_new(&known_layouts[0], &memory.alloc);
        add_thread(target, 41);
        add_thread(target, 42);
        status = tare_python_refresh(&target->python, NULL);
        if (status == TARE_NO_MEMORY) {
            CHECK(target->python.stale);
            CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_OK);
        }
        CHECK_EQ(target->python.thread_count, 2);
        made_target_free(target);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
    CHECK(fail_at > 3);
}

static tare_status open_self(tare_python *python, tare_profile *profile, const tare_alloc *alloc)
{
    tare_process process;
    CHECK_EQ(tare_os_process_open(&process, getpid(), NULL), TARE_OK);
    tare_status status = tare_python_open(python, &process, profile, alloc, NULL);
    tare_os_process_close(&process);
    return status;
}

TEST(open)
{
    static tare_python python;
    tare_profile       profile;
    CHECK_EQ(tare_profile_init(&profile, tare_alloc_system(), NULL), TARE_OK);
    CHECK_EQ(open_self(&python, &profile, tare_alloc_system()), TARE_OK);
    CHECK_EQ(python.runtime.address, (uintptr_t)_PyRuntime);
    CHECK_EQ(python.layout.minor, 11);
    CHECK(python.stale);
    tare_python_close(&python);
    tare_python_close(&python);
    tare_profile_deinit(&profile);
}

TEST(open_without_memory)
{
    static tare_python python;
    tare_profile       profile;
    tare_status        status = TARE_NO_MEMORY;
    size_t             fail_at = 0;
    CHECK_EQ(tare_profile_init(&profile, tare_alloc_system(), NULL), TARE_OK);
    while (status == TARE_NO_MEMORY) {
        oom memory;
        oom_init(&memory, ++fail_at);
        status = open_self(&python, &profile, &memory.alloc);
        tare_python_close(&python);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
    CHECK(fail_at > 4);
    tare_profile_deinit(&profile);
}
