/* json_read.c - one state: what may come next.
 *
 *     {"a": [1, 2]}      object  key a  array  1  2  end of array  end of object  end
 *
 * A string without escapes is handed out where it lies; one with escapes is put together in a
 * buffer that the next one reuses.
 * Cost: O(bytes); the memory of the longest string with escapes. */
#include "io/json_read.h"

#include "io/json_text.h"

#include <string.h>

enum {
    HIGH_SURROGATE = 0xD800,
    LOW_SURROGATE = 0xDC00,
    SURROGATE_COUNT = 0x400,
    FIRST_SUPPLEMENTARY = 0x10000,
    REPLACEMENT = 0xFFFD,
    HEX_DIGITS = 4,
    BITS_PER_HEX = 4
};

tare_json tare_json_open(const uint8_t *bytes, size_t size, const tare_alloc *alloc)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    tare_json            json = {.in = {.bytes = bytes, .size = size}, .text.alloc = alloc};
    if (size >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0)
        json.in.at = sizeof mark;
    return json;
}

void tare_json_close(tare_json *json)
{
    tare_buffer_deinit(&json->text);
}

static tare_status fail_at(const tare_json *json, const char *reason, tare_error *err)
{
    return tare_fail(err, TARE_CORRUPT, "read JSON, byte %zu: %s", json->in.at, reason);
}

/* 0 at the end; a NUL in the text is no JSON either. */
static uint8_t peek(const tare_json *json)
{
    return json->in.at < json->in.size ? json->in.bytes[json->in.at] : 0;
}

static void skip_blanks(tare_json *json)
{
    uint8_t c = peek(json);
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        json->in.at++;
        c = peek(json);
    }
}

/* ---- strings ---- */

static tare_status read_hex(tare_json *json, uint32_t *out, tare_error *err)
{
    *out = 0;
    for (int i = 0; i < HEX_DIGITS; i++) {
        uint8_t  c = peek(json);
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = c - (uint32_t)'0';
        else if ((c | ' ') >= 'a' && (c | ' ') <= 'f')
            digit = (uint32_t)(c | ' ') - 'a' + 10;
        else
            return fail_at(json, "\\u has no four digits", err);
        *out = *out << BITS_PER_HEX | digit;
        json->in.at++;
    }
    return TARE_OK;
}

/* Behind "\u". A pair of surrogates is one character. */
static tare_status read_unicode(tare_json *json, uint32_t *out, tare_error *err)
{
    TARE_TRY(read_hex(json, out, err));
    if (*out < HIGH_SURROGATE || *out >= LOW_SURROGATE + SURROGATE_COUNT)
        return TARE_OK;
    uint32_t high = *out;
    size_t   at = json->in.at;
    *out = REPLACEMENT;
    if (high >= LOW_SURROGATE || peek(json) != '\\' || at + 1 >= json->in.size ||
        json->in.bytes[at + 1] != 'u')
        return TARE_OK;
    json->in.at += 2;
    uint32_t low;
    TARE_TRY(read_hex(json, &low, err));
    if (low >= LOW_SURROGATE && low < LOW_SURROGATE + SURROGATE_COUNT)
        *out = FIRST_SUPPLEMENTARY + (high - HIGH_SURROGATE) * SURROGATE_COUNT +
               (low - LOW_SURROGATE);
    else
        json->in.at = at; /* what follows stands for itself */
    return TARE_OK;
}

static tare_status read_escape(tare_json *json, tare_error *err)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    uint8_t           c = peek(json);
    const char       *found = c == 0 ? NULL : strchr(letters, c);
    uint32_t          character;
    json->in.at++;
    if (found != NULL) {
        tare_buffer_u8(&json->text, (uint8_t)meanings[found - letters]);
        return TARE_OK;
    }
    if (c != 'u') {
        json->in.at--;
        return fail_at(json, "an escape is none of JSON's", err);
    }
    TARE_TRY(read_unicode(json, &character, err));
    tare_utf8_append(&json->text, character);
    return TARE_OK;
}

/* How many bytes stand for themselves from here on. */
static size_t count_plain(const tare_json *json)
{
    size_t at = json->in.at;
    while (at < json->in.size && json->in.bytes[at] != '"' && json->in.bytes[at] != '\\' &&
           json->in.bytes[at] >= ' ')
        at++;
    return at - json->in.at;
}

static tare_status read_string(tare_json *json, tare_text *out, tare_error *err)
{
    json->in.at++;
    size_t         plain = count_plain(json);
    const uint8_t *begin = json->in.bytes + json->in.at;
    json->in.at += plain;
    *out = (tare_text){.bytes = (const char *)begin, .size = plain};
    if (peek(json) == '"') {
        json->in.at++;
        return TARE_OK;
    }
    tare_buffer_clear(&json->text);
    tare_buffer_append(&json->text, begin, plain);
    while (peek(json) == '\\') {
        json->in.at++;
        TARE_TRY(read_escape(json, err));
        plain = count_plain(json);
        tare_buffer_append(&json->text, json->in.bytes + json->in.at, plain);
        json->in.at += plain;
    }
    if (peek(json) != '"')
        return fail_at(json, "a string does not end", err);
    json->in.at++;
    if (json->text.failed)
        return tare_fail(err, TARE_NO_MEMORY, "read JSON: out of memory");
    *out = (tare_text){.bytes = (const char *)json->text.bytes, .size = json->text.size};
    return TARE_OK;
}

