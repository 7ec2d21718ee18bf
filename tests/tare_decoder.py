"""A second reader of the .tare format, written from docs/format.md and nothing else.

It is the executable form of that page: one function per block type, no speed, no recovery beyond
what the page demands. Tests compare it with the reader in core/io on the same bytes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

MAGIC = b"\x89Tare\r\n\x01"
COMMIT, REQUIRED = 1, 2
END = 12
MAX_U64 = 2**64 - 1


class Unreadable(Exception):
    """No .tare file, or one that this reader must not guess at."""


@dataclass
class Profile:
    """Lists in the order of ids. Entry 0 of the first three is implied by the format."""

    strings: list[bytes] = field(default_factory=lambda: [b""])
    nodes: list[tuple] = field(default_factory=lambda: [(None, None)])  # parent, frame
    label_sets: list[tuple] = field(default_factory=lambda: [()])  # (key, value), ...
    functions: list[tuple] = field(default_factory=list)  # name, qualname, file, first_line, kind
    frames: list[tuple] = field(default_factory=list)  # function, line
    metrics: list[tuple] = field(default_factory=list)  # name, unit
    values: list[list] = field(default_factory=list)  # [(node, label_set, metric), amount]
    series: list[tuple] = field(default_factory=list)  # name, unit, label_set, points
    meta: dict[int, int] = field(default_factory=dict)  # key: value, both strings
    complete: bool = False
    block_count: int = 0
    lost_bytes: int = 0
    unknown_count: int = 0


class Payload:
    """A cursor over the bytes of one block."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise Unreadable("a block ends within an entry")
        self.at += size
        return self.data[self.at - size : self.at]

    def varint(self) -> int:
        number = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << shift
            if byte < 0x80 and number <= MAX_U64:
                return number
        raise Unreadable("a varint does not fit into 64 bits")

    def svarint(self) -> int:
        number = self.varint()
        return number >> 1 if number % 2 == 0 else -(number >> 1) - 1

    def __iter__(self) -> Iterator["Payload"]:
        while self.at < len(self.data):
            yield self


def read_strings(profile: Profile, payload: Payload) -> None:
    profile.strings.extend(entry.take(entry.varint()) for entry in payload)


def read_functions(profile: Profile, payload: Payload) -> None:
    name = file = 0
    for entry in payload:
        name += entry.svarint()
        qualname = name + entry.svarint()
        file += entry.svarint()
        profile.functions.append((name, qualname, file, entry.varint(), entry.varint()))


def read_frames(profile: Profile, payload: Payload) -> None:
    function = 0
    for entry in payload:
        function += entry.svarint()
        first_line = profile.functions[function][3]
        profile.frames.append((function, first_line + entry.svarint()))


def read_nodes(profile: Profile, payload: Payload) -> None:
    frame = 0
    for entry in payload:
        parent = len(profile.nodes) - entry.varint()
        frame += entry.svarint()
        profile.nodes.append((parent, frame))


def read_label_sets(profile: Profile, payload: Payload) -> None:
    for entry in payload:
        labels = ((entry.varint(), entry.varint()) for _ in range(entry.varint()))
        profile.label_sets.append(tuple(labels))


def read_metrics(profile: Profile, payload: Payload) -> None:
    profile.metrics.extend((entry.varint(), entry.varint()) for entry in payload)


def read_values(profile: Profile, payload: Payload) -> None:
    node = label_set = metric = 0
    for entry in payload:
        node += entry.svarint()
        label_set += entry.svarint()
        metric += entry.svarint()
        profile.values.append([(node, label_set, metric), entry.varint()])


def read_increments(profile: Profile, payload: Payload) -> None:
    value = 0
    for entry in payload:
        value += entry.varint()
        row = profile.values[value]
        row[1] = min(row[1] + entry.varint(), MAX_U64)


def read_series(profile: Profile, payload: Payload) -> None:
    profile.series.extend((e.varint(), e.varint(), e.varint(), []) for e in payload)


def read_points(profile: Profile, payload: Payload) -> None:
    for entry in payload:
        points = profile.series[entry.varint()][3]
        del points[entry.varint() :]
        time_ns, amount = points[-1] if points else (0, 0)
        for _ in range(entry.varint()):
            time_ns += entry.varint()
            amount = (amount + entry.svarint() + 2**63) % 2**64 - 2**63
            points.append((time_ns, amount))


def read_meta(profile: Profile, payload: Payload) -> None:
    profile.meta.update((entry.varint(), entry.varint()) for entry in payload)


READERS: dict[int, Callable[[Profile, Payload], None]] = {
    1: read_strings, 2: read_functions, 3: read_frames, 4: read_nodes, 5: read_label_sets,
    6: read_metrics, 7: read_values, 8: read_increments, 9: read_series, 10: read_points,
    11: read_meta, END: lambda profile, payload: None,
}  # fmt: skip


def crc32c(crc: int, data: bytes) -> int:
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def whole_blocks(data: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    """Type, flags, payload and end of each block up to the first that is torn or damaged."""
    at, checksum = 8, crc32c(0, data[:8])
    while len(data) - at >= 12:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        payload = data[at + 12 : at + 12 + length]
        checksum = crc32c(checksum, data[at : at + 8] + payload)
        stored = int.from_bytes(data[at + 8 : at + 12], "little")
        if len(payload) < length or checksum != stored:
            return
        kind, flags = data[at], data[at + 1]
        if flags & ~(COMMIT | REQUIRED) or (flags & REQUIRED and kind not in READERS):
            raise Unreadable(f"block type {kind} with flags {flags} needs a newer reader")
        at += 12 + length
        yield kind, flags, payload, at
        if kind == END and flags & COMMIT:
            return


def decode(data: bytes) -> Profile:
    """The profile as of the last whole flush."""
    if data[:8] != MAGIC:
        raise Unreadable("not a .tare file, or of a newer version")
    profile = Profile()
    waiting: list[tuple[int, bytes]] = []
    committed = 8
    for kind, flags, payload, end in whole_blocks(data):
        waiting.append((kind, payload))
        if flags & COMMIT:
            for known, content in waiting:
                profile.unknown_count += known not in READERS
                READERS.get(known, READERS[END])(profile, Payload(content))
            profile.block_count += len(waiting)
            profile.complete = kind == END
            waiting.clear()
            committed = end
    if committed == 8:
        raise Unreadable("no whole flush")
    profile.lost_bytes = len(data) - committed
    return profile
