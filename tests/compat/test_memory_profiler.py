"""tare.compat.memory_profiler in the place of memory_profiler."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tare.compat import memory_profiler as ours
from tare.errors import Error

MIB = 1 << 20
HEAD = """
import asyncio, json, sys, threading
from tare.compat.memory_profiler import LineProfiler, memory_usage, profile, show_results

def tell(**facts):
    print("FACTS", json.dumps(facts))

def rows(profiler):
    \"\"\"[increment, most, times] by line of the function, the first being 0.\"\"\"
    lines = {}
    for code, rows in profiler.code_map.__class__.__mro__[1].items(profiler.code_map):
        lines.update((line - code.co_firstlineno, row) for line, row in rows.items())
    return lines
"""


def run(folder: Path, text: str, *words: str, code: int = 0) -> tuple[dict, str]:
    """What it told, and all that it printed."""
    script = folder / "program.py"
    script.write_text(HEAD + textwrap.dedent(text))
    done = subprocess.run([sys.executable, *(words or (str(script),))], capture_output=True,
                          text=True, check=False, timeout=60, cwd=folder)
    assert done.returncode == code, done.stderr
    facts: dict = {}
    for one in re.findall(r"^FACTS (.*)$", done.stdout, re.MULTILINE):
        facts.update(json.loads(one))
    return facts, done.stdout


# ---- lines ----


def test_increments_of_a_loop_are_true(tmp_path: Path) -> None:
    """Each turn frees what the one before allocated; at the end one is left, which del frees."""
    facts, _ = run(tmp_path, """
        profiler = LineProfiler()
        @profiler
        def work():
            kept = []
            for i in range(20):
                x = bytearray(8 << 20)
            del x
            for i in range(10):
                kept.append(bytearray(1 << 20))
            return kept
        kept = work()
        tell(rows=rows(profiler))
        """)
    rows = {int(line): row for line, row in facts["rows"].items()}
    assert rows[4][0] == pytest.approx(8, abs=0.01) and rows[4][2] == 20
    assert rows[5][0] == pytest.approx(-8, abs=0.01)
    assert rows[7][0] == pytest.approx(10, abs=0.01) and rows[7][2] == 10
    assert rows[3][2] == 21 and rows[3][0] == pytest.approx(0, abs=0.01)
    # The twentieth is there before the nineteenth goes.
    assert rows[4][1] - rows[2][1] == pytest.approx(8, abs=0.01)


def test_increments_add_up_to_the_growth(tmp_path: Path) -> None:
    """Callees that are measured too, recursion, exceptions: nothing counts twice."""
    facts, _ = run(tmp_path, """
        profiler = LineProfiler()
        kept = []
        @profiler
        def inner(depth):
            kept.append(bytearray(1 << 20))
            if depth:
                inner(depth - 1)
            else:
                raise ValueError
        @profiler
        def outer():
            try:
                inner(4)
            except ValueError:
                kept.append(bytearray(2 << 20))
            unmeasured()
        def unmeasured():
            kept.append(bytearray(3 << 20))
        outer()
        lines = [row for rows in dict.values(profiler.code_map) for row in rows.values()]
        first = min(row[1] for row in lines)
        tell(growth=sum(row[0] for row in lines) - 2 * first, counts=sorted(r[2] for r in lines),
             names=[inner.__name__, outer.__name__])
        """)
    # Each function's first row begins with what there was; inner began when outer had.
    assert facts["growth"] == pytest.approx(10, abs=0.05)
    assert facts["counts"] == [1, 1, 1, 1, 1, 1, 1, 4, 5, 5, 5]
    assert facts["names"] == ["inner", "outer"]


def test_generators_and_coroutines(tmp_path: Path) -> None:
    """What happens while they are suspended is not theirs; what is sent and thrown gets in."""
    facts, _ = run(tmp_path, """
        profiler = LineProfiler()
        elsewhere = []
        @profiler
        def steps():
            x = bytearray(1 << 20)
            got = yield len(x)
            y = bytearray(2 << 20)
            try:
                yield got
            except KeyError:
                yield "thrown"
            return "end"
        running = steps()
        said = [next(running)]
        elsewhere.append(bytearray(4 << 20))
        said += [running.send("sent"), running.throw(KeyError)]
        try:
            next(running)
        except StopIteration as end:
            said.append(end.value)
        tell(said=said, rows=rows(profiler))

        waiting = LineProfiler()
        @waiting
        async def wait():
            x = bytearray(1 << 20)
            await asyncio.sleep(0.01)
            return len(x)
        async def main():
            task = asyncio.create_task(wait())
            await asyncio.sleep(0)
            elsewhere.append(bytearray(4 << 20))
            return await task
        tell(size=asyncio.run(main()), waiting=rows(waiting))
        """)
    assert facts["said"] == [MIB, "sent", "thrown", "end"] and facts["size"] == MIB
    increments = {int(line): row[0] for line, row in facts["rows"].items()}
    assert increments[2] == pytest.approx(1, abs=0.01)
    assert increments[4] == pytest.approx(2, abs=0.01)
    assert increments[3] == pytest.approx(0, abs=0.01)
    waiting = {int(line): row for line, row in facts["waiting"].items()}
    assert waiting[2][0] == pytest.approx(1, abs=0.01)
    assert waiting[3][0] == pytest.approx(0, abs=0.3)


def test_threads_are_measured_each_by_itself(tmp_path: Path) -> None:
    facts, _ = run(tmp_path, """
        profiler = LineProfiler()
        @profiler
        def work():
            for i in range(100):
                a = i
        threads = [threading.Thread(target=work) for _ in range(4)]
        for one in threads: one.start()
        for one in threads: one.join()
        tell(rows=rows(profiler), count=profiler.enable_count, trace=sys.gettrace() is None)
        """)
    counts = {int(line): row[2] for line, row in facts["rows"].items()}
    assert counts == {0: 4, 2: 404, 3: 400}
    assert facts["count"] == 0 and facts["trace"]


def test_who_traced_before_goes_on(tmp_path: Path) -> None:
    facts, _ = run(tmp_path, """
        seen = []
        def trace(frame, event, arg):
            if frame.f_code.co_name in ("work", "other"):
                seen.append([frame.f_code.co_name, event])
            return trace
        profiler = LineProfiler()
        @profiler
        def work():
            a = 1
            return other()
        def other():
            return 2
        sys.settrace(trace)
        work()
        tell(seen=seen, same=sys.gettrace() is trace)
        """)
    calls = ["call", "line", "line", "call", "line", "return", "return"]
    assert [event for _, event in facts["seen"]] == calls and facts["same"]


def test_the_decorator_prints_and_changes_nothing(tmp_path: Path) -> None:
    facts, output = run(tmp_path, """
        @profile
        def work(a, *, b=2):
            "what it does"
            return a, b
        @profile(precision=4)
        def fail():
            raise KeyError("x")
        @profile
        async def later():
            return 5
        @profile
        def steps():
            yield 1
            return 2
        class Thing:
            @profile
            def method(self):
                return self
        thing = Thing()
        try:
            fail()
        except KeyError as error:
            tell(error=str(error))
        import inspect
        tell(work=work(1, b=3), doc=work.__doc__, later=asyncio.run(later()), steps=list(steps()),
             method=thing.method() is thing, kind=inspect.iscoroutinefunction(later))
        """)
    assert facts == {"error": "'x'", "work": [1, 3], "doc": "what it does", "later": 5,
                     "steps": [1], "method": True, "kind": True}
    assert output.count("Filename: ") == 4


# ---- text ----

SOURCE = "def work():\n    a = 1\n    return a\n\n\nwork()\n"
ROWS = {1: (38.8164, 38.8164, 1), 2: (-7.6761, 1046.4921, 12345), 3: (0.0, 46.5, 1)}


def test_text_is_the_same(tmp_path: Path) -> None:
    theirs = pytest.importorskip("memory_profiler", reason="memory_profiler is not installed")
    path = tmp_path / "source.py"
    path.write_text(SOURCE)
    names: dict = {}
    exec(compile(SOURCE, str(path), "exec"), names)
    for precision in (0, 1, 3, 6):
        texts = []
        for module in (ours, theirs):
            profiler = module.LineProfiler(backend="psutil")
            profiler.add_function(names["work"])
            profiler.code_map[names["work"].__code__].update(ROWS)
            stream = io.StringIO()
            module.show_results(profiler, stream, precision)
            texts.append(stream.getvalue())
        assert texts[0] == texts[1]


def test_log_file(caplog: pytest.LogCaptureFixture) -> None:
    rows = ["Filename: x\n", "Line #    Mem usage    Increment  Occurrences   Line Contents\n",
            "     5     46.5 MiB      7.7 MiB           1       a = 1\n",
            "     6     46.5 MiB      0.0 MiB           1       b = 1\n",
            "     7                                         # nothing\n"]
    with caplog.at_level(logging.INFO):
        for grown, expected in ((False, rows), (True, rows[:3])):
            caplog.clear()
            log = ours.LogFile("some.log", reportIncrementFlag=grown)
            for row in rows:
                log.write(row)
            log.flush()
            assert [one.getMessage() for one in caplog.records] == expected


def test_time_stamps(tmp_path: Path) -> None:
    stamper = ours.TimeStamper("psutil")

    @stamper
    def inner() -> int:
        return 3

    @stamper
    def outer() -> int:
        with stamper.timestamp("block"):
            return inner()

    assert outer() == 3
    stream = io.StringIO()
    stamper.show_results(stream)
    lines = [line.split() for line in stream.getvalue().splitlines()]
    assert [line[0] for line in lines] == ["FUNC"] * 3
    assert {line[1].rpartition(".")[2]: line[6] for line in lines} == {
        "inner": "2", "outer": "0", "block": "1"}
    for line in lines:
        assert float(line[3]) <= float(line[5]) and float(line[2]) > 1


# ---- memory_usage ----


def allocate(mib: int) -> int:
    """Touched, and gone again at once."""
    return len(bytes(range(256)) * (mib * MIB // 256))


def test_the_most_of_a_function_is_exact() -> None:
    """However short it is: the system's own peak is looked at."""
    allocate(16)
    for mib in (200, 300):  # beyond what the process ever had
        before = ours.memory_usage()[0]
        most, size = ours.memory_usage((allocate, (mib,)), max_usage=True, retval=True)
        assert size == mib * MIB
        assert most - before == pytest.approx(mib, rel=0.05)


