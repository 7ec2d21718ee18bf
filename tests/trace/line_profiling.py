"""Scripts that use tare.compat.line_profiler or kernprof, run in a traced interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from pathlib import Path

from tracing import Tracer

HEAD = """
import asyncio, functools, inspect, json, pickle, sys, threading, time
from tare.compat.line_profiler import LineProfiler, LineStats, load_stats, profile

def tell(**facts):
    print(json.dumps(facts))

def hits(profiler):
    \"\"\"By function and line of it, the first being 0.\"\"\"
    return {name.rpartition(".")[2]: {line - first: count for line, count, _ in rows}
            for (_, first, name), rows in profiler.get_stats().timings.items()}

def seconds(profiler, name):
    stats = profiler.get_stats()
    return {line - first: time * stats.unit for (_, first, own), rows in stats.timings.items()
            if own == name for line, _, time in rows}

def work(times):
    total = 0
    for _ in range(times):
        total += 1
    return total
"""

# Whatever can be decorated, and what it then does; as a module, with source.
KINDS = """
import asyncio, contextlib, functools, inspect, pickle

def identity(thing): return thing
decorate = identity

def build(decorate):
    @decorate
    def generator():
        try:
            got = yield 1
            yield got
        except KeyError:
            yield "caught"
        return 42
    @decorate
    async def async_generator():
        try:
            yield 1
        except ValueError:
            yield "caught"
    @decorate
    async def coroutine(x):
        await asyncio.sleep(0)
        return x
    @decorate
    def recursive(n):
        return n * recursive(n - 1) if n else 1
    @decorate
    def failing():
        raise LookupError("here")
    @decorate
    def signed(a, /, b: int = 2, *c, d, **e) -> str:
        "Documented."
    class Holder:
        def __init__(self): self.made = 0
        @decorate
        def method(self): return self
        @decorate
        @classmethod
        def of_class(cls): return cls
        @decorate
        @staticmethod
        def static(x): return x
        @decorate
        @property
        def prop(self): return "prop"
        @prop.setter
        def prop(self, value): self.value = value
        @decorate
        @functools.cached_property
        def cached(self):
            self.made += 1
            return self.made
        def _part(self, x): return x
        part = decorate(functools.partialmethod(_part, 7))
    return locals()

def facts(names):
    g, holder = names["generator"], names["Holder"]()
    def delegating():
        return (yield from g())
    def drained():
        iterator = delegating()
        sent = [next(iterator), iterator.send("sent")]
        try: next(iterator)
        except StopIteration as end: return sent, end.value
    def thrown():
        iterator = g()
        next(iterator)
        return iterator.throw(KeyError())
    async def athrown():
        iterator = names["async_generator"]()
        await anext(iterator)
        return await iterator.athrow(ValueError())
    try: names["failing"]()
    except LookupError as error: raised = str(error), len(inspect.trace())
    holder.prop = 5
    partial = names["partial"]
    return dict(
        drained=drained(), thrown=thrown(), athrown=asyncio.run(athrown()),
        coroutine=asyncio.run(names["coroutine"](8)), recursive=names["recursive"](6),
        raised=raised, signature=str(inspect.signature(names["signed"])),
        doc=names["signed"].__doc__, name=names["signed"].__qualname__,
        is_generator=inspect.isgeneratorfunction(g),
        is_coroutine=inspect.iscoroutinefunction(names["coroutine"]),
        is_async=inspect.isasyncgenfunction(names["async_generator"]),
        method=holder.method() is holder, of_class=type(holder).of_class() is type(holder),
        static=holder.static(3), prop=holder.prop, value=holder.value,
        cached=[holder.cached, holder.cached], part=holder.part(), partial=partial(4),
        kinds=[type(vars(type(holder))[name]).__name__
               for name in ("of_class", "static", "prop", "cached", "part")])

def with_partial(names, decorate):
    names["partial"] = decorate(functools.partial(pow, 2))
    return names
"""


class Runner:
    """Runs scripts in files, so that they have source, in a folder of their own."""

    def __init__(self, tracer: Tracer, folder: Path) -> None:
        self.python = tracer.python
        self.version = tracer.version
        self.folder = folder

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def run(self, *words: str, code: int = 0, text: str | None = None,
            **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("LINE_PROFILE")}
        done = subprocess.run([self.python, *words], capture_output=True, text=True, check=False,
                              timeout=120, cwd=self.folder, input=text,
                              env={**environment, **variables})
        assert done.returncode == code, done.stderr
        return done

    def told(self, script: str, *words: str, **variables: str) -> dict:  # type: ignore[type-arg]
        path = self.write("script.py", "")
        path.write_text(HEAD + textwrap.dedent(script))
        return json.loads(self.run(str(path), *words, **variables).stdout.splitlines()[-1])

    def kernprof(self, *words: str, **named: object) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "tare.compat.kernprof", *words, **named)  # type: ignore[arg-type]

    def timings(self, name: str) -> dict[str, dict[int, int]]:
        """Of an .lprof file: by function and line, its hits."""
        from tare.compat.line_profiler import load_stats

        stats = load_stats(self.folder / name)
        return {key[2]: {line: hits for line, hits, _ in rows}
                for key, rows in stats.timings.items()}
