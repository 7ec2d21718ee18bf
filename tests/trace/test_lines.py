"""Lines: exact hits and true times, of chosen code, with nothing changed for the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import pytest
from tare._profile import load

from lining import Lined, command, measure, measure_file, told
from tracing import Tracer


# ---- hits ----


def test_hits_are_what_arithmetic_says(tracer: Tracer) -> None:
    lined = measure(tracer, """
        def work(n):
            total = 0
            for i in range(n):
                if i % 3 == 0:
                    total += 1
                elif i % 3 == 1:
                    continue
                else:
                    total += 2
            while total > 0:
                total -= 10
            return total
        work(300)
        work(30)
    """).expect_whole()
    assert lined.hits("work") == {1: 2, 2: 332, 3: 330, 4: 110, 5: 220, 6: 110, 8: 110,
                                  9: 32 + 3, 10: 30 + 3, 11: 2}
    assert lined.of("work", "calls") == 2


def test_hits_of_all_threads(tracer: Tracer) -> None:
    """Staggered: they begin and end in the middle of each other."""
    lined = measure(tracer, """
        import threading, time
        def work(times, pause):
            for _ in range(times):
                time.sleep(pause)
        def loop(times):
            for i in range(times):
                x = i
        threads = [threading.Thread(target=work, args=(t, 0.001)) for t in (20, 100)]
        threads += [threading.Thread(target=loop, args=(100_000,)) for _ in range(4)]
        for t in threads:
            t.start()
            time.sleep(0.002)
        for t in threads: t.join()
    """, "-f", "work", "-f", "loop").expect_whole()
    assert lined.hits("work") == {1: 122, 2: 120}
    assert lined.hits("loop") == {1: 400_004, 2: 400_000}
    assert lined.of("loop", "calls") == 4


STATEMENTS = """
    import contextlib
    def several(a, b):
        x = max(
            a,
            b,
        )
        y = [i for i in range(10)]
        z = [
            i
            for i in range(10)
        ]
        text = '''
            of three
        lines'''
        with contextlib.nullcontext() as one, \\
             contextlib.nullcontext() as two:
            x += 1
        match x:
            case 0:
                pass
            case int():
                y.append(x)
        while True:
            x += 1
            if x > 20: break
        for i in (1,
                  2):
            x -= 1
        return (x,
                len(text))
    for _ in range(3):
        several(1, 9)
