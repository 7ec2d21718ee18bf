"""Waiting of each kind, one after the other, each in a function named after its kind.

Most kinds are ended from a second thread that only sleeps. The disk and paging kinds do
as many real reads as fit into the time. How much of it they were blocked is the wall time
less what the scheduler says that the thread ran or stood in line for a CPU: a fast disk or
a busy machine only makes it smaller.

usage: waits.py SECONDS_PER_KIND DIRECTORY_ON_DISK [KIND...]
"""

import mmap
import os
import pty
import queue
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from truth import tell, unblocked_ns

DURATION = float(sys.argv[1])
DIRECTORY = sys.argv[2]
FILE_BYTES = 64 << 20


def later(act: Callable[[], object]) -> threading.Thread:
    def helper() -> None:
        time.sleep(DURATION)
        act()

    thread = threading.Thread(target=helper, name="helper")
    thread.start()
    return thread


def wait_sleep() -> None:
    time.sleep(DURATION)


def wait_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    later(lock.release)
    lock.acquire()


def wait_condition() -> None:
    done = threading.Event()
    later(done.set)
    done.wait()


def wait_queue() -> None:
    items: queue.Queue[int] = queue.Queue()
    later(lambda: items.put(1))
    items.get()


def wait_join() -> None:
    later(int).join()


def wait_socket() -> None:
    near, far = socket.socketpair()
    later(lambda: far.send(b"x"))
    near.recv(1)


def wait_accept() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    later(lambda: socket.create_connection(server.getsockname()))
    server.accept()


def wait_poll() -> None:
    near, _far = socket.socketpair()
    watch = select.poll()
    watch.register(near, select.POLLIN)
    watch.poll(DURATION * 1_000)


def wait_select() -> None:
    near, _far = socket.socketpair()
    select.select([near], [], [], DURATION)


def wait_epoll() -> None:
    near, _far = socket.socketpair()
    watch = select.epoll()
    watch.register(near, select.EPOLLIN)
    watch.poll(DURATION)


def wait_pipe() -> None:
    reader, writer = os.pipe()
    later(lambda: os.write(writer, b"x"))
    os.read(reader, 1)


def wait_terminal() -> None:
    keyboard, terminal = pty.openpty()
    later(lambda: os.write(keyboard, b"x\n"))
    os.read(terminal, 1)


def wait_child() -> None:
    subprocess.Popen(["sleep", str(DURATION)]).wait()


def wait_signal() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    signal.sigtimedwait([signal.SIGUSR1], DURATION)


def big_file() -> str:
    path = os.path.join(DIRECTORY, "waits.data")
    with open(path, "wb") as file:
        for _ in range(FILE_BYTES >> 20):
            file.write(os.urandom(1 << 20))
        os.fsync(file.fileno())
    return path


def wait_direct(path: str) -> None:
    file = os.open(path, os.O_RDONLY | os.O_DIRECT)
    into = mmap.mmap(-1, 1 << 20)
    end = time.perf_counter() + DURATION
    while time.perf_counter() < end:
        os.preadv(file, [into], random.randrange(FILE_BYTES >> 20) << 20)


def wait_fsync(path: str) -> None:
    file = os.open(path, os.O_RDWR)
    end = time.perf_counter() + DURATION
    while time.perf_counter() < end:
        os.pwrite(file, b"x" * 4_096, random.randrange(FILE_BYTES >> 12) << 12)
        os.fsync(file)


def wait_paging(path: str) -> None:
    file = os.open(path, os.O_RDONLY)
    pages = mmap.mmap(file, 0, prot=mmap.PROT_READ)
    pages.madvise(mmap.MADV_RANDOM)
    end = time.perf_counter() + DURATION
    while time.perf_counter() < end:
        pages.madvise(mmap.MADV_DONTNEED)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        for _ in range(500):
            pages[random.randrange(FILE_BYTES >> 12) << 12]


def measure(wait: Callable[..., None], *args: str) -> dict[str, int]:
    wall_ns, busy_ns = time.perf_counter_ns(), unblocked_ns()
    wait(*args)
    wall_ns, busy_ns = time.perf_counter_ns() - wall_ns, unblocked_ns() - busy_ns
    return {"wall_ns": wall_ns, "blocked_ns": max(0, wall_ns - busy_ns)}


def main() -> None:
    plain = [wait_sleep, wait_lock, wait_condition, wait_queue, wait_join, wait_socket,
             wait_accept, wait_poll, wait_select, wait_epoll, wait_pipe, wait_terminal,
             wait_child, wait_signal]
    on_file = [wait_direct, wait_fsync, wait_paging]
    asked = sys.argv[3:] or [wait.__name__.removeprefix("wait_") for wait in plain + on_file]
    truth = {}
    for wait in plain:
        if wait.__name__.removeprefix("wait_") in asked:
            truth[wait.__name__] = measure(wait)
    path = big_file()
    for wait in on_file:
        if wait.__name__.removeprefix("wait_") in asked:
            try:
                truth[wait.__name__] = measure(wait, path)
            except OSError as error:
                print(f"{wait.__name__}: {error}", file=sys.stderr)
    tell(**truth)


main()
