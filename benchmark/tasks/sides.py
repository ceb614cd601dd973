"""Two classes in ten dimensions, of which there are as many samples as one likes."""

from dataclasses import dataclass

import numpy as np

from benchmark.declare.data import Pool
from benchmark.declare.fields import static
from benchmark.tasks.classes import ClassTask
from benchmark.tasks.teacher import TeacherRegression

_POOL = 12_288
"""Samples that runs draw from, unless they need more."""


@dataclass(frozen=True)
class Sides(ClassTask):
    """On which side of a fixed random surface does a sample lie? Both classes are as large.

    The surface is where a random network of `TeacherRegression` crosses its median. It is
    cheap, and large enough for what a small validation set is to be compared with.

    Attributes:
        n_train: training samples.
        n_validation: validation samples.
    """

    n_train: int = static(1024, at_least=2)
    n_validation: int = static(10_000, at_least=1)

    @property
    def class_sizes(self) -> tuple[int, ...]:
        count = max(_POOL, self.n_train + self.n_validation + self.n_test)
        return count - count // 2, count // 2

    def pool(self) -> Pool:
        count = sum(self.class_sizes)
        drawn = TeacherRegression(targets=1, n_train=1, n_validation=count - 1).pool()
        rank = np.argsort(np.argsort(drawn.y[:count, 0]))
        second = rank >= self.class_sizes[0]
        return drawn._replace(x=drawn.x[:count], y=second.astype(np.int32))
