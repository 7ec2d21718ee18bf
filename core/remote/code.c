/* code.c - see code.h.
 *
 *     PyCodeObject   head | ... first_line ... name, file, line_table ... | bytecode
 *                           '--------- identity: compared as bytes -----'
 *
 * Reference counts lie in front of the identity and inline caches behind it, so the
 * identity does not change while the object lives (lazily filled fields such as the
 * cached co_code lie between line_table and bytecode and are left out). From 3.12 on it has a
 * number that no other code object of the process has. On 3.11 one that is made where one was
 * freed can have the same words in all of it, so the str of the file's name belongs to it too.
 * Everything read is foreign: sizes are bounded before they are used, and the identity is
 * read a second time after the strings, with the reference count, so that a code object freed
 * meanwhile is noticed. */
#include "remote/code.h"

#include "remote/line_table.h"
#include "remote/text.h"

#include <string.h>

enum {
    MAX_UNITS = 1 << 22,
    MAX_FRAME_WORDS = 1 << 20,
    MAX_LINE_TABLE_BYTES = 1 << 24,
    MAX_FILE_CHARACTERS = 64, /* compared; the length is too */
    HEAD_BYTES = 24,          /* PyVarObject: reference count, type, size */
    LEAST_ADDRESS_BITS = 40,
    ADDRESS_BITS = 47,
    BLOCK_BYTES = 16,
    TYPE_AT = 8,
    SIZE_AT = 16
};

static uint64_t word_at(const uint8_t *bytes, uint32_t offset)
{
    uint64_t word;
    memcpy(&word, bytes + offset, sizeof word);
    return word;
}

static uint32_t half_at(const uint8_t *bytes, uint32_t offset)
{
    uint32_t half;
    memcpy(&half, bytes + offset, sizeof half);
    return half;
}

static uint32_t identity_bytes(const tare_layout *layout)
{
    return layout->code.line_table + 8 - layout->code.first_line;
}

/* A str begins with its length, hash and state; then come the characters. */
static uint32_t max_file_bytes(const tare_layout *layout)
{
    bool has_number = layout->code.frame_words != TARE_LAYOUT_ABSENT;
    return has_number ? 0 : layout->object.text_ascii + MAX_FILE_CHARACTERS;
}

static size_t whole_identity_bytes(const tare_layout *layout)
{
    return identity_bytes(layout) + max_file_bytes(layout);
}

static void free_code(tare_codes *codes, tare_code *code)
{
    tare_release(codes->alloc, code->identity, whole_identity_bytes(codes->layout), 1);
    tare_release(codes->alloc, code->lines, code->unit_count, sizeof *code->lines);
    tare_release(codes->alloc, code->frames, code->unit_count, sizeof *code->frames);
    tare_release(codes->alloc, code->kinds, code->unit_count, sizeof *code->kinds);
    *code = (tare_code){0};
}

void tare_codes_init(tare_codes *codes, const tare_layout *layout, tare_memory *memory,
                     tare_profile *profile, const tare_alloc *alloc)
{
    *codes = (tare_codes){.alloc = alloc,
                          .layout = layout,
                          .memory = memory,
                          .profile = profile,
                          .scratch = {.alloc = alloc}};
}

void tare_codes_deinit(tare_codes *codes)
{
    if (codes->alloc == NULL)
        return;
    for (uint32_t i = 0; i < codes->count; i++)
        free_code(codes, &codes->items[i]);
    tare_release(codes->alloc, codes->items, codes->capacity, sizeof *codes->items);
    tare_map_deinit(&codes->by_address, codes->alloc);
    tare_buffer_deinit(&codes->scratch);
    *codes = (tare_codes){0};
}

/* Is this the type "code"? Asked once per target; afterwards its address is compared. */
static tare_status check_type(tare_codes *codes, tare_raddr type, tare_error *err)
{
    char       name[5] = {0};
    tare_raddr name_at = 0;
    if (type == codes->code_type && type != 0)
        return TARE_OK;
    if (codes->code_type == 0) {
        TARE_TRY(tare_memory_read(codes->memory, type + codes->layout->object.type_name, &name_at,
                                  sizeof name_at, err));
        TARE_TRY(tare_memory_read(codes->memory, name_at, name, sizeof name, err));
        if (memcmp(name, "code", sizeof name) == 0) {
            codes->code_type = type;
            return TARE_OK;
        }
    }
    return tare_fail(err, TARE_CORRUPT, "no code object there");
}

static uint64_t frame_words(const tare_layout *layout, const uint8_t *object)
{
    if (layout->code.frame_words != TARE_LAYOUT_ABSENT)
        return half_at(object, layout->code.frame_words);
    return (uint64_t)half_at(object, layout->code.locals_count) +
           half_at(object, layout->code.stack_size) + layout->frame.locals / 8;
}

