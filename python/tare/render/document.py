"""The reports as JSON. A change that could break a reader gets a new schema number.

Numbers are the core's: integers in the unit their name says, shares as value, low, high.
A ratio without bound (JSON has no infinity) is null.
"""

from __future__ import annotations

import json
import math
import re

from tare._profile import (
    AllocRow,
    AllocSums,
    AllocTreeRow,
    Called,
    CallPair,
    CallRow,
    CallSums,
    Durations,
    Estimate,
    LineFunction,
    LineRow,
    LineSums,
    LineThread,
    Row,
    Series,
    State,
    Thread,
)
from tare.render.lines_tables import find_lines
from tare.render.report import Report, number_in
from tare.render.stacks import thread_stacks
from tare.render.tables import Sources

REPORT_SCHEMA = "tare.report/1"
STACKS_SCHEMA = "tare.stacks/1"
SUMS = (
    "calls",
    "primitive_calls",
    "self_ns",
    "total_ns",
    "resumes",
    "suspended_ns",
    "raw_ns",
    "cpu_ns",
    "error_ns",
)
LINE_SUMS = (
    "hits",
    "self_ns",
    "inclusive_ns",
    "suspended_ns",
    "raw_ns",
    "cpu_ns",
    "error_ns",
)
ALLOC_SUMS = (
    "peak_bytes",
    "peak_count",
    "live_bytes",
    "live_count",
    "alloc_bytes",
    "alloc_count",
    "freed_bytes",
    "freed_count",
    "temporary_bytes",
    "temporary_count",
    "sample_count",
    "alloc_error_bytes",
)
QUANTILES = ("median_ns", "p90_ns", "p99_ns", "max_ns")
MOST_TREE_ROWS = 10_000  # tare export --to json has all
NUMBERS = ("pid", "exit_code", "signal")
DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")


def dump_report(report: Report, indent: int | None = 2, **parts: object) -> str:
    """The whole report; parts are added to it, or take the place of its own."""
    document = report_document(report, report.functions(), report.lines())
    return encode({**document, **parts}, indent)


def encode(document: dict[str, object], indent: int | None = 2) -> str:
    return json.dumps(document, indent=indent, allow_nan=False)


def report_document(report: Report, functions: list[Row], lines: list[Row]) -> dict[str, object]:
    """The report with these rows in its tables."""
    summary = report.summary
    return {
        "schema": REPORT_SCHEMA,
        "file": file_part(report),
        "tare": report.text("tare.version"),
        "target": group(report, "target."),
        "host": group(report, "host."),
        "wall_ns": summary.wall_ns,
        "cpu_ns": summary.cpu_ns,
        "active_ns": summary.active_ns,
        "effective_sample_count": summary.effective_count,
        "states": [state_part(state) for state in report.states],
        "functions": [row_part(row) for row in functions],
        "lines": [row_part(row) for row in lines],
        "threads": [thread_part(thread) for thread in report.profile.threads()],
        "resources": resources_part(report),
        "series": series_part(report),
        "measurement": {
            **report.measurement(),
            "created_unix_ns": report.number("created_unix_ns"),
        },
        "verdict": verdict_part(report),
        "shortage": shortage_part(report),
    }


def trace_document(report: Report, functions: list[Called]) -> dict[str, object]:
    """The report of a trace, with these functions in its table."""
    document = report_document(report, [], [])
    names: dict[int | None, Called] = {row.id: row for row in report.called()}
    callers: dict[int, list[CallPair]] = {}
    callees: dict[int, list[CallPair]] = {}
    for pair in report.calls.pairs():
        callers.setdefault(pair.callee, []).append(pair)
        if pair.caller is not None:
            callees.setdefault(pair.caller, []).append(pair)
    rows, fit_count = report.calls.tree(0.0, MOST_TREE_ROWS)
    return {
        **document,
        "verdict": None,
        "shortage": None,
        "measurement": {
            **group(report, "trace."),
            "created_unix_ns": report.number("created_unix_ns"),
        },
        "functions": [
            {
                **identity_part(row),
                "kind": row.kind,
                **sums_part(row.sums),
                "durations": durations_part(row.durations),
                "callers": [
                    neighbour_part(names.get(pair.caller), pair)
                    for pair in callers.get(row.id, [])
                ],
                "callees": [
                    neighbour_part(names.get(pair.callee), pair)
                    for pair in callees.get(row.id, [])
                ],
            }
            for row in functions
        ],
        "trace": {
            **sums_part(report.calls.sums),
            "threads": [
                {"labels": text_labels(thread.labels), **sums_part(thread.sums)}
                for thread in report.calls.threads()
            ],
            "tree": [tree_part(row) for row in rows],
            "tree_left_out_count": fit_count - len(rows),
        },
    }


