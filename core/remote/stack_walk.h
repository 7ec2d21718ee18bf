/* stack_walk.h - private to stack*.c: one read of a thread, and what it shows. */
#ifndef TARE_REMOTE_STACK_WALK_H
#define TARE_REMOTE_STACK_WALK_H

#include "remote/stack.h"

/* What one call to the system brought, beside the copy in tare_stack. */
typedef struct tare_stack_view {
    tare_raddr frame_before, frame_after; /* the interpreter's current frame */
    tare_raddr chunk, top;                /* of the data stack, before */
    uint32_t   copied_bytes;              /* of the newest chunk */
    uint64_t   duration_ns;               /* of the call */
    uint64_t   bytes;                     /* copied */
    bool       settled; /* everything lay where it was expected; else read again */
} tare_stack_view;

typedef enum tare_stack_finding {
    TARE_STACK_FOUND,        /* walked[0 .. top] is the stack */
    TARE_STACK_LIKELY,       /* is, if each of its calls is known: the top was moving */
    TARE_STACK_NOTHING,      /* no Python frame */
    TARE_STACK_UNSURE,       /* read again */
    TARE_STACK_NEEDS_CODE,   /* resolve wanted, then read again */
    TARE_STACK_NEEDS_OUTSIDE /* add wanted to the frames outside, then read again */
} tare_stack_finding;

/* One system call (more when chunks were added). TORN: something was unmapped. */
TARE_MUST_USE tare_status tare_stack_read(tare_stack_reader *reader, tare_stack *stack,
                                          const tare_read *extra, size_t extra_count,
                                          tare_stack_view *view, tare_error *err);

/* Rebuilds the chain in the copy. *top_out is an index of walked, *wanted_out an address.
 * Neither FOUND nor LIKELY: *top_out is the highest frame that stood still, TARE_NONE =
 * none. */
TARE_MUST_USE tare_status tare_stack_walk(tare_stack_reader *reader, tare_stack *stack,
                                          const tare_stack_view *view,
                                          tare_stack_finding *finding_out, uint32_t *top_out,
                                          tare_raddr *wanted_out, tare_error *err);

/* Does the address lie in a chunk as last copied? */
bool tare_stack_has_in_chunk(const tare_stack *stack, tare_raddr address);

#endif
