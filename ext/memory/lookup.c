/* lookup.c - see lookup.h. The lock is held while the engine's tables are read, and never while
 * Python's objects are made of it: making them allocates. A site is a node of the profile, so it
 * means something only as long as the same measurement is on. */
#include "memory/lookup.h"

#include <stdio.h>
#include <string.h>

static bool find(const void *address, tare_allocation *out)
{
    tare_block block;
    tare_memory_own.within++;
    tare_memory_lock();
    bool known = tare_memory.active &&
                 tare_blocks_get(&tare_memory.blocks, (uintptr_t)address, &block) &&
                 block.cell != TARE_BLOCKS_NO_CELL;
    if (known) {
        uint64_t born_ns = block.birth * tare_memory.birth_unit_ns;
        uint64_t now_ns = tare_memory_now_ns();
        *out = (tare_allocation){.bytes = block.bytes,
                                 .age_ns = now_ns > born_ns ? now_ns - born_ns : 0,
                                 .site = tare_memory.ledger.cells[block.cell].place};
    }
    tare_memory_unlock();
    tare_memory_own.within--;
    return known;
}

static const tare_function *function_of(uint32_t node, uint32_t *line_out)
{
    const tare_profile *profile = &tare_memory.profile;
    const tare_frame   *frame = &profile->frames[profile->nodes[node].frame];
    *line_out = frame->line;
    return &profile->functions[frame->function];
}

static size_t describe(uint32_t site, char *out, size_t out_bytes)
{
    const tare_profile *profile = &tare_memory.profile;
    int                 size = 0;
    uint32_t            line;
    tare_memory_own.within++;
    tare_memory_lock();
    if (tare_memory.active && site > 0 && site < profile->node_count) {
        const tare_function *function = function_of(site, &line);
        size = snprintf(out, out_bytes, "%s (%s:%u)",
                        tare_profile_text(profile, function->qualname).bytes,
                        tare_profile_text(profile, function->file).bytes, line);
    }
    tare_memory_unlock();
    tare_memory_own.within--;
    return size > 0 ? (size_t)size : 0;
}

const tare_allocation_source tare_lookup_source = {.find = find, .describe = describe};

/* Strings of the profile move when others are added, but only with the lock; with the GIL nobody
 * else adds any, save interpreters with a GIL of their own: hence copies. */
typedef struct copied_frame {
    char     function[512], file[1024];
    uint32_t line;
} copied_frame;

static uint32_t copy_frame(uint32_t node, copied_frame *out)
{
    const tare_profile *profile = &tare_memory.profile;
    uint32_t            parent = 0;
    tare_memory_lock();
    if (tare_memory.active && node < profile->node_count) {
        const tare_function *function = function_of(node, &out->line);
        snprintf(out->function, sizeof out->function, "%s",
                 tare_profile_text(profile, function->qualname).bytes);
        snprintf(out->file, sizeof out->file, "%s",
                 tare_profile_text(profile, function->file).bytes);
        parent = profile->nodes[node].parent;
    }
    tare_memory_unlock();
    return parent;
}

static int append_frame(PyObject *stack, const copied_frame *frame)
{
    PyObject *function = PyUnicode_DecodeUTF8(frame->function, (Py_ssize_t)strlen(frame->function),
                                              "surrogateescape");
    PyObject *file = PyUnicode_DecodeUTF8(frame->file, (Py_ssize_t)strlen(frame->file),
                                          "surrogateescape");
    PyObject *row = function != NULL && file != NULL
                        ? Py_BuildValue("(OOI)", function, file, frame->line)
                        : NULL;
    int       done = row != NULL ? PyList_Append(stack, row) : -1;
    Py_XDECREF(row);
    Py_XDECREF(file);
    Py_XDECREF(function);
    return done;
}

PyObject *tare_lookup_find(const void *address)
{
    tare_allocation found;
    PyObject       *stack, *frames, *result = NULL;
    if (!find(address, &found))
        Py_RETURN_NONE;
    stack = PyList_New(0);
    for (uint32_t node = found.site; stack != NULL && node > 0;) {
        copied_frame frame = {.line = 0};
        node = copy_frame(node, &frame);
        if (append_frame(stack, &frame) < 0)
            Py_CLEAR(stack);
    }
    frames = stack != NULL ? PyList_AsTuple(stack) : NULL;
    if (frames != NULL)
        result = Py_BuildValue("(KKO)", (unsigned long long)found.bytes,
                               (unsigned long long)found.age_ns, frames);
    Py_XDECREF(frames);
    Py_XDECREF(stack);
    return result;
}
