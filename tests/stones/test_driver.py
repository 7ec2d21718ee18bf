"""One process and many: what is measured, and what is said of interpreters that are none."""

import json
import os
import sys
import time

import pytest
from tare.stones import running
from tare.stones.interpreters import Interpreter, NoInterpreter, ask, find_all, resolve
from tare.stones.measuring import Plan, measure, summarise
from tare.stones.running import Asked, Trouble, measure_start, measure_stones
from tare.stones.tarestones import KERNELS

NAMES = [row[0] for row in KERNELS]
TINY = Plan(processes=3, seconds=0.01, more=0, small=True)
HEADER = (
    "size = 'small' if '--small' in sys.argv else 'full'\n"
    "say('tarestones 1 cpython 3.99.0 process_time cpu ' + size)\nsys.stdin.readline()\n"
)
COLD = f"for name in {NAMES}: say('cold %s 1000' % name)\n"
ROUNDS = f"for i in range(9): say('round ' + ' '.join(['1000'] * {len(NAMES)}))\n"
# Works for as long as it says: no lie of its clock.
DONE = (
    "begin = time.process_time()\nwhile time.process_time() < begin + 0.05: pass\n"
    "say('done 9 %d' % (time.process_time() * 1e9))\nsys.stdin.readline()\n"
)


@pytest.fixture
def run_fake(fake, stones_file):
    """What comes of a process of an interpreter that does what the code says."""

    def run(code, silence=20.0):
        return measure_stones(str(fake(code)), str(stones_file), Asked(NAMES), 1, silence)

    return run


# ---- what is measured


def test_a_process_tells_every_kernel(stones_file):
    run = measure_stones(sys.executable, str(stones_file), Asked(NAMES, "full", 0.01), 1, 60)
    assert run.clock_kind == "cpu" and run.size == "full"
    assert list(run.cold_ns) == list(run.rounds_ns) == NAMES
    assert {len(values) for values in run.rounds_ns.values()} == {len(run.rounds_ns["calls"])}
    assert 2**20 < run.begin_bytes <= run.peak_bytes < 2**27


def test_the_memory_of_who_started_it_is_not_its_own(stones_file):
    """What wait4() says of a child begins with what its parent had when it forked."""
    ballast = bytearray(os.urandom(1 << 20) * 200)
    asked = Asked(NAMES, "small", 0.001)
    run = measure_stones(sys.executable, str(stones_file), asked, 1, 60)
    assert run.peak_bytes < len(ballast) / 2


def test_starting_takes_what_the_system_counted(tmp_path, fake):
    busy = fake("")
    busy.write_text(
        f"#!{sys.executable} -S\nimport time\nend = time.process_time() + 0.2\n"
        "while time.process_time() < end: pass\n"
    )
    plain = measure_start(sys.executable, str(tmp_path), 1, 60)
    worked = measure_start(str(busy), str(tmp_path), 1, 60)
    assert worked.cpu_ns > 200_000_000 and worked.wall_ns > 200_000_000
    assert 0 < plain.cpu_ns < worked.cpu_ns


def test_interpreters_take_turns(fake, tmp_path):
    """The first of each round is another one each time, so that none has the better minutes."""
    log = tmp_path / "log"
    code = f"open({str(log)!r}, 'a').write(os.path.basename(sys.argv[0]))\n"
    chosen = [
        Interpreter(str(fake(code + HEADER + COLD + ROUNDS + DONE, name)), "cpython", "3.99.0")
        for name in "abc"
    ]
    found = measure(chosen, TINY, lambda words: None)
    assert [one.trouble for one in found] == ["", "", ""]
    assert log.read_text() == "abc" "bca" "cab"
    assert {len(one.runs) for one in found} == {3}


def test_what_fails_does_not_keep_the_others_waiting(fake):
    good = Interpreter(sys.executable, "cpython", "3")
    bad = Interpreter(str(fake(HEADER + "os.abort()")), "cpython", "3.99.0")
    told = []
    one, other = measure([bad, good], TINY, told.append)
    assert one.trouble == "ended by SIGABRT"
    assert not other.trouble and len(other.runs) == 3
    assert len(told) == 4
    assert summarise(other, True).stones is not None or summarise(other, True).unsteady


