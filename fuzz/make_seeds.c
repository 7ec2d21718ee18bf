/* make_seeds.c - writes the first inputs of the targets that read CPython's own structures, and
 * of those that import.
 *
 *     make_seeds FOLDER      FOLDER/line_table/..., FOLDER/layout/..., FOLDER/remote/...,
 *                            FOLDER/import_pstats/... and so on
 *
 * From the same known tables and made-up processes as the tests of core/remote. What fuzzing
 * found beside them stands in fuzz/corpus too. */
#include "known_imports.h"
#include "layouts.h"
#include "line_tables.h"
#include "made_python.h"

#include <sys/stat.h>

enum { PATH_BYTES = 4096, FRAME_WORDS = 16, CHUNK_BYTES = 1536 };

static void write_seed(const char *folder, const char *target, const char *name,
                       const tare_buffer *seed)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    FILE *stream = fopen(path, "wb");
    if (stream == NULL || fwrite(seed->bytes, 1, seed->size, stream) != seed->size ||
        fclose(stream) != 0) {
        perror(path);
        exit(1);
    }
}

static void write_line_tables(const char *folder)
{
    for (size_t i = 0; i < line_table_count; i++) {
        const line_table *table = &line_tables[i];
        tare_buffer       seed = {.alloc = tare_alloc_system()};
        if (strncmp(table->name, "plain_", 6) != 0 && strncmp(table->name, "loop_", 5) != 0)
            continue; /* these two have every form */
        uint16_t unit_count = 0;
        for (size_t run = 0; run < table->run_count; run++)
            unit_count = (uint16_t)(unit_count + table->runs[run].unit_count);
        tare_buffer_u32(&seed, (uint32_t)table->first_line);
        tare_buffer_append(&seed, &unit_count, sizeof unit_count);
        tare_buffer_append(&seed, table->bytes, table->size);
        write_seed(folder, "line_table", table->name, &seed);
        tare_buffer_deinit(&seed);
    }
}

static void write_layouts(const char *folder)
{
    for (size_t i = 0; i < known_layout_count; i++) {
        const known_layout *known = &known_layouts[i];
        char                name[16];
        tare_buffer         seed = {.alloc = tare_alloc_system()};
        snprintf(name, sizeof name, "3_%u", known->layout.minor);
        tare_buffer_u8(&seed, (uint8_t)known->layout.minor);
        tare_buffer_append(&seed, known->words, known->word_count * sizeof(uint64_t));
        write_seed(folder, "layout", name, &seed);
        tare_buffer_deinit(&seed);
    }
}

/* ---- processes ---- */

typedef struct codes {
    tare_raddr main, walk, bootstrap;
} codes;

static tare_raddr add_code(made_python *made, const char *name, uint32_t first_line)
{
    const made_code code = {
        .name = name,
        .file = "app.py",
        .first_line = first_line,
        .frame_words = FRAME_WORDS,
        .line_table = "\x81\x11\xd9\x01\x02",
        .line_table_bytes = 5,
        .bytecode = "\1\0\1\0\1\0\1",
        .unit_count = 4,
    };
    return made_code_object(&made->memory, &code);
}

static void build_calls(made_python *made, const codes *code)
{
    made_enter(made);
    made_call_of(made, code->main, 2, FRAME_WORDS);
    made_call_of(made, code->walk, 3, FRAME_WORDS);
    made_call_of(made, code->walk, 1, FRAME_WORDS);
    made_running(made);
}

static void build_callback(made_python *made, const codes *code)
{
    made_enter(made);
    made_call_of(made, code->main, 2, FRAME_WORDS);
    made_running(made);
    made_enter(made);
    made_call_of(made, code->walk, 3, FRAME_WORDS);
    made_running(made);
}

static void build_generators(made_python *made, const codes *code)
{
    made_enter(made);
    made_call_of(made, code->main, 2, FRAME_WORDS);
    made_generator(made, code->walk, 0);
    made_call_of(made, code->main, 1, FRAME_WORDS);
    made_generator(made, code->walk, 2);
    made_generator(made, code->walk, 3);
    made_running(made);
}

static void build_chunks(made_python *made, const codes *code)
{
    made_enter(made);
    made_call_of(made, code->bootstrap, 0, FRAME_WORDS);
    made_chunk(made, CHUNK_BYTES);
    made_call_of(made, code->main, 2, FRAME_WORDS);
    made_call_of(made, code->walk, 3, FRAME_WORDS);
    made_running(made);
}

static const struct {
    const char *name;
    void (*build)(made_python *made, const codes *code);
} processes[] = {
    {"calls", build_calls},
    {"callback", build_callback},
    {"generators", build_generators},
    {"chunks", build_chunks},
};

enum { PROCESS_COUNT = sizeof processes / sizeof processes[0] };

/* Every process has a second thread, which is the first of the list and idle. */
static void make_process(made_python *made, const known_layout *known, size_t index)
{
    made_python_init(made, &known->layout);
    const codes code = {
        .main = add_code(made, "main", 1),
        .walk = add_code(made, "walk", 11),
        .bootstrap = add_code(made, "_bootstrap", 21),
    };
    made_thread(made, 41);
    made_chunk(made, CHUNK_BYTES);
    processes[index].build(made, &code);
    made_word(&made->memory, made->gil + TARE_GIL_HOLDER, made->thread);
    made_half(&made->memory, made->gil + TARE_GIL_LOCKED, 1);
}

/* With changed: before call 9 the thread's current frame is none, before call 12 it is back. */
static void write_process(const char *folder, size_t version, size_t index, bool changed)
{
    static made_python made;
    tare_buffer        seed = {.alloc = tare_alloc_system()};
    char               name[64];
    make_process(&made, &known_layouts[version], index);
    tare_raddr at = made.thread + made.memory.layout.thread.frame;
    snprintf(name, sizeof name, "%s_3_%u%s", processes[index].name, made.memory.layout.minor,
             changed ? "_changed" : "");
    tare_buffer_u8(&seed, (uint8_t)version);
    tare_buffer_u8(&seed, changed ? 2 : 0);
    for (uint8_t call = 9; changed && call <= 12; call = (uint8_t)(call + 3)) {
        uint16_t offset = (uint16_t)(at - MADE_BASE);
        uint64_t word;
        memcpy(&word, made_at(&made.memory, at), sizeof word);
        tare_buffer_u8(&seed, call);
        tare_buffer_append(&seed, &offset, sizeof offset);
        tare_buffer_u64(&seed, call == 9 ? 0 : word);
    }
    tare_buffer_append(&seed, made.memory.bytes, made.memory.size);
    write_seed(folder, "remote", name, &seed);
    tare_buffer_deinit(&seed);
}

static void write_imports(const char *folder)
{
    for (size_t i = 0; i < KNOWN_IMPORT_COUNT; i++) {
        const known_import *known = &known_imports[i];
        tare_buffer         seed = {.alloc = tare_alloc_system()};
        char                target[64];
        snprintf(target, sizeof target, "import_%s", known->format);
        tare_buffer_append(&seed, known->bytes, known->size);
        write_seed(folder, target, known->name, &seed);
        tare_buffer_deinit(&seed);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds FOLDER\n");
        return 2;
    }
    write_line_tables(argv[1]);
    write_layouts(argv[1]);
    write_imports(argv[1]);
    for (size_t version = 0; version < known_layout_count; version++)
        for (size_t index = 0; index < PROCESS_COUNT; index++)
            write_process(argv[1], version, index, index % 2 == 1);
    return 0;
}
