"""tare check: what counts as a disagreement, and what is said of it."""

import json

import pytest
from builder import NS

MS = NS // 1000
FILE = "/srv/project/app.py"
A, B, TINY = ("a", FILE, 10), ("b", FILE, 20), ("tiny", FILE, 30)
BOOT = ("boot", "/usr/lib/python3.12/site.py", 1)


@pytest.fixture
def compared(make, saved):
    """Sampled and counted own time in milliseconds, by function, become a comparison."""
    from tare.render.check import compare_profiles
    from tare.render.report import load_report

    def compare(sampled, counted, calls=1000, errors=()):
        one, other = make(), make()
        for frame, ms in sampled.items():
            one.sample([(*frame, frame[2])], ns=ms * MS, program_ns=ms * MS)
        one.program(python_ns=sum(sampled.values()) * MS)
        for frame, ms in counted.items():
            other.call([frame], calls, ms * MS, error_ns=dict(errors).get(frame, 0) * MS)
        files = saved(one, "one.tare"), saved(other, "other.tare")
        return compare_profiles(*map(load_report, files))

    return compare


def test_equal_shares_agree_whatever_the_times(compared):
    result = compared({A: 6000, B: 4000}, {A: 60, B: 40})
    assert [row.qualname for row in result.functions] == ["a", "b"]
    assert not result.differing
    assert result.agreed_share == pytest.approx(1.0)


def test_a_difference_beyond_chance_is_one(compared):
    result = compared({A: 6000, B: 4000}, {A: 3000, B: 7000})
    assert {row.qualname for row in result.differing} == {"a", "b"}
    assert result.differing[0].gap == pytest.approx(0.3 - 0.02 - 0.0096, abs=0.002)


def test_few_samples_are_no_difference(compared):
    assert not compared({A: 30, B: 20}, {A: 25, B: 25}).differing
    assert compared({A: 6000, B: 4000}, {A: 4000, B: 6000}).differing


def test_what_ran_before_the_program_is_left_out(compared):
    result = compared({BOOT: 5000, A: 3000, B: 2000}, {A: 600, B: 400})
    assert not result.differing
    assert [row.qualname for row in result.functions] == ["a", "b"]


def test_what_counting_cannot_know_is_no_difference(compared):
    sampled, counted = {A: 6000, B: 4000}, {A: 3000, B: 7000}
    assert compared(sampled, counted, errors={A: 1000}).differing
    unsure = compared(sampled, counted, errors={A: 1000, B: 7000})
    assert not unsure.differing
    (a,) = [row for row in unsure.functions if row.qualname == "a"]
    assert a.counted == (pytest.approx(0.3), pytest.approx(0.1 * 0.7 + 0.7 * 0.3))


def test_short_calls_are_the_reason(compared):
    result = compared({A: 9000, TINY: 1000}, {A: 500, TINY: 500}, calls=5_000_000)
    (tiny,) = [row for row in result.differing if row.qualname == "tiny"]
    assert tiny.call_ns == pytest.approx(100)
    assert "believe sampling" in tiny.reason


def test_a_program_that_is_too_short(compared):
    assert compared({BOOT: 1000}, {A: 1}).functions == []
    assert compared({BOOT: 1000, A: 20}, {A: 1}).functions == []


def test_what_sampling_never_met_may_have_some_time(compared):
    result = compared({A: 100}, {A: 97, B: 3})
    (unseen,) = [row for row in result.functions if row.qualname == "b"]
    assert unseen.sampled == (0.0, pytest.approx(0.04))
    assert not result.differing


@pytest.mark.parametrize("columns", [80, 140])
def test_what_is_printed(compared, columns, capsys):
    import io

    from tare.render.check import text
    from tare.render.layout import show
    from tare.render.terminal import Screen

    stream = io.StringIO()
    screen = Screen(stream, "never")
    screen.columns = columns
    sampled, counted = {A: 6000, B: 3500, TINY: 500}, {A: 6000, B: 1500, TINY: 2500}
    result = compared(sampled, counted, 10_000_000)
    show(screen, text(screen, result))
    said = stream.getvalue()
    assert "2 functions differ" in " ".join(said.split())
    assert "tiny" in said and "believe sampling" in said
    assert max(map(len, said.splitlines())) <= columns


def test_json(compared):
    from tare.render.check import document

    shown = json.loads(document(compared({A: 6000, B: 4000}, {A: 3000, B: 7000})))
    assert shown["schema"] == "tare.check/1" and shown["agrees"] is False
    first = shown["functions"][0]
    assert first["name"] == "b" and first["reason"]
    assert first["sampled"]["share"] == pytest.approx(0.4)


def test_standard_input_cannot_be_read_twice(tare):
    done = tare("check", "-")
    assert done.returncode == 2
    assert "can be read once" in done.stderr
