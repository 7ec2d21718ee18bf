"""What the verdict says: the words, the numbers, and that it is one screen."""

import io
import os
import re
import shlex
import sys
from types import SimpleNamespace

import pytest
from builder import NS
from tare._profile import Estimate, decode
from tare.render import sentences, units
from tare.render.document import report_document
from tare.render.report import Report
from tare.render.terminal import Screen
from tare.render.verdict import print_verdict

MAIN_5 = ("main", "work.py", 1, 5)
PLURAL = {"process": "processes"}
INFINITE = float("inf")


@pytest.fixture
def report(make):
    """A report of a run with so many seconds in each state, all in main -> hot."""

    def build(target=None, rate_hz=1000, cpu_ns=None, meta=None, complete=True, **states):
        builder = make(**(meta or {}))
        for state, seconds in states.items():
            builder.sample([MAIN_5, ("hot", "work.py", 10, 12)], state, round(seconds * NS))
        amounts = {state: round(seconds * NS) for state, seconds in states.items()}
        builder.program(rate_hz, cpu_ns, **amounts)
        return Report(decode(builder.encode(complete)), "profile.tare", target)

    return build


def draw(report, columns=80, **options):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    screen = Screen(stream)
    screen.columns = columns
    print_verdict(report, screen, **options)
    stream.flush()
    return stream.buffer.getvalue().decode()


# ---- numbers ----


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 s"),
        (7, "7 ns"),
        (1_500, "1.50 µs"),
        (312_000_000, "312 ms"),
        (999_900_000, "1.00 s"),
        (4_820_000_000, "4.82 s"),
        (12_340_000_000, "12.3 s"),
        (59_900_000_000, "59.9 s"),
        (65_000_000_000, "1 min 05 s"),
        (7_260_000_000_000, "2 h 01 min"),
    ],
)
def test_durations(ns, text):
    assert units.duration(ns) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0.000 s"),
        (3_000_000, "0.003 s"),
        (4_820_000_000, "4.82 s"),
        (123_450_000_000, "123.5 s"),
    ],
)
def test_seconds_keep_their_unit(ns, text):
    assert units.seconds(ns) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 bytes"), (900, "900 bytes"), (118 << 20, "118 MiB"), (3 << 29, "1.50 GiB")],
)
def test_sizes(amount, text):
    assert units.size(amount) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1.00x"), (1.823, "1.82x"), (14.2, "14x"), (101.0, ">100x"), (float("inf"), ">100x")],
)
def test_ratios(value, text):
    assert units.ratio(value) == text


@pytest.mark.parametrize(
    ("estimate", "long", "short"),
    [
        ((2.4, 2.2, 2.6), "2.4x (2.2-2.6)", "2.2-2.6x"),
        ((1.66, 1.642, 1.681), "1.66x (1.64-1.68)", "1.64-1.68x"),
        ((2.0, 1.96, 2.04), "2.0x", "2.0x"),
        ((1.002, 1.0005, 1.0061), "1.01x", "1.01x"),
        ((1.0, 1.0, 1.003), "1.00x", "1.00x"),
        ((10.2, 9.4, 11.3), "10x (9.4-11)", "9.4-11x"),
        ((64.0, 47.0, 87.4), "64x (47-87)", "47-87x"),
        ((80.0, 43.2, 140.0), ">43x", ">43x"),
        ((99.0, 3.25, INFINITE), ">3.2x", ">3.2x"),
        ((500.0, 250.0, INFINITE), ">100x", ">100x"),
        ((INFINITE, INFINITE, INFINITE), ">100x", ">100x"),
    ],
)
def test_gains(estimate, long, short):
    assert units.gain(Estimate(*estimate), wide=True) == long
    assert units.gain(Estimate(*estimate)) == short


def test_half_width_is_the_wider_side():
    def estimate(value, low, high):
        return SimpleNamespace(value=value, low=low, high=high)

    assert units.half_width(estimate(0.5, 0.487, 0.51)) == "1.3"
    assert units.half_width(estimate(0.0, 0.0, 0.25)) == "25"
    assert units.half_width(estimate(0.0, 0.0, 1.0)) == "100"


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "process", "1 process"),
        (2, "process", "2 processes"),
        (12_000, "stack", "12,000 stacks"),
    ],
)
def test_counts(number, noun, text):
    assert units.count(number, noun, PLURAL.get(noun, "")) == text


