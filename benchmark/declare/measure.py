"""Measures: numbers computed from the curves of one run, declared by name.

A measure is only *named* here; `benchmark.statistics` knows how to compute it. That
keeps scenario files instant to import.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypedDict, Unpack, get_args

from benchmark.declare.errors import UserError, one_of, require

OverRuns = Literal["mean", "geometric_mean", "sd"]
Window = tuple[float, float]

SECOND_HALF: Window = (0.5, 1.0)

# Kind -> how many series it compares (None: as many as the user's function takes).
KINDS: dict[str, int | None] = {
    "level": 1,
    "final": 1,
    "jitter": 1,
    "relative_jitter": 1,
    "wander": 1,
    "run_spread": 1,
    "rise_fraction": 1,
    "drawup": 1,
    "reversal_fraction": 1,
    "von_neumann": 1,
    "dominant_period": 1,
    "periodicity_p": 1,
    "spike_rate": 1,
    "autocorrelation": 1,
    "variance": 1,
    "trend_share": 1,
    "wander_share": 1,
    "noise_share": 1,
    "evaluation_noise": 2,
    "evaluation_share": 2,
    "diverged": 1,
    "spiked": 1,
    "steps_to": 1,
    "evaluation_gap": 2,
    "generalisation_gap": 2,
    "custom": None,
}
# Words that mark a series of which more is better; its values are shares.
QUALITIES = ("accuracy", "recall", "precision")

# Kinds whose values are shares of something, or otherwise bounded, whatever the series.
_BOUNDED: dict[str, tuple[float, float]] = {
    "rise_fraction": (0.0, 1.0),
    "reversal_fraction": (0.0, 1.0),
    "von_neumann": (0.0, 4.5),
    "periodicity_p": (0.0, 1.0),
    "spike_rate": (0.0, 1.0),
    "autocorrelation": (-1.0, 1.0),
    "trend_share": (0.0, 1.0),
    "wander_share": (0.0, 1.0),
    "noise_share": (0.0, 1.0),
    "diverged": (0.0, 1.0),
    "spiked": (0.0, 1.0),
}
# Kinds that are bounded where the series is a share.
_BOUNDED_OF_SHARES: dict[str, tuple[float, float]] = {
    "level": (0.0, 1.0),
    "final": (0.0, 1.0),
    "jitter": (0.0, 1.0),
    "wander": (0.0, 2.0),
    "drawup": (0.0, 1.0),
    "variance": (0.0, 1.0),
    "evaluation_noise": (0.0, 1.0),
    "evaluation_gap": (-1.0, 1.0),
}
# Kinds that are sizes: positive whatever the series.
_SIZES = ("jitter", "relative_jitter", "wander", "drawup", "variance", "evaluation_noise")
_SIZES_OF_LOSSES = ("level", "final", *_SIZES)
_COUNTS = ("dominant_period", "steps_to")
# Kinds of events, which most points or runs are without: a rare one may not have been seen.
_EVENTS_IN_A_RUN = ("rise_fraction", "reversal_fraction", "spike_rate", "diverged", "spiked")
# These look at the whole run whatever the window, so a window there would be a lie.
WHOLE_RUN = frozenset({"final", "run_spread", "diverged", "spiked", "steps_to"})
# These say of a run that something happened (1) or not (0).
EVENTS = frozenset({"diverged", "spiked"})
# Kind -> the options it needs.
OPTIONS: dict[str, tuple[str, ...]] = {"autocorrelation": ("lag",), "steps_to": ("below",)}


@dataclass(frozen=True)
class Measure:
    """A number per run, computed from one recorded series (or two).

    Attributes:
        kind: what is computed, e.g. ``"jitter"``; see the catalogue of measures.
        of: the series' name, e.g. ``"train_loss"``, or a tuple of names for the kinds
            that compare series.
        window: share of the run that is used, ``(start, end)`` within [0, 1].
        over_runs: how the runs of one condition are summarised; None for what suits it:
            the geometric mean of positive measures, the mean of bounded ones and of those
            of either sign. Of a plain mean of unbounded skewed numbers no few runs can tell
            for sure, so ask for one only to hold it against a theory of means.
        options: further numbers of the kind, as ``(("lag", 1.0),)``.
        function: a user's own measure, ``array [run, time] -> [run]`` (kind ``"custom"``).
        label: the name of a user's own measure.
        bounds: between which its values lie, where they are bounded; known for the others.
        events: it counts events, of which a rare one may not have been seen in any run;
            known for the others.

    Raises:
        UserError: a field is not what it must be; the message names the field.
    """

    kind: str
    of: str | tuple[str, ...]
    window: Window = SECOND_HALF
    over_runs: OverRuns | None = None
    options: tuple[tuple[str, float], ...] = ()
    function: Callable[..., Any] | None = None
    label: str = ""
    bounds: tuple[float, float] | None = None
    events: bool = False

    def __post_init__(self) -> None:
        one_of("Measure kind", self.kind, KINDS)
        if self.over_runs is not None:
            one_of("Measure over_runs", self.over_runs, get_args(OverRuns))
        self._check_series()
        self._check_window()
        self._check_bounds()
        self._check_function()
        needed = OPTIONS.get(self.kind, ())
        given = tuple(option for option, _ in self.options)
        require(given == needed, f"Measure {self.kind} takes options {needed}, not {given}.")
        require(
            (self.kind == "custom") == (self.function is not None),
            f"Measure {self.kind}: a function is given for kind 'custom' and only there.",
        )
        require(
            (self.kind == "custom") == bool(self.label),
            f"Measure {self.kind}: a label is given for kind 'custom' and only there.",
        )

    def _check_series(self) -> None:
        names = self.series
        require(
            bool(names) and all(isinstance(name, str) and name for name in names),
            f"Measure {self.kind}: of is {self.of!r}, but must name one or more series.",
        )
        count = KINDS[self.kind]
        require(
            count is None or len(names) == count,
            f"Measure {self.kind} needs {count} series, but of is {self.of!r}.",
        )

    def _check_function(self) -> None:
        if self.function is None:
            return
        what, count = f"The function of measure {self.label!r}", len(self.series)
        require(
            callable(self.function), f"{what} is {self.function!r}, but must be a function."
        )
        try:
            signature = inspect.signature(self.function)
        except (TypeError, ValueError):
            # Some functions that are written in C do not say what they take.
            return
        try:
            signature.bind(*self.series)
        except TypeError as error:
            raise UserError(
                f"{what} must take one array for each of its {count} series, but {error}."
            ) from error

    def _check_window(self) -> None:
        try:
            start, end = (float(edge) for edge in self.window)
        except (TypeError, ValueError):
            raise UserError(
                f"Measure window is {self.window!r}, but must be (start, end)."
            ) from None
        require(
            0.0 <= start < end <= 1.0,
            f"Measure window is {self.window!r}, but must satisfy 0 <= start < end <= 1.",
        )
        require(
            self.kind not in WHOLE_RUN or self.window == SECOND_HALF,
            f"Measure {self.kind} looks at the whole run, so window must be left out.",
        )

    def _check_bounds(self) -> None:
        if self.bounds is None:
            return
        require(
            self.kind == "custom",
            f"Measure {self.kind}: bounds are given for kind 'custom' and only there.",
        )
        try:
            low, high = (float(edge) for edge in self.bounds)
        except (TypeError, ValueError):
            raise UserError(
                f"Measure bounds is {self.bounds!r}, but must be (lowest, highest)."
            ) from None
        require(low < high, f"Measure bounds is {self.bounds!r}, but lowest must be below.")

    @cached_property
    def summary(self) -> OverRuns:
        """How the runs of one condition are summarised."""
        return self.over_runs or self.usual

    @cached_property
    def usual(self) -> OverRuns:
        """The summary that suits the measure."""
        if self.kind == "run_spread":
            return "sd"
        if self.kind in _COUNTS:
            return "geometric_mean"
        if self.kind == "custom" or self.range is not None:
            return "mean"
        of_loss = all(name.endswith("loss") for name in self.series)
        sizes = _SIZES_OF_LOSSES if of_loss else _SIZES
        return "geometric_mean" if self.kind in sizes else "mean"

    @cached_property
    def range(self) -> tuple[float, float] | None:
        """Between which numbers a run's value must lie; None if it is not bounded."""
        if self.kind in _BOUNDED:
            return _BOUNDED[self.kind]
        if self.kind in _BOUNDED_OF_SHARES and all(map(is_quality, self.series)):
            return _BOUNDED_OF_SHARES[self.kind]
        return self.bounds

    @property
    def rare(self) -> bool:
        """Whether it counts events, of which a rare one may not have been seen in any run."""
        return self.kind in _EVENTS_IN_A_RUN or self.events

    @property
    def smallest(self) -> float:
        """What a count of nought is worth in a geometric mean."""
        return 0.5 if self.kind in _COUNTS else 0.0

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series the measure reads."""
        return (self.of,) if isinstance(self.of, str) else tuple(self.of)

    @cached_property
    def name(self) -> str:
        """Unique, stable name, e.g. ``jitter(train_loss)``.

        Window and summary over runs are appended where they are not the usual ones.
        """
        inside = [*self.series, *(f"{option}={value:g}" for option, value in self.options)]
        if self.window != SECOND_HALF:
            inside.append(f"window={self.window[0]:g}-{self.window[1]:g}")
        if self.summary != self.usual:
            inside.append(f"over_runs={self.over_runs}")
        return f"{self.label or self.kind}({', '.join(inside)})"


def is_quality(name: str) -> bool:
    """Whether more of the series is better, judged by its name."""
    return any(word in name for word in QUALITIES)


class How(TypedDict, total=False):
    """What every short constructor accepts besides the series."""

    window: Window
    over_runs: OverRuns | None


def Level(of: str, **how: Unpack[How]) -> Measure:
    """Mean over the window. A share, such as the probe ``step_rise``, is a level too."""
    return Measure("level", of, **how)


def Final(of: str, over_runs: OverRuns | None = None) -> Measure:
    """Last recorded value."""
    return Measure("final", of, over_runs=over_runs)


def Jitter(of: str, **how: Unpack[How]) -> Measure:
    """Size of the point-to-point noise on whatever smooth trend the curve has."""
    return Measure("jitter", of, **how)


def RelativeJitter(of: str, **how: Unpack[How]) -> Measure:
    """Jitter of the logarithm: 0.1 is about ten per cent. For losses."""
    return Measure("relative_jitter", of, **how)


def Wander(of: str, **how: Unpack[How]) -> Measure:
    """SD over time of a run's distance from the mean of the other runs."""
    return Measure("wander", of, **how)


