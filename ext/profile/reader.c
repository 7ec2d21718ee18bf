/* reader.c - Profile: one loaded file, its tables as Python sees them.
 *
 *     Profile.meta, state, counts, metrics          small, as attributes
 *     Profile.label_sets() threads() series() values() stack() tree()
 *                                                   built anew on each call
 *     Profile.summary(), calls()                    the tables for people: summary.c, counts.c
 *     Profile.line_table() and so on                those of a profile of lines: lines.c
 *
 * Everything handed out is a copy, so nothing outlives the Profile by mistake. The GIL is kept
 * throughout: subtract() and join() change what the others read.
 * Cost: a method is linear in what it returns; tree() copies three arrays. */
#include "profile/profile.h"

#include "io/columns.h"
#include "io/export.h"
#include "stats/counts.h"
#include "stats/allocs.h"
#include "stats/linetable.h"
#include "stats/since.h"
#include "stats/threads.h"
#include "trace/family.h"

static tare_profile_state *get_state(PyObject *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

static const tare_profile *get_profile(PyObject *self)
{
    return &((tare_profile_object *)self)->profile;
}

PyObject *tare_text_object(const tare_profile *profile, uint32_t string_id)
{
    tare_text text = tare_profile_text(profile, string_id);
    return PyUnicode_DecodeUTF8(text.bytes, (Py_ssize_t)text.size, "surrogateescape");
}

int tare_list_take(PyObject *list, PyObject *item)
{
    if (item == NULL)
        return -1;
    int result = PyList_Append(list, item);
    Py_DECREF(item);
    return result;
}

/* Puts value, which it takes over, into dict under the text of a string id. */
static int set_by_text(PyObject *dict, const tare_profile *profile, uint32_t key_id,
                       PyObject *value)
{
    PyObject *key = tare_text_object(profile, key_id);
    int       result = key == NULL || value == NULL ? -1 : PyDict_SetItem(dict, key, value);
    Py_XDECREF(key);
    Py_XDECREF(value);
    return result;
}

PyObject *tare_labels_object(const tare_profile *profile, uint32_t label_set)
{
    PyObject *labels = PyDict_New();
    if (labels == NULL)
        return NULL;
    const tare_label_set *set = &profile->label_sets[label_set];
    for (uint32_t i = set->first; i < set->first + set->count; i++) {
        const tare_label *label = &profile->labels[i];
        if (set_by_text(labels, profile, label->key, tare_text_object(profile, label->value)) < 0)
            goto fail;
    }
    return labels;
fail:
    Py_DECREF(labels);
    return NULL;
}

static PyObject *get_meta(PyObject *self, void *Py_UNUSED(closure))
{
    const tare_profile *profile = get_profile(self);
    PyObject           *meta = PyDict_New();
    if (meta == NULL)
        return NULL;
    for (uint32_t i = 0; i < profile->meta_count; i++) {
        const tare_meta *entry = &profile->meta[i];
        if (set_by_text(meta, profile, entry->key, tare_text_object(profile, entry->value)) < 0)
            goto fail;
    }
    return meta;
fail:
    Py_DECREF(meta);
    return NULL;
}

static PyObject *get_file_state(PyObject *self, void *Py_UNUSED(closure))
{
    const tare_file_state *file = &((tare_profile_object *)self)->file;
    return tare_record(get_state(self), TARE_RECORD_FILE_STATE, "(IINKKI)", file->version,
                       file->block_count, PyBool_FromLong(file->complete),
                       (unsigned long long)file->lost_bytes, (unsigned long long)file->lost_offset,
                       file->unknown_count);
}

static PyObject *get_counts(PyObject *self, void *Py_UNUSED(closure))
{
    const tare_profile *profile = get_profile(self);
    return tare_record(get_state(self), TARE_RECORD_COUNTS, "(IIIIIIII)", profile->strings.count,
                       profile->function_count, profile->frame_count, profile->node_count,
                       profile->label_set_count, profile->metric_count, profile->value_count,
                       profile->series_count);
}

static PyObject *make_metric(PyObject *self, uint32_t id)
{
    const tare_profile     *profile = get_profile(self);
    const tare_metric      *metric = &profile->metrics[id];
    const char             *name = tare_profile_text(profile, metric->name).bytes;
    const tare_metric_info *info = tare_metric_find(name);
    return tare_record(get_state(self), TARE_RECORD_METRIC, "(NNss)",
                       tare_text_object(profile, metric->name),
                       tare_text_object(profile, metric->unit),
                       tare_metric_role_name(info != NULL ? info->role : TARE_ROLE_OTHER),
                       info != NULL ? info->words : "");
}

/* The list of make(self, 0), make(self, 1), ... make(self, count - 1). */
static PyObject *make_list(PyObject *self, uint32_t count,
                           PyObject *(*make)(PyObject *self, uint32_t id))
{
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    for (uint32_t id = 0; id < count; id++) {
        if (tare_list_take(list, make(self, id)) < 0)
            goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

static PyObject *get_metrics(PyObject *self, void *Py_UNUSED(closure))
{
    return make_list(self, get_profile(self)->metric_count, make_metric);
}

static PyObject *make_labels(PyObject *self, uint32_t id)
{
    return tare_labels_object(get_profile(self), id);
}

static PyObject *list_label_sets(PyObject *self, PyObject *Py_UNUSED(none))
{
    return make_list(self, get_profile(self)->label_set_count, make_labels);
}

static PyObject *make_series(PyObject *self, uint32_t id)
{
    const tare_profile *profile = get_profile(self);
    const tare_series  *series = &profile->series[id];
    PyObject           *times = PyList_New(0);
    PyObject           *amounts = PyList_New(0);
    if (times == NULL || amounts == NULL)
        goto fail;
    for (uint32_t i = 0; i < series->point_count; i++) {
        const tare_point *point = &series->points[i];
        if (tare_list_take(times, PyLong_FromUnsignedLongLong(point->time_ns)) < 0 ||
            tare_list_take(amounts, PyLong_FromLongLong(point->amount)) < 0)
            goto fail;
    }
    return tare_record(get_state(self), TARE_RECORD_SERIES, "(NNINN)",
                       tare_text_object(profile, series->name),
                       tare_text_object(profile, series->unit), series->label_set, times, amounts);
fail:
    Py_XDECREF(times);
    Py_XDECREF(amounts);
    return NULL;
}

static PyObject *list_series(PyObject *self, PyObject *Py_UNUSED(none))
{
    return make_list(self, get_profile(self)->series_count, make_series);
}

static PyObject *make_frame(PyObject *self, uint32_t id)
{
    const tare_profile  *profile = get_profile(self);
    const tare_frame    *frame = &profile->frames[id];
    const tare_function *function = &profile->functions[frame->function];
    return tare_record(get_state(self), TARE_RECORD_FRAME, "(NNIIs)",
                       tare_text_object(profile, function->qualname),
                       tare_text_object(profile, function->file), function->first_line, frame->line,
                       tare_kind_name(function->kind));
}

static PyObject *list_frames(PyObject *self, PyObject *Py_UNUSED(none))
{
    return make_list(self, get_profile(self)->frame_count, make_frame);
}

/* A parent's id is smaller than its child's, so the walk ends at the root. */
static PyObject *list_stack(PyObject *self, PyObject *argument)
{
    const tare_profile *profile = get_profile(self);
    unsigned long       node = PyLong_AsUnsignedLong(argument);
    if (PyErr_Occurred())
        return NULL;
    if (node >= profile->node_count)
        return PyErr_Format(PyExc_IndexError, "node %lu: the profile has %u nodes", node,
                            profile->node_count);
    PyObject *frames = PyList_New(0);
    if (frames == NULL)
        return NULL;
    for (uint32_t at = (uint32_t)node; at != 0; at = profile->nodes[at].parent) {
        if (tare_list_take(frames, make_frame(self, profile->nodes[at].frame)) < 0)
            goto fail;
    }
    return frames;
fail:
    Py_DECREF(frames);
    return NULL;
}

static PyObject *make_value(PyObject *self, uint32_t id)
{
    const tare_profile *profile = get_profile(self);
    const tare_value   *value = &profile->values[id];
    return tare_record(get_state(self), TARE_RECORD_VALUE, "(IINK)", value->node, value->label_set,
                       tare_text_object(profile, profile->metrics[value->metric].name),
                       (unsigned long long)value->amount);
}

static PyObject *list_values(PyObject *self, PyObject *Py_UNUSED(none))
{
    return make_list(self, get_profile(self)->value_count, make_value);
}

static PyObject *make_thread_states(const tare_thread_row *row)
{
    PyObject *states = PyDict_New();
    if (states == NULL)
        return NULL;
    for (uint32_t id = 0; id < TARE_METRIC_COUNT; id++) {
        if (row->state_ns[id] == 0)
            continue;
        PyObject   *amount = PyLong_FromUnsignedLongLong(row->state_ns[id]);
        const char *name = tare_metric_get((tare_metric_id)id)->name;
        int         failed = amount == NULL || PyDict_SetItemString(states, name, amount) < 0;
        Py_XDECREF(amount);
        if (failed)
            goto fail;
    }
    return states;
fail:
    Py_DECREF(states);
    return NULL;
}

static PyObject *make_thread(PyObject *self, const tare_thread_row *row)
{
    return tare_record(get_state(self), TARE_RECORD_THREAD, "(INKN)", row->label_set,
                       tare_labels_object(get_profile(self), row->label_set),
                       (unsigned long long)row->wall_ns, make_thread_states(row));
}

static PyObject *list_threads(PyObject *self, PyObject *Py_UNUSED(none))
{
    tare_error   err;
    tare_threads threads;
    if (tare_threads_init(&threads, get_profile(self), &err) != TARE_OK)
        return tare_raise(&get_state(self)->errors, &err);
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < threads.count; i++) {
        if (tare_list_take(list, make_thread(self, &threads.rows[i])) < 0)
            Py_CLEAR(list);
    }
    tare_threads_deinit(&threads);
    return list;
}

/* The metric's id, or TARE_NONE with an exception set. */
static uint32_t find_metric(PyObject *self, const char *name)
{
    const tare_profile *profile = get_profile(self);
    tare_error          err;
    for (uint32_t id = 0; id < profile->metric_count; id++) {
        if (strcmp(tare_profile_text(profile, profile->metrics[id].name).bytes, name) == 0)
            return id;
    }
    tare_fail(&err, TARE_NOT_FOUND, "find metric %.100s: this profile has no such metric", name);
    tare_raise(&get_state(self)->errors, &err);
    return TARE_NONE;
}

/* size bytes as a memoryview of the given item format; fill writes into them. */
static PyObject *make_array(size_t size, const char *format, void **storage_out)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (bytes == NULL)
        return NULL;
    *storage_out = memset(PyBytes_AS_STRING(bytes), 0, size);
    PyObject *plain = PyMemoryView_FromObject(bytes);
    PyObject *typed = plain == NULL ? NULL : PyObject_CallMethod(plain, "cast", "s", format);
    Py_XDECREF(plain);
    Py_DECREF(bytes);
    return typed;
}

static PyObject *make_tree(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char        *names[] = {"metric", NULL};
    const tare_profile *profile = get_profile(self);
    const char         *metric_name = "wall_ns";
    void               *parents = NULL, *frames = NULL, *amounts = NULL;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|s:tree", names, &metric_name))
        return NULL;
    uint32_t metric = find_metric(self, metric_name);
    if (metric == TARE_NONE)
        return NULL;
    PyObject *parent_view = make_array(profile->node_count * sizeof(uint32_t), "I", &parents);
    PyObject *frame_view = make_array(profile->node_count * sizeof(uint32_t), "I", &frames);
    PyObject *amount_view = make_array(profile->node_count * sizeof(uint64_t), "Q", &amounts);
    if (parent_view == NULL || frame_view == NULL || amount_view == NULL)
        goto fail;
    for (uint32_t node = 0; node < profile->node_count; node++) {
        ((uint32_t *)parents)[node] = profile->nodes[node].parent;
        ((uint32_t *)frames)[node] = profile->nodes[node].frame;
    }
    for (uint32_t i = 0; i < profile->value_count; i++) {
        const tare_value *value = &profile->values[i];
        if (value->metric == metric)
            ((uint64_t *)amounts)[value->node] += value->amount;
    }
    return tare_record(get_state(self), TARE_RECORD_TREE, "(NNN)", parent_view, frame_view,
                       amount_view);
fail:
    Py_XDECREF(parent_view);
    Py_XDECREF(frame_view);
    Py_XDECREF(amount_view);
    return NULL;
}

static const tare_export_format *find_format(const char *name)
{
    const tare_export_format *format = tare_export_formats();
    while (format->name != NULL && strcmp(format->name, name) != 0)
        format++;
    return format->name != NULL ? format : NULL;
}

/* The buffer's content, which is released, as bytes; or the error raised. */
static PyObject *take_bytes(PyObject *self, tare_buffer *buffer, tare_status status,
                            const tare_error *err)
{
    PyObject *bytes = status != TARE_OK ? tare_raise(&get_state(self)->errors, err)
                                        : PyBytes_FromStringAndSize((const char *)buffer->bytes,
                                                                    (Py_ssize_t)buffer->size);
    tare_buffer_deinit(buffer);
    return bytes;
}

static PyObject *export_bytes(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"format", "metric", NULL};
    const char  *format_name;
    const char  *metric_name = "wall_ns";
    tare_error   err;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "s|s:export", names, &format_name,
                                     &metric_name))
        return NULL;
    const tare_export_format *format = find_format(format_name);
    if (format == NULL) {
        tare_fail(&err, TARE_NOT_FOUND, "export to %.100s: no such format", format_name);
        return tare_raise(&get_state(self)->errors, &err);
    }
    uint32_t metric = find_metric(self, metric_name);
    if (metric == TARE_NONE)
        return NULL;
    tare_buffer buffer = {.alloc = tare_alloc_system()};
    tare_status status = format->write(get_profile(self), metric, &buffer, &err);
    return take_bytes(self, &buffer, status, &err);
}

