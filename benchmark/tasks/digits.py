"""Real handwritten digits, as bundled with scikit-learn: 1,797 images of 8 × 8 pixels."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from benchmark.declare.errors import require
from benchmark.declare.fields import shape, value
from benchmark.declare.parts import Task

if TYPE_CHECKING:
    from benchmark.tasks.data import Keys, Pool, Sample

_IMAGES = 1797


@dataclass(frozen=True)
class Digits(Task):
    """Classify handwritten digits (Alpaydin & Kaynak 1998); pixels scaled to [0, 1].

    Attributes:
        n_train: training samples of a run, drawn anew for every seed.
        n_validation: validation samples, disjoint from them.
        mislabelled: share of training labels replaced by another digit; None takes labels
            as they are.
    """

    n_train: int = shape(1024, at_least=2)
    n_validation: int = shape(512, at_least=1)
    mislabelled: float | None = value(None, at_least=0, at_most=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        total = self.n_train + self.n_validation
        require(
            total <= _IMAGES,
            f"Digits.n_train + Digits.n_validation is {total}, but must be at most {_IMAGES}.",
        )

    @property
    def samples(self) -> int:
        return self.n_train

    @property
    def outputs(self) -> int:
        return 10

    def pool(self) -> "Pool":
        return _digits()

    def sample(self, pool: "Pool", keys: "Keys") -> "Sample":
        from benchmark.tasks.corruption import mislabel, split

        drawn = split(keys("data"), pool.x, pool.y, self.n_train, self.n_validation)
        return drawn._replace(train=mislabel(drawn.train, keys, self.mislabelled, self.outputs))


@lru_cache(maxsize=1)
def _digits() -> "Pool":
    from sklearn.datasets import load_digits

    from benchmark.tasks.data import Pool

    x, y = map(np.asarray, load_digits(return_X_y=True))
    return Pool((x / 16).astype(np.float32), y.astype(np.int32))
