"""tare attach: sample a process that runs already, then print the verdict."""

from __future__ import annotations

from tare.cli.parser import add_process, make_parser
from tare.cli.progress import Ticker
from tare.cli.sampler import measure
from tare.cli.session import choose_output, report, sampler_options

NAMES = (
    "output",
    "overwrite",
    "rate",
    "duration",
    "target",
    "no_children",
    "hold",
    "no_stop",
    "json_to",
    "color",
    "quiet",
    "verbose",
)
DESCRIPTION = """\
Looks at the stacks of a running Python process from outside until it ends,
until Ctrl-C, or for --duration SECONDS; then prints the same verdict as tare
run. The process is not changed. A thread is held still for some microseconds,
0.5 % of its time at most, where nothing else proves its stack; with --no-stop
never."""


def run(arguments: list[str]) -> int:
    parser = make_parser("attach", "[OPTION...] PID", DESCRIPTION, NAMES)
    add_process(parser)
    options = parser.parse_args(arguments)
    words = sampler_options(options, choose_output(options, f"pid{options.pid}"))
    if options.duration is not None:
        words += ["--duration", str(options.duration)]
    progress = Ticker(options)
    outcome = measure("attach", [*words, "--", str(options.pid)], progress.show)
    progress.erase()
    report(options, outcome)
    return outcome.failure_code()
