/* stacks.h - the node of the profile that a thread's stack is. */
#ifndef TARE_EXT_STACKS_H
#define TARE_EXT_STACKS_H

#include "memory/engine.h"

/* state NULL: it holds no GIL. TARE_NONE without memory. With the lock held.
 * Cost: a comparison for each frame up to the depth asked for, and a look-up for each that has
 * changed since this thread's last block, with those that it has called. */
uint32_t tare_stacks_node(tare_memory_thread *thread, const PyThreadState *state);

#endif
