/* stack.c - the tests a stack has to pass, and the reads it takes (stack.h). */
#include "remote/stack.h"

#include "os/os.h"
#include "remote/stack_edges.h"
#include "remote/stack_walk.h"

#include <string.h>

enum {
    JITTER_NS = 300,
    MAX_CHAIN = 16, /* frames outside that are found at once */
    MAX_LOOK_BYTES = 512,
    MAX_TIMED_BYTES = 1 << 17,
    MAX_IDS = 256,
    HOLDS_TO_AVERAGE = 32,
    FIRST_HOLD_NS = 30000,
    HOLD_CREDIT_NS = 2000000 /* of holds, before the measurement has lasted */
};

static const uint64_t CHANCE_SEED = 0x9e3779b97f4a7c15u; /* odd */

/* One sample in the making. */
typedef struct attempt {
    tare_stack_reader *reader;
    tare_stack        *stack;
    const tare_read   *extra;
    size_t             extra_count;
    const uint64_t    *witness;
    uint64_t           now_ns;
    tare_doubts        doubts;
    uint32_t           resolve_count;
    uint32_t           torn_count;
    bool               still;         /* the thread is held: whatever is read is of one moment */
    bool               empty;         /* no Python frame */
    bool               found;         /* stack->frames holds a consistent stack */
    bool               cut;           /* ... which had more frames above */
    bool               walk_verified; /* the codes of a walk that led nowhere were compared */
    bool               tentative;     /* stack->frames holds what a disturbed read showed */
    bool               mispredicted;  /* a read showed only that things lie elsewhere by now */
    bool               noted;         /* whether the thread moved */
    uint32_t           known;         /* so many of its frames hang on known edges */
    tare_error        *err;
} attempt;

/* One read, and what it showed. */
typedef struct look {
    tare_stack_finding finding;
    uint32_t           top;
    bool               disturbed; /* what it shows may be of moments far apart */
    bool               settled;   /* all was read that a walk needs */
    bool               moved;     /* the thread called or returned meanwhile */
} look;

void tare_stack_reader_deinit(tare_stack_reader *reader)
{
    if (reader->alloc != NULL)
        tare_map_deinit(&reader->edges, reader->alloc);
    *reader = (tare_stack_reader){0};
}

void tare_stack_deinit(tare_stack *stack, const tare_alloc *alloc)
{
    tare_release(alloc, stack->copy, stack->copy_capacity, 1);
    tare_release(alloc, stack->chunks, stack->chunk_capacity, sizeof *stack->chunks);
    tare_release(alloc, stack->walked, stack->walked_capacity, sizeof *stack->walked);
    tare_release(alloc, stack->frames, stack->frame_capacity, sizeof *stack->frames);
    *stack = (tare_stack){0};
}

/* ---- from the walk to the result ---- */

static bool is_same_frame(const tare_stack_frame *frame, const tare_stack_walked *walked)
{
    return frame->address == walked->address && frame->code == walked->code &&
           frame->unit == walked->unit;
}

static tare_stack_frame new_frame(const tare_stack_walked *walked)
{
    return (tare_stack_frame){
        .address = walked->address, .code = walked->code, .unit = walked->unit, .node = TARE_NONE};
}

/* walked[0 .. top] becomes frames; nodes survive as far as nothing changed. */
static tare_status take_frames(attempt *a, uint32_t top)
{
    tare_stack *stack = a->stack;
    void       *frames = stack->frames;
    uint32_t    count = 0;
    bool        same = true;
    TARE_TRY(tare_grow(a->reader->alloc, &frames, &stack->frame_capacity, (size_t)top + 1,
                       sizeof *stack->frames, a->err));
    stack->frames = frames;
    for (uint32_t i = 0; i <= top; i++) {
        const tare_stack_walked *walked = &stack->walked[i];
        if (!walked->shown)
            continue;
        tare_stack_frame *frame = &stack->frames[count];
        same = same && count < stack->frame_count && is_same_frame(frame, walked);
        if (!same)
            *frame = new_frame(walked);
        count++;
    }
    stack->frame_count = count;
    return TARE_OK;
}

/* Up to MAX_IDS codes of the sample, from a frame on. */
static uint32_t list_codes(const tare_stack *stack, uint32_t first, uint32_t ids[MAX_IDS])
{
    uint32_t count = 0;
    for (uint32_t i = first; i < stack->frame_count && count < MAX_IDS; i++)
        ids[count++] = stack->frames[i].code;
    return count;
}

