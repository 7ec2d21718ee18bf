"""The kernels: right, in every interpreter there is, and refused where they are not."""

import ast
import importlib
import math
import os
import struct
import subprocess
import sys
from decimal import Decimal, localcontext

import pytest
from tare.stones import tarestones
from tare.stones.interpreters import find_all

FOUND = find_all(sys.executable, os.environ)
ROWS = {row[0]: row for row in tarestones.KERNELS}
SIZES = [row[2] for row in tarestones.KERNELS]


def run(command, *arguments):
    return subprocess.run(
        [*command, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("interpreter", FOUND, ids=[one.name for one in FOUND])
def test_every_interpreter_comes_to_the_same(interpreter, stones_file, tmp_path):
    """In a folder of its own, so that nothing beside the file helps."""
    file = tmp_path / "tarestones.py"
    file.write_bytes(stones_file.read_bytes())
    done = run([interpreter.path], file, "--lines", "--small", "--seconds", "0.001")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0].split()[:4] == ["tarestones", "1", *interpreter[1:]]
    assert [line.split()[1] for line in lines if line.startswith("cold")] == list(ROWS)
    rounds = [line.split()[1:] for line in lines if line.startswith("round")]
    assert lines[-1].split()[:2] == ["done", str(len(rounds))]
    assert len(rounds) >= tarestones.LEAST_ROUNDS
    assert all(len(values) == len(ROWS) and min(map(int, values)) > 0 for values in rounds)


@pytest.mark.parametrize("name", ROWS)
def test_each_checksum_is_what_this_interpreter_comes_to(name):
    _, kernel, size, right, _, small_size, small_right, _ = ROWS[name]
    assert kernel(size) == right
    assert kernel(small_size) == small_right


def test_the_sieve_finds_the_primes_there_are():
    def is_prime(n):
        return n > 1 and all(n % divisor for divisor in range(2, math.isqrt(n) + 1))

    size = ROWS["sieve"][5]
    assert tarestones.sieve(size) == sum(map(is_prime, range(size))) == ROWS["sieve"][6]


def test_the_digits_are_those_of_pi():
    """By another formula: the iteration of Gauss and Legendre."""
    size = ROWS["digits"][5]
    with localcontext() as context:
        context.prec = size + 20
        a, b, t, p = Decimal(1), 1 / Decimal(2).sqrt(), Decimal("0.25"), 1
        while abs(a - b) > Decimal(10) ** -(size + 5):
            a, b, x = (a + b) / 2, (a * b).sqrt(), a
            t -= p * (x - a) ** 2
            p *= 2
        pi = (a + b) ** 2 / (4 * t)
        assert tarestones.digits(size) == int(pi * 10**size) % 1000000007 == ROWS["digits"][6]


def test_the_orbit_keeps_its_energy():
    assert tarestones.floats(0) == pytest.approx(ROWS["floats"][3], rel=1e-5)


def test_the_machine_finds_the_greatest_common_divisors():
    size = ROWS["machine"][2]
    pairs = [math.gcd(a, b) for a in range(1, size) for b in range(1, size)]
    assert tarestones.machine(size) == sum(pairs) == ROWS["machine"][3]


def test_the_trees_have_the_nodes_that_depths_give():
    size = ROWS["trees"][2]
    nodes = sum(2 ** (3 + i % 4 + 1) - 1 for i in range(size)) + 2**7 - 1
    assert tarestones.trees(size) == nodes == ROWS["trees"][3]


def test_pi_from_random_points_is_nearly_pi():
    assert ROWS["montecarlo"][3] == pytest.approx(math.pi, abs=3 * 1.64 / SIZES[-1] ** 0.5)


def test_generators_and_exceptions_add_up():
    """Sums that arithmetic gives."""
    size = ROWS["exceptions"][5]
    passed = sum((1, 2 * i, i + 3)[i % 3] for i in range(size))
    assert tarestones.exceptions(size) == passed + size // 2 * 6 + 7 * size + size
    size = ROWS["generators"][5]
    odd = [n for n in range(size) if n % 2]
    squares = [n * n for n in range(size) if n % 3]
    known = sum(odd) + sum(odd[:-1]) + sum(square % 7 for square in squares)
    known += len({square % 31 for square in squares}) + sum(square & 1 for square in squares[::2])
    known += sum(a * b % 5 for a, b in zip(squares, squares[1:], strict=False))
    assert tarestones.generators(size) == known


@pytest.mark.parametrize("name", ["sieve", "floats", "text"])
def test_another_checksum_is_refused(name, stones_file, tmp_path):
    """The same file, but for one constant."""
    row = ROWS[name]
    for at, options in ((3, []), (6, ["--small"])):
        wrong = row[at] + 1 if isinstance(row[at], int) else row[at] * (1 + 1e-7)
        text = stones_file.read_text()
        assert text.count(f", {row[at]}, ") == 1
        file = tmp_path / "changed.py"
        file.write_text(text.replace(f", {row[at]}, ", f", {wrong}, "))
        done = run([sys.executable], file, "--seconds", "0.001", "--only", name, *options)
        assert done.returncode == 1
        assert done.stdout.splitlines()[1:] == [f"wrong {name} {row[at]} {wrong}"]


class Single(float):
    """A float of 32 bits, as some builds of MicroPython have."""

    def __new__(cls, value):
        return float.__new__(cls, struct.unpack("f", struct.pack("f", value))[0])


for operation in ("add", "sub", "mul", "truediv", "pow"):
    for name in (f"__{operation}__", f"__r{operation}__"):
        setattr(Single, name, lambda a, b, of=getattr(float, name): Single(of(a, Single(b))))


class ToSingle(ast.NodeTransformer):
    def visit_Constant(self, node):
        if not isinstance(node.value, float):
            return node
        return ast.Call(ast.Name("Single", ast.Load()), [node], [])


@pytest.mark.parametrize("name", ["floats", "montecarlo"])
def test_kernels_are_right_in_floats_of_32_bits(name, stones_file):
    """Each number and each step rounded to 24 bits: near enough, and not what 64 bits give."""
    tree = ast.fix_missing_locations(ToSingle().visit(ast.parse(stones_file.read_text())))
    space = {"Single": Single, "__name__": "tarestones"}
    exec(compile(tree, "tarestones.py", "exec"), space)
    for at in (2, 5):
        size, right = ROWS[name][at : at + 2]
        result = space[name](size)
        assert isinstance(result, Single)
        assert abs(result - right) <= tarestones.ROUGHLY * abs(right) / 3
        assert result != right


def test_floats_of_32_bits_may_differ_in_the_third_digit(monkeypatch):
    assert tarestones.is_right(2.0, 2.0 + 1e-9)
    assert not tarestones.is_right(2.0, 2.0 + 1e-7)
    assert not tarestones.is_right(2, 3)
    monkeypatch.setattr(tarestones, "CLOSE", tarestones.ROUGHLY)
    assert tarestones.is_right(3.11, 3.12)
    assert not tarestones.is_right(3.08, 3.12)


def test_the_file_keeps_to_what_all_interpreters_know(stones_file):
    modules = set()
    for path in (stones_file, stones_file.with_name("dhrystone.py")):
        text = path.read_text()
        assert text.isascii()
        for node in ast.walk(ast.parse(text)):
            assert not isinstance(
                node,
                ast.JoinedStr | ast.Nonlocal | ast.AnnAssign | ast.YieldFrom | ast.NamedExpr
                | ast.AsyncFunctionDef | ast.Starred | ast.MatMult,
            ), ast.unparse(node)
            if isinstance(node, ast.FunctionDef):
                arguments = [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]
                assert node.returns is None and not node.args.kwonlyargs
                assert not any(one.annotation for one in arguments)
            if isinstance(node, ast.Import):
                modules.update(name.name for name in node.names)
            if isinstance(node, ast.ImportFrom):
                modules.add(node.module)
    assert modules == {"sys", "time", "tarestones"}


def test_by_hand_it_prints_a_table(stones_file):
    done = run([sys.executable], stones_file, "--seconds", "0.01", "--small")
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("  ")][1:]
    assert [row[0] for row in rows] == [*ROWS, "all"]
    stones = [int(row[-1]) for row in rows]
    mean = math.exp(sum(map(math.log, stones[:-1])) / len(ROWS))
    assert stones[-1] == pytest.approx(mean, rel=0.002)


@pytest.mark.parametrize("words", [["--seconds"], ["--only", "nothing"], ["--help"], ["x"]])
def test_what_it_does_not_know_is_one_line(stones_file, words):
    done = run([sys.executable], stones_file, *words)
    assert done.returncode == 2
    assert done.stdout.startswith("tarestones: ") and done.stdout.count("\n") == 1


def test_dhrystone_leaves_what_was_published(stones_file, monkeypatch):
    monkeypatch.syspath_prepend(stones_file.parent)  # it stands beside tarestones.py
    dhrystone = importlib.import_module("dhrystone")
    for passes in (1, 7, 200):
        dhrystone.prepare()
        assert dhrystone.run(passes) == dhrystone.RIGHT
    dhrystone.prepare()
    dhrystone.table[8][7] = 0
    assert dhrystone.run(10) != dhrystone.RIGHT
