/* active.c - the roles of metrics and label sets, looked up once and kept in arrays.
 *
 *     value (node, label set, metric, amount)
 *              |        |        '-- metric_roles[metric]   BUSY: counts, WAIT: depends
 *              |        '----------- waits_count[label set]
 *              '-------------------- 0: a state of the program, never counts
 *
 * Cost: init O(metrics x known metrics + labels), then O(1) per value. */
#include "stats/active.h"

#include <string.h>

static bool label_is_main(const tare_profile *profile, const tare_label *label)
{
    tare_text key = tare_profile_text(profile, label->key);
    tare_text value = tare_profile_text(profile, label->value);
    return key.size == 4 && memcmp(key.bytes, "main", 4) == 0 && value.size == 1 &&
           value.bytes[0] == '1';
}

static bool set_is_main(const tare_profile *profile, const tare_label_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (label_is_main(profile, &profile->labels[set->first + i]))
            return true;
    }
    return false;
}

/* Without any main thread, all waiting counts. */
static void mark_main_threads(tare_active *active)
{
    const tare_profile *profile = active->profile;
    bool                any = false;
    for (uint32_t id = 0; id < profile->label_set_count; id++) {
        active->waits_count[id] = set_is_main(profile, &profile->label_sets[id]);
        any = any || active->waits_count[id] != 0;
    }
    if (!any)
        memset(active->waits_count, 1, profile->label_set_count);
}

tare_status tare_active_init(tare_active *active, const tare_profile *profile, uint32_t thread,
                             tare_error *err)
{
    *active = (tare_active){.profile = profile, .thread = thread};
    void       *memory = NULL;
    tare_status status = tare_acquire(profile->alloc, &memory, profile->metric_count, 1, err);
    if (status != TARE_OK)
        return status;
    active->metric_roles = memory;
    status = tare_acquire(profile->alloc, &memory, profile->label_set_count, 1, err);
    if (status != TARE_OK) {
        tare_active_deinit(active);
        return status;
    }
    active->waits_count = memory;
    for (uint32_t id = 0; id < profile->metric_count; id++) {
        const char             *name = tare_profile_text(profile, profile->metrics[id].name).bytes;
        const tare_metric_info *known = tare_metric_find(name);
        active->metric_roles[id] = (uint8_t)(known != NULL ? known->role : TARE_ROLE_OTHER);
    }
    mark_main_threads(active);
    return TARE_OK;
}

void tare_active_deinit(tare_active *active)
{
    if (active->profile == NULL)
        return;
    const tare_alloc *alloc = active->profile->alloc;
    tare_release(alloc, active->metric_roles, active->profile->metric_count, 1);
    tare_release(alloc, active->waits_count, active->profile->label_set_count, 1);
    *active = (tare_active){0};
}

uint64_t tare_active_ns(const tare_active *active, const tare_value *value)
{
    if (value->node == 0)
        return 0;
    if (active->thread != TARE_NONE && active->thread != value->label_set)
        return 0;
    uint8_t role = active->metric_roles[value->metric];
    bool    counts = role == TARE_ROLE_BUSY ||
                  (role == TARE_ROLE_WAIT && active->waits_count[value->label_set] != 0);
    return counts ? value->amount : 0;
}
