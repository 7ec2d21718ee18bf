"""Pi by Monte Carlo: another loop, another library, more processes, another interpreter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tare.comparing.driving import CompareError
from tare.lab.measuring import Lab
from tare.lab.model import Experiment, Finding, Table, Trial, Variant
from tare.lab.saying import by_size, factor, says, sentence, turned
from tare.lab.tabling import chart, over_sizes, pairs

PLAIN_SETUP = "from random import random"
NUMPY_SETUP = f"{PLAIN_SETUP}\nimport numpy\nrng = numpy.random.default_rng()"
PLAIN = Variant(
    "plain Python",
    "inside = 0\n"
    "for _ in range(n):\n"
    "    x, y = random(), random()\n"
    "    inside += x * x + y * y <= 1.0\n"
    "result = 4.0 * inside / n",
)
NUMPY = Variant(
    "NumPy",
    "x, y = rng.random(n), rng.random(n)\n"
    "inside = int(numpy.count_nonzero(x * x + y * y <= 1.0))\n"
    "result = 4.0 * inside / n",
)
SCRIPT = Variant(
    "plain",
    "import sys\n"
    "from random import random\n"
    "\n"
    "n = int(sys.argv[1])\n"
    "\n"
    "def count(n):\n"
    "    inside = 0\n"
    "    for _ in range(n):\n"
    "        x, y = random(), random()\n"
    "        inside += x * x + y * y <= 1.0\n"
    "    return inside\n"
    "\n"
    "print(4.0 * count(n) / n)\n",
)
NUMPY_SCRIPT = Variant(
    "NumPy with import",
    "import sys\n"
    "import numpy\n"
    "\n"
    "n = int(sys.argv[1])\n"
    "rng = numpy.random.default_rng()\n"
    "x, y = rng.random(n), rng.random(n)\n"
    "inside = int(numpy.count_nonzero(x * x + y * y <= 1.0))\n"
    "print(4.0 * inside / n)\n",
)
POOL_SCRIPT = Variant(
    "a pool of two",
    "import sys\n"
    "from multiprocessing import Pool\n"
    "from random import random\n"
    "\n"
    "def count(n):\n"
    "    inside = 0\n"
    "    for _ in range(n):\n"
    "        x, y = random(), random()\n"
    "        inside += x * x + y * y <= 1.0\n"
    "    return inside\n"
    "\n"
    'if __name__ == "__main__":\n'
    "    n = int(sys.argv[1])\n"
    "    with Pool(2) as pool:\n"
    "        parts = pool.map(count, [n // 2, n - n // 2])\n"
    "    print(4.0 * sum(parts) / n)\n",
)
PYPY_SCRIPT = Variant("PyPy", SCRIPT.code)
SHORT, LONG, LONG_QUICK = 1_000, 3_000_000, 200_000
AGREED = "each pi agrees with the one beside it, within 4 standard errors of their difference"


def run(lab: Lab) -> Finding:
    notes: list[str] = []
    tables: list[Table] = []
    inner: list[Trial] = []
    has_numpy = lab.has_module("numpy")
    if has_numpy:
        sizes = lab.sizes(10, 100, 1_000, 10_000, 100_000)
        inner = [lab.compare(PLAIN, NUMPY, NUMPY_SETUP, n, same=rule(n)) for n in sizes]
        tables.append(over_sizes(inner, "points"))
    else:
        notes.append("NumPy is not installed in this interpreter, so this says nothing about it.")
    whole = run_scripts(lab, has_numpy, notes)
    tables.append(pairs(whole, "points"))
    pictures = [chart("Time for n points, NumPy loaded already", "points", inner)] if inner else []
    trials = [*inner, *whole]
    lessons = teach(inner, whole)
    return Finding(tables, list(pictures), lessons, [AGREED], notes, trials)


def rule(n: int) -> Any:
    """Estimates agree when they are no further apart than chance brings them."""
    from tare.agreeing import close

    return close(samples=n, scale=4)


def run_scripts(lab: Lab, has_numpy: bool, notes: list[str]) -> list[Trial]:
    """From start to end, as one would wait for them."""
    long = min(LONG_QUICK if lab.is_quick else LONG, lab.effort.most)
    found = []
    if has_numpy:
        for n in (long,) if lab.is_quick else (SHORT, long):
            found.append(lab.compare_scripts(SCRIPT, NUMPY_SCRIPT, n, same=rule(n)))
    found.append(lab.compare_scripts(SCRIPT, POOL_SCRIPT, long, same=rule(long)))
    if lab.pypy is None:
        notes.append("There is no pypy3 on the PATH, so this says nothing about PyPy.")
        return found
    try:
        pythons = (None, lab.pypy)
        found.append(
            lab.compare_scripts(SCRIPT, PYPY_SCRIPT, long, same=rule(long), pythons=pythons)
        )
    except CompareError as error:
        notes.append(f"PyPy was left out: {error}")
    return found


def teach(inner: Sequence[Trial], whole: Sequence[Trial]) -> list[str]:
    lessons = by_size(inner, "points") if inner else []
    for trial in whole:
        words = f"as whole programs with {trial.n:,} points {says(trial)}"
        lessons.append(sentence(words) + processor_words(trial))
    return lessons


def processor_words(trial: Trial) -> str:
    """Of several processes: what they take of processors beside what they give."""
    cpu = trial.cpu_ratio
    if trial.b != POOL_SCRIPT.label or cpu is None:
        return ""
    if cpu.high < 1:
        return f" They use {factor(turned(cpu))} the processor time."
    return " The processor time is no more."


EXPERIMENT = Experiment(
    "pi",
    "Pi by chance: rethink instead of tuning",
    "Random points in a square: what part lies in the circle? Each way must come to pi.",
    "What gains most: NumPy, two processes, PyPy? And for how many points?",
    (Variant("setup", NUMPY_SETUP), PLAIN, NUMPY, SCRIPT, POOL_SCRIPT, NUMPY_SCRIPT),
    run,
)
