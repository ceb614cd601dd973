"""The PyTorch side of the comparison: the same training, as an expert would write it.

Data lie in memory as tensors, shuffled once per epoch and sliced; gradients are set to None
rather than zeroed; the loss is never read back. The optimizer's for-loop, ``foreach`` and
(where there is one) ``fused`` forms are tried and the fastest is measured; so are both
layouts of images, of which ``channels_last`` is the faster here; the LSTM is
PyTorch's own two-layer one, which oneDNN computes. ``torch.compile`` is left out: on a CPU
it needs a C++ compiler on the user's machine.

``python -m benchmark.speed.pytorch`` prints the rates.
"""

# PyTorch is optional, so the type checker may not find it.
# pyright: reportMissingImports=false

import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmark.declare.errors import UserError, one_of
from benchmark.speed.peak import cores, together

_WARM_UP = 0.5
_TRIAL = 0.3


class Baseline(NamedTuple):
    """Run-steps per second: optimizer steps of independent runs, all runs together.

    Attributes:
        one_process: one run in one process that may use all cores.
        per_core: one run in each of as many pinned one-thread processes as there are cores.
    """

    one_process: float
    per_core: float

    @property
    def best(self) -> float:
        """The faster way of using the machine."""
        return max(self)


def measure(model: str, batch_size: int, seconds: float) -> Baseline:
    """Train `model` for `seconds` in either way, not counting the warm-up.

    Args:
        model: "mlp": 64-128-128-10 with ReLU on 1024 of scikit-learn's digits, SGD with
            momentum 0.9, rate 0.05; or "lstm": two layers of 64 units and a dense one on the
            last of 100 steps of one feature, six classes, 98 sequences, RMSprop, rate 1e-3;
            or "cnn" or "resnet", described at `_image_forms`.
        batch_size: samples per step.

    Raises:
        UserError: another model, or PyTorch is not installed.
    """
    one_of("model", model, _MODELS)
    if importlib.util.find_spec("torch") is None:
        raise UserError(
            "The comparison needs PyTorch: install the `speed` extra, "
            "pip install 'fluctuation-benchmark[speed]'."
        )
    arguments = (model, batch_size, seconds)
    return Baseline(
        one_process=sum(together(_rate, arguments, [None])),
        per_core=sum(together(_rate, arguments, cores())),
    )


def _rate(release: Callable[[], Any], model: str, batch_size: int, seconds: float) -> float:
    """Steps per second of the fastest form of the optimizer."""
    import torch

    # PyTorch counts the machine's cores itself, not those this process may use.
    torch.set_num_threads(len(cores()))
    forms = _MODELS[model](batch_size)
    for step in forms:
        _steps_per_second(step, _WARM_UP)
    trials = [_steps_per_second(step, _TRIAL) for step in forms]
    fastest = forms[trials.index(max(trials))]
    release()
    return _steps_per_second(fastest, seconds)


def _steps_per_second(step: Callable[[], None], seconds: float) -> float:
    start, done = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - start) < seconds or done == 0:
        step()
        done += 1
    return done / elapsed


def _mlp(batch_size: int) -> list[Callable[[], None]]:
    return [_mlp_form(batch_size, options) for options in OPTIMIZERS]


def _lstm(batch_size: int) -> list[Callable[[], None]]:
    # RMSprop has no fused form.
    return [_lstm_form(batch_size, options) for options in OPTIMIZERS[:2]]


def _images(network: str) -> Callable[[int], list[Callable[[], None]]]:
    def forms(batch_size: int) -> list[Callable[[], None]]:
        return _image_forms(network, batch_size)

    return forms


def _mlp_form(batch_size: int, options: dict[str, bool]) -> Callable[[], None]:
    import torch
    from sklearn.datasets import load_digits
    from torch import nn

    images, labels = load_digits(return_X_y=True)
    x = torch.tensor(images[:1024] / 16, dtype=torch.float32)
    y = torch.tensor(labels[:1024], dtype=torch.int64)
    network = nn.Sequential(
        nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, **options)
    return training_step(network, optimizer, batches(x, y, batch_size))


