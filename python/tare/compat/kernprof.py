"""kernprof's command line, with Tare's measurements behind it.

    python -m tare.compat.kernprof [-l] [-b] [-p TARGET] [-v] [-o FILE] SCRIPT [ARG]...
    python -m tare.compat.kernprof [OPTION]... -m MODULE | -c CODE | - [ARG]...

-l measures the lines of what @profile decorates or -p names; without it calls are traced, as
cProfile does. What was measured is in SCRIPT.lprof or SCRIPT.prof.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import importlib.util
import os
import shutil
import sys
import tempfile
import textwrap
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from shlex import quote
from types import ModuleType
from typing import Any

from tare.compat.line_profiler import LineProfiler, autoprofile, profile as global_profile
from tare.compat.line_profiler.autoprofile import Program
from tare.compat.line_profiler.cli_utils import (
    add_argument,
    fill_in,
    get_cli_config,
    get_python_executable,
    positive_float,
    short_string_path,
)
from tare.compat.line_profiler.contextual import ContextualProfile
from tare.compat.line_profiler.explicit_profiler import VIEWER
from tare.compat.line_profiler.version import __version__

__all__ = ["ContextualProfile", "main"]

_ENDINGS = {True: "lprof", False: "prof"}  # by whether lines are measured
_DETAILED = 2  # verbosity from which messages say who says them

Profiler = LineProfiler | ContextualProfile


# ---- the command line ----


def main(args: list[str] | None = None, *, exit_on_error: bool = True) -> None:
    options = _parse(sys.argv[1:] if args is None else args)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_restored(sys.argv))
        stack.enter_context(_restored(sys.path))
        _silence(options, stack)
        with _temporary_folder() as folder:
            try:
                _run(options, folder)
            except FileNotFoundError as error:
                if not exit_on_error or not options.is_missing:
                    raise
                print(error, file=sys.stderr)
                sys.exit(1)


def _split(args: list[str]) -> tuple[list[str], str, str, list[str]]:
    """Options, which of -m and -c ends them, what it names, and the program's arguments."""
    for index, word in enumerate(args):
        if word == "--":
            break
        if word in ("-m", "-c"):
            if index + 1 == len(args) or args[index + 1] == "--":
                sys.exit(f"kernprof: argument expected for the {word} option")
            return args[:index], word, args[index + 1], args[index + 2 :]
    return args, "", "", []


def _parse(args: list[str]) -> Namespace:
    defaults = get_cli_config("kernprof")
    own, kind, target, rest = _split(args)
    parser = _parser(short_string_path(defaults.path), bool(kind))
    options = parser.parse_args(own)
    if options.config is not None:
        defaults = get_cli_config("kernprof", options.config)
    fill_in(options, defaults.conf_dict)
    options.config = defaults.path
    options.kind = kind
    options.program_args = rest if kind else _without_separator(options.args)
    if kind:
        options.script = target
    elif options.script == "-":
        options.kind = "-"
    options.verbose -= options.quiet
    options.is_missing = False
    return options


def _without_separator(args: list[str]) -> list[str]:
    return args[1:] if args[:1] == ["--"] else args


def _parser(config: str, is_named: bool) -> ArgumentParser:
    parser = ArgumentParser(
        prog="kernprof",
        description="Run and profile a python script or module.",
        usage="kernprof [option]... {path/to/script | -m path.to.module | -c code | -} [arg]...",
    )
    add_argument(parser, "-V", "--version", action="version", version=__version__)
    add_argument(parser, "--config",
                 help="TOML file with the defaults, in its table `tool.line_profiler.kernprof` "
                 f"(Default: {config!r})")
    add_argument(parser, "--no-config", action="store_const", dest="config", const=False,
                 help="Read no TOML file")
    _add_profiling(parser.add_argument_group("profiling options"))
    _add_output(parser.add_argument_group("output options"))
    if not is_named:
        add_argument(parser, "script", help="File to run; - is the standard input")
    add_argument(parser, "args", nargs="...", help="Its arguments")
    return parser


