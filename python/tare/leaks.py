"""tare.leakcheck: does a function keep something each time it is called?

    @tare.leakcheck                     def test_parse():
    def test_parse(): ...                   tare.leakcheck(calls=500)(parse)("text")

The function is called in windows that grow, and at their edges the process is asked what it holds.
A counter that grows with the calls grows in every window, one that only moves does not: core's
test (stats/slope.h) gives the chance that so much growth is none, and takes into account how many
counters there are. Who is suspected so, at most SUSPECT_RATE of those that keep nothing, is called
on: in each of CONFIRMATIONS more windows the counter must grow, which by chance is as likely as
not, and at half the rate at least. That lets go who only fills a cache, and leaves FALSE_RATE.

Before, it is called until it has settled: what first calls leave behind is no leak.
"""

from __future__ import annotations

import functools
import gc
import inspect
import math
import os
import sys
import threading
from array import array
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any, NamedTuple, TypeVar, overload

from tare import _memory
from tare._profile import Profile, Slope, decode, judge_slopes
from tare.errors import Error

F = TypeVar("F", bound=Callable[..., Any])

WINDOWS = 12
GROWTH = 1.2  # of all calls up to then, by each window: a list that grows moves in each
SUSPECT_RATE = 0.05
CONFIRMATIONS = 3
FALSE_RATE = SUSPECT_RATE / 2**CONFIRMATIONS
LEAST_CALLS = 50
KEEPS_ON = 0.5  # of the growth by the call: a list grows in steps
MOST_ROUNDS = 4  # of warming up
MOST_ROWS = 5
LEAST_PART = 0.1  # of the growth, to be worth a row

_check_lock = threading.RLock()  # one check at a time: another one's calls would count


# Types keep the names that were looked up last, some thousands of them: names that are made anew
# in each call would be kept in each.
_clear_caches = getattr(sys, "_clear_internal_caches", None) or sys._clear_type_cache


def _begin_child() -> None:
    """After a fork: another thread may have had it, and is not there."""
    global _check_lock
    _check_lock = threading.RLock()


os.register_at_fork(after_in_child=_begin_child)


class LeakError(Error, AssertionError):
    """A function keeps something each time it is called; str() says what, from where, for whom.

    growths: of each counter that grows what it grew by; types: of each type of object what its
    number grew by; sites: where what is kept was allocated, (bytes, blocks, frames), innermost
    frame first; holders: who keeps it, as text.
    """

    status = "LEAK"

    def __init__(self, message: str, finding: Finding) -> None:
        super().__init__(message)
        self.growths = finding.growths
        self.types = finding.types
        self.sites = finding.sites
        self.holders = finding.holders


class Counter(NamedTuple):
    """Something that must not grow with the calls."""

    name: str
    words: str  # one of it
    plural: str
    index: int  # in what _memory.read fills; -1: asked of the system
    least_per_call: float = 0.0


def _heap(name: str) -> int:
    return _memory.COUNTERS.index(name)


# A block of malloc's has 32 bytes at least; what is less a call is how it divides its own memory.
BYTES, BLOCKS, MALLOC, DESCRIPTORS, THREADS = (
    Counter("bytes", "byte", "bytes", _heap("live_bytes")),
    Counter("blocks", "block", "blocks", _heap("live_count")),
    Counter("malloc_bytes", "byte of malloc's", "bytes of malloc's", _heap("malloc_bytes"), 16.0),
    Counter("descriptors", "open descriptor", "open descriptors", -1),
    Counter("threads", "thread", "threads", -1),
)
COUNTERS = (BLOCKS, BYTES, MALLOC, DESCRIPTORS, THREADS)
BY_NAME = {counter.name: counter for counter in COUNTERS}
UNKNOWN = _heap("unknown_freed_count")


class Growth(NamedTuple):
    counter: str
    grown: int
    per_call: float
    p: float


class Site(NamedTuple):
    bytes: int
    blocks: int
    frames: tuple[tuple[str, str, int], ...]  # function, file, line; innermost first


class Finding(NamedTuple):
    call_count: int  # in which types and sites grew
    growths: list[Growth]
    types: dict[str, int]
    sites: list[Site]
    holders: str


