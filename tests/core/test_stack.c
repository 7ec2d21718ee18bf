/* test_stack.c - stacks of a made-up process in every layout: those that are proven are right,
 * and what cannot be proven says so.
 *
 * A read that took unusually long counts as disturbed, so a busy machine may cost a sample:
 * samples are repeated, MAX_SAMPLES times at most. */
#include "harness.h"
#include "layouts.h"
#include "made_python.h"
#include "oom.h"

#include "remote/python.h"

enum { MAX_SAMPLES = 200, CHUNK_BYTES = 4096, FRAME_WORDS = 16, DEEP_FRAMES = 2000 };

static const uint64_t TICK_NS = 1000000;

typedef struct fixture {
    made_python  made;
    tare_profile profile;
    tare_python  python;
    tare_raddr   main, parse, walk; /* code objects */
    uint64_t     now_ns;
} fixture;

/* Eight instructions that the interpreter does by itself. */
static const char *plain_bytecode(const tare_layout *layout)
{
    static char bytecode[16];
    int         opcode = 0;
    while (layout->opcodes->kinds[opcode] != TARE_OPCODE_PLAIN ||
           layout->opcodes->caches[opcode] > 0)
        opcode++;
    for (int i = 0; i < 16; i += 2)
        bytecode[i] = (char)opcode;
    return bytecode;
}

static tare_raddr make_code(fixture *f, const char *name, uint32_t first_line)
{
    const made_code code = {
        .name = name,
        .file = "app.py",
        .first_line = first_line,
        .frame_words = FRAME_WORDS,
        .line_table = "\x87\x11", /* eight units of the first line */
        .line_table_bytes = 2,
        .bytecode = plain_bytecode(&f->made.memory.layout),
        .unit_count = 8,
    };
    return made_code_object(&f->made.memory, &code);
}

static fixture *set_up(const known_layout *known, const tare_alloc *alloc)
{
    fixture    *f = calloc(1, sizeof *f);
    tare_layout layout;
    if (f == NULL || tare_profile_init(&f->profile, alloc, NULL) != TARE_OK ||
        tare_layout_from_table(&layout, known->layout.minor, known->words, known->word_count,
                               NULL) != TARE_OK)
        abort();
    made_python_init(&f->made, &layout);
    f->main = make_code(f, "main", 1);
    f->parse = make_code(f, "parse", 11);
    f->walk = make_code(f, "walk", 21);
    f->now_ns = TICK_NS;
    f->python = (tare_python){.alloc = alloc, .memory = f->made.memory.memory, .stale = true};
    f->python.runtime.address = f->made.runtime;
    f->python.layout = f->made.memory.layout;
    tare_codes_init(&f->python.codes, &f->python.layout, &f->python.memory, &f->profile, alloc);
    f->python.reader = (tare_stack_reader){.layout = &f->python.layout,
                                           .memory = &f->python.memory,
                                           .codes = &f->python.codes,
                                           .alloc = alloc};
    made_thread(&f->made, 41);
    made_chunk(&f->made, CHUNK_BYTES);
    return f;
}

static void tear_down(fixture *f)
{
    tare_python_close(&f->python);
    tare_profile_deinit(&f->profile);
    free(f);
}

/* The proof of the thread's stack, PROVEN if it can be had. */
static tare_stack_proof sample(fixture *f, uint32_t thread)
{
    tare_stack_proof proof = TARE_STACK_UNREADABLE;
    for (int i = 0; i < MAX_SAMPLES && proof != TARE_STACK_PROVEN; i++) {
        f->now_ns += TICK_NS;
        CHECK_EQ(tare_python_sample(&f->python, thread, f->now_ns, &proof, NULL), TARE_OK);
    }
    return proof;
}

/* "main:1 parse:11 ..." of the frames found, bottom first. */
static bool shows(fixture *f, uint32_t thread, const char *expected)
{
    const tare_stack *stack = &f->python.threads[thread]->stack;
    char              text[256] = "";
    for (uint32_t i = 0; i < stack->frame_count && i < 8; i++) {
        uint32_t frame = 0;
        CHECK_EQ(tare_codes_frame(&f->python.codes, stack->frames[i].code, stack->frames[i].unit,
                                  &frame, NULL),
                 TARE_OK);
        const tare_frame *at = &f->profile.frames[frame];
        const char *name = tare_profile_text(&f->profile, f->profile.functions[at->function].name)
                               .bytes;
        size_t size = strlen(text);
        snprintf(text + size, sizeof text - size, "%s%s:%u", i > 0 ? " " : "", name, at->line);
    }
    if (strcmp(text, expected) == 0)
        return true;
    printf("    3.%u shows %s instead of %s\n", f->python.layout.minor, text, expected);
    return false;
}

