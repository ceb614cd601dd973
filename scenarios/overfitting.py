"""Overfitting: does it make validation restless, and what helps?"""

import numpy as np

from benchmark import (
    MLP,
    Adam,
    Arms,
    Cases,
    Claim,
    Condition,
    Cure,
    Custom,
    Difference,
    Digits,
    EarlyStopping,
    Final,
    Jitter,
    Product,
    Ratio,
    Scenario,
    Training,
    Within,
    curves,
    measures,
)

STOPPING, DROPOUT, DECAY = "training.early_stopping", "model.dropout", "training.weight_decay"
BEST, PATIENCE = f"{STOPPING}.best_weights", f"{STOPPING}.patience"
LOSS, ACCURACY = "validation_loss", "validation_accuracy"
TEST_LOSS, TEST_ACCURACY = "test_loss", "test_accuracy"  # of samples that nothing is chosen by
NONE = {"arm": "regularisation", DROPOUT: 0.0, DECAY: 0.0}
STOPPED = {"arm": "early stopping", BEST: True, PATIENCE: 5}


def turn_up(validation, test):
    """Final test loss over that at the epoch with the lowest validation loss, per run."""
    return test[:, -1] / test[np.arange(len(test)), validation.argmin(1)]


def restlessness(loss):
    """Jitter of the last third over that of the middle third, per run."""
    third = loss.shape[1] // 3
    with np.errstate(invalid="ignore"):  # a stopped run is flat
        return curves.jitter(loss[:, -third:]) / curves.jitter(loss[:, third:-third])


TURN_UP = Custom("turn_up", (LOSS, TEST_LOSS), turn_up, window=(0.0, 1.0))
RESTLESS = Custom("late_over_earlier_jitter", LOSS, restlessness, window=(0.0, 1.0))


def draw(figure, conditions):
    """Median validation loss under each cure, with the middle half of the runs."""
    axes = figure.subplots()
    for label, wanted, dashes in (
        ("no cure", NONE, "-"),
        ("dropout 0.5", NONE | {DROPOUT: 0.5}, "--"),
        ("weight decay 0.01", NONE | {DECAY: 0.01}, "-."),
        ("early stopping, best weights", STOPPED, ":"),
    ):
        try:
            (found,) = curves.select(conditions, wanted)
        except curves.Unanswerable:
            continue
        low, middle, high = np.nanquantile(found.series[LOSS], (0.25, 0.5, 0.75), axis=0)
        epochs = np.arange(len(middle))
        (line,) = axes.plot(epochs, middle, linestyle=dashes, label=label)
        axes.fill_between(epochs, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    axes.set(xlabel="epochs", ylabel="validation loss (nats)")
    axes.set_title("A large network on 128 digits: median and middle half of the runs")
    axes.legend()


scenario = Scenario(
    question="Does overfitting make validation restless, and which cure helps?",
    says="Post D: a network that has memorised its training data has a validation curve like a "
    "rollercoaster; dropout helps, and early stopping must keep the best weights, not the "
    "last ones.",
    family="model",
    dose=PATIENCE,
    base=Condition(
        task=Digits(n_train=128, n_validation=512, n_test=1024, mislabelled=0.1),
        model=MLP(widths=(128, 128), dropout=0.0),
        optimizer=Adam(learning_rate=0.003),
        training=Training(epochs=80, batch_size=8, weight_decay=0.0, log_steps=False),
    ),
    vary=Arms(
        {
            "regularisation": Cases(
                (
                    *({DROPOUT: rate} for rate in (0.0, 0.25, 0.5)),
                    *({DECAY: decay} for decay in (0.001, 0.003, 0.01, 0.03)),
                )
            ),
            "early stopping": Product(
                {STOPPING: (EarlyStopping(),)},
                {BEST: (True, False), PATIENCE: (1, 2, 5, 10, 20)},
            ),
        }
    ),
    claims=(
        Claim(
            "turns-up",
            "Without a cure the test loss ends at least half above what it was when validation "
            "was at its best.",
            TURN_UP,
            Within(low=1.5),
            where=NONE,
        ),
        Claim(
            "overfitting-is-restless",
            "… and jumps at least a quarter more at the end than in the middle of the run.",
            RESTLESS,
            Within(low=1.25),
            where=NONE,
        ),
        Claim(
            "dropout-stops-turn-up",
            "With dropout of 0.5 it ends at most a tenth above that.",
            TURN_UP,
            Within(high=1.1),
            where=NONE | {DROPOUT: 0.5},
        ),
        Claim(
            "decay-stops-turn-up",
            "So it does with a weight decay of 0.01.",
            TURN_UP,
            Within(high=1.1),
            where=NONE | {DECAY: 0.01},
        ),
        Claim(
            "dropout-calms",
            "Dropout of 0.5 calms the late validation accuracy by a fifth.",
            Jitter(ACCURACY),
            Ratio(NONE, NONE | {DROPOUT: 0.5}, low=1.25),
        ),
        Claim(
            "decay-calms",
            "So does a weight decay of 0.01.",
            Jitter(ACCURACY),
            Ratio(NONE, NONE | {DECAY: 0.01}, low=1.25),
        ),
        Claim(
            "stopping-halves-spread",
            "Stopping after five epochs without progress, with the best weights, halves the "
            "spread between runs of the final test loss.",
            measures.RunSpread(TEST_LOSS),
            Ratio(NONE, STOPPED, low=2.0),
        ),
        Claim(
            "stopping-keeps-accuracy",
            "… and gains a point of test accuracy.",
            Final(TEST_ACCURACY),
            Difference(STOPPED, NONE, low=0.01),
        ),
        Claim(
            "best-not-last-spread",
            "With the last instead of the best weights the selected models' test losses spread "
            "at least a quarter more.",
            measures.RunSpread(f"selected_{TEST_LOSS}"),
            Ratio({BEST: False}, {BEST: True}, low=1.25),
            where={"arm": "early stopping", PATIENCE: 5},
        ),
        Claim(
            "best-not-last-level",
            "… and are a tenth higher.",
            Final(f"selected_{TEST_LOSS}"),
            Ratio({BEST: False}, {BEST: True}, low=1.1),
            where={"arm": "early stopping", PATIENCE: 5},
        ),
        Claim(
            "five-is-patient",
            "A patience of five does not stop too early: the test loss of the best weights is "
            "within 5 % of what a patience of twenty finds.",
            Final(f"selected_{TEST_LOSS}"),
            Ratio({PATIENCE: 5}, {PATIENCE: 20}, high=1.05),
            where={"arm": "early stopping", BEST: True},
        ),
    ),
    cures=(
        Cure("dropout", "overfitting", NONE, NONE | {DROPOUT: 0.5}),
        Cure("weight decay", "overfitting", NONE, NONE | {DECAY: 0.01}),
        Cure("early stopping, best weights", "overfitting", NONE, STOPPED),
        Cure("early stopping, last weights", "overfitting", NONE, STOPPED | {BEST: False}),
    ),
    show=(
        TURN_UP,
        Jitter(LOSS),
        Jitter(ACCURACY),
        Final(TEST_LOSS),
        measures.RunSpread(TEST_LOSS),
        Final(TEST_ACCURACY),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)