"""


def test_a_statement_counts_once(tracer: Tracer) -> None:
    """At its first line, whatever lines it has and whatever goes on within it."""
    lined = measure(tracer, STATEMENTS, "-f", "several").expect_whole()
    hits = lined.hits("several")
    for first_line in (1, 5, 6, 10, 13, 28):
        assert hits[first_line] == 3, (first_line, hits)
    assert hits[15] == 3
    assert hits[22] == hits[23] == 3 * 11  # the only statement of an endless loop, each time
    assert hits[24] == 3 * 3  # the header of a loop, for each turn and for its end
    assert hits[26] == 3 * 2
    assert 18 not in hits and hits[20] == 3


def test_loops_on_one_line(tracer: Tracer) -> None:
    """On 3.11 each turn is a hit, as if the body stood below; later interpreters tell of the line
    once. A comprehension is one statement."""
    lined = measure(tracer, """
        def loops(n):
            for i in range(n): x = i
            while n > 0: n -= 1
            y = [j for j in range(30)]
        loops(10)
        loops(10)
    """, "-f", "loops").expect_whole()
    hits = lined.hits("loops")
    assert hits == ({1: 2 * 11, 2: 2 * 10, 3: 2} if tracer.version < (3, 12)
                    else {1: 2, 2: 2, 3: 2})


def test_kinds_of_code(tracer: Tracer) -> None:
    lined = measure(tracer, """
        import asyncio, functools
        class Kind:
            made = 0
            def __init__(self): self.x = 1
            @property
            def double(self):
                return 2 * self.x
            @classmethod
            def make(cls):
                return cls()
            @staticmethod
            def plain():
                return 3
            @functools.cached_property
            def cached(self):
                return 4
        def generator(n):
            for i in range(n):
                yield i
            return n
        async def coroutine(n):
            for _ in range(n):
                await asyncio.sleep(0)
            return n
        async def stream(n):
            for i in range(n):
                yield i
        async def both():
            async for _ in stream(5):
                pass
            return await coroutine(4)
        def closure():
            def inner(x):
                return x
            f = lambda x: inner(x)
            return [f(i) for i in range(6)]
        def recursive(n):
            return n and recursive(n - 1)
        def fails():
            try:
                raise KeyError
            except KeyError:
                return 1
            finally:
                pass
        for _ in range(2):
            k = Kind.make(); k.double; k.plain(); k.cached; k.cached
            list(generator(7)); asyncio.run(both()); closure(); recursive(9); fails()
    """).expect_whole()
    assert lined.hits("Kind")[2] == 1  # a class body
    for name, calls in {"__init__": 2, "double": 2, "make": 2, "plain": 2, "cached": 2}.items():
        assert lined.of(f"Kind.{name}", "calls") == calls, name
    assert lined.hits("generator") == {1: 16, 2: 14, 3: 2}
    assert lined.of("generator", "calls") == 2 and lined.of("generator", "resumes") == 14
    assert lined.hits("coroutine") == {1: 10, 2: 8, 3: 2}
    assert lined.hits("stream") == {1: 12, 2: 10}
    assert lined.hits("closure.<locals>.inner") == {1: 12}
    assert lined.of("closure.<locals>.<lambda>", "hits") == 12
    assert lined.hits("recursive") == {1: 20}
    assert lined.hits("fails") == {1: 2, 2: 2, 3: 2, 4: 2, 6: 2}


def test_code_that_is_made_again_and_again(tracer: Tracer) -> None:
    lined = measure(tracer, """
        def make():
            space = {}
            exec("def made(x):\\n    y = x\\n    return y\\n", space)
            return space["made"]
        for i in range(200):
            make()(i)
    """, "-f", "made", "-f", "make").expect_whole()
    assert lined.hits("made") == {1: 200, 2: 200}
    assert lined.hits("make")[2] == 200


def test_code_with_absurd_lines_is_let_alone(tracer: Tracer) -> None:
    facts = told(tracer, """
        def f():
            x = 1
            return x
        far = f.__code__.replace(co_firstlineno=2_000_000_000)
        odd = f.__code__.replace(co_linetable=b"")
        none = f.__code__.replace(co_linetable=bytes([0xf8] * 3), co_firstlineno=0)
        long = compile("x = 1\\n" + "\\n" * 2_000_000 + "y = 2", "long", "exec")
        import types
        values = []
        with tare.lines([f]) as m:
            for code in (far, odd, none):
                _trace.measure_lines(code)
                values.append(types.FunctionType(code, {})())
            told = _trace.measure_lines(long)
            exec(long)
            values.append(f())
        tell(values=values, told=told,
             hits=sum(row.hits for r in m.profile.line_table() for row in r.rows if r.name == "f"
                      and r.first_line == f.__code__.co_firstlineno))
    """)
    assert facts["values"] == [1] * 4 and not facts["told"] and facts["hits"] >= 2


# ---- times ----


def test_times_are_the_lines(tracer: Tracer) -> None:
    """Work of one to three parts, in one function: each line's within 5 % of all."""
    lined = measure(tracer, """
        import time
        def spin(seconds):
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                pass
        def work():
            spin(0.1)
            spin(0.2)
            spin(0.3)
        work()
    """, "-f", "work").expect_whole()
    first = min(line for _name, line in lined.sums)
    whole = lined.of("work", "wall_ns")
    for line, part in ((1, 1 / 6), (2, 2 / 6), (3, 3 / 6)):
        assert lined.at("work", first + line, "wall_ns") / whole == pytest.approx(part, abs=0.05)


def test_own_time_is_without_what_is_measured_too(tracer: Tracer) -> None:
    script = """
        import time
        def inner():
            time.sleep(0.3)
        def outer():
            inner(); time.sleep(0.15)
        outer()
    """
    both = measure(tracer, script, "-f", "inner", "-f", "outer").expect_whole()
    outer = both.of("outer", "wall_ns")
    assert outer == pytest.approx(0.15e9, rel=0.3)
    assert both.of("outer", "inclusive_ns") == pytest.approx(0.45e9, rel=0.3)
    alone = measure(tracer, script, "-f", "outer").expect_whole()
    assert alone.of("outer", "wall_ns") == pytest.approx(0.45e9, rel=0.3)


