/* cpu_meter.c - see cpu_meter.h. */
#include "trace/cpu_meter.h"

#include "os/ticks.h"

#define NOT_READ UINT64_MAX
#define LONG_GAP_NS 4000.0
#define READ_EACH_NS 1000000.0

tare_cpu_meter tare_cpu_meter_on(double ns_per_tick)
{
    return (tare_cpu_meter){.on = true, .read_ns = NOT_READ, .ns_per_tick = ns_per_tick};
}

uint64_t tare_cpu_meter_take(tare_cpu_meter *meter, uint64_t now, uint64_t ticks)
{
    if (meter->read_ns == NOT_READ) { /* its first event: what was before is not its owner's */
        meter->read_ns = tare_ticks_thread_cpu_ns();
        meter->read_ticks = now;
        return 0;
    }
    double gap_ns = (double)ticks * meter->ns_per_tick;
    double unread_ns = (double)(now - meter->read_ticks) * meter->ns_per_tick;
    if (gap_ns < LONG_GAP_NS && unread_ns < READ_EACH_NS) {
        meter->given_ns += (uint64_t)gap_ns;
        return (uint64_t)gap_ns;
    }
    uint64_t read_ns = tare_ticks_thread_cpu_ns();
    uint64_t used_ns = read_ns - meter->read_ns;
    uint64_t gone_ns = meter->given_ns + meter->debt_ns;
    meter->debt_ns = gone_ns > used_ns ? gone_ns - used_ns : 0;
    meter->given_ns = 0;
    meter->read_ns = read_ns;
    meter->read_ticks = now;
    return used_ns > gone_ns ? used_ns - gone_ns : 0;
}
