"""Batch normalisation: statistics that lag behind the network they are to describe."""

import numpy as np

from benchmark import (
    CNN,
    MLP,
    Adam,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Digits,
    Drawup,
    Evaluation,
    Final,
    Images,
    Increases,
    Jitter,
    Level,
    Product,
    Ratio,
    Scenario,
    Training,
    Within,
    curves,
)

MOMENTUM, STEPS, ARM = "model.batch_norm", "training.steps", "arm"
MOMENTA = (0.9, 0.99, 0.999)
LAG = "batch-norm statistics lag"


def own_over_recorded(recorded, own):
    """Jitter of the loss with the batch's own statistics ÷ with the recorded ones, per run."""
    return curves.jitter(own) / curves.jitter(recorded)


def first_epoch_excess(recorded, own):
    """Loss after the first epoch with recorded minus with own statistics, per run."""
    return recorded[:, 1] - own[:, 1]


OWN = Custom(
    "jitter_ratio",
    ("validation_loss", "seen_validation_loss"),
    own_over_recorded,
    over_runs="geometric_mean",
)
EXCESS = Custom(
    "first_epoch_excess",
    ("validation_loss", "seen_validation_loss"),
    first_epoch_excess,
    window=(0.0, 1.0),
)


def draw(figure, conditions):
    """Median curves: recorded against own statistics, one panel per momentum."""
    runs = [r for r in conditions if r.settings[ARM] == "MLP"]
    panels = figure.subplots(1, 3, sharey=True)
    for axes, momentum in zip(panels, MOMENTA, strict=True):
        wanted = (momentum, 8)
        run = next(r for r in runs if (r.settings[MOMENTUM], r.settings[STEPS]) == wanted)
        for name, label in (
            ("validation_loss", "recorded statistics"),
            ("seen_validation_loss", "the batch's own"),
            ("train_loss", "training, recorded"),
        ):
            axes.plot(np.median(run.series[name], 0), label=label)
        axes.set(yscale="log", xlabel="epoch (8 steps)", title=f"momentum {momentum:g}")
    panels[0].set_ylabel("loss, median run (nats)")
    panels[-1].legend()
    figure.suptitle("How far recorded statistics lag behind the batch's own, by momentum")


scenario = Scenario(
    question="Does batch normalisation make the validation loss swing?",
    says="Posts C and D suspect batch normalisation: training uses the statistics of each "
    "batch, validation uses averages of them, which lag behind when epochs are short.",
    family="model",
    dose=MOMENTUM,
    base=Condition(
        task=Digits(n_train=1024, n_validation=512),
        model=MLP(widths=(64, 64), batch_norm=0.99),
        optimizer=Adam(learning_rate=0.003),
        training=Training(epochs=40, batch_size=32, steps=8, log_steps=False),
        evaluation=Evaluation(batch_statistics=True, batch_size=128),
    ),
    vary=Arms(
        {
            "MLP": {MOMENTUM: MOMENTA, STEPS: (2, 8, 32)},
            "none": {MOMENTUM: (None,), STEPS: (2, 8, 32)},
            "CNN": Product(
                {
                    "task": (Images(n_train=512, n_validation=512),),
                    "model": (CNN(blocks=(8, 16), batch_norm=0.99),),
                },
                {MOMENTUM: MOMENTA, STEPS: (8,)},
            ),
        }
    ),
    claims=(
        Claim(
            "lag-raises-first-epoch",
            "After the 8 steps of a first epoch 92 % of the weight is still on the initial "
            "statistics: the validation loss is higher than with the batch's own statistics.",
            EXCESS,
            Within(low=0.1),
            where={ARM: ("MLP", "CNN"), MOMENTUM: 0.99, STEPS: 8},
        ),
        Claim(
            "momentum-raises-setbacks",
            "The higher the momentum of the averages, the larger the largest setback.",
            Drawup("validation_loss", window=(0.0, 1.0)),
            Increases(MOMENTUM),
            where={ARM: ("MLP", "CNN")},
        ),
        Claim(
            "momentum-raises-jitter",
            "… and the more the late validation loss jumps.",
            Jitter("validation_loss"),
            Increases(MOMENTUM),
            where={ARM: ("MLP", "CNN")},
        ),
        Claim(
            "lower-momentum-cures",
            "Momentum 0.9 instead of 0.99 halves the largest setback when epochs are short.",
            Drawup("validation_loss", window=(0.0, 1.0)),
            Ratio({MOMENTUM: 0.9}, {MOMENTUM: 0.99}, high=0.5),
            where={ARM: ("MLP", "CNN"), STEPS: 8},
        ),
        Claim(
            "own-statistics-cure",
            "With the batch's own statistics validation jumps less than with recorded ones.",
            OWN,
            Within(high=0.9),
            where={ARM: ("MLP", "CNN"), MOMENTUM: 0.99, STEPS: 8},
        ),
        Claim(
            "batch-norm-unsettles",
            "A network with batch normalisation jumps more than one without, by a half.",
            Jitter("validation_loss"),
            Ratio({MOMENTUM: 0.99}, {ARM: "none"}, low=1.5),
            where={STEPS: 8, "task": "Digits"},
        ),
    ),
    causes=(
        Cause(LAG, {MOMENTUM: 0.9}, {MOMENTUM: 0.99}, where={ARM: "MLP", STEPS: 8}),
        Cause(LAG, {MOMENTUM: 0.9}, {MOMENTUM: 0.99}, where={ARM: "CNN"}),
    ),
    cures=(
        Cure(
            "lower momentum",
            LAG,
            {MOMENTUM: 0.99},
            {MOMENTUM: 0.9},
            where={ARM: "MLP", STEPS: 8},
        ),
        Cure("more steps", LAG, {STEPS: 8}, {STEPS: 32}, where={ARM: "MLP", MOMENTUM: 0.99}),
        Cure(
            "the batch's own statistics",
            LAG,
            {},
            {},
            where={ARM: "MLP", MOMENTUM: 0.99, STEPS: 8},
            curves=("validation", "seen_validation"),
        ),
    ),
    show=(
        Jitter("validation_loss"),
        Jitter("seen_validation_loss"),
        Drawup("validation_loss", window=(0.0, 1.0)),
        EXCESS,
        Level("train_loss"),
        Final("validation_accuracy"),
    ),
    figure=draw,
    seeds=24,
    scales={"paper": {"seeds": 128}},
)
