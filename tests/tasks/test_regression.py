"""Regression whose wrong signs say nothing of its noise."""


def test_wrong_signs_say_nothing_of_the_noise():
    """GT 5 cannot see such a dependence: by symmetry it leaves the gradient's variance."""
    import jax
    import numpy as np

    from benchmark.tasks import GaussianRegression

    task = GaussianRegression(dimension=4, signal=100.0, noise=1.0, flipped=0.3)
    x, y = task.fresh(task.pool(), jax.random.key(0, impl="threefry2x32"), 20_000)
    signal = 100.0 * np.asarray(x, float).sum(1) / 2
    clear = np.abs(signal) > 10
    wrong = np.sign(y[:, 0]) != np.sign(signal)
    noise = np.asarray(y[:, 0], float) - np.where(wrong, -signal, signal)
    for group in (wrong, ~wrong):
        assert abs(noise[group & clear].mean()) < 4 / np.sqrt(np.sum(group & clear))