def _add_profiling(group: Any) -> None:
    add_argument(group, "-l", "--line-by-line", action="store_true",
                 help="Measure lines instead of calls; implies --builtin")
    add_argument(group, "-b", "--builtin", action="store_true",
                 help="Put `profile` in the builtins, as a decorator and a block")
    add_argument(group, "-s", "--setup", help="Python file to run first, not measured")
    add_argument(group, "-p", "--prof-mod", action="append",
                 help="Modules, classes and functions to measure, by name or path; separated by "
                 "commas or given again. All in a package is, unless it is named as "
                 "PACKAGE.__init__. Empty: forget those before")
    add_argument(group, "--preimports", action="store_true",
                 help="Import these first, and not only what the program imports")
    add_argument(group, "--prof-imports", action="store_true",
                 help="When the program is among these, measure all that it imports")


def _add_output(group: Any) -> None:
    add_argument(group, "-o", "--outfile", help="(Default: the program's name, .lprof or .prof)")
    add_argument(group, "-v", "--verbose", "--view", action="count", help="Show the results too")
    add_argument(group, "-q", "--quiet", action="count", default=0,
                 help="No messages; twice: no standard output; three times: no errors")
    add_argument(group, "-r", "--rich", action="store_true", help="Highlight the source")
    add_argument(group, "-u", "--unit", type=positive_float,
                 help="Seconds in which times are shown")
    add_argument(group, "-z", "--skip-zero", action="store_true",
                 help="Leave out functions that were not called")
    add_argument(group, "--summarize", action="store_true",
                 help="Also print a line for each function")
    add_argument(group, "-i", "--output-interval", type=int, const=1, nargs="?",
                 help="Write the results every so many seconds, at least 1")


# ---- what is put back in the end ----


@contextlib.contextmanager
def _restored(items: list[str]) -> Iterator[None]:
    before = list(items)
    try:
        yield
    finally:
        items[:] = before


@contextlib.contextmanager
def _installed(profiler: Profiler, is_builtin: bool) -> Iterator[None]:
    """As tare.compat.line_profiler.profile, and in the builtins."""
    names = vars(builtins)
    before = names.get("profile")
    global_profile._kernprof_overwrite(profiler)
    if is_builtin:
        names["profile"] = profiler
    try:
        yield
    finally:
        global_profile._kernprof_overwrite(None)
        if is_builtin and before is None:
            del names["profile"]
        elif is_builtin:
            names["profile"] = before


@contextlib.contextmanager
def _main_module(module: ModuleType) -> Iterator[None]:
    before = sys.modules.get("__main__")
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        if before is not None:
            sys.modules["__main__"] = before


@contextlib.contextmanager
def _temporary_folder() -> Iterator[str]:
    """After an error it stays until the end: a traceback shows lines of the file in it."""
    folder = tempfile.mkdtemp()
    try:
        yield folder
    except BaseException:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _silence(options: Namespace, stack: contextlib.ExitStack) -> None:
    if options.verbose < -1:
        nowhere = stack.enter_context(open(os.devnull, "w"))
        stack.enter_context(contextlib.redirect_stdout(nowhere))
        if options.verbose < -2:
            stack.enter_context(contextlib.redirect_stderr(nowhere))


# ---- the program ----


def _run(options: Namespace, folder: str) -> None:
    options.stdout = sys.stdout  # whatever the program makes of it
    _place(options, folder)
    sys.argv[:] = [options.script, *options.program_args]
    if options.kind == "-m":
        sys.path.insert(0, os.path.abspath(os.curdir))
    if options.setup:
        _run_setup(options)
    profiler = LineProfiler() if options.line_by_line else ContextualProfile()
    is_builtin = options.builtin or options.line_by_line
    with _installed(profiler, is_builtin):
        program, module = _load(options)
        _measure_targets(options, profiler, program)
        writer = _Writer(profiler, options) if options.output_interval else None
        try:
            with _main_module(module):
                if is_builtin:
                    exec(program.code, vars(module))
                else:
                    profiler.runctx(program.code, vars(module), vars(module))
        finally:
            if writer:
                writer.stop()
            _finish(options, profiler, folder)