/* ---- what stacks are made of ---- */

static void build_calls(fixture *f)
{
    made_enter(&f->made);
    made_call_of(&f->made, f->main, 2, FRAME_WORDS);
    made_call_of(&f->made, f->parse, 3, FRAME_WORDS);
    made_call_of(&f->made, f->walk, 0, FRAME_WORDS);
    made_running(&f->made);
}

/* C code in between: sorted() with a Python key function, say. */
static void build_callback(fixture *f)
{
    made_enter(&f->made);
    made_call_of(&f->made, f->main, 2, FRAME_WORDS);
    made_running(&f->made); /* it still executes, as far as it knows */
    made_enter(&f->made);
    made_call_of(&f->made, f->parse, 3, FRAME_WORDS);
    made_running(&f->made);
}

static void build_generator(fixture *f)
{
    made_enter(&f->made);
    made_call_of(&f->made, f->main, 2, FRAME_WORDS);
    made_generator(&f->made, f->walk, 5);
    made_call_of(&f->made, f->parse, 7, FRAME_WORDS);
    made_running(&f->made);
}

static void build_generator_on_top(fixture *f)
{
    made_enter(&f->made);
    made_call_of(&f->made, f->main, 2, FRAME_WORDS);
    made_generator(&f->made, f->parse, 1);
    made_generator(&f->made, f->walk, 5);
    made_running(&f->made);
}

static void build_two_chunks(fixture *f)
{
    made_enter(&f->made);
    made_call_of(&f->made, f->main, 2, FRAME_WORDS);
    made_chunk(&f->made, CHUNK_BYTES);
    made_call_of(&f->made, f->parse, 3, FRAME_WORDS);
    made_call_of(&f->made, f->walk, 4, FRAME_WORDS);
    made_running(&f->made);
}

static const struct {
    void (*build)(fixture *f);
    const char *shows;
} stacks[] = {
    {build_calls, "main:1 parse:11 walk:21"},
    {build_callback, "main:1 parse:11"},
    {build_generator, "main:1 walk:21 parse:11"},
    {build_generator_on_top, "main:1 parse:11 walk:21"},
    {build_two_chunks, "main:1 parse:11 walk:21"},
};

TEST(stacks_of_every_shape_are_proven_in_every_version)
{
    for (size_t version = 0; version < known_layout_count; version++) {
        for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
            fixture *f = set_up(&known_layouts[version], tare_alloc_system());
            stacks[i].build(f);
            CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
            CHECK_EQ(f->python.thread_count, 1);
            CHECK_EQ(f->python.threads[0]->tid, 41);
            CHECK_EQ(sample(f, 0), TARE_STACK_PROVEN);
            CHECK(shows(f, 0, stacks[i].shows));
            CHECK(!f->python.stale);
            tear_down(f);
        }
    }
}

TEST(a_thread_outside_python_is_empty)
{
    for (size_t version = 0; version < known_layout_count; version++) {
        fixture         *f = set_up(&known_layouts[version], tare_alloc_system());
        tare_stack_proof proof = TARE_STACK_UNREADABLE;
        CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
        for (int i = 0; i < MAX_SAMPLES && proof != TARE_STACK_EMPTY; i++)
            CHECK_EQ(tare_python_sample(&f->python, 0, TICK_NS, &proof, NULL), TARE_OK);
        CHECK_EQ(proof, TARE_STACK_EMPTY);
        CHECK_EQ(f->python.threads[0]->stack.frame_count, 0);
        tear_down(f);
    }
}

TEST(a_deep_stack_is_proven_to_its_bottom)
{
    fixture  *f = set_up(&known_layouts[0], tare_alloc_system());
    made_code small = {
        .name = "f", .file = "f.py", .frame_words = 10, .bytecode = "\1", .unit_count = 1};
    tare_raddr code = made_code_object(&f->made.memory, &small);
    made_enter(&f->made);
    for (int i = 0; i < DEEP_FRAMES; i++) {
        if (f->made.chunk_top + 80 > f->made.chunk_end)
            made_chunk(&f->made, 4 * CHUNK_BYTES);
        made_call_of(&f->made, code, 0, 10);
    }
    made_running(&f->made);
    CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
    CHECK_EQ(sample(f, 0), TARE_STACK_PROVEN);
    CHECK_EQ(f->python.threads[0]->stack.frame_count, DEEP_FRAMES);
    CHECK(!f->python.threads[0]->stack.truncated);
    tear_down(f);
}