def lines_document(report: Report, functions: list[LineFunction]) -> dict[str, object]:
    """The report of a profile of lines, with these functions in its table."""
    sources = Sources(report)
    return {
        **report_document(report, [], []),
        "verdict": None,
        "shortage": None,
        "measurement": {
            **group(report, "trace."),
            **group(report, "lines."),
            "created_unix_ns": report.number("created_unix_ns"),
        },
        "functions": [lined_part(report, sources, row) for row in functions],
        "line_sums": {
            **line_sums_part(report.line_sums),
            "threads": [
                {"labels": text_labels(thread.labels), **line_sums_part(thread)}
                for thread in report.profile.line_threads()
            ],
        },
    }


def lined_part(report: Report, sources: Sources, row: LineFunction) -> dict[str, object]:
    source = find_lines(report, sources, row)
    return {
        **identity_part(row),
        "kind": row.kind,
        "calls": row.calls,
        **line_sums_part(row),
        "lines": [{"line": line.line, **line_sums_part(line)} for line in row.rows],
        "source": text_list(source) if source else None,
    }


def memory_document(
    report: Report, functions: list[AllocRow], lines: list[AllocRow]
) -> dict[str, object]:
    """The report of a profile of memory, with these functions and lines in its tables."""
    rows, fit_count = report.allocations.tree("peak_bytes", 0.0, MOST_TREE_ROWS)
    return {
        **report_document(report, [], []),
        "verdict": None,
        "measurement": {
            **group(report, "memory."),
            "created_unix_ns": report.number("created_unix_ns"),
        },
        "functions": [alloc_row_part(row) for row in functions],
        "lines": [alloc_row_part(row) for row in lines],
        "memory": {
            **alloc_sums_part(report.allocations.sums),
            "kinds": [
                {"labels": text_labels(kind.labels), **alloc_sums_part(kind.sums)}
                for kind in report.allocations.kinds()
            ],
            "tree": [alloc_tree_part(row) for row in rows],
            "tree_left_out_count": fit_count - len(rows),
        },
    }


def alloc_row_part(row: AllocRow) -> dict[str, object]:
    return {
        **identity_part(row),
        **({"line": row.line} if row.line else {}),
        "kind": row.kind,
        "own": alloc_sums_part(row.own),
        "total": alloc_sums_part(row.total),
    }


def alloc_sums_part(sums: AllocSums) -> dict[str, int]:
    return dict(zip(ALLOC_SUMS, sums, strict=True))


def alloc_tree_part(row: AllocTreeRow) -> dict[str, object]:
    return {
        "depth": row.depth,
        **identity_part(row),
        "own_bytes": row.own,
        "total_bytes": row.total,
        "share": row.share,
    }


def line_sums_part(sums: LineFunction | LineRow | LineSums | LineThread) -> dict[str, int]:
    return {name: getattr(sums, name) for name in LINE_SUMS}


def identity_part(
    row: AllocRow | AllocTreeRow | Called | CallRow | LineFunction,
) -> dict[str, object]:
    return {"name": text(row.qualname), "file": text(row.file), "first_line": row.first_line}


def sums_part(sums: CallSums) -> dict[str, int]:
    return dict(zip(SUMS, sums, strict=True))


def durations_part(durations: Durations | None) -> dict[str, object] | None:
    if durations is None:
        return None
    count, *quantiles = durations
    ranges = [{"low": low, "high": high} for low, high in quantiles]
    return {"count": count, **dict(zip(QUANTILES, ranges, strict=True))}


def neighbour_part(row: Called | None, pair: CallPair) -> dict[str, object]:
    """The other function of a pair; without a name where nothing traced called."""
    unknown: dict[str, object] = {"name": None, "file": None, "first_line": None}
    return {**(identity_part(row) if row else unknown), **sums_part(pair.sums)}


def tree_part(row: CallRow) -> dict[str, object]:
    return {
        "depth": row.depth,
        **identity_part(row),
        "calls": row.calls,
        "self_ns": row.self_ns,
        "total_ns": row.total_ns,
        "share": row.share,
    }


def file_part(report: Report) -> dict[str, object]:
    state = report.profile.state
    return {
        "path": text(report.path),
        "version": state.version,
        "complete": state.complete,
        "lost_bytes": state.lost_bytes,
    }


def group(report: Report, prefix: str) -> dict[str, object]:
    """All provenance whose key begins so, without the prefix; numbers as numbers."""
    return {
        key.removeprefix(prefix): number_or_text(key.removeprefix(prefix), value)
        for key, value in sorted(report.meta.items())
        if key.startswith(prefix)
    }


