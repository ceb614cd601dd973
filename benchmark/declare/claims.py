"""Claims: statements about conditions that get a verdict.

A claim names a measure, the conditions it speaks about, and what it expects there.
`benchmark.statistics.claims.verdicts` holds it against the data. Every expectation is a
*region* for a number, so that "supported" and "refuted" are both things data can say.

When another setting varies besides the axis of an expectation, each combination of the
others is a *stratum*. Slopes are common to the strata (doses and measures are centred
within each), ratios and differences are averaged over them, unless strata contradict each
other, and what is said of "every condition" must hold in every one of them.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from benchmark.declare.errors import UserError, one_of, own_number, require
from benchmark.declare.measures import Measure

Selection = Mapping[str, Any]
"""Dotted settings path -> the value, or a tuple of values, that is selected."""


@dataclass(frozen=True)
class PowerLaw:
    """Slope of log(measure) on log(axis) lies in [exponent - within, exponent + within]."""

    axis: str
    exponent: float
    within: float

    def __post_init__(self) -> None:
        _check_axis(self)
        _check_number(self, "exponent", -math.inf)
        _check_number(self, "within", 0.0)


@dataclass(frozen=True)
class Increases:
    """The measure rises along the axis: its slope is above ``by``.

    The slope is the least-squares slope of log(measure) on log(axis) for positive measures
    (those summarised by their geometric mean, see `Measure.over_runs`), else of the measure
    itself; where a dose is not positive, on the dose itself. It speaks of the trend over
    all doses, not of every step.
    """

    axis: str
    by: float = 0.0

    def __post_init__(self) -> None:
        _check_axis(self)
        _check_number(self, "by", 0.0)


@dataclass(frozen=True)
class Decreases:
    """The measure falls along the axis: its slope (see `Increases`) is below ``-by``."""

    axis: str
    by: float = 0.0

    def __post_init__(self) -> None:
        _check_axis(self)
        _check_number(self, "by", 0.0)


@dataclass(frozen=True)
class Ratio:
    """Measure under ``numerator`` over measure under ``denominator`` lies in [low, high]."""

    numerator: Selection
    denominator: Selection
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        _check_selection(self, "numerator")
        _check_selection(self, "denominator")
        _check_region(self)


@dataclass(frozen=True)
class Difference:
    """Measure under ``minuend`` minus measure under ``subtrahend`` lies in [low, high]."""

    minuend: Selection
    subtrahend: Selection
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        _check_selection(self, "minuend")
        _check_selection(self, "subtrahend")
        _check_region(self)


@dataclass(frozen=True)
class Equals:
    """In every selected condition measure over theory is within a factor 1 + ``within``.

    ``theory`` takes the condition and returns the predicted value (not zero).
    """

    theory: Callable[[Any], float]
    within: float = 0.05

    def __post_init__(self) -> None:
        require(
            callable(self.theory),
            f"Equals theory is {self.theory!r}, but must be a function of the condition.",
        )
        _check_number(self, "within", 0.0)


@dataclass(frozen=True)
class Within:
    """In every selected condition the measure lies in [low, high]."""

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        _check_region(self)


@dataclass(frozen=True)
class NoEffect:
    """At every dose the measure is within a factor 1 + ``margin`` of the first dose's."""

    axis: str
    margin: float

    def __post_init__(self) -> None:
        _check_axis(self)
        _check_number(self, "margin", 0.0)
        require(self.margin > 0, "NoEffect margin is 0, but data can only show it above 0.")


@dataclass(frozen=True)
class Peaks:
    """The measure is largest at dose ``at``, up to a factor ``within`` (at least 1).

    A peak is interior: a dose of the region is above all doses outside and above the lowest
    and the highest dose of the grid, beyond which the measure might go on rising.

    ``at`` may be a function of the remaining settings (dotted path -> value).
    """

    axis: str
    at: float | Callable[[Mapping[str, Any]], float]
    within: float

    def __post_init__(self) -> None:
        _check_axis(self)
        if not callable(self.at):
            _check_number(self, "at", 0.0)
        _check_number(self, "within", 1.0)


@dataclass(frozen=True)
class Share:
    """A source's share of the measure's variance between runs lies in [low, high].

    It speaks of one design of crossed sources (see `Crossed`). ``kind`` is "main" (what
    goes when the source is held fixed), "total" (what stays when all others are held fixed),
    "shapley" (interactions split equally) or "interactions", which takes no source. Where
    ``source`` is left out, every crossed source must be in the region.
    """

    source: str | None = None
    kind: Literal["main", "total", "shapley", "interactions"] = "total"
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        one_of("Share kind", self.kind, ("main", "total", "shapley", "interactions"))
        require(
            self.source is None or (isinstance(self.source, str) and bool(self.source)),
            f"Share source is {self.source!r}, but must be the name of a source.",
        )
        require(
            self.source is None or self.kind != "interactions",
            f"Share source is {self.source!r}, but interactions are of no single source.",
        )
        _check_region(self)
        for name in ("low", "high"):
            edge = getattr(self, name)
            require(
                edge is None or 0 < edge < 1,
                f"Share {name} is {edge!r}, but must be between 0 and 1: leave it out to "
                "leave that side open.",
            )


