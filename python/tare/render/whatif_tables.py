"""What a faster function would give the program: by its share, by trying, and by interpreter."""

from __future__ import annotations

import math
from collections.abc import Callable

from rich.text import Text

from tare.render import units
from tare.render.document import encode, estimate_part, text
from tare.render.layout import Cell, Column, heading, table, wrapped
from tare.render.report import Report
from tare.render.tables import location_cell, name_cell
from tare.render.terminal import Screen
from tare.text import printable, shorten
from tare.whatif.estimates import Estimate, ratio_of
from tare.whatif.experiment import WORDS, Experiment
from tare.whatif.predicting import Part
from tare.whatif.runtimes import Runtime

PREDICTION_SCHEMA = "tare.whatif.prediction/1"
EXPERIMENT_SCHEMA = "tare.whatif.experiment/1"
RUNTIMES_SCHEMA = "tare.whatif.runtimes/1"
GONE = math.inf
WHAT = {"own": "its own code", "all": "with all it calls"}
NEVER = 0.005  # of the program's time: less is nothing
MUCH_HEARING = 0.05  # of the program's time
SHORT_CALL_NS = 2000
ALL_OF_IT = 0.1


def points(screen: Screen, saved: Estimate) -> str:
    """-31.2% +-1.4: by so much less."""
    wide = max(saved.high - saved.value, saved.value - saved.low) * 100
    reach = f"{wide:.1f}" if wide < 9.95 else f"{wide:.0f}"
    if not math.isfinite(wide):
        reach = "?"
    return f"{-saved.value * 100:+.1f}% {screen.symbols.plus_minus}{reach}"


def faster(saved: Estimate) -> str:
    """As a ratio with its interval: 1.62x (1.58-1.66)."""
    if saved.high >= 1:
        return "any" if saved.low >= 1 else f">{1 / (1 - max(saved.low, 0.0)):.2f}x"
    value, low, high = (f"{bound:.2f}" for bound in ratio_of(saved))
    return f"{value}x ({low}-{high})" if low != high else f"{value}x"


def times_words(times: float) -> str:
    return "gone" if math.isinf(times) else f"{times:g}x faster"


# ---- by its share ----


def prediction_page(
    screen: Screen, report: Report, parts: list[Part], every: list[float], said: list[str]
) -> list[Text]:
    whole = units.duration(report.summary.wall_ns)
    room = screen.columns - len(whole) - 2
    subject = shorten(printable(report.subject), room, 0.3, screen.symbols.ellipsis)
    lines = [
        heading(screen, "What the program would take less",
                f"{screen.symbols.plus_minus}: 95% interval"),
        Text(f"{whole}: {subject}", "dim"),
    ]
    asked = any(part.what == "all" for part in parts)
    lines += _asked_table(screen, report, parts, every) if asked else _hottest_table(
        screen, report, parts, every
    )
    said = [*said]
    if said:
        said.append(
            "So shares may lie. By trying: tare whatif -f FUNCTION TARGET says what is gained."
        )
    return [*lines, *([Text(), *wrapped(screen, said, "yellow")] if said else [])]


def _hottest_table(
    screen: Screen, report: Report, parts: list[Part], every: list[float]
) -> list[Text]:
    """A row for each function: how much less time when its own code is so much faster."""
    columns = [
        Column("its share", align="right"),
        *(Column(f"{times:g}x", align="right") for times in every),
        Column("gone: program", align="right"),
        Column("function", weight=1, tail=1.0),
        Column("file:line", weight=1, tail=1.0),
    ]
    rows = [
        [
            Cell(_share(screen, part.share)),
            *(Cell(f"{-part.saved(times).value * 100:+.1f}%") for times in every),
            Cell(faster(part.saved(GONE)), "bold"),
            name_cell(part.name),
            location_cell(report, part.file, part.line),
        ]
        for part in parts
    ]
    return table(screen, columns, rows)


def _asked_table(
    screen: Screen, report: Report, parts: list[Part], every: list[float]
) -> list[Text]:
    """A row for each of so many times faster."""
    lines: list[Text] = []
    for part in parts:
        where = location_cell(report, part.file, part.line).text
        name = printable(part.name)
        lines += [
            Text(),
            *wrapped(screen, [f"{name} ({where}), {WHAT[part.what]}: "
                              f"{_share(screen, part.share)} of the time"], "bold", 0),
            *gains_table(screen, every, part.saved, report.summary.wall_ns),
        ]
    return lines


