"""python -m tare.compat.line_profiler: shows .lprof files, joined into one."""

from __future__ import annotations

from argparse import ArgumentParser

from tare.compat.line_profiler.cli_utils import (
    add_argument,
    fill_in,
    get_cli_config,
    positive_float,
    short_string_path,
)
from tare.compat.line_profiler.stats import LineStats
from tare.compat.line_profiler.version import __version__


def main(args: list[str] | None = None) -> None:
    defaults = get_cli_config("cli")
    options = _parser(short_string_path(defaults.path)).parse_args(args)
    if options.config is not None:
        defaults = get_cli_config("cli", options.config)
    fill_in(options, defaults.conf_dict)
    LineStats.from_files(*options.profile_output).print(
        output_unit=options.unit,
        stripzeros=options.skip_zero,
        rich=options.rich,
        sort=options.sort,
        summarize=options.summarize,
        config=defaults.path,
    )


def _parser(config: str) -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m tare.compat.line_profiler",
        description="Read and show line profiling results (`.lprof` files).",
        usage="%(prog)s [-u UNIT] [-r] [-z] [-t] [-m] [-c CONFIG] FILE.lprof...",
    )
    add_argument(parser, "-V", "--version", action="version", version=__version__)
    add_argument(parser, "-c", "--config",
                 help="TOML file with the defaults, in its table `tool.line_profiler.cli` "
                 f"(Default: {config!r})")
    add_argument(parser, "--no-config", action="store_const", dest="config", const=False,
                 help="Read no TOML file")
    add_argument(parser, "-u", "--unit", type=positive_float,
                 help="Seconds in which times are shown")
    add_argument(parser, "-r", "--rich", action="store_true", help="Highlight the source")
    add_argument(parser, "-z", "--skip-zero", action="store_true",
                 help="Leave out functions that were not called")
    add_argument(parser, "-t", "--sort", action="store_true", help="Least time first")
    add_argument(parser, "-m", "--summarize", action="store_true",
                 help="Also print a line for each function")
    add_argument(parser, "profile_output", nargs="+", help="`*.lprof` files")
    return parser