/* ---- other values ---- */

static tare_status read_word(tare_json *json, tare_json_token *token, tare_error *err)
{
    static const struct {
        const char    *word;
        tare_json_kind kind;
    } words[] = {{"true", TARE_JSON_TRUE}, {"false", TARE_JSON_FALSE}, {"null", TARE_JSON_NULL}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t size = strlen(words[i].word);
        if (json->in.size - json->in.at < size ||
            memcmp(json->in.bytes + json->in.at, words[i].word, size) != 0)
            continue;
        json->in.at += size;
        token->kind = words[i].kind;
        return TARE_OK;
    }
    return fail_at(json, "something is no value", err);
}

static tare_status read_number(tare_json *json, tare_json_token *token, tare_error *err)
{
    const char *text = (const char *)json->in.bytes + json->in.at;
    size_t      size = tare_decimal_read(text, json->in.size - json->in.at, &token->number);
    if (size == 0)
        return fail_at(json, "a number is not one", err);
    json->in.at += size;
    token->kind = TARE_JSON_NUMBER;
    return TARE_OK;
}

static tare_status open_nested(tare_json *json, bool is_object, tare_json_token *token,
                               tare_error *err)
{
    if (json->depth == TARE_JSON_MAX_DEPTH)
        return fail_at(json, "it is nested deeper than any profile", err);
    json->is_object[json->depth++] = is_object;
    json->in.at++;
    json->after_value = json->after_comma = json->after_key = false;
    token->kind = is_object ? TARE_JSON_OBJECT : TARE_JSON_ARRAY;
    return TARE_OK;
}

static tare_status close_nested(tare_json *json, uint8_t c, tare_json_token *token, tare_error *err)
{
    bool is_object = c == '}';
    if (json->depth == 0 || json->is_object[json->depth - 1] != is_object || json->after_comma ||
        json->after_key)
        return fail_at(json, "an end does not belong here", err);
    json->depth--;
    json->in.at++;
    json->after_value = true;
    token->kind = is_object ? TARE_JSON_OBJECT_END : TARE_JSON_ARRAY_END;
    return TARE_OK;
}

static tare_status read_value(tare_json *json, uint8_t c, tare_json_token *token, tare_error *err)
{
    if (c == '{' || c == '[')
        return open_nested(json, c == '{', token, err);
    json->after_value = true;
    json->after_comma = json->after_key = false;
    if (c == '"') {
        token->kind = TARE_JSON_STRING;
        return read_string(json, &token->text, err);
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(json, token, err);
    return read_word(json, token, err);
}

static tare_status read_key(tare_json *json, tare_json_token *token, tare_error *err)
{
    token->kind = TARE_JSON_KEY;
    if (peek(json) != '"')
        return fail_at(json, "a key is no string", err);
    TARE_TRY(read_string(json, &token->text, err));
    skip_blanks(json);
    if (peek(json) != ':')
        return fail_at(json, "a key has no colon", err);
    json->in.at++;
    json->after_comma = false;
    json->after_key = true;
    return TARE_OK;
}

tare_status tare_json_next(tare_json *json, tare_json_token *token, tare_error *err)
{
    *token = (tare_json_token){.kind = TARE_JSON_END};
    skip_blanks(json);
    uint8_t c = peek(json);
    if (json->depth == 0 && json->after_value)
        return json->in.at == json->in.size ? TARE_OK
                                            : fail_at(json, "something follows the end", err);
    if (c == '}' || c == ']')
        return close_nested(json, c, token, err);
    if (json->after_value) {
        if (c != ',')
            return fail_at(json, "a comma is missing, or the text is cut short", err);
        json->in.at++;
        json->after_value = false;
        json->after_comma = true;
        skip_blanks(json);
        c = peek(json);
        if (c == '}' || c == ']')
            return fail_at(json, "nothing follows a comma", err);
    }
    if (json->depth > 0 && json->is_object[json->depth - 1] && !json->after_key)
        return read_key(json, token, err);
    return read_value(json, c, token, err);
}

tare_status tare_json_skip(tare_json *json, const tare_json_token *token, tare_error *err)
{
    tare_json_token inner = *token;
    uint32_t        depth = json->depth;
    if (inner.kind == TARE_JSON_KEY) {
        TARE_TRY(tare_json_next(json, &inner, err));
        depth = json->depth;
    }
    if (inner.kind != TARE_JSON_OBJECT && inner.kind != TARE_JSON_ARRAY)
        return TARE_OK;
    while (json->depth >= depth)
        TARE_TRY(tare_json_next(json, &inner, err));
    return TARE_OK;
}

tare_status tare_json_fork(tare_json *json, tare_json *out, tare_error *err)
{
    tare_json_token token;
    skip_blanks(json);
    size_t begin = json->in.at;
    TARE_TRY(tare_json_next(json, &token, err));
    TARE_TRY(tare_json_skip(json, &token, err));
    *out = (tare_json){
        .in = {.bytes = json->in.bytes, .size = json->in.at, .at = begin},
        .text.alloc = json->text.alloc,
    };
    return TARE_OK;
}
