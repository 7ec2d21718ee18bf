/* test_elf.c - ELF files made here, byte by byte, and what happens when the bytes are wrong.
 *
 *     0     file header
 *     64    program headers: a note, then the first PT_LOAD
 *     512   .dynstr  .dynsym  .strtab  .symtab  .shstrtab
 *     ...   section headers, at the very end: no cut is without consequence */
#define _GNU_SOURCE 1

#include "harness.h"
#include "oom.h"
#include "remote/elf.h"

#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    IMAGE_BYTES = 1 << 19,
    PROGRAMS_AT = 64,
    FIRST_SECTION_AT = 512,
    SECTION_BYTES = 64,
    SYMBOL_BYTES = 24,
    PIECE_BYTES = 65520, /* of elf.c: names are put across its end */

    RUNTIME_AT = 0x512340,
    RUNTIME_BYTES = 0x28b20,
    VERSION_AT = 0x4cc3e8,
    HIDDEN_AT = 0x400777
};

typedef struct image {
    uint8_t *bytes; /* exactly size_bytes of them once it is finished */
    size_t   size_bytes;
    size_t   section_count;
    uint8_t  sections[16][SECTION_BYTES];
} image;

static void put(uint8_t *at, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static size_t append(image *file, const void *bytes, size_t size)
{
    const size_t at = file->size_bytes;

    memcpy(file->bytes + at, bytes, size);
    file->size_bytes += size;
    return at;
}

/* Index of the new section. */
static uint32_t add_section(image *file, uint32_t name, uint32_t type, uint64_t address,
                            uint64_t offset, uint64_t size, uint32_t link)
{
    uint8_t *header = file->sections[file->section_count];

    put(header, name, 4);
    put(header + 4, type, 4);
    put(header + 8, address == 0 ? 0 : 3, 8); /* writable, allocated */
    put(header + 16, address, 8);
    put(header + 24, offset, 8);
    put(header + 32, size, 8);
    put(header + 40, link, 4);
    return (uint32_t)file->section_count++;
}

static void append_symbol(image *file, uint32_t name, uint8_t info, uint32_t section,
                          uint64_t value)
{
    uint8_t entry[SYMBOL_BYTES] = {0};

    put(entry, name, 4);
    entry[4] = info;
    put(entry + 6, section, 2);
    put(entry + 8, value, 8);
    put(entry + 16, 8, 8);
    append(file, entry, sizeof entry);
}

static void begin_image(image *file, uint64_t load_offset, uint64_t load_address)
{
    static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

    *file = (image){.bytes = calloc(1, IMAGE_BYTES), .size_bytes = FIRST_SECTION_AT};
    memcpy(file->bytes, ident, sizeof ident);
    put(file->bytes + 16, 3, 2);           /* e_type: ET_DYN */
    put(file->bytes + 32, PROGRAMS_AT, 8); /* e_phoff */
    put(file->bytes + 54, 56, 2);          /* e_phentsize */
    put(file->bytes + 56, 3, 2);           /* e_phnum */
    put(file->bytes + 58, SECTION_BYTES, 2);
    uint8_t *programs = file->bytes + PROGRAMS_AT;
    put(programs, 4, 4); /* PT_NOTE */
    put(programs + 16, 0x12345000, 8);
    for (int i = 1; i <= 2; i++) { /* PT_LOAD; only the first one counts */
        put(programs + 56 * i, 1, 4);
        put(programs + 56 * i + 8, load_offset + (uint64_t)(i - 1) * 0x2000, 8);
        put(programs + 56 * i + 16, load_address + (uint64_t)(i - 1) * 0x9000, 8);
    }
    add_section(file, 0, 0, 0, 0, 0, 0);
}

/* names is the section that holds the names of sections. */
static void finish_image(image *file, uint32_t names)
{
    put(file->bytes + 40, file->size_bytes, 8); /* e_shoff */
    put(file->bytes + 60, file->section_count, 2);
    put(file->bytes + 62, names, 2);
    append(file, file->sections, file->section_count * SECTION_BYTES);
    uint8_t *exact = malloc(file->size_bytes);
    memcpy(exact, file->bytes, file->size_bytes);
    free(file->bytes);
    file->bytes = exact;
}

/* A library that exports _PyRuntime, wants Py_Version from elsewhere, and has it hidden too. */
static void make_image(image *file, uint64_t load_offset, uint64_t load_address)
{
    static const char dynamic_names[] = "\0Py_Version\0private_PyRuntime\0_PyRuntim";
    static const char hidden_names[] = "\0Py_Version_\0hidden\0Py_Version\0hidden";
    static const char names[] = "\0.PyRuntime.more\0.PyRuntime\0.dynsym";

    begin_image(file, load_offset, load_address);
    const size_t dynamic_names_at = append(file, dynamic_names, sizeof dynamic_names);
    const size_t dynamic_at = file->size_bytes;
    append_symbol(file, 0, 0, 0, 0);
    append_symbol(file, 1, 0x11, 0, 0);           /* wanted */
    append_symbol(file, 19, 0x16, 5, 0x10);       /* the right name, but thread-local */
    append_symbol(file, 19, 0x11, 5, RUNTIME_AT); /* its name is the end of another */
    const size_t hidden_names_at = append(file, hidden_names, sizeof hidden_names);
    const size_t hidden_at = file->size_bytes;
    append_symbol(file, 1, 0x01, 5, 0x20); /* Py_Version_ */
    append_symbol(file, 20, 0x01, 5, VERSION_AT);
    append_symbol(file, 31, 0x02, 5, HIDDEN_AT); /* the second of two places of this name */
    append(file, "not a whole symbol", 18);
    const size_t names_at = append(file, names, sizeof names);

    add_section(file, 1, 1, 0x700000, 0, 0, 0);
    add_section(file, 0, 3, 0, dynamic_names_at, sizeof dynamic_names, 0);
    add_section(file, 28, 11, 0x1000, dynamic_at, 4 * SYMBOL_BYTES, 2);
    add_section(file, 0, 3, 0, hidden_names_at, sizeof hidden_names, 0);
    add_section(file, 17, 1, RUNTIME_AT, 0, RUNTIME_BYTES, 0);
    add_section(file, 0, 2, 0, hidden_at, 3 * SYMBOL_BYTES + 18, 4);
    finish_image(file, add_section(file, 0, 3, 0, names_at, sizeof names, 0));
}

static tare_status read_image(void *context, uint64_t offset, void *into, size_t size_bytes,
                              tare_error *err)
{
    const image *file = context;

    (void)err;
    CHECK(offset <= file->size_bytes && size_bytes <= file->size_bytes - offset);
    memcpy(into, file->bytes + offset, size_bytes);
    return TARE_OK;
}

enum { RUNTIME, VERSION, HIDDEN, ABSENT, SYMBOL_COUNT };

typedef struct answer {
    tare_elf_symbol symbols[SYMBOL_COUNT];
    tare_elf_info   info;
    tare_error      err;
} answer;

static tare_status inspect_with(image *file, answer *result, const tare_alloc *alloc)
{
    const tare_elf_source source = {read_image, file, file->size_bytes};

    *result = (answer){.symbols = {[RUNTIME] = {.name = "_PyRuntime"},
                                   [VERSION] = {.name = "Py_Version"},
                                   [HIDDEN] = {.name = "hidden"},
                                   [ABSENT] = {.name = "absent"}}};
    return tare_elf_inspect(&source, ".PyRuntime", result->symbols, SYMBOL_COUNT, alloc,
                            &result->info, &result->err);
}

static tare_status inspect(image *file, answer *result)
{
    return inspect_with(file, result, tare_alloc_system());
}

static void check_answer(const answer *result)
{
    CHECK(result->symbols[RUNTIME].found && result->symbols[VERSION].found);
    CHECK_EQ(result->symbols[RUNTIME].value, RUNTIME_AT);
    CHECK_EQ(result->symbols[RUNTIME].size_bytes, 8);
    CHECK_EQ(result->symbols[VERSION].value, VERSION_AT);
    CHECK_EQ(result->symbols[HIDDEN].value, HIDDEN_AT);
    CHECK(!result->symbols[ABSENT].found);
    CHECK(result->info.section_found);
    CHECK_EQ(result->info.section_address, RUNTIME_AT);
    CHECK_EQ(result->info.section_bytes, RUNTIME_BYTES);
}

/* ---- well-formed ---- */

TEST(all_is_found)
{
    image  file;
    answer result;

    make_image(&file, 0, 0);
    CHECK_EQ(inspect(&file, &result), TARE_OK);
    check_answer(&result);
    CHECK(result.info.dynamic);
    CHECK_EQ(result.info.load_address, 0);
    put(file.bytes + 16, 2, 2); /* ET_EXEC */
    CHECK_EQ(inspect(&file, &result), TARE_OK);
    CHECK(!result.info.dynamic);
    free(file.bytes);
}

TEST(load_address)
{
    static const struct {
        uint64_t offset, address, expected;
    } cases[] = {
        {0, 0x400000, 0x400000},
        {0x1000, 0x401000, 0x400000},
        {0x2040, 0x7fff00003040, 0x7fff00001000},
        {0x1000, 0, UINT64_MAX - 0xfff}, /* linked below the place of the file's beginning */
    };
    image  file;
    answer result;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_image(&file, cases[i].offset, cases[i].address);
        CHECK_EQ(inspect(&file, &result), TARE_OK);
        CHECK_EQ(result.info.load_address, cases[i].expected);
        CHECK_EQ(result.info.load_offset, cases[i].offset);
        free(file.bytes);
    }
}

