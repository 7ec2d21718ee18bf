"""Is B faster than A? Ratios with intervals, for as long as it takes to tell.

    compare(f, g, args)       functions of this process
    statements(setup, a, b)   code, in fresh processes
    measure(a, b, plan)       anything that sides.py knows
"""

from tare.comparing.calling import compare, statements
from tare.comparing.driving import CompareError
from tare.comparing.result import Comparison
from tare.comparing.running import Plan, measure

__all__ = ["CompareError", "Comparison", "Plan", "compare", "measure", "statements"]
