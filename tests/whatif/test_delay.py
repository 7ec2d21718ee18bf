"""What is heard of a function's calls, and how much longer they get: by counts and by the thread's
own CPU time, which a loaded machine does not change."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from delaying import Delayed

from tare.cli.failure import Failure
from tare.whatif.delaying import Delay, run_alone, run_delayed

TURN = """
import sys, threading, time
def turn(count):
    x = 0
    for i in range(count):
        x ^= i
    return x
"""


@pytest.mark.parametrize("ratio", [0.5, 3.0])
@pytest.mark.parametrize(("calls", "turns"), [(8, 200_000), (20_000, 60)])
def test_calls_get_longer_by_what_was_asked(delayed: Delayed, ratio: float, calls: int,
                                            turns: int) -> None:
    """Long ones, and such that are much shorter than one look at the clock is worth."""
    counters = delayed(TURN + f"for _ in range({calls}): turn({turns})", "turn", ratio).counters
    assert counters.calls == calls and counters.resumes == 0
    assert counters.code_count == 1 and counters.process_count == 1
    assert counters.inserted_ns == pytest.approx(ratio * counters.cpu_ns, rel=0.02, abs=50_000)


def test_nothing_is_longer_at_ratio_zero(delayed: Delayed) -> None:
    counters = delayed(TURN + "turn(100_000)", "turn").counters
    assert counters.inserted_ns == 0 and counters.hidden_ns == 0
    assert 0 < counters.cpu_ns <= counters.wall_ns


def test_recursion_counts_once(delayed: Delayed) -> None:
    counters = delayed("""
        def f(n):
            return 1 if n < 2 else f(n - 1) + f(n - 2)
        f(12)
        f(3)
        """, "f", 0.5).counters
    assert counters.calls == 2


def test_exceptions_end_calls(delayed: Delayed) -> None:
    counters = delayed("""
        import sys
        def f():
            raise KeyError("as it was")
        found = []
        for _ in range(5):
            try:
                f()
            except KeyError as error:
                found.append(str(error))
        open(sys.argv[1], "w").write(" ".join(found))
        """, "f", 0.5).counters
    assert counters.calls == 5
    assert delayed.said() == " ".join(["'as it was'"] * 5)


def test_generators_and_coroutines_are_heard_at_each_step(delayed: Delayed) -> None:
    counters = delayed("""
        import asyncio
        def g():
            for i in range(4):
                yield i
        async def c():
            for i in range(3):
                await asyncio.sleep(0)
        list(g())
        asyncio.run(c())
        """, "g").counters
    assert (counters.calls, counters.resumes) == (1, 4)
    counters = delayed("""
        import asyncio
        async def c():
            for i in range(3):
                await asyncio.sleep(0)
        asyncio.run(c())
        """, "c").counters
    assert (counters.calls, counters.resumes) == (1, 3)


def test_what_a_coroutine_awaits_is_not_its_own(delayed: Delayed) -> None:
    counters = delayed("""
        import asyncio
        async def c():
            await asyncio.sleep(0.2)
        asyncio.run(c())
        """, "c").counters
    assert counters.wall_ns < 100_000_000


def test_threads_and_forks_are_counted_together(delayed: Delayed) -> None:
    counters = delayed(TURN + """
import multiprocessing
workers = [threading.Thread(target=turn, args=(1000,)) for _ in range(7)]
[worker.start() for worker in workers]
[worker.join() for worker in workers]
with multiprocessing.get_context("fork").Pool(2) as pool:
    pool.map(turn, [1000] * 10, chunksize=1)
