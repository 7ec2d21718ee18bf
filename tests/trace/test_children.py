"""Forked children: each counts for itself, and all of it is in the one file."""

from __future__ import annotations

import re
import signal
import subprocess
import textwrap
import time
from pathlib import Path

import pytest
from tare._profile import load

from tracing import Traced, Tracer

FLAGS = [(), ("--no-builtins",)]
FORKS = """
        import os, sys
        def work():
            pass
        def child(i):
            for _ in range(100 * (i + 1)): work()
            if i == 0: sys.exit(0)
            if i == 1: os._exit(0)
        def start(i):
            pid = os.fork()
            if pid == 0:
                child(i)
                os.execv("/bin/true", ["true"])
            os.waitpid(pid, 0)
        for i in range(3):
            start(i)
        for _ in range(10): work()
"""


def process_of(labels: dict[str, str]) -> str:
    return labels["process"]


def sums_by_process(traced: Traced, metric: str, name: str | None = None) -> dict[str, int]:
    labels = traced.profile.label_sets()
    sums: dict[str, int] = {}
    for value in traced.profile.values():
        if value.metric == metric and name in (None, traced.names[value.node]):
            process = process_of(labels[value.label_set])
            sums[process] = sums.get(process, 0) + value.amount
    return sums


@pytest.mark.parametrize("flags", FLAGS)
def test_children_however_they_end(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run(FORKS, flags=flags).expect_whole()
    assert sorted(sums_by_process(traced, "calls", "work").values()) == [10, 100, 200, 300]
    assert traced.number("trace.fork_count") == 3
    assert traced.number("process_count") == traced.number("thread_count") == 4
    assert traced.calls("start") == 3  # the parent's; in a child it had begun before
    assert traced.calls_by("start", "child") == 3
    assert not list(tracer.folder.glob("*.tare.*"))


@pytest.mark.parametrize("flags", FLAGS)
def test_children_left_out(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run(FORKS, flags=("--no-children", *flags)).expect_whole()
    assert traced.calls("work") == 10
    assert (traced.number("trace.fork_count"), traced.number("process_count")) == (3, 1)


def test_a_childs_stack_is_its_parents(tracer: Tracer) -> None:
    """And goes on: what was under way ends in the child too."""
    traced = tracer.run("""
        import os
        def inner():
            return os.fork()
        def outer():
            pid = inner()
            after()
            return pid
        def after(): pass
        def end(): pass
        pid = outer()
        end()
        if pid: os.waitpid(pid, 0)
    """).expect_whole()
    assert traced.calls_by("outer", "after") == 2
    assert traced.calls_by("<module>", "end") == 2
    assert traced.calls("inner") == traced.calls("outer") == 1


def test_children_of_children_and_of_threads(tracer: Tracer) -> None:
    """A child has one thread, its main one, whoever forked; the others stay the parent's."""
    traced = tracer.run("""
        import os, threading
        def work():
            pass
        def fork(depth):
            for _ in range(100): work()
            if depth == 0:
                return
            pid = os.fork()
            if pid == 0:
                fork(depth - 1)
                os._exit(0)
            os.waitpid(pid, 0)
        stop = threading.Event()
        def other():
            while not stop.wait(0.001): pass
        threads = [threading.Thread(target=other, name="other"),
                   threading.Thread(target=fork, args=(3,), name="forking")]
        for t in threads: t.start()
        threads[1].join()
        stop.set()
        threads[0].join()
    """).expect_whole()
    assert list(sums_by_process(traced, "calls", "work").values()) == [100] * 4
    threads = [labels for labels in traced.profile.label_sets() if labels]
    children = [labels for labels in threads
                if process_of(labels) != process_of(threads[0])]
    assert len(children) == 3
    assert all(labels.get("main") == "1" for labels in children)


@pytest.mark.parametrize("method", ["apply", "map"])
def test_a_pool_that_is_closed(tracer: Tracer, method: str) -> None:
    call = ("[pool.apply(work, (i,)) for i in range(50)]" if method == "apply"
            else "pool.map(work, range(50))")
    traced = tracer.run(f"""
        import multiprocessing
        def leaf(x):
            return x
        def work(x):
            return sum(leaf(i) for i in range(x))
        if __name__ == "__main__":
            pool = multiprocessing.get_context("fork").Pool(3)
            {call}
            pool.close()
            pool.join()
    """).expect_whole()
    assert traced.calls("work") == 50
    assert traced.calls("leaf") == sum(range(50))
    assert traced.number("process_count") == 4


def test_times_of_children(tracer: Tracer) -> None:
    """Raw times add up to each process's span; a child's begins when it was forked."""
    traced = tracer.run("""
        import os, time
        def spin(seconds):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pass
        spin(0.3)
        begun = time.monotonic_ns()
        pid = os.fork()
        if pid == 0:
            spin(0.5)
            print(time.monotonic_ns() - begun, flush=True)
            os._exit(0)
        os.waitpid(pid, 0)
    """, flags=("--no-builtins",)).expect_whole()
    parent, child = sums_by_process(traced, "raw_ns").values()
    assert 0.5e9 <= child <= int(traced.out) + 200e6  # and its last words
    assert parent >= child
    spun = sums_by_process(traced, "raw_ns", "spin")
    assert 0.3e9 <= min(spun.values()) <= 0.45e9  # none of it twice
    assert traced.number("wall_ns") == pytest.approx(parent, rel=0.05)


@pytest.mark.parametrize("flags", [("--clock", "cpu"), ("--durations", "--no-builtins")])
def test_what_else_is_measured_is_so_in_children(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        import os, time
        def work():
            end = time.process_time() + 0.05
            while time.process_time() < end:
                pass
        def nap():
            time.sleep(0.2)
        if os.fork():
            os.wait()
        else:
            for _ in range(4): work()
            nap()
    """, flags=flags).expect_whole()
    assert traced.calls("work") == 4
    if "cpu" in flags:
        (used,) = sums_by_process(traced, "cpu_ns", "work").values()
        # On 3.12 and later the waiting is the C function's.
        assert 0.15e9 <= used + traced.get("time.process_time", "cpu_ns") <= 0.3e9
        assert traced.get("nap", "cpu_ns") <= 0.05e9
    else:
        counts = {metric: amount for metric, amount in traced.sums["work"].items()
                  if metric.startswith("duration_log2_")}
        assert sum(counts.values()) == 4


def test_a_generator_that_was_suspended_by_the_parent(tracer: Tracer) -> None:
    traced = tracer.run("""
        import os
        def numbers():
            yield 1
        n = numbers()
        next(n)
        if os.fork():
            os.wait()
        list(n)
    """).expect_whole()
    assert (traced.calls("numbers"), traced.get("numbers", "resumes")) == (1, 2)


def test_a_child_that_is_killed(tracer: Tracer) -> None:
    """What it wrote is there, and that it is not all is said."""
    script = textwrap.dedent("""
        import os, signal, time
        def step():
            pass
        pid = os.fork()
        if pid == 0:
            while True: step()
        time.sleep(1)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    """)
    output = tracer.output()
    command = tracer.command("-c", script, flags=("--no-builtins",), output=output)
    command.remove("-q")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    traced = Traced(0, "", "", load(output))
    assert traced.profile.state.complete and traced.number("trace.cut_count") == 1
    assert traced.calls("step") > 1000
    assert "1 forked process ended by a signal" in done.stderr


def test_a_child_that_goes_on(tracer: Tracer) -> None:
    """Its file stays its own, and is said; it is complete in the end."""
    script = textwrap.dedent("""
        import os, sys
        def step():
            pass
        if os.fork() == 0:
            os.setsid()
            for _ in range(1000): step()
            sys.stdin.read()   # until whoever started this wants
            for _ in range(500): step()
            os._exit(0)
    """)
    output = tracer.output()
    command = tracer.command("-c", script, output=output)
    command.remove("-q")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stderr is not None
    said = re.search(r"process (\d+) goes on: its calls will be in (\S+)",
                     read_until(process, "wrote"))
    assert process.wait(60) == 0
    assert said is not None
    assert Traced(0, "", "", load(output)).number("process_count") == 1
    process.stdin.close()
    child = wait_until_complete(Path(said[2]))
    assert child.calls("step") == 1500
    assert child.number("target.pid") == int(said[1])


def read_until(process: subprocess.Popen[str], word: str) -> str:
    """What it says up to the line with that word; its child keeps the pipe open."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if word in line:
            break
    return " ".join(said.split())


def wait_until_complete(path: Path) -> Traced:
    for _ in range(200):
        profile = load(path)
        if profile.state.complete:
            return Traced(0, "", "", profile)
        time.sleep(0.05)
    raise AssertionError(f"{path} was never complete")


def test_a_block_counts_its_own_process(tracer: Tracer) -> None:
    """with tare.trace(): nobody would look for the children's files."""
    script = textwrap.dedent("""
        import os, tare
        def work(): pass
        with tare.trace() as t:
            pid = os.fork()
            for _ in range(10): work()
            if pid == 0: os._exit(0)
            os.waitpid(pid, 0)
        print([row.sums.calls for row in t.functions() if row.qualname == "work"], os.listdir())
    """)
    folder = tracer.folder / f"block-{tracer.version[1]}"
    folder.mkdir()
    done = subprocess.run([tracer.python, "-c", script], cwd=folder, capture_output=True,
                          text=True, check=True)
    assert done.stdout == "[10] []\n"


def test_no_room_for_the_childrens_files(tracer: Tracer) -> None:
    """The children run all the same."""
    folder = tracer.folder / f"away-{tracer.version[1]}"
    folder.mkdir()
    output = folder / "x.tare"
    script = textwrap.dedent(f"""
        import os
        os.rename({str(folder)!r}, {str(folder) + "-moved"!r})
        pid = os.fork()
        if pid == 0:
            print("here", flush=True)
            os._exit(3)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        os.rename({str(folder) + "-moved"!r}, {str(folder)!r})
    """)
    done = subprocess.run(tracer.command("-c", script, output=output), capture_output=True,
                          text=True, check=True)
    assert done.stdout == "here\n3\n"
    assert Traced(0, "", "", load(output)).number("process_count") == 1


def test_many_children(tracer: Tracer) -> None:
    """One after the other: each has a file of its own, and none is left."""
    traced = tracer.run("""
        import os
        def work(): pass
        for _ in range(200):
            pid = os.fork()
            if pid == 0:
                work()
                os._exit(0)
            os.waitpid(pid, 0)
    """, flags=("--no-builtins",)).expect_whole()
    assert traced.calls("work") == 200
    assert traced.number("process_count") == 201


def test_a_signal_during_a_fork_storm_loses_no_file(tracer: Tracer) -> None:
    output = tracer.output()
    script = textwrap.dedent("""
        import os
        print("begun", flush=True)
        while True:
            pid = os.fork()
            if pid == 0: os._exit(0)
            os.waitpid(pid, 0)
    """)
    process = subprocess.Popen(tracer.command("-c", script, output=output),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"begun\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    _out, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM, errors
    traced = Traced(0, "", "", load(output))
    assert not traced.profile.state.complete
    assert traced.number("process_count") > 5
    # One that was about to end when its parent was killed may write after that.
    left = list(output.parent.glob(f"{output.name}.*"))
    assert len(left) <= 1
    assert all(load(path).is_trace for path in left)
