"""tare compare --save, --baseline, --history and --in, as people call them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tare._stats import Estimate
from tare.comparing import baseline
from tare.comparing.store import Measurement, Saved, Store
from tare.errors import Error

QUICK = ("--seconds", "1", "--processes", "6", "--args", "20000")
FAST = "def work(n):\n    for _ in range(n): pass\n    return n\n"
SLOW = "def work(n):\n    for _ in range(3 * n): pass\n    return n\n"
OTHER = FAST.replace("work", "other")
GIT = {
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}  # fmt: skip


def tare(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tare", "compare", *words],
        cwd=folder,
        env={**os.environ, **GIT, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, env={**os.environ, **GIT}, check=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which the fast work was committed and saved."""
    folder = tmp_path_factory.mktemp("project")
    git(folder, "init", "-q")
    (folder / "m.py").write_text(FAST + OTHER)
    git(folder, "add", "m.py")
    git(folder, "commit", "-q", "-m", "fast")
    done = tare(folder, "m.py:other", "m.py:work", *QUICK, "--save", "work")
    assert done.stderr == "tare: saved as work; tare compare --history work shows it\n"
    (one,) = Store(str(folder / ".tare" / "history.sqlite")).load("work")
    assert (one.a.label, one.b.label) == ("m.py:other", "m.py:work")
    assert len(one.b.commit) == 40 and not one.b.dirty and not one.b.pinned
    assert one.b.clock == "cpu" and one.b.spin_ns > 0
    assert len(one.b.values_ns) == len(one.document["processes"]) >= 2  # type: ignore[arg-type]
    return folder


def test_commit_of_a_baseline_is_measured_again_in_pairs(project: Path) -> None:
    (project / "m.py").write_text(SLOW + OTHER)
    before = subprocess.run(["git", "status", "--porcelain"], cwd=project, capture_output=True)
    done = tare(project, "--baseline", "work", "m.py:work", *QUICK, "--json")
    after = subprocess.run(["git", "status", "--porcelain"], cwd=project, capture_output=True)
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)
    assert found["verdict"] == "slower"
    assert 0.2 < found["ratio"]["value"] < 0.5
    assert found["a"]["name"].startswith("work (")
    assert before.stdout == after.stdout == b" M m.py\n"


def test_commands_and_revisions_beside_a_baseline(project: Path) -> None:
    (project / "m.py").write_text(SLOW + OTHER)
    run = "import m; m.work(1_000_000)"
    done = tare(project, "HEAD", ".", "--seconds", "1", "--processes", "6", "--save", "run",
                "--", sys.executable, "-c", run)  # fmt: skip
    assert done.returncode == 1, done.stderr
    (one,) = Store(str(project / ".tare" / "history.sqlite")).load("run")
    assert one.a.pinned and not one.a.dirty
    assert one.b.dirty and not one.b.pinned
    done = tare(project, "--baseline", "run", "HEAD", "--seconds", "1", "--processes", "6",
                "--json", "--", sys.executable, "-c", run)  # fmt: skip
    found = json.loads(done.stdout)
    # What was saved had changes that no commit has: the saved times are what there is.
    assert found["a"]["name"] == "run (saved)"
    assert any("not in pairs" in note for note in found["notes"])
    assert found["ratio"]["value"] > 1.2


def test_history_as_people_read_it(project: Path) -> None:
    done = tare(project, "--history")
    assert done.returncode == 0
    assert "work" in done.stdout and "Next: tare compare --history" in done.stdout
    done = tare(project, "--history", "work")
    assert "1 measurement: CPU time of m.py:work" in done.stdout
    assert "One measurement alone shows no change" in done.stdout
    found = json.loads(tare(project, "--history", "work", "--json").stdout)
    assert found["schema"] == "tare.history/1"
    (series,) = found["series"]
    assert (series["kind"], series["unit"], len(series["points"])) == ("time", "ns", 1)
    names = json.loads(tare(project, "--history", "--json").stdout)["names"]
    assert "work" in [one["name"] for one in names]


def test_history_as_a_picture(project: Path, tmp_path: Path) -> None:
    for name, begin in (("h.svg", "<svg "), ("h.html", "<!DOCTYPE html>")):
        path = str(tmp_path / name)
        done = tare(project, "--history", "work", "-o", path)
        assert (done.returncode, done.stderr) == (0, f"tare: wrote {path}\n")
        assert Path(path).read_text().startswith(begin)
        again = tare(project, "--history", "work", "-o", path)
        assert again.returncode == 2 and "add --overwrite to replace it" in again.stderr


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done
    assert done.stdout == "" and done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--history", "wrok"), "nothing is saved so; did you mean work?"),
        (("--history", "a", "b"), "--history takes one name; without any it lists them"),
        (("--history", "work", "--save", "x"), "--history measures nothing; leave --save and"),
        (("--history", "-o", "x.svg"), "-o draws one history; name it after --history"),
        (("--history", "work", "-o", "x.txt"), "give a name that ends with .html or .svg"),
        (("-o", "x.svg", "m.py:work", "m.py:other"), "-o is for the picture of a history"),
        (("--baseline", "none", "m.py:work"), "nothing is saved so"),
        (("--baseline", "work", "m.py:work", "m.py:other"), "compared with one side, and 2 are"),
        (("--save", "a\nb", "m.py:work", "m.py:other"), "give a name of 1 to 200 printable"),
        (("--of", "f", "m.py:work", "m.py:other"), "--of names a function of a profile; add --in"),
        (("--in", "none.tare", "m.py:work", "m.py:other"), "none.tare"),
    ],
)
def test_mistakes_are_one_line(project: Path, words: tuple[str, ...], said: str) -> None:
    begun = time.monotonic()
    assert said in one_line(tare(project, *words))
    assert time.monotonic() - begun < 30  # nothing was measured before it was said