# ---- words ----


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ({"python_ns": 9, "gc_ns": 1}, ", mostly running Python (90.0%)"),
        ({"wait_socket_ns": 6, "python_ns": 4}, ", mostly waiting for a socket (60.0%)"),
        (
            {"python_ns": 4, "wait_disk_ns": 3.5, "native_ns": 2.5},
            ": 40.0% running Python, 35.0% waiting for the disk",
        ),
        ({"native_ns": 10}, ", mostly running native code (100.0%)"),
    ],
)
def test_headline_says_what_it_was_doing(report, states, words):
    assert sentences.headline(report(**states)) == f"10 s of wall time{words}"


def test_circumstances(report):
    assert sentences.circumstances(report(python_ns=1)) == "Python 3.12.1, 1 process, 2 threads"
    died = report(python_ns=1, meta={"target__signal": "11", "process_count": "3"})
    assert "3 processes" in sentences.circumstances(died)
    assert "ended by signal 11" in sentences.circumstances(died)
    assert "exit code 3" in sentences.circumstances(
        report(python_ns=1, meta={"target__exit_code": "3"})
    )


def test_resources(report):
    words = sentences.resources(report(python_ns=4, cpu_ns=2 * NS))
    assert words == "CPU 2 s, 0.50 of 4 cores; peak memory 118 MiB; no paging"
    meta = {"faults__major": "7", "memory__peak_swap_bytes": str(3 << 20)}
    assert sentences.resources(report(python_ns=4, meta=meta)).endswith(
        "3 MiB swapped out, 7 major faults"
    )


@pytest.mark.parametrize(
    ("target", "states", "words"),
    [
        (12, {"python_ns": 10}, "Fast enough: 10 s taken, 12 s asked for."),
        (5, {"python_ns": 10}, "5 s too slow for 5 s. The part on the CPU must get 2.00x faster"),
        (5, {"python_ns": 10}, "hot alone has time enough"),
        (2, {"python_ns": 4, "wait_socket_ns": 6}, "Not by faster Python code: 6 s go by waiting"),
        (2, {"python_ns": 4, "wait_socket_ns": 6}, "mostly waiting for a socket"),
        (0.5, {"python_ns": 10}, "Unlikely by tuning: for 500 ms more than nine tenths"),
    ],
)
def test_do_i_have_a_case(report, target, states, words):
    said = sentences.case(report(target=target, **states))
    assert words in said[0]
    assert len(said) == 1


def test_functions_that_cannot_help_are_not_named(make):
    """Those that wait, or that are none, have the most time; warm has less of it than hot."""
    builder = make()
    for name, state, seconds in (
        ("nap", "wait_sleep_ns", 4),
        ("warm", "python_ns", 2),
        ("hot", "native_ns", 3),
        ("idle", "wait_poll_ns", 1),
        ("cold", "python_ns", 0.1),
    ):
        builder.sample([MAIN_5, (name, "work.py", 1, 1)], state, round(seconds * NS))
    builder.sample([("(unreadable)", "", 0, 0, "synthetic")], "python_ns", 5 * NS)
    builder.program(
        python_ns=round(7.1 * NS), native_ns=3 * NS, wait_sleep_ns=4 * NS, wait_poll_ns=NS
    )
    judged = [Report(decode(builder.encode()), "x.tare", target) for target in (13, 11, 9)]
    one, two, none = (sentences.case(report)[0] for report in judged)
    assert one.endswith("; hot alone has time enough.")
    assert two.endswith("; these functions have time enough: hot, warm.")
    assert none.endswith("; no few functions are enough for that.")
    assert [row.qualname for row in judged[1].would_do()] == ["hot", "warm"]


