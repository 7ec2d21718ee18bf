/* import_pprof.c - pprof's protocol buffer, without its gzip.
 *
 *     sample_type   [(type, unit), ...]                 one value of each in every sample
 *     sample        [locations, the leaf first] [values] [labels]
 *     location      id, address, lines (function, line): inlined ones, the leaf first
 *     function      id, name, system name, file, first line
 *     string_table  what all names are indices of
 *
 * Fields may come in any order, so the file is walked three times: strings and types, then
 * functions and locations, then samples. Source: google/pprof, proto/profile.proto.
 *
 * The time of a stack is the first of its values in a unit of time that is "wall", else "cpu",
 * else any; then that is wall_ns here with the state it belongs to. Values below zero, as a
 * difference of two profiles has them, are refused. Samples without a stack stand below
 * "(no stack)".
 *
 * Cost: O(bytes); 32 bytes per location, line and function. */
#include "base/bytes.h"
#include "io/decimal.h"
#include "io/import.h"
#include "io/imported.h"

#include <string.h>

enum { MAX_TYPES = 32, MAX_LABEL_BYTES = 1024, MAX_FRAMES_PER_BYTE = 16 };

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

/* Numbers of fields. */
enum {
    PROFILE_TYPE = 1,
    PROFILE_SAMPLE = 2,
    PROFILE_LOCATION = 4,
    PROFILE_FUNCTION = 5,
    PROFILE_STRING = 6,
    SAMPLE_LOCATION = 1,
    SAMPLE_VALUE = 2,
    SAMPLE_LABEL = 3,
    LOCATION_ADDRESS = 3,
    LOCATION_LINE = 4,
    FUNCTION_NAME = 2,
    FUNCTION_SYSTEM_NAME = 3,
    FUNCTION_FILE = 4,
    FUNCTION_LINE = 5
};

typedef struct proto_field {
    uint32_t    number;
    uint32_t    wire;
    uint64_t    value; /* of a number */
    tare_cursor bytes; /* of a message, a text, or packed numbers */
} proto_field;

typedef enum value_use { USE_TIME, USE_SAMPLES, USE_METRIC } value_use;

typedef struct value_type {
    uint64_t  type, unit; /* strings of the file */
    value_use use;
    double    scale;  /* to the metric's unit */
    uint32_t  metric; /* of USE_METRIC */
} value_type;

typedef struct pprof_line {
    uint32_t function; /* in the profile */
    uint32_t line;
} pprof_line;

typedef struct pprof_location {
    uint32_t first_line, line_count; /* into lines; the leaf first */
} pprof_location;

typedef struct pprof_reader {
    tare_imported     im;
    tare_error       *err;
    const tare_alloc *alloc;
    tare_text        *strings; /* owned; in the file */
    uint32_t          string_count, string_capacity;
    value_type        types[MAX_TYPES];
    uint32_t          type_count;
    tare_map          function_by_id, location_by_id;
    pprof_location   *locations; /* owned */
    uint32_t          location_count, location_capacity;
    pprof_line       *lines; /* owned */
    uint32_t          line_count, line_capacity;
    uint32_t         *stack; /* owned; locations of the sample that is read, the leaf first */
    uint32_t          depth, stack_capacity;
    uint64_t          frames_left; /* inlined lines make more of a byte than a frame */
    uint64_t          values[MAX_TYPES];
    uint32_t          value_count;
    tare_label        labels[TARE_PROFILE_MAX_LABELS_PER_SET];
    uint32_t          label_count;
} pprof_reader;

static tare_status fail_shape(const pprof_reader *r, const char *reason)
{
    return tare_fail(r->err, TARE_CORRUPT, "read a pprof file: %s", reason);
}

/* ---- protocol buffers ---- */

/* The next field; false at the end, and when the message is broken (cursor.failed). */
static bool next_field(tare_cursor *in, proto_field *field)
{
    enum { WIRE_BITS = 3 };

    if (in->at == in->size)
        return false;
    uint64_t key = tare_cursor_varint(in);
    *field = (proto_field){.number = (uint32_t)(key >> WIRE_BITS), .wire = key & 7};
    uint64_t size = 0;
    if (key >> WIRE_BITS > UINT32_MAX)
        in->failed = true;
    else if (field->wire == WIRE_VARINT)
        field->value = tare_cursor_varint(in);
    else if (field->wire == WIRE_FIXED64)
        field->value = tare_cursor_u64(in);
    else if (field->wire == WIRE_FIXED32)
        field->value = tare_cursor_u32(in);
    else if (field->wire == WIRE_BYTES)
        size = tare_cursor_varint(in);
    else
        in->failed = true;
    if (field->wire == WIRE_BYTES && !in->failed) {
        if (size > in->size - in->at)
            in->failed = true;
        else
            field->bytes = (tare_cursor){.bytes = tare_cursor_take(in, (size_t)size),
                                         .size = (size_t)size};
    }
    return !in->failed;
}

