/* test_own.c - what a thread is told about itself, and calls on a second stack. */
#define _GNU_SOURCE 1

#include "harness.h"

#include "os/own.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int ended_count;

static void count_end(void *value)
{
    ended_count += *(int *)value;
}

static tare_own_key key;

static void *set_and_end(void *value)
{
    if (value != NULL)
        tare_own_key_set(&key, value);
    return NULL;
}

static void run_thread(void *value)
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, set_and_end, value), 0);
    pthread_join(thread, NULL);
}

TEST(the_main_thread_is_the_process)
{
    CHECK_EQ(tare_own_process_id(), getpid());
    CHECK_EQ(tare_own_thread_id(), tare_own_process_id());
}

TEST(threads_that_set_a_key_tell_of_their_end)
{
    int seven = 7;
    tare_own_key_set(&key, &seven); /* not made yet: nothing happens */
    CHECK_EQ(tare_own_key_make(&key, count_end, NULL), TARE_OK);
    run_thread(&seven);
    CHECK_EQ(ended_count, 7);
    run_thread(NULL);
    CHECK_EQ(ended_count, 7);
}

TEST(the_stack_is_below_us)
{
    char      here;
    uintptr_t low = tare_own_stack_low();
    CHECK(low != 0 && low < (uintptr_t)&here);
}

typedef struct walk {
    int       depth;
    uintptr_t lowest;
} walk;

static void descend(void *context)
{
    volatile char room[1000];
    walk         *w = context;
    room[0] = 1;
    if ((uintptr_t)&room < w->lowest)
        w->lowest = (uintptr_t)&room;
    if (--w->depth > 0)
        descend(w);
    room[999] = room[0];
}

TEST(calls_go_on_on_a_second_stack)
{
    enum { STACK_BYTES = 8 << 20, DEPTH = 5000 };
    tare_own_stack stack = {0};
    walk           w = {.depth = DEPTH, .lowest = UINTPTR_MAX};
    CHECK_EQ(tare_own_stack_open(&stack, STACK_BYTES, NULL), TARE_OK);
    tare_own_stack_run(&stack, descend, &w);
    CHECK_EQ(w.depth, 0);
    CHECK(w.lowest >= (uintptr_t)stack.low && w.lowest < (uintptr_t)stack.low + STACK_BYTES);
    tare_own_stack_close(&stack);
    CHECK(stack.low == NULL);
    tare_own_stack_close(&stack);
}

static int before_count, after_count;

static void count_before(void)
{
    before_count++;
}

static void count_after(void)
{
    after_count++;
}

TEST(forks_are_told_of)
{
    int child;
    CHECK_EQ(tare_own_at_fork(count_before, count_after, NULL), TARE_OK);
    child = fork();
    if (child == 0)
        _exit(before_count == 1 && after_count == 1 ? 7 : 8);
    int code = 0;
    CHECK_EQ(waitpid(child, &code, 0), child);
    CHECK_EQ(WEXITSTATUS(code), 7);
    CHECK_EQ(before_count, 1);
    CHECK_EQ(after_count, 1);
}

TEST(a_barrier_returns)
{
    if (tare_own_offer_barrier())
        tare_own_barrier();
    CHECK(tare_own_offer_barrier() == tare_own_offer_barrier());
}

TEST(symbols_are_found_by_name)
{
    CHECK(tare_own_symbol("getpid") != NULL);
    CHECK(tare_own_symbol("no_such_symbol_in_any_library") == NULL);
}

TEST(memory_in_use_is_known)
{
    enum { BYTES = 64 << 20, PAGE = 4096 };
    uint64_t       before_bytes = tare_own_rss_bytes();
    tare_own_stack memory = {0};
    CHECK_EQ(tare_own_stack_open(&memory, BYTES + (1 << 20), NULL), TARE_OK);
    volatile char *bytes = (char *)memory.low + (1 << 20);
    for (int i = 0; i < BYTES; i += PAGE)
        bytes[i] = 1;
    CHECK(before_bytes > 0 && tare_own_rss_bytes() >= before_bytes + BYTES / 10 * 9);
    tare_own_stack_close(&memory);
    tare_own_yield();
}

TEST(a_stack_that_cannot_be_is_an_error)
{
    tare_own_stack stack = {0};
    tare_error     err;
    CHECK(tare_own_stack_open(&stack, SIZE_MAX / 2, &err) != TARE_OK);
    CHECK(stack.low == NULL);
}

typedef struct image_search {
    uintptr_t sought;
    uint32_t  part_count;
    bool      found;
} image_search;

static bool search_part(void *context, uintptr_t start, uintptr_t end, const char *path)
{
    image_search *search = context;
    CHECK(start <= end && path != NULL);
    search->part_count++;
    search->found |= start <= search->sought && search->sought < end;
    return true;
}

static bool stop_at_once(void *context, uintptr_t start, uintptr_t end, const char *path)
{
    uint32_t *count = context;
    (void)start, (void)end, (void)path;
    ++*count;
    return false;
}

TEST(images_have_what_was_there_from_the_start)
{
    static int   constant;
    int          local = 0;
    uint32_t     count = 0;
    image_search searches[] = {
        {.sought = (uintptr_t)&constant},
        {.sought = (uintptr_t)&tare_own_each_image_part},
        {.sought = (uintptr_t)&memcpy},
        {.sought = (uintptr_t)&local},
    };
    for (size_t i = 0; i < 4; i++) {
        CHECK(tare_own_each_image_part(search_part, &searches[i]));
        CHECK_EQ(searches[i].found, i < 3);
        CHECK(searches[i].part_count > 3);
    }
    CHECK(!tare_own_each_image_part(stop_at_once, &count));
    CHECK_EQ(count, 1);
}

TEST(a_shared_file_is_seen_by_others_and_short_ones_are_refused)
{
    char       path[] = "/tmp/tare-own-XXXXXX";
    void      *first = NULL, *second = NULL;
    tare_error err = {0};
    int        descriptor = mkstemp(path);
    CHECK(descriptor >= 0 && ftruncate(descriptor, 4096) == 0);
    close(descriptor);
    CHECK_EQ(tare_own_share_file(path, 4096, &first, NULL), TARE_OK);
    CHECK_EQ(tare_own_share_file(path, 4096, &second, NULL), TARE_OK);
    *(uint64_t *)first = 7;
    CHECK_EQ(*(uint64_t *)second, 7);
    CHECK_EQ(tare_own_share_file(path, 4097, &second, &err), TARE_CORRUPT);
    unlink(path);
    CHECK_EQ(tare_own_share_file(path, 4096, &second, &err), TARE_NOT_FOUND);
}

/* How long cannot be known, but it never gets less. */
TEST(standing_in_line_adds_up)
{
    uint64_t before_ns = tare_own_line_ns();
    tare_own_yield();
    CHECK(tare_own_line_ns() >= before_ns);
}
