/* entry.h - the target's main(), with a measurement in it.
 *
 *     main --> initialise --> begin --> Py_RunMain --> finalise --> finish --> exit code
 *
 * What main() does here is what Py_BytesMain does, in the same order and from the same
 * arguments, so that sys.argv, sys.orig_argv, sys.path and __main__ come out the same. The
 * measurement begins when the interpreter is up and before any code of the program's.
 *
 * An interpreter of another version than this was compiled for runs as if we were not there, and
 * leaves no file: tare says why. */
#ifndef TARE_EXT_ENTRY_H
#define TARE_EXT_ENTRY_H

#include "common/pycompat.h"

/* begin: false when nothing is measured; else finish is called when the interpreter has ended,
 * and once more when the process does. The exit code. */
int tare_entry_run(int argc, char **argv, bool (*begin)(void), void (*finish)(void));

/* Takes a variable out of the environment: the program is not to see it. Released by
 * tare_output_release; NULL when it is not there. */
char *tare_entry_take(const char *name);
/* The same of one that is "1" or not. */
bool tare_entry_take_flag(const char *name);

#endif
