"""Long work goes through names one after the other; whoever waits for it is told at which."""

from collections.abc import Iterable, Sequence
from typing import Protocol


class Steps(Protocol):
    """Goes through names and says so, as `benchmark.workbench.progress.shown_steps` does."""

    def __call__(self, names: Sequence[str], doing: str) -> Iterable[str]:
        """The names; `doing` is what is done with each: "reading", "drawing"."""
        ...


def silently(names: Sequence[str], doing: str) -> Iterable[str]:
    """The names, and nothing is said.

    >>> list(silently(["batch_size", "dropout"], "drawing"))
    ['batch_size', 'dropout']
    """
    return names
