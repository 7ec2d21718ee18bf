"""Every option of every command, once.

A name means the same thing wherever it is accepted, so pyproject.toml and TARE_* variables
can set it for all commands. A command lists the names it takes; the order of its list is
the order of its --help.
"""

from __future__ import annotations

from collections.abc import Callable

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")


class Option:
    """One option: how it is spelled, what it takes, and whether settings may give it."""

    __slots__ = (
        "choices",
        "convert",
        "default",
        "flags",
        "help",
        "kind",
        "metavar",
        "settable",
        "undo",
    )

    def __init__(
        self,
        flags: str,
        help: str,
        *,
        kind: str = "value",  # value, flag, count, list
        convert: Callable[[str], object] = str,
        metavar: str | None = None,
        choices: tuple[str, ...] | None = None,
        default: object = None,
        settable: bool = True,
        undo: str = "",  # the flag that says no, for what a setting has switched on
    ) -> None:
        self.flags = tuple(flags.split())
        self.help = help
        self.kind = kind
        self.convert = convert
        self.metavar = metavar
        self.choices = choices
        self.default = default
        self.settable = settable
        self.undo = undo

    def takes_value(self) -> bool:
        return self.kind in ("value", "list")

    def read(self, text: str) -> object:
        """The value of a setting's text; ValueError with the reason."""
        if self.kind == "flag":
            return read_flag(text)
        if self.kind == "list":
            return [part.strip() for part in text.split(",") if part.strip()]
        if self.choices is not None and text not in self.choices:
            raise ValueError(f"{text!r} is none of {', '.join(self.choices)}")
        return int(text) if self.kind == "count" else self.convert(text)


def read_flag(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise ValueError(f"{text!r} is neither yes nor no")


def positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ValueError(f"{text!r} is not a positive number")
    return number


def rate_hz(text: str) -> int:
    number = positive(text)
    if not 1 <= number <= 1_000_000 or number != int(number):
        raise ValueError(f"{text!r} is not a whole number of 1 to 1,000,000 a second")
    return int(number)


def byte_count(text: str) -> int:
    """A number of bytes, with K, M or G behind it for units of 1024."""
    digits = text[:-1] if text[-1:].upper() in ("K", "M", "G") else text
    scale = 1 << {"K": 10, "M": 20, "G": 30}.get(text[len(digits) :].upper(), 0)
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:15]) * scale <= 1 << 40):
        raise ValueError(f"{text!r} is no number of bytes, such as 524288 or 512K")
    return int(digits) * scale


def hold_percent(text: str) -> float:
    number = positive(text)
    if not 0.01 <= number <= 50:
        raise ValueError(f"{text!r} is not a number from 0.01 to 50")
    return number


def process_id(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise ValueError(f"{text!r} is not a process id")
    return int(text)


def port_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65535):
        raise ValueError(f"{text!r} is not a port, 0 to 65535")
    return int(text)


def sizes(text: str) -> list[int]:
    """One or several, with commas, rising."""
    words = text.replace("_", "").split(",")
    numbers = [int(word[:12]) for word in words if word.isascii() and word.isdigit()]
    rising = all(low < high for low, high in zip([0, *numbers], numbers))
    if len(numbers) != len(words) or not numbers or not rising:
        raise ValueError(f"{text!r} is no size such as 1000, and no rising list: 1000,3000,9000")
    return numbers


def size(text: str) -> int:
    found = sizes(text)
    if len(found) > 1:
        raise ValueError(f"{text!r} is not one size, such as 1000")
    return found[0]


def row_count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 1000):
        raise ValueError(f"{text!r} is not a number of rows, 1 to 1000")
    return int(text)


def process_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 1000):
        raise ValueError(f"{text!r} is not a number of processes, 1 to 1000")
    return int(text)


def process_count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 2 <= int(text[:9]) <= 10_000):
        raise ValueError(f"{text!r} is not a number of processes, 2 to 10,000")
    return int(text)


def change_percent(text: str) -> float:
    number = positive(text)
    if number > 100:
        raise ValueError(f"{text!r} is not a change in per cent, up to 100")
    return number


