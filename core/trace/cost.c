/* cost.c - see cost.h.
 *
 *     heard = slowdown * plain + inside + outside
 *     callee's part of it: slowdown * body + inside          native bodies are not slowed down
 *
 * The pace: two runs of one loop a tenth of a second apart differ by a factor of up to 1.7 on a
 * processor whose other half somebody else uses, and by 1.3 most of the time. The loops are run
 * once, before the program, so their costs may be off by as much while it runs. */
#include "trace/cost.h"

static const double PACE_ERROR = 0.3;

static double at_least_zero(double amount)
{
    return amount > 0 ? amount : 0;
}

static tare_cost cost_of_loop(const tare_cost_loop *loop, double slowdown)
{
    double body_ns = loop->body_ns * (loop->kind == TARE_COST_NATIVE ? 1 : slowdown);
    double rest_ns = slowdown * (loop->plain_ns - loop->body_ns);
    return (tare_cost){
        .inside_ns = at_least_zero(loop->callee_ns - body_ns),
        .outside_ns = at_least_zero(loop->heard_ns - loop->callee_ns - rest_ns),
    };
}

static tare_cost mean_cost(tare_cost_kind kind, const tare_cost_loop *loops, size_t count,
                           double slowdown)
{
    tare_cost mean = {0};
    double    least_ns = 0, most_ns = 0;
    size_t    shapes = 0;
    for (size_t i = 0; i < count; i++) {
        if (loops[i].kind != kind)
            continue;
        tare_cost cost = cost_of_loop(&loops[i], slowdown);
        double    both_ns = cost.inside_ns + cost.outside_ns;
        least_ns = shapes == 0 || both_ns < least_ns ? both_ns : least_ns;
        most_ns = shapes == 0 || both_ns > most_ns ? both_ns : most_ns;
        mean.inside_ns += cost.inside_ns;
        mean.outside_ns += cost.outside_ns;
        shapes++;
    }
    if (shapes == 0)
        return mean;
    mean.inside_ns /= (double)shapes;
    mean.outside_ns /= (double)shapes;
    mean.error_ns = (most_ns - least_ns) / 2;
    return mean;
}

void tare_costs_measured(tare_costs *costs, const tare_cost_loop *loops, size_t count)
{
    for (int kind = 0; kind < TARE_COST_KIND_COUNT; kind++)
        costs->of[kind] = mean_cost((tare_cost_kind)kind, loops, count, costs->slowdown);
}

double tare_cost_error_ns(const tare_cost *cost, double count)
{
    return count * (cost->error_ns + PACE_ERROR * (cost->inside_ns + cost->outside_ns));
}