def RunSpread(of: str) -> Measure:
    """SD over runs of the final value."""
    return Measure("run_spread", of, over_runs="sd")


def RiseFraction(of: str, **how: Unpack[How]) -> Measure:
    """Share of the times at which the next value is higher."""
    return Measure("rise_fraction", of, **how)


def Drawup(of: str, **how: Unpack[How]) -> Measure:
    """Largest setback from the best value so far (a fall, for accuracies)."""
    return Measure("drawup", of, **how)


def ReversalFraction(of: str, **how: Unpack[How]) -> Measure:
    """Share of interior points that are local extremes."""
    return Measure("reversal_fraction", of, **how)


def VonNeumann(of: str, **how: Unpack[How]) -> Measure:
    """Squared successive differences over variance: 2 for white noise, 4 for period 2."""
    return Measure("von_neumann", of, **how)


def DominantPeriod(of: str, **how: Unpack[How]) -> Measure:
    """Period of the periodogram's highest peak, in recorded points."""
    return Measure("dominant_period", of, **how)


def PeriodicityP(of: str, **how: Unpack[How]) -> Measure:
    """p-value of that peak against white noise."""
    return Measure("periodicity_p", of, **how)


def SpikeRate(of: str, **how: Unpack[How]) -> Measure:
    """Share of points that stick out by more than five robust SDs."""
    return Measure("spike_rate", of, **how)


