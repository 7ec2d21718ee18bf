/* elf.c - where a symbol or section of an ELF file lies.
 *
 * What is looked at, and which number leads where:
 *
 *     file header ---> program headers    the first PT_LOAD: how addresses as linked and
 *          |                              offsets in the file belong together
 *          `---------> section headers ---> the section asked for, by name
 *                            |
 *                            +---> .dynsym ---> its strings
 *                            `---> .symtab ---> its strings
 *
 * A symbol table has tens of thousands of entries that point into megabytes of strings, so names
 * are not compared one by one. The strings are searched once for the few names wanted, which
 * gives the offsets where they stand; then the entries are searched for these offsets. Both are
 * read front to back in pieces: one buffer of 64 KB, whatever the size of the file. A linker may
 * let "_PyRuntime" stand at the end of a longer string, hence the search for bytes and not for
 * whole strings; and a name may stand there several times.
 *
 * .symtab is read only for symbols that .dynsym does not have.
 *
 * Cost: two small reads for each section, then one for every 64 KB of the symbol tables:
 * 0.1 ms for a libpython of 31 MB, with a cold cache what the disk needs.
 *
 * Left out: files of more than 65,279 sections (only compilers write those, for linkers) and
 * files without section headers; in both nothing is found. */
#define _GNU_SOURCE 1

#include "remote/elf.h"

#include <inttypes.h>
#include <string.h>

/* Sizes, offsets and values of the System V ABI, "ELF-64 Object File Format" 1.5. */
enum {
    IDENT_BYTES = 16,
    IDENT_CLASS = 4,
    IDENT_DATA = 5,
    CLASS_64 = 2,
    DATA_LITTLE_ENDIAN = 1,

    HEADER_BYTES = 64,
    HEADER_TYPE = 16,
    HEADER_PROGRAMS_OFFSET = 32,
    HEADER_SECTIONS_OFFSET = 40,
    HEADER_PROGRAM_BYTES = 54,
    HEADER_PROGRAM_COUNT = 56,
    HEADER_SECTION_BYTES = 58,
    HEADER_SECTION_COUNT = 60,
    HEADER_NAMES_INDEX = 62,
    TYPE_EXECUTABLE = 2,
    TYPE_DYNAMIC = 3,

    PROGRAM_BYTES = 56,
    PROGRAM_TYPE = 0,
    PROGRAM_FILE_OFFSET = 8,
    PROGRAM_ADDRESS = 16,
    PROGRAM_TYPE_LOAD = 1,

    SECTION_BYTES = 64,
    SECTION_NAME = 0,
    SECTION_TYPE = 4,
    SECTION_FLAGS = 8,
    SECTION_ADDRESS = 16,
    SECTION_FILE_OFFSET = 24,
    SECTION_SIZE = 32,
    SECTION_LINK = 40,
    SECTION_TYPE_SYMBOLS = 2,
    SECTION_TYPE_DYNAMIC_SYMBOLS = 11,
    SECTION_FLAG_ALLOCATED = 2,

    SYMBOL_BYTES = 24,
    SYMBOL_NAME = 0,
    SYMBOL_INFO = 4,
    SYMBOL_SECTION = 6,
    SYMBOL_VALUE = 8,
    SYMBOL_SIZE = 16,
    SYMBOL_LAST_TYPE = 2, /* no type, object, function; the others are no addresses */

    PAGE_BYTES = 4096
};

enum {
    PIECE_BYTES = 65520, /* a multiple of SYMBOL_BYTES */
    MAX_NAME_BYTES = 64, /* of a section or symbol asked for */
    MAX_SYMBOLS = 8,     /* asked for at once */
    MAX_PLACES = 8       /* of one name in one string table */
};

static const uint64_t max_table_bytes = UINT64_C(1) << 30; /* of symbols, of their strings */

typedef struct elf_file {
    const tare_elf_source *source;
    uint8_t               *piece; /* PIECE_BYTES */
} elf_file;

typedef struct section {
    uint32_t name;
    uint32_t type;
    uint32_t link;
    uint64_t flags;
    uint64_t address;
    uint64_t file_offset;
    uint64_t size_bytes;
} section;

/* The tables to look through, by their place in the section headers; type 0 = there is none. */
typedef struct section_list {
    uint64_t file_offset;
    uint32_t count;
    section  dynamic_symbols;
    section  symbols;
} section_list;

