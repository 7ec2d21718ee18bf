"""Where a profile spends its time, by file and line, whatever kind of profile it is.

                 share of a line                       runs of it       rounds of a loop
    sampled      samples on it, with their interval    not known        not known
    lines        its time, within the error            its hits         hits of header and body
    trace        its part of the function's time       of calls only    of calls only

A trace knows functions and not lines. Where a match is a call, the callee's time under the caller
is known exactly; of other lines it is guessed from how deep in loops they stand, within 0 and
the whole of the function.
"""

from __future__ import annotations

import ast
import functools
import math
import os
from collections.abc import Mapping
from typing import NamedTuple

from tare._profile import Profile
from tare._stats import Estimate
from tare.advising.facts import COMPREHENSIONS, FUNCTIONS, LOOPS
from tare.advising.model import FUNCTION, LOOP, Match, Rule

NOTHING = Estimate(0.0, 0.0, 0.0)
EVERY_ROUND = 10  # what a loop is taken to multiply its body's weight by, where nothing is known
Z = 1.96


class Heat(NamedTuple):
    share: Estimate  # of the program's time
    hits: int | None = None
    rounds: int | None = None  # of the loop that makes n, each time it runs


class Spot(NamedTuple):
    qualname: str
    self_share: float
    total_share: float


class Profiled:
    """One class for each kind of profile."""

    whole_ns: int  # what shares are parts of
    meta: Mapping[str, str]

    def files(self) -> dict[str, float]:
        """The share of the program in each file's own code."""
        raise NotImplementedError

    def heat_of(self, match: Match) -> Heat:
        raise NotImplementedError


def profiled(profile: Profile) -> Profiled:
    if profile.is_lines:
        return LinesProfile(profile)
    return TraceProfile(profile) if profile.is_trace else SampledProfile(profile)


def real(profile: Profile, file: str) -> str:
    """A file's name as the file system has it; relative ones are relative to the target."""
    if not file or file.startswith("<"):
        return file
    return os.path.realpath(os.path.join(profile.meta.get("target.cwd", ""), file))


# -- sampled


class SampledProfile(Profiled):
    def __init__(self, profile: Profile) -> None:
        self.meta = profile.meta
        summary = profile.summary()
        self.whole_ns = max(1, summary.wall_ns)
        self.count = max(1.0, summary.effective_count)
        self.spots: dict[str, dict[int, list[Spot]]] = {}
        for row in summary.lines():
            if row.kind == "python" or row.file:
                spot = Spot(row.qualname, row.self_ns / self.whole_ns, row.total_ns / self.whole_ns)
                lines = self.spots.setdefault(real(profile, row.file), {})
                lines.setdefault(row.line, []).append(spot)

    def files(self) -> dict[str, float]:
        return {
            file: sum(spot.self_share for spots in lines.values() for spot in spots)
            for file, lines in self.spots.items()
        }

    def heat_of(self, match: Match) -> Heat:
        lines = self.spots.get(os.path.realpath(match.file), {})
        first, last = match.span
        spots = [spot for line in range(first, last + 1) for spot in lines.get(line, ())]
        if match.rule.callees:
            # A function's lines do not call each other; one written inside of it, such as a
            # lambda, is in the time of the line around already.
            totals: dict[str, float] = {}
            for spot in spots:
                totals[spot.qualname] = totals.get(spot.qualname, 0.0) + spot.total_share
            share = max(totals.values(), default=0.0)
        else:
            share = sum(spot.self_share for spot in spots)
        return Heat(self.interval(min(1.0, share)))

    def interval(self, share: float) -> Estimate:
        """Wilson's, for samples that hang together."""
        n, square = self.count, Z * Z
        middle = (share + square / (2 * n)) / (1 + square / n)
        half = Z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
        return Estimate(share, min(share, max(0.0, middle - half)), max(share, middle + half))


# -- lines


