"""tare._stats: what core computes, as Python asks for it. Its rates are tested in tests/core."""

import ast
import gc
import inspect
import math
import pickle
import statistics
import subprocess
import sys
from array import array
from pathlib import Path

import pytest
from tare import _stats
from tare._stats import Estimate

STUB = Path(_stats.__file__).with_name("_stats.pyi")
NOISE = [0.013, -0.021, 0.008, 0.034, -0.011, 0.002, -0.027, 0.019, 0.005, -0.009, 0.016, -0.03]


def stubs(kind):
    return [node for node in ast.parse(STUB.read_text()).body if isinstance(node, kind)]


def test_the_stub_names_what_there_is():
    functions = {node.name for node in stubs(ast.FunctionDef)}
    classes = {node.name for node in stubs(ast.ClassDef)}
    there = {name for name in vars(_stats) if not name.startswith("__")}
    assert there == functions | classes


@pytest.mark.parametrize("node", stubs(ast.ClassDef), ids=lambda node: node.name)
def test_the_stub_names_the_fields(node):
    fields = [line.target.id for line in node.body if isinstance(line, ast.AnnAssign)]
    record = getattr(_stats, node.name)
    assert list(record._fields) == fields
    assert record.__doc__ == ast.get_docstring(node)
    assert record.__module__ == "tare._stats"


@pytest.mark.parametrize("node", stubs(ast.FunctionDef), ids=lambda node: node.name)
def test_the_stub_has_the_parameters(node):
    found = inspect.signature(getattr(_stats, node.name)).parameters.values()
    given = node.args.posonlyargs + node.args.args
    defaults = [ast.literal_eval(default) for default in node.args.defaults]
    assert [parameter.name for parameter in found] == [argument.arg for argument in given]
    assert [p.default for p in found if p.default is not p.empty] == defaults


def test_quantiles_are_those_of_the_standard_library():
    normal = statistics.NormalDist()
    for p in (0.001, 0.3, 0.5, 0.975):
        assert _stats.normal_quantile(p) == pytest.approx(normal.inv_cdf(p), abs=1e-12)
    assert _stats.student_quantile(0.975, df=9) == pytest.approx(2.262157162798205, rel=1e-9)
    assert _stats.student_p(-2.262157162798205, 9) == pytest.approx(0.05, rel=1e-9)


def test_means_are_those_of_the_standard_library():
    found = _stats.mean_interval(NOISE)
    assert found.value == pytest.approx(statistics.mean(NOISE), rel=1e-12)
    half = 2.200985160082949 * statistics.stdev(NOISE) / math.sqrt(len(NOISE))
    assert found.high - found.value == pytest.approx(half, rel=1e-9)
    assert _stats.mean_interval([7]) == (7, -math.inf, math.inf)
    assert _stats.median(NOISE) == statistics.median(NOISE)
    assert _stats.trimmed_mean(NOISE) == pytest.approx(statistics.mean(sorted(NOISE)[1:-1]))
    assert _stats.trimmed_mean(NOISE, part=0.5) == statistics.median(NOISE)


def test_a_comparison():
    found = _stats.compare_pairs([0.1 + x for x in NOISE], least=0.01)
    log = _stats.mean_interval([0.1 + x for x in NOISE])
    assert found.ratio == pytest.approx([math.exp(bound) for bound in log], rel=1e-12)
    assert found.ratio.low > 1 and found.p < 1e-6 and found.needed == 0
    assert found.count == len(NOISE)
    assert 1 < found.smallest < 1.03
    undecided = _stats.compare_pairs(NOISE)
    assert undecided.ratio.low < 1 < undecided.ratio.high and undecided.needed > 20
    assert _stats.compare_pairs([0.3]).ratio == (math.exp(0.3), 0, math.inf)


def test_looks():
    looks = (12, 24, 48)
    first = _stats.sequential([0.1 + x for x in NOISE], looks)
    assert first.decided == "faster" and first.level_used > 0.99
    assert _stats.sequential([x - 0.1 for x in NOISE], looks).decided == "slower"
    assert _stats.sequential(NOISE, looks).decided == ""
    assert _stats.sequential(NOISE, looks, least=0.05).decided == "same"
    wide, plain = _stats.sequential(NOISE, looks).ratio, _stats.compare_pairs(NOISE).ratio
    assert wide.low < plain.low and plain.high < wide.high
    one, three = (_stats.sequential_p(NOISE, several) for several in ([12], looks))
    assert one == pytest.approx(_stats.compare_pairs(NOISE).p, rel=1e-6) and one < three <= 1
    assert _stats.sequential([0.1 + x for x in NOISE], looks, level=1 - 1e-4).decided == "faster"
    assert _stats.sequential_p([0.1 + x for x in NOISE], looks) < 1e-4
    assert _stats.sequential(NOISE, [12]).ratio == pytest.approx(plain, rel=1e-9)