static PyObject *make_columns(PyObject *self, PyObject *Py_UNUSED(none))
{
    const tare_profile_object *read = (tare_profile_object *)self;
    tare_columns_origin        origin = {.complete = read->file.complete,
                                         .lost_bytes = read->file.lost_bytes};
    tare_buffer                buffer = {.alloc = tare_alloc_system()};
    tare_error                 err;
    tare_status                status = tare_columns_write(&read->profile, &origin, &buffer, &err);
    return take_bytes(self, &buffer, status, &err);
}

static PyObject *subtract(PyObject *self, PyObject *earlier)
{
    tare_profile_state *state = get_state(self);
    tare_error          err;
    if (!Py_IS_TYPE(earlier, state->profile_type) || earlier == self)
        return PyErr_Format(PyExc_TypeError, "subtract needs another Profile, not %.100s",
                            Py_TYPE(earlier)->tp_name);
    tare_profile *now = &((tare_profile_object *)self)->profile;
    if (tare_profile_since(now, get_profile(earlier), &err) != TARE_OK)
        return tare_raise(&state->errors, &err);
    Py_RETURN_NONE;
}

static PyObject *join(PyObject *self, PyObject *child)
{
    tare_profile_state  *state = get_state(self);
    tare_profile_object *parent = (tare_profile_object *)self;
    tare_error           err;
    if (!Py_IS_TYPE(child, state->profile_type) || child == self)
        return PyErr_Format(PyExc_TypeError, "join needs another Profile, not %.100s",
                            Py_TYPE(child)->tp_name);
    bool cut = !((tare_profile_object *)child)->file.complete;
    if (tare_family_join(&parent->profile, get_profile(child), cut, &err) != TARE_OK)
        return tare_raise(&state->errors, &err);
    Py_RETURN_NONE;
}

