"""What a .tare file says. Times are nanoseconds, shares are parts of the run's wall time.

import_bytes reads other tools' files, in memory and without compression.

Loading raises tare.Error: CorruptError for what is no profile, UnsupportedError for a newer
file format, NotFoundError, PermissionError or SystemError when the file cannot be read.
"""

from collections.abc import Sequence
from os import PathLike
from typing import NamedTuple, final

STATUSES: tuple[str, ...]

class Estimate(NamedTuple):
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float

class FileState(NamedTuple):
    version: int
    block_count: int
    complete: bool
    lost_bytes: int
    lost_offset: int
    unknown_count: int

class Counts(NamedTuple):
    strings: int
    functions: int
    frames: int
    nodes: int
    label_sets: int
    metrics: int
    values: int
    series: int

class Metric(NamedTuple):
    name: str
    unit: str
    role: str
    words: str

class Frame(NamedTuple):
    qualname: str
    file: str
    first_line: int
    line: int
    kind: str

class Value(NamedTuple):
    node: int
    label_set: int
    metric: str
    amount: int

class Series(NamedTuple):
    name: str
    unit: str
    label_set: int
    times_ns: list[int]
    amounts: list[int]

class Thread(NamedTuple):
    label_set: int
    labels: dict[str, str]
    wall_ns: int
    states: dict[str, int]

class Tree(NamedTuple):
    """Arrays by node id: 'I', 'I' and 'Q'."""

    parent: memoryview
    frame: memoryview
    amount: memoryview

class State(NamedTuple):
    name: str
    words: str
    role: str
    ns: int
    share: Estimate

class Row(NamedTuple):
    """A function or a line; active time and program time are in docs/accuracy.md."""

    id: int
    qualname: str
    file: str
    first_line: int
    line: int
    kind: str
    self_ns: int
    total_ns: int
    self_native_ns: int
    self_wait_ns: int
    unproven_ns: int
    program_ns: int
    program_self_ns: int
    program_self_wait_ns: int
    self_share: Estimate
    total_share: Estimate
    program_share: Estimate
    gain_ratio: Estimate

class Edge(NamedTuple):
    caller: int | None
    callee: int
    total_ns: int
    total_share: Estimate

class TreeRow(NamedTuple):
    depth: int
    function: int
    qualname: str
    file: str
    first_line: int
    self_ns: int
    total_ns: int
    total_share: Estimate

class CallSums(NamedTuple):
    """What calls cost; primitive calls and total time count recursion once."""

    calls: int
    primitive_calls: int
    self_ns: int
    total_ns: int
    resumes: int
    suspended_ns: int
    raw_ns: int
    cpu_ns: int
    error_ns: int

class Durations(NamedTuple):
    """Of a function's calls, each as (low, high) in nanoseconds."""

    count: int
    median: tuple[int, int]
    p90: tuple[int, int]
    p99: tuple[int, int]
    max: tuple[int, int]

class Called(NamedTuple):
    id: int
    qualname: str
    file: str
    first_line: int
    kind: str
    sums: CallSums
    durations: Durations | None

class CallPair(NamedTuple):
    caller: int | None
    callee: int
    sums: CallSums

class CallThread(NamedTuple):
    label_set: int
    labels: dict[str, str]
    sums: CallSums

class CallRow(NamedTuple):
    depth: int
    function: int
    qualname: str
    file: str
    first_line: int
    kind: str
    calls: int
    self_ns: int
    total_ns: int
    share: float

class AllocSums(NamedTuple):
    """Blocks and their bytes; freed and temporary: of what was allocated there."""

    peak_bytes: int
    peak_count: int
    live_bytes: int
    live_count: int
    alloc_bytes: int
    alloc_count: int
    freed_bytes: int
    freed_count: int
    temporary_bytes: int
    temporary_count: int
    sample_count: int
    alloc_error_bytes: int

class AllocRow(NamedTuple):
    """A function or a line; total is with all that was called from there."""

    id: int | None
    qualname: str
    file: str
    first_line: int
    line: int
    kind: str
    own: AllocSums
    total: AllocSums

class AllocKind(NamedTuple):
    label_set: int
    labels: dict[str, str]
    sums: AllocSums

class AllocTreeRow(NamedTuple):
    depth: int
    function: int
    qualname: str
    file: str
    first_line: int
    kind: str
    own: int
    total: int
    share: float

class AllocPair(NamedTuple):
    caller: int | None
    callee: int
    amount: int

class Slope(NamedTuple):
    """What became of a counter in windows of calls."""

    grown: int
    per_call: float
    p: float
    grows: bool

class LineSums(NamedTuple):
    """What lines cost; inclusive_ns is with the called functions whose lines are measured."""

    hits: int
    self_ns: int
    inclusive_ns: int
    suspended_ns: int
    raw_ns: int
    cpu_ns: int
    error_ns: int

class LineRow(NamedTuple):
    line: int
    hits: int
    self_ns: int
    inclusive_ns: int
    suspended_ns: int
    raw_ns: int
    cpu_ns: int
    error_ns: int

