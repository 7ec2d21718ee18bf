/* places.h - which function and line of the profile an instruction of a code object is.
 *
 *     code object   number, never used again; its block is watched (blocks.h): when it is freed
 *                   the number is dead and everything that was known by its address is void
 *     instruction   (number, offset) -> frame of the profile
 *
 * Nothing is stored in code objects, for memory is allocated while they are being changed, too.
 * With the lock held. */
#ifndef TARE_EXT_PLACES_H
#define TARE_EXT_PLACES_H

#include "memory/engine.h"

/* TARE_NONE without memory. *number_out: of the code object. */
uint32_t tare_places_find(PyCodeObject *code, const char *instruction, uint32_t *number_out);
/* Whether a code object has gone, of a number that was given since tare_memory.begun_epoch. */
bool tare_places_is_gone(uint32_t number);
/* The block of a code object is freed. */
void tare_places_forget(uintptr_t address);
void tare_places_clear(void);

#endif
