/* import_speedscope.c - the JSON format of https://www.speedscope.app, sampled and evented.
 *
 *     shared.frames   [{name, file, line}, ...]
 *     profiles        sampled   samples [[0, 1], [0, 2], ...] root first, weights [3, 4, ...]
 *                     evented   events [{O, frame 0, at 0}, {O, frame 1, at 2}, {C, ...}, ...]
 *
 * Keys may stand in any order, so the text is read twice: first the frames, then the profiles;
 * of a profile its long parts are remembered by their place and read when the unit is known.
 *
 * Weights in a unit of time are times, of bytes memory, without a unit samples. Events are calls
 * with all their times: such a profile is a trace. The line of a frame is one that ran, but for
 * Tare's own files, where it is the one of the definition. Samples without a stack stand below
 * "(no stack)".
 * Cost: O(bytes), twice. */
#include "io/import.h"
#include "io/imported.h"
#include "io/json_read.h"

#include <string.h>

typedef enum weight_kind { WEIGHT_SAMPLES, WEIGHT_TIME, WEIGHT_BYTES } weight_kind;

typedef struct scope_frame {
    uint32_t function;
    uint32_t line;
} scope_frame;

/* One of "profiles"; forks of its long parts. */
typedef struct scope_profile {
    tare_buffer name;
    tare_json   samples, weights, events;
    bool        has_samples, has_weights, has_events;
    weight_kind kind;
    int32_t     power; /* of ten, from its unit to nanoseconds */
    uint32_t    label_set;
} scope_profile;

typedef struct scope_reader {
    tare_imported im;
    tare_error   *err;
    scope_frame  *frames; /* owned */
    uint32_t      frame_count, frame_capacity;
    uint32_t     *stack; /* owned; open nodes of an evented profile, the root first */
    uint32_t      depth, stack_capacity;
    tare_buffer   name, file; /* of the frame that is read */
    uint32_t      profile_count;
    bool          is_own; /* Tare wrote it */
} scope_reader;

static tare_status fail_shape(const scope_reader *r, const char *reason)
{
    return tare_fail(r->err, TARE_CORRUPT, "read a speedscope file: %s", reason);
}

bool tare_sniff_speedscope(const uint8_t *bytes, size_t size)
{
    enum { SNIFFED_BYTES = 4096 };

    static const char *const words[] = {"speedscope", "\"shared\"", "\"profiles\""};
    tare_text                text = {.bytes = (const char *)bytes,
                                     .size = size < SNIFFED_BYTES ? size : SNIFFED_BYTES};
    size_t                   at = 0;
    while (at < text.size && memchr(" \t\r\n\xEF\xBB\xBF", text.bytes[at], 7) != NULL)
        at++;
    if (at == text.size || text.bytes[at] != '{')
        return false;
    for (; at < text.size; at++) {
        tare_text rest = {.bytes = text.bytes + at, .size = text.size - at};
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (tare_text_begins(rest, words[i]))
                return true;
        }
    }
    return false;
}

static tare_text text_in(const tare_buffer *buffer)
{
    return (tare_text){.bytes = (const char *)buffer->bytes, .size = buffer->size};
}

static tare_status keep_text(const scope_reader *r, const tare_json_token *token, tare_buffer *out)
{
    tare_buffer_clear(out);
    if (token->kind == TARE_JSON_STRING)
        tare_buffer_append(out, token->text.bytes, token->text.size);
    return out->failed ? tare_fail(r->err, TARE_NO_MEMORY, "read a speedscope file: out of memory")
                       : TARE_OK;
}

/* ---- first: frames ---- */

static bool whole_number(const tare_json_token *token, uint64_t *out)
{
    return token->kind == TARE_JSON_NUMBER && tare_decimal_scale(&token->number, 0, out);
}

static tare_status add_frame(scope_reader *r, uint64_t line)
{
    uint32_t         first_line = r->is_own ? (uint32_t)line : 0;
    tare_import_name name = {
        .name = text_in(&r->name), .file = text_in(&r->file), .first_line = first_line};
    void *memory = r->frames;
    TARE_TRY(tare_grow(r->im.profile->alloc, &memory, &r->frame_capacity,
                       r->frame_count + (size_t)1, sizeof *r->frames, r->err));
    r->frames = memory;
    scope_frame *frame = &r->frames[r->frame_count];
    TARE_TRY(tare_imported_function(&r->im, &name, &frame->function));
    frame->line = r->is_own ? 0 : (uint32_t)line;
    r->frame_count++;
    return TARE_OK;
}

