"""Advice as SARIF 2.1.0, which editors and code scanning services read.

Files below the working directory are given relative to SRCROOT, as the services want them. A
change goes along as a fix unless it was tried and changed the result: then the advice itself is
left out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import quote

from tare import __version__
from tare.advising.copying import read_source
from tare.advising.model import Advice, Edit, Rule
from tare.advising.trying import CHANGED, Trial, Trials
from tare.render import units
from tare.render.advise_text import times
from tare.render.document import text

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
VERSION = "2.1.0"
LARGE_GAIN = 0.1  # of the program's time: a warning, below a note
ROOT = "SRCROOT"


def sarif_document(
    advice: Sequence[Advice], trials: Trials | None, folder: str
) -> dict[str, object]:
    tried = trials.tried if trials else []
    wrong = [id(trial.advice[0]) for trial in tried if trial.verdict == CHANGED]
    told = [one for one in advice if not one.silent and id(one) not in wrong]
    rules = list({one.rule.id: one.rule for one in told}.values())
    index = {rule.id: number for number, rule in enumerate(rules)}
    verdicts = {id(trial.advice[0]): trial for trial in tried}
    run = {
        "tool": {
            "driver": {
                "name": "tare advise",
                "version": __version__,
                "rules": [rule_part(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"uri": file_uri(folder.rstrip("/") + "/")}},
        "results": [
            result_part(one, index[one.rule.id], folder, verdicts.get(id(one))) for one in told
        ],
    }
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def file_uri(path: str) -> str:
    return "file://" + quote(path, errors="surrogateescape")


def rule_part(rule: Rule) -> dict[str, object]:
    said = rule.why if not rule.differs else f"{rule.why} It may differ: {rule.differs}"
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": said},
        "help": {"text": said},
        "properties": {"tags": ["performance"], "result": rule.same},
    }


def result_part(
    advice: Advice, index: int, folder: str, trial: Trial | None
) -> dict[str, object]:
    match = advice.match
    speed = times(advice.ratio)
    said = f"{text(match.message)}: {speed} faster here, {units.percent(advice.gain.value)} of the "
    part: dict[str, object] = {
        "ruleId": advice.rule.id,
        "ruleIndex": index,
        "level": "warning" if advice.gain.value >= LARGE_GAIN else "note",
        "message": {"text": f"{said}program's time"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": artifact(match.file, folder),
                    "region": {"startLine": match.line, "endLine": match.end_line},
                },
                "logicalLocations": [{"fullyQualifiedName": text(match.function)}],
            }
        ],
        "properties": {
            "share": advice.share.value,
            "gain": advice.gain.value,
            "ratio": advice.ratio.value,
            "size": advice.size,
            "verdict": trial.verdict if trial else None,
        },
    }
    edits = edits_of(advice)
    if edits:
        part["fixes"] = [fix_part(advice, edits, folder)]
    return part


def edits_of(advice: Advice) -> list[Edit]:
    try:
        return advice.rule.edits(advice.match, read_source(advice.match.file)) or []
    except (OSError, SyntaxError, ValueError):  # gone or changed since it was read
        return []


def artifact(file: str, folder: str) -> dict[str, object]:
    if file.startswith(folder.rstrip("/") + "/"):
        relative = os.path.relpath(file, folder)
        return {"uri": quote(relative, errors="surrogateescape"), "uriBaseId": ROOT}
    return {"uri": file_uri(file)}


def fix_part(advice: Advice, edits: Sequence[Edit], folder: str) -> dict[str, object]:
    return {
        "description": {"text": advice.rule.title},
        "artifactChanges": [
            {
                "artifactLocation": artifact(advice.match.file, folder),
                "replacements": [
                    {
                        "deletedRegion": {
                            "startLine": edit.start_line,
                            "startColumn": edit.start_col + 1,
                            "endLine": edit.end_line,
                            "endColumn": edit.end_col + 1,
                        },
                        "insertedContent": {"text": edit.text},
                    }
                    for edit in edits
                ],
            }
        ],
    }
