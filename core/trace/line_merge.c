/* line_merge.c - see line_merge.h. A line without an event since the last merge has no values to
 * add, or ones that an earlier event left. */
#include "trace/line_merge.h"

typedef struct merging {
    tare_profile          *profile;
    const tare_line_costs *costs;
    uint32_t               label_set;
    double                 ns_per_tick;
    tare_error            *err;
} merging;

static tare_status add(const merging *m, uint32_t node, tare_metric_id id, uint64_t amount)
{
    const tare_metric_info *info = tare_metric_get(id);
    uint32_t                metric;
    if (amount == 0)
        return TARE_OK;
    TARE_TRY(tare_profile_metric(m->profile, info->name, info->unit, &metric, m->err));
    return tare_profile_add(m->profile, node, m->label_set, metric, amount, m->err);
}

static uint64_t take_ns(const merging *m, int64_t *ticks)
{
    if (*ticks <= 0)
        return 0;
    uint64_t ns = (uint64_t)((double)*ticks * m->ns_per_tick);
    *ticks = 0;
    return ns;
}

static tare_status place(tare_profile *profile, uint32_t function, uint32_t line,
                         uint32_t *node_out, tare_error *err)
{
    uint32_t frame;
    TARE_TRY(tare_profile_frame(profile, function, line, &frame, err));
    return tare_profile_child(profile, 0, frame, node_out, err);
}

tare_status tare_lines_metrics(tare_profile *profile, tare_error *err)
{
    static const tare_metric_id ids[] = {
        TARE_METRIC_calls,   TARE_METRIC_resumes,      TARE_METRIC_hits,
        TARE_METRIC_wall_ns, TARE_METRIC_inclusive_ns, TARE_METRIC_suspended_ns,
        TARE_METRIC_raw_ns,  TARE_METRIC_error_ns,
    };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const tare_metric_info *info = tare_metric_get(ids[i]);
        uint32_t                unused;
        TARE_TRY(tare_profile_metric(profile, info->name, info->unit, &unused, err));
    }
    return TARE_OK;
}

static double count_instructions(const tare_line_code *code, uint32_t index)
{
    return code->instructions != NULL ? code->instructions[index] : 0;
}

static bool is_silent(const tare_line *line)
{
    return line->visits == 0 && line->again == 0 && line->own_ticks == 0 &&
           line->inclusive_ticks == 0 && line->suspended_ticks == 0 && line->cpu_ns == 0;
}

static tare_status merge_line(const merging *m, const tare_line_code *code, uint32_t index,
                              tare_line *line)
{
    uint32_t node;
    TARE_TRY(place(m->profile, code->function, code->first_line + index, &node, m->err));
    double   events = (double)line->visits;
    double   slower_ns = count_instructions(code, index) * m->costs->instruction_ns;
    uint64_t wall_ns = take_ns(m, &line->own_ticks);
    uint64_t suspended_ns = (uint64_t)((double)line->suspended_ticks * m->ns_per_tick);
    const struct {
        tare_metric_id id;
        uint64_t       amount;
    } amounts[] = {
        {TARE_METRIC_hits, line->visits - (uint64_t)line->again},
        {TARE_METRIC_wall_ns, wall_ns},
        {TARE_METRIC_inclusive_ns, take_ns(m, &line->inclusive_ticks)},
        {TARE_METRIC_suspended_ns, suspended_ns},
        {TARE_METRIC_raw_ns, wall_ns + (uint64_t)(events * (m->costs->visit_ns + slower_ns))},
        {TARE_METRIC_error_ns, (uint64_t)(events * (m->costs->error_ns + slower_ns))},
        {TARE_METRIC_cpu_ns, line->cpu_ns},
    };
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
        TARE_TRY(add(m, node, amounts[i].id, amounts[i].amount));
    line->visits = line->suspended_ticks = line->cpu_ns = 0;
    line->again = 0;
    return TARE_OK;
}

static tare_status merge_body(const merging *m, tare_line_body *body)
{
    uint32_t node;
    TARE_TRY(tare_lines_place(body->code, m->profile, &node, m->err));
    TARE_TRY(add(m, node, TARE_METRIC_calls, body->calls));
    body->calls = 0;
    TARE_TRY(add(m, node, TARE_METRIC_resumes, body->resumes));
    body->resumes = 0;
    for (uint32_t i = 0; i < body->code->line_count; i++)
        if (!is_silent(&body->lines[i]))
            TARE_TRY(merge_line(m, body->code, i, &body->lines[i]));
    return TARE_OK;
}

tare_status tare_lines_place(const tare_line_code *code, tare_profile *profile, uint32_t *node_out,
                             tare_error *err)
{
    return place(profile, code->function, code->first_line, node_out, err);
}

tare_status tare_lines_merge(tare_lines *lines, tare_profile *profile, const tare_line_costs *costs,
                             uint32_t label_set, double ns_per_tick, tare_error *err)
{
    const merging m = {profile, costs, label_set, ns_per_tick, err};
    for (uint32_t i = 0; i < lines->body_capacity; i++)
        if (lines->bodies[i] != NULL)
            TARE_TRY(merge_body(&m, lines->bodies[i]));
    return TARE_OK;
}