def number_or_text(key: str, value: str) -> object:
    is_number = key in NUMBERS or key.endswith(("_count", "_bytes", "_ns"))
    if is_number and DECIMAL.fullmatch(value):
        return number_in(value)
    return text(value)


def text(value: str) -> str:
    """JSON must be Unicode: bytes that are not UTF-8 become U+FFFD."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def text_list(values: list[str]) -> list[str]:
    return [text(value) for value in values]


def estimate_part(estimate: Estimate) -> dict[str, float | None]:
    return {
        name: number if math.isfinite(number) else None
        for name, number in zip(("value", "low", "high"), estimate, strict=True)
    }


def state_part(state: State) -> dict[str, object]:
    return {
        "name": state.name,
        "words": state.words,
        "role": state.role,
        "ns": state.ns,
        "share": estimate_part(state.share),
    }


def row_part(row: Row) -> dict[str, object]:
    return {
        "name": text(row.qualname),
        "file": text(row.file),
        "first_line": row.first_line,
        **({"line": row.line} if row.line else {}),
        "kind": row.kind,
        "self_ns": row.self_ns,
        "total_ns": row.total_ns,
        "self_native_ns": row.self_native_ns,
        "self_wait_ns": row.self_wait_ns,
        "unproven_ns": row.unproven_ns,
        "program_ns": row.program_ns,
        "program_self_ns": row.program_self_ns,
        "program_self_wait_ns": row.program_self_wait_ns,
        "self_share": estimate_part(row.self_share),
        "total_share": estimate_part(row.total_share),
        "program_share": estimate_part(row.program_share),
        "gain_ratio": estimate_part(row.gain_ratio),
    }


def thread_part(thread: Thread) -> dict[str, object]:
    labels = text_labels(thread.labels)
    return {"labels": labels, "wall_ns": thread.wall_ns, "states": thread.states}


def series_part(report: Report, after_ns: int = -1) -> list[dict[str, object]]:
    """What was counted over time: the points after a moment of the run. Not where threads were:
    that is in nodes of a tree, which a report has not."""
    labels = report.profile.label_sets()
    return [
        {
            "name": series.name,
            "unit": series.unit,
            "labels": text_labels(labels[series.label_set]),
            "points": points_after(series, after_ns),
        }
        for series in report.profile.series()
        if series.unit != "node"
    ]


def points_after(series: Series, after_ns: int) -> list[tuple[int, int]]:
    points = zip(series.times_ns, series.amounts, strict=True)
    return [(time_ns, amount) for time_ns, amount in points if time_ns > after_ns]


def text_labels(labels: dict[str, str]) -> dict[str, str]:
    return {text(key): text(value) for key, value in labels.items()}


def resources_part(report: Report) -> dict[str, int | float]:
    prefixes = ("memory.", "faults.", "switches.", "machine.", "cpu.")
    names = (*(key for key in report.meta if key.startswith(prefixes)), "process_count")
    return {name: report.number(name) for name in sorted({*names, "thread_count"})}


def shortage_part(report: Report) -> dict[str, object]:
    found = report.summary.shortage
    return {
        "paging": found.paging,
        "collecting": found.collecting,
        "full": found.full,
        "growing": found.growing,
        "paging_share": estimate_part(found.paging_share),
        "collecting_share": estimate_part(found.collecting_share),
        "swapped_bytes": found.swapped_bytes,
        "peak_bytes": found.peak_bytes,
        "limit_bytes": found.limit_bytes,
        "from_bytes": found.from_bytes,
        "to_bytes": found.to_bytes,
    }


def verdict_part(report: Report) -> dict[str, object] | None:
    verdict = report.verdict
    if verdict is None:
        return None
    needed = verdict.needed_ratio
    return {
        "verdict": verdict.verdict,
        "target_ns": verdict.target_ns,
        "excess_ns": verdict.excess_ns,
        "waiting_ns": verdict.waiting_ns,
        "needed_ratio": needed if math.isfinite(needed) else None,
        "functions": [
            {"name": text(row.qualname), "file": text(row.file), "first_line": row.first_line}
            for row in report.would_do()
        ],
    }


def dump_stacks(report: Report) -> str:
    """Of tare dump: each thread's frames, outermost first."""
    threads = [
        {
            "labels": text_labels(stack.labels),
            "state": stack.state,
            "proven": stack.proven,
            "frames": [
                {
                    "name": text(frame.qualname),
                    "file": text(frame.file),
                    "line": frame.line,
                    "kind": frame.kind,
                }
                for frame in stack.frames
            ],
        }
        for stack in thread_stacks(report)
    ]
    return encode({"schema": STACKS_SCHEMA, "target": group(report, "target."), "threads": threads})