class LinesProfile(Profiled):
    def __init__(self, profile: Profile) -> None:
        self.meta = profile.meta
        self.rows: dict[str, dict[int, list[int]]] = {}  # hits, time and error of each line
        sums = profile.line_sums()
        wall_ns = int(profile.meta.get("wall_ns", "0") or 0)
        self.whole_ns = max(1, sums.self_ns, wall_ns - (sums.raw_ns - sums.self_ns))
        for function in profile.line_table():
            lines = self.rows.setdefault(real(profile, function.file), {})
            for row in function.rows:
                sum_of = lines.setdefault(row.line, [0, 0, 0])
                for at, more in enumerate((row.hits, row.self_ns, row.error_ns)):
                    sum_of[at] += more

    def files(self) -> dict[str, float]:
        return {
            file: sum(ns for _, ns, _ in lines.values()) / self.whole_ns
            for file, lines in self.rows.items()
        }

    def heat_of(self, match: Match) -> Heat:
        lines = self.rows.get(os.path.realpath(match.file), {})
        first, last = match.span
        found = [lines[line] for line in range(first, last + 1) if line in lines]
        value = sum(ns for _, ns, _ in found) / self.whole_ns
        error = sum(error for _, _, error in found) / self.whole_ns
        share = Estimate(value, max(0.0, value - error), min(1.0, value + error))
        return Heat(share, self.hits_of(match, lines), self.rounds_of(match, lines))

    def hits_of(self, match: Match, lines: dict[int, list[int]]) -> int | None:
        """Runs of what the pair calls a step: of the line, or of the body of the loop. What stands
        in a comprehension runs more often than its line, and of a function it is not the line
        that counts."""
        line = match.line
        if match.rule.part == FUNCTION or is_inside_expression(match):
            return None
        if match.loop_line == line and (body := body_line(match)) is not None:
            line = body
        return lines[line][0] if line in lines else None

    def rounds_of(self, match: Match, lines: dict[int, list[int]]) -> int | None:
        """A header is run once for each round, and once more when the loop ends."""
        body = body_line(match)
        if body is None or body not in lines or match.loop_line not in lines:
            return None
        headers, rounds = lines[match.loop_line][0], lines[body][0]
        return round(rounds / (headers - rounds)) if headers > rounds else None


def loop_of(match: Match) -> ast.AST | None:
    """The loop that makes n."""
    node, facts = match.node, match.facts
    if node is None or facts is None or not match.loop_line:
        return None
    for found in (node, *facts.ancestors(node)):
        if isinstance(found, LOOPS) and found.lineno == match.loop_line:
            return found
    return None


def body_line(match: Match) -> int | None:
    """The first line of the loop's body, where that is not the header's."""
    loop = loop_of(match)
    if loop is None or loop.body[0].lineno <= loop.lineno:
        return None
    return loop.body[0].lineno


# -- trace


