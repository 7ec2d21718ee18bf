/* lines.c - see lines.h.
 *
 * A body is made when the thread first runs its code, and stays. The base activation has no code
 * and no line: nothing is charged to it, and it is never left.
 *
 * Invariants: an activation's line is held once by each activation of the thread that stands at it
 * and has another above it; begin_ticks <= since_ticks of the same activation, but for what hearing
 * was taken to cost too much. */
#include "trace/lines.h"

#include <string.h>

static tare_status reserve_activation(tare_lines *lines, tare_error *err)
{
    void  *items = lines->activations;
    size_t used = lines->activations == NULL ? 0 : (size_t)(lines->top - lines->activations) + 1;
    TARE_TRY(tare_grow(lines->alloc, &items, &lines->capacity, used + 1, sizeof *lines->activations,
                       err));
    lines->activations = items;
    lines->top = lines->activations + (used > 0 ? used - 1 : 0);
    return TARE_OK;
}

tare_status tare_lines_init(tare_lines *lines, const tare_alloc *alloc, tare_error *err)
{
    *lines = (tare_lines){.alloc = alloc};
    return reserve_activation(lines, err);
}

static void release_body(const tare_alloc *alloc, tare_line_body *body)
{
    if (body == NULL)
        return;
    tare_release(alloc, body->lines, body->code->line_count, sizeof *body->lines);
    tare_release(alloc, body, 1, sizeof *body);
}

void tare_lines_deinit(tare_lines *lines)
{
    if (lines->alloc == NULL)
        return;
    for (uint32_t i = 0; i < lines->body_capacity; i++)
        release_body(lines->alloc, lines->bodies[i]);
    tare_release(lines->alloc, lines->bodies, lines->body_capacity, sizeof *lines->bodies);
    tare_release(lines->alloc, lines->activations, lines->capacity, sizeof *lines->activations);
    *lines = (tare_lines){0};
}

/* ---- bodies ---- */

static tare_status make_body(tare_lines *lines, const tare_line_code *code,
                             tare_line_body **body_out)
{
    void *bodies = lines->bodies;
    void *body = NULL;
    void *own = NULL;
    TARE_TRY(tare_grow(lines->alloc, &bodies, &lines->body_capacity, (size_t)code->index + 1,
                       sizeof *lines->bodies, NULL));
    lines->bodies = bodies;
    TARE_TRY(tare_acquire(lines->alloc, &body, 1, sizeof **body_out, NULL));
    if (tare_acquire(lines->alloc, &own, code->line_count, sizeof(tare_line), NULL) != TARE_OK) {
        tare_release(lines->alloc, body, 1, sizeof **body_out);
        return TARE_NO_MEMORY;
    }
    *body_out = body;
    **body_out = (tare_line_body){.code = code, .lines = own};
    lines->bodies[code->index] = *body_out;
    return TARE_OK;
}

/* NULL without memory. */
static tare_line_body *find_body(tare_lines *lines, const tare_line_code *code)
{
    tare_line_body *body = code->index < lines->body_capacity ? lines->bodies[code->index] : NULL;
    if (body == NULL && make_body(lines, code, &body) != TARE_OK)
        return NULL;
    return body;
}

/* ---- activations ---- */

static tare_line_activation *push(tare_lines *lines, const tare_line_code *code, int64_t clock)
{
    tare_line_body *body = find_body(lines, code);
    if (body == NULL || reserve_activation(lines, NULL) != TARE_OK) {
        lines->lost_count++;
        return NULL;
    }
    if (lines->top->line != NULL)
        lines->top->line->held++;
    *++lines->top = (tare_line_activation){
        .code = code, .body = body, .since_ticks = clock, .begin_ticks = clock};
    return lines->top;
}

static void pop(tare_lines *lines, int64_t clock)
{
    tare_line_activation *ended = lines->top;
    tare_lines_charge(ended, clock);
    lines->top--;
    lines->top->above_ticks += clock - ended->begin_ticks;
    if (lines->top->line != NULL)
        lines->top->line->held--;
}

static bool is_under_way(const tare_lines *lines, const tare_line_code *code)
{
    for (const tare_line_activation *at = lines->top; at > lines->activations; at--)
        if (at->code == code)
            return true;
    return false;
}

static void pop_down_to(tare_lines *lines, const tare_line_code *code, int64_t clock)
{
    while (lines->top->code != code)
        pop(lines, clock);
}

bool tare_lines_uncover(tare_lines *lines, const tare_line_code *code, int64_t clock)
{
    if (!is_under_way(lines, code))
        return push(lines, code, clock) != NULL;
    pop_down_to(lines, code, clock);
    return true;
}

