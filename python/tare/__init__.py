"""Tare measures Python programs, subtracts what measuring cost, and says how sure it is.

Importing this package loads nothing else; what is used is loaded when it is used.

    tare.load(path)    the Profile in a .tare file
    tare.Error         base of all exceptions Tare raises; its subclasses are in tare.errors
"""

__version__ = "0.1.0"
__all__ = ["Error", "__version__", "load"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import load
    from tare.errors import Error

_HOMES = {"Error": "tare.errors", "load": "tare._profile"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'tare' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
