"""What varies between the conditions of a scenario.

A plain mapping ``{"training.batch_size": (1, 2, 4)}`` is a product over its axes;
`Zipped`, `Cases`, `Product`, `Union`, `Arms`, `Factorial` and `Crossed` build the other
designs.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from benchmark.declare.condition import SOURCES
from benchmark.declare.errors import UserError, one_of, require

Settings: TypeAlias = dict[str, Any]

ARM = "arm"
"""Name of the setting that tells the arms of a design apart; no part of a condition."""

SUSPECT = "suspect."
"""Begins the names of the settings that say which suspects of a factorial are on."""

SOURCE = "source."
"""Begins the names of the settings that say which sources take a run's second seed."""


MOST_CONDITIONS = 10_000
"""A scenario with more conditions than this is taken for a slip of the keyboard."""


@runtime_checkable
class Design(Protocol):
    """Anything that lists the settings of each condition.

    A property ``size``, their number, lets too many be refused before they are listed.
    """

    def __iter__(self) -> Iterator[Settings]: ...


@dataclass(frozen=True)
class Zipped:
    """Axes that move together: the i-th condition takes the i-th level of each."""

    axes: Mapping[str, tuple[Any, ...]]

    def __post_init__(self) -> None:
        lengths = {path: len(levels) for path, levels in self.axes.items()}
        if len(set(lengths.values())) > 1:
            raise UserError(f"Zipped axes need equally many levels, but have {lengths}.")

    @property
    def size(self) -> int:
        """Number of conditions."""
        return min(map(len, self.axes.values()), default=0)

    def __iter__(self) -> Iterator[Settings]:
        for levels in zip(*self.axes.values(), strict=True):
            yield dict(zip(self.axes, levels, strict=True))


@dataclass(frozen=True)
class Cases:
    """An explicit list of conditions, each given by its settings."""

    cases: tuple[Mapping[str, Any], ...]

    @property
    def size(self) -> int:
        """Number of conditions."""
        return len(self.cases)

    def __iter__(self) -> Iterator[Settings]:
        return (dict(case) for case in self.cases)


class Product:
    """Every combination of the levels of several designs; later ones win on a clash."""

    def __init__(self, *designs: "Mapping[str, tuple[Any, ...]] | Design"):
        self.designs = tuple(map(as_design, designs))

    @property
    def size(self) -> int:
        """Number of conditions."""
        return math.prod(map(size_of, self.designs))

    def __iter__(self) -> Iterator[Settings]:
        for parts in itertools.product(*self.designs):
            merged: Settings = {}
            for part in parts:
                merged |= part
            yield merged


class Union:
    """All conditions of several designs, one design after the other."""

    def __init__(self, *designs: "Mapping[str, tuple[Any, ...]] | Design"):
        self.designs = tuple(map(as_design, designs))

    @property
    def size(self) -> int:
        """Number of conditions."""
        return sum(map(size_of, self.designs))

    def __iter__(self) -> Iterator[Settings]:
        return itertools.chain.from_iterable(self.designs)


class Arms:
    """Named designs side by side, each a comparison of its own.

    A condition that stands in two arms is run once and shown in both; claims select an arm
    with ``where={"arm": NAME}``.
    """

    def __init__(self, arms: "Mapping[str, Mapping[str, tuple[Any, ...]] | Design]"):
        self.arms = {name: as_design(design) for name, design in arms.items()}

    @property
    def size(self) -> int:
        """Number of conditions."""
        return sum(map(size_of, self.arms.values()))

    def __iter__(self) -> Iterator[Settings]:
        for name, design in self.arms.items():
            yield from ({ARM: name} | case for case in design)