def test_the_environment_of_the_user_is_not_the_interpreters(run_fake, monkeypatch):
    """PYTHONPATH and the like would load one version's modules into another."""
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PYTHONHOME", "/somewhere")
    monkeypatch.setenv("LD_PRELOAD", "")
    code = "names = [n for n in os.environ if n.startswith('PYTHON') or n == 'LD_PRELOAD']\n"
    run_fake(code + "assert names == ['PYTHONHASHSEED'], names\n" + HEADER + COLD + ROUNDS + DONE)


# ---- what is no measurement


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sys.exit(3)", "exit code 3"),
        ("sys.exit('no license')", "exit code 1: no license"),
        ("os.kill(os.getpid(), 11)", "ended by SIGSEGV"),
        ("import nothing_here", "exit code 1: ModuleNotFoundError: No module named 'nothing_here'"),
        ("say('hello')", "printed what is no measurement: 'hello'"),
        ("sys.stdout.buffer.write(bytes(range(256)) * 9)", "printed what is no measurement"),
        ("say('tarestones 2 cpython 3.9 clock cpu full')", "printed what is no measurement"),
        ("say('tarestones 1 cpython 3.9 clock moon full')", "has a clock of an unknown kind"),
        ("say('tarestones 1 cpython 3.9 clock cpu small')", "printed what is no measurement"),
        (HEADER + "say('cold calls fast')", "printed what is no measurement: 'cold calls fast'"),
        (HEADER + "say('cold calls -5')", "printed what is no measurement"),
        (HEADER + "say('cold calls 5'); say('cold calls 5')", "printed what is no measurement"),
        (HEADER + "say('cold sand 5')", "printed what is no measurement: 'cold sand 5'"),
        (HEADER + "say('cold calls 5'); say('round 5')", "printed what is no measurement"),
        (HEADER + COLD + "say('round 1 2 3')", "printed what is no measurement: 'round 1 2 3'"),
        (HEADER + COLD + ROUNDS + "say('done 8 1')", "printed what is no measurement: 'done 8 1'"),
        (HEADER + COLD + ROUNDS, "exit code 0 after 14 kernels and 9 rounds"),
        (HEADER + "say('wrong sieve 7 3245')", "wrong: sieve came to 7, not 3245"),
        (HEADER + COLD + ROUNDS + DONE + "say('more')", "printed after the end: 'more'"),
        (HEADER + COLD + ROUNDS + DONE + "sys.exit(9)", "failed at its end: exit code 9"),
    ],
)
def test_each_way_to_fail_has_its_words(run_fake, code, words):
    with pytest.raises(Trouble) as caught:
        run_fake(code)
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "code",
    ["", HEADER, HEADER + COLD + ROUNDS, HEADER + COLD + ROUNDS + DONE],
    ids=["start", "kernels", "rounds", "end"],
)
def test_who_hangs_is_ended_with_all_that_it_started(run_fake, code, tmp_path):
    child = tmp_path / "child"
    forks = (
        "pid = os.fork()\nif pid == 0: time.sleep(600)\n"
        f"open({str(child)!r}, 'w').write(str(pid))\n"
    )
    with pytest.raises(Trouble, match=r"(said nothing for|did not end in) 1 s and was ended"):
        run_fake(forks + code + "time.sleep(600)", silence=1)
    for _ in range(200):  # until its new parent has reaped it
        if not os.path.exists(f"/proc/{child.read_text()}") or is_dead(child.read_text()):
            return
        time.sleep(0.05)
    pytest.fail("what it started lives on")


