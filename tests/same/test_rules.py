"""Rules against their originals: numpy.testing.assert_allclose, math.isclose, pytest.approx.

Numbers are drawn so that many pairs lie on or beside a tolerance, where rules disagree if they do.
"""

from __future__ import annotations

import cmath
import math
import pickle
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import tare
from tare.agreeing import Rule, close, difference

SETTINGS = settings(max_examples=80, deadline=None)
tolerances = st.one_of(st.just(0.0), st.sampled_from([0.5, 0.25, 1e-3, 1e-9, 1.0]),
                       st.floats(0, 2, allow_nan=False))
numbers = st.one_of(st.floats(), st.integers(-(2**53), 2**53), st.integers(-8, 8).map(float),
                    st.sampled_from([0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1e308]))
complexes = st.one_of(numbers.map(complex), st.complex_numbers(),
                      st.builds(complex, numbers, numbers))


@st.composite
def near(draw: Any, base: Any = numbers) -> tuple[Any, Any]:
    """Two numbers, often with a gap that is a part of the second."""
    b = draw(base)
    if draw(st.booleans()):
        return draw(base), b
    try:
        return b + draw(st.sampled_from([0.5, -0.5, 1e-9, -1e-3])) * abs(b), b
    except OverflowError:
        return b, b


def numpy_says(a: Any, b: Any, rtol: float, atol: float, equal_nan: bool) -> bool:
    testing = pytest.importorskip("numpy.testing", reason="NumPy is not installed here")
    import numpy

    with numpy.errstate(all="ignore"):
        try:
            testing.assert_allclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)
        except AssertionError:
            return False
    return True


# ---- scalars ----


@SETTINGS
@given(near(), tolerances, tolerances)
@example((9.0, 8.0), 0.125, 0.0)
@example((10.0, 8.0), 0.125, 1.0)
def test_math_is_math_isclose(pair: tuple[Any, Any], rtol: float, atol: float) -> None:
    said = math.isclose(*pair, rel_tol=rtol, abs_tol=atol)
    assert tare.close(*pair, rule="math", rtol=rtol, atol=atol) is said


@SETTINGS
@given(near(complexes), tolerances, tolerances)
def test_math_of_complex_numbers_is_cmath_isclose(
        pair: tuple[complex, complex], rtol: float, atol: float) -> None:
    try:
        said = cmath.isclose(*pair, rel_tol=rtol, abs_tol=atol)
    except OverflowError:
        assume(False)
    assert tare.close(*pair, rule="math", rtol=rtol, atol=atol) is said


@SETTINGS
@given(near(), st.one_of(st.none(), tolerances), st.one_of(st.none(), tolerances), st.booleans())
def test_pytest_is_pytest_approx(
        pair: tuple[Any, Any], rtol: float | None, atol: float | None, nan_ok: bool) -> None:
    actual, expected = pair
    said = actual == pytest.approx(expected, rel=rtol, abs=atol, nan_ok=nan_ok)
    assert close(*pair, rule="pytest", rtol=rtol, atol=atol, nan_equal=nan_ok) is said


@SETTINGS
@given(near(complexes), tolerances, st.booleans())
def test_pytest_of_complex_numbers_is_pytest_approx(
        pair: tuple[complex, complex], atol: float, nan_ok: bool) -> None:
    actual, expected = pair
    try:
        said = actual == pytest.approx(expected, abs=atol, nan_ok=nan_ok)
    except OverflowError:
        assume(False)
    assert close(*pair, rule="pytest", atol=atol, nan_equal=nan_ok) is said


@SETTINGS
@given(near(), tolerances, tolerances, st.booleans())
@example((9.0, 8.0), 0.125, 0.0, True)
def test_numpy_is_assert_allclose(
        pair: tuple[Any, Any], rtol: float, atol: float, equal_nan: bool) -> None:
    said = numpy_says(*pair, rtol, atol, equal_nan)
    assert close(*pair, rule="numpy", rtol=rtol, atol=atol, nan_equal=equal_nan) is said


# ---- in containers and arrays ----


@SETTINGS
@given(st.lists(near(), min_size=1, max_size=6), tolerances, tolerances)
def test_lists_of_numbers_are_as_assert_allclose_has_them(
        pairs: list[tuple[Any, Any]], rtol: float, atol: float) -> None:
    a, b = ([float(pair[side]) for pair in pairs] for side in (0, 1))
    rule = close(rtol=rtol, atol=atol)
    assert rule(a, b) is numpy_says(a, b, rtol, atol, True)


