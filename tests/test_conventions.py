"""The engine against what Keras and PyTorch computed where they differ.

Every option is held against a record in which it is right, and the other option must miss that
record by far: an option that does nothing would pass the first and fail the second.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import record_conventions as recorded
from benchmark import (
    CNN,
    LSTM,
    MLP,
    SGD,
    Adam,
    Condition,
    Cosine,
    EarlyStopping,
    ResNet,
    RMSprop,
    StepDecay,
    Training,
)
from benchmark.declare.condition import Batch
from benchmark.declare.data import Pool, Split
from benchmark.declare.network import Mode, Network
from benchmark.declare.paths import with_settings
from benchmark.models.batch_norm import BatchNorm
from benchmark.optimizers import KERAS_2_1, KERAS_2_2, KERAS_3, PYTORCH, Framework
from benchmark.parts import Model, Task
from benchmark.probes import Weights
from benchmark.tasks.corruption import clean
from benchmark.training import train
from benchmark.training.epoch import Trainer
from benchmark.training.lanes import Run
from benchmark.training.state import Stopping, average_of, begin, rate_factor, watch

FILE = Path(__file__).parent / "data" / "conventions.json"
RECORD = json.loads(FILE.read_text(encoding="utf-8"))
TOLERANCE = 3e-6
"""Of weights of size 1 after 42 steps in single precision."""
R, BETA, EPSILON = recorded.RATE, recorded.BETA, recorded.EPSILON
CLIP, DECAY, AVERAGE = recorded.CLIP, recorded.DECAY, recorded.AVERAGE
PRESETS = {"torch": PYTORCH, "keras": KERAS_3}


@dataclass(frozen=True)
class Ten(Task):
    """The recorded samples, in both sets."""

    @property
    def samples(self) -> int:
        return recorded.SAMPLES

    @property
    def outputs(self) -> int:
        return recorded.CLASSES

    def pool(self):
        x, y, *_ = recorded.problem()
        return Pool(x, y.astype(np.int32))

    def sample(self, pool, keys):
        del keys
        subset = clean(
            pool.x, jnp.arange(recorded.SAMPLES, dtype=jnp.int32), jnp.asarray(pool.y)
        )
        return Split(subset, subset)


@dataclass(frozen=True)
class Softmax(Model):
    """A linear map with the recorded start."""

    def network(self, outputs: int) -> Network:
        *_, kernel, bias = recorded.problem()
        start = {"params": {"bias": jnp.asarray(bias), "kernel": jnp.asarray(kernel)}}

        def apply(variables, x, mode, key):
            del mode, key
            held = variables["params"]
            return x @ held["kernel"] + held["bias"][None], variables

        return Network(lambda key, x: jax.tree.map(jnp.copy, start), apply)


def condition(framework: Framework, kind: str, **training: Any) -> Condition:
    """The recorded problem under a framework's preset, with the recorded numbers."""
    optimizer = {
        "sgd": lambda: SGD(R),
        "momentum": lambda: framework.momentum(R, BETA),
        "nesterov": lambda: framework.nesterov(R, BETA),
        "rmsprop": lambda: replace(framework.rmsprop(R), decay=BETA, epsilon=EPSILON),
        "adam": lambda: replace(framework.adam(R), epsilon=EPSILON),
        "adamw": lambda: replace(framework.adamw(R), epsilon=EPSILON, weight_decay=DECAY),
    }[kind]()
    feed = {"epochs": recorded.EPOCHS, "batch_size": recorded.BATCH, "order": "fixed"}
    # Where nothing of it is switched on the framework's way would only compile once more.
    how = framework.training(**feed, **training) if training else Training(**feed)
    return Condition(Ten(), Softmax(), optimizer, how, probes=(Weights(every=1),))


class Path42(NamedTuple):
    """Every step of a run: flat parameters, their average, and the loss of the batch."""

    weights: np.ndarray
    average: np.ndarray
    loss: np.ndarray