def test_looks_at_a_function() -> None:
    calls = []
    looks = ours.memory_usage((calls.append, (1,)), interval=0.01)
    assert calls == [1] and len(looks) >= 2 and all(look > 1 for look in looks)
    pairs = ours.memory_usage((time.sleep, (0.1,)), interval=0.01, timestamps=True)
    times = [when for _, when in pairs]
    assert len(pairs) > 3 and times == sorted(times)
    assert ours.memory_usage((allocate, (1,), {}), max_usage=True) > 1
    stream = io.StringIO()
    assert ours.memory_usage(calls.clear, stream=stream) is None
    assert re.fullmatch(r"(MEM \d+\.\d{6} \d+\.\d{4}\n){2,}", stream.getvalue())


def test_what_a_function_raises_comes_out() -> None:
    def fail() -> None:
        raise NotImplementedError("this")

    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(NotImplementedError, match="this"):
            ours.memory_usage(fail)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_looks_at_processes() -> None:
    assert type(ours.memory_usage(timeout=0.03, interval=0.01)) is list
    assert len(ours.memory_usage(-1, interval=0.01, timeout=0.03)) == 3
    assert type(ours.memory_usage(str(os.getpid()), max_usage=True)) is float
    for backend in ("psutil_pss", "psutil_uss", "posix"):
        assert 1 < ours.memory_usage(backend=backend)[0] <= ours.memory_usage()[0] * 1.1
    script = "import subprocess; p = subprocess.Popen(['sleep', '1']); print(flush=True); p.wait()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline() == b"\n"
        alone = ours.memory_usage(child.pid)[0]
        together = ours.memory_usage(child.pid, include_children=True)[0]
        apart = ours.memory_usage(child.pid, multiprocess=True)[0]
        looks = ours.memory_usage(child, interval=0.05)
    assert together > alone > 1 and len(apart) == 2 and apart[1] > 0
    assert len(looks) > 3


