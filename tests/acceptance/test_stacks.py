"""Did every stack exist? Programs whose legal stacks are known, checked frame by frame."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from crossed import Crossed
from comparing import ATTEMPTS, Compared, expect_amount, expect_split
from measuring import TARGETS, Run, Sampler, target
from view import SYNTHETIC, Frame

POINTS = 3.0


def functions_in(path: Path) -> set[tuple[str, int]]:
    """Every (name, first line) that code in this file can have."""
    found = {("<module>", 0), ("<module>", 1)}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add((node.name, node.lineno))
            found.update((node.name, decorator.lineno) for decorator in node.decorator_list)
        for kind, name in ((ast.ListComp, "<listcomp>"), (ast.GeneratorExp, "<genexpr>"),
                           (ast.Lambda, "<lambda>"), (ast.DictComp, "<dictcomp>")):
            if isinstance(node, kind):
                found.add((name, node.lineno))
    return found


def expect_real_names(run: Run) -> None:
    """No frame of a target's file names a function that the file does not have."""
    known = {path: functions_in(TARGETS / path) for path in ("truth.py", target_file(run))}
    for entry in run.view.entries:
        for frame in entry.stack:
            file = Path(frame.file)
            if file.parent == TARGETS:
                assert (frame.name, frame.first_line) in known[file.name], frame


def target_file(run: Run) -> str:
    (name,) = {Path(frame.file).name for frame in run.view.frames
               if Path(frame.file).parent == TARGETS} - {"truth.py"}
    return name


def below(frames: Iterable[Frame], name: str) -> list[str] | None:
    """The names that follow the first frame called name."""
    names = [frame.name for frame in frames if frame.kind != SYNTHETIC]
    return names[names.index(name) + 1:] if name in names else None


@pytest.mark.parametrize("depth", [10, 100])
@pytest.mark.parametrize("rate", [1_000, 20_000])
def test_crossed_calls(sampler: Sampler, python: str, rate: int, depth: int) -> None:
    """No impossible stack in any run; the rarest branch, 0.4 % of the time, may take several.

    A held sample stands for all that were passed over before it, so what was lost counts by the
    ticks it stands for: else the interpreter's first moments, read tick by tick, would be half.
    """
    branches: set[str] = set()
    for _ in range(ATTEMPTS):
        run = sampler.run("run", target(python, "crossed.py", depth, 6), rate=rate)
        crossed = Crossed(run.expect_success().truth)
        assert crossed.impossible(run.view) == []
        expect_real_names(run)
        view = run.view
        assert view.number("sampler.sample_count") >= 200, "too few samples to mean anything"
        assert view.self_ns("(unreadable)") <= 0.01 * view.total_ns("main")
        branches |= crossed.branches_seen(view)
        if len(branches) == 4:
            return
    raise AssertionError(f"only {branches} were seen")


@pytest.mark.parametrize("depth", [10, 100])
def test_crossed_calls_are_not_charged_to_main(sampler: Sampler, python: str,
                                               depth: int) -> None:
    """A proven prefix is worth something only if it is long: most time has a branch."""
    view = sampler.run("run", target(python, "crossed.py", depth), rate=5_000).view
    in_main = view.self_ns("main", "unproven_ns")
    assert in_main <= 0.1 * view.total_ns("main")


@pytest.mark.soak
@pytest.mark.parametrize("depth", [10, 100])
def test_a_million_crossed_calls(sampler: Sampler, python: str, depth: int) -> None:
    """None is impossible. Half an hour in which the threads stand still for a third of the time."""
    seen = 0
    while seen < 1_000_000:
        run = sampler.run("run", target(python, "crossed.py", depth, 60), rate=20_000,
                          flags=["--hold", "33"])
        assert Crossed(run.truth).impossible(run.expect_success().view) == []
        seen += run.view.number("sampler.sample_count")


@pytest.mark.soak
def test_a_million_crossed_calls_by_reading_alone(sampler: Sampler, python: str) -> None:
    """Ten calls and ten returns can fall into one reading without a trace of it, now and then."""
    seen = impossible = 0
    while seen < 1_000_000:
        run = sampler.run("run", target(python, "crossed.py", 10, 20), rate=20_000,
                          flags=["--no-stop"])
        impossible += len(Crossed(run.truth).impossible(run.expect_success().view))
        seen += run.view.number("sampler.sample_count")
    assert impossible <= seen / 5_000


@pytest.mark.parametrize("depth", [1_000, 10_000])
def test_deep_recursion(sampler: Sampler, python: str, depth: int) -> None:
    def measure() -> tuple[int, int]:
        run = sampler.run("run", target(python, "recursion.py", depth)).expect_success()
        at_work = list(run.view.having("bottom"))
        for entry in at_work:
            assert below(entry.stack, "main") == ["down"] * depth + ["bottom"]
        assert run.view.number("sampler.truncated_count") == 0
        return sum(entry.ns() for entry in at_work), run.truth["bottom"]

    expect_amount(5, measure)


