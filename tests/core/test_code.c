/* test_code.c - code objects of a made-up process: read once, watched, and never believed. */
#include "harness.h"
#include "made_memory.h"
#include "oom.h"

enum { FRAME_WORDS = 16, UNITS = 5 };

static const uint64_t NOW_NS = 1000000000;

/* Two units of line 3, one without a line, two of line 4. */
static const made_code parse_code = {
    .name = "parse",
    .file = "/srv/reader.py",
    .first_line = 3,
    .frame_words = FRAME_WORDS,
    .line_table = "\x81\x11\xf8\xd9\x01\x02",
    .line_table_bytes = 6,
    .bytecode = "\1\0\1\0\1\0\1\0\1",
    .unit_count = UNITS,
};

typedef struct fixture {
    made_memory *made;
    tare_profile profile;
    tare_codes   codes;
} fixture;

static void set_up(fixture *f, uint32_t minor, const tare_alloc *alloc)
{
    f->made = made_new(minor);
    if (tare_profile_init(&f->profile, alloc, NULL) != TARE_OK)
        abort();
    tare_codes_init(&f->codes, &f->made->layout, &f->made->memory, &f->profile, alloc);
}

static void tear_down(fixture *f)
{
    tare_codes_deinit(&f->codes);
    tare_profile_deinit(&f->profile);
    free(f->made);
}

static tare_status resolve(fixture *f, tare_raddr address, uint32_t *id_out)
{
    return tare_codes_resolve(&f->codes, address, NOW_NS, 1, id_out, NULL);
}

static bool is_string(const fixture *f, uint32_t id, const char *expected)
{
    tare_text text = tare_profile_text(&f->profile, id);
    return text.size == strlen(expected) && memcmp(text.bytes, expected, text.size) == 0;
}

static uint32_t line_of(fixture *f, uint32_t id, uint32_t unit)
{
    uint32_t frame = 0;
    CHECK_EQ(tare_codes_frame(&f->codes, id, unit, &frame, NULL), TARE_OK);
    CHECK_EQ(f->profile.frames[frame].function, f->codes.items[id].function);
    return f->profile.frames[frame].line;
}

TEST(a_code_object_becomes_a_function_and_frames)
{
    for (uint32_t minor = 11; minor <= 12; minor++) {
        fixture  f;
        uint32_t id = TARE_MAP_ABSENT;
        set_up(&f, minor, tare_alloc_system());
        tare_raddr address = made_code_object(f.made, &parse_code);
        CHECK_EQ(tare_codes_find(&f.codes, address), TARE_MAP_ABSENT);
        CHECK_EQ(resolve(&f, address, &id), TARE_OK);
        CHECK_EQ(tare_codes_find(&f.codes, address), id);
        const tare_code     *code = &f.codes.items[id];
        const tare_function *function = &f.profile.functions[code->function];
        CHECK(is_string(&f, function->name, "parse") && is_string(&f, function->qualname, "parse"));
        CHECK(is_string(&f, function->file, "/srv/reader.py"));
        CHECK_EQ(function->first_line, 3);
        CHECK_EQ(function->kind, TARE_FUNCTION_PYTHON);
        CHECK_EQ(code->unit_count, UNITS);
        CHECK_EQ(code->frame_bytes, 8 * FRAME_WORDS);
        CHECK_EQ(code->bytecode, address + f.made->layout.code.bytecode);
        CHECK(!code->shim);
        CHECK_EQ(line_of(&f, id, 0), 3);
        CHECK_EQ(line_of(&f, id, 1), 3);
        CHECK_EQ(line_of(&f, id, 2), 3); /* has none: the one before */
        CHECK_EQ(line_of(&f, id, 3), 4);
        CHECK_EQ(f.profile.frame_count, 2);
        CHECK_EQ(tare_profile_check(&f.profile, NULL), TARE_OK);
        tear_down(&f);
    }
}

