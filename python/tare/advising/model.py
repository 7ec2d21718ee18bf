"""What advice is made of.

    Rule -- find --> Match -- measured, weighed with the profile --> Advice
                       |
                       +-- rewrite --> Edits of the source, or None: for a person

A rule knows a pattern and what is better. It carries a pair of micro-programs, slow and fast, that
are timed on the interpreter of the one who asks: what the rule says it gains is never taken from
elsewhere. Lines count from 1. Columns count characters from 0, not bytes as in ast.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tare._stats import Estimate

if TYPE_CHECKING:
    from tare.advising.facts import Facts

SAME = "same"  # always the same result
BUILTIN = "builtin"  # the same for the built-in types; a class of one's own may differ
DIFFERS = "differs"  # may differ, and Rule.differs says how

LINE, LOOP, FUNCTION = "line", "loop", "function"  # what a rule makes faster

SIZES = (10, 100, 1000, 10000)

LINE_END = re.compile(r"\r\n|\n|\r")  # those of Python: a form feed, say, ends no line


@dataclass(frozen=True)
class Edit:
    """Replaces what lies from one place to another by a text; empty places insert."""

    start_line: int
    start_col: int
    end_line: int
    end_col: int
    text: str


@dataclass(frozen=True)
class Pair:
    """Two ways to the same `result`: source of statements in which n is a name, the size.

    The setup is run once for each process, before both; slow and fast are repeated, and set
    result to what must be equal.
    """

    setup: str
    slow: str
    fast: str
    sizes: Sequence[int] = SIZES
    steps: str = "n"  # how often what the rule improves is done by a run; an expression of n

    def setup_at(self, n: int) -> str:
        return f"n = {n}\n{self.setup}"

    def steps_at(self, n: int) -> int:
        """Runs of the matched line that one run of the pair stands for."""
        return int(eval(self.steps, {"__builtins__": {}, "min": min, "max": max}, {"n": n}))


def functions(
    given: str,
    setup: str,
    slow: str,
    fast: str,
    sizes: Sequence[int] = SIZES,
    steps: str = "n",
) -> Pair:
    """A pair whose sides are bodies of functions with the parameters given, names of the setup:
    measured code finds them where that of most programs does, among its own."""
    names = given.replace(",", " ").split()
    parts = [textwrap.dedent(setup).strip()]
    for name, body in (("slow", slow), ("fast", fast)):
        lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        parts.append(f"def {name}({', '.join(names)}):\n{lines}\n    return result")
    call = f"({', '.join(names)})"
    text = "\n".join(part for part in parts if part)
    return Pair(text, f"result = slow{call}", f"result = fast{call}", sizes, steps)


@dataclass(frozen=True)
class Match:
    """A place in a file where a rule's pattern stands."""

    rule: Rule
    file: str
    line: int
    end_line: int
    function: str  # qualname as profiles write it; "<module>" outside of functions
    message: str  # one line, of this place
    size_expr: str = ""  # whose length or value is n; "": has no size
    node: ast.AST | None = field(default=None, compare=False, repr=False)
    facts: Facts | None = field(default=None, compare=False, repr=False)
    # First and last line of what becomes faster: the line, the loop around it, or the function.
    span: tuple[int, int] = (0, 0)
    loop_line: int = 0  # first line of the loop that makes n; 0: none
    cold: bool = False  # set by finding: the profile spends next to nothing there


@dataclass(frozen=True)
class Rule:
    """A pattern, what is better, and how to know.

    find yields matches of a parsed file; rewrite turns one of them into edits that keep the
    result under the rule's class, or gives None where a person must do it.
    """

    id: str  # such as "insert-at-0"
    title: str  # pattern -> better, for tables
    why: str  # one sentence
    same: str  # SAME, BUILTIN or DIFFERS
    differs: str  # how the result may differ; "" when it does not
    pair: Pair
    find: Callable[[ast.Module, Facts], Iterator[Match]]
    rewrite: Callable[[Match, str], list[Edit] | None] | None = None
    part: str = LINE  # LINE, LOOP or FUNCTION becomes faster
    callees: bool = False  # the time is in Python functions that the line calls, too
    grows: bool = False  # the ratio grows with n
    rounds: bool = False  # n is the rounds of the loop around; so it is where part is LOOP
    since: tuple[int, int] = (2, 7)  # the first Python that has what is better
    folklore: bool = False  # well known, and rarely pays: the pair decides, as for all

    def edits(self, match: Match, source: str) -> list[Edit] | None:
        return self.rewrite(match, source) if self.rewrite else None


@dataclass(frozen=True)
class Advice:
    """A match with what following it brings. Shares and gains are parts of the program's time."""

    match: Match
    share: Estimate  # of the program, in what becomes faster
    size: int | None  # n here; None: not known
    ratio: Estimate  # time of slow by fast at that size, or over the sizes measured
    crossover: int | None  # the least n from which it pays; None: at no size measured
    gain: Estimate  # of the program
    silent: str = ""  # why it is not worth saying; "": it is
    speedups: tuple[tuple[int, Estimate], ...] = ()  # (n, ratio) for each size measured
    hits: int | None = None  # runs of the line, where the profile counts them

    @property
    def rule(self) -> Rule:
        return self.match.rule


def apply_edits(source: str, edits: Sequence[Edit]) -> str:
    """The source with all edits made, equal ones once; ValueError when two of them overlap."""
    starts = [0, *(found.end() for found in LINE_END.finditer(source))]
    spans = sorted(
        (starts[e.start_line - 1] + e.start_col, starts[e.end_line - 1] + e.end_col, e.text)
        for e in dict.fromkeys(edits)
    )
    pieces, at = [], 0
    for start, end, text in spans:
        if start < at or end < start:
            raise ValueError(f"edits overlap at character {start}")
        pieces += [source[at:start], text]
        at = end
    return "".join([*pieces, source[at:]])
