/* json_text.c - strict UTF-8 in, strict JSON out.
 *
 * The decoder is a table of the five shapes a sequence can have: how many bytes follow
 * the first and which second bytes are allowed. The second byte is what rules out
 * overlong forms, surrogates and characters above U+10FFFF, so nothing has to be
 * compared after the fact.
 *
 * Cost: O(bytes). Left out: escapes outside the basic plane; such characters are
 * written as they are. */
#include "io/json_text.h"

enum { REPLACEMENT = 0xFFFD, MAX_DIGITS = 20 };

typedef struct sequence {
    uint8_t first_low, first_high;   /* range of the first byte */
    uint8_t second_low, second_high; /* range of the second; the others are 80..BF */
    uint8_t following;               /* bytes after the first */
} sequence;

static const sequence sequences[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2}, {0xE1, 0xEC, 0x80, 0xBF, 2},
    {0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2}, {0xF0, 0xF0, 0x90, 0xBF, 3},
    {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3},
};

static const sequence *find_sequence(uint8_t first)
{
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        if (first >= sequences[i].first_low && first <= sequences[i].first_high)
            return &sequences[i];
    }
    return NULL;
}

size_t tare_utf8_next(const char *bytes, size_t size, uint32_t *character_out)
{
    uint8_t first = (uint8_t)bytes[0];
    *character_out = first;
    if (first < 0x80)
        return 1;
    *character_out = REPLACEMENT;
    const sequence *shape = find_sequence(first);
    if (shape == NULL)
        return 1;
    uint32_t character = first & (0x3Fu >> shape->following);
    for (size_t i = 1; i <= shape->following; i++) {
        uint8_t low = i == 1 ? shape->second_low : 0x80;
        uint8_t high = i == 1 ? shape->second_high : 0xBF;
        uint8_t byte = i < size ? (uint8_t)bytes[i] : 0;
        if (byte < low || byte > high)
            return i;
        character = character << 6 | (byte & 0x3Fu);
    }
    *character_out = character;
    return shape->following + 1u;
}

void tare_utf8_append(tare_buffer *out, uint32_t character)
{
    if (character < 0x80) {
        tare_buffer_u8(out, (uint8_t)character);
        return;
    }
    int      following = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    uint32_t mark = 0xF0u << (3 - following) & 0xFFu; /* C0, E0, F0 */
    tare_buffer_u8(out, (uint8_t)(mark | character >> 6 * following));
    for (int i = following - 1; i >= 0; i--)
        tare_buffer_u8(out, (uint8_t)(0x80 | (character >> 6 * i & 0x3F)));
}

bool tare_text_is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x2028 ||
           character == 0x2029;
}

static bool is_plain(char byte)
{
    bool printable = byte >= 0x20 && byte < 0x7F;
    return printable && byte != '"' && byte != '\\' && byte != '<' && byte != ';';
}

size_t tare_text_plain(const char *bytes, size_t size)
{
    size_t count = 0;
    while (count < size && is_plain(bytes[count]))
        count++;
    return count;
}

void tare_text_number(tare_buffer *out, uint64_t number)
{
    char   digits[MAX_DIGITS];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    tare_buffer_append(out, digits + at, sizeof digits - at);
}

static void append_escaped(tare_buffer *out, uint32_t character)
{
    if (character == '"' || character == '\\')
        tare_buffer_u8(out, '\\');
    if (tare_text_is_control(character) || character == '<')
        tare_buffer_format(out, "\\u%04x", character);
    else
        tare_utf8_append(out, character);
}

void tare_json_string(tare_buffer *out, const char *bytes, size_t size)
{
    tare_buffer_u8(out, '"');
    for (size_t at = 0; at < size;) {
        size_t plain = tare_text_plain(bytes + at, size - at);
        tare_buffer_append(out, bytes + at, plain);
        at += plain;
        if (at < size) {
            uint32_t character;
            at += tare_utf8_next(bytes + at, size - at, &character);
            append_escaped(out, character);
        }
    }
    tare_buffer_u8(out, '"');
}

void tare_utf8_sized(tare_buffer *out, const char *bytes, size_t size)
{
    uint32_t size_at = out->size;
    tare_buffer_u32(out, 0); /* known once the text is clean */
    for (size_t at = 0; at < size;) {
        uint32_t character;
        at += tare_utf8_next(bytes + at, size - at, &character);
        tare_utf8_append(out, character);
    }
    if (out->failed)
        return;
    uint32_t clean_size = out->size - size_at - 4;
    for (int i = 0; i < 4; i++)
        out->bytes[size_at + (uint32_t)i] = (uint8_t)(clean_size >> 8 * i);
}
