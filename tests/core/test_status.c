/* test_status.c - errors: their names, their one line, and the system's reasons. */
#include "harness.h"

#include "base/status.h"

#include <errno.h>
#include <string.h>

TEST(statuses_have_names_and_texts)
{
    CHECK_EQ(TARE_OK, 0);
    CHECK(strcmp(tare_status_name(TARE_OK), "OK") == 0);
    CHECK(strcmp(tare_status_text(TARE_OK), "ok") == 0);
    CHECK(strcmp(tare_status_name(TARE_INCOMPATIBLE), "INCOMPATIBLE") == 0);
    CHECK(strcmp(tare_status_text(TARE_TORN), "changed while it was read") == 0);
    CHECK(strcmp(tare_status_name(TARE_STATUS_COUNT), "?") == 0);
    CHECK(strcmp(tare_status_text((tare_status)-1), "?") == 0);
}

TEST(failure_fills_the_error_and_is_returned)
{
    tare_error err = {.os_errno = 77};
    CHECK_EQ(tare_fail(&err, TARE_CORRUPT, "read %s: byte %d", "x.tare", 9), TARE_CORRUPT);
    CHECK_EQ(err.status, TARE_CORRUPT);
    CHECK_EQ(err.os_errno, 0);
    CHECK(strcmp(err.message, "read x.tare: byte 9") == 0);
}

TEST(nobody_has_to_want_the_words)
{
    CHECK_EQ(tare_fail(NULL, TARE_LIMIT, "%s", "unread"), TARE_LIMIT);
    CHECK_EQ(tare_fail_os(NULL, EPERM, "%s", "unread"), TARE_PERMISSION);
}

TEST(message_stays_one_line_whatever_is_quoted)
{
    tare_error err;
    tare_fail(&err, TARE_USAGE, "open %s", "a\nb\x1b[31m\x7f\t\xc3\xa9");
    CHECK(strcmp(err.message, "open a?b?[31m??\xc3\xa9") == 0);
}

TEST(message_is_cut_to_its_storage)
{
    tare_error err;
    char       long_name[2 * TARE_ERROR_MESSAGE_BYTES];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    tare_fail(&err, TARE_USAGE, "%s", long_name);
    CHECK_EQ(strlen(err.message), TARE_ERROR_MESSAGE_BYTES - 1);
    tare_fail_os(&err, ENOENT, "%s", long_name);
    CHECK_EQ(strlen(err.message), TARE_ERROR_MESSAGE_BYTES - 1);
    CHECK_EQ(err.status, TARE_NOT_FOUND);
}

TEST(error_can_quote_the_one_it_replaces)
{
    tare_error err;
    tare_fail(&err, TARE_TORN, "inner");
    tare_fail(&err, TARE_CORRUPT, "outer: %s", err.message);
    CHECK(strcmp(err.message, "outer: inner") == 0);
}

TEST(system_reasons_become_statuses)
{
    static const struct {
        int         os_errno;
        tare_status status;
    } rows[] = {
        {EPERM, TARE_PERMISSION}, {EACCES, TARE_PERMISSION}, {ESRCH, TARE_GONE},
        {ENOENT, TARE_NOT_FOUND}, {ENOMEM, TARE_NO_MEMORY},  {EIO, TARE_SYSTEM},
        {ENOSPC, TARE_SYSTEM},    {EINVAL, TARE_SYSTEM},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_error err;
        CHECK_EQ(tare_fail_os(&err, rows[i].os_errno, "try"), rows[i].status);
        CHECK_EQ(err.status, rows[i].status);
        CHECK_EQ(err.os_errno, rows[i].os_errno);
        CHECK(strncmp(err.message, "try: ", 5) == 0);
        CHECK(strcmp(err.message + 5, strerror(rows[i].os_errno)) == 0);
    }
}

static tare_status stop_at_failure(tare_status first, int *reached)
{
    TARE_TRY(first);
    *reached = 1;
    return TARE_OK;
}

TEST(try_returns_the_first_failure)
{
    int reached = 0;
    CHECK_EQ(stop_at_failure(TARE_GONE, &reached), TARE_GONE);
    CHECK_EQ(reached, 0);
    CHECK_EQ(stop_at_failure(TARE_OK, &reached), TARE_OK);
    CHECK_EQ(reached, 1);
}
