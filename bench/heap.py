"""Questions about a heap of 1.6 million objects of known make, asked of Tare and of its peers.

Each question is answered by a process of its own (bench/programs/heaped.py), tools in a new order
each round; of the CPU seconds the least count. "first" is the first answer of a process, which is
what a person waits for who asks once.
"""

from __future__ import annotations

import json
import random
import sys

from calls import with_tare
from context import PROGRAMS, Context, Goal, highest, lowest, markdown, stdout_of, version_of
from peers import peer_folder, with_peer

TITLE = "Questions about a heap: CPU time of an answer, and how many times Tare's"
ROUNDS = 3
ONCE_SECONDS = 2  # an answer that takes longer is not waited for again: chance is small beside it
COUNT, OBJECTS_EACH = 200_000, 8
PROGRAM = str(PROGRAMS / "heaped.py")
PEERS = ("Pympler", "guppy3", "objgraph", "objsize")
TIMED = {"deep_size": "deep size", "census": "census", "diff": "diff", "holders": "holders",
         "retained": "retained", "snapshot": "snapshot"}

Answers = dict[str, dict]  # question -> what the program told
Found = dict[str, Answers]  # tool -> answers


def measure(context: Context) -> dict:
    """By version; of a version that has no Tare, the peers alone."""
    count = round(COUNT * min(1, context.effort))
    return {"count": count, "versions": {
        version_of(python): measure_version(context, python, count) for python in context.pythons}}


def measure_version(context: Context, python: str, count: int) -> Found:
    minor = ".".join(version_of(python).split(".")[:2])
    questions = json.loads(stdout_of([python, PROGRAM, "questions"]))
    commands, found = {}, {}
    for tool, asked in questions.items():
        folder = peer_folder(context, python, minor, tool) if tool in PEERS else None
        measured = with_tare(python, minor) if tool == "tare" else python
        if measured is None or tool in PEERS and folder is None:
            found[tool] = {"failed": "not installed"}
            continue
        found[tool] = {}
        for question in asked:
            commands[tool, question] = with_peer(folder, [
                measured, PROGRAM, tool, question,
                "--count", str(count // 20 if question == "idle_diff" else count),
                "--file", str(context.folder / "heap.tare")])
    ask_in_rounds(context, minor, commands, found)
    return found


def ask_in_rounds(context: Context, minor: str, commands: dict, found: Found) -> None:
    chance = random.Random(1)
    for number in range(context.times(ROUNDS)):
        print(f"heap: {minor} round {number + 1}", file=sys.stderr)
        order = [key for key in commands if not number or is_asked_again(found, *key)]
        chance.shuffle(order)
        for tool, question in order:
            told = answer_of(commands[tool, question])
            best = found[tool].setdefault(question, told)
            if "failed" in told:
                found[tool][question] = told
                continue
            for key in ("first", "least"):
                best[key] = min(best[key], told[key])


def is_asked_again(found: Found, tool: str, question: str) -> bool:
    told = found[tool][question]
    return "failed" not in told and question != "idle_diff" and told["least"] < ONCE_SECONDS


def answer_of(command: list[str]) -> dict:
    try:
        return json.loads(stdout_of(command))
    except RuntimeError:
        return {"failed": "the process died"}


def table(result: dict) -> str:
    objects = result["count"] * OBJECTS_EACH
    return (f"{objects:,} objects.\n\n{times_table(result)}\n\n"
            f"What was answered, and the memory that took:\n\n{answers_table(result)}")


def times_table(result: dict) -> str:
    rows = []
    for version, found in result["versions"].items():
        for tool, answers in found.items():
            rows.append([f"{tool}, {version}", *(time_cell(found, tool, question)
                                                for question in TIMED)])
    return markdown(["tool", *TIMED.values()], rows)


def time_cell(found: Found, tool: str, question: str) -> str:
    told = found[tool].get(question, {})
    if "failed" in found[tool] or "failed" in told:
        return found[tool].get("failed", "") or told["failed"]
    if not told or tool == "none" and question == "deep_size":
        return ""
    times = ratio(found, tool, question)
    factor = f", {times:,.3g}x" if times and tool != "tare" else ""
    first = f" (first {duration(told['first'])})" if told["first"] > 1.3 * told["least"] else ""
    return f"{duration(told['least'])}{first}{factor}"


def duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def ratio(found: Found, tool: str, question: str) -> float | None:
    """How many times Tare's time a tool takes; None where one of them has no answer."""
    own, other = (found[name].get(question, {}).get("least") for name in ("tare", tool))
    return other / own if own and other else None


def answers_table(result: dict) -> str:
    header = ["tool", "deep size, of what was allocated", "MB for a deep size", "MB for a census",
              "MB for a diff", "rows in a diff of nothing", "wrong"]
    rows = []
    for version, found in result["versions"].items():
        for tool, answers in found.items():
            if tool != "none" and "failed" not in answers:
                rows.append([f"{tool}, {version}", *answer_cells(found, tool)])
    return markdown(header, rows)


def answer_cells(found: Found, tool: str) -> list[str]:
    answers = found[tool]
    size = size_ratio(found, tool)
    memory = [f"{answers[question]['more_bytes'] / 1e6:.1f}"
              if "more_bytes" in answers.get(question, {}) else ""
              for question in ("deep_size", "census", "diff")]
    idle = answers.get("idle_diff", {})
    wrong = "; ".join(f"{TIMED.get(question, question)}: {told['wrong']}"
                      for question, told in answers.items() if told.get("wrong"))
    return ["" if size is None else f"{size:.4f}", *memory, str(idle.get("answer", "")), wrong]


def size_ratio(found: Found, tool: str) -> float | None:
    own = found[tool].get("deep_size", {}).get("answer")
    return own / found["none"]["deep_size"]["answer"] if own else None


def goals(result: dict) -> list[Goal]:
    """What a tool was asked, by version and question."""
    every = result["versions"]
    found = []
    for peer, limit in (("Pympler", 100), ("guppy3", 5)):
        times = {f"{TIMED[question]}, {version}": times
                 for version, answers in every.items()
                 for question in ("deep_size", "census", "diff")
                 if (times := ratio(answers, peer, question))}
        if times:
            found.append(lowest(f"times faster than {peer}", limit, times, "{:.0f}"))
    off = {version: abs(size - 1) for version, answers in every.items()
           if (size := size_ratio(answers, "tare"))}
    if off:
        found.append(highest("deep size: off what was allocated", 0.0001, off, "{:.6f}"))
    rows = {version: answers["tare"]["idle_diff"]["answer"] for version, answers in every.items()
            if "answer" in answers["tare"].get("idle_diff", {})}
    if rows:
        found.append(highest("rows in a diff of nothing", 0, rows, "{:.0f}"))
    return found
