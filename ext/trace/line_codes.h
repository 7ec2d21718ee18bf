/* line_codes.h - the code objects whose lines are measured: which, and what is known of each.
 *
 *     selection   f module:function | f function | l FILE:LINE | p module | p path     one a line
 *
 *     code object   its co_extra slot holds generation and number: no look-up, nothing kept alive
 *     number        0: not wanted; else the target that it has, by its name, + 1
 *
 * A name is one or more parts of a qualified name: `parse` is every function of that name, and
 * what is defined in it; `Reader.parse` one method; `Reader` a class with all that is in it.
 * FILE:LINE is the innermost function or class around that line. What is inside of what is wanted
 * is too.
 *
 * Code that is made again and again is one target. Its source is read when it is first seen: what
 * was measured can be shown also when the file has changed since. */
#ifndef TARE_EXT_LINE_CODES_H
#define TARE_EXT_LINE_CODES_H

#include "trace/engine.h"

typedef struct tare_line_target {
    tare_line_code code;
    PyObject      *file; /* owned; of whom the source is kept, NULL = it stands in another's */
    uint32_t       range_count;  /* stretches of instructions of one line */
    uint32_t      *range_starts; /* owned; byte offsets, rising */
    uint32_t      *range_lines;  /* owned; 0 = none */
    bool          *range_begins; /* owned; a statement begins there */
} tare_line_target;

/* Of the measurement that begins; selection may be NULL. USAGE with the line that is wrong. */
TARE_MUST_USE tare_status tare_line_codes_begin(const char *selection, tare_error *err);
void                      tare_line_codes_end(void);
/* A node in the profile for each target, also for those that have not run, and its source: after
 * the profile was cleared. */
TARE_MUST_USE tare_status tare_line_codes_place(tare_error *err);

/* Slow: the first sight of a code object. NULL when it is not wanted. globals: of a frame of it. */
tare_line_target *tare_line_codes_look(PyCodeObject *code, PyObject *globals);
/* Wants it, and what is inside. NULL without memory. */
tare_line_target *tare_line_codes_add(PyCodeObject *code);

extern tare_line_target **tare_line_targets; /* by number - 1 */

/* Whether a code object was seen in this measurement, and its target. */
static inline bool tare_line_codes_know(const PyCodeObject *code, tare_line_target **target_out)
{
    uint64_t extra = (uintptr_t)tare_code_extra(code, tare_trace.extra_index);
    uint32_t number = (uint32_t)extra;
    *target_out = NULL;
    if (__builtin_expect(extra >> 32 != tare_trace.generation, 0))
        return false;
    if (__builtin_expect(number != 0, 1))
        *target_out = tare_line_targets[number - 1];
    return true;
}

/* The line at a byte offset, 0 = none; and whether a statement begins there. O(log ranges). */
uint32_t tare_line_at(const tare_line_target *target, uint32_t offset);
bool     tare_line_begins_at(const tare_line_target *target, uint32_t offset);

/* Called for each new code object that is wanted; seen: it was looked at before, and was not. */
extern void (*tare_line_codes_on_target)(PyCodeObject *code, bool seen);

/* A line of the target's comes up, at the instruction that offset gives when it is asked. */
#define TARE_LINE_COMES_UP(thread, target, number, now, offset)                        \
    do {                                                                               \
        tare_lines      *lines_ = &(thread)->lines;                                    \
        const tare_line *before_;                                                      \
        if (tare_lines_visit(lines_, &(target)->code, (number), (now), &before_) &&    \
            __builtin_expect(tare_lines_must_tell(lines_, before_), 0))                \
            tare_lines_tell(lines_, before_, tare_line_begins_at((target), (offset))); \
    } while (0)

#endif