class TraceProfile(Profiled):
    def __init__(self, profile: Profile) -> None:
        self.meta = profile.meta
        calls = profile.calls()
        self.whole_ns = max(1, calls.sums.self_ns)
        self.functions = {row.id: row for row in calls.functions()}
        self.by_place: dict[tuple[str, str], list[int]] = {}
        self.callees: dict[int, list[tuple[int, int, int, int, int]]] = {}
        for row in self.functions.values():
            place = (real(profile, row.file), row.qualname)
            self.by_place.setdefault(place, []).append(row.id)
        for pair in calls.pairs():
            if pair.caller is not None:
                sums = pair.sums
                self.callees.setdefault(pair.caller, []).append(
                    (pair.callee, sums.calls, sums.self_ns, sums.total_ns, sums.error_ns))
        self.real = {row.id: real(profile, row.file) for row in self.functions.values()}

    def files(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for row in self.functions.values():
            own = row.sums.self_ns + sum(
                ns for callee, _, ns, _, _ in self.callees.get(row.id, ())
                if self.functions[callee].kind == "native"
            )
            file = self.real[row.id]
            found[file] = found.get(file, 0.0) + own / self.whole_ns
        return found

    def heat_of(self, match: Match) -> Heat:
        ids = self.by_place.get((os.path.realpath(match.file), match.function), [])
        if not ids:
            return Heat(NOTHING)
        calls = sum(self.functions[number].sums.calls for number in ids)
        called = self.of_callee(match, ids)
        if called is not None:
            times, ns, error = called
            value = ns / self.whole_ns
            share = Estimate(value, max(0.0, value - error / self.whole_ns),
                             min(1.0, value + error / self.whole_ns))
            rounds = round(times / calls) if calls and single_loop(match) else None
            return Heat(share, times, rounds)
        own = sum(self.functions[number].sums.self_ns for number in ids)
        native = sum(ns for number in ids for callee, _, ns, _, _ in self.callees.get(number, ())
                     if self.functions[callee].kind == "native")
        whole = min(1.0, (own + native) / self.whole_ns)
        return Heat(Estimate(whole * weight(match), 0.0, whole))

    def of_callee(self, match: Match, ids: list[int]) -> tuple[int, int, int] | None:
        """Calls, time and error of the function that the match is a call of."""
        name = callee_name(match.node)
        if not name:
            return None
        times = ns = error = 0
        for number in ids:
            for callee, calls, self_ns, total_ns, error_ns in self.callees.get(number, ()):
                if self.functions[callee].qualname.rpartition(".")[2] == name:
                    times += calls
                    ns += total_ns if match.rule.callees else self_ns
                    error += error_ns
        return (times, ns, error) if times else None


def callee_name(node: ast.AST | None) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def single_loop(match: Match) -> bool:
    """Whether the calls of a function are the rounds of one loop in it."""
    return match.facts is not None and len(match.facts.loops(match.node)) == 1


def weight(match: Match) -> float:
    """The part of its function that a match is, by what stands in it and how deep in loops."""
    facts, node = match.facts, match.node
    if facts is None or node is None:
        return 0.0
    around = facts.function(node) or facts.tree
    first, last = match.span
    inside = whole = 0.0
    for found, depth in walked(around, 0):
        cost = float(EVERY_ROUND**depth)
        whole += cost
        if hasattr(found, "lineno") and first <= found.lineno <= last:
            inside += cost
    return inside / whole if whole else 0.0


def walked(node: ast.AST, depth: int) -> list[tuple[ast.AST, int]]:
    """The expressions under a node, with how many loops are around each; no inner functions."""
    found = []
    waiting = [(child, depth) for child in ast.iter_child_nodes(node)]
    while waiting:
        one, deep = waiting.pop()
        if isinstance(one, FUNCTIONS):
            continue
        if isinstance(one, ast.expr):
            found.append((one, deep))
        inner = deep + isinstance(one, (*LOOPS, *COMPREHENSIONS))
        waiting += [(child, inner) for child in ast.iter_child_nodes(one)]
    return found


def is_inside_expression(match: Match) -> bool:
    """Whether a comprehension or lambda is between a match and its statement."""
    if match.facts is None or match.node is None or isinstance(match.node, ast.stmt):
        return False
    for found in match.facts.ancestors(match.node):
        if isinstance(found, ast.stmt):
            break
        if isinstance(found, (*COMPREHENSIONS, ast.Lambda)):
            return True
    return False


def pattern_part(match: Match) -> float:
    """The part of the span's time that is the pattern itself, guessed from what is written.

    A line that has a cheap pattern in it does other things too, and so does a loop: these stay.
    A pattern whose cost grows with n is taken to be all of it.
    """
    facts, node, rule = match.facts, match.node, match.rule
    if facts is None or node is None or rule.grows or rule.part == FUNCTION:
        return 1.0
    if rule.part == LOOP:
        loop = node if isinstance(node, LOOPS) else loop_of(match)
        return 1.0 if loop is None else min(1.0, expressions_of_pair(rule) / expressions(loop))
    return min(1.0, expressions(node) / expressions(*of_line(facts.statement(node))))


def of_line(statement: ast.stmt) -> list[ast.AST]:
    """What of a statement stands before its body."""
    if isinstance(statement, (ast.If, ast.While)):
        return [statement.test]
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return [statement.iter, statement.target]
    return list(statement.items) if isinstance(statement, ast.With) else [statement]


def expressions(*nodes: ast.AST) -> int:
    return max(1, sum(isinstance(n, ast.expr) for node in nodes for n in ast.walk(node)))


@functools.cache
def expressions_of_pair(rule: Rule) -> int:
    """Of the loop on the slow side of the rule's pair."""
    setup = ast.parse(rule.pair.setup)
    slow = next((n for n in setup.body if getattr(n, "name", "") == "slow"), setup)
    return max((expressions(n) for n in ast.walk(slow) if isinstance(n, LOOPS)), default=1)


def constant_rounds(match: Match) -> int | None:
    """Rounds of: for i in range(1000)."""
    loop, facts = loop_of(match), match.facts
    if not isinstance(loop, ast.For) or facts is None:
        return None
    if facts.is_call(loop.iter, "builtins.range", 1):
        limit = loop.iter.args[0]
        if isinstance(limit, ast.Constant) and isinstance(limit.value, int):
            return max(0, limit.value)
    return None
