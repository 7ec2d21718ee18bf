"""The machine: processors, load, limits."""

from __future__ import annotations

import os

from tare.checks import GOOD, NOTE, Finding, read_file


def check_processors() -> Finding:
    usable, present = len(os.sched_getaffinity(0)), os.cpu_count() or 1
    words = f"{usable} of {present} usable" if usable != present else f"{present}"
    quota = cpu_quota()
    if quota is not None:
        words += f", limited to {quota:.2f} by the control group"
    facts = {"present": present, "usable": usable, "quota": quota}
    alone = usable < 2 or (quota is not None and quota < 2)
    remedy = "program and sampler share a processor: expect more disturbance" if alone else ""
    return Finding("processors", NOTE if alone else GOOD, words, remedy, facts)


def cpu_quota() -> float | None:
    """Processors this control group may use, or None without a limit."""
    fields = (read_file("/sys/fs/cgroup/cpu.max") or "max").split()
    return int(fields[0]) / int(fields[1]) if fields[0].isdigit() and len(fields) == 2 else None


def check_load() -> Finding:
    load = os.getloadavg()[0]
    busy = load > len(os.sched_getaffinity(0)) * 0.75
    remedy = "other programs compete with what you measure" if busy else ""
    return Finding(
        "load", NOTE if busy else GOOD, f"{load:.2f} in the last minute", remedy, {"load_1": load}
    )


def check_frequency() -> Finding:
    governor = read_file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    if governor is None:
        return Finding("frequency", GOOD, "not visible from here", facts={"governor": None})
    steady = governor == "performance"
    remedy = "" if steady else "for comparisons set the governor to performance"
    words = f"governor {governor}"
    return Finding("frequency", GOOD if steady else NOTE, words, remedy, {"governor": governor})