/* One object of shared.frames, which has begun. */
static tare_status read_frame(scope_reader *r, tare_json *json)
{
    tare_json_token token;
    uint64_t        line = 0;
    tare_buffer_clear(&r->name);
    tare_buffer_clear(&r->file);
    for (;;) {
        TARE_TRY(tare_json_next(json, &token, r->err));
        if (token.kind == TARE_JSON_OBJECT_END)
            return add_frame(r, line);
        bool is_name = tare_text_is(token.text, "name"), is_file = tare_text_is(token.text, "file");
        bool is_line = tare_text_is(token.text, "line");
        TARE_TRY(tare_json_next(json, &token, r->err));
        if (is_name || is_file)
            TARE_TRY(keep_text(r, &token, is_name ? &r->name : &r->file));
        if (is_line && (!whole_number(&token, &line) || line > UINT32_MAX))
            line = 0;
        TARE_TRY(tare_json_skip(json, &token, r->err));
    }
}

/* Does any frame have a file? Without, nothing is known of those that have none. */
static tare_status find_files(scope_reader *r, tare_json json)
{
    tare_json_token token = {.kind = TARE_JSON_NULL};
    json.text = (tare_buffer){.alloc = r->im.profile->alloc};
    tare_status status = TARE_OK;
    while (status == TARE_OK && token.kind != TARE_JSON_END) {
        bool is_file = token.kind == TARE_JSON_KEY && tare_text_is(token.text, "file");
        status = tare_json_next(&json, &token, r->err);
        r->im.named_files = r->im.named_files ||
                            (is_file && token.kind == TARE_JSON_STRING && token.text.size > 0);
    }
    tare_json_close(&json);
    return status;
}

/* An array of objects: each is read by a function that is called once its object has begun. */
static tare_status read_objects(scope_reader *r, tare_json *json,
                                tare_status (*read)(scope_reader *r, tare_json *json))
{
    tare_json_token token;
    TARE_TRY(tare_json_next(json, &token, r->err));
    if (token.kind != TARE_JSON_ARRAY)
        return fail_shape(r, "something that should be a list is none");
    for (;;) {
        TARE_TRY(tare_json_next(json, &token, r->err));
        if (token.kind == TARE_JSON_ARRAY_END)
            return TARE_OK;
        if (token.kind != TARE_JSON_OBJECT)
            return fail_shape(r, "something in a list is no object");
        TARE_TRY(read(r, json));
    }
}

static tare_status read_frames(scope_reader *r, tare_json *json)
{
    tare_json list;
    TARE_TRY(tare_json_fork(json, &list, r->err));
    tare_status status = find_files(r, list);
    if (status == TARE_OK)
        status = read_objects(r, &list, read_frame);
    tare_json_close(&list);
    return status;
}

static tare_status read_shared(scope_reader *r, tare_json *json)
{
    tare_json_token token;
    TARE_TRY(tare_json_next(json, &token, r->err));
    if (token.kind != TARE_JSON_OBJECT)
        return fail_shape(r, "shared is no object");
    for (;;) {
        TARE_TRY(tare_json_next(json, &token, r->err));
        if (token.kind == TARE_JSON_OBJECT_END)
            return TARE_OK;
        if (tare_text_is(token.text, "frames"))
            TARE_TRY(read_frames(r, json));
        else
            TARE_TRY(tare_json_skip(json, &token, r->err));
    }
}

static tare_status count_profile(scope_reader *r, tare_json *json)
{
    tare_json_token object = {.kind = TARE_JSON_OBJECT};
    r->profile_count++;
    return tare_json_skip(json, &object, r->err);
}

/* ---- weights ---- */

static tare_status add_weight(scope_reader *r, const scope_profile *p, uint32_t node,
                              uint64_t amount)
{
    switch (p->kind) {
    case WEIGHT_TIME:
        return tare_imported_time(&r->im, node, p->label_set, amount);
    case WEIGHT_BYTES:
        return tare_imported_add(&r->im, node, p->label_set, TARE_METRIC_alloc_bytes, amount);
    default:
        return tare_imported_sample(&r->im, node, p->label_set, amount, (double)amount);
    }
}

