/* notes.c - see notes.h.
 *
 * "trace." is for what only a trace has. A thread is labelled when it is first merged: by then
 * threading has named it. */
#include "trace/notes.h"

#include "common/provenance.h"
#include "common/thread_name.h"

#include <stdio.h>
#include <string.h>

static tare_status set_text(const char *key, const char *text, tare_error *err)
{
    return tare_provenance_text(&tare_trace.profile, key, text, err);
}

static tare_status set_number(const char *key, uint64_t number, tare_error *err)
{
    return tare_provenance_number(&tare_trace.profile, key, number, err);
}

/* How the times were corrected: of each kind of call, in and beside its own time. */
static tare_status set_costs(tare_error *err)
{
    static const char *const kinds[TARE_COST_KIND_COUNT] = {"call", "resume", "native",
                                                            "announcement"};
    const tare_costs        *costs = &tare_trace.costs;
    TARE_TRY(set_number("trace.calibrated", tare_trace.calibrated, err));
    TARE_TRY(tare_profile_format_meta(&tare_trace.profile, err, "trace.slowdown_ratio", "%.3f",
                                      costs->slowdown));
    for (int i = 0; i < TARE_COST_KIND_COUNT; i++) {
        char key[sizeof "trace.announcement_cost_ns"];
        snprintf(key, sizeof key, "trace.%s_cost_ns", kinds[i]);
        TARE_TRY(tare_profile_format_meta(&tare_trace.profile, err, key, "%.1f + %.1f",
                                          costs->of[i].inside_ns, costs->of[i].outside_ns));
    }
    return TARE_OK;
}

static tare_status set_line_costs(tare_error *err)
{
    const tare_line_costs *costs = &tare_trace.line_costs;
    TARE_TRY(set_number("trace.calibrated", tare_trace.calibrated, err));
    TARE_TRY(tare_profile_format_meta(&tare_trace.profile, err, "lines.line_cost_ns", "%.1f",
                                      costs->visit_ns));
    TARE_TRY(tare_profile_format_meta(&tare_trace.profile, err, "lines.call_cost_ns", "%.1f",
                                      2 * costs->call_ns));
    return tare_profile_format_meta(&tare_trace.profile, err, "lines.instruction_cost_ns", "%.2f",
                                    costs->instruction_ns);
}

static const char *name_clock(void)
{
    if (tare_trace.options.timer != NULL)
        return "program";
    return tare_trace.clock.counter ? "processor" : "system";
}

tare_status tare_notes_begin(tare_error *err)
{
    const tare_trace_options *options = &tare_trace.options;
    const tare_provenance     provenance = {
            .engine = options->lines ? "lines" : "trace",
            .clock = options->cpu_clock ? "monotonic, thread CPU" : "monotonic",
            .mode = options->mode,
            .command = options->command,
            .process_id = tare_trace.process_id,
    };
    TARE_TRY(tare_provenance_begin(&provenance, &tare_trace.profile, err));
    TARE_TRY(options->lines ? set_line_costs(err) : set_costs(err));
    TARE_TRY(set_number("trace.builtins", options->builtins, err));
    TARE_TRY(set_text("trace.clock", options->cpu_clock ? "cpu" : "wall", err));
    TARE_TRY(set_number("trace.node_limit", tare_trace.budget.node_limit, err));
    return set_text("trace.ticks", name_clock(), err);
}

/* Of all threads, those gone and those there. */
static void count_losses(uint64_t *lost_out, uint64_t *resync_out)
{
    *lost_out = tare_trace.lost_calls;
    *resync_out = tare_trace.resync_count;
    for (const tare_trace_thread *thread = tare_trace.threads; thread != NULL;
         thread = thread->next) {
        *lost_out += thread->calls.lost_calls + thread->lines.lost_count;
        *resync_out += thread->calls.resync_count;
    }
}

tare_status tare_notes_update(tare_error *err)
{
    const tare_trace_engine *engine = &tare_trace;
    double                   ns_per_tick = tare_trace_ns_per_tick();
    uint64_t                 lost, resyncs;
    count_losses(&lost, &resyncs);
    const struct {
        const char *key;
        uint64_t    number;
    } numbers[] = {
        {"wall_ns", engine->wall_ns},
        {"process_count", 1},
        {"thread_count", engine->thread_count},
        {"trace.path_count", engine->budget.node_count},
        {"trace.lost_count", lost},
        {"trace.resync_count", resyncs},
        {"trace.failed_count", engine->failed_count},
        {"trace.suspended_lost_count", engine->suspended.lost_count},
        {"trace.fork_count", engine->fork_count},
        {"trace.flush_count", engine->flush_count},
        {"trace.flush_ns", (uint64_t)((double)engine->flush_ticks * ns_per_tick)},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        TARE_TRY(set_number(numbers[i].key, numbers[i].number, err));
    TARE_TRY(set_text("trace.hook", engine->hook != NULL ? engine->hook : "", err));
    return tare_provenance_usage(engine->process_id, engine->start_cpu_ns, &tare_trace.profile,
                                 err);
}

/* ---- threads ---- */

void tare_trace_name_thread(tare_trace_thread *thread)
{
    enum { MAX_TRIES = 50 }; /* threading knows it before it runs anything of the program's */
    PyObject *type, *value, *traceback;
    thread->nodes_at_try = thread->calls.node_count;
    thread->named = ++thread->name_tries >= MAX_TRIES;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject   *name = tare_thread_name(thread->ident);
    const char *text = name != NULL ? PyUnicode_AsUTF8(name) : NULL;
    if (text != NULL) {
        snprintf(thread->name, sizeof thread->name, "%s", text);
        thread->named = true;
    }
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
}

static tare_status add_label(tare_label *label, const char *key, const char *value)
{
    tare_profile *profile = &tare_trace.profile;
    TARE_TRY(tare_profile_string(profile, key, strlen(key), &label->key, NULL));
    return tare_profile_string(profile, value, strlen(value), &label->value, NULL);
}

tare_status tare_notes_label(tare_trace_thread *thread)
{
    tare_profile *profile = &tare_trace.profile;
    tare_label    labels[3];
    uint32_t      count = 2;
    char          process[2 * TARE_OS_NAME_BYTES];
    char          text[2 * TARE_OS_NAME_BYTES];
    bool          full = profile->label_set_count >= TARE_TRACE_MAX_THREADS && !thread->main;
    const char   *name = thread->main ? "MainThread" : thread->name;
    snprintf(process, sizeof process, "%d python", tare_trace.process_id);
    snprintf(text, sizeof text, "%d %s", thread->tid, name[0] != '\0' ? name : "Thread");
    TARE_TRY(add_label(&labels[0], "process", process));
    TARE_TRY(add_label(&labels[1], "thread", full ? "(other threads)" : text));
    if (thread->main)
        TARE_TRY(add_label(&labels[count++], "main", "1"));
    TARE_TRY(tare_profile_label_set(profile, labels, count, &thread->label_set, NULL));
    thread->labelled = thread->named || thread->main || thread->ended;
    return TARE_OK;
}
