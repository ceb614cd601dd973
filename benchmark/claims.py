"""Claims: what they may expect, and what is needed to write an expectation of one's own.

`Expectation` shows how; `Claim` is what a scenario lists.
"""

from benchmark.declare.claims import (
    Claim,
    Expectation,
    Selection,
    check_axis,
    check_ends,
    check_path,
    check_selection,
    number,
)
from benchmark.statistics.claims.comparison import Comparison, Difference, Ratio
from benchmark.statistics.claims.evidence import Evidence, Finding, weigh
from benchmark.statistics.claims.level import Equals, NoEffect, Within
from benchmark.statistics.claims.peak import Peaks
from benchmark.statistics.claims.picture import Band, Law, Picture, Place, Theory
from benchmark.statistics.claims.region import Region
from benchmark.statistics.claims.share import Share
from benchmark.statistics.claims.summaries import Columns, Table, doses
from benchmark.statistics.claims.trend import Decreases, Increases, PowerLaw, Trend
from benchmark.statistics.claims.verdicts import Verdict, judge
from benchmark.statistics.selection import ConditionResult, Unanswerable

__all__ = [
    "Band",
    "Claim",
    "Columns",
    "Comparison",
    "ConditionResult",
    "Decreases",
    "Difference",
    "Equals",
    "Evidence",
    "Expectation",
    "Finding",
    "Increases",
    "Law",
    "NoEffect",
    "Peaks",
    "Picture",
    "Place",
    "PowerLaw",
    "Ratio",
    "Region",
    "Selection",
    "Share",
    "Table",
    "Theory",
    "Trend",
    "Unanswerable",
    "Verdict",
    "Within",
    "check_axis",
    "check_ends",
    "check_path",
    "check_selection",
    "doses",
    "judge",
    "number",
    "weigh",
]
