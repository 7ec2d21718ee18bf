"""tare.lines in a program's own code: decorators, blocks, and measurements in each other's way."""

from __future__ import annotations

import os
import subprocess

from lining import measure, told
from tracing import Tracer


def test_a_block(tracer: Tracer) -> None:
    facts = told(tracer, """
        def f(n):
            for i in range(n):
                x = i
        def g():
            return f(5)
        f(3)
        with tare.lines(f, g) as m:
            g()
            f(2)
        f(9)
        rows = {r.name: {row.line - r.first_line: row.hits for row in r.rows}
                for r in m.profile.line_table()}
        tell(f=rows["f"], g=rows["g"], active=_trace.active())
    """)
    assert facts == {"f": {"1": 9, "2": 7}, "g": {"1": 1}, "active": False}


def test_a_decorated_function_is_itself(tracer: Tracer) -> None:
    facts = told(tracer, """
        import atexit, inspect, pickle
        def plain(x: int) -> int:
            return x
        decorated = tare.lines(plain)
        class C:
            @tare.lines
            @classmethod
            def m(cls): return 1
            @tare.lines
            @property
            def p(self): return 2
        @tare.lines
        def generator():
            try:
                yield 1
            except KeyError:
                yield 2
            return 42
        def outer():
            return (yield from generator())
        g = outer()
        values = [next(g), g.throw(KeyError)]
        try: next(g)
        except StopIteration as stop: values.append(stop.value)
        for _ in range(7): decorated(1)
        C.m(); C().p
        @tare.lines
        async def stream():
            try:
                yield 1
            except ValueError:
                yield 2
        async def use():
            s = stream()
            return [await s.__anext__(), await s.athrow(ValueError)]
        import asyncio
        facts = dict(same=decorated is plain, values=values, asyncs=asyncio.run(use()),
                     pickled=pickle.loads(pickle.dumps(plain)) is plain,
                     signature=str(inspect.signature(plain)),
                     kinds=[inspect.isgeneratorfunction(generator),
                            inspect.isasyncgenfunction(stream), inspect.ismethod(C.m)])
        table = {f.name: sum(r.hits for r in f.rows)
                 for f in decode(_trace.snapshot()).line_table()}
        tell(hits=[table[n] for n in ("plain", "m", "p")], **facts)
    """)
    assert facts == {"same": True, "values": [1, 2, 42], "asyncs": [1, 2], "pickled": True,
                     "signature": "(x: int) -> int", "kinds": [True, True, True],
                     "hits": [7, 1, 1]}


