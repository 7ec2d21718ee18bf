/* test_locate.c - this program as the one to be searched: it carries a runtime of its own making.
 *
 * The false runtime has the section, the symbols and the first bytes of a true one, and can be
 * changed at will; where it lies is known. True interpreters are in test_locate.py. */
#define _GNU_SOURCE 1

#include "harness.h"
#include "oom.h"
#include "remote/locate.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096 };

typedef struct false_runtime {
    char     cookie[8];
    uint64_t version;
    char     rest[3 * PAGE_BYTES - 16];
} false_runtime;

/* Names and section are CPython's. */
__attribute__((used, aligned(4096), section(".PyRuntime"))) false_runtime _PyRuntime = {
    .cookie = {'x', 'd', 'e', 'b', 'u', 'g', 'p', 'y'}, .version = 0x030e02f0};
__attribute__((used)) unsigned long Py_Version = 0x030b07f0;

static tare_status locate_with(int pid, tare_runtime *runtime, const tare_alloc *alloc,
                               tare_error *err)
{
    tare_process process;

    TARE_TRY(tare_os_process_open(&process, pid, err));
    const tare_status status = tare_runtime_locate(runtime, &process, alloc, err);
    tare_os_process_close(&process);
    return status;
}

static tare_status locate(int pid, tare_runtime *runtime, tare_error *err)
{
    return locate_with(pid, runtime, tare_alloc_system(), err);
}

static void check_found(uint32_t version_hex, bool has_debug_offsets)
{
    static tare_runtime runtime;
    tare_error          err = {0};
    char                own[TARE_OS_PATH_BYTES] = "";

    CHECK(readlink("/proc/self/exe", own, sizeof own - 1) > 0);
    CHECK_EQ(locate(getpid(), &runtime, &err), TARE_OK);
    CHECK_EQ(runtime.address, (uintptr_t)&_PyRuntime);
    CHECK_EQ(runtime.version_hex, version_hex);
    CHECK_EQ(runtime.has_debug_offsets, has_debug_offsets);
    CHECK(strcmp(runtime.path, own) == 0);
}

/* ---- versions ---- */

TEST(version_of_the_debug_offsets)
{
    check_found(0x030e02f0, true);
}

TEST(version_of_the_constant)
{
    memset(_PyRuntime.cookie, 0, sizeof _PyRuntime.cookie);
    check_found(0x030b07f0, false);
    Py_Version = 0x030cffff;
    check_found(0x030cffff, false);
    memcpy(_PyRuntime.cookie, "xdebugpy", sizeof _PyRuntime.cookie);
    _PyRuntime.version = 0x030c01f0; /* too old to have offsets: chance bytes */
    check_found(0x030cffff, false);
    _PyRuntime.version = 0x030e02f0;
    Py_Version = 0x030b07f0;
}

TEST(version_that_is_none)
{
    static const unsigned long not_ours[] = {0, 0x030a0df0, 0x030d00f0, 0x040000f0, 0x1030b07f0};
    static tare_runtime        runtime;
    tare_error                 err;

    memset(_PyRuntime.cookie, 0, sizeof _PyRuntime.cookie);
    for (size_t i = 0; i < sizeof not_ours / sizeof not_ours[0]; i++) {
        Py_Version = not_ours[i];
        CHECK_EQ(locate(getpid(), &runtime, &err), TARE_UNSUPPORTED);
        CHECK(strstr(err.message, "3.11") != NULL);
        CHECK_EQ(runtime.address, 0);
    }
    memcpy(_PyRuntime.cookie, "xdebugpy", sizeof _PyRuntime.cookie);
    Py_Version = 0x030b07f0;
}

/* ---- places ---- */

