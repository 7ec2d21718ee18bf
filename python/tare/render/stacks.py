"""The stack of each thread, as in a traceback: most recent call last."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from tare._profile import Frame
from tare.render.layout import Cell, Column, table
from tare.render.report import Report
from tare.render.tables import location_cell, name_cell
from tare.render.terminal import Screen
from tare.text import printable, whole_number

UNPROVEN = "unproven_ns"
NOT_PROVEN = "(deeper calls not proven)"


class ThreadStack:
    """What one thread was doing when it was looked at."""

    def __init__(
        self, labels: dict[str, str], state: str, frames: list[Frame], proven: bool
    ) -> None:
        self.labels = labels
        self.state = state  # the metric's name
        self.frames = frames  # outermost first
        self.proven = proven  # False: something was called that could not be proven

    def place(self, first_pid: str) -> tuple[object, ...]:
        """The target's process first, then by number; main threads before the others."""
        process = self.labels.get("process", "")
        pid = number_before_name(process)
        tid = number_before_name(self.labels.get("thread", ""))
        return (str(pid) != first_pid, pid, process, not self.is_main, tid)

    @property
    def is_main(self) -> bool:
        """The program's main thread is labelled; a child's has the number of its process."""
        pid = number_before_name(self.labels.get("process", ""))
        tid = number_before_name(self.labels.get("thread", ""))
        return self.labels.get("main") == "1" or 0 < pid == tid


def number_before_name(label: str) -> int:
    """Of a label such as "4711 MainThread"."""
    return whole_number(label.split(" ", 1)[0]) or 0


def thread_stacks(report: Report) -> Iterator[ThreadStack]:
    """One per thread and state seen, processes together, main thread first."""
    labels = report.profile.label_sets()
    values = report.profile.values()
    roles = {metric.name: metric.role for metric in report.profile.metrics}
    seen = [
        value
        for value in values
        if value.node and value.amount and roles[value.metric] in ("busy", "wait")
    ]
    unproven = {
        (value.node, value.label_set)
        for value in values
        if value.metric == UNPROVEN and value.amount
    }
    found = [
        ThreadStack(
            labels[value.label_set],
            value.metric,
            report.profile.stack(value.node)[::-1],
            (value.node, value.label_set) not in unproven,
        )
        for value in seen
    ]
    first_pid = report.text("target.pid")
    yield from sorted(found, key=lambda stack: stack.place(first_pid))


def stacks(screen: Screen, report: Report) -> list[Text]:
    words = {metric.name: metric.words for metric in report.profile.metrics}
    lines: list[Text] = []
    process = None
    for stack in thread_stacks(report):
        if stack.labels.get("process", "") != process:
            process = stack.labels.get("process", "")
            lines += [*([Text()] if lines else []), *process_lines(report, process)]
        lines += [Text(), thread_line(stack, words[stack.state])]
        lines += frame_lines(screen, report, stack.frames)
        if not stack.proven:
            lines.append(Text(f"  {NOT_PROVEN}", "dim"))
    if not lines:
        lines.append(Text("no Python thread was seen"))
    return lines


def process_lines(report: Report, process: str) -> list[Text]:
    version = report.text("target.python")
    words = f"Process {printable(process)}" + (f", Python {printable(version)}" if version else "")
    return [Text(words, "bold"), Text("most recent call last", "dim")]


def thread_line(stack: ThreadStack, state: str) -> Text:
    line = Text(f"Thread {printable(stack.labels.get('thread', '?'))}", "bold")
    if stack.is_main:
        line.append(" (main)")
    line.append(f": {state}", "yellow" if stack.state.startswith("wait") else "green")
    return line


def frame_lines(screen: Screen, report: Report, frames: list[Frame]) -> list[Text]:
    columns = [Column("", weight=3, tail=1.0), Column("", weight=2, tail=1.0)]
    rows: list[list[Cell]] = [
        [location_cell(report, frame.file, frame.line), name_cell(frame.qualname, frame.kind)]
        for frame in frames
    ]
    return table(screen, columns, rows)[1:]
