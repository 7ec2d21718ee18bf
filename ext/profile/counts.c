/* counts.c - Calls: the tables of a trace, with every call counted.
 *
 *     Calls.sums                               of all functions
 *     Calls.functions() pairs() threads()      rows of the flat tables
 *     Calls.tree(least_share, most)            the call tree, pruned
 *
 * The flat tables are computed when the Calls are made, the call tree when it is first asked
 * for. All numbers come from core; here they only change their type.
 * Cost: a method is linear in the rows it returns; pairs and tree also in those they leave out. */
#include "profile/profile.h"

#include "stats/counts.h"
#include "stats/calltree.h"

typedef struct counts_object {
    PyObject_HEAD tare_profile_object *owner; /* owned; keeps the names alive */
    uint32_t                           thread;
    tare_counts                        calls;
    tare_calltree                      tree;
    bool                               has_tree;
} counts_object;

static tare_profile_state *get_state(counts_object *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

PyObject *tare_counts_new(tare_profile_state *state, tare_profile_object *owner, uint32_t thread)
{
    tare_error     err;
    counts_object *self = (counts_object *)state->counts_type->tp_alloc(state->counts_type, 0);
    if (self == NULL)
        return NULL;
    self->owner = (tare_profile_object *)Py_NewRef(owner);
    self->thread = thread;
    if (tare_counts_init(&self->calls, &owner->profile, thread, &err) != TARE_OK) {
        Py_DECREF(self);
        return tare_raise(&state->errors, &err);
    }
    return (PyObject *)self;
}

static void dealloc(PyObject *object)
{
    counts_object *self = (counts_object *)object;
    PyTypeObject  *type = Py_TYPE(object);
    tare_calltree_deinit(&self->tree);
    tare_counts_deinit(&self->calls);
    Py_DECREF(self->owner);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyObject *make_sums(counts_object *self, const tare_count_sums *sums)
{
    return tare_record(get_state(self), TARE_RECORD_CALL_SUMS, "(KKKKKKKKK)",
                       (unsigned long long)sums->calls, (unsigned long long)sums->primitive_calls,
                       (unsigned long long)sums->self_ns, (unsigned long long)sums->total_ns,
                       (unsigned long long)sums->resumes, (unsigned long long)sums->suspended_ns,
                       (unsigned long long)sums->raw_ns, (unsigned long long)sums->cpu_ns,
                       (unsigned long long)sums->error_ns);
}

/* (shortest, longest) that a duration with so many digits can be. */
static PyObject *make_range(uint32_t bits)
{
    return Py_BuildValue("(KK)", (unsigned long long)tare_duration_low_ns(bits),
                         (unsigned long long)tare_duration_high_ns(bits));
}

static PyObject *make_durations(counts_object *self, const tare_counted *row)
{
    if (row->duration_count == 0)
        return Py_NewRef(Py_None);
    const uint8_t *bits = row->duration_bits;
    return tare_record(get_state(self), TARE_RECORD_DURATIONS, "(KNNNN)",
                       (unsigned long long)row->duration_count,
                       make_range(bits[TARE_QUANTILE_MEDIAN]), make_range(bits[TARE_QUANTILE_90]),
                       make_range(bits[TARE_QUANTILE_99]), make_range(bits[TARE_QUANTILE_MAX]));
}

static PyObject *make_function(counts_object *self, uint32_t index)
{
    const tare_profile  *profile = &self->owner->profile;
    const tare_counted  *row = &self->calls.functions[index];
    const tare_function *function = &profile->functions[row->function];
    return tare_record(get_state(self), TARE_RECORD_CALLED, "(INNIsNN)", row->function,
                       tare_text_object(profile, function->qualname),
                       tare_text_object(profile, function->file), function->first_line,
                       tare_kind_name(function->kind), make_sums(self, &row->sums),
                       make_durations(self, row));
}

static PyObject *make_pair(counts_object *self, uint32_t index)
{
    const tare_count_pair *pair = &self->calls.pairs[index];
    PyObject              *caller = Py_None;
    if (pair->caller == TARE_NONE)
        Py_INCREF(caller);
    else
        caller = PyLong_FromUnsignedLong(pair->caller);
    return tare_record(get_state(self), TARE_RECORD_CALL_PAIR, "(NIN)", caller, pair->callee,
                       make_sums(self, &pair->sums));
}

static PyObject *make_thread(counts_object *self, uint32_t index)
{
    const tare_count_thread *row = &self->calls.threads[index];
    return tare_record(get_state(self), TARE_RECORD_CALL_THREAD, "(INN)", row->label_set,
                       tare_labels_object(&self->owner->profile, row->label_set),
                       make_sums(self, &row->sums));
}

static double find_share(const counts_object *self, uint64_t ns)
{
    uint64_t whole_ns = self->calls.all.self_ns;
    return whole_ns == 0 ? 0 : (double)ns / (double)whole_ns;
}

static PyObject *make_tree_row(counts_object *self, uint32_t index)
{
    const tare_profile  *profile = &self->owner->profile;
    const tare_call_row *row = &self->tree.rows[index];
    const tare_function *function = &profile->functions[row->function];
    return tare_record(get_state(self), TARE_RECORD_CALL_ROW, "(IINNIsKKKd)", row->depth,
                       row->function, tare_text_object(profile, function->qualname),
                       tare_text_object(profile, function->file), function->first_line,
                       tare_kind_name(function->kind), (unsigned long long)row->calls,
                       (unsigned long long)row->self_ns, (unsigned long long)row->total_ns,
                       find_share(self, row->total_ns));
}

/* The list of make(self, 0), ... make(self, count - 1). */
static PyObject *make_list(counts_object *self, uint32_t count,
                           PyObject *(*make)(counts_object *self, uint32_t index))
{
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    for (uint32_t index = 0; index < count; index++) {
        if (tare_list_take(list, make(self, index)) < 0)
            goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

static PyObject *list_functions(PyObject *object, PyObject *Py_UNUSED(none))
{
    counts_object *self = (counts_object *)object;
    return make_list(self, self->calls.function_count, make_function);
}

static PyObject *list_threads(PyObject *object, PyObject *Py_UNUSED(none))
{
    counts_object *self = (counts_object *)object;
    return make_list(self, self->calls.thread_count, make_thread);
}

/* 0 with *id_out the number, or TARE_NONE for None; else -1. */
static int parse_id(PyObject *given, uint32_t *id_out)
{
    *id_out = TARE_NONE;
    if (given == Py_None)
        return 0;
    unsigned long number = PyLong_AsUnsignedLong(given);
    if (PyErr_Occurred())
        return -1;
    *id_out = number < TARE_NONE ? (uint32_t)number : TARE_NONE - 1;
    return 0;
}

static PyObject *list_pairs(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char   *names[] = {"caller", "callee", NULL};
    counts_object *self = (counts_object *)object;
    PyObject      *given_caller = Py_None, *given_callee = Py_None;
    uint32_t       caller, callee;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|OO:pairs", names, &given_caller,
                                     &given_callee) ||
        parse_id(given_caller, &caller) < 0 || parse_id(given_callee, &callee) < 0)
        return NULL;
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    for (uint32_t index = 0; index < self->calls.pair_count; index++) {
        const tare_count_pair *pair = &self->calls.pairs[index];
        if ((caller != TARE_NONE && caller != pair->caller) ||
            (callee != TARE_NONE && callee != pair->callee))
            continue;
        if (tare_list_take(list, make_pair(self, index)) < 0)
            goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

/* 0 when the call tree is there, or -1 with an exception set. */
static int fill_tree(counts_object *self)
{
    tare_error err;
    if (!self->has_tree &&
        tare_calltree_init(&self->tree, &self->owner->profile, self->thread, &err) != TARE_OK) {
        tare_raise(&get_state(self)->errors, &err);
        return -1;
    }
    self->has_tree = true;
    return 0;
}

static PyObject *list_picks(counts_object *self, const tare_tree_picks *picks)
{
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    for (uint32_t i = 0; i < picks->count; i++) {
        if (tare_list_take(list, make_tree_row(self, picks->items[i].row)) < 0)
            goto fail;
    }
    return Py_BuildValue("(NI)", list, picks->fit_count);
fail:
    Py_DECREF(list);
    return NULL;
}

static PyObject *prune_tree(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char    *names[] = {"least_share", "most", NULL};
    counts_object  *self = (counts_object *)object;
    double          least_share = 0;
    PyObject       *given_most = Py_None;
    uint32_t        most;
    tare_tree_picks picks;
    tare_error      err;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|dO:tree", names, &least_share,
                                     &given_most) ||
        parse_id(given_most, &most) < 0 || fill_tree(self) < 0)
        return NULL;
    if (!(least_share >= 0 && least_share <= 1))
        return PyErr_Format(PyExc_ValueError, "least_share is not between 0 and 1");
    uint64_t least_ns = (uint64_t)(least_share * (double)self->calls.all.self_ns);
    if (tare_calltree_pick(&picks, &self->tree, least_ns, most, &err) != TARE_OK)
        return tare_raise(&get_state(self)->errors, &err);
    PyObject *result = list_picks(self, &picks);
    tare_tree_picks_deinit(&picks);
    return result;
}

static PyObject *get_sums(PyObject *object, void *Py_UNUSED(closure))
{
    counts_object *self = (counts_object *)object;
    return make_sums(self, &self->calls.all);
}

static PyGetSetDef attributes[] = {
    {"sums", get_sums, NULL, "Of all functions: CallSums; total_ns == self_ns.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"functions", list_functions, METH_NOARGS,
     "functions()\n--\n\nFunctions by own time, falling: list of Called."},
    {"pairs", TARE_METHOD(list_pairs), METH_VARARGS | METH_KEYWORDS,
     "pairs(caller=None, callee=None)\n--\n\nWho called whom, by time, falling: list of "
     "CallPair.\n\nOf one caller or of one callee when its id is given."},
    {"threads", list_threads, METH_NOARGS,
     "threads()\n--\n\nWhat each thread called, by own time, falling: list of CallThread."},
    {"tree", TARE_METHOD(prune_tree), METH_VARARGS | METH_KEYWORDS,
     "tree(least_share=0.0, most=None)\n--\n\nThe call tree in pre-order, and how many rows fit."
     "\n\nRows, a list of CallRow, have at least that share of all time; when more fit than most, "
     "the\nhottest are there."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The tables of a trace, with every call counted."},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_getset, attributes},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec tare_counts_spec = {
    .name = "tare._profile.Calls",
    .basicsize = sizeof(counts_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