def _place(options: Namespace, folder: str) -> None:
    """Code that is in no file is put in one, and the results where they can be found."""
    ending = _ENDINGS[bool(options.line_by_line)]
    if options.kind in ("-c", "-"):
        code = options.script if options.kind == "-c" else sys.stdin.read()
        name = f"kernprof-{'command' if options.kind == '-c' else 'stdin'}"
        options.script = os.path.join(folder, f"{name}.py")
        with open(options.script, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(code) + "\n")
        options.prof_mod = [*options.prof_mod, options.script]
        if not options.outfile:
            handle, options.outfile = tempfile.mkstemp(f".{ending}", f"{name}-", os.curdir)
            os.close(handle)
    options.outfile = options.outfile or f"{os.path.basename(options.script)}.{ending}"


def _run_setup(options: Namespace) -> None:
    path = _find(options, options.setup)
    sys.path.insert(0, os.path.dirname(path))
    with open(path, "rb") as file:
        exec(compile(file.read(), path, "exec"), {"__file__": path, "__name__": "__main__"})


def _find(options: Namespace, name: str) -> str:
    try:
        return autoprofile.find_script(name)
    except FileNotFoundError:
        options.is_missing = True
        raise


def _load(options: Namespace) -> tuple[Program, ModuleType]:
    """The code, and the module that it is going to be."""
    module = ModuleType("__main__")
    if options.kind == "-m":
        spec = _find_module(options)
        path = sys.argv[0] = spec.origin or ""
        name, package = spec.name, spec.parent or ""
        vars(module).update(__spec__=spec, __package__=package, __loader__=spec.loader)
    else:
        path, name, package = _find(options, options.script), "", ""
        sys.path.insert(0, os.path.dirname(path))
    with open(path, "rb") as file:
        source = file.read()
    module.__file__ = path
    return Program(path, source, compile(source, path, "exec"), name, package), module


def _find_module(options: Namespace) -> ModuleSpec:
    """A package's is its __main__."""
    for name in (f"{options.script}.__main__", options.script):
        try:
            spec = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            continue
        if spec is not None and spec.has_location and spec.origin:
            return spec
    options.is_missing = True
    raise FileNotFoundError(f"Could not find module `{options.script}`")


def _measure_targets(options: Namespace, profiler: Profiler, program: Program) -> None:
    targets = autoprofile.normalize(options.prof_mod)
    if targets and isinstance(profiler, LineProfiler):
        autoprofile.measure_targets(profiler, targets, program, preimports=options.preimports,
                                    imports=options.prof_imports)


# ---- the results ----


class _Writer:
    """Writes them from time to time, in a thread."""

    def __init__(self, profiler: Profiler, options: Namespace) -> None:
        self._ended = threading.Event()
        self._seconds = max(options.output_interval, 1)
        self._write = lambda: profiler.dump_stats(options.outfile)
        self._thread = threading.Thread(target=self._work, name="kernprof", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._ended.wait(self._seconds):
            self._write()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()


def _finish(options: Namespace, profiler: Profiler, folder: str) -> None:
    if isinstance(profiler, LineProfiler):
        _dump_lines(profiler, options.outfile, folder)
    else:
        profiler.dump_stats(options.outfile)
    path = short_string_path(options.outfile)
    _say(options, f"Wrote profile results to {path!r}")
    if options.verbose <= 0:
        viewer = f"{VIEWER} -rmt" if options.line_by_line else "pstats"
        command = f"{quote(get_python_executable())} -m {viewer} {quote(path)}"
        _say(options, f"Inspect results with:\n{command}")
    elif isinstance(profiler, LineProfiler):
        profiler.print_stats(output_unit=options.unit, stripzeros=options.skip_zero,
                             summarize=options.summarize, rich=options.rich,
                             stream=options.stdout, config=options.config)
    else:
        profiler.print_stats()
    if isinstance(profiler, LineProfiler):
        profiler.end()


def _dump_lines(profiler: LineProfiler, path: str, folder: str) -> None:
    """Without what is in temporary files: they are gone when somebody looks at it."""
    stats = profiler.get_stats()
    stats.timings = {key: rows for key, rows in stats.timings.items()
                     if not key[0].startswith(folder + os.sep)}
    stats.to_file(path)


def _say(options: Namespace, message: str) -> None:
    if options.verbose >= _DETAILED:
        message = f"[kernprof {time.strftime('%Y-%m-%d %H:%M:%S')} INFO] {message}"
    if options.verbose > -1:
        print(message)


if __name__ == "__main__":
    main()