@cache
def path(how: Condition) -> Path42:
    """The engine's steps on their own, compiled in a fraction of a whole program's time."""
    key = jax.random.key(0)
    x, y = map(jnp.asarray, Ten().pool())
    pool = Pool(x, y)
    rows = np.full((recorded.STEPS_PER_EPOCH, recorded.BATCH), -1)
    for row, batch in zip(rows, recorded.batches(), strict=True):
        row[: len(batch)] = batch

    def flat(params):
        return ravel_pytree(params)[0]

    def engine(values):
        bound = how.bind(values)
        split = Ten().sample(pool, lambda source: key)
        return bound, Trainer(bound, pool, split, lambda source: key)

    @jax.jit
    def step(values, state, rows, epoch, number):
        taken = jnp.maximum(rows, 0)
        batch = Batch(x[taken], y[taken], (rows >= 0).astype(jnp.float32), rows)
        state, logs, _ = engine(values)[1].step(state, batch, key, epoch, number)
        params, average = state.variables["params"], state.extras.average
        mean = params if average is None else average_of(average, params)
        return state, (flat(params), flat(mean), logs["step_loss"])

    values = {name: jnp.float32(number) for name, number in how.values.items()}
    state = begin(engine(values)[0], Softmax().network(recorded.CLASSES).init(key, x))
    seen = []
    for number in range(recorded.STEPS):
        epoch, place = divmod(number, len(rows))
        state, logs = step(
            values,
            state,
            jnp.asarray(rows[place], jnp.int32),
            jnp.int32(epoch + 1),
            jnp.int32(place),
        )
        seen.append(jax.device_get(logs))
    return Path42(*map(np.array, zip(*seen, strict=True)))


def off(how: Condition, framework: str, name: str) -> float:
    """Largest distance to the recorded parameters (or to the average of them)."""
    made = path(how)
    held = made.average if name == "average" else made.weights
    return distance(held[np.array(recorded.SEEN) - 1], RECORD[framework][name]["weights"])


def distance(found, expected) -> float:
    return float(np.abs(np.asarray(found) - np.asarray(expected)).max())


def printed(how: Condition) -> np.ndarray:
    """The mean over samples of an epoch, as `running_train_loss` has it."""
    sizes = [len(batch) for batch in recorded.batches()]
    losses = path(how).loss.reshape(recorded.EPOCHS, -1)
    return np.average(losses, axis=1, weights=sizes)


CLIPPED = {"clip_norm": CLIP}
DECAYED = {"clip_norm": CLIP, "weight_decay": DECAY}
CASES = [
    # record, the preset with what is trained, setting, its other value
    ("torch", "adam", "adam", {}, "optimizer.epsilon_beside", "root"),
    ("keras", "adam", "adam", {}, "optimizer.epsilon_beside", "corrected_root"),
    ("torch", "adamw", "adamw", {}, "optimizer.epsilon_beside", "root"),
    ("keras", "adamw", "adamw", {}, "optimizer.epsilon_beside", "corrected_root"),
    ("torch", "rmsprop", "rmsprop", {}, "optimizer.epsilon_beside", "square"),
    ("keras", "rmsprop", "rmsprop", {}, "optimizer.epsilon_beside", "root"),
    ("torch", "momentum_cosine", "momentum", "beginning", "optimizer.rate_in", "velocity"),
    ("keras", "momentum_cosine", "momentum", "beginning", "optimizer.rate_in", "step"),
    ("torch", "nesterov_cosine", "nesterov", "beginning", "optimizer.rate_in", "velocity"),
    ("keras", "nesterov_cosine", "nesterov", "beginning", "optimizer.rate_in", "step"),
    ("torch", "momentum_cosine", "momentum", "beginning", "training.schedule.reads", "middle"),
    (
        "torch",
        "momentum_cosine_amid_steps",
        "momentum",
        "middle",
        "training.schedule.reads",
        "beginning",
    ),
    (
        "torch",
        "momentum_cosine_by_epoch",
        "momentum",
        "epoch",
        "training.schedule.reads",
        "beginning",
    ),
    ("torch", "clip", "sgd", CLIPPED, "training.clip_by", "variable"),
    ("keras", "clip_by_variable", "sgd", CLIPPED, "training.clip_by", "global"),
    ("torch", "clip_and_decay", "sgd", DECAYED, "training.decay_order", "before_clipping"),
    (
        "keras",
        "clip_and_decay",
        "sgd",
        DECAYED | {"clip_by": "global"},
        "training.decay_order",
        "after_clipping",
    ),
    ("torch", "average", "sgd", {"average": AVERAGE}, "training.average_start", "debiased"),
    ("keras", "average", "sgd", {"average": AVERAGE}, "training.average_start", "debiased"),
    (
        "torch",
        "class_weights",
        "sgd",
        {"balance": "weights"},
        "training.weighted_mean",
        "samples",
    ),
    (
        "keras",
        "class_weights",
        "sgd",
        {"balance": "weights"},
        "training.weighted_mean",
        "weights",
    ),
]


