/* entry.c - the target's main(), with a measurement in it.
 *
 *     main --> initialise --> start --> Py_RunMain --> finalise --> write --> exit code
 *
 * What main() does here is what Py_BytesMain does, in the same order and from the same
 * arguments, so that sys.argv, sys.orig_argv, sys.path and __main__ come out the same. The
 * measurement begins when the interpreter is up and before any code of the program's; it ends
 * when there is no interpreter any more, so that what runs in atexit and in finalisers is in it.
 *
 * An interpreter of another version than this was compiled for runs as if we were not there, and
 * leaves no file: tare says why. */
#include "trace/engine.h"

#include "common/agent.h"

#include <stdlib.h>
#include <string.h>

/* Takes a variable out of the environment: the program is not to see it. */
static char *take_variable(const char *name)
{
    const char *text = getenv(name);
    void       *copy = NULL;
    if (text == NULL)
        return NULL;
    size_t size = strlen(text) + 1;
    if (tare_acquire(tare_alloc_system(), &copy, size, 1, NULL) == TARE_OK)
        memcpy(copy, text, size);
    unsetenv(name);
    return copy;
}

static bool take_flag(const char *name)
{
    const char *text = getenv(name);
    bool        set = text != NULL && strcmp(text, "1") == 0;
    unsetenv(name);
    return set;
}

static tare_trace_options take_options(void)
{
    return (tare_trace_options){
        .output = take_variable("TARE_AGENT_OUTPUT"),
        .command = take_variable("TARE_AGENT_COMMAND"),
        .mode = "run",
        .overwrite = take_flag("TARE_AGENT_OVERWRITE"),
        .builtins = take_flag("TARE_AGENT_BUILTINS"),
        .classes = true,
        .cpu_clock = take_flag("TARE_AGENT_CPU_CLOCK"),
        .durations = take_flag("TARE_AGENT_DURATIONS"),
        .lines = getenv("TARE_AGENT_LINES") != NULL,
        .selection = take_variable("TARE_AGENT_LINES"),
        .children = take_flag("TARE_AGENT_CHILDREN"),
    };
}

static void finish(void)
{
    tare_trace_finish(true);
}

static void leave(int last)
{
    tare_trace_finish(last != 0);
}

static int run(int argc, char **argv)
{
    tare_trace_options options = take_options();
    PyConfig           config;
    if (options.output == NULL || Py_Version >> 16 != TARE_COMPILED_FOR)
        return Py_BytesMain(argc, argv);
    PyConfig_InitPythonConfig(&config);
    PyStatus status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_IsExit(status))
        return status.exitcode;
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
    if (tare_trace_start(&options, NULL) == TARE_OK) {
        Py_AtExit(finish);
        atexit(finish);
    }
    return Py_RunMain();
}

extern const tare_agent_entry_points tare_agent_entry;

__attribute__((visibility("default"))) const tare_agent_entry_points tare_agent_entry = {
    .run = run,
    .leave = leave,
};