class Edge:
    """What the process holds at one moment. Made before anything is measured, filled later, so
    that looking adds nothing."""

    __slots__ = ("heap", "system")

    def __init__(self) -> None:
        self.heap = array("Q", bytes(8 * len(_memory.COUNTERS)))
        self.system = array("q", [0, 0])

    def look(self) -> None:
        self.system[0] = _count("/proc/self/fd")
        self.system[1] = _count("/proc/self/task")
        _clear_caches()
        gc.collect()
        _memory.read(self.heap)

    def amount(self, counter: Counter) -> int:
        """Blocks of before that went have made room for others: they count as blocks."""
        if counter is BLOCKS:
            return self.heap[counter.index] - self.heap[UNKNOWN]
        if counter.index >= 0:
            return self.heap[counter.index]
        return self.system[0] if counter is DESCRIPTORS else self.system[1]


def _count(folder: str) -> int:
    with os.scandir(folder) as entries:
        return sum(1 for _ in entries)


class Plan(NamedTuple):
    """How often a function is called: to warm up, and in each window."""

    warmup: int
    windows: tuple[int, ...]


def make_plan(calls: int, warmup: int | None) -> Plan:
    """Windows of so many calls in all, each a part of all the calls before it."""
    before = warmup if warmup is not None else math.ceil(calls / (GROWTH**WINDOWS - 1))
    factor = (1 + calls / max(1, before)) ** (1 / WINDOWS)
    edges = [round(max(1, before) * (factor**window - 1)) for window in range(WINDOWS + 1)]
    windows = tuple(max(1, late - early) for early, late in zip(edges, edges[1:], strict=False))
    return Plan(before, windows)


class Check:
    """What leakcheck() gives: it checks what it is called with."""

    def __init__(self, calls: int, warmup: int | None) -> None:
        if calls < LEAST_CALLS:
            raise ValueError(f"calls {calls!r}: a leak shows in {LEAST_CALLS} calls at least")
        if warmup is not None and warmup < 1:
            raise ValueError(f"warmup {warmup!r}: at least one call")
        self._plan = make_plan(calls, warmup)
        self._settles = warmup is None

    def __call__(self, function: F) -> F:
        """The function; each time it is called it is checked, then returns as its last call."""
        if isinstance(function, (staticmethod, classmethod)):
            return type(function)(self(function.__func__))  # type: ignore[return-value]
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"check {function!r} for leaks: it only makes a generator; check a function that "
                "uses it up"
            )
        wrapper: Any
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapper(*args: Any, **named: Any) -> Any:
                with _check_lock, Measurement(function) as measurement:
                    for count in self.steps(measurement):
                        for _ in repeat(None, count):
                            await function(*args, **named)
                    return await function(*args, **named)

        else:

            @functools.wraps(function)
            def wrapper(*args: Any, **named: Any) -> Any:
                with _check_lock, Measurement(function) as measurement:
                    for count in self.steps(measurement):
                        for _ in repeat(None, count):
                            function(*args, **named)
                    return function(*args, **named)

        return wrapper  # type: ignore[no-any-return]

    def steps(self, measurement: Measurement) -> Iterator[int]:
        """How many calls to make now; raises LeakError when they are made and something is kept."""
        edges = [Edge() for _ in range(WINDOWS + 1)]
        warm = [Edge() for _ in range(MOST_ROUNDS + 1)]
        late = [Edge() for _ in range(CONFIRMATIONS + 1)]
        yield from self._warm_up(warm)
        for edge, count in zip(edges, (0, *self._plan.windows), strict=True):
            if count:
                yield count
            edge.look()
        call_count = sum(self._plan.windows)
        suspects = judge(edges, call_count)
        if not suspects:
            return
        measurement.begin_search()
        for edge, count in zip(late, (0, *repeat(call_count, CONFIRMATIONS)), strict=True):
            if count:
                yield count
            edge.look()
        kept = [growth for growth in suspects if keeps_on(growth, late, call_count)]
        if kept:
            raise measurement.find(kept, call_count * CONFIRMATIONS)

    def _warm_up(self, edges: list[Edge]) -> Iterator[int]:
        """Until it does not keep less and less: at most so many rounds."""
        yield self._plan.warmup
        edges[0].look()
        kept_before = None
        for edge in edges[1:] if self._settles else ():
            yield self._plan.warmup
            edge.look()
            kept = edge.amount(BYTES) - edges[0].amount(BYTES)
            edges[0].heap[:] = edge.heap
            if kept <= 0 or (kept_before is not None and 2 * kept >= kept_before):
                return
            kept_before = kept


