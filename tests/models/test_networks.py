"""Whole networks: their sizes, and that they learn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmark import CNN, LSTM, MLP, Adam, Condition, Images, ResNet, Training
from benchmark.declare.errors import UserError
from benchmark.declare.network import Mode
from benchmark.training import train
from benchmark.training.lanes import Run
from helpers.numbers import agree, drawn


def count(model, image, outputs):
    x = jnp.zeros((1, *image), jnp.float32)
    variables = jax.eval_shape(model.network(outputs).init, jax.random.key(0), x)
    return sum(leaf.size for leaf in jax.tree.leaves(variables["params"]))


def test_numbers_of_parameters():
    image = (224, 224, 3)
    # torchvision's resnet18, resnet34 and resnet50, to the last one.
    assert count(ResNet((2, 2, 2, 2)), image, 1000) == 11_689_512
    assert count(ResNet((3, 4, 6, 3)), image, 1000) == 21_797_672
    assert count(ResNet((3, 4, 6, 3), bottleneck=True), image, 1000) == 25_557_032
    # 3·3·a·b + b of each convolution, and the flattened 2 × 2 × 64 image.
    assert count(CNN(), (16, 16, 1), 10) == 160 + 4640 + 18_496 + 2570
    for model in (MLP((8, 4)), MLP((8, 4), batch_norm=0.9)):
        assert count(model, (6,), 3) == model.parameters(6, 3)
    for model in (LSTM((8, 4)), LSTM((8, 4), batch_norm=0.9)):
        assert count(model, (5, 2), 3) == model.parameters(2, 3)


def test_products_are_those_of_the_published_networks():
    # Multiplications of torchvision's networks at 224 × 224, without the last dense layer.
    for stages, bottleneck, billions in (
        ((2, 2, 2, 2), False, 1.8136),
        ((3, 4, 6, 3), False, 3.6632),
        ((3, 4, 6, 3), True, 4.0871),
    ):
        products = ResNet(stages, bottleneck=bottleneck).products(224, 3)
        assert products == pytest.approx(billions * 1e9, rel=1e-4)


TASK = Images(n_train=64, n_validation=32, classes=2, noise=0.05, pool_size=128)

MODELS = (
    CNN((4, 8), dense=(8,), dropout=0.1, block_dropout=0.05, batch_norm=0.9),
    CNN((4,), convolutions=2, kernel=5, pool="average", head="average"),
    ResNet((1, 1), width=4, stem="small", batch_norm=0.9),
    MLP((16,), batch_norm=0.9),
)


def curves(model, width=1):
    condition = Condition(TASK, model, Adam(0.01), Training(6, 24))
    return train([Run(condition, seed) for seed in (0, 1)], width)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_networks_learn(model):
    for run in curves(model):
        # The mean loss over an epoch, which statistics of 18 steps do not disturb.
        assert run["running_train_loss"][-1] < run["running_train_loss"][1]


def test_lanes_agree():
    for alone, beside in zip(curves(MODELS[0]), curves(MODELS[0], 2), strict=True):
        # Later chaos takes over.
        agree(alone["train_loss"][:2], beside["train_loss"][:2], 1e-2)


@pytest.mark.parametrize(
    "model, shape",
    [(ResNet((1, 1), 4, bottleneck=True), (16, 16, 3)), (LSTM((6, 4), batch_norm=0.9), (5, 2))],
    ids=["bottleneck and large stem", "LSTM"],
)
def test_training_records_and_evaluation_does_not(model, shape):
    network, x = model.network(5), drawn(4, *shape, dtype="float32")
    key = jax.random.key(0)
    variables = jax.jit(network.init)(key, x)
    for train_mode in (True, False):
        apply = jax.jit(lambda v, x, t=train_mode: network.apply(v, x, Mode(t), key))
        outputs, after = apply(variables, x)
        assert outputs.shape == (4, 5) and np.isfinite(outputs).all()
        before, now = (jax.tree.leaves(v["batch_stats"]) for v in (variables, after))
        moved = [bool((a != b).any()) for a, b in zip(before, now, strict=True)]
        assert all(moved) if train_mode else not any(moved)


def test_too_many_blocks_for_the_image_are_refused():
    with pytest.raises(UserError, match="fewer blocks"):
        CNN((4, 4, 4)).network(2).init(jax.random.key(0), jnp.zeros((1, 4, 4, 1)))
