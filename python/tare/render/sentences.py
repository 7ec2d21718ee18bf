"""What a report says in words. Plain functions from a Report to lines of text."""

from __future__ import annotations

import math
import os
import shlex

from tare._profile import Row, Verdict
from tare.render import units
from tare.render.report import Report, full_path
from tare.text import is_library, printable

MOSTLY = 0.5  # of the wall time, to name one thing the program was doing
WIDE_INTERVAL = 0.10  # half a width above this says little
EASY_START = 0.10  # own share of a function worth starting with
MOST_NAMES = 4
MOST_FUNCTIONS = 3  # worth measuring line by line at once
LEAST_SLOWDOWN = 0.001
LEAST_CONTENTION = 0.1  # of the wall time
MOST_RATE = 50_000  # that is worth asking for


def headline(report: Report) -> str:
    """How long it took, and in a few words what it was doing."""
    wall = units.duration(report.summary.wall_ns)
    if "import.format" in report.meta:
        many = report.number("thread_count") > 1
        return f"{wall}{' of all threads together' if many else ''}{doing(report)}"
    return f"{wall} of wall time{doing(report)}"


def doing(report: Report) -> str:
    states = report.states
    if not states:
        return ", nothing seen"
    first = states[0]
    if first.share.value >= MOSTLY or len(states) == 1:
        return f", mostly {first.words} ({units.percent(first.share.value)})"
    second = states[1]
    return (
        f": {units.percent(first.share.value)} {first.words}, "
        f"{units.percent(second.share.value)} {second.words}"
    )


def circumstances(report: Report, plus_minus: str = "±") -> str:
    """Interpreter, processes, threads, how it ended."""
    parts = []
    if report.text("target.python"):
        parts.append(f"Python {printable(report.text('target.python'))}")
    elif report.text("engine") == "sample":
        parts.append("no Python seen")
    if report.number("process_count"):
        parts.append(units.count(report.number("process_count"), "process", "processes"))
    if report.number("thread_count"):
        parts.append(units.count(report.number("thread_count"), "thread"))
    ending = how_it_ended(report)
    if ending:
        parts.append(ending)
    return ", ".join(parts)


def how_it_ended(report: Report) -> str:
    """Only what is worth a word: a signal, or an exit code other than 0."""
    if report.text("target.signal"):
        return f"ended by signal {printable(report.text('target.signal'))}"
    code = report.text("target.exit_code")
    return f"exit code {printable(code)}" if code not in ("", "0") else ""


def resources(report: Report) -> str:
    """CPU against cores, memory, paging."""
    parts = []
    summary = report.summary
    if summary.cpu_ns and summary.wall_ns:
        cores = f" of {units.count(report.number('host.cpu_count'), 'core')}"
        used = f"{summary.cpu_ns / summary.wall_ns:.2f}"
        known = report.number("host.cpu_count") > 0
        parts.append(f"CPU {units.duration(summary.cpu_ns)}, {used}{cores if known else ' cores'}")
    if report.number("memory.peak_rss_bytes"):
        parts.append(f"peak memory {units.size(report.number('memory.peak_rss_bytes'))}")
    if "faults.major" in report.meta:
        parts.append(paging(report))
    return "; ".join(parts)


def contention(report: Report) -> str:
    """Time in which the program wanted to run and something else did."""
    running_ns = sum(state.ns for state in report.states if state.role == "busy")
    missing_ns = running_ns - report.summary.cpu_ns
    if not report.summary.cpu_ns or not report_is_sure(report):
        return ""
    if missing_ns < LEAST_CONTENTION * report.summary.wall_ns:
        return ""
    return (
        f"The machine was busy: for about {units.duration(missing_ns)} of the time shown as "
        "running the program was ready but had no CPU."
    )


def paging(report: Report) -> str:
    faults = report.number("faults.major")
    swap = report.number("memory.peak_swap_bytes")
    if swap:
        return f"{units.size(swap)} swapped out, {units.count(faults, 'major fault')}"
    return units.count(faults, "major fault") if faults else "no paging"


