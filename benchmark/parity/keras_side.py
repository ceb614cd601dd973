"""Keras' half of the comparison; run as a program, as Keras chooses its backend at import.

``python -m benchmark.parity.keras_side CORE SYSTEM FIRST COUNT FILE`` trains the seeds FIRST
… FIRST + COUNT − 1 on one core, on the data that those seeds have here, and writes their
series to FILE.
Start and order of batches are Keras' own.
"""

import os
import sys
from typing import Any

import numpy as np

SERIES = (
    "running_train_loss",
    "running_train_accuracy",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
)


def main(core: str, system: str, first: str, count: str, path: str) -> None:
    """Train the seeds and store their series, [run, epoch]."""
    from benchmark.execution.place import Place, occupy
    from benchmark.parity.systems import SYSTEMS

    os.environ["KERAS_BACKEND"] = "jax"
    occupy(Place("cpu", int(core)))
    condition = SYSTEMS[system]
    seeds = range(int(first), int(first) + int(count))
    runs = [train(condition, seed) for seed in seeds]
    stacked: dict[str, Any] = {name: np.stack([run[name] for run in runs]) for name in SERIES}
    np.savez(path, **stacked)


def train(condition, seed: int) -> dict[str, np.ndarray]:
    """One run in Keras; series by name, [epoch], without an epoch 0."""
    import keras  # pyright: ignore[reportMissingImports]

    keras.utils.set_random_seed(seed)
    (x, y), (x_validation, y_validation) = data(condition, seed)
    model: Any = build(condition.model, x.shape[1:], condition.task.outputs)
    how = condition.optimizer
    make = {"Adam": keras.optimizers.Adam, "RMSprop": keras.optimizers.RMSprop}
    model.compile(
        make[type(how).__name__](how.learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    looked: list[list[float]] = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            looked.append(
                [
                    *model.evaluate(x, y, batch_size=len(x), verbose=0),
                    *model.evaluate(x_validation, y_validation, len(y_validation), verbose=0),
                ]
            )

    history = model.fit(
        x,
        y,
        batch_size=condition.batch_size,
        epochs=condition.training.epochs,
        callbacks=[Look()],
        verbose=0,
    ).history
    seen = [history["loss"], history["accuracy"], *zip(*looked, strict=True)]
    return {name: np.array(series) for name, series in zip(SERIES, seen, strict=True)}


def data(condition, seed: int) -> list[tuple[np.ndarray, ...]]:
    """Training and validation arrays of the run `seed`, the same as here."""
    import jax.numpy as jnp

    from benchmark.tasks.keys import by_source, source_keys

    keys = by_source(source_keys(jnp.array(condition.sources.seeds(seed), jnp.int32)))
    split = condition.task.sample(condition.task.pool(), keys)
    return [tuple(np.asarray(part) for part in subset.all()) for subset in split.sets.values()]


def build(model, shape: tuple[int, ...], outputs: int):
    """The Keras model with the layers of a `CNN` or `LSTM` declaration."""
    import keras  # pyright: ignore[reportMissingImports]
    from keras import layers  # pyright: ignore[reportMissingImports]

    stack = [keras.Input(shape)]

    def activate() -> list:
        norm = [] if model.batch_norm is None else [layers.BatchNormalization()]
        return [*norm, layers.ReLU()]

    if type(model).__name__ == "CNN":
        bias = model.batch_norm is None
        for channels in model.blocks:
            for _ in range(model.convolutions):
                stack.append(
                    layers.Conv2D(channels, model.kernel, padding="same", use_bias=bias)
                )
                stack += activate()
            stack.append(layers.MaxPooling2D())
        stack.append(layers.Flatten())
        for width in model.dense:
            stack += [layers.Dense(width, use_bias=bias), *activate()]
            stack.append(layers.Dropout(model.dropout))
    else:
        for width in model.widths[:-1]:
            stack.append(layers.LSTM(width, return_sequences=True))
        stack.append(layers.LSTM(model.widths[-1]))
    return keras.Sequential([*stack, layers.Dense(outputs)])


if __name__ == "__main__":
    main(*sys.argv[1:])
