"""The program cannot tell: arguments, modules, files, signals, threads are those of a plain run."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tracing import Tracer

SURROUNDINGS = {"LANG": "C.UTF-8", "PATH": os.environ["PATH"], "MARK": "\x01 odd ;=value"}
FINGERPRINT = Path(__file__).resolve().parents[1] / "targets" / "fingerprint.py"
MORE = """
import gc, json, sys, threading, __main__
print(json.dumps({
    "argv": sys.argv, "orig_argv": sys.orig_argv, "path": sys.path,
    "main": sorted(vars(__main__)), "file": getattr(__main__, "__file__", None),
    "modules": sorted(sys.modules), "cache": sorted(map(str, sys.path_importer_cache)),
    "threads": threading.active_count(), "profile": str(sys.getprofile()),
    "trace": str(sys.gettrace()), "spec": str(__main__.__spec__),
    "frames": sys._getframe().f_back is None, "recursion": sys.getrecursionlimit(),
    "switch": sys.getswitchinterval(), "gc": gc.isenabled(), "hooks": str(sys.excepthook),
}))
"""


def both(tracer: Tracer, *words: str, **popen: object) -> list[subprocess.CompletedProcess[str]]:
    """Plain, then traced."""
    output = tracer.output()
    commands = [[tracer.python, *words], tracer.command(*words, output=output)]
    return [subprocess.run(command, capture_output=True, text=True, check=False,
                           **popen)  # type: ignore[call-overload]
            for command in commands]


def test_everything_a_program_can_see(tracer: Tracer, tmp_path: Path) -> None:
    told = []
    stdin = tmp_path / "stdin"
    for given in both(tracer, str(FINGERPRINT), "an argument", "", "-o",
                      env=SURROUNDINGS, cwd=tmp_path, input="some input\n"):
        assert given.returncode == 17
        assert given.stderr == "to standard error\n"
        told.append(json.loads(given.stdout))
    for facts in told:
        for number in ("0", "1", "2"):  # pipes have a new number each time
            facts["descriptors"][number] = facts["descriptors"][number].split("[")[0]
    assert not stdin.exists()
    for key in told[0]:
        assert told[1][key] == told[0][key], key


@pytest.mark.parametrize("way", ["script", "-m", "-c", "-", "folder"])
def test_main_is_what_it_would_be(tracer: Tracer, tmp_path: Path, way: str) -> None:
    (tmp_path / "seen.py").write_text(MORE)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__main__.py").write_text(MORE)
    words = {"script": ["seen.py"], "-m": ["-m", "seen"], "-c": ["-c", MORE], "-": ["-"],
             "folder": ["folder"]}[way]
    plain, traced = both(tracer, *words, "a", "b", cwd=tmp_path, env=SURROUNDINGS, input=MORE)
    assert plain.returncode == traced.returncode == 0, traced.stderr
    before, after = json.loads(plain.stdout), json.loads(traced.stdout)
    for facts in (before, after):
        facts["spec"] = re.sub(r" at 0x\w+", "", facts["spec"])
    for key in before:
        assert after[key] == before[key], key


def test_another_preload_stays(tracer: Tracer) -> None:
    script = "import os; print(os.environ.get('LD_PRELOAD'))"
    libc = "libc.so.6"
    plain, traced = both(tracer, "-c", script, env={**SURROUNDINGS, "LD_PRELOAD": libc})
    assert plain.stdout == traced.stdout == f"{libc}\n"


def test_a_profiler_of_the_programs_own(tracer: Tracer) -> None:
    """cProfile and sys.setprofile work as they would, beside us."""
    script = """
import cProfile, io, pstats, sys
def f(): pass
seen = []
sys.setprofile(lambda frame, event, arg: seen.append(event))
f()
sys.setprofile(None)
print(seen.count("call"), sys.getprofile())
profile = cProfile.Profile()
profile.runcall(lambda: [f() for _ in range(50)])
stats = pstats.Stats(profile, stream=io.StringIO())
print([entry[0] for key, entry in stats.stats.items() if key[2] == "f"])
"""
    plain, traced = both(tracer, "-c", script)
    assert (traced.stdout, traced.stderr) == (plain.stdout, plain.stderr)


def test_a_tool_that_takes_the_hook_keeps_it(tracer: Tracer) -> None:
    """On 3.11 there is one frame hook; who sets it last has it. We go on with what is left."""
    if tracer.version >= (3, 12):
        pytest.skip("sys.monitoring has room for six tools")
    traced = tracer.run("""
        import ctypes, time
        api = ctypes.pythonapi
        api.PyInterpreterState_Main.restype = ctypes.c_void_p
        main = ctypes.c_void_p(api.PyInterpreterState_Main())
        def work():
            pass
        def outer():
            work()
            default = ctypes.cast(api._PyEval_EvalFrameDefault, ctypes.c_void_p)
            api._PyInterpreterState_SetEvalFrameFunc(main, default)
            work()
            time.sleep(1.1)
        outer()
        for _ in range(10):
            work()
    """, flags=("--no-builtins",)).expect_whole()
    assert traced.calls("work") == 1 + 10
    assert "taken by another tool" in traced.profile.meta["trace.hook"]