/* ---- time goes on ---- */

TEST(a_stack_is_followed_as_it_changes)
{
    for (size_t version = 0; version < known_layout_count; version++) {
        fixture *f = set_up(&known_layouts[version], tare_alloc_system());
        build_calls(f);
        CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
        CHECK_EQ(sample(f, 0), TARE_STACK_PROVEN);
        CHECK(tare_stack_stays(&f->python.reader, &f->python.threads[0]->stack));
        tare_raddr instruction = f->made.last_frame + f->python.layout.frame.instruction;
        made_word(&f->made.memory, instruction, f->walk + f->python.layout.code.bytecode + 4);
        CHECK(!tare_stack_stays(&f->python.reader, &f->python.threads[0]->stack));
        made_call_of(&f->made, f->main, 1, FRAME_WORDS);
        made_running(&f->made);
        CHECK_EQ(sample(f, 0), TARE_STACK_PROVEN);
        CHECK(shows(f, 0, "main:1 parse:11 walk:21 main:1"));
        tear_down(f);
    }
}

/* The code object of the top frame is freed, and its storage reused for another. */
TEST(code_that_was_replaced_is_resolved_anew)
{
    for (size_t version = 0; version < known_layout_count; version++) {
        fixture *f = set_up(&known_layouts[version], tare_alloc_system());
        build_calls(f);
        CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
        CHECK_EQ(sample(f, 0), TARE_STACK_PROVEN);
        tare_raddr other = make_code(f, "other", 31);
        made_put(&f->made.memory, f->walk, made_at(&f->made.memory, other),
                 f->python.layout.code.bytecode);
        f->now_ns += 1000 * TICK_NS;
        CHECK_EQ(sample(f, 0), TARE_STACK_PROVEN);
        CHECK(shows(f, 0, "main:1 parse:11 other:31"));
        tear_down(f);
    }
}

TEST(new_threads_make_the_list_stale)
{
    fixture *f = set_up(&known_layouts[0], tare_alloc_system());
    build_calls(f);
    CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
    made_thread(&f->made, 42);
    made_chunk(&f->made, CHUNK_BYTES);
    build_callback(f);
    CHECK_EQ(sample(f, 0), TARE_STACK_PROVEN);
    CHECK(f->python.stale);
    CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
    CHECK_EQ(f->python.thread_count, 2);
    CHECK_EQ(f->python.threads[0]->tid, 42);
    CHECK_EQ(sample(f, 0), TARE_STACK_PROVEN);
    CHECK(shows(f, 0, "main:1 parse:11"));
    CHECK_EQ(sample(f, 1), TARE_STACK_PROVEN);
    CHECK(shows(f, 1, "main:1 parse:11 walk:21"));
    tear_down(f);
}

/* ---- the top changes while it is read ---- */

enum { CALLEES = 16, MANY_SAMPLES = 1000, HOLD_NS = 20000 };

/* A memory in which the top frame runs another function at every read, until it is held. */
typedef struct restless {
    fixture   *f;
    tare_raddr callees[CALLEES];
    uint32_t   turn;
    uint64_t   random;
    bool       held;
    bool       slips; /* it ran while it was held */
    uint32_t   holds;
} restless;

static void change_top(restless *r)
{
    tare_raddr top = r->f->made.last_frame;
    tare_raddr code = r->callees[r->turn % CALLEES];
    made_word(&r->f->made.memory, top + r->f->python.layout.frame.code, code);
    made_word(&r->f->made.memory, top + r->f->python.layout.frame.instruction,
              code + r->f->python.layout.code.bytecode);
}

/* Goes on for an unknown time. */
static void let_time_pass(restless *r)
{
    r->random = r->random * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    r->turn = (uint32_t)(r->random >> 40);
    change_top(r);
}