static tare_status read_string(tare_codes *codes, tare_raddr address, uint32_t *id_out,
                               tare_error *err)
{
    tare_buffer_clear(&codes->scratch);
    TARE_TRY(tare_remote_text(codes->memory, codes->layout, address, &codes->scratch, err));
    return tare_profile_string(codes->profile, (const char *)codes->scratch.bytes,
                               codes->scratch.size, id_out, err);
}

static tare_status read_function(tare_codes *codes, const uint8_t *object, uint32_t *id_out,
                                 tare_error *err)
{
    const tare_layout *layout = codes->layout;
    tare_function      function = {.first_line = half_at(object, layout->code.first_line),
                                   .kind = TARE_FUNCTION_PYTHON};
    TARE_TRY(read_string(codes, word_at(object, layout->code.name), &function.name, err));
    TARE_TRY(read_string(codes, word_at(object, layout->code.qualname), &function.qualname, err));
    TARE_TRY(read_string(codes, word_at(object, layout->code.file), &function.file, err));
    return tare_profile_function(codes->profile, &function, id_out, err);
}

/* An instruction's kind goes to its cache units too: a caller's instruction pointer may
 * stand there. */
static void mark_kinds(tare_code *code, const tare_opcode_table *opcodes, const uint8_t *bytecode)
{
    for (uint32_t unit = 0; unit < code->unit_count;) {
        uint8_t  opcode = bytecode[2 * unit];
        uint32_t end = unit + 1 + opcodes->caches[opcode];
        for (; unit < end && unit < code->unit_count; unit++)
            code->kinds[unit] = opcodes->kinds[opcode];
    }
}

static tare_status read_kinds(tare_codes *codes, tare_code *code, tare_error *err)
{
    void  *bytecode = NULL;
    size_t size_bytes = (size_t)code->unit_count * 2;
    TARE_TRY(tare_acquire(codes->alloc, &bytecode, size_bytes, 1, err));
    tare_status status = tare_memory_read(codes->memory, code->bytecode, bytecode, size_bytes, err);
    if (status == TARE_OK)
        mark_kinds(code, codes->layout->opcodes, bytecode);
    tare_release(codes->alloc, bytecode, size_bytes, 1);
    return status;
}

static tare_status read_lines(tare_codes *codes, tare_code *code, const uint8_t *object,
                              tare_error *err)
{
    const tare_layout *layout = codes->layout;
    tare_buffer_clear(&codes->scratch);
    TARE_TRY(tare_remote_bytes(codes->memory, layout, word_at(object, layout->code.line_table),
                               MAX_LINE_TABLE_BYTES, &codes->scratch, err));
    /* A malformed table leaves lines unknown; the frame itself is still right. */
    (void)tare_line_table_decode(codes->scratch.bytes, codes->scratch.size,
                                 (int32_t)half_at(object, layout->code.first_line), code->lines,
                                 code->unit_count);
    return TARE_OK;
}

static tare_status acquire_tables(tare_codes *codes, tare_code *code, tare_error *err)
{
    void *memory = NULL;
    TARE_TRY(tare_acquire(codes->alloc, &memory, whole_identity_bytes(codes->layout), 1, err));
    code->identity = memory;
    TARE_TRY(tare_acquire(codes->alloc, &memory, code->unit_count, sizeof *code->lines, err));
    code->lines = memory;
    TARE_TRY(tare_acquire(codes->alloc, &memory, code->unit_count, sizeof *code->frames, err));
    code->frames = memory;
    memset(code->frames, 0xff, code->unit_count * sizeof *code->frames);
    TARE_TRY(tare_acquire(codes->alloc, &memory, code->unit_count, sizeof *code->kinds, err));
    code->kinds = memory;
    return TARE_OK;
}

/* The interpreter's own: in 3.12 they have no name; from 3.13 on the one below an __init__ has
 * one and the same string for name and file, and no first line. */
static bool is_shim(const tare_layout *layout, const uint8_t *object)
{
    uint64_t name = word_at(object, layout->code.name);
    return name == 0 || (name == word_at(object, layout->code.file) &&
                         half_at(object, layout->code.first_line) == 0);
}

/* A freed object keeps most of its words, but for the first, and when it was large the second, the
 * type: allocators chain free blocks there. A reference count is neither 0 nor looks like the
 * address of a block. */
