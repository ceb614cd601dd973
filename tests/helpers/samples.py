"""Small tasks, and what they draw."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmark import (
    MLP,
    Condition,
    Digits,
    Images,
    MedicalImages,
    Surfaces,
)
from benchmark.tasks import CosineArccosine
from benchmark.tasks.keys import by_source, source_keys


def sample_of(task, seed=0):
    keys = by_source(source_keys(jnp.full((len(SOURCES),), seed, jnp.int32)))
    return task.sample(jax.tree.map(jnp.asarray, task.pool()), keys)


SOURCES = Condition(Digits(), MLP((2,))).sources.seeds(0)


SMALL = Digits(n_train=100, n_validation=60)


SURFACES = Surfaces(n_train=100, n_validation=60)


COSINES = CosineArccosine(n_train=100, n_validation=60)


IMAGES = Images(n_train=100, n_validation=60, pool_size=500)


MEDICAL = MedicalImages(n_train=100, n_validation=60, pool_size=400, size=16)


def tasks(*which):
    return pytest.mark.parametrize("task", which, ids=lambda t: type(t).__name__)


def arrays(subset):
    return [np.asarray(part) for part in subset.all()]


def same(first, second):
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


ALL = {
    "minority": 0.1,
    "feature_noise": 0.1,
    "variety": 0.5,
    "mislabelled": 0.1,
    "validation_mislabelled": 0.1,
    "leak": 0.2,
}
