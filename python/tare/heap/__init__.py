"""tare.heap: what is in the memory of this process, and who holds it.

    tare.heap.holders(x)          how an object, or all of a class, are held
    tare.heap.retained(x)         what goes if it goes
    tare.heap.exclusive(x, y)     what goes if they go together
    tare.heap.largest()           the objects with which most goes
    tare.heap.sizeof(*objects)    bytes of objects with all they hold
    tare.heap.sizes(*objects)     the same for each
    tare.heap.flat(obj)           bytes of one alone
    tare.heap.explain(obj)        where the bytes are: a tree of its parts
    tare.heap.census()            how many objects there are of each type, and how many bytes
    tare.heap.diff(a, b)          what came and went between two of them
    tare.heap.snapshot(path)      all objects as numbers, to a file for tare heap
    tare.heap.load(path)          the Snapshot in a file
    tare.heap.snapshot_on_signal()    lets tare heap PID have one
    tare.heap.growth(list, 1000)  how a container grows, as steps

Nothing that is measured is changed or kept: no attribute is looked up, no reference taken.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._heap import flat, sizeof, sizes
    from tare.heap.counting import Census, Row, census, diff
    from tare.heap.explaining import Explanation, Part, explain
    from tare.heap.growing import Growth, growth
    from tare.heap.holding import Holders, Path, Step, exclusive, holders, largest, retained
    from tare.heap.signalling import snapshot_on_signal
    from tare.heap.snapshots import Snapshot, load, snapshot

_HOMES = {
    "Census": "tare.heap.counting",
    "Explanation": "tare.heap.explaining",
    "Growth": "tare.heap.growing",
    "Holders": "tare.heap.holding",
    "Part": "tare.heap.explaining",
    "Path": "tare.heap.holding",
    "Row": "tare.heap.counting",
    "Snapshot": "tare.heap.snapshots",
    "Step": "tare.heap.holding",
    "census": "tare.heap.counting",
    "diff": "tare.heap.counting",
    "exclusive": "tare.heap.holding",
    "explain": "tare.heap.explaining",
    "flat": "tare._heap",
    "growth": "tare.heap.growing",
    "holders": "tare.heap.holding",
    "largest": "tare.heap.holding",
    "load": "tare.heap.snapshots",
    "retained": "tare.heap.holding",
    "sizeof": "tare._heap",
    "sizes": "tare._heap",
    "snapshot": "tare.heap.snapshots",
    "snapshot_on_signal": "tare.heap.signalling",
}
__all__ = [
    "Census",
    "Explanation",
    "Growth",
    "Holders",
    "Part",
    "Path",
    "Row",
    "Snapshot",
    "Step",
    "census",
    "diff",
    "exclusive",
    "explain",
    "flat",
    "growth",
    "holders",
    "largest",
    "load",
    "retained",
    "sizeof",
    "sizes",
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