@pytest.mark.parametrize(
    ("framework", "name", "kind", "training", "setting", "other"),
    CASES,
    ids=[f"{case[0]}-{case[1]}-not-{case[5]}" for case in CASES],
)
def test_an_option_is_what_the_framework_does(framework, name, kind, training, setting, other):
    preset = PRESETS[framework]
    if isinstance(training, str):
        schedule = with_settings(Cosine(), {"reads": training})
        right = with_settings(condition(preset, kind), {"training.schedule": schedule})
    else:
        right = condition(preset, kind, **training)
    assert off(right, framework, name) < TOLERANCE
    assert off(with_settings(right, {setting: other}), framework, name) > 300 * TOLERANCE


WEIGHTED: dict[str, Any] = {"balance": "weights"}


@pytest.mark.parametrize(
    ("framework", "name", "training", "other"),
    [
        ("keras", "class_weights", WEIGHTED, "unweighted"),
        ("torch", "class_weights", WEIGHTED, "unweighted"),
        ("keras", "clip_and_decay", DECAYED | {"clip_by": "global"}, "weighted"),
        ("torch", "clip_and_decay", DECAYED, "objective"),
    ],
)
def test_the_loss_that_is_printed(framework, name, training, other):
    right = condition(PRESETS[framework], "sgd", **training)
    expected = RECORD[framework][name]["printed"]
    assert distance(printed(right), expected) < TOLERANCE
    wrong = with_settings(right, {"training.printed_loss": other})
    assert distance(printed(wrong), expected) > 300 * TOLERANCE
    # What is printed is not what is trained on.
    np.testing.assert_array_equal(path(right).weights, path(wrong).weights)


