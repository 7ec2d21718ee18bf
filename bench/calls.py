"""What counting every call costs: Tare beside its peers, in the same interpreter.

Programs of one kind of event each (bench/programs/traced.py) time themselves, alone and under each
tool, in a new order each round; of each the least time counts, because whatever else the machine
does can only lengthen it. Added nanoseconds are what a tool's time has more than none's.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from context import PROGRAMS, Context, Goal, highest, markdown, stdout_of, version_of
from peers import peer_folder, with_peer
from tools import ROOT, output_of

TITLE = "Counting every call: added ns an operation, and slowdown"
ROUNDS = 10
PEERS = ("yappi", "viztracer", "pyinstrument")
TARE = {"tare": [], "tare --no-builtins": ["--no-builtins"], "tare --clock cpu": ["--clock", "cpu"]}
OTHERS = ("none", "cProfile", "yappi-wall", "yappi-cpu", "viztracer", "pyinstrument")

Found = dict[str, dict[str, float]]  # tool -> program -> ns


def measure(context: Context) -> dict[str, Found]:
    return measure_programs(context, "traced.py", ROUNDS)


def measure_programs(context: Context, programs: str, rounds: int) -> dict[str, Found]:
    """By version, of the interpreters that have Tare."""
    found = {}
    for python in context.pythons:
        minor = ".".join(version_of(python).split(".")[:2])
        measured = with_tare(python, minor)
        if measured is None:
            print(f"trace: {python}: left out: make build PYTHON={python} "
                  f"VENV=build/venv-{minor} first", file=sys.stderr)
            continue
        every = commands(context, measured, minor, PROGRAMS / programs)
        found[version_of(python)] = least(context, every, minor, rounds)
    return found


def with_tare(python: str, minor: str) -> str | None:
    """An interpreter of that version that has Tare."""
    for path in (python, str(ROOT / "build" / f"venv-{minor}" / "bin" / "python"),
                 sys.executable):
        told = output_of([path, "-c", "import sys, tare._trace; "
                          "print('%d.%d' % sys.version_info[:2])"]) if Path(path).exists() else ""
        if told == minor:
            return path
    return None


def commands(context: Context, python: str, minor: str, program: Path) -> dict[str, list[str]]:
    output = str(context.folder / "trace.tare")
    found = {}
    for name in OTHERS:
        peer = name.partition("-")[0]
        folder = peer_folder(context, python, minor, peer) if peer in PEERS else None
        if folder or peer not in PEERS:
            found[name] = with_peer(folder, [python, str(program), "--under", name])
    for name, flags in TARE.items():
        found[name] = [python, "-m", "tare", "trace", "-q", "-f", "-o", output, *flags,
                       "--python", python, str(program)]
    return found


def least(context: Context, every: dict[str, list[str]], minor: str, rounds: int) -> Found:
    found: Found = {}
    chance = random.Random(1)
    for number in range(context.times(rounds)):
        print(f"trace: {minor} round {number + 1}", file=sys.stderr)
        order = list(every)
        chance.shuffle(order)
        for name in order:
            told = json.loads(stdout_of(every[name]))
            best = found.setdefault(name, dict(told))
            for program, ns in told.items():
                best[program] = min(best[program], ns)
    return found


def added(found: Found, tool: str, program: str) -> float:
    return found[tool][program] - found["none"][program]


def table(result: dict[str, Found]) -> str:
    rows = []
    for version, found in result.items():
        for tool in [name for name in (*OTHERS[:1], *TARE, *OTHERS[1:]) if name in found]:
            cells = [f"{added(found, tool, program):+.0f} ns, "
                     f"{found[tool][program] / found['none'][program]:.2f}x"
                     if tool != "none" else f"{found[tool][program]:.0f} ns"
                     for program in found[tool]]
            rows.append([f"{tool}, {version}", *cells])
    programs = list(next(iter(result.values()))["none"]) if result else []
    return markdown(["tool", *programs], rows)


def goals(result: dict[str, Found]) -> list[Goal]:
    if not result:
        return []

    def of_cprofile(tool: str, program: str) -> dict[str, float]:
        return {version: added(found, tool, program) / added(found, "cProfile", program)
                for version, found in result.items()}

    plain = {version: found["tare --no-builtins"]["C calls"] / found["none"]["C calls"]
             for version, found in result.items()}
    clock = {version: added(found, "tare --clock cpu", "fib") / added(found, "tare", "fib")
             for version, found in result.items()}
    return [
        highest("fib: added, of what cProfile adds", 0.25, of_cprofile("tare", "fib"), "{:.2f}"),
        highest("the same with --no-builtins", 0.25, of_cprofile("tare --no-builtins", "fib"),
                "{:.2f}"),
        highest("C calls: added, of what cProfile adds", 0.5, of_cprofile("tare", "C calls"),
                "{:.2f}"),
        highest("C calls: slowdown with --no-builtins", 1.05, plain, "{:.2f}"),
        highest("--clock cpu: cost of the wall clock's", 1.5, clock, "{:.2f}"),
    ]
