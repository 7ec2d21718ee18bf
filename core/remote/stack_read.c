/* stack_read.c - copies one thread's stack in one call (stack.h).
 *
 *     thread state | record | frames outside ... | chunk 0 ... chunk n | record | frame
 *     '- before ---------'                                              '- after -----'
 *
 * The order is the point: the chunks lie between two looks at the current frame, and the
 * chunk that changes most is copied last. Addresses are predictions from the last read;
 * when one was wrong the view is not settled, the prediction is mended and the caller
 * reads again. A chunk is copied from its header to a little above the stack's top.
 *
 *     _PyStackChunk   previous | size | top | data ...      (8 bytes each)
 *
 * size is in bytes and includes the header; top is in words from data and is valid in all
 * chunks but the newest, whose top the thread state has. */
#include "remote/stack_walk.h"

#include <string.h>

enum {
    CHUNK_HEADER_BYTES = 24,
    CHUNK_SIZE_AT = 8,
    CHUNK_TOP_AT = 16,
    MAX_CHUNK_BYTES = 1 << 26,
    MAX_COPY_BYTES = 1 << 27,
    SLACK_BYTES = 1024, /* the stack grows while it is read */
    MAX_FRESH_CHUNKS = 16,
    THREAD_BYTES = 1024,
    MAX_PIECES = TARE_OS_MAX_READS
};

_Static_assert(TARE_STACK_MAX_CHUNKS + TARE_STACK_MAX_OUTSIDE + TARE_STACK_MAX_EXTRA +
                       TARE_CODE_MAX_CHECKS + 4 <=
                   MAX_PIECES,
               "one call takes all pieces");

typedef struct pieces {
    tare_read read[MAX_PIECES];
    size_t    count;
} pieces;

static uint64_t word_at(const uint8_t *bytes, uint32_t offset)
{
    uint64_t word;
    memcpy(&word, bytes + offset, sizeof word);
    return word;
}

static void add_piece(pieces *list, tare_raddr address, void *into, size_t size_bytes)
{
    list->read[list->count++] = (tare_read){
        .address = address, .into = into, .size_bytes = size_bytes};
}

static tare_status grow_copy(tare_stack_reader *reader, tare_stack *stack, uint64_t size_bytes,
                             tare_error *err)
{
    void *copy = stack->copy;
    if (size_bytes > MAX_COPY_BYTES)
        return tare_fail(err, TARE_TORN, "a stack of impossible size");
    TARE_TRY(tare_grow(reader->alloc, &copy, &stack->copy_capacity, size_bytes, 1, err));
    stack->copy = copy;
    return TARE_OK;
}

static tare_status add_chunk(tare_stack_reader *reader, tare_stack *stack, tare_raddr address,
                             uint64_t size_bytes, tare_error *err)
{
    void *chunks = stack->chunks;
    TARE_TRY(tare_grow(reader->alloc, &chunks, &stack->chunk_capacity,
                       (size_t)stack->chunk_count + 1, sizeof *stack->chunks, err));
    stack->chunks = chunks;
    stack->chunks[stack->chunk_count++] = (tare_stack_chunk){.address = address,
                                                             .size_bytes = (uint32_t)size_bytes};
    return TARE_OK;
}

static void reverse_chunks(tare_stack *stack)
{
    for (uint32_t low = 0, high = stack->chunk_count; low + 1 < high; low++) {
        tare_stack_chunk other = stack->chunks[low];
        stack->chunks[low] = stack->chunks[--high];
        stack->chunks[high] = other;
    }
}

/* Reads one chunk's header: the chunk below it, and the bytes in use. */
static tare_status read_header(tare_stack_reader *reader, const tare_stack_view *view,
                               tare_raddr chunk, uint64_t *used_bytes_out, tare_raddr *previous_out,
                               tare_error *err)
{
    uint8_t header[CHUNK_HEADER_BYTES];
    TARE_TRY(tare_memory_read(reader->memory, chunk, header, sizeof header, err));
    uint64_t size_bytes = word_at(header, CHUNK_SIZE_AT);
    uint64_t words = word_at(header, CHUNK_TOP_AT);
    uint64_t used_bytes = view->top - chunk; /* the newest chunk's top is not in it */
    if (chunk != view->chunk)
        used_bytes = words < MAX_CHUNK_BYTES / 8 ? CHUNK_HEADER_BYTES + 8 * words : MAX_CHUNK_BYTES;
    if (size_bytes > MAX_CHUNK_BYTES || used_bytes > size_bytes || used_bytes < CHUNK_HEADER_BYTES)
        return tare_fail(err, TARE_TORN, "a chunk of the stack of impossible size");
    *used_bytes_out = used_bytes;
    *previous_out = word_at(header, 0);
    return TARE_OK;
}

