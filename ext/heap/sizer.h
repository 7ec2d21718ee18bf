/* sizer.h - the type tare._heap.Sizer: sizes of one object after another, each thing once.
 *
 *     Sizer(align=1, code=False)      both can be set
 *     add(object, limit=-1)           bytes of it, and of what it reaches that was not met before;
 *                                     limit: in so many steps
 *     own(object, given=False)        bytes of it alone; None when it was met before, unless given
 *     parts(object)                   what add goes to from there
 *     skip(object)                    is met, and in no size
 *     has(object)                     whether it was met
 *     with sizer: ...                 what it has found out of types is kept until the end: calls
 *                                     are ten times as fast; types stay alive, and the collector
 *                                     is off
 *     count, met_again, met_count     objects sized, those met again, and how often they were
 *
 * What was met is known by its address alone: nothing is kept alive by being measured, and what
 * comes where something was that is gone is taken for it. */
#ifndef TARE_EXT_SIZER_H
#define TARE_EXT_SIZER_H

#include "common/pycompat.h"

/* 0, or -1 with an exception set. */
int tare_sizer_add_type(PyObject *module);

/* Bytes of each object of a sequence by itself: a list. What several have counts for the first. */
PyObject *tare_sizer_flats(PyObject *module, PyObject *objects);

#endif
