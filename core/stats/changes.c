/* changes.c - dynamic programming over all last cuts, kept few by the mean they could have.
 *
 *     cost
 *      |  \  cut at 7   /    \      cut at 0     /
 *      |   \           /      \                 /
 *      |    '-.     .-'        '-.           .-'
 *      |       '---'              '---------'
 *      +-----------------|--------------------------- mean of the segment that runs now
 *        piece of 7        piece of 0
 *
 * For each mean that the running segment could have, one last cut is the best so far, and remains
 * so against all others whatever comes: the values to come cost the same for all of them. So a cut
 * for which no mean is left never is of use again (functional pruning, Maidstone and others 2017:
 * the same result as PELT's, which prunes only where there are changes). Pieces partition the line
 * of means; a new value asks each for its smallest cost, then a cut right behind that value takes
 * over wherever it is cheaper.
 * A piece is a parabola that follows from running sums, so nothing is kept up to date.
 *
 * Cost: O(pieces) for each value; some ten pieces, whatever the count. Memory: 44 bytes a value. */
#include "stats/changes.h"

#include <math.h>
#include <string.h>

static const double clip = 3;  /* deviations */
static const double far = 1e5; /* likewise; squares of more than that would swallow a penalty */
static const double mad_to_sd = 1.482602218505602;

enum { MOST_AROUND = 11 };

typedef struct mean_range {
    uint32_t cut; /* the segment begins there */
    double   low; /* of the means for which that is best */
    double   high;
} mean_range;

typedef struct range_list {
    mean_range *items; /* ascending, without gaps; owned */
    uint32_t    capacity;
    uint32_t    count;
} range_list;

typedef struct cutting {
    double    *sums;    /* [i]: of the i first values */
    double    *squares; /* likewise */
    double    *costs;   /* [i]: of the best way to cut the i first, with the penalty for a cut */
    uint32_t  *cuts;    /* [i]: where the last segment of that begins */
    range_list now;
    range_list next;
    double     penalty;
    size_t     count;
} cutting;

static tare_status add_piece(range_list *pieces, uint32_t cut, double low, double high,
                             const tare_alloc *alloc, tare_error *err)
{
    if (high <= low)
        return TARE_OK;
    if (pieces->count > 0 && pieces->items[pieces->count - 1].cut == cut) {
        pieces->items[pieces->count - 1].high = high;
        return TARE_OK;
    }
    void       *items = pieces->items;
    tare_status status = tare_grow(alloc, &items, &pieces->capacity, (size_t)pieces->count + 1,
                                   sizeof(mean_range), err);
    pieces->items = items;
    if (status == TARE_OK)
        pieces->items[pieces->count++] = (mean_range){.cut = cut, .low = low, .high = high};
    return status;
}

/* The parabola of a piece: count * (mean - centre)^2 + floor. */
typedef struct cost_curve {
    double count;
    double centre;
    double floor;
} cost_curve;

static cost_curve shape(const cutting *partition, uint32_t cut, size_t end)
{
    double count = (double)(end - cut);
    double sum = partition->sums[end] - partition->sums[cut];
    double squares = partition->squares[end] - partition->squares[cut];
    return (cost_curve){
        .count = count,
        .centre = sum / count,
        .floor = partition->costs[cut] + squares - sum * sum / count,
    };
}

static double smallest_cost(cost_curve parabola, const mean_range *piece)
{
    double at = fmin(fmax(parabola.centre, piece->low), piece->high);
    return parabola.floor + parabola.count * (at - parabola.centre) * (at - parabola.centre);
}

static void choose_cut(cutting *partition, size_t end)
{
    double best = HUGE_VAL;
    for (uint32_t i = 0; i < partition->now.count; i++) {
        const mean_range *piece = &partition->now.items[i];
        double            cost = smallest_cost(shape(partition, piece->cut, end), piece);
        if (cost < best) {
            best = cost;
            partition->cuts[end] = piece->cut;
        }
    }
    partition->costs[end] = best + partition->penalty;
}

/* A piece keeps the means for which it costs no more than a new cut does. */
static tare_status trim(cutting *partition, const mean_range *piece, size_t end,
                        const tare_alloc *alloc, tare_error *err)
{
    cost_curve  parabola = shape(partition, piece->cut, end);
    double      spare = partition->costs[end] - parabola.floor;
    range_list *next = &partition->next;
    if (spare < 0)
        return add_piece(next, (uint32_t)end, piece->low, piece->high, alloc, err);
    double reach = sqrt(spare / parabola.count);
    double low = fmin(fmax(parabola.centre - reach, piece->low), piece->high);
    double high = fmax(fmin(parabola.centre + reach, piece->high), low);
    TARE_TRY(add_piece(next, (uint32_t)end, piece->low, low, alloc, err));
    TARE_TRY(add_piece(next, piece->cut, low, high, alloc, err));
    return add_piece(next, (uint32_t)end, high, piece->high, alloc, err);
}

static tare_status advance(cutting *partition, size_t end, const tare_alloc *alloc, tare_error *err)
{
    choose_cut(partition, end);
    partition->next.count = 0;
    for (uint32_t i = 0; i < partition->now.count; i++)
        TARE_TRY(trim(partition, &partition->now.items[i], end, alloc, err));
    range_list swapped = partition->now;
    partition->now = partition->next;
    partition->next = swapped;
    return TARE_OK;
}

