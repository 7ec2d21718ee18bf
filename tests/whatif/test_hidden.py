"""Clocks that stand still while a function works: whoever waits for a moment waits for it by them.

No times are compared, only what came first: without hiding, a wait that is a small part of what
planted takes is over long before it; with it, after."""

from __future__ import annotations


import pytest

from delaying import Delayed

PLANTED = """
import asyncio, os, queue, select, socket, subprocess, sys, threading, time
order = []
def planted():
    until = time.thread_time() + 0.4
    while time.thread_time() < until:
        x = 0
        for i in range(1000):
            x ^= i
def work():
    planted()
    order.append("planted")
"""
BESIDE = PLANTED + """
def wait():
    {wait}
    order.append("wait")
waiter = threading.Thread(target=wait)
worker = threading.Thread(target=work)
waiter.start()
worker.start()
waiter.join()
worker.join()
open(sys.argv[1], "w").write(" ".join(order))
"""
ASYNCIO = PLANTED + """
async def wait():
    await asyncio.sleep(0.1)
    order.append("wait")
async def main():
    waiting = asyncio.ensure_future(wait())
    await asyncio.sleep(0)
    work()
    await asyncio.sleep(0.02)
    order.append("a little later")
    await waiting
asyncio.run(main())
open(sys.argv[1], "w").write(" ".join(order))
"""
WAITS = {
    "sleep": "time.sleep(0.2)",
    "lock": "lock = threading.Lock(); lock.acquire(); lock.acquire(timeout=0.2)",
    "event": "threading.Event().wait(0.2)",
    "queue": "\n    try: queue.Queue().get(timeout=0.2)\n    except queue.Empty: pass",
    "select": "a, b = socket.socketpair(); assert select.select([a], [], [a], 0.2) == ([], [], [])",
    "poll": "a, b = socket.socketpair(); p = select.poll(); p.register(a); p.modify(a, 1);"
            " p.poll(200)",
    "epoll": "a, b = socket.socketpair(); p = select.epoll(); p.register(a, 1); p.poll(0.2)",
    "socket": "\n    a, b = socket.socketpair(); a.settimeout(0.2)\n    try: a.recv(1)\n"
              "    except TimeoutError: pass",
    "deadline": "\n    until = time.time() + 0.2\n    while time.time() < until: time.sleep(0.01)",
}


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_is_put_off(delayed: Delayed, name: str) -> None:
    done = delayed(BESIDE.format(wait=WAITS[name]), "planted", -1.0)
    assert delayed.said() == "planted wait"
    assert done.counters.hidden_ns >= 390_000_000
    assert done.counters.beside_ns < 40_000_000


def test_without_hiding_it_is_over_before(delayed: Delayed) -> None:
    delayed(BESIDE.format(wait=WAITS["sleep"]), "planted")
    assert delayed.said() == "wait planted"


def test_timers_of_an_event_loop_are_put_off(delayed: Delayed) -> None:
    delayed(ASYNCIO, "planted")
    assert delayed.said().split()[:2] == ["planted", "wait"]
    delayed(ASYNCIO, "planted", -1.0)
    assert delayed.said() == "planted a little later wait"


def test_clocks_stand_still_and_never_go_back(delayed: Delayed) -> None:
    delayed(PLANTED + """
back = []
def watch():
    last = time.monotonic()
    while "planted" not in order:
        now = time.monotonic()
        back.append(now < last)
        last = now
        time.sleep(0.001)
watcher = threading.Thread(target=watch)
watcher.start()
begin = time.monotonic(), time.time(), time.perf_counter()
work()
passed = [end - start for start, end in zip(begin, (time.monotonic(), time.time(),
                                                    time.perf_counter()))]
watcher.join()
open(sys.argv[1], "w").write(f"{any(back)} {max(passed) < 0.2}")
""", "planted", -1.0)
    assert delayed.said() == "False True"


def test_half_is_hidden(delayed: Delayed) -> None:
    counters = delayed(PLANTED + "work()", "planted", -0.5).counters
    assert counters.hidden_ns - counters.hidden_line_ns == pytest.approx(counters.cpu_ns / 2,
                                                                         rel=0.05)


def test_what_computes_beside_it_is_noticed(delayed: Delayed) -> None:
    """hashlib lets go of the GIL: nobody holds it up."""
    counters = delayed(PLANTED + """
import hashlib
data = bytes(1 << 26)
other = threading.Thread(target=lambda: [hashlib.sha256(data) for _ in range(8)])
other.start()
work()
other.join()
""", "planted", -1.0).counters
    assert counters.beside_ns > 0.1 * counters.cpu_ns


def test_threads_that_take_turns_come_to_an_end(delayed: Delayed) -> None:
    """Each waits for the GIL also while its own time stands still."""
    counters = delayed(PLANTED + """
def serve():
    for i in range(30):
        briefly()
        sum(range(20000))
def briefly():
    x = 0
    for i in range(60_000):
        x ^= i
workers = [threading.Thread(target=serve) for _ in range(3)]
[worker.start() for worker in workers]
[worker.join() for worker in workers]
""", "briefly", -1.0).counters
    assert counters.calls == 90


def test_children_begin_with_what_was_hidden(delayed: Delayed) -> None:
    done = delayed(PLANTED + """
def fork_in_the_middle():
    planted()
    child = os.fork()
    if child == 0:
        time.sleep(0.01)
        os._exit(7)
    order.append(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
fork_in_the_middle()
open(sys.argv[1], "w").write(" ".join(order))
""", "fork_in_the_middle", -1.0)
    assert delayed.said() == "7"
    assert done.counters.process_count == 2
