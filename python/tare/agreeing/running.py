"""What a call gives: its result or what it raised, what it printed, what became of its arguments.

Both sides of a comparison get arguments of their own, copied from the same: what one does to them
the other does not see, and what either did is seen by comparing its copy with what was copied.
"""

from __future__ import annotations

import contextlib
import copy
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tare import _same
from tare.agreeing.differing import Agreement, Difference, compare
from tare.agreeing.rules import EXACT, Rule
from tare.agreeing.showing import shown
from tare.agreeing.text import compare_text

MOST_OUTPUT_BYTES = 16 << 20


class Outcome(NamedTuple):
    """All that one call gave; value counts only where exception is None."""

    value: Any
    exception: BaseException | None
    stdout: str
    stderr: str
    arguments: dict[str, Any]  # as the call left them, by what they are called in a path
    mutated: tuple[Difference, ...]  # of each argument that the call changed, where first
    unchecked: tuple[str, ...]  # arguments that cannot be copied, and why
    cut: bool  # more was printed than is compared


def run(
    function: Callable[..., Any],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
) -> Outcome:
    """Calls the function with copies of its arguments and keeps what that gives.

    Exceptions are part of it, SystemExit too; KeyboardInterrupt is the user's and goes through.
    What is printed is caught, also by C code and by child processes.
    """
    given = {f"args[{number}]": value for number, value in enumerate(args)}
    given.update({f"kwargs[{name!r}]": value for name, value in (kwargs or {}).items()})
    copies, unchecked = copy_all(given)
    handed = list(copies.values())
    value, exception = None, None
    with capture() as printed:
        try:
            value = function(*handed[: len(args)],
                             **dict(zip(kwargs or {}, handed[len(args) :], strict=True)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            exception = error.with_traceback(None)  # it would hold the frames, and what is in them
    checked = {name: value for name, value in given.items() if name not in unchecked}
    found = (compare(value, copies[name], EXACT, name, using_up=False).difference
             for name, value in checked.items())
    return Outcome(value, exception, printed.stdout, printed.stderr, copies,
                   tuple(change for change in found if change is not None),
                   tuple(f"{name}: {why}" for name, why in unchecked.items()), printed.cut)


def copy_all(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Copies that share among each other what the originals share; and which of them tell nothing,
    with the reason."""
    memo: dict[int, Any] = {}
    copies, unchecked = {}, {}
    for name, value in given.items():
        kind = type(value).__name__
        try:
            copies[name] = copy.deepcopy(value, memo)
        except (Exception, SystemExit) as error:
            copies[name] = value
            unchecked[name] = (f"a {kind} cannot be copied ({type(error).__name__}), so that "
                               "both sides had the same one")
            continue
        if not is_same(value, copies[name], name):
            unchecked[name] = f"a {kind} cannot be compared with its own copy"
    return copies, unchecked


def is_same(value: Any, made: Any, name: str) -> bool:
    return compare(value, made, EXACT, name, using_up=False).same


# ---- what is printed ----


class Printed:
    stdout = stderr = ""
    cut = False


@contextlib.contextmanager
def capture() -> Iterator[Printed]:
    """Catches what is printed, through sys.stdout and through the descriptors behind it."""
    printed = Printed()
    streams = [sys.stdout, sys.stderr]  # who has them already writes through them
    with contextlib.ExitStack() as stack:
        flush(streams)
        files = {}
        for number, name in ((1, "stdout"), (2, "stderr")):
            files[name] = stack.enter_context(tempfile.TemporaryFile())
            stack.enter_context(redirected(number, name, files[name].fileno()))
        try:
            yield printed
        finally:
            flush([*streams, sys.stdout, sys.stderr])
            for name, file in files.items():
                text, cut = read_back(file)
                setattr(printed, name, text)
                printed.cut = printed.cut or cut


def flush(streams: list[Any]) -> None:
    for stream in streams:
        with contextlib.suppress(Exception):
            stream.flush()
    _same.flush()


class Caught(io.RawIOBase):
    """A stream to a descriptor, whatever that leads to. Who keeps it writes where he would have."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__()
        self.name = f"<{name}>"
        self._number = number

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return False

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            done += os.write(self._number, view[done:])
        return done


@contextlib.contextmanager
def redirected(number: int, name: str, target: int) -> Iterator[None]:
    before = getattr(sys, name)
    try:
        kept = os.dup(number)
    except OSError:
        kept = -1  # it is closed, and will be again
    os.dup2(target, number)
    stream = io.TextIOWrapper(Caught(number, name), encoding="utf-8", errors="surrogateescape",
                              newline="", write_through=True)
    setattr(sys, name, stream)
    try:
        yield
    finally:
        setattr(sys, name, before)
        if kept >= 0:
            os.dup2(kept, number)
            os.close(kept)
        else:
            os.close(number)


def read_back(file: Any) -> tuple[str, bool]:
    size = os.fstat(file.fileno()).st_size
    data = os.pread(file.fileno(), min(size, MOST_OUTPUT_BYTES), 0)
    return data.decode("utf-8", "surrogateescape"), size > MOST_OUTPUT_BYTES


# ---- two outcomes ----


def compare_outcomes(a: Outcome, b: Outcome, rule: Rule | None = None) -> Agreement:
    """Results or exceptions, then output, then arguments where a call changed them."""
    chosen = rule or EXACT
    if (a.exception is None) != (b.exception is None):
        parts = [one_raised(a, b)]
    elif a.exception is not None:
        parts = [compare(a.exception, b.exception, chosen, "exception")]
    else:
        parts = [compare(a.value, b.value, chosen)]
    parts += [compare_text(a.stdout, b.stdout, chosen, "stdout"),
              compare_text(a.stderr, b.stderr, chosen, "stderr")]
    paths = [change.path for change in (*a.mutated, *b.mutated)]
    changed = [name for name in a.arguments if any(path.startswith(name) for path in paths)]
    parts += [compare(a.arguments[name], b.arguments[name], chosen, name)
              for name in changed if name in b.arguments]
    return join(parts, outcome_notes(a, b, changed))


def one_raised(a: Outcome, b: Outcome) -> Agreement:
    sides = [f"raised {shown(one.exception)}" if one.exception is not None else shown(one.value)
             for one in (a, b)]
    found = Difference("result", *sides, "one side raised", 1, 1, 0, 0.0, 0.0, "")
    return Agreement(False, found, 1)


def outcome_notes(a: Outcome, b: Outcome, changed: list[str]) -> list[str]:
    notes = [f"{name} is changed by the call" for name in changed]
    notes += [f"{words}: not checked for changes"
              for words in dict.fromkeys((*a.unchecked, *b.unchecked))]
    if a.cut or b.cut:
        notes.append(f"of what was printed the first {MOST_OUTPUT_BYTES >> 20} MiB were compared")
    return notes


def join(parts: list[Agreement], notes: list[str]) -> Agreement:
    """The first that differs, and the worst of all."""
    worst = max(parts, key=lambda part: part.worst_rel)
    found = next((part.difference for part in parts if part.difference is not None), None)
    told = [note for part in parts for note in part.notes]
    return worst._replace(same=found is None, difference=found,
                          count=sum(part.count for part in parts), notes=tuple(told + notes))
