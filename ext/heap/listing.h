/* listing.h - objects themselves, for those who want to have them: lists of references.
 *
 * What is told elsewhere in numbers is here held, and whoever gets it can change it. */
#ifndef TARE_EXT_LISTING_H
#define TARE_EXT_LISTING_H

#include "common/pycompat.h"

/* A list of all objects of this interpreter, each once: those that roots or the collector lead to.
 * Not those that are half built or about to go. NULL with an exception. */
PyObject *tare_listing_objects(PyObject *module, PyObject *none);

/* The attributes of an instance as a dict: its __dict__ if it has one, else a new one, and it still
 * has none. None when its class gives it no room for any. NULL with an exception. */
PyObject *tare_listing_attributes(PyObject *module, PyObject *object);

#endif