static void read_unit(scope_profile *p, tare_text unit)
{
    static const struct {
        const char *unit;
        weight_kind kind;
        int32_t     power;
    } units[] = {
        {"nanoseconds", WEIGHT_TIME, 0},  {"microseconds", WEIGHT_TIME, 3},
        {"milliseconds", WEIGHT_TIME, 6}, {"seconds", WEIGHT_TIME, 9},
        {"bytes", WEIGHT_BYTES, 0},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (!tare_text_is(unit, units[i].unit))
            continue;
        p->kind = units[i].kind;
        p->power = units[i].power;
    }
}

/* ---- sampled ---- */

static tare_status find_child(scope_reader *r, uint64_t index, uint32_t *node)
{
    if (index >= r->frame_count)
        return fail_shape(r, "a stack has a frame that is not in shared.frames");
    const scope_frame *frame = &r->frames[index];
    return tare_imported_child(&r->im, *node, frame->function, frame->line, node);
}

/* A list of numbers, which has begun. */
static tare_status read_sample(scope_reader *r, tare_json *json, uint32_t *node)
{
    tare_json_token token;
    uint64_t        index;
    *node = 0;
    for (;;) {
        TARE_TRY(tare_json_next(json, &token, r->err));
        if (token.kind == TARE_JSON_ARRAY_END)
            return TARE_OK;
        if (!whole_number(&token, &index))
            return fail_shape(r, "a stack is no list of frames");
        TARE_TRY(find_child(r, index, node));
    }
}

static tare_status add_sample(scope_reader *r, const scope_profile *p, uint32_t node,
                              const tare_json_token *weight)
{
    uint64_t amount;
    if (weight->kind != TARE_JSON_NUMBER || !tare_decimal_scale(&weight->number, p->power, &amount))
        return fail_shape(r, "a weight is no number from 0 to 2^63");
    if (node == 0)
        TARE_TRY(tare_imported_no_stack(&r->im, &node));
    TARE_TRY(add_weight(r, p, node, amount));
    if (p->kind != WEIGHT_TIME)
        return TARE_OK;
    return tare_imported_sample(&r->im, node, p->label_set, 1, (double)amount);
}

static tare_status read_samples(scope_reader *r, scope_profile *p)
{
    tare_json_token sample, weight;
    uint32_t        node;
    TARE_TRY(tare_json_next(&p->samples, &sample, r->err));
    TARE_TRY(tare_json_next(&p->weights, &weight, r->err));
    if (sample.kind != TARE_JSON_ARRAY || weight.kind != TARE_JSON_ARRAY)
        return fail_shape(r, "samples or weights are no list");
    for (;;) {
        TARE_TRY(tare_json_next(&p->samples, &sample, r->err));
        TARE_TRY(tare_json_next(&p->weights, &weight, r->err));
        if (sample.kind == TARE_JSON_ARRAY_END && weight.kind == TARE_JSON_ARRAY_END)
            return TARE_OK;
        if (sample.kind != TARE_JSON_ARRAY)
            return fail_shape(r, "there are not as many samples as weights");
        TARE_TRY(read_sample(r, &p->samples, &node));
        TARE_TRY(add_sample(r, p, node, &weight));
    }
}

/* ---- evented ---- */

typedef struct scope_event {
    bool     opens, closes;
    bool     has_frame, has_time;
    uint64_t frame;
    uint64_t at;
} scope_event;

static tare_status read_event(scope_reader *r, const scope_profile *p, tare_json *json,
                              scope_event *event)
{
    tare_json_token token;
    *event = (scope_event){0};
    for (;;) {
        TARE_TRY(tare_json_next(json, &token, r->err));
        if (token.kind == TARE_JSON_OBJECT_END)
            break;
        bool is_type = tare_text_is(token.text, "type"), is_time = tare_text_is(token.text, "at");
        bool is_frame = tare_text_is(token.text, "frame");
        TARE_TRY(tare_json_next(json, &token, r->err));
        if (is_type && token.kind == TARE_JSON_STRING) {
            event->opens = tare_text_is(token.text, "O");
            event->closes = tare_text_is(token.text, "C");
        }
        if (is_frame)
            event->has_frame = whole_number(&token, &event->frame);
        if (is_time)
            event->has_time = token.kind == TARE_JSON_NUMBER &&
                              tare_decimal_scale(&token.number, p->power, &event->at);
        TARE_TRY(tare_json_skip(json, &token, r->err));
    }
    bool is_whole = event->opens != event->closes && event->has_frame && event->has_time;
    return is_whole ? TARE_OK : fail_shape(r, "an event has no type, frame or time");
}

