"""tare bench --scale: a time on one machine as it would be on another."""

from __future__ import annotations

import argparse
import os
import sys

from tare.cli.bench import measure_stones
from tare.cli.failure import OK, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.stones.measuring import Estimate, Result
    from tare.stones.results import Findings
    from tare.stones.scaling import Scaled

SCALE_SCHEMA = "tare.bench.scale/1"
HERE = "this machine"


def scale_time(options: argparse.Namespace) -> int:
    from tare.stones.scaling import read_time, scale

    try:
        given = read_time(options.scaled)
    except ValueError as error:
        raise Failure(f"bench: --scale {error}") from None
    kept = [load_end(word) for word in (options.scale_from, options.scale_to)]
    if None in kept:
        options.small_heap = any(end is not None and end[1].size == "small" for end in kept)
        measured = measure_stones(options)
        kept = [end or (HERE, measured, "") for end in kept]
    here, there = (end for end in kept if end is not None)
    if here[1].size != there[1].size:
        raise Failure(
            f"bench: {here[0]} was measured with --small or {there[0]} was, and the other without; "
            "measure both in one way"
        )
    one, other = pick(*here), pick(*there)
    if not there[2]:
        other = alike(one, there[1]) or other
    try:
        scaled = scale(given, one.kernels, other.kernels)
    except ValueError as error:
        raise Failure(f"bench: scale from {here[0]} to {there[0]}: {error}") from None
    print_scaled(options, scaled, ((here[0], one), (there[0], other)))
    return OK


def load_end(word: str | None) -> tuple[str, Findings, str] | None:
    """MACHINE or MACHINE:INTERPRETER: its name, what was found there, and of which interpreter."""
    from tare.stones.keeping import find, names

    if word is None:
        return None
    name, _, interpreter = word.partition(":")
    try:
        return name, find(name, os.environ), interpreter
    except FileNotFoundError:
        known = ", ".join(names(os.environ)) or "none"
        raise Failure(f"read {name}: no such file, and no machine that is kept ({known}); "
                      "tare bench --save NAME keeps one") from None
    except OSError as error:
        raise Failure(f"read {name}: {error.strerror}; give a file of tare bench --json") from None
    except ValueError as error:
        raise Failure(f"read {name}: {error}; give a file of tare bench --json") from None


def pick(name: str, findings: Findings, word: str) -> Result:
    """The interpreter that is named (3.13, pypy), else the first."""
    if not findings.results:
        raise Failure(f"read {name}: no interpreter was measured there; do it again")
    if not word:
        return findings.results[0]
    for result in findings.results:
        known = result.interpreter
        if known.implementation == word.lower() or f"{known.version}.".startswith(f"{word}."):
            return result
    there = ", ".join(result.interpreter.name for result in findings.results)
    raise Failure(f"bench: {name}:{word}: no such interpreter there; there are {there}")


def alike(one: Result, findings: Findings) -> Result | None:
    """The same implementation and minor version, which is what is meant when nothing is said."""
    for result in findings.results:
        if key(result) == key(one):
            return result
    return None


def key(result: Result) -> tuple[str, list[str]]:
    return result.interpreter.implementation, result.interpreter.version.split(".")[:2]


def print_scaled(
    options: argparse.Namespace,
    scaled: Scaled,
    ends: tuple[tuple[str, Result], tuple[str, Result]],
) -> None:
    if options.json:
        from tare.render.document import encode

        print(encode(scaled_document(scaled, ends)))
        return
    from tare.render.bench_tables import scaled_page
    from tare.render.layout import show
    from tare.render.terminal import Screen

    screen = Screen(sys.stdout, options.color)
    show(screen, scaled_page(screen, scaled, ends))


def scaled_document(
    scaled: Scaled, ends: tuple[tuple[str, Result], tuple[str, Result]]
) -> dict[str, object]:
    def end_part(name: str, result: Result, time_ns: Estimate) -> dict[str, object]:
        return {
            "machine": name,
            "interpreter": result.interpreter.name,
            "time_ns": time_ns._asdict(),
        }

    return {
        "schema": SCALE_SCHEMA,
        "from": end_part(*ends[0], scaled.here_ns),
        "to": end_part(*ends[1], scaled.there_ns),
        "ratio": scaled.ratio._asdict(),
        "kernels": [ratio._asdict() for ratio in scaled.ratios],
    }
