"""Seeds: which source of randomness makes two runs end differently?"""

import dataclasses

from benchmark import (
    MLP,
    SGD,
    Arms,
    Augmentation,
    Cases,
    Claim,
    Condition,
    Crossed,
    Digits,
    Final,
    Linear,
    Product,
    Ratio,
    RMSprop,
    Scenario,
    Share,
    Sources,
    Training,
    Within,
    curves,
    measures,
)

SPREAD, LAST = measures.RunSpread("validation_loss"), Final("validation_loss")
ARMS, BIT, FLOOR = ("RMSprop", "SGD", "linear, SGD"), "one bit", 1e-16
KINDS = ("initialisation", "data", "mislabelling", "order", "dropout", "augmentation")
PINNED = dataclasses.replace(Sources(), **dict.fromkeys((*KINDS, "evaluation"), 0))
ALONE = {kind: dataclasses.replace(PINNED, **{kind: None}) for kind in KINDS}
ALONE[BIT] = dataclasses.replace(PINNED, one_bit=True)
EVERY = {"all": Sources()} | ALONE
OF = {sources: name for name, sources in EVERY.items()}


RMS = {"optimizer": (RMSprop(learning_rate=0.01),), "training.epochs": (100,)}
PLAIN = {"optimizer": (SGD(learning_rate=0.1),)}
CONVEX = PLAIN | {"model": (Linear(),), "training.weight_decay": (0.01,)}
CROSSED = {arm: f"{arm}, crossed" for arm in ARMS}


def crossed(setting, fourth):
    """Every combination of two seeds for each of five sources; the others are pinned."""
    sources = ("initialisation", "data", "order", fourth, "one_bit")
    pinned = {f"sources.{kind}": (0,) for kind in (*KINDS, "evaluation") if kind not in sources}
    return Product(setting | pinned, Crossed(*sources))


def varied(*names):
    """Conditions in which the named sources follow the run's seed."""
    return Cases(tuple({"sources": EVERY[name]} for name in names))


def against_all(name, **region):
    """Spread of the runs with one selection of sources over that with all of them."""
    return Ratio({"source": name}, {"source": "all"}, **region)


def draw(figure, conditions):
    """Variance over runs with one source alone, as a share of that with all sources."""
    import numpy as np

    names, axes = [*ALONE], figure.subplots()
    for shift, marker, arm in zip((-0.22, 0, 0.22), "os^", ARMS, strict=True):
        here = [r for r in conditions if r.settings["arm"] == arm]
        ends = {r.settings["source"]: r.measured(SPREAD) for r in here}
        for place, name in enumerate(names):
            if not {name, "all"} <= ends.keys():
                continue
            ratio = curves.compare(ends[name], ends["all"], "ratio", over_runs="sd")
            middle, low, high = np.maximum(np.square([*ratio]), FLOOR)
            axes.errorbar(
                middle, place + shift, xerr=[[middle - low], [high - middle]],
                fmt=marker, color=f"C{ARMS.index(arm)}", label=arm if name == BIT else None,
            )  # fmt: skip
    axes.axvline(1, linewidth=0.8, color="#666666", zorder=0)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    said = "variance over runs ÷ that with all sources varied"
    axes.set(xscale="log", xlabel=said, ylabel="varied alone")
    axes.set_title("How much of the runs' spread (final validation loss) a source makes alone")
    axes.legend(loc="lower left", bbox_to_anchor=(0.12, 0.2))


scenario = Scenario(
    question="Which source of randomness makes two runs of one experiment end differently?",
    says="People fix one seed, usually the initialisation's, to make runs comparable. "
    "Studies of deep networks find that any source alone, even one bit of one weight, "
    "makes runs differ as much as all sources together.",
    family="seeds",
    dose="source",
    base=Condition(
        task=Digits(n_train=512, n_validation=768, mislabelled=0.1),
        model=MLP(widths=(64, 64), dropout=0.2),
        training=Training(
            epochs=40, batch_size=16, log_steps=False, augmentation=Augmentation(noise=0.1)
        ),
    ),
    vary=Arms(
        {
            "RMSprop": Product(RMS, varied(*EVERY)),
            "SGD": Product(PLAIN, varied(*EVERY)),
            "linear, SGD": Product(
                CONVEX, varied(*(name for name in EVERY if name != "dropout"))
            ),
            CROSSED["RMSprop"]: crossed(RMS, "dropout"),
            CROSSED["SGD"]: crossed(PLAIN, "dropout"),
            CROSSED["linear, SGD"]: crossed(CONVEX, "augmentation"),
        }
    ),
    derive={"source": lambda condition: OF.get(condition.sources, "others")},
    claims=(
        *(
            Claim(
                f"{name.replace(' ', '-')}-alone",
                f"In a network trained with RMSprop at a high rate, {says} alone spreads the "
                "runs as much as all sources together, within twice.",
                SPREAD,
                against_all(name, low=0.5, high=2.0),
                where={"arm": "RMSprop"},
            )
            for name, says in (
                ("initialisation", "the initialisation"),
                ("data", "the choice of training and validation samples"),
                ("mislabelling", "which labels are wrong"),
                ("order", "the order of samples"),
                ("dropout", "dropout"),
                ("augmentation", "the noise of augmentation"),
                (BIT, "the last bit of one initial weight"),
            )
        ),
        Claim(
            "all-take-part",
            "There any source leaves four fifths of the variance when all others are fixed.",
            LAST,
            Share(low=0.8),
            where={"arm": CROSSED["RMSprop"]},
        ),
        Claim(
            "fixing-one-seed",
            "… and fixing the seed of any one source removes a fifth of it at most.",
            LAST,
            Share(kind="main", high=0.2),
            where={"arm": CROSSED["RMSprop"]},
        ),
        Claim(
            "sgd-adds",
            "With plain SGD sources add up: what only several together do is below a third.",
            LAST,
            Share(kind="interactions", high=1 / 3),
            where={"arm": CROSSED["SGD"]},
        ),
        Claim(
            "one-bit-sgd",
            "With plain SGD, too, one bit alone makes at least half of the spread.",
            SPREAD,
            against_all(BIT, low=0.5),
            where={"arm": "SGD"},
        ),
        Claim(
            "one-bit-convex",
            "On a convex task one bit makes no difference: runs end within 0.00001 nats.",
            SPREAD,
            Within(high=1e-5),
            where={"arm": "linear, SGD", "source": BIT},
        ),
        Claim(
            "start-convex",
            "There the whole initialisation is forgotten as well, down to a tenth.",
            SPREAD,
            against_all("initialisation", high=0.1),
            where={"arm": "linear, SGD"},
        ),
        Claim(
            "data-convex",
            "There fixing the choice of samples removes more than half of the variance.",
            LAST,
            Share("data", "main", low=0.5),
            where={"arm": CROSSED["linear, SGD"]},
        ),
        Claim(
            "convex-adds",
            "… and sources add up: what only several together do is below a third.",
            LAST,
            Share(kind="interactions", high=1 / 3),
            where={"arm": CROSSED["linear, SGD"]},
        ),
    ),
    attribute=(LAST, Final("train_loss"), Final("validation_accuracy")),
    show=(SPREAD, measures.RunSpread("train_loss"), measures.RunSpread("validation_accuracy")),
    figure=draw,
    scales={"paper": {"seeds": 256}},
)
