/* columns.h - a profile for the viewer: typed columns that a page reads in one pass.
 *
 *     magic "TareCol" 1, then sections:  tag u8, length u64, payload
 *
 *     1 head       JSON: schema "tare.columns/1", kind, state of the file, meta without sources,
 *                  metrics, label sets, counts of each table, effective_count, whole_ns
 *     2 strings    size varint, UTF-8 bytes; empty where no function names them
 *     3 functions  name, qualname, file (strings), first line, kind: varints
 *     4 frames     function, line: varints
 *     5 nodes      in pre-order, root left out, children in the order of first appearance:
 *                  up, frame: varints; up 0 = child of the node before, 1 = its sibling,
 *                  2 = a sibling of its parent, and so on
 *     6 values     for each metric and label set that has any: metric, label set, count, then
 *                  by rising node: node - previous node, amount: varints
 *     7 series     size of a JSON head {name, unit, label_set}, the head, count, then
 *                  time - previous time (varint), amount - previous amount (svarint)
 *
 * Nodes are numbered anew, in pre-order, the root is 0; so are the amounts of series in the unit
 * "node", signs kept. Pre-order lets the reader find the end of a subtree without a table, and
 * leave a subtree out of a picture in one step. Everything else has the ids of the .tare file.
 * Compressing and embedding it is the caller's. */
#ifndef TARE_IO_COLUMNS_H
#define TARE_IO_COLUMNS_H

#include "base/bytes.h"
#include "model/profile.h"

/* How the file that the profile is from was; all of it is only passed on. */
typedef struct tare_columns_origin {
    bool     complete;
    uint64_t lost_bytes;
} tare_columns_origin;

/* Appends the block to out. O(size of the profile). */
TARE_MUST_USE tare_status tare_columns_write(const tare_profile        *profile,
                                             const tare_columns_origin *origin, tare_buffer *out,
                                             tare_error *err);

#endif
