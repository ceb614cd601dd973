"""The measures that are reported for every recorded curve."""

from collections.abc import Collection

from benchmark.declare.measure import Measure
from benchmark.declare.series import halves, parse
from benchmark.statistics.measures.decomposition import (
    EvaluationNoise,
    EvaluationShare,
    NoiseShare,
    TrendShare,
    WanderShare,
)
from benchmark.statistics.measures.fluctuation import Drawup, Jitter, RelativeJitter, Wander
from benchmark.statistics.measures.levels import (
    EvaluationGap,
    Final,
    GeneralisationGap,
    Level,
    RunSpread,
)
from benchmark.statistics.measures.outcomes import Diverged, Spiked
from benchmark.statistics.measures.shape import (
    ReversalFraction,
    RiseFraction,
    SpikeRate,
    VonNeumann,
)
from benchmark.statistics.measures.spectrum import DominantPeriod, PeriodicityP

_OF_EVERY_METRIC = (
    Wander,
    RunSpread,
    RiseFraction,
    Drawup,
    ReversalFraction,
    VonNeumann,
    SpikeRate,
    TrendShare,
    WanderShare,
    NoiseShare,
)


def standard_measures(series_names: Collection[str]) -> tuple[Measure, ...]:
    """The measures reported for every recorded curve.

    Losses and qualities (accuracy, recall …) get the whole set, losses also the relative
    jitter; series of steps no periods; probes their level, final value and jitter.
    Comparisons are added where both series are there. Starting values (``initial_…``) are
    no curves, and halves of the validation set serve to find the evaluation's noise.
    """
    there, chosen = set(series_names), list[Measure]()
    for name in series_names:
        chosen += _of_one(name)
    for metric in ("loss", "accuracy"):
        if there.issuperset((gap := EvaluationGap(metric)).series):
            chosen.append(gap)
        if there.issuperset(halves(metric)):
            chosen += [EvaluationNoise(metric), EvaluationShare(metric)]
    if there.issuperset((gap := GeneralisationGap()).series):
        chosen.append(gap)
    for event in (Diverged(), Spiked()):
        if there.issuperset(event.series):
            chosen.append(event)
    return tuple(chosen)


def _of_one(name: str) -> list[Measure]:
    named = parse(name)
    if named.look == "initial" or named.half:
        return []
    chosen: list[Measure] = [Level(name), Final(name), Jitter(name)]
    if named.is_loss:
        chosen.append(RelativeJitter(name))
    if named.is_loss or named.is_share:
        chosen += [measure(name) for measure in _OF_EVERY_METRIC]
        # Periods are counted in epochs; thousands of steps would only cost time.
        if not named.per_step:
            chosen += [DominantPeriod(name), PeriodicityP(name)]
    return chosen
