"""The command tare: finds the sub-command, and turns what goes wrong into one line.

Only the module of the command asked for is imported, and rich only when something is
printed in colour or tables, so that tare --help answers at once.
"""

from __future__ import annotations

import errno
import os
import sys

from tare.cli.failure import USAGE, Failure, after_loading
from tare.errors import Error

COMMANDS = {
    "run": "sample a program from outside; print where its time went",
    "attach": "the same for a process that runs already",
    "top": "watch a process: where its time goes, second by second",
    "dump": "print the stack of every thread of a process, once",
    "report": "print the tables of a profile",
    "view": "look at profiles in the browser, or write them as one HTML file",
    "trace": "count every call of a program, exactly",
    "lines": "measure a program line by line",
    "memory": "count what a program allocates; say what held most and what leaks",
    "heap": "see what is in memory, and who holds it",
    "check": "measure a program in both ways; say where they disagree",
    "compare": "say whether B is faster than A, and whether it does the same",
    "advise": "say what to change where the time goes; try it; say what it gains",
    "whatif": "say what the program would gain if a function were faster",
    "bench": "measure interpreters: how many stones each does",
    "lab": "try out what makes Python fast and slow, on this machine",
    "export": "write a profile in another tool's format",
    "import": "read another tool's profile",
    "doctor": "check what this machine lets Tare measure, and how well",
}

KEYWORDS = ("import",)  # words of Python's: their modules have a "_" more

SIGPIPE_EXIT = 141  # what a shell reports for a program that a closed pipe ended


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; the exit code."""
    try:
        code = dispatch(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        drop_output()
        return SIGPIPE_EXIT
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        drop_output()
        return complain(f"print what was found: {error.strerror}; make room for it", USAGE)
    except Failure as failure:
        return complain(str(failure), failure.exit_code)
    except Error as error:  # of the core, while it loads a file
        return complain(after_loading(error), USAGE)
    except KeyboardInterrupt:
        from tare.cli.ending import die_of_signal

        return die_of_signal("SIGINT")


def drop_output() -> None:
    """What is printed and not yet written has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str, exit_code: int) -> int:
    """One line on stderr."""
    from tare.text import printable

    print(f"tare: {printable(message)}", file=sys.stderr)
    return exit_code


def dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(overview())
        return 0 if arguments else USAGE
    if arguments[0] in ("-V", "--version"):
        return print_version()
    if arguments[0] not in COMMANDS:
        raise Failure(f"{arguments[0]}: no such command{suggest(arguments[0])}; see tare --help")
    from importlib import import_module

    name = arguments[0]
    command = import_module(f"tare.cli.{name}_" if name in KEYWORDS else f"tare.cli.{name}")
    code: int = command.run(arguments[1:])
    return code


def overview() -> str:
    """The text of tare --help."""
    lines = [
        "Tare measures Python programs, subtracts what measuring cost, and says how",
        "sure it is.",
        "",
        "usage: tare COMMAND [OPTION...] ...        tare COMMAND --help says more",
        "",
    ]
    lines += [f"  {name:<8} {words}" for name, words in COMMANDS.items()]
    lines += [
        "",
        "To begin:  tare run script.py",
        "",
        "Settings: flags, then TARE_* variables, then [tool.tare] in pyproject.toml.",
        "Exit codes: the target's own where there is one; else 0 ok, 1 a stated limit",
        "is exceeded, 2 usage or incompatible input, 3 target cannot be read, 4 partial",
        "data.",
    ]
    return "\n".join(lines)


def print_version() -> int:
    from tare import __version__

    print(f"tare {__version__} on Python {sys.version.split()[0]}")
    return 0


def suggest(word: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, COMMANDS, n=1)
    if close:
        return f"; did you mean tare {close[0]}?"
    if os.path.exists(word):
        return f"; did you mean tare run {word}?"
    return ""
