/* elements.c - from bytes in an array to a number.
 *
 * A table has a row for each code: its kind, its size as the compiler has it and as the struct
 * module's standard says. Bytes in the other order are turned round in a copy; the parts of a
 * complex number each by itself. */
#include "same/elements.h"

#include <stdint.h>
#include <string.h>

typedef struct code_row {
    char              code[3];
    tare_element_kind kind;
    uint8_t           native_bytes;
    uint8_t           standard_bytes; /* 0: there is none */
} code_row;

static const code_row codes[] = {
    {"?", TARE_ELEMENT_BOOL, sizeof(bool), 1},
    {"b", TARE_ELEMENT_SIGNED, 1, 1},
    {"B", TARE_ELEMENT_UNSIGNED, 1, 1},
    {"c", TARE_ELEMENT_CHARACTER, 1, 1},
    {"u", TARE_ELEMENT_CHARACTER, sizeof(wchar_t), sizeof(wchar_t)},
    {"w", TARE_ELEMENT_CHARACTER, 4, 4},
    {"h", TARE_ELEMENT_SIGNED, sizeof(short), 2},
    {"H", TARE_ELEMENT_UNSIGNED, sizeof(short), 2},
    {"i", TARE_ELEMENT_SIGNED, sizeof(int), 4},
    {"I", TARE_ELEMENT_UNSIGNED, sizeof(int), 4},
    {"l", TARE_ELEMENT_SIGNED, sizeof(long), 4},
    {"L", TARE_ELEMENT_UNSIGNED, sizeof(long), 4},
    {"q", TARE_ELEMENT_SIGNED, sizeof(long long), 8},
    {"Q", TARE_ELEMENT_UNSIGNED, sizeof(long long), 8},
    {"n", TARE_ELEMENT_SIGNED, sizeof(size_t), 0},
    {"N", TARE_ELEMENT_UNSIGNED, sizeof(size_t), 0},
    {"e", TARE_ELEMENT_FLOAT, 2, 2},
    {"f", TARE_ELEMENT_FLOAT, sizeof(float), 4},
    {"d", TARE_ELEMENT_FLOAT, sizeof(double), 8},
    {"g", TARE_ELEMENT_FLOAT, sizeof(long double), sizeof(long double)},
    {"F", TARE_ELEMENT_COMPLEX, 2 * sizeof(float), 8},
    {"D", TARE_ELEMENT_COMPLEX, 2 * sizeof(double), 16},
    {"Zf", TARE_ELEMENT_COMPLEX, 2 * sizeof(float), 8},
    {"Zd", TARE_ELEMENT_COMPLEX, 2 * sizeof(double), 16},
    {"Zg", TARE_ELEMENT_COMPLEX, 2 * sizeof(long double), 2 * sizeof(long double)},
};

static bool is_little_endian(void)
{
    const uint16_t one = 1;
    uint8_t        first;
    memcpy(&first, &one, 1);
    return first == 1;
}

tare_status tare_element_parse(const char *format, size_t item_bytes, tare_element *out,
                               tare_error *err)
{
    char order = *format != '\0' && strchr("@=<>!^", *format) != NULL ? *format : '@';
    bool native = order == '@' || order == '^';
    bool little = order == '<', big = order == '>' || order == '!';

    const char *code = format + (*format == order);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(code, codes[i].code) != 0)
            continue;
        uint32_t bytes = native ? codes[i].native_bytes : codes[i].standard_bytes;
        if (bytes == 0 || bytes != item_bytes)
            break;
        out->kind = codes[i].kind;
        out->bytes = bytes;
        out->swapped = is_little_endian() ? big : little;
        return TARE_OK;
    }
    return tare_fail(err, TARE_UNSUPPORTED,
                     "compare elements of %zu bytes and format %.40s: "
                     "not numbers of one kind; compare them as lists",
                     item_bytes, format);
}

static void turn_round(uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        uint8_t kept = bytes[i];
        bytes[i] = bytes[count - 1 - i];
        bytes[count - 1 - i] = kept;
    }
}

static long double load_signed(const uint8_t *bytes, uint32_t count)
{
    int8_t  one;
    int16_t two;
    int32_t four;
    int64_t eight;
    switch (count) {
    case 1:
        return memcpy(&one, bytes, 1), one;
    case 2:
        return memcpy(&two, bytes, 2), two;
    case 4:
        return memcpy(&four, bytes, 4), four;
    default:
        return memcpy(&eight, bytes, 8), (long double)eight;
    }
}

static long double load_unsigned(const uint8_t *bytes, uint32_t count)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (count) {
    case 1:
        return bytes[0];
    case 2:
        return memcpy(&two, bytes, 2), two;
    case 4:
        return memcpy(&four, bytes, 4), four;
    default:
        return memcpy(&eight, bytes, 8), (long double)eight;
    }
}

static long double load_float(const uint8_t *bytes, uint32_t count)
{
    uint16_t    half;
    float       single;
    double      twice;
    long double most;
    switch (count) {
    case 2:
        return memcpy(&half, bytes, 2), tare_half_value(half);
    case 4:
        return memcpy(&single, bytes, 4), single;
    case 8:
        return memcpy(&twice, bytes, 8), twice;
    default:
        return memcpy(&most, bytes, sizeof most), most;
    }
}

static tare_float_width width_of(uint32_t bytes)
{
    if (bytes == 2)
        return TARE_FLOAT_HALF;
    return bytes == 4 ? TARE_FLOAT_SINGLE : TARE_FLOAT_DOUBLE;
}

tare_number tare_element_load(const tare_element *element, const void *at)
{
    uint8_t     bytes[TARE_ELEMENT_MAX_BYTES];
    uint32_t    part = element->kind == TARE_ELEMENT_COMPLEX ? element->bytes / 2 : element->bytes;
    tare_number number = {.complex = element->kind == TARE_ELEMENT_COMPLEX};
    memcpy(bytes, at, element->bytes);
    if (element->swapped) {
        turn_round(bytes, part);
        turn_round(bytes + part, element->bytes - part);
    }
    switch (element->kind) {
    case TARE_ELEMENT_BOOL:
        number.re = bytes[0] != 0;
        break;
    case TARE_ELEMENT_SIGNED:
        number.re = load_signed(bytes, part);
        break;
    case TARE_ELEMENT_UNSIGNED:
    case TARE_ELEMENT_CHARACTER:
        number.re = load_unsigned(bytes, part);
        break;
    case TARE_ELEMENT_COMPLEX:
        number.im = load_float(bytes + part, part);
        /* fall through */
    case TARE_ELEMENT_FLOAT:
        number.re = load_float(bytes, part);
        number.width = width_of(part);
        break;
    }
    return number;
}
