/* harness.h - what tests are written in: TEST(name) { CHECK(truth); CHECK_EQ(integer, integer); }
 *
 * Tests run in the order of the file; one that failed a check goes on. CHECK_EQ has 0 | x so
 * that a double, which would be cut, does not compile. */
#ifndef TARE_TESTS_HARNESS_H
#define TARE_TESTS_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct harness_test {
    const char          *name;
    struct harness_test *next;
    void (*run)(void);
} harness_test;

static harness_test  *harness_first;
static harness_test **harness_last = &harness_first;
static bool           harness_failed; /* a check of the running test */

#define TEST(name)                                                    \
    static void name(void);                                           \
                                                                      \
    __attribute__((constructor)) static void harness_add_##name(void) \
    {                                                                 \
        static harness_test test = {#name, NULL, name};               \
        harness_last = &(*harness_last = &test)->next;                \
    }                                                                 \
    static void name(void)

static inline bool harness_check(bool holds, const char *file, int line, const char *text)
{
    harness_failed = harness_failed || !holds;
    return holds || printf("%s:%d: %s\n", file, line, text) < 0;
}

#define CHECK(condition) harness_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_EQ(a, b)                                                         \
    do {                                                                       \
        long long left_ = (long long)(0 | (a)), right_ = (long long)(0 | (b)); \
        if (!harness_check(left_ == right_, __FILE__, __LINE__, #a " == " #b)) \
            printf("    %lld and %lld\n", left_, right_);                      \
    } while (0)

int main(void)
{
    int counts[2] = {0, 0};
    for (const harness_test *test = harness_first; test != NULL; test = test->next) {
        harness_failed = false;
        test->run();
        if (harness_failed)
            printf("FAILED %s\n", test->name);
        counts[harness_failed]++;
    }
    printf("%d passed, %d failed\n", counts[0], counts[1]);
    return counts[1] > 0;
}

#endif