def test_errors_are_one_line() -> None:
    with pytest.raises(Error, match=r"^read the memory of process 99999999: [^\n]+$"):
        ours.memory_usage(99999999)
    with pytest.raises(ValueError, match="backend 'x': for a process it is one of psutil, "):
        ours.memory_usage(backend="x")
    with pytest.raises(ValueError, match="backend 'x': it is one of tare, psutil, "):
        ours.LineProfiler(backend="x")


# ---- as a program, and in IPython ----

PROGRAM = """
    import sys
    @profile
    def work():
        return [1] * 1000
    print(sys.argv[1:], __name__, work() == [1] * 1000)
    """


def test_as_a_program(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM))
    (tmp_path / "exits.py").write_text("import sys; sys.exit(7)")

    def start(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "tare.compat.memory_profiler", *words],
                              capture_output=True, text=True, check=False, cwd=tmp_path)

    output = start("program.py", "a", "-o").stdout
    assert output.startswith("['a', '-o'] __main__ True\nFilename: program.py\n\nLine #")
    assert re.search(r"^ +5 +\d+\.\d{3} MiB +\d\.\d{3} MiB +1 +return", output, re.MULTILINE)
    done = start("-o", "table.txt", "--precision", "1", "program", "b")
    assert done.stdout == "['b'] __main__ True\n"
    assert (tmp_path / "table.txt").read_text().count("Line #") == 1
    output = start("--timestamp", "program.py", "c").stdout
    assert re.search(r"^FUNC __main__.work( \d+\.\d{4}){4} 0$", output, re.MULTILINE)
    assert start("exits.py").returncode == 7
    for words in ("missing.py",), ():
        done = start(*words)
        assert done.returncode == 1 and re.fullmatch(r"[^\n]+\n", done.stderr)


