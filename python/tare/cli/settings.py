"""Settings from outside the command line: [tool.tare] in pyproject.toml, then TARE_*.

    [tool.tare]          for all commands
    rate = 500
    [tool.tare.run]      for one command
    target = 2.5

The nearest pyproject.toml counts, from the working directory upwards. TARE_RATE=500 in the
environment is stronger, a flag is stronger still. A setting that no command knows is an
error, in the file as in the environment: a silent misspelling would measure something else
than was meant.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from tare.cli import COMMANDS
from tare.cli.failure import Failure
from tare.cli.options import OPTIONS

PREFIX = "TARE_"
# Not settings: where the sampler is, what @tare.lines reads, and what Tare's own build, tests and
# benchmarks do.
OTHER_VARIABLES = (
    "TARE_SAMPLE",
    "TARE_LINES",
    "TARE_FORKY",
    "TARE_TEST_PYTHONS",
    "TARE_SOAK",
    "TARE_C_BUILD",
    "TARE_LOCATE",
)
OTHER_PREFIX = "TARE_BENCH"


def find_settings(
    command: str, names: Iterable[str], environ: Mapping[str, str], directory: str
) -> dict[str, object]:
    """The value of each named option that pyproject.toml or the environment gives."""
    given = {name: text for name, text in _from_file(command, directory)}
    for variable, name in _from_environment(environ):
        given[name] = (environ[variable], variable)
    wanted = set(names)
    return {name: _read(name, *given[name]) for name in given if name in wanted}


def _from_environment(environ: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """(variable, option) for each that is set; an empty one is not."""
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or not environ[variable]:
            continue
        if variable in OTHER_VARIABLES or variable.startswith(OTHER_PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if variable != PREFIX + name.upper() or name not in OPTIONS:
            raise Failure(f"{variable}: no such setting{_suggest(variable)}")
        if not OPTIONS[name].settable:
            raise Failure(f"{variable}: no setting; give {OPTIONS[name].flags[-1]} each time")
        yield variable, name


def _suggest(variable: str) -> str:
    from difflib import get_close_matches

    known = [PREFIX + name.upper() for name, option in OPTIONS.items() if option.settable]
    close = get_close_matches(variable.upper(), [*known, *OTHER_VARIABLES], n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(sorted(known))}"


def _read(name: str, value: str, origin: str) -> object:
    try:
        return OPTIONS[name].read(value)
    except ValueError as error:
        raise Failure(f"{origin}: {error}") from None


def find_project_file(directory: str) -> str | None:
    """The nearest pyproject.toml at or above a directory."""
    while True:
        path = os.path.join(directory, "pyproject.toml")
        if os.path.isfile(path):
            return path
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def _from_file(command: str, directory: str) -> Iterable[tuple[str, tuple[str, str]]]:
    """(option, (its text, where it stands)), the command's own table last."""
    path = find_project_file(directory)
    if path is None:
        return
    table = _load_table(path)
    own = table.get(command, {})
    shared = {key: value for key, value in table.items() if key not in COMMANDS}
    for part, where in ((shared, "[tool.tare]"), (own, f"[tool.tare.{command}]")):
        if not isinstance(part, dict):
            raise Failure(f"{path}: {where} must be a table")
        for key, value in part.items():
            origin = f"{path}: {where} {key}"
            name = key.replace("-", "_")
            if name not in OPTIONS or not OPTIONS[name].settable:
                raise Failure(f"{origin}: no such setting; known are {_known()}")
            if not isinstance(value, str | int | float):
                raise Failure(f"{origin}: must be text, a number or a truth value")
            yield name, (str(value), origin)


def _load_table(path: str) -> dict[str, object]:
    import tomllib

    try:
        with open(path, "rb") as stream:
            document = tomllib.load(stream)
    except OSError as error:
        raise Failure(f"read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"read {path}: {error}") from None
    tool = document.get("tool", {})
    table = tool.get("tare", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise Failure(f"{path}: [tool.tare] must be a table")
    return table


def _known() -> str:
    return ", ".join(sorted(name for name, option in OPTIONS.items() if option.settable))
