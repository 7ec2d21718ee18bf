/* layouts.h - how CPython lays out what its public headers do not show.
 *
 * Each struct names the file of CPython that it follows. One that belongs to a type is used only
 * where the type's tp_basicsize is its size: a version that has another layout is then measured
 * without its buffers instead of wrongly. */
#ifndef TARE_EXT_LAYOUTS_H
#define TARE_EXT_LAYOUTS_H

#include "common/pycompat.h"
#include "common/pyobjects.h"

#include <stdbool.h>
#include <stdint.h>

enum { TARE_WORD_BYTES = sizeof(void *) };

/* ---- Include/internal/pycore_dict.h; the same from 3.11 to 3.15 ---- */

enum { TARE_KEYS_GENERAL, TARE_KEYS_UNICODE, TARE_KEYS_SPLIT };

typedef struct tare_dict_keys {
    Py_ssize_t holder_count;
    uint8_t    log2_size, log2_index_bytes, kind;
    uint32_t   version;
    Py_ssize_t usable_count, entry_count;
    char       indices[];
} tare_dict_keys;

typedef struct tare_dict_entry {
    Py_hash_t hash;
    PyObject *key, *value;
} tare_dict_entry;

typedef struct tare_dict_text_entry { /* in all kinds but the general one */
    PyObject *key, *value;
} tare_dict_text_entry;

static inline const tare_dict_keys *tare_keys_of(PyObject *dict)
{
    return (const void *)((PyDictObject *)dict)->ma_keys;
}

static inline const void *tare_dict_entries(const tare_dict_keys *keys)
{
    return keys->indices + ((size_t)1 << keys->log2_index_bytes);
}

static inline size_t tare_keys_bytes(const tare_dict_keys *keys)
{
    size_t room = ((size_t)1 << keys->log2_size) * 2 / 3;
    size_t entry = keys->kind == TARE_KEYS_GENERAL ? sizeof(tare_dict_entry)
                                                   : sizeof(tare_dict_text_entry);
    return sizeof *keys + ((size_t)1 << keys->log2_index_bytes) + room * entry;
}

/* ---- the values of a dictionary whose keys are its class's ---- */

static inline size_t tare_round_up(size_t bytes, size_t step)
{
    return (bytes + step - 1) / step * step;
}

#if TARE_HAS_INLINE_VALUES
typedef struct tare_values {
    uint8_t   capacity, size, embedded, valid;
    PyObject *values[1];
} tare_values;

static inline size_t tare_values_bytes(const tare_values *values)
{
    return tare_round_up(values->capacity, TARE_WORD_BYTES) +
           ((size_t)values->capacity + 1) * TARE_WORD_BYTES;
}
#endif

/* ---- Include/internal/pycore_frame.h ---- */

/* The first fields of a frame object are the same from 3.11 to 3.15. */
static inline const void *tare_frame_of(PyObject *object)
{
    const struct {
        PyObject base;
        void    *back, *frame;
    } *self = (const void *)object;
    return self->frame;
}

/* Whether it has the frame in itself: its call is over, and nothing else holds its locals. */
static inline bool tare_frame_is_its_own(PyObject *object)
{
    const char *start = (const char *)object, *frame = tare_frame_of(object);
    return frame > start && frame < start + PyFrame_Type.tp_basicsize;
}

/* ---- Include/cpython/genobject.h, later pycore_interpframe_structs.h ---- */

/* How generators, coroutines and asynchronous generators begin. */
typedef struct tare_generator {
    PyObject_HEAD
#if TARE_HAS_CODE_IN_GENERATORS
        PyCodeObject *code;
#endif
    PyObject *weak_list, *name, *qualname;
} tare_generator;

#endif