def test_nothing_saved_yet(tmp_path: Path) -> None:
    said = one_line(tare(tmp_path, "--history"))
    assert "there is no history yet; --save NAME begins one" in said
    assert list(tmp_path.iterdir()) == []


def test_what_differs_is_not_saved(tmp_path: Path) -> None:
    done = tare(tmp_path, "-e", "x = 1", "-e", "x = 2", "--seconds", "1", "--save", "n")
    assert "not saved as n: different results" in done.stderr
    assert not (tmp_path / ".tare").exists()


def test_gain_of_the_whole_program(tmp_path: Path) -> None:
    """About half of the time is work()'s; three times slower, all takes about twice as long."""
    (tmp_path / "m.py").write_text(FAST + SLOW.replace("work", "slow") + OTHER)
    (tmp_path / "p.py").write_text("import m\nfor _ in range(300): m.work(40_000); m.other(40_000)")
    subprocess.run(
        [sys.executable, "-m", "tare", "run", "-q", "-o", "p.tare", "p.py"],
        cwd=tmp_path,
        check=True,
    )
    words = ("m.py:work", "m.py:slow", *QUICK, "--in", "p.tare")
    found = json.loads(tare(tmp_path, *words, "--json").stdout)
    (gain,) = found["gains"]
    assert gain["function"]["name"] == "work"
    assert 0.35 < gain["share"]["value"] < 0.6
    assert gain["ratio"] == found["ratio"]
    assert 0.4 < gain["whole_ratio"]["value"] < 0.65
    said = " ".join(tare(tmp_path, *words).stdout.split())
    assert "\\" not in said
    assert "program work is " in said and "makes the whole " in said
    said = one_line(tare(tmp_path, "-e", "1", "-e", "2", "--in", "p.tare"))
    assert "which function of p.tare is 1? say it with --of FUNCTION" in said


def stored(values: tuple[float, ...], **facts: object) -> Saved:
    b = Measurement("b", "m.py:f", "", False, False, "m1", "a machine", "CPython 3.11.7", "cpu",
                    1000, values)._replace(**facts)  # fmt: skip
    return Saved(1, "base", 5, b, b, {})


def now(values: tuple[float, ...], spin_ns: int = 1000) -> object:
    from types import SimpleNamespace

    machine = SimpleNamespace(spin_before_ns=spin_ns, spin_after_ns=spin_ns + 5)
    processes = [SimpleNamespace(a_ns=value, b_ns=value) for value in values]
    return SimpleNamespace(processes=processes, machine=machine)


def test_saved_times_beside_new_ones() -> None:
    """Welch's: the figures are SciPy 1.17's, of ttest_ind(log(old), log(new), equal_var=False)."""
    old, new = (10.0, 11.0, 10.5, 10.2, 10.8), (8.0, 8.4, 8.1)
    then = baseline.compare_times(stored(old), now(new))  # type: ignore[arg-type]
    assert tuple(then.ratio) == pytest.approx((1.28519714, 1.21481142, 1.35966099), rel=1e-8)
    assert then.p == pytest.approx(4.05040515638309e-05, rel=1e-8)
    assert then.machine_ratio == 1.0


def test_a_machine_of_another_speed_widens_it() -> None:
    old, new = (10.0, 11.0, 10.5, 10.2, 10.8), (8.0, 8.4, 8.1)
    plain = baseline.compare_times(stored(old), now(new)).ratio  # type: ignore[arg-type]
    for spin_ns in (800, 1250):
        measured = now(new, spin_ns)
        wide = baseline.compare_times(stored(old), measured).ratio  # type: ignore[arg-type]
        assert wide.value == plain.value
        assert wide.low == pytest.approx(plain.low / 1.25)
        assert wide.high == pytest.approx(plain.high * 1.25)


def test_one_process_says_nothing() -> None:
    with pytest.raises(Error, match="^compare with base: fewer than two processes were saved"):
        baseline.compare_times(stored((10.0,)), now((8.0, 8.1)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"machine_id": "m2"}, "on another machine"),
        ({"interpreter": "CPython 3.13.0"}, "in another interpreter"),
        ({"clock": "wall"}, "by another clock"),
    ],
)
def test_saved_times_of_unlike_measurements(
    monkeypatch: pytest.MonkeyPatch, facts: dict[str, object], words: str
) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr(baseline, "identity", lambda: {"id": "m1"})
    this = SimpleNamespace(clock="cpu")
    baseline.refuse_unlike(stored((1.0,)), this, "CPython 3.11.7")  # type: ignore[arg-type]
    with pytest.raises(Error, match=f"^compare with base: it was measured {words}, and not from"):
        baseline.refuse_unlike(stored((1.0,), **facts), this, "CPython 3.11.7")  # type: ignore


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.995, 1.005, "same"), (1.001, 1.2, "faster"), (0.8, 0.999, "slower"),
        (0.9, 1.1, "cannot tell"), (1.001, 1.005, "same"),
    ],
)  # fmt: skip
def test_verdict_of_saved_times(low: float, high: float, verdict: str) -> None:
    assert baseline.judge(Estimate((low * high) ** 0.5, low, high), 0.01) == verdict