def is_dead(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
        return stream.read().rpartition(")")[2].split()[0] == "Z"


def test_output_without_end_ends(run_fake, monkeypatch):
    monkeypatch.setattr(running, "MOST_OUTPUT", 1 << 20)
    flood = "while True: sys.stdout.write('x' * 65536)"
    with pytest.raises(Trouble, match="went on without end"):
        run_fake(flood)
    rounds = "while True: say('round ' + ' '.join(['1'] * 14))"
    with pytest.raises(Trouble, match="went on without end"):
        run_fake(HEADER + COLD + rounds)


@pytest.mark.parametrize("claimed", ["1000", "0.5 * time.process_time() * 1e9", "9e9"])
def test_a_clock_that_lies_is_found_out(run_fake, claimed):
    """It says nearly nothing, half, or much more than the second that the system counted."""
    work = "while time.process_time() < 0.8: pass\n"
    end = f"say('done 9 %d' % ({claimed}))\nsys.stdin.readline()\n"
    with pytest.raises(Trouble, match=r"its clock \(process_time\) counted"):
        run_fake(HEADER + COLD + ROUNDS + work + end)


def test_what_cannot_be_started_says_so(tmp_path, stones_file):
    with pytest.raises(Trouble, match="cannot be started: No such file"):
        measure_stones(str(tmp_path / "none"), str(stones_file), Asked(NAMES), 1, 5)
    with pytest.raises(Trouble, match="cannot be started: Permission denied"):
        measure_stones(str(stones_file), str(stones_file), Asked(NAMES), 1, 5)


# ---- which interpreters there are


def test_an_interpreter_says_what_it_is(fake):
    assert ask(sys.executable).version == sys.version.split()[0]
    assert ask(sys.executable).implementation == sys.implementation.name
    assert ask(str(fake(""))) == (str(fake("")), "cpython", "3.99.0")
    assert ask(str(fake(""))).name == "CPython 3.99.0"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("#!/bin/sh\nexit 0\n", "it is no Python: exit code 0"),
        ("#!/bin/sh\nkill -9 $$\n", "it is no Python: ended by SIGKILL"),
        ("#!/bin/sh\nsleep 600\n", "no answer in 0.5 s"),
        ("#!/bin/sh\nyes | head -c 100000\n", "it is no Python"),
        ("garbage", "Exec format error"),
    ],
)
def test_what_is_none_says_why(tmp_path, body, words):
    path = tmp_path / "python3"
    path.write_text(body)
    path.chmod(0o755)
    with pytest.raises(NoInterpreter, match=words):
        ask(str(path), 0.5 if "sleep" in body else 30)


def test_interpreters_are_found_on_the_path_and_in_pyenv(fake, tmp_path):
    """Once each, however many names they have; what only looks like one is none."""
    folder = tmp_path / ".pyenv" / "versions" / "3.99.0" / "bin"
    folder.mkdir(parents=True)
    fake("").rename(folder / "python")
    shims = tmp_path / "shims"
    shims.mkdir()
    fake("", "shims/python3")
    path = tmp_path / "path"
    path.mkdir()
    (path / "python3").symlink_to(folder / "python")
    (path / "pypy3").write_text("#!/bin/sh\necho tare-python pypy 3.9.1\n")
    (path / "python-config").write_text("#!/bin/sh\necho tare-python cpython 1.0\n")
    (path / "python2").write_text("#!/bin/sh\nexit 1\n")
    for file in path.iterdir():
        file.chmod(0o755)
    environ = {"HOME": str(tmp_path), "PATH": f"{shims}:{path}:/no/such/folder"}
    found = find_all(sys.executable, environ)
    assert [one.name for one in found[1:]] == ["CPython 3.99.0", "PyPy 3.9.1"]
    assert found[0].path == sys.executable
    assert resolve("3.99", sys.executable, environ).path == str(folder / "python")
    assert resolve("3", sys.executable, environ).path == sys.executable  # the current one first
    assert resolve("pypy", sys.executable, environ).implementation == "pypy"
    assert resolve(str(path / "pypy3"), sys.executable, environ).version == "3.9.1"
    for word in ("2.6", "jython", "./nothing"):
        with pytest.raises(NoInterpreter):
            resolve(word, sys.executable, environ)