TEST(nothing_asked_and_nothing_there)
{
    image                 file;
    answer                result;
    const tare_elf_source source = {read_image, &file, 0};

    make_image(&file, 0, 0);
    put(file.bytes + 60, 0, 2); /* no section */
    CHECK_EQ(inspect(&file, &result), TARE_OK);
    CHECK(!result.info.section_found && !result.symbols[RUNTIME].found);
    const tare_elf_source whole = {read_image, &file, file.size_bytes};
    CHECK_EQ(tare_elf_inspect(&whole, ".no", NULL, 0, tare_alloc_system(), &result.info, NULL),
             TARE_OK);
    CHECK_EQ(tare_elf_inspect(&source, ".no", NULL, 0, tare_alloc_system(), &result.info, NULL),
             TARE_CORRUPT);
    free(file.bytes);
}

/* A string table of several pieces, with one name in it, at any place near the end of a piece. */
TEST(names_across_pieces)
{
    static const char name[] = "\0_PyRuntime";
    static uint8_t    filling[3 * PIECE_BYTES];
    image             file;
    answer            result;

    memset(filling, 'x', sizeof filling);
    for (uint32_t place = PIECE_BYTES - 80; place < PIECE_BYTES + 16; place++) {
        begin_image(&file, 0, 0);
        const size_t names_at = append(&file, filling, sizeof filling);
        memcpy(file.bytes + names_at + place, name, sizeof name);
        const size_t symbols_at = file.size_bytes;
        for (uint32_t i = 0; i < 2 * PIECE_BYTES / SYMBOL_BYTES; i++)
            append_symbol(&file, 7, 1, 1, 9);
        append_symbol(&file, place + 1, 1, 1, RUNTIME_AT);
        const uint32_t names = add_section(&file, 0, 3, 0, names_at, sizeof filling, 0);
        add_section(&file, 0, 11, 0, symbols_at, file.size_bytes - symbols_at, names);
        finish_image(&file, names);
        CHECK_EQ(inspect(&file, &result), TARE_OK);
        CHECK_EQ(result.symbols[RUNTIME].value, RUNTIME_AT);
        free(file.bytes);
    }
}

