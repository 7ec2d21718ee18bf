/* fuzz_remote.c - any bytes as the memory of a Python process.
 *
 *     version (1 byte) | number of changes (1) | changes: when (1), where (2), word (8)
 *     | memory, mapped at MADE_BASE; the runtime is its beginning
 *
 * Its threads are listed and sampled as a real process's are, while the changes happen between
 * the reads. Nothing in it may crash a reader, make it read without end or make it ask for much
 * memory; and where nothing changes, a frame that is shown must really link to the one below. */
#include "checking.h"
#include "layouts.h"
#include "made_python.h"

#include "remote/python.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    HEAD_BYTES = 2,
    CHANGE_BYTES = 11,
    MAX_CHANGES = 16,
    MAX_MEMORY_BYTES = 1 << 14,
    MAX_LIST_READS = 2000, /* then the process is gone: lists may be long */
    MAX_ALLOCATED_BYTES = 1 << 28,
    MAX_THREADS_SAMPLED = 4,
    ROUNDS = 3,
    ATTEMPTS = TARE_STACK_MAX_READS + TARE_STACK_MAX_RESOLVES,
    /* header, type and its name, four strings, bytecode, identity twice */
    CODE_READS = 10 + 4 * (2 + MAX_MEMORY_BYTES / 1024),
    /* the stack, the headers of its chunks, a chain outside, the codes' identities */
    ATTEMPT_READS = 1 + TARE_STACK_MAX_CHUNKS + TARE_STACK_MAX_OUTSIDE + 1000,
    MAX_SAMPLE_READS = ATTEMPTS * ATTEMPT_READS + TARE_STACK_MAX_RESOLVES * CODE_READS
};

typedef struct change {
    uint8_t  call;
    uint16_t offset;
    uint64_t word;
} change;

typedef struct target {
    made_memory  memory;
    change       changes[MAX_CHANGES];
    size_t       change_count;
    uint64_t     calls;
    uint64_t     calls_before; /* the operation under way */
    bool         listing;      /* it is a refresh of the lists */
    size_t       allocated_bytes;
    tare_alloc   alloc;
    tare_profile profile;
    tare_python  python;
} target;

/* ---- the process and its memory ---- */

static tare_status read_target(void *context, const tare_read *reads, size_t read_count,
                               size_t *done_bytes_out, tare_error *err)
{
    target  *t = context;
    uint64_t operation_calls = ++t->calls - t->calls_before;
    require(operation_calls <= MAX_SAMPLE_READS);
    if (t->listing && operation_calls > MAX_LIST_READS)
        return tare_fail(err, TARE_GONE, "the process has ended");
    require(read_count <= TARE_OS_MAX_READS);
    for (size_t i = 0; i < t->change_count; i++) {
        const change *at = &t->changes[i];
        if (at->call == t->calls && at->offset + sizeof at->word <= t->memory.size)
            memcpy(t->memory.bytes + at->offset, &at->word, sizeof at->word);
    }
    return made_read(&t->memory, reads, read_count, done_bytes_out, err);
}

static void *resize_counted(void *context, void *old, size_t old_bytes, size_t new_bytes)
{
    target           *t = context;
    const tare_alloc *system_alloc = tare_alloc_system();
    t->allocated_bytes += new_bytes - old_bytes;
    require(t->allocated_bytes <= MAX_ALLOCATED_BYTES);
    return system_alloc->resize(system_alloc->context, old, old_bytes, new_bytes);
}

static size_t take_changes(target *t, const uint8_t *data, size_t size)
{
    size_t at = HEAD_BYTES;
    size_t count = data[1] % (MAX_CHANGES + 1);
    for (; t->change_count < count && size - at >= CHANGE_BYTES; at += CHANGE_BYTES) {
        change *next = &t->changes[t->change_count++];
        next->call = data[at];
        memcpy(&next->offset, data + at + 1, sizeof next->offset);
        memcpy(&next->word, data + at + 3, sizeof next->word);
    }
    return at;
}

static void open_target(target *t, const uint8_t *data, size_t size)
{
    const known_layout *known = &known_layouts[data[0] % known_layout_count];
    size_t              at = take_changes(t, data, size);
    t->memory.size = size - at < MAX_MEMORY_BYTES ? size - at : MAX_MEMORY_BYTES;
    memcpy(t->memory.bytes, data + at, t->memory.size);
    t->alloc = (tare_alloc){.resize = resize_counted, .context = t};
    require(tare_profile_init(&t->profile, &t->alloc, NULL) == TARE_OK);
    t->python = (tare_python){
        .alloc = &t->alloc,
        .memory = {.read = read_target, .context = t},
        .runtime = {.address = MADE_BASE},
        .stale = true,
    };
    require(tare_layout_from_table(&t->python.layout, known->layout.minor, known->words,
                                   known->word_count, NULL) == TARE_OK);
    made_small_states(&t->python.layout);
    tare_codes_init(&t->python.codes, &t->python.layout, &t->python.memory, &t->profile, &t->alloc);
    t->python.reader = (tare_stack_reader){
        .layout = &t->python.layout,
        .memory = &t->python.memory,
        .codes = &t->python.codes,
        .alloc = &t->alloc,
    };
}

