"""%lprun and %%lprun_all of IPython: %load_ext tare.compat.line_profiler"""

from __future__ import annotations

import builtins
import importlib
import io
import time
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.core.page import page

from tare.compat.line_profiler.callables import codes_in
from tare.compat.line_profiler.profiler import LineProfiler

_MISSING = object()


@magics_class
class LineProfilerMagics(Magics):
    @line_magic
    def lprun(self, parameter_s: str = "") -> LineProfiler | None:
        """%lprun -f FUNCTION [-m MODULE] [-D FILE] [-T FILE] [-r] [-s|-z] [-u UNIT] STATEMENT

        -f  a function to measure; can be given again
        -m  a module of which all functions are measured
        -D  write an .lprof file;  -T  write the text;  -r  return the LineProfiler
        -z  leave out functions that were not called;  -u  the unit of times, in seconds
        """
        options, statement = self.parse_options(
            parameter_s, "rszf:m:D:T:u:", list_all=True, posix=False
        )
        profiler = LineProfiler(*(self._find(name) for name in options.get("f", [])))
        for name in options.get("m", []):
            profiler.add_module(importlib.import_module(name))
        builtins_before = vars(builtins).get("profile", _MISSING)
        vars(builtins)["profile"] = profiler
        try:
            message = self._run(profiler, statement)
        finally:
            _put_back(builtins_before)
        return self._show(profiler, options, message)

    @line_cell_magic
    def lprun_all(self, line: str, cell: str | None = None) -> LineProfiler | None:
        """%%lprun_all [-D FILE] [-T FILE] [-r] [-z] [-u UNIT] [-t] [-p]

        Measures the whole cell, and each function that it defines; -p: no tables of these.
        -t keeps the seconds that it took in _total_time_taken. The rest is as with %lprun.
        """
        options, rest = self.parse_options(line, "rzptD:T:u:", list_all=True, posix=False)
        source = rest if cell is None else cell
        transformed = self.shell.transform_cell(source)
        code = compile(transformed, self.shell.compile.cache(transformed), "exec")
        profiler = LineProfiler()
        for measured in [code] if "p" in options else [code, *codes_in(code)]:
            profiler.add_code(measured)
        began = time.perf_counter()
        message = self._run(profiler, code)
        if "t" in options:
            self.shell.user_ns["_total_time_taken"] = time.perf_counter() - began
        return self._show(profiler, options, message)

    def _find(self, name: str) -> Any:
        try:
            return eval(name, self.shell.user_global_ns, self.shell.user_ns)
        except Exception as error:
            kind = type(error).__name__
            raise UsageError(f"Could not find function {name}.\n{kind}: {error}") from None

    def _run(self, profiler: LineProfiler, statement: Any) -> str:
        try:
            profiler.runctx(statement, self.shell.user_global_ns, self.shell.user_ns)
        except SystemExit:
            return "*** SystemExit exception caught in code being profiled."
        except KeyboardInterrupt:
            return "*** KeyboardInterrupt exception caught in code being profiled."
        return ""

    def _show(
        self, profiler: LineProfiler, options: dict[str, list[str]], message: str
    ) -> LineProfiler | None:
        text = io.StringIO()
        stripzeros = "s" in options or "z" in options
        profiler.print_stats(text, output_unit=_unit(options), stripzeros=stripzeros)
        page(text.getvalue())
        if message:
            print(message)
        for path in options.get("D", []):
            profiler.dump_stats(path)
            print(f"\n*** Profile stats pickled to file {path!r}. {message}")
        for path in options.get("T", []):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.getvalue())
            print(f"\n*** Profile printout saved to text file {path!r}. {message}")
        return profiler if "r" in options else None


def _unit(options: dict[str, list[str]]) -> float | None:
    if "u" not in options:
        return None
    try:
        return float(options["u"][-1])
    except ValueError:
        raise TypeError("Timer unit setting must be a float.") from None


def _put_back(profile: object) -> None:
    if profile is _MISSING:
        vars(builtins).pop("profile", None)
    else:
        vars(builtins)["profile"] = profile
