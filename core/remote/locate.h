/* locate.h - finds the Python runtime inside a process.
 *
 * Looks through the memory map for the executable or library that carries
 * _PyRuntime: first the one named python*, then libpython*, then any other ELF file
 * that is mapped executable (an embedded interpreter). Files are opened as the
 * process sees them (os.h), so containers and deleted files work. The version comes
 * from the debug offsets at the start of _PyRuntime (3.13 and newer) or from the
 * exported Py_Version; never from file names, never by running anything. */
#ifndef TARE_REMOTE_LOCATE_H
#define TARE_REMOTE_LOCATE_H

#include "os/os.h"

typedef struct tare_runtime {
    tare_raddr address;     /* of _PyRuntime */
    uint32_t   version_hex; /* PY_VERSION_HEX */
    bool       has_debug_offsets;
    char       path[TARE_OS_PATH_BYTES]; /* of the file that carries it */
} tare_runtime;

/* NOT_PYTHON: no mapping carries a runtime; the message names the executable.
 * NOT_READY: a file with a runtime is being loaded, or an executable named python* has
 * not loaded one yet.
 * UNSUPPORTED: found, but older than 3.11; the message names the version. */
TARE_MUST_USE tare_status tare_runtime_locate(tare_runtime *runtime, const tare_process *process,
                                              const tare_alloc *alloc, tare_error *err);

#endif
