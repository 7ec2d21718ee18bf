/* deep.h - the size of objects with all they hold.
 *
 * What is given is measured whatever it is. From there on, whatever is part of it is gone through
 * but for what programs consist of and all share: modules, classes, code (unless it is asked for),
 * the globals of functions; for what weak references lead to; and for frames that run.
 *
 * Called with the GIL, which is held throughout; collections are put off meanwhile. */
#ifndef TARE_EXT_DEEP_H
#define TARE_EXT_DEEP_H

#include "heap/kinds.h"
#include "heap/pending.h"
#include "heap/rounding.h"

#include "heap/addresses.h"

typedef struct tare_deep_options {
    bool code;      /* goes through the code of functions too */
    bool allocated; /* bytes as the allocator rounds them, not as requested */
} tare_deep_options;

typedef struct tare_deep_size {
    uint64_t bytes;
    uint64_t count;        /* of objects */
    uint64_t opaque_count; /* those among them that may hold more than they tell */
} tare_deep_size;

typedef struct tare_deep {
    tare_kinds         kinds;
    tare_addresses     seen;    /* counted, or not to be gone into */
    tare_addresses     entered; /* of the latter, those that were given themselves */
    tare_deep_options  options;
    tare_rounding      rounding;
    tare_pending       pending;
    bool               was_collecting; /* the collector was on */
    tare_deep_size     size;
    tare_block_visitor listener; /* NULL = none: is told each block as it is counted */
    void              *listener_context;
    tare_status        status;
    tare_error        *err;
} tare_deep;

/* deep borrows err until end. Between the two, no code of the program's may run. */
void tare_deep_begin(tare_deep *deep, tare_deep_options options, tare_error *err);
void tare_deep_end(tare_deep *deep);

/* Adds to deep->size what object holds that was not counted before, itself too. */
TARE_MUST_USE tare_status tare_deep_add(tare_deep *deep, PyObject *object);
/* The object alone, whether it was counted or not. */
TARE_MUST_USE tare_status tare_deep_add_flat(tare_deep *deep, PyObject *object);

/* The same in steps, for whoever wants to know what came from where: enter says whether the object
 * is to be counted (it was not yet, and is no border or was given), and then it is to be added flat
 * and with its parts, all at once or each of those that enter lets pass. */
TARE_MUST_USE tare_status tare_deep_enter(tare_deep *deep, PyObject *object, bool given,
                                          bool *counts_out);
TARE_MUST_USE tare_status tare_deep_add_parts(tare_deep *deep, PyObject *object);
/* In the object's own order, and some more than once. */
TARE_MUST_USE tare_status tare_deep_each_part(tare_deep *deep, PyObject *object, visitproc visitor,
                                              void *context);

/* Whether it would go into such an object when it meets one. */
bool tare_deep_goes_into(const tare_deep *deep, const tare_kind *kind, PyObject *object);

#endif
