"""Record what PyTorch and Keras compute where frameworks differ.

``python tests/record_conventions.py FILE [FRAMEWORK …]`` trains a softmax regression on ten
samples in "torch" and "keras" (both unless named) and writes to FILE, as JSON, the parameters
after the steps `SEEN`, the loss that is printed, running statistics of batch normalisation,
and when early stopping stops. ``tests/data/conventions.json`` was made so, with the versions
that stand in it; ``tests/test_conventions.py`` holds the engine against it.
"""

# PyTorch and Keras are optional, so the type checker may not find them.
# pyright: reportMissingImports=false

import json
import os
import sys
from importlib.util import find_spec
from typing import Any

import numpy as np

SAMPLES, FEATURES, CLASSES, BATCH, EPOCHS = 10, 2, 3, 4, 14
STEPS_PER_EPOCH = -(-SAMPLES // BATCH)
STEPS = EPOCHS * STEPS_PER_EPOCH
SEEN = (1, 2, 4, 8, 16, 32, STEPS)
"""Steps after which parameters are recorded."""
RATE, BETA, EPSILON, CLIP, DECAY, AVERAGE, NORM = 0.1, 0.9, 0.1, 0.25, 0.5, 0.8, 0.9
"""Of everything that is trained; NORM is the momentum of batch normalisation (Keras')."""
LOSSES = {
    "falls": [1.0, 0.5, 0.6, 0.7, 0.4, 0.5, 0.6, 0.7, 0.8],
    "nan_later": [1.0, float("nan"), 0.6, 0.7, 0.8, 0.9, 1.0],
    "nan_first": [float("nan"), 1.0, 0.5, 0.6, 0.7, 0.8, 0.9],
}
"""Validation losses, epoch by epoch, for early stopping with a patience of 3."""


def problem() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Samples [10, 2], unequal classes [10], and the start: kernel [2, 3] and bias [3]."""
    place = np.arange(SAMPLES * FEATURES, dtype=np.float32).reshape(SAMPLES, FEATURES)
    kernel = np.arange(FEATURES * CLASSES, dtype=np.float32).reshape(FEATURES, CLASSES)
    y = np.array([0, 0, 1, 0, 2, 0, 1, 0, 0, 1])
    return 2 * np.sin(place + 1), y, np.cos(kernel), np.array([0.5, -0.5, 0.0], np.float32)


def batches() -> list[np.ndarray]:
    """Rows of the batches of an epoch."""
    return [np.arange(i, min(i + BATCH, SAMPLES)) for i in range(0, SAMPLES, BATCH)]


def class_weights() -> np.ndarray:
    """N/(K·n_c) of every class."""
    return (SAMPLES / (CLASSES * np.bincount(problem()[1]))).astype(np.float32)


def normalised() -> dict[str, np.ndarray]:
    """Batches [step, sample, feature] and [step, sample, row, column, feature]."""
    flat = np.sin(np.arange(3 * 5 * 2, dtype=np.float32) ** 2).reshape(3, 5, 2)
    images = np.cos(np.arange(3 * 2 * 2 * 2 * 2, dtype=np.float32) ** 2)
    return {"flat": 3 * flat, "images": 3 * images.reshape(3, 2, 2, 2, 2)}


# --- PyTorch ------------------------------------------------------------------------------


def torch_record() -> dict[str, Any]:
    """Everything that PyTorch is asked for."""
    import torch
    from torch.optim import SGD, Adam, AdamW, RMSprop, lr_scheduler
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    torch.set_num_threads(1)
    x, y, kernel, bias = problem()
    inputs, labels = torch.tensor(x), torch.tensor(y)

    def trained(
        optimizer, scheduler=None, every="step", clip=False, weight=None, average=False
    ):
        model = torch.nn.Linear(FEATURES, CLASSES)
        with torch.no_grad():
            model.weight.copy_(torch.tensor(kernel.T))
            model.bias.copy_(torch.tensor(bias))
        made = optimizer(model.parameters())
        schedule = None if scheduler is None else scheduler(made)
        smooth = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE))
        criterion = torch.nn.CrossEntropyLoss(None if weight is None else torch.tensor(weight))
        path, printed = [], []
        for _ in range(EPOCHS):
            losses = []
            for rows in batches():
                loss = criterion(model(inputs[rows]), labels[rows])
                made.zero_grad()
                loss.backward()
                if clip:
                    torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
                made.step()
                smooth.update_parameters(model)
                if schedule is not None and every == "step":
                    schedule.step()
                losses.append(loss.item())
                held = smooth.module if average else model
                path.append((held.weight.detach().numpy().T.copy(), held.bias.tolist()))
            if schedule is not None and every == "epoch":
                schedule.step()
            printed.append(np.average(losses, weights=[len(rows) for rows in batches()]))
        return _held(path, printed)

    def sgd(**how):
        return lambda parameters: SGD(parameters, RATE, **how)

    def cosine(steps):
        return lambda made: lr_scheduler.CosineAnnealingLR(made, steps)

    def amid(made):
        return lr_scheduler.LambdaLR(
            made, lambda t: 0.5 * (1 + np.cos(np.pi * (t + 0.5) / STEPS))
        )

    def norms(name, kind):
        layer = kind(FEATURES, momentum=1 - NORM)
        for batch in normalised()[name]:
            channel = torch.tensor(batch).movedim(-1, 1)
            layer(channel)
        return {"mean": layer.running_mean.tolist(), "var": layer.running_var.tolist()}

    return {
        "version": torch.__version__.partition("+")[0],
        "adam": trained(lambda p: Adam(p, RATE, eps=EPSILON)),
        "adamw": trained(lambda p: AdamW(p, RATE, eps=EPSILON, weight_decay=DECAY)),
        "rmsprop": trained(lambda p: RMSprop(p, RATE, BETA, EPSILON)),
        "momentum_cosine": trained(sgd(momentum=BETA), cosine(STEPS)),
        "nesterov_cosine": trained(sgd(momentum=BETA, nesterov=True), cosine(STEPS)),
        "momentum_cosine_by_epoch": trained(sgd(momentum=BETA), cosine(EPOCHS), "epoch"),
        "momentum_cosine_amid_steps": trained(sgd(momentum=BETA), amid),
        "clip": trained(sgd(), clip=True),
        "clip_and_decay": trained(sgd(weight_decay=DECAY), clip=True),
        "class_weights": trained(sgd(), weight=class_weights()),
        "average": trained(sgd(), average=True),
        "batch_norm_flat": norms("flat", torch.nn.BatchNorm1d),
        "batch_norm_images": norms("images", torch.nn.BatchNorm2d),
    }


# --- Keras --------------------------------------------------------------------------------


def keras_record() -> dict[str, Any]:
    """Everything that Keras is asked for."""
    os.environ["KERAS_BACKEND"] = "jax" if find_spec("torch") is None else "torch"
    import keras
    from keras import layers, optimizers

    x, y, kernel, bias = problem()

    def trained(optimizer, decay=None, weight=None, average=False):
        penalty = None if decay is None else keras.regularizers.L2(decay / 2)
        dense = layers.Dense(CLASSES, kernel_regularizer=penalty, bias_regularizer=penalty)
        model = keras.Sequential([keras.Input((FEATURES,)), dense])
        model.set_weights([kernel, bias])
        path = []

        class Look(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                held = model.trainable_variables
                held = optimizer._model_variables_moving_average if average else held
                path.append(tuple(keras.ops.convert_to_numpy(v).copy() for v in held))

        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer, loss)
        weights = None if weight is None else dict(enumerate(weight.tolist()))
        how = {"batch_size": BATCH, "epochs": EPOCHS, "shuffle": False, "verbose": 0}
        history = model.fit(x, y, class_weight=weights, callbacks=[Look()], **how)
        return _held(path, history.history["loss"])

    def sgd(rate=RATE, **how):
        return optimizers.SGD(rate, **how)

    def cosine():
        return optimizers.schedules.CosineDecay(RATE, STEPS)

    def norms(name):
        layer = layers.BatchNormalization(momentum=NORM)
        for batch in normalised()[name]:
            layer(batch, training=True)
        mean, var = (keras.ops.convert_to_numpy(v) for v in layer.non_trainable_variables)
        return {"mean": mean.tolist(), "var": var.tolist()}

    def stopped(losses):
        model = keras.Sequential([keras.Input((1,)), layers.Dense(1, use_bias=False)])
        watch = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
        watch.set_model(model)
        model.stop_training = False
        watch.on_train_begin()
        for epoch, loss in enumerate(losses):
            model.set_weights([np.full((1, 1), epoch + 1, np.float32)])
            watch.on_epoch_end(epoch, {"val_loss": loss})
            if model.stop_training:
                watch.on_train_end()
                kept = int(model.get_weights()[0].item())
                return {"ended_after": epoch + 1, "kept": kept}
        return {"ended_after": None, "kept": None}

    return {
        "version": keras.__version__,
        "adam": trained(optimizers.Adam(RATE, epsilon=EPSILON)),
        "adamw": trained(optimizers.AdamW(RATE, epsilon=EPSILON, weight_decay=DECAY)),
        "rmsprop": trained(optimizers.RMSprop(RATE, BETA, epsilon=EPSILON)),
        "momentum_cosine": trained(sgd(cosine(), momentum=BETA)),
        "nesterov_cosine": trained(sgd(cosine(), momentum=BETA, nesterov=True)),
        "clip_by_variable": trained(sgd(clipnorm=CLIP)),
        "clip": trained(sgd(global_clipnorm=CLIP)),
        "clip_and_decay": trained(sgd(global_clipnorm=CLIP), decay=DECAY),
        "class_weights": trained(sgd(), weight=class_weights()),
        "average": trained(sgd(use_ema=True, ema_momentum=AVERAGE), average=True),
        "batch_norm_flat": norms("flat"),
        "batch_norm_images": norms("images"),
        "early_stopping": {name: stopped(losses) for name, losses in LOSSES.items()},
    }


def _held(path: list[Any], printed: Any) -> dict[str, Any]:
    """Bias and kernel at the steps that are seen, flat; and the loss printed per epoch."""
    seen = [np.concatenate([np.ravel(path[t - 1][1]), np.ravel(path[t - 1][0])]) for t in SEEN]
    return {"weights": [_short(row) for row in seen], "printed": _short(printed)}


def _short(row: Any) -> list[float]:
    return [float(f"{number:.8g}") for number in row]


RECORDS = {"torch": torch_record, "keras": keras_record}


def main(file: str, *frameworks: str) -> None:
    """Write the records of the frameworks."""
    found = {name: RECORDS[name]() for name in frameworks or RECORDS}
    parts = []
    for name, record in found.items():
        lines = [f"{json.dumps(key)}: {json.dumps(held)}" for key, held in record.items()]
        parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    with open(file, "w", encoding="utf-8") as stream:
        stream.write("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
