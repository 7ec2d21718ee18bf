"""What `import tare` and `tare --help` cost, beside an empty program.

The least of many starts: everything else on the machine only adds.
"""

from __future__ import annotations

import subprocess
import sys
import time

from context import QUIET, Context, Goal, highest, markdown

TITLE = "Starting: least of 20 starts"
STARTS = 20
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import tare'": ["-c", "import tare"],
    "tare --help": ["-m", "tare", "--help"],
}


def start_ns(words: list[str]) -> int:
    begin = time.perf_counter_ns()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, **QUIET)
    return time.perf_counter_ns() - begin


def measure(context: Context) -> dict:
    least: dict[str, int] = {}
    for _ in range(STARTS):
        for name, words in COMMANDS.items():
            spent_ns = start_ns(words)
            least[name] = min(spent_ns, least.get(name, spent_ns))
    return least


def table(result: dict) -> str:
    base = result["python -c pass"]
    rows = [[f"`{name}`", f"{ns / 1e6:.1f}", f"{(ns - base) / 1e6:.1f}"]
            for name, ns in result.items()]
    return markdown(["command", "ms", "ms more than the empty program"], rows)


def goals(result: dict) -> list[Goal]:
    running = {f"Python {sys.version.split()[0]}": result}
    more = {where: (found["python -c 'import tare'"] - found["python -c pass"]) / 1e6
            for where, found in running.items()}
    whole = {where: found["tare --help"] / 1e6 for where, found in running.items()}
    return [highest("`import tare`", 5, more, "{:.1f} ms"),
            highest("`tare --help`", 80, whole, "{:.1f} ms")]
