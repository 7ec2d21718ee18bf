"""What is printed of comparisons whose figures are written down."""

import io
import math

import pytest
from scripted import Scripted

from tare._stats import Estimate
from tare.comparing import machine, result
from tare.comparing.many import Many, corrected, mean_of
from tare.comparing.running import Plan, measure_with
from tare.render import compare as page
from tare.render.terminal import Screen


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(machine, "spin", lambda: 1000)


def made(ratio=1.0, plan=(), **spread):
    given = {"seconds": 1e6, "processes": 20, "seed": 5, "memory": False, **dict(plan)}
    return measure_with(Scripted(ratio, **spread), Plan(**given))


def shown(found, columns=80, verbose=False, quiet=False, encoding="utf-8"):
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    screen = Screen(stream, "never")
    screen.columns = columns
    many = found if isinstance(found, Many) else Many([found], None)
    lines = [line.plain for line in page.text(screen, many, verbose, quiet)]
    assert all(len(line) <= columns for line in lines), lines
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(2.0, "new is 2.00"), (0.5, "new is 2.00"), (1.1, "new is 1.10"), (1 / 1.1, "new is 1.10")],
)
def test_slower_is_said_by_how_much_slower(ratio, words):
    text = shown(made(ratio, between=0.0001, within=0.0001))
    assert text.startswith(words)
    assert ("faster than old" if ratio > 1 else "slower than old") in text.split("\n")[0]


def test_what_cannot_be_told_says_what_would_help():
    found = made(1.01, between=0.05)
    text = " ".join(shown(found).split())
    assert text.startswith("Cannot tell yet which is faster: ")
    assert f"about {found.needed} more processes would, --seconds " in text
    assert "faster:" in text and "x faster" not in text and "x slower" not in text


def test_the_same_says_within_what():
    text = shown(made(1.0, plan={"least": 0.02}, between=0.002, within=0.002))
    assert text.startswith("new and old take the same time, within 2%")


def test_other_clocks_that_disagree_are_shown():
    found = made(2.0)
    found = found._replace(wall_ratio=Estimate(1.5, 1.45, 1.55))
    assert "wall time differs: 1.50x faster, 95% 1.45-1.55" in " ".join(shown(found).split())
    assert "wall time agrees" in shown(made(2.0))


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (Estimate(3.2, 3.17, 3.24), "3.20x faster, 95% 3.17-3.24"),
        (Estimate(1.0132, 1.0101, 1.0161), "1.013x faster, 95% 1.010-1.016"),
        (Estimate(0.5, 0.4, 0.625), "2.0x slower, 95% 1.6-2.5"),
        (Estimate(1234.5, 1000.0, 1500.0), "1,234x faster, 95% 1,000-1,500"),
        (Estimate(2.0, 0.0, math.inf), "2.00x faster, 95% 0.00-any"),
    ],
)
def test_digits_that_the_interval_leaves(estimate, words):
    assert page.estimate_words(estimate) == words


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (("flat", "flat"), []),
        (("warm-up", "flat"), ["old becomes faster at first, steady from block 8 of 24"]),
        (("flat", "cyclic"), ["new repeats a cycle of 5 blocks"]),
        (("slow-down", "slow-down"), []),  # the machine's doing
        (("none", "flat"), ["old never becomes steady within 24 blocks: its time depends on how "
                            "long it has run"]),
    ],
)
def test_warm_up_is_said_of_who_has_it(kinds, expected):
    found = made(2.0)
    steady = {"none": None}
    classes = tuple(result.WarmUpClass(kind, steady.get(kind, 7), 5, 24) for kind in kinds)
    assert list(page.warmth_words(found._replace(warm_up=classes))) == expected


def test_memory_below_what_is_seen_is_no_figure():
    found = made(2.0)
    small, large = Estimate(9e6, 9e6, 9e6), Estimate(30e6, 30e6, 30e6)
    memory = result.Memory(small, large, "peak", 9_000_000)
    assert "memory   at most 8.58 MiB -> 28.6 MiB, peak" in shown(found._replace(memory=memory))
    memory = result.Memory(small, large, "allocated", 0)
    assert "8.58 MiB -> 28.6 MiB  +233%, allocated" in shown(found._replace(memory=memory))


def test_a_stream_of_ascii_gets_no_other_letters():
    assert shown(made(2.0), encoding="ascii", verbose=True).isascii()


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_several_fit(columns):
    found = [made(2.0), made(0.5, between=0.1), made(1.0, between=0.05)]
    text = shown(Many(found, mean_of(found)), columns)
    assert "faster" in text and "slower" in text and "cannot tell" in text
    assert "Geometric mean of 3" in text and "(Holm)" in text


def test_of_many_the_weak_ones_are_not_told():
    weak = made(1.03, between=0.03)._replace(p=0.04, verdict=result.FASTER)
    strong = made(2.0)
    assert corrected([weak])[0].verdict == result.FASTER
    verdicts = [one.verdict for one in corrected([weak, strong, weak])]
    assert verdicts == [result.CANNOT_TELL, result.FASTER, result.CANNOT_TELL]


def test_markdown_survives_names():
    found = made(2.0, plan={"name": "a | b\nc"})
    rows = page.markdown(Many([found], None)).split("\n")
    assert rows[2].startswith("| a \\| b\\nc | ") and "**faster**" in rows[2]
