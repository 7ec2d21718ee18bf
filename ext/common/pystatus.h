/* pystatus.h - from a tare_status to a Python exception.
 *
 * Each status but OK has a class of its own, a subclass of tare.errors.Error named
 * after it (NOT_PYTHON -> tare.errors.NotPythonError), with the attribute status holding
 * the status' name. The classes are made from TARE_STATUS_LIST by whichever extension
 * is imported first and live in tare.errors, so that all extensions raise the same ones. */
#ifndef TARE_EXT_PYSTATUS_H
#define TARE_EXT_PYSTATUS_H

#include "common/pycompat.h"

#include "base/status.h"

typedef struct tare_errors {
    PyObject *classes[TARE_STATUS_COUNT]; /* owned; [TARE_OK] stays NULL */
} tare_errors;

/* 0, or -1 with an exception set. The caller clears in both cases. */
int  tare_errors_init(tare_errors *errors);
int  tare_errors_traverse(const tare_errors *errors, visitproc visit, void *arg);
void tare_errors_clear(tare_errors *errors);

/* Raises what err says, with its status and os_errno. Always returns NULL. */
PyObject *tare_raise(const tare_errors *errors, const tare_error *err);

#endif
