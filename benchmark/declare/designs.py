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

from benchmark.declare.errors import UserError, one_of, require
from benchmark.declare.fields import Declared
from benchmark.declare.sources import SOURCES

Settings: TypeAlias = dict[str, Any]
Axes: TypeAlias = Mapping[str, tuple[Any, ...]]
"""Settings path -> its levels."""

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
class Zipped(Declared):
    """Axes that move together: the i-th condition takes the i-th level of each.

    >>> list(Zipped({"training.batch_size": (8, 16), "optimizer.learning_rate": (0.1, 0.2)}))[1]
    {'training.batch_size': 16, 'optimizer.learning_rate': 0.2}

    Raises:
        UserError: an axis has no levels, or more than another.
    """

    axes: Axes

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_levels("Zipped.axes", self.axes)
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
class Cases(Declared):
    """An explicit list of conditions, each given by its settings.

    >>> Cases(({"training.batch_size": 8}, {"optimizer.learning_rate": 0.2})).size
    2
    """

    cases: tuple[Mapping[str, Any], ...]

    @property
    def size(self) -> int:
        """Number of conditions."""
        return len(self.cases)

    def __iter__(self) -> Iterator[Settings]:
        return (dict(case) for case in self.cases)


@dataclass(frozen=True, init=False)
class _Combined(Declared):
    """Several designs in one."""

    designs: tuple[Design, ...]

    def __init__(self, *designs: Axes | Design):
        object.__setattr__(self, "designs", tuple(map(as_design, designs)))
        self.__post_init__()


class Product(_Combined):
    """Every combination of the levels of several designs; later ones win on a clash.

    >>> Product({"training.batch_size": (8, 16)}, Cases(({}, {"training.order": "once"}))).size
    4
    """

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


class Union(_Combined):
    """All conditions of several designs, one design after the other.

    >>> Union({"training.batch_size": (8, 16)}, {"training.order": ("once",)}).size
    3
    """

    @property
    def size(self) -> int:
        """Number of conditions."""
        return sum(map(size_of, self.designs))

    def __iter__(self) -> Iterator[Settings]:
        return itertools.chain.from_iterable(self.designs)


@dataclass(frozen=True, init=False)
class Arms(Declared):
    """Named designs side by side, each a comparison of its own.

    A condition that stands in two arms is run once and shown in both; claims select an arm
    with ``where={"arm": NAME}``.

    >>> list(Arms({"size": {"training.batch_size": (8,)}, "as posted": Cases(({},))}))
    [{'arm': 'size', 'training.batch_size': 8}, {'arm': 'as posted'}]
    """

    arms: Mapping[str, Design]

    def __init__(self, arms: Mapping[str, Axes | Design]):
        require(
            isinstance(arms, Mapping), f"Arms.arms is {arms!r}, but must map names to designs."
        )
        object.__setattr__(self, "arms", {name: as_design(d) for name, d in arms.items()})
        self.__post_init__()

    @property
    def size(self) -> int:
        """Number of conditions."""
        return sum(map(size_of, self.arms.values()))

    def __iter__(self) -> Iterator[Settings]:
        for name, design in self.arms.items():
            yield from ({ARM: name} | case for case in design)


@dataclass(frozen=True)
class Factorial(Declared):
    """Every combination of suspects switched off and on: 2^k conditions for k suspects.

    >>> few = {"task.n_train": 32}, {"task.n_train": 8}
    >>> list(Factorial({"few_samples": few}))[1]
    {'task.n_train': 8, 'suspect.few_samples': True}

    Attributes:
        suspects: name → settings when off, settings when on. The name becomes a setting
            ``suspect.NAME`` that is False or True, for claims and for attribution.

    Raises:
        UserError: a name is no identifier, or the settings are not a pair.
    """

    suspects: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, levels in self.suspects.items():
            require(
                isinstance(name, str) and name.isidentifier(),
                f"The suspect {name!r} must be words joined by underscores.",
            )
            require(
                isinstance(levels, tuple | list)
                and len(levels) == 2
                and all(isinstance(settings, Mapping) for settings in levels),
                f"The suspect {name!r} needs settings for off and on.",
            )

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


@dataclass(frozen=True, init=False)
class Crossed(Declared):
    """Every combination of two seeds for each of k sources of randomness: 2^k conditions.

    Within one run seed each source takes the run's first or its second seed, both drawn at
    random, so that the conditions are a fully crossed design of random effects and run
    seeds are its independent replicates. ``summary`` shares the variance between runs out
    among the sources. A source that is neither crossed nor pinned follows the run's first
    seed throughout, and is then in no share.

    >>> [case["sources.second"] for case in Crossed("data", "order")]
    [(), ('order',), ('data',), ('data', 'order')]

    Attributes:
        sources: names of the sources to cross, such as "initialisation" and "order";
            "one_bit" stands for the last bit of one initial weight.

    Raises:
        UserError: a name is no source or stands there twice, or there are fewer than two.
    """

    sources: tuple[str, ...]

    def __init__(self, *sources: str):
        object.__setattr__(self, "sources", sources)
        self.__post_init__()

    def __post_init__(self) -> None:
        for name in self.sources:
            one_of("A source of Crossed", name, SOURCES)
            require(self.sources.count(name) == 1, f"Crossed names the source {name!r} twice.")
        require(
            len(self.sources) >= 2, f"Crossed needs two sources or more, not {self.sources}."
        )
        super().__post_init__()

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
    size = getattr(design, "size", None)
    if isinstance(size, int):
        return size
    return sum(1 for _ in itertools.islice(design, MOST_CONDITIONS + 1))


def as_design(vary: Axes | Design) -> Design:
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
    _check_levels("vary", vary)
    return Product(*(Zipped({path: tuple(levels)}) for path, levels in vary.items()))


def _check_levels(what: str, axes: Mapping[str, Any]) -> None:
    for path, levels in axes.items():
        require(
            isinstance(levels, tuple | list) and bool(levels),
            f"{what}[{path!r}] is {levels!r}, but must be a tuple of levels; of a single "
            "one: (level,).",
        )


def axes_of(vary: Axes | Design) -> tuple[str, ...]:
    """The dotted paths that a design sets, in order of appearance."""
    return tuple(
        dict.fromkeys(path for case in as_design(vary) for path in case if not is_label(path))
    )