static tare_status verify_codes(attempt *a, bool *same_out)
{
    uint32_t    ids[MAX_IDS];
    tare_stack *stack = a->stack;
    *same_out = true;
    for (uint32_t i = 0; i < stack->frame_count && *same_out; i += MAX_IDS)
        TARE_TRY(tare_codes_verify(a->reader->codes, ids, list_codes(stack, i, ids), a->now_ns,
                                   stack->witness, same_out, a->err));
    if (!*same_out)
        stack->frame_count = 0; /* ids in it may be gone */
    return TARE_OK;
}

static void forget_idle_outside(tare_stack *stack, uint32_t idle_limit)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < stack->outside_count; i++)
        if (stack->outside[i].idle <= idle_limit)
            stack->outside[kept++] = stack->outside[i];
    stack->outside_count = kept;
}

static bool is_outside_known(const tare_stack *stack, tare_raddr address)
{
    for (uint32_t i = 0; i < stack->outside_count; i++)
        if (stack->outside[i].address == address)
            return true;
    return false;
}

static void add_outside(tare_stack *stack, tare_raddr address)
{
    if (stack->outside_count == TARE_STACK_MAX_OUTSIDE)
        forget_idle_outside(stack, 0);
    if (stack->outside_count < TARE_STACK_MAX_OUTSIDE)
        stack->outside[stack->outside_count++] = (tare_stack_outside){.address = address};
}

/* Adds a frame outside and those that it links to, until one is known already: a coroutine
 * awaits a coroutine, and a read that tells them one by one would come too late. */
static void add_outside_chain(attempt *a, tare_raddr address)
{
    uint32_t previous = a->reader->layout->frame.previous;
    for (int i = 0; i < MAX_CHAIN && address != 0; i++) {
        if (is_outside_known(a->stack, address) || tare_stack_has_in_chunk(a->stack, address))
            return;
        add_outside(a->stack, address);
        if (tare_memory_read(a->reader->memory, address + previous, &address, sizeof address,
                             NULL) != TARE_OK)
            return;
    }
}

static tare_status accept_frames(attempt *a, uint32_t top)
{
    TARE_TRY(take_frames(a, top));
    TARE_TRY(verify_codes(a, &a->found));
    if (a->found)
        a->known = tare_edges_judge(a->reader, a->stack, &a->doubts);
    return TARE_OK;
}

static bool is_proven(const attempt *a)
{
    return a->found && !a->cut && a->known == a->stack->frame_count;
}

/* ---- one read ---- */

static bool shows_stack(const look *seen)
{
    return seen->finding == TARE_STACK_FOUND || seen->finding == TARE_STACK_LIKELY ||
           seen->finding == TARE_STACK_NOTHING;
}

/* Something that was to be read is not mapped any more: predictions start afresh. */
static void forget_predictions(tare_stack *stack)
{
    stack->chunk_count = 0;
    stack->outside_count = 0;
    stack->record = 0;
}

/* Did something interrupt the read? Keeps the typical duration: down fast, up slowly, and
 * from the start again when the stack has become much deeper or flatter. */
static bool was_disturbed(tare_stack *stack, const tare_stack_view *view)
{
    uint64_t typical_ns = stack->typical_ns;
    uint64_t bytes = stack->typical_bytes;
    if (view->bytes > MAX_TIMED_BYTES)
        return false; /* takes longer than an interrupt, and varies by more */
    if (typical_ns == 0 || view->bytes > 2 * bytes || view->bytes < bytes / 2) {
        stack->typical_ns = view->duration_ns;
        stack->typical_bytes = view->bytes;
        return typical_ns == 0;
    }
    if (view->duration_ns < typical_ns)
        stack->typical_ns -= (typical_ns - view->duration_ns) / 8;
    else
        stack->typical_ns += (typical_ns + 63) / 64;
    return view->duration_ns > typical_ns + typical_ns / 4 + JITTER_NS;
}

