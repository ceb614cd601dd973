"""Epochs that do not cover the data: what "steps per epoch" does to a curve."""

from benchmark import (
    MLP,
    SGD,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Decreases,
    Digits,
    Final,
    Jitter,
    NoEffect,
    Product,
    Ratio,
    Scenario,
    Training,
    Zipped,
    curves,
    plot,
)

STEPS, PASSES = "training.steps", "training.passes"
PASS, LONGEST = 32, 24
"""Batches in a pass over the data, and passes in a run."""


def coverage(condition):
    """Share of the data that one epoch takes."""
    return condition.training.steps / condition.batches_per_pass


def jitter_per_pass(loss):
    """Jitter of the curve looked at once per pass, whatever an epoch is, per run."""
    seen = loss[:, :: max(1, (loss.shape[1] - 1) // LONGEST)]
    return curves.jitter(seen[:, seen.shape[1] // 2 :])


PER_PASS = Custom(
    "jitter_per_pass",
    "validation_loss",
    jitter_per_pass,
    window=(0.0, 1.0),
    over_runs="geometric_mean",
)


def draw(figure, conditions):
    """Where training ends and how it jumps, against the share of data per epoch."""
    left, right = figure.subplots(1, 2)
    plot.lines(left, conditions, Final("validation_loss"), "coverage", PASSES)
    left.set_title("After equally many steps: what was never seen is missing")
    going = [r for r in conditions if r.settings[PASSES] == "continue"]
    plot.lines(right, going, Jitter("validation_loss"), "coverage", label="from epoch to epoch")
    plot.lines(right, going, PER_PASS, "coverage", label="from pass to pass")
    right.set(yscale="log", ylabel="jitter of the validation loss (nats)")
    right.set_title("Jitter while epochs continue the pass")
    for axes in (left, right):
        axes.set(xlabel="share of the data per epoch")
        axes.legend(loc="center right" if axes is left else "center left")


scenario = Scenario(
    question="Does the curve fluctuate because an epoch does not cover the data?",
    says="Post C found its error in steps per epoch that, with the batch size, did not cover "
    "all training data; since the epochs cover them everything converges nicely.",
    family="data",
    dose="coverage",
    base=Condition(
        task=Digits(n_train=1024, n_validation=512),
        model=MLP(widths=(64, 64)),
        optimizer=SGD(learning_rate=0.1),
        training=Training(batch_size=32, order="once", log_steps=False),
    ),
    vary=Product(
        {PASSES: ("continue", "restart")},
        Zipped(
            {
                STEPS: (PASS, PASS // 2, PASS // 4, PASS // 8),
                "training.epochs": (LONGEST, 2 * LONGEST, 4 * LONGEST, 8 * LONGEST),
            }
        ),
    ),
    derive={"coverage": coverage},
    claims=(
        Claim(
            "unseen-is-missed",
            "Epochs that start over with an eighth of the data end at least twice as high, in "
            "validation, as epochs that continue.",
            Final("validation_loss"),
            Ratio({PASSES: "restart"}, {PASSES: "continue"}, low=2.0),
            where={STEPS: PASS // 8},
        ),
        Claim(
            "more-coverage-cures",
            "When epochs start over, the more data they cover the lower validation ends.",
            Final("validation_loss"),
            Decreases("coverage"),
            where={PASSES: "restart"},
        ),
        Claim(
            "starting-over-jumps",
            "… and the less it jumps from epoch to epoch.",
            Jitter("validation_loss"),
            Decreases("coverage"),
            where={PASSES: "restart"},
        ),
        Claim(
            "short-epochs-jump",
            "Where epochs continue, too, a shorter epoch jumps more.",
            Jitter("validation_loss"),
            Decreases("coverage"),
            where={PASSES: "continue"},
        ),
        Claim(
            "only-the-cadence",
            "… but looked at once per pass the jitter is the same, within a tenth.",
            PER_PASS,
            NoEffect("coverage", margin=0.1),
            where={PASSES: "continue"},
        ),
    ),
    causes=tuple(
        Cause("partial epochs", {STEPS: PASS}, {STEPS: PASS // 4}, where={PASSES: passes})
        for passes in ("continue", "restart")
    ),
    cures=(
        Cure(
            "full passes",
            "partial epochs",
            {STEPS: PASS // 4},
            {STEPS: PASS},
            where={PASSES: "restart"},
        ),
        Cure(
            "passes that go on",
            "partial epochs",
            {PASSES: "restart"},
            {PASSES: "continue"},
            where={STEPS: PASS // 4},
        ),
    ),
    show=(
        Final("train_loss"),
        Final("validation_loss"),
        Jitter("validation_loss"),
        PER_PASS,
        Final("validation_accuracy"),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)