@SETTINGS
@given(st.lists(near(), max_size=6), st.one_of(st.none(), tolerances))
def test_lists_and_dicts_are_as_pytest_approx_has_them(
        pairs: list[tuple[Any, Any]], rtol: float | None) -> None:
    a, b = ([pair[side] for pair in pairs] for side in (0, 1))
    rule = close(rule="pytest", rtol=rtol)
    assert rule(a, b) is (a == pytest.approx(b, rel=rtol))
    a, b = dict(enumerate(a)), dict(enumerate(b))
    assert rule(a, b) is (a == pytest.approx(b, rel=rtol))


@SETTINGS
@given(st.lists(near(), min_size=4, max_size=4), tolerances, tolerances, st.booleans(),
       st.sampled_from(["C", "F", "reversed", "swapped"]))
def test_arrays_are_as_assert_allclose_has_them(
        pairs: list[tuple[Any, Any]], rtol: float, atol: float, equal_nan: bool,
        order: str) -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed here")
    a, b = (numpy.array([float(pair[side]) for pair in pairs]).reshape(2, 2) for side in (0, 1))
    a = {"C": lambda: a, "F": lambda: numpy.asfortranarray(a), "swapped": lambda: a.astype(">f8"),
         "reversed": lambda: a[::-1].copy()[::-1]}[order]()
    rule = close(rtol=rtol, atol=atol, nan_equal=equal_nan)
    assert rule(a, b) is numpy_says(a, b, rtol, atol, equal_nan)
    assert rule([a, {"b": a}], [b, {"b": b}]) is rule(a, b)


@SETTINGS
@given(st.lists(near(complexes), min_size=1, max_size=4), tolerances, st.booleans())
def test_complex_arrays_are_as_assert_allclose_has_them(
        pairs: list[tuple[complex, complex]], rtol: float, equal_nan: bool) -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed here")
    a, b = (numpy.array([pair[side] for pair in pairs]) for side in (0, 1))
    rule = close(rtol=rtol, nan_equal=equal_nan)
    assert rule(a, b) is numpy_says(a, b, rtol, 0, equal_nan)


@SETTINGS
@given(st.lists(st.tuples(st.integers(-2**31, 2**31 - 1), st.integers(-3, 3)), min_size=1,
                max_size=5),
       tolerances, st.sampled_from(["i4", "i8", ">i4", "u8", "f8"]))
def test_arrays_of_whole_numbers_are_as_assert_allclose_has_them(
        pairs: list[tuple[int, int]], rtol: float, kind: str) -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed here")
    b = numpy.array([value for value, _ in pairs])
    a = numpy.array([abs(value) + more if kind == "u8" else value + more for value, more in pairs])
    assume(kind != "u8" or (a >= 0).all() and (b >= 0).all())
    a = a.clip(-2**31, 2**31 - 1).astype(kind)
    said = numpy_says(a, b, rtol, 0.5, True)
    assert close(a, b, rtol=rtol, atol=0.5) is said


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "g", "G", "c8", "c16", "i1", "u1", "i2", "u2"])
def test_each_kind_of_number_in_an_array_is_read(kind: str) -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed here")
    a = numpy.arange(1, 25).reshape(2, 3, 4).astype(kind)
    for order in ("=", ">", "<"):
        b = a.astype(a.dtype.newbyteorder(order))
        assert difference(a, b) is None
        b[1, 2, 3] += 1
        found = difference(a[:, ::-1], b[:, ::-1])
        assert found is not None and found.path == "result[1, 0, 3]"
        assert (found.compared, found.differing, found.worst_abs) == (24, 1, 1.0)


def test_a_difference_says_what_numpy_says() -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed here")
    a, b = numpy.array([1.0, 2.0, 3.5, 4.0]), numpy.array([1.0, 2.5, 3.0, 4.0])
    with pytest.raises(AssertionError) as said:
        numpy.testing.assert_allclose(a, b)
    found = difference(a, b, close())
    assert found is not None
    assert f"{found.differing} / {found.compared} (50%)" in str(said.value)
    assert f"Max absolute difference among violations: {found.worst_abs}" in str(said.value)
    assert f"Max relative difference among violations: {found.worst_rel}" in str(said.value)


# ---- what rules are ----


