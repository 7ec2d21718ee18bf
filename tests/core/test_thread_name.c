/* test_thread_name.c - names in made-up Thread objects, wherever a version keeps attributes.
 *
 *     values   beside the object, under the keys that its type shares
 *     dict     one of its own: keys with values (combined), or keys and values apart (split) */
#include "harness.h"
#include "made_target.h"
#include "oom.h"

#include <stdlib.h>
#include <string.h>

enum {
    PRE_HEADER_BYTES = 32,
    OBJECT_BYTES = 64, /* and what it says of itself: type_basic_size */
    KEYS_HEADER_BYTES = 32,
    KEYS_LOG2_INDEX_BYTES = 3,
    KIND_GENERAL = 0,
    KIND_UNICODE = 1,
    KIND_SPLIT = 2,
    TYPE_BYTES = 1024,
    INLINE_FLAG = 1 << 2,
    VALUES_VALID_AT = 3
};

typedef enum place { IN_VALUES, IN_SPLIT_DICT, IN_COMBINED_DICT, IN_GENERAL_DICT } place;

static const place places[] = {IN_VALUES, IN_SPLIT_DICT, IN_COMBINED_DICT, IN_GENERAL_DICT};

/* "_target" and "_name": the second, so that an index that is not used would show. */
static tare_raddr make_keys(made_memory *memory, uint8_t kind, tare_raddr value)
{
    uint64_t   head = kind == KIND_GENERAL ? 8 : 0;
    tare_raddr keys = made_room(memory, KEYS_HEADER_BYTES + (1 << KEYS_LOG2_INDEX_BYTES) + 2 * 24);
    tare_raddr entries = keys + KEYS_HEADER_BYTES + (1 << KEYS_LOG2_INDEX_BYTES);
    *made_at(memory, keys + 9) = KEYS_LOG2_INDEX_BYTES;
    *made_at(memory, keys + 10) = kind;
    made_word(memory, keys + 24, 2);
    made_word(memory, entries + head, made_ascii(memory, "_target"));
    made_word(memory, entries + 2 * head + 16, made_ascii(memory, "_name"));
    made_word(memory, entries + 2 * head + 24, value);
    return keys;
}

static tare_raddr make_values(made_memory *memory, tare_raddr value)
{
    tare_raddr values = made_room(memory, memory->layout.object.values_first + 16);
    made_word(memory, values + memory->layout.object.values_first + 8, value);
    return values;
}

static tare_raddr make_dict(made_memory *memory, place where, tare_raddr name)
{
    const tare_layout *layout = &memory->layout;
    tare_raddr         dict = made_room(memory, layout->object.dict_values + 8);
    uint8_t            kind = where == IN_SPLIT_DICT     ? KIND_SPLIT
                              : where == IN_GENERAL_DICT ? KIND_GENERAL
                                                         : KIND_UNICODE;
    tare_raddr         inside = where == IN_SPLIT_DICT ? 0 : name;
    made_word(memory, dict + layout->object.dict_keys, make_keys(memory, kind, inside));
    if (where == IN_SPLIT_DICT)
        made_word(memory, dict + layout->object.dict_values, make_values(memory, name));
    return dict;
}

/* Where the object says that its attributes are, as each version does. */
static void place_values(made_memory *memory, tare_raddr object, tare_raddr type, tare_raddr name)
{
    const tare_layout *layout = &memory->layout;
    made_word(memory, type + layout->object.cached_keys, make_keys(memory, KIND_SPLIT, 0));
    if (layout->minor == 11) {
        made_word(memory, object - 32, make_values(memory, name));
    } else if (layout->minor == 12) {
        made_word(memory, object - 24, make_values(memory, name) - 1);
    } else {
        made_word(memory, type + layout->object.type_flags, INLINE_FLAG);
        made_word(memory, type + layout->object.type_basic_size, OBJECT_BYTES);
        *made_at(memory, object + OBJECT_BYTES + VALUES_VALID_AT) = 1;
        made_word(memory, object + OBJECT_BYTES + layout->object.values_first + 8, name);
    }
}

static tare_raddr make_thread_object(made_memory *memory, place where, tare_raddr name)
{
    tare_raddr room = made_room(memory, PRE_HEADER_BYTES + OBJECT_BYTES + 128);
    tare_raddr object = room + PRE_HEADER_BYTES;
    tare_raddr type = made_room(memory, TYPE_BYTES);
    made_word(memory, object + 8, type);
    if (where == IN_VALUES)
        place_values(memory, object, type, name);
    else
        made_word(memory, object - 24, make_dict(memory, where, name));
    return object;
}

/* A thread whose bottom frame is that of a function with self as its first local variable. */
static void make_thread(made_target *target, const char *function, tare_raddr self)
{
    made_python *made = &target->made;
    made_thread(made, 41);
    made_chunk(made, MADE_CHUNK_BYTES);
    made_enter(made);
    made_call_of(made, made_target_code(target, function), 0, MADE_FRAME_WORDS);
    made_word(&made->memory, made->last_frame + made->memory.layout.frame.locals, self);
    made_call_of(made, made_target_code(target, "run"), 0, MADE_FRAME_WORDS);
}

