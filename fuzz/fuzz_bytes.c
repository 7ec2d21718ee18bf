/* fuzz_bytes.c - varints, and bytes as text, against any bytes.
 *
 * Numbers read must come back the same when written and read again; text made from any
 * bytes must be UTF-8 without controls, and a JSON string must end where it ends. */
#include "checking.h"
#include "base/bytes.h"
#include "io/json_text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_varints(const uint8_t *data, size_t size)
{
    tare_cursor in = {.bytes = data, .size = size};
    tare_buffer out = {.alloc = tare_alloc_system()};
    while (in.at < in.size) {
        uint64_t number = tare_cursor_varint(&in);
        int64_t  sign = tare_cursor_svarint(&in);
        if (in.failed)
            break;
        tare_buffer_clear(&out);
        tare_buffer_varint(&out, number);
        tare_buffer_svarint(&out, sign);
        tare_cursor again = {.bytes = out.bytes, .size = out.size};
        require(tare_cursor_varint(&again) == number && tare_cursor_svarint(&again) == sign);
        require(again.at == out.size && !again.failed);
    }
    require(in.at <= in.size);
    tare_buffer_deinit(&out);
}

/* U+FFFD is the sign of damage, so text made by us has none but those it was given. */
static void check_json(const uint8_t *data, size_t size)
{
    tare_buffer first = {.alloc = tare_alloc_system()};
    tare_json_string(&first, (const char *)data, size);
    require(first.size >= 2 && first.bytes[0] == '"' && first.bytes[first.size - 1] == '"');
    for (uint32_t at = 1; at < first.size - 1;) {
        uint32_t character;
        uint32_t start = at;
        at += (uint32_t)tare_utf8_next((const char *)first.bytes + at, first.size - at, &character);
        require(!tare_text_is_control(character) && character != '"');
        require(character != 0xFFFD || memcmp(first.bytes + start, "\xEF\xBF\xBD", 3) == 0);
        if (character == '\\')
            at++;
    }
    tare_buffer_deinit(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_varints(data, size);
    check_json(data, size);
    return 0;
}
