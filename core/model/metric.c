/* metric.c - the table behind metric.h.
 *
 * The list is short and a profile is asked for its metrics once per report, so a search
 * from the front is the index. */
#include "model/metric.h"

#include <stddef.h>
#include <string.h>

static const tare_metric_info metrics[] = {
#define TARE_METRIC_ROW(name, unit, role, words) {#name, unit, TARE_ROLE_##role, words},
    TARE_METRIC_LIST(TARE_METRIC_ROW)
#undef TARE_METRIC_ROW
};

const tare_metric_info *tare_metric_find(const char *name)
{
    for (size_t i = 0; i < TARE_METRIC_COUNT; i++) {
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    }
    return NULL;
}

const tare_metric_info *tare_metric_get(tare_metric_id id)
{
    return &metrics[id];
}

const char *tare_metric_role_name(tare_metric_role role)
{
    static const char *const names[] = {
        [TARE_ROLE_COUNT] = "count", [TARE_ROLE_TOTAL] = "total", [TARE_ROLE_BUSY] = "busy",
        [TARE_ROLE_WAIT] = "wait",   [TARE_ROLE_PART] = "part",   [TARE_ROLE_APART] = "apart",
        [TARE_ROLE_OTHER] = "other",
    };
    return names[role];
}