TEST(a_shim_has_no_function)
{
    fixture   f;
    uint32_t  id = 0;
    made_code shim = parse_code;
    set_up(&f, 12, tare_alloc_system());
    shim.name = NULL;
    CHECK_EQ(resolve(&f, made_code_object(f.made, &shim), &id), TARE_OK);
    CHECK(f.codes.items[id].shim);
    CHECK_EQ(f.profile.function_count, 0);
    tear_down(&f);
}

TEST(a_malformed_line_table_costs_lines_only)
{
    fixture   f;
    uint32_t  id = 0;
    made_code code = parse_code;
    set_up(&f, 12, tare_alloc_system());
    code.line_table = "\x80\x11\x11"; /* one unit of line 3, then no head byte */
    code.line_table_bytes = 3;
    CHECK_EQ(resolve(&f, made_code_object(f.made, &code), &id), TARE_OK);
    CHECK_EQ(line_of(&f, id, 4), 3);
    code.line_table_bytes = 0;
    CHECK_EQ(resolve(&f, made_code_object(f.made, &code), &id), TARE_OK);
    CHECK_EQ(line_of(&f, id, 4), 0);
    tear_down(&f);
}

/* ---- what is no code object ---- */

TEST(another_type_is_corrupt)
{
    fixture  f;
    uint32_t id = 0;
    set_up(&f, 12, tare_alloc_system());
    tare_raddr address = made_code_object(f.made, &parse_code);
    tare_raddr wrong = made_code_object(f.made, &parse_code);
    made_word(f.made, wrong + 8, made_type(f.made, "codec"));
    CHECK_EQ(resolve(&f, wrong, &id), TARE_CORRUPT);
    made_word(f.made, wrong + 8, made_type(f.made, "cod"));
    CHECK_EQ(resolve(&f, wrong, &id), TARE_CORRUPT);
    made_word(f.made, wrong + 8, 0);
    CHECK_EQ(resolve(&f, wrong, &id), TARE_TORN);
    CHECK_EQ(resolve(&f, address, &id), TARE_OK); /* now the type is known by address */
    CHECK_EQ(resolve(&f, wrong, &id), TARE_CORRUPT);
    CHECK_EQ(f.codes.count, 1);
    tear_down(&f);
}

static tare_status resolve_changed(uint64_t unit_count, uint32_t frame_words)
{
    fixture  f;
    uint32_t id = 0;
    set_up(&f, 12, tare_alloc_system());
    tare_raddr address = made_code_object(f.made, &parse_code);
    made_word(f.made, address + 16, unit_count);
    made_frame_words(f.made, address, frame_words);
    tare_status status = resolve(&f, address, &id);
    CHECK_EQ(f.codes.count, status == TARE_OK);
    tear_down(&f);
    return status;
}

TEST(impossible_sizes_are_corrupt)
{
    uint32_t header_words = 9; /* 72 bytes */
    CHECK_EQ(resolve_changed(UNITS, header_words), TARE_OK);
    CHECK_EQ(resolve_changed(UNITS, header_words - 1), TARE_CORRUPT);
    CHECK_EQ(resolve_changed(UNITS, 1 << 20), TARE_OK);
    CHECK_EQ(resolve_changed(UNITS, (1 << 20) + 1), TARE_CORRUPT);
    CHECK_EQ(resolve_changed(UNITS, UINT32_MAX), TARE_CORRUPT);
    CHECK_EQ(resolve_changed(0, FRAME_WORDS), TARE_CORRUPT);
    CHECK_EQ(resolve_changed((1 << 22) + 1, FRAME_WORDS), TARE_CORRUPT);
    CHECK_EQ(resolve_changed(UINT64_MAX, FRAME_WORDS), TARE_CORRUPT);
    CHECK_EQ(resolve_changed(1 << 22, FRAME_WORDS), TARE_TORN); /* its bytecode is not there */
}

