"""From processes to figures, and from machine to machine: against what is known."""

import json
import math
import random
import xml.etree.ElementTree as ElementTree

import pytest
from tare.stones import measuring
from tare.stones.interpreters import Interpreter
from tare.stones.keeping import find, names, path_of
from tare.stones.measuring import Estimate, Kernel, Measured, estimate, summarise
from tare.stones.results import document, gather, load
from tare.stones.running import Run, Started
from tare.stones.scaling import read_time, scale
from tare.stones.tarestones import KERNELS

NAMES = [row[0] for row in KERNELS]
REFERENCE = {row[0]: row[4] for row in KERNELS}
PYTHON = Interpreter("/usr/bin/python", "cpython", "3.11.7")


def run_of(draw, speed=1.0, slow=1.0, noise=0.0, rounds=30, warm=None):
    """A process whose passes take reference / speed; warm: a factor for each round."""
    factor = math.exp(draw.gauss(0, noise)) * slow / speed
    warm = warm or (lambda at: 1.0)
    rounds_ns = {
        name: [
            round(time * factor * warm(at) * (1 + abs(draw.gauss(0, 0.01))))
            for at in range(rounds)
        ]
        for name, time in REFERENCE.items()
    }
    cold_ns = {name: round(2 * time * factor) for name, time in REFERENCE.items()}
    return Run("cpython", "3.11.7", "c", "cpu", "full", cold_ns, rounds_ns, 10 << 20, 12 << 20)


def measured_of(runs):
    return Measured(PYTHON, runs, [Started(20_000_000, 15_000_000)] * len(runs), "")


def result_of(speed=1.0, seed=1, **how):
    draw = random.Random(seed)
    return summarise(measured_of([run_of(draw, speed, **how) for _ in range(10)]), False)


# ---- stones


@pytest.mark.parametrize("speed", [0.01, 0.5, 1.0, 3.0, 80.0])
def test_twice_as_quick_is_twice_the_stones(speed):
    result = result_of(speed)
    assert result.stones.value == pytest.approx(1000 * speed, rel=0.01)
    for kernel in result.kernels:
        assert kernel.stones.value == pytest.approx(1000 * speed, rel=0.01)
        assert kernel.cold_ns.value == pytest.approx(2 * REFERENCE[kernel.name] / speed, rel=0.01)
        assert kernel.warm_up == "flat"
    assert result.start_cpu_ns.value == pytest.approx(15_000_000)


