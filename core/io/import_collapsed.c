/* import_collapsed.c - one line per stack, root first, as flame graph scripts take it.
 *
 *     main;parse;next_token 12
 *     process 41 app, thread 42 x;main (app.py:9);parse (app.py:3) 12000000
 *     thread (0x7F21): "x";main (app.py:9) 3
 *
 * What follows the last blank is the amount: of what, no line says, so it is taken for samples.
 * A frame that ends in "(file:line)" is a function in that file at that line. Tare's own
 * escapes, \u003b and the like for ';' and controls, and \\, are undone in files where every
 * backslash begins one, as in all that Tare writes: of other tools' paths one at least does not. A
 * function has no first line here: its lines are in the frames.
 *
 * Lines without an amount, and comments with '#', are skipped; a file with more of those than
 * stacks is something else.
 * Cost: O(bytes). */
#include "io/decimal.h"
#include "io/import.h"
#include "io/imported.h"
#include "io/json_text.h"

#include <string.h>

enum { SNIFFED_LINES = 20, HEX_DIGITS = 4, BITS_PER_HEX = 4 };

typedef struct collapsed_reader {
    tare_imported im;
    tare_buffer   name; /* of one frame, without escapes */
    bool          is_escaped;
    uint64_t      stack_count, skipped_count;
} collapsed_reader;

/* ---- lines ---- */

/* "stack 12": cuts the amount off. */
static bool split_amount(tare_text *line, uint64_t *amount)
{
    tare_decimal decimal;
    while (line->size > 0 && line->bytes[line->size - 1] == ' ')
        line->size--;
    size_t at = line->size;
    while (at > 0 && line->bytes[at - 1] != ' ')
        at--;
    size_t size = line->size - at;
    if (at < 2 || line->bytes[0] == '#' ||
        tare_decimal_read(line->bytes + at, size, &decimal) != size ||
        !tare_decimal_scale(&decimal, 0, amount))
        return false;
    line->size = at - 1;
    return true;
}

bool tare_sniff_collapsed(const uint8_t *bytes, size_t size)
{
    tare_text rest = {.bytes = (const char *)bytes, .size = size};
    tare_text line;
    uint64_t  amount;
    int       fit_count = 0, other_count = 0;
    for (int i = 0; i < SNIFFED_LINES && tare_text_line(&rest, &line); i++) {
        if (line.size == 0 || line.bytes[0] == '#')
            continue;
        bool fits = split_amount(&line, &amount) && memchr(line.bytes, 0, line.size) == NULL;
        fit_count += fits;
        other_count += !fits;
    }
    return fit_count > other_count;
}

/* ---- names ---- */

