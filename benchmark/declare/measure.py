"""Measures: numbers computed from the recorded curves of one run, one class each.

A class says everything about its measure: how it is computed, between which bounds its values
lie, how they are summarised over runs, its unit, and what it is called. The measures that come
with the benchmark are in `benchmark.statistics.measures`.
"""

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from typing import Any, ClassVar, Literal

import numpy as np

from benchmark.declare.curves import Curves, PerRun, as_curves, recorded_jointly, windowed
from benchmark.declare.errors import UserError, one_of, own_call, require
from benchmark.declare.fields import Declared
from benchmark.declare.series import SeriesName, parse

OverRuns = Literal["mean", "geometric_mean", "sd"]
Window = tuple[float, float]

SECOND_HALF: Window = (0.5, 1.0)
_SUMMARIES = {"mean": "mean", "geometric_mean": "geometric mean", "sd": "SD"}


@dataclass(frozen=True)
class Measure(Declared, ABC):
    """A number per run, computed from one recorded series or several.

    Define one of your own by `values`, and say what the class attributes say of it:

    >>> class Range(Measure):
    ...     "Highest minus lowest value."
    ...
    ...     unit, positive, shortest = "{unit}", True, 2
    ...
    ...     def values(self, curves):
    ...         return curves.max(axis=1) - curves.min(axis=1)
    >>> measure = Range("train_loss", window=(0.0, 1.0))
    >>> measure.evaluate({"train_loss": [[3.0, 2.0, 2.5], [3.0, np.inf, 1.0]]})
    array([ 1., nan])
    >>> measure.name, measure.words, measure.summary
    ('range(train_loss, window=0-1)', 'range of the training loss, whole run', 'geometric_mean')
    >>> measure.axis("cross_entropy", steps=False)
    'range (nats)'

    A measure with settings of its own is a frozen dataclass; they are part of its name:

    >>> @dataclass(frozen=True)
    ... class Above(Measure):
    ...     level: float = 1.0
    ...     says, unit = "how often the {of} is above {level:g}", "of {time}"
    ...     bounds = (0.0, 1.0)
    ...
    ...     def values(self, curves):
    ...         return np.mean(curves > self.level, axis=1)
    >>> Above("train_loss", 2.0).name, Above("train_loss", 2.0).words
    ('above(train_loss, level=2)', 'how often the training loss is above 2')

    Attributes:
        of: name of the series, e.g. ``"train_loss"``, or names for a measure of several.
        window: share of the run that is used, ``(start, end)`` within [0, 1].
        over_runs: how the runs of one condition are summarised; None for what suits it:
            the geometric mean of positive measures, the mean of bounded ones and of those
            of either sign. Of a plain mean of unbounded skewed numbers no few runs can tell
            for sure, so ask for one only to hold it against a theory of means.
        says: (class attribute, like all that follow) what it is, in words: ``{of}`` stands for
            its first series, ``{other}`` for its last, a setting's name for the setting;
            "NAME of the {of}" if empty, with the name of the class.
        short: the same without its series, for axes; the name of the class if empty.
        unit: ``{unit}`` stands for that of the series and ``{time}`` for "epochs" or "steps";
            "" for a pure number. One that begins with "of" says which share of what.
        bounds: between which its values lie; None if they are not bounded.
        bounds_of_shares: the same where its series are shares, such as accuracies.
        positive: it is positive without a bound, so that factors are what compares it.
        smallest: what a count of nought is worth in a geometric mean.
        rare: it counts events, of which a rare one may not have been seen in any run.
        is_shape: it tells how a curve fluctuates and not how much; of rounding it says nothing.
        is_difference: it is a difference of single recorded numbers, which are resolved no
            better than they are, even where it is exactly 0.
        whole_run: it looks at the whole run, so that a window would be a lie.
        shortest: times that it needs at least; its value in shorter curves is NaN.
        takes_diverged: `values` is given all runs; else those without any NaN or infinity, and
            the value of the others is NaN.

    Raises:
        UserError: a field is not what it must be; the message names the field.
    """

    of: str | tuple[str, ...]
    window: Window = field(default=SECOND_HALF, kw_only=True)
    over_runs: OverRuns | None = field(default=None, kw_only=True)

    says: ClassVar[str] = ""
    short: ClassVar[str] = ""
    unit: ClassVar[str] = ""
    bounds: ClassVar[tuple[float, float] | None] = None
    bounds_of_shares: ClassVar[tuple[float, float] | None] = None
    positive: ClassVar[bool] = False
    smallest: ClassVar[float] = 0.0
    rare: ClassVar[bool] = False
    is_shape: ClassVar[bool] = False
    is_difference: ClassVar[bool] = False
    whole_run: ClassVar[bool] = False
    shortest: ClassVar[int] = 1
    takes_diverged: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        called = _in_lower_case(cls.__name__)
        require(
            _is_built_in(cls) or called not in built_in_measures(),
            f"A measure is called {cls.__name__} already; give your own class another name.",
        )

    def __post_init__(self) -> None:
        super().__post_init__()
        kind, (start, end) = type(self).__name__, self.window
        require(
            bool(self.series) and all(self.series),
            f"{kind}.of is {self.of!r}, but must name one or more series.",
        )
        require(
            0.0 <= start < end <= 1.0,
            f"{kind}.window is {self.window!r}, but must satisfy 0 <= start < end <= 1.",
        )
        require(
            not self.whole_run or self.window == SECOND_HALF,
            f"{kind} looks at the whole run, so window must be left out.",
        )
        self._check_number_of_series()

    def _check_number_of_series(self) -> None:
        needed, count = curves_taken(type(self)), len(self.series)
        require(
            needed is None or count == needed,
            f"{type(self).__name__} needs {needed} series, but of is {self.of!r}.",
        )

    # --- how it is computed ---------------------------------------------------------------

    @abstractmethod
    def values(self, *curves: Any) -> PerRun:
        """The measure of curves [run, time], one array for each of its series.

        Returns:
            [run].
        """

    def of_curves(self, *curves: Any) -> PerRun:
        """`values` of any curves: safe for diverged runs and short curves.

        >>> from benchmark.measures import Jitter
        >>> Jitter("train_loss").of_curves([[1.0, 2.0, 1.0], [1.0, np.nan, 1.0]])
        array([0.81649658,        nan])

        Args:
            curves: [run, time] each, all of one shape.

        Returns:
            [run]; NaN for runs with any value that is not finite, which do not touch the
            others, and for all if there are fewer than `shortest` times.
        """
        given = [as_curves(each) for each in curves]
        runs, times = given[0].shape
        if self.takes_diverged:
            return self._checked_values(given)
        result = np.full(runs, np.nan)
        finite = np.all([np.isfinite(each).all(axis=1) for each in given], axis=0)
        if times >= self.shortest and finite.any():
            result[finite] = self._checked_values([each[finite] for each in given])
        return result

    def evaluate(self, series: Mapping[str, Any]) -> PerRun:
        """The measure in each run.

        Args:
            series: recorded series by name: [run, epoch], [run, epoch, step] or [run]. Times
                at which no run has a value (probes recorded now and then) are dropped.

        Returns:
            [run]; NaN for a run that diverged or in which the measure is not defined.

        Raises:
            UserError: a series is not recorded, series to be compared differ in shape, or a
                measure of a scenario's own fails.
        """
        return self.of_curves(*self.read(series))

    def read(self, series: Mapping[str, Any]) -> tuple[Curves, ...]:
        """What `of_curves` is given of recorded series: the window, where all have values.

        Raises:
            UserError: as `evaluate`.
        """
        for name in self.series:
            one_of(f"The series of {self.name}", name, series)
        curves = [as_curves(series[name]) for name in self.series]
        for other in curves[1:]:
            require(
                other.shape == curves[0].shape,
                f"{self.name} compares series of different shapes, "
                f"{curves[0].shape} and {other.shape}.",
            )
        return recorded_jointly([self.part(each) for each in curves])

    def part(self, curves: Curves) -> Curves:
        """The part of a run that the measure looks at, [run, time]."""
        return curves if self.whole_run else windowed(curves, self.window)

    def _checked_values(self, curves: list[Curves]) -> PerRun:
        if _is_built_in(type(self).values):
            return self.values(*curves)
        what = f"{type(self).__name__}.values, of measure {self.name},"
        return one_per_run(what, own_call(what, self.values, *curves), len(curves[0]))

    # --- what follows ---------------------------------------------------------------------

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series the measure reads."""
        return (self.of,) if isinstance(self.of, str) else self.of

    @property
    def parsed(self) -> tuple[SeriesName, ...]:
        """Those names, taken apart."""
        return tuple(map(parse, self.series))

    @property
    def options(self) -> dict[str, Any]:
        """Its own settings, by name; they are part of its name."""
        common = {each.name for each in fields(Measure)}
        own = (each.name for each in fields(self) if each.name not in common)
        return {name: getattr(self, name) for name in own}

    @property
    def called(self) -> str:
        """What its name begins with: that of the class, ``relative_jitter``."""
        return _in_lower_case(type(self).__name__)

    @cached_property
    def name(self) -> str:
        """Unique, stable name, e.g. ``jitter(train_loss)``.

        Window and summary over runs are appended where they are not the usual ones.
        """
        inside = [*self.series, *(f"{name}={_text(v)}" for name, v in self.options.items())]
        if self.window != SECOND_HALF:
            inside.append(f"window={self.window[0]:g}-{self.window[1]:g}")
        if self.summary != self.usual:
            inside.append(f"over_runs={self.over_runs}")
        return f"{self.called}({', '.join(inside)})"

    @property
    def summary(self) -> OverRuns:
        """How the runs of one condition are summarised."""
        return self.over_runs or self.usual

    @property
    def usual(self) -> OverRuns:
        """The summary that suits the measure."""
        return "geometric_mean" if self.positive and self.range is None else "mean"

    @property
    def range(self) -> tuple[float, float] | None:
        """Between which numbers a run's value must lie; None if it is not bounded."""
        if self.bounds is None and all(name.is_share for name in self.parsed):
            return self.bounds_of_shares
        return self.bounds

    @property
    def more_is_better(self) -> bool | None:
        """Its direction; None where neither is better, or nobody knows.

        >>> from benchmark.measures import Jitter, Level
        >>> Level("train_accuracy").more_is_better, Level("train_loss").more_is_better
        (True, False)
        >>> Jitter("train_accuracy").more_is_better
        """
        return None

    # --- its words ------------------------------------------------------------------------

    @property
    def words(self) -> str:
        """What it is: "jitter of the training loss"."""
        text = self.phrase
        if self.summary != self.usual:
            text = f"{_SUMMARIES[self.summary]} over runs of the {text}"
        if self.window != SECOND_HALF:
            start, end = (f"{100 * edge:.3g}" for edge in self.window)
            whole = self.window == (0.0, 1.0)
            text = f"{text}, {'whole run' if whole else f'{start}–{end} % of the run'}"
        return text

    @property
    def phrase(self) -> str:
        """The same without window and summary."""
        says = self.says or f"{self._title} of the {{of}}"
        first, last = self.parsed[0], self.parsed[-1]
        return says.format(of=first.words, other=last.words, **self.options)

    def axis(self, loss: str | None, steps: bool) -> str:
        """The label of its axis, with its unit: "jitter (nats)".

        Args:
            loss: the task's loss, or None if tasks differ.
            steps: whether its series have a value per step and not per epoch.
        """
        short, unit = self.short or self._title, self.unit_in(loss, steps)
        if unit.startswith("of "):
            return f"{short} {unit}"
        return f"{short} ({unit})" if unit else short

    def unit_in(self, loss: str | None, steps: bool) -> str:
        """Its unit, for arguments as those of `axis`; "" for a pure number or if not known."""
        own = self.parsed[0].unit(loss)
        if "{unit}" in self.unit and not own:
            return ""
        return self.unit.format(unit=own, time="steps" if steps else "epochs")

    @property
    def _title(self) -> str:
        return self.called.replace("_", " ")


