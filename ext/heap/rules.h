/* rules.h - what is known of single types: rows of tables, a file for each family.
 *
 * A rule holds for the type that it names and for those derived from it; `visit` and `own` for the
 * named type alone, since an object of a derived one has references and a block of another shape.
 * What a row leaves NULL is as for any type: the block is as long as tp_basicsize and tp_itemsize
 * say, and tp_traverse tells the references. */
#ifndef TARE_EXT_RULES_H
#define TARE_EXT_RULES_H

#include "heap/kinds.h"
#include "heap/layouts.h"

#include "common/pyobjects.h"

struct tare_kind_rule {
    PyTypeObject *type;        /* NULL: a type that has no symbol, known by name and basic_bytes */
    const char   *name;        /* as in tp_name */
    size_t        basic_bytes; /* what tp_basicsize must be; 0 = any */
    /* Bytes of the object's own block. */
    size_t (*own)(const tare_kind *kind, PyObject *object);
    /* How many items the block has; NULL: as ob_size says. */
    size_t (*items)(PyObject *object);
    /* Tells the other blocks. */
    void (*buffers)(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                    void *context);
    /* Bytes of all blocks, own and others, of an object of the named type; else as in kinds.h. */
    size_t (*sum)(const tare_kind *kind, PyObject *object);
    tare_kind_visit visit;       /* all references, in the place of tp_traverse */
    tare_kind_visit visit_more;  /* what tp_traverse does not tell */
    tare_kind_visit visit_parts; /* NULL: as visit */
    bool            sum_of_own;  /* where it has another block, sum does not know */
    bool            ask;         /* its own __sizeof__ knows of buffers that we do not */
    bool            in_heap;     /* no object of it is static */
    bool            items_added; /* tp_alloc has been asked for one item more */
};

typedef struct tare_rule_table {
    const tare_kind_rule *rules;
    size_t                count;
} tare_rule_table;

extern const tare_rule_table tare_rules_text, tare_rules_containers, tare_rules_code,
    tare_rules_library, tare_rules_numpy;

/* The rule for type itself or the nearest of its bases; NULL = none. exact_out: for itself. */
const tare_kind_rule *tare_rules_find(PyTypeObject *type, bool *exact_out);

/* Whether a class statement made the type, or what does the same. */
bool tare_type_is_made_in_python(const PyTypeObject *type);

/* ---- for rules ---- */

static inline void tare_tell_block(tare_block_visitor visitor, void *context, const void *address,
                                   size_t bytes)
{
    if (address == NULL)
        return;
    visitor(context, &(tare_heap_block){
                         .address = (uintptr_t)address,
                         .bytes = bytes,
                         .domain = TARE_HEAP_PYTHON,
                     });
}

/* In a function that visits: goes on unless the visitor wants no more. */
#define TARE_VISIT(object)                                           \
    do {                                                             \
        if ((object) != NULL) {                                      \
            int tare_stop_ = visitor((PyObject *)(object), context); \
            if (tare_stop_ != 0)                                     \
                return tare_stop_;                                   \
        }                                                            \
    } while (0)

/* ---- kinds_instances.c ---- */

/* The array of values outside an object of a class that has no dictionary yet. */
void tare_tell_values(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                      void *context);
#if !TARE_HAS_INLINE_VALUES
void tare_tell_values_of_keys(const tare_dict_keys *keys, const void *values,
                              tare_block_visitor visitor, void *context);
#endif

/* ---- kinds_containers.c ---- */

/* Keys that are all strings; others tp_traverse tells. */
int tare_visit_keys(const tare_dict_keys *keys, visitproc visitor, void *context);

/* ---- kinds_native.c ---- */

/* The __sizeof__ of type or a base if it is a function of C that can be called without running
 * code of the program's; NULL = none. */
PyCFunction tare_native_size_function(PyTypeObject *type);
/* What it says beyond the object's own block. */
void tare_tell_native(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                      void *context);

#endif