static PyObject *save(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char         *names[] = {"", "overwrite", NULL};
    tare_profile_object *saved = (tare_profile_object *)self;
    PyObject            *path = NULL;
    int                  overwrite = 1;
    tare_error           err;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O&|p:save", names, PyUnicode_FSConverter,
                                     &path, &overwrite))
        return NULL;
    tare_status status = tare_file_save(&saved->profile, PyBytes_AS_STRING(path), overwrite != 0,
                                        saved->file.complete, tare_alloc_system(), &err);
    Py_DECREF(path);
    if (status != TARE_OK)
        return tare_raise(&get_state(self)->errors, &err);
    Py_RETURN_NONE;
}

typedef PyObject *(*make_tables)(tare_profile_state *state, tare_profile_object *profile,
                                 uint32_t thread);

/* The tables of the argument thread, which may be absent or None: all. */
static PyObject *make_for_thread(PyObject *self, PyObject *arguments, PyObject *keywords,
                                 make_tables make)
{
    static char *names[] = {"thread", NULL};
    PyObject    *thread = Py_None;
    uint32_t     label_set = TARE_NONE;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|O", names, &thread))
        return NULL;
    if (thread != Py_None) {
        unsigned long number = PyLong_AsUnsignedLong(thread);
        if (PyErr_Occurred())
            return NULL;
        if (number >= get_profile(self)->label_set_count)
            return PyErr_Format(PyExc_IndexError, "label set %lu: the profile has %u", number,
                                get_profile(self)->label_set_count);
        label_set = (uint32_t)number;
    }
    return make(get_state(self), (tare_profile_object *)self, label_set);
}

