"""From a profile to advice: rules where it is hot, pairs at its sizes, gains of the whole program.

    profiles -> files with time in them -> matches on hot lines -> n of each -> ratio at n -> gain

    gain = share of the pattern * (1 - 1 / ratio)

and where the runs of the line were counted, no more than runs * (slow - fast) of the pair. What a
line does beside the pattern does not become faster: where the ratio does not grow with n, the
share is taken to be that part of the line which the pattern is, with the whole line as the upper
end of the interval.

n is, in this order: what the user says; the constant that the loop runs to; the rounds of the loop,
as counted; what makes a step of the pair as slow as the line was measured to be. Else it is not
known: then the gain is that over all sizes from which it pays.
"""

from __future__ import annotations

import io
import math
import os
import tokenize
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from tare._profile import Profile
from tare._stats import Estimate
from tare.advising.catalogue import RULES
from tare.advising.facts import Facts
from tare.advising.heat import (
    NOTHING,
    Heat,
    LinesProfile,
    Profiled,
    TraceProfile,
    constant_rounds,
    pattern_part,
    profiled,
)
from tare.advising.measuring import Timer
from tare.advising.model import LOOP, Advice, Match, Rule
from tare.text import is_library, whole_number

LEAST_SHARE = 0.01  # of the program, for a match to be hot
LEAST_SEEN = 0.004  # and so much of it was really seen there
LEAST_GAIN = 0.01  # of the program, for advice to be worth saying
LEAST_FILE = 0.002  # of the program, in a file's own code, for it to be read
MOST_FILE_BYTES = 4 << 20
ROUND_SIZES = (1, 2, 5)


class Unread(NamedTuple):
    """A file with time in it that was not looked at."""

    file: str
    why: str


class Profiles:
    """Several profiles of one program: what it spends where, from one that was not slowed down by
    counting, and counts from one that counted."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.profiles = [profile for profile in profiles if not profile.is_memory]
        asked = [profiled(profile) for profile in self.profiles]
        plain = [one for one in asked if not isinstance(one, (LinesProfile, TraceProfile))]
        self.counted = [one for one in asked if isinstance(one, (LinesProfile, TraceProfile))]
        self.timed: Profiled | None = next(iter([*plain, *self.counted]), None)

    @property
    def whole_ns(self) -> float:
        """What the shares are parts of, as time on the processor, which is what pairs are timed
        by: on a loaded machine a program takes longer than it runs."""
        return self.timed.whole_ns * running_part(self.timed.meta) if self.timed else 0.0

    def files(self) -> dict[str, float]:
        return self.timed.files() if self.timed else {}

    def heat_of(self, match: Match) -> Heat:
        if self.timed is None:
            return Heat(NOTHING)
        heat = self.timed.heat_of(match)
        for other in self.counted:
            if other is not self.timed and heat.hits is None:
                counts = other.heat_of(match)
                heat = heat._replace(hits=counts.hits, rounds=counts.rounds)
        return heat

    def made_ns(self) -> int:
        """When the earliest of them began; 0: not known."""
        times = [profile.meta.get("created_unix_ns", "0") for profile in self.profiles]
        return min((int(text) for text in times if text.isdigit()), default=0)


def running_part(meta: Mapping[str, str]) -> float:
    wall, cpu = whole_number(meta.get("wall_ns", "")), whole_number(meta.get("cpu_ns", ""))
    return min(1.0, cpu / wall) if wall and cpu else 1.0


# -- matches


def source_files(profiles: Profiles, paths: Sequence[str] | None) -> tuple[list[str], list[Unread]]:
    """The files to look at, those with most time first: of the user's own code, or under paths."""
    made_ns = profiles.made_ns()
    chosen, unread = [], []
    roots = [os.path.realpath(path) for path in paths or ()]
    shares = sorted(profiles.files().items(), key=lambda item: -item[1])
    for file, share in shares:
        inside = any(file == root or file.startswith(root + os.sep) for root in roots)
        if share < LEAST_FILE or (not inside if paths is not None else is_library(file)):
            continue
        if not file.endswith((".py", ".pyw")):
            continue
        try:
            state = os.stat(file)
        except OSError as error:
            unread.append(Unread(file, error.strerror or "it cannot be read"))
            continue
        if made_ns and state.st_mtime_ns > made_ns:
            unread.append(Unread(file, "it was changed after the measurement"))
        elif state.st_size > MOST_FILE_BYTES:
            unread.append(Unread(file, "it is too large"))
        else:
            chosen.append(file)
    return chosen, unread


