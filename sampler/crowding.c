/* crowding.c - see crowding.h. */
#include "sampler/crowding.h"

static const uint64_t LATE_NS = 50000000;
static const uint64_t FIRST_CALM_NS = 2000000000;
static const uint64_t LAST_CALM_NS = 64000000000;

void tare_crowding_note(tare_crowding *crowding, uint64_t now_ns, uint64_t late_ns)
{
    if (late_ns < LATE_NS)
        return;
    bool again = crowding->calm_ns > 0 && now_ns - crowding->until_ns < crowding->calm_ns;
    if (now_ns >= crowding->until_ns) {
        crowding->calm_ns = again ? 2 * crowding->calm_ns : FIRST_CALM_NS;
        if (crowding->calm_ns > LAST_CALM_NS)
            crowding->calm_ns = LAST_CALM_NS;
    }
    crowding->until_ns = now_ns + crowding->calm_ns;
}

bool tare_crowding_is(const tare_crowding *crowding, uint64_t now_ns)
{
    return now_ns < crowding->until_ns;
}
