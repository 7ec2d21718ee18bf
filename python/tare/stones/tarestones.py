"""Tarestones: how fast a Python interpreter is, by fourteen checked kernels of equal weight.

    python tarestones.py                 a table, and one figure: 1000 is the reference
    python tarestones.py --small         the same in a heap of 160 KB
    python tarestones.py --seconds 5     measure that long (default 3)
    python tarestones.py --only sieve    one kernel; may be repeated
    python tarestones.py --lines         for a program to read; tare bench does

This file runs unchanged on Python 2.7, 3.6 and later, PyPy, Jython and MicroPython. So it imports
sys and time alone and keeps away from what some of them lack: no f-strings, nonlocal, annotations,
order of dictionaries, random numbers but its own, or recursion deeper than 20 calls. Each kernel
comes to a checksum; an interpreter that comes to another one has no speed. Only floats
of 32 bits may differ, in the third digit.

The kernels take turns, a block of each in a round, so that what disturbs the machine disturbs all
of them alike. The first pass is cold. A time is the processor's where the interpreter tells it.
"""

import sys
import time

VERSION = 1
CLOSE = 1e-9  # floats of 64 bits agree so far
ROUGHLY = 5e-3  # floats of 32 bits
BLOCK_NS = 2000000  # a pass that is shorter is repeated until it is that long
MOST_LOOPS = 1000
LEAST_ROUNDS = 5
MOST_ROUNDS = 10000

try:
    range = xrange  # of Python 2: the other one builds lists
except NameError:
    pass


# ---- function calls
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def make_adder(step):
    def add(value, factor=1):
        return value + step * factor

    return add


def spread(first, *others, **named):
    return first + len(others) + named["last"]


class Tally(object):
    def __init__(self):
        self.total = 0

    def add(self, amount):
        self.total += amount
        return self


def calls(n):
    """Functions, recursion, closures, defaults, keywords, methods."""
    tally = Tally()
    adders = [make_adder(step) for step in range(5)]
    add = tally.add
    for i in range(n):
        value = i
        for adder in adders:
            value = adder(value)
        value = adders[1](value, factor=3)
        add(value).add(1)
        add(spread(i, 1, 2, last=i))
    return tally.total + fib(14)


# ---- attributes and methods chosen at run time
class Message(object):
    def __init__(self, target, value):
        self.target = target
        self.value = value
        self.next = None


class Station(object):
    """Takes messages from its queue, a linked list, and sends them on."""

    def __init__(self, number):
        self.number = number
        self.first = None
        self.last = None
        self.handled = 0
        self.total = 0

    def receive(self, message):
        message.next = None
        if self.first is None:
            self.first = message
        else:
            self.last.next = message
        self.last = message

    def is_waiting(self):
        return self.first is not None

    def step(self):
        message = self.first
        self.first = message.next
        self.handled += 1
        self.handle(message)
        return message

    def handle(self, message):
        message.target = self.number + 1


class Adding(Station):
    def handle(self, message):
        message.value += self.number
        self.total += message.value
        message.target = self.number + 1


class Halving(Station):
    def handle(self, message):
        if message.value & 1:
            message.target = self.number + 2
        else:
            message.value = message.value >> 1
            message.target = self.number + 1
        self.total += 1


class Swapping(Station):
    def __init__(self, number):
        Station.__init__(self, number)
        self.kept = 7

    def handle(self, message):
        message.value, self.kept = self.kept, message.value
        message.target = self.number + 3


def objects(n):
    """Stations of four classes, each with a queue, send messages to each other."""
    stations = [Adding(0), Halving(1), Swapping(2), Station(3), Adding(4), Halving(5)]
    for i in range(8):
        stations[i % 6].receive(Message(0, 3 * i + 1))
    for i in range(n):
        for station in stations:
            if station.is_waiting():
                message = station.step()
                message.value &= 1023
                stations[message.target % 6].receive(message)
    checksum = 0
    for station in stations:
        checksum = (checksum * 31 + station.handled + station.total) % 1000003
    return checksum


