/* restlessness.c - see restlessness.h. */
#include "remote/restlessness.h"

enum {
    INTERVAL_NS = 500000,
    FIRST_WINDOW = 8,
    LAST_WINDOW = 256,
    FROM_ONE_IN = 12, /* becomes restless when it moved in more than one note of so many */
    TO_ONE_IN = 24    /* calm when in less */
};

bool tare_restlessness_is_due(const tare_restlessness *restlessness, uint64_t now_ns)
{
    return now_ns - restlessness->noted_ns >= INTERVAL_NS;
}

void tare_restlessness_note(tare_restlessness *restlessness, uint64_t now_ns, bool moved)
{
    if (restlessness->window == 0)
        restlessness->window = FIRST_WINDOW;
    restlessness->noted_ns = now_ns;
    restlessness->notes++;
    restlessness->moves += moved;
    if (restlessness->notes < restlessness->window)
        return;
    uint32_t limit = restlessness->high ? TO_ONE_IN : FROM_ONE_IN;
    restlessness->high = restlessness->moves * limit > restlessness->notes;
    restlessness->notes = restlessness->moves = 0;
    if (restlessness->window < LAST_WINDOW)
        restlessness->window *= 2;
}
