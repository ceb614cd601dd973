"""Batch size: the reason that every answer names first."""

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
    Decreases,
    Difference,
    Digits,
    Equals,
    Final,
    Increases,
    Jitter,
    NoEffect,
    Product,
    RelativeJitter,
    RiseFraction,
    RMSprop,
    Scenario,
    Surfaces,
    Training,
    Within,
    Zipped,
    measures,
    plot,
    probes,
)

BATCH, RATE, EPOCHS = "training.batch_size", "optimizer.learning_rate", "training.epochs"
SMALL = (1, 2, 4, 8, 16, 32, 64, 128)


def share_of_noise(batch_noise, sample_noise):
    """Noise of a batch's gradient over that of one sample's, per run."""
    share = batch_noise / sample_noise
    seen = np.isfinite(share)
    return np.where(seen, share, 0).sum(1) / np.where(seen.any(1), seen.sum(1), np.nan)


def finite_population(condition):
    """(N − B) / (B(N − 1)): a batch drawn without replacement from N samples."""
    n, b = condition.task.samples, condition.batch_size
    return (n - b) / (b * (n - 1))


def draw(figure, conditions):
    """Every run of the fixed-rate arm: how calm its validation is, and how good it ends."""
    runs = [r for r in conditions if r.settings["arm"] == "fixed rate"]
    runs = [r for r in runs if r.settings[BATCH] in SMALL]
    axes = figure.subplots()
    plot.scatter(axes, runs, Jitter("validation_loss"), Final("validation_accuracy"), BATCH)
    axes.set_xscale("log")
    axes.set_title("At one rate and equally many epochs the calmest curves are not the best")


scenario = Scenario(
    question="Does a smaller batch make the training loss fluctuate more?",
    says="Posts D and E name small batches first: each update trusts a few samples, so the "
    "loss must jump; with all samples it should just decrease; but very large batches "
    "generalise worse and train slowly.",
    family="optimisation",
    dose=BATCH,
    base=Condition(
        task=Digits(n_train=1024, n_validation=512, n_test=261),
        model=MLP(widths=(64, 64)),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=20, batch_size=32),
        probes=(probes.GradientNoise(every=20),),
    ),
    vary=Arms(
        {
            "fixed rate": {BATCH: (*SMALL, FULL)},
            "rate ∝ batch": Zipped(
                {BATCH: SMALL[2:], RATE: tuple(0.05 * b / 32 for b in SMALL[2:])}
            ),
            "all samples": Product({BATCH: (FULL,), EPOCHS: (100,)}, {RATE: (0.05, 1.6)}),
            "tuned rate": Product(
                Zipped({BATCH: (16, 128, FULL), EPOCHS: (20, 80, 240)}),
                {RATE: (0.2, 0.4, 0.8)},
            ),
            "LSTM": Product(
                {
                    "task": (Surfaces(n_validation=36),),
                    "model": (LSTM(widths=(16,)),),
                    "optimizer": (RMSprop(learning_rate=0.001),),
                    EPOCHS: (20,),
                    BATCH: (4, FULL),
                    "probes": ((),),
                }
            ),
        }
    ),
    claims=(
        Claim(
            "gradient-noise",
            "The variance of a batch's gradient is that of a sample's divided by B, less what "
            "drawing without replacement saves.",
            Custom("noise_share", ("batch_gradient_noise", "gradient_noise"), share_of_noise),
            Equals(finite_population, within=0.1), where={"arm": "fixed rate", BATCH: SMALL},
        ),
        Claim(
            "step-jitter",
            "The smaller the batch, the more the loss jumps from step to step.",
            Jitter("step_loss"), Decreases(BATCH), where={"arm": "fixed rate", BATCH: SMALL},
        ),
        Claim(
            "relative-step-jitter",
            "The same, relative to the level of the loss.",
            RelativeJitter("step_loss"), Decreases(BATCH),
            where={"arm": "fixed rate", BATCH: SMALL},
        ),
        Claim(
            "epoch-jitter",
            "The smaller the batch, the more the validation loss jumps from epoch to epoch.",
            Jitter("validation_loss"), Decreases(BATCH),
            where={"arm": "fixed rate", BATCH: SMALL},
        ),
        Claim(
            "linear-scaling",
            "A rate proportional to the batch size keeps the jitter of validation the same.",
            Jitter("validation_loss"), NoEffect(BATCH, margin=0.5),
            where={"arm": "rate ∝ batch"},
        ),
        Claim(
            "all-samples",
            "With all samples in every update the loss just decreases.",
            RiseFraction("train_loss", window=(0.0, 1.0)), Within(high=0.005),
            where={"arm": "all samples", RATE: 0.05},
        ),
        Claim(
            "all-samples-any-rate",
            "… at any learning rate.",
            RiseFraction("train_loss", window=(0.0, 1.0)), Within(high=0.005),
            where={"arm": "all samples", RATE: 1.6},
        ),
        Claim(
            "large-generalises-worse",
            "Even at the rate that validation finds best and trained long enough, the full "
            "batch ends with a test accuracy at least half a point below a batch of 16.",
            Final("test_accuracy"), Difference({BATCH: 16}, {BATCH: 1024}, low=0.005),
            where={"arm": "tuned rate"}, tune={RATE: Final("validation_loss")},
        ),
        Claim(
            "large-is-slow",
            "The larger the batch, the more epochs until the training loss is below 0.3.",
            measures.StepsTo("train_loss", below=0.3), Increases(BATCH),
            where={"arm": "fixed rate", BATCH: SMALL},
        ),
        Claim(
            "lstm-epoch-jitter",
            "An LSTM on 98 sequences, too, jumps more from epoch to epoch with small batches.",
            Jitter("train_loss"), Decreases(BATCH), where={"arm": "LSTM"},
        ),
        Claim(
            "lstm-all-samples",
            "Nor does its loss ever rise when all sequences are in every update.",
            RiseFraction("train_loss", window=(0.0, 1.0)), Within(high=0.005),
            where={"arm": "LSTM", BATCH: 98},
        ),
    ),
    causes=(
        Cause("small batch", {BATCH: 64}, {BATCH: 4}, where={"arm": "fixed rate"}),
        Cause("small batch", {BATCH: 98}, {BATCH: 4}, where={"arm": "LSTM"}),
    ),
    cures=(
        Cure(
            "larger batch", "small batch", {BATCH: 4}, {BATCH: 64}, where={"arm": "fixed rate"}
        ),
        Cure("lower rate", "small batch", {RATE: 0.05}, {RATE: 0.05 / 8}, where={BATCH: 4}),
    ),
    show=(
        Jitter("step_loss"),
        Jitter("validation_loss"),
        RiseFraction("train_loss"),
        Final("validation_accuracy"),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128, EPOCHS: 40}},
)  # fmt: skip
