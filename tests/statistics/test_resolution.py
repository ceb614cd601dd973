"""What single precision cannot tell apart."""

import numpy as np
import pytest

from benchmark.statistics.measures import (
    Custom,
    Diverged,
    DominantPeriod,
    Drawup,
    Final,
    GeneralisationGap,
    Jitter,
    Level,
    RelativeJitter,
    RiseFraction,
    StepsTo,
    VonNeumann,
)
from benchmark.statistics.resolution import resolution, resolved, rounding

EPS = 2.0**-23
ACCURACY = {"train_accuracy": np.full((8, 40), 0.5)}
"""Marks a classification."""


def rounded(generator: np.random.Generator, curve: np.ndarray) -> np.ndarray:
    """What eight machines record of a curve: the last digits are theirs."""
    return curve + generator.uniform(-2, 2, (8, len(curve))) * EPS * np.abs(curve)


MEASURES = [
    Level("train_loss"),
    Final("train_loss"),
    Jitter("train_loss"),
    RelativeJitter("train_loss"),
    RiseFraction("train_loss"),
    StepsTo("train_loss", below=1.0),
    Custom("range", "train_loss", lambda x: x.max(1) - x.min(1)),
]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
@pytest.mark.parametrize("shape", ["still", "falling", "noisy"])
def test_machines_do_not_differ_by_more_than_the_resolution(measure, shape):
    generator, time = np.random.default_rng(0), np.arange(40)
    curve = {
        "still": np.full(40, 2.3),
        "falling": 2.3 * np.exp(-time / 30),
        "noisy": 2.3 * np.exp(-time / 30) * generator.uniform(0.5, 1.5, 40),
    }[shape]
    series = ACCURACY | {"train_loss": rounded(generator, curve)}
    values, blur = measure.evaluate(series), resolution(measure, series)
    known = np.isfinite(values)
    if known.any():
        assert np.ptp(values[known]) <= 2 * blur[known].max()
    if shape == "noisy" and known.any():
        assert (blur[known] < 1e-4 * np.abs(values[known])).all(), "what is real stays"


def test_small_cross_entropies_are_known_to_the_last_digit_of_one():
    """Losses from 1e-9 to 10 nats in single precision against the same in double."""
    import jax.numpy as jnp

    from benchmark.training.objective import sample_losses

    margins = np.linspace(-10, 22, 400, dtype=np.float32)
    outputs = np.stack([margins + 8, np.full(400, np.float32(8))], axis=1)
    y = np.zeros(400, np.int32)
    losses = sample_losses("cross_entropy", jnp.asarray(outputs), jnp.asarray(y))
    found = np.asarray(losses, np.float64)
    truth = np.log1p(np.exp(-(outputs[:, 0].astype(float) - 8)))
    series = ACCURACY | {"train_loss": truth[None]}
    off, allowed = np.abs(found - truth), rounding("train_loss", series)[0]
    assert (off <= allowed).all()
    assert off[truth < 1e-7].max() > 1e-9, "far above its own digits"
    assert allowed.min() == EPS and allowed.max() < 50 * EPS


def test_the_noise_of_a_full_batch_is_rounding():
    """Two orders of one sum: the squared distance of mean gradients, which is 0."""
    generator = np.random.default_rng(1)
    gradients = generator.normal(0, 0.3, (1024, 500)).astype(np.float32)
    first = gradients.sum(axis=0) / np.float32(1024)
    second = gradients[generator.permutation(1024)].sum(axis=0) / np.float32(1024)
    norm2 = float(np.sum(first.astype(float) ** 2))
    series = {
        "gradient_noise": np.array([[np.mean(np.sum(gradients**2.0, axis=1)) - norm2]]),
        "gradient_norm2": np.array([[norm2]]),
        "batch_gradient_noise": np.array([[np.sum((first - second).astype(float) ** 2)]]),
    }
    noise = Level("batch_gradient_noise")
    value, blur = noise.evaluate(series), resolution(noise, series)
    assert 0 < value[0] < blur[0] < 1e-10 * series["gradient_noise"][0, 0]
    ratio = Custom("r", ("batch_gradient_noise", "gradient_noise"), lambda b, s: (b / s)[:, 0])
    assert ratio.evaluate(series) < resolution(ratio, series) < 1e-10
    # The noise of small batches is known as well as their gradients are.
    series["batch_gradient_noise"] = series["gradient_noise"] / 32
    assert resolution(noise, series) < 1e-5 * noise.evaluate(series)