def _share(screen: Screen, share: Estimate) -> str:
    return f"{units.percent(share.value)} {screen.symbols.plus_minus}{units.half_width(share)}"


def gains_table(
    screen: Screen,
    every: list[float],
    saved_at: Callable[[float], Estimate],
    whole_ns: float,
) -> list[Text]:
    columns = [
        Column("if it were"),
        Column("program takes", align="right"),
        Column("less time", align="right"),
        Column("so it is faster", align="right"),
    ]
    rows = []
    for times in (*every, GONE):
        saved = saved_at(times)
        rows.append([
            Cell(times_words(times)),
            Cell(units.duration(whole_ns * max(0.0, 1 - saved.value)), "bold"),
            Cell(points(screen, saved)),
            Cell(faster(saved)),
        ])
    return table(screen, columns, rows)


def dump_prediction(
    report: Report, parts: list[Part], every: list[float], said: list[str]
) -> str:
    return encode({
        "schema": PREDICTION_SCHEMA,
        "file": text(report.path),
        "wall_ns": report.summary.wall_ns,
        "parts": [
            {
                "name": text(part.name),
                "file": text(part.file),
                "line": part.line,
                "what": part.what,
                "share": estimate_part(part.share),
                "gains": gains_part(every, part.saved),
            }
            for part in parts
        ],
        "doubts": said,
    })


def gains_part(
    every: list[float], saved_at: Callable[[float], Estimate]
) -> list[dict[str, object]]:
    """times is null where it is gone."""
    rows: list[dict[str, object]] = []
    for times in (*every, GONE):
        saved = saved_at(times)
        rows.append({
            "times": times if math.isfinite(times) else None,
            "saved_share": estimate_part(saved),
            "ratio": estimate_part(ratio_of(saved)),
        })
    return rows


# ---- by trying ----


def experiment_page(
    screen: Screen, command: str, name: str, found: Experiment, every: list[float]
) -> list[Text]:
    runs = sum(1 + len(block.taken_ns) for block in found.blocks)
    what = "from one point to the next" if found.by_progress else "the program alone"
    whole = f"{units.duration(found.whole_ns)} {what}"
    room = screen.columns - len(whole) - 2
    subject = shorten(printable(command), room, 0.3, screen.symbols.ellipsis)
    return [
        heading(screen, f"What if {printable(name)} were faster?",
                f"{units.count(runs, 'run')}; {screen.symbols.plus_minus}: 95% interval"),
        Text(f"{whole}: {subject}", "dim"),
        *gains_table(screen, every, lambda times: found.saved(1 - 1 / times), found.whole_ns),
        Text(),
        *wrapped(screen, verdict(found), "bold"),
        *wrapped(screen, [calls(found), how(screen, found)]),
        *wrapped(screen, warnings(screen, found), "yellow"),
    ]


def verdict(found: Experiment) -> list[str]:
    gone = found.saved(1.0)
    if gone.low > 0:
        return []
    if gone.high < NEVER * 4:
        return ["Nothing would be gained: the program does not wait for it."]
    return [f"Cannot tell whether anything would be gained: {gone.high:.1%} at most."]


def calls(found: Experiment) -> str:
    measured = found.measured
    stretched_ns = measured.waited_ns if found.stretch == "waits" else measured.cpu_ns
    resumed = f", resumed {measured.resumes:,} times" if measured.resumes else ""
    processes = (
        f" in {units.count(measured.process_count, 'process', 'processes')}"
        if measured.process_count > 1 else ""
    )
    return (
        f"It took {units.duration(stretched_ns)} of {WORDS[found.stretch]} in "
        f"{units.count(measured.calls, 'call')}{resumed}{processes}."
    )


def how(screen: Screen, found: Experiment) -> str:
    sign = screen.symbols.plus_minus
    critical = found.criticality
    half = (critical.high - critical.low) / 2
    slower = (
        f"for each second that its calls got longer, the program took {critical.value:.2f} s "
        f"{sign}{half:.2f} more"
    )
    if found.hidden:
        return (
            "Measured: its time was hidden from the program's clocks, half and whole. "
            f"Slower instead, {slower}."
        )
    return f"Extrapolated: {slower}."