/* ---- what must hold ---- */

static uint64_t word_at(const target *t, tare_raddr address)
{
    uint64_t   word;
    tare_raddr offset = address - MADE_BASE;
    require(offset <= t->memory.size && t->memory.size - offset >= sizeof word);
    memcpy(&word, t->memory.bytes + offset, sizeof word);
    return word;
}

static bool is_hidden(const target *t, tare_raddr frame)
{
    const tare_layout *layout = &t->python.layout;
    if (t->memory.bytes[frame - MADE_BASE + layout->frame.owner] >= layout->frame.first_shim_owner)
        return true;
    tare_raddr code = word_at(t, frame + layout->frame.code) & ~(uint64_t)7;
    return word_at(t, code + layout->code.name) == 0;
}

/* From each frame that is shown the links lead to the one below, over hidden frames only. */
static void check_links(const target *t, const tare_stack *stack)
{
    for (uint32_t i = stack->frame_count; i > 1; i--) {
        tare_raddr at = stack->frames[i - 1].address;
        uint32_t   steps = 0;
        for (;;) {
            at = word_at(t, at + t->python.layout.frame.previous);
            if (at == stack->frames[i - 2].address)
                break;
            require(is_hidden(t, at) && ++steps <= TARE_STACK_MAX_OUTSIDE);
        }
    }
}

static void check_frames(target *t, const tare_stack *stack, uint64_t now_ns)
{
    for (uint32_t i = 0; i < stack->frame_count; i++) {
        const tare_stack_frame *frame = &stack->frames[i];
        require(frame->code < t->python.codes.count);
        const tare_code *code = &t->python.codes.items[frame->code];
        require(code->address != 0 && !code->shim && frame->unit < code->unit_count);
        uint32_t id;
        require(tare_codes_frame(&t->python.codes, frame->code, frame->unit, &id, NULL) == TARE_OK);
        require(id < t->profile.frame_count);
        require(tare_codes_kind(&t->python.codes, frame->code, frame->unit, now_ns) <=
                TARE_OPCODE_OPERATOR);
    }
    if (t->change_count == 0)
        check_links(t, stack);
}

static void sample_thread(target *t, uint32_t index, uint64_t now_ns)
{
    tare_python      *python = &t->python;
    const tare_stack *stack = &python->threads[index]->stack;
    tare_stack_proof  proof;
    char              name[TARE_OS_NAME_BYTES];
    t->calls_before = t->calls;
    require(tare_python_sample(python, index, now_ns, &proof, NULL) == TARE_OK);
    t->calls_before = t->calls;
    require(proof <= TARE_STACK_GONE);
    if (proof != TARE_STACK_PROVEN && proof != TARE_STACK_PREFIX)
        require(stack->frame_count == 0);
    check_frames(t, stack, now_ns);
    (void)tare_stack_stays(&python->reader, stack);
    (void)tare_python_holds_gil(python, python->threads[index]);
    tare_python_thread_name(python, python->threads[index], name);
    require(strnlen(name, sizeof name) < sizeof name);
}

static void refresh(target *t)
{
    t->calls_before = t->calls;
    t->listing = true;
    tare_status status = tare_python_refresh(&t->python, NULL);
    t->listing = false;
    require(status == TARE_OK || status == TARE_TORN || status == TARE_NOT_READY ||
            status == TARE_GONE);
    for (uint32_t i = 0; i < t->python.thread_count; i++)
        require(t->python.threads[i]->interpreter < t->python.interpreter_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD_BYTES)
        return 0;
    target *t = calloc(1, sizeof *t);
    require(t != NULL);
    open_target(t, data, size);
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        refresh(t);
        for (uint32_t i = 0; i < t->python.thread_count && i < MAX_THREADS_SAMPLED; i++)
            sample_thread(t, i, round * TARE_CODE_TRUST_NS * 2);
    }
    require(tare_profile_check(&t->profile, NULL) == TARE_OK);
    tare_python_close(&t->python);
    tare_profile_deinit(&t->profile);
    require(t->allocated_bytes == 0);
    free(t);
    return 0;
}
