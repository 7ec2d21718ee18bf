/* test_elements.c - formats of the struct module: sizes, byte orders, values, refusals. */
#include "harness.h"
#include "same/elements.h"

#include <math.h>
#include <string.h>

static tare_number load(const char *format, const void *bytes, size_t count)
{
    tare_element element;
    tare_number  none = {.re = NAN};
    if (!CHECK(tare_element_parse(format, count, &element, NULL) == TARE_OK))
        return none;
    return tare_element_load(&element, bytes);
}

#define LOAD(format, ...) \
    load(format, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

TEST(whole_numbers_of_each_size_and_order)
{
    CHECK(LOAD("b", 0xff).re == -1);
    CHECK(LOAD("B", 0xff).re == 255);
    CHECK(LOAD("<h", 0xfe, 0xff).re == -2);
    CHECK(LOAD(">h", 0xff, 0xfe).re == -2);
    CHECK(LOAD("!H", 0x01, 0x02).re == 258);
    CHECK(LOAD("<i", 1, 0, 0, 0x80).re == -2147483647.0L);
    CHECK(LOAD(">I", 0xff, 0xff, 0xff, 0xff).re == 4294967295.0L);
    CHECK(LOAD("<q", 1, 0, 0, 0, 0, 0, 0, 0x80).re == -9223372036854775807.0L);
    CHECK(LOAD("<Q", 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).re == 18446744073709551615.0L);
    CHECK(LOAD("=l", 0xff, 0xff, 0xff, 0xff).re == -1); /* four bytes by the standard */
    CHECK(LOAD("?", 2).re == 1);
    CHECK(LOAD("c", 'a').re == 'a');
    CHECK_EQ(LOAD("B", 7).width, TARE_FLOAT_NONE);
}

TEST(floats_of_each_size_and_order)
{
    CHECK(LOAD("<e", 0x00, 0x3c).re == 1 && LOAD(">e", 0xc0, 0x00).re == -2);
    CHECK(LOAD(">f", 0x3f, 0xc0, 0, 0).re == 1.5);
    CHECK(LOAD(">d", 0xc0, 0x02, 0, 0, 0, 0, 0, 0).re == -2.25);
    CHECK_EQ(LOAD(">f", 0x3f, 0xc0, 0, 0).width, TARE_FLOAT_SINGLE);
    long double most = 1.0L + 0x1p-63L;
    CHECK(load("g", &most, sizeof most).re == most);
}

TEST(parts_of_a_complex_number_are_turned_round_each)
{
    tare_number number = LOAD(">Zf", 0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0);
    CHECK(number.re == 1 && number.im == -2 && number.complex);
    double parts[2] = {3, 4};
    number = load("Zd", parts, sizeof parts);
    CHECK(number.re == 3 && number.im == 4);
    number = load("D", parts, sizeof parts);
    CHECK(number.re == 3 && number.im == 4);
}

TEST(what_is_no_number_is_refused)
{
    static const char *const formats[] = {"",  "2d", "5s", "O", "T{d:x:}",
                                          "P", "dd", "<n", "@", "Z"};
    tare_element             element;
    tare_error               err;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        CHECK_EQ(tare_element_parse(formats[i], 8, &element, &err), TARE_UNSUPPORTED);
    CHECK_EQ(tare_element_parse("d", 4, &element, &err), TARE_UNSUPPORTED);
    CHECK(strstr(err.message, "4 bytes") != NULL);
}