def test_threads_that_add_up_are_said(make, report):
    assert "% of wall time; at most: program's gain without it" in draw(report(python_ns=10))
    builder = make()
    for number in range(3):
        labels = {"process": f"{number} python", "thread": "MainThread"}
        builder.sample([MAIN_5], ns=4 * NS, labels=labels, program_ns=4 * NS // 3)
    shown = draw(Report(decode(builder.program(python_ns=4 * NS).encode()), "x.tare"))
    assert "300.0%" in shown
    assert "% of wall time (threads add up); at most: program's gain without it" in shown


def test_without_a_target_the_question_is_asked(report):
    assert "--target SECONDS" in sentences.case(report(python_ns=1))[0]


def test_few_samples_make_no_case(report):
    said = sentences.case(report(target=1, rate_hz=2, python_ns=5, native_ns=5))
    assert said[-1] == sentences.UNSURE


def test_flat_profiles_have_no_easy_start(make):
    builder = make()
    for number in range(20):
        builder.sample([MAIN_5, (f"f{number}", "work.py", number, number)], ns=NS)
    flat = Report(decode(builder.program(python_ns=20 * NS).encode()), "x.tare")
    assert "No function has more than 5.0% of the time on its own" in sentences.start(flat)
    assert sentences.next_command(flat) == "tare report x.tare --tree"


def test_cost_of_measuring(report):
    meta = {"sampler__late_count": "12", "sampler__gap_count": "1", "sampler__gap_ns": str(3 * NS)}
    measured = report(python_ns=10, meta=meta)
    rates, proof, overhead = sentences.cost(measured)
    assert rates == (
        "1,000 samples a second asked, 1,000 taken, 12 ticks missed (the next counts for them), "
        "1 gap of 3 s in all left out."
    )
    assert proof == "10,000 stacks: 100.0% proven."
    assert overhead == (
        "The sampler used 200 ms of CPU of its own; the program ran about 0.2% slower for it."
    )


def test_losses_are_said(report):
    measured = report(python_ns=10)
    lost = {"proven_count": 9000.0, "prefix_count": 700.0, "lost_count": 300.0, "sample_count": 1e4}
    assert sentences.proof({**measured.measurement(), **lost}) == (
        "10,000 stacks: 90.0% proven, 7.0% charged to a proven caller, 3.0% lost."
    )


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((9996, 3, 1, 0), "all but 4 proven, 3 charged to a proven caller, 1 lost"),
        ((9960, 36, 4, 0), "99.6% proven, 0.4% charged to a proven caller, 4 lost"),
        ((9999, 0, 0, 1), "all but 1 proven, 1 cut at the depth limit"),
        ((3, 9997, 0, 0), "3 proven, all but 3 charged to a proven caller"),
        ((0, 10_000, 0, 0), "0.0% proven, 100.0% charged to a proven caller"),
    ],
)
def test_small_losses_are_numbers(counts, words):
    names = ("proven_count", "prefix_count", "lost_count", "truncated_count")
    facts = dict(zip(names, counts, strict=True))
    assert sentences.proof({**facts, "sample_count": 10_000}) == f"10,000 stacks: {words}."


@pytest.mark.parametrize(
    ("count", "held_ns", "skipped", "words"),
    [
        (312, 20_100_000, 0, ["Held the program still 312 times, 20.1 ms in all (0.2%)."]),
        (1, 9_000, 0, ["Held the program still 1 time, 9 µs in all (less than 0.1%)."]),
        (
            312,
            20_100_000,
            1_500,
            [
                "Held the program still 312 times, 20.1 ms in all (0.2%), and passed over "
                "1,500 samples to keep it so short."
            ],
        ),
        (0, 0, 0, []),
    ],
)
def test_holds_are_said(report, count, held_ns, skipped, words):
    meta = {
        "sampler__hold_count": str(count),
        "sampler__hold_ns": str(held_ns),
        "sampler__skipped_count": str(skipped),
    }
    measured = report(python_ns=10, meta=meta)
    assert [line for line in sentences.cost(measured) if "Held" in line] == words
    assert re.search(rf"sampler\.hold_count +{count}\n", draw(measured, verbose=True))


def test_busy_machine_is_said(report):
    assert "for about 4 s" in sentences.contention(report(python_ns=10, cpu_ns=6 * NS))
    assert sentences.contention(report(python_ns=10, cpu_ns=10 * NS)) == ""
    assert sentences.contention(report(python_ns=5, wait_sleep_ns=5, cpu_ns=5 * NS)) == ""


def test_few_samples_are_said_and_a_higher_rate_is_next(report):
    few = report(rate_hz=2, python_ns=5, native_ns=5)
    assert any(line.startswith("Too few samples: ") for line in sentences.cost(few))
    assert sentences.next_command(few) == "tare run --rate 10000 -- python work.py"
    many = report(python_ns=5, native_ns=5)
    assert not any(line.startswith("Too few samples") for line in sentences.cost(many))


def test_lost_end_of_the_file_is_said(report):
    lines = sentences.cost(report(python_ns=5, complete=False))
    assert "The file ends before the measurement did" in lines[-1]


@pytest.mark.parametrize(
    ("states", "command"),
    [
        ({"python_ns": 9}, "tare report profile.tare --callers hot"),
        ({"wait_socket_ns": 9, "python_ns": 1}, "tare report profile.tare --sort wait"),
    ],
)
def test_next_command(report, states, command):
    assert sentences.next_command(report(**states)) == command


OWN = shlex.quote(sys.executable)