def memory(report: Report) -> list[str]:
    """Is memory the problem? The signs there are, and the commands that say more; mostly none."""
    found = report.summary.shortage
    signs = []
    if found.paging:
        share = units.percent(found.paging_share.value)
        swapped = f", {units.size(found.swapped_bytes)} swapped out" if found.swapped_bytes else ""
        signs.append(f"{share} of the time paging{swapped}")
    if found.full:
        signs.append(
            f"a peak of {units.size(found.peak_bytes)} where "
            f"{units.size(found.limit_bytes)} are the limit"
        )
    if found.growing:
        signs.append(
            f"steady growth from {units.size(found.from_bytes)} to "
            f"{units.size(found.to_bytes)}, until the end"
        )
    if found.collecting:
        share = units.percent(found.collecting_share.value)
        signs.append(f"{share} of the time collecting garbage")
    if not signs:
        return []
    command = start_again(report, "memory") if report.text("target.mode") == "run" else ""
    return [
        f"Memory may be the problem: {'; '.join(signs)}.",
        f"What allocates it: {command or 'tare memory TARGET'}. What it holds: tare heap.",
    ]


def case(report: Report) -> list[str]:
    """Do I have a case? One or two sentences."""
    verdict = report.verdict
    if verdict is None:
        return [
            "How fast is fast enough? With --target SECONDS Tare says whether faster Python code "
            "can get there."
        ]
    words = CASES[verdict.verdict](report, verdict)
    return [words] if report_is_sure(report) else [words, UNSURE]


UNSURE = "So few samples that this may be wrong; measure longer."


def report_is_sure(report: Report) -> bool:
    widest = report.widest_share()
    return widest is not None and widest.high - widest.low <= 2 * WIDE_INTERVAL


def fast_enough(report: Report, verdict: Verdict) -> str:
    return (
        f"Fast enough: {units.duration(report.summary.wall_ns)} taken, "
        f"{units.duration(verdict.target_ns)} asked for. There is no case for making it faster."
    )


