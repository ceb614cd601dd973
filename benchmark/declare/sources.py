"""The sources of randomness of a run, and their seeds."""

import dataclasses
from dataclasses import dataclass

from benchmark.declare.errors import one_of, require
from benchmark.declare.fields import Declared, static


@dataclass(frozen=True)
class Sources(Declared):
    """Seeds of the sources of randomness: None follows the run's seed, a number pins it.

    Attributes:
        second: names of sources that take the run's second seed instead of its first, so
            that sources can be crossed within one run seed (see `Crossed`).
        one_bit: the smallest difference there is: with everything else pinned, too, runs
            differ in the last bit of one initial weight, which the run's seed chooses.
    """

    initialisation: int | None = static(None, at_least=0)
    data: int | None = static(None, at_least=0)
    mislabelling: int | None = static(None, at_least=0)
    order: int | None = static(None, at_least=0)
    dropout: int | None = static(None, at_least=0)
    augmentation: int | None = static(None, at_least=0)
    evaluation: int | None = static(None, at_least=0)
    one_bit: bool = False
    second: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.second:
            one_of("A name in Sources.second", name, SOURCES)
            require(
                getattr(self, name) is (True if name == "one_bit" else None),
                f"Sources.second names {name!r}, but "
                + ("one_bit is off." if name == "one_bit" else "that source is pinned."),
            )
        # The order of names means nothing, so it must not enter the id.
        held = tuple(name for name in SOURCES if name in self.second)
        object.__setattr__(self, "second", held)

    def seeds(self, seed: int) -> tuple[int, ...]:
        """The seed of every source, in the order of `SOURCES`, for the run `seed`."""

        def of(name: str) -> int:
            pin = getattr(self, name)
            own = seed + SECOND if name in self.second else seed
            return own if pin is None or isinstance(pin, bool) else pin

        return tuple(of(name) for name in SOURCES)


SOURCES = tuple(field.name for field in dataclasses.fields(Sources) if field.name != "second")
"""Names of the sources of randomness; their places are part of every key."""

SECOND = 2**30
"""Distance of a run's second seed from its first: no run's first, and in 32 bits."""