/* One read of the stack; the codes that the last sample saw are compared in the same call. */
static tare_status read_once(attempt *a, tare_stack_view *view)
{
    tare_codes      *codes = a->reader->codes;
    tare_code_checks checks;
    tare_read        pieces[TARE_STACK_MAX_EXTRA + TARE_CODE_MAX_CHECKS];
    uint32_t         ids[MAX_IDS];
    size_t id_count = a->still ? 0 : list_codes(a->stack, 0, ids); /* held: compared later */
    TARE_TRY(tare_codes_plan(codes, ids, id_count, a->now_ns, a->stack->witness, &checks, a->err));
    memcpy(pieces, a->extra, a->extra_count * sizeof *pieces);
    memcpy(pieces + a->extra_count, checks.reads, checks.read_count * sizeof *pieces);
    tare_status status = tare_stack_read(a->reader, a->stack, pieces,
                                         a->extra_count + checks.read_count, view, a->err);
    if (status != TARE_OK) {
        tare_codes_abandon(codes, &checks);
        return status;
    }
    a->stack->witness = *a->witness;
    if (!tare_codes_compare(codes, &checks)) {
        a->stack->frame_count = 0; /* ids in it may be gone */
        a->found = false;
    }
    return TARE_OK;
}

/* Reads and walks. UNSURE when that showed nothing of use: torn, disturbed, grown. */
static tare_status look_once(attempt *a, look *seen, tare_raddr *wanted_out)
{
    tare_stack_view view;
    *seen = (look){.finding = TARE_STACK_UNSURE, .top = TARE_NONE};
    tare_status status = read_once(a, &view);
    if (status == TARE_TORN) {
        a->torn_count++;
        forget_predictions(a->stack);
        return TARE_OK;
    }
    TARE_TRY(status);
    seen->disturbed = !a->still && was_disturbed(a->stack, &view);
    seen->moved = view.frame_before != view.frame_after;
    seen->settled = view.settled;
    if (!view.settled)
        return TARE_OK;
    return tare_stack_walk(a->reader, a->stack, &view, &seen->finding, &seen->top, wanted_out,
                           a->err);
}

/* A code object that was replaced unnoticed gives its frame a wrong length, and the walk goes
 * astray above it: nothing that it shows would ever be compared. Asked once a sample. */
static tare_status verify_walked(attempt *a, bool *same_out)
{
    const tare_stack *stack = a->stack;
    uint32_t          ids[MAX_IDS];
    uint32_t          count = 0;
    *same_out = true;
    a->walk_verified = true;
    for (uint32_t i = stack->walked_count; i > 0 && count < MAX_IDS; i--)
        if (stack->walked[i - 1].shown)
            ids[count++] = stack->walked[i - 1].code;
    TARE_TRY(tare_codes_verify(a->reader->codes, ids, count, a->now_ns, stack->witness, same_out,
                               a->err));
    if (!*same_out) {
        a->stack->frame_count = 0; /* ids in it may be gone */
        a->found = a->tentative = false;
    }
    return TARE_OK;
}

/* The same, with what the walk asked for brought in first, as often as it takes. */
static tare_status look_at_stack(attempt *a, look *seen)
{
    tare_raddr wanted = 0;
    uint32_t   id = 0;
    for (;;) {
        TARE_TRY(look_once(a, seen, &wanted));
        if (!shows_stack(seen) && !a->walk_verified && a->stack->walked_count > 0) {
            bool same = true;
            TARE_TRY(verify_walked(a, &same));
            if (!same)
                continue;
        }
        bool wants_code = seen->finding == TARE_STACK_NEEDS_CODE;
        if (!wants_code && seen->finding != TARE_STACK_NEEDS_OUTSIDE)
            return TARE_OK;
        if (a->resolve_count == TARE_STACK_MAX_RESOLVES)
            return TARE_OK;
        a->resolve_count++;
        a->reader->retry_count++;
        if (!wants_code) {
            add_outside_chain(a, wanted);
            continue;
        }
        tare_status status = tare_codes_resolve(a->reader->codes, wanted, a->now_ns,
                                                a->stack->witness, &id, a->err);
        if (status == TARE_CORRUPT || status == TARE_TORN)
            return TARE_OK; /* a stale pointer, or freed meanwhile */
        TARE_TRY(status);
    }
}

/* ---- one sample ---- */

/* Better than nothing, should no read show more. */
static tare_status keep_still_frames(attempt *a, uint32_t top)
{
    if (top == TARE_NONE || a->found)
        return TARE_OK;
    a->cut = true;
    return accept_frames(a, top);
}

/* The first read of a sample whose predictions hold: since the last sample much may have changed,
 * that is no restlessness. Two in a row that fail are. */
