"""Measuring two sides against each other, until it is decided or time is up.

    agree      both once: results, output, exceptions, arguments. Differing ones are not timed
    scout      one process: how many loops make a block, is it warm, which clock counts
    processes  by a recorded design; after each batch a look, whose interval pays for looking often
    memory     one more process for each side

The ratio of a process is the trimmed mean of the log ratios of its pairs; the interval is over
processes, since the values of one process are not a sample of what another would give.
"""

from __future__ import annotations

import math
import random
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from tare.comparing import design, machine, result
from tare.comparing.design import Setting
from tare.comparing.engines import (
    Engine,
    Raw,
    Scout,
    make_engine,
    parallel_ratio,
    waiting_share,
)
from tare.comparing.driving import CompareError
from tare._stats import (
    Estimate,
    Look,
    compare_pairs,
    factors,
    levels,
    mean_interval,
    sequential,
    sequential_p,
    trimmed_mean,
    warm_up,
)
from tare.comparing.result import Agreed, Comparison, Process, Timed, WarmUpClass
from tare.comparing.sides import Side

LEVEL = 0.95
MOST_LOOKS = 5
LEAST_PROCESSES, USUAL_PROCESSES, MOST_PROCESSES = 6, 10, 2000
FEWEST_PROCESSES = 3  # where even LEAST_PROCESSES would take MUCH_LONGER than was allowed
MUCH_LONGER = 3
LEAST_PAIRS, MOST_PAIRS = 4, 16
LONG_PAIR_SECONDS = 0.2  # then one in each process will do
VERY_LONG_SECONDS = 2.0  # then what a first call does once is nothing beside it
MOST_WARM_PAIRS = 40
SCOUT_PART = 0.1  # of the time, for finding out whether the code is warm
MUCH_WAITING = 0.2  # of wall time: then CPU time is not what people wait for
MUCH_PARALLEL = 1.2
SHORT_PART = 0.05  # of a block: less than that is not told from the empty loop
NARROW = 0.02  # of the ratio: an interval of that half width is enough
MEMORY_CALLS = 3  # of each side, as slow as counting makes them
MEMORY_PART = 0.3  # of the time that was allowed
COUNTED_PAGES_BYTES = 512 << 10  # Linux counts pages for each processor, and adds up at times
NARROW_PART = 0.1  # of the change's logarithm: or one of this


class Plan(NamedTuple):
    """How long, how sure, and what counts as the same."""

    seconds: float = 20.0
    processes: int | None = None  # None: as many as the time allows
    least: float = 0.01  # the smallest change that matters
    timeout: float = 60.0  # of one request to a process
    clock: str = "auto"
    block_ns: int = 4_000_000
    rule: Any = None
    check: bool = True
    names: tuple[str, ...] | None = None  # of what statements bind: these are compared
    seed: int | None = None
    memory: bool = True
    budget: bool = False  # find out where the spread comes from: takes half as long again
    name: str = ""


Progress = Callable[[str], None]


def no_progress(words: str) -> None:
    pass


def measure(a: Side, b: Side, plan: Plan, progress: Progress = no_progress) -> Comparison:
    """A against B; CompareError for what cannot be compared."""
    engine = make_engine(a, b, plan.timeout, plan.block_ns)
    try:
        return measure_with(engine, plan, progress)
    finally:
        engine.close()


def measure_with(engine: Engine, plan: Plan, progress: Progress = no_progress) -> Comparison:
    return Measurement(engine, plan, progress).run()


