"""NumPy's arrays and pandas' frames: what counts beside the numbers, and where they differ."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tare.agreeing import close, compare, difference

np = pytest.importorskip("numpy", reason="NumPy is not installed for this interpreter")


def records(last: float) -> Any:
    return np.array([(1, 2.0), (3, last)], [("a", "i4"), ("b", "f8")])


def dates(*texts: str) -> Any:
    return np.array(texts, "M8[D]")


DIFFERENT = {
    "element": (np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3) * [[1], [2]],
                "result[1, 0]", "3 apart"),
    "shape": (np.zeros((2, 3)), np.zeros((3, 2)), "result", "shape (2, 3) against (3, 2)"),
    "dtype": (np.zeros(3), np.zeros(3, int), "result", "dtype float64 against int64"),
    "bool": (np.array([True]), np.array([False]), "result[0]", ""),
    "objects": (np.array([1, [2], None], object), np.array([1, [3], None], object),
                "result[1][0]", "1 apart"),
    "field": (records(4.0), records(5.0), "result['b'][1]", "1 apart"),
    "fields": (records(4.0), records(4.0)[["b"]], "result", "dtype"),
    "date": (dates("2020-01-01", "NaT"), dates("2020-01-02", "NaT"), "result[0]", "character 9"),
    "unit": (dates("2020-01-01"), dates("2020-01-01").astype("M8[s]"), "result", "dtype"),
    "text": (np.array([["a", "b"]]), np.array([["a", "c"]]), "result[0, 1]", "character"),
    "mask": (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[0, 0]),
             "result.mask[1]", ""),
    "beside a mask": (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([3, 2], mask=[0, 1]),
                      "result[0]", "2 apart"),
    "scalar": (np.float32(1), np.float32(2), "result", "1 apart"),
    "scalar type": (np.float64(1), 1.0, "result", "numpy.float64 against float"),
    "zero dimensions": (np.array(1.0), np.array(2.0), "result", "1 apart"),
    "void": (np.void(b"ab"), np.void(b"ac"), "result", "byte 1"),
    "in a list": ([np.zeros(2)], [np.array([0.0, 1.0])], "result[0][1]", "1 apart"),
    "a zero's sign": (np.array([0.0]), np.array([-0.0]), "result[0]", "sign"),
    "complex": (np.array([1 + 1j]), np.array([1 + 2j]), "result[0]", "1 apart"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_arrays_differ_where_they_do(name: str) -> None:
    left, right, path, why = DIFFERENT[name]
    found = difference(left, right)
    assert found is not None and found.path == path and why in found.why


SAME = {
    "byte order": (np.arange(3, dtype=">i4"), np.arange(3, dtype="<i4")),
    "strides": (np.arange(9).reshape(3, 3)[::2, ::-2],
                np.arange(9).reshape(3, 3)[::2, ::-2].copy()),
    "empty": (np.zeros((0, 3)), np.zeros((0, 3))),
    "broadcast": (np.broadcast_to(1.0, (3, 4)), np.ones((3, 4))),
    "not a time": (dates("NaT", "2020-01-01"), dates("NaT", "2020-01-01")),
    "behind a mask": (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 9], mask=[0, 1])),
    "records": (records(4.0), records(4.0)),
    "a record": (records(4.0)[0], records(4.0)[0]),
    "not aligned": (np.frombuffer(b"x" + np.arange(3.0).tobytes(), "f8", 3, 1), np.arange(3.0)),
    "nan": (np.array([np.nan, 1]), np.array([np.nan, 1])),
    "objects": (np.array([1, "a", None], object), np.array([1, "a", None], object)),
    "dtypes": (np.dtype("f8"), np.dtype("f8")),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_arrays_agree(name: str) -> None:
    assert difference(*SAME[name]) is None


def test_types_of_numbers_do_not_count_within_a_tolerance() -> None:
    rule = close(rtol=1e-6)
    assert rule(np.arange(3), np.arange(3.0)) and rule(np.float32(0.1), 0.1)
    assert rule(np.arange(3, dtype="f4"), np.arange(3, dtype="i8"))
    assert not rule(np.array([True]), np.array([1])) and not rule(np.arange(3), [0, 1, 2])


def test_lists_and_arrays_agree_where_types_do_not_count() -> None:
    rule = close(types=False)
    assert rule([[1, 2], [3, 4]], np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert not rule([1, 2, 3], np.array([1, 2])) and not rule("ab", np.array(["a", "b"]))
    assert rule(np.bool_(True), True) and not rule(np.bool_(True), False)


def test_elements_are_counted() -> None:
    found = compare(np.zeros((100, 10)), np.zeros((100, 10)) + np.eye(100, 10), close(atol=0.5))
    assert found.difference is not None
    assert (found.count, found.difference.differing) == (1000, 10)
    assert found.difference.path == "result[0, 0]"


def test_steps_are_those_of_the_narrower_numbers() -> None:
    one = np.ones(1, "f4")
    assert close(ulp=1)(one, np.nextafter(one, np.float32(2)))
    assert compare(one, np.nextafter(one, np.float32(2))).worst_ulp == 1


def test_numpy_is_not_loaded_for_values_without_it() -> None:
    code = ("import sys, tare; assert not tare.close([1.0], [2.0]); "
            "assert not {'numpy', 'pandas'} & set(sys.modules), sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- pandas ----


@pytest.fixture(scope="module")
def pd() -> Any:
    return pytest.importorskip("pandas", reason="pandas is not installed for this interpreter")


def frame(pd: Any, **changes: Any) -> Any:
    columns = {"n": [1, 2, 3], "x": [0.1, 0.2, np.nan], "t": ["a", "b", None], **changes}
    return pd.DataFrame(columns, index=["i", "j", "k"])


def test_frames_of_the_same_make_agree(pd: Any) -> None:
    whole = frame(pd, when=pd.to_datetime(["2020-01-01", None, "2020-01-03"]),
                  kind=pd.Categorical(["u", "v", "u"]), few=pd.array([1, None, 3], "Int64"))
    again = whole.copy(deep=True)
    assert difference(whole, again) is None
    assert difference(whole["x"], again["x"]) is None
    assert difference(whole.index, again.index) is None


def test_frames_differ_where_pandas_says_they_do(pd: Any) -> None:
    one = frame(pd)
    changed = {
        "result['x'][1]": frame(pd, x=[0.1, 0.25, np.nan]),
        "result['t'][0]": frame(pd, t=["z", "b", None]),
        "result['n']": frame(pd, n=[1.0, 2.0, 3.0]),
        "result.columns[1]": frame(pd).rename(columns={"x": "y"}),
        "result.columns[0]": frame(pd)[["x", "n", "t"]],
        "result.index[2]": frame(pd).rename(index={"k": "l"}),
        "result.index.names[0]": frame(pd).rename_axis("name"),
        "result": frame(pd).iloc[:2],
    }
    for path, other in changed.items():
        with pytest.raises(AssertionError):
            pd.testing.assert_frame_equal(one, other)
        found = difference(one, other)
        assert found is not None and found.path == path


def test_frames_agree_within_tolerances_as_pandas_has_them(pd: Any) -> None:
    one = frame(pd)
    near, far = frame(pd, x=[0.1 * (1 + 1e-7), 0.2, np.nan]), frame(pd, x=[0.1001, 0.2, np.nan])
    rule = close(rtol=1e-5, atol=1e-8)
    pd.testing.assert_frame_equal(near, one, rtol=1e-5, atol=1e-8)
    with pytest.raises(AssertionError):
        pd.testing.assert_frame_equal(far, one, rtol=1e-5, atol=1e-8)
    assert rule(near, one) and not rule(far, one) and difference(near, one) is not None


def test_series_and_indices(pd: Any) -> None:
    one = pd.Series([1.0, 2.0], name="a")
    assert difference(one, pd.Series([1.0, 2.5], name="a")).path == "result[1]"
    assert difference(one, pd.Series([1.0, 2.0], name="b")).path == "result.name"
    many = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])
    other = pd.MultiIndex.from_tuples([("a", 1), ("b", 3)], names=["k", "n"])
    assert difference(many, many.copy()) is None
    assert difference(many, other).path == "result[1][1]"


def test_columns_of_one_name_are_told_apart(pd: Any) -> None:
    def double(last: int) -> Any:
        return pd.DataFrame([[1, last]], columns=["a", "a"])

    assert difference(double(2), double(2)) is None
    assert difference(double(2), double(3)).path == "result['a'] (column 1)[0]"
