"""What a comparison found. Ratios are the time of A by the time of B: above 1, B is faster."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from tare.comparing.machine import Block, Machine
from tare._stats import Estimate

SCHEMA = "tare.compare/1"
FASTER, SLOWER, SAME = "faster", "slower", "same"
CANNOT_TELL, DIFFERENT = "cannot tell", "different results"
VERDICTS = (FASTER, SLOWER, SAME, CANNOT_TELL, DIFFERENT)
NEVER = 1_000_000_000  # processes: no number of them would do


class Timed(NamedTuple):
    """One block of one side: 0 is A, 1 is B."""

    side: int
    loops: int
    block: Block

    def ns(self, clock: str) -> float:
        """Of one iteration, the empty loop's part included."""
        return (self.block.wall_ns if clock == "wall" else self.block.cpu_ns) / self.loops


class Process(NamedTuple):
    """One process, or one pair of runs of commands: what was varied, and what it gave."""

    log_ratio: float  # of the clock that counts
    wall_log_ratio: float
    cpu_log_ratio: float
    a_ns: float  # per iteration
    b_ns: float
    pair_log_ratios: list[float]  # of the pairs that were kept
    blocks: list[Timed]  # in pairs, in the order in which they ran
    set_aside: dict[str, int]  # pairs, by the reason
    hash_seed: int | None  # None: as the user's environment says, or no Python
    env_bytes: int
    order: str  # AB or BA: who began


class Agreed(NamedTuple):
    """Whether both came to the same. same is None where nothing was compared."""

    same: bool | None
    words: str  # such as "1 000 values, worst difference 2 ulp at result['x'][17]"
    difference: dict[str, Any] | None = None  # the first: path, left, right, why
    notes: tuple[str, ...] = ()


class WarmUpClass(NamedTuple):
    kind: str  # flat, warm-up, slow-down, cyclic, none, unknown
    steady_from: int | None  # blocks; None where it never is, or too few say
    period: int
    blocks: int  # looked at


class Memory(NamedTuple):
    """In bytes, at the peak.

    what: "peak", all that the largest process had resident; of code what one call added to what was
    in use before: "allocated", as the interpreter counts it, or "resident", in whole pages.
    """

    a: Estimate
    b: Estimate
    what: str
    floor_bytes: int  # less than that is not seen


class Side(NamedTuple):
    """How a side is called, and what ran it."""

    name: str
    kind: str
    interpreter: str  # such as CPython 3.11.7; empty for commands
    command: str


class Comparison(NamedTuple):
    """A against B. Estimates have intervals of 95 %, wider where they were looked at repeatedly."""

    name: str
    a: Side
    b: Side
    agreement: Agreed
    verdict: str
    ratio: Estimate | None
    wall_ratio: Estimate | None
    cpu_ratio: Estimate | None
    memory_ratio: Estimate | None
    a_ns: Estimate | None
    b_ns: Estimate | None
    p: float
    smallest: float  # the smallest true change, as a ratio above 1, that it finds in 4 of 5 cases
    needed: int  # further processes until it can probably tell
    needed_seconds: float
    least: float
    level_used: float
    looks: tuple[int, ...]
    clock: str  # cpu or wall: which one counts
    clock_why: str
    how: str  # together, lockstep, forks, commands
    processes: list[Process]
    memory: Memory | None
    warm_up: tuple[WarmUpClass, WarmUpClass] | None
    levels: dict[str, Any] | None
    factors: list[dict[str, Any]] | None
    machine: Machine | None
    set_aside: str
    notes: tuple[str, ...]
    elapsed_seconds: float

    @property
    def pair_count(self) -> int:
        """Swapped pairs of blocks in each process."""
        return max((len(process.blocks) // 2 for process in self.processes), default=0)

    @property
    def is_slower(self) -> bool:
        """By more than what matters."""
        return (
            self.verdict == SLOWER
            and self.ratio is not None
            and self.ratio.value < 1 / (1 + self.least)
        )

    @property
    def half_width(self) -> float:
        """Of the ratio's interval, as a part of it."""
        if self.ratio is None or self.ratio.low <= 0 or math.isinf(self.ratio.high):
            return math.inf
        return math.sqrt(self.ratio.high / self.ratio.low) - 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON; an interval without end has null for it."""
        return {"schema": SCHEMA, **plain(self._asdict())}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Comparison:
        """What to_dict gave; ValueError for anything else."""
        if given.get("schema") != SCHEMA:
            raise ValueError(f"the schema is {given.get('schema')!r}, not {SCHEMA}")
        try:
            return cls(**{name: read_field(name, given[name]) for name in cls._fields})
        except (KeyError, TypeError) as error:
            raise ValueError(f"it is no comparison: {error}") from None


def plain(value: Any) -> Any:
    """Without classes, and without infinities, which JSON has not."""
    if isinstance(value, Machine):
        return value.to_dict()
    if isinstance(value, Timed):
        return [value.side, value.loops, *value.block]
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {key: plain(part) for key, part in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def estimate(given: Mapping[str, float | None] | None) -> Estimate | None:
    if given is None:
        return None
    value, low, high = given["value"], given["low"], given["high"]
    return Estimate(
        math.nan if value is None else value,
        -math.inf if low is None else low,
        math.inf if high is None else high,
    )


def sure_estimate(given: Mapping[str, float | None]) -> Estimate:
    found = estimate(given)
    if found is None:
        raise TypeError("an estimate is missing")
    return found


def read_process(given: Mapping[str, Any]) -> Process:
    blocks = [Timed(block[0], block[1], Block(*block[2:])) for block in given["blocks"]]
    return Process(**{**given, "blocks": blocks})


def read_memory(given: Mapping[str, Any] | None) -> Memory | None:
    if given is None:
        return None
    a, b = sure_estimate(given["a"]), sure_estimate(given["b"])
    return Memory(a, b, given["what"], given["floor_bytes"])


def read_agreed(given: Mapping[str, Any]) -> Agreed:
    return Agreed(given["same"], given["words"], given["difference"], tuple(given["notes"]))


def read_warm_up(given: list[Mapping[str, Any]] | None) -> Any:
    return None if given is None else tuple(WarmUpClass(**one) for one in given)


READERS = {
    "a": lambda given: Side(**given),
    "b": lambda given: Side(**given),
    "agreement": read_agreed,
    "ratio": estimate,
    "wall_ratio": estimate,
    "cpu_ratio": estimate,
    "memory_ratio": estimate,
    "a_ns": estimate,
    "b_ns": estimate,
    "smallest": lambda given: math.inf if given is None else given,
    "p": lambda given: math.nan if given is None else given,
    "needed_seconds": lambda given: math.inf if given is None else given,
    "looks": tuple,
    "processes": lambda given: [read_process(one) for one in given],
    "memory": read_memory,
    "warm_up": read_warm_up,
    "machine": lambda given: None if given is None else Machine.from_dict(given),
    "notes": tuple,
}


def read_field(name: str, given: Any) -> Any:
    return READERS[name](given) if name in READERS else given
