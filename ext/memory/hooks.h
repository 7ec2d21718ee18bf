/* hooks.h - between the interpreter and its allocators. */
#ifndef TARE_EXT_HOOKS_H
#define TARE_EXT_HOOKS_H

#include <stdbool.h>

/* With the GIL, and with tare_memory_own.within > 0, all but have_native. */
void tare_hooks_begin(bool native);
/* What was there before is there again, unless somebody has come after us. */
void tare_hooks_end(void);
/* Whether the C library's allocator can be heard, too: this process was started so. */
bool tare_hooks_have_native(void);
/* Calls work while the hook on objects is not in: false when that cannot be, without the only GIL
 * there is, or when it is not ours to take out. */
bool tare_hooks_step_aside(void (*work)(void *context), void *context);
/* Whether every kind of allocation comes by. Without the engine's lock: it allocates, and another
 * tool may have a lock of its own. */
bool tare_hooks_are_heard(void);

#endif
