"""Profiles whose content is known, written byte by byte from docs/format.md.

This is a second writer of the format, independent of the one in C: a profile made here and
read by tare._profile tests both against the page.
"""

import struct

NS = 1_000_000_000
MAGIC = b"\x89Tare\r\n\x01"
COMMIT, REQUIRED = 1, 2
KINDS = {"python": 0, "native": 1, "synthetic": 2}
MAIN = {"process": "100 python", "thread": "100 MainThread", "main": "1"}
CALLED = (None, "work.py", 1, 0)  # of a frame of a trace: file, first line, and no line
WORKER = {"process": "100 python", "thread": "101 Thread-1"}

META = {
    "engine": "sample",
    "clock": "monotonic",
    "tare.version": "0.1.0",
    "created_unix_ns": "1795500000000000000",
    "target.command": "python work.py",
    "target.cwd": "/srv/project",
    "target.pid": "100",
    "target.python": "3.12.1",
    "target.mode": "run",
    "target.exit_code": "0",
    "host.name": "machine",
    "host.cpu_count": "4",
    "process_count": "1",
    "thread_count": "2",
    "memory.peak_rss_bytes": str(118 << 20),
    "memory.peak_swap_bytes": "0",
    "faults.major": "0",
    "sampler.rate_hz": "1000",
}


def crc32c(crc, data):
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc


def crc_table():
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        yield value


