"""What tare bench found, as tables: of one interpreter, or of several beside each other."""

from __future__ import annotations

import math

from rich.text import Text

from tare.render import units
from tare.render.layout import Cell, Column, bar, heading, pad, table, wrapped
from tare.render.terminal import Screen
from tare.stones.measuring import REFERENCE_STONES, Estimate, Kernel, Result
from tare.stones.pystones import Classical
from tare.stones.results import Findings
from tare.stones.scaling import Scaled
from tare.stones.tarestones import REFERENCE
from tare.text import printable, width

BAR_COLUMNS = 20
STEADY = ("flat", "unknown")
COLUMNS_SAY = (
    "Spread: the quickest process above the slowest. By passes: the figure of 50,000 passes as a "
    "multiple of that of 1,000."
)
NO_TRUST = (
    "Do not trust it: pystones are one kernel that was typical in 1984, without dictionaries, "
    "text, floats, exceptions or allocation, and they depend on the number of passes where "
    "code is compiled as it runs. tare bench without --pystone says more."
)


def page(screen: Screen, findings: Findings) -> list[Text]:
    results = findings.results
    if len(results) == 1:
        lines = single(screen, results[0])
    else:
        lines = overview(screen, results)
        for one in results:
            lines += wrapped(screen, [f"{printable(one.interpreter.name)}: {words}"
                                      for words in (*why_not(one), *clock_words(one))], indent=0)
        lines += [Text(), *by_kernel(screen, results)]
    return [*lines, Text(), *notes(screen, findings)]


def single(screen: Screen, result: Result) -> list[Text]:
    lines = [*wrapped(screen, [headline(result)], "bold", 0)]
    words = [*why_not(result), start_words(result), *clock_words(result)]
    lines += wrapped(screen, [word[0].upper() + word[1:] for word in words], indent=0)
    return [*lines, Text(), *kernels_table(screen, result)]


def headline(result: Result) -> str:
    name = printable(result.interpreter.name)
    if result.stones is None:
        return f"{name}: no figure, since not every kernel became steady."
    return f"{name}: {number(result.stones.value)} stones ({interval(result.stones)})."


def why_not(result: Result) -> list[str]:
    if result.stones is not None:
        return []
    names = printable(", ".join(result.unsteady))
    return [
        f"passes still changed by more than 10 % from the middle of a process to its end: {names}; "
        "--seconds gives processes more time."
    ]


def clock_words(result: Result) -> list[str]:
    return [] if result.clock_kind == "cpu" else ["its clock is the wall's: others disturb it."]


def start_words(result: Result) -> str:
    """Of the start and of memory, and how many processes said so."""
    memory = ""
    if result.peak_bytes:
        begin, peak = units.size(result.begin_bytes), units.size(result.peak_bytes)
        memory = f" Memory: {begin} before the first kernel, {peak} at most."
    start = units.duration(result.start_cpu_ns.value)
    count = units.count(result.processes, "process", "processes")
    return f"It starts in {start} of the processor's time.{memory} {count}."


def number(stones: float) -> str:
    return f"{stones:,.0f}" if stones >= 100 else f"{stones:.1f}"


def interval(estimate: Estimate) -> str:
    if math.isinf(estimate.high):
        return "one process: no interval"
    return f"{number(estimate.low)} to {number(estimate.high)}"


def kernels_table(screen: Screen, result: Result) -> list[Text]:
    most = max(kernel.stones.value for kernel in result.kernels)
    columns = [
        Column("kernel", style="cyan"),
        Column("first pass", align="right"),
        Column("then", align="right"),
        Column("steady", style="dim"),
        Column("stones", align="right"),
        Column("95 %", align="right", style="dim"),
        Column("", style="green"),
    ]
    rows = [
        [
            Cell(printable(kernel.name)),
            Cell(time_text(screen, kernel.cold_ns.value)),
            Cell(time_text(screen, kernel.pass_ns.value)),
            Cell(steady_words(kernel, result)),
            Cell(number(kernel.stones.value)),
            Cell(interval(kernel.stones)),
            Cell(bar(screen, kernel.stones.value / most, BAR_COLUMNS)),
        ]
        for kernel in result.kernels
    ]
    if all(row[3].text == rows[0][3].text == "at once" for row in rows):
        del columns[3]
        rows = [[*row[:3], *row[4:]] for row in rows]
    return table(screen, columns, rows)


def steady_words(kernel: Kernel, result: Result) -> str:
    if kernel.name in result.unsteady:
        return "never"
    if kernel.warm_up in STEADY or not kernel.steady_rounds:
        return "at once"
    return "in cycles" if kernel.warm_up == "cyclic" else f"after {kernel.steady_rounds:.0f}"


def time_text(screen: Screen, ns: float) -> str:
    return units.duration(ns).replace("µ", screen.symbols.micro)


