"""Ground truths 22 and 25: what validation on part of the set, or on a mixture, reports."""

import numpy as np
from jaxtyping import Float

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, paired, scenario
from benchmark.checks.data import validation_labels
from benchmark.checks.estimate import ratio
from benchmark.declare.condition import Condition
from benchmark.declare.designs import Cases
from benchmark.declare.optimizers import SGD
from benchmark.declare.training import Evaluation, Training
from benchmark.models import Linear
from benchmark.store.results import Runs
from benchmark.tasks import CosineArccosine, Digits

_SAMPLES, _SIZE, _LOOKS = 60, 8, 17


def partial_pass(scale: Scale) -> Check:
    """GT 22: continued looks at a sorted set repeat after M_v/gcd(M_v, s), exact.

    And they report the classes' accuracies by their shares in the look: given the classes,
    which samples of a class fall into a look is chance, so that this is exact in
    expectation. The classifier is an untrained one and stays it.
    """
    base = Condition(
        task=Digits(n_train=8, n_validation=_SAMPLES),
        model=Linear(),
        optimizer=SGD(learning_rate=0.0),
        training=Training(epochs=_LOOKS - 1, batch_size=8, order="fixed", log_steps=False),
        evaluation=Evaluation(steps=3, batch_size=_SIZE, order="sorted", per_class=True),
    )
    steps = {"quick": (3,), "full": (1, 2, 3, 6)}[scale]
    runs = {"quick": 200, "full": 2000}[scale]
    vary = {"evaluation.steps": steps}
    declared = scenario("check_gt22", "partial validation", base, vary, runs)
    return Check(
        "GT 22 partial validation", declared, lambda stored: sum(map(_partial, stored), [])
    )


def _partial(runs: Runs) -> list[Comparison]:
    steps = runs.condition.settings["evaluation.steps"]
    at = f"M_v={-(-_SAMPLES // _SIZE)}, s={steps}"
    mixtures = _mixtures(runs, steps)
    whole = runs.series["validation_accuracy"].astype(float)
    seen = runs.series["seen_validation_accuracy"].astype(float)
    slope = ratio(
        np.sum((seen - whole) * (mixtures - whole), 1), np.sum((mixtures - whole) ** 2, 1)
    )
    period = float(np.mean([_period(run) for run in runs.series["seen_validation_loss"]]))
    expected = theory.validation_passes(_SAMPLES, _SIZE, steps)
    return [
        Comparison(f"GT 22 period of looks, mean over runs, {at}", expected, period, 0.0),
        Comparison(f"GT 22 slope of the accuracy seen on the mixture, {at}", 1.0, *slope),
        paired(f"GT 22 accuracy of the first look, {at}", mixtures[:, 0], seen[:, 0]),
    ]


def _period(looks: Float[np.ndarray, " epoch"]) -> int:
    """Looks after which all of them are repeated to the last bit."""
    lags = range(1, len(looks))
    return next((lag for lag in lags if (looks[lag:] == looks[:-lag]).all()), 0)


def _mixtures(runs: Runs, steps: int) -> Float[np.ndarray, "run epoch"]:
    """Accuracies of the classes, mixed as every look of every run holds them."""
    labels = np.sort(validation_labels(runs), axis=1)
    classes = runs.condition.task.outputs
    recalls = np.stack(
        [runs.series[f"validation_recall_{c}"][:, 0] for c in range(classes)], 1
    ).astype(float)
    batches = np.array_split(np.arange(_SAMPLES), range(_SIZE, _SAMPLES, _SIZE))
    mixed = np.zeros((len(labels), _LOOKS))
    for look in range(_LOOKS):
        taken = [batches[(look * steps + k) % len(batches)] for k in range(steps)]
        in_look = labels[:, np.concatenate(taken)]
        for run, (kinds, of_class) in enumerate(
            zip(in_look, np.nan_to_num(recalls), strict=True)
        ):
            shares = np.bincount(kinds, minlength=classes) / len(kinds)
            mixed[run, look] = theory.partial_pass_metric(of_class, shares)
    return mixed


def mixtures(scale: Scale) -> Check:
    """GT 25: accuracy on flipped labels is (1−2ρ)A+ρ, on leaked samples λA_train+(1−λ)A.

    Exact in expectation over which labels are flipped and which samples leak. Neither
    touches training, so A and A_train are those of the run with the same seed; wrong
    labels in the training set keep the two apart. Accuracies are whole numbers of n-ths,
    but for rounding.
    """
    base = Condition(
        task=CosineArccosine(
            n_train=24, mislabelled=0.25, validation_mislabelled=0.0, leak=0.0
        ),
        model=Linear(),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=20, batch_size=8, log_steps=False),
    )
    flips, leaks = {"quick": ((0.2,), (0.3,)), "full": ((0.1, 0.2, 0.4), (0.1, 0.3))}[scale]
    cases = Cases(
        (
            {},
            *({"task.validation_mislabelled": share} for share in flips),
            *({"task.leak": share} for share in leaks),
        )
    )
    runs = {"quick": 200, "full": 2000}[scale]
    declared = scenario("check_gt25", "mixed validation sets", base, cases, runs)
    return Check("GT 25 mixtures", declared, _compare)


def _compare(stored: list[Runs]) -> list[Comparison]:
    accuracy, in_training = (
        stored[0].series[name][:, -1].astype(float)
        for name in ("validation_accuracy", "train_accuracy")
    )
    samples = stored[0].condition.settings["task.n_validation"]
    comparisons = []
    for runs in stored[1:]:
        settings = runs.condition.settings
        flipped, leak = settings["task.validation_mislabelled"], settings["task.leak"]
        pairs = zip(accuracy, in_training, strict=True)
        predicted = np.array(
            [
                theory.flipped_accuracy(theory.leaked_accuracy(a, t, leak), flipped)
                for a, t in pairs
            ]
        )
        name = f"GT 25 accuracy, {'flipped' if flipped else 'leaked'} {flipped or leak:g}"
        reported = runs.series["validation_accuracy"][:, -1].astype(float)
        comparisons.append(paired(name, predicted, reported))
    counts = samples * np.concatenate([r.series["validation_accuracy"] for r in stored])
    off = float(np.max(np.abs(counts.astype(float) - np.round(counts))))
    rounding = samples * float(np.finfo(np.float32).eps)
    name = "GT 25 1 + distance of n·accuracy from a whole number, worst"
    return [*comparisons, Comparison(name, 1.0, 1 + off, 0.0, rounding)]
