"""line_profiler's settings: [tool.line_profiler.*] of a line_profiler.toml or pyproject.toml.

    the file named      LINE_PROFILER_RC      the nearest file, from here to the root      defaults

The first of these that there is counts; what it does not say is as in the defaults beside this
module.
"""

from __future__ import annotations

import copy
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ENVIRONMENT = "LINE_PROFILER_RC"
FILES = ("line_profiler.toml", "pyproject.toml")
NAMESPACE = ("tool", "line_profiler")

Config = str | os.PathLike[str] | bool | None
Table = dict[str, Any]


@dataclass
class ConfigSource:
    """Settings, and the file that they are from."""

    conf_dict: Table
    path: Path
    subtable: list[str] = field(default_factory=lambda: list(NAMESPACE))

    def copy(self) -> ConfigSource:
        return copy.deepcopy(self)

    def get_subconfig(self, *headers: str) -> ConfigSource:
        table = self.conf_dict
        for header in headers:
            table = table[header]
        return ConfigSource(table, self.path, [*self.subtable, *headers])

    @classmethod
    def from_default(cls) -> ConfigSource:
        return _defaults().copy()

    @classmethod
    def from_config(cls, config: Config = None, *, read_env: bool = True) -> ConfigSource:
        """config: a file; False for the defaults, True or None for what is found.

        A file that is named but is none raises FileNotFoundError or ValueError; one that was only
        found is passed over.
        """
        if config is False:
            return cls.from_default()
        named = None if config is None or config is True else Path(config).absolute()
        for path in [named] if named is not None else list(_candidates(read_env)):
            content = _read(path)
            if content is not None:
                return cls._merged(content, path, named)
        if named is not None:
            error = ValueError if named.exists() else FileNotFoundError
            raise error(f"Cannot load configurations from {str(config)!r}")
        return cls.from_default()

    @classmethod
    def _merged(cls, content: Table, path: Path, named: Path | None) -> ConfigSource:
        merged = cls.from_default()
        try:
            for name in NAMESPACE:
                content = _table(content, name)
            _merge(merged.conf_dict, content)
        except TypeError:
            if named is None:
                return cls.from_default()
            keys = sorted(".".join((*NAMESPACE, *header)) for header in _headers())
            raise ValueError(
                f"config = {str(named)!r}: expected each of these keys to either be nonexistent "
                f"or map to a table: {['tool', 'tool.line_profiler', *keys]!r}"
            ) from None
        merged.path = path
        return merged


@cache
def _defaults() -> ConfigSource:
    path = Path(__file__).with_name(FILES[0])
    content = tomllib.loads(path.read_text("utf-8"))
    return ConfigSource(content["tool"]["line_profiler"], path)


def _candidates(read_env: bool) -> Iterator[Path]:
    said = os.environ.get(ENVIRONMENT) if read_env else None
    if said:
        yield Path(said).absolute()
        return
    here = Path.cwd()
    for folder in (here, *here.parents):
        for name in FILES:
            yield folder / name


def _read(path: Path) -> Table | None:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError):
        return None


def _table(content: Table, name: str) -> Table:
    inner = content.get(name, {})
    if not isinstance(inner, Mapping):
        raise TypeError(name)
    return dict(inner)


def _merge(defaults: Table, content: Table) -> None:
    """What the defaults do not know is ignored, as in line_profiler."""
    for key, default in defaults.items():
        if isinstance(default, dict):
            _merge(default, _table(content, key))
        elif key in content:
            defaults[key] = content[key]


def _headers() -> Iterator[tuple[str, ...]]:
    for name, table in _defaults().conf_dict.items():
        yield (name,)
        for inner, value in table.items():
            if isinstance(value, dict):
                yield name, inner
