"""Getting Tare into the target's interpreter: which extension module, and the environment for it.

tare-agent is preloaded into the interpreter's process. It takes its variables out of the
environment, loads the extension module that TARE_AGENT names and lets it be the interpreter's
main(). An extension module fits one version of CPython: Tare's own, or that of the Tare that is
installed in the other interpreter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from tare.cli.failure import UNREADABLE, Failure

# In the interpreter of the target, which may be any; -I, so that no code of its user runs.
PROBE = """\
import sys
try:
    import json, sysconfig, importlib.util
    found = importlib.util.find_spec("tare")
    spec = importlib.util.find_spec("tare.MODULE") if found else None
    print(json.dumps({
        "name": sys.implementation.name,
        "version": "%d.%d.%d" % sys.version_info[:3],
        "suffix": sysconfig.get_config_var("EXT_SUFFIX") or "",
        "free": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "extension": spec.origin if spec else "",
    }))
except ImportError:
    print("{}")
"""
PROBE_SECONDS = 30


def installed_agent() -> str:
    return _installed("_bin", "tare-agent.so")


def installed_native_agent() -> str:
    return _installed("_bin", "tare-agent-native.so")


def installed_clock_agent() -> str:
    return _installed("_bin", "tare-agent-clock.so")


def own_extension(module: str = "_trace") -> str:
    from importlib.machinery import EXTENSION_SUFFIXES

    return _installed(f"{module}{EXTENSION_SUFFIXES[0]}")


def _installed(*parts: str) -> str:
    """In the package; of an editable installation, in its build folder."""
    path = os.path.join(os.path.dirname(os.path.dirname(__file__)), *parts)
    if not os.path.exists(path):
        from importlib.resources import files  # slow to import, so only when it is needed

        path = str(files("tare").joinpath(*parts))
    if not os.path.exists(path):
        raise Failure(f"load {path}: it is not there; install tare-profiler anew")
    return path


def find_extension(python: str, module: str = "_trace") -> str:
    """The extension module of that name for that interpreter."""
    own = own_extension(module)
    if _same_interpreter(python):
        return own
    told = _ask(python, module)
    name, version = told.get("name", ""), told.get("version", "")
    if name != "cpython" or told.get("free"):
        kind = "a free-threaded build" if told.get("free") else name or "too old"
        raise Failure(
            f"measure {python}: it is {kind} ({version or 'no version'}); "
            "measuring from within needs CPython 3.11 or newer with a GIL",
            UNREADABLE,
        )
    if own.endswith(module + str(told["suffix"])):
        return own
    if not told["extension"]:
        raise Failure(
            f"measure {python}: it is Python {version} and this Tare was built for "
            f"{sys.version_info[0]}.{sys.version_info[1]}; install tare-profiler there too",
            UNREADABLE,
        )
    return str(told["extension"])


def _same_interpreter(python: str) -> bool:
    import shutil

    found = shutil.which(python)
    return found is not None and os.path.realpath(found) == os.path.realpath(sys.executable)


def _ask(python: str, module: str) -> dict[str, object]:
    try:
        done = subprocess.run(
            [python, "-I", "-c", PROBE.replace("MODULE", module)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=PROBE_SECONDS,
        )
        told: dict[str, object] = json.loads(done.stdout)
        return told
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        words = f"exit code {error.returncode}" if isinstance(
            error, subprocess.CalledProcessError
        ) else str(error)
        raise Failure(
            f"measure {python}: it does not say which Python it is: {words}; "
            "give an interpreter with --python",
            UNREADABLE,
        ) from None


def environment_for(
    extension: str, variables: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """What the target's process is started with; the agent makes it environ again."""
    agent = installed_agent()
    if any(letter in agent for letter in " :"):  # both separate the words of LD_PRELOAD
        raise Failure(f"load {agent}: blanks and colons do not work; install Tare elsewhere")
    if variables.get("NATIVE") == "1":
        agent = f"{agent}:{installed_native_agent()}"
    if variables.get("CLOCK") == "1":
        agent = f"{agent}:{installed_clock_agent()}"
    preloaded = environ.get("LD_PRELOAD")
    added = {f"TARE_AGENT_{name}": value for name, value in variables.items()}
    added["TARE_AGENT"] = extension
    added["LD_PRELOAD"] = agent if not preloaded else f"{agent}:{preloaded}"
    if preloaded is not None:
        added["TARE_AGENT_PRELOAD"] = preloaded
    return {**environ, **added}