def test_defaults_are_those_of_the_originals() -> None:
    assert close() == close(rtol=1e-7, atol=0, rule="numpy", nan_equal=True)
    assert close(rule="math") == close(rtol=1e-9, atol=0, rule="math", nan_equal=False)
    assert close(rule="pytest") == close(rtol=1e-6, atol=1e-12, rule="pytest", nan_equal=False)
    assert close(ulp=4).rule == "exact" and close(samples=10).rule == "sigmas"


@pytest.mark.parametrize("rule", [
    close(), close(ulp=4), close(rule="math", rtol=1e-3), close(rule="pytest", atol=1.0),
    close(samples=100, scale=4), close(stderr=0.5, sigmas=3), close(order=True, types=False)])
def test_a_rule_is_a_value_and_one_line(rule: Rule) -> None:
    again = pickle.loads(pickle.dumps(rule))
    assert again == rule and hash(again) == hash(rule) and {rule: 1}[again] == 1
    assert "\n" not in str(rule) and str(rule).startswith(rule.rule)


@pytest.mark.parametrize(("rule", "words"), [
    ({"rtol": -1}, "rtol is -1"), ({"atol": math.nan}, "atol is nan"),
    ({"rule": "wide"}, "'wide'"), ({"rule": "exact", "rtol": 1.0}, "rtol means nothing"),
    ({"sigmas": 4}, "give samples"), ({"samples": 5, "stderr": 1.0}, "give samples"),
    ({"samples": 5, "rtol": 1.0}, "rtol means nothing")])
def test_what_contradicts_itself_is_refused(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match="close: ") as said:
        close(**rule)
    assert words in str(said.value) and "\n" not in str(said.value)


def test_one_value_is_refused() -> None:
    with pytest.raises(TypeError, match="1 values"):
        close(1.0)


def test_steps_of_the_last_place() -> None:
    rule, value = close(ulp=2), 1.0
    for steps in range(4):
        assert rule(1.0, value) is (steps <= 2)
        value = math.nextafter(value, 2)
    assert not rule(1.0, 1) and close(ulp=2, types=False)(1.0, 1)


def test_exact_tells_zeros_and_types_apart() -> None:
    assert difference(0.0, -0.0) is not None and close(0.0, -0.0)
    assert difference(1, 1.0) is not None and close(1, 1.0)
    assert difference(True, 1) is not None and not close(True, 1)
    assert difference(math.nan, -math.nan) is None


def test_whole_numbers_of_any_size_are_exact() -> None:
    assert difference(10**400, 10**400) is None
    assert difference(10**400, 10**400 + 1) is not None
    assert difference(2**53, 2**53 + 1) is not None and difference(2**63, 2**63 + 1) is not None
    assert close(2**70, 2**70 + 1) and not close(10**400, 10**400 + 1)
    assert close(2**53 + 1, 2.0**53, rtol=0) is False  # as floats they would be one


# ---- estimates ----


def test_estimates_of_pi_agree_as_often_as_their_error_says() -> None:
    """At 2 standard errors 95.4 % of pairs agree; a truth that is 10 away never does."""
    chance, draws = random.Random(5), 400
    rule = close(samples=draws, scale=4, sigmas=2)

    def estimate(share: float) -> float:
        return 4 * sum(chance.random() < share for _ in range(draws)) / draws

    agreed = sum(rule(estimate(math.pi / 4), estimate(math.pi / 4)) for _ in range(500))
    assert 0.93 < agreed / 500 < 0.975  # 0.954 +- 2.6 standard errors of 500
    assert not any(rule(estimate(math.pi / 4), estimate(0.4)) for _ in range(100))


def test_a_given_standard_error_counts_for_both() -> None:
    rule = close(stderr=1.0, sigmas=3)
    assert rule(10.0, 10.0 + 3 * math.sqrt(2) - 1e-9) and not rule(10.0, 10.0 + 4.25)
    assert not rule(10, 11) and rule({"n": 5, "mean": 1.0}, {"n": 5, "mean": 2.0})


def test_an_estimate_that_is_no_share_says_so() -> None:
    found = close(samples=100).difference(3.1, 3.2)
    assert found is not None and "no share of 1: give scale=" in found.why


# ---- exact numbers ----


@SETTINGS
@given(st.fractions(), st.fractions(), st.sampled_from(["0.1", "0.001", "1"]))
def test_fractions_are_compared_exactly(a: Fraction, b: Fraction, rtol: str) -> None:
    rule = close(rule="math", rtol=float(rtol))
    within = abs(a - b) <= Fraction(rtol) * max(abs(a), abs(b))
    assert rule(a, b) is within and rule([a], [b]) is within
