/* agent.c - begins a measurement inside an interpreter that knows nothing of it.
 *
 *     ld.so    loads this first (LD_PRELOAD), then libpython and the rest
 *     agent    __libc_start_main: takes its variables out of the environment, loads the
 *              extension, and passes on the extension's main() instead of the program's
 *     libc     __libc_start_main: as always
 *
 * The interpreter's arguments, environment, modules and files are then those of a plain run:
 * nothing is there that could be seen from Python, and children do not inherit it. A program that
 * is no Python (a shell script that will start one) is left alone, environment and all.
 *
 * _exit, execve and execv end a program without telling anybody: the extension is told here. In a
 * child of vfork, which shares our memory, it knows that this is another process and not its own.
 * Left out: what ends in a signal. The extension writes from time to time. */
#define _GNU_SOURCE 1

#include "common/agent.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

typedef int (*main_function)(int argc, char **argv, char **environment);
typedef int (*start_function)(main_function run, int argc, char **argv, void (*begin)(void),
                              void (*end)(void), void (*loader_end)(void), void *stack_end);

EXPORTED int  __libc_start_main(main_function run, int argc, char **argv, void (*begin)(void),
                                void (*end)(void), void (*loader_end)(void), void *stack_end);
EXPORTED void _exit(int code);
EXPORTED void _Exit(int code);
EXPORTED int  execve(const char *path, char *const argv[], char *const environment[]);
EXPORTED int  execv(const char *path, char *const argv[]);

static const tare_agent_entry_points *entry;

static int run_measured(int argc, char **argv, char **environment)
{
    (void)environment;
    return entry->run(argc, argv);
}

/* The variables that made the loader load this. */
static void clean_environment(void)
{
    const char *before = getenv("TARE_AGENT_PRELOAD");
    if (before != NULL)
        setenv("LD_PRELOAD", before, 1);
    else
        unsetenv("LD_PRELOAD");
    unsetenv("TARE_AGENT_PRELOAD");
    unsetenv("TARE_AGENT");
}

static void find_extension(void)
{
    const char *path = getenv("TARE_AGENT");
    if (path == NULL || dlsym(RTLD_DEFAULT, "Py_RunMain") == NULL)
        return;
    void *extension = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (extension != NULL)
        entry = dlsym(extension, TARE_AGENT_SYMBOL);
    clean_environment();
}

int __libc_start_main(main_function run, int argc, char                **argv, void (*begin)(void),
                      void (*end)(void), void (*loader_end)(void), void *stack_end)
{
    start_function start = (start_function)dlsym(RTLD_NEXT, "__libc_start_main");
    find_extension();
    return start(entry != NULL ? run_measured : run, argc, argv, begin, end, loader_end, stack_end);
}

static void leave(int last)
{
    if (entry != NULL)
        entry->leave(last);
}

void _exit(int code)
{
    leave(1);
    for (;;)
        syscall(SYS_exit_group, code);
}

void _Exit(int code)
{
    _exit(code);
}

int execve(const char *path, char *const argv[], char *const environment[])
{
    leave(0);
    return (int)syscall(SYS_execve, path, argv, environment);
}

int execv(const char *path, char *const argv[])
{
    return execve(path, argv, environ);
}
