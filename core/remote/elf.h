/* elf.h - where a symbol or section of an ELF file lies.
 *
 * Just enough of ELF to find CPython's runtime state in an executable or shared
 * library: one section by name, symbols by name in .dynsym and .symtab. 64-bit
 * little-endian only. The file is hostile until proven otherwise: every offset and
 * count is checked against the file size and a named bound before it is used, tables
 * are read in pieces, nothing is executed, nothing is assumed to be aligned.
 * Reads go through a callback, so tests and fuzzers need no file.
 * Cost: one pass over the section headers, and one over a symbol table only when
 * symbols are asked for. */
#ifndef TARE_REMOTE_ELF_H
#define TARE_REMOTE_ELF_H

#include "base/alloc.h"

#include <stdbool.h>

typedef struct tare_elf_source {
    /* Reads exactly size_bytes at offset or fails. */
    tare_status (*read)(void *context, uint64_t offset, void *into, size_t size_bytes,
                        tare_error *err);
    void    *context;
    uint64_t size_bytes; /* of the file */
} tare_elf_source;

typedef struct tare_elf_symbol {
    const char *name;  /* in: what to look for */
    bool        found; /* out */
    uint64_t    value; /* out: address as linked */
    uint64_t    size_bytes;
} tare_elf_symbol;

typedef struct tare_elf_info {
    bool     section_found;   /* the section asked for */
    uint64_t section_address; /* as linked */
    uint64_t section_bytes;
    uint64_t load_offset;  /* p_offset of the first PT_LOAD: which mapping is its */
    uint64_t load_address; /* p_vaddr - p_offset of it, page-aligned: add (mapping start -
                              mapping file offset - load_address) to an address as linked
                              to get the address in memory */
    bool     dynamic;      /* ET_DYN: moves with its mapping */
} tare_elf_info;

/* CORRUPT for anything malformed, UNSUPPORTED for 32-bit or big-endian files. Symbols that
 * are not there are not an error. What was found before a failure stands. */
TARE_MUST_USE tare_status tare_elf_inspect(const tare_elf_source *source, const char *section_name,
                                           tare_elf_symbol *symbols, size_t symbol_count,
                                           const tare_alloc *alloc, tare_elf_info *info_out,
                                           tare_error *err);

#endif
