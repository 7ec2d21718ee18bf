/* sizer.c - see sizer.h.
 *
 *     add    waiting: [object, object | those one step further, ...]
 *                              ^ with a limit it is a queue, and its length at the end of a step
 *                                is where the next one ends; without it is a stack
 *
 * Cost: a visit for each object reached, and a bit; two bits for those met again. */
#include "heap/sizer.h"

#include "heap/deep.h"

#include <structmember.h>

typedef struct sizer_object {
    PyObject_HEAD tare_addresses
                   seen;      /* objects, and blocks that several have; of deep while that is on */
    tare_addresses again;     /* objects */
    uint64_t       count;     /* of objects sized */
    uint64_t       met_count; /* how often objects were met again */
    size_t         align;     /* a power of two */
    bool           code;
    bool           is_on; /* deep is */
    tare_deep      deep;  /* knows types by addresses in itself: it stays where it is */
    tare_error     err;
    uint32_t       open_count; /* with blocks */
    uint32_t       type_count; /* of deep.kinds' types, those owned */
} sizer_object;

typedef struct sizer_walk {
    sizer_object *sizer;
    tare_deep    *deep;
    PyObject    **waiting; /* owned; nothing in it is */
    uint32_t      count, capacity;
    tare_status   status;
} sizer_walk;

static tare_addresses *seen_by(sizer_object *self)
{
    return self->is_on ? &self->deep.seen : &self->seen;
}

static void begin_walk(sizer_walk *walk, PyObject *sizer)
{
    sizer_object *self = (sizer_object *)sizer;
    *walk = (sizer_walk){.sizer = self, .deep = &self->deep};
    if (!self->is_on) {
        tare_deep_begin(&self->deep, (tare_deep_options){0}, &self->err);
        self->deep.seen = self->seen;
        self->is_on = true;
    }
    self->deep.options.code = self->code;
    self->deep.status = TARE_OK;
}

/* What is known of types is known by their addresses. */
static void keep_types(sizer_object *self)
{
    while (self->type_count < self->deep.kinds.count)
        Py_INCREF(self->deep.kinds.kinds[self->type_count++]->type);
}

static void turn_off(sizer_object *self)
{
    uint32_t count = self->type_count;
    if (!self->is_on)
        return;
    self->seen = self->deep.seen;
    self->deep.seen = (tare_addresses){.alloc = self->seen.alloc};
    self->is_on = false;
    self->type_count = 0;
    tare_kinds kinds = self->deep.kinds;
    self->deep.kinds = (tare_kinds){.alloc = kinds.alloc};
    tare_deep_end(&self->deep);
    for (uint32_t i = 0; i < count; i++) /* may run code, which may use the sizer */
        Py_DECREF(kinds.kinds[i]->type);
    tare_kinds_deinit(&kinds);
}

/* Raises what went wrong, and says whether something did. */
static bool end_walk(sizer_walk *walk, tare_status status)
{
    sizer_object *self = walk->sizer;
    tare_release(self->deep.seen.alloc, walk->waiting, walk->capacity, sizeof *walk->waiting);
    if (self->open_count > 0)
        keep_types(self);
    else
        turn_off(self);
    if (status != TARE_OK && !PyErr_Occurred())
        PyErr_SetString(PyExc_MemoryError, self->err.message);
    return status != TARE_OK;
}

static tare_status mark(sizer_walk *walk, PyObject *object, bool *new_out)
{
    return tare_addresses_add(&walk->deep->seen, (uintptr_t)object, new_out, &walk->sizer->err);
}

static tare_status meet_again(sizer_walk *walk, PyObject *object)
{
    bool is_new;
    walk->sizer->met_count++;
    return tare_addresses_add(&walk->sizer->again, (uintptr_t)object, &is_new, &walk->sizer->err);
}