static void note_first_read(attempt *a, const look *seen)
{
    tare_restlessness *restlessness = &a->stack->restlessness;
    bool               calm = shows_stack(seen) && !seen->moved;
    if (a->noted)
        return;
    if (!seen->settled && !a->mispredicted) {
        a->mispredicted = true;
        return;
    }
    a->noted = true;
    if (seen->disturbed && !calm)
        return; /* in so long a time it may well have moved */
    if (tare_restlessness_is_due(restlessness, a->now_ns))
        tare_restlessness_note(restlessness, a->now_ns, !calm);
}

/* The frames that a disturbed read shares with the one before were all there in between. The
 * last of them may have gone on meanwhile. */
static tare_status keep_common_frames(attempt *a, uint32_t top)
{
    tare_stack *stack = a->stack;
    uint32_t    count = 0;
    bool        same = true;
    if (top == TARE_NONE || a->found)
        return TARE_OK;
    if (!a->tentative) {
        a->tentative = true;
        return take_frames(a, top);
    }
    for (uint32_t i = 0; i <= top && same && count < stack->frame_count; i++) {
        const tare_stack_walked *walked = &stack->walked[i];
        tare_stack_frame        *frame = &stack->frames[count];
        if (!walked->shown)
            continue;
        if (frame->address != walked->address || frame->code != walked->code)
            break;
        same = frame->unit == walked->unit;
        if (!same)
            *frame = new_frame(walked);
        count++;
    }
    stack->frame_count = count;
    if (count == 0)
        return take_frames(a, top);
    a->cut = true;
    TARE_TRY(verify_codes(a, &a->found));
    if (a->found)
        a->known = tare_edges_judge(a->reader, a->stack, &a->doubts);
    return TARE_OK;
}

/* The first consistent stack is the sample: waiting for one that is easier to prove would
 * favour the paths that are. */
static tare_status find_stack(attempt *a)
{
    for (uint32_t reads = 0; reads < TARE_STACK_MAX_READS; reads++) {
        look seen;
        a->reader->retry_count += reads > 0;
        TARE_TRY(look_at_stack(a, &seen));
        note_first_read(a, &seen);
        if (seen.disturbed) {
            TARE_TRY(keep_common_frames(a, seen.top));
            continue;
        }
        switch (seen.finding) {
        case TARE_STACK_NOTHING:
            a->empty = true;
            return TARE_OK;
        case TARE_STACK_FOUND:
        case TARE_STACK_LIKELY:
            a->cut = false;
            TARE_TRY(accept_frames(a, seen.top));
            if (a->found)
                return TARE_OK;
            break;
        default:
            TARE_TRY(keep_still_frames(a, seen.top));
        }
        if (a->torn_count >= TARE_STACK_MAX_READS / 2)
            return TARE_OK;
    }
    return TARE_OK;
}

/* Reads again: an edge that shows twice is no mixture of moments. */
static tare_status confirm_edges(attempt *a)
{
    for (uint32_t reads = 0; reads < TARE_STACK_MAX_CONFIRMS && a->found && !is_proven(a);
         reads++) {
        look seen;
        a->reader->retry_count++;
        TARE_TRY(look_at_stack(a, &seen));
        if (seen.finding != TARE_STACK_FOUND || seen.disturbed || !a->found)
            continue;
        TARE_TRY(tare_edges_learn(a->reader, a->stack, seen.top, &a->doubts, a->err));
        a->known = tare_edges_judge(a->reader, a->stack, &a->doubts);
    }
    return TARE_OK;
}

static bool can_hold(const attempt *a)
{
    return a->reader->memory->holder != NULL && a->stack->probe != NULL;
}

static bool has_budget(const attempt *a)
{
    return a->reader->hold_ns < HOLD_CREDIT_NS || a->stack->running_ns >= a->stack->next_hold_ns;
}

/* Time counts while the thread runs: were it the clock's, the budget would grow while it waits,
 * and every hold would fall on the first moment after. One tick of the caller's for each look. */
static void count_running(attempt *a)
{
    tare_stack_reader *reader = a->reader;
    if (a->now_ns != reader->tick_ns) {
        reader->tick_length_ns = reader->tick_ns == 0 ? 0 : a->now_ns - reader->tick_ns;
        reader->tick_ns = a->now_ns;
    }
    if (a->stack->probe != NULL)
        a->stack->running_ns += reader->tick_length_ns;
}

static uint64_t typical_hold_ns(const tare_stack_reader *reader)
{
    return reader->typical_hold_ns == 0 ? FIRST_HOLD_NS : reader->typical_hold_ns;
}