static bool is_alive(const tare_codes *codes, const uint8_t *object)
{
    uint64_t first = word_at(object, 0);
    bool     is_address = first >> LEAST_ADDRESS_BITS != 0 && first >> ADDRESS_BITS == 0 &&
                      first % BLOCK_BYTES == 0;
    return first != 0 && !is_address && word_at(object, TYPE_AT) == codes->code_type;
}

/* As much of the file's name as there is. */
static tare_status read_file_identity(tare_codes *codes, tare_code *code, const uint8_t *object,
                                      tare_error *err)
{
    const tare_layout *layout = codes->layout;
    uint32_t           most = max_file_bytes(layout);
    uint64_t           length = 0;
    if (most == 0)
        return TARE_OK;
    code->file = word_at(object, layout->code.file);
    TARE_TRY(tare_memory_read(codes->memory, code->file + layout->object.text_length, &length,
                              sizeof length, err));
    code->file_bytes = most;
    if (length < MAX_FILE_CHARACTERS)
        code->file_bytes = layout->object.text_ascii + (uint32_t)length;
    return tare_memory_read(codes->memory, code->file, code->identity + identity_bytes(layout),
                            code->file_bytes, err);
}

static tare_status fill_code(tare_codes *codes, tare_code *code, const uint8_t *object,
                             tare_error *err)
{
    const tare_layout *layout = codes->layout;
    uint8_t            again[TARE_CODE_IDENTITY_BYTES];
    TARE_TRY(acquire_tables(codes, code, err));
    memcpy(code->identity, object + layout->code.first_line, identity_bytes(layout));
    code->shim = is_shim(layout, object);
    if (code->shim)
        return TARE_OK;
    TARE_TRY(read_function(codes, object, &code->function, err));
    TARE_TRY(read_file_identity(codes, code, object, err));
    TARE_TRY(read_lines(codes, code, object, err));
    TARE_TRY(read_kinds(codes, code, err));
    TARE_TRY(tare_memory_read(codes->memory, code->address, again, layout->code.bytecode, err));
    if (!is_alive(codes, again) ||
        memcmp(again + layout->code.first_line, code->identity, identity_bytes(layout)) != 0)
        return tare_fail(err, TARE_TORN, "a code object changed while it was read");
    return TARE_OK;
}

static tare_status add_code(tare_codes *codes, tare_code *code, tare_error *err)
{
    void *items = codes->items;
    TARE_TRY(tare_grow(codes->alloc, &items, &codes->capacity, (size_t)codes->count + 1,
                       sizeof *codes->items, err));
    codes->items = items;
    TARE_TRY(tare_map_put(&codes->by_address, code->address, codes->count, codes->alloc, err));
    codes->items[codes->count++] = *code;
    return TARE_OK;
}

tare_status tare_codes_resolve(tare_codes *codes, tare_raddr address, uint64_t now_ns,
                               uint64_t witness, uint32_t *id_out, tare_error *err)
{
    uint8_t   object[TARE_CODE_IDENTITY_BYTES];
    uint32_t  object_bytes = codes->layout->code.bytecode;
    tare_code code = {.address = address,
                      .bytecode = address + object_bytes,
                      .checked_ns = now_ns,
                      .kinds_ns = now_ns,
                      .witness = witness};
    TARE_TRY(tare_memory_read(codes->memory, address, object, object_bytes, err));
    TARE_TRY(check_type(codes, word_at(object, TYPE_AT), err));
    uint64_t units = word_at(object, SIZE_AT);
    uint64_t words = frame_words(codes->layout, object);
    if (units == 0 || units > MAX_UNITS || words < codes->layout->frame.locals / 8 ||
        words > MAX_FRAME_WORDS)
        return tare_fail(err, TARE_CORRUPT, "a code object of impossible size");
    code.unit_count = (uint32_t)units;
    code.frame_bytes = (uint32_t)words * 8;
    tare_status status = fill_code(codes, &code, object, err);
    if (status == TARE_OK)
        status = add_code(codes, &code, err);
    if (status != TARE_OK)
        free_code(codes, &code);
    else
        *id_out = codes->count - 1;
    return status;
}

static bool is_due(const tare_codes *codes, const tare_code *code, uint64_t now_ns,
                   uint64_t witness)
{
    uint64_t age_ns = now_ns - code->checked_ns;
    if (codes->layout->interpreter.code_witness == TARE_LAYOUT_ABSENT)
        return age_ns > TARE_CODE_BLIND_TRUST_NS;
    return code->witness != witness || age_ns > TARE_CODE_TRUST_NS;
}

