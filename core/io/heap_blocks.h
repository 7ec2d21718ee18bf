/* heap_blocks.h - the blocks of a file that say what was in memory: one entry at a time.
 *
 * What is written by write is read by read: see docs/format.md. */
#ifndef TARE_IO_HEAP_BLOCKS_H
#define TARE_IO_HEAP_BLOCKS_H

#include "heap/snapshot.h"

/* The entry before in the same block; zeroed at its start. */
typedef struct tare_heap_entry {
    uint32_t type, parent;
} tare_heap_entry;

/* Appends the blocks that have something in them. Adds the keys of the census to the strings of
 * the profile: call it before these are written. */
TARE_MUST_USE tare_status tare_heap_intern_keys(tare_snapshot *snapshot, tare_error *err);
void                      tare_heap_write(const tare_snapshot *snapshot, tare_buffer *out);

/* Reads the next entry of a block of that type. *fault_out: what is wrong with the bytes; else
 * NULL, and what came of adding the entry is returned. */
TARE_MUST_USE tare_status tare_heap_read(tare_snapshot *snapshot, uint8_t type,
                                         tare_cursor *payload, tare_heap_entry *entry,
                                         const char **fault_out, tare_error *err);

/* After the last block: whether there is anything, and whether it fits together. */
TARE_MUST_USE tare_status tare_heap_settle(tare_snapshot *snapshot, tare_error *err);

#endif
