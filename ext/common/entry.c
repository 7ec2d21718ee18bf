/* entry.c - see entry.h. Variables are taken out of the environment before the interpreter starts,
 * for it copies that into os.environ: by whoever calls tare_entry_run. */
#include "common/entry.h"

#include "common/output.h"

#include <stdlib.h>
#include <string.h>

char *tare_entry_take(const char *name)
{
    char *copy = tare_output_copy(getenv(name));
    unsetenv(name);
    return copy;
}

bool tare_entry_take_flag(const char *name)
{
    const char *text = getenv(name);
    bool        set = text != NULL && strcmp(text, "1") == 0;
    unsetenv(name);
    return set;
}

int tare_entry_run(int argc, char **argv, bool (*begin)(void), void (*finish)(void))
{
    PyConfig config;
    if (Py_Version >> 16 != TARE_COMPILED_FOR)
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
    if (begin()) {
        Py_AtExit(finish);
        atexit(finish);
    }
    return Py_RunMain();
}