# ---- small integers
def sieve(n):
    """How many primes are less than n: the sieve of Eratosthenes in a bytearray."""
    crossed = bytearray(n)
    count = 0
    for i in range(2, n):
        if not crossed[i]:
            count += 1
            for k in range(i * i, n, i):
                crossed[k] = 1
    return count


# ---- big integers
def digits(n):
    """n decimals of pi as one number, by Machin's formula in integers with ten to spare."""
    one = 10 ** (n + 10)
    total = 0
    for factor, x in ((16, 5), (-4, 239)):
        term, square, k = one // x, x * x, 1
        while term:
            total += factor * (term // k)
            term = -term // square
            k += 2
    return total // 10**10 % 1000000007


# ---- floats
def floats(n):
    """Three bodies chase each other along an eight; the energy after n steps, which is that before.

    The orbit is Chenciner's and Montgomery's; the steps are Verlet's.
    """
    x = [0.97000436, -0.97000436, 0.0]
    y = [-0.24308753, 0.24308753, 0.0]
    u = [0.466203685, 0.466203685, -0.93240737]
    v = [0.43236573, 0.43236573, -0.86473146]
    dt = 0.005
    for step in range(n):
        for i in range(3):
            x[i] += 0.5 * dt * u[i]
            y[i] += 0.5 * dt * v[i]
        for i in range(3):
            for j in range(i):
                dx = x[i] - x[j]
                dy = y[i] - y[j]
                square = dx * dx + dy * dy
                pull = dt / (square * square**0.5)
                u[i] -= pull * dx
                v[i] -= pull * dy
                u[j] += pull * dx
                v[j] += pull * dy
        for i in range(3):
            x[i] += 0.5 * dt * u[i]
            y[i] += 0.5 * dt * v[i]
    energy = 0.0
    for i in range(3):
        energy += 0.5 * (u[i] * u[i] + v[i] * v[i])
        for j in range(i):
            dx = x[i] - x[j]
            dy = y[i] - y[j]
            energy -= 1.0 / (dx * dx + dy * dy) ** 0.5
    return energy


# ---- lists
def merge_sort(values):
    """A sorted copy: runs of one, two, four... are merged."""
    size = 1
    while size < len(values):
        merged = []
        for begin in range(0, len(values), 2 * size):
            left = values[begin : begin + size]
            right = values[begin + size : begin + 2 * size]
            i = j = 0
            while i < len(left) and j < len(right):
                if left[i] <= right[j]:
                    merged.append(left[i])
                    i += 1
                else:
                    merged.append(right[j])
                    j += 1
            merged += left[i:]
            merged += right[j:]
        values = merged
        size *= 2
    return values


def count_flips(order):
    """How often the first so many are reversed, as many as the first says, until it says 0."""
    order = order[:]
    flips = 0
    while order[0]:
        k = order[0] + 1
        order[:k] = [order[i] for i in range(k - 1, -1, -1)]
        flips += 1
    return flips


def lists(n):
    """Sorting, slices, reversing, insertion, two dimensions."""
    seed = 42
    values = []
    for i in range(n):
        seed = (seed * 3877 + 29573) % 139968
        values.append(seed)
    ordered = merge_sort(values)
    checksum = 0
    if ordered == sorted(values):
        checksum = ordered[n // 2]
    ordered.sort(key=lambda value: value % 1000 * 139968 + value, reverse=True)
    front = []
    for value in values[: n // 8]:
        front.insert(0, value)
    front.reverse()
    if front == values[: n // 8]:
        checksum += ordered[0]
    square = [[i * j % 7 for j in range(12)] for i in range(n // 16)]
    turned = [[row[j] for row in square] for j in range(12)]
    for row in turned:
        checksum += sum(row) + row[-1]
    order = [0, 1, 2, 3, 4, 5, 6]
    for i in range(n // 8):
        k = values[i] % 7
        order[0], order[k] = order[k], order[0]
        order = order[3:] + order[:3]
        checksum += count_flips(order)
    return checksum


# ---- dictionaries and sets
def tables(n):
    """Counting, grouping, looking up, removing, in dictionaries and sets."""
    seed = 7
    counts = {}
    groups = {}
    seen = set()
    pairs = {}
    repeated = 0
    for i in range(n):
        seed = (seed * 3877 + 29573) % 139968
        key = seed % 97
        counts[key] = counts.get(key, 0) + 1
        groups.setdefault(key % 10, []).append(seed)
        if seed % 211 in seen:
            repeated += 1
        else:
            seen.add(seed % 211)
        pairs[(key % 5, seed % 11)] = seed % 13
    most = 0
    for key in counts:
        most = max(most, counts[key])
    checksum = most * 1000 + repeated
    for key, group in groups.items():
        checksum += key * len(group)
    multiples = set([i for i in range(0, 211, 3)])
    checksum += len(seen & multiples) + 2 * len(seen - multiples) + len(multiples | seen)
    names = {}
    for i in range(n // 4):
        names["name%d" % (i % 50)] = i
    for i in range(50):
        if "name%d" % i in names:
            checksum += names.pop("name%d" % i) % 17
    return checksum + sum(pairs.values()) + len(names)


# ---- text
SYLLABLES = ("ka", "lo", "mi", "ne", "pu", "ra", "si", "to")


def split_into_words(text):
    """Numbers, names and signs, character by character."""
    words = []
    word = ""
    for character in text + " ":
        if character.isalpha() or character.isdigit():
            word += character
            continue
        if word:
            words.append(word)
            word = ""
        if character != " ":
            words.append(character)
    return words


def text(n):
    """Building, joining, splitting, searching, formatting, conversion to and from numbers."""
    seed = 11
    parts = []
    for i in range(n):
        seed = (seed * 3877 + 29573) % 139968
        word = SYLLABLES[seed % 8] + SYLLABLES[seed // 8 % 8]
        parts.append("%s=%d;" % (word, seed % 1000))
    whole = " ".join(parts)
    checksum = len(whole)
    for part in whole.split(" "):
        name, number = part.rstrip(";").split("=")
        checksum += int(number)
        if name.startswith("ka") or name.endswith("to"):
            checksum += 1
    words = split_into_words(whole[: 8 * n])
    checksum += len(words) + words.count("=")
    changed = whole.replace("mi", "MI").upper().lower()
    checksum += changed.count("ka") + changed.find("puto") + changed.count("mi")
    line = ""
    for i in range(n):
        line += str(i)
    for character in line:
        checksum += ord(character) & 7
    return checksum


# ---- bytes
LETTERS = (b"A", b"B", b"C", b"D", b"E")


def octets(n):
    """A checksum over a bytearray, its runs encoded and decoded, and searches in bytes."""
    seed = 3
    data = bytearray()
    while len(data) < n:
        seed = (seed * 3877 + 29573) % 139968
        data += LETTERS[seed % 5] * (seed // 100 % 6 + 1)
    low, high = 1, 0
    for octet in data:
        low = (low + octet) % 65521
        high = (high + low) % 65521
    packed = bytearray()
    i = 0
    while i < len(data):
        k = i
        while k < len(data) and data[k] == data[i] and k - i < 255:
            k += 1
        packed.append(k - i)
        packed.append(data[i])
        i = k
    plain = bytearray()
    for i in range(0, len(packed), 2):
        plain += LETTERS[packed[i + 1] - 65] * packed[i]
    if plain != data:
        return -1
    fixed = bytes(data)
    found = fixed.count(b"AB") + fixed.find(b"EDC") + len(fixed.replace(b"CC", b"c"))
    found += len(b"-".join([fixed[:10], fixed[10:30]]).split(b"A"))
    return (high * 65536 + low + len(packed) + found) % 1000003


# ---- generators and comprehensions
def count_up(n):
    i = 0
    while i < n:
        yield i
        i += 1


def keep_odd(numbers):
    for number in numbers:
        if number & 1:
            yield number


def sum_neighbours(numbers):
    before = 0
    for number in numbers:
        yield before + number
        before = number


def generators(n):
    """Generators in a chain, comprehensions of each kind, zip and enumerate."""
    checksum = 0
    for number in sum_neighbours(keep_odd(count_up(n))):
        checksum += number
    squares = [i * i for i in range(n) if i % 3]
    checksum += sum(square % 7 for square in squares)
    table = {i: square for i, square in enumerate(squares)}
    checksum += len({square % 31 for square in squares})
    checksum += sum([a * b % 5 for a, b in zip(squares, squares[1:])])
    checksum += sum(table[i] & 1 for i in range(0, len(table), 2))
    return checksum


# ---- exceptions
class Refused(Exception):
    pass


class Empty(Refused):
    pass


def refuse(i):
    if i % 3 == 0:
        raise Refused(i)
    if i % 3 == 1:
        raise Empty(i)
    return i


def pass_on(i, log):
    try:
        return refuse(i)
    finally:
        log[0] += 1


def exceptions(n):
    """Raised through two calls, caught by class, with finally, else and a second raise."""
    log = [0]
    checksum = 0
    few = {1: 1}
    for i in range(n):
        try:
            checksum += pass_on(i, log)
        except Empty as error:
            checksum += 2 * error.args[0]
        except Refused:
            checksum += 1
        else:
            checksum += 3
        try:
            checksum += few[i & 1]
        except KeyError:
            checksum += 5
        try:
            try:
                checksum += int("x")
            except ValueError:
                raise Refused(7)
        except Refused as error:
            checksum += error.args[0]
    return checksum + log[0]


# ---- allocation
class Node(object):
    def __init__(self, left, right):
        self.left = left
        self.right = right
        self.up = None


def grow(depth):
    if depth == 0:
        return Node(None, None)
    node = Node(grow(depth - 1), grow(depth - 1))
    node.left.up = node  # a cycle: only a collector frees it
    return node


def count_nodes(node):
    if node.left is None:
        return 1
    return 1 + count_nodes(node.left) + count_nodes(node.right)


def trees(n):
    """Trees of objects, which are cyclic garbage afterwards, while one is kept."""
    kept = grow(6)
    checksum = 0
    for i in range(n):
        checksum += count_nodes(grow(3 + i % 4))
    return checksum + count_nodes(kept)


# ---- an interpreter in the interpreter
PUSH, LOAD, STORE, ADD, SUBTRACT, LESS, JUMP, JUMP_UNLESS, HALT = range(9)
A, B, X, Y, SUM, N = range(6)

# sum = 0; for a in 1...n-1: for b in 1...n-1: x, y = a, b; until x == y: the larger -= the other;
# sum += x
PROGRAM = (
    (PUSH, 1), (STORE, A),
    (LOAD, A), (LOAD, N), (LESS, 0), (JUMP_UNLESS, 48),  # 2
    (PUSH, 1), (STORE, B),
    (LOAD, B), (LOAD, N), (LESS, 0), (JUMP_UNLESS, 43),  # 8
    (LOAD, A), (STORE, X), (LOAD, B), (STORE, Y),
    (LOAD, X), (LOAD, Y), (LESS, 0), (JUMP_UNLESS, 25),  # 16
    (LOAD, Y), (LOAD, X), (SUBTRACT, 0), (STORE, Y), (JUMP, 16),
    (LOAD, Y), (LOAD, X), (LESS, 0), (JUMP_UNLESS, 34),  # 25
    (LOAD, X), (LOAD, Y), (SUBTRACT, 0), (STORE, X), (JUMP, 16),
    (LOAD, SUM), (LOAD, X), (ADD, 0), (STORE, SUM),  # 34
    (LOAD, B), (PUSH, 1), (ADD, 0), (STORE, B), (JUMP, 8),
    (LOAD, A), (PUSH, 1), (ADD, 0), (STORE, A), (JUMP, 2),  # 43
    (HALT, 0),  # 48
)


def machine(n):
    """A machine with a stack runs Euclid's algorithm for all pairs below n."""
    memory = [0, 0, 0, 0, 0, n]
    stack = []
    at = 0
    while True:
        operation, argument = PROGRAM[at]
        at += 1
        if operation == LOAD:
            stack.append(memory[argument])
        elif operation == STORE:
            memory[argument] = stack.pop()
        elif operation == PUSH:
            stack.append(argument)
        elif operation == JUMP:
            at = argument
        elif operation == JUMP_UNLESS:
            if not stack.pop():
                at = argument
        elif operation == HALT:
            return memory[SUM]
        else:
            right = stack.pop()
            left = stack.pop()
            if operation == ADD:
                stack.append(left + right)
            elif operation == SUBTRACT:
                stack.append(left - right)
            else:
                stack.append(left < right)


# ---- random numbers
def montecarlo(n):
    """Pi, from random points in a square."""
    seed = 1
    inside = 0
    for i in range(n):
        seed = (seed * 3877 + 29573) % 139968
        x = seed / 139968.0
        seed = (seed * 3877 + 29573) % 139968
        y = seed / 139968.0
        if x * x + y * y < 1.0:
            inside += 1
    return 4.0 * inside / n


# ---- measuring
# name, kernel, then size, checksum, nanoseconds of the reference; the last three in a small heap.
# The reference, 1000 stones by definition, is CPython 3.11.7 as REFERENCE says.
REFERENCE = "CPython 3.11.7, built by GCC 12.2 without profile, on an AMD EPYC in November 2026"
KERNELS = (
    ("calls", calls, 3500, 18426127, 2460000, 180, 51587, 169000),
    ("objects", objects, 1600, 56721, 2760000, 100, 818320, 173000),
    ("sieve", sieve, 30000, 3245, 2750000, 4000, 550, 354000),
    ("digits", digits, 2000, 715515751, 2570000, 150, 838306573, 31000),
    ("floats", floats, 1500, -1.2871422980651588, 2730000, 90, -1.287143575125333, 162000),
    ("lists", lists, 1600, 178383, 2780000, 160, 154294, 214000),
    ("tables", tables, 8000, 145091, 2870000, 300, 10652, 148000),
    ("text", text, 2000, 1073342, 2840000, 80, 46092, 110000),
    ("octets", octets, 9000, 133378, 2360000, 600, 138151, 160000),
    ("generators", generators, 10000, 50017014, 2950000, 300, 45529, 73100),
    ("exceptions", exceptions, 1800, 1641900, 3070000, 300, 48650, 506000),
    ("trees", trees, 160, 9567, 3090000, 12, 835, 258000),
    ("machine", machine, 21, 880, 2860000, 8, 80, 222000),
    ("montecarlo", montecarlo, 15000, 3.1197333333333335, 2880000, 1500, 3.16, 299000),
)


class Wrong(Exception):
    """A kernel came to another result: args are its name, the result and the right one."""


class Clock(object):
    def __init__(self):
        self.kind = "wall"
        if hasattr(time, "process_time"):
            self.name, self.kind, self.now = "process_time", "cpu", time.process_time
        elif hasattr(time, "ticks_us"):  # MicroPython; its time.clock() counts milliseconds
            self.name, self.now = "ticks_us", time.ticks_us
        elif hasattr(time, "clock"):
            self.name, self.now = "clock", time.clock
            if sys.platform[:4] not in ("java", "win3", "cli"):
                self.kind = "cpu"
        else:
            self.name, self.now = "time", time.time

    def nanoseconds(self, begin, end):
        if self.name == "ticks_us":
            return time.ticks_diff(end, begin) * 1000
        return int((end - begin) * 1e9)


class Stone(object):
    """A kernel at its size: what it must come to, and how long its passes took."""

    def __init__(self, row, small):
        self.name = row[0]
        self.kernel = row[1]
        self.size, self.right, self.reference_ns = row[5:8] if small else row[2:5]
        self.loops = 1
        self.cold_ns = None
        self.times_ns = []

    def measure(self, clock):
        """One block of passes; the mean time of one."""
        kernel = self.kernel
        size = self.size
        result = None
        begin = clock.now()
        for i in range(self.loops):
            result = kernel(size)
        pass_ns = clock.nanoseconds(begin, clock.now()) // self.loops
        if not is_right(result, self.right):
            raise Wrong(self.name, result, self.right)
        if self.cold_ns is None:
            self.cold_ns = pass_ns
        else:
            self.times_ns.append(pass_ns)
        self.loops = max(1, min(MOST_LOOPS, BLOCK_NS // max(1, pass_ns)))
        return pass_ns

    def usual_ns(self):
        """Of the later half of the passes, what a quarter of them was quicker than."""
        later = sorted(self.times_ns[len(self.times_ns) // 2 :])
        return max(1, later[len(later) // 4])


def is_right(result, right):
    if not isinstance(right, float):
        return result == right
    close = ROUGHLY if 1.0 + 1e-12 == 1.0 else CLOSE
    return abs(result - right) <= close * abs(right)


def score(stones):
    """1000 times the geometric mean of how much quicker than the reference each kernel is."""
    product = 1.0
    for stone in stones:
        product *= float(stone.reference_ns) / stone.usual_ns()
    return 1000 * product ** (1.0 / len(stones))


def describe():
    """Name and version of the interpreter, each one word."""
    version = sys.version.split()[0]
    implementation = getattr(sys, "implementation", None)
    if implementation is not None:
        name = implementation.name
        if name == "micropython":
            version = ".".join([str(part) for part in implementation[1][:3]])
    elif hasattr(sys, "pypy_version_info"):
        name = "pypy"
    else:
        name = "jython" if sys.platform[:4] == "java" else "cpython"
    return name, version


# ---- for people and for programs
def write(line):
    sys.stdout.write(line + "\n")
    if hasattr(sys.stdout, "flush"):
        sys.stdout.flush()


def run(stones, clock, seconds, lines):
    """Rounds for so many seconds; for a program each line as soon as it is known."""
    begin = clock.now()
    for stone in stones:
        cold_ns = stone.measure(clock)
        if lines:
            write("cold %s %d" % (stone.name, cold_ns))
    spent_ns = rounds = 0
    while rounds < LEAST_ROUNDS or (spent_ns < seconds * 1e9 and rounds < MOST_ROUNDS):
        times = [stone.measure(clock) for stone in stones]
        rounds += 1
        now = clock.now()
        spent_ns += clock.nanoseconds(begin, now)  # in steps: some clocks begin again
        begin = now
        if lines:
            write("round " + " ".join([str(time_ns) for time_ns in times]))
    if lines:
        write("done %d %d" % (rounds, spent_ns))


def print_table(stones):
    row = "  %-12s %10s  %10s  %8d"
    write("")
    write("  kernel          cold ms     pass ms    stones")
    for stone in stones:
        times = ["%.3f" % (time_ns / 1e6) for time_ns in (stone.cold_ns, stone.usual_ns())]
        write(row % (stone.name, times[0], times[1], int(score([stone]) + 0.5)))
    write(row % ("all", "", "", int(score(stones) + 0.5)))
    write("")
    write("1000 stones: %s." % REFERENCE)
    write("Other processes come to other figures; tare bench measures how much they differ.")


def read_arguments(words):
    """What main() does, by name; ValueError at what it does not know."""
    options = {"small": False, "lines": False, "wait": False, "describe": False}
    options["seconds"], options["only"] = 3.0, []
    known = [row[0] for row in KERNELS]
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "--seconds" and words:
            options["seconds"] = float(words.pop(0))
        elif word == "--only" and words and words[0] in known:
            options["only"].append(words.pop(0))
        elif word[:2] == "--" and options.get(word[2:]) is False:
            options[word[2:]] = True
        else:
            raise ValueError(word)
    return options


def main():
    try:
        options = read_arguments(sys.argv[1:])
    except ValueError as error:
        write("tarestones: %s: not understood; the file says what is" % error)
        return 2
    clock = Clock()
    size = "small" if options["small"] else "full"
    write(" ".join(("tarestones", str(VERSION)) + describe() + (clock.name, clock.kind, size)))
    if options["describe"]:
        return 0
    names = options["only"]
    stones = [Stone(row, options["small"]) for row in KERNELS if not names or row[0] in names]
    if options["wait"]:
        sys.stdin.readline()
    try:
        run(stones, clock, options["seconds"], options["lines"])
    except Wrong as wrong:
        write("wrong %s %s %s" % wrong.args)
        return 1
    if options["wait"]:
        sys.stdin.readline()
    if not options["lines"]:
        print_table(stones)
    return 0


if __name__ == "__main__":
    sys.exit(main())
