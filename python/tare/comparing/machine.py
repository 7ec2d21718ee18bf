"""What the machine did to a comparison: which pairs of blocks to set aside, and words for people.

The rule is fixed before anything is measured and never looks at how long a block took; a pair goes
with both its blocks, so neither side can gain by it:

    R1  waited     a block waited for a processor for more than a tenth of its wall time
                   (for the wall clock alone: the CPU clock does not run meanwhile)
    R2  standstill a block that never gave up its processor took more wall time than CPU time and
                   waiting explain, by a tenth and 0.5 ms: the machine stood still
    R3  disk       the two blocks waited for the disk unequally often

At most half of a process's pairs are set aside, those that waited or stood still the most: a
machine that is always busy is measured as it is. That R1 is for the wall clock alone is measured:
with both processors taken it left 0.55 % of spread between processes where there had been 4.8 %,
but under the CPU clock, where 44 % of the pairs would go, 1.2 % where there had been 0.8 %.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tare.checks import read_file

WAITED, STANDSTILL, DISK = "waited", "standstill", "disk"
RULES = {WAITED: "R1", STANDSTILL: "R2", DISK: "R3"}
MOST_WAITED = 0.1  # of a block's wall time
STANDSTILL_NS = 500_000
MOST_SET_ASIDE = 0.5  # of the pairs of a process

SPIN_LOOPS = 10_000
SPIN_ROUNDS = 60
BUSY_LOAD = 0.75  # of the processors, in the last minute
BUSY_SHARE = 0.25  # of all processors, by other programs
QUIET_SHARE = 0.05
MUCH_STEAL = 0.005
MUCH_DRIFT = 0.03
ID_DIGITS = 12


class Block(NamedTuple):
    """One timed block of one side, and what happened to its thread meanwhile; -1: not known."""

    wall_ns: int
    cpu_ns: int
    nvcsw: int = -1
    nivcsw: int = -1
    minflt: int = -1
    majflt: int = -1
    run_delay_ns: int = -1

    @property
    def waited_share(self) -> float:
        return max(self.run_delay_ns, 0) / max(self.wall_ns, 1)

    @property
    def unexplained_ns(self) -> int:
        """Wall time in which the thread neither ran nor waited for a processor nor slept."""
        if self.run_delay_ns < 0 or self.nvcsw != 0:
            return 0
        return max(0, self.wall_ns - self.cpu_ns - self.run_delay_ns)

    @property
    def stood_still(self) -> bool:
        return self.unexplained_ns > max(STANDSTILL_NS, MOST_WAITED * self.wall_ns)


class Sieved(NamedTuple):
    kept: list[int]  # indexes of pairs, rising
    set_aside: Counter[str]  # pairs by rule


def sieve(pairs: Sequence[tuple[Block, Block]], clock: str = "cpu") -> Sieved:
    """The pairs of one process that count for that clock, "cpu" or "wall"."""
    reasons = [reason_against(pair, clock) for pair in pairs]
    against = [index for index, reason in enumerate(reasons) if reason]
    most = int(len(pairs) * MOST_SET_ASIDE)
    against.sort(key=lambda index: (-severity(pairs[index]), index))
    gone = set(against[:most])
    kept = [index for index in range(len(pairs)) if index not in gone]
    return Sieved(kept, Counter(reasons[index] for index in gone))


def reason_against(pair: tuple[Block, Block], clock: str) -> str:
    first, second = pair
    if first.stood_still or second.stood_still:
        return STANDSTILL
    if first.majflt != second.majflt and min(first.majflt, second.majflt) >= 0:
        return DISK
    if clock == "wall" and max(first.waited_share, second.waited_share) > MOST_WAITED:
        return WAITED
    return ""


def severity(pair: tuple[Block, Block]) -> float:
    """How much of its wall time the worse block did not run."""
    return max(
        block.waited_share + block.unexplained_ns / max(block.wall_ns, 1) for block in pair
    )


def set_aside_words(set_aside: Counter[str], pair_count: int) -> str:
    """Such as "7 of 480 pairs set aside (R1 5, R3 2)"; nothing where none was."""
    count = sum(set_aside.values())
    if not count:
        return ""
    parts = ", ".join(f"{RULES[reason]} {set_aside[reason]}" for reason in RULES
                      if set_aside[reason])
    return f"{count:,} of {pair_count:,} pairs set aside ({parts})"


class Machine(NamedTuple):
    """The machine while something was measured; a part is None where the system does not say."""

    processors: int
    elapsed_seconds: float
    others_share: float | None  # of all processors, by programs that are not ours
    steal_share: float | None  # of all processors, kept back by the host
    load: float | None
    spin_before_ns: int  # of fixed work, in this interpreter
    spin_after_ns: int
    governor: str | None
    quota: float | None  # processors that the control group may use

    @property
    def drift(self) -> float:
        """By how much the machine was faster at the end, by fixed work; below 0: slower."""
        return self.spin_before_ns / self.spin_after_ns - 1 if self.spin_after_ns else 0.0

    @property
    def grade(self) -> str:
        """quiet, shared or busy."""
        share = (self.others_share or 0.0) + (self.steal_share or 0.0)
        return "busy" if share >= BUSY_SHARE else "quiet" if share < QUIET_SHARE else "shared"

    def words(self) -> str:
        """One line: busy: other programs used 94% of 2 processors, 2.1% steal, speed -4%."""
        parts = []
        if self.others_share is not None:
            count = f"{self.processors} processor{'' if self.processors == 1 else 's'}"
            parts.append(f"other programs used {self.others_share:.0%} of {count}")
        if self.steal_share is not None and self.steal_share >= MUCH_STEAL / 10:
            parts.append(f"{self.steal_share:.1%} steal")
        if abs(self.drift) >= MUCH_DRIFT:
            parts.append(f"speed {self.drift:+.0%} from begin to end")
        return f"{self.grade}: {', '.join(parts)}" if parts else "unknown: the system does not say"

    def advice(self) -> list[str]:
        """What would make it less noisy, each as a request; the most helpful first."""
        found = []
        if (self.others_share or 0.0) >= QUIET_SHARE:
            found.append(f"stop other programs: they used {self.others_share:.0%}")
        if (self.steal_share or 0.0) >= MUCH_STEAL:
            found.append(
                f"use another machine or hour: the host kept back {self.steal_share:.1%}"
            )
        if self.quota is not None and self.quota < 2:
            found.append(f"give the control group more than {self.quota:.2g} processors")
        if abs(self.drift) >= MUCH_DRIFT and not found:
            found.append("fix the processor's frequency, or let it cool first")
        elif self.governor not in (None, "performance"):
            found.append(f"set the governor to performance: it is {self.governor}")
        return found

    def to_dict(self) -> dict[str, object]:
        return {**self._asdict(), "drift": self.drift, "grade": self.grade, "words": self.words()}

    @classmethod
    def from_dict(cls, given: dict[str, object]) -> Machine:
        return cls(**{name: given[name] for name in cls._fields})  # type: ignore[arg-type]


class Watch:
    """Looks at the machine from its making until end()."""

    def __init__(self) -> None:
        self.spin_ns = spin()
        self.counters = read_counters()
        self.own_seconds = own_cpu_seconds()
        self.begun_ns = time.monotonic_ns()

    def end(self) -> Machine:
        from tare.checks.machine import cpu_quota

        elapsed = (time.monotonic_ns() - self.begun_ns) / 1e9
        own = own_cpu_seconds() - self.own_seconds
        others, steal = shares_between(self.counters, read_counters(), own)
        return Machine(
            usable_processors(),
            elapsed,
            others,
            steal,
            load_average(),
            self.spin_ns,
            spin(),
            read_file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            cpu_quota(),
        )


def words_before() -> str:
    """What is known before anything is measured; nothing where the machine is quiet."""
    load, processors = load_average(), usable_processors()
    if load is None or load < BUSY_LOAD * processors:
        return ""
    count = f"{processors} processor{'' if processors == 1 else 's'}"
    return f"the machine is busy: load {load:.1f} on {count}; it may take longer to be sure"


def spin() -> int:
    """The least CPU time of the same little work, in ns: the machine's speed, as an inverse."""
    best = sys.maxsize
    for _ in range(SPIN_ROUNDS):
        begin_ns = time.thread_time_ns()
        total = 0
        for number in range(SPIN_LOOPS):
            total += number
        best = min(best, time.thread_time_ns() - begin_ns)
    return best