static tare_status measure_own(sizer_walk *walk, PyObject *object, uint64_t *bytes)
{
    uint64_t before = walk->deep->size.bytes, mask = walk->sizer->align - 1;
    TARE_TRY(tare_deep_add_flat(walk->deep, object));
    *bytes += (walk->deep->size.bytes - before + mask) & ~mask;
    walk->sizer->count++;
    return TARE_OK;
}

static tare_status wait_for(sizer_walk *walk, PyObject *object)
{
    if (walk->count == walk->capacity)
        TARE_TRY(tare_grow(walk->deep->seen.alloc, (void **)&walk->waiting, &walk->capacity,
                           (size_t)walk->count + 1, sizeof *walk->waiting, &walk->sizer->err));
    walk->waiting[walk->count++] = object;
    return TARE_OK;
}

/* Whether one that refers to it has it as a part. */
static tare_status is_part(sizer_walk *walk, PyObject *object, bool *part_out)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(&walk->deep->kinds, object, &kind, &walk->sizer->err));
    *part_out = tare_deep_goes_into(walk->deep, kind, object);
    return TARE_OK;
}

/* ---- all that is reached ---- */

static tare_status take(sizer_walk *walk, PyObject *object)
{
    bool is_there = false, is_new = false;
    TARE_TRY(is_part(walk, object, &is_there));
    if (!is_there)
        return TARE_OK;
    TARE_TRY(mark(walk, object, &is_new));
    return is_new ? wait_for(walk, object) : meet_again(walk, object);
}

static int meet(PyObject *object, void *context)
{
    sizer_walk *walk = context;
    walk->status = take(walk, object);
    return walk->status != TARE_OK;
}

static tare_status go_through(sizer_walk *walk, PyObject *object, bool is_last, uint64_t *bytes)
{
    TARE_TRY(measure_own(walk, object, bytes));
    if (!is_last)
        TARE_TRY(tare_deep_each_part(walk->deep, object, meet, walk));
    return walk->status;
}

static tare_status add_all(sizer_walk *walk, PyObject *object, Py_ssize_t limit, uint64_t *bytes)
{
    bool is_new;
    TARE_TRY(mark(walk, object, &is_new));
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
    sizer_walk   walk;
    PyObject    *object;
    Py_ssize_t   limit = -1;
    uint64_t     bytes = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|n:add", names, &object, &limit))
        return NULL;
    begin_walk(&walk, self);
    if (end_walk(&walk, add_all(&walk, object, limit, &bytes)))
        return NULL;
    return PyLong_FromUnsignedLongLong(bytes);
}

static tare_status add_own(sizer_walk *walk, PyObject *object, bool *given, uint64_t *bytes)
{
    bool is_new;
    TARE_TRY(mark(walk, object, &is_new));
    *given = *given || is_new;
    return *given ? measure_own(walk, object, bytes) : meet_again(walk, object);
}

static PyObject *measure_object(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"object", "given", NULL};
    sizer_walk   walk;
    PyObject    *object;
    int          is_given = 0;
    uint64_t     bytes = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|p:own", names, &object, &is_given))
        return NULL;
    bool counts = is_given != 0;
    begin_walk(&walk, self);
    if (end_walk(&walk, add_own(&walk, object, &counts, &bytes)))
        return NULL;
    return counts ? PyLong_FromUnsignedLongLong(bytes) : Py_NewRef(Py_None);
}

static int list_part(PyObject *object, void *context)
{
    sizer_walk *walk = context;
    bool        is_there = false;
    walk->status = is_part(walk, object, &is_there);
    if (walk->status == TARE_OK && is_there)
        walk->status = wait_for(walk, object);
    return walk->status != TARE_OK;
}

