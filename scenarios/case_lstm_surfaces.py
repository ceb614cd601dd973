"""Post E rebuilt: an LSTM learns six surfaces from 98 sequences, and never settles."""

from benchmark import (
    FULL,
    LSTM,
    SGD,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Factorial,
    Final,
    Jitter,
    Product,
    Ratio,
    RelativeJitter,
    RiseFraction,
    Scenario,
    Surfaces,
    Training,
    Within,
    optimizers,
    plot,
    tasks,
)

BATCH, EPOCHS, WRONG = "training.batch_size", "training.epochs", "task.mislabelled"
SEEN = Jitter("running_train_loss")
BEST = Custom(
    "best_accuracy", "train_accuracy", lambda a: a.max(axis=1), (0, 1), window=(0.0, 1.0)
)
NETWORK, LAST = "model.widths", "training.last_batch"
TASKS = tuple(
    task(n_validation=36, mislabelled=0.0) for task in (Surfaces, tasks.CosineArccosine)
)


def design(small, large, epochs, long, rate):
    """The suspects, each on and off, and the post's other experiments."""
    as_posted = {NETWORK: (large,), EPOCHS: (long,)}
    return Arms(
        {
            "suspects": Product(
                {EPOCHS: (epochs,)},
                Factorial(
                    {
                        "small_batch": ({BATCH: 32}, {BATCH: 4}),
                        "large_network": ({NETWORK: small}, {NETWORK: large}),
                        "wrong_labels": ({WRONG: 0.0}, {WRONG: 5 / 98}),
                        "ragged_batch": ({LAST: "drop"}, {LAST: "keep"}),
                        "dropout": ({"model.dropout": None}, {"model.dropout": 0.2}),
                    }
                ),
            ),
            "as posted": as_posted,
            "batch of all": Product(as_posted, {BATCH: (FULL,)}),
            "batch of two": {NETWORK: (large,), EPOCHS: (epochs,), BATCH: (2,)},
            "optimizer": Product(
                {NETWORK: (large,), EPOCHS: (epochs,)},
                {"optimizer": (optimizers.KERAS_2_2.rmsprop(rate), SGD(learning_rate=0.001))},
            ),
            "easy pair": Product(
                {NETWORK: (large,), EPOCHS: (epochs,)},
                {"task": TASKS},
            ),
        }
    )


def draw(figure, conditions):
    """Running training loss of three runs with batches of 32, all samples, and two."""
    found = {r.settings["arm"]: r for r in conditions}
    shown = {"as posted": "batches of 32", "batch of all": "all 98 sequences in every update"}
    shown["batch of two"] = "batches of 2"
    panels = figure.subplots(1, len(shown), sharey=True)
    for axes, (arm, title) in zip(panels, shown.items(), strict=True):
        curves = found[arm].series["running_train_loss"][:3, 1:] if arm in found else ()
        for run, curve in enumerate(curves):
            epochs = range(1, len(curve) + 1)
            axes.plot(epochs, curve, ls=plot.DASHES[run], linewidth=0.8, label=f"run {run}")
        axes.set(xlabel="epoch", title=title)
    panels[0].set_ylabel("running training loss (nats)")
    if panels[0].lines:
        panels[0].legend()
    figure.suptitle("The training loss as Keras prints it, three runs each")


def suspected(name, says, low, high=None, where=None, slug=None):
    """A claim on how many times as much the printed loss jumps with a suspect on."""
    on, off = {f"suspect.{name}": True}, {f"suspect.{name}": False}
    return Claim(
        slug or name.replace("_", "-"),
        says,
        SEEN,
        Ratio(on, off, low=low, high=high),
        where={"arm": "suspects"} | (where or {}),
    )


scenario = Scenario(
    question="Why does the training loss of an LSTM on 98 sequences fluctuate for 800 epochs?",
    says="Post E: an LSTM of 200,000 parameters, fitted by RMSprop in batches of 32, reaches "
    "100 % after 800 restless epochs; batches of 4 are worse, with 2 it does not learn, and "
    "without dropout or with slow plain SGD it is no calmer. The answer blames stochastic "
    "gradients, a large network on few data, very small batches and mislabelled samples.",
    family="case",
    dose=BATCH,
    base=Condition(
        task=TASKS[0],
        model=LSTM(widths=(24, 24)),
        # Three times the post's rate, as narrow networks move less.
        optimizer=optimizers.KERAS_2_2.rmsprop(0.003),
        training=Training(epochs=80, batch_size=32, log_steps=False),
    ),
    vary=design(small=(8, 8), large=(24, 24), epochs=80, long=240, rate=0.003),
    claims=(
        suspected(
            "small_batch", "Batches of 4 make the loss jump at least twice as much as 32.", 2.0
        ),
        suspected(
            "large_network", "A larger network, with few data, jumps more by a quarter.", 1.25
        ),
        suspected("wrong_labels", "Five mislabelled sequences add a tenth or more.", 1.1),
        suspected(
            "wrong_labels",
            "… and a fifth or more in batches of 4, where one outweighs two or three others.",
            1.2,
            where={"suspect.small_batch": True},
            slug="wrong-labels-in-small-batches",
        ),
        suspected(
            "ragged_batch", "The last batch of two, which nobody names, adds a tenth.", 1.1
        ),
        suspected("dropout", "Dropout is innocent: within a tenth of nothing.", 1 / 1.1, 1.1),
        Claim(
            "all-samples-decrease",
            "With all samples in every update the loss just decreases.",
            RiseFraction("train_loss", window=(0.0, 1.0)),
            Within(high=0.02),
            where={"arm": "batch of all"},
        ),
        Claim(
            "reaches-all-correct",
            "All the same, it ends with 100 % of the training set, or 99 % at least.",
            BEST,
            Within(low=0.99),
            where={"arm": "as posted"},
        ),
        Claim(
            "batch-of-two",
            "With batches of two the network does not learn: its loss stays above 1.6 nats "
            "(ln 6 is 1.79).",
            Final("train_loss"),
            Within(low=1.6),
            where={"arm": "batch of two"},
        ),
        Claim(
            "slow-sgd",
            "With plain SGD at 0.001 the loss jumps at least half as much as with RMSprop.",
            SEEN,
            Ratio({"optimizer": "SGD"}, {"optimizer": "RMSprop"}, low=0.5),
            where={"arm": "optimizer"},
        ),
        Claim(
            "easy-pair",
            "On cosines against arccosines the same code is calm: half the jumps at most.",
            SEEN,
            Ratio({"task": "CosineArccosine"}, {"task": "Surfaces"}, high=0.5),
            where={"arm": "easy pair"},
        ),
    ),
    causes=tuple(
        Cause(name, {switch: False}, {switch: True}, where={"arm": "suspects"})
        for name, switch in (
            ("small batch", "suspect.small_batch"),
            ("large network on few samples", "suspect.large_network"),
            ("mislabelled samples", "suspect.wrong_labels"),
            ("ragged last batch", "suspect.ragged_batch"),
            ("dropout", "suspect.dropout"),
        )
    ),
    cures=(Cure("all samples", "small batch", {"arm": "as posted"}, {"arm": "batch of all"}),),
    attribute=(SEEN, Jitter("train_loss")),
    show=(SEEN, RelativeJitter("train_loss"), Final("train_loss"), BEST),
    seeds=10,
    block=4,
    figure=draw,
    scales={
        "paper": {
            "seeds": 128,
            "optimizer.learning_rate": 0.001,
            "vary": design(small=(32, 32), large=(144, 144), epochs=400, long=1000, rate=0.001),
        }
    },
)
