"""Augmented images."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmark import (
    Augmentation,
    UserError,
)
from benchmark.training.augment import augment

IMAGES = np.random.default_rng(1).normal(size=(5, 6, 8, 2)).astype(np.float32)


def augmented(how, x=IMAGES, seed=0):
    key = jax.random.key(seed, impl="threefry2x32")
    return np.asarray(augment(key, jnp.asarray(x), how))


def chosen_moves(monkeypatch, **moves):
    """Let the six uniform numbers of every image be these."""
    names = ("down", "across", "tall", "wide", "slant", "mirrored")
    drawn = np.repeat([moves.get(name, 0.0) for name in names], len(IMAGES))
    uniform = jnp.asarray(drawn, jnp.float32)
    monkeypatch.setattr(jax.random, "uniform", lambda *args, **kwargs: uniform)


def test_no_strength_is_no_change():
    np.testing.assert_allclose(augmented(Augmentation(0.0, 0.0, 0.0)), IMAGES, atol=1e-6)
    np.testing.assert_array_equal(augmented(Augmentation(noise=0.0)), IMAGES)
    np.testing.assert_array_equal(augmented(Augmentation()), IMAGES)


@pytest.mark.parametrize(("down", "across"), [(2, 0), (0, 3), (-1, -2)])
def test_a_shift_by_whole_pixels_repeats_the_edge(down, across, monkeypatch):
    # Half a side at most: 3 of 6 rows, 4 of 8 columns.
    chosen_moves(monkeypatch, down=down / 3, across=across / 4)
    rows = np.clip(np.arange(6) + down, 0, 5)
    columns = np.clip(np.arange(8) + across, 0, 7)
    expected = IMAGES[:, rows][:, :, columns]
    np.testing.assert_allclose(augmented(Augmentation(shift=0.5)), expected, atol=1e-5)


def test_a_flip_mirrors_half_of_the_images(monkeypatch):
    made = augmented(Augmentation(flip=True), np.repeat(IMAGES[:1], 400, 0))
    mirrored = np.isclose(made, IMAGES[:1, :, ::-1], atol=1e-6).all((1, 2, 3))
    same = np.isclose(made, IMAGES[:1], atol=1e-6).all((1, 2, 3))
    assert (mirrored ^ same).all() and abs(mirrored.mean() - 0.5) < 4 * 0.025
    chosen_moves(monkeypatch, mirrored=-0.5)
    np.testing.assert_allclose(
        augmented(Augmentation(flip=True)), IMAGES[:, :, ::-1], atol=1e-6
    )


def test_zoom_and_shear_move_straight_lines_about_the_centre(monkeypatch):
    rows, columns = np.arange(7) - 3.0, np.arange(9) - 4.0
    ramp = np.stack(np.broadcast_arrays(rows[:, None], columns[None]), -1)
    x = np.repeat(ramp[None], len(IMAGES), 0).astype(np.float32)
    chosen_moves(monkeypatch, tall=1.0, wide=-0.5, slant=0.5)
    zoomed = augmented(Augmentation(zoom=0.4), x)[0]
    np.testing.assert_allclose(zoomed[:, 4, 0], rows / 1.4, atol=1e-5)
    np.testing.assert_allclose(zoomed[3, :, 1], np.clip(columns / 0.8, -4, 4), atol=1e-5)
    sheared = augmented(Augmentation(shear=0.4), x)[0]
    expected = np.clip(columns[None] + 0.2 * rows[:, None], -4, 4)
    np.testing.assert_allclose(sheared[..., 1], expected, atol=1e-5)
    np.testing.assert_allclose(sheared[..., 0], ramp[..., 0], atol=1e-5)
    for made in (zoomed, sheared):
        np.testing.assert_allclose(made[3, 4], 0, atol=1e-6)


def test_noise_has_its_spread_and_every_sample_its_own():
    x = np.zeros((400, 25), np.float32)
    made = augmented(Augmentation(noise=0.3), x)
    # The SD of 10,000 normal numbers has a relative standard error of 1/√20,000.
    assert abs(made.std() / 0.3 - 1) < 4 / np.sqrt(20_000)
    assert abs(made.mean()) < 4 * 0.3 / 100
    everything = Augmentation(0.3, 0.4, 0.5, flip=True, noise=0.1)
    images = augmented(everything, np.repeat(IMAGES[:1], 50, 0))
    assert np.isfinite(images).all() and len(np.unique(images[:, 0, 0, 0])) == 50
    assert not np.array_equal(images, augmented(everything, np.repeat(IMAGES[:1], 50, 0), 1))


@pytest.mark.parametrize("how", [Augmentation(shift=0.1), Augmentation(flip=True)])
def test_only_images_can_be_moved(how):
    with pytest.raises(UserError, match="height, width"):
        augmented(how, np.zeros((3, 5), np.float32))
