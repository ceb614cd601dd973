"""What the runs say: measures of curves, intervals over runs, verdicts on claims.

What needs SciPy is imported on first use: scenario files, which `list` imports, name measures.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.statistics.claims.verdicts import Verdict, judge
    from benchmark.statistics.inference.intervals import Interval, compare, interval
    from benchmark.statistics.selection import ConditionResult
    from benchmark.statistics.summary import summarise

_ON_FIRST_USE = {
    "ConditionResult": "selection",
    "Interval": "inference.intervals",
    "Verdict": "claims.verdicts",
    "compare": "inference.intervals",
    "interval": "inference.intervals",
    "judge": "claims.verdicts",
    "summarise": "summary",
}


def __getattr__(name: str) -> Any:
    if name in _ON_FIRST_USE:
        return getattr(import_module(f"{__name__}.{_ON_FIRST_USE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "ConditionResult",
    "Interval",
    "Verdict",
    "compare",
    "interval",
    "judge",
    "summarise",
]