static bool read_hex(tare_text text, size_t at, uint32_t *out)
{
    *out = 0;
    if (text.size - at < HEX_DIGITS)
        return false;
    for (size_t i = at; i < at + HEX_DIGITS; i++) {
        char c = text.bytes[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        *out = *out << BITS_PER_HEX | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return true;
}

/* The character that a backslash at this place escapes: how many bytes, or 0. */
static size_t read_escape(tare_text text, size_t at, uint32_t *character)
{
    const size_t escape_bytes = 2 + HEX_DIGITS;
    if (at + 1 < text.size && text.bytes[at + 1] == '\\') {
        *character = '\\';
        return 2;
    }
    bool is_unicode = at + 1 < text.size && text.bytes[at + 1] == 'u' &&
                      read_hex(text, at + 2, character) &&
                      (*character == ';' || tare_text_is_control(*character));
    return is_unicode ? escape_bytes : 0;
}

/* Only Tare escapes: one backslash that is no escape, and none is. */
static bool find_escapes(tare_text text)
{
    uint32_t character;
    bool     any = false;
    for (size_t at = 0; at < text.size; at++) {
        if (text.bytes[at] != '\\')
            continue;
        size_t size = read_escape(text, at, &character);
        if (size == 0)
            return false;
        any = true;
        at += size - 1;
    }
    return any;
}

static tare_text unescape(collapsed_reader *r, tare_text text)
{
    if (!r->is_escaped || memchr(text.bytes, '\\', text.size) == NULL)
        return text;
    tare_buffer_clear(&r->name);
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        size_t   size = text.bytes[at] == '\\' ? read_escape(text, at, &character) : 0;
        if (size > 0)
            tare_utf8_append(&r->name, character);
        else
            tare_buffer_u8(&r->name, (uint8_t)text.bytes[at]);
        at += size > 0 ? size : 1;
    }
    return (tare_text){.bytes = (const char *)r->name.bytes, .size = r->name.size};
}

/* Where " (file:12)" begins, with the line; or the size of the text. */
static size_t find_place(tare_text text, uint64_t *line)
{
    tare_decimal number;
    size_t       at = text.size;
    *line = 0;
    if (at < 4 || text.bytes[at - 1] != ')')
        return text.size;
    for (at--; at > 0 && text.bytes[at - 1] >= '0' && text.bytes[at - 1] <= '9'; at--)
        ;
    size_t digits = text.size - 1 - at;
    if (digits == 0 || at < 3 || text.bytes[at - 1] != ':')
        return text.size;
    tare_decimal_read(text.bytes + at, digits, &number);
    if (!tare_decimal_scale(&number, 0, line) || *line > UINT32_MAX)
        return text.size;
    /* A file may have parentheses in its name; a function's "(" follows a blank seldom. */
    for (at--; at >= 2; at--) {
        if (text.bytes[at - 1] == '(' && text.bytes[at - 2] == ' ')
            return at - 2;
    }
    return text.size;
}

static tare_status read_frame(collapsed_reader *r, tare_text text, uint32_t *node)
{
    uint64_t         line;
    uint32_t         function;
    tare_import_name name = {0};
    tare_text        said = unescape(r, text);
    size_t           end = find_place(said, &line);
    name.name = (tare_text){.bytes = said.bytes, .size = end};
    if (end < said.size) {
        size_t begin = end + strlen(" (");
        size_t last = said.size - 1;
        while (said.bytes[last] != ':')
            last--;
        name.file = (tare_text){.bytes = said.bytes + begin, .size = last - begin};
    } else {
        line = 0;
    }
    if (r->name.failed)
        return tare_fail(r->im.err, TARE_NO_MEMORY, "read stacks: out of memory");
    TARE_TRY(tare_imported_function(&r->im, &name, &function));
    return tare_imported_child(&r->im, *node, function, (uint32_t)line, node);
}

/* ---- stacks ---- */

/* The part before the first ';', which goes from *stack. */
static tare_text take_frame(tare_text *stack)
{
    const char *end = memchr(stack->bytes, ';', stack->size);
    size_t      size = end == NULL ? stack->size : (size_t)(end - stack->bytes);
    tare_text   frame = {.bytes = stack->bytes, .size = size};
    size_t      taken = end == NULL ? size : size + 1;
    *stack = (tare_text){.bytes = stack->bytes + taken, .size = stack->size - taken};
    return frame;
}

static tare_status read_stack(collapsed_reader *r, tare_text stack, uint64_t amount)
{
    uint32_t  node = 0, label_set = 0;
    tare_text rest = stack;
    tare_text first = take_frame(&rest);
    if (rest.size > 0 && tare_imported_is_label(first)) {
        TARE_TRY(tare_imported_labels(&r->im, unescape(r, first), &label_set));
        stack = rest;
    }
    while (stack.size > 0)
        TARE_TRY(read_frame(r, take_frame(&stack), &node));
    if (node == 0)
        return TARE_OK;
    return tare_imported_sample(&r->im, node, label_set, amount, (double)amount);
}

/* A ' (' before a ':12)': frames of this file say where they are. */
static bool has_places(tare_text rest)
{
    tare_text line;
    uint64_t  number;
    while (tare_text_line(&rest, &line)) {
        if (split_amount(&line, &number) && find_place(line, &number) < line.size)
            return true;
    }
    return false;
}

static tare_status read_lines(collapsed_reader *r, tare_text rest)
{
    tare_text line;
    uint64_t  amount;
    r->im.named_files = has_places(rest);
    r->is_escaped = find_escapes(rest);
    while (tare_text_line(&rest, &line)) {
        if (!split_amount(&line, &amount)) {
            r->skipped_count += line.size > 0 && line.bytes[0] != '#';
            continue;
        }
        r->stack_count++;
        TARE_TRY(read_stack(r, line, amount));
    }
    if (r->skipped_count >= r->stack_count)
        return tare_fail(r->im.err, TARE_CORRUPT,
                         "read stacks: %llu lines are one with an amount behind it, %llu are not",
                         (unsigned long long)r->stack_count, (unsigned long long)r->skipped_count);
    return tare_imported_end(&r->im, "Collapsed stacks have amounts without a unit, taken for "
                                     "samples here: neither times nor calls.");
}

tare_status tare_import_collapsed(const uint8_t *bytes, size_t size, tare_profile *into,
                                  tare_error *err)
{
    collapsed_reader r = {
        .im = {.profile = into, .err = err},
        .name.alloc = into->alloc,
    };
    tare_text   all = {.bytes = (const char *)bytes, .size = size};
    tare_status status = read_lines(&r, all);
    tare_buffer_deinit(&r.name);
    return status;
}
