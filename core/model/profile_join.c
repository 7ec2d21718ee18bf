/* profile_join.c - one profile of what two measured.
 *
 *     into   main -> a (3 ms)               from   main -> a (1 ms)      main -> b (2 ms)
 *     then   main -> a (4 ms), main -> b (2 ms)
 *
 * Things are the same when they are called the same; ids differ from profile to profile, so each
 * table of from has another that says what its entries are called in into. Filled in the order of
 * the arrows of profile.h, and only with what a value needs.
 * Left out: series, which begin at times of their own, and provenance. */
#include "model/profile.h"

#include <string.h>

typedef struct joining {
    tare_profile       *into;
    const tare_profile *from;
    uint32_t           *nodes;      /* of from: ids of into; TARE_NONE = no value needs it, */
    uint32_t           *label_sets; /* or not there yet */
    uint32_t           *metrics;
} joining;

enum { WANTED = TARE_NONE - 1 };

static tare_status join_string(const joining *j, uint32_t string, uint32_t *id_out, tare_error *err)
{
    tare_text text = tare_profile_text(j->from, string);
    return tare_profile_string(j->into, text.bytes, text.size, id_out, err);
}

static tare_status join_frame(const joining *j, uint32_t frame, uint32_t *id_out, tare_error *err)
{
    const tare_frame    *theirs = &j->from->frames[frame];
    const tare_function *function = &j->from->functions[theirs->function];
    tare_function        ours = *function;
    uint32_t             id;
    TARE_TRY(join_string(j, function->name, &ours.name, err));
    TARE_TRY(join_string(j, function->qualname, &ours.qualname, err));
    TARE_TRY(join_string(j, function->file, &ours.file, err));
    TARE_TRY(tare_profile_function(j->into, &ours, &id, err));
    return tare_profile_frame(j->into, id, theirs->line, id_out, err);
}

/* A node with a value needs its callers: they come before it. */
static tare_status join_nodes(joining *j, tare_error *err)
{
    const tare_profile *from = j->from;
    uint32_t            frame;
    for (uint32_t i = 0; i < from->value_count; i++)
        j->nodes[from->values[i].node] = WANTED;
    for (uint32_t id = from->node_count - 1; id > 0; id--)
        if (j->nodes[id] == WANTED)
            j->nodes[from->nodes[id].parent] = WANTED;
    j->nodes[0] = 0;
    for (uint32_t id = 1; id < from->node_count; id++) {
        if (j->nodes[id] != WANTED)
            continue;
        TARE_TRY(join_frame(j, from->nodes[id].frame, &frame, err));
        TARE_TRY(tare_profile_child(j->into, j->nodes[from->nodes[id].parent], frame, &j->nodes[id],
                                    err));
    }
    return TARE_OK;
}

static tare_status join_label_set(joining *j, uint32_t set, tare_error *err)
{
    const tare_label_set *theirs = &j->from->label_sets[set];
    tare_label            labels[TARE_PROFILE_MAX_LABELS_PER_SET];
    if (j->label_sets[set] != TARE_NONE)
        return TARE_OK;
    for (uint32_t i = 0; i < theirs->count; i++) {
        const tare_label *label = &j->from->labels[theirs->first + i];
        TARE_TRY(join_string(j, label->key, &labels[i].key, err));
        TARE_TRY(join_string(j, label->value, &labels[i].value, err));
    }
    return tare_profile_label_set(j->into, labels, theirs->count, &j->label_sets[set], err);
}

static tare_status join_metric(joining *j, uint32_t metric, tare_error *err)
{
    const tare_metric *theirs = &j->from->metrics[metric];
    if (j->metrics[metric] != TARE_NONE)
        return TARE_OK;
    return tare_profile_metric(j->into, tare_profile_text(j->from, theirs->name).bytes,
                               tare_profile_text(j->from, theirs->unit).bytes, &j->metrics[metric],
                               err);
}

static tare_status join_values(joining *j, tare_error *err)
{
    for (uint32_t i = 0; i < j->from->value_count; i++) {
        const tare_value *value = &j->from->values[i];
        TARE_TRY(join_label_set(j, value->label_set, err));
        TARE_TRY(join_metric(j, value->metric, err));
        TARE_TRY(tare_profile_add(j->into, j->nodes[value->node], j->label_sets[value->label_set],
                                  j->metrics[value->metric], value->amount, err));
    }
    return TARE_OK;
}

static tare_status make_table(const tare_alloc *alloc, uint32_t **table_out, uint32_t count,
                              tare_error *err)
{
    void *table;
    TARE_TRY(tare_acquire(alloc, &table, count, sizeof(uint32_t), err));
    if (count > 0)
        memset(table, 0xff, count * sizeof(uint32_t)); /* TARE_NONE */
    *table_out = table;
    return TARE_OK;
}

tare_status tare_profile_join(tare_profile *into, const tare_profile *from, tare_error *err)
{
    const tare_alloc *alloc = into->alloc;
    joining           j = {.into = into, .from = from};
    tare_status       status = make_table(alloc, &j.nodes, from->node_count, err);
    if (status == TARE_OK)
        status = make_table(alloc, &j.label_sets, from->label_set_count, err);
    if (status == TARE_OK)
        status = make_table(alloc, &j.metrics, from->metric_count, err);
    if (status == TARE_OK)
        status = join_nodes(&j, err);
    if (status == TARE_OK)
        status = join_values(&j, err);
    tare_release(alloc, j.nodes, from->node_count, sizeof *j.nodes);
    tare_release(alloc, j.label_sets, from->label_set_count, sizeof *j.label_sets);
    tare_release(alloc, j.metrics, from->metric_count, sizeof *j.metrics);
    return status;
}