static bool is_message(const proto_field *field, uint32_t number)
{
    return field->number == number && field->wire == WIRE_BYTES;
}

static bool is_number(const proto_field *field, uint32_t number)
{
    return field->number == number && field->wire == WIRE_VARINT;
}

/* Calls read for each message with that number in the file. */
static tare_status read_messages(pprof_reader *r, tare_cursor in, uint32_t number,
                                 tare_status (*read)(pprof_reader *r, tare_cursor in))
{
    proto_field field;
    while (next_field(&in, &field)) {
        if (is_message(&field, number))
            TARE_TRY(read(r, field.bytes));
    }
    return in.failed ? fail_shape(r, "it is cut short, or no protocol buffer") : TARE_OK;
}

bool tare_sniff_pprof(const uint8_t *bytes, size_t size)
{
    tare_cursor in = {.bytes = bytes, .size = size};
    proto_field field;
    bool        has_type = false, has_sample = false;
    while (next_field(&in, &field)) {
        if (field.number == 0 || field.number > 2 * 8)
            return false;
        has_type = has_type || is_message(&field, PROFILE_TYPE);
        has_sample = has_sample || is_message(&field, PROFILE_SAMPLE) ||
                     is_message(&field, PROFILE_STRING);
    }
    return has_type && has_sample && !in.failed;
}

/* ---- first: strings and types ---- */

static tare_status read_string(pprof_reader *r, tare_cursor in)
{
    void *memory = r->strings;
    TARE_TRY(tare_grow(r->alloc, &memory, &r->string_capacity, r->string_count + (size_t)1,
                       sizeof *r->strings, r->err));
    r->strings = memory;
    r->strings[r->string_count++] = (tare_text){.bytes = (const char *)in.bytes, .size = in.size};
    return TARE_OK;
}

/* The empty text where there is none. */
static tare_text find_string(const pprof_reader *r, uint64_t index)
{
    return index < r->string_count ? r->strings[index] : tare_text_of("");
}

static tare_status read_type(pprof_reader *r, tare_cursor in)
{
    proto_field field;
    if (r->type_count == MAX_TYPES)
        return fail_shape(r, "a sample has more values than any");
    value_type *type = &r->types[r->type_count++];
    *type = (value_type){0};
    while (next_field(&in, &field)) {
        if (is_number(&field, 1))
            type->type = field.value;
        if (is_number(&field, 2))
            type->unit = field.value;
    }
    return in.failed ? fail_shape(r, "a type of values is cut short") : TARE_OK;
}

/* How many nanoseconds; 0 for what is no time. */
static double find_unit_ns(tare_text unit)
{
    static const struct {
        const char *name;
        double      ns;
    } units[] = {{"nanoseconds", 1},    {"ns", 1},   {"microseconds", 1e3}, {"us", 1e3},
                 {"milliseconds", 1e6}, {"ms", 1e6}, {"seconds", 1e9},      {"s", 1e9}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (tare_text_is(unit, units[i].name))
            return units[i].ns;
    }
    return 0;
}

/* Which of the times is the time of a stack. */
static uint32_t find_main_time(const pprof_reader *r)
{
    static const char *const names[] = {"wall", "cpu"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (uint32_t t = 0; t < r->type_count; t++) {
            if (find_unit_ns(find_string(r, r->types[t].unit)) > 0 &&
                tare_text_begins(find_string(r, r->types[t].type), names[i]))
                return t;
        }
    }
    uint32_t t = 0;
    while (t < r->type_count && !(find_unit_ns(find_string(r, r->types[t].unit)) > 0))
        t++;
    return t;
}

