/* test_pickle.c - the bytes, as CPython's Lib/pickletools.py reads them. */
#include "exact_bytes.h"
#include "harness.h"
#include "oom.h"

#include "io/pickle.h"

#include <string.h>

TEST(objects_and_containers)
{
    tare_buffer out = new_buffer();
    tare_pickle_begin(&out);
    tare_pickle_object(&out, "package.module", "Class");
    tare_pickle_dict(&out);
    tare_pickle_list(&out);
    tare_pickle_tuple3(&out);
    tare_pickle_list_end(&out);
    tare_pickle_dict_end(&out);
    tare_pickle_build(&out);
    tare_pickle_end(&out);
    IS_EXACTLY(&out, "\x80\2cpackage.module\nClass\n)\x81}(](\x87"
                     "eub.");
}

TEST(integers)
{
    tare_buffer out = new_buffer();
    tare_pickle_integer(&out, 0);
    tare_pickle_integer(&out, INT32_MAX);
    IS_EXACTLY(&out, "J\0\0\0\0J\xff\xff\xff\x7f");
    tare_pickle_integer(&out, (uint64_t)INT32_MAX + 1);
    tare_pickle_integer(&out, UINT64_MAX); /* the last byte has the sign */
    IS_EXACTLY(&out, "\x8a\t\0\0\0\x80\0\0\0\0\0\x8a\t\xff\xff\xff\xff\xff\xff\xff\xff\0");
}

TEST(floats)
{
    tare_buffer out = new_buffer();
    tare_pickle_float(&out, 0);
    tare_pickle_float(&out, -1.5);
    IS_EXACTLY(&out, "G\0\0\0\0\0\0\0\0G\xbf\xf8\0\0\0\0\0\0");
}

TEST(strings_have_the_size_of_what_is_written)
{
    tare_buffer out = new_buffer();
    tare_pickle_string(&out, "", 0);
    tare_pickle_string(&out, "a\0b", 3);
    tare_pickle_string(&out, "x\xff", 2);
    IS_EXACTLY(&out, "X\0\0\0\0X\3\0\0\0a\0bX\4\0\0\0x\xef\xbf\xbd");
}

TEST(without_memory)
{
    bool failed = true;
    for (size_t fail_at = 1; failed; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        tare_buffer out = {.alloc = &memory.alloc};
        tare_pickle_object(&out, "module", "Class");
        tare_pickle_string(&out, "a name that is longer than the first piece of memory", 52);
        tare_pickle_integer(&out, UINT64_MAX);
        failed = out.failed;
        tare_buffer_deinit(&out);
        CHECK_EQ(memory.outstanding, 0);
    }
}
