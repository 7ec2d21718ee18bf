/* made_target.h - a tare_python over a made-up process, as tare_python_open leaves it.
 *
 *     made_target *target = made_target_new(&known_layouts[i], tare_alloc_system());
 *     made_thread(&target->made, 41);
 *     tare_python_refresh(&target->python, &err);
 *     made_target_free(target); */
#ifndef TARE_TESTS_MADE_TARGET_H
#define TARE_TESTS_MADE_TARGET_H

#include "layouts.h"
#include "made_python.h"

#include "remote/python.h"

enum { MADE_CHUNK_BYTES = 4096, MADE_FRAME_WORDS = 16 };

typedef struct made_target {
    made_python  made;
    tare_profile profile;
    tare_python  python;
} made_target;

static inline made_target *made_target_new(const known_layout *known, const tare_alloc *alloc)
{
    made_target *target = calloc(1, sizeof *target);
    tare_layout  layout;
    if (target == NULL ||
        tare_profile_init(&target->profile, tare_alloc_system(), NULL) != TARE_OK ||
        tare_layout_from_table(&layout, known->layout.minor, known->words, known->word_count,
                               NULL) != TARE_OK)
        abort();
    made_python_init(&target->made, &layout);
    target->python = (tare_python){
        .alloc = alloc, .memory = target->made.memory.memory, .stale = true};
    target->python.runtime.address = target->made.runtime;
    target->python.layout = target->made.memory.layout;
    tare_codes_init(&target->python.codes, &target->python.layout, &target->python.memory,
                    &target->profile, alloc);
    target->python.reader = (tare_stack_reader){.layout = &target->python.layout,
                                                .memory = &target->python.memory,
                                                .codes = &target->python.codes,
                                                .alloc = alloc};
    return target;
}

static inline void made_target_free(made_target *target)
{
    tare_python_close(&target->python);
    tare_profile_deinit(&target->profile);
    free(target);
}

/* A code object of eight instructions in one line. */
static inline tare_raddr made_target_code(made_target *target, const char *name)
{
    const made_code code = {
        .name = name,
        .file = "app.py",
        .first_line = 1,
        .frame_words = MADE_FRAME_WORDS,
        .line_table = "\x87\x11",
        .line_table_bytes = 2,
        .bytecode = "\1\0\1\0\1\0\1\0\1\0\1\0\1\0\1",
        .unit_count = 8,
    };
    return made_code_object(&target->made.memory, &code);
}

#endif
