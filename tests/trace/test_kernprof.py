"""tare.compat.kernprof in the place of kernprof."""

from __future__ import annotations

import json
import re

import pytest

from line_profiling import KINDS, Runner

SCRIPT = """
import sys
@profile
def decorated(times):
    for i in range(times):
        i * i
    return times
def plain():
    return 0
class Kind:
    def method(self):
        return [x for x in range(3)]
if __name__ == "__main__":
    print(decorated(10), plain(), Kind().method(), sys.argv[1:], __name__)
"""


def test_kernprof_measures_what_is_decorated(runner: Runner) -> None:
    runner.write("script.py", SCRIPT)
    said = runner.kernprof("-l", "script.py", "-l", "a").stdout.splitlines()
    assert said[0] == "10 0 [0, 1, 2] ['-l', 'a'] __main__"
    assert said[1:3] == ["Wrote profile results to 'script.py.lprof'", "Inspect results with:"]
    assert said[3].endswith(" -m tare.compat.line_profiler -rmt script.py.lprof")
    assert runner.timings("script.py.lprof") == {"decorated": {5: 11, 6: 10, 7: 1}}


def test_kernprof_shows(runner: Runner) -> None:
    runner.write("script.py", SCRIPT)
    said = runner.kernprof("-lvz", "--summarize", "-u", "1e-3", "script.py").stdout
    assert "\nTimer unit: 0.001 s\n" in said and "Inspect results" not in said
    assert re.search(r"^ +6 +10 +0\.0 .*        i \* i$", said, re.MULTILINE)
    assert said.endswith("seconds - script.py:3 - decorated\n")
    assert runner.kernprof("-lq", "script.py").stdout.count("\n") == 1
    quiet = runner.kernprof("-lqq", "script.py")
    assert (quiet.stdout, quiet.stderr) == ("", "")


def test_kernprof_p_measures_the_whole_program(runner: Runner) -> None:
    runner.write("script.py", SCRIPT)
    runner.kernprof("-l", "-p", "script.py", "-o", "own.lprof", "script.py")
    found = runner.timings("own.lprof")
    assert sorted(found) == ["Kind.method", "decorated", "plain"]
    assert found["plain"] == {9: 1} and found["decorated"][6] == 10
    if runner.version >= (3, 12):
        runner.write("generic.py", "def f[T](x: T) -> T:\n    return x\nf(1)\nl = lambda: 1\n")
        runner.kernprof("-l", "-p", "generic.py", "generic.py")
        assert runner.timings("generic.py.lprof") == {"f": {2: 1}}


PACKAGE = {
    "pack/__init__.py": "",
    "pack/util.py": "def util(x):\n    return x\n",
    "pack/part.py": "from .util import util\ndef part(x):\n    return util(x)\n",
    "pack/apart.py": "def apart():\n    return 1\nclass Kind:\n    def method(self): return 2\n",
    "pack/__main__.py": "from . import part\nimport sys\ndef start():\n"
                        "    print(part.part(3), sys.argv[1:], __package__)\n"
                        "if __name__ == '__main__':\n    start()\n",
}


@pytest.mark.parametrize(("flags", "expected"), [
    (["-p", "pack"], {"util", "part", "apart", "Kind.method", "start"}),
    (["-p", "pack.part"], {"util", "part"}),
    (["-p", "pack.part,pack.apart.Kind"], {"util", "part", "Kind.method"}),
    (["-p", "pack.apart.apart", "-p", "", "-p", "pack.util"], {"util"}),
    (["-p", "pack/apart.py"], {"apart", "Kind.method"}),
    (["-p", "pack.part", "--no-preimports"], {"util", "part"}),
    (["-p", "pack.apart", "--no-preimports"], set()),
    (["-p", "pack.__main__", "--prof-imports"], {"start", "util", "part"}),
    ([], set()),
])
def test_kernprof_p_of_modules(runner: Runner, flags: list[str], expected: set[str]) -> None:
    for name, text in PACKAGE.items():
        runner.write(name, text)
    done = runner.kernprof("-l", *flags, "-m", "pack", "-p", "a")
    assert done.stdout.startswith("3 ['-p', 'a'] pack\nWrote profile results to 'pack.lprof'\n")
    found = runner.timings("pack.lprof")
    assert set(found) == expected
    assert all(found[name] == {2: 1} for name in {"util"} & expected)
    assert all(found[name] == {3: 1} for name in {"part"} & expected)


def test_kernprof_p_that_names_nothing(runner: Runner) -> None:
    runner.write("script.py", SCRIPT)
    said = runner.kernprof("-l", "-p", "./none.py,nowhere.at.all", "script.py").stderr
    assert "1 profile-on-import target cannot be converted to dotted-path form" in said
    assert "['./none.py']" in said
    assert "cannot be resolved: 'nowhere.at.all'" in said