def warnings(screen: Screen, found: Experiment) -> list[str]:
    said = []
    measured = found.measured
    if found.bent:
        said.append(
            "The more it is slowed down, the more or the less each second counts: it comes onto "
            "the way that the program waits for, or leaves it. The line leads nowhere; believe "
            "the sign at most."
        )
    elif not found.hidden:
        said.append("What else might become the slowest part before it is gone is not seen so.")
    if found.other_way:
        slope = found.slope
        said.append(
            f"By its slowing down alone one would expect {points(screen, slope)}: as it gets "
            "faster, the program waits for something else."
        )
    if found.hearing.low > MUCH_HEARING:
        said.append(
            f"Being listened to alone cost {found.hearing.value:.0%} more time: calls as short as "
            "that are better judged by a sampled profile (tare run, tare whatif FILE)."
        )
    if measured.failed_count:
        said.append(f"{units.count(measured.failed_count, 'code object')} could not be heard.")
    if not found.decided:
        said.append("A longer trial (--seconds) or a machine with less to do gives narrower ones.")
    return said


def dump_experiments(
    command: str, every_found: list[tuple[str, Experiment]], every: list[float]
) -> str:
    return encode({
        "schema": EXPERIMENT_SCHEMA,
        "command": text(command),
        "functions": [experiment_part(name, found, every) for name, found in every_found],
    })


def experiment_part(name: str, found: Experiment, every: list[float]) -> dict[str, object]:
    return {
        "name": text(name),
        "way": "hidden" if found.hidden else "longer",
        "stretch": found.stretch,
        "by_progress": found.by_progress,
        "whole_ns": found.whole_ns,
        "gains": gains_part(every, lambda times: found.saved(1 - 1 / times)),
        "slope_share": estimate_part(found.slope),
        "criticality": estimate_part(found.criticality),
        "bent": found.bent,
        "agrees": not found.other_way,
        "decided": found.decided,
        "hearing_share": estimate_part(found.hearing),
        "calls": found.measured._asdict(),
        "blocks": [
            {
                "alone_ns": block.alone_ns,
                "steps": [
                    {"step": step, "ratio": block.ratios[step], "taken_ns": taken_ns}
                    for step, taken_ns in sorted(block.taken_ns.items())
                ],
            }
            for block in found.blocks
        ],
    }


# ---- under other interpreters ----


def runtimes_page(
    screen: Screen, command: str, found: list[Runtime], first: str
) -> list[Text]:
    running = [runtime for runtime in found if runtime.ratio is not None]
    rounds = len(running[0].walls_ns) if running else 0
    columns = [
        Column("interpreter"),
        Column("time", align="right"),
        Column("faster", align="right"),
        Column("", weight=1, tail=1.0, style="dim"),
    ]
    rows = []
    for runtime in found:
        if runtime.ratio is None:
            rows.append([Cell(printable(runtime.name)), Cell("-"), Cell("-"),
                         Cell(printable(runtime.why))])
            continue
        ratio = runtime.ratio
        words = "this one" if runtime.name == first else (
            f"{ratio.value:.2f}x ({ratio.low:.2f}-{ratio.high:.2f})"
        )
        rows.append([
            Cell(printable(runtime.name)),
            Cell(units.duration(runtime.wall_ns), "bold"),
            Cell(words),
            Cell(printable(runtime.why or runtime.path)),
        ])
    return [
        heading(screen, "What another interpreter alone would give",
                f"{units.count(rounds, 'round')}; (): 95% interval"),
        Text(shorten(printable(command), screen.columns, 0.3, screen.symbols.ellipsis), "dim"),
        *table(screen, columns, rows),
    ]


def dump_runtimes(command: str, found: list[Runtime]) -> str:
    return encode({
        "schema": RUNTIMES_SCHEMA,
        "command": text(command),
        "interpreters": [
            {
                "name": text(runtime.name),
                "path": text(runtime.path),
                "walls_ns": runtime.walls_ns,
                "ratio": estimate_part(runtime.ratio) if runtime.ratio else None,
                "why": text(runtime.why),
            }
            for runtime in found
        ],
    })
