/* naming.h - what a process is called: by its script or module where it is a Python.
 *
 * Ten workers of one program are ten times "python3.11" to the system. */
#ifndef TARE_SAMPLER_NAMING_H
#define TARE_SAMPLER_NAMING_H

#include "os/os.h"

/* executable is a path, command the arguments as tare_os_process_command gives them, size bytes
 * long. The name is cut where a character ends; "?" when nothing is known. */
void tare_name_program(const char *executable, const char *command, size_t size,
                       char name[TARE_OS_NAME_BYTES]);

#endif
