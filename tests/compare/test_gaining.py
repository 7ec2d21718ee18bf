"""Share times ratio: what a whole program gains, against programs that know their own split."""

import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tare._stats import Estimate
from tare.comparing import gaining
from tare.errors import Error
from tare.render.report import load_report

# Turns of the same loop: 60, 10, 30 and 10 x 2 thousand of them, whatever the machine does.
TRUE_SHARES = {"Model.fit": 60 / 120, "parse": 30 / 120, "fall": 20 / 120, "Other.fit": 10 / 120}
PROGRAM = """
from helper import work

class Model:
    def fit(self):
        work(60_000)

class Other:
    def fit(self):
        work(10_000)

def parse(n):
    for _ in range(n): pass

def fall(depth):
    work(2_000)
    if depth: fall(depth - 1)

def main():
    for _ in range(200):
        Model().fit()
        Other().fit()
        parse(30_000)
        fall(9)

main()
"""
HELPER = "def work(n):\n    for _ in range(n): pass\n\ndef unused(): pass\n"


class Measured:
    def __init__(self, folder: Path, command: str, *flags: str) -> None:
        self.folder = folder
        (folder / "program.py").write_text(PROGRAM)
        (folder / "helper.py").write_text(HELPER)
        self.path = str(folder / f"{command}.tare")
        self.is_trace = command == "trace"
        subprocess.run(
            [sys.executable, "-m", "tare", command, "-q", *flags, "-o", self.path, "program.py"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def file(self, name: str = "program.py") -> str:
        return str(self.folder / name)


@pytest.fixture(scope="module", params=["run", "trace"])
def measured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    # By the CPU clock, which other programs do not reach.
    flags = ("--clock", "cpu") if request.param == "trace" else ()
    return Measured(tmp_path_factory.mktemp(request.param), request.param, *flags)


RATIO = Estimate(2.0, 1.9, 2.1)


@pytest.mark.parametrize("name", ["Model.fit", "parse", "fall"])
def test_gain_is_that_of_its_share(measured: Measured, name: str) -> None:
    """fall() calls itself, and its time counts once."""
    found = gaining.gain(measured.path, name, RATIO, measured.file())
    assert (found.name, os.path.basename(found.file)) == (name, "program.py")
    assert found.whole.value == pytest.approx(1 / (1 - found.share.value / 2))
    if measured.is_trace:
        # The run has a begin that is in none of them.
        whole = sum(
            gaining.find_share(measured.path, one, measured.file()).share.value
            for one in TRUE_SHARES
        )
        assert 0.3 < whole <= 1.001
        half = (found.share.high - found.share.low) / 2
        assert abs(found.share.value / whole - TRUE_SHARES[name]) < 0.08 + half < 0.4
    else:  # what samples say of a loaded machine's second is tested with more of them elsewhere
        rows = load_report(measured.path).functions()
        (row,) = [row for row in rows if row.qualname == name and "program.py" in row.file]
        assert tuple(found.share) == tuple(row.program_share)
    assert found.whole.low <= found.whole.value <= found.whole.high
    assert found.whole.value < found.most


def test_name_alone(measured: Measured) -> None:
    by_name = gaining.gain(measured.path, "parse", RATIO)
    assert by_name == gaining.gain(measured.path, "parse", RATIO, measured.file())
    line = PROGRAM.splitlines().index("def parse(n):") + 1
    assert by_name == gaining.gain(measured.path, rf"program.py:{line}\(", RATIO)


@pytest.mark.parametrize("measured", ["trace"], indirect=True)
def test_several_of_that_name(measured: Measured) -> None:
    with pytest.raises(Error, match=r"^find fit in .*: it may be .*; name one with --of") as caught:
        gaining.gain(measured.path, "fit", RATIO)
    assert "(Model.fit)" in str(caught.value) and "(Other.fit)" in str(caught.value)


def test_file_that_was_moved(measured: Measured, tmp_path: Path) -> None:
    """The same name in a file of the same name elsewhere is taken for it; another file is not."""
    moved = gaining.gain(measured.path, "parse", RATIO, str(tmp_path / "program.py"))
    assert moved == gaining.gain(measured.path, "parse", RATIO)
    with pytest.raises(Error, match=r"^find parse of else.py in .*: no time was seen in it; did"):
        gaining.gain(measured.path, "parse", RATIO, str(tmp_path / "else.py"))


def test_function_that_did_not_run(measured: Measured) -> None:
    with pytest.raises(Error, match="^find unused of helper.py in .*: no time was seen in it; "):
        gaining.gain(measured.path, "unused", RATIO, measured.file("helper.py"))


def test_what_is_no_profile_of_time(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f():\n    return [0] * 1000\nf()\n")
    for command, flags, words in (
        ("memory", (), "it is of memory, not time; measure with tare run$"),
        ("lines", ("-f", "f"), "chosen lines were measured and not the whole program; "),
    ):
        path = str(tmp_path / f"{command}.tare")
        subprocess.run(
            [sys.executable, "-m", "tare", command, "-q", *flags, "-o", path, "p.py"],
            cwd=tmp_path, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        with pytest.raises(Error, match=words):
            gaining.gain(path, "f", RATIO)
    with pytest.raises(Error, match="none.tare"):
        gaining.gain(str(tmp_path / "none.tare"), "f", RATIO)


def exact(value: float) -> Estimate:
    return Estimate(value, value, value)


def test_amdahl() -> None:
    assert gaining.whole_ratio(exact(0.5), exact(2.0)) == pytest.approx(exact(4 / 3))
    assert gaining.whole_ratio(exact(0.3), exact(1.0)) == pytest.approx(exact(1.0))
    assert gaining.whole_ratio(exact(0.5), exact(0.5)) == pytest.approx(exact(2 / 3))
    assert gaining.whole_ratio(exact(1.0), exact(7.0)) == pytest.approx(exact(7.0))
    assert gaining.whole_ratio(exact(0.25), exact(math.inf)) == pytest.approx(exact(4 / 3))
    assert gaining.whole_ratio(exact(1.0), exact(math.inf)).value == math.inf


def test_one_error_alone_is_carried_as_it_is() -> None:
    found = gaining.whole_ratio(Estimate(0.5, 0.4, 0.7), exact(2.0))
    assert found == pytest.approx(Estimate(4 / 3, 1.25, 1 / 0.65))
    found = gaining.whole_ratio(exact(0.5), Estimate(2.0, 1.0, 4.0))
    assert found == pytest.approx(Estimate(4 / 3, 1.0, 1.6))
    slower = gaining.whole_ratio(Estimate(0.5, 0.4, 0.6), exact(0.5))
    assert slower == pytest.approx(Estimate(2 / 3, 1 / 1.6, 1 / 1.4))


@pytest.mark.parametrize(
    ("share", "share_sd", "ratio", "log_sd"),
    [
        (0.3, 0.02, 3.0, 0.01),
        (0.8, 0.02, 1.5, 0.05),
        (0.1, 0.01, 0.7, 0.03),
        (0.6, 0.05, 1.0, 0.05),
    ],
)
def test_the_interval_holds_as_often_as_it_says(
    share: float, share_sd: float, ratio: float, log_sd: float
) -> None:
    chance = random.Random(7)
    truth = 1 / (1 - share + share / ratio)
    rounds, held = 4000, 0
    for _ in range(rounds):
        s, r = chance.gauss(share, share_sd), math.log(ratio) + chance.gauss(0, log_sd)
        found = gaining.whole_ratio(
            Estimate(s, s - 1.96 * share_sd, s + 1.96 * share_sd),
            Estimate(*(math.exp(r + z * log_sd) for z in (0, -1.96, 1.96))),
        )
        held += found.low <= truth <= found.high
    # 4 standard errors of a count of 95 %, and what the method gives away on curved ones.
    assert 0.935 < held / rounds < 0.99


def made(share: float, ratio: float) -> gaining.Gain:
    s, r = Estimate(share, share - 0.02, share + 0.02), Estimate(ratio, ratio * 0.99, ratio * 1.01)
    most = 1 / (1 - share) if share < 1 else math.inf
    return gaining.Gain("f", "x.py", 3, s, r, gaining.whole_ratio(s, r), most)


def test_words() -> None:
    assert made(0.5, 2.0).words() == (
        "f is 50.0% ±2.0 of the program: 2.00x faster, it makes the whole 1.33x faster, "
        "95% [1.32 ... 1.35], at most 2.00x"
    )
    assert "2.00x slower, it makes the whole 1.50x slower" in made(0.5, 0.5).words()
    document = json.loads(json.dumps(made(1.0, 2.0).to_dict(), allow_nan=False))
    assert (document["share"]["value"], document["most_ratio"]) == (1.0, None)
