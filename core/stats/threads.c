/* threads.c - values added up by label set and state.
 *
 *     (node, label set, metric, amount)  ->  rows[label set].state_ns[metric]
 *
 * Rows start as one per label set, so adding is an index; empty ones are then closed
 * up and the rest sorted. Values at the root are the program's states and are left out. */
#include "stats/threads.h"

#include <stdlib.h>

/* The place of a profile's metric in tare_thread_row, or TARE_NONE when it is no state. */
static uint32_t find_state(const tare_profile *profile, uint32_t metric)
{
    const char             *name = tare_profile_text(profile, profile->metrics[metric].name).bytes;
    const tare_metric_info *info = tare_metric_find(name);
    if (info == NULL || (info->role != TARE_ROLE_BUSY && info->role != TARE_ROLE_WAIT))
        return TARE_NONE;
    uint32_t id = 0;
    while (tare_metric_get((tare_metric_id)id) != info)
        id++;
    return id;
}

static void add_values(tare_threads *threads, const tare_profile *profile, const uint32_t *state_of)
{
    for (uint32_t i = 0; i < profile->value_count; i++) {
        const tare_value *value = &profile->values[i];
        uint32_t          state = state_of[value->metric];
        if (value->node == 0 || state == TARE_NONE)
            continue;
        tare_thread_row *row = &threads->rows[value->label_set];
        row->state_ns[state] += value->amount;
        row->wall_ns += value->amount;
    }
}

static int compare_rows(const void *left_item, const void *right_item)
{
    const tare_thread_row *left = left_item;
    const tare_thread_row *right = right_item;
    if (left->wall_ns != right->wall_ns)
        return left->wall_ns < right->wall_ns ? 1 : -1;
    return left->label_set < right->label_set ? -1 : 1;
}

static void close_up(tare_threads *threads)
{
    for (uint32_t id = 0; id < threads->capacity; id++) {
        if (threads->rows[id].wall_ns > 0)
            threads->rows[threads->count++] = threads->rows[id];
    }
    if (threads->count > 0)
        qsort(threads->rows, threads->count, sizeof *threads->rows, compare_rows);
}

tare_status tare_threads_init(tare_threads *threads, const tare_profile *profile, tare_error *err)
{
    void *memory = NULL;
    *threads = (tare_threads){.alloc = profile->alloc, .capacity = profile->label_set_count};
    TARE_TRY(tare_acquire(profile->alloc, &memory, threads->capacity, sizeof *threads->rows, err));
    threads->rows = memory;
    tare_status status = tare_acquire(profile->alloc, &memory, profile->metric_count,
                                      sizeof(uint32_t), err);
    if (status != TARE_OK) {
        tare_threads_deinit(threads);
        return status;
    }
    uint32_t *state_of = memory;
    for (uint32_t id = 0; id < profile->metric_count; id++)
        state_of[id] = find_state(profile, id);
    for (uint32_t id = 0; id < threads->capacity; id++)
        threads->rows[id].label_set = id;
    add_values(threads, profile, state_of);
    tare_release(profile->alloc, state_of, profile->metric_count, sizeof *state_of);
    close_up(threads);
    return TARE_OK;
}

void tare_threads_deinit(tare_threads *threads)
{
    if (threads->alloc == NULL)
        return;
    tare_release(threads->alloc, threads->rows, threads->capacity, sizeof *threads->rows);
    *threads = (tare_threads){0};
}