def test_a_whole_run_makes_the_same_steps():
    how = {"average": AVERAGE, "schedule": KERAS_3.schedule(Cosine)}
    everything = condition(KERAS_3, "nesterov", **DECAYED, **WEIGHTED, **how)
    (made,) = train([Run(everything, 0)], 1)
    steps = path(everything)
    for place in range(steps.weights.shape[1]):
        found = made[f"step_weight_{place}"][1:].ravel()
        np.testing.assert_allclose(found, steps.weights[:, place], rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(made["running_train_loss"][1:], printed(everything), rtol=1e-5)
    # Each epoch's factor is that at the beginning of its last step.
    done = (np.arange(recorded.EPOCHS) * 3 + 2) / recorded.STEPS
    np.testing.assert_allclose(
        made["rate_factor"][1:], (1 + np.cos(np.pi * done)) / 2, rtol=2e-6, atol=1e-7
    )


# --- Keras 2, whose source is in place of a record ----------------------------------------


def keras_2(update) -> np.ndarray:
    """Flat parameters after every step of `update(parameters, gradient, step from 1)`."""
    x, y, kernel, bias = recorded.problem()
    w, seen = np.concatenate([bias[None], kernel]).astype(float), []
    inputs = np.concatenate([np.ones((len(x), 1)), x], 1).astype(float)
    for t in range(1, recorded.STEPS + 1):
        rows = recorded.batches()[(t - 1) % recorded.STEPS_PER_EPOCH]
        z = np.exp(inputs[rows] @ w)
        error = z / z.sum(1, keepdims=True) - np.eye(recorded.CLASSES)[y[rows]]
        w = update(w, inputs[rows].T @ error / len(rows), t)
        seen.append(w.ravel())
    return np.array(seen)


def test_rmsprop_of_keras_2():
    a = np.zeros((3, 3))

    def update(w, g, t):
        nonlocal a
        a = BETA * a + (1 - BETA) * g**2
        return w - R * g / (np.sqrt(a) + EPSILON)

    right, by_hand = condition(KERAS_2_2, "rmsprop"), keras_2(update)
    assert right == condition(KERAS_2_1, "rmsprop")
    assert distance(path(right).weights, by_hand) < TOLERANCE
    wrong = with_settings(right, {"optimizer.epsilon_beside": "square"})
    assert distance(path(wrong).weights, by_hand) > 300 * TOLERANCE


def test_adam_and_clipnorm_of_keras_2():
    m = v = np.zeros((3, 3))

    def update(w, g, t):
        nonlocal m, v
        # One norm of all gradients: `clipnorm` was global before tf.keras.
        g = g * min(1, CLIP / np.linalg.norm(g))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        lr_t = R * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return w - lr_t * m / (np.sqrt(v) + EPSILON)

    right, by_hand = condition(KERAS_2_2, "adam", **CLIPPED), keras_2(update)
    assert right == condition(KERAS_2_1, "adam", **CLIPPED)
    assert distance(path(right).weights, by_hand) < TOLERANCE
    for wrong in (
        {"optimizer.epsilon_beside": "corrected_root"},
        {"training.clip_by": "variable"},
    ):
        assert distance(path(with_settings(right, wrong)).weights, by_hand) > 300 * TOLERANCE


# --- batch normalisation ------------------------------------------------------------------


def running(batches, unbiased=False, debiased=False) -> dict[str, np.ndarray]:
    """Stored statistics after these batches."""
    module = BatchNorm(recorded.NORM, unbiased, debiased)
    variables: Any = module.init(jax.random.key(0), jnp.asarray(batches[0]), Mode(False))
    for batch in batches:
        x, mode = jnp.asarray(batch), Mode(True)
        _, changed = module.apply(variables, x, mode, mutable=["batch_stats"])
        variables = variables | changed
    return {name: np.asarray(held) for name, held in variables["batch_stats"].items()}


@pytest.mark.parametrize("name", ["flat", "images"])
@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_running_variance(framework, name):
    expected = RECORD[framework][f"batch_norm_{name}"]
    unbiased = PRESETS[framework].running_variance == "unbiased"
    right, wrong = (
        running(recorded.normalised()[name], which) for which in (unbiased, not unbiased)
    )
    assert distance(right["mean"], expected["mean"]) < TOLERANCE
    assert distance(right["var"], expected["var"]) < TOLERANCE
    assert distance(wrong["var"], expected["var"]) > 300 * TOLERANCE


def test_running_statistics_of_keras_2_2_know_of_batches_only():
    batches, m = recorded.normalised()["flat"], recorded.NORM
    biased = {"mean": np.zeros(2), "var": np.zeros(2)}
    for step, batch in enumerate(batches.astype(float), 1):
        seen = {"mean": batch.mean(0), "var": batch.var(0, ddof=1)}
        biased = {k: m * biased[k] + (1 - m) * seen[k] for k in biased}
        found = running(batches[:step], unbiased=True, debiased=True)
        for name, held in biased.items():
            assert distance(found[name], held / (1 - m**step)) < TOLERANCE
            assert distance(running(batches[:step], True)[name], found[name]) > 300 * TOLERANCE


def _layers(stats, name=""):
    """Every normalisation's name and statistics."""
    if "var" in stats:
        return [(name, stats)]
    return [pair for part in stats for pair in _layers(stats[part], f"{name}/{part}")]


MODELS = [
    (MLP((3,), batch_norm=0.9), (2,)),
    (CNN((2,), dense=(2,), batch_norm=0.9), (4, 4, 1)),
    (ResNet((1,), width=2, stem="small", batch_norm=0.9), (4, 4, 1)),
    (LSTM((2,), batch_norm=0.9), (3, 1)),
]


@pytest.mark.parametrize(("model", "shape"), MODELS, ids=lambda v: type(v).__name__)
def test_every_model_hands_its_choices_on(model, shape):
    x = np.sin(np.arange(5 * np.prod(shape), dtype=np.float32) ** 2).reshape(5, *shape)
    # The last sample is padding, so that four count.
    mode = Mode(True, jnp.array([1, 1, 1, 1, 0], jnp.float32))

    start = model.network(2).init(jax.random.key(1), jnp.asarray(x))

    @jax.jit
    def stored(variables):
        found = []
        for choices in ({}, {"running_variance": "unbiased"}, {"running_start": "debiased"}):
            network = replace(model, **choices).network(2)
            _, after = network.apply(variables, jnp.asarray(x), mode, jax.random.key(2))
            found.append([layer["var"] for _, layer in sorted(_layers(after["batch_stats"]))])
        return found

    plain, unbiased, debiased = (list(map(np.asarray, held)) for held in stored(start))
    assert plain
    for before, after, of_batch in zip(plain, unbiased, debiased, strict=True):
        # Stored is 0.9 · 1 + 0.1 · variance.
        np.testing.assert_allclose(before, 0.9 + 0.1 * of_batch, rtol=1e-5)
        counts = of_batch / (10 * (after - 0.9) - of_batch)
        whole = np.round(counts + 1)
        np.testing.assert_allclose(counts + 1, whole, rtol=0.02)
        assert set(whole % 4) == {0}


# --- schedules, preconditioners, early stopping -------------------------------------------


@pytest.mark.parametrize(
    ("reads", "shares"),
    [
        ("middle", (np.arange(12) + 0.5) / 12),
        ("beginning", np.arange(12) / 12),
        ("epoch", np.repeat(np.arange(4) * 3, 3) / 12),
    ],
)
def test_where_a_schedule_is_read(reads, shares):
    for schedule, factors in (
        (Cosine(0.2, reads=reads), 0.2 + 0.4 * (1 + np.cos(np.pi * shares))),
        (
            Cosine(reads=reads, warm_up=0.5),
            (1 + np.cos(np.pi * shares)) / 2 * np.minimum(1, 2 * shares),
        ),
        (
            StepDecay(0.1, at=(0.25, 0.75), reads=reads),
            0.1 ** ((shares >= 0.25) * 1 + (shares >= 0.75)),
        ),
    ):
        how = Condition(
            Ten(), Softmax(), SGD(R), Training(4, recorded.BATCH, schedule=schedule)
        )

        def factor(epoch, step, how=how):
            return float(rate_factor(how, (), jnp.int32(epoch), jnp.int32(step)))

        found = [factor(epoch, step) for epoch in range(1, 5) for step in range(3)]
        np.testing.assert_allclose(found, factors, rtol=2e-6, atol=1e-7)
        assert factor(0, 2) == pytest.approx(0.0 if schedule.warm_up else 1.0, abs=1e-6)


@pytest.mark.parametrize(
    "optimizer",
    [
        Adam(R, 0.9, 0.99, EPSILON),
        Adam(R, 0.9, 0.99, EPSILON, epsilon_beside="root"),
        RMSprop(R, BETA, EPSILON),
        RMSprop(R, BETA, EPSILON, epsilon_beside="root"),
    ],
    ids=lambda o: f"{type(o).__name__}-{o.epsilon_beside}",
)
def test_a_step_is_the_preconditioned_moment(optimizer):
    transformation, gradient = optimizer.transformation(), jnp.array([0.3, -0.02], jnp.float32)
    with jax.numpy_dtype_promotion("standard"):
        state = transformation.init(gradient)
        for _ in range(3):
            update, state = transformation.update(gradient, state, gradient)
        divisor = optimizer.preconditioner(state)
    # With a constant gradient the first moment is what of it has come in.
    moment = gradient * (1 - 0.9**3 if isinstance(optimizer, Adam) else 1.0)
    np.testing.assert_allclose(update, -R * moment / divisor, rtol=1e-5)


@pytest.mark.parametrize("name", recorded.LOSSES)
def test_early_stopping(name):
    def of(epoch):
        return {"params": {"w": jnp.float32(epoch)}}

    nan = jnp.float32(jnp.nan)
    zero = jnp.int32(0)
    memory = Stopping(
        jnp.float32(jnp.inf), of(0), {"validation_loss": nan}, zero, jnp.array(False)
    )
    found = {"ended_after": None, "kept": None}
    for epoch, loss in enumerate(recorded.LOSSES[name], 1):
        logs = {"validation_loss": jnp.float32(loss)}
        memory, kept = watch(EarlyStopping(3), memory, of(epoch), logs)
        if memory.stopped:
            found = {"ended_after": epoch, "kept": int(kept["params"]["w"])}
            break
    keras = RECORD["keras"]["early_stopping"][name]
    if name == "nan_first":
        assert keras == {"ended_after": 4, "kept": 1}
        assert found == {"ended_after": 6, "kept": 3}
    else:
        assert found == keras


# --- the record itself --------------------------------------------------------------------


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_the_record_is_what_the_framework_computes_here(framework, tmp_path):
    if find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    file = tmp_path / "here.json"
    # A process of its own: Keras chooses its backend when it is imported.
    program = [sys.executable, recorded.__file__, str(file), framework]
    subprocess.run(program, check=True, timeout=300)
    here = json.loads(file.read_text(encoding="utf-8"))[framework]
    expected = RECORD[framework]
    assert here.keys() == expected.keys()
    for name in expected.keys() - {"version"}:
        for part, held in expected[name].items():
            if isinstance(held, dict):
                assert here[name][part] == held
            else:
                assert distance(here[name][part], held) < TOLERANCE