def test_magics() -> None:
    testing = pytest.importorskip("IPython.testing.globalipapp", reason="IPython is not installed")
    script = textwrap.dedent("""
        from IPython.testing.globalipapp import start_ipython
        import IPython.core.page, sys
        ip = start_ipython()
        ip.run_line_magic("load_ext", "tare.compat.memory_profiler")
        ip.run_cell("import textwrap")
        result = ip.run_line_magic("memit", "-o -r 2 len(bytes(range(256)) * 400000)")
        print("RESULT", result, len(result.mem_usage), result.repeat)
        assert ip.run_line_magic("memit", "-q pass") is None
        ip.run_cell_magic("memit", "y = 3", "z = y + 1")
        print("NAMES", "z" in ip.user_ns)
        profiler = ip.run_line_magic("mprun", "-r -f textwrap.dedent textwrap.dedent(' a')")
        print("ROWS", sum(row[2] for rows in dict.values(profiler.code_map)
                          for row in rows.values()) > 5)
        ip.run_line_magic("mprun", "-f nothing pass")
        """)
    assert testing is not None
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=False, timeout=120)
    output = done.stdout
    assert re.search(r"^peak memory: \d+\.\d\d MiB, increment: -?\d+\.\d\d MiB$", output,
                     re.MULTILINE), output + done.stderr
    increment = re.search(r"^RESULT .*increment: (\S+) MiB 2 2$", output, re.MULTILINE)
    assert increment and float(increment[1]) == pytest.approx(400000 * 256 / MIB, rel=0.15)
    assert "NAMES True" in output and "ROWS True" in output
    assert "Line #    Mem usage    Increment  Occurrences   Line Contents" in output
    assert "Could not find function 'nothing'" in output + done.stderr
