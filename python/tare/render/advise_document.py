"""What tare advise found, as JSON. Shares and gains are parts of the program's time."""

from __future__ import annotations

from collections.abc import Sequence

from tare.advising.model import Advice, Rule
from tare.advising.scaling import Growth, Scaling, order
from tare.advising.trying import Trial, Trials
from tare.render.document import estimate_part, text, text_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.cli.advise import Found

ADVICE_SCHEMA = "tare.advise/1"
RULES_SCHEMA = "tare.advise.rules/1"
SCALING_SCHEMA = "tare.advise.scaling/1"


def advice_document(found: Found, everything: bool) -> dict[str, object]:
    told = [advice for advice in found.advice if everything or not advice.silent]
    return {
        "schema": ADVICE_SCHEMA,
        "target": text(found.label),
        "python": text(found.python),
        "advice": [advice_part(advice) for advice in told],
        "silent_count": sum(1 for advice in found.advice if advice.silent),
        "notes": text_list(list(found.notes)),
        "trials": None if found.trials is None else trials_part(found.trials, told),
    }


def advice_part(advice: Advice) -> dict[str, object]:
    match = advice.match
    return {
        "rule": advice.rule.id,
        "message": text(match.message),
        "file": text(match.file),
        "line": match.line,
        "end_line": match.end_line,
        "function": text(match.function),
        "share": estimate_part(advice.share),
        "size": advice.size,
        "hits": advice.hits,
        "ratio": estimate_part(advice.ratio),
        "crossover": advice.crossover,
        "gain": estimate_part(advice.gain),
        "timed": [{"n": n, "ratio": estimate_part(ratio)} for n, ratio in advice.speedups],
        "result": advice.rule.same,
        "differs": advice.rule.differs,
        "by_machine": advice.rule.rewrite is not None,
        "silent": text(advice.silent),
    }


def trials_part(trials: Trials, told: Sequence[Advice]) -> dict[str, object]:
    return {
        "compared": trials.compared,
        "unsteady": trials.unsteady,
        "tried": [trial_part(trial, told) for trial in trials.tried],
        "together": None if trials.together is None else trial_part(trials.together, told),
    }


def trial_part(trial: Trial, told: Sequence[Advice]) -> dict[str, object]:
    difference = trial.difference
    return {
        "advice": [index for index, one in enumerate(told) if any(one is a for a in trial.advice)],
        "verdict": trial.verdict,
        "reason": text(trial.reason),
        "ratio": None if trial.ratio is None else estimate_part(trial.ratio),
        "processes": trial.processes,
        "patch": text(trial.patch),
        "difference": None
        if difference is None
        else {
            "where": difference.where,
            "before": text(difference.before),
            "after": text(difference.after),
        },
    }


def rules_document(rules: Sequence[Rule]) -> dict[str, object]:
    return {
        "schema": RULES_SCHEMA,
        "rules": [
            {
                "id": rule.id,
                "title": rule.title,
                "why": rule.why,
                "result": rule.same,
                "differs": rule.differs,
                "by_machine": rule.rewrite is not None,
                "since": list(rule.since),
            }
            for rule in rules
        ],
    }


def scaling_document(found: Scaling) -> dict[str, object]:
    return {
        "schema": SCALING_SCHEMA,
        "target": text(found.subject.label()),
        "sizes": list(found.sizes),
        "rounds": found.rounds,
        "whole": growth_part(found.whole),
        "functions": [growth_part(growth) for growth in found.functions],
        "lines": [growth_part(growth) for growth in found.lines],
        "hints": [
            {
                "rule": match.rule.id,
                "file": text(match.file),
                "line": match.line,
                "function": text(match.function),
                "message": text(match.message),
            }
            for match in found.hints
        ],
    }


def growth_part(growth: Growth) -> dict[str, object]:
    return {
        "file": text(growth.file),
        "line": growth.line,
        "function": text(growth.qualname),
        "times_ns": [round(ns) for ns in growth.times_ns],
        "exponent": None if growth.exponent is None else estimate_part(growth.exponent),
        "order": order(growth.exponent),
        "steep": growth.steep,
        "share": growth.share,
    }
