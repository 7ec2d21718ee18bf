"""What a comparison says: the verdict, then in a line each what stands behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.text import Text

from tare._stats import Estimate
from tare.comparing import result
from tare.comparing.gaining import Gain
from tare.comparing.many import Many
from tare.comparing.result import Comparison, Process, WarmUpClass
from tare.render import units
from tare.render.layout import Cell, Column, heading, table, wrapped
from tare.render.terminal import Screen
from tare.text import printable

LABEL = 9  # columns of the words in front
MOST_DECIMALS = 4
PLAIN_RATIO = 1.095  # from here on two decimals say enough in a sentence
ABOUT = 0.005  # of memory
FEW = 3  # of a half width's last digit: with less, one more digit has a meaning
STYLES = {
    result.FASTER: "bold green",
    result.SLOWER: "bold red",
    result.SAME: "bold",
    result.CANNOT_TELL: "bold yellow",
    result.DIFFERENT: "bold red",
}
CLOCKS = {"cpu": "CPU clock", "wall": "wall clock"}
WARMTH = {
    "warm-up": "becomes faster at first",
    "slow-down": "becomes slower with time",
    "cyclic": "repeats a cycle",
    "none": "never becomes steady",
}
MEMORY = {
    "peak": "peak of the largest process",
    "allocated": "allocated by one call at its peak",
    "resident": "added by one call at its peak",
}
HOW = {
    "together": "",
    "lockstep": ", a process for each side",
    "forks": ", copies of this one",
    "commands": "",
}


def text(screen: Screen, found: Many, verbose: bool, quiet: bool) -> list[Text]:
    if len(found.comparisons) > 1:
        return several(screen, found, verbose, quiet)
    return one(screen, found.comparisons[0], verbose, quiet)


def one(screen: Screen, found: Comparison, verbose: bool, quiet: bool) -> list[Text]:
    lines = wrapped(screen, [verdict(found)], STYLES[found.verdict], 0)
    if quiet:
        return lines
    for label, words in details(found, verbose):
        lines += labelled(screen, label, words)
    return lines


def labelled(screen: Screen, label: str, words: str) -> list[Text]:
    """Words beside their label, which stands in the first line alone."""
    words = printable(words).replace("µ", screen.symbols.micro)
    lines = wrapped(screen, [words], indent=2 + LABEL)
    if lines:
        first = Text("  ")
        first.append(label.ljust(LABEL), "dim")
        first.append(lines[0].plain.lstrip())
        lines[0] = first
    return lines


def verdict(found: Comparison) -> str:
    """The answer, in one sentence."""
    a, b = printable(found.a.name), printable(found.b.name)
    if found.verdict == result.DIFFERENT:
        return f"Results differ, so nothing was timed: {printable(found.agreement.words)}"
    assert found.ratio is not None
    if found.verdict == result.CANNOT_TELL:
        return f"Cannot tell yet which is faster: {ratio_words(found)}; {needs(found)}"
    if found.verdict == result.SAME:
        return f"{b} and {a} take the same time, within {found.least:.1%}".replace(".0%", "%")
    return f"{b} is {ratio_words(found, False)} than {a}"


def needs(found: Comparison) -> str:
    """What would decide it."""
    if found.needed >= result.NEVER:
        return "no number of processes would tell"
    process = "pair" if found.how == "commands" else "process"
    plural = "" if process == "pair" else "processes"
    more = units.count(found.needed, f"more {process}", f"more {plural}" if plural else "")
    seconds = math.ceil(found.elapsed_seconds + found.needed_seconds)
    return f"about {more} would, --seconds {seconds}"


def details(found: Comparison, verbose: bool) -> Iterator[tuple[str, str]]:
    yield "results", results_words(found)
    if found.ratio is not None:
        yield "time", time_words(found)
        yield "", method_words(found)
    if found.memory is not None:
        yield "memory", memory_words(found)
    if found.ratio is not None:
        yield "power", power_words(found)
    for words in warmth_words(found):
        yield "warm-up", words
    if found.machine is not None:
        yield "machine", machine_words(found)
    for note in (*found.agreement.notes, *found.notes):
        yield "note", note
    if verbose:
        yield from budget_words(found)


def results_words(found: Comparison) -> str:
    same = found.agreement.same
    if same is None:
        return found.agreement.words
    return f"{'same' if same else 'different'}: {found.agreement.words}"


def time_words(found: Comparison) -> str:
    assert found.ratio is not None and found.a_ns is not None and found.b_ns is not None
    times = f"{short_time(found.a_ns.value)} -> {short_time(found.b_ns.value)}"
    return f"{times}  {ratio_words(found)}"


def method_words(found: Comparison) -> str:
    """How the figure came about."""
    count = len(found.processes)
    if found.how == "commands":
        sample = units.count(count, "swapped pair") + " of runs"
    else:
        pairs = units.count(found.pair_count, "swapped pair")
        sample = f"{units.count(count, 'process', 'processes')} x {pairs}{HOW[found.how]}"
    clock = CLOCKS[found.clock]
    if found.clock_why:
        clock += f" ({found.clock_why})"
    words = f"{sample}, {clock}"
    other = found.wall_ratio if found.clock == "cpu" else found.cpu_ratio
    if other is None or found.ratio is None:
        return words
    name = "wall" if found.clock == "cpu" else "CPU"
    if other.low <= found.ratio.high and found.ratio.low <= other.high:
        return f"{words}; {name} time agrees"
    return f"{words}; {name} time differs: {estimate_words(other)}"


def memory_words(found: Comparison) -> str:
    assert found.memory is not None
    a, b, what, floor = found.memory
    words = f"{size_words(a.value, floor)} -> {size_words(b.value, floor)}"
    if min(a.value, b.value) > floor and a.value != b.value:
        words += f"  {change_of(a.value, b.value)}"
    return f"{words}, {MEMORY[what]}"


def size_words(amount: float, floor: float) -> str:
    """Less than the floor is not seen."""
    if floor and amount <= 1.01 * floor:
        return f"at most {units.size(floor)}"
    return units.size(amount)


def change_of(a: float, b: float) -> str:
    if abs(b - a) < ABOUT * a:
        return "about the same"
    return f"{(b - a) / a:+.0%}" if b < 10 * a else f"{b / a:,.0f} times as much"


def power_words(found: Comparison) -> str:
    if math.isinf(found.smallest):
        return "too few processes to say what change they would have seen"
    words = f"would have seen a change of {change_words(found.smallest - 1)}"
    if found.levels is not None:
        share = found.levels["lasting_share"]
        words += f"; {share:.0%} of the interval's variance is between processes"
    return words


def change_words(part: float) -> str:
    percent = 100 * part
    return f"{percent:.2g}%" if percent < 10 else f"{percent:.0f}%"


def warmth_words(found: Comparison) -> Iterator[str]:
    """Only where a side is not warm from the start, and the other is not so too: what happens to
    both at once is the machine's doing."""
    kinds = [one.kind for one in found.warm_up or ()]
    if len(kinds) == 2 and kinds[0] == kinds[1] != "warm-up":
        return
    for side, one in zip((found.a, found.b), found.warm_up or (), strict=False):
        if one.kind in WARMTH and not (one.kind == "warm-up" and one.steady_from == 1):
            yield f"{side.name} {WARMTH[one.kind]}{warmth_detail(one)}"