def read_facts(file: str) -> Facts:
    """OSError, SyntaxError or ValueError when that cannot be done."""
    with open(file, "rb") as stream:
        data = stream.read()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return Facts(data.decode(encoding), file)


def find_matches(facts: Facts, rules: Iterable[Rule] = RULES) -> list[Match]:
    """All matches of a file, in the order of its lines; hot or not."""
    found = [match for rule in rules for match in rule.find(facts.tree, facts)]
    return sorted(found, key=lambda match: (match.line, match.rule.id))


def all_matches(
    profiles: Profiles, paths: Sequence[str] | None = None, rules: Iterable[Rule] = RULES
) -> tuple[list[Match], list[Unread]]:
    """Matches in the files of the profiles, with cold set on those where next to no time is."""
    rules = tuple(rules)
    files, unread = source_files(profiles, paths)
    found: list[Match] = []
    for file in files:
        try:
            facts = read_facts(file)
        except (OSError, SyntaxError, ValueError, RecursionError) as error:
            unread.append(Unread(file, str(error)))
            continue
        for match in find_matches(facts, rules):
            found.append(match if is_hot(profiles.heat_of(match)) else replace(match, cold=True))
    return found, unread


def is_hot(heat: Heat) -> bool:
    """In a short profile even a line that no sample fell on could have a hundredth of the time."""
    return heat.share.high >= LEAST_SHARE and heat.share.value >= LEAST_SEEN


def hot_matches(
    profiles: Sequence[Profile], paths: Sequence[str] | None = None, rules: Iterable[Rule] = RULES
) -> list[Match]:
    """Those where the program spends its time, whether or not they pay."""
    return [m for m in all_matches(Profiles(profiles), paths, rules)[0] if not m.cold]


def unread_files(profiles: Sequence[Profile], paths: Sequence[str] | None = None) -> list[Unread]:
    """Files with time in them that advice does not look at, and why."""
    return source_files(Profiles(profiles), paths)[1]


# -- sizes


def grid(n: float) -> int:
    """1, 2, 5, 10, 20, ...: so that one measurement serves many programs."""
    if n <= 1:
        return 1
    power = 10 ** math.floor(math.log10(n))
    return min((step * power for step in (*ROUND_SIZES, 10)),
               key=lambda size: abs(math.log(size / n)))


def known_size(match: Match, heat: Heat, size: int | None) -> int | None:
    rule = match.rule
    if len(rule.pair.sizes) == 1:
        return rule.pair.sizes[0]  # it is the same at all sizes
    if size is not None:
        return size
    if rule.part == LOOP or rule.rounds:
        rounds = constant_rounds(match)
        return rounds if rounds is not None else heat.rounds
    return None


def implied_size(match: Match, heat: Heat, timer: Timer, whole_ns: float) -> int | None:
    """The n at which a step of the slow side costs what a run of the line does."""
    rule, pair = match.rule, match.rule.pair
    if not rule.grows or not heat.hits or not whole_ns:
        return None
    wanted = heat.share.value * whole_ns / heat.hits
    before: tuple[int, float] | None = None
    for n in pair.sizes:
        timing = timer.time_pair(rule, n)
        if timing.problem:
            return None
        cost = timing.a_ns / pair.steps_at(n)
        if cost >= wanted:
            if before is None or cost <= before[1]:
                return n if before is None else before[0]
            part = math.log(wanted / before[1]) / math.log(cost / before[1])
            return round(before[0] * (n / before[0]) ** max(0.0, part))
        before = (n, cost)
    return before[0] if before else None


def clamp(rule: Rule, n: int) -> int:
    """What is measured for n: no more than the pair is made for."""
    return min(max(grid(n), min(rule.pair.sizes[0], 2)), rule.pair.sizes[-1])


# -- weighing


def advise(
    profiles: Sequence[Profile],
    python: str,
    size: int | None = None,
    paths: Sequence[str] | None = None,
    rules: Iterable[Rule] = RULES,
    timer: Timer | None = None,
) -> list[Advice]:
    """Everything found, what gains most first; what is not worth saying has its reason in
    silent. python: the interpreter for which it is measured."""
    rules = tuple(rules)
    known = Profiles(profiles)
    timer = timer or Timer(python)
    matches, _ = all_matches(known, paths, rules)
    advice = [weigh(match, known, timer, size) for match in matches]
    timer.keep()
    return sorted(advice, key=lambda one: (bool(one.silent), -one.gain.value, one.match.file,
                                           one.match.line, one.rule.id))