static tare_status use_metric(pprof_reader *r, value_type *type, tare_text name, tare_text unit)
{
    const tare_metric_info *bytes = tare_metric_get(TARE_METRIC_alloc_bytes);
    type->use = USE_METRIC;
    if (tare_text_is(unit, "bytes") && tare_text_begins(name, "alloc"))
        return tare_profile_metric(r->im.profile, bytes->name, bytes->unit, &type->metric, r->err);
    bool is_time = find_unit_ns(unit) > 0;
    return tare_imported_metric(&r->im, name,
                                is_time                       ? "ns"
                                : tare_text_is(unit, "bytes") ? "bytes"
                                                              : "count",
                                &type->metric);
}

static tare_status find_uses(pprof_reader *r)
{
    uint32_t main_time = find_main_time(r);
    bool     has_samples = false;
    for (uint32_t t = 0; t < r->type_count; t++) {
        value_type *type = &r->types[t];
        tare_text   name = find_string(r, type->type), unit = find_string(r, type->unit);
        double      ns = find_unit_ns(unit);
        type->scale = ns > 0 ? ns : 1;
        if (t == main_time) {
            type->use = USE_TIME;
        } else if (tare_text_is(name, "samples") && !(ns > 0) && !has_samples) {
            type->use = USE_SAMPLES;
            has_samples = true;
        } else {
            TARE_TRY(use_metric(r, type, name, unit));
        }
    }
    return r->type_count > 0 ? TARE_OK : fail_shape(r, "it says of no value what it is");
}

/* ---- second: functions and locations ---- */

static tare_status read_function(pprof_reader *r, tare_cursor in)
{
    proto_field field;
    uint64_t    id = 0, name = 0, system_name = 0, file = 0, line = 0;
    while (next_field(&in, &field)) {
        if (field.wire != WIRE_VARINT)
            continue;
        if (field.number == 1)
            id = field.value;
        if (field.number == FUNCTION_NAME)
            name = field.value;
        if (field.number == FUNCTION_SYSTEM_NAME)
            system_name = field.value;
        if (field.number == FUNCTION_FILE)
            file = field.value;
        if (field.number == FUNCTION_LINE)
            line = field.value;
    }
    if (in.failed)
        return fail_shape(r, "a function is cut short");
    tare_import_name said = {
        .name = find_string(r, name),
        .file = find_string(r, file),
        .first_line = line <= UINT32_MAX ? (uint32_t)line : 0,
    };
    uint32_t function;
    if (said.name.size == 0)
        said.name = find_string(r, system_name);
    r->im.named_files = r->im.named_files || said.file.size > 0;
    TARE_TRY(tare_imported_function(&r->im, &said, &function));
    return tare_map_put(&r->function_by_id, id, function, r->alloc, r->err);
}

static tare_status add_line(pprof_reader *r, pprof_line line)
{
    void *memory = r->lines;
    TARE_TRY(tare_grow(r->alloc, &memory, &r->line_capacity, r->line_count + (size_t)1,
                       sizeof *r->lines, r->err));
    r->lines = memory;
    r->lines[r->line_count++] = line;
    return TARE_OK;
}

static tare_status read_line(pprof_reader *r, tare_cursor in)
{
    proto_field field;
    uint64_t    id = 0, line = 0;
    while (next_field(&in, &field)) {
        if (is_number(&field, 1))
            id = field.value;
        if (is_number(&field, 2))
            line = field.value;
    }
    uint32_t function = tare_map_get(&r->function_by_id, id);
    if (in.failed || function == TARE_MAP_ABSENT)
        return fail_shape(r, "a line is of no function");
    return add_line(r, (pprof_line){function, line <= UINT32_MAX ? (uint32_t)line : 0});
}

/* A location without lines is an address in a file without symbols. */
static tare_status name_address(pprof_reader *r, uint64_t address)
{
    tare_buffer name = {.alloc = r->alloc};
    uint32_t    function = 0;
    tare_buffer_format(&name, "0x%llx", (unsigned long long)address);
    tare_import_name said = {
        .name = {.bytes = (const char *)name.bytes, .size = name.size},
        .file = tare_text_of("~"),
    };
    tare_status status = name.failed
                             ? tare_fail(r->err, TARE_NO_MEMORY, "read a pprof file: out of memory")
                             : tare_imported_function(&r->im, &said, &function);
    tare_buffer_deinit(&name);
    TARE_TRY(status);
    return add_line(r, (pprof_line){.function = function});
}

