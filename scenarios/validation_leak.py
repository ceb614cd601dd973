"""Validation samples that training has seen, and scaling fitted before the split."""

from benchmark import (
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
    Drawup,
    Final,
    Increases,
    Jitter,
    Level,
    PowerLaw,
    Product,
    Ratio,
    Scenario,
    Training,
    measures,
    plot,
)

LEAK, SCALING = "task.leak", "task.scaling"
SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)


def clean_share(condition):
    """Share of the validation set that training has not seen."""
    return 1.0 - (condition.task.leak or 0.0)


def gap(train, validation):
    """Training accuracy minus validation accuracy, mean over the window, per run."""
    return (train - validation).mean(1)


ACCURACY_GAP = Custom("accuracy_gap", ("train_accuracy", "validation_accuracy"), gap, (-1, 1))


def draw(figure, conditions):
    """What validation reports and how much it jumps, against the leak."""
    runs = [r for r in conditions if r.settings["arm"] == "leak"]
    shares = [r.settings[LEAK] for r in runs]
    panels = figure.subplots(1, 2)
    for axes, measure, words in (
        (panels[0], Level("validation_accuracy"), "validation accuracy"),
        (panels[1], Jitter("validation_loss"), "jitter of the validation loss (nats)"),
    ):
        held = [plot.estimates(runs, measure)[id(r)] for r in runs]
        ends = [[e.mean - e.low for e in held], [e.high - e.mean for e in held]]
        axes.errorbar(shares, [e.mean for e in held], ends, fmt="o-")
        axes.set(xlabel="share of validation found in training", ylabel=words)
    figure.suptitle("Level and jitter of validation, against the share that has leaked")


scenario = Scenario(
    question="Does a leak of validation samples into training make the curve fluctuate?",
    says="Post D lists it among the reasons of an erratic validation accuracy: samples of the "
    "validation set have leaked into training, or the data were preprocessed before they were "
    "split, so that the metric says nothing about new samples.",
    family="measurement",
    dose=LEAK,
    base=Condition(
        task=Digits(n_train=256, n_validation=256, mislabelled=0.1, leak=0.0),
        model=MLP(widths=(64, 64)),
        optimizer=SGD(learning_rate=0.1),
        training=Training(epochs=60, batch_size=8, log_steps=False),
    ),
    vary=Arms(
        {
            "leak": {LEAK: SHARES},
            "scaling": Product(
                {"task.n_train": (32, 256), LEAK: (None,)}, {SCALING: ("train", "all")}
            ),
        }
    ),
    derive={"clean": clean_share},
    claims=(
        Claim(
            "leak-makes-erratic",
            "The larger the leak, the more the validation accuracy jumps.",
            Jitter("validation_accuracy"),
            Increases(LEAK),
            where={"arm": "leak"},
        ),
        Claim(
            "leak-calms-loss",
            "It hides fluctuation instead: with all of validation leaked its loss jumps at "
            "most half as much.",
            Jitter("validation_loss"),
            Ratio({LEAK: 1.0}, {LEAK: 0.0}, high=0.5),
            where={"arm": "leak"},
        ),
        Claim(
            "leak-raises-accuracy",
            "The larger the leak, the higher the validation accuracy.",
            Level("validation_accuracy"),
            Increases(LEAK),
            where={"arm": "leak"},
        ),
        Claim(
            "accuracy-is-a-mixture",
            "… in proportion: what it falls short of training accuracy is as large as the "
            "share that has not leaked.",
            ACCURACY_GAP,
            PowerLaw("clean", exponent=1.0, within=0.1),
            where={"arm": "leak", LEAK: SHARES[:-1]},
        ),
        Claim(
            "loss-is-a-mixture",
            "… and so is the gap of the loss.",
            measures.GeneralisationGap(),
            PowerLaw("clean", exponent=1.0, within=0.1),
            where={"arm": "leak", LEAK: SHARES[:-1]},
        ),
        Claim(
            "leak-hides-overfitting",
            "The larger the leak, the less the validation loss turns up.",
            Drawup("validation_loss", window=(0.0, 1.0)),
            Decreases(LEAK),
            where={"arm": "leak"},
        ),
        Claim(
            "scaling-first-flatters",
            "Scaling before the split adds a point to the validation accuracy.",
            Level("validation_accuracy"),
            Difference({SCALING: "all"}, {SCALING: "train"}, low=0.01),
            where={"arm": "scaling", "task.n_train": 256},
        ),
        Claim(
            "scaling-first-flatters-few",
            "… or at least to that of a network trained on 32 samples.",
            Level("validation_accuracy"),
            Difference({SCALING: "all"}, {SCALING: "train"}, low=0.01),
            where={"arm": "scaling", "task.n_train": 32},
        ),
        Claim(
            "splitting-first-calms",
            "Splitting before scaling calms the validation accuracy by a fifth.",
            Jitter("validation_accuracy"),
            Ratio({SCALING: "all"}, {SCALING: "train"}, low=1.25),
            where={"arm": "scaling", "task.n_train": 256},
        ),
    ),
    causes=(
        Cause("validation leak", {LEAK: 0.0}, {LEAK: 0.5}, where={"arm": "leak"}),
        Cause(
            "scaling before the split",
            {SCALING: "train"},
            {SCALING: "all"},
            where={"arm": "scaling", "task.n_train": 32},
        ),
    ),
    cures=(
        Cure("split first", "validation leak", {LEAK: 0.5}, {LEAK: 0.0}, where={"arm": "leak"}),
    ),
    show=(
        Level("validation_accuracy"),
        Jitter("validation_accuracy"),
        Jitter("validation_loss"),
        Drawup("validation_loss", window=(0.0, 1.0)),
        ACCURACY_GAP,
        Final("validation_accuracy"),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)
