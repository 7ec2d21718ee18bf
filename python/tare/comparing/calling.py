"""Comparing from Python: functions that exist here, or statements."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tare.comparing.engines import Forks
from tare.comparing.result import Comparison
from tare.comparing.running import Plan, measure, measure_with
from tare.comparing.sides import FUNCTION, STATEMENT, Side, name_of

USUAL_SECONDS = 5.0
SHORT_BLOCK_NS = 2_000_000
SHORT_SECONDS = 3.0  # below this, blocks are shorter, so that there are enough processes


def compare(
    f: Callable[..., object],
    g: Callable[..., object],
    args: Sequence[object] = (),
    kwargs: Mapping[str, object] | None = None,
    *,
    same: Any = None,
    seconds: float = USUAL_SECONDS,
    setup: Callable[[], object] | None = None,
    processes: int | None = None,
    least: float = 0.01,
    timeout: float = 60.0,
    clock: str = "auto",
    check: bool = True,
) -> Comparison:
    """How f(*args, **kwargs) compares with g of the same: a ratio above 1 says that g is faster.

    Both are called in turns in copies of this process, for about so many seconds in all; hash
    seed and layout of memory are therefore the same in all of them. Before, both are called once
    and their results compared, by `same` (what tare.close gives; default: equal); where they
    differ nothing is timed and the verdict is "different results". setup is called at the
    beginning of each copy. least is the smallest change that matters, as a part of 1.

    Raises tare.Error where nothing can be said: f raises, takes longer than timeout seconds, ...
    """
    sides = (live_side(f, "f"), live_side(g, "g"))
    given = dict(kwargs or {})

    def make(fresh: bool) -> list[Any]:
        from tare.comparing.worker import Live

        if setup is not None:
            setup()
        return [
            Live(side.name, function, tuple(args), given, fresh)
            for side, function in zip(sides, (f, g), strict=True)
        ]

    engine = Forks(sides, timeout, block_ns(seconds), make)
    plan = Plan(
        seconds=seconds,
        processes=processes,
        least=least,
        timeout=timeout,
        clock=clock,
        rule=same,
        check=check,
        memory=False,
    )
    return measure_with(engine, plan)


def live_side(function: Callable[..., object], otherwise: str) -> Side:
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", otherwise)
    if not callable(function):
        raise TypeError(f"{otherwise} must be callable, not {type(function).__name__}")
    return Side(name=str(name), kind=FUNCTION, function=str(name))


def statements(
    setup: str,
    a: str,
    b: str,
    *,
    python: str = sys.executable,
    seconds: float = 1.0,
    same: Any = None,
    same_of: str | None = "result",
    processes: int | None = None,
    least: float = 0.01,
    timeout: float = 60.0,
    check: bool = True,
) -> Comparison:
    """How code a compares with code b, in fresh processes of an interpreter.

    What setup binds is global to the code, as in a module; what the code binds is local, as in a
    function. same_of is the name whose value is compared after each; where a or b does not bind
    it, and where it is None, all names that both bind, and the value of a last expression, are.
    """
    sides = [
        Side(
            name=name_of(code),
            kind=STATEMENT,
            python=python,
            code=code,
            setup=setup,
            path=os.getcwd(),
        )
        for code in (a, b)
    ]
    plan = Plan(
        seconds=seconds,
        processes=processes,
        least=least,
        timeout=timeout,
        rule=same,
        names=None if same_of is None else (same_of,),
        check=check,
        block_ns=block_ns(seconds),
        memory=False,
    )
    return measure(sides[0], sides[1], plan)


def block_ns(seconds: float) -> int:
    return SHORT_BLOCK_NS if seconds < SHORT_SECONDS else Plan().block_ns
