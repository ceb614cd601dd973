"""Post D rebuilt: the article's list of culprits, each switched on and off."""

from benchmark import (
    CNN,
    Cause,
    Claim,
    Condition,
    Factorial,
    Final,
    Images,
    Jitter,
    Ratio,
    Scenario,
    Training,
    optimizers,
    plot,
)

FEW, RATE, BATCH, RARE, WRONG = (
    f"suspect.{name}"
    for name in ("few_samples", "high_rate", "small_batch", "imbalance", "wrong_labels")
)
JITTER = Jitter("validation_accuracy")


def draw(figure, conditions):
    """The jitter of every combination of culprits, sorted."""
    import numpy as np

    runs = [r for r in conditions if FEW in r.settings]
    held = plot.estimates(runs, JITTER)
    ordered = sorted(runs, key=lambda run: held[id(run)].mean)
    top, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (2, 1)})
    for place, run in enumerate(ordered):
        found = held[id(run)]
        top.plot([place, place], [found.low, found.high], color="C0", linewidth=1)
        top.plot(place, found.mean, "o", color="C0", markersize=3)
    names = (FEW, RATE, BATCH, RARE, WRONG)
    table = np.array([[bool(run.settings[name]) for run in ordered] for name in names])
    rows, columns = np.nonzero(table)
    below.plot(columns, rows, "s", color="C1", markersize=4)
    below.set_yticks(range(len(names)), [n.partition(".")[2].replace("_", " ") for n in names])
    below.set(
        ylim=(len(names) - 0.5, -0.5), xticks=[], xlabel="combinations, the calmest first"
    )
    top.set(ylabel="jitter of the validation\naccuracy (share correct)", yscale="log")
    top.set_title("Every combination of the article's culprits; squares mark those that are on")


scenario = Scenario(
    question="Post D: which culprit makes a small CNN's validation accuracy a rollercoaster?",
    says="Post D lists small or poor data, overfitting, the learning rate, the batch size, "
    "class imbalance and leaks as culprits of an erratic validation accuracy, data quality and "
    "size first.",
    family="case",
    dose=FEW,
    base=Condition(
        task=Images(
            classes=3, n_train=1024, n_validation=512, minority=1 / 3, mislabelled=0.0
        ),
        model=CNN(blocks=(8, 16), dense=(32,), dropout=0.5),
        optimizer=optimizers.KERAS_3.adam(0.001),
        # Equally many samples in every epoch, so that all curves have one cadence.
        training=Training(epochs=24, batch_size=32, steps=16, log_steps=False),
    ),
    vary=Factorial(
        {
            "few_samples": ({}, {"task.n_train": 128}),
            "high_rate": ({}, {"optimizer.learning_rate": 0.01}),
            "small_batch": ({}, {"training.batch_size": 4, "training.steps": 128}),
            "imbalance": ({}, {"task.minority": 0.05}),
            "wrong_labels": ({}, {"task.mislabelled": 0.15}),
        }
    ),
    claims=(
        Claim(
            "small-data-jumps",
            "An eighth of the data raises the jitter of the validation accuracy by a fifth.",
            JITTER,
            Ratio({FEW: True}, {FEW: False}, low=1.2),
        ),
        Claim(
            "high-rate-jumps",
            "A tenfold rate raises it by a half.",
            JITTER,
            Ratio({RATE: True}, {RATE: False}, low=1.5),
        ),
        Claim(
            "small-batch-jumps",
            "Batches of 4 instead of 32 raise it by a half.",
            JITTER,
            Ratio({BATCH: True}, {BATCH: False}, low=1.5),
        ),
        Claim(
            "imbalance-hides",
            "A rare class lowers the jitter of accuracy: it looks fine.",
            JITTER,
            Ratio({RARE: True}, {RARE: False}, high=1.0),
        ),
        Claim(
            "wrong-labels-jump",
            "Wrong labels for 15 % raise it by a fifth.",
            JITTER,
            Ratio({WRONG: True}, {WRONG: False}, low=1.2),
        ),
        Claim(
            "data-costs-level",
            "Little data and wrong labels cost more than jitter: the final validation accuracy "
            "is at least a tenth lower with both than with neither.",
            Final("validation_accuracy"),
            Ratio({FEW: True, WRONG: True}, {FEW: False, WRONG: False}, high=0.9),
        ),
    ),
    causes=tuple(
        Cause(name, {switch: False}, {switch: True})
        for name, switch in (
            ("few samples", FEW), ("high learning rate", RATE), ("small batch", BATCH),
            ("class imbalance", RARE), ("mislabelled samples", WRONG),
        )
    ),
    show=(JITTER, Jitter("validation_loss"), Final("validation_accuracy")),
    figure=draw,
    seeds=12,
    scales={
        "paper": {
            "seeds": 64, "task.size": 32, "training.epochs": 50,
            "model": CNN(blocks=(32, 64, 128), dense=(512,), dropout=0.5),
        }
    },
)  # fmt: skip
