/* traces.c - see traces.h.
 *
 *     blocks --counted by (node, bytes), with the lock--> groups --made into objects--> list
 *
 * Nodes and frames of the profile stay what they are, so what is between the two steps can only add
 * to them; if the measurement ends meanwhile, the stacks that are left have no frames. What is made
 * here is not the program's. */
#include "memory/traces.h"

#include "base/map.h"

#include <stdio.h>
#include <string.h>

enum { NODE_BITS = 21, FILE_BYTES = 4096 };
static_assert(TARE_MEMORY_MAX_NODES < 1 << NODE_BITS, "a group's key has the node");
static_assert(TARE_BLOCKS_MAX_BYTES >> (64 - NODE_BITS) == 0, "and the bytes");

typedef struct group {
    uint64_t bytes, count;
    uint32_t node;
} group;

typedef struct groups {
    const tare_alloc *alloc;
    group            *items; /* owned */
    uint32_t          count, capacity;
    tare_map          by_key;
} groups;

static tare_status count_block(groups *all, const tare_block *block)
{
    uint32_t node = tare_memory.ledger.cells[block->cell].place;
    uint64_t key = block->bytes << NODE_BITS | node;
    uint32_t index = tare_map_get(&all->by_key, key);
    if (index == TARE_MAP_ABSENT) {
        index = all->count;
        TARE_TRY(tare_grow(all->alloc, (void **)&all->items, &all->capacity, (size_t)index + 1,
                           sizeof *all->items, NULL));
        TARE_TRY(tare_map_put(&all->by_key, key, index, all->alloc, NULL));
        all->items[all->count++] = (group){.bytes = block->bytes, .node = node};
    }
    all->items[index].count++;
    return TARE_OK;
}

static tare_status count_blocks(groups *all)
{
    tare_status status = TARE_OK;
    tare_block  block;
    uint64_t    address;
    uint32_t    at = 0;
    tare_memory_lock();
    while (tare_memory.active && status == TARE_OK &&
           tare_blocks_next(&tare_memory.blocks, &at, &address, &block))
        if (block.cell != TARE_BLOCKS_NO_CELL)
            status = count_block(all, &block);
    tare_memory_unlock();
    return status;
}

/* ---- stacks ---- */

typedef struct stack {
    uint32_t frames[TARE_MEMORY_MAX_DEPTH + 1]; /* of the profile, the innermost first */
    uint32_t count;
    bool     is_whole;
} stack;

static bool is_synthetic(uint32_t node)
{
    return node == tare_memory.deeper_node || node == tare_memory.no_gil_node ||
           node == tare_memory.no_frame_node;
}

static void climb(uint32_t node, stack *out)
{
    const tare_profile *profile = &tare_memory.profile;
    out->count = 0;
    out->is_whole = true;
    tare_memory_lock();
    while (tare_memory.active && node > 0 && node < profile->node_count &&
           out->count < TARE_MEMORY_MAX_DEPTH) {
        if (node == tare_memory.deeper_node)
            out->is_whole = false;
        if (!is_synthetic(node))
            out->frames[out->count++] = profile->nodes[node].frame;
        node = profile->nodes[node].parent;
    }
    tare_memory_unlock();
}

static uint32_t copy_file(uint32_t id, char file[FILE_BYTES])
{
    const tare_profile *profile = &tare_memory.profile;
    uint32_t            line = 0;
    file[0] = '\0';
    tare_memory_lock();
    if (tare_memory.active && id < profile->frame_count) {
        const tare_function *function = &profile->functions[profile->frames[id].function];
        line = profile->frames[id].line;
        snprintf(file, FILE_BYTES, "%s", tare_profile_text(profile, function->file).bytes);
    }
    tare_memory_unlock();
    return line;
}

/* ---- objects ---- */

typedef struct maker {
    PyObject *frames; /* dict: frame of the profile -> (file, line) */
    PyObject *stacks; /* dict: node -> (depth or None, frames) */
} maker;

/* What is known by that number, or what make gives, from then on. A borrowed reference. */
static PyObject *find_or_make(PyObject *known, uint32_t                    number,
                              PyObject *(*make)(maker *, uint32_t), maker *self)
{
    PyObject *key = PyLong_FromUnsignedLong(number);
    PyObject *found = key != NULL ? PyDict_GetItemWithError(known, key) : NULL;
    if (found == NULL && !PyErr_Occurred()) {
        found = make(self, number);
        if (found != NULL) {
            int failed = PyDict_SetItem(known, key, found);
            Py_DECREF(found);
            found = failed < 0 ? NULL : found;
        }
    }
    Py_XDECREF(key);
    return found;
}

static PyObject *make_frame(maker *Py_UNUSED(self), uint32_t id)
{
    char     text[FILE_BYTES];
    uint32_t line = copy_file(id, text);
    return Py_BuildValue(
        "(NI)", PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "surrogateescape"), line);
}

static PyObject *make_stack(maker *self, uint32_t node)
{
    stack found;
    climb(node, &found);
    PyObject *frames = PyTuple_New((Py_ssize_t)found.count);
    for (uint32_t i = 0; frames != NULL && i < found.count; i++) {
        PyObject *frame = find_or_make(self->frames, found.frames[i], make_frame, self);
        if (frame == NULL)
            Py_CLEAR(frames);
        else
            PyTuple_SET_ITEM(frames, (Py_ssize_t)i, Py_NewRef(frame));
    }
    if (frames == NULL)
        return NULL;
    if (!found.is_whole)
        return Py_BuildValue("(ON)", Py_None, frames);
    return Py_BuildValue("(IN)", found.count, frames);
}

static int append_group(maker *self, PyObject *list, const group *one)
{
    PyObject *known = find_or_make(self->stacks, one->node, make_stack, self);
    if (known == NULL)
        return -1;
    PyObject *row = Py_BuildValue("(KKOO)", (unsigned long long)one->bytes,
                                  (unsigned long long)one->count, PyTuple_GET_ITEM(known, 0),
                                  PyTuple_GET_ITEM(known, 1));
    int       done = row != NULL ? PyList_Append(list, row) : -1;
    Py_XDECREF(row);
    return done;
}

static PyObject *make_list(const groups *all)
{
    maker     self = {.frames = PyDict_New(), .stacks = PyDict_New()};
    PyObject *list = PyList_New(0);
    bool      failed = self.frames == NULL || self.stacks == NULL || list == NULL;
    for (uint32_t i = 0; !failed && i < all->count; i++)
        failed = append_group(&self, list, &all->items[i]) < 0;
    if (failed)
        Py_CLEAR(list);
    Py_XDECREF(self.stacks);
    Py_XDECREF(self.frames);
    return list;
}

PyObject *tare_traces_list(void)
{
    groups    all = {.alloc = tare_alloc_system()};
    bool      collecting = tare_memory_begin_own();
    PyObject *list = count_blocks(&all) == TARE_OK ? make_list(&all) : PyErr_NoMemory();
    tare_release(all.alloc, all.items, all.capacity, sizeof *all.items);
    tare_map_deinit(&all.by_key, all.alloc);
    tare_memory_end_own(collecting);
    return list;
}

uint64_t tare_traces_bytes(void)
{
    tare_memory_own.within++;
    tare_memory_lock();
    uint64_t bytes = tare_memory.active ? tare_memory.ledger.live.bytes : 0;
    tare_memory_unlock();
    tare_memory_own.within--;
    return bytes;
}