static bool is_name(made_target *target, const char *expected)
{
    char name[TARE_OS_NAME_BYTES] = "unset";
    CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_OK);
    tare_python_thread_name(&target->python, target->python.threads[0], name);
    if (strcmp(name, expected) != 0)
        printf("    3.%u: '%s', not '%s'\n", target->python.layout.minor, name, expected);
    return strcmp(name, expected) == 0;
}

TEST(a_name_is_found_wherever_it_lies)
{
    for (size_t i = 0; i < known_layout_count; i++) {
        for (size_t j = 0; j < sizeof places / sizeof places[0]; j++) {
            made_target *target = made_target_new(&known_layouts[i], tare_alloc_system());
            made_memory *memory = &target->made.memory;
            tare_raddr   name = made_ascii(memory, "worker-7");
            make_thread(target, "_bootstrap", make_thread_object(memory, places[j], name));
            CHECK(is_name(target, "worker-7"));
            made_target_free(target);
        }
    }
}

TEST(a_long_name_is_cut)
{
    char long_name[2 * TARE_OS_NAME_BYTES];
    char cut[TARE_OS_NAME_BYTES];
    memset(long_name, 'x', sizeof long_name);
    memset(cut, 'x', sizeof cut);
    long_name[sizeof long_name - 1] = '\0';
    cut[sizeof cut - 1] = '\0';
    made_target *target = made_target_new(&known_layouts[0], tare_alloc_system());
    made_memory *memory = &target->made.memory;
    tare_raddr   name = made_ascii(memory, long_name);
    make_thread(target, "_bootstrap", make_thread_object(memory, IN_VALUES, name));
    CHECK(is_name(target, cut));
    made_target_free(target);
}

TEST(other_threads_have_none)
{
    for (size_t i = 0; i < known_layout_count; i++) {
        made_target *target = made_target_new(&known_layouts[i], tare_alloc_system());
        made_memory *memory = &target->made.memory;
        tare_raddr   self = make_thread_object(memory, IN_VALUES, made_ascii(memory, "x"));
        make_thread(target, "<module>", self);
        CHECK(is_name(target, ""));
        made_target_free(target);
    }
}

/* Nothing to follow, or nowhere to follow it to. */
TEST(a_broken_object_has_none)
{
    static const tare_raddr bad[] = {0, 8, MADE_BASE + MADE_BYTES, UINT64_MAX - 7};
    for (size_t i = 0; i < known_layout_count; i++) {
        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            made_target *target = made_target_new(&known_layouts[i], tare_alloc_system());
            made_memory *memory = &target->made.memory;
            make_thread(target, "_bootstrap", bad[j]);
            CHECK(is_name(target, ""));
            make_thread(target, "_bootstrap", make_thread_object(memory, IN_VALUES, bad[j]));
            CHECK(is_name(target, ""));
            make_thread(target, "_bootstrap", make_thread_object(memory, IN_SPLIT_DICT, bad[j]));
            CHECK(is_name(target, ""));
            made_target_free(target);
        }
    }
}

/* The process goes on while it is read: each read in turn finds nothing. */
TEST(a_read_that_fails_costs_the_name_only)
{
    bool found = false;
    for (uint64_t before = 0; !found && before < 100; before++) {
        char         name[TARE_OS_NAME_BYTES];
        made_target *target = made_target_new(&known_layouts[1], tare_alloc_system());
        made_memory *memory = &target->made.memory;
        tare_raddr   text = made_ascii(memory, "w");
        make_thread(target, "_bootstrap", make_thread_object(memory, IN_COMBINED_DICT, text));
        CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_OK);
        made_event(memory, before, TARE_TORN, 0);
        tare_python_thread_name(&target->python, target->python.threads[0], name);
        found = strcmp(name, "w") == 0;
        CHECK(found || name[0] == '\0');
        made_target_free(target);
    }
    CHECK(found);
}

/* Without memory there is no name, and later there is. */
TEST(without_memory)
{
    bool   found = false;
    size_t fail_at = 0;
    while (!found && fail_at < 100) {
        oom  memory;
        char name[TARE_OS_NAME_BYTES];
        oom_init(&memory, 0);
        made_target *target = made_target_new(&known_layouts[0], &memory.alloc);
        tare_raddr   text = made_ascii(&target->made.memory, "w");
        make_thread(target, "_bootstrap",
                    make_thread_object(&target->made.memory, IN_VALUES, text));
        CHECK_EQ(tare_python_refresh(&target->python, NULL), TARE_OK);
        memory.fail_at = memory.requests + ++fail_at;
        tare_python_thread_name(&target->python, target->python.threads[0], name);
        found = strcmp(name, "w") == 0;
        CHECK(found || name[0] == '\0');
        made_target_free(target);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK(found && fail_at > 2);
}
