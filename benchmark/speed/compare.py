"""This engine and PyTorch side by side: the same network on the same data, in one run."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from benchmark.declare.condition import Condition
from benchmark.declare.optimizers import Adam, Momentum, RMSprop
from benchmark.declare.training import Training
from benchmark.execution.place import Place, occupy
from benchmark.models import CNN, LSTM, MLP, ResNet
from benchmark.speed.peak import (
    convolution_flops,
    cores,
    lstm_flops,
    mlp_flops,
    peak_flops,
    together,
)
from benchmark.speed.pytorch import Baseline, measure
from benchmark.tasks import Digits, Images, Surfaces


class Speed(NamedTuple):
    """Run-steps per second of a model, all cores together.

    Attributes:
        model: what was trained.
        ours: one pinned process per core.
        pytorch: both of PyTorch's forms; the ratio is to the faster.
        peak_share: share of this machine's measured matrix-product peak that we reach.
    """

    model: str
    ours: float
    pytorch: Baseline
    peak_share: float

    @property
    def ratio(self) -> float:
        """Ours ÷ the faster form of PyTorch."""
        return self.ours / self.pytorch.best


def compare(seconds: float) -> Iterator[Speed]:
    """Measure every model, one after the other, each side for `seconds`.

    Raises:
        UserError: PyTorch is not installed.
    """
    peak: float | None = None
    for name, model, batch_size, flops in _CASES:
        # PyTorch first: without it there is nothing to compare, and that is said at once.
        pytorch = measure(model, batch_size, seconds)
        peak = peak_flops() if peak is None else peak
        ours = sum(together(_rate, (model, batch_size, seconds), cores()))
        yield Speed(name, ours, pytorch, ours * flops(batch_size) / peak)


def condition(model: str, batch_size: int) -> Condition:
    """What our engine trains: the twin of `benchmark.speed.pytorch`'s model."""
    # PyTorch is timed without evaluations; ours makes one before and one after training.
    training = Training(60, batch_size, last_batch="drop", log_steps=False, evaluate_every=60)
    if model == "mlp":
        task = Digits(n_train=1024, n_validation=128)
        return Condition(task, MLP(widths=(128, 128)), Momentum(0.05, 0.9), training)
    if model == "cnn":
        return Condition(Images(n_train=1024, n_validation=128), _CNN, Adam(0.001), training)
    if model == "resnet":
        training = replace(training, epochs=20, evaluate_every=20)
        task = Images(n_train=256, n_validation=32, size=32, pool_size=1024)
        return Condition(task, _RESNET, Momentum(0.05, 0.9), training)
    task = Surfaces(n_train=98, n_validation=12)
    return Condition(task, LSTM(widths=(64, 64)), RMSprop(0.001), training)


def _rate(release: Callable[[], Any], model: str, batch_size: int, seconds: float) -> float:
    """Run-steps per second of one process, with all that a run needs: data, start, logs."""
    occupy(Place("cpu", None))
    from benchmark.training.lanes import Run, train

    trained = condition(model, batch_size)
    train([Run(trained, 0)])
    release()
    start, seed = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - start) < seconds or seed == 0:
        seed += 1
        train([Run(trained, seed)])
    return seed * trained.training.epochs * trained.steps_per_epoch / elapsed


_CNN = CNN((16, 32, 64))
_RESNET = ResNet((1, 1, 1), width=16, stem="small")


def _cnn_flops(batch_size: int) -> float:
    return convolution_flops(batch_size, _CNN.products(16, 1), 16**2 * 9 * 16)


def _resnet_flops(batch_size: int) -> float:
    return convolution_flops(batch_size, _RESNET.products(32, 1), 32**2 * 9 * 16)


_CASES = (
    ("MLP 64-128-128-10, B=32", "mlp", 32, mlp_flops),
    ("MLP 64-128-128-10, B=4", "mlp", 4, mlp_flops),
    ("LSTM 2×64, T=100, B=32", "lstm", 32, lstm_flops),
    ("LSTM 2×64, T=100, B=4", "lstm", 4, lstm_flops),
    ("CNN 16-32-64, 16×16, B=32", "cnn", 32, _cnn_flops),
    ("ResNet 16-32-64, 32×32, B=32", "resnet", 32, _resnet_flops),
)
