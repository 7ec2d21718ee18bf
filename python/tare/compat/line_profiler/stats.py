"""LineStats: what a LineProfiler measured, in memory and in .lprof files."""

from __future__ import annotations

import os
import pickle
from typing import Any, BinaryIO, Protocol, TextIO, TypeVar

from tare.compat.line_profiler.text import Timings, show_text
from tare.compat.line_profiler.toml_config import Config

Path = str | os.PathLike[str]
Self = TypeVar("Self", bound="LineStats")

# Every version of line_profiler has the class there, so all of them read what we write.
_MODULE, _NAME = "line_profiler._line_profiler", "LineStats"
_PLAIN_PROTOCOL = 2  # no frames: what it writes can stand inside another pickle


class _StatsLike(Protocol):
    timings: Any
    unit: float


class LineStats:
    """timings: {(file, first line, name): [(line, hits, time in units), ...]}; unit: seconds."""

    def __init__(self, timings: Any = None, unit: float = 1.0) -> None:
        self.timings = {} if timings is None else timings
        self.unit = unit

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.timings}, {self.unit:.2G})"

    def __eq__(self, other: object) -> bool:
        try:
            return (self.timings, self.unit) == (other.timings, other.unit)  # type: ignore
        except AttributeError:
            return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __add__(self: Self, other: _StatsLike) -> Self:
        return type(self)(*_joined([self, other]))

    def __iadd__(self: Self, other: _StatsLike) -> Self:
        self.timings, self.unit = _joined([self, other])
        return self

    def print(
        self,
        stream: TextIO | None = None,
        output_unit: float | None = None,
        stripzeros: bool = False,
        details: bool = True,
        summarize: bool = False,
        sort: bool = False,
        rich: bool = False,
        *,
        config: Config = None,
    ) -> None:
        show_text(self.timings, self.unit, output_unit, stream, stripzeros, details, summarize,
                  sort, rich, config=config)

    # ---- files ----

    def to_file(self, filename: Path) -> None:
        """line_profiler and `tare export` know the file too."""
        state = pickle.dumps({"timings": self.timings, "unit": self.unit}, _PLAIN_PROTOCOL)
        begun = pickle.PROTO + bytes([_PLAIN_PROTOCOL])
        named = pickle.GLOBAL + f"{_MODULE}\n{_NAME}\n".encode()
        made = named + pickle.EMPTY_TUPLE + pickle.NEWOBJ
        inner = state.removeprefix(begun).removesuffix(pickle.STOP)
        with open(filename, "wb") as file:
            file.write(begun + made + inner + pickle.BUILD + pickle.STOP)

    @classmethod
    def from_files(cls: type[Self], file: Path, /, *files: Path) -> Self:
        """The sum of all. Raises pickle.UnpicklingError for what is no such file."""
        found = []
        for path in (file, *files):
            with open(path, "rb") as stream:
                found.append(_Reader(stream).load())
        return cls.from_stats_objects(*found)

    @classmethod
    def from_stats_objects(cls: type[Self], stats: _StatsLike, /, *more: _StatsLike) -> Self:
        return cls(*_joined([stats, *more]))


class _Reader(pickle.Unpickler):
    """Makes LineStats and nothing else, whatever the file asks for."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)

    def find_class(self, module: str, name: str) -> Any:
        package = module.partition(".")[0]
        if name == _NAME and (package == "line_profiler" or module == __name__):
            return LineStats
        raise pickle.UnpicklingError(f"{module}.{name} in a file of line_profiler")


def _joined(parts: list[_StatsLike]) -> tuple[dict[Any, Any], float]:
    """In the coarsest unit; one part stays as it is."""
    if len(parts) == 1:
        return {key: list(rows) for key, rows in parts[0].timings.items()}, parts[0].unit
    parts = sorted(parts, key=lambda part: part.unit)
    unit = parts[-1].unit
    sums: dict[Any, dict[int, tuple[int, float]]] = {}
    for part in parts:
        _add(sums, part.timings, part.unit / unit)
    return {
        key: [(line, hits, round(time)) for line, (hits, time) in sorted(rows.items())]
        for key, rows in sums.items()
    }, unit


def _add(sums: dict[Any, dict[int, tuple[int, float]]], timings: Timings, factor: float) -> None:
    for key, rows in timings.items():
        lines = sums.setdefault(key, {})
        for line, hits, time in rows:
            known_hits, known_time = lines.get(line, (0, 0.0))
            lines[line] = known_hits + hits, known_time + factor * time


def load_stats(file: Path, /, *files: Path) -> LineStats:
    return LineStats.from_files(file, *files)
