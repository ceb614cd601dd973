"""A condition to change, and a part with one field of every kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from benchmark import (
    MLP,
    SGD,
    Condition,
    Digits,
    Scenario,
    Training,
)
from benchmark.declare.fields import Declared
from benchmark.parts import static, traced

BATCH, RATE, EPOCHS = "training.batch_size", "optimizer.learning_rate", "training.epochs"


BASE = Condition(
    Digits(n_train=64, n_validation=32), MLP(widths=(8,)), SGD(0.1), Training(2, batch_size=16)
)


def untyped(thing: Any) -> Any:
    """`thing`, of which the type checker knows nothing: mistakes are what is tested."""
    return thing


@dataclass(frozen=True)
class Part(Declared):
    """One field of every kind."""

    number: float = traced(0.5, at_least=0, below=1)
    positive: float = traced(1.0, above=0, at_most=2)
    free: float = traced(0.0)
    count: int = static(3, at_least=1)
    maybe: float | None = traced(None, at_least=0)
    flag: bool = True
    word: Literal["red", "green", "blue"] = "red"
    widths: tuple[int, ...] = (4, 4)
    pair: tuple[int, float] = (1, 2.0)
    rule: Callable[[int], int] = abs
    inner: Any = None


def scenario(vary: Any, **more: Any) -> Scenario:
    return Scenario(question="?", says=".", base=BASE, vary=vary, **more)


def levels(resolved: Any, *paths: str) -> list[tuple[Any, ...]]:
    return [tuple(m.condition.settings[p] for p in paths) for m in resolved.members]
