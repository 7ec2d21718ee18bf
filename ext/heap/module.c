/* module.c - the extension module tare._heap: what is in memory.
 *
 *     sizeof(*objects, code=False, allocated=False)    bytes of the objects with all they hold
 *     sizes(*objects, code=False, allocated=False)     the same for each
 *     flat(object, allocated=False)                    bytes of one alone
 *     blocks(*objects, code=False)                     where these bytes are
 *     measure(*objects, code=False, allocated=False)   bytes, objects, opaque objects
 *     explain(object, depth, limit, ...)               the tree of its parts
 *     flats(objects)                                   bytes of each alone
 *     objects(), attributes(object)                    objects, for those who want them
 *     Sizer                                            sizes of one object after another
 *     Census, Snapshot   see census_type.c, snapshot_type.c */
#include "heap/holding.h"
#include "heap/measuring.h"
#include "heap/listing.h"
#include "heap/sizer.h"
#include "heap/state.h"

static tare_heap_state *get_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static int execute(PyObject *module)
{
    tare_heap_state *state = get_state(module);
    if (tare_errors_init(&state->errors) < 0 || tare_census_type_add(module, state) < 0)
        return -1;
    return tare_snapshot_type_add(module, state) < 0 ? -1 : tare_sizer_add_type(module);
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    const tare_heap_state *state = get_state(module);
    for (size_t i = 0; i < TARE_HIDDEN_TYPES; i++)
        Py_VISIT(state->types[i]);
    return tare_errors_traverse(&state->errors, visit, arg);
}

static int clear(PyObject *module)
{
    tare_heap_state *state = get_state(module);
    for (size_t i = 0; i < TARE_HIDDEN_TYPES; i++)
        Py_CLEAR(state->types[i]);
    tare_errors_clear(&state->errors);
    return 0;
}

static void free_module(void *module)
{
    clear(module);
}

enum { WITH_OPTIONS = METH_FASTCALL | METH_KEYWORDS };

static PyMethodDef functions[] = {
    {"holders", TARE_METHOD(tare_holding_holders), METH_FASTCALL,
     "holders(object, instances, limit)\n--\n\nHow an object, or all of a class, are held."},
    {"exclusive", TARE_METHOD(tare_holding_exclusive), METH_FASTCALL,
     "exclusive(*objects)\n--\n\nBytes that would go with the objects."},
    {"type_name", tare_holding_type_name, METH_O,
     "type_name(type)\n--\n\nAs censuses name it; nothing is asked of the class."},
    {"largest", tare_holding_largest, METH_O,
     "largest(limit)\n--\n\nThe objects with which most bytes would go."},
    {"sizeof", TARE_METHOD(tare_measuring_sizeof), WITH_OPTIONS,
     "sizeof(*objects, code=False, allocated=False)\n--\n\n"
     "Bytes of the objects with all they hold, each thing once."},
    {"sizes", TARE_METHOD(tare_measuring_sizes), WITH_OPTIONS,
     "sizes(*objects, code=False, allocated=False)\n--\n\n"
     "A tuple of the sizeof each; what two share counts for the first."},
    {"flat", TARE_METHOD(tare_measuring_flat), WITH_OPTIONS,
     "flat(object, allocated=False)\n--\n\nBytes of the object itself, its buffers included."},
    {"measure", TARE_METHOD(tare_measuring_measure), WITH_OPTIONS,
     "measure(*objects, code=False, allocated=False)\n--\n\n"
     "(bytes, objects, opaque objects): what sizeof counts."},
    {"blocks", TARE_METHOD(tare_measuring_blocks), WITH_OPTIONS,
     "blocks(*objects, code=False)\n--\n\n"
     "[(address, bytes), ...]: what sizeof adds up; address 0 where it is not known."},
    {"explain", TARE_METHOD(tare_measuring_explain), WITH_OPTIONS,
     "explain(object, depth, limit, code=False, allocated=False)\n--\n\n"
     "[(depth, name, type, bytes, own bytes, objects, opaque, rest), ...]: the tree of its parts."},
    {"flats", tare_sizer_flats, METH_O,
     "flats(objects)\n--\n\nBytes of each by itself, as a list; what several have counts for the "
     "first."},
    {"objects", tare_listing_objects, METH_NOARGS,
     "objects()\n--\n\nA list of all objects that are alive, each once."},
    {"attributes", tare_listing_attributes, METH_O,
     "attributes(object)\n--\n\nIts attributes, a dict: its __dict__ if it has one, else a new one "
     "that\nstays apart. None: it cannot have any."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    TARE_MODULE_SLOTS(execute),
};

PyModuleDef tare_heap_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tare._heap",
    .m_doc = "What is in the memory of this process.",
    .m_size = sizeof(tare_heap_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_module,
};

TARE_MODULE_INIT(_heap, &tare_heap_module)