def tolerance(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{text!r} is no tolerance: a number, 0 or more")
    return number


def step_count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text[:9])


SORT_KEYS = ("self", "total", "native", "wait", "name", "file")  # of sampled profiles
# Of memory: what is held or was allocated.
MEMORY_SORT_KEYS = (
    "peak",
    "live",
    "allocated",
    "freed",
    "blocks",
    "temporary",
    "name",
    "file",
)
LINE_SORT_KEYS = ("total", "self", "calls", "suspended", "cpu", "name", "file")  # of lines

# Of traces: the keys of pstats, and what each orders by.
TRACE_SORT_KEYS = {
    "calls": "calls",
    "cumtime": "cumulative",
    "cumulative": "cumulative",
    "file": "file",
    "filename": "file",
    "line": "line",
    "module": "file",
    "name": "name",
    "ncalls": "calls",
    "nfl": "nfl",
    "pcalls": "pcalls",
    "stdname": "stdname",
    "time": "time",
    "tottime": "time",
}
# Tare's own words, which have no prefixes.
TRACE_WORDS = {
    "self": "time",
    "total": "cumulative",
    "resumes": "resumes",
    "suspended": "suspended",
    "cpu": "cpu",
}


def trace_order(word: str) -> str:
    """What a trace is ordered by: a key, or a beginning that means one thing; else ValueError."""
    exact = TRACE_SORT_KEYS.get(word) or TRACE_WORDS.get(word)
    if exact:
        return exact
    keys = [key for key in TRACE_SORT_KEYS if word and key.startswith(word)]
    orders = {TRACE_SORT_KEYS[key] for key in keys}
    if len(orders) > 1:
        raise ValueError(f"{word!r} could be {', '.join(keys)}")
    if not orders:
        known = dict.fromkeys((*SORT_KEYS, *MEMORY_SORT_KEYS, *TRACE_SORT_KEYS, *TRACE_WORDS))
        raise ValueError(f"{word!r} is none of {', '.join(known)}")
    return orders.pop()


def sort_key(text: str) -> str:
    """A key of any kind of profile; of traces several, divided by commas."""
    if text not in SORT_KEYS and text not in MEMORY_SORT_KEYS:
        for word in text.split(","):
            trace_order(word)
    return text


