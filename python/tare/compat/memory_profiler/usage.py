"""memory_usage: the memory of a process over time, or while a function runs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TextIO

from tare.compat.memory_profiler import processes
from tare.compat.memory_profiler.backends import METRIC_OF, MIB, choose_backend
from tare.errors import Error


class _Options(NamedTuple):
    interval: float
    timestamps: bool
    include_children: bool
    multiprocess: bool
    max_usage: bool
    stream: TextIO | None
    metric: str


def memory_usage(
    proc: Any = -1,
    interval: float = 0.1,
    timeout: float | None = None,
    timestamps: bool = False,
    include_children: bool = False,
    multiprocess: bool = False,
    max_usage: bool = False,
    retval: bool = False,
    stream: TextIO | None = None,
    backend: str | None = None,
    max_iterations: int | None = None,
) -> Any:
    """Memory in MiB: a list of looks, or the most with max_usage, or None with a stream.

    proc              a pid, -1 being this process; a Popen object; a function, or a tuple of it,
                      its arguments and its named ones
    interval          seconds from one look to the next
    timeout           how long to look at a process; a Popen's until it ends, else once
    timestamps        looks are pairs of MiB and the time
    include_children  with all that it has started
    multiprocess      likewise, but each is told apart
    retval            a pair of that and what the function has returned
    stream            where looks are written, as lines MEM and CHLD
    backend           psutil: resident; psutil_pss, psutil_uss: its share, its own alone
    max_iterations    is there for others' sake: a function is called once

    The most of a function is exact for resident memory: the system's own peak is looked at too.
    Raises tare.Error when there is no such process, or what the function raises.
    """
    options = _Options(
        interval,
        timestamps or stream is not None,
        include_children,
        multiprocess,
        max_usage,
        stream,
        METRIC_OF[choose_backend(backend)],
    )
    if callable(proc):
        proc = (proc,)
    if isinstance(proc, (list, tuple)):
        usage, returned = _of_call(options, *proc)
        usage = None if stream is not None else usage
        return (usage, returned) if retval else usage
    usage = _of_process(options, proc, timeout)
    return None if stream is not None else usage


# ---- of a process ----


def _of_process(options: _Options, proc: Any, timeout: float | None) -> Any:
    is_child = isinstance(proc, subprocess.Popen)
    pid = proc.pid if is_child else int(proc)
    pid = os.getpid() if pid == -1 else pid
    left = round(timeout / options.interval) if timeout is not None else 0 if is_child else 1
    looks: list[Any] = []
    while True:
        looks.append(_look(options, pid))
        left -= 1
        if left == 0 or (is_child and proc.poll() is not None):
            break
        time.sleep(options.interval)
    return max(looks) if options.max_usage else looks


def _look(options: _Options, pid: int) -> Any:
    try:
        size = processes.memory_bytes(pid, options.metric, children=options.include_children)
    except OSError as error:
        raise Error(
            f"read the memory of process {pid}: {error.strerror}; "
            "it must run, and be yours or you root"
        ) from None
    mib = size / MIB
    if options.max_usage:
        return mib
    children = list(processes.children_bytes(pid)) if options.multiprocess else []
    if options.stream is not None:
        _write(options.stream, mib, time.time())
        for number, child in children:
            options.stream.write(f"CHLD {number} {child / MIB:.6f} {time.time():.4f}\n")
        options.stream.flush()
    look = (mib, time.time()) if options.timestamps else mib
    return [look, *(child / MIB for _, child in children)] if options.multiprocess else look


def _write(stream: TextIO, mib: float, when: float) -> None:
    stream.write(f"MEM {mib:.6f} {when:.4f}\n")


# ---- of a call ----


def _of_call(
    options: _Options,
    function: Callable[..., Any],
    args: Any = (),
    named: Any = None,
) -> tuple[Any, Any]:
    poller = _Poller(options)
    before = processes.peak_bytes()
    try:
        returned = function(*args, **(named or {}))
    finally:
        peak = processes.peak_bytes()
        looks = poller.stop()
    if options.stream is not None:
        for size, when in looks:
            _write(options.stream, size / MIB, when)
    if options.max_usage:
        largest = max(size for size, _ in looks)
        # The system keeps the peak of a process's life: when it has risen, it did so here.
        if peak > before and options.metric == "rss" and not options.include_children:
            largest = max(largest, peak)
        return largest / MIB, returned
    if options.timestamps:
        return [(size / MIB, when) for size, when in looks], returned
    return [size / MIB for size, _ in looks], returned


class _Poller:
    """Another process that looks at this one until it is stopped."""

    def __init__(self, options: _Options) -> None:
        children = "1" if options.include_children else "0"
        words = (str(os.getpid()), str(options.interval), options.metric, children)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", processes.__file__, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._output = self._process.stdout
        if self._output.readline() != "ready\n":
            self._process.wait()
            raise Error(f"start {sys.executable} to look at this process's memory: it ended")

    def stop(self) -> list[processes.Look]:
        looks = []
        for line in self._process.communicate("")[0].splitlines():
            size, when = line.split()
            looks.append((int(size), float(when)))
        return looks
