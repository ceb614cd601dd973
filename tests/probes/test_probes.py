"""Probes against dense linear algebra."""

import numpy as np

from benchmark import FULL, Adam, Condition, Linear, Training
from benchmark.probes import GradientNoise, Sharpness, StepRise, UpdateNorm, Weights
from benchmark.tasks import GaussianRegression
from helpers.training import curves, data_of


def test_probes_against_dense_linear_algebra():
    condition = Condition(
        GaussianRegression(dimension=6, n_train=24, noise=0.5),
        Linear(bias=False),
        Adam(0.01),
        Training(4, 4),
        probes=(Sharpness(2), GradientNoise(2), StepRise(2), Weights(1), UpdateNorm(2)),
    )
    (made,) = curves(condition, 0)
    x, y, *_ = data_of(condition, 0)
    hessian = x.T @ x / len(x)
    np.testing.assert_allclose(made["sharpness"][2], np.linalg.eigvalsh(hessian)[-1], rtol=1e-4)
    assert np.isnan(made["sharpness"][[1, 3]]).all()
    w = np.array([made[f"step_weight_{i}"][2, -1] for i in range(6)], np.float64)
    gradients = x * (x @ w[:, None] - y)
    mean = gradients.mean(0)
    total = ((gradients - mean) ** 2).sum(1).mean()
    np.testing.assert_allclose(made["gradient_noise"][2], total, rtol=2e-3)
    np.testing.assert_allclose(made["gradient_norm2"][2], mean @ mean, rtol=2e-3)
    # Six batches of four: their mean squares differ by the spread of their mean.
    spread = made["batch_gradient_norm2"][2] - made["batch_gradient_noise"][2]
    np.testing.assert_allclose(spread, mean @ mean, rtol=5e-3)
    full = made["step_full_loss"][2]
    np.testing.assert_allclose(full[-1], made["train_loss"][2], rtol=1e-5)
    before = np.concatenate([[made["train_loss"][1]], full[:-1]])
    np.testing.assert_array_equal(made["step_rise"][2], (full > before).astype(np.float32))
    assert np.isnan(made["step_rise"][[0, 1, 3]]).all()
    path = np.stack([made[f"step_weight_{i}"] for i in range(6)], -1)[1:].reshape(-1, 6)
    lengths = np.linalg.norm(np.diff(path.astype(float), axis=0), axis=1)
    np.testing.assert_allclose(made["step_update_norm"][2], lengths[5:11], rtol=1e-3)
    assert np.isnan(made["step_update_norm"][[0, 1, 3]]).all()


def test_preconditioned_sharpness_of_adam():
    condition = Condition(
        GaussianRegression(dimension=5, n_train=20),
        Linear(bias=False, start="zeros"),
        Adam(0.01, 0.9, 0.99),
        Training(1, FULL),
        probes=(Sharpness(every=1),),
    )
    (made,) = curves(condition, 0)
    x, y, *_ = data_of(condition, 0)
    gradient = (x * (x @ np.zeros((5, 1)) - y)).mean(0)
    # After one step v̂ = g², and the first moment's correction is 1 − β₁.
    scale = 1 / np.sqrt((1 - 0.9) * (np.abs(gradient) + 1e-7))
    dense = scale[:, None] * (x.T @ x / len(x)) * scale[None, :]
    found = made["preconditioned_sharpness"][1]
    np.testing.assert_allclose(found, np.linalg.eigvalsh(dense)[-1], rtol=1e-3)
