"""Optimizers: do adaptive methods spike late, and what removes the spikes?"""

import numpy as np

from benchmark import (
    FULL,
    MLP,
    SGD,
    Adam,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Decreases,
    Difference,
    Digits,
    Final,
    Increases,
    Momentum,
    RelativeJitter,
    RMSprop,
    Scenario,
    Training,
    Within,
    plot,
)

EPSILON, BETA2, KIND = "optimizer.epsilon", "optimizer.beta2", "optimizer"
SPIKY = "adaptive late spikes"
ROUNDING = 1e-6
"""Below this cross-entropy single precision decides what a curve does."""
KERAS_2 = RMSprop(0.003, epsilon=1e-14)
"""Keras 2 divided by √v + 10⁻⁷, which for small v is √(v + 10⁻¹⁴)."""


def spikes(loss):
    """Share of epochs in which the training loss more than doubles, per run."""
    loss = np.maximum(loss, ROUNDING)
    doubled = loss[:, 1:] > 2 * loss[:, :-1]
    return doubled.mean(1) if doubled.size else np.full(len(loss), np.nan)


def growth(loss):
    """That share in the last third of the run minus that in the first, per run."""
    third = max(1, loss.shape[1] // 3)
    return spikes(loss[:, -third:]) - spikes(loss[:, :third])


def peak(loss):
    """Highest loss over the median, per run."""
    loss = np.maximum(loss, ROUNDING)
    return loss.max(1) / np.median(loss, 1)


SPIKES = Custom("late_spikes", "train_loss", spikes, (0, 1), events=True, window=(2 / 3, 1.0))
GROWTH = Custom("growth_of_spikes", "train_loss", growth, window=(0.0, 1.0))
PEAK = Custom("late_peak", "train_loss", peak, window=(2 / 3, 1.0), over_runs="geometric_mean")


def draw(figure, conditions):
    """The training loss of one run with each ε."""
    runs = [r for r in conditions if r.settings["arm"] == "RMSprop, ε"]
    axes = figure.subplots()
    for r in runs:
        loss = np.maximum(r.series["train_loss"][0], ROUNDING / 10)
        axes.plot(loss, linewidth=0.7, label=plot.level(r.settings[EPSILON]))
    axes.set(xlabel="epochs", ylabel="training loss (nats)", yscale="log")
    axes.set_title("RMSprop: training loss of the first run, with w ← w − ηg/√(v + ε)")
    axes.legend(title="ε", ncols=2)


scenario = Scenario(
    question="Which optimizers make the training loss spike, and does a larger ε help?",
    says="Post E used RMSprop and Adam, suspected their changing step sizes, and saw the same "
    "with plain SGD. It is often said that adaptive methods spike late, when gradients have "
    "become tiny; that a larger ε removes the spikes, and so does a shorter memory β₂.",
    family="optimisation",
    dose=KIND,
    base=Condition(
        task=Digits(n_train=98, n_validation=512),
        model=MLP(widths=(64, 64)),
        optimizer=Adam(0.003),
        training=Training(epochs=800, batch_size=32, log_steps=False),
    ),
    vary=Arms(
        {
            "optimizer": {KIND: (SGD(0.1), Momentum(0.03), Adam(0.003), KERAS_2)},
            "RMSprop, ε": {KIND: (KERAS_2,), EPSILON: (1e-14, 1e-10, 1e-7, 1e-4)},
            "Adam, β₂": {BETA2: (0.9, 0.99, 0.999), EPSILON: (1e-7, 1e-3)},
            "all samples": {KIND: (KERAS_2,), "training.batch_size": (FULL,)},
        }
    ),
    claims=(
        Claim(
            "adam-spikes-late",
            "Late in training Adam's loss doubles in one epoch of a hundred more than early.",
            GROWTH,
            Within(low=0.01),
            where={"arm": "optimizer", KIND: "Adam"},
        ),
        Claim(
            "rmsprop-spikes-late",
            "So does that of RMSprop with the ε of post E's Keras.",
            GROWTH,
            Within(low=0.01),
            where={"arm": "optimizer", KIND: "RMSprop"},
        ),
        Claim(
            "spikes-undo-training",
            "… whose highest late loss is at least a hundred times the median late loss.",
            PEAK,
            Within(low=100.0),
            where={"arm": "optimizer", KIND: "RMSprop"},
        ),
        Claim(
            "sgd-does-not",
            "With SGD, with or without momentum, it doubles in hardly any late epoch.",
            SPIKES,
            Within(high=0.005),
            where={"arm": "optimizer", KIND: ("SGD", "Momentum")},
        ),
        Claim(
            "needs-no-batch-noise",
            "RMSprop spikes even with all samples in every update.",
            SPIKES,
            Within(low=0.01),
            where={"arm": "all samples"},
        ),
        Claim(
            "larger-epsilon-calms",
            "The larger ε, the rarer RMSprop's late spikes.",
            SPIKES,
            Decreases(EPSILON),
            where={"arm": "RMSprop, ε"},
        ),
        Claim(
            "epsilon-cures-rmsprop",
            "With the ε of today's Keras, 10⁻⁷ under the root, there are hardly any.",
            SPIKES,
            Within(high=0.005),
            where={"arm": "RMSprop, ε", EPSILON: 1e-7},
        ),
        Claim(
            "epsilon-cures-adam",
            "An ε of 0.001 does the same for Adam, whatever β₂.",
            SPIKES,
            Within(high=0.005),
            where={"arm": "Adam, β₂", EPSILON: 1e-3},
        ),
        Claim(
            "shorter-memory-calms",
            "The shorter the memory β₂, the rarer Adam's late spikes.",
            SPIKES,
            Increases(BETA2),
            where={"arm": "Adam, β₂", EPSILON: 1e-7},
        ),
        Claim(
            "cure-costs-nothing",
            "The larger ε costs RMSprop no more than half a point of validation accuracy.",
            Final("validation_accuracy"),
            Difference({EPSILON: 1e-7}, {EPSILON: 1e-14}, low=-0.005),
            where={"arm": "RMSprop, ε"},
        ),
    ),
    causes=(Cause(SPIKY, {KIND: "SGD"}, {KIND: "RMSprop"}, where={"arm": "optimizer"}),),
    cures=(
        Cure("larger ε", SPIKY, {EPSILON: 1e-14}, {EPSILON: 1e-4}, where={"arm": "RMSprop, ε"}),
        Cure(
            "smaller β₂",
            SPIKY,
            {BETA2: 0.999},
            {BETA2: 0.9},
            where={EPSILON: 1e-7, "arm": "Adam, β₂"},
        ),
        Cure("plain SGD", SPIKY, {KIND: "RMSprop"}, {KIND: "SGD"}, where={"arm": "optimizer"}),
        Cure(
            "all samples",
            SPIKY,
            {"arm": "optimizer", KIND: "RMSprop"},
            {"arm": "all samples", KIND: "RMSprop"},
        ),
    ),
    show=(
        SPIKES,
        GROWTH,
        PEAK,
        RelativeJitter("train_loss"),
        Final("train_loss"),
        Final("validation_accuracy"),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)