def reachable(report: Report, verdict: Verdict) -> str:
    words = (
        f"Within reach: {units.duration(verdict.excess_ns)} too slow for "
        f"{units.duration(verdict.target_ns)}. The part on the CPU must get "
        f"{units.ratio(verdict.needed_ratio)} faster"
    )
    names = [printable(row.qualname) for row in report.would_do()]
    if not names:
        return words + "; no few functions are enough for that."
    if len(names) == 1:
        return f"{words}; {names[0]} alone has time enough."
    shown = ", ".join(names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{words}; these functions have time enough: {shown}{more}."


def waiting(report: Report, verdict: Verdict) -> str:
    waits = [state.words for state in report.states if state.role == "wait"]
    mostly = f", mostly {waits[0]}" if waits else ""
    return (
        f"Not by faster Python code: {units.duration(verdict.waiting_ns)} go by waiting{mostly}; "
        f"that alone is more than {units.duration(verdict.target_ns)}. Wait less often, wait for "
        "less, or do something else meanwhile."
    )


def unlikely(report: Report, verdict: Verdict) -> str:
    needed = verdict.needed_ratio
    ratio = "" if math.isinf(needed) else f" ({units.ratio(needed)} faster)"
    return (
        f"Unlikely by tuning: for {units.duration(verdict.target_ns)} more than nine tenths of the "
        f"time on the CPU would have to go{ratio}. Look for another algorithm or for work that "
        "need not be done."
    )


CASES = {
    "fast_enough": fast_enough,
    "reachable": reachable,
    "waiting": waiting,
    "unlikely": unlikely,
}


def start(report: Report) -> str:
    """Is there an easy place to start?"""
    rows = [row for row in report.functions() if row.kind != "synthetic"]
    if not rows or not report_is_sure(report):
        return ""
    hottest = rows[0]
    if hottest.self_share.value < EASY_START:
        return (
            f"No function has more than {units.percent(hottest.self_share.value)} of the time on "
            "its own: there is no easy start."
        )
    return ""


def cost(report: Report, plus_minus: str = "±") -> list[str]:
    """What measuring did, missed and cost."""
    facts = report.measurement()
    lines = [
        rates(report, facts),
        proof(facts),
        holds(report, facts),
        overhead(report, facts),
        contention(report),
    ]
    if not report.states:
        lines.append(nothing_seen(report))
    else:
        lines.append(uncertainty(report, plus_minus))
    lines += imported(report)
    lines.append(cut_off(report))
    return [line for line in lines if line]


def imported(report: Report) -> list[str]:
    """Where a profile comes from that another tool wrote, and what that cannot say."""
    if "import.format" not in report.meta:
        return []
    file = f" {printable(report.text('import.file'))}," if report.text("import.file") else ""
    said = f"Imported from{file} {printable(report.text('import.format'))}."
    return [f"{said} {printable(report.text('import.note'))}".strip()]


def cut_off(report: Report) -> str:
    if not report.partial:
        return ""
    damaged = report.profile.state.lost_bytes
    more = f" ({units.size(damaged)} of it were damaged)" if damaged else ""
    return (
        "The file ends before the measurement did: what is in it is right, the rest is lost"
        f"{more}."
    )


def rates(report: Report, facts: dict[str, float]) -> str:
    if not facts.get("tick_count"):
        return ""
    achieved = facts["tick_count"] / report.summary.wall_ns * 1e9 if report.summary.wall_ns else 0
    parts = [f"{facts.get('rate_hz', 0):,.0f} samples a second asked, {achieved:,.0f} taken"]
    if facts.get("late_count"):
        missed = units.count(facts["late_count"], "tick")
        parts.append(f"{missed} missed (the next counts for them)")
    if facts.get("gap_count"):
        gap = units.duration(facts.get("gap_ns", 0))
        parts.append(f"{units.count(facts['gap_count'], 'gap')} of {gap} in all left out")
    else:
        parts.append("no gaps")
    return ", ".join(parts) + "."


def proof(facts: dict[str, float]) -> str:
    total = facts.get("sample_count", 0)
    if not total:
        return ""
    parts = [f"{part_of(facts.get('proven_count', 0), total)} proven"]
    for key, words in LOSSES:
        if facts.get(key):
            parts.append(f"{part_of(facts[key], total)} {words}")
    return f"{units.count(total, 'stack')}: {', '.join(parts)}."


LOSSES = (
    ("prefix_count", "charged to a proven caller"),
    ("lost_count", "lost"),
    ("truncated_count", "cut at the depth limit"),
    ("overflow_count", "beyond the limit on distinct stacks, shown as (overflow)"),
)
ROUNDS_AWAY = 0.0005  # a share that would read 0.0 %, or 100.0 % when it is missing


def part_of(count: float, total: float) -> str:
    """As a share; as a number where the share would read as nothing, or as everything."""
    if 0 < total - count < ROUNDS_AWAY * total:
        return f"all but {total - count:,.0f}"
    if 0 < count < ROUNDS_AWAY * total:
        return f"{count:,.0f}"
    return units.percent(count / total)


def holds(report: Report, facts: dict[str, float]) -> str:
    """For how long the program was held still, for stacks that nothing else could prove."""
    count, held_ns = facts.get("hold_count", 0), facts.get("hold_ns", 0)
    if not count:
        return ""
    words = f"Held the program still {units.count(count, 'time')}, {units.duration(held_ns)} in all"
    if not report.summary.wall_ns:
        return words + "."
    share = held_ns / report.summary.wall_ns
    words += f" ({units.percent(share) if share >= ROUNDS_AWAY else 'less than 0.1%'})"
    skipped = facts.get("skipped_count", 0)
    if skipped:
        words += f", and passed over {units.count(skipped, 'sample')} to keep it so short"
    return words + "."


def overhead(report: Report, facts: dict[str, float]) -> str:
    if not facts.get("cpu_ns"):
        return ""
    words = f"The sampler used {units.duration(facts['cpu_ns'])} of CPU of its own"
    slowdown = facts.get("slowdown_ratio", 0)
    if not report_is_sure(report):
        return words + "."
    if slowdown >= 1 + LEAST_SLOWDOWN:
        words += f"; the program ran about {units.percent(slowdown - 1)} slower for it"
    elif slowdown:
        words += f"; the program ran less than {units.percent(LEAST_SLOWDOWN)} slower for it"
    return words + "."


def uncertainty(report: Report, plus_minus: str) -> str:
    widest = report.widest_share()
    if widest is None or report_is_sure(report):
        return ""
    return (
        f"Too few samples: shares are known to {plus_minus}{units.half_width(widest)} points only. "
        "Measure longer, or with a higher --rate."
    )


def nothing_seen(report: Report) -> str:
    if not report.number("sampler.tick_count"):
        return "No samples: the program ended before the first one was due. Try a higher --rate."
    return "No samples of Python code: the interpreter was not running Python while Tare looked."


def next_command(report: Report) -> str:
    """The one command worth typing now."""
    file = quote_file(report.path)
    if not report.states or not report_is_sure(report):
        again = measure_again(report)
        if again:
            return again
    if not report.states:
        return "tare doctor"
    if report.states[0].role == "wait" and report.states[0].share.value >= MOSTLY:
        return f"tare report {file} --sort wait"
    called = [row for row in report.functions() if may_be_improved(row)]
    if called and called[0].self_share.value >= EASY_START:
        return f"tare report {file} --callers {quote_word(called[0].qualname)}"
    return f"tare report {file} --tree"


def may_be_improved(row: Row) -> bool:
    """A function of the program that works: one that waits, for a child say, leads nowhere."""
    return (
        row.kind == "python"
        and row.qualname[:1] != "<"
        and row.self_wait_ns < MOSTLY * max(row.self_ns, 1)
    )


def measure_again(report: Report) -> str:
    """The command that measures the same with more samples; nothing where there is none."""
    rate = f"--rate {suggest_rate(report)}"
    if report.number("sampler.rate_hz") >= MOST_RATE:
        return ""
    if report.text("target.mode") != "run":
        pid = report.text("target.pid")
        return f"tare attach {rate} {pid}" if pid.isascii() and pid.isdigit() else ""
    return start_again(report, f"run {rate}")


def start_again(report: Report, words: str) -> str:
    """The same target under another tare command; nothing when it cannot be typed again."""
    target = spoken_target(report.text("target.command"))
    if not target:
        return ""
    cwd = where_to_start(report)
    there = os.path.samefile(cwd, os.curdir)
    return f"{'' if there else f'cd {quote_word(cwd)} && '}tare {words} {target}"


def where_to_start(report: Report) -> str:
    """Where the target ran, as long as that is still there."""
    cwd = report.text("target.cwd")
    return cwd if cwd and os.path.isdir(cwd) else os.curdir


def measure_lines(report: Report, rows: list[Row]) -> str:
    """The command for the lines of the functions that have the hottest of these lines."""
    base = os.path.realpath(where_to_start(report))
    places = []
    for row in sorted(rows, key=lambda row: -row.self_ns):
        path = full_path(report, row.file)
        if not is_own(row, path):
            continue
        beneath = os.path.relpath(path, base)
        shown = path if beneath.startswith("..") else beneath
        places.append(quote_word(f"{shown}:{row.first_line or row.line}"))
    functions = " ".join(f"-f {place}" for place in list(dict.fromkeys(places))[:MOST_FUNCTIONS])
    if not functions or report.text("target.mode") != "run":
        return ""
    return start_again(report, f"lines {functions}")


def is_own(row: Row, path: str) -> bool:
    """Is it Python code in a file of the program, rather than of a library?"""
    return (
        row.kind == "python"
        and row.self_ns > 0
        and path.startswith("/")
        and printable(path) == path
        and not is_library(path)
    )


def spoken_target(command: str) -> str:
    """What to give to tare run: the target alone when the interpreter would be found again.

    Nothing for what cannot be typed again: code from standard input, control characters.
    """
    from tare.cli.target import find_python

    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    if not words or printable(command) != command:
        return ""
    is_ours = words[0] == find_python(None, os.environ)
    if is_ours and words[1:2] == ["-"]:
        return ""
    if is_ours and len(words) > 1 and (words[1] in ("-m", "-c") or words[1][:1] != "-"):
        return shlex.join(words[1:])
    return "-- " + shlex.join(words)


def suggest_rate(report: Report) -> int:
    return min(MOST_RATE, int(report.number("sampler.rate_hz") or 1000) * 10)


def quote_file(path: str) -> str:
    relative = os.path.relpath(path)
    return quote_word(path if relative.startswith("..") else relative)


def quote_word(word: str) -> str:
    return shlex.quote(printable(word))
