"""Known work in child processes, started in every way Python has.

usage: children.py subprocess|fork|spawn|forkserver|two-levels|exec [SECONDS]
"""

import json
import multiprocessing
import os
import subprocess
import sys
import time

from truth import seconds, tell

Result = dict[str, int]


def child_work(duration: float) -> Result:
    wall_ns, cpu_ns = time.perf_counter_ns(), time.process_time_ns()
    while time.perf_counter_ns() - wall_ns < duration * 1e9:
        x = 0
        for i in range(5_000):
            x ^= i
    return {"pid": os.getpid(), "child_work": time.perf_counter_ns() - wall_ns,
            "child_cpu": time.process_time_ns() - cpu_ns}


def answer(connection: object, duration: float) -> None:
    connection.send(child_work(duration))  # type: ignore[attr-defined]


def by_multiprocessing(method: str, duration: float) -> Result:
    context = multiprocessing.get_context(method)
    near, far = context.Pipe()
    child = context.Process(target=answer, args=(far, duration))
    child.start()
    result = near.recv()
    child.join()
    return result


def by_fork(duration: float) -> Result:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, json.dumps(child_work(duration)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return json.loads(os.read(reader, 1_000))


def by_subprocess(method: str, duration: float) -> Result:
    command = [sys.executable, __file__, method, str(duration)]
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return json.loads(out)


def main() -> None:
    method, duration = sys.argv[1], seconds(0.7, 2)
    if method == "exec":
        os.execv(sys.executable, [sys.executable, __file__, "alone", str(duration)])
    if method == "alone":
        result = child_work(duration)
    elif method == "subprocess":
        result = by_subprocess("alone", duration)
    elif method == "two-levels":
        result = by_subprocess("fork", duration)
    elif method == "fork":
        result = by_fork(duration)
    else:
        result = by_multiprocessing(method, duration)
    tell(**result)


if __name__ == "__main__":
    main()