/* The clock of an event at one end of a call. */
static int64_t begin_event(tare_lines *lines, uint64_t now)
{
    int64_t clock = (int64_t)now - lines->taken_ticks;
    lines->taken_ticks += lines->call_cost;
    if (lines->cpu.on)
        tare_lines_charge_cpu(lines, now);
    return clock;
}

void tare_lines_enter(tare_lines *lines, const tare_line_code *code, uint64_t now)
{
    int64_t               clock = begin_event(lines, now);
    tare_line_activation *begun = push(lines, code, clock);
    if (begun != NULL)
        begun->body->calls++;
}

void tare_lines_resume(tare_lines *lines, const tare_line_code *code, uint32_t line, uint64_t now,
                       uint64_t suspended_ticks)
{
    int64_t               clock = begin_event(lines, now);
    uint32_t              index = line - code->first_line;
    tare_line_activation *begun = push(lines, code, clock);
    if (begun == NULL)
        return;
    begun->body->resumes++;
    if (line == 0 || index >= code->line_count)
        return;
    begun->line = &begun->body->lines[index];
    begun->line->suspended_ticks += suspended_ticks;
}

void tare_lines_leave(tare_lines *lines, const tare_line_code *code, uint64_t now)
{
    int64_t clock = begin_event(lines, now);
    if (!is_under_way(lines, code))
        return;
    pop_down_to(lines, code, clock);
    pop(lines, clock);
}

/* ---- statements ---- */

static uint32_t bits_of(const tare_line_activation *top, const tare_line *line)
{
    uint32_t index = (uint32_t)(line - top->body->lines);
    return top->code->heads != NULL ? top->code->heads[index] : index;
}

static uint32_t head_of(const tare_line_activation *top, const tare_line *line)
{
    uint32_t bits = TARE_LINE_SHARED | TARE_LINE_RETURNS | TARE_LINE_LOOPS;
    return bits_of(top, line) & ~bits;
}

void tare_lines_tell(tare_lines *lines, const tare_line *before, bool begins)
{
    const tare_line_activation *top = lines->top;
    uint32_t                    head = head_of(top, top->line);
    bool                        returns = (bits_of(top, top->line) & TARE_LINE_RETURNS) != 0;
    bool                        elsewhere = before == NULL || head_of(top, before) != head;
    bool                        anew = begins || (elsewhere && !returns);
    if (top->line == &top->body->lines[head])
        top->line->again += !anew;
    else if (anew)
        top->body->lines[head].again--;
}

/* ---- now and then ---- */

void tare_lines_charge_cpu(tare_lines *lines, uint64_t now)
{
    uint64_t ticks = now - lines->last_ticks;
    if ((int64_t)ticks < 0)
        return;
    uint64_t ns = tare_cpu_meter_take(&lines->cpu, now, ticks);
    lines->last_ticks = now;
    if (lines->top->line != NULL)
        lines->top->line->cpu_ns += ns;
}

/* From the bottom up, so that each is held by those below it alone: what is above an activation has
 * been so since it began. */
void tare_lines_settle(tare_lines *lines, uint64_t now, bool own_thread)
{
    int64_t clock = (int64_t)now - lines->taken_ticks;
    if (lines->cpu.on && own_thread)
        tare_lines_charge_cpu(lines, now);
    for (tare_line_activation *at = lines->activations; at < lines->top; at++)
        if (at->line != NULL)
            at->line->held--;
    for (tare_line_activation *at = lines->activations; at < lines->top; at++) {
        at->above_ticks += clock - at[1].begin_ticks;
        at[1].begin_ticks = clock;
        tare_lines_charge(at, clock);
        if (at->line != NULL)
            at->line->held++;
    }
    tare_lines_charge(lines->top, clock);
}

void tare_lines_shift(tare_lines *lines, uint64_t ticks)
{
    lines->taken_ticks += (int64_t)ticks;
    lines->last_ticks += ticks;
}

static void forget_body(tare_line_body *body)
{
    for (uint32_t i = 0; i < body->code->line_count; i++)
        body->lines[i] = (tare_line){.held = body->lines[i].held};
    body->calls = body->resumes = 0;
}

void tare_lines_forget(tare_lines *lines, uint64_t now)
{
    tare_lines_settle(lines, now, false);
    for (uint32_t i = 0; i < lines->body_capacity; i++)
        if (lines->bodies[i] != NULL)
            forget_body(lines->bodies[i]);
    lines->lost_count = 0;
    if (lines->cpu.on)
        lines->cpu = tare_cpu_meter_on(lines->cpu.ns_per_tick);
}