def _lstm_form(batch_size: int, options: dict[str, bool]) -> Callable[[], None]:
    import torch
    from torch import nn

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.recurrent = nn.LSTM(1, 64, num_layers=2, batch_first=True)
            self.dense = nn.Linear(64, 6)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.dense(self.recurrent(x)[0][:, -1])

    # How fast a step is does not depend on what the sequences say.
    x, y = torch.randn(98, 100, 1), torch.randint(0, 6, (98,))
    network = Classifier()
    optimizer = torch.optim.RMSprop(network.parameters(), lr=1e-3, alpha=0.9, **options)
    return training_step(network, optimizer, batches(x, y, batch_size))


def batches(x: Any, y: Any, size: int) -> Iterator[tuple[Any, Any]]:
    """Mini-batches of reshuffled epochs for ever; an incomplete last one is left out."""
    import torch

    while True:
        order = torch.randperm(len(x))
        shuffled_x, shuffled_y = x[order], y[order]
        for i in range(0, len(x) - size + 1, size):
            yield shuffled_x[i : i + size], shuffled_y[i : i + size]


def training_step(
    network: Any, optimizer: Any, batches: Iterator[tuple[Any, Any]]
) -> Callable[[], None]:
    from torch.nn.functional import cross_entropy

    def step() -> None:
        x, y = next(batches)
        optimizer.zero_grad(set_to_none=True)
        cross_entropy(network(x), y).backward()
        optimizer.step()

    return step


def _image_forms(network: str, batch_size: int) -> list[Callable[[], None]]:
    """Training steps of every layout with every form of the optimizer.

    Args:
        network: "cnn": three 3×3 convolutions with 16, 32 and 64 channels, each with ReLU and
            2×2 max-pooling, and a dense layer, on 1024 images of 16×16, Adam; or "resnet": a
            3×3 convolution and three basic blocks of widths 16, 32 and 64 with batch
            normalisation, on 256 images of 32×32, SGD with momentum 0.9.
        batch_size: samples per step.
    """
    return [
        _image_form(network, batch_size, last, options)
        for last in (True, False)
        for options in OPTIMIZERS
    ]


def _image_form(
    network: str, batch_size: int, channels_last: bool, options: dict[str, Any]
) -> Callable[[], None]:
    import torch

    count, side = (1024, 16) if network == "cnn" else (256, 32)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    # How fast a step is does not depend on what the images show.
    x = torch.randn(count, 1, side, side).contiguous(memory_format=layout)
    y = torch.randint(0, 5, (count,))
    if network == "cnn":
        model = _cnn().to(memory_format=layout)
        optimizer: Any = torch.optim.Adam(model.parameters(), lr=1e-3, **options)
    else:
        model = _resnet().to(memory_format=layout)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, **options)
    return training_step(model, optimizer, batches(x, y, batch_size))


def _cnn() -> Any:
    from torch import nn

    layers: list[Any] = []
    for inputs, outputs in ((1, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(256, 5))


def _resnet() -> Any:
    import torch
    from torch import nn

    def normalised(inputs: int, outputs: int, side: int, stride: int) -> Any:
        convolution = nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(outputs))

    class Block(nn.Module):
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.first = normalised(inputs, outputs, 3, stride)
            self.second = normalised(outputs, outputs, 3, 1)
            same = inputs == outputs
            self.shortcut = nn.Identity() if same else normalised(inputs, outputs, 1, stride)

        def forward(self, x: Any) -> Any:
            y = self.second(torch.relu_(self.first(x)))
            return torch.relu_(y + self.shortcut(x))

    return nn.Sequential(
        normalised(1, 16, 3, 1),
        nn.ReLU(True),
        Block(16, 16, 1),
        Block(16, 32, 2),
        Block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 5),
    )


OPTIMIZERS: list[dict[str, bool]] = [{"foreach": False}, {"foreach": True}, {"fused": True}]
_MODELS: dict[str, Callable[[int], list[Callable[[], None]]]] = {
    "mlp": _mlp,
    "lstm": _lstm,
    "cnn": _images("cnn"),
    "resnet": _images("resnet"),
}


if __name__ == "__main__":
    for name in _MODELS:
        for size in (32, 4):
            print(f"{name:6}  batch size {size:2}  {measure(name, size, seconds=3.0)}")
