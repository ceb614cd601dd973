"""How often one looks: the curve of epochs is far calmer than that of steps."""

import numpy as np

from benchmark import (
    SGD,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Equals,
    Increases,
    Point,
    Quadratic,
    Scenario,
    Training,
    Within,
    parts,
    plot,
    probes,
    theory,
)

RATE, ORDER = "optimizer.learning_rate", "training.order"
BATCHES = 16


def seen_share(weight):
    """Variance over epoch ends ÷ variance over all steps, second half of the run, per run."""
    epochs = weight.reshape(len(weight), -1, BATCHES)
    looked = epochs[:, np.isfinite(epochs).all((0, 2))]
    late = looked[:, looked.shape[1] // 2 :]
    return late[:, :, -1].var(1) / late.reshape(len(late), -1).var(1)


def reshuffled_share(condition):
    """The same in theory, for steps that go through a permutation of the batches.

    Within an epoch w shrinks by r = 1 − ηa a step and takes up noise drawn without
    replacement, so that after j steps the variance is r^{2j} V + (ηa)² s² (Σ w_k² −
    (Σ w_k)²/M) with w_k = r^{j−1−k}; V is that at epoch ends (Kühn & Rosenow 2023).
    """
    rate, curvature = condition.optimizer.learning_rate, condition.task.curvature
    batches = condition.steps_per_epoch
    end, r = theory.reshuffled_floor(rate, curvature, batches, 1.0), 1 - rate * curvature
    within = []
    for step in range(1, batches + 1):
        weights = r ** np.arange(step)
        noise = (weights**2).sum() - weights.sum() ** 2 / batches
        within.append(r ** (2 * step) * end + (rate * curvature) ** 2 * noise)
    return float(end / np.mean(within))


SHARE = Custom("seen_share", "step_weight_0", seen_share, window=(0.0, 1.0))


def draw(figure, conditions):
    """One run at both cadences, and the share of variance that epoch ends show."""
    left, right = figure.subplots(1, 2)
    mine = next(
        r for r in conditions if (r.settings[ORDER], r.settings[RATE]) == ("reshuffle", 0.05)
    )
    weight = mine.series["step_weight_0"][0]
    steps = weight[np.isfinite(weight).all(1)][-12:]
    left.plot(np.arange(steps.size) / BATCHES, steps.ravel(), linewidth=0.7, label="steps")
    left.plot(
        np.arange(1, len(steps) + 1) - 1 / BATCHES, steps[:, -1], "o-", label="epoch ends"
    )
    left.set(xlabel="epoch (every second is shown)", ylabel="weight of the first run")
    left.set_title("One reshuffled run, looked at twice")
    plot.lines(right, conditions, SHARE, RATE, ORDER)
    rates = np.geomspace(RATES[0], RATES[-1], 40)
    right.plot(rates, [_at(mine.condition, rate) for rate in rates], "k:", label="theory")
    right.set(yscale="log", ylabel="variance at epoch ends ÷ at all steps")
    right.set_title("What a curve of epochs shows of it")
    for axes in (left, right):
        axes.legend()


def _at(condition, rate):
    return reshuffled_share(parts.with_settings(condition, {RATE: float(rate)}))


RATES = (0.01, 0.02, 0.05, 0.2)

scenario = Scenario(
    question="How much of the fluctuation does a curve of epochs show at all?",
    says="None of the posts asks it, but all of them show one point per epoch. Shuffling takes "
    "every sample once an epoch, so that much of the noise has cancelled when one looks.",
    family="measurement",
    dose=RATE,
    base=Condition(
        task=Quadratic(n_train=4 * BATCHES, minimum="sample"),
        model=Point(),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=800, batch_size=4, log_steps=False),
        probes=(probes.Weights(every=2),),
    ),
    vary={ORDER: ("reshuffle", "replacement"), RATE: RATES},
    claims=(
        Claim(
            "share-as-predicted",
            "Epoch ends of reshuffled training show the share of the variance theory says.",
            SHARE,
            Equals(reshuffled_share, within=0.1),
            where={ORDER: "reshuffle"},
        ),
        Claim(
            "hides-most",
            "At a rate of 0.01 that is less than a tenth.",
            SHARE,
            Within(high=0.1),
            where={ORDER: "reshuffle", RATE: 0.01},
        ),
        Claim(
            "less-at-high-rates",
            "The higher the rate, the more of it is seen.",
            SHARE,
            Increases(RATE),
            where={ORDER: "reshuffle"},
        ),
        Claim(
            "replacement-hides-nothing",
            "Where samples are drawn with replacement, epoch ends are as restless as steps, "
            "within a tenth.",
            SHARE,
            Within(low=0.9, high=1.1),
            where={ORDER: "replacement", RATE: (0.05, 0.2)},
        ),
    ),
    causes=(
        Cause("drawing with replacement", {ORDER: "reshuffle"}, {ORDER: "replacement"}),
        Cause("high learning rate", {RATE: 0.02}, {RATE: 0.2}, where={ORDER: "reshuffle"}),
    ),
    cures=(
        Cure(
            "reshuffling",
            "drawing with replacement",
            {ORDER: "replacement"},
            {ORDER: "reshuffle"},
        ),
    ),
    show=(SHARE,),
    figure=draw,
    seeds=64,
    block=64,
    lanes=64,
    scales={"paper": {"seeds": 512}},
)
