"""tare.agreeing: do two results agree, and where do they not?

    tare.close(rtol=1e-6)               a Rule: what counts as the same
    tare.close(a, b, rtol=1e-6)         whether two values are
    tare.agreeing.difference(a, b)      where they differ first, or None
    tare.agreeing.compare(a, b)         the same with what was compared: an Agreement
    tare.agreeing.run(f, args)          what a call gives: result, exception, output, arguments
    tare.agreeing.compare_outcomes(x, y, rule)   of two such

Values are walked as deep as they go: containers, arrays, data frames, objects by their
attributes. Without a rule they agree when they are equal, in type too.
"""

from tare.agreeing.differing import Agreement, Difference, compare, difference
from tare.agreeing.rules import Rule, close
from tare.agreeing.running import Outcome, compare_outcomes, run
from tare.agreeing.text import compare_text

__all__ = [
    "Agreement",
    "Difference",
    "Outcome",
    "Rule",
    "close",
    "compare",
    "compare_outcomes",
    "compare_text",
    "difference",
    "run",
]
