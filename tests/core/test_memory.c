/* test_memory.c - reading another process's memory: all or TORN, and every call is counted. */
#include "harness.h"

#include "remote/memory.h"

#include <string.h>
#include <unistd.h>

typedef struct made_up {
    tare_status status;
    size_t      done_bytes;
    size_t      read_count; /* pieces of the last call */
} made_up;

static tare_status answer(void *context, const tare_read *reads, size_t read_count,
                          size_t *done_bytes_out, tare_error *err)
{
    made_up *made = context;
    (void)reads;
    made->read_count = read_count;
    *done_bytes_out = made->done_bytes;
    return made->status == TARE_OK ? TARE_OK : tare_fail(err, made->status, "as the test wants");
}

static const tare_read two_pieces[] = {{.address = 16, .size_bytes = 8},
                                       {.address = 64, .size_bytes = 4}};

TEST(all_pieces_or_torn)
{
    made_up     made = {.done_bytes = 12};
    tare_memory memory = {.read = answer, .context = &made};
    tare_error  err;
    CHECK_EQ(tare_memory_read_all(&memory, two_pieces, 2, &err), TARE_OK);
    CHECK_EQ(made.read_count, 2);
    made.done_bytes = 11;
    CHECK_EQ(tare_memory_read_all(&memory, two_pieces, 2, &err), TARE_TORN);
    CHECK(strstr(err.message, "12 bytes") != NULL && strstr(err.message, "11") != NULL);
    made.done_bytes = 0;
    CHECK_EQ(tare_memory_read_all(&memory, two_pieces, 0, NULL), TARE_OK);
}

TEST(what_the_system_says_is_passed_on)
{
    static const tare_status answers[] = {TARE_GONE, TARE_PERMISSION, TARE_SYSTEM};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        made_up     made = {.status = answers[i]};
        tare_memory memory = {.read = answer, .context = &made};
        CHECK_EQ(tare_memory_read_all(&memory, two_pieces, 2, NULL), answers[i]);
    }
}

TEST(calls_and_bytes_are_counted_whatever_comes_of_them)
{
    made_up     made = {.done_bytes = 12};
    tare_memory memory = {.read = answer, .context = &made};
    uint64_t    word = 0;
    CHECK_EQ(tare_memory_read_all(&memory, two_pieces, 2, NULL), TARE_OK);
    CHECK_EQ(tare_memory_read(&memory, 8, &word, sizeof word, NULL), TARE_TORN);
    CHECK_EQ(made.read_count, 1);
    CHECK_EQ(memory.read_count, 2);
    CHECK_EQ(memory.read_bytes, 20);
}

TEST(memory_of_a_process)
{
    static const char here[] = "something to be read";
    char              copy[sizeof here] = "";
    tare_process      process;
    CHECK_EQ(tare_os_process_open(&process, getpid(), NULL), TARE_OK);
    tare_memory memory = tare_memory_of(&process);
    CHECK_EQ(tare_memory_read(&memory, (uintptr_t)here, copy, sizeof copy, NULL), TARE_OK);
    CHECK(strcmp(copy, here) == 0);
    CHECK_EQ(tare_memory_read(&memory, 16, copy, sizeof copy, NULL), TARE_TORN);
    CHECK(memory.hold != NULL && memory.holder == NULL);
    tare_os_process_close(&process);
}
