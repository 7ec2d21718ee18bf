"""What tare bench found, as a document: printed as JSON, kept for a machine, read again."""

from __future__ import annotations

import json
import math
import os
import platform
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tare.stones.interpreters import Interpreter
from tare.stones.measuring import REFERENCE_STONES, Estimate, Kernel, Result
from tare.stones.tarestones import REFERENCE

SCHEMA = "tare.bench/1"
MOST_BYTES = 1 << 24  # of a file


class Refused(NamedTuple):
    """An interpreter that could not be measured, and why."""

    name: str
    path: str
    trouble: str


class Machine(NamedTuple):
    host: str
    processor: str
    cpu_count: int
    system: str


class Findings(NamedTuple):
    created_unix_ns: int
    machine: Machine
    size: str  # full, small: only results of one size can be compared
    results: list[Result]
    refused: list[Refused]


def this_machine() -> Machine:
    system = f"{platform.system()} {platform.release()}"
    return Machine(platform.node(), processor(), os.cpu_count() or 1, system)


def processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith(("model name", "Model")):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()


def gather(size: str, results: list[Result], refused: list[Refused]) -> Findings:
    return Findings(time.time_ns(), this_machine(), size, results, refused)


def document(findings: Findings) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "created_unix_ns": findings.created_unix_ns,
        "machine": findings.machine._asdict(),
        "size": findings.size,
        "reference": {"stones": REFERENCE_STONES, "words": REFERENCE},
        "interpreters": [result_part(result) for result in findings.results],
        "refused": [refused._asdict() for refused in findings.refused],
    }


def result_part(result: Result) -> dict[str, object]:
    return {
        "name": result.interpreter.name,
        **result.interpreter._asdict(),
        "clock_kind": result.clock_kind,
        "processes": result.processes,
        "stones": estimate_part(result.stones) if result.stones else None,
        "unsteady": result.unsteady,
        "process_stones": result.process_stones,
        "start_cpu_ns": estimate_part(result.start_cpu_ns),
        "start_wall_ns": estimate_part(result.start_wall_ns),
        "begin_bytes": result.begin_bytes,
        "peak_bytes": result.peak_bytes,
        "kernels": [
            {
                "name": kernel.name,
                "cold_ns": estimate_part(kernel.cold_ns),
                "pass_ns": estimate_part(kernel.pass_ns),
                "stones": estimate_part(kernel.stones),
                "warm_up": kernel.warm_up,
                "steady_rounds": kernel.steady_rounds,
                "drift": kernel.drift,
                "unsteady": kernel.unsteady,
            }
            for kernel in result.kernels
        ],
    }


def estimate_part(estimate: Estimate) -> dict[str, float | None]:
    """JSON has no infinity: a bound that is not known is null."""
    numbers = zip(("value", "low", "high"), estimate, strict=True)
    return {name: number if math.isfinite(number) else None for name, number in numbers}


def load(path: str) -> Findings:
    """What a file holds; OSError, or ValueError where it is something else."""
    with open(path, "rb") as stream:
        data = stream.read(MOST_BYTES)
    try:
        found = json.loads(data)
        if found["schema"] != SCHEMA:
            raise ValueError("no result of tare bench")
        return Findings(
            int(found["created_unix_ns"]),
            Machine(**{name: found["machine"][name] for name in Machine._fields}),
            str(found["size"]),
            [read_result(part) for part in found["interpreters"]],
            [Refused(**part) for part in found["refused"]],
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no result of tare bench ({type(error).__name__})") from None


def read_result(part: Mapping[str, Any]) -> Result:
    return Result(
        Interpreter(str(part["path"]), str(part["implementation"]), str(part["version"])),
        str(part["clock_kind"]),
        int(part["processes"]),
        read_kernels(part["kernels"]),
        read_estimate(part["stones"]) if part["stones"] else None,
        read_estimate(part["start_cpu_ns"]),
        read_estimate(part["start_wall_ns"]),
        int(part["begin_bytes"]),
        int(part["peak_bytes"]),
        [float(value) for value in part["process_stones"]],
    )


def read_kernels(parts: Sequence[Mapping[str, Any]]) -> list[Kernel]:
    if not parts:
        raise ValueError("no kernels")
    return [
        Kernel(
            str(part["name"]),
            read_estimate(part["cold_ns"]),
            read_estimate(part["pass_ns"]),
            read_estimate(part["stones"]),
            str(part["warm_up"]),
            part["steady_rounds"],
            float(part["drift"]),
            bool(part["unsteady"]),
        )
        for part in parts
    ]


def read_estimate(part: Mapping[str, Any]) -> Estimate:
    low = 0.0 if part["low"] is None else float(part["low"])
    high = math.inf if part["high"] is None else float(part["high"])
    value = float(part["value"])
    if not 0 < value < math.inf or not low <= value <= high:
        raise ValueError("no estimate")
    return Estimate(value, low, high)