def test_several_comparisons():
    assert _stats.holm([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]
    assert _stats.holm([]) == []
    found = _stats.geometric_mean([[0.1 + x for x in NOISE], [0.3 - x for x in NOISE]])
    assert found.value == pytest.approx(math.exp(0.2), rel=1e-12)
    assert found.low < found.value < found.high < found.value * 1.02
    assert _stats.geometric_mean([NOISE], seed=1) == _stats.geometric_mean([NOISE])
    assert _stats.geometric_mean([NOISE], seed=2) != _stats.geometric_mean([NOISE])


def test_where_the_spread_comes_from():
    found = _stats.levels([[1, 2, 3], [4, 5, 6], [1, 2, 2]], costs=(1, 17))
    assert found.within == pytest.approx(7 / 9) and found.between == pytest.approx(28 / 9)
    assert (found.best, found.processes, found.values) == (3, 3, 9)
    assert _stats.levels([[1, 2, 3], [3, 2, 1]]).best is None
    labels = [(seed, size) for seed in "abcd" for size in (0, 64, 128)]
    values = [10 * "abcd".index(seed) + x for (seed, _), x in zip(labels, NOISE)]
    by_seed, by_size = _stats.factors(values, labels)
    assert by_seed.share > 0.99 and by_seed.p < 1e-9 and by_seed.labels == 4
    assert by_size.share < 0.01 and by_size.separable
    unique = [(number,) for number in range(len(NOISE))]
    assert _stats.factors(NOISE, unique) == [(0, 1, len(NOISE), False)]
    assert _stats.factors(NOISE, [()] * len(NOISE)) == []


def test_series():
    steps = [x + (1 if 20 <= i < 50 else 0) for i, x in enumerate(NOISE * 6)]
    assert _stats.change_points(steps) == [20, 50]
    assert _stats.change_points(steps, penalty=1e9) == []
    assert _stats.change_points([]) == []
    assert _stats.warm_up([9] + [1 + x for x in NOISE[:-1]] * 4) == ("warm-up", 1, 0)
    assert _stats.warm_up([1 + (i % 5 == 4) for i in range(60)]) == ("cyclic", 0, 5)
    assert _stats.warm_up([1.0 + i for i in range(200)]) == ("none", None, 0)
    assert _stats.warm_up([1, 2]) == ("unknown", None, 0)
    assert _stats.effective_count([math.sin(i / 50) for i in range(1000)]) < 100
    assert _stats.effective_count([1, 2]) == 2


def test_lines():
    xs = [0, 1, 2, 3, 4, 5]
    line = _stats.regress(xs, [1 + 2 * x + e for x, e in zip(xs, NOISE)], at=-0.5)
    assert line.slope == pytest.approx([2, 2, 2], abs=0.03)
    assert line.intercept.low < 1 < line.intercept.high
    assert line.at.low < 0 < line.at.high
    assert line.linear_p > 0.01 and line.count == 6
    assert _stats.regress(xs, [x**3 for x in xs]).linear_p < 0.01
    found = _stats.power_law([10, 20, 40, 80], [1.01, 3.98, 16.1, 63.7])
    assert found.low < 2 < found.high and found.value == pytest.approx(2, abs=0.02)


def test_arrays_and_iterables_are_sequences():
    listed = _stats.mean_interval(NOISE)
    doubles = array("d", NOISE)
    assert _stats.mean_interval(doubles) == listed
    assert _stats.mean_interval(memoryview(doubles)) == listed
    assert _stats.mean_interval(memoryview(doubles)[::-1][::-1]) == listed
    assert _stats.mean_interval(array("f", [1, 2, 3])) == _stats.mean_interval([1, 2, 3])
    assert _stats.mean_interval(x for x in NOISE) == listed
    assert _stats.change_points(array("d")) == []


def test_records_are_made_changed_and_sent():
    made = Estimate(1.5, 1.25, high=2.0)
    assert pickle.loads(pickle.dumps(made)) == made
    assert made._replace(low=1.0) == (1.5, 1.0, 2.0)
    look = _stats.sequential(NOISE, [12])
    assert pickle.loads(pickle.dumps(look)) == look and type(look.ratio) is Estimate


MISTAKES = {
    "values: 0 numbers, at least 1 are needed": lambda: _stats.mean_interval([]),
    "values[1]: nan: a measurement is finite, and at most 1e100": lambda: _stats.mean_interval(
        [1, math.nan]
    ),
    "values[0]: -inf: a measurement is finite, and at most 1e100": lambda: _stats.change_points(
        array("d", [-math.inf, 1])
    ),
    "groups[1][0]: inf: a measurement is finite, and at most 1e100": lambda: _stats.geometric_mean(
        [[1], [math.inf]]
    ),
    "groups[1]: 0 numbers, at least 1 are needed": lambda: _stats.geometric_mean([[1], []]),
    "no groups: a mean needs one": lambda: _stats.geometric_mean([]),
    "level: 1.0: it lies between 0 and 1": lambda: _stats.compare_pairs([1, 2], level=1),
    "level: nan: it lies between 0 and 1": lambda: _stats.regress([1], [1], level=math.nan),
    "least: the smallest change that matters is not negative": lambda: _stats.compare_pairs(
        [1, 2], least=-0.1
    ),
    "0 looks: from 1 to 64 can be preset": lambda: _stats.sequential([1, 2], []),
    "looks: 65, at most 64 can be preset": lambda: _stats.sequential([1], range(1, 66)),
    "look 2 is after 9 processes: looks ascend": lambda: _stats.sequential([1], [9, 9]),
    "look 1 is after 0 processes: looks ascend": lambda: _stats.sequential([1], [-3, 9]),
    "3 processes: the looks are after 1 to 2": lambda: _stats.sequential([1, 2, 3], [2]),
    "9 processes: the looks are after 1 to 2": lambda: _stats.sequential_p([1] * 9, [2]),
    "ps[1]: a chance lies in [0, 1]": lambda: _stats.holm([0, 1.5]),
    "part: what is cut at each end lies in [0, 0.5]": lambda: _stats.trimmed_mean([1], 0.6),
    "p: a part lies in [0, 1]": lambda: _stats.normal_quantile(2),
    "df: 0.0: it lies between 0 and inf": lambda: _stats.student_quantile(0.5, 0),
    "t: nan is no number of standard errors": lambda: _stats.student_p(math.nan, 3),
    "1 processes: what they differ by needs two": lambda: _stats.levels([[1, 2]]),
    "one value in each process: their spread needs two": lambda: _stats.levels([[1], [2]]),
    "costs: of a value and of a process, both above 0": lambda: _stats.levels(
        [[1, 2], [2, 3]], costs=(1, 0)
    ),
    "2 values and 1 labels: each value has its own": lambda: _stats.factors([1, 2], [(1,)]),
    "labels[1]: not a tuple as long as the others": lambda: _stats.factors([1, 2], [(1,), (1, 2)]),
    "labels[0]: not a tuple as long as the others": lambda: _stats.factors([1], ["a"]),
    "600 labels: factors have 512 in all at most": lambda: _stats.factors(
        range(600), [(i,) for i in range(600)]
    ),
    "penalty: -1.0: it lies between 0 and inf": lambda: _stats.change_points([1, 2], penalty=-1),
    "3 xs and 2 ys: a point has one of each": lambda: _stats.regress([1, 2, 3], [1, 2]),
    "all 2 points have the same x: a line needs two": lambda: _stats.regress([1, 1], [1, 2]),
    "1 points: a line needs two": lambda: _stats.power_law([1], [1]),
    "size 2 is -2: a power law is for what is above 0": lambda: _stats.power_law([1, -2], [1, 2]),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_one_line(message):
    with pytest.raises(ValueError) as raised:
        MISTAKES[message]()
    assert str(raised.value) == message


def test_what_is_no_number_is_a_type_error():
    for wrong in (lambda: _stats.mean_interval(3), lambda: _stats.mean_interval(["a"]),
                  lambda: _stats.levels([1, 2]), lambda: _stats.factors([1], [([],)])):
        with pytest.raises(TypeError):
            wrong()


class Shrinking:
    """A number that empties the list in which it stands."""

    def __init__(self, values):
        self.values = values

    def __float__(self):
        self.values.clear()
        return 1.0


def test_a_sequence_that_shrinks_while_it_is_read():
    values = []
    values += [Shrinking(values), 2.0, 3.0]
    with pytest.raises(ValueError, match="shrank"):
        _stats.mean_interval(values)


class Failing:
    def __float__(self):
        raise KeyError("mine")


def test_exceptions_of_numbers_come_through():
    with pytest.raises(KeyError, match="mine"):
        _stats.geometric_mean([[1.0], [2.0, Failing()]])


def test_nothing_is_kept():
    def everything():
        for mistake in MISTAKES.values():
            with pytest.raises(ValueError):
                mistake()
        test_a_comparison()
        test_where_the_spread_comes_from()
        test_series()
        test_lines()

    counts = []
    for _ in range(3):
        everything()
        gc.collect()
        counts.append((sys.getallocatedblocks(), len(gc.get_objects())))
    assert counts[2][1] == counts[1][1]
    assert abs(counts[2][0] - counts[1][0]) < 20


def test_each_interpreter_has_its_own():
    code = (
        "import _xxsubinterpreters as sub\n"
        "one = sub.create()\n"
        "sub.run_string(one, 'from tare import _stats; assert _stats.median([1, 2, 3]) == 2')\n"
        "sub.destroy(one)\n"
        "from tare import _stats; print(_stats.median([4]))\n"
    )
    if sys.version_info >= (3, 13):
        code = code.replace("_xxsubinterpreters", "_interpreters")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "4.0\n", done.stderr