TEST(mapping_in_several_pieces)
{
    char *second = (char *)&_PyRuntime + PAGE_BYTES;

    CHECK_EQ(mprotect(second, PAGE_BYTES, PROT_READ), 0);
    check_found(0x030e02f0, true);
    CHECK_EQ(mprotect(second, PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
}

TEST(runtime_in_memory_that_is_not_written_yet)
{
    static tare_runtime runtime;
    tare_error          err;

    CHECK_EQ(mprotect(&_PyRuntime, PAGE_BYTES, PROT_READ), 0);
    CHECK_EQ(locate(getpid(), &runtime, &err), TARE_NOT_READY);
    CHECK(strstr(err.message, "try again") != NULL);
    CHECK_EQ(mprotect(&_PyRuntime, PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
}

/* The same file as mere data, below the program and above it: the wrong distances come first. */
TEST(file_mapped_as_data_too)
{
    const int   fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat info;

    CHECK_EQ(fstat(fd, &info), 0);
    const size_t size = (size_t)info.st_size;
    void *low = mmap((void *)0x10000000, size, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0);
    void *high = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(low == (void *)0x10000000 && high != MAP_FAILED);
    check_found(0x030e02f0, true);
    memset(_PyRuntime.cookie, 0, sizeof _PyRuntime.cookie);
    check_found(0x030b07f0, false);
    memcpy(_PyRuntime.cookie, "xdebugpy", sizeof _PyRuntime.cookie);
    munmap(low, size);
    munmap(high, size);
    close(fd);
}

/* A file called libpython, without ELF in it, with a runtime at 64 bytes into its second page. */
static char *map_false_library(char *folder, char *path, size_t capacity)
{
    static const uint64_t version = 0x030f00a5;
    char                  pages[2 * PAGE_BYTES] = "";

    CHECK(mkdtemp(folder) != NULL && chmod(folder, 0755) == 0);
    snprintf(path, capacity, "%s/libpython3.15.so.1.0", folder);
    const int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    memcpy(pages + PAGE_BYTES + 32, "xdebugpy", 8); /* the cookie alone is not enough */
    memcpy(pages + PAGE_BYTES + 64, "xdebugpy", 8);
    memcpy(pages + PAGE_BYTES + 72, &version, sizeof version);
    CHECK_EQ(write(fd, pages, sizeof pages), (ssize_t)sizeof pages);
    char *at = mmap(NULL, sizeof pages, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    CHECK(at != MAP_FAILED);
    CHECK_EQ(mprotect(at + PAGE_BYTES, PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
    close(fd);
    return at;
}

/* In a child: forgets root's rights, which open deleted files, and searches itself. */
static int locate_without_rights(const char *library)
{
    static tare_runtime runtime;

    if (geteuid() == 0 && (setuid(65534) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0))
        return 1;
    if (locate(getpid(), &runtime, NULL) != TARE_OK)
        return 2;
    if (runtime.address != (uintptr_t)library + PAGE_BYTES + 64)
        return 3;
    return runtime.version_hex == 0x030f00a5 && runtime.has_debug_offsets ? 0 : 4;
}

TEST(library_deleted_while_it_runs)
{
    char  folder[] = "/tmp/tare-test-XXXXXX";
    char  path[64];
    int   status = -1;
    char *library = map_false_library(folder, path, sizeof path);

    for (int deleted = 0; deleted < 2; deleted++) {
        if (deleted)
            unlink(path);
        const int child = fork();
        if (child == 0)
            _exit(locate_without_rights(library));
        CHECK_EQ(waitpid(child, &status, 0), child);
        CHECK_EQ(WEXITSTATUS(status), 0);
    }
    munmap(library, 2 * PAGE_BYTES);
    rmdir(folder);
}

/* ---- what is no Python ---- */

/* `sleep` under another name. */
static int start_renamed(const char *name, char *folder, char *path, size_t capacity)
{
    char  command[256];
    char *argv[] = {path, "1000", NULL};
    int   pid = 0;

    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, capacity, "%s/%s", folder, name);
    snprintf(command, sizeof command, "cp \"$(command -v sleep)\" %s", path);
    CHECK_EQ(system(command), 0);
    CHECK_EQ(tare_os_spawn(argv, &pid, NULL), TARE_OK);
    return pid;
}

static void check_renamed(const char *name, tare_status expected, const char *word)
{
    static tare_runtime runtime;
    char                folder[] = "/tmp/tare-test-XXXXXX";
    char                path[64];
    tare_error          err = {0};
    const int           pid = start_renamed(name, folder, path, sizeof path);

    CHECK_EQ(locate(pid, &runtime, &err), expected);
    CHECK(strstr(err.message, path) != NULL);
    CHECK(strstr(err.message, word) != NULL);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    CHECK_EQ(locate(pid, &runtime, &err), TARE_GONE);
    unlink(path);
    rmdir(folder);
}

TEST(other_programs)
{
    check_renamed("nap", TARE_NOT_PYTHON, "no Python in it");
    check_renamed("pypy3.10", TARE_NOT_PYTHON, "PyPy");
    check_renamed("python3.13", TARE_NOT_READY, "not loaded it yet");
}

TEST(process_that_ended_meanwhile)
{
    static tare_runtime runtime;
    tare_process        process;
    tare_error          err;
    const int           pid = fork();

    while (pid == 0)
        pause();
    CHECK_EQ(tare_os_process_open(&process, pid, NULL), TARE_OK);
    kill(pid, SIGKILL);
    CHECK_EQ(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT), 0);
    CHECK_EQ(tare_runtime_locate(&runtime, &process, tare_alloc_system(), &err), TARE_GONE);
    CHECK_EQ(waitpid(pid, NULL, 0), pid);
    CHECK_EQ(tare_runtime_locate(&runtime, &process, tare_alloc_system(), &err), TARE_GONE);
    CHECK_EQ(runtime.address, 0);
    tare_os_process_close(&process);
}

/* ---- memory ---- */

TEST(without_memory)
{
    static tare_runtime runtime;
    tare_error          err;
    oom                 memory;
    tare_status         status = TARE_NO_MEMORY;
    size_t              fail_at = 0;

    while (status == TARE_NO_MEMORY) {
        runtime.address = 1;
        oom_init(&memory, ++fail_at);
        status = locate_with(getpid(), &runtime, &memory.alloc, &err);
        CHECK_EQ(memory.outstanding, 0);
        CHECK(status == TARE_OK || runtime.address == 0);
        CHECK(status == TARE_OK || err.status == TARE_NO_MEMORY);
    }
    CHECK_EQ(status, TARE_OK);
    CHECK_EQ(runtime.address, (uintptr_t)&_PyRuntime);
    CHECK(fail_at > 4); /* pieces, files, paths, a buffer, and then it passed */
}
