"""What is varied from process to process, so that no accident of one set-up is taken for a change.

    hash seed     a new one for each process: the order of sets and where keys of dictionaries are
    environment   some bytes more or less, which move the stack and what lies behind it
    order         who begins, A or B; within a process they take turns

All by chance, from a seed that is recorded. Each order, and each size of the environment, comes
equally often.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from typing import NamedTuple

ENV_BYTES = (0, 1040, 2080, 3120)  # no multiples of what a page or a line of the cache has
ORDERS = ("AB", "BA")
PADDING = "PADDING_BY_TARE"
HASH_SEED = "PYTHONHASHSEED"
MOST_SEED = 4_294_967_295


class Setting(NamedTuple):
    hash_seed: int
    env_bytes: int
    order: str


def settings(seed: int) -> Iterator[Setting]:
    """One for each process, without end."""
    chance = random.Random(seed)
    orders, sizes = shuffled(chance, ORDERS), shuffled(chance, ENV_BYTES)
    while True:
        yield Setting(chance.randint(1, MOST_SEED), int(next(sizes)), str(next(orders)))


def shuffled(chance: random.Random, values: tuple[object, ...]) -> Iterator[object]:
    """All of them in an order by chance, again and again."""
    while True:
        yield from chance.sample(values, len(values))


def repeated(setting: Setting, chance: random.Random) -> Setting:
    """The same hash seed in another environment, the other order."""
    others = [size for size in ENV_BYTES if size != setting.env_bytes]
    order = ORDERS[setting.order == ORDERS[0]]
    return Setting(setting.hash_seed, chance.choice(others), order)


def environment(
    setting: Setting, given: Mapping[str, str], more: tuple[tuple[str, str], ...] = ()
) -> dict[str, str]:
    """The environment of one process. A hash seed that the user has set stays."""
    found = {**given, **dict(more)}
    if not is_hash_fixed(found):
        found[HASH_SEED] = str(setting.hash_seed)
    if setting.env_bytes:
        found[PADDING] = "x" * setting.env_bytes
    return found


def is_hash_fixed(environ: Mapping[str, str]) -> bool:
    return environ.get(HASH_SEED, "random") not in ("", "random")


def own_environment() -> dict[str, str]:
    return dict(os.environ)


def turns(pair_count: int, order: str) -> list[int]:
    """The sides of a process's blocks: AB BA AB BA ..., or BA AB BA AB ..."""
    first = 0 if order == ORDERS[0] else 1
    return [
        side
        for pair in range(pair_count)
        for side in ((first, 1 - first) if pair % 2 == 0 else (1 - first, first))
    ]