def Autocorrelation(of: str, lag: int = 1, **how: Unpack[How]) -> Measure:
    """Correlation of the series with itself ``lag`` points later."""
    require(lag >= 1 and int(lag) == lag, f"Autocorrelation lag is {lag!r}, not 1, 2, 3, …")
    return Measure("autocorrelation", of, options=(("lag", lag),), **how)


def Variance(of: str, **how: Unpack[How]) -> Measure:
    """Plain variance over time."""
    return Measure("variance", of, **how)


def TrendShare(of: str, **how: Unpack[How]) -> Measure:
    """Share of a run's variance that is a straight line; see `WanderShare`."""
    return Measure("trend_share", of, **how)


def WanderShare(of: str, **how: Unpack[How]) -> Measure:
    """Share of a run's variance that is slow; trend, wander and noise sum to one."""
    return Measure("wander_share", of, **how)


def NoiseShare(of: str, **how: Unpack[How]) -> Measure:
    """Share of a run's variance that changes from point to point; see `WanderShare`."""
    return Measure("noise_share", of, **how)


def EvaluationNoise(metric: str = "loss", **how: Unpack[How]) -> Measure:
    """SD of the jitter that the finite validation set makes; needs `Evaluation.halves`."""
    return Measure("evaluation_noise", _halves(metric), **how)


