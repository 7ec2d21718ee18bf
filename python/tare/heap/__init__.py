"""tare.heap: what is in the memory of this process, and who holds it.

    tare.heap.holders(x)          how an object, or all of a class, are held
    tare.heap.retained(x)         what goes if it goes
    tare.heap.exclusive(x, y)     what goes if they go together
    tare.heap.largest()           the objects with which most goes

Nothing that is measured is changed or kept: no attribute is looked up, no reference taken.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.heap.holding import Holders, Path, Step, exclusive, holders, largest, retained

_HOMES = {
    "Holders": "tare.heap.holding",
    "Path": "tare.heap.holding",
    "Step": "tare.heap.holding",
    "exclusive": "tare.heap.holding",
    "holders": "tare.heap.holding",
    "largest": "tare.heap.holding",
    "retained": "tare.heap.holding",
}
__all__ = ["Holders", "Path", "Step", "exclusive", "holders", "largest", "retained"]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'tare.heap' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
