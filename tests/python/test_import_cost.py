"""What starting Tare loads: counts of modules, never seconds."""

import json
import subprocess
import sys

import pytest

LISTING = """
import json, sys
before = set(sys.modules)
{}
print(json.dumps(sorted(set(sys.modules) - before)))
"""
HEAVY = ("rich", "typing", "asyncio", "dataclasses", "inspect", "tare._profile", "tare._trace",
         "tomllib")


def modules_loaded(statement):
    command = [sys.executable, "-c", LISTING.format(statement)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def test_import_loads_nothing_but_itself():
    assert modules_loaded("import tare") == ["tare"]


def test_help_needs_neither_rich_nor_argparse():
    listing = "import io; sys.stdout, out = io.StringIO(), sys.stdout"
    loaded = modules_loaded(
        f"{listing}; from tare.cli import main; main(['--help']); sys.stdout = out"
    )
    assert [name for name in loaded if name.split(".")[0] in (*HEAVY, "argparse")] == []
    assert "tare._profile" not in loaded


@pytest.mark.parametrize(
    "command",
    ["run", "attach", "top", "dump", "report", "view", "trace", "export", "import_", "doctor"],
)
def test_commands_import_no_rich(command):
    loaded = modules_loaded(f"import tare.cli.{command}")
    assert [name for name in loaded if name.split(".")[0] in ("rich", "asyncio")] == []


def test_a_page_is_made_without_rich():
    modules = "tare.viewer, tare.viewer.page, tare.viewer.sources, tare.viewer.server"
    loaded = modules_loaded(f"import {modules}")
    assert [name for name in loaded if name.split(".")[0] in ("rich", "asyncio")] == []
    assert "http.server" not in loaded and "email" not in loaded


def test_names_are_loaded_when_used():
    assert "tare._profile" in modules_loaded("import tare; tare.load")
    assert "tare._profile" not in modules_loaded("import tare; tare.Error")
