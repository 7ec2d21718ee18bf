"""The legal stacks of tests/targets/crossed.py, by function, depth and call-site line."""

from __future__ import annotations

from collections.abc import Sequence

from view import SYNTHETIC, View

Step = tuple[str, int]  # function, line it stands on: outside the innermost, its call


class Crossed:
    def __init__(self, truth: dict) -> None:  # type: ignore[type-arg]
        lines = truth["lines"]
        self._branches = []
        for number, times in ((0, truth["depth"]), (1, None), (2, truth["half"]), (3, None)):
            caller, callee = f"a{number}", f"b{number}"
            if times is None:
                steps: list[Step] = [("main", lines[f"main calls {caller}"])]
            else:
                steps = [("main", lines[f"main calls deep, {caller}"])]
                steps += [("deep", lines["deep calls deep"])] * times
                steps += [("deep", lines["deep calls then"])]
            steps += [(caller, lines[f"{caller} calls {callee}"]), (callee, 0)]
            self._branches.append([("<module>", lines["module calls main"]), *steps])
        self._own = {name for steps in self._branches for name, _line in steps[2:]}

    def has(self, stack: Sequence[Step]) -> bool:
        """Whether the stack has a function that only the calls under test have."""
        return not self._own.isdisjoint(name for name, _line in stack)

    def is_legal(self, stack: Sequence[Step], *, with_lines: bool = True) -> bool:
        """Whether the stack is the beginning of one that the program can have."""
        return any(self._begins(steps, stack, with_lines) for steps in self._branches)

    @staticmethod
    def _begins(steps: list[Step], stack: Sequence[Step], with_lines: bool) -> bool:
        legal = steps[:len(stack)]
        if [name for name, _line in stack] != [name for name, _line in legal]:
            return False
        return not with_lines or list(stack[:-1]) == legal[:-1]

    def impossible(self, view: View) -> list[list[Step]]:
        """Every stack in the profile that never existed."""
        stacks = [[(frame.name, frame.line) for frame in entry.stack if frame.kind != SYNTHETIC]
                  for entry in view.entries]
        return [stack for stack in stacks if self.has(stack) and not self.is_legal(stack)]

    def branches_seen(self, view: View) -> set[str]:
        """Those of the four branches that have time below main."""
        callers = {frame.name for entry in view.entries for frame in entry.stack}
        return callers & {"a0", "a1", "a2", "a3"}
