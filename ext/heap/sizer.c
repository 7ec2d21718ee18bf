/* sizer.c - see sizer.h.
 *
 *     add    waiting: [object, object | those one step further, ...]
 *                              ^ with a limit it is a queue, and its length at the end of a step
 *                                is where the next one ends; without it is a stack
 *
 * Cost: a visit for each object reached, and a bit; two bits for those met again. */
#include "heap/sizer.h"

#include "heap/kinds.h"

#include "heap/addresses.h"

#include <structmember.h>

typedef struct sizer_object {
    PyObject_HEAD
    tare_addresses seen;  /* objects, and blocks that several have */
    tare_addresses again; /* objects */
    uint64_t       count;     /* of objects sized */
    uint64_t       met_count; /* how often objects were met again */
    size_t         align; /* a power of two */
    bool           code;
} sizer_object;

typedef struct sizer_walk {
    sizer_object *sizer;
    tare_kinds    kinds;
    PyObject    **waiting; /* owned; nothing in it is */
    uint32_t      count, capacity;
    uint64_t      bytes; /* of the object at hand */
    tare_status   status;
    tare_error    err;
} sizer_walk;

static sizer_walk begin_walk(sizer_object *sizer)
{
    return (sizer_walk){.sizer = sizer, .kinds.alloc = sizer->seen.alloc};
}

/* Raises what went wrong, and says whether something did. */
static bool end_walk(sizer_walk *walk, tare_status status)
{
    tare_release(walk->sizer->seen.alloc, walk->waiting, walk->capacity, sizeof *walk->waiting);
    tare_kinds_deinit(&walk->kinds);
    if (status != TARE_OK && !PyErr_Occurred())
        PyErr_SetString(PyExc_MemoryError, walk->err.message);
    return status != TARE_OK;
}

/* ---- one object ---- */

static void count_block(void *context, const tare_heap_block *block)
{
    sizer_walk *walk = context;
    bool        is_new = true;
    if (block->shared && walk->status == TARE_OK)
        walk->status = tare_addresses_add(&walk->sizer->seen, block->address, &is_new, &walk->err);
    walk->bytes += is_new ? block->bytes : 0;
}

static tare_status measure_own(sizer_walk *walk, PyObject *object, const tare_kind **kind_out)
{
    size_t mask = walk->sizer->align - 1;
    walk->bytes = 0;
    TARE_TRY(tare_kinds_of(&walk->kinds, object, kind_out, &walk->err));
    (*kind_out)->measure(*kind_out, object, count_block, walk);
    TARE_TRY(walk->status);
    walk->bytes = (walk->bytes + mask) & ~mask;
    walk->sizer->count++;
    return TARE_OK;
}

/* Whether one that refers to it has it as a part. */
static bool is_part(const sizer_walk *walk, PyObject *object)
{
    if (object == NULL || PyType_Check(object) || PyModule_Check(object))
        return false;
    return walk->sizer->code || !PyCode_Check(object);
}

static tare_status meet_again(sizer_walk *walk, PyObject *object)
{
    bool is_new;
    walk->sizer->met_count++;
    return tare_addresses_add(&walk->sizer->again, (uintptr_t)object, &is_new, &walk->err);
}

static tare_status wait_for(sizer_walk *walk, PyObject *object)
{
    TARE_TRY(tare_grow(walk->sizer->seen.alloc, (void **)&walk->waiting, &walk->capacity,
                       (size_t)walk->count + 1, sizeof *walk->waiting, &walk->err));
    walk->waiting[walk->count++] = object;
    return TARE_OK;
}

/* ---- all that is reached ---- */

static int meet(PyObject *object, void *context)
{
    sizer_walk *walk = context;
    bool        is_new = false;
    if (!is_part(walk, object))
        return 0;
    walk->status = tare_addresses_add(&walk->sizer->seen, (uintptr_t)object, &is_new, &walk->err);
    if (walk->status == TARE_OK)
        walk->status = is_new ? wait_for(walk, object) : meet_again(walk, object);
    return walk->status != TARE_OK;
}

static tare_status go_through(sizer_walk *walk, PyObject *object, bool is_last, uint64_t *bytes)
{
    const tare_kind *kind;
    TARE_TRY(measure_own(walk, object, &kind));
    *bytes += walk->bytes;
    if (kind->visit != NULL && !is_last)
        kind->visit(kind, object, meet, walk);
    return walk->status;
}

static tare_status add_all(sizer_walk *walk, PyObject *object, Py_ssize_t limit, uint64_t *bytes)
{
    TARE_TRY(wait_for(walk, object));
    if (limit < 0) {
        while (walk->count > 0)
            TARE_TRY(go_through(walk, walk->waiting[--walk->count], false, bytes));
        return TARE_OK;
    }
    uint32_t at = 0;
    for (Py_ssize_t step = 0; at < walk->count; step++)
        for (uint32_t end = walk->count; at < end; at++)
            TARE_TRY(go_through(walk, walk->waiting[at], step == limit, bytes));
    return TARE_OK;
}

/* ---- what Python calls ---- */

static PyObject *add_object(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"object", "limit", NULL};
    sizer_walk   walk = begin_walk((sizer_object *)self);
    PyObject    *object;
    Py_ssize_t   limit = -1;
    uint64_t     bytes = 0;
    bool         is_new;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|n:add", names, &object, &limit))
        return NULL;
    tare_status status =
        tare_addresses_add(&walk.sizer->seen, (uintptr_t)object, &is_new, &walk.err);
    if (status == TARE_OK)
        status = add_all(&walk, object, limit, &bytes);
    return end_walk(&walk, status) ? NULL : PyLong_FromUnsignedLongLong(bytes);
}