/* First they are found and then the list is made: nothing may be allocated while it is visited. */
static PyObject *list_parts(PyObject *self, PyObject *object)
{
    sizer_walk walk;
    PyObject  *result = NULL;
    begin_walk(&walk, self);
    tare_status status = tare_deep_each_part(walk.deep, object, list_part, &walk);
    status = status != TARE_OK ? status : walk.status;
    for (uint32_t i = 0; i < walk.count; i++)
        Py_INCREF(walk.waiting[i]);
    if (status == TARE_OK)
        result = PyList_New((Py_ssize_t)walk.count);
    for (uint32_t i = 0; i < walk.count; i++)
        if (result != NULL)
            PyList_SET_ITEM(result, (Py_ssize_t)i, walk.waiting[i]);
        else
            Py_DECREF(walk.waiting[i]);
    end_walk(&walk, status);
    return result;
}

static PyObject *skip_object(PyObject *self, PyObject *object)
{
    tare_error err = {0};
    bool       is_new;
    if (tare_addresses_add(seen_by((sizer_object *)self), (uintptr_t)object, &is_new, &err) ==
        TARE_OK)
        return Py_NewRef(Py_None);
    PyErr_SetString(PyExc_MemoryError, err.message);
    return NULL;
}

static PyObject *enter(PyObject *self, PyObject *Py_UNUSED(none))
{
    ((sizer_object *)self)->open_count++;
    return Py_NewRef(self);
}

static PyObject *leave(PyObject *object, PyObject *const *Py_UNUSED(error),
                       Py_ssize_t Py_UNUSED(count))
{
    sizer_object *self = (sizer_object *)object;
    if (self->open_count > 0 && --self->open_count == 0)
        turn_off(self);
    Py_RETURN_NONE;
}

static PyObject *has_object(PyObject *self, PyObject *object)
{
    return PyBool_FromLong(tare_addresses_has(seen_by((sizer_object *)self), (uintptr_t)object));
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
    self->is_on = false;
    self->open_count = self->type_count = 0;
    if (align == NULL || set_align((PyObject *)self, align, NULL) == 0)
        return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

static void dealloc(PyObject *object)
{
    sizer_object *self = (sizer_object *)object;
    PyTypeObject *type = Py_TYPE(object);
    turn_off(self);
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
    {"__enter__", enter, METH_NOARGS, NULL},
    {"__exit__", TARE_METHOD(leave), METH_FASTCALL, NULL},
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

/* ---- of many, each alone ---- */

static PyObject *make_numbers(const uint64_t *numbers, Py_ssize_t count)
{
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        PyObject *number = PyLong_FromUnsignedLongLong(numbers[i]);
        if (number == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, number);
    }
    return list;
}

static tare_status measure_each(PyObject *objects, uint64_t *bytes_out, tare_error *err)
{
    tare_deep   deep;
    tare_status status = TARE_OK;
    tare_deep_begin(&deep, (tare_deep_options){0}, err);
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(objects) && status == TARE_OK; i++) {
        uint64_t before = deep.size.bytes;
        status = tare_deep_add_flat(&deep, PySequence_Fast_GET_ITEM(objects, i));
        bytes_out[i] = deep.size.bytes - before;
    }
    tare_deep_end(&deep);
    return status;
}

PyObject *tare_sizer_flats(PyObject *Py_UNUSED(module), PyObject *given)
{
    const tare_alloc *alloc = tare_alloc_system();
    tare_error        err = {0};
    void             *bytes = NULL;
    PyObject         *result = NULL, *objects = PySequence_Fast(given, "flats: not a sequence");
    if (objects == NULL)
        return NULL;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(objects);
    if (tare_acquire(alloc, &bytes, (size_t)count, sizeof(uint64_t), &err) != TARE_OK ||
        measure_each(objects, bytes, &err) != TARE_OK)
        PyErr_SetString(PyExc_MemoryError, err.message);
    else
        result = make_numbers(bytes, count);
    tare_release(alloc, bytes, (size_t)count, sizeof(uint64_t));
    Py_DECREF(objects);
    return result;
}

int tare_sizer_add_type(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    int       result = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
    Py_XDECREF(type);
    return result;
}
