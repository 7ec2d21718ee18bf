/* test_naming.c - what processes are called, by their own word. */
#include "harness.h"

#include "sampler/naming.h"

#include <string.h>

static bool is_called(const char *executable, const char *command, size_t size,
                      const char *expected)
{
    char name[TARE_OS_NAME_BYTES];
    tare_name_program(executable, command, size, name);
    if (strcmp(name, expected) != 0)
        printf("    '%s', not '%s'\n", name, expected);
    return strcmp(name, expected) == 0;
}

#define IS_CALLED(executable, command, expected) \
    CHECK(is_called(executable, command, sizeof command - 1, expected))

#define PYTHON "/usr/bin/python3.11"

TEST(scripts_and_modules)
{
    IS_CALLED(PYTHON,
              "python\0lib/worker.py\0"
              "7",
              "worker.py");
    IS_CALLED(PYTHON, "python\0worker.py\0-m\0other", "worker.py");
    IS_CALLED(PYTHON,
              "python\0-m\0http.server\0"
              "8000",
              "http.server");
    IS_CALLED(PYTHON, "python\0app/", "app");
}

TEST(options_before_them)
{
    IS_CALLED(PYTHON, "python\0-u\0-X\0dev\0-W\0error\0w.py", "w.py");
    IS_CALLED(PYTHON, "python\0-Xdev\0-Werror\0-OO\0w.py", "w.py");
    IS_CALLED(PYTHON, "python\0-Im\0pkg.tool\0x.py", "pkg.tool");
    IS_CALLED(PYTHON, "python\0-mpkg", "pkg");
    IS_CALLED(PYTHON, "python\0--check-hash-based-pycs\0never\0w.py", "w.py");
}

TEST(neither)
{
    IS_CALLED(PYTHON, "python\0-c\0import x\0w.py", "python3.11");
    IS_CALLED(PYTHON, "python\0-Ec\0import x", "python3.11");
    IS_CALLED(PYTHON, "python\0-\0w.py", "python3.11");
    IS_CALLED(PYTHON, "python", "python3.11");
    IS_CALLED(PYTHON, "", "python3.11");
    IS_CALLED(PYTHON, "python\0-m", "python3.11");
    IS_CALLED(PYTHON, "python\0-m\0", "python3.11");
    IS_CALLED(PYTHON, "python\0/", "python3.11");
    IS_CALLED(PYTHON, "python\0-W", "python3.11");
    IS_CALLED(PYTHON, "python\0\0w.py", "python3.11");
    IS_CALLED(PYTHON, "a title of its own", "python3.11");
}

TEST(other_programs)
{
    IS_CALLED("/usr/sbin/uwsgi", "uwsgi\0app.py", "uwsgi");
    IS_CALLED("", "python\0w.py", "?");
}

TEST(long_names_are_cut_between_characters)
{
    char command[7 + 100 + 1] = "python";
    char name[TARE_OS_NAME_BYTES];
    for (size_t i = 7; i < sizeof command - 1; i += 2)
        memcpy(command + i, "\xc3\xa9", 2);
    tare_name_program(PYTHON, command, sizeof command - 1, name);
    CHECK_EQ(strlen(name), TARE_OS_NAME_BYTES - 2);
    CHECK_EQ((unsigned char)name[TARE_OS_NAME_BYTES - 3], 0xa9);
}
