"""Several comparisons at once: each side with the first, or the pairs of a file.

    [[pair]]                     a file of pairs, in TOML
    name = "join"
    setup = "words = ['x'] * 1000"
    a = "s = ''\\nfor word in words: s += word"
    b = "s = ''.join(words)"

setup, args, least, seconds and result before the first pair are for all of them. What is said of
several is corrected by Holm's rule: the chance that any of them is called different without being
so stays 5 %.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections.abc import Sequence
from typing import Any, NamedTuple

from tare._stats import Estimate, geometric_mean, holm
from tare.comparing import result
from tare.comparing.driving import CompareError
from tare.comparing.result import Comparison
from tare.comparing.running import LEVEL, Plan, Progress, measure, no_progress
from tare.comparing.sides import COMMAND, REVISION, SCRIPT, Side, Words, make_sides

SCHEMA = "tare.compare.many/1"
KEYS = {"name": str, "a": str, "b": str, "setup": str, "args": str, "result": str,
        "seconds": float, "least": float}  # fmt: skip


class Pair(NamedTuple):
    """Two sides, and what is special about their comparison."""

    a: Side
    b: Side
    changes: tuple[tuple[str, Any], ...] = ()  # of the plan

    def laid_out(self, stack: contextlib.ExitStack) -> Pair:
        """With revisions of git as commands in the folders where they now are."""
        return self._replace(a=lay_out(self.a, stack), b=lay_out(self.b, stack))


class Many(NamedTuple):
    comparisons: list[Comparison]
    mean: Estimate | None  # of the ratios, with the interval over all of their processes

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "geometric_mean": None if self.mean is None else result.plain(self.mean),
            "comparisons": [one.to_dict() for one in self.comparisons],
        }


def pairs_of(texts: Sequence[str], codes: Sequence[str], words: Words) -> list[Pair]:
    first, *others = make_sides(texts, codes, words)
    return [Pair(first, other) for other in others]


def lay_out(side: Side, stack: contextlib.ExitStack) -> Side:
    if side.kind != REVISION:
        return side
    from tare.comparing.revisions import checked_out, python_of

    tree = stack.enter_context(checked_out(side.revision))
    words = tree.command(list(side.command))
    if words[0].endswith(".py") and shutil.which(words[0]) is None:
        words = [side.python, *words]
    program = shutil.which(words[0])
    if program is None:
        raise CompareError(f"{words[0]}: no such command in revision {side.revision}")
    python = program if os.path.basename(program).startswith(("python", "pypy")) else None
    environ = tree.environment(os.environ, python_of(words))
    changed = tuple(item for item in environ.items() if os.environ.get(item[0]) != item[1])
    return side._replace(
        kind=SCRIPT if python else COMMAND,
        command=tuple(words),
        cwd=tree.cwd,
        environ=changed,
        revision=tree.commit or side.revision,
    )


def measure_many(
    pairs: Sequence[Pair], plan: Plan, progress: Progress = no_progress
) -> Many:
    """Each pair in its turn; what they are called is then right for all of them together."""
    found = []
    for number, pair in enumerate(pairs, 1):
        count = f"{number} of {len(pairs)}: " if len(pairs) > 1 else ""

        def say(words: str, count: str = count) -> None:
            progress(count + words)

        found.append(measure(pair.a, pair.b, plan._replace(**dict(pair.changes)), say))
    return Many(corrected(found), mean_of(found))


def corrected(comparisons: list[Comparison]) -> list[Comparison]:
    """What is different by itself, but not among so many, is not yet told."""
    timed = [one for one in comparisons if one.verdict in (result.FASTER, result.SLOWER)]
    if len(comparisons) < 2 or not timed:
        return comparisons
    kept = dict(zip(map(id, timed), holm([one.p for one in timed], 1 - LEVEL), strict=True))
    return [
        one if kept.get(id(one), True) else one._replace(verdict=result.CANNOT_TELL)
        for one in comparisons
    ]


def mean_of(comparisons: Sequence[Comparison]) -> Estimate | None:
    groups = [[process.log_ratio for process in one.processes] for one in comparisons]
    if len(groups) < 2 or any(len(group) < 2 for group in groups):
        return None
    return geometric_mean(groups, LEVEL)


def read_pairs(path: str, pythons: tuple[str, ...]) -> list[Pair]:
    """The pairs of a TOML file; CompareError where it is none."""
    import tomllib

    try:
        with open(path, "rb") as stream:
            document = tomllib.load(stream)
    except OSError as error:
        raise CompareError(f"read {path}: {error.strerror}; give a TOML file of pairs") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CompareError(f"read {path}: {error}") from None
    rows = document.pop("pair", None)
    if not isinstance(rows, list) or not rows:
        raise CompareError(f"read {path}: it names no [[pair]] with a and b")
    return [read_pair(path, number, {**document, **row}, pythons)
            for number, row in enumerate(rows, 1)]  # fmt: skip


def read_pair(path: str, number: int, row: dict[str, Any], pythons: tuple[str, ...]) -> Pair:
    where = f"read {path}: pair {number}"
    for key, value in row.items():
        if key not in KEYS:
            raise CompareError(f"{where}: {key} is none of {', '.join(KEYS)}")
        kind = KEYS[key]
        if not isinstance(value, (int, float) if kind is float else kind):
            raise CompareError(f"{where}: {key} must be a {kind.__name__}")
    missing = [key for key in ("a", "b") if key not in row]
    if missing:
        raise CompareError(f"{where}: it has no {missing[0]}")
    words = Words(row.get("setup", ""), row.get("args", ""), pythons)
    a, b = make_sides([row["a"], row["b"]], (), words)
    return Pair(a, b, tuple(changes_of(row)))


def changes_of(row: dict[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if "name" in row:
        found.append(("name", row["name"]))
    if "seconds" in row:
        found.append(("seconds", float(row["seconds"])))
    if "least" in row:
        found.append(("least", row["least"] / 100))
    if "result" in row:
        found.append(("names", tuple(shlex.split(row["result"]))))
    return found