Expectation = (
    PowerLaw
    | Increases
    | Decreases
    | Ratio
    | Difference
    | Equals
    | Within
    | NoEffect
    | Peaks
    | Share
)


@dataclass(frozen=True)
class Claim:
    """A statement about a scenario's conditions that gets a verdict.

    Attributes:
        name: short slug, unique in its scenario, e.g. ``"jitter-falls"``.
        says: the folk statement in our words, one sentence.
        measure: what is measured.
        expect: what the statement predicts.
        where: selects the conditions it speaks about (default: all).
        tune: settings path → measure: of the levels of that setting the one with the lowest
            measure is taken, separately for every combination of the others. Half of the
            runs choose, the other half is judged, so that luck in choosing does not count.

    Raises:
        UserError: a field is not what it must be; the message names the field.
    """

    name: str
    says: str
    measure: Measure
    expect: Expectation
    where: Selection = field(default_factory=dict)
    tune: Mapping[str, Measure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require(
            isinstance(self.name, str)
            and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.name) is not None,
            f"Claim name is {self.name!r}, but must be lower-case words joined by hyphens.",
        )
        what = f"Claim {self.name!r}"
        require(
            isinstance(self.says, str) and bool(self.says.strip()),
            f"{what}: says is {self.says!r}, but must be one sentence.",
        )
        require(
            isinstance(self.measure, Measure),
            f"{what}: measure is {self.measure!r}, but must be a Measure such as "
            "Jitter('train_loss').",
        )
        require(
            isinstance(self.expect, Expectation),
            f"{what}: expect is {self.expect!r}, but must be one of "
            f"{', '.join(kind.__name__ for kind in Expectation.__args__)}.",
        )
        _check_selection(self, "where", may_be_empty=True)
        _check_selection(self, "tune", may_be_empty=True)
        for path, measure in self.tune.items():
            require(
                isinstance(measure, Measure),
                f"{what}: tune[{path!r}] is {measure!r}, but must be a Measure to minimise.",
            )


def predicted(claim: Claim, condition: Any) -> float:
    """What the theory of an `Equals` claim gives for a condition.

    Raises:
        UserError: the theory fails, or returns no number.
    """
    assert isinstance(claim.expect, Equals)
    return own_number(f"The theory of claim {claim.name!r}", claim.expect.theory, condition)


def peak_place(claim: Claim, rest: Mapping[str, Any]) -> float:
    """Where a `Peaks` claim expects the peak, given the settings besides its axis.

    Raises:
        UserError: its function fails, or returns no number.
    """
    assert isinstance(claim.expect, Peaks)
    at = claim.expect.at
    return own_number(f"`at` of claim {claim.name!r}", at, rest) if callable(at) else at


def _check_axis(expectation: Any) -> None:
    _check_path(f"{type(expectation).__name__} axis", expectation.axis)


def _check_path(what: str, path: Any) -> None:
    require(
        isinstance(path, str) and all(part.isidentifier() for part in path.split(".")),
        f"{what} is {path!r}, but must be a dotted settings path such as "
        "'training.batch_size'.",
    )


def _check_number(owner: Any, name: str, at_least: float) -> None:
    value, what = getattr(owner, name), f"{type(owner).__name__} {name}"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        raise UserError(f"{what} is {value!r}, but must be a number.")
    require(value >= at_least, f"{what} is {value!r}, but must be at least {at_least:g}.")
    require(math.isfinite(value), f"{what} is {value!r}, but must be finite.")


def _check_region(owner: Any) -> None:
    what = type(owner).__name__
    for name in ("low", "high"):
        if getattr(owner, name) is not None:
            _check_number(owner, name, -math.inf)
    require(
        owner.low is not None or owner.high is not None,
        f"{what} needs low, high or both: with neither, nothing could refute it.",
    )
    require(
        owner.low is None or owner.high is None or owner.low <= owner.high,
        f"{what} low is {owner.low!r}, but must not exceed high, {owner.high!r}.",
    )


def _check_selection(owner: Any, name: str, may_be_empty: bool = False) -> None:
    selection, what = getattr(owner, name), f"{type(owner).__name__} {name}"
    require(
        isinstance(selection, Mapping) and (may_be_empty or bool(selection)),
        f"{what} is {selection!r}, but must map settings paths to values, "
        "e.g. {'training.batch_size': 32}.",
    )
    for path in selection:
        _check_path(f"{what} path", path)
