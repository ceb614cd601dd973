"""Where to begin: what a curve may look like, and the scenarios that look into it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Symptom:
    """What somebody sees in a curve.

    Attributes:
        says: in a practitioner's words, as in the README; `backticks` mark code.
        scenarios: names of the scenarios to run, the first ones first.
    """

    says: str
    scenarios: tuple[str, ...]


SYMPTOMS = (
    Symptom(
        "training loss jumps from step to step, or rises with all samples in every update",
        ("batch_size", "learning_rate", "edge_of_stability", "quadratic"),
    ),
    Symptom("it never settles at the end of training", ("lr_schedule", "smoothing")),
    Symptom("it spikes late, out of nowhere", ("optimizer", "case_lstm_surfaces")),
    Symptom("two runs of one experiment end differently", ("seed_sources", "dataset_size")),
    Symptom(
        "a few labels are wrong; the data are noisy, or all alike",
        ("label_noise", "data_quality", "augmentation"),
    ),
    Symptom("one class is rare", ("class_imbalance",)),
    Symptom("accuracy below chance, or data in order", ("shuffling", "case_medical_cnn")),
    Symptom(
        "`steps_per_epoch` does not cover the data; a small last batch",
        ("epoch_coverage", "ragged_batch"),
    ),
    Symptom(
        "validation is wild while training is calm",
        ("batch_norm", "case_resnet_simulated", "overfitting"),
    ),
    Symptom(
        "validation goes up and down every other epoch",
        ("validation_pass", "case_alternating_validation"),
    ),
    Symptom(
        "validation is better than training, or training looks too smooth",
        ("metric_averaging", "dropout", "logging_cadence"),
    ),
    Symptom(
        "validation is small, leaked, or scaled before the split",
        ("validation_size", "validation_leak"),
    ),
    Symptom("everything at once", ("case_rollercoaster",)),
)
"""The README's table "Find your situation", row by row."""
