"""Fixtures for the lab: a bench on which everything runs once and in this process, and trials
that say what a test wants to be said."""

import os
import subprocess
import sys
import time

import pytest

from tare._stats import Estimate
from tare.agreeing import difference
from tare.comparing.sides import SCRIPT
from tare.lab.measuring import Effort, Lab
from tare.lab.model import Trial

SMALL = Effort(0.1, 3, 3, 200)


class Direct(Lab):
    """Each side runs once, here, and both must come to the same; times are what they happen to
    be."""

    def measure(self, sides, n, same, clock, memory, names):
        outcomes = [self.run_once(side) for side in sides]
        (a, a_ns), (b, b_ns) = outcomes
        assert difference(a, b, same) is None
        ratio = Estimate(a_ns / b_ns, 0.5 * a_ns / b_ns, 2 * a_ns / b_ns)
        return Trial(
            sides[0].name,
            sides[1].name,
            n,
            ratio,
            "cannot tell",
            Estimate(a_ns, a_ns, a_ns),
            Estimate(b_ns, b_ns, b_ns),
            "the same",
            ratio,
            ratio,
            1000.0 if memory else None,
            500.0 if memory else None,
        )

    def run_once(self, side):
        if side.kind == SCRIPT:
            begun = time.perf_counter_ns()
            done = subprocess.run(side.command, capture_output=True, text=True, check=True)
            return float(done.stdout), time.perf_counter_ns() - begun
        names = {"__name__": "__tare__"}
        exec(side.setup, names)
        begun = time.perf_counter_ns()
        exec(side.code, names)
        return names["result"], max(1, time.perf_counter_ns() - begun)


@pytest.fixture
def direct():
    with Direct(sys.executable, SMALL, os.environ) as lab:
        yield lab


@pytest.fixture
def trial():
    """A trial with a ratio; the verdict follows from it, if none is given."""

    def make(ratio, n=100, a="old", b="new", verdict=None, a_ns=1000.0, **more):
        if verdict is None:
            verdict = "faster" if ratio > 1.01 else "slower" if ratio < 0.99 else "same"
        b_ns = a_ns / ratio
        return Trial(
            a,
            b,
            n,
            Estimate(ratio, ratio * 0.95, ratio * 1.05),
            verdict,
            Estimate(a_ns, a_ns * 0.95, a_ns * 1.05),
            Estimate(b_ns, b_ns * 0.95, b_ns * 1.05),
            "1 value",
            **more,
        )

    return make


@pytest.fixture
def tare_cli(tmp_path):
    """Runs tare lab in an empty folder: exit code, stdout, stderr."""

    def call(*arguments, **environ):
        done = subprocess.run(
            [sys.executable, "-m", "tare", "lab", *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80", **environ},
            capture_output=True,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout, done.stderr

    return call
