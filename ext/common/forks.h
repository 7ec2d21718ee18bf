/* forks.h - a forked child is not the measured process. */
#ifndef TARE_EXT_FORKS_H
#define TARE_EXT_FORKS_H

#include "base/status.h"

/* Asks the interpreter to tell of forks; once per process and extension. */
TARE_MUST_USE tare_status tare_forks_watch(void (*at_child)(void), void (*at_parent)(void),
                                           tare_error *err);

#endif
