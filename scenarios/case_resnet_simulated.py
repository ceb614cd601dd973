"""Post C rebuilt: a ResNet on simulated images whose validation loss is wild."""

import numpy as np

from benchmark import (
    Cause,
    Claim,
    Condition,
    Cure,
    Drawup,
    Factorial,
    Final,
    Images,
    Jitter,
    Level,
    Ratio,
    ResNet,
    RiseFraction,
    Scenario,
    Training,
    Within,
    optimizers,
)

PARTIAL, SLOW, SMALL = (
    f"suspect.{name}" for name in ("partial_coverage", "slow_batch_norm", "small_validation")
)
EPOCH, BATCH = 31, 16
"""Steps per epoch as in the post, and the batch size (128 there)."""
JITTER, SETBACK = Jitter("validation_loss"), Drawup("validation_loss", window=(0.0, 1.0))


def draw(figure, conditions):
    """Validation loss of four runs under each combination of coverage and momentum."""
    runs = [r for r in conditions if not r.settings[SMALL]]
    panels = figure.subplots(1, 4, sharey=True)
    switches = [(False, False), (False, True), (True, False), (True, True)]
    for axes, (partial, slow) in zip(panels, switches, strict=True):
        wanted = {PARTIAL: partial, SLOW: slow}
        run = next(r for r in runs if wanted.items() <= r.settings.items())
        axes.plot(run.series["validation_loss"][:4, 1:].T, color="0.55", linewidth=0.7)
        axes.plot(np.median(run.series["validation_loss"], 0)[1:], label="validation, median")
        axes.plot(
            np.median(run.series["running_train_loss"], 0)[1:], label="training, as printed"
        )
        names = [
            "half of the data" if partial else "all data",
            f"momentum {run.settings['model.batch_norm']:g}",
        ]
        axes.set(yscale="log", xlabel=f"epoch ({EPOCH} steps)", title="\n".join(names))
    panels[0].set_ylabel("loss (nats)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.suptitle("Post C: validation loss by coverage and momentum of batch norm")


scenario = Scenario(
    question="Post C: why is the validation loss of a ResNet on simulated images wild?",
    says="Post C trains a ResNet-50 with Adam on five classes of simulated images, batch 128, "
    "31 steps an epoch, 9 validation steps. Training loss falls at once, validation loss is "
    "wild. It blames steps and batch size that did not cover the data.",
    family="case",
    dose=PARTIAL,
    base=Condition(
        task=Images(n_train=2 * EPOCH * BATCH, n_validation=1152, pool_size=4096),
        model=ResNet(
            stages=(1, 1), width=8, stem="small", batch_norm=0.9, **optimizers.KERAS_2_2.running
        ),
        optimizer=optimizers.KERAS_2_2.adam(0.001),
        training=Training(
            epochs=24, batch_size=BATCH, order="once", steps=EPOCH, log_steps=False
        ),
    ),
    vary=Factorial(
        {
            "partial_coverage": ({}, {"training.passes": "restart"}),
            "slow_batch_norm": ({}, {"model.batch_norm": 0.99}),
            "small_validation": ({}, {"task.n_validation": 144}),
        }
    ),
    claims=(
        Claim(
            "wild-validation",
            "With all suspects on, the validation loss is set back once by half a nat or more.",
            SETBACK,
            Within(low=0.5),
            where={PARTIAL: True, SLOW: True, SMALL: True},
        ),
        Claim(
            "training-falls",
            "… while the printed training loss rises in less than a third of the epochs.",
            RiseFraction("running_train_loss", window=(0.0, 1.0)),
            Within(high=1 / 3),
            where={PARTIAL: True, SLOW: True, SMALL: True},
        ),
        Claim(
            "coverage-swings",
            "Epochs that start over with half of the data raise the jitter by a half or more.",
            JITTER,
            Ratio({PARTIAL: True}, {PARTIAL: False}, low=1.5),
        ),
        Claim(
            "coverage-lifts",
            "… and the final validation loss by a half or more.",
            Final("validation_loss"),
            Ratio({PARTIAL: True}, {PARTIAL: False}, low=1.5),
        ),
        Claim(
            "momentum-swings",
            "Averages of momentum 0.99 instead of 0.9 raise the largest setback twofold.",
            SETBACK,
            Ratio({SLOW: True}, {SLOW: False}, low=2.0),
        ),
        Claim(
            "momentum-jitters",
            "… and the late jitter by a half or more.",
            JITTER,
            Ratio({SLOW: True}, {SLOW: False}, low=1.5),
        ),
        Claim(
            "small-validation-swings",
            "An eighth of the validation images raises the jitter by a fifth or more.",
            JITTER,
            Ratio({SMALL: True}, {SMALL: False}, low=1.2),
        ),
    ),
    causes=tuple(
        Cause(name, {switch: False}, {switch: True})
        for name, switch in (
            ("partial epochs", PARTIAL),
            ("batch-norm statistics lag", SLOW),
            ("small validation set", SMALL),
        )
    ),
    cures=(
        Cure("full passes", "partial epochs", {PARTIAL: True}, {PARTIAL: False}),
        Cure("lower momentum", "batch-norm statistics lag", {SLOW: True}, {SLOW: False}),
    ),
    show=(JITTER, SETBACK, Final("validation_loss"), Level("running_train_loss")),
    attribute=(JITTER, SETBACK, Final("validation_loss")),
    figure=draw,
    seeds=20,
    scales={
        "paper": {
            "seeds": 32,
            "task.size": 32,
            "task.n_train": 2 * EPOCH * 128,
            "task.pool_size": 12288,
            "training.batch_size": 128,
            "model": ResNet(
                stages=(3, 4, 6, 3),
                width=16,
                bottleneck=True,
                stem="small",
                batch_norm=0.9,
                **optimizers.KERAS_2_2.running,
            ),
        }
    },
)
