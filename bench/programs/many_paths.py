"""Calls along about as many different paths as it is asked for: python many_paths.py COUNT"""

import sys

DEEPEST = 40
NAMES = [f"work_{number:03}" for number in range(300)]


class Dice:
    """Park and Miller's generator: the same tree on every machine and version."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = self.state * 48271 % 2147483647
        return self.state % limit


def make(name):
    space = {}
    exec(f"def {name}(dice, depth, left, spread):\n    spread(dice, depth, left)\n", space)
    return space[name]


FUNCTIONS = [make(name) for name in NAMES]


def spread(dice, depth, left):
    """As many calls as it gets on average, so that stacks of all depths come up to DEEPEST."""
    if depth >= DEEPEST:
        return
    for _ in range(1 + dice.below(3) // (1 + depth // 5)):
        if left[0] <= 0:
            return
        left[0] -= 1
        FUNCTIONS[dice.below(len(FUNCTIONS))](dice, depth + 1, left, spread)


def main(count):
    dice = Dice(7)
    left = [count // 4]  # each call of theirs is met with spread and below on a path of its own
    while left[0] > 0:
        spread(dice, 0, left)


main(int(sys.argv[1]))
