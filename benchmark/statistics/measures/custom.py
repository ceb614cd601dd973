"""Measures that a scenario computes by a function of its own."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmark.declare.curves import Curves, PerRun
from benchmark.declare.errors import UserError, own_call, require
from benchmark.declare.measure import (
    SECOND_HALF,
    Measure,
    OverRuns,
    Window,
    built_in_measures,
    curves_taken,
    one_per_run,
)


@dataclass(frozen=True, init=False)
class Custom(Measure):
    """The user's own measure: ``function`` takes one array [run, time] per series.

    Times at which one of them has no value in any run are left out of all. A measure that
    needs a unit, settings or words of its own is a class; see `Measure`.

    >>> last_over_first = Custom("left", "train_loss", lambda x: x[:, -1] / x[:, 0])
    >>> last_over_first.evaluate({"train_loss": [[8.0, 4.0, 2.0, 1.0]]}), last_over_first.name
    (array([0.5]), 'left(train_loss)')

    Attributes:
        label: its name.
        function: arrays [run, time] → [run], diverged runs included.
        bounds: between which its values lie; give them where values cannot leave them, such
            as (0, 1) for a share.
        events: it counts something that may be rare.

    With ``over_runs="geometric_mean"`` where its values are positive without a bound, claims
    are judged by what suits such numbers.
    """

    label: str
    function: Callable[..., Any]
    bounds: tuple[float, float] | None = None
    events: bool = False

    takes_diverged = True

    def __init__(
        self,
        label: str,
        of: str | tuple[str, ...],
        function: Any,  # a sentence of ours and no type checker's says if it is no function
        bounds: tuple[float, float] | None = None,
        events: bool = False,
        *,
        window: Window = SECOND_HALF,
        over_runs: OverRuns | None = None,
    ):
        """The measure `label` of the series `of`."""
        fields = {"of": of, "window": window, "over_runs": over_runs, "label": label,
                 "function": function, "bounds": bounds, "events": events}  # fmt: skip
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        self.__post_init__()

    def __post_init__(self) -> None:
        require(
            callable(self.function),
            f"The function of measure {self.label!r} is {self.function!r}, but must be a "
            "function.",
        )
        super().__post_init__()
        require(bool(self.label), "Custom.label is '', but must name the measure.")
        like = built_in_measures().get(self.label)
        require(
            like is None or curves_taken(like) != len(self.series),
            f"A measure is called {self.label!r} already; give your own another label.",
        )
        if self.bounds is not None:
            low, high = self.bounds
            require(low < high, f"Custom.bounds is {self.bounds!r}, but lowest must be below.")

    def _check_number_of_series(self) -> None:
        try:
            signature = inspect.signature(self.function)
        except (TypeError, ValueError):
            # Some functions that are written in C do not say what they take.
            return
        try:
            signature.bind(*self.series)
        except TypeError as error:
            raise UserError(
                f"The function of measure {self.label!r} must take one array for each of its "
                f"{len(self.series)} series, but {error}."
            ) from error

    def values(self, *curves: Curves) -> PerRun:
        """What the function returns."""
        what = f"The function of measure {self.name}"
        return one_per_run(what, own_call(what, self.function, *curves), len(curves[0]))

    @property
    def rare(self) -> bool:
        return self.events

    @property
    def called(self) -> str:
        return self.label

    @property
    def options(self) -> dict[str, Any]:
        """None: its label is its name."""
        return {}

    @property
    def phrase(self) -> str:
        """Its label, in words."""
        return self.label.replace("_", " ").replace("-", " ")

    def axis(self, loss: str | None, steps: bool) -> str:
        """Its label, in words."""
        return self.phrase