def test_recursion_beyond_every_bound(sampler: Sampler, python: str) -> None:
    """100,000 deep: cut where it must be and said so, and no time lost."""
    def measure() -> tuple[int, int]:
        run = sampler.run("run", target(python, "recursion.py", 100_000), rate=200)
        view = run.expect_success().view
        whole = [entry for entry in view.having("bottom") if len(entry.stack) > 100_000]
        assert whole or view.number("sampler.truncated_count") > 0
        known = [entry for entry in view.entries if {"down", "(truncated)"} & set(entry.names)]
        return sum(entry.ns() for entry in known), run.truth["bottom"]

    expect_amount(10, measure)


def chain_matches(names: list[str], chain: list[str]) -> bool:
    """chain may hold one "*", which stands for frames of asyncio."""
    if "*" not in chain:
        return names == chain
    before, after = chain[:chain.index("*")], chain[chain.index("*") + 1:]
    middle = names[len(before):len(names) - len(after)]
    ours = {"outer_one", "inner_one", "outer_two", "items_two", "both"}
    return (names[:len(before)] == before and names[-len(after):] == after
            and not ours & set(middle))


def test_generators_and_coroutines(sampler: Sampler, python: str) -> None:
    run = sampler.run("run", target(python, "chains.py"), rate=5_000).expect_success()
    expect_real_names(run)
    for burn, chain in run.truth["chains"].items():
        entries = list(run.view.having(burn))
        assert entries, f"{burn} was never seen"
        for entry in entries:
            names = below(entry.stack, "charge")
            assert names is not None, entry.names
            if names[-1] == "spin":
                names.pop()
            assert chain_matches(names, chain), (burn, entry.names)


def test_shares_of_generators_and_coroutines(sampler: Sampler, python: str) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "chains.py"), rate=5_000).expect_success()
        truth = run.truth["ns"]
        return {name: run.view.total_ns(name) for name in truth}, truth

    expect_split(POINTS, measure)


def test_calls_through_c(sampler: Sampler, python: str) -> None:
    """Every neighbouring pair of frames is one that the program can have.

    Each case is seen in some run: a machine that is busy with other things may give few samples.
    """
    callers: set[str] = set()
    for _ in range(ATTEMPTS):
        run = sampler.run("run", target(python, "callbacks.py"), rate=10_000).expect_success()
        expect_real_names(run)
        legal = {tuple(edge) for edge in run.truth["edges"]}
        seen = set()
        for entry in run.view.having("repeat"):
            names = ["repeat", *(below(entry.stack, "repeat") or [])]
            seen.update(zip(names, names[1:]))
        assert seen <= legal, seen - legal
        callers |= {caller for caller, _callee in seen}
        if callers >= set(run.truth["ns"]):
            return
    raise AssertionError(f"only {callers} were seen")


def test_shares_of_calls_through_c(sampler: Sampler, python: str) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "callbacks.py"), rate=10_000).expect_success()
        truth = run.truth["ns"]
        return {name: run.view.total_ns(name) for name in truth}, truth

    expect_split(POINTS, measure)


def test_nesting_through_c_has_the_right_depth(sampler: Sampler, python: str) -> None:
    run = sampler.run("run", target(python, "callbacks.py"), rate=5_000).expect_success()
    for entry in run.view.having("case_nest"):
        names = below(entry.stack, "case_nest") or []
        if "burn" in names:
            assert names == ["nest"] * 21 + ["burn"]


def test_code_freed_and_made_again_at_the_same_address(sampler: Sampler, python: str) -> None:
    run = sampler.run("run", target(python, "generated.py", 6), rate=20_000).expect_success()
    numbers = set()
    for entry in run.view.entries:
        made = [frame for frame in entry.stack if frame.file.startswith("<made ")]
        of_file = {int(frame.file[6:-1]) for frame in made}
        assert len(of_file) <= 1, f"one stack has code of several moments: {entry.names}"
        for frame in made:
            (number,) = of_file
            expect_generated(frame, number, run.truth["most_lines"])
            numbers.add(number)
        names = [frame.name.split("_")[0] for frame in made]
        assert names == ["<module>", "made", "part"][:len(names)], entry.names
    assert len(numbers) >= 20
    assert max(numbers) < run.truth["count"]


def expect_generated(frame: Frame, number: int, most_lines: int) -> None:
    first = number % most_lines + 1
    legal = {
        "<module>": (0, 1, first), f"made_{number}": (first,), f"part_{number}": (first + 3,),
    }
    assert frame.first_line in legal.get(frame.name, ()), frame
    assert frame.line == 0 or frame.first_line <= frame.line <= first + 7, frame
