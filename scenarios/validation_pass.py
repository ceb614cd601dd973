"""Validation that looks at part of an ordered set, and goes on where it stopped."""

from dataclasses import dataclass

import numpy as np

from benchmark import (
    MLP,
    SGD,
    Arms,
    Cause,
    Claim,
    ClassTask,
    Condition,
    Cure,
    Custom,
    Equals,
    Evaluation,
    Jitter,
    Product,
    Ratio,
    Scenario,
    Training,
    Within,
    curves,
    measures,
    parts,
    tasks,
    theory,
)

STEPS, ORDER, PASSES = "evaluation.steps", "evaluation.order", "evaluation.passes"
SHARE, HALF = "share of the set", "half of the set"
SEEN = "seen_validation_accuracy"
PARTIAL = "partial validation passes"
HALVES, GOING_ON = {"arm": HALF, ORDER: "sorted"}, {"arm": HALF, PASSES: "continue"}


@dataclass(frozen=True)
class Signals(ClassTask):
    """Noise in 16 channels, or noise and a signal in the first; faint ones are missed."""

    n_train: int = parts.static(1024, at_least=2)
    n_validation: int = parts.static(512, at_least=1)

    @property
    def class_sizes(self):
        return 2048, 2048

    def pool(self):
        draws, y = np.random.default_rng(1), np.arange(4096, dtype=np.int32) % 2
        x = draws.standard_normal((4096, 16), np.float32)
        x[:, 0] += y * (0.5 + 4 * draws.random(4096, np.float32))
        return tasks.Pool(x, y)


def period(condition):
    """Looks after which a pass that goes on meets the same samples again (GT 22)."""
    look = condition.evaluation
    return theory.validation_passes(condition.task.n_validation, look.batch_size, look.steps)


