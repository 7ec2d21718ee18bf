"""Engines whose times are written down, so that what is made of them is known."""

from __future__ import annotations

import math
import random

from tare.comparing import design
from tare.comparing.engines import Engine, Raw, Scout
from tare.comparing.machine import Block
from tare.comparing.result import Agreed, Timed
from tare.comparing.sides import Side

BLOCK_NS = 4_000_000


class Scripted(Engine):
    """Blocks of A take BLOCK_NS, those of B by ratio less; spread from process to process, from
    pair to pair, and by what drifts with time, each as a part of the time."""

    how = "together"

    def __init__(self, ratio=1.0, between=0.01, within=0.02, drift=0.0, seed=1, **more):
        sides = (Side("old", "statement"), Side("new", "statement"))
        super().__init__(sides, 60.0, BLOCK_NS)
        self.chance = random.Random(seed)
        self.ratio, self.between, self.within, self.drift = ratio, between, within, drift
        self.settings = []
        self.clock_ns = 0
        self.cpu_part = more.get("cpu_part", (1.0, 1.0))  # of wall time
        self.agreed = more.get("agreed", Agreed(True, "1 value"))
        self.given = more.get("blocks")  # a function of the side and the time that changes it
        self.empty = more.get("empty_ns", 0.0)
        self.warm_pairs = []

    def timed(self, side, factor):
        wall = BLOCK_NS * (1 + self.drift * self.clock_ns / 1e9)
        self.clock_ns += BLOCK_NS
        wall *= math.exp(self.chance.gauss(0, self.within))
        if side == 1:
            wall /= self.ratio * factor
        cpu = wall * self.cpu_part[side]
        switches = 0 if self.cpu_part[side] >= 1 else 1
        block = Block(int(wall), int(cpu), switches, 0, 0, 0, 0)
        if self.given is not None:
            block = self.given(side, block)
        return Timed(side, 10, block)

    def series(self, sides):
        factor = math.exp(self.chance.gauss(0, self.between))
        return [self.timed(side, factor) for side in sides]

    def scout(self, setting, seconds):
        return Scout(self.series(design.turns(24, "AB")), (10, 10, 10), (10, 10, 10))

    def process(self, setting, pair_count, warm_pairs):
        self.settings.append(setting)
        self.warm_pairs.append(warm_pairs)
        return Raw(self.series(design.turns(pair_count, setting.order)), self.empty)

    def agree(self, rule, names):
        return self.agreed