/* ---- malformed ---- */

TEST(every_cut_is_noticed)
{
    image  file;
    answer result;

    make_image(&file, 0, 0);
    const size_t whole = file.size_bytes;
    for (size_t size = 0; size < whole; size++) {
        uint8_t *cut = malloc(size + 1);
        memcpy(cut, file.bytes, size);
        image shorter = {.bytes = cut, .size_bytes = size};
        CHECK_EQ(inspect(&shorter, &result), TARE_CORRUPT);
        CHECK(strncmp(result.err.message, "read ", 5) == 0);
        free(cut);
    }
    free(file.bytes);
}

/* No byte, whatever its value, leads out of the file (read_image looks) or to anything but one
 * of three answers. */
TEST(every_byte_may_be_wrong)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    image                file;
    answer               result;

    make_image(&file, 0, 0);
    for (size_t i = 0; i < file.size_bytes; i++) {
        const uint8_t right = file.bytes[i];
        for (size_t v = 0; v < sizeof values; v++) {
            file.bytes[i] = values[v];
            const tare_status status = inspect(&file, &result);
            CHECK(status == TARE_OK || status == TARE_CORRUPT || status == TARE_UNSUPPORTED ||
                  status == TARE_LIMIT);
        }
        file.bytes[i] = right;
    }
    CHECK_EQ(inspect(&file, &result), TARE_OK);
    check_answer(&result);
    free(file.bytes);
}

