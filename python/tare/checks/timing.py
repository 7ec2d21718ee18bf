"""How well this machine keeps time, and how steady it is."""

from __future__ import annotations

import time

from tare.checks import GOOD, NOTE, Finding, read_file

MEASURE_SECONDS = 0.3
SLEEP_SECONDS = 0.001
LATE_NS = 300_000  # a sample at 1 kHz would often be due already
NOISY = 0.05  # interquartile range of equal pieces of work, as a part of the median
SLOW_CLOCKS = ("hpet", "acpi_pm", "jiffies", "refined-jiffies")
WORK = range(20_000)


def check_clock() -> Finding:
    source = read_file("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    resolution_ns = round(time.get_clock_info("monotonic").resolution * 1e9)
    cost_ns = clock_cost_ns()
    words = (
        f"{source or 'unknown source'}, resolution {resolution_ns} ns, a look costs {cost_ns} ns"
    )
    slow = source in SLOW_CLOCKS
    remedy = "choose a faster source, tsc where the machine has it" if slow else ""
    facts = {"source": source, "resolution_ns": resolution_ns, "cost_ns": cost_ns}
    return Finding("clock", NOTE if slow else GOOD, words, remedy, facts)


def clock_cost_ns(rounds: int = 10_000) -> int:
    """From Python: an upper bound of what it costs the sampler."""
    look = time.monotonic_ns
    start = look()
    for _ in range(rounds):
        look()
    return (look() - start) // rounds


def check_wake_up() -> Finding:
    """How late a sleeper wakes: what stands between the rate asked and the rate reached."""
    late_ns = sorted(lateness())
    median_ns, p99_ns = quantile(late_ns, 0.5), quantile(late_ns, 0.99)
    slack_ns = int(read_file("/proc/self/timerslack_ns") or 0)
    words = f"median {median_ns / 1000:.0f} µs, 99th percentile {p99_ns / 1000:.0f} µs late"
    facts = {"median_ns": median_ns, "p99_ns": p99_ns, "timer_slack_ns": slack_ns}
    late = p99_ns > LATE_NS
    remedy = "the machine is busy or slow to wake: trust high rates less" if late else ""
    return Finding("wake-up", NOTE if late else GOOD, words, remedy, facts)


def lateness() -> list[int]:
    found = []
    end = time.monotonic_ns() + round(MEASURE_SECONDS * 1e9)
    while (start := time.monotonic_ns()) < end:
        time.sleep(SLEEP_SECONDS)
        found.append(time.monotonic_ns() - start - round(SLEEP_SECONDS * 1e9))
    return found


def quantile(ordered: list[int], part: float) -> int:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def check_noise() -> Finding:
    """Equal pieces of work, and what other guests of the host took meanwhile.

    The middle half of the pieces, so that one interruption is not the noise of the machine.
    """
    steal_before = steal_ticks()
    pieces = pieces_of_work()
    stolen = steal_ticks() - steal_before
    spread, median_ns = spread_of(pieces)
    words = (
        f"equal pieces of work of {median_ns / 1e6:.2f} ms: the middle half differs by "
        f"{spread:.1%}; {stolen} clock ticks stolen"
    )
    noisy = spread > NOISY or stolen > 0
    remedy = "close other programs; compare versions with several runs each" if noisy else ""
    facts = {
        "median_ns": median_ns,
        "interquartile_ratio": round(spread, 4),
        "stolen_ticks": stolen,
        "pieces": len(pieces),
    }
    return Finding("noise", NOTE if noisy else GOOD, words, remedy, facts)


def spread_of(pieces: list[int]) -> tuple[float, int]:
    """The interquartile range as a part of the median, and the median."""
    ordered = sorted(pieces)
    median = quantile(ordered, 0.5)
    return (quantile(ordered, 0.75) - quantile(ordered, 0.25)) / max(median, 1), median


def pieces_of_work() -> list[int]:
    found = []
    end = time.monotonic_ns() + round(MEASURE_SECONDS * 1e9)
    while (start := time.monotonic_ns()) < end:
        sum(WORK)
        found.append(time.monotonic_ns() - start)
    return found


def steal_ticks() -> int:
    fields = (read_file("/proc/stat") or "cpu").splitlines()[0].split()
    return int(fields[8]) if len(fields) > 8 else 0
