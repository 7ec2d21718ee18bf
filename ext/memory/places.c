/* places.c - see places.h.
 *
 * Names are encoded here, from the string objects themselves: asking Python to do it would
 * allocate, and could raise. Numbers of code objects that are dead stay used, so that what is
 * known by number needs no clearing; a program that makes code without end starts over now and
 * then. */
#include "memory/places.h"

#include "memory/own.h"

#include <string.h>

enum { TEXT_BYTES = 4096, MAX_CODES = 1 << 18 };

typedef struct known_code {
    uintptr_t address; /* 0: it is gone */
    uint32_t  function;
} known_code;

static known_code *codes; /* owned */
static uint32_t    code_count, code_capacity;
static tare_map    number_by_code;
static tare_map    place_by_offset; /* number, offset + 1 */

void tare_places_clear(void)
{
    const tare_alloc *alloc = tare_memory_alloc();
    tare_release(alloc, codes, code_capacity, sizeof *codes);
    codes = NULL;
    code_count = code_capacity = 0;
    tare_map_deinit(&number_by_code, alloc);
    tare_map_deinit(&place_by_offset, alloc);
    tare_memory.begun_epoch = ++tare_memory.epoch;
}

bool tare_places_is_gone(uint32_t number)
{
    return number >= code_count || codes[number].address == 0;
}

void tare_places_forget(uintptr_t address)
{
    uint32_t number = number_by_code.capacity > 0 ? tare_map_get(&number_by_code, address)
                                                  : TARE_MAP_ABSENT;
    if (number == TARE_MAP_ABSENT)
        return;
    codes[number].address = 0;
    tare_memory.epoch++;
}

/* ---- names ---- */

static size_t encode_character(Py_UCS4 character, char *out)
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, character >>= 6)
        out[i] = (char)(0x80 | (character & 0x3f));
    out[0] = (char)((0xf00U >> size & 0xf0) | character);
    return size;
}

/* As much as fits; lone surrogates too. */
static size_t encode(PyObject *text, char out[TEXT_BYTES])
{
    if (text == NULL || !PyUnicode_Check(text))
        return 0;
    int         kind = (int)PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t  length = PyUnicode_GET_LENGTH(text);
    size_t      size = 0;
    for (Py_ssize_t i = 0; i < length && size + 4 <= TEXT_BYTES; i++)
        size += encode_character(PyUnicode_READ(kind, data, i), out + size);
    return size;
}

static tare_status add_text(PyObject *text, uint32_t *id_out)
{
    char bytes[TEXT_BYTES];
    return tare_profile_string(&tare_memory.profile, bytes, encode(text, bytes), id_out, NULL);
}

static tare_status add_function(const PyCodeObject *code, uint32_t *id_out)
{
    int           line = code->co_firstlineno;
    tare_function function = {.kind = TARE_FUNCTION_PYTHON,
                              .first_line = line > 0 ? (uint32_t)line : 0};
    TARE_TRY(add_text(code->co_name, &function.name));
    TARE_TRY(add_text(code->co_qualname, &function.qualname));
    TARE_TRY(add_text(code->co_filename, &function.file));
    return tare_profile_function(&tare_memory.profile, &function, id_out, NULL);
}

/* ---- code objects ---- */

/* Its block is now one whose end is told. */
static tare_status watch(uintptr_t address)
{
    tare_block block = {.cell = TARE_BLOCKS_NO_CELL}, old;
    bool       had;
    (void)tare_blocks_get(&tare_memory.blocks, address, &block);
    block.watched = true;
    TARE_TRY(tare_blocks_put(&tare_memory.blocks, address, &block, &old, &had));
    tare_sampling_mark(&tare_memory.filter, address);
    return TARE_OK;
}

static tare_status add_code(PyCodeObject *code, uint32_t *number_out)
{
    const tare_alloc *alloc = tare_memory_alloc();
    void             *grown;
    uint32_t          function;
    if (code_count >= MAX_CODES)
        tare_places_clear();
    TARE_TRY(add_function(code, &function));
    TARE_TRY(watch((uintptr_t)code));
    grown = codes;
    TARE_TRY(tare_grow(alloc, &grown, &code_capacity, (size_t)code_count + 1, sizeof *codes, NULL));
    codes = grown;
    codes[code_count] = (known_code){.address = (uintptr_t)code, .function = function};
    TARE_TRY(tare_map_put(&number_by_code, (uintptr_t)code, code_count, alloc, NULL));
    *number_out = code_count++;
    return TARE_OK;
}

static tare_status find_number(PyCodeObject *code, uint32_t *number_out)
{
    *number_out = number_by_code.capacity > 0 ? tare_map_get(&number_by_code, (uintptr_t)code)
                                              : TARE_MAP_ABSENT;
    if (*number_out != TARE_MAP_ABSENT && codes[*number_out].address == (uintptr_t)code)
        return TARE_OK;
    return add_code(code, number_out);
}

/* Before the first instruction it is the function's first line, as Python has it. */
static tare_status add_place(PyCodeObject *code, uint32_t number, int offset, uint32_t *place_out)
{
    uint32_t function = codes[number].function;
    int      line = offset >= 0 ? PyCode_Addr2Line(code, offset) : code->co_firstlineno;
    return tare_profile_frame(&tare_memory.profile, function, line > 0 ? (uint32_t)line : 0,
                              place_out, NULL);
}

uint32_t tare_places_find(PyCodeObject *code, const char *instruction, uint32_t *number_out)
{
    uint32_t number, place;
    if (Py_REFCNT(code) <= 0 || find_number(code, &number) != TARE_OK)
        return TARE_NONE;
    *number_out = number;
    ptrdiff_t offset = instruction - (const char *)code->co_code_adaptive;
    if (offset < 0 || offset > INT_MAX)
        offset = -1;
    uint64_t key = tare_pack(number, (uint32_t)(offset + 1));
    place = place_by_offset.capacity > 0 ? tare_map_get(&place_by_offset, key) : TARE_MAP_ABSENT;
    if (place != TARE_MAP_ABSENT)
        return place;
    if (add_place(code, number, (int)offset, &place) != TARE_OK ||
        tare_map_put(&place_by_offset, key, place, tare_memory_alloc(), NULL) != TARE_OK)
        return TARE_NONE;
    return place;
}
