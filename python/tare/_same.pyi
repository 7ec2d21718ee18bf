from collections.abc import Callable
from typing import Any

ITEMS: int
ATTRIBUTES: int
WORDS: int
BUFFER: int
GAP: int
EXACT: int
NUMPY: int
MATH: int
PYTEST: int
SIGMA: int
LEFT_ONLY: str
RIGHT_ONLY: str

def compare(
    left: object,
    right: object,
    rule: tuple[float, ...],
    expand: Callable[[Any, Any], None | int | str | tuple[Any, ...]],
    root: str,
    /,
) -> tuple[int, int, tuple[str, Any, Any, str | None] | None, float, float, int, str | None]: ...
def flush() -> None: ...
def ulp_distance(a: float, b: float, /) -> int | None: ...
