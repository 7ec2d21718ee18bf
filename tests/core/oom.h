/* oom.h - an allocator that fails one request, counts what is out and checks what it is told.
 *
 *     oom memory;
 *     for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
 *         oom_init(&memory, fail_at);
 *         status = operation(&memory.alloc);
 *         release what the operation made;
 *         CHECK_EQ(memory.outstanding, 0);
 *     }
 *
 * fail_at 0 never fails. Every block knows its size: a wrong old size stops the program.
 * Blocks always move when they are resized, and old bytes are overwritten. */
#ifndef TARE_TESTS_OOM_H
#define TARE_TESTS_OOM_H

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct oom {
    tare_alloc alloc; /* hand this one on */
    size_t     fail_at;
    size_t     requests;    /* seen so far, frees not counted */
    size_t     outstanding; /* bytes */
} oom;

enum { OOM_HEAD_BYTES = 16 }; /* a multiple of every alignment that core needs */

static inline void oom_free(oom *memory, char *block, size_t told_bytes)
{
    size_t bytes;
    memcpy(&bytes, block - OOM_HEAD_BYTES, sizeof bytes);
    if (bytes != told_bytes) {
        fprintf(stderr, "a block of %zu bytes was said to have %zu\n", bytes, told_bytes);
        abort();
    }
    memory->outstanding -= bytes;
    memset(block, 0xDD, bytes);
    free(block - OOM_HEAD_BYTES);
}

static inline void *oom_resize(void *context, void *old, size_t old_bytes, size_t new_bytes)
{
    oom  *memory = context;
    char *block = NULL;
    if (new_bytes > 0) {
        if (++memory->requests == memory->fail_at)
            return NULL;
        block = malloc(new_bytes + OOM_HEAD_BYTES);
        if (block == NULL)
            return NULL;
        memcpy(block, &new_bytes, sizeof new_bytes);
        block += OOM_HEAD_BYTES;
        memset(block, 0xCC, new_bytes);
        memory->outstanding += new_bytes;
    }
    if (old != NULL && block != NULL)
        memcpy(block, old, old_bytes < new_bytes ? old_bytes : new_bytes);
    if (old != NULL)
        oom_free(memory, old, old_bytes);
    return block;
}

static inline void oom_init(oom *memory, size_t fail_at)
{
    *memory = (oom){.fail_at = fail_at};
    memory->alloc = (tare_alloc){.resize = oom_resize, .context = memory};
}

#endif