static tare_status read_location(pprof_reader *r, tare_cursor in)
{
    proto_field    field;
    pprof_location location = {.first_line = r->line_count};
    uint64_t       id = 0, address = 0;
    while (next_field(&in, &field)) {
        if (is_number(&field, 1))
            id = field.value;
        if (is_number(&field, LOCATION_ADDRESS))
            address = field.value;
        if (is_message(&field, LOCATION_LINE))
            TARE_TRY(read_line(r, field.bytes));
    }
    if (in.failed)
        return fail_shape(r, "a location is cut short");
    if (r->line_count == location.first_line)
        TARE_TRY(name_address(r, address));
    location.line_count = r->line_count - location.first_line;
    void *memory = r->locations;
    TARE_TRY(tare_grow(r->alloc, &memory, &r->location_capacity, r->location_count + (size_t)1,
                       sizeof *r->locations, r->err));
    r->locations = memory;
    r->locations[r->location_count] = location;
    return tare_map_put(&r->location_by_id, id, r->location_count++, r->alloc, r->err);
}

/* ---- third: samples ---- */

static tare_status push_location(pprof_reader *r, uint64_t id)
{
    uint32_t location = tare_map_get(&r->location_by_id, id);
    if (location == TARE_MAP_ABSENT)
        return fail_shape(r, "a sample has a location that is not there");
    void *memory = r->stack;
    TARE_TRY(tare_grow(r->alloc, &memory, &r->stack_capacity, r->depth + (size_t)1,
                       sizeof *r->stack, r->err));
    r->stack = memory;
    r->stack[r->depth++] = location;
    return TARE_OK;
}

static tare_status push_value(pprof_reader *r, uint64_t value)
{
    if (r->value_count == r->type_count)
        return fail_shape(r, "a sample has more values than there are types");
    if (value > INT64_MAX)
        return fail_shape(r, "a value is below zero, as in a difference of two profiles");
    r->values[r->value_count++] = value;
    return TARE_OK;
}

/* Numbers come one by one or packed. */
static tare_status read_numbers(pprof_reader *r, const proto_field *field,
                                tare_status (*push)(pprof_reader *r, uint64_t value))
{
    tare_cursor in = field->bytes;
    if (field->wire == WIRE_VARINT)
        return push(r, field->value);
    while (in.at < in.size && !in.failed)
        TARE_TRY(push(r, tare_cursor_varint(&in)));
    return in.failed ? fail_shape(r, "the numbers of a sample are cut short") : TARE_OK;
}

static tare_status add_label(pprof_reader *r, tare_text key, tare_text value)
{
    tare_label label;
    if (key.size > MAX_LABEL_BYTES || value.size > MAX_LABEL_BYTES)
        return fail_shape(r, "a label is longer than any");
    TARE_TRY(tare_profile_string(r->im.profile, key.bytes, key.size, &label.key, r->err));
    TARE_TRY(tare_profile_string(r->im.profile, value.bytes, value.size, &label.value, r->err));
    for (uint32_t i = 0; i < r->label_count; i++) {
        if (r->labels[i].key == label.key)
            return TARE_OK; /* the first one counts */
    }
    if (r->label_count < TARE_PROFILE_MAX_LABELS_PER_SET)
        r->labels[r->label_count++] = label;
    return TARE_OK;
}

static tare_status read_label(pprof_reader *r, tare_cursor in)
{
    proto_field field;
    uint64_t    key = 0, text = 0, number = 0;
    bool        has_text = false;
    while (next_field(&in, &field)) {
        if (is_number(&field, 1))
            key = field.value;
        if (is_number(&field, 2)) {
            text = field.value;
            has_text = text > 0;
        }
        if (is_number(&field, 3))
            number = field.value;
    }
    if (in.failed)
        return fail_shape(r, "a label is cut short");
    if (has_text)
        return add_label(r, find_string(r, key), find_string(r, text));
    tare_buffer digits = {.alloc = r->alloc};
    tare_buffer_format(&digits, "%lld", (long long)(int64_t)number);
    tare_text   said = {.bytes = (const char *)digits.bytes, .size = digits.size};
    tare_status status = digits.failed
                             ? tare_fail(r->err, TARE_NO_MEMORY, "read a pprof file: out of memory")
                             : add_label(r, find_string(r, key), said);
    tare_buffer_deinit(&digits);
    return status;
}