/* The scratch holds the identities one after the other, each as it lies in its code. */
static tare_status place_checks(tare_codes *codes, tare_code_checks *checks, tare_error *err)
{
    uint32_t bytes = identity_bytes(codes->layout);
    tare_buffer_clear(&codes->scratch);
    for (uint32_t i = 0; i < checks->count; i++) {
        const tare_code *code = &codes->items[checks->ids[i]];
        tare_buffer_append(&codes->scratch, code->identity, bytes + code->file_bytes);
    }
    if (codes->scratch.failed)
        return tare_fail(err, TARE_NO_MEMORY, "compare code objects: out of memory");
    uint8_t *into = codes->scratch.bytes;
    checks->read_count = 0;
    for (uint32_t i = 0; i < checks->count; i++) {
        const tare_code *code = &codes->items[checks->ids[i]];
        checks->reads[checks->read_count++] = (tare_read){
            code->address + codes->layout->code.first_line, into, bytes};
        into += bytes;
        if (code->file_bytes > 0)
            checks->reads[checks->read_count++] = (tare_read){code->file, into, code->file_bytes};
        into += code->file_bytes;
    }
    return TARE_OK;
}

static uint32_t max_checks(const tare_codes *codes)
{
    return max_file_bytes(codes->layout) > 0 ? TARE_CODE_MAX_CHECKS / 2 : TARE_CODE_MAX_CHECKS;
}

tare_status tare_codes_plan(tare_codes *codes, const uint32_t *ids, size_t id_count,
                            uint64_t now_ns, uint64_t witness, tare_code_checks *checks,
                            tare_error *err)
{
    checks->count = 0;
    for (size_t i = 0; i < id_count && checks->count < max_checks(codes); i++) {
        tare_code *code = &codes->items[ids[i]];
        if (code->address == 0 || !is_due(codes, code, now_ns, witness))
            continue;
        code->checked_ns = now_ns; /* a recursive function is due only once */
        code->witness = witness;
        checks->ids[checks->count++] = ids[i];
    }
    return place_checks(codes, checks, err);
}

bool tare_codes_compare(tare_codes *codes, const tare_code_checks *checks)
{
    const uint8_t *at = codes->scratch.bytes;
    bool           same = true;
    for (uint32_t i = 0; i < checks->count; i++) {
        tare_code *code = &codes->items[checks->ids[i]];
        size_t     bytes = identity_bytes(codes->layout) + code->file_bytes;
        bool       kept = memcmp(at, code->identity, bytes) == 0;
        at += bytes;
        if (kept)
            continue;
        same = false;
        codes->emptied_count++;
        free_code(codes, code); /* its address is 0 now: it resolves anew */
    }
    return same;
}

void tare_codes_abandon(tare_codes *codes, const tare_code_checks *checks)
{
    for (uint32_t i = 0; i < checks->count; i++)
        codes->items[checks->ids[i]].checked_ns = 0;
}

tare_status tare_codes_verify(tare_codes *codes, const uint32_t *ids, size_t id_count,
                              uint64_t now_ns, uint64_t witness, bool *same_out, tare_error *err)
{
    tare_code_checks checks;
    *same_out = true;
    do {
        TARE_TRY(tare_codes_plan(codes, ids, id_count, now_ns, witness, &checks, err));
        if (checks.count == 0)
            return TARE_OK;
        tare_status status = tare_memory_read_all(codes->memory, checks.reads, checks.read_count,
                                                  err);
        if (status != TARE_OK && status != TARE_TORN)
            return status;
        /* Not all are there any more: the copies of the identities must not pass for them. */
        if (status == TARE_TORN)
            memset(checks.reads[0].into, 0, codes->scratch.size);
        *same_out = tare_codes_compare(codes, &checks) && *same_out;
    } while (checks.count == max_checks(codes));
    return TARE_OK;
}

tare_status tare_codes_frame(tare_codes *codes, uint32_t id, uint32_t unit, uint32_t *frame_out,
                             tare_error *err)
{
    tare_code *code = &codes->items[id];
    uint32_t   line = code->lines[unit];
    if (code->frames[unit] == TARE_NONE) {
        /* Does the instruction have no line of its own? Then the nearest one before it. */
        for (uint32_t before = unit; line == 0 && before > 0; before--)
            line = code->lines[before - 1];
        TARE_TRY(
            tare_profile_frame(codes->profile, code->function, line, &code->frames[unit], err));
    }
    *frame_out = code->frames[unit];
    return TARE_OK;
}

tare_opcode_kind tare_codes_kind(tare_codes *codes, uint32_t id, uint32_t unit, uint64_t now_ns)
{
    tare_code *code = &codes->items[id];
    if (now_ns - code->kinds_ns > TARE_CODE_KIND_TRUST_NS) {
        code->kinds_ns = now_ns;
        (void)read_kinds(codes, code, NULL); /* old kinds stand when it cannot be read */
    }
    return code->kinds[unit];
}