def test_a_decorator_prints_at_the_end(tracer: Tracer) -> None:
    script = "import tare\n@tare.lines\ndef f():\n    return 1\nfor _ in range(3): f()\n"
    path = tracer.folder / "decorated.py"
    path.write_text(script)
    run = [tracer.python, str(path)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout == "" and "return 1" in done.stderr and "3 calls" in done.stderr
    off = subprocess.run(run, capture_output=True, text=True, check=True,
                         env={**os.environ, "TARE_LINES": "0"})
    assert off.stderr == ""


def test_a_block_within_decorated_code_has_its_own_time(tracer: Tracer) -> None:
    facts = told(tracer, """
        @tare.lines
        def f():
            return 1
        def g():
            return f()
        f()
        with tare.lines(f, g) as m:
            g()
        f()
        with tare.lines([f]) as n:
            f(); f()
        hits = lambda m: {r.name: sum(row.hits for row in r.rows) for r in m.profile.line_table()}
        tell(m=hits(m), n=hits(n)["f"])
    """)
    assert facts == {"m": {"f": 1, "g": 1}, "n": 2}


def test_a_measurement_that_ends_within_what_it_measures(tracer: Tracer) -> None:
    """In this thread, and while another one is in the middle of it."""
    facts = told(tracer, """
        def f():
            x = 1
            m.__exit__(None, None, None)
            for i in range(1000):
                x = i
            return x
        go_on = threading.Event()
        def other():
            for i in range(1000):
                x = i
                if i == 5: go_on.wait(10)
            return x
        m = tare.lines([f, other])
        m.__enter__()
        thread = threading.Thread(target=other)
        thread.start()
        value = f()
        go_on.set()
        thread.join()
        rows = {r.name: {row.line - r.first_line: row.hits for row in r.rows}
                for r in m.profile.line_table()}
        with tare.lines([f]) as n: pass
        tell(value=value, rows=rows["f"])
    """)
    assert facts == {"value": 999, "rows": {"1": 1, "2": 1}}


def test_calls_are_traced_while_measured_code_goes_on(tracer: Tracer) -> None:
    """What was left in it means nothing to another measurement."""
    facts = told(tracer, """
        done = False
        def h(): return 1
        def work():
            while not done: h()
        thread = threading.Thread(target=work)
        with tare.lines([work]):
            thread.start()
            time.sleep(0.05)
        with tare.trace() as t:
            time.sleep(0.1)
        with tare.lines([work, h]) as m:
            time.sleep(0.05)
        done = True
        thread.join()
        tell(traced=any(row.qualname == "h" for row in t.functions()))
    """)
    assert facts == {"traced": True}


def test_a_child_of_a_fork_leaves_its_block_quietly(tracer: Tracer) -> None:
    facts = told(tracer, """
        import os
        def f(): return 1
        codes = []
        for make in (lambda: tare.lines([f]), tare.trace):
            with make() as m:
                pid = os.fork()
                f()
                if pid == 0: sys.exit(0)
                codes.append(os.waitpid(pid, 0)[1])
        tell(codes=codes)
    """)
    assert facts == {"codes": [0, 0]}


def test_a_block_that_outlives_the_one_before(tracer: Tracer) -> None:
    facts = told(tracer, """
        def f(): return 1
        a, b = tare.lines([f]), tare.lines([f])
        a.__enter__(); f()
        b.__enter__(); f(); f()
        a.__exit__(None, None, None); f()
        b.__exit__(None, None, None)
        hits = lambda m: [row.hits for r in m.profile.line_table() for row in r.rows]
        tell(a=hits(a), b=hits(b), active=_trace.active())
    """)
    assert facts == {"a": [3], "b": [2], "active": False}


def test_lines_that_are_not_the_codes_own(tracer: Tracer) -> None:
    """Numbers before its first line are no hits of any other."""
    facts = told(tracer, """
        import ast
        tree = ast.parse("def f(n):\\n    for i in range(n):\\n        x = i\\n    return x\\n")
        tree.body[0].lineno = 3
        space = {}
        exec(compile(tree, "odd", "exec"), space)
        with tare.lines([space["f"]]) as m:
            space["f"](50)
        tell(most=max([row.hits for r in m.profile.line_table() for row in r.rows], default=0))
    """)
    assert facts["most"] <= 51


def test_code_that_was_seen_before_it_was_wanted(tracer: Tracer) -> None:
    lined = measure(tracer, """
        import tare
        def other(): return 1
        def late():
            return 2
        other(); late()
        tare.lines(late)
        for _ in range(5): late()
    """, "-f", "other").expect_whole()
    assert lined.of("late", "calls") == 5 and lined.hits("late") == {1: 5}


def test_code_that_has_itself_inside(tracer: Tracer) -> None:
    facts = told(tracer, """
        def f(): return 1
        code = f.__code__
        for _ in range(40):
            code = code.replace(co_consts=(*f.__code__.co_consts, code, code))
        tell(told=[_trace.measure_lines(code) for _ in range(1)] if _trace.start(lines=True)
             is None else [], stopped=type(_trace.stop()).__name__)
    """)
    assert facts == {"told": [True], "stopped": "bytes"}


def test_what_has_no_code_is_refused(tracer: Tracer) -> None:
    facts = told(tracer, """
        said = []
        for thing in (len, 3, [len]):
            try: tare.lines(thing)
            except TypeError as error: said.append(str(error))
        with tare.trace():
            try:
                with tare.lines(tell, tell): pass
            except tare.Error as error: said.append(str(error))
        tell(said=said)
    """)
    assert len(facts["said"]) == 4 and all("\n" not in words for words in facts["said"])


def test_a_block_of_a_second_time_begins_anew(tracer: Tracer) -> None:
    """Code that was looked at before, and events that were left on in it."""
    facts = told(tracer, """
        def f():
            return 1
        found = []
        for _ in range(3):
            with tare.lines([f]) as m:
                f()
            f()
            found.append([row.hits for r in m.profile.line_table() for row in r.rows])
        tell(found=found)
    """)
    assert facts == {"found": [[1]] * 3}
