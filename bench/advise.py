"""Advice on real packages of the registry, each at work on its own task, and every change tried.

Advice must not be wrong: what is said to gain gains, and no change alters what a program prints.
bench/programs/advised.py has the tasks. What only a person can do is counted and not tried.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from context import PROGRAMS, Context, Goal, highest, markdown
from tools import environment, requirements

TITLE = "Advice on real packages: what it foretells and what --try finds"
SIZES = {"markdown": 1000, "docutils": 400, "jinja2": 12000, "mistune": 2000, "sqlparse": 500,
         "textdistance": 900, "tomlkit": 2500, "commonmark": 600, "html2text": 4000,
         "langdetect": 80, "pydes": 120, "pyfiglet": 400, "pysbd": 700, "sacremoses": 1200,
         "strsimpy": 500, "vader": 12000}
PACKAGES = ("Markdown", "docutils", "Jinja2", "mistune", "sqlparse", "textdistance", "tomlkit",
            "commonmark", "html2text", "langdetect", "pyDes", "pyfiglet", "pysbd", "sacremoses",
            "strsimpy", "vaderSentiment")
SECONDS = 120.0  # for the pairs of a change

Found = dict[str, dict[str, Any]]  # package -> what tare advise --json said


def measure(context: Context) -> Found:
    pins = requirements(*PACKAGES)
    folder = environment(context.folder / "advised", pins)
    python = folder / "bin" / "python"
    found = {}
    for name, size in SIZES.items():
        print(f"advise: {name}", file=sys.stderr)
        command = [sys.executable, "-m", "tare", "advise", "-q", "--all", "--json", "--try",
                   "--seconds", str(max(5.0, SECONDS * context.effort)), "--under",
                   str(folder / "lib"), "--", str(python),
                   str(PROGRAMS / "advised.py"), name, str(round(size * max(0.25, context.effort)))]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"advise {name}: {done.stderr.strip()}")
        found[name] = json.loads(done.stdout)
    return found


def trials_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    return found["trials"]["tried"] if found["trials"] else []


def said(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [advice for advice in found["advice"] if not advice["silent"]]


def table(result: Found) -> str:
    rows = []
    for name, found in result.items():
        for trial in trials_of(found):
            (index,) = trial["advice"]
            rows.append([name, *cells(found["advice"][index], trial)])
        if not said(found):
            rows.append([name, "-", f"{found['silent_count']} places silent", "", "", "", ""])
        together = found["trials"] and found["trials"]["together"]
        if together:
            rows.append([name, "together", "", "", "", ratio_of(together), together["verdict"]])
    return markdown(["package", "rule", "where", "share", "foretold", "program", "verdict"], rows)


def cells(advice: dict[str, Any], trial: dict[str, Any]) -> list[str]:
    file = advice["file"].partition("site-packages/")[2] or advice["file"].rpartition("/")[2]
    foretold = 1 / (1 - advice["gain"]["value"])
    return [advice["rule"], f"{file}:{advice['line']}", f"{advice['share']['value']:.1%}",
            f"{foretold:.3f}", ratio_of(trial), trial["verdict"]]


def ratio_of(trial: dict[str, Any]) -> str:
    ratio = trial["ratio"]
    return f"{ratio['value']:.3f} ({ratio['low']:.3f}-{ratio['high']:.3f})" if ratio else ""


def goals(result: Found) -> list[Goal]:
    def count(*verdicts: str) -> dict[str, float]:
        return {name: float(sum(trial["verdict"] in verdicts for trial in trials_of(found)))
                for name, found in result.items()}

    return [
        highest("advice on a package that --try does not confirm", 0,
                count("did not pay", "cannot tell", "did not run"), "{:.0f}"),
        highest("advice on a package that changes the result", 0,
                count("changed the result"), "{:.0f}"),
    ]