TEST(other_kinds_of_files)
{
    static const struct {
        size_t      at;
        uint8_t     value;
        tare_status expected;
    } cases[] = {
        {0, 'M', TARE_CORRUPT},    /* no ELF */
        {4, 1, TARE_UNSUPPORTED},  /* 32 bits */
        {5, 2, TARE_UNSUPPORTED},  /* big-endian */
        {16, 1, TARE_UNSUPPORTED}, /* an object file */
        {16, 4, TARE_UNSUPPORTED}, /* a core */
        {54, 32, TARE_CORRUPT},    /* program headers of another size */
        {56, 1, TARE_CORRUPT},     /* only the note: nothing to load */
        {58, 40, TARE_CORRUPT},    /* section headers of another size */
        {62, 200, TARE_CORRUPT},   /* names of sections in no section */
        {39, 0x80, TARE_CORRUPT},  /* program headers at a negative offset */
        {47, 0x80, TARE_CORRUPT},  /* the same for sections */
    };
    image  file;
    answer result;

    make_image(&file, 0, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint8_t right = file.bytes[cases[i].at];
        file.bytes[cases[i].at] = cases[i].value;
        CHECK_EQ(inspect(&file, &result), cases[i].expected);
        file.bytes[cases[i].at] = right;
    }
    free(file.bytes);
}

TEST(what_was_found_before_a_failure_stands)
{
    image  file;
    answer result;

    make_image(&file, 0, 0x400000);
    put(file.bytes + file.size_bytes - 2 * SECTION_BYTES + 40, 99, 4); /* names of .symtab */
    CHECK_EQ(inspect(&file, &result), TARE_CORRUPT);
    CHECK_EQ(result.info.load_address, 0x400000);
    CHECK_EQ(result.info.section_address, RUNTIME_AT);
    CHECK_EQ(result.symbols[RUNTIME].value, RUNTIME_AT);
    CHECK(!result.symbols[VERSION].found);
    free(file.bytes);
}

static tare_status refuse_to_read(void *context, uint64_t offset, void *into, size_t size_bytes,
                                  tare_error *err)
{
    int *reads_left = context;

    memset(into, 0, size_bytes);
    if (offset == 0 && size_bytes >= 6)
        memcpy(into, "\177ELF\2\1", 6);
    return --*reads_left >= 0 ? TARE_OK : tare_fail(err, TARE_SYSTEM, "the disk is on fire");
}