CRC_TABLE = tuple(crc_table())


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def svarint(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


class Builder:
    """Tables that grow by what is named; ids are places, as in the format."""

    def __init__(self, **meta):
        self.strings = {b"": 0}
        self.functions = {}
        self.frames = {}
        self.nodes = {}
        self.label_sets = {(): 0}
        self.metrics = {}
        self.values = {}
        self.series = []
        self.wall_ns = self.cpu_ns = 0
        self.meta = {**META, **{key.replace("__", "."): value for key, value in meta.items()}}

    def string(self, text):
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
        return self.strings.setdefault(data, len(self.strings))

    def function(self, name, file="work.py", first_line=1, kind="python"):
        identity = (
            self.string(name),
            self.string(name),
            self.string(file),
            first_line,
            KINDS[kind],
        )
        return self.functions.setdefault(identity, len(self.functions))

    def node(self, stack):
        """stack: frames outermost first, each (name, file, first line, line) or less."""
        parent = 0
        for name, *rest in stack:
            file, first_line, line, kind = [*rest, *("work.py", 1, 1, "python")[len(rest) :]]
            function = self.function(name, file, first_line, kind)
            frame = self.frames.setdefault((function, line), len(self.frames))
            parent = self.nodes.setdefault((parent, frame), len(self.nodes) + 1)
        return parent

    def labels(self, labels):
        pairs = sorted((self.string(key), self.string(value)) for key, value in labels.items())
        return self.label_sets.setdefault(tuple(pairs), len(self.label_sets))

    def add(self, node, label_set, metric, amount):
        unit = {"ns": "ns", "bytes": "bytes"}.get(metric.rpartition("_")[2], "count")
        names = (self.string(metric), self.string(unit))
        metric_id = self.metrics.setdefault(names, len(self.metrics))
        key = (node, label_set, metric_id)
        self.values[key] = self.values.get(key, 0) + amount

    def sample(self, stack, state="python_ns", ns=NS, labels=MAIN, program_ns=None):
        """Time of a thread in one state with that stack; what of it is the program's."""
        node, label_set = self.node(stack), self.labels(labels)
        self.add(node, label_set, "wall_ns", ns)
        self.add(node, label_set, state, ns)
        if program_ns is not None:
            self.add(node, label_set, "program_ns", program_ns)
            if state.startswith("wait_"):
                self.add(node, label_set, "program_wait_ns", program_ns)
        return self

    def call(self, stack, calls=1, self_ns=0, labels=MAIN, durations=(), **columns):
        """What a trace has of one path: calls, own time; more columns by name; durations as
        (binary digits, calls)."""
        node = self.node([(*frame, *CALLED[len(frame) :]) for frame in stack])
        label_set = self.labels(labels)
        native = len(stack[-1]) > 4 and stack[-1][4] == "native"
        self.add(node, label_set, "calls", calls)
        self.add(node, label_set, "wall_ns", self_ns)
        self.add(node, label_set, "native_ns" if native else "python_ns", self_ns)
        for name, amount in columns.items():
            self.add(node, label_set, name, amount)
        for digits, amount in durations:
            self.add(node, label_set, f"duration_log2_{digits:02}", amount)
        self.meta["target.mode"] = "trace"
        return self

    def allocated(self, stack, alloc=(0, 0), freed=(0, 0), peak=(0, 0), labels=None, **columns):
        """What memory has of one path: blocks and bytes; what was not freed is live."""
        node, label_set = self.node(stack), self.labels(labels or {})
        live = alloc[0] - freed[0], alloc[1] - freed[1]
        pairs = {"alloc": alloc, "freed": freed, "live": live, "peak": peak}
        for name, (count, amount) in pairs.items():
            self.add(node, label_set, f"{name}_count", count)
            self.add(node, label_set, f"{name}_bytes", amount)
        for name, amount in columns.items():
            self.add(node, label_set, name, amount)
        self.meta["engine"] = "memory"
        self.meta["target.mode"] = "memory"
        return self

    def hit(self, function, line, hits=1, self_ns=0, inclusive_ns=None, labels=MAIN, **columns):
        """What a profile of lines has of one line; function: name, file, first line."""
        label_set, node = self.labels(labels), self.node([(*function, line)])
        self.add(node, label_set, "hits", hits)
        self.add(node, label_set, "wall_ns", self_ns)
        self.add(node, label_set, "inclusive_ns", self_ns if inclusive_ns is None else inclusive_ns)
        for name, amount in columns.items():
            self.add(node, label_set, name, amount)
        return self.lines()

    def begun(self, function, calls=0, labels=MAIN):
        """A function that was asked for, and how often it was called."""
        node = self.node([(*function, function[2])])
        if calls:
            self.add(node, self.labels(labels), "calls", calls)
        return self.lines()

    def lines(self):
        self.meta["engine"] = "lines"
        self.meta["target.mode"] = "lines"
        return self

    def source(self, function, text):
        """The block of a function, as it was when it was measured."""
        self.meta[f"source:{function[1]}:{function[2]}"] = text
        return self

    def program(self, rate_hz=1000, cpu_ns=None, **states):
        """More of the program's own states; they decide the wall time."""
        for state, ns in states.items():
            self.add(0, 0, state, ns)
        added = sum(states.values())
        self.wall_ns += added
        self.cpu_ns += added if cpu_ns is None else cpu_ns
        wall_ns, ticks = self.wall_ns, self.wall_ns * rate_hz // NS
        self.add(0, 0, "samples", added * rate_hz // NS)
        self.meta.update(
            {
                "wall_ns": str(wall_ns),
                "cpu_ns": str(self.cpu_ns),
                "sampler.tick_count": str(ticks),
                "sampler.weight": str(ticks),
                "sampler.weight_squared": str(ticks),
                "sampler.sample_count": str(ticks),
                "sampler.proven_count": str(ticks),
                "sampler.cpu_ns": str(wall_ns // 50),
                "sampler.slowdown_ratio": "1.002",
            }
        )
        return self

    def add_series(self, name, unit, label_set, points):
        self.series.append((self.string(name), self.string(unit), label_set, points))
        return self

    def encode(self, complete=True):
        """The bytes of the file: one flush, and the end when complete."""
        meta = [(self.string(key), self.string(value)) for key, value in self.meta.items()]
        blocks = [
            (1, 0, b"".join(varint(len(text)) + text for text in list(self.strings)[1:])),
            (2, 0, self._functions()),
            (3, 0, self._frames()),
            (4, 0, self._nodes()),
            (5, 0, b"".join(self._label_set(pairs) for pairs in list(self.label_sets)[1:])),
            (6, 0, b"".join(varint(name) + varint(unit) for name, unit in self.metrics)),
            (7, 0, self._values()),
            (9, 0, b"".join(b"".join(map(varint, entry[:3])) for entry in self.series)),
            (10, 0, b"".join(self._points(index) for index in range(len(self.series)))),
            (11, COMMIT, b"".join(varint(key) + varint(value) for key, value in meta)),
        ]
        blocks = [block for block in blocks if block[2] or block[1]]
        if complete:
            blocks.append((12, COMMIT, b""))
        return chain(blocks)

    def _functions(self):
        out, name_before, file_before = b"", 0, 0
        for name, qualname, file, first_line, kind in self.functions:
            out += svarint(name - name_before) + svarint(qualname - name)
            out += svarint(file - file_before) + varint(first_line) + varint(kind)
            name_before, file_before = name, file
        return out

    def _frames(self):
        first_lines = [identity[3] for identity in self.functions]
        out, before = b"", 0
        for function, line in self.frames:
            out += svarint(function - before) + svarint(line - first_lines[function])
            before = function
        return out

    def _nodes(self):
        out, before = b"", 0
        for own, (parent, frame) in enumerate(self.nodes, 1):
            out += varint(own - parent) + svarint(frame - before)
            before = frame
        return out

    @staticmethod
    def _label_set(pairs):
        return varint(len(pairs)) + b"".join(varint(key) + varint(value) for key, value in pairs)

    def _values(self):
        out, before = b"", (0, 0, 0)
        for key, amount in self.values.items():
            out += b"".join(svarint(now - then) for now, then in zip(key, before, strict=True))
            out += varint(amount)
            before = key
        return out

    def _points(self, index):
        points = self.series[index][3]
        out, before = varint(index) + varint(0) + varint(len(points)), (0, 0)
        for time_ns, amount in points:
            out += varint(time_ns - before[0]) + svarint(amount - before[1])
            before = (time_ns, amount)
        return out


def chain(blocks):
    """(type, flags, payload) as bytes, each checksum going on from the one before."""
    out, crc = MAGIC, crc_of_magic()
    for kind, flags, payload in blocks:
        head = struct.pack("<BBHI", kind, flags, 0, len(payload))
        crc = ~crc32c(~crc & 0xFFFFFFFF, head + payload) & 0xFFFFFFFF
        out += head + struct.pack("<I", crc) + payload
    return out


def crc_of_magic():
    return ~crc32c(0xFFFFFFFF, MAGIC) & 0xFFFFFFFF