def test_the_mean_over_kernels_is_geometric():
    draw = random.Random(3)
    runs = [run_of(draw) for _ in range(10)]
    for run in runs:
        run.rounds_ns["sieve"] = [value // 16 for value in run.rounds_ns["sieve"]]
    stones = summarise(measured_of(runs), False).stones.value
    assert stones == pytest.approx(1000 * 16 ** (1 / len(NAMES)), rel=0.01)


def test_processes_that_others_slowed_down_do_not_count():
    """Half of them a third slower: more than a mean could bear, and nearly the same figure."""
    draw = random.Random(5)
    quiet = summarise(measured_of([run_of(draw, noise=0.005) for _ in range(16)]), False)
    loaded = [run_of(draw, noise=0.005, slow=1.35 if n % 2 else 1.0) for n in range(16)]
    busy = summarise(measured_of(loaded), False)
    assert busy.stones.value == pytest.approx(quiet.stones.value, rel=0.015)
    assert not measuring.do_agree([run_of(draw, slow=1 + n / 10) for n in range(16)], False)
    assert measuring.do_agree(loaded, False)


@pytest.mark.parametrize(("count", "disturbed"), [(5, 0.0), (15, 0.0), (15, 0.3), (25, 0.3)])
def test_the_interval_holds_what_it_is_of(count, disturbed):
    """What it is of: the figure that such a lot of processes has on average."""
    draw = random.Random(7)

    def rows():
        return [
            [draw.gauss(0, 0.01) - (0.3 if draw.random() < disturbed else 0)] for _ in range(count)
        ]

    truth = sum(measuring.quickest(rows()) for _ in range(4000)) / 4000
    found = [estimate(rows()) for _ in range(200)]
    inside = sum(one.low <= truth <= one.high for one in found) / len(found)
    assert inside >= 0.90
    if not disturbed:
        assert all(one.high - one.low < 0.12 for one in found)


def test_one_process_has_no_interval():
    assert estimate([[0.5, 1.5]]) == (1.0, -math.inf, math.inf)
    result = summarise(measured_of([run_of(random.Random(1))]), False)
    assert result.stones.high == math.inf
    assert json.loads(json.dumps(document(gather("full", [result], [])), allow_nan=False))


def test_warm_up_is_left_out_and_told():
    result = result_of(rounds=90, warm=lambda at: 8.0 if at < 18 else 1.0)
    assert result.stones.value == pytest.approx(1000, rel=0.01)
    assert {kernel.warm_up for kernel in result.kernels} == {"warm-up"}
    assert {kernel.steady_rounds for kernel in result.kernels} == {18}


def test_what_is_never_steady_has_no_figure():
    """Passes that grow quicker and quicker to the end."""
    result = result_of(rounds=60, warm=lambda at: 4 * 0.98**at)
    assert result.stones is None
    assert result.unsteady == NAMES


def test_processes_that_others_disturb_half_way_are_steady_all_the_same():
    """Half of them become slower, half quicker: that is the machine."""
    draw = random.Random(9)
    steps = [lambda at: 1.4 if at > 18 else 1.0, lambda at: 1.4 if at < 18 else 1.0]
    runs = [run_of(draw, warm=steps[n % 2]) for n in range(15)]
    result = summarise(measured_of(runs), False)
    assert result.unsteady == []
    assert result.stones.value == pytest.approx(1000, rel=0.02)
    assert summarise(measured_of(runs[1::2]), False).unsteady == NAMES


def test_code_that_is_compiled_gets_longer_processes():
    run = run_of(random.Random(1))
    assert not measuring.does_compile(run)
    slow = {name: 20 * value for name, value in run.cold_ns.items()}
    assert measuring.does_compile(run._replace(cold_ns=slow))


# ---- scaling


def kernels_of(ratios, base=1000.0, half=0.0):
    def around(value):
        return Estimate(value, value * (1 - half), value * (1 + half))

    return [
        Kernel(f"k{at}", around(base), around(base * ratio), around(1000), "flat", 0, 0.0, False)
        for at, ratio in enumerate(ratios)
    ]


def test_kernels_that_agree_leave_no_error():
    here, there = kernels_of([1.0] * 14), kernels_of([0.5] * 14)
    scaled = scale(read_time("12.3ms"), here, there)
    assert scaled.there_ns == pytest.approx((6.15e6, 6.15e6, 6.15e6))
    assert scaled.ratio == pytest.approx((0.5, 0.5, 0.5))


def test_the_error_of_the_time_and_of_the_measurement_come_in():
    here, there = kernels_of([1.0] * 14), kernels_of([2.0] * 14)
    scaled = scale(read_time("10ms+-1ms"), here, there)
    assert scaled.there_ns.value == pytest.approx(20e6)
    assert scaled.there_ns.high / scaled.there_ns.low == pytest.approx(11 / 9, rel=1e-6)
    sure = scale(read_time("10ms"), here, there)
    unsure = scale(read_time("10ms"), here, kernels_of([2.0] * 14, half=0.1))
    assert sure.there_ns.low == pytest.approx(sure.there_ns.high)
    half = math.log(unsure.there_ns.high / unsure.there_ns.low) / 2
    assert half == pytest.approx(math.log(1.1 / 0.9) / 2 / 14**0.5, rel=1e-6)


def test_the_interval_holds_the_next_program():
    """Programs whose ratio is drawn as those of the kernels were."""
    draw = random.Random(11)
    inside = 0
    for _ in range(400):
        logs = [draw.gauss(-0.4, 0.25) for _ in range(15)]
        here, there = kernels_of([1.0] * 14), kernels_of([math.exp(log) for log in logs[:14]])
        scaled = scale(read_time("1s"), here, there)
        inside += scaled.there_ns.low <= 1e9 * math.exp(logs[14]) <= scaled.there_ns.high
    assert 0.92 <= inside / 400 <= 0.98


def test_ratios_are_by_kernel():
    here, there = kernels_of([1, 1, 2, 1]), list(reversed(kernels_of([3, 1, 1, 1])))
    scaled = scale(read_time("1s"), here, there)
    assert [row.ratio for row in scaled.ratios] == pytest.approx([0.5, 1, 1, 3])
    assert scaled.ratios[0].kernel == "k2"
    with pytest.raises(ValueError, match="fewer than three"):
        scale(read_time("1s"), here[:2], there)


@pytest.mark.parametrize(
    ("text", "ns", "half"),
    [
        ("12.3ms", 12.3e6, 0),
        ("12.3 ms", 12.3e6, 0),
        ("2s", 2e9, 0),
        (".5 min", 30e9, 0),
        ("1e3us", 1e6, 0),
        ("7 µs +- 2 µs", 7e3, 2e3),
        ("7±2us", 7e3, 2e3),
        ("10ms+/-5%", 10e6, 0.5e6),
    ],
)
def test_times_are_read_as_people_write_them(text, ns, half):
    assert read_time(text) == pytest.approx((ns, ns - half, ns + half))


@pytest.mark.parametrize(
    "text", ["", "5", "ms", "-5ms", "0s", "5 parsecs", "1ms+-2ms", "1ms+-1s", "1e999s", "1ms ms"]
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):
        read_time(text)


# ---- keeping


def test_a_result_is_read_as_it_was_written(tmp_path):
    findings = gather("full", [result_of(2.0)], [])
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(document(findings)))
    assert load(str(path)) == findings


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(schema="tare.bench/99"),
        lambda found: found.pop("machine"),
        lambda found: found.update(interpreters=[{}]),
        lambda found: found["interpreters"][0].update(kernels=[]),
        lambda found: found["interpreters"][0]["kernels"][0]["pass_ns"].update(value=-1),
        lambda found: found["interpreters"][0]["kernels"][0]["pass_ns"].update(value="x"),
        lambda found: found["interpreters"][0]["kernels"][0]["pass_ns"].update(low=1e99),
    ],
)
def test_another_file_is_no_result(tmp_path, change):
    found = json.loads(json.dumps(document(gather("full", [result_of()], []))))
    change(found)
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(found))
    with pytest.raises(ValueError, match="no result of tare bench"):
        load(str(path))