@pytest.mark.parametrize(
    ("meta", "command"),
    [
        ({"command": f"{OWN} work.py 'a b'"}, "tare run --rate 500 work.py 'a b'"),
        ({"command": f"{OWN} -m pkg.mod x"}, "tare run --rate 500 -m pkg.mod x"),
        ({"command": f"{OWN} -c 'f(1); g()'"}, "tare run --rate 500 -c 'f(1); g()'"),
        ({"command": f"{OWN} -O work.py"}, f"tare run --rate 500 -- {OWN} -O work.py"),
        ({"command": "/other/python x.py"}, "tare run --rate 500 -- /other/python x.py"),
        ({"command": "gunicorn app:app"}, "tare run --rate 500 -- gunicorn app:app"),
        ({"command": f"{OWN} x.py", "cwd": "/"}, "cd / && tare run --rate 500 x.py"),
        ({"mode": "attach", "pid": "4711"}, "tare attach --rate 500 4711"),
        # what cannot be typed again
        ({"command": f"{OWN} -"}, "tare report profile.tare --callers hot"),
        ({"command": f"{OWN} -c 'a\nb'"}, "tare report profile.tare --callers hot"),
        ({"command": "'"}, "tare report profile.tare --callers hot"),
    ],
)
def test_few_samples_repeat_the_real_command(report, monkeypatch, meta, command):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    given = {f"target__{name}": value for name, value in meta.items()}
    few = report(rate_hz=2, python_ns=5, native_ns=5, meta={"sampler__rate_hz": "50", **given})
    assert sentences.next_command(few) == command


def test_rate_is_not_raised_for_ever(report):
    meta = {"sampler__rate_hz": "50000"}
    few = report(rate_hz=2, python_ns=5, native_ns=5, meta=meta)
    assert sentences.next_command(few) == "tare report profile.tare --callers hot"


def test_functions_that_wait_are_not_where_to_look(make):
    poll = [MAIN_5, ("Popen.poll", "subprocess.py", 1, 1)]
    builder = make().sample(poll, "wait_child_ns", 4 * NS)
    builder.sample([MAIN_5, ("hot", "work.py", 1, 1)], ns=2 * NS)
    builder.program(python_ns=6 * NS, wait_child_ns=2 * NS)
    command = sentences.next_command(Report(decode(builder.encode()), "x.tare"))
    assert command == "tare report x.tare --callers hot"


def test_next_command_can_be_pasted(make):
    builder = make().sample([("a b; rm -rf x", "work.py", 1, 1)], ns=NS).program(python_ns=NS)
    command = sentences.next_command(Report(decode(builder.encode()), "my file.tare"))
    assert command == "tare report 'my file.tare' --callers 'a b; rm -rf x'"


# ---- memory ----


