"""%mprun and %memit of IPython: %load_ext tare.compat.memory_profiler"""

from __future__ import annotations

import gc
import io
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.page import page

from tare.compat.memory_profiler.lines import LineProfiler, show_results
from tare.compat.memory_profiler.running import installed
from tare.compat.memory_profiler.usage import memory_usage


class MemitResult:
    """What %memit -o returns: MiB, of each repetition and before them."""

    def __init__(
        self,
        mem_usage: list[float],
        baseline: float,
        repeat: int,
        timeout: int | None,
        interval: float,
        include_children: bool,
    ) -> None:
        self.mem_usage = mem_usage
        self.baseline = baseline
        self.repeat = repeat
        self.timeout = timeout
        self.interval = interval
        self.include_children = include_children

    def __str__(self) -> str:
        most = max(self.mem_usage)
        return f"peak memory: {most:.2f} MiB, increment: {most - self.baseline:.2f} MiB"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"<MemitResult : {self}>")


@magics_class
class MemoryProfilerMagics(Magics):
    @line_cell_magic
    def mprun(self, parameter_s: str = "", cell: str | None = None) -> LineProfiler | None:
        """%mprun -f FUNCTION [-T FILE] [-r] [-c] STATEMENT

        -f  a function to measure; can be given again
        -T  write the text;  -r  return the LineProfiler
        -c  what the system says of this process and of those that it has started
        With %%mprun the cell runs after the statement.
        """
        options, statement = self.parse_options(parameter_s, "rf:T:c", list_all=True, posix=False)
        if cell is not None:
            statement += "\n" + cell
        include_children = "c" in options
        backend = "psutil" if include_children else None
        profiler = LineProfiler(include_children=include_children, backend=backend)
        for name in options.get("f", []):
            profiler.add_function(self._find(name))
        message = self._run(profiler, statement)
        stream = io.StringIO()
        show_results(profiler, stream)
        output = stream.getvalue().rstrip()
        page(output)
        print(message)
        for path in options.get("T", []):
            with open(path, "w", encoding="utf-8") as file:
                file.write(output)
            print(f"\n*** Profile printout saved to text file {path}. {message}")
        return profiler if "r" in options else None

    def _find(self, name: str) -> Any:
        try:
            return eval(name, self.shell.user_global_ns, self.shell.user_ns)
        except Exception as error:
            kind = type(error).__name__
            raise UsageError(f"Could not find function {name!r}.\n{kind}: {error}") from None

    def _run(self, profiler: LineProfiler, statement: str) -> str:
        try:
            with installed(profiler):
                profiler.runctx(statement, self.shell.user_global_ns, self.shell.user_ns)
        except SystemExit:
            return "*** SystemExit exception caught in code being profiled."
        except KeyboardInterrupt:
            return "*** KeyboardInterrupt exception caught in code being profiled."
        return ""

    @line_cell_magic
    def memit(self, line: str = "", cell: str | None = None) -> MemitResult | None:
        """%memit [-r TIMES] [-i SECONDS] [-c] [-o] [-q] STATEMENT

        -r  repeat it, and take the most
        -i  seconds from one look to the next
        -c  with the processes that it has started
        -o  return a MemitResult;  -q  print nothing
        -t  is there for others' sake
        With %%memit the statement is a set-up, and the cell is measured.
        """
        options, statement = self.parse_options(line, "r:t:i:coq", posix=False, strict=False)
        setup, statement = ("pass", statement) if cell is None else (statement, cell)
        repeat = max(int(options.get("r", 1)), 1)
        timeout = int(options.get("t", 0)) or None
        interval = float(options.get("i", 0.1))
        include_children = "c" in options
        names = self.shell.user_ns
        gc.collect()
        exec(setup, names)
        baseline = memory_usage(include_children=include_children)[0]
        most = [
            memory_usage(
                (exec, (statement, names)),
                interval=interval,
                max_usage=True,
                include_children=include_children,
            )
            for _ in range(repeat)
        ]
        result = MemitResult(most, baseline, repeat, timeout, interval, include_children)
        if "q" not in options:
            print(result)
        return result if "o" in options else None
