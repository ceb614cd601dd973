"""From a declared measure to its values: one number per run."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from benchmark.declare import measure as declare
from benchmark.declare.curves import Curves, Kept, PerRun, as_curves, recorded, windowed
from benchmark.declare.errors import UserError, one_of, own_call, require
from benchmark.declare.measure import Measure, is_quality
from benchmark.statistics.measures import decomposition as within
from benchmark.statistics.measures import fluctuation, outcomes, spectrum

_CURVE_MEASURES: dict[str, Callable[..., PerRun]] = {
    "level": fluctuation.level,
    "final": fluctuation.final,
    "run_spread": fluctuation.final,
    "jitter": fluctuation.jitter,
    "relative_jitter": fluctuation.relative_jitter,
    "wander": fluctuation.wander,
    "variance": fluctuation.variance,
    "trend_share": within.trend_share,
    "wander_share": within.wander_share,
    "noise_share": within.noise_share,
    "rise_fraction": fluctuation.rise_fraction,
    "reversal_fraction": fluctuation.reversal_fraction,
    "von_neumann": fluctuation.von_neumann,
    "dominant_period": spectrum.dominant_period,
    "periodicity_p": spectrum.periodicity_p,
    "steps_to": outcomes.steps_to,
}
_MIRRORED: dict[str, Callable[..., PerRun]] = {
    "drawup": fluctuation.drawup,
    "spike_rate": fluctuation.spike_rate,
}
_OF_TWO: dict[str, Callable[[Curves, Curves], PerRun]] = {
    "evaluation_noise": within.evaluation_noise,
    "evaluation_share": within.evaluation_share,
    "evaluation_gap": outcomes.evaluation_gap,
    "generalisation_gap": outcomes.generalisation_gap,
}
_EVENTS: dict[str, Callable[[Curves, PerRun | None], PerRun]] = {
    "diverged": outcomes.diverged,
    "spiked": outcomes.spiked,
}


def evaluate(measure: Measure, series: Mapping[str, Any]) -> PerRun:
    """The measure's value in each run.

    Args:
        measure: what is computed, and of which series.
        series: recorded series by name: [run, epoch], [run, epoch, step] or [run]. Times
            at which no run has a value (probes recorded now and then) are dropped.
            ``initial_<name>`` [run], where recorded, is what `diverged` and `spiked`
            start from.

    Returns:
        [run]; NaN for a run that diverged or in which the measure is not defined.

    Raises:
        UserError: a series is not recorded, or series to be compared differ in shape.
    """
    for name in measure.series:
        one_of(f"The series of {measure.name}", name, series)
    curves = [as_curves(series[name]) for name in measure.series]
    for other in curves[1:]:
        require(
            other.shape == curves[0].shape,
            f"{measure.name} compares series of different shapes, "
            f"{curves[0].shape} and {other.shape}.",
        )
    if measure.kind in _EVENTS:
        start = series.get(f"initial_{measure.series[0]}")
        start = None if start is None else as_curves(start)[:, 0]
        return _EVENTS[measure.kind](recorded(curves[0]), start)
    if measure.kind == "steps_to":
        return outcomes.steps_to(curves[0], **dict(measure.options))
    if measure.kind not in declare.WHOLE_RUN:
        curves = [windowed(curve, measure.window) for curve in curves]
    if measure.kind in _OF_TWO:
        return _OF_TWO[measure.kind](*_jointly_recorded(curves))
    if measure.kind == "custom":
        return _custom(measure, _jointly_recorded(curves))
    curves = [recorded(curve) for curve in curves]
    if measure.kind == "autocorrelation":
        return fluctuation.autocorrelation(curves[0], lag=int(dict(measure.options)["lag"]))
    if measure.kind in _MIRRORED:
        return _MIRRORED[measure.kind](curves[0], of_quality=is_quality(measure.series[0]))
    return _CURVE_MEASURES[measure.kind](curves[0])


def _jointly_recorded(curves: list[Curves]) -> list[Kept]:
    """Series without the times at which any of them has no value in any run."""
    absent = np.any([np.isnan(curve).all(axis=0) for curve in curves], axis=0)
    return [recorded(np.where(absent, np.nan, curve)) for curve in curves]


def _custom(measure: Measure, curves: list[Curves]) -> PerRun:
    assert measure.function is not None
    what = f"The function of measure {measure.name}"
    returned = own_call(what, measure.function, *curves)
    try:
        values = np.asarray(returned, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"{what} returns {returned!r}, which are no numbers.") from error
    require(
        values.shape == curves[0].shape[:1],
        f"{what} must return one value per run, shape {curves[0].shape[:1]}, but returned "
        f"shape {values.shape}.",
    )
    return values


def standard_measures(series_names: Collection[str]) -> tuple[Measure, ...]:
    """The measures reported for every recorded curve.

    Losses and qualities (accuracy, recall …) get the whole set, losses also the relative
    jitter; series of steps no periods; probes their level, final value and jitter.
    Comparisons are added where both series are there. Starting values (``initial_…``) are
    no curves, and halves of the validation set serve to find the evaluation's noise.
    """
    chosen: list[Measure] = []
    for name in series_names:
        if name.startswith(("initial_", *_HALVES)):
            continue
        chosen += [declare.Level(name), declare.Final(name), declare.Jitter(name)]
        if name.endswith("loss"):
            chosen.append(declare.RelativeJitter(name))
        if name.endswith("loss") or is_quality(name):
            chosen += [kind(name) for kind in _SHAPE_OF_CURVE]
            # Periods are counted in epochs; thousands of steps would only cost time.
            if not name.startswith("step_"):
                chosen += [declare.DominantPeriod(name), declare.PeriodicityP(name)]
    for metric in ("loss", "accuracy"):
        if {f"running_train_{metric}", f"train_{metric}"} <= set(series_names):
            chosen.append(declare.EvaluationGap(metric))
        if {f"{half}{metric}" for half in _HALVES} <= set(series_names):
            chosen += [declare.EvaluationNoise(metric), declare.EvaluationShare(metric)]
    if {"validation_loss", "train_loss"} <= set(series_names):
        chosen.append(declare.GeneralisationGap())
    if "train_loss" in series_names:
        chosen += [declare.Diverged(), declare.Spiked()]
    return tuple(chosen)


_HALVES = ("validation_a_", "validation_b_")

_SHAPE_OF_CURVE = (
    declare.Wander,
    declare.RunSpread,
    declare.RiseFraction,
    declare.Drawup,
    declare.ReversalFraction,
    declare.VonNeumann,
    declare.SpikeRate,
    declare.TrendShare,
    declare.WanderShare,
    declare.NoiseShare,
)
