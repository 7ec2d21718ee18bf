/* fuzz_elf.c - any bytes as an ELF file, asked what locate.c asks.
 *
 * The reader must stay inside the file, answer the same twice, and survive without memory: then
 * the answer is that there was none, or the fault that it would have found before it asked. */
#include "checking.h"
#include "remote/elf.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SYMBOL_COUNT = 3 };

typedef struct input {
    const uint8_t *data;
    size_t         size;
} input;

typedef struct answer {
    tare_elf_symbol symbols[SYMBOL_COUNT];
    tare_elf_info   info;
} answer;

static tare_status read_input(void *context, uint64_t offset, void *into, size_t size_bytes,
                              tare_error *err)
{
    const input *in = context;

    (void)err;
    require(offset <= in->size && size_bytes <= in->size - offset);
    memcpy(into, in->data + offset, size_bytes);
    return TARE_OK;
}

static void *refuse(void *context, void *old, size_t old_bytes, size_t new_bytes)
{
    (void)context;
    (void)old_bytes;
    (void)new_bytes;
    require(old == NULL); /* what was never given cannot come back */
    return NULL;
}

static tare_status inspect(input *in, const tare_alloc *alloc, answer *result, tare_error *err)
{
    const tare_elf_source source = {read_input, in, in->size};

    *result = (answer){
        .symbols = {{.name = "_PyRuntime"}, {.name = "Py_Version"}, {.name = "Py_GetVersion"}}};
    return tare_elf_inspect(&source, ".PyRuntime", result->symbols, SYMBOL_COUNT, alloc,
                            &result->info, err);
}

static void require_same(const answer *a, const answer *b)
{
    require(a->info.section_found == b->info.section_found);
    require(a->info.section_address == b->info.section_address);
    require(a->info.load_address == b->info.load_address);
    for (int i = 0; i < SYMBOL_COUNT; i++) {
        require(a->symbols[i].found == b->symbols[i].found);
        require(a->symbols[i].value == b->symbols[i].value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const tare_alloc none = {.resize = refuse};
    input                   in = {data, size};
    answer                  first;
    answer                  second;
    tare_error              err = {0};

    const tare_status status = inspect(&in, tare_alloc_system(), &first, &err);
    require(status == TARE_OK || status == TARE_CORRUPT || status == TARE_UNSUPPORTED ||
            status == TARE_LIMIT);
    require(status == TARE_OK || (err.status == status && err.message[0] != '\0'));
    require(inspect(&in, tare_alloc_system(), &second, NULL) == status);
    require_same(&first, &second);
    const tare_status without = inspect(&in, &none, &second, NULL);
    require(without == TARE_NO_MEMORY || (without == status && status != TARE_OK));
    return 0;
}
