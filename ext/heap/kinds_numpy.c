/* kinds_numpy.c - rules for NumPy's arrays and scalars, without NumPy.
 *
 * The fields of an array that are read here are part of NumPy's binary interface, the same in all
 * its versions (numpy/ndarraytypes.h, PyArrayObject_fields, _PyArray_Descr). An array owns its data
 * or refers to the object whose they are; so data count once, and a view is small. How long its
 * data are, the array's own __sizeof__ knows.
 *
 * An array has no tp_traverse: its elements are visited here where they are objects. What an array
 * of one type is made of is the library's and not a part of it.
 * Left out: objects in fields of records. */
#include "heap/rules.h"

#include <string.h>

enum { TYPE_OBJECT = 17, MAX_DIMENSIONS = 64 };

typedef struct numpy_array {
    PyObject          base;
    char             *data;
    int               dimension_count;
    const Py_ssize_t *shape, *strides;
    PyObject         *owner;
    PyObject         *item_type;
} numpy_array;

typedef struct numpy_item_type {
    PyObject  base;
    PyObject *scalar_type;
    char      kind, type, byte_order, flags;
    int       number;
} numpy_item_type;

/* Row by row like an odometer: index[i] counts to shape[i], the last one fastest. */
static int visit_elements(const numpy_array *array, visitproc visitor, void *context)
{
    Py_ssize_t  index[MAX_DIMENSIONS] = {0};
    const char *at = array->data;
    for (int i = 0; i < array->dimension_count; i++)
        if (array->shape[i] <= 0)
            return 0;
    for (;;) {
        PyObject *element;
        memcpy(&element, at, sizeof element); /* it may lie at any address */
        TARE_VISIT(element);
        int i = array->dimension_count - 1;
        for (; i >= 0 && index[i] + 1 == array->shape[i]; i--) {
            at -= index[i] * array->strides[i];
            index[i] = 0;
        }
        if (i < 0)
            return 0;
        index[i]++;
        at += array->strides[i];
    }
}

static bool has_objects(const numpy_array *array)
{
    const numpy_item_type *type = (numpy_item_type *)array->item_type;
    return type != NULL && type->number == TYPE_OBJECT && array->owner == NULL &&
           array->data != NULL && array->dimension_count >= 0 &&
           array->dimension_count <= MAX_DIMENSIONS &&
           (array->dimension_count == 0 || (array->shape != NULL && array->strides != NULL));
}

static int visit_parts(const tare_kind *kind, PyObject *object, visitproc visitor, void *context)
{
    const numpy_array *array = (numpy_array *)object;
    if (kind->type->tp_flags & Py_TPFLAGS_HAVE_GC) { /* a class derived in Python */
        int stop = kind->type->tp_traverse(object, visitor, context);
        if (stop != 0)
            return stop;
    }
    TARE_VISIT(array->owner);
    return has_objects(array) ? visit_elements(array, visitor, context) : 0;
}

static int visit_references(const tare_kind *kind, PyObject *object, visitproc visitor,
                            void *context)
{
    const numpy_array *array = (numpy_array *)object;
    (void)kind;
    TARE_VISIT(array->item_type);
    TARE_VISIT(array->owner);
    return has_objects(array) ? visit_elements(array, visitor, context) : 0;
}

// clang-format off
static const tare_kind_rule rules[] = {
    {.name = "numpy.ndarray", .visit_more = visit_references, .visit_parts = visit_parts,
     .ask = true, .in_heap = true},
    {.name = "numpy.generic"},
};
// clang-format on

const tare_rule_table tare_rules_numpy = {rules, sizeof rules / sizeof *rules};