TEST(source_that_fails)
{
    for (int reads = 0; reads < 2; reads++) {
        int                   left = reads;
        const tare_elf_source source = {refuse_to_read, &left, 1 << 20};
        tare_elf_info         info;
        tare_error            err = {0};
        CHECK_EQ(tare_elf_inspect(&source, ".x", NULL, 0, tare_alloc_system(), &info, &err),
                 TARE_SYSTEM);
        CHECK(strcmp(err.message, "the disk is on fire") == 0);
    }
}

TEST(question_that_is_too_long)
{
    static const char name[65] = "0123456789012345678901234567890123456789012345678901234567890123";
    tare_elf_symbol   many[9] = {{.name = "a"}, {.name = "b"}, {.name = "c"},
                                 {.name = "d"}, {.name = "e"}, {.name = "f"},
                                 {.name = "g"}, {.name = "h"}, {.name = "i"}};
    tare_elf_symbol   one = {.name = name};
    tare_elf_info     info;
    image             file;

    make_image(&file, 0, 0);
    const tare_elf_source source = {read_image, &file, file.size_bytes};
    const tare_alloc     *alloc = tare_alloc_system();
    CHECK_EQ(tare_elf_inspect(&source, ".x", many, 8, alloc, &info, NULL), TARE_OK);
    CHECK_EQ(tare_elf_inspect(&source, ".x", many, 9, alloc, &info, NULL), TARE_LIMIT);
    CHECK_EQ(tare_elf_inspect(&source, ".x", &one, 1, alloc, &info, NULL), TARE_LIMIT);
    CHECK_EQ(tare_elf_inspect(&source, name, NULL, 0, alloc, &info, NULL), TARE_LIMIT);
    CHECK_EQ(tare_elf_inspect(&source, name + 1, NULL, 0, alloc, &info, NULL), TARE_OK);
    free(file.bytes);
}

/* ---- a real file: this program ---- */

__attribute__((used, section(".tare_test"))) int tare_test_known = 41;

static tare_status read_fd(void *context, uint64_t offset, void *into, size_t size_bytes,
                           tare_error *err)
{
    (void)err;
    return pread(*(int *)context, into, size_bytes, (off_t)offset) == (ssize_t)size_bytes
               ? TARE_OK
               : TARE_SYSTEM;
}

static int take_first_address(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    *(uint64_t *)context = info->dlpi_addr;
    return 1;
}

TEST(this_program)
{
    int             fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat     info;
    tare_elf_symbol known = {.name = "tare_test_known"};
    tare_elf_info   found;
    uint64_t        moved_by = 0;

    CHECK_EQ(fstat(fd, &info), 0);
    const tare_elf_source source = {read_fd, &fd, (uint64_t)info.st_size};
    CHECK_EQ(tare_elf_inspect(&source, ".tare_test", &known, 1, tare_alloc_system(), &found, NULL),
             TARE_OK);
    dl_iterate_phdr(take_first_address, &moved_by);
    CHECK(known.found && found.section_found);
    CHECK_EQ(known.value + moved_by, (uintptr_t)&tare_test_known);
    CHECK(known.size_bytes >= sizeof tare_test_known); /* sanitizers append to it */
    CHECK_EQ(found.section_address, known.value);
    CHECK_EQ(found.section_bytes, known.size_bytes);
    close(fd);
}

TEST(without_memory)
{
    image       file;
    answer      result;
    oom         memory;
    tare_status status = TARE_NO_MEMORY;
    size_t      fail_at = 0;

    make_image(&file, 0, 0);
    while (status == TARE_NO_MEMORY) {
        oom_init(&memory, ++fail_at);
        status = inspect_with(&file, &result, &memory.alloc);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
    CHECK_EQ(fail_at, 2); /* it asks for memory once */
    check_answer(&result);
    free(file.bytes);
}