def climb(builder, mebibytes):
    """Four points in each eighth of ten seconds."""
    labels = builder.labels({"process": "100 python"})
    points = [(i * 10 * NS // 32, mebibytes[i // 4] << 20) for i in range(32)]
    return builder.add_series("rss_bytes", "bytes", labels, points)


def test_memory_is_no_problem_without_a_sign(report):
    assert sentences.memory(report(python_ns=9, gc_ns=0.5, wait_paging_ns=0.2)) == []


@pytest.mark.parametrize(
    ("states", "meta", "words"),
    [
        ({"python_ns": 5, "wait_paging_ns": 5}, {}, ": 50.0% of the time paging."),
        (
            {"python_ns": 9},
            {"memory__peak_swap_bytes": str(64 << 20)},
            ": 0.0% of the time paging, 64 MiB swapped out.",
        ),
        ({"python_ns": 5, "gc_ns": 5}, {}, "50.0% of the time collecting garbage"),
        (
            {"python_ns": 9},
            {"host__memory_limit_bytes": str(128 << 20), "host__memory_bytes": str(1 << 34)},
            ": a peak of 118 MiB where 128 MiB are the limit.",
        ),
    ],
)
def test_each_sign_of_too_little_memory_is_said(report, states, meta, words):
    problem, commands = sentences.memory(report(meta=meta, **states))
    assert problem.startswith("Memory may be the problem: ")
    assert words in problem and problem.count(";") == 0
    assert "tare memory" in commands and "tare heap" in commands


def test_memory_that_grows_to_the_end_is_said_with_the_command(make, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    builder = make(target__command=f"{OWN} work.py").program(python_ns=10 * NS)
    climb(builder, (10, 20, 40, 60, 80, 100, 120, 140))
    found = Report(decode(builder.encode()), "profile.tare")
    problem, commands = sentences.memory(found)
    assert "steady growth from 20 MiB to 140 MiB, until the end" in problem
    assert "tare memory work.py." in commands
    assert problem.split(":")[0] in draw(found)


def test_the_document_has_the_signs(report):
    found = report(python_ns=5, wait_paging_ns=5)
    document = report_document(found, [], [])
    assert document["shortage"]["paging"] is True
    assert document["shortage"]["growing"] is False
    assert document["shortage"]["paging_share"]["value"] == 0.5


# ---- the screen ----


@pytest.mark.parametrize("columns", [80, 140])
def test_verdict_is_one_screen(report, make, columns):
    builder = make()
    states = ("python_ns", "native_ns", "gc_ns", "wait_disk_ns", "wait_lock_ns", "wait_poll_ns")
    for number in range(40):
        frame = (f"function_{number}", f"work_{number}.py", number + 1, number + 2)
        builder.sample([MAIN_5, frame], states[number % 6], (50 - number) * NS // 10)
    builder.program(**{state: 10 * NS for state in states})
    shown = draw(Report(decode(builder.encode()), "profile.tare", 30.0), columns)
    lines = shown.splitlines()
    assert max(map(len, lines)) <= columns
    said = [line for line in lines if "Memory may be the problem" in line]
    assert len(lines) <= 45 + 2 * len(said) and len(said) == 1  # a sixth is garbage collection
    for words in ("Do I have a case?", "function_0", "work_0.py:1", "work_0.py:2", "95% interval"):
        assert words in shown


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.fixture
def large(make):
    builder = make(sampler__late_count="7", sampler__hold_count="9", sampler__hold_ns="90000")
    states = ("python_ns", "native_ns", "gc_ns", "wait_disk_ns", "wait_lock_ns", "wait_poll_ns")
    for number in range(40):
        frame = (f"function_{number}", f"work_{number}.py", number + 1, number + 2)
        builder.sample([MAIN_5, frame], states[number % 6], (50 - number) * NS // 10)
    return builder.program(**{state: 10 * NS for state in states})


@pytest.mark.parametrize("columns", [80, 140])
@pytest.mark.parametrize("target", [None, 30.0])
@pytest.mark.parametrize("rows", [24, 25, 30, 36, 40, 60])
def test_verdict_fits_the_terminal(large, monkeypatch, columns, target, rows):
    size = os.terminal_size((columns, rows))
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: size)
    monkeypatch.setattr(Terminal, "fileno", lambda self: 2)
    stream = Terminal(io.BytesIO(), encoding="utf-8")
    screen = Screen(stream, "never")
    print_verdict(Report(decode(large.encode()), "profile.tare", target), screen)
    stream.flush()
    shown = stream.buffer.getvalue().decode()
    lines = shown.splitlines()
    functions = len(re.findall(r"work_\d+\.py:\d+$", shown, re.MULTILINE))
    assert max(map(len, lines)) <= columns
    assert "function_0 " in shown and "60 s" in lines[1] + lines[0] or "1 min" in lines[1]
    assert all(f"work_{number}.py:{number + 1}" in shown for number in range(3))
    assert all(f"work_{number}.py:{number + 2}" in shown for number in range(3))
    words = " ".join(shown.split())
    assert "Held the program still 9 times" in words and "7 ticks missed" in words
    assert lines[-2].startswith("Next: ")
    # An empty line above, the prompt below. With the answer to --target on the smallest
    # screens these two push the command's line out, but never the headline under it.
    assert len(lines) <= (rows if target and rows < 30 else rows - 2)
    if rows == 60:
        assert functions == 13 and "function_7 " in shown  # everything is there


def test_bars_are_as_long_as_the_shares(report):
    shown = draw(report(python_ns=3, native_ns=1))
    bars = [line.count("█") for line in shown.splitlines() if "running" in line and "█" in line]
    assert bars[0] in (bars[1] * 3 - 1, bars[1] * 3, bars[1] * 3 + 1, bars[1] * 3 + 2)


def test_verbose_prints_every_fact(report):
    shown = draw(report(python_ns=1), verbose=True)
    assert re.search(r"sampler\.weight +1,000\n", shown)


def test_states_are_shown_with_seconds_share_and_interval(report):
    shown = draw(report(python_ns=3, wait_sleep_ns=1))
    assert re.search(r"running Python +█+.? +3\.00 s +75\.0% ±1\.4", shown)
    assert re.search(r"sleeping +█+.? +1\.00 s +25\.0% ±1\.4", shown)