class Counters(NamedTuple):
    """Of all processors since the machine was started, in seconds."""

    busy: float
    idle: float
    steal: float


def read_counters() -> Counters | None:
    return parse_counters(read_file("/proc/stat") or "", os.sysconf("SC_CLK_TCK"))


def parse_counters(text: str, ticks_a_second: int) -> Counters | None:
    """user nice system idle iowait irq softirq steal ...; guests are in user already."""
    first = text.partition("\n")[0].split()
    if len(first) < 9 or first[0] != "cpu" or not all(word.isdigit() for word in first[1:9]):
        return None
    user, nice, system, idle, waiting, irq, softirq, steal = (
        int(word) / ticks_a_second for word in first[1:9]
    )
    return Counters(user + nice + system + irq + softirq, idle + waiting, steal)


def shares_between(
    before: Counters | None, after: Counters | None, own_seconds: float
) -> tuple[float | None, float | None]:
    """What other programs used and what the host kept back, of all processors' time."""
    if before is None or after is None:
        return None, None
    busy, idle, steal = (then - first for first, then in zip(before, after, strict=True))
    whole = busy + idle + steal
    if whole <= 0:
        return None, None
    return min(1.0, max(0.0, busy - own_seconds) / whole), min(1.0, max(0.0, steal / whole))


def own_cpu_seconds() -> float:
    """With the children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def load_average() -> float | None:
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def usable_processors() -> int:
    return len(os.sched_getaffinity(0))


def identity() -> dict[str, object]:
    """This machine: what is compared over time must come from one."""
    words = {
        "node": platform.node(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "processor": processor_name(),
        "processors": os.cpu_count() or 1,
    }
    text = "\0".join(str(value) for value in words.values())
    return {"id": hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS], **words}


def processor_name() -> str:
    for line in (read_file("/proc/cpuinfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()