static PyObject *measure_object(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char     *names[] = {"object", "given", NULL};
    sizer_walk       walk = begin_walk((sizer_object *)self);
    const tare_kind *kind;
    PyObject        *object;
    int              given = 0;
    bool             is_new = false;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|p:own", names, &object, &given))
        return NULL;
    tare_status status =
        tare_addresses_add(&walk.sizer->seen, (uintptr_t)object, &is_new, &walk.err);
    is_new = is_new || given;
    if (status == TARE_OK)
        status = is_new ? measure_own(&walk, object, &kind) : meet_again(&walk, object);
    if (end_walk(&walk, status))
        return NULL;
    return is_new ? PyLong_FromUnsignedLongLong(walk.bytes) : Py_NewRef(Py_None);
}

static int list_part(PyObject *object, void *context)
{
    sizer_walk *walk = context;
    walk->status = is_part(walk, object) ? wait_for(walk, object) : TARE_OK;
    return walk->status != TARE_OK;
}

/* First they are found and then the list is made: nothing may be allocated while it is visited. */
static PyObject *list_parts(PyObject *self, PyObject *object)
{
    sizer_walk       walk = begin_walk((sizer_object *)self);
    PyObject        *result = NULL;
    const tare_kind *kind;
    tare_status      status = tare_kinds_of(&walk.kinds, object, &kind, &walk.err);
    if (status == TARE_OK && kind->visit != NULL)
        kind->visit(kind, object, list_part, &walk);
    for (uint32_t i = 0; i < walk.count; i++)
        Py_INCREF(walk.waiting[i]);
    if (status == TARE_OK && walk.status == TARE_OK)
        result = PyList_New((Py_ssize_t)walk.count);
    for (uint32_t i = 0; i < walk.count; i++)
        if (result != NULL)
            PyList_SET_ITEM(result, (Py_ssize_t)i, walk.waiting[i]);
        else
            Py_DECREF(walk.waiting[i]);
    end_walk(&walk, status != TARE_OK ? status : walk.status);
    return result;
}

static PyObject *skip_object(PyObject *self, PyObject *object)
{
    sizer_walk walk = begin_walk((sizer_object *)self);
    bool       is_new;
    return end_walk(&walk, tare_addresses_add(&walk.sizer->seen, (uintptr_t)object, &is_new,
                                              &walk.err))
               ? NULL
               : Py_NewRef(Py_None);
}

static PyObject *has_object(PyObject *self, PyObject *object)
{
    return PyBool_FromLong(tare_addresses_has(&((sizer_object *)self)->seen, (uintptr_t)object));
}

static PyObject *get_met_again(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLongLong(((sizer_object *)self)->again.count);
}

static PyObject *get_align(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSize_t(((sizer_object *)self)->align);
}

static int set_align(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    Py_ssize_t align = value == NULL ? 0 : PyNumber_AsSsize_t(value, PyExc_OverflowError);
    if (align == -1 && PyErr_Occurred())
        return -1;
    if (align < 1 || (align & (align - 1)) != 0) {
        PyErr_Format(PyExc_ValueError, "align %zd: it is a power of two", align);
        return -1;
    }
    ((sizer_object *)self)->align = (size_t)align;
    return 0;
}

static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"align", "code", NULL};
    PyObject    *align = NULL;
    int          code = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|Op:Sizer", names, &align, &code))
        return NULL;
    sizer_object *self = PyObject_New(sizer_object, type);
    if (self == NULL)
        return NULL;
    self->seen = self->again = (tare_addresses){.alloc = tare_alloc_system()};
    self->count = self->met_count = 0;
    self->align = 1;
    self->code = code != 0;
    if (align == NULL || set_align((PyObject *)self, align, NULL) == 0)
        return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

static void dealloc(PyObject *object)
{
    sizer_object *self = (sizer_object *)object;
    PyTypeObject *type = Py_TYPE(object);
    tare_addresses_deinit(&self->seen);
    tare_addresses_deinit(&self->again);
    PyObject_Free(object);
    Py_DECREF(type);
}

static PyGetSetDef attributes[] = {
    {"align", get_align, set_align, "What each object is rounded up to, a power of two.", NULL},
    {"met_again", get_met_again, NULL, "How many objects were met more than once.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef members[] = {
    {"code", T_BOOL, offsetof(sizer_object, code), 0, "Whether code objects are parts."},
    {"count", T_ULONGLONG, offsetof(sizer_object, count), READONLY, "Of objects sized."},
    {"met_count", T_ULONGLONG, offsetof(sizer_object, met_count), READONLY,
     "How often objects were met again."},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef methods[] = {
    {"add", TARE_METHOD(add_object), METH_VARARGS | METH_KEYWORDS,
     "add(object, limit=-1)\n--\n\nBytes of it, and of what it reaches that was not met before."
     "\n\nlimit: in so many steps."},
    {"own", TARE_METHOD(measure_object), METH_VARARGS | METH_KEYWORDS,
     "own(object, given=False)\n--\n\nBytes of it alone; None when it was met before, unless it "
     "is given."},
    {"parts", list_parts, METH_O, "parts(object)\n--\n\nWhat add goes to from there: a list."},
    {"skip", skip_object, METH_O, "skip(object)\n--\n\nFrom now on it is in no size."},
    {"has", has_object, METH_O, "has(object)\n--\n\nWhether it was met."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Sizer(align=1, code=False)\n--\n\nSizes of one object after another, each thing "
                "once; each is\nrounded up to align. Nothing is kept alive."},
    {Py_tp_new, (void *)make},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_getset, attributes},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tare._heap.Sizer",
    .basicsize = sizeof(sizer_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int tare_sizer_add_type(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    int       result = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
    Py_XDECREF(type);
    return result;
}
