"""Programs in which one function, planted, takes a known part of the work, in different company.

usage: planted.py KIND [without]          without: the same program, but planted does nothing

    serial      planted, then something else, again and again
    threads     two threads that both do this, under one GIL
    behind      a thread does planted for another that takes longer for what it gets: nobody waits
                for planted
    asyncio     a task does planted while another sleeps, about half as long as planted takes
    pool        two processes that do planted and something else
    napping     planted sleeps and does not work
"""

import asyncio
import multiprocessing
import queue
import sys
import threading
import time

STEPS = 12
PLANTED, OTHER = 300_000, 450_000  # turns of a loop
NAP_SECONDS = 0.03
WITHOUT = "without" in sys.argv


def turn(count):
    x = 0
    for i in range(count):
        x ^= i
    return x


def planted():
    if not WITHOUT:
        turn(PLANTED)


def nap():
    if not WITHOUT:
        time.sleep(NAP_SECONDS)


def step(_=None):
    planted()
    turn(OTHER)


def serial():
    for _ in range(STEPS):
        step()


def threads():
    workers = [threading.Thread(target=serial) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def behind():
    made = queue.Queue(maxsize=1)

    def produce():
        for _ in range(STEPS):
            planted()
            made.put(1)

    producer = threading.Thread(target=produce)
    producer.start()
    for _ in range(STEPS):
        made.get()
        time.sleep(2.5 * NAP_SECONDS)
    producer.join()


async def work():
    for _ in range(STEPS):
        planted()
        await asyncio.sleep(0)


async def overlap():
    await asyncio.gather(work(), asyncio.sleep(2 * NAP_SECONDS))


def pool():
    with multiprocessing.get_context("fork").Pool(2) as workers:
        workers.map(step, range(2 * STEPS), chunksize=1)


def napping():
    for _ in range(STEPS):
        nap()
        turn(OTHER)


if __name__ == "__main__":
    kind = sys.argv[1]
    if kind == "asyncio":
        asyncio.run(overlap())
    else:
        {"serial": serial, "threads": threads, "behind": behind, "pool": pool,
         "napping": napping}[kind]()