static PyObject *make_summary(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    return make_for_thread(self, arguments, keywords, tare_summary_new);
}

static PyObject *make_calls(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    return make_for_thread(self, arguments, keywords, tare_counts_new);
}

static PyObject *make_allocations(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    return make_for_thread(self, arguments, keywords, tare_allocs_new);
}

static PyObject *get_is_memory(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(tare_allocs_known(get_profile(self)));
}

static PyObject *get_is_trace(PyObject *self, void *Py_UNUSED(closure))
{
    const tare_profile *profile = get_profile(self);
    return PyBool_FromLong(tare_counts_known(profile) && !tare_linetable_known(profile));
}

static PyObject *make_line_table(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    return make_for_thread(self, arguments, keywords, tare_lines_functions);
}

static PyObject *make_line_sums(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    return make_for_thread(self, arguments, keywords, tare_lines_sums);
}

static PyObject *list_line_threads(PyObject *self, PyObject *Py_UNUSED(none))
{
    return tare_lines_threads(get_state(self), (tare_profile_object *)self);
}

static PyObject *get_is_lines(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(tare_linetable_known(get_profile(self)));
}

tare_profile_object *tare_profile_new(tare_profile_state *state)
{
    return (tare_profile_object *)state->profile_type->tp_alloc(state->profile_type, 0);
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    tare_profile_deinit(&((tare_profile_object *)self)->profile);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyGetSetDef attributes[] = {
    {"meta", get_meta, NULL, "Provenance: key -> value, both text.", NULL},
    {"state", get_file_state, NULL, "What the file was like: a FileState.", NULL},
    {"counts", get_counts, NULL, "Entries of each table: Counts.", NULL},
    {"metrics", get_metrics, NULL, "What was measured: list of Metric.", NULL},
    {"is_trace", get_is_trace, NULL, "Whether calls were counted, and no lines.", NULL},
    {"is_memory", get_is_memory, NULL, "Whether allocations were counted.", NULL},
    {"is_lines", get_is_lines, NULL, "Whether lines were measured.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"summary", TARE_METHOD(make_summary), METH_VARARGS | METH_KEYWORDS,
     "summary(thread=None)\n--\n\nThe tables for people, of one label set or of all."},
    {"calls", TARE_METHOD(make_calls), METH_VARARGS | METH_KEYWORDS,
     "calls(thread=None)\n--\n\nThe tables of a trace: Calls, of one label set or of all."},
    {"allocations", TARE_METHOD(make_allocations), METH_VARARGS | METH_KEYWORDS,
     "allocations(thread=None)\n--\n\nThe tables of a profile of memory: Allocations, of one label "
     "set or of all."},
    {"line_table", TARE_METHOD(make_line_table), METH_VARARGS | METH_KEYWORDS,
     "line_table(thread=None)\n--\n\nThe measured functions by own time, with their lines: list "
     "of LineFunction."},
    {"line_sums", TARE_METHOD(make_line_sums), METH_VARARGS | METH_KEYWORDS,
     "line_sums(thread=None)\n--\n\nOf all lines: LineSums; inclusive_ns == self_ns."},
    {"line_threads", list_line_threads, METH_NOARGS,
     "line_threads()\n--\n\nThe lines of each thread, by own time, falling: list of LineThread."},
    {"label_sets", list_label_sets, METH_NOARGS,
     "label_sets()\n--\n\nThe labels of each set, by id: list of dict."},
    {"threads", list_threads, METH_NOARGS,
     "threads()\n--\n\nTime by state for each label set: list of Thread, most time first."},
    {"series", list_series, METH_NOARGS, "series()\n--\n\nCounters over time: list of Series."},
    {"frames", list_frames, METH_NOARGS, "frames()\n--\n\nThe frames by id: list of Frame."},
    {"stack", list_stack, METH_O,
     "stack(node, /)\n--\n\nThe frames from a node up to the root, innermost first."},
    {"values", list_values, METH_NOARGS, "values()\n--\n\nAll that was measured: list of Value."},
    {"tree", TARE_METHOD(make_tree), METH_VARARGS | METH_KEYWORDS,
     "tree(metric='wall_ns')\n--\n\nThe calling-context tree as three arrays: a Tree."},
    {"export", TARE_METHOD(export_bytes), METH_VARARGS | METH_KEYWORDS,
     "export(format, metric='wall_ns')\n--\n\nThe profile in another tool's format, as bytes."},
    {"columns", make_columns, METH_NOARGS,
     "columns()\n--\n\nThe profile as the viewer reads it (core/io/columns.h), as bytes."},
    {"subtract", subtract, METH_O,
     "subtract(earlier, /)\n--\n\nKeep only what was measured after an earlier look at the "
     "same file.\n\nChanges this profile in place; raises IncompatibleError when earlier is "
     "not such a look."},
    {"join", join, METH_O,
     "join(child, /)\n--\n\nAdd the trace of a forked child to this one.\n\nChanges this profile "
     "in place; raises IncompatibleError when either is no trace."},
    {"save", TARE_METHOD(save), METH_VARARGS | METH_KEYWORDS,
     "save(path, /, overwrite=True)\n--\n\nWrite a file in one step, in the place of what is "
     "there."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "One measurement, loaded from a .tare file."},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_getset, attributes},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec tare_profile_spec = {
    .name = "tare._profile.Profile",
    .basicsize = sizeof(tare_profile_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