def test_a_recursive_line_has_its_time_once(tracer: Tracer) -> None:
    lined = measure(tracer, """
        import time
        def down(n):
            time.sleep(0.05)
            if n: down(n - 1)
        down(5)
    """, "-f", "down").expect_whole()
    first = min(line for _name, line in lined.sums)
    asleep = lined.at("down", first + 1, "inclusive_ns")
    below = lined.at("down", first + 2, "inclusive_ns")
    assert 0.3e9 <= asleep <= 0.6e9
    assert below == pytest.approx(asleep * 5 / 6, rel=0.1)
    assert lined.at("down", first + 2, "wall_ns") <= 0.1 * below


def test_suspended_time(tracer: Tracer) -> None:
    lined = measure(tracer, """
        import asyncio
        async def waits():
            await asyncio.sleep(0.3)
            return 1
        asyncio.run(waits())
    """, "-f", "waits").expect_whole()
    first = min(line for _name, line in lined.sums)
    assert lined.at("waits", first + 1, "suspended_ns") == pytest.approx(0.3e9, rel=0.3)
    assert lined.at("waits", first + 1, "wall_ns") <= 0.1e9


def test_the_rest_of_a_line_after_a_yield_is_its(tracer: Tracer) -> None:
    lined = measure(tracer, """
        import time
        def generator():
            x = (yield 1), time.sleep(0.1)
        list(generator())
    """, "-f", "generator").expect_whole()
    first = min(line for _name, line in lined.sums)
    assert lined.at("generator", first + 1, "wall_ns") >= 0.1e9


def test_cpu_time(tracer: Tracer) -> None:
    lined = measure(tracer, """
        import time
        def work():
            time.sleep(0.2)
            end = time.process_time() + 0.2
            while time.process_time() < end: pass
        work()
    """, "-f", "work", "--clock", "cpu").expect_whole()
    first = min(line for _name, line in lined.sums)
    assert lined.at("work", first + 1, "cpu_ns") <= 0.05e9
    assert lined.of("work", "cpu_ns") == pytest.approx(0.2e9, rel=0.3)


# ---- which code ----


PACKAGE = {
    "pack/__init__.py": "from pack import one\n",
    "pack/one.py": "from pack import deep\ndef f():\n    return deep.two.g()\n",
    "pack/deep/__init__.py": "from pack.deep import two\n",
    "pack/deep/two.py": "class K:\n    def g(self):\n        return h()\ndef h():\n    return 1\n"
                        "def g():\n    return K().g()\n",
    "pack/deep/run.py": "from pack.deep import two\ndef r():\n    return two.g()\nr()\n",
    "packed.py": "def f():\n    return 2\n",
    "main.py": "import pack, packed\ndef f():\n    return pack.one.f() + packed.f()\nf()\n",
}


@pytest.mark.parametrize(("flags", "names"), [
    (("-f", "pack.one:f"), {"f"}),
    (("-f", "f"), {"f"}),
    (("-f", "pack.deep.two:K.g"), {"K.g"}),
    (("-f", "K"), {"K", "K.g"}),
    (("-f", "main:f"), {"f"}),
    (("-f", "__main__:f"), {"f"}),
    (("-f", "pack/deep/two.py:3"), {"K.g"}),
    (("-f", "two.py:5"), {"h"}),
    (("-f", "two.py:1"), {"K", "K.g"}),
    (("-f", "no.such:thing"), set()),
    (("-p", "pack.deep"), {"<module>", "K", "K.g", "h", "g"}),
    (("-p", "pack"), {"<module>", "K", "K.g", "h", "g", "f"}),
    (("-p", "pack/deep"), {"<module>", "K", "K.g", "h", "g"}),
    (("-p", "pack/one.py"), {"<module>", "f"}),
    ((), {"<module>", "f"}),
])
def test_what_is_chosen_is_measured(tracer: Tracer, flags: tuple[str, ...],
                                    names: set[str]) -> None:
    folder = tracer.folder / "chosen"
    for name, text in PACKAGE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for words in (["main.py"], [str(folder / "main.py")]):
        lined = measure_file(tracer, words, flags, cwd=folder).expect_whole()
        assert {name for name, _line in lined.sums} == names
    lined = measure_file(tracer, ["-m", "pack.deep.run"], ("-f", "pack.deep.run:r"), cwd=folder)
    assert lined.of("r", "calls") == 1
    lined = measure_file(tracer, ["-m", "pack.deep.run"], ("-p", "pack.deep"), cwd=folder)
    assert {"r", "h", "K.g"} <= {name for name, _line in lined.sums}
    if flags == ("-f", "f"):
        lined = measure_file(tracer, ["main.py"], flags, cwd=folder)
        files = {frame.file for frame in lined.profile.frames()}
        assert {Path(file).name for file in files} == {"main.py", "one.py", "packed.py"}