@pytest.mark.parametrize("words", [["-c", "  def f(): return 1\n  print(f())"], ["-"]])
def test_kernprof_of_code(runner: Runner, words: list[str]) -> None:
    """Its functions are shown; in the file they would have no source."""
    said = runner.kernprof("-lv", "-o", "out.lprof", *words, text="def f(): return 1\nprint(f())")
    assert said.stdout.startswith("1\n")
    assert "Function: f at line 1" in said.stdout and "def f(): return 1" in said.stdout
    assert runner.timings("out.lprof") == {}


def test_kernprof_without_lines_is_cprofile(runner: Runner) -> None:
    runner.write("script.py", SCRIPT)
    said = runner.kernprof("-bv", "script.py").stdout
    assert "(decorated)" in said and "(plain)" not in said
    assert (runner.folder / "script.py.prof").stat().st_size > 100
    runner.write("other.py", "def plain():\n    return 0\nplain()\n")
    assert "other.py:1(plain)" in runner.kernprof("-v", "other.py").stdout


def test_kernprof_without_lines_leaves_meaning_as_it_is(runner: Runner) -> None:
    """There `profile` wraps: all but identity and the frames of a traceback stays the same."""
    runner.write("kinds.py", KINDS)
    runner.write("script.py", """
        import asyncio, json, kinds
        def facts(decorate):
            found = kinds.facts(kinds.with_partial(kinds.build(decorate), decorate))
            return {**found, "raised": found["raised"][0]}
        print(json.dumps([facts(kinds.identity), facts(profile), profile.enable_count]))
    """)
    plain, seen, count = json.loads(runner.kernprof("-bq", "script.py").stdout)
    assert (seen, count) == (plain, 0)
    assert seen["athrown"] == "caught" and seen["drained"] == [[1, "sent"], 42]


def test_kernprof_writes_also_when_the_program_fails(runner: Runner) -> None:
    runner.write("script.py", SCRIPT + "raise KeyError('late')\n")
    assert "KeyError: 'late'" in runner.kernprof("-l", "script.py", code=1).stderr
    assert runner.timings("script.py.lprof")["decorated"][6] == 10
    runner.write("script.py", SCRIPT + "sys.exit(7)\n")
    runner.kernprof("-l", "script.py", code=7)
    assert "Could not find script 'no.py'" in runner.kernprof("-l", "no.py", code=1).stderr
    assert "Could not find module `no`" in runner.kernprof("-l", "-m", "no", code=1).stderr
    assert "argument expected for the -m option" in runner.kernprof("-m", code=1).stderr


def test_kernprof_runs_a_setup_first(runner: Runner) -> None:
    runner.write("before.py", "import builtins\nbuiltins.ready = 'ready'\n")
    runner.write("script.py", "print(ready)\n")
    assert runner.kernprof("-lq", "-s", "before.py", "script.py").stdout == "ready\n"


def test_kernprof_puts_everything_back(runner: Runner) -> None:
    runner.write("script.py", "import sys\nsys.path.append('mine')\nsys.argv.append('x')\n")
    facts = runner.told("""
        import builtins
        from tare import _trace
        from tare.compat.kernprof import main
        with open("inner.py", "w") as file:
            file.write("import sys\\nsys.path.append('mine')\\n@profile\\ndef f(): pass")
        before = list(sys.argv), list(sys.path), sys.modules["__main__"]
        main(["-lq", "inner.py"])
        after = list(sys.argv), list(sys.path), sys.modules["__main__"]
        tell(same=before == after, profile=hasattr(builtins, "profile"), active=_trace.active())
    """)
    assert facts == {"same": True, "profile": False, "active": False}


def test_kernprof_writes_from_time_to_time(runner: Runner) -> None:
    runner.write("script.py", """
        import os, time
        @profile
        def f(): pass
        f()
        end = time.monotonic() + 30
        while not os.path.exists("script.py.lprof") and time.monotonic() < end: time.sleep(0.01)
        print(os.path.exists("script.py.lprof"))
    """)
    assert runner.kernprof("-lq", "-i", "1", "script.py").stdout == "True\n"


def test_kernprof_is_configured(runner: Runner) -> None:
    runner.write("script.py", SCRIPT)
    runner.write("line_profiler.toml", """
        [tool.line_profiler.kernprof]
        line-by-line = true
        prof-mod = ["script.py"]
        outfile = "configured.lprof"
        verbose = -1
    """)
    assert runner.kernprof("script.py").stdout.count("\n") == 1
    assert len(runner.timings("configured.lprof")) == 3
    assert "script.py.lprof" in runner.kernprof("--no-config", "-l", "script.py").stdout
    assert "own.toml" in runner.kernprof("--config", "own.toml", "script.py", code=1).stderr