def repeats_after(seen, whole):
    """Shortest lag at which what is seen, less the truth, nearly repeats itself, per run."""
    error = seen - whole
    lags = range(1, error.shape[1] // 2 + 1)
    change = np.stack([np.abs(error[:, lag:] - error[:, :-lag]).mean(1) for lag in lags], 1)
    return 1.0 + np.argmax(change <= 1.5 * change.min(1, keepdims=True), axis=1)


def jitter_ratio(calm, seen):
    """Jitter of a curve over that of the validation that is seen."""
    jitter = curves.jitter(seen)
    return curves.jitter(calm) / np.where(jitter > 0, jitter, np.nan)


REPEATS = Custom("repeats_after", ("seen_validation_loss", "validation_loss"), repeats_after)
ERROR = Custom(
    "seen_error", (SEEN, "validation_accuracy"), lambda a, b: abs(a - b).mean(1), (0, 1)
)
PRINTED = Custom(
    "jitter_ratio", ("running_train_accuracy", SEEN), jitter_ratio, over_runs="geometric_mean"
)


def draw(figure, conditions):
    """One run: what is seen of an ordered set in passes of different length."""
    runs = curves.select(conditions, {"arm": SHARE, STEPS: (4, 8, 15, 16)})
    panels = figure.subplots(len(runs), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    names = {"running_train_accuracy": "training, as printed", SEEN: "validation, as seen"}
    for axes, result in zip(panels, runs, strict=True):
        for (name, words), style in zip(names.items(), ("-", "o-"), strict=True):
            curve = result.series[name][0]
            axes.plot(range(len(curve)), curve, style, label=words, markersize=2.5)
        axes.set_title(f"{result.settings[STEPS]} of 16 ordered batches a look", loc="left")
    panels[-1].set(xlim=(20, 64), ylim=(0.65, 0.95), xlabel="epoch")
    figure.supylabel("accuracy of one run", fontsize="medium")
    figure.suptitle("One training, and what looks at an ordered validation set make of it")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)


scenario = Scenario(
    question="Can the way validation goes through its samples make its curve alternate?",
    says="Post B: validation accuracy goes up and down by the same amount with every epoch, "
    "while training improves calmly; its validation data are ordered by class, and each look "
    "takes a fixed number of batches and may go on where the last one stopped.",
    family="measurement",
    dose=STEPS,
    base=Condition(
        task=Signals(),
        model=MLP(widths=(32,)),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=64, batch_size=32, log_steps=False),
        evaluation=Evaluation(steps=8, batch_size=32, order="sorted"),
    ),
    vary=Arms(
        {
            SHARE: {STEPS: (2, 4, 6, 8, 12, 15, 16)},
            HALF: Product(
                {ORDER: ("sorted", "fixed", "reshuffle")}, {PASSES: ("continue", "restart")}
            ),
        }
    ),
    claims=(
        Claim(
            "half-pass-alternates",
            "Half of an ordered set at each look makes the accuracy alternate: its von Neumann "
            "ratio is above 3.5, where 4 is a pure alternation.",
            measures.VonNeumann(SEEN), Within(low=3.5), where={"arm": SHARE, STEPS: 8},
        ),
        Claim(
            "training-is-calm",
            "The training accuracy that is printed jumps less than a quarter as much.",
            PRINTED, Within(high=0.25), where={"arm": SHARE, STEPS: 8},
        ),
        Claim(
            "repeats-as-counted",
            "With s of M batches at each look, what is seen repeats after M/gcd(M, s) looks.",
            REPEATS, Equals(period, within=0.05),
            where={"arm": SHARE, STEPS: (2, 4, 6, 8, 12, 15)},
        ),
        Claim(
            "period-as-counted",
            "Where s divides M, that is the period of the strongest oscillation, too.",
            measures.DominantPeriod("seen_validation_loss"), Equals(period, within=0.05),
            where={"arm": SHARE, STEPS: (2, 4, 8)},
        ),
        Claim(
            "one-batch-short",
            "One batch short of the whole set, as post B states its numbers, there is no "
            "alternation: a von Neumann ratio below 2.5.",
            measures.VonNeumann(SEEN), Within(high=2.5), where={"arm": SHARE, STEPS: 15},
        ),
        Claim(
            "full-pass-calms",
            "Looking at the whole set, the cure, calms what is seen fourfold.",
            Jitter(SEEN), Ratio({STEPS: 16}, {STEPS: 8}, high=0.25), where={"arm": SHARE},
        ),
        Claim(
            "restart-calms",
            "So does starting every look at the beginning (which freezes the error).",
            Jitter(SEEN), Ratio({PASSES: "restart"}, {PASSES: "continue"}, high=0.25),
            where={"arm": HALF, ORDER: "sorted"},
        ),
        Claim(
            "shuffling-calms",
            "Shuffling before every pass calms it to a half or less.",
            Jitter(SEEN), Ratio({ORDER: "reshuffle"}, {ORDER: "sorted"}, high=0.5),
            where={"arm": HALF, PASSES: "continue"},
        ),
        Claim(
            "second-half-complements",
            "Half passes alternate a little even then, as the second half holds what the first "
            "left out: a von Neumann ratio of about 3.",
            measures.VonNeumann(SEEN), Within(low=2.5, high=3.5),
            where={"arm": HALF, ORDER: "reshuffle", PASSES: "continue"},
        ),
        Claim(
            "unsorted-alternates",
            "An order shuffled once and kept is no cure: half passes alternate, above 3.",
            measures.VonNeumann(SEEN), Within(low=3.0),
            where={"arm": HALF, ORDER: "fixed", PASSES: "continue"},
        ),
    ),
    causes=(Cause(PARTIAL, {STEPS: 16}, {STEPS: 8}, where={"arm": SHARE}),),
    cures=(
        Cure("full passes", PARTIAL, {STEPS: 8}, {STEPS: 16}, where={"arm": SHARE}),
        Cure("restarts", PARTIAL, {PASSES: "continue"}, {PASSES: "restart"}, where=HALVES),
        Cure("shuffling", PARTIAL, {ORDER: "sorted"}, {ORDER: "reshuffle"}, where=GOING_ON),
    ),
    show=(
        measures.VonNeumann(SEEN), REPEATS, Jitter(SEEN), Jitter("validation_accuracy"), ERROR,
    ),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)  # fmt: skip
