/* lines.h - the lines of one thread as they run: hits and times, of the code under measurement.
 *
 *     activations   [ base ][ f at line 3, since t ][ g at line 11, since t ]   <- top
 *     bodies        f: line 1 2 3 4 ...             g: line 1 2 ...             of this thread
 *
 * A line lasts from its event to the next one of the same activation, or to the end of that. Its
 * own time is without the activations that lie above it meanwhile. Its inclusive time is with
 * them, and each moment counts once: while an activation further down stands at the line, those
 * above do not add to it. What is before the first line event of an activation is the first
 * line's.
 *
 * A generator leaves at a yield and comes back at the line at which it left; what lies between is
 * suspended time, nobody's own.
 *
 * Hearing takes time: a fixed number of ticks for each event, and where code is slower for it,
 * for each instruction of the line, is taken off the clock, so it is in no time at all. An event
 * may cost less than that now and then: then a line's sum falls a little, which is why the sums
 * are signed.
 *
 * Thread rule: as tare_calls. Nothing here fails: without memory an activation is not followed, and
 * lost_count says so.
 * Cost: O(1) for each event, but for one that finds its activation missing or covered. */
#ifndef TARE_TRACE_LINES_H
#define TARE_TRACE_LINES_H

#include "base/alloc.h"
#include "trace/cpu_meter.h"

#include <stdbool.h>

typedef struct tare_line {
    uint64_t visits;    /* events */
    int64_t  again;     /* of these, in a statement that was under way: no hits */
    int64_t  own_ticks; /* increments since the last merge, as is all the rest */
    int64_t  inclusive_ticks;
    uint64_t suspended_ticks;
    uint64_t cpu_ns;
    uint32_t held; /* by activations that have others above them: no increment */
} tare_line;

/* Of a code object, shared by the threads; not changed once it is in use. */
typedef struct tare_line_code {
    uint32_t  index;        /* among all of them */
    uint32_t  function;     /* of the profile */
    uint32_t  first_line;   /* number of lines[0] of a body */
    uint32_t  line_count;   /* > 0 */
    uint32_t *heads;        /* owned; of each line the index of the first one of its statement, with
                           * the bits below; NULL: each is one by itself */
    uint32_t *instructions; /* owned; how many each line has, where being heard makes each of them
                             * slower; NULL: it does not */
} tare_line_code;

enum {
    TARE_LINE_SHARED = 1U << 30,  /* the statement has several lines, or */
    TARE_LINE_RETURNS = 1U << 29, /* is a with, which is gone back to: then both */
    TARE_LINE_LOOPS = 1U << 28    /* is a loop, whose body may be on the same line */
};

/* What one thread has of it. */
typedef struct tare_line_body {
    const tare_line_code *code;  /* borrowed; NULL = not run in this thread */
    tare_line            *lines; /* owned; code->line_count of them */
    uint64_t              calls, resumes;
} tare_line_body;

typedef struct tare_line_activation {
    const tare_line_code *code;
    tare_line_body       *body;
    tare_line            *line;        /* NULL before the first */
    int64_t               since_ticks; /* not charged to anything yet, from then on */
    int64_t               above_ticks; /* in activations above this one, since then */
    int64_t               begin_ticks; /* when it was entered or resumed, or last settled */
} tare_line_activation;

typedef struct tare_lines {
    const tare_alloc     *alloc;       /* borrowed */
    tare_line_activation *top;         /* never NULL after init */
    tare_line_activation *activations; /* owned; the first is the base, which has no code */
    uint32_t              capacity;
    int64_t               taken_ticks;           /* by hearing, so far */
    int64_t               visit_cost, call_cost; /* ticks of one line, and of one end of a call */
    int64_t               instruction_cost;      /* of each that a line has */
    tare_line_body      **bodies;                /* owned, and each of them; by the code's index */
    uint32_t              body_capacity;
    tare_cpu_meter        cpu;
    uint64_t              last_ticks; /* for the CPU meter */
    uint64_t              lost_count; /* activations without memory */
} tare_lines;

