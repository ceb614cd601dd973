"""Printed training metrics are means over an epoch in which the network changes."""

import math

from benchmark import (
    MLP,
    SGD,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Digits,
    Equals,
    Jitter,
    Linear,
    Product,
    Quadratic,
    Scenario,
    Sources,
    Training,
    Within,
    curves,
    measures,
    theory,
)

DROPOUT, RATE, STEPS = "model.dropout", "optimizer.learning_rate", "training.steps"
WHOLE, LAST_QUARTER = (0.0, 1.0), (0.75, 1.0)


def lead_in_first_epoch(validation, training, *_):
    """Validation accuracy minus a training accuracy after epoch 1, per run."""
    # Where a printed series takes part, all begin with epoch 1.
    return validation[:, 0] - training[:, 0]


def lead(validation, printed):
    """The same, as a mean over the window."""
    return (validation - printed).mean(1)


def calm(printed, evaluated):
    """Jitter of the printed training loss over that of the loss at the end of epochs."""
    return curves.jitter(printed) / curves.jitter(evaluated)


def averaged(printed, evaluated):
    """Loss printed for an epoch over the loss at its end, mean over epochs, per run."""
    return (printed / evaluated).mean(1)


def averaged_decay(condition):
    """GT 20: mean over an epoch of a loss that falls by (1 − ηa)² a step, over its end."""
    step = 1 - condition.optimizer.learning_rate * condition.task.curvature
    return theory.running_metric_ratio(condition.steps_per_epoch, -1 / (2 * math.log(step)))


PRINTED, EVALUATED = "running_train_accuracy", "train_accuracy"
FIRST_LEAD = Custom(
    "lead_in_epoch_1", ("validation_accuracy", PRINTED), lead_in_first_epoch, window=WHOLE
)
FAIR_LEAD = Custom(
    "fair_lead_in_epoch_1",
    ("validation_accuracy", EVALUATED, PRINTED),
    lead_in_first_epoch,
    window=WHOLE,
)
LATE_LEAD = Custom(
    "accuracy_lead", ("validation_accuracy", PRINTED), lead, (-1, 1), window=LAST_QUARTER
)
CALM = Custom(
    "jitter_ratio", ("running_train_loss", "train_loss"), calm, over_runs="geometric_mean"
)


def draw(figure, conditions):
    """Three accuracies against epochs, without and with dropout."""
    runs = [r for r in conditions if r.settings["arm"] == "perceptron"]
    runs = [r for r in runs if r.settings[DROPOUT] in (0.0, 0.5)]
    panels = figure.subplots(1, len(runs), sharey=True, squeeze=False)[0]
    for axes, result in zip(panels, runs, strict=True):
        for name, words, style in (
            ("validation_accuracy", "validation", "^:"),
            (EVALUATED, "training, at the epoch's end", "s--"),
            (PRINTED, "training, as printed", "o-"),
        ):
            curve = result.series[name][:, 1:].mean(0)
            axes.plot(range(1, len(curve) + 1), curve, style, label=words, markersize=3)
        axes.set(xlabel="epoch", title=f"dropout {result.settings[DROPOUT]:g}")
    panels[0].set_ylabel("accuracy, mean of the runs")
    panels[-1].legend(loc="lower right")
    figure.suptitle("The training accuracy that is printed, and the one the network has")


scenario = Scenario(
    question="Why does validation look better than training, and training so smooth?",
    says="Post B prints a training accuracy of 0.62 and a validation accuracy of 0.95 for its "
    "first epoch. In posts A and B training metrics are means over the epoch, with dropout on, "
    "and validation metrics those of its last network.",
    family="measurement",
    dose=DROPOUT,
    base=Condition(
        task=Digits(n_train=1024, n_validation=512),
        model=MLP(widths=(64, 64), dropout=0.0),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=40, batch_size=32, log_steps=False),
    ),
    vary=Arms(
        {
            "perceptron": {DROPOUT: (0.0, 0.1, 0.2, 0.35, 0.5)},
            "quadratic": Product(
                {
                    "task": (Quadratic(noise=0.0, n_train=32),),
                    "model": (Linear(bias=False),),
                    "training": (Training(5, 1, order="fresh", steps=4, log_steps=False),),
                    # Nothing is left to chance: one run tells all.
                    "sources": (Sources(0, 0, 0, 0, 0),),
                },
                {STEPS: (4, 16, 64), RATE: (0.002, 0.02)},
            ),
        }
    ),
    claims=(
        Claim(
            "averaging-lags",
            "On a loss that decays exponentially the printed mean is higher than the loss at "
            "the epoch's end by the factor of theory.",
            Custom(
                "mean_over_end", ("running_train_loss", "train_loss"), averaged, window=WHOLE
            ),
            Equals(averaged_decay, within=0.01), where={"arm": "quadratic"},
        ),
        Claim(
            "validation-looks-better",
            "With a dropout of 0.5 the first epoch prints a validation accuracy at least ten "
            "points above that of training.",
            FIRST_LEAD, Within(low=0.1), where={"arm": "perceptron", DROPOUT: 0.5},
        ),
        Claim(
            "without-dropout-too",
            "Averaging alone, without dropout, makes such a lead.",
            FIRST_LEAD, Within(low=0.1), where={"arm": "perceptron", DROPOUT: 0.0},
        ),
        Claim(
            "evaluated-alike",
            "Evaluated alike, at the epoch's end, validation leads by a point at most.",
            FAIR_LEAD, Within(high=0.01), where={"arm": "perceptron"},
        ),
        Claim(
            "averaging-lead-fades",
            "The lead that averaging makes is gone late in training.",
            LATE_LEAD, Within(high=0.0), where={"arm": "perceptron", DROPOUT: 0.0},
        ),
        Claim(
            "dropout-lead-stays",
            "… that of a dropout of 0.5 stays.",
            LATE_LEAD, Within(low=0.0), where={"arm": "perceptron", DROPOUT: 0.5},
        ),
        Claim(
            "averaging-calms",
            "Averaging makes the training curve smooth: without dropout the printed loss jumps "
            "at most half as much as the loss at the epoch's end.",
            CALM, Within(high=0.5), where={"arm": "perceptron", DROPOUT: 0.0},
        ),
        Claim(
            "averaging-calms-dropout",
            "… with a dropout of 0.5 as well.",
            CALM, Within(high=0.5), where={"arm": "perceptron", DROPOUT: 0.5},
        ),
    ),
    causes=(
        Cause("dropout", {DROPOUT: 0.0}, {DROPOUT: 0.5}),
        Cause(
            "running metrics", {}, {}, where={DROPOUT: 0.0}, curves=("train", "running_train")
        ),
    ),
    cures=(
        Cure(
            "evaluation at the end",
            "dropout",
            {}, {}, where={DROPOUT: 0.5}, curves=("running_train", "train"),
        ),
    ),
    show=(
        FIRST_LEAD, FAIR_LEAD, LATE_LEAD, CALM, measures.EvaluationGap(), Jitter("train_loss"),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)  # fmt: skip