/* Reads: object, type, its name, 3 strings and the line table of 2 reads each, bytecode. */
TEST(an_object_that_changes_while_it_is_read_is_torn)
{
    for (uint64_t reads_before = 1; reads_before <= 12; reads_before++) {
        fixture  f;
        uint32_t id = 0;
        set_up(&f, 12, tare_alloc_system());
        tare_raddr address = made_code_object(f.made, &parse_code);
        made_event(f.made, reads_before, TARE_OK, address + f.made->layout.code.first_line);
        CHECK_EQ(resolve(&f, address, &id), TARE_TORN);
        CHECK_EQ(f.codes.count, 0);
        tear_down(&f);
    }
}

/* All words of a freed object are there still, but for the first. */
TEST(a_freed_object_is_torn)
{
    static const uint64_t firsts[] = {0, 0x7f877fb58740, 0x55d0c3a10010, /* free blocks */
                                      1, 999999999,      0xffffffff,     0x4000000c0000000};
    enum { FREED = 3 };
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        fixture  f;
        uint32_t id = 0;
        set_up(&f, 12, tare_alloc_system());
        tare_raddr address = made_code_object(f.made, &parse_code);
        made_word(f.made, address, firsts[i]);
        CHECK_EQ(resolve(&f, address, &id), i < FREED ? TARE_TORN : TARE_OK);
        tear_down(&f);
    }
}

TEST(each_failed_read_is_passed_on)
{
    tare_status status = TARE_GONE;
    uint64_t    reads_before = 0;
    for (; status != TARE_OK; reads_before++) {
        fixture  f;
        uint32_t id = 0;
        set_up(&f, 12, tare_alloc_system());
        tare_raddr address = made_code_object(f.made, &parse_code);
        made_event(f.made, reads_before, TARE_GONE, 0);
        status = resolve(&f, address, &id);
        CHECK(status == TARE_GONE || (status == TARE_OK && reads_before == 13));
        tear_down(&f);
    }
    CHECK_EQ(reads_before, 14);
}

/* ---- watching ---- */

static bool verify(fixture *f, const uint32_t *ids, size_t count, uint64_t now_ns, uint64_t witness)
{
    bool same = false;
    CHECK_EQ(tare_codes_verify(&f->codes, ids, count, now_ns, witness, &same, NULL), TARE_OK);
    return same;
}

static uint64_t reads_of(const fixture *f)
{
    return f->made->memory.read_count;
}

TEST(a_witness_says_when_to_look_again)
{
    fixture  f;
    uint32_t id = 0;
    set_up(&f, 12, tare_alloc_system());
    f.made->layout.interpreter.code_witness = 0; /* there is one */
    CHECK_EQ(resolve(&f, made_code_object(f.made, &parse_code), &id), TARE_OK);
    uint64_t reads_before = reads_of(&f);
    CHECK(verify(&f, &id, 1, NOW_NS + TARE_CODE_TRUST_NS, 1));
    CHECK_EQ(reads_of(&f), reads_before);
    CHECK(verify(&f, &id, 1, NOW_NS, 2));
    CHECK_EQ(reads_of(&f), reads_before + 1);
    CHECK(verify(&f, &id, 1, NOW_NS, 2));
    CHECK_EQ(reads_of(&f), reads_before + 1);
    CHECK(verify(&f, &id, 1, NOW_NS + TARE_CODE_TRUST_NS + 1, 2));
    CHECK_EQ(reads_of(&f), reads_before + 2);
    tear_down(&f);
}

TEST(without_a_witness_time_alone_says_it)
{
    fixture  f;
    uint32_t id = 0;
    set_up(&f, 11, tare_alloc_system());
    f.made->layout.interpreter.code_witness = TARE_LAYOUT_ABSENT;
    CHECK_EQ(resolve(&f, made_code_object(f.made, &parse_code), &id), TARE_OK);
    uint64_t reads_before = reads_of(&f);
    CHECK(verify(&f, &id, 1, NOW_NS + TARE_CODE_BLIND_TRUST_NS, 0));
    CHECK_EQ(reads_of(&f), reads_before);
    CHECK(verify(&f, &id, 1, NOW_NS + TARE_CODE_BLIND_TRUST_NS + 1, 0));
    CHECK_EQ(reads_of(&f), reads_before + 1);
    tear_down(&f);
}

