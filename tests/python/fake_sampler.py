"""A tare-sample that measures nothing: it follows the contract and writes a known profile.

FAKE_ERROR="PERMISSION words"    the target cannot be read: it runs, nothing is written
FAKE_WARNING="words"             a warning, and partial data
FAKE_SIGNAL=11                   the sampler itself dies after the target
FAKE_SECONDS=3                   attach: so many ticks
FAKE_TICKS="1,10"                run: what it says it has measured, in seconds
FAKE_FAMILY=1                    dump: three processes with threads, in no order
FAKE_LOG=FILE                    the arguments, one a line
"""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from array import array
from pathlib import Path

from builder import MAIN, NS, Builder


def split(arguments):
    """mode, options with their values, what follows --"""
    at = arguments.index("--")
    words = iter(arguments[1:at])
    options = {}
    for word in words:
        options[word] = "" if word in ("--no-children", "--no-stop", "--overwrite") else next(words)
    return arguments[0], options, arguments[at + 1 :]


def grow(builder, hot_seconds=3, wait_seconds=1):
    """So many seconds more of a program that computes and sleeps."""
    main = ("main", "work.py", 1, 5)
    builder.sample([main, ("hot", "work.py", 10, 12)], ns=hot_seconds * NS)
    builder.sample([main, ("wait_a_bit", "work.py", 20, 21)], "wait_sleep_ns", wait_seconds * NS)
    return builder.program(python_ns=hot_seconds * NS, wait_sleep_ns=wait_seconds * NS)


class Status:
    def __init__(self, descriptor):
        self.descriptor = int(descriptor)
        os.set_inheritable(self.descriptor, False)

    def say(self, *words):
        os.write(self.descriptor, (" ".join(map(str, words)) + "\n").encode())

    def wait_until_read(self):
        """However slow the reader is; a minute at most."""
        left = array("i", [1])
        for _ in range(60_000):
            fcntl.ioctl(self.descriptor, termios.FIONREAD, left)
            if not left[0]:
                return
            time.sleep(0.001)


def run_target(command, status):
    stopped = []
    process = None

    def forward(number, frame):
        stopped.append(number)
        if process is not None:
            process.send_signal(number)

    signal.signal(signal.SIGTERM, forward)
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda number, frame: None)
    process = subprocess.Popen(command)
    status.say("started", process.pid)
    code = process.wait()
    for seconds in filter(None, os.environ.get("FAKE_TICKS", "").split(",")):
        status.say("tick", int(seconds) * NS, int(seconds) * 1000, 0)
    status.say("ended", "signal" if code < 0 else "exit", abs(code))


def family():
    """Thread 206 was caught in calls that are not proven."""
    builder = Builder(target__pid="100")
    for pid, tid in ((205, 206), (100, 103), (99, 99), (100, 1002), (205, 205), (100, 100)):
        name = "MainThread" if pid == tid else f"Thread-{2 if tid > 1000 else 1}"
        labels = {"process": f"{pid} python", "thread": f"{tid} {name}"}
        if pid == tid == 100:  # as the real one: of the first process alone
            labels["main"] = "1"
        stack = [("main", "work.py", 1, 5)]
        builder.sample(stack, ns=1000, labels=labels)
        if tid == 206:
            builder.add(builder.node(stack), builder.labels(labels), "unproven_ns", 1000)
    return builder.program(python_ns=NS)


def follow(options, status):
    """attach: writes at each tick, as the real one does, until it is told to stop."""
    stopped = []
    signal.signal(signal.SIGINT, lambda number, frame: stopped.append(number))
    builder = Builder()
    points = []
    builder.add_series("rss_bytes", "bytes", builder.labels(MAIN), points)
    for tick in range(1, int(os.environ.get("FAKE_SECONDS", "2")) + 1):
        grow(builder, 3, 1 if tick == 1 else 0)
        points.append((builder.wall_ns, (3 + tick) << 20))
        Path(options["-o"]).write_bytes(builder.encode(complete=False))
        status.say("tick", tick * NS, tick * 1000, 0)
        status.wait_until_read()
        time.sleep(0.05)
        if stopped:
            break
    status.say("ended", "detached")
    return builder


def main():
    if os.environ.get("FAKE_LOG"):
        Path(os.environ["FAKE_LOG"]).write_text("\n".join(sys.argv[1:]))
    if sys.argv[1:] == ["--version"]:
        print("tare-sample 0.1.0")
        return 0
    mode, options, rest = split(sys.argv[1:])
    status = Status(options["--status-fd"])
    error = os.environ.get("FAKE_ERROR")
    if mode == "run":
        run_target(rest, status)
    builder = follow(options, status) if mode == "attach" and not error else grow(Builder())
    if error:
        status.say("error", error)
        return 3
    if os.environ.get("FAKE_FAMILY"):
        builder = family()
    status.say("python", 100, "3.12.1", sys.executable)
    with open(options["-o"], "wb" if mode == "attach" or "--overwrite" in options else "xb") as out:
        out.write(builder.encode())
    if os.environ.get("FAKE_SIGNAL"):
        os.kill(os.getpid(), int(os.environ["FAKE_SIGNAL"]))
    status.say("written", options["-o"])
    if os.environ.get("FAKE_WARNING"):
        status.say("warning", os.environ["FAKE_WARNING"])
        return 4
    return 0