static tare_status read_restless(void *context, const tare_read *reads, size_t read_count,
                                 size_t *done_bytes_out, tare_error *err)
{
    restless *r = context;
    if (!r->held && read_count > 1) {
        r->turn++;
        change_top(r);
    }
    return made_read(&r->f->made.memory, reads, read_count, done_bytes_out, err);
}

static tare_status hold_restless(tare_holder *holder, const tare_thread_probe *probe,
                                 void (*work)(void *context), void *context, uint64_t *held_ns_out,
                                 tare_error *err)
{
    restless *r = (restless *)(void *)holder;
    (void)err;
    CHECK_EQ(probe->tid, 41);
    let_time_pass(r);
    r->held = true;
    r->holds++;
    work(context);
    r->held = false;
    *held_ns_out = HOLD_NS;
    return r->slips ? TARE_TORN : TARE_OK;
}

static const tare_thread_probe restless_probe = {.tid = 41, .syscall_fd = -1, .stat_fd = -1};

static void make_restless(restless *r, const known_layout *known)
{
    *r = (restless){.f = set_up(known, tare_alloc_system())};
    for (uint32_t i = 0; i < CALLEES; i++)
        r->callees[i] = make_code(r->f, "callee", 100 + i);
    build_calls(r->f);
    CHECK_EQ(tare_python_refresh(&r->f->python, NULL), TARE_OK);
    r->f->python.memory.read = read_restless;
    r->f->python.memory.context = r;
    r->f->python.threads[0]->stack.probe = &restless_probe;
}

static void allow_holds(restless *r)
{
    r->f->python.memory.hold = hold_restless;
    r->f->python.memory.hold_share = TARE_HOLD_SHARE;
    r->f->python.memory.holder = (tare_holder *)(void *)r;
}

static tare_stack_proof sample_once(restless *r, uint64_t later_ns)
{
    tare_stack_proof proof = TARE_STACK_UNREADABLE;
    r->f->now_ns += later_ns;
    let_time_pass(r);
    CHECK_EQ(tare_python_sample(&r->f->python, 0, r->f->now_ns, &proof, NULL), TARE_OK);
    return proof;
}

TEST(what_is_never_seen_twice_is_cut_below)
{
    for (size_t version = 0; version < known_layout_count; version++) {
        restless r;
        uint32_t prefix_count = 0;
        make_restless(&r, &known_layouts[version]);
        for (int i = 0; i < MAX_SAMPLES; i++) {
            tare_stack_proof proof = sample_once(&r, TICK_NS);
            CHECK(proof == TARE_STACK_PREFIX || proof == TARE_STACK_UNREADABLE);
            if (proof == TARE_STACK_PREFIX)
                CHECK(shows(r.f, 0, "main:1 parse:11"));
            prefix_count += proof == TARE_STACK_PREFIX;
        }
        CHECK(prefix_count > 0);
        tear_down(r.f);
    }
}

TEST(a_hold_proves_what_is_never_seen_twice)
{
    for (size_t version = 0; version < known_layout_count; version++) {
        restless r;
        uint32_t proven_count = 0;
        make_restless(&r, &known_layouts[version]);
        allow_holds(&r);
        for (int i = 0; i < MANY_SAMPLES; i++)
            sample_once(&r, 10 * TICK_NS);
        uint32_t holds = r.holds;
        CHECK(holds >= CALLEES);
        for (int i = 0; i < MANY_SAMPLES; i++)
            proven_count += sample_once(&r, 10 * TICK_NS) == TARE_STACK_PROVEN;
        CHECK(proven_count > MANY_SAMPLES * 9 / 10);
        CHECK(r.f->python.reader.hold_count == r.holds);
        CHECK(r.holds - holds < MANY_SAMPLES / 10); /* nothing left to prove */
        tear_down(r.f);
    }
}

TEST(holds_keep_to_their_budget)
{
    restless r;
    make_restless(&r, &known_layouts[0]);
    allow_holds(&r);
    for (uint32_t i = 0; i < MANY_SAMPLES; i++) {
        tare_map_deinit(&r.f->python.reader.edges, r.f->python.alloc); /* nothing is known */
        sample_once(&r, 1);
    }
    CHECK(r.holds > 0);
    CHECK(r.holds < MANY_SAMPLES / 2);
    tear_down(r.f);
}