static uint32_t index_of_chunk(const tare_stack *stack, tare_raddr address)
{
    for (uint32_t i = stack->chunk_count; i > 0; i--)
        if (stack->chunks[i - 1].address == address)
            return i - 1;
    return TARE_NONE;
}

/* Has the stack grown on top of the chunks that are known, or shrunk to one of them? A deep
 * stack is not walked again for that. False: something else, walk it all. */
static tare_status follow_growth(tare_stack_reader *reader, tare_stack *stack,
                                 const tare_stack_view *view, bool *followed_out, tare_error *err)
{
    tare_stack_chunk fresh[MAX_FRESH_CHUNKS];
    uint32_t         fresh_count = 0;
    uint64_t         used_bytes = 0;
    tare_raddr       chunk = view->chunk;
    tare_raddr       previous = 0;
    *followed_out = false;
    if (stack->truncated)
        return TARE_OK;
    while (index_of_chunk(stack, chunk) == TARE_NONE) {
        if (fresh_count == MAX_FRESH_CHUNKS || chunk == 0)
            return TARE_OK;
        TARE_TRY(read_header(reader, view, chunk, &used_bytes, &previous, err));
        fresh[fresh_count++] = (tare_stack_chunk){.address = chunk,
                                                  .size_bytes = (uint32_t)used_bytes};
        chunk = previous;
    }
    uint32_t known = index_of_chunk(stack, chunk);
    TARE_TRY(read_header(reader, view, chunk, &used_bytes, &previous, err));
    stack->chunks[known].size_bytes = (uint32_t)used_bytes;
    stack->chunk_count = known + 1;
    while (fresh_count > 0) {
        fresh_count--;
        TARE_TRY(add_chunk(reader, stack, fresh[fresh_count].address, fresh[fresh_count].size_bytes,
                           err));
    }
    *followed_out = stack->chunk_count <= TARE_STACK_MAX_CHUNKS;
    return TARE_OK;
}

/* The chunks that are in use now. One read per chunk that is new. */
static tare_status find_chunks(tare_stack_reader *reader, tare_stack *stack,
                               const tare_stack_view *view, tare_error *err)
{
    bool followed = false;
    TARE_TRY(follow_growth(reader, stack, view, &followed, err));
    if (followed)
        return TARE_OK;
    stack->chunk_count = 0;
    stack->truncated = false;
    for (tare_raddr chunk = view->chunk; chunk != 0 && !stack->truncated;) {
        uint64_t   used_bytes = 0;
        tare_raddr previous = 0;
        TARE_TRY(read_header(reader, view, chunk, &used_bytes, &previous, err));
        TARE_TRY(add_chunk(reader, stack, chunk, used_bytes, err));
        chunk = previous;
        stack->truncated = chunk != 0 && stack->chunk_count == TARE_STACK_MAX_CHUNKS;
    }
    reverse_chunks(stack);
    return TARE_OK;
}

static tare_status place_pieces(tare_stack_reader *reader, tare_stack *stack, tare_error *err)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < stack->outside_count; i++) {
        stack->outside[i].at = (uint32_t)at;
        at += reader->layout->frame.locals;
    }
    for (uint32_t i = 0; i < stack->chunk_count; i++) {
        stack->chunks[i].at = (uint32_t)at;
        at += stack->chunks[i].size_bytes;
    }
    return grow_copy(reader, stack, at, err);
}

static void list_pieces(const tare_stack_reader *reader, tare_stack *stack, pieces *list,
                        uint64_t *record_before, uint64_t *record_after)
{
    const tare_layout *layout = reader->layout;
    if (stack->record != 0)
        add_piece(list, stack->record + layout->thread.frame_field, record_before, 8);
    for (uint32_t i = 0; i < stack->outside_count; i++)
        add_piece(list, stack->outside[i].address, stack->copy + stack->outside[i].at,
                  layout->frame.locals);
    for (uint32_t i = 0; i < stack->chunk_count; i++)
        add_piece(list, stack->chunks[i].address, stack->copy + stack->chunks[i].at,
                  stack->chunks[i].size_bytes);
    if (stack->record != 0)
        add_piece(list, stack->record + layout->thread.frame_field, record_after, 8);
}

