"""Calls a function again and again: what `tare advise FILE:FUNCTION` runs instead of a script.

It is the measured program's __main__, in any Python from 3.8 on, and imports nothing of Tare's.
--args is what stands between the parentheses of the call. Arguments are made anew for each call,
which may change them. What the calls took goes to --times as JSON.
"""

import importlib
import json
import sys
import time

SECONDS = 1.0


def find(module, name):
    found = module
    for part in name.split("."):
        found = getattr(found, part)
    return found


def call(function, make, seconds, count):
    """So often, or without a count for so many seconds; how often that was, and what it took."""
    wall_ns = calls = 0
    until = time.perf_counter() + seconds
    while calls == 0 or (calls < count if count else time.perf_counter() < until):
        args, named = make()
        begun_ns = time.perf_counter_ns()
        result = function(*args, **named)
        for _ in result if hasattr(result, "__next__") else ():
            pass  # what a generator does, it does when it is read
        wall_ns += time.perf_counter_ns() - begun_ns
        calls += 1
    return {"calls": calls, "wall_ns": wall_ns}


def main():
    told = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    sys.argv[1:] = []
    sys.path[0] = told["--folder"]  # instead of the one of this file
    module = importlib.import_module(told["--module"])
    function = find(module, told["--name"])
    names = {**vars(module), "__name__": "arguments"}
    if "--n" in told:
        names["n"] = int(told["--n"])
    exec(told["--setup"], names)
    names["_tare_collect"] = lambda *args, **named: (args, named)
    code = compile("_tare_collect(%s\n)" % told["--args"], "<args>", "eval")

    def make():
        return eval(code, names)

    count = int(told.get("--calls", 0))
    found = call(function, make, float(told.get("--seconds", SECONDS)), count)
    if "--times" in told:
        with open(told["--times"], "w") as stream:
            json.dump(found, stream)


if __name__ == "__main__":
    main()
