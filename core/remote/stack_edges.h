/* stack_edges.h - private to stack*.c: which callers call what, as far as it is proven.
 *
 * An edge is a caller's code, the instruction it stands at, and the code it calls; the bottom
 * frame has no caller. A known edge was shown by two reads one after the other, or by one of a
 * thread that stood still, so it existed. Edges stay known: code ids are never used again.
 * Cost: a hash look-up an edge; memory follows distinct edges. */
#ifndef TARE_REMOTE_STACK_EDGES_H
#define TARE_REMOTE_STACK_EDGES_H

#include "remote/stack.h"

/* The edges of one sample that are not known. */
typedef struct tare_doubts {
    uint64_t edges[TARE_STACK_MAX_DOUBTS];
    uint32_t count;
} tare_doubts;

/* How many of the stack's frames, from the bottom, hang on known edges; lists the other edges.
 * Frames with a node belong to an accepted sample: nothing to ask. */
uint32_t tare_edges_judge(const tare_stack_reader *reader, const tare_stack *stack,
                          tare_doubts *doubts);

/* walked[0 .. top] existed at one moment: makes its edges known. With doubts those of them
 * alone, without (NULL) all. */
TARE_MUST_USE tare_status tare_edges_learn(tare_stack_reader *reader, const tare_stack *stack,
                                           uint32_t top, const tare_doubts *doubts,
                                           tare_error *err);

#endif
