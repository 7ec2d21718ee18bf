"""A second reader of the blocks about a heap, beside tare_decoder.py: from docs/format.md alone."""

from dataclasses import dataclass, field

from tare_decoder import COMMIT, MAGIC, READERS, Payload, Profile, whole_blocks

UNREACHED = 8


@dataclass
class Heap(Profile):
    census: list[tuple] = field(default_factory=list)  # group, key, count, bytes, allocated
    types: list[tuple] = field(default_factory=list)  # name, module
    objects: list[tuple] = field(default_factory=list)  # type, parent, name, flags, sizes


def read_census(heap: Heap, payload: Payload) -> None:
    for e in payload:
        group, key, count, size = e.varint(), e.varint(), e.svarint(), e.svarint()
        heap.census.append((group, heap.strings[key], count, size, size + e.svarint()))


def read_types(heap: Heap, payload: Payload) -> None:
    heap.types.extend((entry.varint(), entry.varint()) for entry in payload)


def read_objects(heap: Heap, payload: Payload) -> None:
    kind = parent = 0
    for e in payload:
        kind, parent = kind + e.svarint(), parent + e.svarint()
        name, flags, size = e.varint(), e.varint(), e.varint()
        allocated, retained = size + e.svarint(), e.varint()
        sizes = size, allocated, size + retained - 1 if retained else 0
        heap.objects.append((kind, parent, name, flags, sizes))


HEAP_READERS = {13: read_census, 14: read_types, 15: read_objects}


def decode_heap(data: bytes) -> Heap:
    """What a file says that was written in one flush."""
    assert data[:8] == MAGIC
    heap = Heap()
    for kind, flags, payload, _end in whole_blocks(data):
        HEAP_READERS.get(kind, READERS.get(kind))(heap, Payload(payload))
        heap.complete = bool(flags & COMMIT)
    return heap


def edge(heap: Heap, name: int) -> str:
    return f"[{name >> 1}]" if name & 1 else heap.strings[name >> 1].decode("utf-8", "replace")


def path(heap: Heap, number: int) -> str:
    edges = []
    while number:
        _kind, parent, name, _flags, _sizes = heap.objects[number]
        edges.append(edge(heap, name))
        number = parent
    return "".join(reversed(edges))