""", "turn", 0.5).counters
    assert counters.calls == 17
    assert counters.process_count == 3


def test_waits_get_longer_by_sleeping(delayed: Delayed) -> None:
    counters = delayed("""
        import time
        def nap():
            time.sleep(0.05)
        for _ in range(4):
            nap()
        """, "nap", 1.0, "waits").counters
    assert counters.waited_ns > 150_000_000
    assert counters.inserted_ns == pytest.approx(counters.waited_ns, rel=0.2)


@pytest.mark.parametrize("stretch", ["work", "released"])
def test_others_run_while_a_call_is_longer(delayed: Delayed, stretch: str) -> None:
    """Also with the GIL held it is given away to whoever asks for it."""
    delayed(TURN + """
done = []
def planted():
    turn(1_000_000)
def count():
    while not done:
        counted.append(1)
        time.sleep(0.001)
counted = []
other = threading.Thread(target=count)
other.start()
planted()
before = len(counted)
done.append(1)
other.join()
open(sys.argv[1], "w").write(str(before))
""", "planted", 20.0, stretch)
    assert int(delayed.said()) > 20


@pytest.mark.parametrize("name", ["script:Reader.parse", "Reader.parse", "parse"])
def test_names(delayed: Delayed, name: str) -> None:
    """What is defined inside is another function; a class of another name too."""
    counters = delayed("""
        class Reader:
            def parse(self):
                def inner():
                    pass
                inner()
        class Other:
            def parse_all(self):
                pass
        Reader().parse()
        Other().parse_all()
        """, name).counters
    assert (counters.code_count, counters.calls) == (1, 1)


def test_progress_points_are_calls(delayed: Delayed) -> None:
    counters = delayed(TURN + """
def point():
    pass
for _ in range(6):
    turn(1000)
    point()
""", "turn", progress="f point").counters
    assert counters.progress_count == 6
    assert 0 < counters.progress_ns < counters.last_progress_ns
    assert counters.first_progress_ns < counters.last_progress_ns


@pytest.mark.parametrize("ratio", [0.0, 2.0, -1.0])
def test_the_program_does_not_notice(tmp_path: Path, extension: str, ratio: float) -> None:
    script = tmp_path / "script.py"
    script.write_text(TURN + """
import json, os, signal
turn(1000)
signals = [str(signal.getsignal(number)) for number in (2, 10, 13, 15)]
names = [name for name in os.environ if name.startswith(("TARE", "LD_"))]
files = sorted(os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")
               if os.path.exists(f"/proc/self/fd/{name}"))
facts = [sorted(sys.modules), sys.path, sys.argv[2:], names, len(files),
         threading.active_count(), signals, sys.gettrace() is None, sys.getprofile() is None,
         sys.getswitchinterval(), __name__, __file__, sys.flags[:], turn(7)]
open(sys.argv[1], "w").write(json.dumps(facts))
""")
    facts = []
    for name in ("alone", "delayed"):
        command = [sys.executable, str(script), str(tmp_path / name), "an argument"]
        done = run_alone(command, 60) if name == "alone" else run_delayed(
            command, extension, Delay("f turn", ratio), 60)
        assert done.code == 0, done.said
        facts.append(json.loads((tmp_path / name).read_text()))
    assert facts[0] == facts[1]


def test_a_program_that_never_ends_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "hangs.py"
    script.write_text("import subprocess, sys, time\n"
                      "child = subprocess.Popen([sys.executable, '-c', 'input()'],"
                      " stdin=subprocess.PIPE)\n"
                      "open(sys.argv[1], 'w').write(str(child.pid))\ntime.sleep(1000)\n")
    with pytest.raises(Failure, match="not over after 2 s"):
        run_alone([sys.executable, str(script), str(tmp_path / "pid")], 2.0)
    child = (tmp_path / "pid").read_text()
    state = subprocess.run(["ps", "-o", "stat=", "-p", child], capture_output=True, text=True,
                           check=False).stdout.strip()
    assert state == "" or state.startswith("Z")


def test_an_interpreter_of_another_kind_is_refused(tmp_path: Path, extension: str) -> None:
    with pytest.raises(Failure, match="it was not begun"):
        run_delayed(["/bin/sh", "-c", "exit 0"], extension, Delay("f f"), 20)
