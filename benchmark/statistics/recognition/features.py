"""Features of one run: numbers of the curves that a practitioner has, and of these alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.declare.curves import PerRun
from benchmark.declare.measure import Measure
from benchmark.statistics.attribution.effects import PREFIXES, looked_at
from benchmark.statistics.measures import (
    Autocorrelation,
    Jitter,
    Level,
    RelativeJitter,
    ReversalFraction,
    RiseFraction,
    SpikeRate,
    VonNeumann,
)
from benchmark.statistics.selection import ConditionResult

SMALLEST = 1e-4
"""What is added before a logarithm: a jitter may be zero, and logs print four decimals."""

RISING, LATE = (0.25, 0.5), (0.75, 1.0)


@dataclass(frozen=True)
class Feature:
    """A number of one run, made of measures of its training and validation curve.

    Attributes:
        name: in words.
        of: its measures, given the prefix of the validation series.
        how: the measure itself, its logarithm, or the log-ratio or difference of two.
    """

    name: str
    of: tuple[Callable[[str], Measure], ...]
    how: Literal["value", "log", "log-ratio", "difference"] = "value"

    def measures(self, prefix: str) -> tuple[Measure, ...]:
        """The measures it is made of."""
        return tuple(measure(prefix) for measure in self.of)

    def values(self, result: ConditionResult) -> PerRun:
        """[run]; NaN for a run that diverged or in which it is not defined."""
        values = [result.measured(m) for m in self.measures(looked_at(result.settings))]
        if self.how.startswith("log"):
            values = [np.log(np.maximum(value, 0) + SMALLEST) for value in values]
        return values[0] if len(values) == 1 else values[0] - values[1]


def _both(
    name: str,
    measure: Callable[[str], Measure],
    metric: str = "loss",
    how: Literal["value", "log"] = "value",
) -> tuple[Feature, Feature]:
    """The same of the validation and of the printed training curve."""
    end = "" if metric == "loss" else f" ({metric})"
    return (
        Feature(
            f"validation {name}{end}", (lambda p: measure(f"{p}validation_{metric}"),), how
        ),
        Feature(f"training {name}{end}", (lambda _: measure(f"running_train_{metric}"),), how),
    )


def _trend(what: str, series: Callable[[str], str]) -> Feature:
    late, early = (
        lambda p: Level(series(p), window=LATE),
        lambda p: Level(series(p), window=RISING),
    )
    return Feature(f"{what} loss, last quarter ÷ second", (late, early), "log-ratio")


FEATURES: tuple[Feature, ...] = (
    *_both("relative jitter", RelativeJitter, how="log"),
    *_both("jitter", Jitter, "accuracy", "log"),
    *_both("von Neumann ratio", VonNeumann),
    *_both("von Neumann ratio", VonNeumann, "accuracy"),
    *_both("share of rises", RiseFraction),
    *_both("share of reversals", ReversalFraction),
    *_both("share of spikes", SpikeRate),
    *_both("autocorrelation, lag 1", lambda of: Autocorrelation(of, 1)),
    *_both("autocorrelation, lag 2", lambda of: Autocorrelation(of, 2)),
    *_both("level", Level, how="log"),
    *_both("level", Level, "accuracy"),
    _trend("validation", lambda p: f"{p}validation_loss"),
    _trend("training", lambda _: "running_train_loss"),
    Feature(
        "validation ÷ training loss",
        (lambda p: Level(f"{p}validation_loss"), lambda _: Level("running_train_loss")),
        "log-ratio",
    ),
    Feature(
        "training − validation accuracy",
        (
            lambda _: Level("running_train_accuracy"),
            lambda p: Level(f"{p}validation_accuracy"),
        ),
        "difference",
    ),
)
"""Of epoch-level curves alone: loss and accuracy as printed in training, and of validation.

Most have no scale; levels are those of the second half. None knows what is only known in a
simulation, such as training metrics at the end of the epoch.
"""


def feature_measures() -> tuple[Measure, ...]:
    """Everything that fingerprints are computed from."""
    named = [m for p in PREFIXES["validation"] for f in FEATURES for m in f.measures(p)]
    return tuple({measure.name: measure for measure in named}.values())
