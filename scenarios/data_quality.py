"""Data quality: noisy features and too little variety, at an equal number of samples."""

from benchmark import (
    MLP,
    SGD,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Decreases,
    Digits,
    Final,
    Increases,
    Jitter,
    Ratio,
    Scenario,
    Training,
    plot,
)

NOISE, VARIETY = "task.feature_noise", "task.variety"


def draw(figure, conditions):
    """Jitter against noise and against variety."""
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, arm, path in ((left, "noise", NOISE), (right, "variety", VARIETY)):
        mine = [r for r in conditions if r.settings["arm"] == arm]
        plot.lines(axes, mine, Jitter("validation_loss"), path)
    left.set(yscale="log", xlabel="noise on features (SD of pixels)")
    right.set(xlabel="share of distinct samples", ylabel="")
    left.set_title("Jitter against noise on the features")
    right.set_title("… and against variety, at 512 samples")


scenario = Scenario(
    question="Do noisy or uniform data make the validation curve jump?",
    says="Post D's first suspect: a training set that is noisy or has too little variety makes "
    "validation a mess, as the network generalises poorly.",
    family="data",
    dose=NOISE,
    base=Condition(
        task=Digits(n_train=512, n_validation=512),
        model=MLP(widths=(64, 64)),
        optimizer=SGD(learning_rate=0.1),
        training=Training(epochs=40, batch_size=16, log_steps=False),
    ),
    vary=Arms(
        {
            "noise": {NOISE: (0.0, 0.25, 0.5, 1.0, 2.0)},
            "variety": {VARIETY: (0.0625, 0.125, 0.25, 0.5, 1.0)},
        }
    ),
    claims=(
        Claim(
            "noise-raises-jitter",
            "The noisier the features, the more the validation loss jumps.",
            Jitter("validation_loss"),
            Increases(NOISE),
            where={"arm": "noise"},
        ),
        Claim(
            "noise-doubles-it",
            "Noise as large as the signal at least doubles it.",
            Jitter("validation_loss"),
            Ratio({NOISE: 1.0}, {NOISE: 0.0}, low=2.0),
            where={"arm": "noise"},
        ),
        Claim(
            "noise-raises-accuracy-jitter",
            "… and the more the validation accuracy jumps.",
            Jitter("validation_accuracy"),
            Increases(NOISE),
            where={"arm": "noise"},
        ),
        Claim(
            "variety-calms",
            "The more distinct samples among as many, the calmer the validation loss.",
            Jitter("validation_loss"),
            Decreases(VARIETY),
            where={"arm": "variety"},
        ),
        Claim(
            "variety-calms-accuracy",
            "… and the validation accuracy.",
            Jitter("validation_accuracy"),
            Decreases(VARIETY),
            where={"arm": "variety"},
        ),
        Claim(
            "variety-lowers-loss",
            "Uniform data generalise poorly: with all samples distinct the final validation "
            "loss is less than half of that with one in sixteen.",
            Final("validation_loss"),
            Ratio({VARIETY: 1.0}, {VARIETY: 0.0625}, high=0.5),
            where={"arm": "variety"},
        ),
    ),
    causes=(
        Cause("noisy features", {NOISE: 0.0}, {NOISE: 1.0}, where={"arm": "noise"}),
        Cause("uniform data", {VARIETY: 1.0}, {VARIETY: 0.125}, where={"arm": "variety"}),
    ),
    cures=(
        Cure(
            "more variety",
            "uniform data",
            {VARIETY: 0.125},
            {VARIETY: 0.5},
            where={"arm": "variety"},
        ),
    ),
    show=(
        Jitter("validation_loss"),
        Jitter("validation_accuracy"),
        Final("validation_loss"),
        Final("validation_accuracy"),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128, "training.epochs": 80}},
)
