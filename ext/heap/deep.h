/* deep.h - the size of objects with all they hold. */
#ifndef TARE_EXT_DEEP_H
#define TARE_EXT_DEEP_H

#include "common/pycompat.h"

#include "base/status.h"

typedef struct tare_deep_size {
    uint64_t bytes; /* requested */
    uint64_t count; /* of objects */
} tare_deep_size;

TARE_MUST_USE tare_status tare_deep_measure(PyObject *const *objects, Py_ssize_t count,
                                            tare_deep_size *out, tare_error *err);

#endif