TARE_MUST_USE tare_status tare_lines_init(tare_lines *lines, const tare_alloc *alloc,
                                          tare_error *err);
void                      tare_lines_deinit(tare_lines *lines); /* no-op on zeroed storage */

/* An activation begins, or goes on after it was suspended for some ticks at a line (0 = unknown).
 * leave ends the topmost of that code, and what lies above; of code without one nothing happens. */
void tare_lines_enter(tare_lines *lines, const tare_line_code *code, uint64_t now);
void tare_lines_resume(tare_lines *lines, const tare_line_code *code, uint32_t line, uint64_t now,
                       uint64_t suspended_ticks);
void tare_lines_leave(tare_lines *lines, const tare_line_code *code, uint64_t now);

/* As if the thread had begun now: all increments are forgotten, what is under way stays. */
void tare_lines_forget(tare_lines *lines, uint64_t now);
/* Charges up to now, in all activations. own_thread: it is the caller's. O(activations). */
void tare_lines_settle(tare_lines *lines, uint64_t now, bool own_thread);
/* The thread did something for Tare that took so long. */
void tare_lines_shift(tare_lines *lines, uint64_t ticks);

/* Makes an activation of that code the topmost one: ends what is above it, or begins it. False
 * without memory. */
bool tare_lines_uncover(tare_lines *lines, const tare_line_code *code, int64_t clock);
void tare_lines_charge_cpu(tare_lines *lines, uint64_t now);

static inline void tare_lines_charge(tare_line_activation *top, int64_t clock)
{
    tare_line *line = top->line;
    if (__builtin_expect(line == NULL, 0))
        return;
    int64_t elapsed = clock - top->since_ticks;
    line->own_ticks += elapsed - top->above_ticks;
    if (__builtin_expect(line->held == 0, 1))
        line->inclusive_ticks += elapsed;
    top->above_ticks = 0;
    top->since_ticks = clock;
}

/* A line comes up, after another of the activation, or NULL. False when the number is no line of
 * the code, or there was no memory: then nothing has. */
static inline bool tare_lines_visit(tare_lines *lines, const tare_line_code *code, uint32_t number,
                                    uint64_t now, const tare_line **before_out)
{
    int64_t  clock = (int64_t)now - lines->taken_ticks;
    uint32_t index = number - code->first_line;
    lines->taken_ticks += lines->visit_cost;
    if (__builtin_expect(lines->top->code != code, 0) && !tare_lines_uncover(lines, code, clock))
        return false;
    if (__builtin_expect(index >= code->line_count, 0))
        return false;
    if (__builtin_expect(lines->cpu.on, 0))
        tare_lines_charge_cpu(lines, now);
    tare_line_activation *top = lines->top;
    *before_out = top->line;
    tare_lines_charge(top, clock);
    top->line = &top->body->lines[index];
    top->line->visits++;
    if (__builtin_expect(code->instructions != NULL, 0))
        lines->taken_ticks += code->instructions[index] * lines->instruction_cost;
    return true;
}

/* Do the hits of the line depend on whether a statement begins there? */
static inline bool tare_lines_must_tell(const tare_lines *lines, const tare_line *before)
{
    const tare_line_activation *top = lines->top;
    const uint32_t             *heads = top->code->heads;
    uint32_t                    bits = heads != NULL ? heads[top->line - top->body->lines] : 0;
    if (top->line == before)
        return (bits & (TARE_LINE_LOOPS | TARE_LINE_SHARED)) != TARE_LINE_LOOPS;
    return (bits & TARE_LINE_SHARED) != 0;
}

/* Then: one does, or not. A statement counts once, at its first line, wherever in it that is; the
 * header of a loop for each turn; the other lines of a statement each time. */
void tare_lines_tell(tare_lines *lines, const tare_line *before, bool begins);

#endif