def test_a_broken_current_interpreter_hides_no_other(fake, tmp_path):
    fake("", "python3")
    found = find_all("/no/such/python", {"HOME": "/", "PATH": str(tmp_path)})
    assert [one.name for one in found] == ["CPython 3.99.0"]


# ---- the command


def test_json_has_what_was_measured(tare):
    done = tare("bench", "--json", "--small", "--processes", "3", "--seconds", "0.05")
    assert done.returncode in (0, 4), done.stderr  # a disturbed machine may leave it unsteady
    document = json.loads(done.stdout)
    assert document["schema"] == "tare.bench/1"
    (one,) = document["interpreters"]
    assert one["name"].startswith("CPython 3.") and one["processes"] == 3
    assert [kernel["name"] for kernel in one["kernels"]] == NAMES
    for estimate in [kernel["pass_ns"] for kernel in one["kernels"]]:
        assert 0 < estimate["low"] <= estimate["value"] <= estimate["high"]
    assert (one["stones"] is None) == bool(one["unsteady"]) == (done.returncode == 4)


def test_troubles_are_a_line_each(tare, fake, tmp_path):
    crash = fake(HEADER + "os.abort()", "crash")
    none = tmp_path / "none"
    options = ("--small", "--processes", "2", "--seconds", "0.02", "--kernel", "sieve")
    done = tare("bench", *options, "--kernel", "calls", "--kernel", "text", crash, none,
                sys.executable)
    assert done.returncode == 4
    assert done.stderr.splitlines() == [
        f"tare: measure {none}: No such file or directory",
        f"tare: measure CPython 3.99.0 ({crash}): ended by SIGABRT",
    ]
    assert "CPython 3.1" in done.stdout and "sieve" in done.stdout


def test_nothing_measured_is_no_result(tare, fake):
    done = tare("bench", "--small", fake("say('hello')"), "no-such-python")
    assert done.returncode == 3
    assert done.stdout == ""
    assert [line.split(": ", 2)[1] for line in done.stderr.splitlines()][-1] == "bench"
    assert "Traceback" not in done.stderr and done.stderr.count("\n") == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--all", "3.13"], "different choices"),
        (["--kernel", "sand"], "no such kernel; there are calls, objects"),
        (["--from", "laptop"], "give that too"),
        (["--scale", "5ms"], "needs --from MACHINE or --to MACHINE"),
        (["--scale", "5", "--from", "x"], "no unit of time"),
        (["--scale", "5ms", "--from", "x"], "no machine that is kept (none)"),
        (["--save", "a/b"], "letters, digits"),
        (["--save", "a", "--kernel", "sieve"], "keeps all kernels"),
        (["-o", "picture.png"], "ends in .html or .svg"),
        (["-o", "/no/such/folder/a.svg"], "create its directory"),
        (["--pystone", "--save", "a"], "one figure"),
        (["--processes", "0"], "not a number of processes"),
    ],
)
def test_mistakes_are_one_line_before_anything_is_measured(tare, words, said):
    done = tare("bench", *words)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("tare: ") and done.stderr.count("\n") == 1
    assert said in done.stderr


def test_pystones_show_how_far_they_lie_apart(tare, fake):
    done = tare("bench", "--pystone", "--processes", "3", "--json", sys.executable,
                fake("say('dhrystone 1 cpython 3.99.0 clock cpu'); say('wrong: []')"))
    assert done.returncode == 4 and done.stderr.count("\n") == 1
    assert "left something else behind" in done.stderr
    document = json.loads(done.stdout)
    (one,) = document["interpreters"]
    assert len(one["process_rates"]) == 3
    rates = sorted(one["process_rates"])
    assert one["spread_ratio"] == pytest.approx(rates[-1] / rates[0] - 1)
    assert one["pystones_per_second"]["low"] <= one["pystones_per_second"]["value"]


def test_help_fits_and_lists_are_printed(tare):
    done = tare("bench", "--help", env={"COLUMNS": "80"})
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) < 80
    done = tare("bench", "--list", "--json")
    assert json.loads(done.stdout)["interpreters"][0]["version"] == sys.version.split()[0]
