"""Calls a function again and again: what `tare advise FILE:FUNCTION` runs instead of a script.

It is the measured program's __main__, in any Python from 3.8 on, and imports nothing of Tare's.
Arguments are made anew for each call, which may change them. What the calls took goes to --times
as JSON, the first call's result to stdout when --result is given.
"""

import argparse
import importlib
import json
import sys
import time


def find(module, name):
    found = module
    for part in name.split("."):
        found = getattr(found, part)
    return found


def call(function, make, options):
    """So many calls, or for so many seconds; what they took."""
    wall_ns = cpu_ns = calls = 0
    until = time.perf_counter() + options.seconds
    while calls == 0 or (calls < options.calls if options.calls else time.perf_counter() < until):
        args = make()
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        result = function(*args)
        cpu_ns += time.process_time_ns() - cpu
        wall_ns += time.perf_counter_ns() - wall
        if calls == 0 and options.result:
            show(result)
        calls += 1
    return {"calls": calls, "wall_ns": wall_ns, "cpu_ns": cpu_ns}


def show(result):
    """Iterators are read out: their values are the result."""
    if hasattr(result, "__next__"):
        result = list(result)
    print("result:", repr(result))


def options_of(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder")
    parser.add_argument("--module")
    parser.add_argument("--name")
    parser.add_argument("--args", default="()")
    parser.add_argument("--setup", default="")
    parser.add_argument("--n", type=int)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--calls", type=int, default=0)
    parser.add_argument("--times")
    parser.add_argument("--result", action="store_true")
    return parser.parse_args(arguments)


def main():
    options = options_of(sys.argv[1:])
    sys.argv[1:] = []
    sys.path[0] = options.folder  # instead of the one of this file
    module = importlib.import_module(options.module)
    function = find(module, options.name)
    names = {**vars(module), "__name__": "arguments"}
    if options.n is not None:
        names["n"] = options.n
    exec(options.setup, names)
    code = compile(options.args, "<args>", "eval")

    def make():
        made = eval(code, names)
        return made if isinstance(made, tuple) else (made,)

    told = call(function, make, options)
    if options.times:
        with open(options.times, "w") as stream:
            json.dump(told, stream)


if __name__ == "__main__":
    main()
