"""Whether both sides come to the same, before anything is timed.

Where the measured interpreter is of Tare's own version, the comparison happens in it, with all
kinds of objects. Else the results are carried here as text, which knows the built-in kinds.
"""

from __future__ import annotations

import base64
import os
import pickle
import re
import sys
from collections.abc import Sequence
from typing import Any

from tare.comparing.driving import CompareError, Worker
from tare.comparing.result import Agreed
from tare.comparing.sides import Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.agreeing import Agreement, Outcome, Rule
    from tare.comparing.engines import Commands, Group, InProcess

PLAIN_DATA = (list, dict, set, bytearray)  # what a setup makes and code may change
NOTHING_IN_COMMON = (
    "not compared: the two bind no name in common; bind one, and name it by --result"
)
MOST_SAID = 200  # letters of what a command said when it failed
_CALL_FAILED = re.compile(r"[\w.<>]+\(\) (missing|takes|got|expected)\b|.* expected .*argument")


def agree_in_group(
    group: Group, sides: tuple[Side, Side], rule: Rule | None, names: Sequence[str] | None
) -> tuple[Agreed, bool]:
    """Whether the sides agree, and whether they change their arguments."""
    compared = choose_names(group, names)
    found, changes = compare_in_group(group, sides, rule, compared or ())
    if compared == [] and found.same:
        found = found._replace(same=None, words=NOTHING_IN_COMMON)
    return found, changes


def compare_in_group(
    group: Group, sides: tuple[Side, Side], rule: Rule | None, compared: Sequence[str]
) -> tuple[Agreed, bool]:
    if len(group.workers) == 1 and all(
        about["tag"] == sys.implementation.cache_tag for about in group.abouts
    ):
        return ask_check(group.workers[0], rule, compared)
    return compare_carried(group, sides, rule, compared), False


def choose_names(group: Group, names: Sequence[str] | None) -> list[str] | None:
    """What of the code's results is compared; None for functions."""
    bound = [about["names"] for about in group.abouts]
    if any(one is None for one in bound):
        return None
    known = [{*about["names"], *about["given"]} for about in group.abouts]
    if names and all(set(names) <= one for one in known):
        return list(names)
    return [name for name in bound[0] if name in bound[1]]


def ask_check(worker: Worker, rule: Rule | None, names: Sequence[str]) -> tuple[Agreed, bool]:
    import tare

    folder = os.path.dirname(os.path.dirname(os.path.abspath(tare.__file__)))
    packed = base64.b64encode(pickle.dumps(rule)).decode()
    return read_check(worker.ask("check", folder, packed, list(names)))


def agree_in_fork(engine: InProcess, rule: Rule | None) -> tuple[Agreed, bool]:
    from tare.comparing.design import Setting

    with engine.start(Setting(0, 0, "AB")) as group:
        return ask_check(group.workers[0], rule, ())


def read_check(found: dict[str, Any]) -> tuple[Agreed, bool]:
    if "refused" in found:
        raise CompareError(found["refused"][1], found["refused"][0])
    notes = tuple(found["notes"])
    return Agreed(found["same"], found["words"], found["difference"], notes), found["changes"]


# ---- in the process that holds both ----


def check_sides(sides: list[Any], packed: str, names: list[str]) -> dict[str, Any]:
    """Runs each once; what read_check reads."""
    from tare.agreeing import compare_outcomes

    rule = pickle.loads(base64.b64decode(packed))
    notes: list[str] = []
    outcomes = [outcome_of(side, names, notes) for side in sides]
    refused = what_cannot_run(sides, outcomes)
    if refused is not None:
        return {"refused": refused}
    found = compare_outcomes(outcomes[0], outcomes[1], rule)
    return {
        "same": found.same,
        "words": words_of(found),
        "difference": found.to_dict()["difference"],
        "notes": [*found.notes, *notes],
        "changes": any(outcome.mutated for outcome in outcomes),
    }


def outcome_of(side: Any, names: list[str], notes: list[str]) -> Outcome:
    from tare.agreeing import compare, run

    if hasattr(side, "function"):
        return run(side.function, side.args, side.kwargs)
    before = data_of(side.namespace)
    outcome = run(side.result, (names,))
    for name, value in before.items():
        if not compare(value, side.namespace.get(name)).same:
            notes.append(
                f"{side.name} changes {name} of the setup: all loops but the first find it changed"
            )
    return outcome


