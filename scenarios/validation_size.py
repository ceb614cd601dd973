"""Size of the validation set: its error bar, and how far its accuracy jumps."""

import numpy as np

from benchmark import (
    MLP,
    Adam,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Equals,
    Evaluation,
    Final,
    Jitter,
    PowerLaw,
    Product,
    Ratio,
    Scenario,
    Training,
    Union,
    Within,
    Zipped,
    curves,
    measures,
    plot,
    tasks,
)

ORDER, LOOKED_AT = "evaluation.order", "looked_at"
SEEN, WHOLE = "seen_validation_accuracy", "validation_accuracy"
SIZES, ONE_SET, HALVES = "size", "one set for all seeds", "two halves"
SMALL_SET, FIXED = "small validation set", {"arm": SIZES, ORDER: "fixed"}


def looked_at(condition):
    """Validation samples that are looked at."""
    look, whole = condition.evaluation, condition.task.n_validation
    return whole if look.steps is None else min(look.steps * look.batch_size, whole)


def sampling(condition):
    """Variance of an accuracy over samples, ÷ p(1 − p): 1/n, less for a finite population."""
    n = looked_at(condition)
    return (1 - n / condition.task.n_validation) / n


def relative_jump(seen, whole):
    """Squared jitter of what is seen over p(1 − p), per run."""
    return curves.jitter(seen) ** 2 / (whole * (1 - whole)).mean(1)


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
OFF_GRID = Custom("off_grid", SEEN, lambda a: abs(128 * a - np.rint(128 * a)).max(1), (0, 0.5))
JUMP = Custom("relative_jump", (SEEN, WHOLE), relative_jump)
NOISE_OF_SET = measures.EvaluationShare("accuracy")


def draw(figure, conditions):
    """Jitter against the number of validation samples, and the error bar of an accuracy."""
    runs = [r for r in conditions if r.settings["arm"] == SIZES]
    held, axes = plot.estimates(runs, Jitter(SEEN)), figure.subplots()
    for order, which, style in (("reshuffle", "new", "s--"), ("fixed", "same", "o-")):
        here = [r for r in runs if r.settings[ORDER] == order]
        sizes, found = [looked_at(r.condition) for r in here], [held[id(r)] for r in here]
        ends = [[e.mean - e.low for e in found], [e.high - e.mean for e in found]]
        words = f"{which} samples at every look"
        axes.errorbar(sizes, [e.mean for e in found], ends, fmt=style, label=words)
    p = float(np.mean([r.series[WHOLE][:, -1].mean() for r in runs]))
    sizes = np.geomspace(20, 10_000, 50)
    axes.plot(sizes, np.sqrt(p * (1 - p) / sizes), ":", color="grey", label="√(p(1 − p)/n)")
    axes.set(xscale="log", yscale="log", xlabel="validation samples")
    axes.set_ylabel("jitter of the validation accuracy")
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
        tasks.Sides(mislabelled=0.1),
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
            HALVES: Product(
                {"task.n_validation": (128, 512, 2048, 8192)},
                {"evaluation": (Evaluation(halves=True),)},
            ),
        }
    ),
    derive={LOOKED_AT: looked_at},
    claims=(
        Claim(
            "steps-of-one-sample",
            "Accuracies on 128 samples are multiples of 1/128, as those of post A are.",
            OFF_GRID, Within(high=1e-3), where={"arm": SIZES, LOOKED_AT: 128},
        ),
        Claim(
            "error-bar",
            "The squared error of an accuracy is inversely proportional to the number of "
            "validation samples.",
            ERROR, PowerLaw(LOOKED_AT, exponent=-1.0, within=0.15),
            where={"arm": SIZES, LOOKED_AT: SMALL, ORDER: "fixed"},
        ),
        *(
            Claim(
                f"{which}-jumps-by-the-error-bar",
                says,
                JUMP,
                Equals(sampling, within=within),
                where={"arm": SIZES, LOOKED_AT: SMALL, ORDER: order},
            )
            for which, order, within, says in (
                ("drawn-anew", "reshuffle", 0.25, "Samples drawn anew jump by that error."),
                ("fixed-set", "fixed", 0.5, "… and so does a set of always the same."),
            )
        ),
        Claim(
            "churn",
            "Samples change sides independently: the jitter of a fixed set falls as 1/√n.",
            Jitter(SEEN), PowerLaw(LOOKED_AT, exponent=-0.5, within=0.1),
            where={"arm": SIZES, ORDER: "fixed"},
        ),
        Claim(
            "larger-set-calms",
            "10,000 samples instead of 128 calm the curve fivefold or more.",
            Jitter(SEEN), Ratio({LOOKED_AT: 128}, {LOOKED_AT: 10_000}, low=5.0),
            where={"arm": SIZES, ORDER: "fixed"},
        ),
        Claim(
            "noise-of-the-set",
            "What two halves of a set do not share is noise that falls as 1/√n.",
            measures.EvaluationNoise("accuracy"),
            PowerLaw(LOOKED_AT, exponent=-0.5, within=0.1),
            where={"arm": HALVES},
        ),
        *(
            Claim(
                name, says, NOISE_OF_SET, expect, {"arm": HALVES, LOOKED_AT: n}
            )
            for name, n, expect, says in (
                (
                    "small-set-not-real",
                    128,
                    Within(low=0.5),
                    "On 128 samples it is most of a run.",
                ),
                ("large-set-real", 8192, Within(high=0.2), "On 8,192 less than a fifth is."),
            )
        ),
        Claim(
            "spread-of-seeds",
            "On one set the variance of the final accuracy over seeds is (1 − p)/(2n).",
            Custom("seed_variance", SEEN, relative_seed_variance),
            Equals(lambda condition: 0.5 / looked_at(condition), within=0.5),
            where={"arm": ONE_SET},
        ),
    ),
    causes=(Cause(SMALL_SET, {LOOKED_AT: 10_000}, {LOOKED_AT: 128}, where=FIXED),),
    cures=(Cure("larger set", SMALL_SET, {LOOKED_AT: 128}, {LOOKED_AT: 1152}, where=FIXED),),
    show=(Jitter(SEEN), Jitter(WHOLE), ERROR, JUMP, Final(SEEN), NOISE_OF_SET),
    figure=draw,
    seeds=64,
    scales={"paper": {"seeds": 256}},
)  # fmt: skip
