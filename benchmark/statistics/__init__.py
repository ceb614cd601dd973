"""What the runs say: measures of curves, intervals over runs, verdicts on claims.

What needs SciPy is imported on first use: scenario files, which `list` imports, name measures.
"""

from typing import TYPE_CHECKING

from benchmark.declare.lazy import on_first_use

if TYPE_CHECKING:
    from benchmark.statistics.claims.verdicts import Verdict, judge
    from benchmark.statistics.inference.intervals import Interval, compare, interval
    from benchmark.statistics.selection import ConditionResult

__all__ = ["ConditionResult", "Interval", "Verdict", "compare", "interval", "judge"]

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "benchmark.statistics.claims.verdicts": ("Verdict", "judge"),
        "benchmark.statistics.inference.intervals": ("Interval", "compare", "interval"),
        "benchmark.statistics.selection": ("ConditionResult",),
    },
)
