"""How the blocks of one process come about: one process for both sides, one for each, or commands.

    Together   one fresh process holds both sides: nothing differs but the code
    Lockstep   two fresh processes, a block of one and a block of the other by turns: other
               interpreters, other folders
    Forks      a copy of this process holds both: functions that exist only here
    Commands   a run of one and a run of the other, each a fresh process

Each gives Raw: blocks in pairs, each pair a block of A beside one of B, and what the empty loop
costs, in ns an iteration.
"""

from __future__ import annotations

import math
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tare.comparing import design, driving
from tare.comparing.design import Setting
from tare.comparing.driving import CompareError, Worker
from tare.comparing.machine import Block
from tare.comparing.result import Agreed, Timed
from tare.comparing.sides import Side

EMPTY = -1
EMPTY_BLOCKS = 3
ABOUT_EQUAL = 1.25
WALL_PART = 5  # as the worker calibrates what waits
MOST_LOOPS = 10_000_000
SCOUT_PAIRS = 24
SHORT_PAIR_NS = 1_000_000_000
LAUNCHER = os.path.join(driving.FOLDER, "launcher.py")


class Raw(NamedTuple):
    """What one process gave."""

    blocks: list[Timed]
    empty_ns: float  # cost of an iteration of the empty loop
    peaks: tuple[float, float] | None = None  # bytes, of commands


class Scout(NamedTuple):
    """What a first process found out, before anything counts."""

    blocks: list[Timed]
    loops: tuple[int, ...]  # of A, of B, of the empty loop
    first_loops: tuple[int, ...]  # before it was warm
    notes: tuple[str, ...] = ()


class Engine:
    """One way to get blocks."""

    how = ""
    varies = True  # hash seed and environment differ from process to process

    def __init__(self, sides: tuple[Side, Side], timeout: float, block_ns: int) -> None:
        self.sides = sides
        self.timeout = timeout
        self.block_ns = block_ns
        self.loops: tuple[int, ...] = (1, 1, 1)
        self.interpreters = ["", ""]
        self.notes: list[str] = []

    def scout(self, setting: Setting, seconds: float) -> Scout:
        raise NotImplementedError

    def process(self, setting: Setting, pair_count: int, warm_pairs: int) -> Raw:
        raise NotImplementedError

    def agree(self, rule: Any, names: Sequence[str] | None) -> Agreed:
        raise NotImplementedError

    def floor_bytes(self) -> int:
        """Of the memory of commands: less than that is not seen."""
        return 0

    def memory(self, setting: Setting) -> tuple[float, float, str] | None:
        """Bytes that one call of each side takes at its peak, and how that is known."""
        return None

    def close(self) -> None:
        pass


def read_block(answer: Sequence[int], side: int) -> Timed:
    return Timed(side, answer[1], Block(*answer[2:9]))


class Group:
    """The workers of one process of the plan, asked as if they were one.

    places: which place a side has in a worker that holds both; who begins is also made first, so
    that where its data lie in memory is no property of a side.
    """

    def __init__(self, workers: list[Worker], places: tuple[int, int] = (0, 1)) -> None:
        self.workers = workers
        self.places = places
        self.abouts: list[dict[str, Any]] = []

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.close()

    def holder(self, side: int) -> tuple[Worker, int]:
        """Who holds a side, and under which number."""
        if len(self.workers) == 1:
            return self.workers[0], self.places[side]
        return self.workers[side], 0

    def blocks(self, sides: Sequence[int], loops: Sequence[int]) -> list[Timed]:
        """A block of each of them, in that order."""
        if len(self.workers) == 1:
            plan = [[self.places[side], loops[side]] for side in sides]
            answers = self.workers[0].ask("blocks", plan)
            return [read_block(one, side) for one, side in zip(answers, sides, strict=True)]
        return [self.block_of(side, loops[side]) for side in sides]

    def block_of(self, side: int, loops: int) -> Timed:
        worker, index = self.holder(side)
        return read_block(worker.ask("blocks", [[index, loops]])[0], side)

    def empty_ns(self, loops: int) -> float:
        answers = self.workers[0].ask("blocks", [[EMPTY, loops]] * EMPTY_BLOCKS)
        return min(answer[3] / answer[1] for answer in answers)

    def calibrate(self, block_ns: int) -> tuple[int, ...]:
        if len(self.workers) == 1:
            loops = self.workers[0].ask("calibrate", block_ns, MOST_LOOPS)
            return loops[self.places[0]], loops[self.places[1]], loops[2]
        found = [worker.ask("calibrate", block_ns, MOST_LOOPS) for worker in self.workers]
        return found[0][0], found[1][0], found[0][1]


