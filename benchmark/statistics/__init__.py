"""What the runs say: measures of curves, intervals over runs, verdicts on claims."""

from benchmark.statistics.intervals import Interval, compare, interval
from benchmark.statistics.measures import evaluate, standard_measures
from benchmark.statistics.selection import ConditionResult
from benchmark.statistics.summary import summarise
from benchmark.statistics.verdicts import Verdict, judge

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