def weigh(match: Match, profiles: Profiles, timer: Timer, size: int | None) -> Advice:
    heat = profiles.heat_of(match)
    plain = Advice(match, heat.share, None, NOTHING, None, NOTHING, hits=heat.hits)
    if match.cold:
        return replace(plain, silent=f"{100 * heat.share.value:.1f} % of the time is spent there")
    if timer.version < match.rule.since:
        since = ".".join(map(str, match.rule.since))
        return replace(plain, silent=f"it needs Python {since}")
    n = known_size(match, heat, size)
    if n is None:
        n = implied_size(match, heat, timer, profiles.whole_ns)
    sized = n if len(match.rule.pair.sizes) > 1 else None
    if n is not None:
        return weigh_at(replace(plain, size=sized), n, heat, timer, profiles.whole_ns)
    return weigh_over(plain, heat, timer)


def weigh_at(plain: Advice, n: int, heat: Heat, timer: Timer, whole_ns: float) -> Advice:
    """At a size that is known."""
    rule = plain.rule
    measured = clamp(rule, n)
    timing = timer.time_pair(rule, measured)
    if timing.problem:
        return replace(plain, silent=timing.problem)
    step_ns = (timing.a_ns - timing.b_ns) / rule.pair.steps_at(measured)
    most = math.inf
    if heat.hits is not None and whole_ns and measured == grid(n):
        most = heat.hits * step_ns / whole_ns
    gain = gain_of(plain.match, heat.share, timing.ratio, most)
    found = replace(plain, ratio=timing.ratio, gain=gain, speedups=((measured, timing.ratio),))
    silent = why_silent(found, f" at n = {plain.size}" if plain.size is not None else "")
    if silent or len(rule.pair.sizes) == 1:
        return replace(found, silent=silent)
    return replace(found, crossover=timer.crossover(rule))


def weigh_over(plain: Advice, heat: Heat, timer: Timer) -> Advice:
    """Over all sizes of the pair, from the least at which it pays."""
    rule = plain.rule
    speedups = []
    for n in rule.pair.sizes:
        timing = timer.time_pair(rule, n)
        if timing.problem:
            return replace(plain, silent=timing.problem)
        speedups.append((n, timing.ratio))
    paying = paying_sizes(speedups)
    found = replace(plain, speedups=tuple(speedups))
    if not paying:
        worst = max(ratio.value for _, ratio in speedups)
        return replace(found, ratio=speedups[-1][1], silent=(
            f"it does not pay on this interpreter at any size measured, {worst:.2f}x at best"))
    ratio = Estimate(paying[len(paying) // 2][1].value, min(r.low for _, r in paying),
                     max(r.high for _, r in paying))
    gain = gain_of(plain.match, heat.share, ratio, math.inf)
    found = replace(found, ratio=ratio, gain=gain)
    silent = why_silent(found, "")
    if silent:
        return replace(found, silent=silent)
    return replace(found, crossover=timer.crossover(rule))


def paying_sizes(speedups: Sequence[tuple[int, Estimate]]) -> list[tuple[int, Estimate]]:
    """Those from which on it pays at all larger ones."""
    found: list[tuple[int, Estimate]] = []
    for n, ratio in reversed(speedups):
        if ratio.low <= 1:
            break
        found.append((n, ratio))
    return found[::-1]


def gain_of(match: Match, share: Estimate, ratio: Estimate, most: float) -> Estimate:
    """Of the whole program; most: what the pair's steps cost less in all."""
    part = pattern_part(match)
    values = []
    for one, by, of in (
        (share.value, ratio.value, part),
        (share.low, ratio.low, part),
        (share.high, ratio.high, 1.0),
    ):
        saved = one * (1 - 1 / by) * of if by > 0 else 0.0
        values.append(min(saved, most) if saved > 0 else saved)
    value, low, high = values
    return Estimate(value, min(low, value), max(high, value))


def why_silent(found: Advice, where: str) -> str:
    if found.ratio.low <= 1:
        return f"it does not pay on this interpreter{where}, {found.ratio.value:.2f}x"
    if found.gain.value < LEAST_GAIN:
        return f"the program would gain {100 * found.gain.value:.1f} %, less than 1 %"
    if found.gain.low <= 0:
        return "whether the program gains anything is not known"
    return ""