def judge(edges: list[Edge], call_count: int) -> list[Growth]:
    """The counters that grow with the calls, beyond chance."""
    pairs = list(zip(edges, edges[1:], strict=False))
    deltas = [[grown_by(counter, *pair) for pair in pairs] for counter in COUNTERS]
    slopes: list[Slope] = judge_slopes(deltas, call_count, SUSPECT_RATE)
    return [
        Growth(counter.name, slope.grown, slope.per_call, slope.p)
        for counter, slope in zip(COUNTERS, slopes, strict=True)
        if slope.grows and slope.per_call >= counter.least_per_call
    ]


def grown_by(counter: Counter, early: Edge, late: Edge) -> int:
    """Where blocks of before went nobody knows their size: then bytes say nothing, which is 0."""
    if counter is BYTES and early.heap[UNKNOWN] != late.heap[UNKNOWN]:
        return 0
    return late.amount(counter) - early.amount(counter)


def keeps_on(growth: Growth, edges: list[Edge], call_count: int) -> bool:
    """In each window of so many calls."""
    counter = BY_NAME[growth.counter]
    least = max(1, KEEPS_ON * growth.per_call * call_count)
    return all(
        grown_by(counter, early, late) >= least
        for early, late in zip(edges, edges[1:], strict=False)
    )


class Measurement:
    """Memory is measured while it lasts, here or by whoever does already."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = getattr(function, "__qualname__", repr(function))
        self._ours = False
        self._profile: Profile | None = None
        self._types: dict[str, int] = {}

    def __enter__(self) -> Measurement:
        if not _memory.active():
            _memory.start()
            self._ours = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._ours and _memory.active():
            _memory.stop()

    def begin_search(self) -> None:
        """What is there before the function is called as often once more."""
        self._types = count_types()
        self._profile = decode(_memory.snapshot())

    def find(self, growths: list[Growth], call_count: int) -> LeakError:
        assert self._profile is not None
        sites = find_sites(self._profile, decode(_memory.snapshot()))
        types = grown_types(self._types, count_types(), call_count)
        holders = find_holders(types, call_count)
        finding = Finding(call_count, growths, types, sites, holders)
        return LeakError(describe(self._name, finding), finding)


# ---- what was kept ----


def count_types() -> dict[str, int]:
    """How many objects there are of each type, whether the collector knows of them or not."""
    from tare import heap

    return {row.key: row.count for row in heap.census(by="type").rows}


def grown_types(before: dict[str, int], after: dict[str, int], call_count: int) -> dict[str, int]:
    """Those with most more, if there are more by a part of the calls."""
    grown = {name: count - before.get(name, 0) for name, count in after.items()}
    rows = sorted(grown.items(), key=lambda row: (-row[1], row[0]))[:MOST_ROWS]
    return {name: count for name, count in rows if count >= LEAST_PART * call_count}


def find_sites(before: Profile, after: Profile) -> list[Site]:
    """Where what was kept in the meantime was allocated, the most first."""
    early, late = before.tree("live_bytes").amount, after.tree("live_bytes").amount
    early_count, late_count = before.tree("live_count").amount, after.tree("live_count").amount
    grown = [
        (late[node] - (early[node] if node < len(early) else 0), node) for node in range(len(late))
    ]
    whole = sum(amount for amount, _ in grown if amount > 0)
    rows = sorted(grown, key=lambda row: (-row[0], row[1]))[:MOST_ROWS]
    sites = [
        Site(
            amount,
            late_count[node] - (early_count[node] if node < len(early_count) else 0),
            tuple(frames_below(after, node)),
        )
        for amount, node in rows
        if amount > 0 and amount >= LEAST_PART * whole
    ]
    return [site for site in sites if site.frames]  # else it was the check itself


def frames_below(profile: Profile, node: int) -> Iterator[tuple[str, str, int]]:
    """From the innermost frame out to what was checked."""
    for frame in profile.stack(node):
        if frame.file == __file__:
            return
        yield frame.qualname, frame.file, frame.line


def find_holders(types: dict[str, int], call_count: int) -> str:
    """Who keeps the objects of a type that there are more of, the program's own types first.

    All objects are objects of object, so that its holders say nothing.
    """
    from tare import heap

    kinds = {name_of(kind): kind for kind in all_types() if kind is not object}
    for name in sorted(types, key=lambda name: "." not in name):
        found = heap.holders(kinds[name], MOST_ROWS).paths if name in kinds else []
        rows = [
            f"{path.count:,} {name}: {path.text}"
            for path in found
            if path.reached and path.count >= LEAST_PART * call_count
        ]
        if rows:
            return "\n".join(rows)
    return ""


def all_types() -> Iterator[type]:
    """Of the interpreter and of the program, each once; nobody's own __subclasses__ is asked."""
    seen, waiting = {object}, [object]
    while waiting:
        kind = waiting.pop()
        yield kind
        more = [below for below in type.__subclasses__(kind) if below not in seen]
        seen.update(more)
        waiting += more


