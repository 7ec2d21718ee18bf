/* verdict.c - can faster Python code reach the target?
 *
 *     wall      |--------- on a CPU ---------|------ waiting ------|
 *     target    |------------------------------------|-- excess ---|
 *     needed    |-- on a CPU --|------ waiting ------|
 *
 * Only what is on a CPU can be made faster, so all of the excess must come out of it: it must
 * get faster by on-CPU / (on-CPU - excess). A target that is no longer than the waiting is out
 * of reach for any code.
 * The states of the program count, not those of its threads: four threads on four CPUs are on
 * the CPU once. Time that was attributed to nothing (the machine slept) is on neither side, so
 * it can make a target UNLIKELY but cannot be tuned away. For the same reason a function is worth
 * its program time, not what its threads took together.
 *
 * Cost: O(functions x TARE_VERDICT_MAX_FUNCTIONS). */
#include "stats/summary.h"

#include <math.h>

static const double unlikely_ratio = 10; /* 90 % of the time on the CPU would have to go */

static uint64_t sum_states(const tare_summary *summary, tare_metric_role role)
{
    uint64_t sum_ns = 0;
    for (uint32_t i = 0; i < summary->state_count; i++) {
        uint64_t ns = summary->states[i].metric->role == role ? summary->states[i].ns : 0;
        sum_ns = sum_ns > UINT64_MAX - ns ? UINT64_MAX : sum_ns + ns;
    }
    return sum_ns;
}

/* What is surely given back when the function costs nothing: what the program waits is not, nor
 * what belongs to no code. */
static double find_gain_ns(const tare_summary *summary, const tare_row *row)
{
    if (row->kind == TARE_FUNCTION_SYNTHETIC || row->program_self_ns <= row->program_self_wait_ns)
        return 0;
    uint64_t busy_ns = row->program_self_ns - row->program_self_wait_ns;
    return tare_summary_share(summary, busy_ns).low * (double)summary->whole_ns;
}

/* The functions with the largest gains, as many as there is room for; ties stay in order. */
static uint32_t find_largest(const tare_summary *summary, uint32_t *ids, double *gains)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < summary->function_count; i++) {
        const tare_row *row = &summary->functions[i];
        double          gain_ns = find_gain_ns(summary, row);
        uint32_t        at = count;
        while (at > 0 && gains[at - 1] < gain_ns)
            at--;
        if (gain_ns <= 0 || at == TARE_VERDICT_MAX_FUNCTIONS)
            continue;
        count += count < TARE_VERDICT_MAX_FUNCTIONS;
        for (uint32_t moved = count - 1; moved > at; moved--) {
            gains[moved] = gains[moved - 1];
            ids[moved] = ids[moved - 1];
        }
        gains[at] = gain_ns;
        ids[at] = row->id;
    }
    return count;
}

/* As few as give back the excess together. */
static void choose_functions(tare_verdict *verdict, const tare_summary *summary)
{
    double   gains[TARE_VERDICT_MAX_FUNCTIONS];
    uint32_t count = find_largest(summary, verdict->functions, gains);
    double   sum_ns = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum_ns += gains[i];
        if (sum_ns >= (double)verdict->excess_ns) {
            verdict->function_count = i + 1;
            return;
        }
    }
}

static tare_case choose_case(const tare_verdict *verdict)
{
    if (verdict->excess_ns == 0)
        return TARE_CASE_FAST_ENOUGH;
    if (verdict->waiting_ns > 0 && verdict->waiting_ns >= verdict->target_ns)
        return TARE_CASE_WAITING;
    return verdict->needed_ratio > unlikely_ratio ? TARE_CASE_UNLIKELY : TARE_CASE_REACHABLE;
}

tare_verdict tare_summary_judge(const tare_summary *summary, uint64_t target_ns)
{
    uint64_t     busy_ns = sum_states(summary, TARE_ROLE_BUSY);
    tare_verdict verdict = {
        .target_ns = target_ns,
        .waiting_ns = sum_states(summary, TARE_ROLE_WAIT),
        .needed_ratio = 1,
    };
    if (summary->wall_ns > target_ns) {
        verdict.excess_ns = summary->wall_ns - target_ns;
        verdict.needed_ratio = HUGE_VAL;
        if (busy_ns > verdict.excess_ns)
            verdict.needed_ratio = (double)busy_ns / (double)(busy_ns - verdict.excess_ns);
        choose_functions(&verdict, summary);
    }
    verdict.verdict = choose_case(&verdict);
    return verdict;
}
