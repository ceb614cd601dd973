"""Pools: what their images look like to a network."""

import hashlib
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmark import (
    Digits,
    Images,
    MedicalImages,
    Surfaces,
)
from benchmark.tasks import CosineArccosine
from benchmark.tasks.drawing import object_images
from benchmark.tasks.keys import by_source, source_keys
from helpers.samples import COSINES, IMAGES, MEDICAL, SMALL, SOURCES, SURFACES, sample_of, tasks

each_task = tasks(SMALL, SURFACES, COSINES, IMAGES, MEDICAL)


# --- the pools ----------------------------------------------------------------------------


@each_task
def test_a_pool_is_what_it_is_declared_to_be(task):
    pool = task.pool()
    assert pool.x.dtype == np.float32 and pool.y.dtype == np.int32
    assert tuple(np.bincount(pool.y)) == task.class_sizes
    assert task.outputs == len(task.class_sizes)
    if not isinstance(task, Digits):
        assert pool.x.shape[-1] == 1 and abs(pool.x.mean()) < 1e-4
        assert pool.x.std() == pytest.approx(1, abs=1e-3)


def test_images_are_quick_balanced_and_nested():
    before = time.process_time()
    many = object_images(4096, 16, 5, 0.15)
    assert time.process_time() - before < 2
    assert np.ptp(np.bincount(many.y)) <= 1
    few = object_images(500, 16, 5, 0.0)
    more = object_images(4096, 16, 5, 0.0)
    # The same objects, to the common scale.
    one, other = (np.asarray(pool.x[:500]).reshape(-1) for pool in (few, more))
    assert np.corrcoef(one, other)[0, 1] > 0.99999


@pytest.mark.parametrize("task", [Images(400, 400), MedicalImages(400, 400, size=16)])
def test_the_classes_of_images_can_be_told_apart_but_not_by_a_mean_image(task):
    x, y = task.pool().x[..., 0], task.pool().y
    means = np.stack([x[y == c][:400].mean(0) for c in range(task.outputs)])
    left, right = x[-800:], y[-800:]
    nearest = np.argmin(((left[:, None] - means[None]) ** 2).sum((2, 3)), 1)
    guessing = 1 / task.outputs
    assert guessing - 0.1 < np.mean(nearest == right) < guessing + 0.4
    # Energy of the pixel-to-pixel differences tells lesions and edges from plain tissue.
    edges = np.abs(np.diff(x, axis=1)).max((1, 2))
    spreads = [edges[y == c].mean() for c in range(task.outputs)]
    assert np.ptp(spreads) > 3 * edges.std() / len(x) ** 0.5


# --- nothing switched on ------------------------------------------------------------------

UNCHANGED = {
    "digits": (Digits(200, 100), "c3e5fa007938"),
    "mislabelled digits": (Digits(200, 100, mislabelled=0.25), "548eb6662163"),
    "surfaces": (Surfaces(), "711b2aace2fb"),
    "mislabelled surfaces": (Surfaces(mislabelled=0.2), "fbaa7a604111"),
    "mislabelled cosines": (CosineArccosine(mislabelled=0.3), "d371d612877a"),
}


@pytest.mark.parametrize("name", UNCHANGED)
def test_what_a_seed_draws_stays_what_it_was(name):
    task, pinned = UNCHANGED[name]
    seen = hashlib.sha256()
    for subset in sample_of(task, 7).sets.values():
        for part in (subset.index, subset.y, subset.corrupted):
            seen.update(np.asarray(part).tobytes())
    assert seen.hexdigest()[:12] == pinned


@each_task
def test_operations_that_are_off_leave_the_pool_shared(task):
    pool = jax.tree.map(jnp.asarray, task.pool())
    keys = by_source(source_keys(jnp.zeros(len(SOURCES), jnp.int32)))
    split = task.sample(pool, keys)
    assert all(subset.x is pool.x and subset.center is None for subset in split.sets.values())
    rows = np.concatenate([np.asarray(subset.index) for subset in split.sets.values()])
    assert len(set(rows.tolist())) == task.n_train + task.n_validation
