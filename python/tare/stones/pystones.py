"""The classical figure, passes of Dhrystone in a second, and how far it can be trusted.

Each process runs dhrystone.py once: a thousand passes, then fifty thousand. The figure is that of
the latter, as it always was. Beside it stands what one would never see otherwise: how far processes
of the same interpreter lie apart, and how much it depends on the number of passes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tare import _stats
from tare.stones.interpreters import Interpreter
from tare.stones.measuring import Estimate
from tare.stones.results import Refused, estimate_part
from tare.stones.running import Session, Trouble, copy_of, ending

SCHEMA = "tare.pystone/1"
PROCESSES = 10
FEW, MANY = 1000, 50_000  # passes, as in dhrystone.py


class Passes(NamedTuple):
    few_ns: int
    many_ns: int


class Classical(NamedTuple):
    interpreter: Interpreter
    clock_kind: str
    rates: list[float]  # passes a second, of each process
    few_rates: list[float]
    trouble: str

    @property
    def rate(self) -> Estimate:
        return _stats.mean_interval(self.rates)

    @property
    def spread(self) -> float:
        """How far the slowest and the quickest process lie apart, as a part of the former."""
        return max(self.rates) / min(self.rates) - 1

    @property
    def by_passes(self) -> float:
        """The figure of many passes, as a multiple of that of few."""
        return _stats.median(self.rates) / _stats.median(self.few_rates)


def measure(
    interpreters: Sequence[Interpreter],
    processes: int,
    silence: float,
    tell: Callable[[str], None],
) -> list[Classical]:
    all_of = [Classical(interpreter, "", [], [], "") for interpreter in interpreters]
    with tempfile.TemporaryDirectory(prefix="tare-bench-") as folder:
        copy_of("tarestones.py", folder)  # its clock and its words
        file = copy_of("dhrystone.py", folder)
        for number in range(processes):
            for index, one in enumerate(all_of):
                if one.trouble:
                    continue
                tell(f"{one.interpreter.name}, process {number + 1}")
                try:
                    kind, passes = run_once(one.interpreter.path, file, number, silence)
                except Trouble as trouble:
                    all_of[index] = one._replace(trouble=str(trouble))
                    continue
                one.rates.append(MANY * 1e9 / passes.many_ns)
                one.few_rates.append(FEW * 1e9 / passes.few_ns)
                all_of[index] = one._replace(clock_kind=kind)
    return all_of


def run_once(path: str, file: str, seed: int, silence: float) -> tuple[str, Passes]:
    """The kind of clock and the two times; Trouble when there is no measurement."""
    found: dict[int, int] = {}
    kind = ""
    with Session([path, file, "--lines"], os.path.dirname(file), seed, silence) as session:
        for line in session.lines():
            words = line.split()
            if line.startswith("wrong"):
                raise Trouble("the passes left something else behind than they must")
            if not kind and words[:2] == ["dhrystone", "1"] and len(words) == 6:
                kind = words[5]
            elif kind and len(words) == 3 and words[0] == "passes" and is_count(words[1:]):
                found[int(words[1])] = int(words[2])
            else:
                raise Trouble(f"printed what is no measurement: {line[:60]!r}")
        if set(found) != {FEW, MANY}:
            raise Trouble(ending(session))
    return kind, Passes(found[FEW], found[MANY])


def is_count(words: Sequence[str]) -> bool:
    return all(word.isascii() and word.isdigit() and 0 < int(word[:18]) for word in words)


def document(found: Sequence[Classical], refused: Sequence[Refused]) -> dict[str, object]:
    """As JSON has it."""
    return {
        "schema": SCHEMA,
        "interpreters": [
            {
                "name": one.interpreter.name,
                **one.interpreter._asdict(),
                "clock_kind": one.clock_kind,
                "pystones_per_second": estimate_part(one.rate),
                "process_rates": one.rates,
                "few_passes_rates": one.few_rates,
                "spread_ratio": one.spread,
                "by_passes_ratio": one.by_passes,
            }
            for one in found
        ],
        "refused": [one._asdict() for one in refused],
    }
