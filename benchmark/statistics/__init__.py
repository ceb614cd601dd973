"""What the runs say: measures of curves, intervals over runs, verdicts on claims."""

from benchmark.statistics.claims.verdicts import Verdict, judge
from benchmark.statistics.inference.intervals import Interval, compare, interval
from benchmark.statistics.measures import evaluate, standard_measures
from benchmark.statistics.selection import ConditionResult
from benchmark.statistics.summary import summarise

__all__ = [
    "ConditionResult",
    "Interval",
    "Verdict",
    "compare",
    "evaluate",
    "interval",
    "judge",
    "standard_measures",
    "summarise",
]
