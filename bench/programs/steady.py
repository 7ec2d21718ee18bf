"""The same small piece of work again and again; how often so far stands in a file.

usage: steady.py loops|calls FILE
"""

import mmap
import struct
import sys


def loop(count: int) -> int:
    total = 0
    for number in range(count):
        total = (total * 31 + number) % 65_521
    return total


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def main() -> None:
    work, size = {"loops": (loop, 500), "calls": (fib, 11)}[sys.argv[1]]
    with open(sys.argv[2], "r+b") as file:
        board = mmap.mmap(file.fileno(), 8)
    print("ready", flush=True)
    count = 0
    while True:
        work(size)
        count += 1
        struct.pack_into("=Q", board, 0, count)


main()