def test_squared_errors_are_known_to_the_squared_digits_of_the_targets():
    falling = 0.5 * 10.0 ** -np.arange(0, 20)[None]
    allowed = rounding("train_loss", {"train_loss": falling})
    assert (allowed[:, 0] < 10 * EPS).all() and allowed[0, -1] < 20 * EPS**2
    assert (np.diff(allowed[0]) <= 0).all()


@pytest.mark.parametrize("measure", [VonNeumann("train_loss"), DominantPeriod("train_loss")])
def test_rounding_has_no_shape(measure):
    generator = np.random.default_rng(2)
    still = ACCURACY | {"train_loss": rounded(generator, np.full(40, 2.3))}
    alive = ACCURACY | {"train_loss": rounded(generator, 2.3 + generator.normal(0, 0.1, 40))}
    assert np.isinf(resolution(measure, still)).all()
    assert np.isnan(resolved(measure.evaluate(still), resolution(measure, still))).all()
    assert (resolution(measure, alive) < 0.01).all()


def test_no_logarithm_of_what_may_be_zero():
    held = {"train_loss": np.full((3, 12), 1e-9) * [[0.1], [1.0], [1e4]]}
    assert np.isinf(resolution(RelativeJitter("train_loss"), ACCURACY | held)[:2]).all()
    assert np.isfinite(resolution(RelativeJitter("train_loss"), ACCURACY | held)[2])


def test_exact_and_missing_values():
    plateau = {"train_accuracy": np.full((2, 20), 0.9), "train_loss": np.ones((2, 20))}
    assert (resolution(RiseFraction("train_accuracy"), plateau) == 0).all()
    running = plateau | {"running_train_accuracy": np.ones((2, 20))}
    assert (resolution(RiseFraction("running_train_accuracy"), running) > 0.2).all()
    plateau["train_loss"][0, 5:] = np.inf
    assert np.isnan(resolution(Final("train_loss"), plateau)[0])
    assert (resolution(Diverged(), plateau) == 0).all()
    gap = GeneralisationGap()
    both = ACCURACY | {name: np.full((1, 20), 2.0) for name in gap.series}
    assert resolution(gap, both) == pytest.approx(2 * 4 * EPS * 2.0)


def test_a_rise_by_rounding_is_undecided():
    loss = np.array([[[0.5, 0.5 + 0.4 * EPS, 0.4, 0.3]]])
    series = {"step_full_loss": loss, "step_rise": np.array([[[0.0, 1.0, 0.0, 0.0]]])}
    assert resolution(Level("step_rise", window=(0, 1)), series) == 0.25


def test_clamped_for_ratios():
    values, blur = np.array([0.0, -1e-9, 3.0, 2.0]), np.array([1e-8, 1e-8, 1e-8, np.inf])
    assert resolved(values, blur) == pytest.approx([1e-8, -1e-8, 3.0, np.nan], nan_ok=True)


def test_the_setback_of_a_falling_curve_is_its_rounding():
    falling = ACCURACY | {"train_loss": np.tile(2.3 * 0.9 ** np.arange(40.0), (8, 1))}
    measure = Drawup("train_loss", window=(0.0, 1.0))
    assert (measure.evaluate(falling) == 0).all()
    assert (resolution(measure, falling) == 8 * 2 * EPS).all(), "4ε·2.3, rounded up"