def test_the_source_is_kept(tracer: Tracer) -> None:
    lined = measure(tracer, """
        # before
        def work(x):
            # within

            return x
        # after
        work(1)
    """, "-f", "work").expect_whole()
    (text,) = [text for key, text in lined.profile.meta.items() if key.startswith("source:")]
    assert text == "def work(x):\n    # within\n\n    return x\n"


def test_sources_that_are_no_files(tracer: Tracer) -> None:
    """Out of a zip archive; and what a notebook puts into linecache."""
    folder = tracer.folder / f"zip-{tracer.version[1]}"
    folder.mkdir()
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("inzip.py", "def zipped():\n    return 1\n")
    lined = measure(tracer, f"""
        import linecache, sys
        sys.path.insert(0, {str(folder / "packed.zip")!r})
        import inzip
        inzip.zipped()
        text = "def typed():\\n    x = [1,\\n         2]\\n    return x\\n"
        linecache.cache["<cell 1>"] = (len(text), None, text.splitlines(True), "<cell 1>")
        space = {{}}
        exec(compile(text, "<cell 1>", "exec"), space)
        for _ in range(3): space["typed"]()
    """, "-f", "typed", "-f", "zipped").expect_whole()
    kept = {key.rpartition("/")[2]: text for key, text in lined.profile.meta.items()
            if key.startswith("source:")}
    assert kept == {"inzip.py:1": "def zipped():\n    return 1\n",
                    "source:<cell 1>:1":
                        "def typed():\n    x = [1,\n         2]\n    return x\n"}
    assert lined.hits("typed") == {1: 3, 2: 3, 3: 3}


@pytest.mark.parametrize("command_name", ["trace", "lines"])
def test_json(tracer: Tracer, command_name: str) -> None:
    script = tracer.folder / "forjson.py"
    script.write_text("def f():\n    return 1\nprint(f())\n")
    path = tracer.folder / "report.json"
    words = [sys.executable, "-m", "tare", command_name, "--overwrite", "--python", tracer.python,
             "-o", str(tracer.output())]
    done = subprocess.run([*words, "--json", str(path), str(script)], capture_output=True,
                          text=True, check=True)
    assert json.loads(path.read_text())["schema"] == "tare.report/1" and "wrote" in done.stderr
    done = subprocess.run([*words, "--json", "-", str(script)], capture_output=True, text=True,
                          check=True)
    assert done.stdout == "1\n" and json.loads(done.stderr)["schema"] == "tare.report/1"


def test_chosen_by_the_environment(tracer: Tracer) -> None:
    """A flag takes its place; what switches the decorator off is no setting."""
    script = """
        def f(): return 1
        def g(): return f()
        def h(): return g()
        h()
    """
    for variables, flags, names in (({"TARE_FUNCTION": "f, g"}, (), {"f", "g"}),
                                    ({"TARE_FUNCTION": "f, g"}, ("-f", "h"), {"h"}),
                                    ({"TARE_PACKAGE": "__main__", "TARE_LINES": "0"}, (),
                                     {"<module>", "f", "g", "h"})):
        path = tracer.folder / "environment.py"
        path.write_text(textwrap.dedent(script))
        lined = measure_file(tracer, [str(path)], flags, env={**os.environ, **variables})
        assert {name for name, _line in lined.sums} == names


