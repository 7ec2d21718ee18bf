/* thread_name.h - what threading calls a thread. */
#ifndef TARE_EXT_THREAD_NAME_H
#define TARE_EXT_THREAD_NAME_H

#include "common/pycompat.h"

/* A str that its thread keeps, borrowed; NULL when threading does not know the thread or the
 * program has a class of threads whose attributes are its own affair. Nothing of the program's
 * runs; an exception may be set. With the GIL. */
PyObject *tare_thread_name(unsigned long ident);

#endif