/* When the next hold may be follows from what holds cost on average. If it followed from this one,
 * stacks that take long to read would stand for more time. Half as much more or less by chance,
 * lest it keep step with the program. */
static void plan_next(attempt *a)
{
    double   mean_ns = (double)typical_hold_ns(a->reader) / a->reader->memory->hold_share;
    uint64_t chance = tare_mix(a->now_ns, CHANCE_SEED) >> 56; /* 0 .. 255 */
    a->stack->next_hold_ns = a->stack->running_ns + (uint64_t)mean_ns * (128 + chance) / 256;
}

/* A hold in which the guest lost the CPU counts as a few only. */
static void spend(attempt *a, uint64_t cost_ns)
{
    tare_stack_reader *reader = a->reader;
    uint64_t           typical_ns = typical_hold_ns(reader);
    uint64_t           counted_ns = cost_ns < 8 * typical_ns ? cost_ns : 8 * typical_ns;
    reader->typical_hold_ns = typical_ns - typical_ns / HOLDS_TO_AVERAGE +
                              counted_ns / HOLDS_TO_AVERAGE;
    reader->hold_count++;
    reader->hold_ns += cost_ns;
    plan_next(a);
}

/* Codes are compared in there too: short-lived ones are gone a moment later. */
static tare_status look_at_held(attempt *a, look *seen)
{
    tare_status status = TARE_OK;
    bool        done = false;
    a->now_ns = tare_os_monotonic_ns(); /* what was compared before the hold is compared again */
    a->still = true;
    for (uint32_t reads = 0; reads < TARE_STACK_MAX_READS && status == TARE_OK && !done; reads++) {
        status = look_at_stack(a, seen);
        done = seen->finding == TARE_STACK_NOTHING;
        if (status == TARE_OK && seen->finding == TARE_STACK_FOUND)
            status = verify_walked(a, &done);
    }
    a->still = false;
    return status;
}

/* The edges that it showed become known. They are the sample's if the sample showed no stack of
 * its own. */
static tare_status use_held(attempt *a, const look *seen)
{
    if (seen->finding != TARE_STACK_FOUND) {
        a->empty = seen->finding == TARE_STACK_NOTHING && !a->found;
        return TARE_OK;
    }
    bool takes_it = !a->found || a->cut;
    if (takes_it) {
        a->cut = false;
        TARE_TRY(accept_frames(a, seen->top));
    }
    if (!a->found)
        return TARE_OK;
    TARE_TRY(tare_edges_learn(a->reader, a->stack, seen->top, NULL, a->err));
    a->known = tare_edges_judge(a->reader, a->stack, &a->doubts);
    return TARE_OK;
}

typedef struct held_look {
    attempt    *a;
    look        seen;
    tare_status status;
} held_look;

static void look_while_held(void *context)
{
    held_look *held = context;
    held->status = look_at_held(held->a, &held->seen);
}

typedef enum hold_result { HOLD_DONE, HOLD_MISSED, HOLD_IMPOSSIBLE } hold_result;

static hold_result name_result(tare_status status)
{
    if (status == TARE_OK)
        return HOLD_DONE;
    return status == TARE_TORN ? HOLD_MISSED : HOLD_IMPOSSIBLE;
}

static tare_status prove_by_hold(attempt *a, hold_result *result_out)
{
    tare_memory *memory = a->reader->memory;
    held_look    held = {.a = a, .seen = {.finding = TARE_STACK_UNSURE}};
    uint64_t     held_ns = 0;
    tare_status  status = memory->hold(memory->holder, a->stack->probe, look_while_held, &held,
                                       &held_ns, NULL);
    if (status == TARE_PERMISSION)
        memory->holder = NULL;
    if (held_ns > 0)
        spend(a, held_ns);
    *result_out = name_result(status);
    if (status != TARE_OK)
        a->now_ns = tare_os_monotonic_ns(); /* it was tried for long: codes are compared again */
    if (status == TARE_OK && held.status == TARE_OK)
        return use_held(a, &held.seen);
    return held.status;
}

static tare_status sample_by_reading(attempt *a)
{
    hold_result unused;
    TARE_TRY(find_stack(a));
    if (!a->empty && !a->cut)
        TARE_TRY(confirm_edges(a));
    if (!a->empty && !is_proven(a) && can_hold(a) && has_budget(a))
        TARE_TRY(prove_by_hold(a, &unused));
    return TARE_OK;
}

