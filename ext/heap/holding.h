/* holding.h - the functions of tare._heap about who holds what. */
#ifndef TARE_EXT_HOLDING_H
#define TARE_EXT_HOLDING_H

#include "common/pycompat.h"

/* The module's state begins with its tare_errors. */
PyObject *tare_holding_holders(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *tare_holding_exclusive(PyObject *module, PyObject *const *objects, Py_ssize_t count);
PyObject *tare_holding_largest(PyObject *module, PyObject *limit);

PyObject *tare_holding_type_name(PyObject *module, PyObject *type);

#endif
