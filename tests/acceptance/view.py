"""A .tare file as the tests look at it.

Read with the plain decoder beside the tests, not with the code under test: what a test
finds here is what the file says. Every file that is opened is checked against the
invariants of the model, so each test of the suite is also a test of the writer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tare_decoder

BUSY = ("python_ns", "native_ns", "gc_ns")
WAITS = ("wait_gil_ns", "wait_sleep_ns", "wait_lock_ns", "wait_socket_ns", "wait_poll_ns",
         "wait_pipe_ns", "wait_disk_ns", "wait_paging_ns", "wait_child_ns",
         "wait_terminal_ns", "wait_stopped_ns", "wait_other_ns")
SYNTHETIC = 2


@dataclass(frozen=True)
class Frame:
    name: str
    qualname: str
    file: str
    first_line: int
    kind: int
    line: int


@dataclass(frozen=True)
class Stretch:
    """Where a thread was, from when to when, by its time line."""

    node: int
    waits: bool
    begin_ns: int
    end_ns: int


@dataclass
class Entry:
    """What was added to one node under one label set."""

    view: View
    node: int
    labels: dict[str, str]
    amounts: dict[str, int]  # by metric name

    @cached_property
    def stack(self) -> list[Frame]:
        """Outermost first."""
        return self.view.stack(self.node)

    @property
    def names(self) -> list[str]:
        return [frame.name for frame in self.stack]

    def ns(self, *metrics: str) -> int:
        return sum(self.amounts.get(metric, 0) for metric in metrics or ("wall_ns",))


def text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


class View:
    def __init__(self, path: Path) -> None:
        self.decoded = tare_decoder.decode(path.read_bytes())
        self.complete: bool = self.decoded.complete
        strings = self.decoded.strings
        self.meta = {text(strings[k]): text(strings[v]) for k, v in self.decoded.meta.items()}
        check_tables(self.decoded)

    def number(self, key: str) -> int:
        return int(self.meta[key])

    @cached_property
    def frames(self) -> list[Frame]:
        strings = [text(raw) for raw in self.decoded.strings]
        functions = [(strings[name], strings[qualname], strings[file], first_line, kind)
                     for name, qualname, file, first_line, kind in self.decoded.functions]
        return [Frame(*functions[function], line) for function, line in self.decoded.frames]

    def stack(self, node: int) -> list[Frame]:
        """Outermost first."""
        frames = []
        while node:
            node, frame = self.decoded.nodes[node]
            frames.append(self.frames[frame])
        return frames[::-1]

    def names(self, node: int) -> list[str]:
        return [frame.name for frame in self.stack(node)]

    @cached_property
    def label_sets(self) -> list[dict[str, str]]:
        strings = self.decoded.strings
        return [{text(strings[k]): text(strings[v]) for k, v in pairs}
                for pairs in self.decoded.label_sets]

    @cached_property
    def _amounts(self) -> dict[tuple[int, int], dict[str, int]]:
        metrics = [text(self.decoded.strings[name]) for name, _unit in self.decoded.metrics]
        found: dict[tuple[int, int], dict[str, int]] = {}
        for (node, label_set, metric), amount in self.decoded.values:
            found.setdefault((node, label_set), {})[metrics[metric]] = amount
        return found

    def series(self, name: str) -> list[tuple[str, list[tuple[int, int]]]]:
        """All series of that name: whose it is ("" = the machine's), and points (ns, amount)."""
        strings = self.decoded.strings
        return [(self.label_sets[label_set].get("process", ""), points)
                for key, _unit, label_set, points in self.decoded.series
                if text(strings[key]) == name]

    def timelines(self) -> list[tuple[dict[str, str], list[Stretch]]]:
        """Of each thread that has one: whose it is, and where it was, where it was seen. The
        last point holds until the end of the run."""
        strings = self.decoded.strings
        end = (self.number("wall_ns"), 0)
        return [(self.label_sets[label_set],
                 [Stretch(abs(amount), amount < 0, begin_ns, end_ns)
                  for (begin_ns, amount), (end_ns, _next) in itertools.pairwise([*points, end])
                  if amount])
                for name, _unit, label_set, points in self.decoded.series
                if text(strings[name]) == "timeline"]

    @property
    def program(self) -> dict[str, int]:
        """The states of the whole program, which partition its wall time."""
        return self._amounts.get((0, 0), {})

    @cached_property
    def entries(self) -> list[Entry]:
        return [Entry(self, node, self.label_sets[label_set], amounts)
                for (node, label_set), amounts in self._amounts.items() if node]

    def having(self, name: str) -> Iterator[Entry]:
        return (entry for entry in self.entries
                if any(frame.name == name for frame in entry.stack))

    def total_ns(self, name: str, *metrics: str) -> int:
        """Time with the function anywhere on the stack; wall time unless told otherwise."""
        return sum(entry.ns(*metrics) for entry in self.having(name))

    def self_ns(self, name: str, *metrics: str) -> int:
        return sum(entry.ns(*metrics) for entry in self.having(name)
                   if entry.stack[-1].name == name)

    def line_ns(self, name: str) -> dict[int, int]:
        """Time with the function on top, by line."""
        lines: dict[int, int] = {}
        for entry in self.having(name):
            top = entry.stack[-1]
            if top.name == name:
                lines[top.line] = lines.get(top.line, 0) + entry.ns()
        return lines


def check_tables(decoded: tare_decoder.Profile) -> None:
    """The invariants of core/model/profile.h and core/model/metric.h."""
    nodes = decoded.nodes
    assert all(parent < node for node, (parent, _frame) in enumerate(nodes) if node)
    assert len(set(nodes[1:])) == len(nodes[1:])
    assert len(set(decoded.frames)) == len(decoded.frames)
    metrics = [text(decoded.strings[name]) for name, _unit in decoded.metrics]
    wall: dict[tuple[int, int], int] = {}
    undivided = {"program_ns": 0, "program_wait_ns": 0}
    for (node, label_set, metric), amount in decoded.values:
        name = metrics[metric]
        sign = {"wall_ns": -1}.get(name, name in BUSY + WAITS)
        wall[node, label_set] = wall.get((node, label_set), 0) + sign * amount
        if name in undivided:
            undivided[name] -= amount
        elif node == 0:
            undivided["program_ns"] += amount * (name == "wall_ns")
            undivided["program_wait_ns"] += amount * (name in WAITS)
    assert not any(wall.values()), "wall_ns is not the sum of the states"
    assert "program_ns" not in metrics or not any(undivided.values()), undivided
    for name_id, unit, _label_set, points in decoded.series:
        if text(decoded.strings[unit]) == "node":
            assert text(decoded.strings[name_id]) == "timeline"
            check_timeline(points, len(nodes))


def check_timeline(points: list[tuple[int, int]], node_count: int) -> None:
    """Nodes that are there; a point where something changes, the first where something begins."""
    assert all(abs(amount) < node_count for _time, amount in points)
    for (time_ns, amount), (next_ns, following) in itertools.pairwise(points):
        assert time_ns < next_ns and amount != following
    assert not points or points[0][1] != 0