@pytest.mark.parametrize(("flags", "words"), [
    (("-f", ""), "give MODULE:FUNCTION, FUNCTION or FILE:LINE"),
    (("-f", ":7"), "give the file too"),
    (("-p", ""), "give a module, a file or a folder"),
])
def test_what_cannot_be_chosen_is_said_in_a_line(tracer: Tracer, flags: tuple[str, ...],
                                                 words: str) -> None:
    done = subprocess.run(command(tracer, ["-c", "pass"], flags, tracer.output()),
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1


# ---- endings, children, others ----


@pytest.mark.parametrize(("ending", "code"), [
    ("", 0), ("import sys; sys.exit(7)", 7), ("import os; os._exit(9)", 9), ("1 / 0", 1),
])
def test_endings(tracer: Tracer, ending: str, code: int) -> None:
    lined = measure(tracer, f"""
        def work():
            return 1
        for _ in range(50): work()
        {ending}
    """, "-f", "work", code=code)
    assert lined.profile.state.complete and lined.hits("work") == {1: 50}


def test_forked_children(tracer: Tracer) -> None:
    """In the middle of a line, which goes on in both."""
    lined = measure(tracer, """
        import os
        def work():
            pid = os.fork()
            for _ in range(10):
                x = 1
            return pid
        pid = work()
        if pid: os.waitpid(pid, 0)
    """, "-f", "work").expect_whole()
    assert lined.hits("work") == {1: 1, 2: 22, 3: 20, 4: 2}
    assert lined.number("process_count") == 2


def test_a_child_that_goes_on_has_its_sources(tracer: Tracer) -> None:
    """Its file stays its own: what was seen before the fork is in it as well."""
    script = tracer.folder / "goeson.py"
    script.write_text("import os, sys\ndef f():\n    return 1\nf()\n"
                      "if os.fork() == 0:\n    sys.stdin.read()\n    f()\n    os._exit(0)\n")
    output = tracer.output()
    process = subprocess.Popen(command(tracer, [str(script)], ("-f", "f"), output),
                               stdin=subprocess.PIPE, text=True)
    assert process.wait(60) == 0
    (part,) = output.parent.glob(f"{output.name}.*-*")
    process.communicate()  # its standard input ends
    for _ in range(200):
        profile = load(part)
        if profile.state.complete:
            break
        time.sleep(0.05)
    assert Lined(profile).hits("f") == {1: 1}
    assert list(profile.meta[f"source:{script}:2"].splitlines()) == ["def f():", "    return 1"]


def test_a_debugger_goes_on(tracer: Tracer) -> None:
    """The program's own trace function is called as ever."""
    lined = measure(tracer, """
        import sys
        seen = []
        def tracer(frame, event, arg):
            seen.append(event)
            return tracer
        def work():
            return 1
        sys.settrace(tracer)
        work()
        sys.settrace(None)
        assert seen == ["call", "line", "return"], seen
        work()
    """, "-f", "work")
    assert lined.of("work", "hits") >= 1
    if tracer.version >= (3, 12):
        assert lined.hits("work") == {1: 2}


def test_the_program_sees_nothing(tracer: Tracer) -> None:
    script = tracer.folder / "sees.py"
    script.write_text("import sys, os, threading\n"
                      "def f():\n    return sys.gettrace(), sys.getprofile()\n"
                      "print(f(), sorted(sys.modules), sorted(os.environ), sys.argv,\n"
                      "      threading.active_count(), sorted(os.listdir('/proc/self/fd'))[:3])\n")
    plain = subprocess.run([tracer.python, str(script)], capture_output=True, text=True,
                           check=True)
    done = subprocess.run(command(tracer, [str(script)], ("-f", "f"), tracer.output()),
                          capture_output=True, text=True, check=True)
    assert done.stdout == plain.stdout


def test_deep_recursion_of_code_that_is_not_measured(tracer: Tracer) -> None:
    lined = measure(tracer, """
        import sys
        sys.setrecursionlimit(200_000)
        def down(n):
            return n and down(n - 1)
        def work():
            down(50_000)
            return 1
        work()
    """, "-f", "work").expect_whole()
    assert lined.hits("work") == {1: 1, 2: 1}