def one_per_run(what: str, returned: Any, runs: int) -> PerRun:
    """What a function of a scenario's own returned, as one number for each run.

    Raises:
        UserError: it is something else; `what` names the function.
    """
    try:
        values = np.asarray(returned, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"{what} returns {returned!r}, which are no numbers.") from error
    require(
        values.shape == (runs,),
        f"{what} must return one value per run, shape {(runs,)}, but returned "
        f"shape {values.shape}.",
    )
    return values


def built_in_measures() -> dict[str, type[Measure]]:
    """What the name of a measure that comes with the benchmark begins with → its class."""
    found, left = dict[str, type[Measure]](), [Measure]
    while left:
        below = left.pop().__subclasses__()
        left += below
        found |= {_in_lower_case(each.__name__): each for each in below if _is_built_in(each)}
    return found


def _is_built_in(defined: Any) -> bool:
    """Whether a class or a function stands in this package and not in a scenario's file."""
    return defined.__module__.partition(".")[0] == __name__.partition(".")[0]


@cache
def curves_taken(measure: type[Measure]) -> int | None:
    """How many curves `values` takes without a default; None for as many as are given."""
    _, *taken = inspect.signature(measure.values).parameters.values()
    if any(each.kind is each.VAR_POSITIONAL for each in taken):
        return None
    return sum(each.default is each.empty for each in taken)


def _in_lower_case(name: str) -> str:
    """``RelativeJitter`` → "relative_jitter", ``SDOfLoss`` → "sd_of_loss"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _text(setting: Any) -> str:
    return f"{setting:g}" if isinstance(setting, int | float) else str(setting)
