"""Generators and coroutines: frames that live outside the stack of calls.

The truth is the chain of functions that must stand below `main` whenever the last of
them is running.

usage: chains.py [SECONDS]
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

from truth import Account, seconds, tell


def spin(count: int) -> int:
    x = 0
    for i in range(count):
        x ^= i
    return x


def burn_gen() -> None:
    spin(200)


def inner_gen(count: int) -> Iterator[int]:
    for i in range(count):
        burn_gen()
        yield i


def middle_gen(count: int) -> Iterator[int]:
    yield from inner_gen(count)


def outer_gen(count: int) -> Iterator[int]:
    for i in middle_gen(count):
        yield i


def consume_gen(count: int) -> None:
    for _ in outer_gen(count):
        pass


def burn_genexpr() -> int:
    return spin(200) & 1


def sum_genexpr(count: int) -> int:
    return sum(burn_genexpr() for _ in range(count))


def burn_one() -> None:
    spin(200)


def burn_two() -> None:
    spin(200)


async def inner_one(count: int) -> None:
    for _ in range(count):
        burn_one()
        await asyncio.sleep(0)


async def outer_one(count: int) -> None:
    await inner_one(count)


async def items_two(count: int) -> AsyncIterator[int]:
    for i in range(count):
        burn_two()
        await asyncio.sleep(0)
        yield i


async def outer_two(count: int) -> None:
    async for _ in items_two(count):
        pass


async def both(count: int) -> None:
    await asyncio.gather(outer_one(count), outer_two(count))


def run_async(count: int) -> None:
    asyncio.run(both(count))


def main() -> None:
    account = Account()
    end = time.perf_counter() + seconds(2.5)
    while time.perf_counter() < end:
        account.charge("consume_gen", consume_gen, 500)
        account.charge("sum_genexpr", sum_genexpr, 500)
        account.charge("run_async", run_async, 200)
    # "*" stands for asyncio's own frames. The event loop itself is nobody's await chain.
    chains = {
        "burn_gen": ["consume_gen", "outer_gen", "middle_gen", "inner_gen", "burn_gen"],
        "burn_genexpr": ["sum_genexpr", "<genexpr>", "burn_genexpr"],
        "burn_one": ["run_async", "*", "outer_one", "inner_one", "burn_one"],
        "burn_two": ["run_async", "*", "outer_two", "items_two", "burn_two"],
    }
    tell(ns=account.ns, chains=chains)


main()
