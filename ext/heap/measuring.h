/* measuring.h - the functions of tare._heap that measure given objects, as Python calls them. */
#ifndef TARE_EXT_MEASURING_H
#define TARE_EXT_MEASURING_H

#include "common/pycompat.h"

PyObject *tare_measuring_sizeof(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                                PyObject *names);
PyObject *tare_measuring_sizes(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                               PyObject *names);
PyObject *tare_measuring_flat(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                              PyObject *names);
PyObject *tare_measuring_measure(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                                 PyObject *names);
PyObject *tare_measuring_blocks(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                                PyObject *names);
PyObject *tare_measuring_explain(PyObject *module, PyObject *const *objects, Py_ssize_t count,
                                 PyObject *names);

#endif
