"""Order of the samples: shuffled, drawn, sorted by class, or in batches of one class."""

from benchmark import (
    MLP,
    Adam,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Digits,
    Final,
    Images,
    Jitter,
    Level,
    Product,
    Ratio,
    RiseFraction,
    Scenario,
    Training,
    Within,
    measures,
    plot,
)

ORDER, ARM = "training.order", "arm"
EARLY = (0.0, 0.125)
ORDERS = ("reshuffle", "once", "replacement", "sorted", "alternating")


def draw(figure, conditions):
    """What is printed for training, and what the network does at the end of the epoch."""
    runs = [r for r in conditions if r.settings[ARM] == "five classes"]
    left, right = figure.subplots(1, 2)
    for name, label in (
        ("running_train_accuracy", "as printed, during the epoch"),
        ("train_accuracy", "at its end"),
    ):
        plot.lines(left, runs, Level(name), ORDER, label=label)
    left.axhline(0.2, linewidth=0.8, color="0.4", linestyle=":")
    left.set(ylabel="training accuracy (share correct)", ylim=(0, 1.02))
    left.set_title("The printed accuracy depends on the order, five classes")
    left.legend(loc="center left")
    plot.lines(right, runs, Jitter("validation_loss"), ORDER)
    right.set(yscale="log")
    right.set_title("Jitter of the validation loss by order")


scenario = Scenario(
    question="Does the order of the samples make the curves fluctuate?",
    says="Post A's training accuracy, under Adam at a rate of 0.01, falls far below chance, "
    "which suggests batches of one class; the advice is to shuffle.",
    family="data",
    dose=ORDER,
    base=Condition(
        task=Images(classes=5, n_train=512, n_validation=512),
        model=MLP(widths=(64,)),
        optimizer=Adam(learning_rate=0.01),
        training=Training(epochs=40, batch_size=32, log_steps=False),
    ),
    vary=Arms(
        {
            "five classes": {ORDER: ORDERS},
            "ten classes": Product(
                {"task": (Digits(n_train=512, n_validation=512),)}, {ORDER: ORDERS}
            ),
        }
    ),
    claims=(
        Claim(
            "sorted-flatters",
            "On data sorted by class the printed training accuracy is at least a quarter above "
            "what the network does when the epoch ends.",
            measures.EvaluationGap("accuracy"),
            Within(low=0.25),
            where={ORDER: "sorted"},
        ),
        Claim(
            "early-below-chance",
            "In the first five epochs, those of post A's log, alternating batches of one class "
            "keep the printed training accuracy below chance.",
            Level("running_train_accuracy", window=EARLY),
            Within(high=0.2),
            where={ORDER: "alternating", ARM: "five classes"},
        ),
        Claim(
            "alternating-below-chance",
            "… and so they do in the second half of training.",
            Level("running_train_accuracy"),
            Within(high=0.2),
            where={ORDER: "alternating", ARM: "five classes"},
        ),
        Claim(
            "alternating-below-chance-ten",
            "… with ten classes, too.",
            Level("running_train_accuracy"),
            Within(high=0.1),
            where={ORDER: "alternating", ARM: "ten classes"},
        ),
        Claim(
            "sorted-jumps-early",
            "Sorted data at least double the jitter of the validation loss in the first half.",
            Jitter("validation_loss", window=(0.0, 0.5)),
            Ratio({ORDER: "sorted"}, {ORDER: "reshuffle"}, low=2.0),
        ),
        Claim(
            "sorted-jumps",
            "… and in the second.",
            Jitter("validation_loss"),
            Ratio({ORDER: "sorted"}, {ORDER: "reshuffle"}, low=2.0),
        ),
        Claim(
            "sorted-stays-high",
            "… and ends at least twice as high: the order is no matter of noise alone.",
            Final("validation_loss"),
            Ratio({ORDER: "sorted"}, {ORDER: "reshuffle"}, low=2.0),
        ),
        Claim(
            "replacement-jumps",
            "Drawing with replacement makes the training loss jump more than reshuffling, by a "
            "tenth or more.",
            Jitter("train_loss"),
            Ratio({ORDER: "replacement"}, {ORDER: "reshuffle"}, low=1.1),
        ),
        Claim(
            "once-is-enough",
            "Shuffling once is as calm as shuffling every epoch, within a quarter.",
            Jitter("validation_loss"),
            Ratio({ORDER: "once"}, {ORDER: "reshuffle"}, low=0.8, high=1.25),
        ),
    ),
    causes=tuple(
        Cause(name, {ORDER: "reshuffle"}, {ORDER: order})
        for name, order in (
            ("sorted data", "sorted"),
            ("alternating batches", "alternating"),
            ("drawing with replacement", "replacement"),
        )
    ),
    cures=(
        Cure("reshuffling", "sorted data", {ORDER: "sorted"}, {ORDER: "reshuffle"}),
        Cure("shuffling once", "sorted data", {ORDER: "sorted"}, {ORDER: "once"}),
        Cure(
            "reshuffling", "alternating batches", {ORDER: "alternating"}, {ORDER: "reshuffle"}
        ),
    ),
    show=(
        Level("running_train_accuracy"),
        Level("train_accuracy"),
        Jitter("train_loss"),
        Jitter("validation_loss"),
        RiseFraction("train_loss"),
        Final("validation_accuracy"),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128, "training.epochs": 80}},
)