class Measurement:
    """One comparison while it is made."""

    def __init__(self, engine: Engine, plan: Plan, progress: Progress) -> None:
        self.engine = engine
        self.plan = plan
        self.progress = progress
        self.begun = time.monotonic()
        self.seed = secrets.randbits(32) if plan.seed is None else plan.seed
        self.settings: Iterator[Setting] = design.settings(self.seed)
        self.hash_fixed = not engine.varies or design.is_hash_fixed(design.own_environment())
        self.processes: list[Process] = []
        self.used: list[Setting] = []  # of each
        self.peaks: list[tuple[float, float]] = []
        self.notes: list[str] = []
        self.clock, self.clock_why = "cpu", ""
        self.pair_count = self.warm_pairs = 1
        self.least_processes = LEAST_PROCESSES
        self.process_seconds = 0.0
        self.costs = (1.0, 1.0)  # seconds of a further pair, and of a further process

    def run(self) -> Comparison:
        watch = machine.Watch()
        agreement = Agreed(None, "not compared")
        if self.plan.check:
            self.progress("comparing results")
            agreement = self.engine.agree(self.plan.rule, self.plan.names)
            if agreement.same is False:
                return self.differing(agreement)
        self.progress("finding out how long each takes")
        begun = time.monotonic()
        scout = self.engine.scout(next(self.settings), self.plan.seconds * SCOUT_PART)
        self.choose_clock(scout.blocks)
        self.notes += scout.notes
        self.check_long_enough(scout)
        kinds = self.classify(scout)
        looks = self.plan_processes(scout, time.monotonic() - begun)
        look = self.measure_processes(looks)
        known = {
            "memory": self.find_memory(),
            "levels": self.find_levels(),
            "factors": self.find_factors() if self.plan.budget else None,
            "machine": watch.end(),
        }
        return self.conclude(look, agreement=agreement, warm_up=kinds, looks=looks, **known)

    def choose_clock(self, blocks: Sequence[Timed]) -> None:
        """CPU time, unless people wait for something else."""
        if self.plan.clock != "auto":
            self.clock, self.clock_why = self.plan.clock, "as told"
            return
        for side, found in enumerate(self.engine.sides):
            own = [one for one in blocks if one.side == side]
            waits, parallel = waiting_share(own), parallel_ratio(own)
            if waits > MUCH_WAITING:
                why = f"waits for {waits:.0%} of its time"
            elif parallel > MUCH_PARALLEL:
                why = f"uses {parallel:.1f} processors"
            else:
                continue
            self.clock, self.clock_why = "wall", f"{found.name} {why}"
            return

    def check_long_enough(self, scout: Scout) -> None:
        for side, found in enumerate(self.engine.sides):
            own = [one.ns(self.clock) for one in scout.blocks if one.side == side]
            if statistics.median(own) <= 0:
                raise CompareError(
                    f"{found.name} takes less time than the clock can tell; give it more to do"
                )

    def classify(self, scout: Scout) -> tuple[WarmUpClass, WarmUpClass] | None:
        """Whether each side is warm, and so how many pairs each process has to run before."""
        if self.engine.how == "commands":
            return None
        found = []
        for side in (0, 1):
            values = [one.ns(self.clock) for one in scout.blocks if one.side == side]
            one = warm_up(values)
            found.append(WarmUpClass(one.kind, one.steady_from, one.period, len(values)))
            if one.kind == "warm-up" and one.steady_from is not None:
                iterations = one.steady_from * scout.first_loops[side]
                pairs = math.ceil(iterations / max(1, scout.loops[side]))
                self.warm_pairs = max(self.warm_pairs, min(MOST_WARM_PAIRS, pairs))
        return found[0], found[1]

    def plan_processes(self, scout: Scout, scout_seconds: float) -> tuple[int, ...]:
        """Pairs in each process, processes in all, and after which of them to look."""
        pair_ns = sum(
            scout.loops[side] * statistics.median(
                one.block.wall_ns / one.loops for one in scout.blocks if one.side == side
            )
            for side in (0, 1)
        )
        left = max(0.0, self.plan.seconds - (time.monotonic() - self.begun))
        pair_seconds = max(pair_ns / 1e9, 1e-9)
        start = 0.0
        if self.engine.how != "commands":
            if pair_seconds > VERY_LONG_SECONDS:
                self.warm_pairs = 0
            start = max(0.0, scout_seconds - pair_seconds * len(scout.blocks) / 2)
            start += self.warm_pairs * pair_seconds
            wanted = self.plan.processes or USUAL_PROCESSES
            affordable = (left / wanted - start) / pair_seconds
            fewest = LEAST_PAIRS if pair_seconds < LONG_PAIR_SECONDS else 1
            if affordable < MOST_PAIRS:  # pairs for as long as it takes to start, nearly for free
                affordable = max(affordable, min(start / pair_seconds, MOST_PAIRS))
            self.pair_count = int(min(MOST_PAIRS, max(fewest, affordable)))
        self.costs = (pair_seconds, max(start, pair_seconds / 1000))
        self.process_seconds = start + self.pair_count * pair_seconds
        if self.process_seconds * LEAST_PROCESSES > self.plan.seconds * MUCH_LONGER:
            self.least_processes = FEWEST_PROCESSES
        most = self.plan.processes or int(
            min(MOST_PROCESSES, max(self.least_processes, left / self.process_seconds))
        )
        return spread_looks(min(most, self.least_processes), most)

    def measure_processes(self, looks: tuple[int, ...]) -> Look:
        """Batches of processes until a look decides, or all are done, or time is up."""
        begun = time.monotonic()
        look = None
        while len(self.processes) < looks[-1]:
            self.say_progress(looks[-1], look)
            self.add_process(next(self.settings))
            count = len(self.processes)
            self.process_seconds = (time.monotonic() - begun) / count
            over = self.is_time_over(count)
            if count in looks or over:
                look = self.look(looks)
                if over or self.is_enough(look):
                    break
        assert look is not None
        return look

    def is_time_over(self, count: int) -> bool:
        late = time.monotonic() - self.begun + self.process_seconds > self.plan.seconds
        return late and count >= self.least_processes and self.plan.processes is None

    def look(self, looks: tuple[int, ...]) -> Look:
        values = [process.log_ratio for process in self.processes]
        return sequential(values, looks, LEVEL, self.plan.least)

    def is_enough(self, look: Look) -> bool:
        """Decided, and known closely enough to be of use."""
        if not look.decided:
            return False
        half = math.log(look.ratio.high / look.ratio.low) / 2 if look.ratio.low > 0 else math.inf
        return half <= max(NARROW, NARROW_PART * abs(math.log(look.ratio.value)))

    def say_progress(self, most: int, look: Look | None) -> None:
        words = f"process {len(self.processes) + 1} of at most {most}"
        if look is not None:
            words += f", so far {look.ratio.value:.3g}x"
        self.progress(words)

    def add_process(self, setting: Setting) -> None:
        raw = self.engine.process(setting, self.pair_count, self.warm_pairs)
        self.processes.append(self.reduce(raw, setting))
        self.used.append(setting)
        if raw.peaks is not None:
            self.peaks.append(raw.peaks)

    def reduce(self, raw: Raw, setting: Setting) -> Process:
        """One process as one value: of the pairs that the machine let be."""
        pairs = [in_order(*raw.blocks[at : at + 2]) for at in range(0, len(raw.blocks), 2)]
        usable = [pair for pair in pairs if all(is_usable(one, self.clock) for one in pair)]
        if not usable:
            raise CompareError("the clock of the system stepped in every block; try again")
        sieved = machine.sieve([(a.block, b.block) for a, b in usable], self.clock)
        kept = [usable[index] for index in sieved.kept]
        found = {}
        for clock in ("cpu", "wall"):
            times = [[self.net_ns(one, clock, raw.empty_ns) for one in pair] for pair in kept]
            found[clock] = [math.log(a / b) if a > 0 < b else math.nan for a, b in times]
            if clock == self.clock:
                a_ns, b_ns = (statistics.fmean(column) for column in zip(*times, strict=True))
        ratios = found[self.clock]
        return Process(
            trimmed_mean(ratios),
            mean_of_known(found["wall"]),
            mean_of_known(found["cpu"]),
            a_ns,
            b_ns,
            ratios,
            raw.blocks,
            dict(sieved.set_aside),
            None if self.hash_fixed or not self.engine.varies else setting.hash_seed,
            setting.env_bytes if self.engine.varies else 0,
            setting.order,
        )

    def net_ns(self, one: Timed, clock: str, empty_ns: float) -> float:
        """Of an iteration, without the loop around it."""
        whole = one.ns(clock)
        net = whole - empty_ns
        if clock == self.clock and net < SHORT_PART * whole:
            raise CompareError(
                f"{self.engine.sides[one.side].name} takes no longer than an empty loop does; "
                "give it more to do"
            )
        return net

    def find_memory(self) -> result.Memory | None:
        if self.peaks:
            columns = list(zip(*self.peaks, strict=True))
            a, b = (mean_interval(column) for column in columns)
            return result.Memory(a, b, "peak", self.engine.floor_bytes())
        if not self.plan.memory or MEMORY_CALLS * self.costs[0] > MEMORY_PART * self.plan.seconds:
            return None
        self.progress("measuring memory")
        found = self.engine.memory(next(self.settings))
        if found is None:
            return None
        a, b = (Estimate(value, value, value) for value in found[:2])
        floor = COUNTED_PAGES_BYTES if found[2] == "resident" else 0
        return result.Memory(a, b, found[2], floor)

    def find_levels(self) -> dict[str, Any] | None:
        """How much of the spread is within processes, how much between them."""
        ratios = [process.pair_log_ratios for process in self.processes]
        if len(ratios) < 2 or max(map(len, ratios)) < 2:
            return None
        return dict(result.plain(levels(ratios, self.costs)))

    def find_factors(self) -> list[dict[str, Any]] | None:
        """What explains it: the same hash seeds once more, in another environment and order.

        These processes serve nothing else: beside the first ones they are no sample of hash seeds.
        """
        if not self.engine.varies or len(self.processes) < LEAST_PROCESSES - 1:
            return None
        chance = random.Random(self.seed)
        first = list(zip(self.used, self.processes, strict=True))
        values = [(setting, process.log_ratio) for setting, process in first]
        for number, (setting, _) in enumerate(first, 1):
            self.progress(f"finding out what makes the spread: {number} of {len(first)}")
            again = design.repeated(setting, chance)
            raw = self.engine.process(again, self.pair_count, self.warm_pairs)
            values.append((again, self.reduce(raw, again).log_ratio))
        labels = [factor_labels(setting, self.hash_fixed) for setting, _ in values]
        names = [name for name, _ in labels[0]]
        found = factors(
            [value for _, value in values],
            [tuple(label for _, label in one) for one in labels],
        )
        return [
            {"name": name, **factor._asdict()} for name, factor in zip(names, found, strict=True)
        ]

    def differing(self, agreement: Agreed) -> Comparison:
        """Nothing is timed that does not do the same."""
        return self.comparison(agreement=agreement, verdict=result.DIFFERENT)

    def conclude(self, look: Look, **known: Any) -> Comparison:
        values = [process.log_ratio for process in self.processes]
        # At the level of this look: what the interval shown could tell apart.
        paired = compare_pairs(values, look.level_used, self.plan.least)
        needed = 0 if look.decided else max(1, paired.needed)
        return self.comparison(
            verdict=look.decided or result.CANNOT_TELL,
            ratio=look.ratio,
            wall_ratio=self.ratio_of("wall_log_ratio"),
            cpu_ratio=self.ratio_of("cpu_log_ratio"),
            memory_ratio=self.memory_ratio(),
            a_ns=mean_interval([process.a_ns for process in self.processes]),
            b_ns=mean_interval([process.b_ns for process in self.processes]),
            p=sequential_p(values, known["looks"]),
            smallest=paired.smallest,
            needed=needed,
            needed_seconds=needed * self.process_seconds,
            level_used=look.level_used,
            set_aside=self.set_aside_words(),
            **known,
        )

    def comparison(self, **known: Any) -> Comparison:
        sides = [
            result.Side(side.name, side.kind, interpreter, " ".join(side.command))
            for side, interpreter in zip(self.engine.sides, self.engine.interpreters, strict=True)
        ]
        blank = dict.fromkeys(Comparison._fields)
        given: dict[str, Any] = {
            **blank,
            "name": self.plan.name or f"{sides[0].name} -> {sides[1].name}",
            "a": sides[0],
            "b": sides[1],
            "p": math.nan,
            "smallest": math.inf,
            "needed": 0,
            "needed_seconds": 0.0,
            "least": self.plan.least,
            "level_used": LEVEL,
            "looks": (),
            "clock": self.clock,
            "clock_why": self.clock_why,
            "how": self.engine.how,
            "processes": self.processes,
            "set_aside": "",
            "notes": tuple(self.notes),
            "elapsed_seconds": time.monotonic() - self.begun,
        }
        return Comparison(**{**given, **known})

    def ratio_of(self, field: str) -> Estimate | None:
        values = [getattr(process, field) for process in self.processes]
        if any(math.isnan(value) for value in values):
            return None
        return compare_pairs(values, LEVEL).ratio

    def memory_ratio(self) -> Estimate | None:
        if not self.peaks or min(min(pair) for pair in self.peaks) <= 0:
            return None
        return compare_pairs([math.log(a / b) for a, b in self.peaks], LEVEL).ratio

    def set_aside_words(self) -> str:
        counts: Counter[str] = Counter()
        for process in self.processes:
            counts.update(process.set_aside)
        return machine.set_aside_words(counts, self.pair_count * len(self.processes))


def spread_looks(first: int, most: int) -> tuple[int, ...]:
    """After which processes to look, each as many times more as the one before: what is large shows
    soon, and what is small needs nearly all of them anyway."""
    steps = MOST_LOOKS - 1
    return tuple(sorted({round(first * (most / first) ** (step / steps)) for step in range(steps)}
                        | {most}))  # fmt: skip


def factor_labels(setting: Setting, hash_fixed: bool) -> list[tuple[str, object]]:
    """What was varied, under the name that people are told."""
    found: list[tuple[str, object]] = [
        ("environment size", setting.env_bytes),
        ("order", setting.order),
    ]
    return found if hash_fixed else [("hash seed", setting.hash_seed), *found]


def in_order(first: Timed, second: Timed) -> tuple[Timed, Timed]:
    """A pair, A before B."""
    return (first, second) if first.side == 0 else (second, first)


def is_usable(one: Timed, clock: str) -> bool:
    """Whether the clock went on: a system's clock may be set back, or stand for a short time."""
    return (one.block.wall_ns if clock == "wall" else one.block.cpu_ns) > 0


def mean_of_known(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return trimmed_mean(known) if known else math.nan
