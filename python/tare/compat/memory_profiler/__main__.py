"""python -m tare.compat.memory_profiler: runs a program and prints its tables."""

from __future__ import annotations

import contextlib
import os
import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from typing import TextIO

from tare.compat.memory_profiler import (
    LineProfiler,
    TimeStamper,
    __version__,
    exec_with_profiler,
    run_module_with_profiler,
    show_results,
)
from tare.compat.memory_profiler.backends import BACKENDS, METRIC_OF, OWN

PRECISION = 3


def main() -> None:
    options = _parse()
    target, *args = options.program
    profiler: TimeStamper | LineProfiler
    if options.timestamp:
        backend = options.backend if options.backend in METRIC_OF else "psutil"
        profiler = TimeStamper(backend, options.include_children)
    else:
        profiler = LineProfiler(
            max_mem=options.max_mem,
            backend=options.backend,
            include_children=options.include_children,
        )
    path = _find_script(target) if target.endswith(".py") else ""
    try:
        if path:
            exec_with_profiler(path, profiler, options.backend, args)
        else:
            run_module_with_profiler(target, profiler, options.backend, args)
    finally:
        with _output(options) as stream:
            if isinstance(profiler, TimeStamper):
                profiler.show_results(stream)
            else:
                show_results(profiler, stream, options.precision)


def _parse() -> Namespace:
    parser = ArgumentParser(
        prog="python -m tare.compat.memory_profiler",
        usage="python -m tare.compat.memory_profiler script_file.py",
    )
    add = parser.add_argument
    add("--version", action="version", version=__version__)
    add("--pdb-mmem", dest="max_mem", metavar="MAXMEM", type=float,
        help="step into the debugger when memory exceeds MAXMEM")
    add("--precision", type=int, default=PRECISION,
        help="precision of memory output in number of significant digits")
    add("-o", dest="out_filename", help="path to a file where results will be written")
    add("--timestamp", action="store_true",
        help="print timestamp instead of memory measurement for decorated functions")
    add("--include-children", action="store_true",
        help="also include memory used by child processes")
    add("--backend", choices=BACKENDS, default=OWN, help="what the numbers are of")
    add("program", nargs=REMAINDER,
        help="python script or module followed by command line arguments to run")
    options = parser.parse_args()
    if not options.program:
        print("A program to run must be provided. Use -h for help", file=sys.stderr)
        sys.exit(1)
    return options


def _find_script(name: str) -> str:
    """Here or in PATH."""
    for folder in ("", *os.get_exec_path()):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    print(f"Could not find script {name}", file=sys.stderr)
    sys.exit(1)


def _output(options: Namespace) -> contextlib.AbstractContextManager[TextIO]:
    if options.out_filename is None:
        return contextlib.nullcontext(sys.stdout)
    return open(options.out_filename, "a", encoding="utf-8")


if __name__ == "__main__":
    main()
