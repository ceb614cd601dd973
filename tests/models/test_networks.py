"""Convolutional networks against JAX's own operations and against closed forms."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from benchmark import CNN, LSTM, MLP, Adam, Condition, Images, ResNet, Training
from benchmark.declare.errors import UserError
from benchmark.declare.network import EVALUATION, Mode
from benchmark.models.batch_norm import BatchNorm
from benchmark.models.convolution import conv
from benchmark.models.pooling import average_pool, max_pool, max_pool_overlapping
from benchmark.training import train
from benchmark.training.lanes import Run

# Sums of some hundred float64 roundings of 1e-16 each, on numbers of order ten.
EXACT = 1e-11

# Image side(s), kernel side, strides, padding, input and output channels.
CASES = (
    (8, 8, 3, 1, "SAME", 1, 4),
    (7, 9, 3, 1, "SAME", 3, 17),
    (8, 8, 3, 2, "SAME", 3, 4),
    (7, 8, 3, 2, "VALID", 4, 4),
    (9, 8, 7, 2, "SAME", 3, 4),
    (8, 7, 5, 1, "VALID", 2, 18),
    (7, 6, 1, 2, "SAME", 3, 4),
    (8, 7, 2, 3, "VALID", 5, 4),
    (9, 8, 7, 1, "SAME", 5, 4),
)


@pytest.fixture
def double_precision():
    with jax.enable_x64(True):
        yield


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> jax.Array:
    return jnp.asarray(np.random.default_rng(seed).normal(size=shape), dtype)


def agree(actual: Any, expected: Any, tolerance: float = EXACT) -> None:
    actual, expected = jax.tree.leaves(actual), jax.tree.leaves(expected)
    for a, b in zip(actual, expected, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        assert np.allclose(a, b, rtol=tolerance, atol=tolerance)


def automatic(x, kernel, strides, padding):
    layout = ("NHWC", "HWIO", "NHWC")
    both = (strides, strides)
    return lax.conv_general_dilated(x, kernel, both, padding, dimension_numbers=layout)


def second_order(function):
    """Gradients in both arguments of a curved loss, and their derivative along the squares."""

    def loss(x, kernel):
        return jnp.sum(jnp.sin(function(x, kernel)))

    def everything(x, kernel):
        gradients = jax.grad(loss, (0, 1))
        return jax.jvp(gradients, (x, kernel), (x * x, kernel * kernel))

    return everything


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_and_hessian_vector_products_are_those_of_jax(case):
    height, width, side, strides, padding, inputs, outputs = case
    x, kernel = drawn(2, height, width, inputs), drawn(side, side, inputs, outputs, seed=1)

    def own(x, kernel):
        return conv(x, kernel, strides, padding)

    def naive(x, kernel):
        return automatic(x, kernel, strides, padding)

    agree(own(x, kernel), naive(x, kernel))
    agree(jax.jit(second_order(own))(x, kernel), jax.jit(second_order(naive))(x, kernel))


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0)], ids=str)
@pytest.mark.parametrize("strides", [1, 2])
def test_side_by_side_is_one_after_the_other(axes, strides):
    x, kernel = drawn(3, 2, 6, 5, 2), drawn(3, 3, 3, 2, 4, seed=1)
    x, kernel = x if axes[0] == 0 else x[0], kernel if axes[1] == 0 else kernel[0]
    everything = second_order(lambda x, kernel: conv(x, kernel, strides))
    beside = jax.jit(jax.vmap(everything, axes))(x, kernel)
    one = jax.jit(everything)
    for lane in range(3):
        alone = one(x[lane] if axes[0] == 0 else x, kernel[lane] if axes[1] == 0 else kernel)
        agree(jax.tree.map(lambda part, lane=lane: part[lane], beside), alone)


def windows(x, side, strides, padding):
    sides = (1, side, side, 1), (1, strides, strides, 1)
    return lax.reduce_window(x, -jnp.inf, lax.max, *sides, padding)


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("shape", [(2, 6, 8, 3), (2, 7, 5, 3)])
def test_pooling(shape):
    x = drawn(*shape)
    pairs = (
        (max_pool, lambda x: windows(x, 2, 2, "VALID")),
        (max_pool_overlapping, lambda x: windows(x, 3, 2, ((0, 0), (1, 1), (1, 1), (0, 0)))),
    )
    for own, expected in pairs:
        agree(own(x), expected(x))
        agree(*(jax.grad(lambda x, f=f: jnp.sum(jnp.sin(f(x))))(x) for f in (own, expected)))
    cropped = np.asarray(x)[:, : shape[1] // 2 * 2, : shape[2] // 2 * 2]
    corners = [cropped[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    agree(average_pool(x), jnp.asarray(sum(corners) / 4))


def test_of_equal_values_the_first_gets_the_gradient():
    gradient = jax.grad(lambda x: jnp.sum(max_pool(x)))(jnp.ones((1, 4, 4, 1)))
    first = jnp.zeros((1, 4, 4, 1)).at[:, ::2, ::2].set(1.0)
    agree(gradient, first)


def normalised(x, mode, variables=None, momentum=0.9):
    module = BatchNorm(momentum)
    variables = (
        module.init(jax.random.key(0), x, EVALUATION) if variables is None else variables
    )
    return module.apply(variables, x, mode, mutable=["batch_stats"])


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("pixels", [(), (3,), (3, 2)])
def test_batch_norm_is_differentiated_as_it_is_written(pixels):
    x, scale, shift = drawn(5, *pixels, 4), drawn(4, seed=1), drawn(4, seed=2)
    weight = jnp.array([1.0, 1, 0, 1, 0])
    stats = {"mean": jnp.zeros(4), "var": jnp.ones(4)}

    def own(x, scale, shift):
        variables = {"params": {"scale": scale, "bias": shift}, "batch_stats": stats}
        return normalised(x, Mode(True, weight), variables)[0]

    def naive(x, scale, shift):
        here = weight.reshape(-1, *(1,) * (x.ndim - 1)) * jnp.ones_like(x)
        axes = tuple(range(x.ndim - 1))
        mean = jnp.sum(here * x, axes, keepdims=True) / jnp.sum(here, axes, keepdims=True)
        square = here * (x - mean) ** 2
        variance = jnp.sum(square, axes, keepdims=True) / jnp.sum(here, axes, keepdims=True)
        features = (1,) * (x.ndim - 1) + (-1,)
        hat = (x - mean) / jnp.sqrt(variance + 1e-3)
        return hat * scale.reshape(features) + shift.reshape(features)

    def everything(function):
        def loss(*arguments):
            return jnp.sum(jnp.sin(function(*arguments)))

        def second(*arguments):
            squares = tuple(a * a for a in arguments)
            return jax.jvp(jax.grad(loss, (0, 1, 2)), arguments, squares)

        return jax.jit(second)(x, scale, shift)

    agree(own(x, scale, shift), naive(x, scale, shift))
    agree(everything(own), everything(naive))


@pytest.mark.usefixtures("double_precision")
def test_padding_does_not_enter_batch_statistics():
    x = drawn(6, 4, 4, 3)
    weight = jnp.array([1.0, 1, 0, 1, 1, 0])
    kept = np.array([0, 1, 3, 4])
    padded, recorded = normalised(x, Mode(True, weight))
    alone, expected = normalised(x[kept], Mode(True))
    agree(padded[kept], alone)
    agree(recorded, expected)


@pytest.mark.usefixtures("double_precision")
def test_recorded_statistics_follow_their_closed_form():
    x, momentum, steps = drawn(8, 3), 0.8, 5
    variables: Any = BatchNorm(momentum).init(jax.random.key(0), x, EVALUATION)
    for _ in range(steps):
        _, changed = normalised(x, Mode(True), variables, momentum)
        variables = {**variables, **changed}
    left = momentum**steps
    stats = variables["batch_stats"]
    agree(stats["mean"], (1 - left) * jnp.mean(x, 0))
    agree(stats["var"], left + (1 - left) * jnp.var(x, 0))
    y, _ = normalised(x, EVALUATION, variables)
    agree(y, (x - stats["mean"][None]) / jnp.sqrt(stats["var"] + 1e-3)[None])
    own, after = normalised(x, Mode(False, batch_statistics=True), variables)
    agree(own, normalised(x, Mode(True), variables)[0])
    agree(after["batch_stats"], stats)


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