static uint64_t get_number(const uint8_t *bytes, int size)
{
    uint64_t value = 0;

    for (int i = size - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static uint32_t get_u16(const uint8_t *bytes)
{
    return (uint32_t)get_number(bytes, 2);
}

static uint32_t get_u32(const uint8_t *bytes)
{
    return (uint32_t)get_number(bytes, 4);
}

static uint64_t get_u64(const uint8_t *bytes)
{
    return get_number(bytes, 8);
}

static tare_status read_at(const elf_file *file, uint64_t offset, void *into, size_t size_bytes,
                           const char *what, tare_error *err)
{
    const uint64_t end = file->source->size_bytes;

    if (offset > end || size_bytes > end - offset)
        return tare_fail(err, TARE_CORRUPT,
                         "read %s of an ELF file: %zu bytes at %" PRIu64 " of a file of %" PRIu64,
                         what, size_bytes, offset, end);
    return file->source->read(file->source->context, offset, into, size_bytes, err);
}

/* ---- headers ---- */

static tare_status read_header(const elf_file *file, uint8_t header[HEADER_BYTES], tare_error *err)
{
    TARE_TRY(read_at(file, 0, header, IDENT_BYTES, "the beginning", err));
    if (memcmp(header, "\177ELF", 4) != 0)
        return tare_fail(err, TARE_CORRUPT, "read an ELF file: it does not begin like one");
    if (header[IDENT_CLASS] != CLASS_64 || header[IDENT_DATA] != DATA_LITTLE_ENDIAN)
        return tare_fail(err, TARE_UNSUPPORTED,
                         "read an ELF file: only 64-bit little-endian ones are supported");
    TARE_TRY(read_at(file, 0, header, HEADER_BYTES, "the header", err));

    const uint32_t type = get_u16(header + HEADER_TYPE);
    if (type != TYPE_EXECUTABLE && type != TYPE_DYNAMIC)
        return tare_fail(err, TARE_UNSUPPORTED,
                         "read an ELF file: of type %" PRIu32 ", no executable and no library",
                         type);
    return TARE_OK;
}

static tare_status find_first_load(const elf_file *file, const uint8_t *header, tare_elf_info *info,
                                   tare_error *err)
{
    const uint64_t first = get_u64(header + HEADER_PROGRAMS_OFFSET);
    const uint32_t count = get_u16(header + HEADER_PROGRAM_COUNT);
    uint8_t        program[PROGRAM_BYTES];

    if (get_u16(header + HEADER_PROGRAM_BYTES) != PROGRAM_BYTES || first > INT64_MAX)
        return tare_fail(err, TARE_CORRUPT, "read an ELF file: its program headers are malformed");
    for (uint32_t i = 0; i < count; i++) {
        TARE_TRY(read_at(file, first + i * (uint64_t)PROGRAM_BYTES, program, PROGRAM_BYTES,
                         "a program header", err));
        if (get_u32(program + PROGRAM_TYPE) != PROGRAM_TYPE_LOAD)
            continue;
        info->load_offset = get_u64(program + PROGRAM_FILE_OFFSET);
        info->load_address = (get_u64(program + PROGRAM_ADDRESS) - info->load_offset) &
                             ~(uint64_t)(PAGE_BYTES - 1);
        return TARE_OK;
    }
    return tare_fail(err, TARE_CORRUPT, "read an ELF file: it has nothing to load");
}

static section decode_section(const uint8_t *bytes)
{
    return (section){
        .name = get_u32(bytes + SECTION_NAME),
        .type = get_u32(bytes + SECTION_TYPE),
        .link = get_u32(bytes + SECTION_LINK),
        .flags = get_u64(bytes + SECTION_FLAGS),
        .address = get_u64(bytes + SECTION_ADDRESS),
        .file_offset = get_u64(bytes + SECTION_FILE_OFFSET),
        .size_bytes = get_u64(bytes + SECTION_SIZE),
    };
}

static tare_status read_section(const elf_file *file, const section_list *list, uint32_t index,
                                section *section_out, tare_error *err)
{
    uint8_t bytes[SECTION_BYTES];

    if (index >= list->count)
        return tare_fail(err, TARE_CORRUPT,
                         "read an ELF file: section %" PRIu32 " of %" PRIu32 " is referred to",
                         index, list->count);
    TARE_TRY(read_at(file, list->file_offset + index * (uint64_t)SECTION_BYTES, bytes,
                     SECTION_BYTES, "a section header", err));
    *section_out = decode_section(bytes);
    return TARE_OK;
}

/* A name that reaches behind the end of the string table is another name, not an error. */
static tare_status compare_section_name(const elf_file *file, const section *names,
                                        uint32_t name_offset, const char *wanted, bool *same_out,
                                        tare_error *err)
{
    char         name[MAX_NAME_BYTES];
    const size_t size = strlen(wanted) + 1;

    *same_out = false;
    if (name_offset > names->size_bytes || size > names->size_bytes - name_offset ||
        names->file_offset > INT64_MAX)
        return TARE_OK;
    TARE_TRY(read_at(file, names->file_offset + name_offset, name, size, "a section name", err));
    *same_out = memcmp(name, wanted, size) == 0;
    return TARE_OK;
}

static tare_status find_sections(const elf_file *file, const uint8_t *header,
                                 const char *section_name, section_list *list, tare_elf_info *info,
                                 tare_error *err)
{
    section names;
    section found;
    bool    same;

    *list = (section_list){.file_offset = get_u64(header + HEADER_SECTIONS_OFFSET),
                           .count = get_u16(header + HEADER_SECTION_COUNT)};
    if (list->count == 0)
        return TARE_OK;
    if (get_u16(header + HEADER_SECTION_BYTES) != SECTION_BYTES || list->file_offset > INT64_MAX)
        return tare_fail(err, TARE_CORRUPT, "read an ELF file: its section headers are malformed");
    TARE_TRY(read_section(file, list, get_u16(header + HEADER_NAMES_INDEX), &names, err));
    for (uint32_t i = 0; i < list->count; i++) {
        TARE_TRY(read_section(file, list, i, &found, err));
        if (found.type == SECTION_TYPE_SYMBOLS)
            list->symbols = found;
        if (found.type == SECTION_TYPE_DYNAMIC_SYMBOLS)
            list->dynamic_symbols = found;
        if (info->section_found || (found.flags & SECTION_FLAG_ALLOCATED) == 0)
            continue;
        TARE_TRY(compare_section_name(file, &names, found.name, section_name, &same, err));
        if (same) {
            info->section_found = true;
            info->section_address = found.address;
            info->section_bytes = found.size_bytes;
        }
    }
    return TARE_OK;
}

/* ---- symbols ---- */

/* Where the name of one symbol stands in a string table. */
typedef struct name_places {
    uint64_t offsets[MAX_PLACES];
    uint32_t count;
} name_places;

static void find_in_piece(const uint8_t *piece, size_t size, uint64_t piece_offset,
                          const char *name, name_places *places)
{
    const size_t   name_size = strlen(name) + 1; /* with its NUL */
    const uint8_t *at = piece;
    const uint8_t *end = piece + size;

    while (places->count < MAX_PLACES &&
           (at = memmem(at, (size_t)(end - at), name, name_size)) != NULL) {
        const uint64_t offset = piece_offset + (uint64_t)(at - piece);
        /* Pieces overlap, so a short name may be seen twice. */
        if (places->count == 0 || offset > places->offsets[places->count - 1])
            places->offsets[places->count++] = offset;
        at++;
    }
}

static tare_status find_names(const elf_file *file, const section *strings,
                              const tare_elf_symbol *symbols, size_t symbol_count,
                              name_places places[MAX_SYMBOLS], tare_error *err)
{
    uint64_t at = 0;

    memset(places, 0, MAX_SYMBOLS * sizeof places[0]);
    while (at < strings->size_bytes) {
        const uint64_t left = strings->size_bytes - at;
        const size_t   size = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        TARE_TRY(read_at(file, strings->file_offset + at, file->piece, size, "symbol names", err));
        for (size_t i = 0; i < symbol_count; i++)
            find_in_piece(file->piece, size, at, symbols[i].name, &places[i]);
        if (size == left)
            break;
        at += PIECE_BYTES - MAX_NAME_BYTES; /* a name cut by the end is whole in the next */
    }
    return TARE_OK;
}

static bool stands_at(const name_places *places, uint64_t offset)
{
    for (uint32_t i = 0; i < places->count; i++) {
        if (places->offsets[i] == offset)
            return true;
    }
    return false;
}

static void match_symbol(const uint8_t *entry, const name_places *places, tare_elf_symbol *symbols,
                         size_t symbol_count)
{
    const uint32_t name = get_u32(entry + SYMBOL_NAME);

    for (size_t i = 0; i < symbol_count; i++) {
        if (symbols[i].found || !stands_at(&places[i], name))
            continue;
        /* Section 0 means: wanted from another file. */
        if (get_u16(entry + SYMBOL_SECTION) == 0 || (entry[SYMBOL_INFO] & 15) > SYMBOL_LAST_TYPE)
            continue;
        symbols[i].found = true;
        symbols[i].value = get_u64(entry + SYMBOL_VALUE);
        symbols[i].size_bytes = get_u64(entry + SYMBOL_SIZE);
    }
}

static tare_status find_symbols(const elf_file *file, const section_list *list,
                                const section *table, tare_elf_symbol *symbols, size_t symbol_count,
                                tare_error *err)
{
    section     strings;
    name_places places[MAX_SYMBOLS];

    if (table->type == 0)
        return TARE_OK;
    TARE_TRY(read_section(file, list, table->link, &strings, err));
    if (table->size_bytes > max_table_bytes || strings.size_bytes > max_table_bytes)
        return tare_fail(err, TARE_LIMIT, "read an ELF file: its symbols exceed %" PRIu64 " bytes",
                         max_table_bytes);
    if (table->file_offset > INT64_MAX || strings.file_offset > INT64_MAX)
        return tare_fail(err, TARE_CORRUPT, "read an ELF file: its symbols are malformed");
    TARE_TRY(find_names(file, &strings, symbols, symbol_count, places, err));

    const uint64_t whole_bytes = table->size_bytes - table->size_bytes % SYMBOL_BYTES;
    for (uint64_t at = 0; at < whole_bytes; at += PIECE_BYTES) {
        const uint64_t left = whole_bytes - at;
        const size_t   size = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        TARE_TRY(read_at(file, table->file_offset + at, file->piece, size, "symbols", err));
        for (size_t i = 0; i < size; i += SYMBOL_BYTES)
            match_symbol(file->piece + i, places, symbols, symbol_count);
    }
    return TARE_OK;
}

static bool are_all_found(const tare_elf_symbol *symbols, size_t symbol_count)
{
    for (size_t i = 0; i < symbol_count; i++) {
        if (!symbols[i].found)
            return false;
    }
    return true;
}

static tare_status inspect_symbols(const elf_file *file, const section_list *list,
                                   tare_elf_symbol *symbols, size_t symbol_count, tare_error *err)
{
    if (are_all_found(symbols, symbol_count))
        return TARE_OK; /* none was asked for */
    TARE_TRY(find_symbols(file, list, &list->dynamic_symbols, symbols, symbol_count, err));
    if (are_all_found(symbols, symbol_count))
        return TARE_OK;
    return find_symbols(file, list, &list->symbols, symbols, symbol_count, err);
}

static tare_status check_question(const char *section_name, const tare_elf_symbol *symbols,
                                  size_t symbol_count, tare_error *err)
{
    bool fits = symbol_count <= MAX_SYMBOLS && strlen(section_name) < MAX_NAME_BYTES;

    for (size_t i = 0; fits && i < symbol_count; i++)
        fits = strlen(symbols[i].name) < MAX_NAME_BYTES;
    return fits ? TARE_OK
                : tare_fail(err, TARE_LIMIT,
                            "read an ELF file: at most %d symbols can be asked for, and names of "
                            "less than %d bytes",
                            (int)MAX_SYMBOLS, (int)MAX_NAME_BYTES);
}

tare_status tare_elf_inspect(const tare_elf_source *source, const char *section_name,
                             tare_elf_symbol *symbols, size_t symbol_count, const tare_alloc *alloc,
                             tare_elf_info *info_out, tare_error *err)
{
    uint8_t      header[HEADER_BYTES];
    section_list list;
    elf_file     file = {.source = source};
    void        *piece;

    *info_out = (tare_elf_info){0};
    for (size_t i = 0; i < symbol_count; i++)
        symbols[i] = (tare_elf_symbol){.name = symbols[i].name};
    TARE_TRY(check_question(section_name, symbols, symbol_count, err));
    TARE_TRY(read_header(&file, header, err));
    info_out->dynamic = get_u16(header + HEADER_TYPE) == TYPE_DYNAMIC;
    TARE_TRY(find_first_load(&file, header, info_out, err));
    TARE_TRY(find_sections(&file, header, section_name, &list, info_out, err));

    TARE_TRY(tare_acquire(alloc, &piece, PIECE_BYTES, 1, err));
    file.piece = piece;
    const tare_status status = inspect_symbols(&file, &list, symbols, symbol_count, err);
    tare_release(alloc, piece, PIECE_BYTES, 1);
    return status;
}
