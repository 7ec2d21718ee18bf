/* allocs.c - Allocations: the tables of a profile of memory.
 *
 *     Allocations.sums                            of the whole
 *     Allocations.functions() lines() kinds()   rows of the flat tables
 *     Allocations.tree(metric, least_share, most) the call tree, pruned
 *     Allocations.pairs(metric, caller, callee)   who called whom
 *
 * The flat tables are computed when the Allocations are made; the call tree, and with it the pairs,
 * for the metric that is asked for, and kept until another one is. All numbers come from core.
 * Cost: a method is linear in the rows it returns; pairs and tree also in those they leave out. */
#include "profile/profile.h"

#include "stats/allocs.h"
#include "stats/calltree.h"

typedef struct allocs_object {
    PyObject_HEAD tare_profile_object *owner; /* owned; keeps the names alive */
    uint32_t                           label_set;
    uint32_t                           tree_metric; /* TARE_NONE: there is no tree yet */
    tare_allocs                        allocs;
    tare_calltree                      tree;
} allocs_object;

typedef PyObject *(*make_item)(allocs_object *self, uint32_t index);

static tare_profile_state *get_state(allocs_object *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

PyObject *tare_allocs_new(tare_profile_state *state, tare_profile_object *owner, uint32_t label_set)
{
    tare_error     err;
    allocs_object *self = (allocs_object *)state->allocs_type->tp_alloc(state->allocs_type, 0);
    if (self == NULL)
        return NULL;
    self->owner = (tare_profile_object *)Py_NewRef(owner);
    self->label_set = label_set;
    self->tree_metric = TARE_NONE;
    if (tare_allocs_init(&self->allocs, &owner->profile, label_set, &err) != TARE_OK) {
        Py_DECREF(self);
        return tare_raise(&state->errors, &err);
    }
    return (PyObject *)self;
}

static void dealloc(PyObject *object)
{
    allocs_object *self = (allocs_object *)object;
    PyTypeObject  *type = Py_TYPE(object);
    tare_calltree_deinit(&self->tree);
    tare_allocs_deinit(&self->allocs);
    Py_DECREF(self->owner);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyObject *make_sums(allocs_object *self, const tare_alloc_sums *sums)
{
    return tare_record(
        get_state(self), TARE_RECORD_ALLOC_SUMS, "(KKKKKKKKKKKK)",
        (unsigned long long)sums->peak_bytes, (unsigned long long)sums->peak_count,
        (unsigned long long)sums->live_bytes, (unsigned long long)sums->live_count,
        (unsigned long long)sums->alloc_bytes, (unsigned long long)sums->alloc_count,
        (unsigned long long)sums->freed_bytes, (unsigned long long)sums->freed_count,
        (unsigned long long)sums->temporary_bytes, (unsigned long long)sums->temporary_count,
        (unsigned long long)sums->sample_count, (unsigned long long)tare_allocs_error_bytes(sums));
}

static PyObject *make_id(uint32_t id)
{
    return id == TARE_NONE ? Py_NewRef(Py_None) : PyLong_FromUnsignedLong(id);
}

/* The root has no function: it is what no place is known of. */
static PyObject *make_row(allocs_object *self, const tare_alloc_row *row)
{
    const tare_profile *profile = &self->owner->profile;
    if (row->function == TARE_NONE)
        return tare_record(get_state(self), TARE_RECORD_ALLOC_ROW, "(OssIIsNN)", Py_None,
                           "(no place)", "", 0, 0, tare_kind_name(TARE_FUNCTION_SYNTHETIC),
                           make_sums(self, &row->own), make_sums(self, &row->total));
    const tare_function *function = &profile->functions[row->function];
    return tare_record(get_state(self), TARE_RECORD_ALLOC_ROW, "(INNIIsNN)", row->function,
                       tare_text_object(profile, function->qualname),
                       tare_text_object(profile, function->file), function->first_line, row->line,
                       tare_kind_name(function->kind), make_sums(self, &row->own),
                       make_sums(self, &row->total));
}

static PyObject *make_function(allocs_object *self, uint32_t index)
{
    return make_row(self, &self->allocs.functions[index]);
}

static PyObject *make_line(allocs_object *self, uint32_t index)
{
    return make_row(self, &self->allocs.lines[index]);
}

static PyObject *make_kind(allocs_object *self, uint32_t index)
{
    const tare_alloc_kind *row = &self->allocs.kinds[index];
    return tare_record(get_state(self), TARE_RECORD_ALLOC_KIND, "(INN)", row->label_set,
                       tare_labels_object(&self->owner->profile, row->label_set),
                       make_sums(self, &row->sums));
}

/* The list of make(self, 0), ... make(self, count - 1). */
static PyObject *make_list(allocs_object *self, uint32_t count, make_item make)
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
    allocs_object *self = (allocs_object *)object;
    return make_list(self, self->allocs.function_count, make_function);
}

static PyObject *list_lines(PyObject *object, PyObject *Py_UNUSED(none))
{
    allocs_object *self = (allocs_object *)object;
    return make_list(self, self->allocs.line_count, make_line);
}

static PyObject *list_kinds(PyObject *object, PyObject *Py_UNUSED(none))
{
    allocs_object *self = (allocs_object *)object;
    return make_list(self, self->allocs.kind_count, make_kind);
}

/* ---- the call tree ---- */

/* 0 when the tree is that of the metric, or -1 with an exception set. */
static int fill_tree(allocs_object *self, const char *name)
{
    const tare_profile *profile = &self->owner->profile;
    uint32_t            metric = tare_allocs_metric(profile, name);
    tare_error          err;
    if (metric == TARE_NONE) {
        tare_fail(&err, TARE_NOT_FOUND, "find metric %.100s: this profile has no such metric",
                  name);
        tare_raise(&get_state(self)->errors, &err);
        return -1;
    }
    if (metric == self->tree_metric)
        return 0;
    tare_calltree_deinit(&self->tree);
    self->tree_metric = TARE_NONE;
    if (tare_calltree_init_metric(&self->tree, profile, metric, self->label_set, &err) != TARE_OK) {
        tare_raise(&get_state(self)->errors, &err);
        return -1;
    }
    self->tree_metric = metric;
    return 0;
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

/* Of all rows that nothing called. */
static uint64_t sum_tree(const tare_calltree *tree)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < tree->row_count; i++)
        sum += tree->rows[i].depth == 0 ? tree->rows[i].total_ns : 0;
    return sum;
}

