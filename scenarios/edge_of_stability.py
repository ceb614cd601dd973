"""The edge of stability: fluctuation without any noise at all."""

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
    Equals,
    Final,
    Level,
    Momentum,
    Ratio,
    RiseFraction,
    Scenario,
    Training,
    Within,
    probes,
    tasks,
)

RATE = "optimizer.learning_rate"
HIGH = "high learning rate"


def threshold(condition):
    """Largest curvature at which the optimizer is stable on a quadratic."""
    return condition.optimizer.threshold


def draw(figure, conditions):
    """Median sharpness over the threshold of each optimizer, as training goes on."""
    import numpy as np

    panels = figure.subplots(1, 3, sharey=True)
    arms = dict.fromkeys(r.settings["arm"] for r in conditions)
    series = ("sharpness", "sharpness", "preconditioned_sharpness")
    for axes, arm, name in zip(panels, arms, series, strict=True):
        for r, dashes in zip(
            [r for r in conditions if r.settings["arm"] == arm],
            ("-", "--", "-.", ":"),
            strict=False,
        ):
            looked = np.isfinite(r.series[name]).any(axis=0).nonzero()[0]
            share = np.nanmedian(r.series[name][:, looked], axis=0) / threshold(r.condition)
            axes.plot(looked, share, dashes, label=f"{r.settings[RATE]:g}")
        axes.axhline(1, color="grey", linewidth=0.8, zorder=0)
        axes.set(title=arm, xlabel="steps", yscale="log")
        axes.legend(title="learning rate", fontsize="x-small", title_fontsize="x-small")
    panels[0].set_ylabel("sharpness ÷ threshold")
    figure.suptitle("The sharpness grows to the verge of instability and stays there")


scenario = Scenario(
    question="Why does the loss go up and down even with all samples in every update?",
    says="Post E: with all samples in each update the loss should just decrease. Cohen et al. "
    "(2021) found that the sharpness of the loss grows until full-batch training is on the "
    "verge of instability, and stays there: the loss then falls only on average.",
    family="optimisation",
    dose=RATE,
    base=Condition(
        task=tasks.TeacherRegression(n_train=200, n_validation=200, noise=0.3),
        model=MLP(widths=(24, 24), activation="tanh"),
        optimizer=SGD(learning_rate=0.2),
        training=Training(epochs=4000, batch_size=FULL, log_steps=False),
        probes=(probes.Sharpness(every=100),),
    ),
    vary=Arms(
        {
            "gradient descent": {RATE: (0.1, 0.2, 0.4, 0.8)},
            "momentum": {"optimizer": (Momentum(momentum=0.9),), RATE: (0.1, 0.3, 0.4, 0.5)},
            "Adam": {"optimizer": (Adam(),), RATE: (0.001, 0.002, 0.004, 0.008)},
        }
    ),
    claims=(
        Claim(
            "sharpness-at-threshold",
            "Under gradient descent the sharpness settles at 2/η.",
            Level("sharpness"),
            Equals(threshold, within=0.05),
            where={"arm": "gradient descent", RATE: (0.4, 0.8)},
        ),
        Claim(
            "momentum-threshold",
            "Under momentum it settles at 2(1 + β)/η.",
            Level("sharpness"),
            Equals(threshold, within=0.05),
            where={"arm": "momentum", RATE: 0.5},
        ),
        Claim(
            "adam-threshold",
            "Under Adam the preconditioned sharpness settles at (2 + 2β₁)/((1 − β₁)η).",
            Level("preconditioned_sharpness"),
            Equals(threshold, within=0.05),
            where={"arm": "Adam", RATE: (0.004, 0.008)},
        ),
        Claim(
            "rises-at-the-edge",
            "At the edge at least one step in ten raises the training loss.",
            RiseFraction("train_loss"),
            Within(low=0.1),
            where={"arm": "gradient descent", RATE: (0.4, 0.8)},
        ),
        Claim(
            "monotone-below",
            "Cure: at a rate low enough that the edge is not reached, no step does.",
            RiseFraction("train_loss"),
            Within(high=0.001),
            where={"arm": "gradient descent", RATE: 0.1},
        ),
        Claim(
            "edge-does-not-hurt",
            "The edge costs nothing: at eight times the rate the training loss ends lower.",
            Final("train_loss"),
            Ratio({RATE: 0.8}, {RATE: 0.1}, high=1.0),
            where={"arm": "gradient descent"},
        ),
    ),
    causes=(
        Cause(HIGH, {RATE: 0.2}, {RATE: 0.8}, where={"arm": "gradient descent"}),
        Cause(HIGH, {RATE: 0.1}, {RATE: 0.4}, where={"arm": "momentum"}),
        Cause(HIGH, {RATE: 0.002}, {RATE: 0.008}, where={"arm": "Adam"}),
    ),
    cures=(
        Cure("lower rate", HIGH, {RATE: 0.8}, {RATE: 0.1}, where={"arm": "gradient descent"}),
    ),
    show=(
        Level("sharpness"),
        Level("preconditioned_sharpness"),
        RiseFraction("train_loss"),
        Final("train_loss"),
    ),
    seeds=16,
    block=4,
    figure=draw,
    scales={"paper": {"seeds": 128, "training.epochs": 8000}},
)