/* A read that is no sample tells whether reading would do again. */
static tare_status probe(attempt *a)
{
    look seen;
    do {
        TARE_TRY(look_at_stack(a, &seen));
        note_first_read(a, &seen);
    } while (!a->noted);
    return TARE_OK;
}

/* Once or twice it can be chance that it was not met. */
static bool is_worth_another_try(attempt *a, hold_result result)
{
    tare_stack *stack = a->stack;
    stack->missed_holds = result == HOLD_MISSED ? stack->missed_holds + 1 : 0;
    return stack->missed_holds % TARE_STACK_MAX_MISSED != 0;
}

/* A restless thread: a hold, or none of its own for now. *done_out is false when it has calmed
 * down, or cannot be held. */
static tare_status sample_by_hold(attempt *a, bool *skipped_out, bool *done_out)
{
    tare_stack *stack = a->stack;
    hold_result result;
    *skipped_out = *done_out = false;
    if (has_budget(a)) {
        TARE_TRY(probe(a)); /* what is new to us is read now, not while the thread stands still */
        if (!stack->restlessness.high)
            return TARE_OK;
        TARE_TRY(prove_by_hold(a, &result));
        *done_out = result == HOLD_DONE;
        *skipped_out = is_worth_another_try(a, result);
        if (!*done_out && !*skipped_out)
            plan_next(a); /* it is read instead, and the sample stands for as much as a held one */
        return TARE_OK;
    }
    if (tare_restlessness_is_due(&stack->restlessness, a->now_ns))
        TARE_TRY(probe(a));
    *skipped_out = stack->restlessness.high;
    return TARE_OK;
}

static tare_stack_proof conclude(attempt *a)
{
    tare_stack *stack = a->stack;
    if (a->found && !a->cut && stack->frame_count == 0)
        a->empty = true; /* nothing but the interpreter's own frames */
    if (a->empty || !a->found || a->known == 0) {
        stack->frame_count = 0;
        return a->empty ? TARE_STACK_EMPTY : TARE_STACK_UNREADABLE;
    }
    if (is_proven(a))
        return TARE_STACK_PROVEN;
    stack->frame_count = a->known;
    return TARE_STACK_PREFIX;
}

tare_status tare_stack_sample(tare_stack_reader *reader, tare_stack *stack, const tare_read *extra,
                              size_t extra_count, const uint64_t *witness, uint64_t now_ns,
                              tare_stack_proof *proof_out, tare_error *err)
{
    attempt a = {.reader = reader,
                 .stack = stack,
                 .extra = extra,
                 .extra_count = extra_count,
                 .witness = witness,
                 .now_ns = now_ns,
                 .err = err};
    for (uint32_t i = 0; i < stack->outside_count; i++)
        stack->outside[i].idle++;
    bool skipped = false;
    bool done = false;
    count_running(&a);
    if (stack->restlessness.high && can_hold(&a))
        TARE_TRY(sample_by_hold(&a, &skipped, &done));
    if (!skipped && !done)
        TARE_TRY(sample_by_reading(&a));
    forget_idle_outside(stack, TARE_STACK_MAX_IDLE);
    *proof_out = skipped ? TARE_STACK_SKIPPED : conclude(&a);
    return TARE_OK;
}

bool tare_stack_stays(tare_stack_reader *reader, const tare_stack *stack)
{
    uint8_t  first[MAX_LOOK_BYTES];
    uint8_t  again[MAX_LOOK_BYTES];
    uint64_t instruction = 0;
    if (stack->frame_count == 0)
        return false;
    const tare_stack_frame *top = &stack->frames[stack->frame_count - 1];
    const tare_code        *code = &reader->codes->items[top->code];
    uint32_t bytes = code->frame_bytes < MAX_LOOK_BYTES ? code->frame_bytes : MAX_LOOK_BYTES;
    if (tare_memory_read(reader->memory, top->address, first, bytes, NULL) != TARE_OK)
        return false;
    memcpy(&instruction, first + reader->layout->frame.instruction, sizeof instruction);
    if (instruction != code->bytecode + 2 * (uint64_t)top->unit)
        return false;
    for (int i = 1; i < TARE_STACK_LOOKS; i++)
        if (tare_memory_read(reader->memory, top->address, again, bytes, NULL) != TARE_OK ||
            memcmp(first, again, bytes) != 0)
            return false;
    return true;
}
