"""Tare beside its peers, in one run on one machine; prints Markdown.

    python bench/run.py [--python PATH]... [--only PART]... [--effort 0.2]

Without --python it measures in each supported interpreter that is installed (tools/interpreters).

The peers are installed into build/bench/peers. Raw figures go to build/bench/PART.json.
Nothing here is a test: figures depend on the machine, and are ratios where they can be.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import advise  # noqa: E402
import bias  # noqa: E402
import calls  # noqa: E402
import compare  # noqa: E402
import heap  # noqa: E402
import lines  # noqa: E402
import memory  # noqa: E402
import picture  # noqa: E402
import rate  # noqa: E402
import real  # noqa: E402
import same  # noqa: E402
import slowdown  # noqa: E402
import stacks  # noqa: E402
import startup  # noqa: E402
import stones  # noqa: E402
import turns  # noqa: E402
import whatif  # noqa: E402
from context import Context, Goal, goals_table, version_of  # noqa: E402
from tools import ROOT, Tool, all_tools, output_of  # noqa: E402

PARTS = {"slowdown": slowdown, "turns": turns, "stacks": stacks, "rate": rate, "startup": startup,
         "trace": calls, "real": real, "bias": bias, "lines": lines, "view": picture,
         "heap": heap, "memory": memory, "same": same, "stones": stones, "compare": compare,
         "whatif": whatif, "advise": advise}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", action="append", help="interpreter to measure in")
    parser.add_argument("--only", action="append", choices=PARTS, help="part to measure")
    parser.add_argument("--effort", type=float, default=1, help="1 = as documented")
    return parser.parse_args()


def processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def heading(tools: list[Tool], pythons: list[str]) -> str:
    date = datetime.date.today().isoformat()
    versions = ", ".join(dict.fromkeys(f"{tool.name.split()[0]} {tool.version}"
                                       for tool in tools))
    interpreters = ", ".join(map(version_of, pythons))
    return (f"{date}; {versions}; CPython {interpreters}; {platform.system()} "
            f"{platform.release()}, {os.cpu_count()} CPUs, {processor()}.")


def installed() -> list[str]:
    """One for each supported minor version; the running one where none of them is found."""
    return output_of([str(ROOT / "tools" / "interpreters")]).splitlines() or [sys.executable]


def main() -> None:
    chosen = options()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    pythons = chosen.python or installed()
    context = Context(all_tools(folder), pythons, folder, chosen.effort)
    print(heading(context.tools, pythons))
    goals: list[Goal] = []
    for name in chosen.only or PARTS:
        result = PARTS[name].measure(context)
        (folder / f"{name}.json").write_text(json.dumps(result, indent=1))
        print(f"\n### {PARTS[name].TITLE}\n\n{PARTS[name].table(result)}", flush=True)
        goals += PARTS[name].goals(result)
    print(f"\n### What Tare must reach\n\n{goals_table(goals)}")


main()
