/* counting.h - a census of this interpreter's objects, in one walk. */
#ifndef TARE_EXT_COUNTING_H
#define TARE_EXT_COUNTING_H

#include "common/pycompat.h"

#include "heap/census.h"

typedef struct tare_counting {
    tare_census_by       by;
    bool                 given;   /* only the objects below, else all there are */
    PyObject *const     *objects; /* borrowed */
    Py_ssize_t           object_count;
    PyTypeObject *const *hidden; /* their objects, and those of types derived, are Tare's own */
    size_t               hidden_count;
} tare_counting;

/* Fills a zeroed census that has its allocator. Of all objects, those of running frames that ask
 * are left out unless another holds them too. With the GIL; nothing of Python's runs meanwhile. */
TARE_MUST_USE tare_status tare_count_objects(const tare_counting *counting, tare_census *out,
                                             tare_error *err);

#endif
