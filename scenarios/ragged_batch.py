"""A last batch of two: 98 samples in batches of 32 leave a remainder."""

import numpy as np

from benchmark import (
    LSTM,
    MLP,
    SGD,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Decreases,
    Difference,
    Digits,
    Equals,
    Final,
    Product,
    Ratio,
    RelativeJitter,
    RMSprop,
    Scenario,
    Surfaces,
    Training,
    Within,
    plot,
    probes,
    theory,
)

RATE, LAST, LEFT = "optimizer.learning_rate", "training.last_batch", "left_over"
BATCH, STEPS = 32, 4
RAGGED = "ragged last batch"
JITTER = RelativeJitter("train_loss")


def noise_ratio(batch_loss, full_loss):
    """Variance of the last batch's loss about the full loss over that of the full batches."""
    # The batch is seen before its step, the full loss after it: that of the step before.
    noise = batch_loss[:, 1:] - full_loss[:, :-1]
    square = noise[:, STEPS - 1 :].reshape(len(noise), -1, STEPS) ** 2
    return square[:, :, -1].mean(1) / square[:, :, :-1].mean((1, 2))


def excess_risk(rise):
    """Share of last steps that raise the full loss minus that of the others, per run."""
    by_step = rise.reshape(len(rise), -1, STEPS)
    return by_step[:, :, -1].mean(1) - by_step[:, :, :-1].mean((1, 2))


def left_over(condition):
    """Samples in the last batch."""
    return condition.task.samples % BATCH or BATCH


def predicted_ratio(condition):
    """B/b·(N − b)/(N − B), for batches drawn without replacement."""
    samples, finite = condition.task.samples, theory.finite_population_factor
    drawn = finite(samples, left_over(condition)) / finite(samples, BATCH)
    return theory.ragged_batch_factor(samples, BATCH) * drawn


def draw(figure, conditions):
    """Jitter of the training loss by treatment of the last batch, and by its size."""
    epoch, size = (
        [r for r in conditions if r.settings["arm"] == a] for a in ("epoch", "left over")
    )
    by_rate, by_size = figure.subplots(1, 2)
    for axes in (by_rate, by_size):
        axes.set(xscale="log", yscale="log")
    plot.lines(by_rate, epoch, JITTER, RATE, LAST)
    plot.lines(by_size, size, JITTER, LEFT, label="found")
    # First order in the rate: an epoch's steps add up to an even pass plus the uneven rest.
    small = np.array([r.settings[LEFT] for r in size if r.settings[LEFT] < BATCH])
    shape = (1 - small / BATCH) * np.sqrt(96 / (small * (95 + small)))
    level = [r.measured(JITTER).mean() for r in size if r.settings[LEFT] < BATCH]
    scale = np.mean(level) / np.mean(shape)
    by_size.plot(small, scale * shape, "--", color="#666666", label="shape at tiny rates")
    by_size.set_xticks([*small, BATCH], [f"{s}" for s in (*small, BATCH)])
    by_rate.set_title("98 samples in batches of 32")
    by_size.set(title="96 samples and a rest", xlabel="samples in the last batch", ylabel="")
    figure.suptitle("How much the training loss jumps from epoch to epoch")
    for axes in (by_rate, by_size):
        axes.legend()


scenario = Scenario(
    question="Does a small rest of the data in the last batch shake the training curve?",
    says="Post E trained on 98 sequences in batches of 32, so each epoch ended with a batch of "
    "two, whose samples weigh sixteen times as much as the others; the answer says that a "
    "very small batch can throw the network off.",
    family="data",
    dose=LAST,
    base=Condition(
        task=Digits(n_train=98, n_validation=512),
        model=MLP(widths=(64, 64)),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=100, batch_size=BATCH),
    ),
    vary=Arms(
        {
            "epoch": {LAST: ("keep", "drop", "weight"), RATE: (0.001, 0.02, 0.2)},
            "step": Product({"probes": ((probes.StepRise(every=1),),)}, {RATE: (0.001, 0.2)}),
            "left over": {"task.n_train": (97, 98, 100, 104, 112, 128)},
            "LSTM": Product(
                {
                    "task": (Surfaces(n_validation=36),),
                    "model": (LSTM(widths=(16,)),),
                    "optimizer": (RMSprop(learning_rate=0.001),),
                    "training.epochs": (150,),
                },
                {LAST: ("keep", "drop", "weight")},
            ),
        }
    ),
    derive={LEFT: left_over},
    claims=(
        Claim(
            "last-batch-noise",
            "The loss of the last batch of two scatters B/b·(N − b)/(N − B) = 23 times as much "
            "about the full loss, in variance, as that of a full batch.",
            Custom("noise_ratio", ("step_loss", "step_full_loss"), noise_ratio, window=(0, 1)),
            Equals(predicted_ratio, within=0.15),
            where={"arm": "step", RATE: 0.001},
        ),
        Claim(
            "last-batch-harms",
            "The step on the last batch raises the full loss more often than the others, by "
            "ten points or more.",
            Custom("excess_risk", "step_rise", excess_risk, (-1, 1), window=(0, 1)),
            Within(low=0.1),
            where={"arm": "step"},
        ),
        Claim(
            "fifteen-times",
            "At a tiny rate the epochs' losses jump B/b − 1 = 15 times as much as without the "
            "last batch: reshuffled batches of one size cancel, its two samples do not.",
            JITTER,
            Ratio({LAST: "keep"}, {LAST: "drop"}, low=10, high=20),
            where={"arm": "epoch", RATE: 0.001},
        ),
        Claim(
            "weighting-cures",
            "Weighting each of its samples like any other calms them at least as much.",
            JITTER,
            Ratio({LAST: "keep"}, {LAST: "weight"}, low=10),
            where={"arm": "epoch", RATE: 0.001},
        ),
        Claim(
            "ordinary-rates",
            "At ordinary rates, too, it at least doubles the jumps.",
            JITTER,
            Ratio({LAST: "keep"}, {LAST: "drop"}, low=2),
            where={"arm": "epoch", RATE: (0.02, 0.2)},
        ),
        Claim(
            "smaller-is-worse",
            "The smaller the last batch, the larger the jumps.",
            JITTER,
            Decreases(LEFT),
            where={"arm": "left over"},
        ),
        Claim(
            "cure-is-free",
            "Weighting costs less than a point of validation accuracy.",
            Final("validation_accuracy"),
            Difference({LAST: "weight"}, {LAST: "keep"}, low=-0.01),
            where={"arm": "epoch", RATE: (0.02, 0.2)},
        ),
        Claim(
            "lstm-drop",
            "An LSTM trained with RMSprop jumps a fifth less when the last batch is dropped.",
            JITTER,
            Ratio({LAST: "keep"}, {LAST: "drop"}, low=1.25),
            where={"arm": "LSTM"},
        ),
        Claim(
            "lstm-weight",
            "… and when it is weighted.",
            JITTER,
            Ratio({LAST: "keep"}, {LAST: "weight"}, low=1.25),
            where={"arm": "LSTM"},
        ),
    ),
    causes=(
        Cause(RAGGED, {LAST: "drop"}, {LAST: "keep"}, where={"arm": "epoch", RATE: 0.02}),
        Cause(RAGGED, {LAST: "drop"}, {LAST: "keep"}, where={"arm": "LSTM"}),
    ),
    cures=tuple(
        Cure(name, RAGGED, {LAST: "keep"}, {LAST: how}, where={"arm": "epoch", RATE: 0.02})
        for name, how in (("drop the rest", "drop"), ("weight the rest", "weight"))
    ),
    show=(JITTER, Final("train_loss"), Final("validation_accuracy")),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)
