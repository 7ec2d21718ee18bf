/* state.h - the parts of the extension module tare._heap that are types.
 *
 * A Census and a Snapshot own numbers and strings outside the Python heap, and no reference to
 * anything they tell of. Their objects, and those of types derived from them, are hidden: what is
 * counted next does not have them. */
#ifndef TARE_EXT_STATE_H
#define TARE_EXT_STATE_H

#include "common/pystatus.h"

#include "heap/snapshot.h"

typedef enum tare_heap_type_id {
    TARE_TYPE_CENSUS,
    TARE_TYPE_SNAPSHOT,
    TARE_HIDDEN_TYPES
} tare_heap_type_id;

typedef struct tare_heap_state {
    tare_errors   errors;
    PyTypeObject *types[TARE_HIDDEN_TYPES]; /* owned; each NULL until it is made */
} tare_heap_state;

typedef struct tare_census_object {
    PyObject_HEAD tare_census census; /* owned */
} tare_census_object;

typedef struct tare_snapshot_object {
    PyObject_HEAD tare_snapshot snapshot; /* owned */
} tare_snapshot_object;

extern PyModuleDef tare_heap_module;

/* Of the type of an object of one of the types, or derived from one. NULL with an exception. */
tare_heap_state *tare_heap_state_of(PyTypeObject *type);

/* Makes the type and adds it to the module; -1 with an exception. */
int tare_census_type_add(PyObject *module, tare_heap_state *state);
int tare_snapshot_type_add(PyObject *module, tare_heap_state *state);

/* A str of what may be no UTF-8. */
PyObject *tare_heap_str(tare_text text);
/* Such a str as bytes again; NULL with an exception. */
PyObject *tare_heap_bytes(PyObject *text);

/* Sets each key and value of a dict of str as provenance; NULL or None: nothing. */
int tare_heap_set_meta(tare_heap_state *state, tare_profile *profile, PyObject *meta);

#endif
