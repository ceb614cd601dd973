"""Real handwritten digits, as bundled with scikit-learn: 1,797 images of 8 × 8 pixels."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from benchmark.declare.data import Pool
from benchmark.declare.fields import static
from benchmark.tasks.classes import ClassTask

_PER_CLASS = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)


@dataclass(frozen=True)
class Digits(ClassTask):
    """Classify handwritten digits (Alpaydin & Kaynak 1998); pixels scaled to [0, 1].

    Attributes:
        n_train: training samples of a run, drawn anew for every seed.
        n_validation: validation samples, disjoint from them.
    """

    n_train: int = static(1024, at_least=2)
    n_validation: int = static(512, at_least=1)

    @property
    def class_sizes(self) -> tuple[int, ...]:
        return _PER_CLASS

    def pool(self) -> Pool:
        return _digits()


@lru_cache(maxsize=1)
def _digits() -> Pool:
    from sklearn.datasets import load_digits

    x, y = map(np.asarray, load_digits(return_X_y=True))
    return Pool((x / 16).astype(np.float32), y.astype(np.int32))
