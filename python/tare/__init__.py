"""Tare measures Python programs, subtracts what measuring cost, and says how sure it is.

Importing this package loads nothing else; what is used is loaded when it is used.

    tare.load(path)    the Profile in a .tare file
    tare.trace         with tare.trace() as t: ..., or @tare.trace: every call, counted
    tare.lines         @tare.lines, or with tare.lines(f, g) as m: ...: hits and times of lines
    tare.compare       compare(f, g, args): which is faster, by how much, and do they agree?
    tare.heap          what is in memory, and who holds it
    tare.memory        @tare.memory, or with tare.memory() as m: what is allocated and held
    tare.leakcheck     @tare.leakcheck: raises tare.LeakError when a function keeps something
    tare.close         whether two values agree: floats, arrays, containers; or a rule for that
    tare.clock         wall_ns(), cpu_ns(), thread_cpu_ns()
    tare.Error         base of all exceptions Tare raises; its subclasses are in tare.errors
"""

__version__ = "0.1.0"
__all__ = [
    "Error",
    "LeakError",
    "__version__",
    "clock",
    "close",
    "compare",
    "heap",
    "leakcheck",
    "lines",
    "load",
    "memory",
    "trace",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare import clock, heap
    from tare._profile import load
    from tare.agreeing import close
    from tare.allocating import memory
    from tare.comparing.calling import compare
    from tare.errors import Error
    from tare.leaks import LeakError, leakcheck
    from tare.lining import lines
    from tare.tracing import trace

_HOMES = {
    "Error": "tare.errors",
    "LeakError": "tare.leaks",
    "close": "tare.agreeing.rules",
    "compare": "tare.comparing.calling",
    "leakcheck": "tare.leaks",
    "lines": "tare.lining",
    "load": "tare._profile",
    "memory": "tare.allocating",
    "trace": "tare.tracing",
}
_MODULES = ("clock", "heap")


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"tare.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'tare' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, *_MODULES])
