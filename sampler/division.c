/* division.c - see division.h.
 *
 *     tick of 1,000,003 ns       runs in Python   runs in C   waits       program_ns
 *     41 MainThread                                           in join     0
 *     41 pool-0                  at parse                                 500,002
 *     52 MainThread (a child)                     at dumps                500,001
 *
 * The remainder goes to the first ones, a nanosecond each, so that nothing is lost.
 * Why not to the state that describes the program, Python before native code: with eight
 * workers that are half of the time in either, some worker is in Python at almost every tick,
 * and the native half would seem to cost nothing. */
#include "sampler/division.h"

void tare_division_init(tare_division *division, const tare_alloc *alloc)
{
    *division = (tare_division){.alloc = alloc};
}

void tare_division_deinit(tare_division *division)
{
    if (division->alloc == NULL)
        return;
    tare_release(division->alloc, division->running, division->running_capacity,
                 sizeof *division->running);
    *division = (tare_division){0};
}

void tare_division_begin(tare_division *division, tare_place waiting)
{
    division->tick++;
    division->running_count = 0;
    division->waiting = waiting;
}

/* Has the thread a claim that is at least as good? */
static bool is_settled(const tare_division *division, const tare_claim *claim, bool runs, int rank)
{
    if (claim->tick != division->tick || claim->runs < runs)
        return false;
    return claim->runs > runs || claim->rank >= rank;
}

tare_status tare_division_run(tare_division *division, tare_claim *claim, tare_place place,
                              int rank, tare_error *err)
{
    if (is_settled(division, claim, true, rank))
        return TARE_OK;
    bool better = claim->tick == division->tick && claim->runs;
    if (!better) {
        void *running = division->running;
        TARE_TRY(tare_grow(division->alloc, &running, &division->running_capacity,
                           (size_t)division->running_count + 1, sizeof *division->running, err));
        division->running = running;
        claim->index = division->running_count++;
    }
    division->running[claim->index] = place;
    claim->tick = division->tick;
    claim->runs = true;
    claim->rank = rank;
    return TARE_OK;
}

void tare_division_wait(tare_division *division, tare_claim *claim, tare_place place, int rank)
{
    if (is_settled(division, claim, false, rank))
        return;
    division->waiting = place;
    claim->tick = division->tick;
    claim->runs = false;
    claim->rank = rank;
}

tare_status tare_division_end(const tare_division *division, tare_profile *profile,
                              uint64_t weight_ns, tare_error *err)
{
    uint32_t count = division->running_count;
    if (count == 0) {
        tare_place place = division->waiting;
        TARE_TRY(tare_profile_add(profile, place.node, place.label_set, TARE_METRIC_program_ns,
                                  weight_ns, err));
        return tare_profile_add(profile, place.node, place.label_set, TARE_METRIC_program_wait_ns,
                                weight_ns, err);
    }
    for (uint32_t i = 0; i < count; i++) {
        tare_place place = division->running[i];
        uint64_t   part_ns = weight_ns / count + (i < weight_ns % count);
        TARE_TRY(tare_profile_add(profile, place.node, place.label_set, TARE_METRIC_program_ns,
                                  part_ns, err));
    }
    return TARE_OK;
}
