"""Workers that do f and g at the same time, while the main thread waits; then it works alone.

Every part takes its time by the clock, however many of them run at once, so what the program
gains without one of them is known, and can be tried.

usage: pool.py processes|threads [NAME_OF_WHAT_TO_LEAVE_OUT]
"""

import json
import os
import sys
import threading
import time

from truth import tell

Spans = list[tuple[int, int, str]]  # begin, end, name
SECONDS = {"f": 1.0, "g": 1.0, "tidy": 0.25, "nap": 0.25}
PROCESSES, THREADS = 2, 6


def f(end_ns: float) -> None:
    while time.perf_counter_ns() < end_ns:
        x = 0
        for i in range(500):
            x ^= i


def g(end_ns: float) -> None:
    while time.perf_counter_ns() < end_ns:
        x = 0
        for i in range(500):
            x ^= i


def tidy(end_ns: float) -> None:
    while time.perf_counter_ns() < end_ns:
        x = 0
        for i in range(500):
            x ^= i


def nap(end_ns: float) -> None:
    time.sleep(max(0, end_ns - time.perf_counter_ns()) / 1e9)


def spend(*names: str) -> Spans:
    spans = []
    for name in names:
        if name in sys.argv[2:]:
            continue
        begin_ns = time.perf_counter_ns()
        globals()[name](begin_ns + SECONDS[name] * 1e9)
        spans.append((begin_ns, time.perf_counter_ns(), name))
    return spans


def by_processes() -> Spans:
    readers = []
    for _ in range(PROCESSES):
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.write(writer, json.dumps(spend("f", "g")).encode())
            os._exit(0)
        os.close(writer)
        readers.append(reader)
    results = [os.read(reader, 10_000) for reader in readers]
    return [tuple(span) for result in results for span in json.loads(result)]


def by_threads() -> Spans:
    spans: Spans = []
    all_there = threading.Barrier(THREADS)

    def work() -> None:
        all_there.wait()
        spans.extend(spend("f", "g"))

    workers = [threading.Thread(target=work) for _ in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return spans


def divide(spans: Spans) -> dict[str, int]:
    """Each moment in equal parts among those who were at it."""
    parts = dict.fromkeys(SECONDS, 0.0)
    edges = sorted({edge for begin, end, _ in spans for edge in (begin, end)})
    for begin, end in zip(edges, edges[1:]):
        names = [name for first, last, name in spans if first <= begin and end <= last]
        for name in names:
            parts[name] += (end - begin) / len(names)
    return {name: round(part) for name, part in parts.items()}


def main() -> None:
    begin_ns = time.perf_counter_ns()
    spans = by_processes() if sys.argv[1] == "processes" else by_threads()
    spans += spend("tidy", "nap")
    tell(**divide(spans), wall=time.perf_counter_ns() - begin_ns)


main()
