"""What tare whatif says would be gained, beside what is gained when the function is taken out.

Each program of tests/targets/planted.py does the same work in each run. What it takes without the
planted function is measured right after the experiment, in rounds of both, with the same clock.
"""

from __future__ import annotations

import random
import sys

from context import Context, Goal, highest, markdown, version_of
from tools import ROOT

TITLE = "What if: gain predicted, and gain when it is really taken out, in points"
SECONDS = 60
ROUNDS = 12
LIMIT_SECONDS = 600
KINDS = {"serial": "planted", "threads": "planted", "behind": "planted", "asyncio": "planted",
         "pool": "planted", "napping": "nap"}


def measure(context: Context) -> dict[str, dict[str, list[float]]]:
    """By kind: predicted, low, high, real."""
    return {version_of(sys.executable): {kind: compare(context, kind) for kind in KINDS}}


def compare(context: Context, kind: str) -> list[float]:
    from tare.cli.agent import find_extension
    from tare.whatif.experiment import Plan, run

    command = [sys.executable, str(ROOT / "tests" / "targets" / "planted.py"), kind]
    plan = Plan(command, find_extension(sys.executable, "_delay"), f"f {KINDS[kind]}",
                seconds=SECONDS * context.effort)
    print(f"whatif: {kind}", file=sys.stderr)
    found = run(plan, lambda words: print(f"whatif: {kind}: {words}", file=sys.stderr))
    return [*found.saved(1.0), real_gain(command, context.times(ROUNDS))]


def real_gain(command: list[str], rounds: int) -> float:
    from tare.whatif.delaying import run_alone
    from tare.whatif.experiment import Runs, even_out, taken_alone

    chance = random.Random(1)
    runs: Runs = []
    for _ in range(rounds):
        row = {}
        for part in chance.sample((0.0, 1.0), 2):  # of planted
            words = [] if part else ["without"]
            row[part] = taken_alone(run_alone([*command, *words], LIMIT_SECONDS))
        runs.append(row)
    rows = even_out(runs, same_work=False)
    return 1 - sum(row[0.0] for row in rows) / sum(row[1.0] for row in rows)


def table(result: dict[str, dict[str, list[float]]]) -> str:
    rows = [[kind, f"{value:.1%} ({low:.1%} to {high:.1%})", f"{real:.1%}",
             f"{100 * abs(value - real):.1f}"]
            for found in result.values() for kind, (value, low, high, real) in found.items()]
    return markdown(["program", "predicted (95 %)", "real", "apart"], rows)


def goals(result: dict[str, dict[str, list[float]]]) -> list[Goal]:
    apart = {f"{version}, {kind}": 100 * abs(row[0] - row[3])
             for version, found in result.items() for kind, row in found.items()}
    return [highest("what if: predicted and real gain apart, points", 5, apart, "{:.1f}")]
