"""The tree of where the bytes are: its sums, its names, what it leaves out."""

from __future__ import annotations

import json

import pytest
from tare import heap


class Node:
    pass


def planted() -> Node:
    root = Node()
    root.cache = {f"k{i}": bytes(1000 * i) for i in range(10)}
    root.items = [bytes(10) for _ in range(100)]
    root.itself = root
    return root


@pytest.mark.parametrize("depth", range(6))
@pytest.mark.parametrize("limit", [0, 1, 3, 1000])
def test_parts_and_what_is_its_own_are_the_whole(depth: int, limit: int):
    root = planted()
    rows = heap.explain(root, depth, limit).rows
    assert rows[0].bytes == heap.sizeof(root)
    assert rows[0].own_bytes == heap.flat(root)
    for at, row in enumerate(rows):
        under = []
        for below in rows[at + 1 :]:
            if below.depth <= row.depth:
                break
            under += [below] if below.depth == row.depth + 1 else []
        if under:
            assert row.bytes == row.own_bytes + sum(part.bytes for part in under)
            assert row.count == 1 + sum(part.count for part in under)
        assert len([part for part in under if not part.rest]) <= limit
        assert row.depth <= depth + 1


def test_names_are_what_one_would_type():
    rows = heap.explain(planted(), depth=2, limit=3).rows
    named = {row.name: row for row in rows}
    assert {".cache", ".items", "['k9']", "['k8']"} <= set(named)
    assert named["['k9']"].bytes == heap.sizeof(bytes(9000))
    assert named[".cache"].type == "dict"


def test_the_largest_come_first_and_the_rest_is_counted():
    rows = heap.explain([bytes(n) for n in (300, 5000, 200, 4000)], depth=1, limit=2).rows
    assert [row.name for row in rows] == ["", "[1]", "[3]", ""]
    assert rows[-1].rest == rows[-1].count == 2
    assert rows[-1].bytes == heap.sizeof(bytes(300)) + heap.sizeof(bytes(200))


def test_text_and_json():
    explanation = heap.explain({"\ud800\n" * len(__name__): bytes(1000)})
    lines = str(explanation).splitlines()
    assert f"{explanation.bytes:,}" in lines[1] and "dict" in lines[1]
    assert all(len(line) <= 100 for line in lines)
    assert json.loads(explanation.to_json())["rows"][0]["bytes"] == explanation.bytes
    assert "2 objects" in repr(heap.explain([bytes(10)]))


def test_allocated_is_not_less():
    root = planted()
    assert heap.explain(root, allocated=True).bytes == heap.sizeof(root, allocated=True)
    assert heap.sizeof(root, allocated=True) > heap.sizeof(root)


def test_deep_and_wide():
    link = None
    for _ in range(10**5):
        link = [link]
    rows = heap.explain(link, depth=10**6, limit=10**6).rows
    assert [row.depth for row in rows] == list(range(65))
    wide = heap.explain([bytes(20) for _ in range(10**5)], depth=3, limit=2).rows
    assert wide[-1].rest == 10**5 - 2
    while link:
        (link,) = link


def test_wrong_arguments():
    with pytest.raises(TypeError):
        heap.explain(1, depth="deep")
    with pytest.raises(TypeError):
        heap.sizeof(1, size=True)
    with pytest.raises(TypeError):
        heap.flat(1, 2)
    with pytest.raises(TypeError):
        heap.flat(1, code=True)