def evened(
    loops: tuple[int, ...], blocks: Sequence[Timed], most: int = MOST_LOOPS
) -> tuple[int, ...]:
    """Loops with which the blocks of both sides take equally long: what a block costs by itself,
    such as cold caches after a wait, is then the same part of both, and not in the ratio. Where
    they are about equally quick, equally many: a calibration alone is a tenth off on a busy
    machine, and left half a per cent of that in the ratio."""
    took = [
        statistics.median(busy_ns(one) for one in own[len(own) // 2 :])
        for own in ([one for one in blocks if one.side == side] for side in (0, 1))
    ]
    if min(took) <= 0:
        return loops
    ratio = took[0] / took[1]
    if 1 / ABOUT_EQUAL < ratio < ABOUT_EQUAL:
        ratio = 1.0
    middle = math.sqrt(loops[0] * loops[1])
    both = (middle / math.sqrt(ratio), middle * math.sqrt(ratio))
    return (*(max(1, min(most, round(count))) for count in both), *loops[2:])


def busy_ns(one: Timed) -> float:
    """Of an iteration, as far as it ran, or waited for something else than a processor."""
    awake = one.block.wall_ns - max(0, one.block.run_delay_ns)
    return max(one.block.cpu_ns, awake / WALL_PART) / one.loops


class InProcess(Engine):
    """Code that is timed inside of a process that holds it."""

    fresh = False

    def start(self, setting: Setting) -> Group:
        raise NotImplementedError

    def scout(self, setting: Setting, seconds: float) -> Scout:
        with self.start(setting) as group:
            first = group.calibrate(self.block_ns)
            blocks = self.scout_blocks(group, first, seconds)
            self.loops = first
            if max(first[:2]) > 1:  # a compiler may have made it faster meanwhile
                self.loops = group.calibrate(self.block_ns)
            most = max(self.loops[:2]) if self.fresh else MOST_LOOPS  # copies cost memory
            self.loops = evened(self.loops, blocks, most)
            for index, about in enumerate(group.abouts):
                self.interpreters[index] = f"{about['implementation']} {about['version']}"
            notes = [note for about in group.abouts for note in about["notes"]]
            return Scout(blocks, self.loops, first, tuple(dict.fromkeys(notes)))

    def scout_blocks(self, group: Group, loops: tuple[int, ...], seconds: float) -> list[Timed]:
        """As many pairs as the time allows, but for what is short no fewer than three."""
        blocks = group.blocks([0, 1], loops)
        taken = sum(one.block.wall_ns for one in blocks)
        least = 2 if taken < SHORT_PAIR_NS else 0
        pairs = max(least, min(SCOUT_PAIRS - 1, int(seconds * 1e9 / max(taken, 1)) - 1))
        return blocks + group.blocks(design.turns(pairs, "BA"), loops)

    def process(self, setting: Setting, pair_count: int, warm_pairs: int) -> Raw:
        with self.start(setting) as group:
            group.blocks(design.turns(warm_pairs, setting.order), self.loops)
            empty = group.empty_ns(self.loops[2])
            return Raw(group.blocks(design.turns(pair_count, setting.order), self.loops), empty)

    def memory(self, setting: Setting) -> tuple[float, float, str] | None:
        found, kinds = [], []
        for side in (0, 1):
            with self.start(setting) as group:
                worker, index = group.holder(side)
                before, peak, what = worker.ask("memory", index)
                found.append(float(max(0, peak - before)))
                kinds.append(what)
        if kinds[0] != kinds[1] or not kinds[0]:
            return None
        return found[0], found[1], kinds[0]


class Fresh(InProcess):
    """In processes that are started for it."""

    def start_worker(self, setting: Setting, sides: Sequence[Side], name: str) -> Worker:
        environ = design.environment(setting, os.environ, sides[0].environ)
        return driving.start(name, sides[0].python, environ, self.timeout, sides[0].cwd)

    def groups(self, order: Sequence[int]) -> list[tuple[str, list[Side]]]:
        """Which sides a worker holds, in that order, and what it is called in messages."""
        raise NotImplementedError

    def start(self, setting: Setting) -> Group:
        order = design.turns(1, setting.order)
        group = Group([], (order[0], order[1]))
        try:
            for name, sides in self.groups(order):
                worker = self.start_worker(setting, sides, name)
                group.workers.append(worker)
                about = worker.ask("prepare", [side.spec(self.fresh) for side in sides])
                group.abouts += [{**about, **one} for one in about["sides"]]
        except BaseException:
            group.__exit__()
            raise
        if len(group.workers) == 1:
            group.abouts = [group.abouts[place] for place in group.places]
        return group

    def agree(self, rule: Any, names: Sequence[str] | None) -> Agreed:
        from tare.comparing.checking import agree_in_group

        setting = Setting(0, 0, "AB")
        with self.start(setting) as group:
            found, self.fresh = agree_in_group(group, self.sides, rule, names)
        return found


class Together(Fresh):
    how = "together"

    def groups(self, order: Sequence[int]) -> list[tuple[str, list[Side]]]:
        a, b = self.sides
        name = a.name if a.name == b.name else f"{a.name} or {b.name}"
        return [(name, [self.sides[index] for index in order])]


class Lockstep(Fresh):
    how = "lockstep"

    def groups(self, order: Sequence[int]) -> list[tuple[str, list[Side]]]:
        return [(side.name, [side]) for side in self.sides]


class Forks(InProcess):
    """Functions of this process, in copies of it."""

    how = "forks"
    varies = False

    def __init__(
        self,
        sides: tuple[Side, Side],
        timeout: float,
        block_ns: int,
        make: Callable[[bool], list[Any]],
    ) -> None:
        super().__init__(sides, timeout, block_ns)
        self.make = make  # the sides as a worker holds them, made in the copy

    def start(self, setting: Setting) -> Group:
        def serve(reader: int, writer: int) -> None:
            serve_fork(lambda: self.make(self.fresh), reader, writer)

        sys.stdout.flush()
        sys.stderr.flush()
        name = f"{self.sides[0].name} or {self.sides[1].name}"
        worker = Worker(name, driving.Forked(serve), self.timeout)
        group = Group([worker])
        try:
            about = worker.ask("about")
        except BaseException:
            worker.close()
            raise
        group.abouts = [{**about, **one} for one in about["sides"]]
        return group

    def agree(self, rule: Any, names: Sequence[str] | None) -> Agreed:
        from tare.comparing.checking import agree_in_fork

        found, self.fresh = agree_in_fork(self, rule)
        return found


def serve_fork(make: Callable[[], list[Any]], reader: int, writer: int) -> None:
    """What the copy does: a worker's work, with sides that are there already."""
    from tare.comparing import lines, meter, worker

    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    # Whatever stands for them here: what a notebook or a test has put there leads elsewhere.
    sys.stdin, sys.stdout, sys.stderr = (open(os.devnull, mode) for mode in ("r", "w", "w"))
    bench = worker.Bench(meter.Meter())
    try:
        bench.sides = make()
    except worker.Trouble as trouble:
        bench.trouble = trouble
    with os.fdopen(reader, "r") as requests, os.fdopen(writer, "w") as answers:
        worker.serve(bench, lines, requests, answers)


class Commands(Engine):
    """Whole programs: a pair of runs is a process of the plan."""

    how = "commands"

    def __init__(self, sides: tuple[Side, Side], timeout: float, block_ns: int) -> None:
        super().__init__(sides, timeout, block_ns)
        self.folder = tempfile.TemporaryDirectory(prefix="tare-compare-")
        self.out = os.path.join(self.folder.name, "out")
        self.err = os.path.join(self.folder.name, "err")
        command = [sys.executable, "-I", "-S", LAUNCHER]
        self.launcher = Worker("the command", driving.Started(command, os.environ, None), timeout)
        self.cwd = os.getcwd()

    def close(self) -> None:
        self.launcher.close()
        self.folder.cleanup()

    def floor_bytes(self) -> int:
        return int(self.launcher.ask()[0])

    def run(self, index: int, setting: Setting) -> tuple[Timed, int, int]:
        """A run of a side: its block, its peak in bytes, how it ended."""
        side = self.sides[index]
        environ = design.environment(setting, os.environ, side.environ)
        self.launcher.name = side.name
        words = list(side.command)
        program = shutil.which(words[0], path=environ.get("PATH")) or words[0]
        folder = side.cwd or self.cwd
        answer = self.launcher.ask(program, words, folder, environ, self.out, self.err)
        if isinstance(answer[8], str):
            raise CompareError(f"start {side.command[0]}: {answer[8]}; check its name", "start")
        return Timed(index, 1, Block(*answer[:7])), answer[7], answer[8]

    def output(self) -> tuple[bytes, bytes]:
        """What the last run wrote on stdout and stderr."""
        with open(self.out, "rb") as out, open(self.err, "rb") as err:
            return out.read(), err.read()

    def scout(self, setting: Setting, seconds: float) -> Scout:
        """Two runs, of which the caches of files and compiled modules are warm afterwards."""
        blocks = [self.run(index, setting)[0] for index in design.turns(1, "AB")]
        return Scout(blocks, (1, 1, 1), (1, 1, 1))

    def process(self, setting: Setting, pair_count: int, warm_pairs: int) -> Raw:
        blocks, peaks = [], [0.0, 0.0]
        for index in design.turns(1, setting.order):
            timed, peak, _ = self.run(index, setting)
            blocks.append(timed)
            peaks[index] = float(peak)
        return Raw(blocks, 0.0, (peaks[0], peaks[1]))

    def agree(self, rule: Any, names: Sequence[str] | None) -> Agreed:
        from tare.comparing.checking import agree_of_commands

        return agree_of_commands(self, rule)


def make_engine(a: Side, b: Side, timeout: float, block_ns: int) -> Engine:
    sides = (a, b)
    if a.shares_process(b):
        return Together(sides, timeout, block_ns)
    in_process = [side.kind in ("function", "statement") for side in sides]
    if all(in_process):
        return Lockstep(sides, timeout, block_ns)
    if any(in_process):
        inner, outer = sides if in_process[0] else sides[::-1]
        raise CompareError(
            f"{inner.name} is code in a process and {outer.name} a process: compare two of a kind"
        )
    return Commands(sides, timeout, block_ns)


def waiting_share(blocks: Sequence[Timed]) -> float:
    """Of their wall time, what the code waited for something else than a processor."""
    wall = sum(one.block.wall_ns for one in blocks)
    waited = sum(max(0, waited_ns(one.block)) for one in blocks)
    return waited / wall if wall > 0 else 0.0


def waited_ns(block: Block) -> int:
    if block.nvcsw == 0:
        return 0  # it never gave the processor away
    return block.wall_ns - block.cpu_ns - max(0, block.run_delay_ns)


def parallel_ratio(blocks: Sequence[Timed]) -> float:
    """CPU time by wall time: above 1, it uses several processors."""
    wall = sum(one.block.wall_ns for one in blocks)
    return sum(one.block.cpu_ns for one in blocks) / wall if wall > 0 else 0.0
