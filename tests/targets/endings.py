"""Works for a moment, then ends in the way asked for.

usage: endings.py HOW [SECONDS]
"""

import os
import signal
import subprocess
import sys
import time

from truth import seconds


def work(duration: float) -> None:
    end = time.perf_counter() + duration
    while time.perf_counter() < end:
        x = 0
        for i in range(5_000):
            x ^= i


def exit_3(duration: float) -> None:
    work(duration)
    sys.exit(3)


def raise_error(duration: float) -> None:
    work(duration)
    raise ValueError("on purpose")


def leave_at_once(duration: float) -> None:
    work(duration)
    os._exit(9)


def killed(duration: float) -> None:
    work(duration)
    os.kill(os.getpid(), signal.SIGKILL)


def segv(duration: float) -> None:
    work(duration)
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)


def fork_and_exit(duration: float) -> None:
    work(duration / 2)
    if os.fork():
        os._exit(0)
    left_behind(duration)


def left_behind(duration: float) -> None:
    work(duration)


def exec_other(duration: float) -> None:
    work(duration)
    os.execv("/bin/sh", ["sh", "-c", "exit 7"])


def close_stderr(duration: float) -> None:
    os.close(2)
    work(duration)
    os.close(1)
    os.close(0)
    os._exit(0)


def close_everything(duration: float) -> None:
    os.closerange(0, 1_024)
    work(duration)
    os._exit(4)


def change_directory(duration: float) -> None:
    os.chdir("/")
    work(duration)
    print(os.getcwd())


def new_session(duration: float) -> None:
    if os.fork():
        os._exit(0)
    os.setsid()
    work(duration)


def interrupted(duration: float) -> None:
    print("ready", flush=True)
    try:
        work(60)
    except KeyboardInterrupt:
        work(duration)
        print("interrupted", flush=True)
        sys.exit(5)


def terminated(duration: float) -> None:
    def stop(number: int, frame: object) -> None:
        print("terminated", flush=True)
        sys.exit(6)

    signal.signal(signal.SIGTERM, stop)
    print("ready", flush=True)
    work(60)


def interrupted_plain(duration: float) -> None:
    print("ready", flush=True)
    work(60)


def quiet_children(duration: float) -> None:
    """Children that are no Python, and one never reaped."""
    zombie = subprocess.Popen(["true"])
    end = time.perf_counter() + duration
    while time.perf_counter() < end:
        subprocess.run(["sleep", "0.01"], check=True)
    print(zombie.pid)


if __name__ == "__main__":
    globals()[sys.argv[1]](seconds(0.5, 2))
