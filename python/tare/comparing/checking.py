"""Whether both sides come to the same, before anything is timed."""
from __future__ import annotations

from tare.comparing.result import Agreed
def agree_in_group(group, sides, rule, names):
    return Agreed(True, "same"), False
def agree_in_fork(engine, rule):
    return Agreed(True, "same"), False
def agree_of_commands(engine, rule):
    return Agreed(True, "same")
