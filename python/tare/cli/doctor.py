"""tare doctor: what this machine lets Tare measure, and how well."""

from __future__ import annotations

import sys

from tare.checks import BAD, Finding
from tare.cli.failure import OK, UNREADABLE
from tare.cli.parser import make_parser

NAMES = ("json", "color", "quiet")
DESCRIPTION = """\
Checks permissions, clocks, the machine and the interpreters in about a second.
Ends with 3 when something keeps Tare from measuring at all."""
SCHEMA = "tare.doctor/1"


def run(arguments: list[str]) -> int:
    parser = make_parser("doctor", "[OPTION...]", DESCRIPTION, NAMES)
    options = parser.parse_args(arguments)
    findings = examine()
    if options.json:
        print_json(findings)
    else:
        from tare.render.doctor import print_findings
        from tare.render.terminal import Screen

        print_findings(Screen(sys.stdout, options.color), findings, options.quiet)
    return UNREADABLE if any(finding.grade == BAD for finding in findings) else OK


def examine() -> list[Finding]:
    from tare.checks import access, machine, software, timing

    return [
        software.check_sampler(),
        software.check_reading(),
        software.check_interpreters(),
        access.check_child(),
        access.check_stranger(),
        access.check_scope(),
        access.check_capability(),
        access.check_seccomp(),
        timing.check_clock(),
        timing.check_wake_up(),
        timing.check_noise(),
        machine.check_processors(),
        machine.check_load(),
        machine.check_frequency(),
    ]


def print_json(findings: list[Finding]) -> None:
    import json

    document = {"schema": SCHEMA, "findings": [finding._asdict() for finding in findings]}
    print(json.dumps(document, indent=2))
