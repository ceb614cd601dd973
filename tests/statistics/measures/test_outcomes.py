"""Which runs diverged, and which only spiked."""

import numpy as np
import pytest

from benchmark.measures import Diverged, Spiked, StepsTo


def test_outcomes():
    loss = np.array([[4.0, 2.0, 9.0], [4.0, 41.0, 1.0], [30.0, 2.0, 5.0], [4.0, np.inf, 1.0]])
    start = np.array([5.0, 4.0, 2.0, 4.0])
    assert Diverged().evaluate({"train_loss": loss}).tolist() == [1, 0, 0, 1]
    assert Spiked().evaluate({"train_loss": loss}).tolist() == [0, 1, 0, 1]
    series = {"train_loss": loss, "initial_train_loss": start}
    assert Diverged().evaluate(series).tolist() == [0, 0, 1, 1]
    assert Spiked().evaluate(series).tolist() == [0, 1, 1, 1]
    steps = StepsTo("train_loss", below=2.5).evaluate(series)
    np.testing.assert_array_equal(steps, [1, 2, 1, 2])
    assert np.isnan(StepsTo("train_loss", below=0.5).evaluate(series)).all()


def ended(curves: np.ndarray) -> tuple[float, ...]:
    """Shares of runs that diverged and that spiked."""
    series = {"train_loss": np.asarray(curves, dtype=np.float32)}
    return tuple(float(kind().evaluate(series).mean()) for kind in EVENTS)


EVENTS = (Diverged, Spiked)


def descent(
    rate: float, momentum: float, start: float, noise=1.0, epochs=60, dimension=1, steps=20
) -> np.ndarray:
    """Losses ½‖w‖² of heavy-ball runs, [run, epoch]."""
    rng = np.random.default_rng(11)
    w, v = np.full((200, dimension), start), np.zeros((200, dimension))
    loss = [0.5 * np.sum(w**2, 1)]
    for _ in range(epochs):
        for _ in range(steps):
            v = momentum * v - rate * (w + noise * rng.standard_normal(w.shape))
            w = w + v
        loss.append(0.5 * np.sum(w**2, 1))
    return np.stack(loss, 1)


@pytest.mark.parametrize("dimension", [1, 2, 50])
@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0.0), (1.5, 0.0), (0.1, 0.9)])
def test_a_stationary_run_has_not_diverged_wherever_it_started(rate, momentum, dimension):
    how = {"rate": rate, "momentum": momentum, "dimension": dimension}
    assert ended(descent(start=0.0, **how))[0] <= 0.02
    assert ended(descent(start=5.0, **how)) == (0, 0)
    # Begun in the stationary state, now and then far below the floor by chance.
    assert ended(descent(start=5.0, epochs=100, **how)[:, 40:])[0] <= 0.02


def test_what_comes_back_has_spiked_and_not_diverged():
    # Below its edge, 2(1 + β) = 3.8, the heavy ball first grows.
    heavy = descent(3.7, 0.9, 1.0, noise=0.0, epochs=200, steps=1)
    assert ended(heavy) == (0, 1)
    catapult = np.concatenate([[0.5], np.geomspace(0.6, 80, 10), np.geomspace(20, 1e-17, 20)])
    assert ended(catapult[None]) == (0, 1)
    late = np.concatenate([np.geomspace(2.3, 0.01, 40), [900.0], np.full(5, 0.01)])
    assert ended(late[None]) == (0, 1)
    # Dead units leave a network that guesses: where it began, after an explosion.
    guessing = np.concatenate([[2.35], [4e4], np.full(40, 2.31)])
    assert ended(guessing[None]) == (0, 1)


def test_what_grows_has_diverged():
    time = np.linspace(0, 1, 61)
    noise = np.exp(0.05 * np.random.default_rng(12).standard_normal((200, 61)))
    assert ended(2.3 * np.exp(1.5 * time) * noise) == (1, 0)
    assert ended(2.3 * np.exp(5 * time) * noise) == (1, 1)
    assert ended(1e-9 * np.exp(60 * time) * noise) == (1, 1)
    # From the exact minimum, where there is nothing to multiply.
    unstable = descent(2.02, 0.0, 0.0)
    assert unstable[0, 0] == 0 and ended(unstable) == (1, 1)
    late = np.concatenate([np.geomspace(2.3, 0.01, 55), 0.01 * 10.0 ** np.arange(1, 7)])
    assert ended(late[None]) == (1, 1)
    stuck = np.concatenate([[2.3], 8 + 0.5 * np.random.default_rng(13).standard_normal(60)])
    assert ended(stuck[None]) == (1, 0)
    # Less than twice the start is not far.
    assert ended(2.3 * (1 + 0.8 * time)[None]) == (0, 0)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ([2.0], (0, 0)),
        ([2.0, 3.9], (0, 0)),
        ([2.0, 4.1], (1, 0)),
        ([2.0, 21.0], (1, 1)),
        ([2.0, 9.0, 1.0], (0, 0)),
        ([2.0, 3.0, 9.0], (1, 0)),
        ([2.0, 30.0, 30.0, 1.0], (0, 1)),
        ([2.0, 5.0, 7.0, 9.0], (1, 0)),
        ([0.0, 0.5], (0, 0)),
        ([-2.0, -1.0], (0, 0)),
        ([-2.0, 0.5], (1, 0)),
        ([np.nan], (1, 1)),
        ([2.0, np.nan, 1.0], (1, 1)),
        ([2.0, np.inf, 1.0], (1, 1)),
        ([2.0, 1.0, -np.inf], (1, 1)),
        ([np.inf, 1.0, 1.0], (1, 1)),
    ],
)
def test_short_runs_and_runs_that_are_not_finite(loss, expected):
    # Beside a healthy run, or a time without any value would count as not recorded.
    both = np.array([loss, np.ones(len(loss))])
    series = {"train_loss": both}
    assert tuple(kind().evaluate(series)[0] for kind in EVENTS) == expected
    assert all(kind().evaluate(series)[1] == 0 for kind in EVENTS)