static tare_status open_frame(scope_reader *r, const scope_profile *p, uint64_t frame)
{
    uint32_t node = r->depth > 0 ? r->stack[r->depth - 1] : 0;
    void    *memory = r->stack;
    TARE_TRY(tare_grow(r->im.profile->alloc, &memory, &r->stack_capacity, r->depth + (size_t)1,
                       sizeof *r->stack, r->err));
    r->stack = memory;
    TARE_TRY(find_child(r, frame, &node));
    r->stack[r->depth++] = node;
    return tare_imported_add(&r->im, node, p->label_set, TARE_METRIC_calls, 1);
}

static tare_status close_frame(scope_reader *r, uint64_t frame)
{
    const tare_profile *profile = r->im.profile;
    if (r->depth == 0 || frame >= r->frame_count)
        return fail_shape(r, "a frame is closed that is not open");
    const tare_frame *open = &profile->frames[profile->nodes[r->stack[r->depth - 1]].frame];
    if (open->function != r->frames[frame].function || open->line != r->frames[frame].line)
        return fail_shape(r, "a frame is closed below another one that is open");
    r->depth--;
    return TARE_OK;
}

static tare_status read_events(scope_reader *r, scope_profile *p)
{
    tare_json_token token;
    scope_event     event;
    uint64_t        last = 0;
    r->depth = 0;
    TARE_TRY(tare_json_next(&p->events, &token, r->err));
    if (token.kind != TARE_JSON_ARRAY)
        return fail_shape(r, "events are no list");
    for (;;) {
        TARE_TRY(tare_json_next(&p->events, &token, r->err));
        if (token.kind == TARE_JSON_ARRAY_END)
            return TARE_OK;
        if (token.kind != TARE_JSON_OBJECT)
            return fail_shape(r, "an event is no object");
        TARE_TRY(read_event(r, p, &p->events, &event));
        if (r->depth > 0 && event.at < last)
            return fail_shape(r, "an event is before the one before it");
        if (r->depth > 0)
            TARE_TRY(add_weight(r, p, r->stack[r->depth - 1], event.at - last));
        last = event.at;
        TARE_TRY(event.opens ? open_frame(r, p, event.frame) : close_frame(r, event.frame));
    }
}

/* ---- second: profiles ---- */

static tare_status find_labels(scope_reader *r, scope_profile *p)
{
    tare_text name = text_in(&p->name);
    if (r->profile_count < 2 && !tare_imported_is_label(name))
        return TARE_OK;
    return tare_imported_labels(&r->im, name, &p->label_set);
}

static tare_status read_long_part(scope_reader *r, tare_json *json, tare_json *part, bool *has_part)
{
    if (*has_part)
        return fail_shape(r, "a key is there twice");
    TARE_TRY(tare_json_fork(json, part, r->err));
    *has_part = true;
    return TARE_OK;
}

/* The value behind a key of a profile. */
static tare_status read_part(scope_reader *r, tare_json *json, const tare_json_token *key,
                             scope_profile *p)
{
    tare_json_token token;
    if (tare_text_is(key->text, "samples"))
        return read_long_part(r, json, &p->samples, &p->has_samples);
    if (tare_text_is(key->text, "weights"))
        return read_long_part(r, json, &p->weights, &p->has_weights);
    if (tare_text_is(key->text, "events"))
        return read_long_part(r, json, &p->events, &p->has_events);
    bool is_name = tare_text_is(key->text, "name"), is_unit = tare_text_is(key->text, "unit");
    TARE_TRY(tare_json_next(json, &token, r->err));
    if (is_unit && token.kind == TARE_JSON_STRING)
        read_unit(p, token.text);
    if (is_name)
        TARE_TRY(keep_text(r, &token, &p->name));
    return tare_json_skip(json, &token, r->err);
}

static tare_status read_parts(scope_reader *r, tare_json *json, scope_profile *p)
{
    tare_json_token token;
    for (;;) {
        TARE_TRY(tare_json_next(json, &token, r->err));
        if (token.kind == TARE_JSON_OBJECT_END)
            break;
        TARE_TRY(read_part(r, json, &token, p));
    }
    TARE_TRY(find_labels(r, p));
    if (p->has_samples && p->has_weights)
        return read_samples(r, p);
    return p->has_events ? read_events(r, p)
                         : fail_shape(r, "a profile has neither samples with weights nor events");
}

