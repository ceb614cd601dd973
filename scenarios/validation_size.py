"""Size of the validation set: its error bar, and how far its accuracy jumps."""

from dataclasses import dataclass

import numpy as np

from benchmark import (
    MLP,
    Adam,
    Arms,
    Claim,
    ClassTask,
    Condition,
    Custom,
    Equals,
    Evaluation,
    Final,
    Jitter,
    PowerLaw,
    Product,
    Ratio,
    Scenario,
    TeacherRegression,
    Training,
    Union,
    Within,
    Zipped,
    shape,
)

ORDER, LOOKED_AT = "evaluation.order", "looked_at"
SEEN, WHOLE = "seen_validation_accuracy", "validation_accuracy"
SIZES, ONE_SET = "size", "one set for all seeds"


@dataclass(frozen=True)
class Sides(ClassTask):
    """On which side of a fixed random surface in ten dimensions does a sample lie?"""

    n_train: int = shape(1024, at_least=2)
    n_validation: int = shape(10_000, at_least=1)

    @property
    def class_sizes(self):
        count = self.n_train + self.n_validation
        return count - count // 2, count // 2

    def pool(self):
        count = self.n_train + self.n_validation
        drawn = TeacherRegression(targets=1, n_train=1, n_validation=count - 1).pool()
        rank = np.argsort(np.argsort(drawn.y[:count, 0]))
        return drawn._replace(
            x=drawn.x[:count], y=(rank >= count - count // 2).astype(np.int32)
        )


def looked_at(condition):
    """Validation samples that are looked at."""
    look = condition.evaluation
    return min(look.steps * look.batch_size, condition.task.n_validation)


def sampling(condition):
    """Variance of an accuracy over samples, ÷ p(1 − p): 1/n, less for a finite population."""
    n = looked_at(condition)
    return (1 - n / condition.task.n_validation) / n


def relative_jump(seen, whole):
    """Squared jitter of what is seen over p(1 − p), per run."""
    from benchmark.statistics.fluctuation import jitter

    return jitter(seen) ** 2 / (whole * (1 - whole)).mean(1)


def relative_seed_variance(seen):
    """Variance of the last accuracy over runs, a part per run, over the share of errors."""
    last = seen[:, -1]
    return (last - last.mean()) ** 2 * len(last) / (len(last) - 1) / (1 - last.mean())


def sized(*sizes):
    """Looks at so many validation samples in batches of 128 at most."""
    steps = tuple(-(-n // 128) if n < 10_000 else 1 for n in sizes)
    batches = tuple(n // s for n, s in zip(sizes, steps, strict=True))
    return Zipped({"evaluation.steps": steps, "evaluation.batch_size": batches})


SMALL = (20, 64, 128, 1152)
ERROR = Custom(
    "relative_error", (SEEN, WHOLE), lambda a, p: ((a - p) ** 2 / (p * (1 - p))).mean(1)
)
OFF_GRID = Custom("off_grid", SEEN, lambda a: abs(128 * a - np.round(128 * a)).max(1))
JUMP = Custom("relative_jump", (SEEN, WHOLE), relative_jump)


def draw(figure, results):
    """Jitter against the number of validation samples, and the error bar of an accuracy."""
    from benchmark.figures import estimates
    from benchmark.statistics.answer import condition_results

    runs = [r for r in condition_results(results) if r.settings["arm"] == SIZES]
    held, axes = estimates(runs, Jitter(SEEN)), figure.subplots()
    for order, which, style in (("reshuffle", "new", "s--"), ("fixed", "same", "o-")):
        here = [r for r in runs if r.settings[ORDER] == order]
        sizes, found = [looked_at(r.condition) for r in here], [held[id(r)] for r in here]
        ends = [[e.mean - e.low for e in found], [e.high - e.mean for e in found]]
        words = f"{which} samples at every look"
        axes.errorbar(sizes, [e.mean for e in found], ends, fmt=style, label=words)
    p = float(np.mean([r.series[WHOLE][:, -1].mean() for r in runs]))
    sizes = np.geomspace(20, 10_000, 50)
    axes.plot(sizes, np.sqrt(p * (1 - p) / sizes), ":", color="grey", label="√(p(1 − p)/n)")
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel="validation samples", ylabel="jitter of the validation accuracy")
    axes.set_title("How far accuracy jumps from epoch to epoch, and its error bar")
    axes.legend()


scenario = Scenario(
    question="Does a small validation set make the validation curve jump?",
    says="Post A validates on 128 images and post C on 9 batches of 128; post D wants a "
    "validation set that represents the data. An accuracy p on n samples has the standard "
    "error √(p(1 − p)/n), which is often taken for how far the curve jumps.",
    family="measurement",
    dose=LOOKED_AT,
    base=Condition(
        Sides(mislabelled=0.1),
        MLP(widths=(32, 32)),
        Adam(learning_rate=0.003),
        training=Training(epochs=40, batch_size=32, log_steps=False),
        evaluation=Evaluation(steps=1, batch_size=128, passes="restart"),
    ),
    vary=Arms(
        {
            SIZES: Union(
                Product(sized(*SMALL, 10_000), {ORDER: ("fixed",)}),
                Product(sized(*SMALL), {ORDER: ("reshuffle",)}),
            ),
            ONE_SET: Product(sized(128, 1152, 10_000), {"sources.data": (0,)}),
        }
    ),
    derive={LOOKED_AT: looked_at},
    claims=(
        Claim(
            "steps-of-one-sample",
            "Accuracies on 128 samples are multiples of 1/128, as those of post A are.",
            OFF_GRID,
            Within(high=1e-3),
            where={"arm": SIZES, LOOKED_AT: 128},
        ),
        Claim(
            "error-bar",
            "The squared error of an accuracy is inversely proportional to the number of "
            "validation samples.",
            ERROR,
            PowerLaw(LOOKED_AT, exponent=-1.0, within=0.15),
            where={"arm": SIZES, LOOKED_AT: SMALL, ORDER: "fixed"},
        ),
        Claim(
            "drawn-anew-jumps-by-the-error-bar",
            "With samples drawn anew for every look the curve jumps by that error.",
            JUMP,
            Equals(sampling, within=0.25),
            where={"arm": SIZES, LOOKED_AT: SMALL, ORDER: "reshuffle"},
        ),
        Claim(
            "fixed-set-jumps-by-the-error-bar",
            "… and so does the usual curve, of always the same samples.",
            JUMP,
            Equals(sampling, within=0.5),
            where={"arm": SIZES, LOOKED_AT: SMALL, ORDER: "fixed"},
        ),
        Claim(
            "churn",
            "Samples change sides independently: the jitter of a fixed set falls as 1/√n.",
            Jitter(SEEN),
            PowerLaw(LOOKED_AT, exponent=-0.5, within=0.1),
            where={"arm": SIZES, ORDER: "fixed"},
        ),
        Claim(
            "larger-set-calms",
            "10,000 samples instead of 128 calm the curve fivefold or more.",
            Jitter(SEEN),
            Ratio({LOOKED_AT: 128}, {LOOKED_AT: 10_000}, low=5.0),
            where={"arm": SIZES, ORDER: "fixed"},
        ),
        Claim(
            "spread-of-seeds",
            "On one set the variance of the final accuracy over seeds is (1 − p)/(2n).",
            Custom("seed_variance", SEEN, relative_seed_variance),
            Equals(lambda condition: 0.5 / looked_at(condition), within=0.5),
            where={"arm": ONE_SET},
        ),
    ),
    show=(Jitter(SEEN), Jitter(WHOLE), ERROR, JUMP, Final(SEEN)),
    figure=draw,
    seeds=64,
    scales={"paper": {"seeds": 256}},
)