def name_of(kind: type) -> str:
    """As the census says it."""
    module, name = kind.__module__, kind.__qualname__
    return name if module == "builtins" else f"{module}.{name}"


# ---- in words ----


def describe(name: str, finding: Finding) -> str:
    calls = finding.call_count
    lines = [f"{name} keeps something each time it is called:"]
    lines += [f"  {growth_words(growth)}" for growth in finding.growths]
    if finding.types:
        lines.append(f"after {calls:,} more calls there are more objects of:")
        lines += [f"  {count:+,}  {kind}" for kind, count in finding.types.items()]
    if finding.sites:
        lines.append(f"what {calls:,} more calls kept was allocated at:")
        for site in finding.sites:
            lines += site_lines(site)
    if finding.holders:
        lines += ["held by:", *(f"  {line}" for line in finding.holders.splitlines())]
    lines.append(
        f"Of checks of functions that keep nothing at most {FALSE_RATE:.1%} say this."
    )
    return "\n".join(lines)


def growth_words(growth: Growth) -> str:
    counter = BY_NAME[growth.counter]
    amount = f"{growth.per_call:,.2f}".rstrip("0").rstrip(".")
    noun = counter.words if amount == "1" else counter.plural
    return f"{amount} {noun} a call ({growth.grown:+,} in all; by chance: {growth.p:.2g})"


def site_lines(site: Site) -> list[str]:
    from linecache import getline

    from tare.text import printable

    blocks = f"{site.blocks:+,} block{'' if abs(site.blocks) == 1 else 's'}"
    lines = [f"  {site.bytes:+,} bytes, {blocks}"]
    for function, file, line in site.frames[:MOST_FRAMES]:
        source = getline(file, line).strip() if file else ""
        place = f"  {printable(file)}:{line}" if file else ""
        lines.append(f"    {printable(function)}{place}")
        lines += [f"        {printable(source)}"] if source else []
    if len(site.frames) > MOST_FRAMES:
        lines.append(f"    and {len(site.frames) - MOST_FRAMES} more")
    return lines


MOST_FRAMES = 6


@overload
def leakcheck(function: F, /) -> F: ...
@overload
def leakcheck(*, calls: int = 1000, warmup: int | None = None) -> Check: ...
def leakcheck(
    function: Callable[..., Any] | None = None,
    /,
    *,
    calls: int = 1000,
    warmup: int | None = None,
) -> Any:
    """Checks a function each time it is called: a decorator, or leakcheck(...)(f)(*args).

    It is called with the same arguments some 1,200 times, and 3,000 times more when it is
    suspected; then it returns what its last call returned. What it raises ends the check.

    calls   in windows, when it has warmed up
    warmup  calls before; None: an eighth of calls or so, and more as long as it keeps less and less

    Raises LeakError, which is an AssertionError too, when blocks, bytes, malloc's bytes, open
    descriptors or threads grow with the calls; ValueError for too few calls.
    """
    if function is not None:
        return Check(1000, None)(function)
    return Check(calls, warmup)
