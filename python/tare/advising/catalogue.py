"""All rules, in the order in which tare advise --list shows them."""

from __future__ import annotations

from tare.advising.model import Rule
from tare.advising.rules import (
    building,
    calling,
    lookups,
    looping,
    mappings,
    numbers,
    ordering,
    searching,
    small,
)
from tare.advising.rules import text as writing

RULES: tuple[Rule, ...] = (
    *building.RULES,
    *searching.RULES,
    *mappings.RULES,
    *ordering.RULES,
    *looping.RULES,
    *lookups.RULES,
    *calling.RULES,
    *small.RULES,
    *writing.RULES,
    *numbers.RULES,
)
BY_ID = {rule.id: rule for rule in RULES}