/* Mends the prediction of the newest chunk's length: up at once, down slowly. */
static bool fit_newest(tare_stack *stack, tare_raddr top, tare_raddr limit)
{
    tare_stack_chunk *newest = &stack->chunks[stack->chunk_count - 1];
    uint64_t          used_bytes = top - newest->address;
    uint64_t          full_bytes = limit - newest->address;
    bool              fits = used_bytes <= newest->size_bytes;
    uint64_t          wanted_bytes = used_bytes + SLACK_BYTES;
    uint64_t          slowly_bytes = newest->size_bytes - newest->size_bytes / 16;
    if (wanted_bytes < slowly_bytes)
        wanted_bytes = slowly_bytes;
    newest->size_bytes = (uint32_t)(wanted_bytes < full_bytes ? wanted_bytes : full_bytes);
    return fits;
}

/* Are the thread state's words about its data stack possible at all? */
static bool is_stack_sane(tare_raddr chunk, tare_raddr top, tare_raddr limit)
{
    return top >= chunk + CHUNK_HEADER_BYTES && top <= limit && limit - chunk <= MAX_CHUNK_BYTES;
}

static tare_status settle(tare_stack_reader *reader, tare_stack *stack, const uint8_t *thread,
                          tare_stack_view *view, tare_error *err)
{
    uint32_t   at = reader->layout->thread.datastack_chunk;
    tare_raddr limit = word_at(thread, at + 16);
    view->chunk = word_at(thread, at);
    view->top = word_at(thread, at + 8);
    if (view->chunk == 0) {
        stack->chunk_count = 0;
        return TARE_OK;
    }
    if (!is_stack_sane(view->chunk, view->top, limit)) {
        view->settled = false;
        return TARE_OK;
    }
    if (stack->chunk_count == 0 || stack->chunks[stack->chunk_count - 1].address != view->chunk) {
        view->settled = false;
        TARE_TRY(find_chunks(reader, stack, view, err));
        (void)fit_newest(stack, view->top, limit);
        return TARE_OK;
    }
    /* The walk uses the sizes that were read: remember them where they lie. */
    uint32_t copied_bytes = stack->chunks[stack->chunk_count - 1].size_bytes;
    view->copied_bytes = copied_bytes;
    if (!fit_newest(stack, view->top, limit))
        view->settled = false;
    return TARE_OK;
}

tare_status tare_stack_read(tare_stack_reader *reader, tare_stack *stack, const tare_read *extra,
                            size_t extra_count, tare_stack_view *view, tare_error *err)
{
    const tare_layout *layout = reader->layout;
    uint8_t            thread[THREAD_BYTES];
    uint64_t           record_before = 0;
    uint64_t           record_after = 0;
    uint64_t           pointer_after = 0;
    pieces             list = {.count = 0};

    *view = (tare_stack_view){.settled = true};
    TARE_TRY(place_pieces(reader, stack, err));
    add_piece(&list, stack->state, thread, layout->thread.datastack_chunk + 24);
    list_pieces(reader, stack, &list, &record_before, &record_after);
    add_piece(&list, stack->state + layout->thread.frame, &pointer_after, 8);
    for (size_t i = 0; i < extra_count; i++)
        list.read[list.count++] = extra[i];
    uint64_t bytes_before = reader->memory->read_bytes;
    uint64_t start_ns = tare_os_monotonic_ns();
    TARE_TRY(tare_memory_read_all(reader->memory, list.read, list.count, err));
    view->duration_ns = tare_os_monotonic_ns() - start_ns;
    view->bytes = reader->memory->read_bytes - bytes_before;

    stack->next = word_at(thread, layout->thread.next);
    stack->tid = word_at(thread, layout->thread.native_thread_id);
    uint64_t pointer_before = word_at(thread, layout->thread.frame);
    if (layout->thread.frame_field == TARE_LAYOUT_ABSENT) {
        view->frame_before = pointer_before;
        view->frame_after = pointer_after;
    } else {
        /* Was the record where it was expected, before and after? */
        view->settled = pointer_before == stack->record && pointer_after == stack->record;
        view->frame_before = record_before;
        view->frame_after = record_after;
        stack->record = pointer_after;
    }
    return settle(reader, stack, thread, view, err);
}
