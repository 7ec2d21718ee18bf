"""tare.heap: what is in the memory of this process, and who holds it.

    tare.heap.census()            how many objects there are of each type, and how many bytes
    tare.heap.diff(a, b)          what came and went between two of them
    tare.heap.snapshot(path)      all objects as numbers, to a file for tare heap
    tare.heap.load(path)          the Snapshot in a file
    tare.heap.snapshot_on_signal()
    tare.heap.growth(list, 1000)  how a container grows, as steps

Nothing that is measured is changed or kept: no attribute is looked up, no reference taken.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.heap.counting import Census, Row, census, diff
    from tare.heap.growing import Growth, growth
    from tare.heap.signalling import snapshot_on_signal
    from tare.heap.snapshots import Snapshot, load, snapshot

_HOMES = {
    "Census": "tare.heap.counting",
    "Growth": "tare.heap.growing",
    "Row": "tare.heap.counting",
    "Snapshot": "tare.heap.snapshots",
    "census": "tare.heap.counting",
    "diff": "tare.heap.counting",
    "growth": "tare.heap.growing",
    "load": "tare.heap.snapshots",
    "snapshot": "tare.heap.snapshots",
    "snapshot_on_signal": "tare.heap.signalling",
}
__all__ = [
    "Census",
    "Growth",
    "Row",
    "Snapshot",
    "census",
    "diff",
    "growth",
    "load",
    "snapshot",
    "snapshot_on_signal",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'tare.heap' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
