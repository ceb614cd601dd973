"""What the runs say: measures of curves, intervals over runs, verdicts on claims.

What needs SciPy is imported on first use: scenario files, which `list` imports, name measures.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.statistics.intervals import Interval, compare, interval
    from benchmark.statistics.selection import ConditionResult
    from benchmark.statistics.summary import summarise
    from benchmark.statistics.verdicts import Verdict, judge

_ON_FIRST_USE = {
    "ConditionResult": "selection",
    "Interval": "intervals",
    "Verdict": "verdicts",
    "compare": "intervals",
    "interval": "intervals",
    "judge": "verdicts",
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
