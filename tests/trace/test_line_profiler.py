"""tare.compat.line_profiler in the place of line_profiler."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from line_profiling import HEAD, KINDS, Runner

# ---- what is counted, and when ----


def test_threads_that_begin_and_end_at_other_times(runner: Runner) -> None:
    """line_profiler on 3.12 and later loses most of these hits, and one of the threads."""
    facts = runner.told("""
        lp = LineProfiler()
        @lp
        def loop(times):
            for _ in range(times):
                time.sleep(0.001)
        threads = [threading.Thread(target=loop, args=(times,)) for times in (20, 100)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        tell(hits=hits(lp)["loop"])
    """)
    assert facts["hits"] == {"2": 122, "3": 120}


def test_only_what_ran_while_enabled(runner: Runner) -> None:
    """Several times, in blocks within blocks, and by each profiler for itself."""
    facts = runner.told("""
        one, two = LineProfiler(work), LineProfiler(work)
        work(1)
        with one:
            work(10)
            with two:
                work(100)
                with one: work(1000)
            work(10000)
        work(100000)
        one.runcall(work, 3)
        tell(one=hits(one)["work"][3], two=hits(two)["work"][3], count=one.enable_count)
    """)
    assert facts == {"one": 11113, "two": 1100, "count": 0}


def test_enable_counts_what_is_added_later(runner: Runner) -> None:
    facts = runner.told("""
        lp = LineProfiler()
        lp.enable()
        lp.add_function(work)
        work(4)
        lp.disable()
        work(40)
        lp.run("work(400)")
        lp.runctx("times = 4000; work(times)", {"work": work}, {})
        tell(hits=hits(lp)["work"][3])
    """)
    assert facts["hits"] == 4404


def test_the_engine_stops_when_nobody_wants_it(runner: Runner) -> None:
    """And with it the cost; a decorated function is wanted for good."""
    facts = runner.told("""
        from tare import _trace
        seen = [_trace.active()]
        lp = LineProfiler(work)
        seen.append(_trace.active())
        with lp: seen.append(_trace.active())
        seen.append(_trace.active())
        lp(work)
        seen.append(_trace.active())
        with lp: pass
        seen.append(_trace.active())
        tell(seen=seen)
    """)
    assert facts["seen"] == [False, False, True, False, True, True]


def test_decorated_and_added_functions_together(runner: Runner) -> None:
    facts = runner.told("""
        def other(times):
            for _ in range(times):
                pass
        lp = LineProfiler(other)
        lp(work)
        work(5); other(5)
        with lp: work(50); other(50)
        work(500); other(500)
        tell(work=hits(lp)["work"][3], other=hits(lp)["other"][2])
    """)
    assert facts == {"work": 555, "other": 50}


def test_a_function_inside_of_one_that_is_measured_too(runner: Runner) -> None:
    facts = runner.told("""
        lp = LineProfiler()
        @lp
        def outer():
            @lp
            def inner():
                return 1
            return inner() + inner()
        outer()
        tell(hits=hits(lp), order=[name for _, _, name in lp.get_stats().timings])
    """)
    assert facts["hits"]["inner"] == {"2": 2}
    assert facts["hits"]["outer"]["4"] == 2
    assert facts["order"] == ["outer", "outer.<locals>.inner"]


def test_time_is_inclusive_and_what_recursion_takes_is_there(runner: Runner) -> None:
    """Before 5.1 line_profiler had almost nothing for the line that calls itself."""
    facts = runner.told("""
        lp = LineProfiler()
        @lp
        def down(depth):
            if depth:
                down(depth - 1)
            time.sleep(0.01)
        @lp
        def top():
            down(4)
        top()
        tell(down=seconds(lp, "down"), top=seconds(lp, "top"))
    """)
    assert facts["top"]["2"] >= 0.05
    assert 0.03 <= facts["down"]["3"]
    assert 0.05 <= facts["down"]["4"] <= 1.02 * facts["top"]["2"]


def test_code_that_is_made_again_is_one_function(runner: Runner) -> None:
    facts = runner.told("""
        def make(file):
            names = {}
            exec(compile("def again():\\n    return 1\\n", file, "exec"), names)
            return names["again"]
        decorated, added = LineProfiler(), LineProfiler()
        for _ in range(3):
            decorated(make("<one>"))()
            again = make("<two>")
            added.add_function(again)
            with added: again()
        tell(decorated=hits(decorated), added=hits(added))
    """)
    assert facts == {"decorated": {"again": {"1": 3}}, "added": {"again": {"1": 3}}}


def test_functions_that_did_not_run_are_there(runner: Runner) -> None:
    facts = runner.told("""
        lp = LineProfiler(work)
        tell(before=hits(lp), order=[f.__name__ for f in LineProfiler(work, hits).functions],
             none=LineProfiler().get_stats().timings, map=list(lp.code_map.values()))
    """)
    assert facts == {"before": {"work": {}}, "order": ["work", "hits"], "none": {}, "map": [{}]}


def test_it_takes_part_in_tare_lines(runner: Runner) -> None:
    facts = runner.told("""
        import tare
        lp = LineProfiler(work)
        with tare.lines([work]) as m:
            work(10)
            with lp: work(100)
        found = {row.line: row.hits for row in m.profile.line_table()[0].rows}
        tell(lp=hits(lp)["work"][3], lines=sorted(found.values())[-2])
    """)
    assert facts == {"lp": 100, "lines": 110}


def test_it_goes_on_when_the_block_around_it_ends(runner: Runner) -> None:
    """And a block goes on when the profiler that began ends."""
    facts = runner.told("""
        import tare
        lp = LineProfiler()
        with tare.lines([hits]):
            lp(work)
            work(10)
        work(100)
        first = hits(lp)["work"][3]
        lp.end()
        with LineProfiler(work):
            block = tare.lines([work])
            block.__enter__()
            work(7)
        work(70)
        block.__exit__(None, None, None)
        rows = block.profile.line_table()[0].rows
        tell(first=first, second=sorted(row.hits for row in rows)[-2])
    """)
    assert facts == {"first": 110, "second": 77}


def test_a_forked_child_goes_on_counting(runner: Runner) -> None:
    """With what its parent had; and neither sees what the other does from then on."""
    facts = runner.told("""
        import os
        lp, added = LineProfiler(), LineProfiler(work)
        lp(work)
        work(1)
        ends = os.pipe()
        with added:
            work(10)
            child = os.fork()
            work(100 if child else 1000)
        if not child:
            os.write(ends[1], json.dumps([hits(lp), hits(added)]).encode())
            os._exit(0)
        os.waitpid(child, 0)
        work(10000)
        seen = json.loads(os.read(ends[0], 1000))
        tell(child=[found["work"]["3"] for found in seen],
             parent=[hits(lp)["work"][3], hits(added)["work"][3]])
    """)
    assert facts == {"child": [1011, 1010], "parent": [10111, 110]}


@pytest.mark.parametrize("first", ["with tare.trace():", "with cProfile.Profile():"])
def test_where_calls_are_traced_it_says_so(runner: Runner, first: str) -> None:
    facts = runner.told(f"""
        import tare, tare.compat.cProfile as cProfile
        said = []
        {first}
            for begin in (LineProfiler(work).enable, lambda: LineProfiler()(work)):
                try: begin()
                except tare.Error as error: said.append(str(error))
        tell(said=said)
    """)
    assert facts["said"] == ["measure lines: calls are being traced; end that first"] * 2


# ---- what decorating leaves as it is ----


def test_decorated_code_means_what_it_meant(runner: Runner) -> None:
    """Return values, exceptions thrown in, tracebacks, descriptors, signatures: all of them."""
    runner.write("kinds.py", KINDS)
    facts = runner.told("""
        import kinds
        lp = LineProfiler()
        plain = kinds.facts(kinds.with_partial(kinds.build(kinds.identity), kinds.identity))
        seen = kinds.facts(kinds.with_partial(kinds.build(lp), lp))
        tell(plain=plain, seen=seen, measured=sorted(hits(lp)),
             empty=[name for name, rows in hits(lp).items() if not rows])
    """)
    assert facts["seen"] == facts["plain"]
    assert facts["seen"]["drained"] == [[1, "sent"], 42]
    assert facts["measured"] == sorted([
        "generator", "async_generator", "coroutine", "recursive", "failing", "signed", "method",
        "of_class", "static", "prop", "cached", "_part"])
    assert facts["empty"] == ["signed"]


def test_the_same_object_comes_back(runner: Runner) -> None:
    facts = runner.told("""
        lp = LineProfiler()
        class Own:
            def __call__(self): return 1
        things = [work, Own, Own(), Own().__call__, property(work), classmethod(work), len, int,
                  functools.partial(work, 1)]
        lp(work)
        copy = pickle.loads(pickle.dumps(work))
        try: lp(3)
        except TypeError as error: said = str(error)
        tell(same=[lp(thing) is thing for thing in things], copy=copy is work, said=said,
             functions=[f.__qualname__ for f in lp.functions])
    """)
    assert all(facts["same"]) and facts["copy"]
    assert facts["said"] == "func = 3: cannot get functions from <class 'int'> objects"
    assert facts["functions"] == ["work", "Own.__call__"]


def test_a_decorated_class(runner: Runner) -> None:
    facts = runner.told("""
        lp = LineProfiler()
        @lp
        class Outer:
            def one(self): return 1
            class Inner:
                @staticmethod
                def two(): return 2
            foreign = staticmethod(work)
            Foreign = LineProfiler
        Outer().one(); Outer.Inner.two(); Outer.foreign(3)
        tell(hits=hits(lp))
    """)
    assert facts["hits"] == {"one": {"0": 1}, "two": {"1": 1}}


def test_scopes_of_add_module_and_add_class(runner: Runner) -> None:
    runner.write("pack/__init__.py", "")
    runner.write("pack/side.py", "def side(): pass\n")
    runner.write("pack/own.py", """
        from pack.side import side
        from textwrap import dedent
        def own(): pass
        class Kept:
            def method(self): pass
            class Inner:
                def deep(self): pass
    """)
    facts = runner.told("""
        from pack import own
        def names(add, thing, policy):
            lp = LineProfiler()
            count = getattr(lp, add)(thing, scoping_policy=policy)
            return count, sorted(f.__name__ for f in lp.functions)
        policies = ["exact", "CHILDREN", "siblings", None]
        try: LineProfiler().add_module(own, scoping_policy="all")
        except ValueError as error: said = str(error)
        lp = LineProfiler()
        lp.add_module(own, wrap=True)
        own.own()
        tell(module=[names("add_module", own, p) for p in policies], said=said,
             cls=[names("add_class", own.Kept, p) for p in ("exact", "children")],
             wrapped=hits(lp)["own"])
    """)
    assert facts["module"][0] == [1, ["own"]]
    assert facts["module"][1] == [2, ["deep", "method", "own"]]
    assert facts["module"][2] == facts["module"][3] == [3, ["deep", "method", "own", "side"]]
    assert facts["cls"] == [[1, ["method"]], [2, ["deep", "method"]]]
    assert facts["said"].startswith("scoping policy 'all'")
    assert facts["wrapped"] == {"0": 1}


# ---- text and files, beside line_profiler itself ----

OPTIONS = [
    {}, {"output_unit": 1e-3}, {"stripzeros": True}, {"details": False, "summarize": True},
    {"sort": True, "summarize": True, "stripzeros": True}, {"rich": True, "summarize": True},
    {"output_unit": 1.0, "sort": True},
]


@pytest.fixture
def theirs() -> object:
    return pytest.importorskip("line_profiler", "5", "line_profiler is not installed")


@pytest.fixture
def timings(tmp_path: Path) -> dict:  # type: ignore[type-arg]
    """Numbers of all widths, source of all kinds, and a file that is not there."""
    path = tmp_path / "source.py"
    path.write_text("import os\n\n@decorated\ndef first(x):\n    y = '[bold]'\n\n"
                    "    return 'ä'\n\ndef second(): pass\nz = lambda: 3\n", encoding="utf-8")
    gone = str(tmp_path / "gone.py")
    return {
        (str(path), 3, "first"): [(5, 1, 3), (7, 123456789012, 98765432109876543)],
        (str(path), 9, "Class.second"): [],
        (str(path), 10, "<lambda>"): [(10, 7, 0)],
        (gone, 20, "gone"): [(22, 3, 4000), (25, 1, 12345)],
        (gone, 1, "gone_too"): [],
        ("<string>", 1, "exec"): [(1, 1, 10)],
    }


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("unit", [1e-9, 1e-6])
def test_text_is_that_of_line_profiler(theirs, timings, options, unit) -> None:
    from tare.compat.line_profiler import LineStats, show_text

    texts = []
    for show in (theirs.show_text, show_text, lambda stats, unit, **named:
                 LineStats(stats, unit).print(**named)):
        stream = io.StringIO()
        show(timings, unit, stream=stream, **options)
        texts.append(re.sub(r"8;id=\d+", "8;id=N", stream.getvalue()))
    assert "gone" in texts[0]
    assert texts[1] == texts[0]
    assert texts[2] == texts[0]


def test_a_stream_that_cannot_say_it_all(theirs, timings) -> None:
    from tare.compat.line_profiler import show_text

    written = []
    for show in (theirs.show_text, show_text):
        stream = io.TextIOWrapper(io.BytesIO(), "ascii")
        show(timings, 1e-9, stream=stream)
        stream.flush()
        written.append(stream.buffer.getvalue())
    assert rb"\xe4" in written[1]
    assert written[1] == written[0]


def test_columns_are_as_wide_as_configured(theirs, timings, tmp_path: Path) -> None:
    from tare.compat.line_profiler import show_func

    config = tmp_path / "wide.toml"
    config.write_text("[tool.line_profiler.show.column_widths]\nline = 20\nhits = 1\nperhit = 15")
    key, rows = next(iter(timings.items()))
    texts = []
    for show in (theirs.show_func, show_func):
        stream = io.StringIO()
        show(*key, rows, 1e-9, stream=stream, config=config)
        texts.append(stream.getvalue())
    assert "\n              Line # " in texts[1]
    assert texts[1] == texts[0]


def test_files_are_read_both_ways(theirs, timings, tmp_path: Path) -> None:
    from tare.compat.line_profiler import LineStats, load_stats

    ours, other = tmp_path / "ours.lprof", tmp_path / "theirs.lprof"
    LineStats(timings, 1e-9).to_file(ours)
    theirs.LineStats(timings, 1e-9).to_file(other)
    for read in (theirs.load_stats, load_stats):
        for path in (ours, other):
            stats = read(path)
            assert (stats.timings, stats.unit) == (timings, 1e-9)
            assert stats == read(path) != read(path) + read(path)


def test_sums_are_those_of_line_profiler(theirs, timings, tmp_path: Path) -> None:
    from tare.compat.line_profiler import LineStats

    more = {("other.py", 1, "f"): [(2, 1, 7777)], ("<string>", 1, "exec"): [(1, 2, 3), (3, 4, 5)]}
    sums = []
    for kind in (theirs.LineStats, LineStats):
        total = kind(timings, 1e-9) + kind(more, 1e-6)
        total += kind(more, 1e-3)
        sums.append((total.timings, total.unit))
    assert sums[1] == sums[0]
    assert sums[1][1] == 1e-3


def test_a_file_makes_nothing_but_stats(tmp_path: Path) -> None:
    from tare.compat.line_profiler import load_stats

    class Trap:
        def __reduce__(self) -> tuple:  # type: ignore[type-arg]
            return os.mkdir, (str(tmp_path / "made"),)

    (tmp_path / "trap.lprof").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(pickle.UnpicklingError, match="mkdir"):
        load_stats(tmp_path / "trap.lprof")
    assert not (tmp_path / "made").exists()


def test_the_viewer(runner: Runner) -> None:
    facts = runner.told("""
        for name in ("one", "two"):
            lp = LineProfiler(work, hits)
            lp.runcall(work, 10)
            lp.dump_stats(name + ".lprof")
        tell(first=work.__code__.co_firstlineno)
    """)
    line = facts["first"] + 3
    view = ("-m", "tare.compat.line_profiler")
    said = runner.run(*view, "one.lprof", "two.lprof").stdout
    assert said.startswith("Timer unit: 1e-06 s\n\nTotal time: ")
    assert re.search(rf"^ +{line} +20 .*  total \+= 1$", said, re.MULTILINE)
    assert "Function: hits at line" in said
    short = runner.run(*view, "-z", "-m", "-t", "-u", "1e-3", "--rich=no", "one.lprof").stdout
    assert short.startswith("Timer unit: 0.001 s\n")
    assert "Function: hits" not in short
    assert re.search(r"^  0\.00 seconds - .*script\.py:\d+ - work$", short, re.MULTILINE)
    assert "usage" in runner.run(*view, code=2).stderr


# ---- profile, the decorator for the whole program ----

PROFILED = """
@profile
def decorated(x):
    return x + 1
tell(same=decorated is getattr(decorated, "__wrapped__", decorated), result=decorated(1),
     enabled=profile.enabled)
"""


def outputs(folder: Path) -> list[str]:
    names = [re.sub(r"_\d{4}-\d\d-\d\dT\d{6}", "_TIME", path.name) for path in folder.iterdir()]
    return sorted(name for name in names if "output" in name)


@pytest.mark.parametrize(("words", "variables"), [
    ((), {}), ((), {"LINE_PROFILE": "0"}), ((), {"LINE_PROFILE": ""}), ((), {"LINE_PROFILE": "no"}),
])
def test_profile_does_nothing_unless_asked(runner: Runner, words, variables) -> None:
    facts = runner.told(PROFILED, *words, **variables)
    assert facts == {"same": True, "result": 2, "enabled": False}
    assert outputs(runner.folder) == []


@pytest.mark.parametrize(("words", "variables"), [
    ((), {"LINE_PROFILE": "1"}), ((), {"LINE_PROFILE": "maybe"}), (("--line-profile",), {}),
])
def test_profile_writes_at_the_end(runner: Runner, words, variables) -> None:
    path = runner.write("script.py", "")
    path.write_text(HEAD + PROFILED)
    said = runner.run(str(path), *words, **variables).stdout.splitlines()
    assert json.loads(said[0]) == {"same": True, "result": 2, "enabled": True}
    assert outputs(runner.folder) == ["profile_output.lprof", "profile_output.txt",
                                      "profile_output_TIME.txt"]
    assert said[1] == "Timer unit: 1e-09 s"
    assert said[-3] == "Wrote profile results to profile_output.lprof"
    assert said[-2] == "To view details run:"
    assert said[-1].endswith(" -m tare.compat.line_profiler -rtmz profile_output.lprof")
    text = (runner.folder / "profile_output.txt").read_text()
    assert "Function: decorated at line" in text and "return x + 1" in text
    assert list(runner.timings("profile_output.lprof")["decorated"].values()) == [1]


def test_profile_is_asked_in_the_program(runner: Runner) -> None:
    runner.told("""
        def f(): pass
        def g(): pass
        def h(): pass
        profile(f)
        profile.enable(output_prefix="own_output")
        profile(g)
        profile.disable()
        profile(h)
        f(); g(); h()
        profile.write_config["stdout"] = profile.write_config["timestamped_text"] = False
        profile.show()
        tell()
        sys.stdout = sys.stderr
    """)
    assert outputs(runner.folder) == ["own_output.lprof", "own_output.txt"]
    assert list(runner.timings("own_output.lprof")) == ["g"]


def test_a_fork_does_not_write_what_its_parent_does(runner: Runner) -> None:
    facts = runner.told("""
        import os
        profile.enable()
        profile(work)
        work(3)
        child = os.fork()
        if not child:
            work(100)
            profile.show()
            os._exit(bool(os.listdir(".") != ["script.py"]))
        tell(code=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        profile.write_config.update(stdout=False, text=False, timestamped_text=False)
        sys.stdout = sys.stderr
    """)
    assert facts["code"] == 0
    assert max(runner.timings("profile_output.lprof")["work"].values()) == 4


def test_settings(runner: Runner) -> None:
    """The nearest file, the one in the environment, and what neither says."""
    runner.write("pyproject.toml", """
        [tool.line_profiler.setup]
        environ_flags = ["MEASURE"]
        [tool.line_profiler.write]
        output_prefix = "from_above_output"
        stdout = false
        timestamped_text = false
        [tool.line_profiler.show]
        details = true
    """)
    runner.folder /= "inner"
    runner.write("rc.toml", """
        [tool.line_profiler.setup]
        cli_flags = ["--mine"]
        [tool.line_profiler.write]
        output_prefix = "rc_output"
        text = false
        lprof = false
    """)
    path = runner.write("script.py", "")
    path.write_text(HEAD + PROFILED)
    runner.run(str(path), LINE_PROFILE="1")
    assert outputs(runner.folder) == []
    runner.run(str(path), MEASURE="1")
    assert outputs(runner.folder) == ["from_above_output.lprof", "from_above_output.txt"]
    runner.run(str(path), "--mine", LINE_PROFILER_RC="rc.toml")
    assert "rc_output_TIME.txt" in outputs(runner.folder)
    assert "rc_output.lprof" not in outputs(runner.folder)


# ---- IPython ----


def test_lprun(tmp_path: Path) -> None:
    pytest.importorskip("IPython", reason="IPython is not installed")
    script = tmp_path / "cells.py"
    script.write_text(textwrap.dedent("""
        from IPython.testing.globalipapp import get_ipython
        ip = get_ipython()
        ip.run_line_magic("load_ext", "tare.compat.line_profiler")
        ip.run_cell("def f(n):\\n    for i in range(n):\\n        i\\n    return n")
        lp = ip.run_line_magic("lprun", "-r -T out.txt -D out.lprof -f f f(10)")
        print([row[1] for row in lp.get_stats().timings.popitem()[1]])
        print(open("out.txt").read().count("return n"))
        lp = ip.run_cell_magic("lprun_all", "-r -t", "x = 1\\nfor i in range(5):\\n    x += i\\n")
        print([row[1] for row in lp.get_stats().timings.popitem()[1]], ip.user_ns["x"])
        print(ip.user_ns["_total_time_taken"] > 0)
    """))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True,
                          check=False, cwd=tmp_path, timeout=120,
                          env={**os.environ, "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stdout.splitlines() if line[:1] in "[1T" and line[:2] != "Ti"]
    assert "[11, 10, 1]" in done.stdout and "[1, 6, 5] 11" in done.stdout, said
    assert "    x += i" in done.stdout and done.stdout.rstrip().endswith("True")