static PyObject *make_tree_row(allocs_object *self, uint32_t index, uint64_t whole)
{
    const tare_profile  *profile = &self->owner->profile;
    const tare_call_row *row = &self->tree.rows[index];
    const tare_function *function = &profile->functions[row->function];
    double               share = whole > 0 ? (double)row->total_ns / (double)whole : 0;
    return tare_record(get_state(self), TARE_RECORD_ALLOC_TREE_ROW, "(IINNIsKKd)", row->depth,
                       row->function, tare_text_object(profile, function->qualname),
                       tare_text_object(profile, function->file), function->first_line,
                       tare_kind_name(function->kind), (unsigned long long)row->self_ns,
                       (unsigned long long)row->total_ns, share);
}

static PyObject *list_picks(allocs_object *self, const tare_tree_picks *picks, uint64_t whole)
{
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    for (uint32_t i = 0; i < picks->count; i++) {
        if (tare_list_take(list, make_tree_row(self, picks->items[i].row, whole)) < 0)
            goto fail;
    }
    return Py_BuildValue("(NI)", list, picks->fit_count);
fail:
    Py_DECREF(list);
    return NULL;
}

static PyObject *prune_tree(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char    *names[] = {"metric", "least_share", "most", NULL};
    allocs_object  *self = (allocs_object *)object;
    const char     *metric;
    double          least_share = 0;
    PyObject       *given_most = Py_None;
    uint32_t        most;
    tare_tree_picks picks;
    tare_error      err;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "s|dO:tree", names, &metric, &least_share,
                                     &given_most) ||
        parse_id(given_most, &most) < 0 || fill_tree(self, metric) < 0)
        return NULL;
    if (!(least_share >= 0 && least_share <= 1))
        return PyErr_Format(PyExc_ValueError, "least_share is not between 0 and 1");
    uint64_t whole = sum_tree(&self->tree);
    uint64_t least = (uint64_t)(least_share * (double)whole);
    if (tare_calltree_pick(&picks, &self->tree, least, most, &err) != TARE_OK)
        return tare_raise(&get_state(self)->errors, &err);
    PyObject *result = list_picks(self, &picks, whole);
    tare_tree_picks_deinit(&picks);
    return result;
}

static PyObject *make_pair(allocs_object *self, const tare_edge *edge)
{
    return tare_record(get_state(self), TARE_RECORD_ALLOC_PAIR, "(NIK)", make_id(edge->caller),
                       edge->callee, (unsigned long long)edge->total_ns);
}

static PyObject *list_pairs(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char   *names[] = {"metric", "caller", "callee", NULL};
    allocs_object *self = (allocs_object *)object;
    const char    *metric;
    PyObject      *given_caller = Py_None, *given_callee = Py_None;
    uint32_t       caller, callee;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "s|OO:pairs", names, &metric,
                                     &given_caller, &given_callee) ||
        parse_id(given_caller, &caller) < 0 || parse_id(given_callee, &callee) < 0 ||
        fill_tree(self, metric) < 0)
        return NULL;
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    for (uint32_t index = 0; index < self->tree.edge_count; index++) {
        const tare_edge *edge = &self->tree.edges[index];
        if ((caller != TARE_NONE && caller != edge->caller) ||
            (callee != TARE_NONE && callee != edge->callee))
            continue;
        if (tare_list_take(list, make_pair(self, edge)) < 0)
            goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

static PyObject *get_sums(PyObject *object, void *Py_UNUSED(closure))
{
    allocs_object *self = (allocs_object *)object;
    return make_sums(self, &self->allocs.all);
}

static PyGetSetDef attributes[] = {
    {"sums", get_sums, NULL, "Of the whole: AllocSums.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"functions", list_functions, METH_NOARGS,
     "functions()\n--\n\nFunctions by what they held at the peak, falling: list of AllocRow."},
    {"lines", list_lines, METH_NOARGS,
     "lines()\n--\n\nLines by what they held at the peak, falling: list of AllocRow."},
    {"kinds", list_kinds, METH_NOARGS,
     "kinds()\n--\n\nWhat each kind of memory has, likewise: list of AllocKind."},
    {"tree", TARE_METHOD(prune_tree), METH_VARARGS | METH_KEYWORDS,
     "tree(metric, least_share=0.0, most=None)\n--\n\nThe call tree of a metric in pre-order, and "
     "how many rows fit.\n\nRows, a list of AllocTreeRow, have at least that share of the whole; "
     "when more fit than most,\nthe largest are there."},
    {"pairs", TARE_METHOD(list_pairs), METH_VARARGS | METH_KEYWORDS,
     "pairs(metric, caller=None, callee=None)\n--\n\nWho called whom, by that metric, falling: "
     "list of AllocPair.\n\nOf one caller or of one callee when its id is given."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The tables of a profile of memory."},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_getset, attributes},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec tare_allocs_spec = {
    .name = "tare._profile.Allocations",
    .basicsize = sizeof(allocs_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
