"""Learning rate: too high, says everyone; too low, say some."""

from benchmark import (
    FULL,
    LSTM,
    MLP,
    SGD,
    Adam,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Digits,
    Diverged,
    Final,
    Increases,
    Jitter,
    Momentum,
    NoEffect,
    Product,
    Ratio,
    RiseFraction,
    RMSprop,
    Scenario,
    Surfaces,
    Training,
    Within,
    plot,
)

RATE, BATCH, EPOCHS = "optimizer.learning_rate", "training.batch_size", "training.epochs"
HIGH = "high learning rate"
COARSE = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
FINE = (1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
SMALL_BATCH = ("SGD", "momentum", "RMSprop", "Adam")


def draw(figure, conditions):
    """Every run with small batches: jitter against the loss it ends with."""
    runs = [r for r in conditions if r.settings["arm"] in SMALL_BATCH]
    axes = figure.subplots()
    plot.scatter(axes, runs, Final("train_loss"), Jitter("validation_loss"), "arm")
    axes.set(xscale="log", yscale="log")
    axes.set_title("Jitter is least where training is too slow, and where it has collapsed")


scenario = Scenario(
    question="Is the learning rate too high, and does lowering it calm the curve?",
    says="Posts A, B, D and E suspect the learning rate. Too high and training never settles, "
    "too low and it is slow. Post A lowered Adam's rate from 0.01 to 0.001 and saw no "
    "effect; post E tried several with plain SGD and saw none either.",
    family="optimisation",
    dose=RATE,
    base=Condition(
        task=Digits(n_train=1024, n_validation=512),
        model=MLP(widths=(64, 64)),
        training=Training(epochs=20, batch_size=32, log_steps=False),
    ),
    vary=Arms(
        {
            "SGD": {"optimizer": (SGD(),), RATE: COARSE},
            "momentum": {"optimizer": (Momentum(),), RATE: COARSE[:-1]},
            "RMSprop": {"optimizer": (RMSprop(),), RATE: FINE},
            "Adam": {"optimizer": (Adam(),), RATE: FINE},
            "SGD, all samples": Product(
                {BATCH: (FULL,), EPOCHS: (200,)}, {"optimizer": (SGD(),), RATE: COARSE[2:]}
            ),
            "LSTM, SGD": Product(
                {
                    "task": (Surfaces(n_validation=36),),
                    "model": (LSTM(widths=(16,)),),
                    EPOCHS: (60,),
                },
                {"optimizer": (SGD(),), RATE: (1e-3, 1e-2, 1e-1)},
            ),
            "LSTM, RMSprop": Product(
                {
                    "task": (Surfaces(n_validation=36),),
                    "model": (LSTM(widths=(16,)),),
                    EPOCHS: (60,),
                },
                {"optimizer": (RMSprop(),), RATE: (1e-3, 1e-2, 1e-1)},
            ),
        }
    ),
    claims=(
        Claim(
            "jitter-rises",
            "The higher the rate, the more the validation loss jumps from epoch to epoch.",
            Jitter("validation_loss"),
            Increases(RATE),
            where={"arm": SMALL_BATCH},
        ),
        Claim(
            "jitter-rises-all-samples",
            "Without any batch noise, too, a high rate alone makes the training loss rise.",
            RiseFraction("train_loss", window=(0.0, 1.0)),
            Increases(RATE),
            where={"arm": "SGD, all samples"},
        ),
        Claim(
            "too-small-is-slow",
            "At a hundredth of a good rate the training loss ends at least three times higher.",
            Final("train_loss"),
            Ratio({RATE: 0.001}, {RATE: 0.1}, low=3.0),
            where={"arm": "SGD"},
        ),
        Claim(
            "too-small-is-smooth",
            "… but the curve is smooth: the training loss hardly ever rises.",
            RiseFraction("train_loss", window=(0.0, 1.0)),
            Within(high=0.05),
            where={"arm": "SGD", RATE: 0.001},
        ),
        Claim(
            "too-big-never-settles",
            "At a hundred times a good rate most runs diverge.",
            Diverged(),
            Within(low=0.5),
            where={"arm": "SGD", RATE: 10.0},
        ),
        Claim(
            "too-big-guesses",
            "… or ends no better than guessing: a training loss of at least 0.95 ln 10.",
            Final("train_loss"),
            Within(low=2.19),
            where={"arm": "SGD", RATE: 10.0},
        ),
        Claim(
            "adam-tenfold-lower",
            "Lowering Adam's rate from 0.01 to 0.001 calms the validation loss by a fifth.",
            Jitter("validation_loss"),
            Ratio({RATE: 1e-2}, {RATE: 1e-3}, low=1.25),
            where={"arm": "Adam"},
        ),
        Claim(
            "lstm-sgd-rate",
            "With plain SGD an LSTM's training loss jumps alike at every rate, within twice.",
            Jitter("train_loss"),
            NoEffect(RATE, margin=1.0),
            where={"arm": "LSTM, SGD"},
        ),
        Claim(
            "lstm-rmsprop-rate",
            "With RMSprop its jitter rises with the rate.",
            Jitter("train_loss"),
            Increases(RATE),
            where={"arm": "LSTM, RMSprop"},
        ),
    ),
    causes=tuple(
        Cause(HIGH, {RATE: low}, {RATE: 10 * low}, where={"arm": arm})
        for arm, low in (
            ("SGD", 0.03),
            ("momentum", 0.01),
            ("RMSprop", 0.001),
            ("Adam", 0.001),
            ("SGD, all samples", 0.1),
            ("LSTM, RMSprop", 0.001),
        )
    ),
    cures=tuple(
        Cure("lower rate", HIGH, {RATE: 10 * low}, {RATE: low}, where={"arm": arm})
        for arm, low in (("SGD", 0.03), ("Adam", 0.001), ("LSTM, RMSprop", 0.001))
    ),
    show=(
        Jitter("validation_loss"),
        RiseFraction("train_loss", window=(0.0, 1.0)),
        Final("train_loss"),
        Final("validation_accuracy"),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128, EPOCHS: 40}},
)