@pytest.mark.parametrize("data", [b"", b"[]", b"7", b"\xff\xfe", b"{" * 100_000, b"null"])
def test_rubbish_is_no_result(tmp_path, data):
    path = tmp_path / "machine.json"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="no result of tare bench"):
        load(str(path))


def test_machines_have_names(tmp_path):
    environ = {"XDG_DATA_HOME": str(tmp_path)}
    assert names(environ) == []
    path = tmp_path / "tare" / "machines" / "old-1.json"
    assert path_of("old-1", environ) == str(path)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document(gather("full", [result_of()], []))))
    assert names(environ) == ["old-1"]
    assert find("old-1", environ) == find(str(path), environ) == load(str(path))
    for name in ("", "..", "a/b", "-x", "x" * 65):
        with pytest.raises(ValueError):
            path_of(name, environ)


def test_a_time_goes_from_a_kept_machine_to_a_file(tare, tmp_path):
    """Here 1,000 stones, there 4,000, and both of two interpreters."""
    other = PYTHON._replace(implementation="pypy", version="3.9.16")
    laptop = gather("full", [result_of(1.0), result_of(8.0)._replace(interpreter=other)], [])
    server = gather("full", [result_of(16.0)._replace(interpreter=other), result_of(4.0)], [])
    folder = tmp_path / "data" / "tare" / "machines"
    folder.mkdir(parents=True)
    (folder / "laptop.json").write_text(json.dumps(document(laptop)))
    (tmp_path / "server.json").write_text(json.dumps(document(server)))

    def scaled(*words):
        done = tare("bench", "--scale", "12ms", "--json", *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    found = scaled("--from", "laptop", "--to", "server.json")
    assert found["from"]["interpreter"] == found["to"]["interpreter"] == "CPython 3.11.7"
    assert found["to"]["time_ns"]["value"] == pytest.approx(3e6, rel=0.02)
    assert len(found["kernels"]) == len(NAMES)
    found = scaled("--from", "laptop:pypy", "--to", "server.json:3.11")
    assert found["to"]["time_ns"]["value"] == pytest.approx(24e6, rel=0.02)
    done = tare("bench", "--scale", "12ms", "--from", "laptop", "--to", "server.json")
    assert done.stdout.startswith("12 ms on laptop → 3")
    done = tare("bench", "--scale", "12ms", "--from", "laptop:3.11", "--to", "laptop:pypy")
    assert done.stdout.startswith("12 ms by CPython 3.11.7 → 1.5")
    for words in (["laptop", "server.json:2.7"], ["laptop", "nowhere"]):
        done = tare("bench", "--scale", "12ms", "--from", words[0], "--to", words[1])
        assert done.returncode == 2 and done.stderr.count("\n") == 1


def test_this_machine_is_measured_where_none_is_named(tare):
    done = tare("bench", "--save", "here", "--small", "--processes", "3", "--seconds", "0.02")
    assert done.returncode in (0, 4) and "kept as here" in done.stderr
    options = ("--processes", "3", "--seconds", "0.02")
    done = tare("bench", "--scale", "1s", "--from", "here", *options, "--json")
    found = json.loads(done.stdout)
    assert found["to"]["machine"] == "this machine"
    low, high = found["to"]["time_ns"]["low"], found["to"]["time_ns"]["high"]
    assert low / 3 < 1e9 < high * 3


# ---- pictures


def test_the_radar_is_svg_whose_corners_lie_where_stones_are():
    from tare.render.bench_radar import RADIUS, SIZE, Scale, svg

    results = [result_of(1.0), result_of(4.0)]
    root = ElementTree.fromstring(svg(results))
    space = "{http://www.w3.org/2000/svg}"
    polygons = [
        [tuple(map(float, pair.split(","))) for pair in one.get("points").split()]
        for one in root.iter(f"{space}polygon")
    ]
    assert [len(points) for points in polygons] == [len(NAMES)] * 2
    scale_of = Scale(results)
    for result, points in zip(results, polygons, strict=True):
        for kernel, (x, y) in zip(result.kernels, points, strict=True):
            distance = math.dist((x, y), (SIZE / 2, SIZE / 2)) / RADIUS
            assert distance == pytest.approx(scale_of.radius(kernel.stones.value), abs=0.01)
    words = [one.text for one in root.iter(f"{space}text")]
    assert set(NAMES) < set(words) and "1,000" in words


def test_pictures_are_written_and_names_cannot_break_them():
    from tare.render.bench_radar import html, svg

    hostile = result_of()._replace(interpreter=PYTHON._replace(version='<script>"&\x1b'))
    ElementTree.fromstring(svg([hostile]))
    page = html(gather("full", [hostile], []))
    assert "<script>" not in page and "\x1b" not in page
    assert all(f"<th>{name}</th>" in page for name in NAMES)
