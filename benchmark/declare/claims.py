"""Claims: statements about conditions that get a verdict, and the base of what they expect.

A claim names a measure, the conditions it speaks about, and what it expects there: an
`Expectation`. Every expectation is a *region* for a number, so that "supported" and "refuted"
are both things data can say. The expectations that come with the benchmark, and what examines
and judges them, are in `benchmark.statistics.claims`.

When another setting varies besides the axis of an expectation, each combination of the
others is a *stratum*. Slopes are common to the strata (doses and measures are centred
within each), ratios and differences are averaged over them, unless strata contradict each
other, and what is said of "every condition" must hold in every one of them.
"""

import dataclasses
import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from benchmark.declare.errors import require
from benchmark.declare.fields import Declared, Limits
from benchmark.declare.measure import Measure

Selection = Mapping[str, Any]
"""Dotted settings path -> the value, or a tuple of values, that is selected."""


@dataclass(frozen=True)
class Expectation(Declared, ABC):
    """What a claim predicts of its measure: a region for a number, and its words.

    A subclass is a frozen dataclass. It says how the number is computed and how readers are
    told; tables, figures, the page and the paper ask for nothing else. It may stand in a
    scenario file:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from benchmark.claims import Evidence, Expectation, Finding, Region, number, weigh
    >>> @dataclass(frozen=True)
    ... class OnAverage(Expectation):
    ...     "The mean over all selected conditions is at most ``high``."
    ...
    ...     high: float = number(above=0.0)
    ...     quantity = "mean"
    ...
    ...     @property
    ...     def words(self):
    ...         return f"on average at most {self.high:g}"
    ...
    ...     def examine(self, claim, conditions, table):
    ...         columns = table.columns(conditions, claim.measure)
    ...         mean = columns.weighted(np.full(len(conditions), 1 / len(conditions)))
    ...         region = Region("mean over conditions", high=self.high)
    ...         return Finding([weigh(mean, region, log=columns.log)])
    >>> OnAverage(2).words
    'on average at most 2'

    Attributes:
        quantity: what its number is called: "slope", "ratio"; "" for a level of the measure.
        of_conditions: whether it speaks of conditions one by one, so that a figure of the
            measure against a dose can show it.

    Raises:
        UserError: a field is not what it must be; the message names the field.
    """

    quantity: ClassVar[str] = ""
    of_conditions: ClassVar[bool] = True

    @property
    @abstractmethod
    def words(self) -> str:
        """What it says of the measure, as the end of a sentence: "falls with batch size"."""

    @abstractmethod
    def examine(self, claim: "Claim", conditions: Sequence[Any], table: Any) -> Any:
        """The evidence on a claim.

        Args:
            claim: whose expectation this is.
            conditions: the selected ones, `benchmark.statistics.ConditionResult`.
            table: `benchmark.claims.Table`: the measure's summaries in these conditions.

        Returns:
            A `benchmark.claims.Finding`: one or more numbers, each held against its region.

        Raises:
            benchmark.claims.Unanswerable: the results cannot say anything; says why.
            UserError: an axis does not hold numbers.
        """

    @property
    def along(self) -> str | None:
        """The setting it follows or compares: the horizontal axis of a figure, if any."""
        return None

    def picture(self, claim: "Claim") -> Any:
        """What of it a figure of the measure against a dose can show, as data.

        One of `benchmark.statistics.claims.picture`, or None.
        """

    def rehearse(self, claim: "Claim", conditions: Sequence[Any]) -> None:
        """Call the author's functions once on the selected conditions, before any is trained.

        Raises:
            UserError: a function fails, or returns no number.
        """


@dataclass(frozen=True)
class Claim(Declared):
    """A statement about a scenario's conditions that gets a verdict.

    >>> from benchmark import Claim, Decreases, Jitter
    >>> claim = Claim(
    ...     "jitter-falls",
    ...     "Larger batches calm the curve.",
    ...     Jitter("validation_loss"),
    ...     Decreases("training.batch_size"),
    ...     where={"training.batch_size": (8, 32, 128)},
    ... )
    >>> claim.expect.words
    'falls with batch size'

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
            f"{what}: expect is {self.expect!r}, but must be one of {', '.join(_names())}, or "
            "an Expectation of your own.",
        )
        super().__post_init__()
        check_selection(self, "where", may_be_empty=True)
        check_selection(self, "tune", may_be_empty=True)
        for path, measure in self.tune.items():
            require(
                isinstance(measure, Measure),
                f"{what}: tune[{path!r}] is {measure!r}, but must be a Measure to minimise.",
            )


def _names() -> list[str]:
    """The expectations that come with the benchmark."""
    kinds = {kind for kind in _kinds(Expectation) if kind.__module__.startswith("benchmark.")}
    return sorted(kind.__name__ for kind in kinds)


def _kinds(kind: type[Expectation]) -> Iterator[type[Expectation]]:
    for each in kind.__subclasses__():
        yield from _kinds(each)
        if not inspect.isabstract(each):
            yield each


def number(default: Any = dataclasses.MISSING, **limits: float | None) -> Any:
    """A field of an expectation that holds a finite number; `limits` as of `Limits`."""
    metadata = {"limits": Limits(**limits)}
    if default is dataclasses.MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def check_path(what: str, path: Any) -> None:
    """Raise unless `path` is a dotted settings path.

    Raises:
        UserError: it begins with `what`.
    """
    require(
        isinstance(path, str) and all(part.isidentifier() for part in path.split(".")),
        f"{what} is {path!r}, but must be a dotted settings path such as "
        "'training.batch_size'.",
    )


def check_axis(expectation: Any) -> None:
    """Raise unless the field `axis` is a settings path.

    Raises:
        UserError: naming class and field.
    """
    check_path(f"{type(expectation).__name__} axis", expectation.axis)


def check_ends(expectation: Any) -> None:
    """Raise unless `low` and `high` are the ends of a region, one of which may be None.

    Raises:
        UserError: naming the class.
    """
    what = type(expectation).__name__
    low, high = expectation.low, expectation.high
    require(
        low is not None or high is not None,
        f"{what} needs low, high or both: with neither, nothing could refute it.",
    )
    require(
        low is None or high is None or low <= high,
        f"{what} low is {low!r}, but must not exceed high, {high!r}.",
    )


def check_selection(owner: Any, name: str, may_be_empty: bool = False) -> None:
    """Raise unless a field maps settings paths to values.

    Raises:
        UserError: naming class and field.
    """
    selection, what = getattr(owner, name), f"{type(owner).__name__} {name}"
    require(
        isinstance(selection, Mapping) and (may_be_empty or bool(selection)),
        f"{what} is {selection!r}, but must map settings paths to values, "
        "e.g. {'training.batch_size': 32}.",
    )
    for path in selection:
        check_path(f"{what} path", path)
