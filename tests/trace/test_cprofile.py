"""tare.compat.cProfile in the place of cProfile."""

from __future__ import annotations

import json
import pstats
import subprocess
import textwrap
from pathlib import Path

import pytest

from tracing import Tracer

HEAD = """
import json, sys, threading
import tare.compat.cProfile as cProfile

def small(): return 1
def work(times):
    for _ in range(times): small()
def rows(profile):
    profile.create_stats()
    return {key[2]: list(row[:4]) for key, row in profile.stats.items()}
def tell(**facts):
    print(json.dumps(facts))

"""
CPYTHONS_TESTS = """
import sys, unittest
import tare.compat.cProfile
sys.modules["cProfile"] = tare.compat.cProfile
from test import test_cprofile
assert test_cprofile.CProfileTest.profilerclass is tare.compat.cProfile.Profile
unittest.main(module=test_cprofile)
"""


def run(tracer: Tracer, script: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([tracer.python, "-c", HEAD + textwrap.dedent(script)],
                          capture_output=True, text=True, check=False, timeout=120,
                          cwd=tracer.folder)
    assert done.returncode == code, done.stderr
    return done


def told(tracer: Tracer, script: str) -> dict:  # type: ignore[type-arg]
    return json.loads(run(tracer, script).stdout.splitlines()[-1])


def test_cpythons_own_tests(tracer: Tracer) -> None:
    found = subprocess.run([tracer.python, "-c", "import test.test_cprofile"],
                           capture_output=True, check=False)
    if found.returncode != 0:
        pytest.skip("this interpreter was installed without its tests")
    done = subprocess.run([tracer.python, "-c", CPYTHONS_TESTS], capture_output=True, text=True,
                          check=False, timeout=300, cwd=tracer.folder)
    assert done.returncode == 0, done.stderr
    assert "\nOK" in done.stderr


@pytest.mark.parametrize("builtins", [0, 1])
def test_counts_are_those_of_cprofile(tracer: Tracer, tree: Path, builtins: int) -> None:
    """Functions, names, calls, primitive calls and callers, all of them."""
    done = subprocess.run([tracer.python, tree / "tests" / "targets" / "kinds.py", str(builtins)],
                          capture_output=True, text=True, check=False, timeout=120)
    facts = json.loads(done.stdout)
    assert len(facts["truth"]) > 20
    assert facts["seen"] == facts["truth"]


def test_it_adds_up_until_cleared(tracer: Tracer) -> None:
    facts = told(tracer, """
        p = cProfile.Profile()
        seen = []
        for _ in range(3):
            with p: work(10)
            work(100)
            seen.append(rows(p)["small"][1])
        p.clear()
        p.runcall(work, 5)
        tell(seen=seen, cleared=rows(p)["small"][1], result=p.runcall(small))
    """)
    assert facts == {"seen": [10, 20, 30], "cleared": 5, "result": 1}


def test_a_timer_of_ones_own(tracer: Tracer) -> None:
    """Whole numbers of a unit, or seconds; its calls are in no profile."""
    facts = told(tracer, """
        now = 0
        def ticks(): return now
        def seconds(): return now / 1000
        def step():
            global now
            now += 7
        def outer():
            global now
            now += 100
            step(); step()
        found = []
        for p in (cProfile.Profile(ticks, 0.001), cProfile.Profile(seconds)):
            p.runcall(outer)
            found.append(rows(p))
        tell(found=found)
    """)
    for rows in facts["found"]:
        assert rows["step"] == [2, 2, pytest.approx(0.014), pytest.approx(0.014)]
        assert rows["outer"] == [1, 1, pytest.approx(0.1), pytest.approx(0.114)]
        assert "ticks" not in rows and "seconds" not in rows


def test_a_timer_that_fails_or_interferes(tracer: Tracer) -> None:
    """What it raises is reported as cProfile does; the program goes on."""
    done = run(tracer, """
        def broken(): raise KeyError("late")
        p = cProfile.Profile(broken)
        p.runcall(work, 3)
        q = None
        def stops():
            if q._enabled: q.disable()
            return 0.0
        q = cProfile.Profile(stops)
        q.runcall(work, 3)
        r = cProfile.Profile(lambda: "noon")
        r.runcall(work, 3)
        tell(calls=[rows(p)["small"][1], rows(q)["small"][1], rows(r)["small"][1]])
    """)
    assert json.loads(done.stdout)["calls"] == [3, 3, 3]
    assert "KeyError: 'late'" in done.stderr and "RuntimeError" in done.stderr
    assert "TypeError" in done.stderr


def test_a_timer_that_lets_other_threads_run(tracer: Tracer) -> None:
    """Ended while others are in it; what they do then is nobody's."""
    facts = told(tracer, """
        import time
        def slow():
            time.sleep(0.0001)
            return time.time()
        ended = threading.Event()
        def busy():
            while not ended.is_set(): work(2)
        threads = [threading.Thread(target=busy) for _ in range(3)]
        p = cProfile.Profile(slow)
        p.enable()
        for t in threads: t.start()
        for _ in range(20):
            p.disable()
            p.enable()
        ended.set()
        for t in threads: t.join()
        tell(calls=rows(p)["small"][1])
    """)
    assert facts["calls"] > 0


def test_threads_are_all_seen(tracer: Tracer) -> None:
    facts = told(tracer, """
        p = cProfile.Profile()
        def together():
            threads = [threading.Thread(target=work, args=(100,)) for _ in range(4)]
            for t in threads: t.start()
            for t in threads: t.join()
        p.runcall(together)
        tell(calls=rows(p)["small"][1])
    """)
    assert facts["calls"] == 400


def test_classes_when_asked_for(tracer: Tracer) -> None:
    facts = told(tracer, """
        class Point: pass
        def make():
            for _ in range(9): Point(); list()
        p, q = cProfile.Profile(classes=True), cProfile.Profile()
        p.runcall(make); q.runcall(make)
        tell(asked=rows(p), plain=rows(q))
    """)
    assert not any("class" in name for name in facts["plain"])
    if tracer.hears_classes:
        assert facts["asked"]["<class '__main__.Point'>"][1] == 9
        assert facts["asked"]["<class 'list'>"][1] == 9


def test_entries_as_lsprof_has_them(tracer: Tracer) -> None:
    facts = told(tracer, """
        p = cProfile.Profile()
        p.runcall(work, 4)
        e = {x.code if isinstance(x.code, str) else x.code.co_name: x for x in p.getstats()}
        s = e["work"].calls[0]
        n = cProfile.Profile(subcalls=False)
        n.runcall(work, 4)
        tell(small=e["small"][1:3], none=e["small"].calls, sub=[s.code.co_name, *s[1:3]],
             line=e["small"].code.co_firstlineno, file=e["small"].code.co_filename,
             subcalls=[x.calls for x in n.getstats()])
    """)
    assert facts["small"] == [4, 0] and facts["none"] is None
    assert facts["sub"] == ["small", 4, 0]
    assert facts["file"] == "<string>" and facts["line"] == 5
    assert set(facts["subcalls"]) == {None}


def test_one_at_a_time(tracer: Tracer) -> None:
    """Also beside tare.trace; what was deleted measures no more, where sys does not keep it."""
    facts = told(tracer, """
        import tare
        p, q = cProfile.Profile(), cProfile.Profile()
        refused = []
        def attempt(profile):
            try: profile.enable()
            except ValueError as error: refused.append(str(error))
        with p: attempt(q)
        with tare.trace(): attempt(q)
        p.enable(); p.enable(); p.disable(); p.disable()
        p.enable()
        if sys.version_info < (3, 12): p.disable()
        del p
        with q: work(1)
        tell(refused=refused, calls=rows(q)["small"][1])
    """)
    assert facts["calls"] == 1 and len(facts["refused"]) == 2
    assert all(said.startswith("Another profiling tool is already active")
               for said in facts["refused"])


def test_a_snapshot_of_what_goes_on(tracer: Tracer) -> None:
    facts = told(tracer, """
        p = cProfile.Profile()
        p.enable()
        work(5)
        p.snapshot_stats()
        early = {key[2]: row[1] for key, row in p.stats.items()}["small"]
        work(5)
        tell(early=early, late=rows(p)["small"][1])
    """)
    assert facts == {"early": 5, "late": 10}


def test_command_line(tracer: Tracer) -> None:
    script = tracer.folder / "app.py"
    script.write_text("import sys\ndef step(): pass\nfor _ in range(7): step()\n"
                      "print(__name__, __file__, sys.argv[1:])\nsys.exit(3)\n")
    output = tracer.folder / f"app-{tracer.version[1]}.pstats"
    command = [tracer.python, "-m", "tare.compat.cProfile"]
    done = subprocess.run([*command, "-o", output, script, "-s", "x"], capture_output=True,
                          text=True, check=False)
    assert done.stdout == f"__main__ {script} ['-s', 'x']\n" and done.returncode == 0
    calls = {key[2]: row[1] for key, row in pstats.Stats(str(output)).stats.items()}
    assert calls["step"] == 7
    shown = subprocess.run([*command, "-s", "ncalls", script], capture_output=True, text=True,
                           check=False)
    assert "Ordered by: call count" in shown.stdout and "(step)" in shown.stdout
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
