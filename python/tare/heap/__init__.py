"""tare.heap: what is in the memory of this process, and who holds it.

    tare.heap.growth(list, 1000)  how a container grows, as steps

Nothing that is measured is changed or kept: no attribute is looked up, no reference taken.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.heap.growing import Growth, growth

_HOMES = {
    "Growth": "tare.heap.growing",
    "growth": "tare.heap.growing",
}
__all__ = ["Growth", "growth"]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'tare.heap' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
