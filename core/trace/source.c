/* source.c - see source.h.
 *
 * One pass over the bytes, with a stack of what is open:
 *
 *     ( [ {      until the bracket that closes it, whichever it is
 *     f"         the text of an f-string, until its quote
 *     {          in an f-string: an expression, which may hold anything, strings too (3.12)
 *     :          in such an expression: a format, which is text until the } of the expression
 *
 * Other strings hold nothing and are read in one go. Deeper than MAX_OPEN nothing more is opened. A
 * string with one quote ends with its line, closed or not: half-written code does not run away. */
#include "trace/source.h"

#include <string.h>

enum { MAX_OPEN = 200, TAB_COLUMNS = 8 };

typedef enum open_kind { BRACKET, F_TEXT, F_EXPRESSION, F_FORMAT } open_kind;

typedef struct opened {
    open_kind kind;
    char      quote; /* of F_TEXT, as is: */
    bool      triple;
} opened;

typedef struct scanner {
    tare_source *source;
    size_t       at;
    opened       open[MAX_OPEN];
    uint32_t     open_count;
    bool         goes_on; /* the next line belongs to this one */
    uint32_t     head;    /* of the logical line under way */
    uint16_t     indent;
    char         first;
} scanner;

static char peek(const scanner *s, size_t ahead)
{
    size_t at = s->at + ahead;
    return at < s->source->size_bytes ? s->source->text[at] : '\0';
}

static bool is_at_end(const scanner *s)
{
    return s->at >= s->source->size_bytes;
}

static opened *innermost(scanner *s)
{
    return s->open_count > 0 ? &s->open[s->open_count - 1] : NULL;
}

static bool is_in_text(scanner *s)
{
    const opened *in = innermost(s);
    return in != NULL && (in->kind == F_TEXT || in->kind == F_FORMAT);
}

static void push(scanner *s, opened what)
{
    if (s->open_count < MAX_OPEN)
        s->open[s->open_count++] = what;
}

static void pop(scanner *s)
{
    if (s->open_count > 0)
        s->open_count--;
}

/* ---- lines ---- */

static uint16_t measure_indent(const scanner *s, size_t *at_out)
{
    uint32_t columns = 0;
    size_t   at = s->at;
    for (; at < s->source->size_bytes; at++) {
        char c = s->source->text[at];
        if (c == '\t')
            columns = (columns / TAB_COLUMNS + 1) * TAB_COLUMNS;
        else if (c == ' ')
            columns++;
        else if (c != '\f')
            break;
    }
    *at_out = at;
    return columns < TARE_SOURCE_BLANK ? (uint16_t)columns : TARE_SOURCE_BLANK - 1;
}

static tare_status begin_line(scanner *s, tare_error *err)
{
    tare_source *source = s->source;
    uint32_t     number = source->line_count + 1;
    void        *lines = source->lines;
    TARE_TRY(tare_grow(source->alloc, &lines, &source->line_capacity, number, sizeof *source->lines,
                       err));
    source->lines = lines;
    if (!s->goes_on) {
        size_t at;
        s->head = number;
        s->indent = measure_indent(s, &at);
        s->first = at < source->size_bytes ? source->text[at] : '\n';
        if (strchr("#\r\n", s->first) != NULL)
            s->indent = TARE_SOURCE_BLANK;
    }
    source->lines[number - 1] = (tare_source_line){
        .start = (uint32_t)s->at, .head = s->head, .indent = s->indent, .first = s->first};
    source->line_count = number;
    return TARE_OK;
}

/* What has one quote does not go over the end of a line, whatever is in it. */
static void close_short_texts(scanner *s)
{
    for (uint32_t i = 0; i < s->open_count; i++) {
        if (s->open[i].kind == F_TEXT && !s->open[i].triple) {
            bool in_expression = i + 1 < s->open_count && s->open[i + 1].kind == F_EXPRESSION;
            if (!in_expression)
                s->open_count = i;
            return;
        }
    }
}

static tare_status end_line(scanner *s, bool continued, tare_error *err)
{
    s->at++;
    if (!continued)
        close_short_texts(s);
    s->goes_on = continued || s->open_count > 0;
    return is_at_end(s) ? TARE_OK : begin_line(s, err);
}