def overview(screen: Screen, results: list[Result]) -> list[Text]:
    """A row for each interpreter."""
    most = max([one.stones.value for one in results if one.stones], default=1.0)
    first = results[0]
    columns = [
        Column("interpreter", style="cyan"),
        Column("stones", align="right"),
        Column("95 %", align="right", style="dim"),
        Column("speed", align="right"),
        Column("start", align="right"),
        Column("memory", align="right"),
        Column("", style="green"),
    ]
    rows = [
        [
            Cell(printable(one.interpreter.name)),
            Cell(number(one.stones.value) if one.stones else "unsteady"),
            Cell(interval(one.stones) if one.stones else ""),
            Cell("1" if one is first else speed(one, first)),
            Cell(time_text(screen, one.start_cpu_ns.value)),
            Cell(units.size(one.peak_bytes) if one.peak_bytes else "?"),
            Cell(bar(screen, one.stones.value / most, BAR_COLUMNS) if one.stones else ""),
        ]
        for one in results
    ]
    return table(screen, columns, rows)


def speed(one: Result, first: Result) -> str:
    """As a multiple of the first one's."""
    if one.stones is None or first.stones is None:
        return ""
    return f"{one.stones.value / first.stones.value:.2f}x"


def by_kernel(screen: Screen, results: list[Result]) -> list[Text]:
    """Stones by kernel, a column for each interpreter; in parts where they are too many."""
    lines: list[Text] = []
    names = [kernel.name for kernel in results[0].kernels]
    room = screen.columns - 2 - max(map(width, names))
    while results:
        columns = [Column("kernel", style="cyan")]
        used = 0
        while len(columns) <= len(results):
            title = printable(results[len(columns) - 1].interpreter.name)
            used += width(title) + 2
            if used > room and len(columns) > 1:
                break
            columns.append(Column(title, align="right"))
        part, results = results[: len(columns) - 1], results[len(columns) - 1 :]
        rows = [kernel_row(name, part) for name in names]
        lines += [heading(screen, "Stones by kernel"), *table(screen, columns, rows), Text()]
    return lines[:-1]


def kernel_row(name: str, results: list[Result]) -> list[Cell]:
    values = [
        next((kernel.stones.value for kernel in one.kernels if kernel.name == name), 0.0)
        for one in results
    ]
    best = max(values)
    cells = [Cell(number(value), "bold" if value == best else "") for value in values]
    return [Cell(printable(name)), *cells]


def notes(screen: Screen, findings: Findings) -> list[Text]:
    small = " Sizes are those for a small heap." if findings.size == "small" else ""
    words = [
        f"{REFERENCE_STONES:,.0f} stones: {REFERENCE}.{small}",
        f"Here: {machine_words(findings)}.",
    ]
    return wrapped(screen, words, "dim", 0)


def machine_words(findings: Findings) -> str:
    machine = findings.machine
    cores = units.count(machine.cpu_count, "core")
    return printable(f"{machine.host}, {machine.processor}, {cores}, {machine.system}")


def pystone_page(screen: Screen, found: list[Classical]) -> list[Text]:
    columns = [
        Column("interpreter", style="cyan"),
        Column("pystones/s", align="right"),
        Column("95 %", align="right", style="dim"),
        Column("spread", align="right"),
        Column("by passes", align="right"),
    ]
    rows = [
        [
            Cell(printable(one.interpreter.name)),
            Cell(f"{one.rate.value:,.0f}"),
            Cell(f"{one.rate.low:,.0f} to {one.rate.high:,.0f}"),
            Cell(units.percent(one.spread)),
            Cell(f"{one.by_passes:.2f}x"),
        ]
        for one in found
    ]
    words = [COLUMNS_SAY, NO_TRUST]
    return [*table(screen, columns, rows), Text(), *wrapped(screen, words, indent=0)]


def scaled_page(
    screen: Screen, scaled: Scaled, ends: tuple[tuple[str, Result], tuple[str, Result]]
) -> list[Text]:
    """A time there, and why it is no surer."""
    (here, one), (there, other) = ends
    where = [f"on {here}", f"on {there}"]
    if here == there:
        where = [f"by {one.interpreter.name}", f"by {other.interpreter.name}"]
    title = (
        f"{time_text(screen, scaled.here_ns.value)} {printable(where[0])} "
        f"{'→' if screen.symbols.ellipsis == '…' else '->'} "
        f"{time_text(screen, scaled.there_ns.value)} {printable(where[1])} "
        f"({time_text(screen, scaled.there_ns.low)} to {time_text(screen, scaled.there_ns.high)})"
    )
    wide = max(width(printable(name)) for name, _ in ends)
    lines = [Text(title, "bold")]
    for name, result in ends:
        stones = f"{number(result.stones.value)} stones" if result.stones else "unsteady"
        words = f"{pad(printable(name), wide)}  {printable(result.interpreter.name)}, {stones}"
        lines.append(Text(f"  {words}"))
    least, most = scaled.ratios[0], scaled.ratios[-1]
    return [
        *lines,
        Text(),
        *wrapped(
            screen,
            [
                f"The time there is {scaled.ratio.value:.2f} of that here "
                f"({scaled.ratio.low:.2f} to {scaled.ratio.high:.2f}, 95 %): from "
                f"{least.ratio:.2f} ({printable(least.kernel)}) to {most.ratio:.2f} "
                f"({printable(most.kernel)}), and which kernels the program is like "
                "nobody has said.",
                "It holds for Python code: what waits, or computes in C, scales otherwise.",
            ],
            indent=0,
        ),
    ]