def warmth_detail(one: WarmUpClass) -> str:
    if one.kind == "cyclic":
        return f" of {one.period} blocks"
    if one.steady_from is None:
        return f" within {one.blocks} blocks: its time depends on how long it has run"
    return f", steady from block {one.steady_from + 1} of {one.blocks}"


def machine_words(found: Comparison) -> str:
    assert found.machine is not None
    parts = [found.machine.words(), found.set_aside]
    words = "; ".join(part for part in parts if part)
    if found.verdict == result.CANNOT_TELL:
        words = ". ".join([words, *found.machine.advice()[:1]])
    return words


def budget_words(found: Comparison) -> Iterator[tuple[str, str]]:
    """Where the spread comes from, and what was varied."""
    if found.levels is not None:
        levels = found.levels
        best = "any number" if levels["best"] is None else f"{levels['best']}"
        yield "spread", (
            f"{levels['between_share']:.0%} of a pair's variance is between processes; "
            f"best {best} of pairs in each"
        )
    for factor in found.factors or ():
        sure = f"p = {factor['p']:.2g}"
        words = f"{factor['name']} explains {factor['share']:.0%} of what processes differ by"
        yield "", f"{words} ({sure}, {factor['labels']} values)"
    ratios = sorted(math.exp(process.log_ratio) for process in found.processes)
    if ratios:
        middle = ratios[len(ratios) // 2]
        yield "shape", (
            f"processes from {ratios[0]:.4g}x to {ratios[-1]:.4g}x, the middle one {middle:.4g}x"
        )
    yield "times", ", ".join(extremes(found.processes))


def extremes(processes: Sequence[Process]) -> Iterator[str]:
    for name, column in (("A", "a_ns"), ("B", "b_ns")):
        values = sorted(getattr(process, column) for process in processes)
        if values:
            least, most = short_time(values[0]), short_time(values[-1])
            yield f"{name} {least} to {most}, median {short_time(values[len(values) // 2])}"


def ratio_words(found: Comparison, interval: bool = True) -> str:
    """Without a direction where there may be none."""
    assert found.ratio is not None
    return estimate_words(found.ratio, found.verdict in (result.FASTER, result.SLOWER), interval)


def estimate_words(ratio: Estimate, directed: bool = True, interval: bool = True) -> str:
    """1.25x faster, 95% 1.22-1.28; of what is slower, by how much slower."""
    value, low, high = ratio
    slower = directed and value < 1
    if slower:
        value, low, high = 1 / value, inverse(high), inverse(low)
    places = decimals(low, high)
    if not interval:
        places = min(places, 2 if value >= PLAIN_RATIO else 3)
    words = f"{number(value, places)}x"
    if directed:
        words += " slower" if slower else " faster"
    if not interval:
        return words
    return f"{words}, 95% {number(low, places)}-{number(high, places)}"


def inverse(value: float) -> float:
    return math.inf if value <= 0 else 1 / value


def decimals(low: float, high: float) -> int:
    """As many as the interval leaves a meaning."""
    half = (high - low) / 2
    if not 0 < half < math.inf:
        return 2 if half else MOST_DECIMALS
    power = math.floor(math.log10(half))
    return max(0, min(MOST_DECIMALS, -power + (half < FEW * 10.0**power)))


def number(value: float, places: int) -> str:
    return "any" if math.isinf(value) else f"{value:,.{places}f}"


def short_time(ns: float) -> str:
    return units.duration(ns) if ns >= 1 else f"{ns:.2f} ns"


# ---- several ----


def several(screen: Screen, found: Many, verbose: bool, quiet: bool) -> list[Text]:
    columns = [
        Column("comparison", weight=1, style="cyan"),
        Column("A", align="right"),
        Column("B", align="right"),
        Column("verdict"),
        Column("ratio, 95%"),
    ]
    rows = [row(one) for one in found.comparisons]
    lines = table(screen, columns, rows)
    if found.mean is not None:
        lines += wrapped(screen, [mean_words(found)], "bold")
    lines += wrapped(screen, [f"{one.name}: {one.agreement.words}" for one in found.comparisons
                              if one.verdict == result.DIFFERENT], "red")  # fmt: skip
    if quiet:
        return lines
    lines += wrapped(screen, [holm_words(len(found.comparisons))], "dim")
    if verbose:
        for one_of_them in found.comparisons:
            lines += [Text(), heading(screen, printable(one_of_them.name))]
            lines += one(screen, one_of_them, True, False)
    return lines


def row(found: Comparison) -> list[Cell]:
    times = [short_time(side.value) if side else "" for side in (found.a_ns, found.b_ns)]
    words = "" if found.ratio is None else ratio_words(found)
    return [
        Cell(printable(found.name)),
        Cell(times[0]),
        Cell(times[1]),
        Cell(found.verdict, STYLES[found.verdict]),
        Cell(words),
    ]


def mean_words(found: Many) -> str:
    assert found.mean is not None
    return f"Geometric mean of {len(found.comparisons)}: {estimate_words(found.mean)}"


def holm_words(count: int) -> str:
    return (
        f"Faster and slower are said as of {count} together: the chance that any is wrong is 5% "
        "(Holm)."
    )


def markdown(found: Many) -> str:
    """A table for a pull request."""
    lines = ["| comparison | before | after | ratio (95 %) | verdict |", "|---|--:|--:|---|---|"]
    for one in found.comparisons:
        times = [short_time(side.value) if side else "" for side in (one.a_ns, one.b_ns)]
        ratio = "" if one.ratio is None else ratio_words(one)
        said = one.agreement.words if one.verdict == result.DIFFERENT else ratio
        cells = [one.name, *times, said, f"**{one.verdict}**"]
        lines.append("| " + " | ".join(escaped(cell) for cell in cells) + " |")
    lines.append("")
    if found.mean is not None:
        lines.append(f"{mean_words(found)}. {holm_words(len(found.comparisons))}")
    first = found.comparisons[0]
    if len(found.comparisons) == 1 and first.ratio is not None:
        said = [f"Results {results_words(first)}", method_words(first), power_words(first)]
        lines.append("; ".join(said) + ".")
    return "\n".join(lines)


def escaped(cell: str) -> str:
    return printable(cell).replace("|", "\\|")


def document(found: Many, gains: Sequence[Gain] = ()) -> str:
    """One comparison as itself, several in a list; with what each means for a program, if asked."""
    from tare.render.document import encode

    given = found.comparisons[0].to_dict() if len(found.comparisons) == 1 else found.to_dict()
    gained = {"gains": [gain.to_dict() for gain in gains]} if gains else {}
    return encode({**given, **gained})