def EvaluationShare(metric: str = "loss", **how: Unpack[How]) -> Measure:
    """The same as a share of a run's variance: the part of the curve that is not real."""
    return Measure("evaluation_share", _halves(metric), **how)


def _halves(metric: str) -> tuple[str, str]:
    return f"validation_a_{metric}", f"validation_b_{metric}"


def EvaluationGap(metric: str = "loss", **how: Unpack[How]) -> Measure:
    """Training metric as reported during the epoch minus the same at the epoch's end."""
    return Measure("evaluation_gap", (f"running_train_{metric}", f"train_{metric}"), **how)


def GeneralisationGap(**how: Unpack[How]) -> Measure:
    """Validation minus training loss at the epoch's end."""
    return Measure("generalisation_gap", ("validation_loss", "train_loss"), **how)


def Diverged(of: str = "train_loss") -> Measure:
    """1 for a run whose loss became non-finite, or ends far above where it began.

    Far is twice as high, and higher by five times the curve's own fluctuation. A run that
    came back from a spike has not diverged; see `Spiked`.
    """
    return Measure("diverged", of)


def Spiked(of: str = "train_loss") -> Measure:
    """1 for a run whose loss became non-finite or ever exceeded ten times the initial one."""
    return Measure("spiked", of)


def StepsTo(of: str, below: float, over_runs: OverRuns | None = None) -> Measure:
    """Epochs made (steps, for a step series) when the series is first below a level."""
    return Measure("steps_to", of, over_runs=over_runs, options=(("below", below),))


def Custom(
    name: str,
    of: str | tuple[str, ...],
    function: Callable[..., Any],
    bounds: tuple[float, float] | None = None,
    events: bool = False,
    **how: Unpack[How],
) -> Measure:
    """The user's own measure: ``function`` takes one array [run, time] per series.

    Times at which one of them has no value in any run are left out of all. Give ``bounds``
    where values cannot leave them, such as (0, 1) for a share, ``events=True`` where they
    count something that may be rare, and ``over_runs="geometric_mean"`` where they are
    positive without a bound: claims are then judged by what suits such numbers.
    """
    return Measure(
        "custom", of, function=function, label=name, bounds=bounds, events=events, **how
    )
