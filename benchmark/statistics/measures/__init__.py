"""The built-in measures: one class each, with its computation, its bounds and its words.

No module here imports SciPy, as scenario files, which `list` imports, name measures.
"""

from benchmark.declare.measure import Measure
from benchmark.statistics.measures.custom import Custom
from benchmark.statistics.measures.decomposition import (
    EvaluationNoise,
    EvaluationShare,
    NoiseShare,
    TrendShare,
    WanderShare,
)
from benchmark.statistics.measures.fluctuation import (
    Drawup,
    Jitter,
    RelativeJitter,
    Variance,
    Wander,
    jitter,
)
from benchmark.statistics.measures.levels import (
    EvaluationGap,
    Final,
    GeneralisationGap,
    Level,
    RunSpread,
)
from benchmark.statistics.measures.outcomes import Diverged, Event, Spiked, StepsTo
from benchmark.statistics.measures.shape import (
    Autocorrelation,
    ReversalFraction,
    RiseFraction,
    SpikeRate,
    VonNeumann,
)
from benchmark.statistics.measures.spectrum import DominantPeriod, PeriodicityP
from benchmark.statistics.measures.standard import standard_measures

__all__ = [
    "Autocorrelation",
    "Custom",
    "Diverged",
    "DominantPeriod",
    "Drawup",
    "EvaluationGap",
    "EvaluationNoise",
    "EvaluationShare",
    "Event",
    "Final",
    "GeneralisationGap",
    "Jitter",
    "Level",
    "Measure",
    "NoiseShare",
    "PeriodicityP",
    "RelativeJitter",
    "ReversalFraction",
    "RiseFraction",
    "RunSpread",
    "SpikeRate",
    "Spiked",
    "StepsTo",
    "TrendShare",
    "Variance",
    "VonNeumann",
    "Wander",
    "WanderShare",
    "jitter",
    "standard_measures",
]
