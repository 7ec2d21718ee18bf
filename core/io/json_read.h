/* json_read.h - JSON, token by token, without making anything of it.
 *
 *     tare_json json = tare_json_open(bytes, size, alloc);
 *     while (tare_json_next(&json, &token, err) == TARE_OK && token.kind != TARE_JSON_END) ...
 *     tare_json_close(&json);
 *
 * Syntax is checked as it is read, commas and all; what follows the first value must be blank.
 * Nesting has a bound. Text comes as UTF-8: escapes are undone, a surrogate without its partner
 * becomes U+FFFD, other bytes are passed on as they are. Numbers keep their digits (decimal.h). */
#ifndef TARE_IO_JSON_READ_H
#define TARE_IO_JSON_READ_H

#include "base/bytes.h"
#include "base/intern.h"
#include "io/decimal.h"

enum { TARE_JSON_MAX_DEPTH = 64 };

typedef enum tare_json_kind {
    TARE_JSON_END, /* of the text */
    TARE_JSON_OBJECT,
    TARE_JSON_OBJECT_END,
    TARE_JSON_ARRAY,
    TARE_JSON_ARRAY_END,
    TARE_JSON_KEY, /* of the value that comes next */
    TARE_JSON_STRING,
    TARE_JSON_NUMBER,
    TARE_JSON_TRUE,
    TARE_JSON_FALSE,
    TARE_JSON_NULL
} tare_json_kind;

typedef struct tare_json_token {
    tare_json_kind kind;
    tare_text      text;   /* of a key or string; borrows until the next token */
    tare_decimal   number; /* of a number */
} tare_json_token;

typedef struct tare_json {
    tare_cursor in;
    tare_buffer text;
    uint32_t    depth;
    bool        after_value; /* a comma, or an end, must come */
    bool        after_comma; /* a value must come */
    bool        after_key;   /* a value must come, without a comma */
    bool        is_object[TARE_JSON_MAX_DEPTH];
} tare_json;

tare_json tare_json_open(const uint8_t *bytes, size_t size, const tare_alloc *alloc);
void      tare_json_close(tare_json *json);

/* CORRUPT when it is no JSON or nested too deep. */
TARE_MUST_USE tare_status tare_json_next(tare_json *json, tare_json_token *token, tare_error *err);
/* Goes past the value that the token begins. */
TARE_MUST_USE tare_status tare_json_skip(tare_json *json, const tare_json_token *token,
                                         tare_error *err);

/* Another reader of the value that comes next, and goes past it here. Its own text; close it. */
TARE_MUST_USE tare_status tare_json_fork(tare_json *json, tare_json *out, tare_error *err);

#endif