/* Of a restless thread nothing is read that was not held: two moments could look like one. */
TEST(a_sample_that_could_not_be_held_is_skipped)
{
    enum { SAMPLES = 160 };
    restless r;
    uint32_t skipped_count = 0;
    make_restless(&r, &known_layouts[0]);
    allow_holds(&r);
    r.slips = true;
    /* Judged at the end of the window. */
    r.f->python.threads[0]->stack.restlessness = (tare_restlessness){.high = true, .window = 256};
    for (int i = 0; i < SAMPLES; i++)
        skipped_count += sample_once(&r, 10 * TICK_NS) == TARE_STACK_SKIPPED;
    CHECK(skipped_count >= SAMPLES * 9 / 10);
    CHECK(skipped_count < SAMPLES); /* a thread that can never be held is read at last */
    tear_down(r.f);
}

TEST(what_a_slipped_hold_shows_is_not_used)
{
    restless r;
    make_restless(&r, &known_layouts[0]);
    allow_holds(&r);
    r.slips = true;
    for (int i = 0; i < MANY_SAMPLES; i++)
        CHECK(sample_once(&r, 10 * TICK_NS) != TARE_STACK_PROVEN);
    CHECK(r.holds > 0);
    tear_down(r.f);
}

/* ---- what cannot be proven ---- */

TEST(a_broken_link_leaves_nothing_proven)
{
    for (size_t version = 0; version < known_layout_count; version++) {
        fixture *f = set_up(&known_layouts[version], tare_alloc_system());
        build_calls(f);
        tare_raddr bottom = f->made.chunk + MADE_CHUNK_HEADER + 8;
        made_word(&f->made.memory, bottom + f->python.layout.frame.previous, bottom);
        CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
        CHECK_EQ(sample(f, 0), TARE_STACK_UNREADABLE);
        CHECK_EQ(f->python.threads[0]->stack.frame_count, 0);
        tear_down(f);
    }
}

TEST(an_unmapped_stack_is_unreadable)
{
    fixture *f = set_up(&known_layouts[0], tare_alloc_system());
    build_calls(f);
    CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
    made_word(&f->made.memory, f->made.thread + f->python.layout.thread.datastack_chunk, 4096);
    CHECK_EQ(sample(f, 0), TARE_STACK_UNREADABLE);
    tear_down(f);
}

TEST(a_process_that_is_gone_says_so)
{
    fixture         *f = set_up(&known_layouts[0], tare_alloc_system());
    tare_stack_proof proof;
    build_calls(f);
    CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
    made_event(&f->made.memory, 0, TARE_GONE, 0);
    CHECK_EQ(tare_python_sample(&f->python, 0, TICK_NS, &proof, NULL), TARE_GONE);
    tear_down(f);
}

TEST(lists_without_an_end_are_torn)
{
    fixture *f = set_up(&known_layouts[0], tare_alloc_system());
    made_word(&f->made.memory, f->made.interpreter + f->python.layout.interpreter.next,
              f->made.interpreter);
    CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_TORN);
    CHECK_EQ(f->python.interpreter_count, TARE_PYTHON_MAX_INTERPRETERS);
    CHECK(f->python.stale);
    tear_down(f);
}

TEST(without_interpreters_it_is_not_ready)
{
    fixture *f = set_up(&known_layouts[0], tare_alloc_system());
    made_word(&f->made.memory, f->made.runtime + f->python.layout.runtime.interpreters_head, 0);
    CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_NOT_READY);
    tear_down(f);
}

TEST(without_memory_it_says_so)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    oom_init(&memory, 0);
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        fixture         *f = set_up(&known_layouts[0], &memory.alloc);
        tare_stack_proof proof = TARE_STACK_UNREADABLE;
        build_generator(f);
        memory.fail_at = memory.requests + fail_at;
        status = tare_python_refresh(&f->python, NULL);
        for (int i = 0; i < MAX_SAMPLES && status == TARE_OK && proof != TARE_STACK_PROVEN; i++)
            status = tare_python_sample(&f->python, 0, TICK_NS, &proof, NULL);
        CHECK(status == TARE_NO_MEMORY || (status == TARE_OK && proof == TARE_STACK_PROVEN));
        memory.fail_at = 0;
        if (f->python.thread_count == 0)
            CHECK_EQ(tare_python_refresh(&f->python, NULL), TARE_OK);
        CHECK_EQ(sample(f, 0), TARE_STACK_PROVEN);
        CHECK(shows(f, 0, "main:1 walk:21 parse:11"));
        tear_down(f);
        CHECK_EQ(memory.outstanding, 0);
    }
}