class Factorial:
    """Every combination of suspects switched off and on: 2^k conditions for k suspects.

    Args:
        suspects: name → settings when off, settings when on. The name becomes a setting
            ``suspect.NAME`` that is False or True, for claims and for attribution.

    Raises:
        UserError: a name is no identifier, or the settings are not a pair.
    """

    def __init__(self, suspects: "Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]"):
        for name, levels in suspects.items():
            if not name.isidentifier():
                raise UserError(f"The suspect {name!r} must be words joined by underscores.")
            if not isinstance(levels, tuple | list) or len(levels) != 2:
                raise UserError(f"The suspect {name!r} needs settings for off and on.")
        self.suspects = {name: tuple(levels) for name, levels in suspects.items()}

    @property
    def size(self) -> int:
        """Number of conditions."""
        return 2 ** len(self.suspects)

    def __iter__(self) -> Iterator[Settings]:
        for switches in itertools.product((False, True), repeat=len(self.suspects)):
            case: Settings = {}
            for (name, levels), on in zip(self.suspects.items(), switches, strict=True):
                case |= {**levels[on], f"{SUSPECT}{name}": on}
            yield case


class Crossed:
    """Every combination of two seeds for each of k sources of randomness: 2^k conditions.

    Within one run seed each source takes the run's first or its second seed, both drawn at
    random, so that the conditions are a fully crossed design of random effects and run
    seeds are its independent replicates. ``summary`` shares the variance between runs out
    among the sources. A source that is neither crossed nor pinned follows the run's first
    seed throughout, and is then in no share.

    Args:
        sources: names of the sources to cross, such as "initialisation" and "order";
            "one_bit" stands for the last bit of one initial weight.

    Raises:
        UserError: a name is no source or stands there twice, or there are fewer than two.
    """

    def __init__(self, *sources: str):
        for name in sources:
            one_of("A source of Crossed", name, SOURCES)
            require(sources.count(name) == 1, f"Crossed names the source {name!r} twice.")
        require(len(sources) >= 2, f"Crossed needs two sources or more, not {sources}.")
        self.sources = sources

    @property
    def size(self) -> int:
        """Number of conditions."""
        return 2 ** len(self.sources)

    def __iter__(self) -> Iterator[Settings]:
        bit: Settings = {"sources.one_bit": True} if "one_bit" in self.sources else {}
        for switches in itertools.product((False, True), repeat=len(self.sources)):
            levels = dict(zip(self.sources, switches, strict=True))
            second = tuple(name for name, other in levels.items() if other)
            labels = {f"{SOURCE}{name}": other for name, other in levels.items()}
            yield {**bit, "sources.second": second, **labels}


def is_label(path: str) -> bool:
    """Whether a path only names a condition and is no part of it."""
    return path == ARM or path.startswith((SUSPECT, SOURCE))


def size_of(design: Design) -> int:
    """Number of conditions of a design; of one without ``size`` not far beyond the limit."""
    held = getattr(design, "size", None)
    if isinstance(held, int):
        return held
    return sum(1 for _ in itertools.islice(design, MOST_CONDITIONS + 1))


def as_design(vary: "Mapping[str, tuple[Any, ...]] | Design") -> Design:
    """`vary` as a design; a mapping becomes the product over its axes.

    Raises:
        UserError: it is neither, or an axis is no tuple of levels, or has none.
    """
    if not isinstance(vary, Mapping):
        # Texts and lists can be iterated, too, but do not give settings.
        if isinstance(vary, str | bytes | list | tuple | set) or not isinstance(vary, Design):
            raise UserError(
                f"vary is {vary!r}, but must map settings to tuples of levels, or be a design "
                "such as Zipped, Cases or Arms."
            )
        return vary
    for path, levels in vary.items():
        if not isinstance(levels, tuple | list) or not levels:
            raise UserError(f"vary[{path!r}] is {levels!r}, but must be a tuple of levels.")
    return Product(*(Zipped({path: tuple(levels)}) for path, levels in vary.items()))


def axes_of(vary: "Mapping[str, tuple[Any, ...]] | Design") -> tuple[str, ...]:
    """The dotted paths that a design sets, in order of appearance."""
    return tuple(
        dict.fromkeys(path for case in as_design(vary) for path in case if not is_label(path))
    )
