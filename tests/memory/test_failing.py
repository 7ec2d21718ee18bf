"""A program whose k-th request for memory is refused: it gets what it gets without Tare."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from measuring import Measurer

REQUESTS = 150  # more than the program makes

# Each outcome is what the program made of it: a result, or the exception and its arguments.
SCRIPT = """
import gc, json, sys
sys.path.insert(0, {folder!r})
import failing
from tare import _memory
failing.install()
measured = {measured}

def grow():
    out, text = [], ""
    for i in range(12):
        out.append([float(i), str(i) * 30, {{i: None}}])  # lists and dicts are moved
        text += "a part "
    table = {{(i, text): bytes(600 * i) for i in range(7)}}
    return len(out), len(table), out[3][1][:4]

def attempt(k):
    try:
        failing.arm(k)
        found = grow()
    except BaseException as error:
        failing.disarm()
        found = [type(error).__name__, list(map(str, error.args))]
    return found

def run():
    outcomes = []
    for k in range(1, {requests} + 1):
        gc.collect()  # empties the free lists
        found = attempt(k)
        outcomes.append((found, failing.disarm()))
    text = json.dumps(outcomes)
    del outcomes, found
    gc.collect()
    return text

gc.disable()
run()
if measured:
    _memory.start(sample_bytes={sample_bytes})
    before = _memory.counters()
told = {{"outcomes": run()}}
if measured:
    now = _memory.counters()
    told["left"] = now["live_count"] - before["live_count"]
    told["counters"] = now
    _memory.stop()
print(json.dumps(told))
"""


def build(python: str, folder: Path) -> None:
    """The extension module of failing.c, for an interpreter."""
    asked = "import json, sysconfig as s; print(json.dumps([s.get_config_var('CC'), " \
            "s.get_config_var('EXT_SUFFIX'), s.get_paths()['include']]))"
    said = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
    compiler, suffix, include = json.loads(said.stdout)
    named = (os.environ.get("CC") or compiler or "cc").split()[0]
    found = shutil.which(named) or shutil.which("cc") or pytest.skip("no C compiler")
    subprocess.run([found, "-O1", "-fPIC", "-shared", f"-I{include}",
                    Path(__file__).with_name("failing.c"), "-o", folder / f"failing{suffix}"],
                   check=True)


@pytest.fixture(scope="module")
def folder(measurer: Measurer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("failing")
    build(measurer.python, folder)
    return folder


def run(measurer: Measurer, folder: Path, measured: bool, sample_bytes: int = 0) -> dict:
    script = SCRIPT.format(folder=str(folder), measured=measured, requests=REQUESTS,
                           sample_bytes=sample_bytes)
    return json.loads(measurer.print(script, PYTHONHASHSEED="0"))


@pytest.fixture(scope="module")
def plain(measurer: Measurer, folder: Path) -> list:
    return json.loads(run(measurer, folder, False)["outcomes"])


@pytest.mark.parametrize("sample_bytes", [0, 200])
def test_a_refused_request_is_the_programs_own_matter(
    measurer: Measurer, folder: Path, plain: list, sample_bytes: int
) -> None:
    refused = [outcome for outcome, failed in plain if failed]
    assert len(refused) > 60 and ["MemoryError", []] in refused
    assert plain[-1] == [[12, 7, "3333"], 0]  # there is an end to the requests

    told = run(measurer, folder, True, sample_bytes)
    assert json.loads(told["outcomes"]) == plain
    counters = told["counters"]
    assert counters["lost_count"] == 0
    assert counters["alloc_bytes"] == counters["live_bytes"] + counters["freed_bytes"]
    if not sample_bytes:
        # The text of the outcomes; what was refused, or moved in vain, has left nothing.
        assert 0 < told["left"] < REQUESTS / 10
        assert counters["alloc_count"] > 60 * 60