OPTIONS = {
    "output": Option("-o --output", "write the profile there", metavar="FILE", settable=False),
    "page_to": Option(
        "-o --output",
        "write one HTML file there, '-': to stdout, and open nothing",
        metavar="FILE",
        settable=False,
    ),
    "overwrite": Option(
        "-f --overwrite", "replace FILE when it exists", kind="flag", settable=False
    ),
    "replace": Option("--overwrite", "replace FILE when it exists", kind="flag", settable=False),
    "function": Option(
        "-f --function",
        "this function: MODULE:FUNCTION, FUNCTION or FILE:LINE; may be repeated",
        kind="list",
        metavar="F",
    ),
    "package": Option(
        "-p --package",
        "all in this module, package, file or folder; may be repeated",
        kind="list",
        metavar="MODULE",
    ),
    "rate": Option(
        "--rate", "samples a second (default 1000)", metavar="HZ", convert=rate_hz, default=1000
    ),
    "target": Option(
        "--target",
        "how fast is fast enough? says whether faster Python code can get there",
        metavar="SECONDS",
        convert=positive,
    ),
    "duration": Option("--duration", "stop after that long", metavar="SECONDS", convert=positive),
    "no_children": Option(
        "--no-children", "leave child processes out", kind="flag", undo="--children"
    ),
    "no_stop": Option(
        "--no-stop",
        "never hold a thread still, also where nothing else proves its stack",
        kind="flag",
        undo="--stop",
    ),
    "hold": Option(
        "--hold",
        "hold threads still for so much of their time at most (default 0.5): gives more samples "
        "of code that calls much",
        metavar="PERCENT",
        convert=hold_percent,
        default=0.5,
    ),
    "clock": Option(
        "--clock",
        "also count CPU time, as cpu_ns (default: wall time only)",
        choices=("wall", "cpu"),
        default="wall",
    ),
    "sample": Option(
        "--sample",
        "look at one block in so many bytes, at random, instead of all: cheaper, and amounts are "
        "estimates; 512K is a good start",
        metavar="BYTES",
        convert=byte_count,
    ),
    "native": Option(
        "--native",
        "what C libraries ask of malloc too, beside Python's own allocators",
        kind="flag",
        undo="--no-native",
    ),
    "no_builtins": Option(
        "--no-builtins",
        "Python functions only: leave C functions and classes to their callers",
        kind="flag",
        undo="--builtins",
    ),
    "durations": Option(
        "--durations",
        "time each call too: what half of a function's calls took, and the longest",
        kind="flag",
        undo="--no-durations",
    ),
    "python": Option("--python", "the interpreter for TARGET", metavar="PATH"),
    "json": Option("--json", "print JSON (schema in the docs)", kind="flag", settable=False),
    "json_to": Option(
        "--json", "write the report as JSON too ('-': to stderr)", metavar="FILE", settable=False
    ),
    "sort": Option(
        "--sort",
        f"order of the tables: {', '.join(SORT_KEYS)}; of traces the keys of pstats, several "
        "with commas; of memory peak, live, allocated, freed, blocks, temporary",
        metavar="KEY",
        convert=sort_key,
        default="self",
    ),
    "limit": Option(
        "--limit",
        "rows: a number, a fraction of them, or a pattern to be found in FILE:LINE(NAME); "
        "may be repeated",
        kind="list",
        metavar="N|F|RE",
        settable=False,
    ),
    "by_line": Option("--lines", "lines instead of functions", kind="flag", settable=False),
    "tree": Option("--tree", "the call tree", kind="flag", settable=False),
    "threads": Option("--threads", "what each thread did", kind="flag", settable=False),
    "callers": Option("--callers", "who calls F", metavar="F", settable=False),
    "callees": Option("--callees", "whom F calls", metavar="F", settable=False),
    "to": Option("--to", "the format to write", metavar="FORMAT", settable=False),
    "source": Option("--from", "the format that FILE is in", metavar="FORMAT", settable=False),
    "metric": Option("--metric", "what to write (default wall_ns; of memory peak_bytes)"),
    "browser": Option(
        "--browser", "the browser to open, a name or a path (default: yours)", metavar="NAME"
    ),
    "no_browser": Option(
        "--no-browser", "open no browser: only print the address", kind="flag", undo="--open"
    ),
    "port": Option(
        "--port",
        "the port to listen on (default: any that is free)",
        metavar="N",
        convert=port_number,
        default=0,
    ),
    "no_source": Option(
        "--no-source", "put no source texts into the page", kind="flag", undo="--source"
    ),
    "census_by": Option(
        "--by",
        "what the rows are (default: type, or as a saved census was counted)",
        choices=("type", "class", "module", "size", "age", "site"),
        default="",
        settable=False,
    ),
    "rows": Option(
        "--limit", "rows of the tables (default 20)", metavar="N", convert=row_count, default=20,
        settable=False,
    ),
    "census_sort": Option(
        "--sort",
        "order of the rows (default bytes)",
        choices=("bytes", "allocated", "count", "name"),
        default="bytes",
        settable=False,
    ),
    "holders": Option(
        "--holders", "who holds the objects of this type", metavar="TYPE", settable=False
    ),
    "compared": Option(
        "--diff", "what came and went between FILE and this one", metavar="FILE2", settable=False
    ),
    "dot": Option("--dot", "holders as a graph for Graphviz", kind="flag", settable=False),
    "try_out": Option(
        "--try",
        "make each change in a copy: is the result the same, and is it faster?",
        kind="flag",
        settable=False,
    ),
    "under": Option(
        "--under",
        "look at the files under PATH, an installed package say; may be repeated (default: all "
        "that is not installed)",
        kind="list",
        metavar="PATH",
        settable=False,
    ),
    "grown_sizes": Option(
        "--scale",
        "run at n, 2n and 4n, or at these sizes, and say what grows faster than n; {n} in the "
        "target's arguments, or n in --args, stands for it",
        metavar="N[,N...]",
        convert=sizes,
        settable=False,
    ),
    "rules": Option("--list", "print the rules, measure nothing", kind="flag", settable=False),
    "silent": Option(
        "--all", "also what does not pay, and why", kind="flag", settable=False
    ),
    "size": Option(
        "--size",
        "how much the hot loops work on (default: as counted, else several sizes)",
        metavar="N",
        convert=size,
        settable=False,
    ),
    "trial_seconds": Option(
        "--seconds",
        "how long each change may be timed (default 20)",
        metavar="SECONDS",
        convert=positive,
        default=20.0,
        settable=False,
    ),
    "patch_to": Option(
        "--patch", "write the changes that were confirmed there", metavar="FILE", settable=False
    ),
    "sarif": Option(
        "--sarif", "print SARIF, for editors and code scanning", kind="flag", settable=False
    ),
    "snapshot_to": Option(
        "-o --output", "keep the snapshot of a process there", metavar="FILE", settable=False
    ),
    "wait": Option(
        "--wait",
        "how long a process may take to answer (default 60)",
        metavar="SECONDS",
        convert=positive,
        default=60.0,
        settable=False,
    ),
    "times": Option(
        "--by",
        "how many times faster the function gets (default 2, 4, 10, and gone); may be repeated",
        kind="list",
        convert=positive,
        metavar="K",
        settable=False,
    ),
    "progress": Option(
        "--progress",
        "look at the time from one call of this function to the next, not at the whole run",
        metavar="F",
        settable=False,
    ),
    "stretch": Option(
        "--stretch",
        "what stands for more of the function: CPU time with the GIL, CPU time without it, or "
        "waiting (default: what its calls do)",
        choices=("work", "released", "waits"),
        settable=False,
    ),
    "slow_down": Option(
        "--slow-down", "only make the function slower; hide no time", kind="flag", settable=False
    ),
    "runtimes": Option(
        "--runtimes",
        "run TARGET under every interpreter that is found instead",
        kind="flag",
        settable=False,
    ),
    "experiment_seconds": Option(
        "--seconds",
        "how long to try, about (default 60)",
        metavar="SECONDS",
        convert=positive,
        default=60.0,
        settable=False,
    ),
    "code": Option(
        "-e --code", "a side that is this code; may be repeated", kind="list", metavar="CODE",
        settable=False,
    ),
    "setup": Option(
        "-s --setup", "code that runs once before; may be repeated, line by line", kind="list",
        metavar="CODE", settable=False,
    ),
    "call_args": Option(
        "--args", "what functions are called with, as between the parentheses of a call",
        metavar="ARGS", settable=False, default="",
    ),
    "interpreters": Option(
        "--python", "the interpreter; twice or more: compare one side in each", kind="list",
        metavar="PATH", settable=False,
    ),
    "pairs": Option(
        "--pairs", "compare the pairs that this TOML file names", metavar="FILE", settable=False
    ),
    "seconds": Option(
        "--seconds", "how long to measure, at most (default 20)", metavar="SECONDS",
        convert=positive, default=20.0,
    ),
    "processes": Option(
        "--processes", "so many processes at most, however long they take", metavar="N",
        convert=process_count,
    ),
    "least": Option(
        "--least", "the smallest change that matters, in per cent (default 1)",
        metavar="PERCENT", convert=change_percent, default=1.0,
    ),
    "timeout": Option(
        "--timeout", "how long one step may take, such as one run (default 60)",
        metavar="SECONDS", convert=positive, default=60.0,
    ),
    "compare_clock": Option(
        "--clock", "which time counts (default auto: CPU time, unless the code waits)",
        choices=("auto", "cpu", "wall"), default="auto", settable=False,
    ),
    "rtol": Option(
        "--rtol", "numbers may differ by so much of their size", metavar="R", convert=tolerance,
        settable=False,
    ),
    "atol": Option(
        "--atol", "numbers may differ by so much", metavar="A", convert=tolerance,
        settable=False,
    ),
    "ulp": Option(
        "--ulp", "numbers may differ by so many steps of their last place", metavar="N",
        convert=step_count, settable=False,
    ),
    "samples": Option(
        "--samples", "results are estimates from so many random draws", metavar="N",
        convert=positive, settable=False,
    ),
    "scale": Option(
        "--scale", "an estimate is so many times the share of draws that hit", metavar="X",
        convert=positive, settable=False,
    ),
    "result": Option(
        "--result", "the name whose value is compared; may be repeated (default: all names that "
        "both sides bind)", kind="list", metavar="NAME", settable=False,
    ),
    "no_check": Option(
        "--no-check", "do not compare results", kind="flag", settable=False
    ),
    "markdown": Option(
        "--markdown", "print a table for a pull request", kind="flag", settable=False
    ),
    "in_profile": Option(
        "--in", "what the ratio means for the program of this profile", metavar="FILE.tare",
        settable=False,
    ),
    "of_function": Option(
        "--of", "the function of the profile that is compared: its name, or a part of "
        "FILE:LINE(NAME) (default: A)", metavar="F", settable=False,
    ),
    "save": Option(
        "--save", "keep what is found under this name", metavar="NAME", settable=False
    ),
    "baseline": Option(
        "--baseline", "compare one side with what was saved last under this name", metavar="NAME",
        settable=False,
    ),
    "history": Option(
        "--history", "print what was saved under a name, and where it changed; without one the "
        "names", kind="flag", settable=False,
    ),
    "history_to": Option(
        "-o --output", "write the history as a page (.html) or a picture (.svg)", metavar="FILE",
        settable=False,
    ),
    "store": Option(
        "--store", "where it is kept (default .tare/history.sqlite of the project)", metavar="FILE"
    ),
    "every_python": Option(
        "--all", "all interpreters that are found", kind="flag", settable=False
    ),
    "list_pythons": Option(
        "--list", "only say which interpreters are found, and which machines are kept",
        kind="flag", settable=False,
    ),
    "quick": Option("--quick", "5 short processes: 5 seconds, and less sure", kind="flag",
                    settable=False),
    "process_count": Option(
        "--processes", "so many for each interpreter (default 15, and more on a loaded machine)",
        metavar="N", convert=process_number, settable=False,
    ),
    "process_seconds": Option(
        "--seconds", "how long each process measures (default 1.2)", metavar="S", convert=positive,
        settable=False,
    ),
    "silence": Option(
        "--timeout", "how long an interpreter may say nothing (default 30)", metavar="SECONDS",
        convert=positive, default=30.0, settable=False,
    ),
    "kernels": Option(
        "--kernel", "this kernel only; may be repeated", kind="list", metavar="NAME",
        settable=False,
    ),
    "small_heap": Option(
        "--small", "sizes that fit a heap of 160 KB, as MicroPython has", kind="flag",
        settable=False,
    ),
    "pystone": Option(
        "--pystone", "the classical figure instead, and how far to trust it", kind="flag",
        settable=False,
    ),
    "save_as": Option(
        "--save", "keep the result as that of this machine, by this name", metavar="NAME",
        settable=False,
    ),
    "scaled": Option(
        "--scale", "what a time (12.3ms, 12.3+-0.2ms) on one machine is on another",
        metavar="TIME", settable=False,
    ),
    "scale_from": Option(
        "--from", "the machine that TIME is of: a name that is kept, or a file of --json; "
        "NAME:3.13 names the interpreter (default: this one, measured now)",
        metavar="MACHINE", settable=False,
    ),
    "scale_to": Option(
        "--to", "the other machine (default: this one, measured now)", metavar="MACHINE",
        settable=False,
    ),
    "picture_to": Option(
        "-o --output", "draw the kernels as a radar there: .html or .svg", metavar="FILE",
        settable=False,
    ),
    "every_experiment": Option("--all", "all experiments", kind="flag", settable=False),
    "quick_lab": Option(
        "--quick", "fewer sizes, shorter: half a minute for all, and less sure", kind="flag",
        settable=False,
    ),
    "color": Option(
        "--color", "when to use colour", choices=("auto", "always", "never"), default="auto"
    ),
    "quiet": Option("-q --quiet", "print errors only", kind="flag", undo="--no-quiet"),
    "verbose": Option("-v --verbose", "print more", kind="flag", undo="--no-verbose"),
}
