/* summary.c - Summary: the tables of one profile, as people read them.
 *
 *     Summary.wall_ns, cpu_ns, active_ns, effective_count, states, shortage
 *     Summary.functions(limit) lines(limit)         rows of the flat tables
 *     Summary.tree(least_share) edges()             who calls whom
 *     Summary.judge(target_ns)                      "do I have a case?"
 *     Summary.share(ns)                             a part of the run, with its interval
 *
 * The flat tables are computed when the Summary is made, the call tree when it is
 * first asked for. All numbers come from core; here they only change their type.
 * Cost: a method is linear in the rows it returns. */
#include "profile/profile.h"

#include "stats/calltree.h"
#include "stats/shortage.h"

typedef struct summary_object {
    PyObject_HEAD tare_profile_object *owner; /* owned; keeps the names alive */
    uint32_t                           thread;
    tare_summary                       summary;
    tare_calltree                      calls;
    bool                               has_calls;
} summary_object;

static tare_profile_state *get_state(summary_object *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

PyObject *tare_summary_new(tare_profile_state *state, tare_profile_object *owner, uint32_t thread)
{
    tare_error      err;
    summary_object *self = (summary_object *)state->summary_type->tp_alloc(state->summary_type, 0);
    if (self == NULL)
        return NULL;
    self->owner = (tare_profile_object *)Py_NewRef(owner);
    self->thread = thread;
    if (tare_summary_init(&self->summary, &owner->profile, thread, &err) != TARE_OK) {
        Py_DECREF(self);
        return tare_raise(&state->errors, &err);
    }
    return (PyObject *)self;
}

static void dealloc(PyObject *object)
{
    summary_object *self = (summary_object *)object;
    PyTypeObject   *type = Py_TYPE(object);
    tare_calltree_deinit(&self->calls);
    tare_summary_deinit(&self->summary, self->owner->profile.alloc);
    Py_DECREF(self->owner);
    type->tp_free(object);
    Py_DECREF(type);
}

/* The call tree, made on first use; NULL with an exception set. */
static const tare_calltree *get_calls(summary_object *self)
{
    tare_error err;
    if (!self->has_calls &&
        tare_calltree_init(&self->calls, &self->owner->profile, self->thread, &err) != TARE_OK) {
        tare_raise(&get_state(self)->errors, &err);
        return NULL;
    }
    self->has_calls = true;
    return &self->calls;
}

static tare_estimate find_share(const summary_object *self, uint64_t ns)
{
    return tare_summary_share(&self->summary, ns);
}

static PyObject *make_row(summary_object *self, const tare_row *row, uint32_t function_id,
                          uint32_t line)
{
    const tare_profile_state *state = get_state(self);
    const tare_profile       *profile = &self->owner->profile;
    const tare_function      *function = &profile->functions[function_id];
    return tare_record(
        state, TARE_RECORD_ROW, "(INNIIsKKKKKKKKNNNN)", row->id,
        tare_text_object(profile, function->qualname), tare_text_object(profile, function->file),
        function->first_line, line, tare_kind_name(function->kind),
        (unsigned long long)row->self_ns, (unsigned long long)row->total_ns,
        (unsigned long long)row->self_native_ns, (unsigned long long)row->self_wait_ns,
        (unsigned long long)row->unproven_ns, (unsigned long long)row->program_ns,
        (unsigned long long)row->program_self_ns, (unsigned long long)row->program_self_wait_ns,
        tare_record_estimate(state, row->self_share), tare_record_estimate(state, row->total_share),
        tare_record_estimate(state, row->program_share),
        tare_record_estimate(state, row->gain_ratio));
}

static PyObject *make_function_row(summary_object *self, uint32_t index)
{
    const tare_row *row = &self->summary.functions[index];
    return make_row(self, row, row->id, 0);
}

static PyObject *make_line_row(summary_object *self, uint32_t index)
{
    const tare_row   *row = &self->summary.lines[index];
    const tare_frame *frame = &self->owner->profile.frames[row->id];
    return make_row(self, row, frame->function, frame->line);
}

static PyObject *make_edge(summary_object *self, uint32_t index)
{
    const tare_edge *edge = &self->calls.edges[index];
    PyObject        *caller = edge->caller == TARE_NONE ? Py_NewRef(Py_None)
                                                        : PyLong_FromUnsignedLong(edge->caller);
    return tare_record(get_state(self), TARE_RECORD_EDGE, "(NIKN)", caller, edge->callee,
                       (unsigned long long)edge->total_ns,
                       tare_record_estimate(get_state(self), find_share(self, edge->total_ns)));
}

static PyObject *make_tree_row(summary_object *self, uint32_t index)
{
    const tare_profile  *profile = &self->owner->profile;
    const tare_call_row *row = &self->calls.rows[index];
    const tare_function *function = &profile->functions[row->function];
    return tare_record(get_state(self), TARE_RECORD_TREE_ROW, "(IINNIKKN)", row->depth,
                       row->function, tare_text_object(profile, function->qualname),
                       tare_text_object(profile, function->file), function->first_line,
                       (unsigned long long)row->self_ns, (unsigned long long)row->total_ns,
                       tare_record_estimate(get_state(self), find_share(self, row->total_ns)));
}

static PyObject *make_state_row(summary_object *self, uint32_t index)
{
    const tare_state_row *row = &self->summary.states[index];
    return tare_record(get_state(self), TARE_RECORD_STATE, "(sssKN)", row->metric->name,
                       row->metric->words, tare_metric_role_name(row->metric->role),
                       (unsigned long long)row->ns,
                       tare_record_estimate(get_state(self), row->share));
}

/* The list of make(self, 0), ... make(self, count - 1). */
static PyObject *make_list(summary_object *self, uint32_t count,
                           PyObject *(*make)(summary_object *self, uint32_t index))
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

/* 0 with *count lowered to the argument limit, which may be absent or None; else -1. */
static int parse_limit(PyObject *arguments, PyObject *keywords, uint32_t *count)
{
    static char *names[] = {"limit", NULL};
    PyObject    *limit = Py_None;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|O", names, &limit))
        return -1;
    if (limit == Py_None)
        return 0;
    unsigned long number = PyLong_AsUnsignedLong(limit);
    if (PyErr_Occurred())
        return -1;
    if (number < *count)
        *count = (uint32_t)number;
    return 0;
}

static PyObject *list_functions(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    uint32_t count = ((summary_object *)self)->summary.function_count;
    if (parse_limit(arguments, keywords, &count) < 0)
        return NULL;
    return make_list((summary_object *)self, count, make_function_row);
}

static PyObject *list_lines(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    uint32_t count = ((summary_object *)self)->summary.line_count;
    if (parse_limit(arguments, keywords, &count) < 0)
        return NULL;
    return make_list((summary_object *)self, count, make_line_row);
}

static PyObject *list_edges(PyObject *self, PyObject *Py_UNUSED(none))
{
    const tare_calltree *calls = get_calls((summary_object *)self);
    return calls == NULL ? NULL : make_list((summary_object *)self, calls->edge_count, make_edge);
}

/* A row is at most as long as its parent, so whole subtrees are left out. */
static PyObject *list_tree(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char    *names[] = {"least_share", NULL};
    summary_object *self = (summary_object *)object;
    double          least_share = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|d:tree", names, &least_share))
        return NULL;
    const tare_calltree *calls = get_calls(self);
    PyObject            *list = calls == NULL ? NULL : PyList_New(0);
    if (list == NULL)
        return NULL;
    for (uint32_t index = 0; index < calls->row_count; index++) {
        if (find_share(self, calls->rows[index].total_ns).value < least_share)
            continue;
        if (tare_list_take(list, make_tree_row(self, index)) < 0)
            goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

/* The tuple of the functions that would do. */
static PyObject *make_ids(const tare_verdict *verdict)
{
    PyObject *ids = PyTuple_New(verdict->function_count);
    for (uint32_t i = 0; ids != NULL && i < verdict->function_count; i++) {
        PyObject *id = PyLong_FromUnsignedLong(verdict->functions[i]);
        if (id == NULL)
            Py_CLEAR(ids);
        else
            PyTuple_SET_ITEM(ids, i, id);
    }
    return ids;
}

static PyObject *share(PyObject *object, PyObject *argument)
{
    summary_object    *self = (summary_object *)object;
    unsigned long long ns = PyLong_AsUnsignedLongLong(argument);
    if (PyErr_Occurred())
        return NULL;
    return tare_record_estimate(get_state(self), tare_summary_share(&self->summary, ns));
}

static PyObject *judge(PyObject *self, PyObject *argument)
{
    static const char *const names[] = {
        [TARE_CASE_FAST_ENOUGH] = "fast_enough",
        [TARE_CASE_REACHABLE] = "reachable",
        [TARE_CASE_WAITING] = "waiting",
        [TARE_CASE_UNLIKELY] = "unlikely",
    };
    unsigned long long target_ns = PyLong_AsUnsignedLongLong(argument);
    if (PyErr_Occurred())
        return NULL;
    tare_verdict verdict = tare_summary_judge(&((summary_object *)self)->summary, target_ns);
    return tare_record(
        get_state((summary_object *)self), TARE_RECORD_VERDICT, "(sKKKdN)", names[verdict.verdict],
        (unsigned long long)verdict.target_ns, (unsigned long long)verdict.excess_ns,
        (unsigned long long)verdict.waiting_ns, verdict.needed_ratio, make_ids(&verdict));
}

static PyObject *get_wall(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLongLong(((summary_object *)self)->summary.wall_ns);
}

static PyObject *get_cpu(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLongLong(((summary_object *)self)->summary.cpu_ns);
}

static PyObject *get_active(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLongLong(((summary_object *)self)->summary.active_ns);
}

static PyObject *get_effective_count(PyObject *self, void *Py_UNUSED(closure))
{
    return PyFloat_FromDouble(((summary_object *)self)->summary.effective_count);
}

static PyObject *get_states(PyObject *object, void *Py_UNUSED(closure))
{
    summary_object *self = (summary_object *)object;
    return make_list(self, self->summary.state_count, make_state_row);
}

static PyObject *get_shortage(PyObject *object, void *Py_UNUSED(closure))
{
    summary_object           *self = (summary_object *)object;
    const tare_profile_state *state = get_state(self);
    tare_shortage             found = tare_shortage_find(&self->summary, &self->owner->profile);
    return tare_record(state, TARE_RECORD_SHORTAGE, "(NNNNNNKKKKK)", PyBool_FromLong(found.paging),
                       PyBool_FromLong(found.collecting), PyBool_FromLong(found.full),
                       PyBool_FromLong(found.growing),
                       tare_record_estimate(state, found.paging_share),
                       tare_record_estimate(state, found.collecting_share),
                       (unsigned long long)found.swapped_bytes,
                       (unsigned long long)found.peak_bytes, (unsigned long long)found.limit_bytes,
                       (unsigned long long)found.from_bytes, (unsigned long long)found.to_bytes);
}

static PyGetSetDef attributes[] = {
    {"wall_ns", get_wall, NULL, "Wall time of the run.", NULL},
    {"cpu_ns", get_cpu, NULL, "CPU time of all processes, by the system's own account.", NULL},
    {"active_ns", get_active, NULL, "Sum of all self_ns.", NULL},
    {"effective_count", get_effective_count, NULL, "Of ticks: what the intervals rest on.", NULL},
    {"shortage", get_shortage, NULL, "Is memory what makes it slow? A Shortage.", NULL},
    {"states", get_states, NULL, "The program's states, most time first: list of State.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"functions", TARE_METHOD(list_functions), METH_VARARGS | METH_KEYWORDS,
     "functions(limit=None)\n--\n\nFunctions by own time, falling: list of Row."},
    {"lines", TARE_METHOD(list_lines), METH_VARARGS | METH_KEYWORDS,
     "lines(limit=None)\n--\n\nLines by own time, falling: list of Row."},
    {"edges", list_edges, METH_NOARGS,
     "edges()\n--\n\nCalls between functions by time, falling: list of Edge."},
    {"tree", TARE_METHOD(list_tree), METH_VARARGS | METH_KEYWORDS,
     "tree(least_share=0.0)\n--\n\nThe call tree in pre-order: list of TreeRow.\n\nLeaves out "
     "what has less than that share of the wall time."},
    {"share", share, METH_O, "share(ns, /)\n--\n\nHow large a part of the run that is: Estimate."},
    {"judge", judge, METH_O,
     "judge(target_ns, /)\n--\n\nCan the program take no longer than that? A Verdict."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The tables of a Profile, as people read them."},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_getset, attributes},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec tare_summary_spec = {
    .name = "tare._profile.Summary",
    .basicsize = sizeof(summary_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
