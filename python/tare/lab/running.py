"""Makes experiments, one after the other; what goes wrong with one does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from tare import __version__
from tare.comparing.machine import Machine, Watch
from tare.errors import Error
from tare.lab.measuring import Lab
from tare.lab.model import SCHEMA, Experiment, Result


class Session(NamedTuple):
    """What was made, where, and what the machine did meanwhile."""

    results: list[Result]
    interpreter: str
    python: str
    machine: Machine
    quick: bool
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "tare": __version__,
            "interpreter": self.interpreter,
            "python": self.python,
            "quick": self.quick,
            "elapsed_seconds": self.seconds,
            "machine": self.machine.to_dict(),
            "experiments": [result.to_dict() for result in self.results],
        }


def run(lab: Lab, experiments: Sequence[Experiment], interpreter: str, quick: bool) -> Session:
    watch, begun = Watch(), time.monotonic()
    results = []
    for index, experiment in enumerate(experiments, 1):
        lab.begun = f"{index} of {len(experiments)}, {experiment.name}"
        lab.progress(lab.begun)
        results.append(make(lab, experiment))
    seconds = time.monotonic() - begun
    return Session(results, interpreter, lab.python, watch.end(), quick, seconds)


def make(lab: Lab, experiment: Experiment) -> Result:
    begun = time.monotonic()
    try:
        finding, trouble = experiment.measure(lab), ""
    except Error as error:
        finding, trouble = None, str(error)
    return Result(experiment, finding, trouble, time.monotonic() - begun)