def data_of(namespace: dict[str, Any]) -> dict[str, Any]:
    """Copies of the data in a setup, so far as they can be made."""
    from copy import deepcopy

    found = {}
    for name, value in namespace.items():
        if isinstance(value, PLAIN_DATA) and not name.startswith("__"):
            try:
                found[name] = deepcopy(value)
            except Exception:  # of the user's classes, for any reason
                continue
    return found


def what_cannot_run(sides: list[Any], outcomes: list[Outcome]) -> tuple[str, str] | None:
    """Two that raise the same would agree, and there would be nothing to time."""
    from tare.comparing.worker import describe

    errors = [outcome.exception for outcome in outcomes]
    for side, error in zip(sides, errors, strict=True):
        if getattr(error, "is_trouble", False):  # the worker's own, which is __main__ there
            return str(getattr(error, "kind", "")), str(error)
        if isinstance(error, TypeError) and _CALL_FAILED.match(str(error)):
            return "args", f"call {side.name}: {error}; give arguments with --args"
    first, second = (None if error is None else describe(error) for error in errors)
    if first is None or second is None:
        return None
    return "raised", f"nothing to time: {words_of_raised(first, second)}"


def words_of_raised(first: str, second: str) -> str:
    return f"both raise {first}" if first == second else f"A raises {first}; B raises {second}"


def words_of(found: Agreement) -> str:
    return str(found).removeprefix("same: ")


# ---- results that came as text ----


def compare_carried(
    group: Group, sides: tuple[Side, Side], rule: Rule | None, names: Sequence[str]
) -> Agreed:
    from tare.agreeing import compare
    from tare.comparing.carrying import uncarry

    answers = []
    for side in (0, 1):
        worker, index = group.holder(side)
        answers.append(worker.ask("once", index, list(names)))
    refuse_carried(sides, answers)
    raised = [answer.get("raised") for answer in answers]
    if any(raised):
        shown = [answer.get("words") or "a result" for answer in answers]
        return Agreed(False, f"one side raised: {shown[0]} against {shown[1]}", {
            "path": "result", "left": shown[0], "right": shown[1], "why": "one side raised"
        })
    found = compare(uncarry(answers[0]["value"]), uncarry(answers[1]["value"]), rule)
    notes = (*found.notes, "what they print, and whether they change arguments, was not compared")
    return Agreed(found.same, words_of(found), found.to_dict()["difference"], notes)


def refuse_carried(sides: tuple[Side, Side], answers: list[dict[str, Any]]) -> None:
    for side, answer in zip(sides, answers, strict=True):
        words = str(answer.get("words", ""))
        if answer.get("raised") == "TypeError" and _CALL_FAILED.match(words.partition(": ")[2]):
            raise CompareError(f"call {side.name}: {words}; give arguments with --args", "args")
    if all("raised" in answer for answer in answers):
        words = words_of_raised(answers[0]["words"], answers[1]["words"])
        raise CompareError(f"nothing to time: {words}", "raised")


# ---- commands ----


def agree_of_commands(engine: Commands, rule: Rule | None) -> Agreed:
    """What they print on stdout, and how they exit."""
    from tare.agreeing import compare_outcomes
    from tare.comparing.design import Setting

    outcomes, said, codes = [], [], []
    for index in (0, 1):
        _, _, code = engine.run(index, Setting(0, 0, "AB"))
        out, err = engine.output()
        outcomes.append(command_outcome(code, out))
        said.append(last_line(err))
        codes.append(code)
    if all(codes):
        raise CompareError(
            f"nothing to time: both {words_of_code(codes[0])}, "
            f"and {words_of_code(codes[1])}: {said[1] or said[0] or 'they said nothing'}",
            "raised",
        )
    found = compare_outcomes(outcomes[0], outcomes[1], rule)
    if codes[0] != codes[1]:
        bad = int(codes[1] != 0)
        words = f"{engine.sides[bad].name} {words_of_code(codes[bad])}: {said[bad]}"
        return Agreed(False, words, found.to_dict()["difference"], found.notes)
    return Agreed(found.same, words_of(found), found.to_dict()["difference"], found.notes)


def command_outcome(code: int, out: bytes) -> Outcome:
    from tare.agreeing import Outcome

    return Outcome(code, None, out.decode("utf-8", "surrogateescape"), "", {}, (), (), False)


def last_line(data: bytes) -> str:
    lines = [line.strip() for line in data.decode(errors="replace").split("\n") if line.strip()]
    return lines[-1][:MOST_SAID] if lines else ""


def words_of_code(code: int) -> str:
    from tare.comparing.driving import words_of_ending

    return words_of_ending(code)