/* ---- strings ---- */

static bool is_prefix(char c)
{
    return c != '\0' && strchr("rRbBuUfFtT", c) != NULL;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool closes(const scanner *s, char quote, bool triple)
{
    return peek(s, 0) == quote && (!triple || (peek(s, 1) == quote && peek(s, 2) == quote));
}

/* One character of a text, at which nothing is decided; a backslash takes the next one with it. */
static tare_status pass_character(scanner *s, tare_error *err)
{
    bool escaped = peek(s, 0) == '\\' && s->at + 1 < s->source->size_bytes;
    if (escaped)
        s->at++;
    if (peek(s, 0) == '\r' && peek(s, 1) == '\n')
        s->at++;
    if (peek(s, 0) == '\n')
        return end_line(s, escaped, err);
    s->at++;
    return TARE_OK;
}

/* A string that holds nothing. */
static tare_status pass_string(scanner *s, char quote, bool triple, tare_error *err)
{
    while (!is_at_end(s) && !closes(s, quote, triple)) {
        if (!triple && (peek(s, 0) == '\n' || peek(s, 0) == '\r'))
            return TARE_OK;
        if (triple) /* as a bracket, so that its lines belong together */
            push(s, (opened){.kind = BRACKET});
        tare_status status = pass_character(s, err);
        if (triple)
            pop(s);
        TARE_TRY(status);
    }
    s->at += triple ? 3 : 1;
    return TARE_OK;
}

/* At the first quote, behind the prefix. */
static tare_status begin_string(scanner *s, bool formatted, tare_error *err)
{
    char quote = peek(s, 0);
    bool triple = peek(s, 1) == quote && peek(s, 2) == quote;
    if (!triple && peek(s, 1) == quote) {
        s->at += 2;
        return TARE_OK;
    }
    s->at += triple ? 3 : 1;
    if (!formatted)
        return pass_string(s, quote, triple, err);
    push(s, (opened){.kind = F_TEXT, .quote = quote, .triple = triple});
    return TARE_OK;
}

/* A name or a number, or the prefix of a string. */
static tare_status pass_name(scanner *s, tare_error *err)
{
    size_t begin = s->at;
    bool   prefix = true, formatted = false;
    while (!is_at_end(s) && is_name(peek(s, 0))) {
        char c = peek(s, 0);
        prefix = prefix && is_prefix(c);
        formatted = formatted || (c != '\0' && strchr("fFtT", c) != NULL);
        s->at++;
    }
    char c = peek(s, 0);
    if (prefix && s->at - begin <= 2 && (c == '"' || c == '\''))
        return begin_string(s, formatted, err);
    return TARE_OK;
}

/* ---- text and code ---- */

static tare_status pass_text(scanner *s, tare_error *err)
{
    const opened *in = innermost(s);
    char          c = peek(s, 0);
    if (in->kind == F_TEXT && closes(s, in->quote, in->triple)) {
        s->at += in->triple ? 3 : 1;
        pop(s);
    } else if (in->kind == F_TEXT && (c == '{' || c == '}') && peek(s, 1) == c) {
        s->at += 2;
    } else if (c == '\\' && (peek(s, 1) == '{' || peek(s, 1) == '}')) {
        s->at++; /* it does not escape them */
    } else if (c == '{') {
        s->at++;
        push(s, (opened){.kind = F_EXPRESSION});
    } else if (c == '}' && in->kind == F_FORMAT) {
        s->at++;
        pop(s); /* the format, */
        pop(s); /* and the expression */
    } else {
        return pass_character(s, err);
    }
    return TARE_OK;
}

static void pass_comment(scanner *s)
{
    while (!is_at_end(s) && peek(s, 0) != '\n')
        s->at++;
}

static tare_status pass_code(scanner *s, tare_error *err)
{
    const opened *in = innermost(s);
    char          c = peek(s, 0);
    if (is_name(c))
        return pass_name(s, err);
    if (c == '"' || c == '\'')
        return begin_string(s, false, err);
    if (c == '\n')
        return end_line(s, false, err);
    if (c == '\\')
        return pass_character(s, err);
    if (c == '#') {
        pass_comment(s);
        return TARE_OK;
    }
    s->at++;
    if (strchr("([{", c) != NULL && c != '\0')
        push(s, (opened){.kind = BRACKET});
    else if (strchr(")]}", c) != NULL && c != '\0')
        pop(s);
    else if (c == ':' && in != NULL && in->kind == F_EXPRESSION)
        push(s, (opened){.kind = F_FORMAT});
    return TARE_OK;
}

static tare_status scan(scanner *s, tare_error *err)
{
    if (is_at_end(s))
        return TARE_OK;
    TARE_TRY(begin_line(s, err));
    while (!is_at_end(s))
        TARE_TRY(is_in_text(s) ? pass_text(s, err) : pass_code(s, err));
    return TARE_OK;
}

/* ---- the interface ---- */

tare_status tare_source_init(tare_source *source, const char *text, size_t size_bytes,
                             const tare_alloc *alloc, tare_error *err)
{
    void *copy = NULL;
    *source = (tare_source){.alloc = alloc};
    if (size_bytes >= UINT32_MAX)
        return tare_fail(err, TARE_LIMIT, "read a source: it has %zu bytes", size_bytes);
    TARE_TRY(tare_acquire(alloc, &copy, size_bytes, 1, err));
    source->text = copy;
    source->size_bytes = size_bytes;
    if (size_bytes > 0)
        memcpy(source->text, text, size_bytes);
    scanner     s = {.source = source};
    tare_status status = scan(&s, err);
    if (status != TARE_OK)
        tare_source_deinit(source);
    return status;
}

void tare_source_deinit(tare_source *source)
{
    if (source->alloc == NULL)
        return;
    tare_release(source->alloc, source->text, source->size_bytes, 1);
    tare_release(source->alloc, source->lines, source->line_capacity, sizeof *source->lines);
    *source = (tare_source){0};
}

uint32_t tare_source_head(const tare_source *source, uint32_t line)
{
    return line > 0 && line <= source->line_count ? source->lines[line - 1].head : line;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\f'))
        at++;
    return at;
}

/* Behind a word, when it is there. */
static const char *skip_word(const char *at, const char *end, const char *word)
{
    size_t size = strlen(word);
    bool   there = (size_t)(end - at) >= size && memcmp(at, word, size) == 0 &&
                 (at + size == end || !is_name(at[size]));
    return there ? skip_blanks(at + size, end) : at;
}

static bool begins_with(const tare_source *source, uint32_t line, const char *word)
{
    if (line == 0 || line > source->line_count)
        return false;
    const char *end = source->text + source->size_bytes;
    const char *at = skip_blanks(source->text + source->lines[line - 1].start, end);
    at = skip_word(at, end, "async");
    return skip_word(at, end, word) != at;
}

bool tare_source_is_with(const tare_source *source, uint32_t line)
{
    return begins_with(source, line, "with");
}

bool tare_source_is_loop(const tare_source *source, uint32_t line)
{
    return begins_with(source, line, "for") || begins_with(source, line, "while");
}

/* A decorator, or what can lie between it and the header. */
static bool is_before_header(const tare_source_line *line)
{
    return line->first == '@' || line->indent == TARE_SOURCE_BLANK;
}

uint32_t tare_source_block_end(const tare_source *source, uint32_t first_line)
{
    if (first_line == 0 || first_line > source->line_count)
        return first_line;
    uint32_t line = first_line;
    uint32_t indent = source->lines[line - 1].indent;
    while (line < source->line_count && is_before_header(&source->lines[line - 1]))
        line++;
    uint32_t last = line;
    uint32_t header = source->lines[line - 1].head;
    for (; line <= source->line_count; line++) {
        const tare_source_line *at = &source->lines[line - 1];
        if (at->indent == TARE_SOURCE_BLANK)
            continue;
        if (at->head != header && at->indent <= indent)
            break;
        last = line;
    }
    return last;
}

void tare_source_part(const tare_source *source, uint32_t first, uint32_t last,
                      const char **bytes_out, size_t *size_out)
{
    *bytes_out = "";
    *size_out = 0;
    if (first == 0 || first > source->line_count || last < first)
        return;
    size_t begin = source->lines[first - 1].start;
    size_t end = last < source->line_count ? source->lines[last].start : source->size_bytes;
    *bytes_out = source->text + begin;
    *size_out = end - begin;
}
