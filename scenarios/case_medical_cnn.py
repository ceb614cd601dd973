"""Post A rebuilt: a shallow CNN whose training and validation accuracy fluctuate wildly."""

import numpy as np

from benchmark import (
    CNN,
    Arms,
    Cause,
    Claim,
    Condition,
    Custom,
    Evaluation,
    Factorial,
    Jitter,
    Level,
    MedicalImages,
    Product,
    Ratio,
    Scenario,
    Training,
    Within,
    optimizers,
)

RATE, SMALL, FEED, NORM = (
    f"suspect.{name}" for name in ("high_rate", "small_validation", "alternating", "batch_norm")
)
EPOCH, EPOCHS = 11, 16
"""Steps per epoch as in the post's log, which shows the first five epochs."""
EARLY = (0.0, 5 / EPOCHS)
SORTED = {"arm": "unshuffled"}


def one_class(first, second):
    """Share of epochs in which (nearly) all of validation is put into one class, per run."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    return ((low < 0.05) & (high > 0.95)).mean(1)


def in_128ths(accuracy):
    """Largest distance of an accuracy to a multiple of 1/128, per run."""
    return np.abs(accuracy * 128 - np.round(accuracy * 128)).max(1)


RECALLS = ("validation_recall_0", "validation_recall_1")
FLIPS = Custom("one_class_share", RECALLS, one_class, (0, 1), events=True, window=(0.0, 1.0))
STEPS = Custom("off_128ths", "validation_accuracy", in_128ths, (0, 0.5), True, window=(0, 1))
LOWEST = Custom("lowest", "running_train_accuracy", lambda x: x.min(1), (0, 1), window=EARLY)
JITTER = Jitter("validation_accuracy")


def draw(figure, conditions):
    """Single runs as a practitioner sees them: the post's setting, and its calm twin."""
    shown = (
        ("sorted by class, high rate", SORTED | {"optimizer.learning_rate": 0.01}),
        ("alternating batches, high rate", {RATE: True, SMALL: True, FEED: True, NORM: True}),
        ("no suspect", {RATE: False, SMALL: False, FEED: False, NORM: False}),
    )
    for axes, (title, wanted) in zip(figure.subplots(1, 3, sharey=True), shown, strict=True):
        run = next(r for r in conditions if wanted.items() <= r.settings.items())
        for name, label in (("running_train", "training, as printed"), ("validation",) * 2):
            curve = run.series[f"{name}_accuracy"][0, 1:]
            axes.plot(np.arange(1, len(curve) + 1), curve, label=label)
        axes.axhline(0.5, linewidth=0.8, color="0.4", linestyle=":")
        axes.set(xlabel=f"epoch ({EPOCH} steps)", title=title, ylim=(0, 1.02))
    figure.axes[0].set_ylabel("accuracy of the first run (share correct)")
    figure.axes[-1].legend(loc="lower right")
    figure.suptitle("Post A: what the order of the batches does to the printed accuracy")


scenario = Scenario(
    question="Post A: why do training and validation accuracy of a shallow CNN fluctuate?",
    says="Post A trains small CNNs with Adam on two classes of 2,500 medical images, 11 steps "
    "an epoch. Printed training accuracy falls to 0.15, validation accuracy swings between "
    "0.27 and 0.88 in steps of 1/128. It suspects the learning rate, but lowering it had no "
    "effect.",
    family="case",
    dose="optimizer.learning_rate",
    base=Condition(
        # A quarter of the post's images and of its batch: 1.8 epochs for each class.
        task=MedicalImages(size=24, n_train=1250, n_validation=1024),
        model=CNN(blocks=(8, 16)),
        optimizer=optimizers.KERAS_2_1.adam(0.001),
        training=Training(epochs=EPOCHS, batch_size=32, steps=EPOCH, log_steps=False),
        evaluation=Evaluation(per_class=True),
    ),
    vary=Arms(
        {
            "suspects": Factorial(
                {
                    "high_rate": ({}, {"optimizer.learning_rate": 0.01}),
                    "small_validation": ({}, {"task.n_validation": 128}),
                    "alternating": ({}, {"training.order": "alternating"}),
                    "batch_norm": ({}, {"model.batch_norm": 0.99}),
                }
            ),
            "unshuffled": Product(
                {"training.order": ("sorted",), "model.batch_norm": (None, 0.99)},
                {"optimizer.learning_rate": (0.001, 0.01)},
            ),
        }
    ),
    claims=(
        Claim(
            "steps-of-128ths",
            "On 128 images every printed accuracy is a multiple of 1/128.",
            STEPS,
            Within(high=1e-3),
            where={SMALL: True},
        ),
        Claim(
            "below-chance",
            "In the first five epochs of alternating batches of one class the printed training "
            "accuracy is below chance.",
            Level("running_train_accuracy", window=EARLY),
            Within(high=0.5),
            where={FEED: True},
        ),
        Claim(
            "never-below-shuffled", "With shuffled batches it is above chance.",
            Level("running_train_accuracy", window=EARLY), Within(low=0.5), where={FEED: False},
        ),
        Claim(
            "one-class-flips",
            "With alternating batches at least a tenth of the epochs end with a network that "
            "puts all of validation into one class.",
            FLIPS,
            Within(low=0.1),
            where={FEED: True},
        ),
        Claim(
            "sorted-below-chance",
            "On data sorted by class, of which an epoch sees a part, the printed training "
            "accuracy of one of the first five epochs is below 0.3 (0.15 in the post).",
            LOWEST,
            Within(high=0.3),
            where=SORTED,
        ),
        Claim(
            "sorted-flips",
            "… and at least a tenth of the epochs end with a network of one class.",
            FLIPS,
            Within(low=0.1),
            where=SORTED,
        ),
        Claim(
            "alternating-jumps",
            "The alternating feed at least doubles the jitter of validation accuracy.",
            JITTER,
            Ratio({FEED: True}, {FEED: False}, low=2.0),
        ),
        Claim(
            "rate-matters",
            "A tenth of the rate calms it by a fifth or more, where batches are shuffled.",
            JITTER,
            Ratio({RATE: True}, {RATE: False}, low=1.25),
            where={FEED: False},
        ),
        Claim(
            "rate-no-effect",
            "… but not where they alternate (what the post saw), within a quarter.",
            JITTER,
            Ratio({RATE: True}, {RATE: False}, low=0.8, high=1.25),
            where={FEED: True},
        ),
        Claim(
            "small-validation-jumps",
            "128 instead of 1,024 validation images raise the jitter by a fifth or more.",
            JITTER,
            Ratio({SMALL: True}, {SMALL: False}, low=1.2),
            where={FEED: False},
        ),
        Claim(
            "batch-norm-jumps",
            "Batch normalisation raises it by a half or more.",
            JITTER,
            Ratio({NORM: True}, {NORM: False}, low=1.5),
            where={FEED: False},
        ),
    ),
    causes=tuple(
        Cause(name, {switch: False}, {switch: True})
        for name, switch in (
            ("high learning rate", RATE), ("small validation set", SMALL),
            ("alternating batches", FEED), ("batch-norm statistics lag", NORM),
        )
    ),
    show=(JITTER, Jitter("validation_loss"), Level("running_train_accuracy"), FLIPS),
    attribute=(JITTER, Jitter("validation_loss"), Jitter("running_train_accuracy")),
    figure=draw, seeds=20,
    scales={
        "paper": {
            "seeds": 128, "task.size": 64, "task.n_train": 5000, "task.pool_size": 6400,
            "training.batch_size": 128, "training.epochs": 40, "model.blocks": (16, 32),
        }
    },
)  # fmt: skip
