"""How high a curve lies, at the end or on average, and how far two curves lie apart."""

from dataclasses import dataclass, field

import numpy as np

from benchmark.declare.curves import Curves, PerRun
from benchmark.declare.errors import require
from benchmark.declare.measure import Measure, OverRuns
from benchmark.declare.series import SeriesName


class _OfValues(Measure):
    """A value of the series itself: it has the series' sign, bounds and direction."""

    unit, bounds_of_shares = "{unit}", (0.0, 1.0)

    @property
    def usual(self) -> OverRuns:
        losses = all(name.is_loss for name in self.parsed)
        return "geometric_mean" if losses else "mean"

    @property
    def more_is_better(self) -> bool | None:
        """That of the series."""
        return self.parsed[0].more_is_better

    def axis(self, loss: str | None, steps: bool) -> str:
        """The label of its axis; in full where no unit would say whose value it is."""
        return super().axis(loss, steps) if self.unit_in(loss, steps) else self.words


class Level(_OfValues):
    """Mean over the window. A share, such as the probe ``step_rise``, is a level too.

    >>> Level("train_loss").evaluate({"train_loss": [[9.0, 3.0, 2.0, 1.0]]})
    array([1.5])
    """

    says, short = "mean {of}", "mean"

    def values(self, curves: Curves) -> PerRun:
        """Mean over time."""
        return curves.mean(axis=1)


class Final(_OfValues):
    """Last recorded value; NaN for a run that diverged on the way.

    >>> Final("train_loss").evaluate({"train_loss": [[3.0, 2.0, 1.0], [3.0, np.inf, 1.0]]})
    array([ 1., nan])
    """

    says, short, whole_run = "final {of}", "final value", True

    def values(self, curves: Curves) -> PerRun:
        """Value at the last time."""
        return curves[:, -1]


class RunSpread(Measure):
    """SD over runs of the final value."""

    says, short, unit = "spread between runs of the final {of}", "SD over runs", "{unit}"
    whole_run = True

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.over_runs in (None, self.usual),
            f"RunSpread.over_runs is {self.over_runs!r}, but it is an SD over runs.",
        )

    @property
    def usual(self) -> OverRuns:
        return "sd"

    def values(self, curves: Curves) -> PerRun:
        """Value at the last time."""
        return curves[:, -1]


@dataclass(frozen=True)
class EvaluationGap(Measure):
    """Training metric as reported during the epoch minus the same at the epoch's end.

    >>> EvaluationGap("accuracy").series
    ('running_train_accuracy', 'train_accuracy')
    """

    of: tuple[str, ...] = field(init=False)
    metric: str = "loss"

    says, short, unit = "{of} minus {other}", "gap", "{unit}"
    bounds_of_shares = (-1.0, 1.0)

    def __post_init__(self) -> None:
        at_end = SeriesName(self.metric, "train")
        reported = SeriesName(self.metric, "train", "running")
        object.__setattr__(self, "of", (str(reported), str(at_end)))
        super().__post_init__()

    @property
    def options(self) -> dict[str, object]:
        """None: the names of the series say which metric it is."""
        return {}

    def values(self, reported: Curves, at_end: Curves) -> PerRun:
        """Mean over time of the difference."""
        return np.mean(reported - at_end, axis=1)


@dataclass(frozen=True)
class GeneralisationGap(Measure):
    """Validation minus training loss at the epoch's end."""

    of: tuple[str, ...] = ("validation_loss", "train_loss")

    says, short, unit = "{of} minus {other}", "gap", "{unit}"

    def values(self, validation: Curves, train: Curves) -> PerRun:
        """Mean over time of the difference."""
        return np.mean(validation - train, axis=1)
