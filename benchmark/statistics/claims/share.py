"""Shares of variance: how much of the spread between runs comes from a source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from benchmark.declare.claims import Claim, Expectation, check_ends, number
from benchmark.declare.errors import one_of, require
from benchmark.statistics.attribution.components import components, shares, together
from benchmark.statistics.attribution.crossed import cells_of, crossed_conditions
from benchmark.statistics.claims.evidence import Evidence, Finding, undefined, weigh
from benchmark.statistics.claims.region import Region
from benchmark.statistics.claims.summaries import Table
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.inference.statistic import RatioOfMeans
from benchmark.statistics.selection import ConditionResult, Unanswerable
from benchmark.wording import words

Kind = Literal["main", "total", "shapley", "interactions"]


@dataclass(frozen=True)
class Share(Expectation):
    """A source's share of the measure's variance between runs lies in [low, high].

    It speaks of one design of crossed sources (see `Crossed`). ``kind`` is "main" (what
    goes when the source is held fixed), "total" (what stays when all others are held fixed),
    "shapley" (interactions split equally) or "interactions", which takes no source. Where
    ``source`` is left out, every crossed source must be in the region.

    >>> Share("data", "main", low=0.5).words
    'main share of data at least 0.5'
    """

    quantity = "share"
    of_conditions = False

    source: str | None = None
    kind: Kind = "total"
    low: float | None = number(None)
    high: float | None = number(None)

    def __post_init__(self) -> None:
        one_of("Share kind", self.kind, get_args(Kind))
        require(
            self.source is None or (isinstance(self.source, str) and bool(self.source)),
            f"Share source is {self.source!r}, but must be the name of a source.",
        )
        require(
            self.source is None or self.kind != "interactions",
            f"Share source is {self.source!r}, but interactions are of no single source.",
        )
        super().__post_init__()
        check_ends(self)
        for name in ("low", "high"):
            edge = getattr(self, name)
            require(
                edge is None or 0 < edge < 1,
                f"Share {name} is {edge!r}, but must be between 0 and 1: leave it out to "
                "leave that side open.",
            )

    @property
    def words(self) -> str:
        """ "total share of data at least 0.5"."""
        return f"{self._what(words.setting)} {words.between(self.low, self.high)}"

    @property
    def region(self) -> Region:
        """A share of the variance."""
        said = self._what(words.setting)
        return Region(self._what(_spaced), self.low, self.high, said, log=True)

    def _what(self, named: Callable[[str], str]) -> str:
        if self.kind == "interactions":
            return "share of interactions"
        return f"{self.kind} share{f' of {named(self.source)}' if self.source else ''}"

    def examine(
        self, claim: Claim, conditions: Sequence[ConditionResult], table: Table
    ) -> Finding:
        """The source's share (every source's, if none is named), by Student's test.

        Raises:
            Unanswerable: no complete crossed design is there, or runs are missing.
            UserError: the source is not crossed.
        """
        arms = crossed_conditions(conditions)
        if len(arms) != 1:
            raise Unanswerable(f"one design of crossed sources is needed, not {len(arms)}")
        names, values = cells_of(next(iter(arms.values())), claim.measure)
        squares = components(values)
        if self.kind == "interactions":
            parts = {"": together(len(names)) @ squares}
        else:
            parts = dict(zip(names, shares(len(names))[self.kind] @ squares, strict=True))
            if self.source is not None:
                one_of(f"The source of claim {claim.name!r}", self.source, names)
                parts = {"": parts[self.source]}
        whole, region = squares.sum(axis=0), self.region
        return Finding([_weigh(p, whole, region, _spaced(name)) for name, p in parts.items()])


def _weigh(
    part: Float[np.ndarray, " replicate"],
    whole: Float[np.ndarray, " replicate"],
    region: Region,
    about: str,
) -> Evidence:
    if not whole.mean() > 0:
        return undefined(about, region, len(part), "nothing varies")
    weighed = weigh(RatioOfMeans(part, whole, len(part)), region, about)
    cut = (float(np.clip(end, 0, 1)) for end in weighed.number)
    return replace(weighed, number=Interval(*cut))


def _spaced(name: str) -> str:
    return name.replace("_", " ")
