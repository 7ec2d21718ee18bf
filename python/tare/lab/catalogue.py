"""All experiments, in the order in which they are told."""

from __future__ import annotations

from tare.lab.experiments import (
    caching,
    clocks,
    growing,
    inserting,
    lazy,
    members,
    names,
    pi,
    profiled,
    queues,
    texts,
)
from tare.lab.model import Experiment

EXPERIMENTS: tuple[Experiment, ...] = (
    growing.EXPERIMENT,
    inserting.EXPERIMENT,
    queues.EXPERIMENT,
    members.EXPERIMENT,
    texts.EXPERIMENT,
    names.EXPERIMENT,
    lazy.EXPERIMENT,
    caching.EXPERIMENT,
    pi.EXPERIMENT,
    clocks.EXPERIMENT,
    profiled.EXPERIMENT,
)
BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