static size_t list_starts(const cutting *partition, uint32_t *starts)
{
    size_t count = 0;
    for (size_t end = partition->cuts[partition->count]; end > 0; end = partition->cuts[end])
        starts[count++] = (uint32_t)end;
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t swapped = starts[i];
        starts[i] = starts[count - 1 - i];
        starts[count - 1 - i] = swapped;
    }
    return count;
}

/* values: around 0, of deviation 1. */
static tare_status fill(cutting *partition, const double *values, const tare_alloc *alloc,
                        tare_error *err)
{
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    for (size_t i = 0; i < partition->count; i++) {
        partition->sums[i + 1] = partition->sums[i] + values[i];
        partition->squares[i + 1] = partition->squares[i] + values[i] * values[i];
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
    }
    TARE_TRY(add_piece(&partition->now, 0, low, high, alloc, err));
    for (size_t end = 1; end <= partition->count && partition->now.count > 0; end++)
        TARE_TRY(advance(partition, end, alloc, err));
    return TARE_OK;
}

static tare_status cut_up(const double *values, size_t count, double penalty, uint32_t *starts_out,
                          size_t *start_count_out, const tare_alloc *alloc, tare_error *err)
{
    void  *memory = NULL;
    void  *cuts = NULL;
    size_t room = count + 1;
    TARE_TRY(tare_acquire(alloc, &memory, 3 * room, sizeof(double), err));
    tare_status status = tare_acquire(alloc, &cuts, room, sizeof(uint32_t), err);
    cutting     partition = {
            .sums = memory,
            .squares = (double *)memory + room,
            .costs = (double *)memory + 2 * room,
            .cuts = cuts,
            .penalty = penalty,
            .count = count,
    };
    if (status == TARE_OK)
        status = fill(&partition, values, alloc, err);
    if (status == TARE_OK)
        *start_count_out = list_starts(&partition, starts_out);
    tare_release(alloc, partition.now.items, partition.now.capacity, sizeof(mean_range));
    tare_release(alloc, partition.next.items, partition.next.capacity, sizeof(mean_range));
    tare_release(alloc, cuts, room, sizeof(uint32_t));
    tare_release(alloc, memory, 3 * room, sizeof(double));
    return status;
}

/* Of differences between equals the deviation is sqrt(2) times as large. Where most neighbours are
 * equal (a coarse clock, a count) the median says 0: then their mean square serves. */
static double spread_of_steps(double *steps, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += steps[i] * steps[i];
    tare_sample_sort(steps, count);
    double middle = tare_sample_middle(steps, count);
    double typical = middle > 0 ? mad_to_sd * middle : sqrt(squares / (double)count);
    return typical / sqrt(2);
}

tare_status tare_changes_spread(const double *values, size_t count, double *spread_out,
                                const tare_alloc *alloc, tare_error *err)
{
    void *memory = NULL;
    *spread_out = 0;
    if (count < 2)
        return TARE_OK;
    TARE_TRY(tare_acquire(alloc, &memory, count - 1, sizeof(double), err));
    double *steps = memory;
    for (size_t i = 0; i + 1 < count; i++)
        steps[i] = fabs(values[i + 1] - values[i]);
    *spread_out = spread_of_steps(steps, count - 1);
    tare_release(alloc, memory, count - 1, sizeof(double));
    return TARE_OK;
}

/* The more values, the more of them lie far out side by side by chance. */
static size_t choose_around(size_t count)
{
    size_t around = count < 50 ? 5 : count < 200 ? 7 : MOST_AROUND;
    return around < count ? around : count;
}

/* Of the values around, which at the ends of the series are the first or the last so many. */
static double middle_around(const double *values, size_t count, size_t at)
{
    double around[MOST_AROUND];
    size_t taken = choose_around(count);
    size_t first = at > taken / 2 ? at - taken / 2 : 0;
    if (first + taken > count)
        first = count - taken;
    memcpy(around, values + first, taken * sizeof *values);
    for (size_t i = 1; i < taken; i++) {
        double moved = around[i];
        size_t to = i;
        for (; to > 0 && around[to - 1] > moved; to--)
            around[to] = around[to - 1];
        around[to] = moved;
    }
    return tare_sample_middle(around, taken);
}

/* Around the first value rather than 0, or sums of large values lose what they differ by. */
static void prepare(const double *values, size_t count, double spread, double *prepared)
{
    for (size_t i = 0; i < count; i++) {
        double middle = middle_around(values, count, i);
        double off = fmin(fmax((values[i] - middle) / spread, -clip), clip);
        prepared[i] = fmin(fmax((middle - values[0]) / spread, -far), far) + off;
    }
}

tare_status tare_changes_find(const double *values, size_t count, double penalty,
                              uint32_t *starts_out, size_t *start_count_out,
                              const tare_alloc *alloc, tare_error *err)
{
    void  *prepared = NULL;
    double spread = 0;
    *start_count_out = 0;
    if (count >= UINT32_MAX / 2)
        return tare_fail(err, TARE_LIMIT, "%zu values: changes are found in 2^31 at most", count);
    TARE_TRY(tare_changes_spread(values, count, &spread, alloc, err));
    if (!(spread > 0))
        return TARE_OK;
    if (penalty < 0)
        penalty = 15 * log((double)count);
    TARE_TRY(tare_acquire(alloc, &prepared, count, sizeof(double), err));
    prepare(values, count, spread, prepared);
    tare_status status = cut_up(prepared, count, penalty, starts_out, start_count_out, alloc, err);
    tare_release(alloc, prepared, count, sizeof(double));
    return status;
}