TEST(another_object_at_the_same_address_is_noticed)
{
    fixture   f;
    uint32_t  old_id = 0;
    uint32_t  new_id = 0;
    made_code other = parse_code;
    set_up(&f, 12, tare_alloc_system());
    tare_raddr address = made_code_object(f.made, &parse_code);
    CHECK_EQ(resolve(&f, address, &old_id), TARE_OK);
    other.name = "write";
    tare_raddr elsewhere = made_code_object(f.made, &other);
    made_put(f.made, address, made_at(f.made, elsewhere), f.made->layout.code.bytecode + 2 * UNITS);
    CHECK(!verify(&f, &old_id, 1, NOW_NS * 2, 2));
    CHECK_EQ(f.codes.items[old_id].address, 0);
    CHECK_EQ(f.codes.items[old_id].unit_count, 0);
    CHECK_EQ(f.codes.emptied_count, 1);
    CHECK_EQ(tare_codes_find(&f.codes, address), TARE_MAP_ABSENT);
    CHECK(verify(&f, &old_id, 1, NOW_NS * 3, 3)); /* emptied: nothing left to compare */
    CHECK_EQ(f.codes.emptied_count, 1);
    CHECK_EQ(resolve(&f, address, &new_id), TARE_OK);
    CHECK(new_id != old_id);
    CHECK_EQ(tare_codes_find(&f.codes, address), new_id);
    CHECK(is_string(&f, f.profile.functions[f.codes.items[new_id].function].name, "write"));
    tear_down(&f);
}

TEST(unmapped_code_is_forgotten)
{
    fixture  f;
    uint32_t id = 0;
    set_up(&f, 12, tare_alloc_system());
    tare_raddr address = made_code_object(f.made, &parse_code);
    CHECK_EQ(resolve(&f, address, &id), TARE_OK);
    f.made->size = address - MADE_BASE;
    CHECK(!verify(&f, &id, 1, NOW_NS * 2, 2));
    CHECK_EQ(tare_codes_find(&f.codes, address), TARE_MAP_ABSENT);
    tear_down(&f);
}

/* A deep recursion: one look for the function, however often it is on the stack; and 600
 * functions in as few reads as fit. */
TEST(each_object_is_compared_once)
{
    enum { FUNCTIONS = 600 };
    fixture         f;
    static uint32_t ids[2 * FUNCTIONS];
    set_up(&f, 12, tare_alloc_system());
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        made_code code = {.name = "f",
                          .file = "f.py",
                          .first_line = i,
                          .frame_words = FRAME_WORDS,
                          .bytecode = "\1",
                          .unit_count = 1};
        CHECK_EQ(resolve(&f, made_code_object(f.made, &code), &ids[i]), TARE_OK);
        ids[FUNCTIONS + i] = ids[i];
    }
    uint64_t reads_before = reads_of(&f);
    CHECK(verify(&f, ids, 2 * FUNCTIONS, NOW_NS * 2, 2));
    CHECK_EQ(reads_of(&f), reads_before + 10); /* nine times 64, once 24 */
    for (uint32_t i = 0; i < FUNCTIONS; i++)
        ids[i] = ids[0];
    CHECK(verify(&f, ids, FUNCTIONS, NOW_NS * 3, 3));
    CHECK_EQ(reads_of(&f), reads_before + 11);
    tear_down(&f);
}

/* ---- kinds ---- */

static uint8_t find_opcode(const tare_opcode_table *table, tare_opcode_kind kind, bool with_caches)
{
    for (int opcode = 0; opcode < 256; opcode++)
        if (table->kinds[opcode] == kind && (table->caches[opcode] > 0) == with_caches)
            return (uint8_t)opcode;
    abort();
}

