"""Mislabelled samples: can one wrong label outweigh two or three right ones?"""

import numpy as np

from benchmark import (
    LSTM,
    MLP,
    SGD,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Decreases,
    Digits,
    Final,
    Increases,
    Jitter,
    Product,
    RMSprop,
    Scenario,
    Surfaces,
    Training,
    Within,
    plot,
    probes,
)

BATCH, SHARE = "training.batch_size", "task.mislabelled"
WRONG = "mislabelled samples"


def excess_risk(rise, corrupted):
    """P(full loss rises | batch holds a mislabelled sample) − P(… | none), per run."""
    counted = np.isfinite(rise)
    harmed, clean = counted & (corrupted > 0), counted & (corrupted == 0)
    return _mean(rise, harmed) - _mean(rise, clean)


def growth_of_risk(rise, corrupted):
    """The excess risk of the last third of the steps minus that of the first third."""
    third = rise.shape[1] // 3
    early = excess_risk(rise[:, :third], corrupted[:, :third])
    return excess_risk(rise[:, -third:], corrupted[:, -third:]) - early


def _mean(values, mask):
    with np.errstate(invalid="ignore"):
        return np.where(mask, values, 0.0).sum(1) / np.where(mask.any(1), mask.sum(1), np.nan)


RISK = Custom(
    "excess_risk", ("step_rise", "step_corrupted"), excess_risk, (-1, 1), window=(0.0, 1.0)
)
GROWTH = Custom(
    "risk_growth", ("step_rise", "step_corrupted"), growth_of_risk, window=(0.0, 1.0)
)


def draw(figure, conditions):
    """What one wrong label does to its step, and what many do to the curve."""
    left, right = figure.subplots(1, 2)
    runs = [r for r in conditions if r.settings["arm"] == "batch size"]
    for label, marker, wanted in (("with", "s", True), ("without", "o", False)):
        shares = []
        for r in runs:
            rise, wrong = (r.series[n].reshape(r.runs, -1) for n in RISK.series)
            shares.append(_mean(rise, np.isfinite(rise) & ((wrong > 0) == wanted)))
        known = [share[np.isfinite(share)] for share in shares]
        middle = [share.mean() if len(share) else np.nan for share in known]
        error = [1.96 * s.std(ddof=1) / len(s) ** 0.5 if len(s) > 1 else 0 for s in known]
        batches = [r.settings[BATCH] for r in runs]
        left.errorbar(batches, middle, error, marker=marker, label=f"{label} a wrong label")
    left.set_xscale("log", base=2)
    left.set(xlabel="batch size", ylabel="share of steps that raise the full loss")
    left.legend(title="batch")
    right.set_yscale("log")
    of_share = [r for r in conditions if r.settings["arm"] == "share"]
    plot.lines(right, of_share, Jitter("validation_loss"), SHARE, by=BATCH)
    right.set(ylabel="jitter of the validation loss (nats)")
    right.legend()
    figure.suptitle("One wrong label harms its step, and many the curve, in small batches")


scenario = Scenario(
    question="Do mislabelled samples make the curves fluctuate, and does a larger batch help?",
    says="Post E: in a small batch one mislabelled sample outweighs two or three right ones "
    "and throws the update off; a larger batch dampens that. Post D: noisy labels make the "
    "validation curve erratic.",
    family="data",
    dose=SHARE,
    base=Condition(
        task=Digits(n_train=512, n_validation=512, mislabelled=0.05),
        model=MLP(widths=(64, 64)),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=30, batch_size=4, log_steps=False),
        probes=(probes.StepRise(every=5),),
    ),
    vary=Arms(
        {
            "batch size": {BATCH: (1, 2, 4, 8, 16, 32), SHARE: (0.05,)},
            "share": {BATCH: (4, 32), SHARE: (0.0, 0.05, 0.1, 0.2, 0.4)},
            "LSTM": Product(
                {
                    "task": (Surfaces(n_validation=36),),
                    "model": (LSTM(widths=(16,)),),
                    "optimizer": (RMSprop(0.001),),
                    "training.epochs": (30,),
                    "probes": ((),),
                },
                {BATCH: (4, 32), SHARE: (0.0, 0.05, 0.2)},
            ),
        }
    ),
    claims=(
        Claim(
            "wrong-label-harms",
            "A batch with a mislabelled sample raises the full training loss more often than "
            "one without, by five points or more.",
            RISK,
            Within(low=0.05),
            where={"arm": "batch size", BATCH: (2, 4)},
        ),
        Claim(
            "larger-batch-dampens",
            "The larger the batch, the smaller that difference.",
            RISK,
            Decreases(BATCH),
            where={"arm": "batch size", BATCH: (2, 4, 8, 16, 32)},
        ),
        Claim(
            "harm-grows",
            "The harm grows late in training, when wrong labels contradict a sure network.",
            GROWTH,
            Within(low=0.0),
            where={"arm": "batch size", BATCH: (2, 4)},
        ),
        Claim(
            "share-raises-jitter",
            "The more labels are wrong, the more the validation loss jumps.",
            Jitter("validation_loss"),
            Increases(SHARE),
            where={"arm": "share"},
        ),
        Claim(
            "share-raises-accuracy-jitter",
            "… and the validation accuracy.",
            Jitter("validation_accuracy"),
            Increases(SHARE),
            where={"arm": "share"},
        ),
        Claim(
            "lstm-share-raises-jitter",
            "An LSTM's training loss, too, jumps more with mislabelled sequences.",
            Jitter("train_loss"),
            Increases(SHARE),
            where={"arm": "LSTM"},
        ),
    ),
    causes=tuple(
        Cause(WRONG, {SHARE: 0.0}, {SHARE: 0.2}, where={BATCH: 4, "arm": arm})
        for arm in ("share", "LSTM")
    ),
    cures=(
        Cure(
            "larger batch", WRONG, {BATCH: 4}, {BATCH: 32}, where={SHARE: 0.2, "arm": "share"}
        ),
        Cure("larger batch", WRONG, {BATCH: 4}, {BATCH: 32}, where={SHARE: 0.2, "arm": "LSTM"}),
        Cure("cleaning", WRONG, {SHARE: 0.2}, {SHARE: 0.05}, where={BATCH: 4, "arm": "share"}),
    ),
    show=(RISK, Jitter("validation_loss"), Jitter("validation_accuracy"), Final("train_loss")),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)