class LineFunction(NamedTuple):
    """A block of source: a function with what is written inside it."""

    id: int
    name: str
    qualname: str
    file: str
    first_line: int
    kind: str
    calls: int
    hits: int
    self_ns: int
    inclusive_ns: int
    suspended_ns: int
    raw_ns: int
    cpu_ns: int
    error_ns: int
    rows: list[LineRow]

class LineThread(NamedTuple):
    label_set: int
    labels: dict[str, str]
    hits: int
    self_ns: int
    inclusive_ns: int
    suspended_ns: int
    raw_ns: int
    cpu_ns: int
    error_ns: int

class Shortage(NamedTuple):
    paging: bool
    collecting: bool
    full: bool
    growing: bool
    paging_share: Estimate
    collecting_share: Estimate
    swapped_bytes: int
    peak_bytes: int
    limit_bytes: int
    from_bytes: int
    to_bytes: int

class Verdict(NamedTuple):
    verdict: str
    target_ns: int
    excess_ns: int
    waiting_ns: int
    needed_ratio: float
    functions: tuple[int, ...]

class Format(NamedTuple):
    name: str
    extension: str
    words: str

class ImportFormat(NamedTuple):
    name: str
    words: str

@final
class Summary:
    """The tables of a Profile, as people read them."""

    @property
    def wall_ns(self) -> int: ...
    @property
    def cpu_ns(self) -> int: ...
    @property
    def active_ns(self) -> int: ...
    @property
    def effective_count(self) -> float: ...
    @property
    def shortage(self) -> Shortage: ...
    @property
    def states(self) -> list[State]: ...
    def functions(self, limit: int | None = None) -> list[Row]: ...
    def lines(self, limit: int | None = None) -> list[Row]: ...
    def edges(self) -> list[Edge]: ...
    def tree(self, least_share: float = 0.0) -> list[TreeRow]: ...
    def judge(self, target_ns: int, /) -> Verdict: ...
    def share(self, ns: int, /) -> Estimate: ...

@final
class Calls:
    """The tables of a trace, with every call counted."""

    @property
    def sums(self) -> CallSums: ...
    def functions(self) -> list[Called]: ...
    def pairs(self, caller: int | None = None, callee: int | None = None) -> list[CallPair]: ...
    def threads(self) -> list[CallThread]: ...
    def tree(
        self, least_share: float = 0.0, most: int | None = None
    ) -> tuple[list[CallRow], int]: ...

@final
class Allocations:
    """The tables of a profile of memory."""

    @property
    def sums(self) -> AllocSums: ...
    def functions(self) -> list[AllocRow]: ...
    def lines(self) -> list[AllocRow]: ...
    def kinds(self) -> list[AllocKind]: ...
    def tree(
        self, metric: str, least_share: float = 0.0, most: int | None = None
    ) -> tuple[list[AllocTreeRow], int]: ...
    def pairs(
        self, metric: str, caller: int | None = None, callee: int | None = None
    ) -> list[AllocPair]: ...

@final
class Profile:
    """One measurement."""

    @property
    def meta(self) -> dict[str, str]: ...
    @property
    def state(self) -> FileState: ...
    @property
    def counts(self) -> Counts: ...
    @property
    def metrics(self) -> list[Metric]: ...
    @property
    def is_trace(self) -> bool: ...
    @property
    def is_lines(self) -> bool: ...
    @property
    def is_memory(self) -> bool: ...
    def summary(self, thread: int | None = None) -> Summary: ...
    def calls(self, thread: int | None = None) -> Calls: ...
    def allocations(self, thread: int | None = None) -> Allocations: ...
    def line_table(self, thread: int | None = None) -> list[LineFunction]: ...
    def line_sums(self, thread: int | None = None) -> LineSums: ...
    def line_threads(self) -> list[LineThread]: ...
    def label_sets(self) -> list[dict[str, str]]: ...
    def threads(self) -> list[Thread]: ...
    def series(self) -> list[Series]: ...
    def frames(self) -> list[Frame]: ...
    def stack(self, node: int, /) -> list[Frame]: ...
    def values(self) -> list[Value]: ...
    def tree(self, metric: str = "wall_ns") -> Tree: ...
    def export(self, format: str, metric: str = "wall_ns") -> bytes: ...
    def columns(self) -> bytes: ...
    def subtract(self, earlier: Profile, /) -> None: ...
    def join(self, child: Profile, /) -> None: ...
    def save(
        self, path: str | bytes | PathLike[str] | PathLike[bytes], /, overwrite: bool = True
    ) -> None: ...

def load(path: str | bytes | PathLike[str] | PathLike[bytes], /) -> Profile: ...
def decode(data: bytes | bytearray | memoryview, /) -> Profile: ...
def import_bytes(
    data: bytes | bytearray | memoryview, format: str | None = None, file: str | None = None
) -> Profile: ...
def formats() -> list[Format]: ...
def import_formats() -> list[ImportFormat]: ...
def judge_slopes(
    deltas: Sequence[Sequence[int]], call_count: int, false_rate: float
) -> list[Slope]: ...
