/* hooks.h - between the interpreter and its allocators. */
#ifndef TARE_EXT_HOOKS_H
#define TARE_EXT_HOOKS_H

#include <stdbool.h>

/* With the GIL, and with tare_memory_own.within > 0, all three. */
void tare_hooks_begin(void);
/* What was there before is there again, unless somebody has come after us. */
void tare_hooks_end(void);
/* Whether every kind of allocation comes by. */
bool tare_hooks_are_heard(void);

#endif