TEST(caches_are_of_the_kind_of_their_instruction)
{
    for (uint32_t minor = 11; minor <= 12; minor++) {
        fixture   f;
        uint32_t  id = 0;
        char      bytecode[2 * 32] = {0};
        made_code code = parse_code;
        set_up(&f, minor, tare_alloc_system());
        const tare_opcode_table *table = f.made->layout.opcodes;
        CHECK_EQ(table->minor, minor);
        uint8_t plain = find_opcode(table, TARE_OPCODE_PLAIN, false);
        uint8_t native = find_opcode(table, TARE_OPCODE_NATIVE_CALL, true);
        uint8_t caches = table->caches[native];
        for (int unit = 0; unit < 32; unit++)
            bytecode[2 * unit] = (char)plain;
        bytecode[2 * 3] = (char)native;
        bytecode[2 * 4] = (char)find_opcode(table, TARE_OPCODE_OPERATOR, true); /* a cache */
        bytecode[2 * 31] = (char)native; /* its caches would lie behind the code */
        code.bytecode = bytecode;
        code.unit_count = 32;
        CHECK_EQ(resolve(&f, made_code_object(f.made, &code), &id), TARE_OK);
        for (uint32_t unit = 0; unit < 31; unit++) {
            bool in_call = unit >= 3 && unit <= 3u + caches;
            CHECK_EQ(tare_codes_kind(&f.codes, id, unit, NOW_NS),
                     in_call ? TARE_OPCODE_NATIVE_CALL : TARE_OPCODE_PLAIN);
        }
        CHECK_EQ(tare_codes_kind(&f.codes, id, 31, NOW_NS), TARE_OPCODE_NATIVE_CALL);
        tear_down(&f);
    }
}

TEST(old_kinds_are_read_again_when_they_can_be)
{
    fixture  f;
    uint32_t id = 0;
    set_up(&f, 12, tare_alloc_system());
    tare_raddr address = made_code_object(f.made, &parse_code);
    uint8_t    native = find_opcode(f.made->layout.opcodes, TARE_OPCODE_NATIVE_CALL, true);
    uint64_t   late_ns = NOW_NS + TARE_CODE_KIND_TRUST_NS + 1;
    CHECK_EQ(resolve(&f, address, &id), TARE_OK);
    *made_at(f.made, address + f.made->layout.code.bytecode) = native;
    CHECK_EQ(tare_codes_kind(&f.codes, id, 0, late_ns - 1), TARE_OPCODE_PLAIN);
    CHECK_EQ(tare_codes_kind(&f.codes, id, 0, late_ns), TARE_OPCODE_NATIVE_CALL);
    f.made->size = 0;
    CHECK_EQ(tare_codes_kind(&f.codes, id, 0, 2 * late_ns), TARE_OPCODE_NATIVE_CALL);
    tear_down(&f);
}

/* ---- without memory ---- */

/* Whatever fails, nothing is listed half, and the next try succeeds. */
TEST(without_memory_nothing_is_kept_half)
{
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    oom_init(&memory, 0);
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        fixture  f;
        uint32_t id = 0;
        uint32_t frame = 0;
        bool     same = false;
        set_up(&f, 12, &memory.alloc);
        tare_raddr address = made_code_object(f.made, &parse_code);
        memory.fail_at = memory.requests + fail_at;
        status = resolve(&f, address, &id);
        CHECK_EQ(f.codes.count, status == TARE_OK);
        if (status == TARE_OK)
            status = tare_codes_frame(&f.codes, id, 3, &frame, NULL);
        if (status == TARE_OK)
            status = tare_codes_verify(&f.codes, &id, 1, NOW_NS * 2, 2, &same, NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        memory.fail_at = 0;
        if (tare_codes_find(&f.codes, address) == TARE_MAP_ABSENT)
            CHECK_EQ(resolve(&f, address, &id), TARE_OK);
        CHECK_EQ(line_of(&f, id, 3), 4);
        CHECK_EQ(tare_profile_check(&f.profile, NULL), TARE_OK);
        tear_down(&f);
        CHECK_EQ(memory.outstanding, 0);
    }
}
