"""The contract of a network: two pure functions over its variables."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from jaxtyping import Array, Float, Key, Num

Variables: TypeAlias = dict[str, Any]
"""Collections by name: "params", and whatever else the network carries along."""


class Mode(NamedTuple):
    """How a network is applied.

    Attributes:
        train: dropout is on, and batch normalisation uses and records batch statistics.
        weight: 1 for each sample of the batch and 0 for padding, which must not enter
            batch statistics; None if there is no padding.
        batch_statistics: in evaluation, batch normalisation uses the batch's own
            statistics instead of the recorded ones (and records nothing).
        reports: batch normalisation puts mean, var and count of the batch where the
            recorded statistics are, and leaves it to `Network.follow` to make these of them.
    """

    train: bool
    weight: "Float[Array, ' batch'] | None" = None
    batch_statistics: bool = False
    reports: bool = False


EVALUATION = Mode(train=False)

STATISTICS = "batch_stats"
"""The collection of what normalisations have recorded, as flax calls it."""


class Network(NamedTuple):
    """A network that lanes can carry.

    Attributes:
        init: (key, x [batch, …]) → variables.
        apply: (variables, x [batch, …], mode, key) → outputs [batch, output] and the
            variables after the pass (statistics may change when `mode.train`).
        stochastic: whether `apply` uses its key when `mode.train`.
        follow: (recorded statistics, those of a batch) → the recorded ones after that step,
            for networks that know `Mode.reports`: training then never reads what was
            recorded, and it can be recorded in several ways afterwards. None for others.
    """

    init: "Callable[[Key[Array, ''], Num[Array, 'batch ...']], Variables]"
    apply: """Callable[
        [Variables, Num[Array, 'batch ...'], Mode, Key[Array, '']],
        tuple[Float[Array, 'batch output'], Variables],
    ]"""
    stochastic: bool = False
    follow: "Callable[[Any, Any], Any] | None" = None
