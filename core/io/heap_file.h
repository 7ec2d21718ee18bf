/* heap_file.h - what was in memory, as a .tare file: written whole, read and checked whole. */
#ifndef TARE_IO_HEAP_FILE_H
#define TARE_IO_HEAP_FILE_H

#include "heap/snapshot.h"
#include "io/tare_file.h"

/* Appends the whole file to out. May add strings to the snapshot's profile. */
TARE_MUST_USE tare_status tare_heap_encode(tare_snapshot *snapshot, tare_buffer *out,
                                           tare_error *err);
/* In one step: whoever opens path sees what was there or all of it. With overwrite in the place of
 * what is there. */
TARE_MUST_USE tare_status tare_heap_save(tare_snapshot *snapshot, const char *path, bool overwrite,
                                         tare_error *err);

/* Reads into *snapshot, which must be zeroed; the caller deinits it, after a failure too. As
 * tare_file_decode; INCOMPATIBLE when it is a profile without a heap. */
TARE_MUST_USE tare_status tare_heap_decode(const uint8_t *bytes, size_t size,
                                           const tare_alloc *alloc, tare_snapshot *snapshot,
                                           tare_file_state *state_out, tare_error *err);
TARE_MUST_USE tare_status tare_heap_load(const char *path, const tare_alloc *alloc,
                                         tare_snapshot *snapshot, tare_file_state *state_out,
                                         tare_error *err);

#endif
