/* lines.c - the tables of a profile of lines, as records.
 *
 *     tare_lines_functions    Profile.line_table(thread): list of LineFunction, each with its rows
 *     tare_lines_sums         Profile.line_sums(thread): LineSums of all
 *     tare_lines_threads      Profile.line_threads(): list of LineThread
 *
 * All numbers come from core; here they only change their type. Each call computes its table
 * anew and keeps nothing.
 * Cost: linear in the profile, plus sorting. */
#include "profile/profile.h"

#include "stats/linetable.h"

typedef struct lines_view {
    tare_profile_state *state;   /* borrowed */
    const tare_profile *profile; /* borrowed */
    tare_linetable      table;
} lines_view;

typedef PyObject *(*make_item)(const lines_view *view, uint32_t index);

/* Seven numbers of a record that begins with others: the format's "KKKKKKK". */
#define SUMS(sums)                                                                        \
    (unsigned long long)(sums).hits, (unsigned long long)(sums).self_ns,                  \
        (unsigned long long)(sums).inclusive_ns, (unsigned long long)(sums).suspended_ns, \
        (unsigned long long)(sums).raw_ns, (unsigned long long)(sums).cpu_ns,             \
        (unsigned long long)(sums).error_ns

/* The list of make(view, first), ... make(view, first + count - 1). */
static PyObject *make_list(const lines_view *view, uint32_t first, uint32_t count, make_item make)
{
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    for (uint32_t index = first; index < first + count; index++) {
        if (tare_list_take(list, make(view, index)) < 0)
            goto fail;
    }
    return list;
fail:
    Py_DECREF(list);
    return NULL;
}

static PyObject *make_row(const lines_view *view, uint32_t index)
{
    const tare_line_row *row = &view->table.rows[index];
    return tare_record(view->state, TARE_RECORD_LINE_ROW, "(IKKKKKKK)", row->line, SUMS(row->sums));
}

static PyObject *make_function(const lines_view *view, uint32_t index)
{
    const tare_profile  *profile = view->profile;
    const tare_lined    *row = &view->table.functions[index];
    const tare_function *function = &profile->functions[row->function];
    return tare_record(view->state, TARE_RECORD_LINE_FUNCTION, "(INNNIsKKKKKKKKN)", row->function,
                       tare_text_object(profile, function->name),
                       tare_text_object(profile, function->qualname),
                       tare_text_object(profile, function->file), function->first_line,
                       tare_kind_name(function->kind), (unsigned long long)row->calls,
                       SUMS(row->sums), make_list(view, row->first_row, row->row_count, make_row));
}

static PyObject *make_thread(const lines_view *view, uint32_t index)
{
    const tare_line_thread *row = &view->table.threads[index];
    return tare_record(view->state, TARE_RECORD_LINE_THREAD, "(INKKKKKKK)", row->label_set,
                       tare_labels_object(view->profile, row->label_set), SUMS(row->sums));
}

/* 0 with the view's table filled, or -1 with an exception set. */
static int fill_view(lines_view *view, tare_profile_state *state,
                     const tare_profile_object *profile, uint32_t thread)
{
    tare_error err;
    view->state = state;
    view->profile = &profile->profile;
    if (tare_linetable_init(&view->table, view->profile, thread, &err) == TARE_OK)
        return 0;
    tare_raise(&state->errors, &err);
    return -1;
}

PyObject *tare_lines_functions(tare_profile_state *state, tare_profile_object *profile,
                               uint32_t thread)
{
    lines_view view;
    if (fill_view(&view, state, profile, thread) < 0)
        return NULL;
    PyObject *list = make_list(&view, 0, view.table.function_count, make_function);
    tare_linetable_deinit(&view.table);
    return list;
}

PyObject *tare_lines_sums(tare_profile_state *state, tare_profile_object *profile, uint32_t thread)
{
    lines_view view;
    if (fill_view(&view, state, profile, thread) < 0)
        return NULL;
    PyObject *sums = tare_record(state, TARE_RECORD_LINE_SUMS, "(KKKKKKK)", SUMS(view.table.all));
    tare_linetable_deinit(&view.table);
    return sums;
}

PyObject *tare_lines_threads(tare_profile_state *state, tare_profile_object *profile)
{
    lines_view view;
    if (fill_view(&view, state, profile, TARE_NONE) < 0)
        return NULL;
    PyObject *list = make_list(&view, 0, view.table.thread_count, make_thread);
    tare_linetable_deinit(&view.table);
    return list;
}
