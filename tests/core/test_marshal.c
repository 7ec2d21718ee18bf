/* test_marshal.c - the bytes, as CPython's Python/marshal.c reads them. */
#include "exact_bytes.h"
#include "harness.h"
#include "oom.h"

#include "io/marshal.h"

#include <string.h>

TEST(containers)
{
    tare_buffer out = new_buffer();
    tare_marshal_dict(&out);
    tare_marshal_tuple(&out, 2);
    tare_marshal_integer(&out, 1);
    tare_marshal_integer(&out, 258);
    tare_marshal_tuple(&out, 0);
    tare_marshal_dict_end(&out);
    IS_EXACTLY(&out, "{(\2\0\0\0i\1\0\0\0i\2\1\0\0(\0\0\0\0"
                     "0");
}

TEST(integers)
{
    tare_buffer out = new_buffer();
    tare_marshal_integer(&out, 0);
    tare_marshal_integer(&out, INT32_MAX);
    IS_EXACTLY(&out, "i\0\0\0\0i\xff\xff\xff\x7f");
    tare_marshal_integer(&out, (uint64_t)INT32_MAX + 1); /* three digits of 15 bits: 0 0 2 */
    IS_EXACTLY(&out, "l\3\0\0\0\0\0\0\0\2\0");
    tare_marshal_integer(&out, UINT64_MAX);
    IS_EXACTLY(&out, "l\5\0\0\0\xff\x7f\xff\x7f\xff\x7f\xff\x7f\x0f\0");
}

TEST(floats)
{
    tare_buffer out = new_buffer();
    tare_marshal_float(&out, 0);
    tare_marshal_float(&out, -1.5);
    IS_EXACTLY(&out, "g\0\0\0\0\0\0\0\0g\0\0\0\0\0\0\xf8\xbf");
}

TEST(strings)
{
    tare_buffer out = new_buffer();
    tare_marshal_string(&out, "", 0);
    tare_marshal_string(&out, "a\0b", 3);
    tare_marshal_string(&out, "\xc3\xa9", 2);
    IS_EXACTLY(&out, "u\0\0\0\0u\3\0\0\0a\0bu\2\0\0\0\xc3\xa9");
}

/* Their size is that of what is written. */
TEST(broken_utf_8_becomes_the_replacement_character)
{
    tare_buffer out = new_buffer();
    tare_marshal_string(&out, "x\xff", 2);
    IS_EXACTLY(&out, "u\4\0\0\0x\xef\xbf\xbd");
    tare_marshal_string(&out, "\xed\xa0\x80", 3); /* half of a pair */
    CHECK(out.size > 5 && (out.size - 5) % 3 == 0 && out.bytes[1] == out.size - 5);
    tare_buffer_deinit(&out);
}

TEST(without_memory)
{
    bool failed = true;
    for (size_t fail_at = 1; failed; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        tare_buffer out = {.alloc = &memory.alloc};
        tare_marshal_tuple(&out, 3);
        tare_marshal_string(&out, "a name that is longer than the first piece of memory", 52);
        tare_marshal_integer(&out, UINT64_MAX);
        tare_marshal_float(&out, 1);
        failed = out.failed;
        tare_buffer_deinit(&out);
        CHECK_EQ(memory.outstanding, 0);
    }
}
