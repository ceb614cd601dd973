"""Smoothing: weight averaging, clipping, larger batches late: which calms, at what cost?"""

from benchmark import (
    MLP,
    SGD,
    Arms,
    Claim,
    Condition,
    Cure,
    Custom,
    Decreases,
    Digits,
    Final,
    Increases,
    Jitter,
    Ratio,
    Scenario,
    StepDecay,
    Training,
    Within,
    curves,
    plot,
)

AVERAGE, CLIP = "training.average", "training.clip_norm"
LATER, SCHEDULE = "training.late_batches", "training.schedule"
LATE = (0.75, 1.0)
BOTH = ("average_validation_loss", "validation_loss")


def calmed(averaged, plain):
    """Jitter of the averaged weights' loss over that of the weights themselves, per run."""
    return curves.jitter(averaged) / curves.jitter(plain)


def lowered(averaged, plain):
    """Final loss of the averaged weights over that of the weights themselves, per run."""
    return averaged[:, -1] / plain[:, -1]


CALMED = Custom("jitter_of_average", BOTH, calmed, window=LATE, over_runs="geometric_mean")
LOWERED = Custom("level_of_average", BOTH, lowered, window=LATE, over_runs="geometric_mean")
JITTER = Jitter("validation_loss", window=LATE)


def draw(figure, conditions):
    """Where each cure takes jitter and final level of the validation loss."""
    axes = figure.subplots()
    for arm, path, marker, offset in (
        ("clip", CLIP, "s", (5, -2)),
        ("average", AVERAGE, "o", (-4, 5)),
        ("late batches", LATER, "^", (5, -7)),
        ("late rate", SCHEDULE, "D", (-4, -9)),
    ):
        name = BOTH[0] if arm == "average" else BOTH[1]
        here = [r for r in conditions if r.settings["arm"] == arm]
        treated = [r for r in here if r.settings[path] is not None]
        calm, level = (
            plot.estimates(here, m) for m in (Jitter(name, window=LATE), Final(name))
        )
        for r in here:
            if r not in treated and arm == "clip":
                place = calm[id(r)].mean, level[id(r)].mean
                axes.plot(*place, "k*", markersize=9, zorder=3, label="no cure")
        x, y = ([held[id(r)].mean for r in treated] for held in (calm, level))
        axes.plot(x, y, marker, label=arm)
        for r, *place in zip(treated, x, y, strict=True):
            text = "÷ 16" if path == SCHEDULE else plot.level(r.settings[path])
            axes.annotate(text, place, offset, textcoords="offset points", fontsize=6)
    axes.set(xlabel="late jitter of the validation loss (nats)", xscale="log")
    axes.set(ylabel="final validation loss (nats)")
    axes.set_title("What each cure does to jitter and level of validation")
    axes.legend()


scenario = Scenario(
    question="Which cure calms validation most: averaging, clipping, or a larger batch late?",
    says="Post E: a larger batch reduces what single samples do to the curve, but a very large "
    "one slows training; post D: let the rate fall. Practitioners add two more cures: average "
    "the weights, and clip the gradient.",
    family="optimisation",
    base=Condition(
        task=Digits(n_train=1024, n_validation=512, mislabelled=0.1),
        model=MLP(widths=(32,)),
        optimizer=SGD(learning_rate=0.2),
        training=Training(epochs=60, batch_size=8, log_steps=False),
    ),
    vary=Arms(
        {
            "clip": {CLIP: (None, 10.0, 3.0, 1.0, 0.3)},
            "average": {AVERAGE: (0.9, 0.99, 0.999)},
            "late batches": {LATER: (None, 4, 16)},
            "late rate": {SCHEDULE: (None, StepDecay(1 / 16, at=(0.5,)))},
        }
    ),
    claims=(
        Claim(
            "average-calms",
            "Averaging the weights over about a thousand steps, eight epochs, divides the "
            "late jitter of the validation loss by five at least.",
            CALMED,
            Within(high=0.2),
            where={"arm": "average", AVERAGE: 0.999},
        ),
        Claim(
            "longer-average-calms-more",
            "The longer the average, the calmer.",
            CALMED,
            Decreases(AVERAGE),
            where={"arm": "average"},
        ),
        Claim(
            "average-costs-nothing",
            "… and it costs nothing: the averaged weights end with a lower loss.",
            LOWERED,
            Within(high=1.0),
            where={"arm": "average", AVERAGE: (0.99, 0.999)},
        ),
        Claim(
            "clip-calms",
            "Clipping the gradient to a norm of 1 halves the late jitter.",
            JITTER,
            Ratio({CLIP: None}, {CLIP: 1.0}, low=2.0),
            where={"arm": "clip"},
        ),
        Claim(
            "tighter-clip-calms-more",
            "The tighter the clipping, the calmer.",
            JITTER,
            Increases(CLIP),
            where={"arm": "clip", CLIP: (10.0, 3.0, 1.0, 0.3)},
        ),
        Claim(
            "clip-costs-nothing",
            "Clipping to a norm of 1 does not raise the final validation loss by over 5 %.",
            Final("validation_loss"),
            Ratio({CLIP: 1.0}, {CLIP: None}, high=1.05),
            where={"arm": "clip"},
        ),
        Claim(
            "larger-batch-late",
            "A batch sixteen times as large from half time on divides the late jitter by "
            "sixteen, give or take a half.",
            JITTER,
            Ratio({LATER: None}, {LATER: 16}, low=16 / 1.5, high=24.0),
            where={"arm": "late batches"},
        ),
        Claim(
            "batch-or-rate",
            "That is what a sixteenth of the rate does, within a quarter (Smith et al. 2018).",
            JITTER,
            Ratio(
                {"arm": "late batches", LATER: 16}, {"arm": "late rate", SCHEDULE: "StepDecay"},
                low=0.8, high=1.25,
            ),
        ),
        Claim(
            "larger-batch-costs-nothing",
            "… and it does not raise the final validation loss by more than 5 %.",
            Final("validation_loss"),
            Ratio({LATER: 16}, {LATER: None}, high=1.05),
            where={"arm": "late batches"},
        ),
    ),
    cures=tuple(
        Cure(name, "small batch", {"arm": arm, path: None}, {"arm": arm, path: level})
        for name, arm, path, level in (
            ("gradient clipping", "clip", CLIP, 1.0),
            ("larger batch late", "late batches", LATER, 16),
            ("lower rate late", "late rate", SCHEDULE, "StepDecay"),
        )
    )
    + (
        Cure(
            "weight averaging", "small batch", {"arm": "clip", AVERAGE: None, CLIP: None},
            {"arm": "average", AVERAGE: 0.999, CLIP: None},
        ),
    ),
    show=(
        JITTER,
        Jitter(BOTH[0], window=LATE),
        Final("validation_loss"),
        Final(BOTH[0]),
        Final("validation_accuracy"),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)  # fmt: skip