static tare_status read_profile(scope_reader *r, tare_json *json)
{
    const tare_alloc *alloc = r->im.profile->alloc;
    scope_profile     p = {.name.alloc = alloc,
                           .samples.text.alloc = alloc,
                           .weights.text.alloc = alloc,
                           .events.text.alloc = alloc};
    tare_status       status = read_parts(r, json, &p);
    tare_buffer_deinit(&p.name);
    tare_json_close(&p.samples);
    tare_json_close(&p.weights);
    tare_json_close(&p.events);
    return status;
}

/* ---- the file ---- */

/* Keys of the whole, in the first pass. */
static tare_status read_key(scope_reader *r, tare_json *json, const tare_json_token *key)
{
    tare_json_token token;
    bool            is_exporter = tare_text_is(key->text, "exporter");
    bool            is_name = tare_text_is(key->text, "name");
    if (tare_text_is(key->text, "profiles"))
        return read_objects(r, json, count_profile);
    TARE_TRY(tare_json_next(json, &token, r->err));
    if (is_exporter && token.kind == TARE_JSON_STRING)
        r->is_own = tare_text_is(token.text, "tare");
    if (is_name && r->is_own && token.kind == TARE_JSON_STRING && token.text.size > 0)
        TARE_TRY(tare_profile_set_meta(r->im.profile, "target.command", token.text.bytes,
                                       token.text.size, r->err));
    return tare_json_skip(json, &token, r->err);
}

typedef enum scope_pass { PASS_KEYS, PASS_FRAMES, PASS_PROFILES } scope_pass;

static tare_status read_pass(scope_reader *r, tare_json *json, scope_pass pass)
{
    tare_json_token token;
    TARE_TRY(tare_json_next(json, &token, r->err));
    if (token.kind != TARE_JSON_OBJECT)
        return fail_shape(r, "it is no object");
    for (;;) {
        TARE_TRY(tare_json_next(json, &token, r->err));
        if (token.kind == TARE_JSON_OBJECT_END)
            break;
        if (pass == PASS_KEYS)
            TARE_TRY(read_key(r, json, &token));
        else if (pass == PASS_FRAMES && tare_text_is(token.text, "shared"))
            TARE_TRY(read_shared(r, json));
        else if (pass == PASS_PROFILES && tare_text_is(token.text, "profiles"))
            TARE_TRY(read_objects(r, json, read_profile));
        else
            TARE_TRY(tare_json_skip(json, &token, r->err));
    }
    return tare_json_next(json, &token, r->err);
}

static tare_status read_file(scope_reader *r, const uint8_t *bytes, size_t size)
{
    for (scope_pass pass = PASS_KEYS; pass <= PASS_PROFILES; pass++) {
        tare_json   json = tare_json_open(bytes, size, r->im.profile->alloc);
        tare_status status = read_pass(r, &json, pass);
        tare_json_close(&json);
        TARE_TRY(status);
        if (pass == PASS_KEYS && r->profile_count == 0)
            return fail_shape(r, "it has no profiles");
    }
    bool has_calls = r->im.metrics[TARE_METRIC_calls] > 0;
    return tare_imported_end(
        &r->im, has_calls ? "Events say when frames began and ended: who wrote them decides what "
                            "counts as a call, and what measuring cost is in the times."
                          : "Samples of another tool: the time of a stack is what that tool gave "
                            "it, and how many calls there were is not known.");
}

tare_status tare_import_speedscope(const uint8_t *bytes, size_t size, tare_profile *into,
                                   tare_error *err)
{
    const tare_alloc *alloc = into->alloc;
    scope_reader      r = {
             .im = {.profile = into, .err = err},
             .err = err,
             .name.alloc = alloc,
             .file.alloc = alloc,
    };
    tare_status status = read_file(&r, bytes, size);
    tare_release(alloc, r.frames, r.frame_capacity, sizeof *r.frames);
    tare_release(alloc, r.stack, r.stack_capacity, sizeof *r.stack);
    tare_buffer_deinit(&r.name);
    tare_buffer_deinit(&r.file);
    return status;
}