/* From the root down: locations from the last, of each its lines from the last. */
static tare_status find_node(pprof_reader *r, uint32_t *node)
{
    *node = 0;
    for (uint32_t i = r->depth; i > 0; i--) {
        const pprof_location *location = &r->locations[r->stack[i - 1]];
        if (r->frames_left < location->line_count)
            return fail_shape(r, "its stacks are larger than its bytes allow");
        r->frames_left -= location->line_count;
        for (uint32_t j = location->line_count; j > 0; j--) {
            const pprof_line *line = &r->lines[location->first_line + j - 1];
            TARE_TRY(tare_imported_child(&r->im, *node, line->function, line->line, node));
        }
    }
    return TARE_OK;
}

static tare_status add_value(pprof_reader *r, const value_type *type, uint64_t value, uint32_t node,
                             uint32_t label_set)
{
    uint64_t amount = value;
    if (type->scale != 1 && !tare_round_scaled((double)value, type->scale, &amount))
        return fail_shape(r, "a time is too long");
    if (type->use == USE_TIME)
        return tare_imported_time(&r->im, node, label_set, amount);
    if (type->use == USE_SAMPLES)
        return tare_imported_sample(&r->im, node, label_set, amount, (double)amount);
    return amount == 0
               ? TARE_OK
               : tare_profile_add(r->im.profile, node, label_set, type->metric, amount, r->err);
}

static tare_status read_fields(pprof_reader *r, tare_cursor in)
{
    proto_field field;
    while (next_field(&in, &field)) {
        if (field.wire != WIRE_VARINT && field.wire != WIRE_BYTES)
            continue;
        if (field.number == SAMPLE_LOCATION)
            TARE_TRY(read_numbers(r, &field, push_location));
        else if (field.number == SAMPLE_VALUE)
            TARE_TRY(read_numbers(r, &field, push_value));
        else if (is_message(&field, SAMPLE_LABEL))
            TARE_TRY(read_label(r, field.bytes));
    }
    return in.failed ? fail_shape(r, "a sample is cut short") : TARE_OK;
}

static tare_status read_sample(pprof_reader *r, tare_cursor in)
{
    uint32_t node, label_set;
    r->depth = r->value_count = r->label_count = 0;
    TARE_TRY(read_fields(r, in));
    if (r->value_count != r->type_count)
        return fail_shape(r, "a sample has fewer values than there are types");
    TARE_TRY(find_node(r, &node));
    if (node == 0)
        TARE_TRY(tare_imported_no_stack(&r->im, &node));
    TARE_TRY(tare_profile_label_set(r->im.profile, r->labels, r->label_count, &label_set, r->err));
    for (uint32_t t = 0; t < r->type_count; t++)
        TARE_TRY(add_value(r, &r->types[t], r->values[t], node, label_set));
    return TARE_OK;
}

/* ---- the file ---- */

static tare_status read_file(pprof_reader *r, tare_cursor in)
{
    TARE_TRY(read_messages(r, in, PROFILE_STRING, read_string));
    TARE_TRY(read_messages(r, in, PROFILE_TYPE, read_type));
    TARE_TRY(find_uses(r));
    TARE_TRY(read_messages(r, in, PROFILE_FUNCTION, read_function));
    TARE_TRY(read_messages(r, in, PROFILE_LOCATION, read_location));
    TARE_TRY(read_messages(r, in, PROFILE_SAMPLE, read_sample));
    uint32_t main_time = find_main_time(r);
    bool     is_cpu = main_time < r->type_count &&
                  tare_text_begins(find_string(r, r->types[main_time].type), "cpu");
    return tare_imported_end(&r->im, is_cpu ? "Its time is CPU time: waiting is not in it. How "
                                              "many calls there were is not known."
                                            : "Sums of samples by stack: how many calls there "
                                              "were is not known, nor what came when.");
}

tare_status tare_import_pprof(const uint8_t *bytes, size_t size, tare_profile *into,
                              tare_error *err)
{
    pprof_reader r = {
        .im = {.profile = into, .err = err},
        .err = err,
        .alloc = into->alloc,
        .frames_left = (uint64_t)size * MAX_FRAMES_PER_BYTE,
    };
    tare_status status = read_file(&r, (tare_cursor){.bytes = bytes, .size = size});
    tare_release(r.alloc, r.strings, r.string_capacity, sizeof *r.strings);
    tare_release(r.alloc, r.locations, r.location_capacity, sizeof *r.locations);
    tare_release(r.alloc, r.lines, r.line_capacity, sizeof *r.lines);
    tare_release(r.alloc, r.stack, r.stack_capacity, sizeof *r.stack);
    tare_map_deinit(&r.function_by_id, r.alloc);
    tare_map_deinit(&r.location_by_id, r.alloc);
    return status;
}
