"""Dropout: does it make the curves fluctuate, and which of them?"""

from dataclasses import dataclass

import numpy as np

from benchmark import (
    FULL,
    LSTM,
    MLP,
    SGD,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Digits,
    Equals,
    Increases,
    Jitter,
    NoEffect,
    Product,
    Ratio,
    RMSprop,
    Scenario,
    Surfaces,
    Training,
    Within,
    models,
    parts,
    plot,
    probes,
    tasks,
)

RATE = "model.dropout"
FEATURES = 10


@dataclass(frozen=True)
class DroppedInputs(parts.Model):
    """A linear map without bias, from zero, with dropout on its inputs."""

    dropout: float = parts.traced(0.5, at_least=0, below=1)

    def network(self, outputs):
        import jax.numpy as jnp

        def apply(variables, x, mode, key):
            x = models.dropout(key, x, self.dropout) if mode.train else x
            return x @ variables["params"]["w"], variables

        start = {"params": {"w": jnp.zeros((FEATURES, outputs), jnp.float32)}}
        return models.Network(lambda key, x: start, apply, stochastic=True)


def odds(running, evaluated, *weights):
    """2(training-mode − evaluation-mode loss)/‖w‖² at equal weights, mean over steps, per run.

    With one step an epoch the running loss is that of the weights of the epoch before.
    """
    square = np.sum(np.square(weights), axis=0)[:, :-1]
    return (2 * (running[:, 1:] - evaluated[:, :-1]) / square).mean(1)


def rate_odds(condition):
    """(1 − k)/k for the keep probability k: GT 21 with inputs of mean square one."""
    return condition.model.dropout / (1 - condition.model.dropout)


ODDS = Custom(
    "gap_over_weights",
    ("running_train_loss", "train_loss", *(f"step_weight_{i}" for i in range(FEATURES))),
    odds,
)
ACCURACIES = ("validation_accuracy", "running_train_accuracy")
LEAD = Custom(
    "accuracy_lead", ACCURACIES, lambda validation, run: (validation - run).mean(1), (-1, 1)
)


def draw(figure, conditions):
    """Jitter of three curves against the dropout rate."""
    runs = [r for r in conditions if r.settings["arm"] == "perceptron"]
    axes = figure.subplots()
    for name, words, style in (
        ("running_train_loss", "training loss as printed", "o-"),
        ("train_loss", "training loss at the epoch's end", "s--"),
        ("validation_loss", "validation loss", "^:"),
    ):
        known, rates = plot.estimates(runs, Jitter(name)), [r.settings[RATE] for r in runs]
        held = [known[id(r)] for r in runs]
        low, middle, high = np.transpose([(each.low, each.mean, each.high) for each in held])
        (line,) = axes.plot(rates, middle, style, label=words)
        axes.vlines(rates, low, high, color=line.get_color())
    axes.set(xlabel="dropout rate", ylabel="jitter (nats)", yscale="log")
    axes.set_title("Which curves jump more with dropout?")
    axes.legend()


scenario = Scenario(
    question="Do dropout layers make the loss fluctuate?",
    says="Post E suspected its dropout layers of the fluctuating loss; post D recommends them "
    "against a validation curve that jumps; post B trains with rates of 0.5 and 0.6, and its "
    "training accuracy starts far below its validation accuracy.",
    family="model",
    dose=RATE,
    base=Condition(
        task=Digits(),
        model=MLP(widths=(64, 64), dropout=0.5),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=40, batch_size=32, log_steps=False),
    ),
    vary=Arms(
        {
            "perceptron": {RATE: (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)},
            "LSTM": Product(
                {
                    "task": (Surfaces(n_validation=36),),
                    "model": (LSTM(widths=(12, 12), dropout=0.0),),
                    "optimizer": (RMSprop(0.003),),
                },
                {RATE: (0.0, 0.3, 0.6)},
            ),
            "linear": Product(
                {
                    "task": (tasks.GaussianRegression(dimension=FEATURES, n_train=1000),),
                    "model": (DroppedInputs(),),
                    "training.batch_size": (FULL,),
                    "training.epochs": (200,),
                    "probes": ((probes.Weights(),),),
                },
                {RATE: (0.1, 0.3, 0.6)},
            ),
        }
    ),
    claims=(
        Claim(
            "printed-loss-jumps",
            "The higher the rate, the more the training loss that is printed jumps.",
            Jitter("running_train_loss"), Increases(RATE), where={"arm": "perceptron"},
        ),
        Claim(
            "evaluated-loss-does-not",
            "The loss at the epoch's end, without dropout, does not: within a half.",
            Jitter("train_loss"), NoEffect(RATE, margin=0.5), where={"arm": "perceptron"},
        ),
        Claim(
            "validation-does-not",
            "Nor does the validation loss.",
            Jitter("validation_loss"), NoEffect(RATE, margin=0.5), where={"arm": "perceptron"},
        ),
        Claim(
            "lower-rate-cures",
            "Lowering the rate from 0.5 to 0.1 halves the jitter of the printed loss at least.",
            Jitter("running_train_loss"), Ratio({RATE: 0.5}, {RATE: 0.1}, low=2.0),
            where={"arm": "perceptron"},
        ),
        Claim(
            "training-looks-worse",
            "At rates of 0.5 and 0.6 the printed training accuracy is below validation's.",
            LEAD, Within(low=0.0), where={"arm": "perceptron", RATE: (0.5, 0.6)},
        ),
        Claim(
            "lstm-printed-loss-jumps",
            "An LSTM's printed training loss, too, jumps more the higher the rate.",
            Jitter("running_train_loss"), Increases(RATE), where={"arm": "LSTM"},
        ),
        Claim(
            "lstm-evaluated-loss-does-not",
            "… and its training loss at the epoch's end does not.",
            Jitter("train_loss"), NoEffect(RATE, margin=0.5), where={"arm": "LSTM"},
        ),
        Claim(
            "linear-gap",
            "In a linear model with inputs kept with probability k, training sees a loss that "
            "is higher by (1 − k)/(2k)·‖w‖².",
            ODDS, Equals(rate_odds, within=0.05), where={"arm": "linear"},
        ),
    ),
    causes=(
        Cause("dropout", {RATE: 0.0}, {RATE: 0.5}, where={"arm": "perceptron"}),
        Cause("dropout", {RATE: 0.0}, {RATE: 0.6}, where={"arm": "LSTM"}),
    ),
    cures=(
        Cure(
            "lower dropout rate",
            "dropout",
            {RATE: 0.5}, {RATE: 0.1}, where={"arm": "perceptron"},
        ),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)  # fmt: skip
