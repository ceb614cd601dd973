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
    Digits,
    Linear,
    Product,
    Ratio,
    RMSprop,
    RunSpread,
    Scenario,
    Sources,
    Training,
    Within,
)

SPREAD = RunSpread("validation_loss")
ARMS, BIT, FLOOR = ("RMSprop", "SGD", "linear, SGD"), "one bit", 1e-16
KINDS = ("initialisation", "data", "mislabelling", "order", "dropout", "augmentation")
PINNED = dataclasses.replace(Sources(), **dict.fromkeys((*KINDS, "evaluation"), 0))
ALONE = {kind: dataclasses.replace(PINNED, **{kind: None}) for kind in KINDS}
ALONE[BIT] = dataclasses.replace(PINNED, one_bit=True)
BUT_ONE = {f"all but {kind}": dataclasses.replace(Sources(), **{kind: 0}) for kind in KINDS}
EVERY = {"all": Sources()} | ALONE | BUT_ONE
OF = {sources: name for name, sources in EVERY.items()}


def varied(*names):
    """Conditions in which the named sources follow the run's seed."""
    return Cases(tuple({"sources": EVERY[name]} for name in names))


def against_all(name, **region):
    """Spread of the runs with one selection of sources over that with all of them."""
    return Ratio({"source": name}, {"source": "all"}, **region)


def draw(figure, results):
    """Variance over runs with one source alone, as a share of that with all sources."""
    import numpy as np

    from benchmark.statistics.answer import condition_results
    from benchmark.statistics.evidence import weigh
    from benchmark.statistics.resampling import summarise_runs

    found, names = condition_results(results), [*ALONE]
    axes = figure.subplots()
    for shift, marker, arm in zip((-0.22, 0, 0.22), "os^", ARMS, strict=True):
        here = [r for r in found if r.settings["arm"] == arm]
        ends = {r.settings["source"]: r.measured(SPREAD) for r in here}
        for place, name in enumerate(names):
            if not {name, "all"} <= ends.keys():
                continue
            spreads = summarise_runs(np.stack([ends[name], ends["all"]]), "sd")
            share = weigh(spreads.map(lambda sd: (sd[0] / sd[1]) ** 2), None, None)
            low, middle, high = np.maximum((share.low, share.estimate, share.high), FLOOR)
            label = arm if name == BIT else None
            axes.errorbar(
                middle, place + shift, xerr=[[middle - low], [high - middle]],
                fmt=marker, color=f"C{ARMS.index(arm)}", label=label,
            )  # fmt: skip
    axes.axvline(1, linewidth=0.8, color="#666666", zorder=0)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set(xlabel="variance over runs ÷ that with all sources varied", ylabel="varied alone")
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
            "RMSprop": Product(
                {"optimizer": (RMSprop(learning_rate=0.01),), "training.epochs": (100,)},
                varied(*EVERY),
            ),
            "SGD": Product({"optimizer": (SGD(learning_rate=0.1),)}, varied("all", *ALONE)),
            "linear, SGD": Product(
                {
                    "model": (Linear(),),
                    "optimizer": (SGD(learning_rate=0.1),),
                    "training.weight_decay": (0.01,),
                },
                varied("all", *(name for name in ALONE if name != "dropout")),
            ),
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
        *(
            Claim(
                f"pinned-{name}",
                f"Fixing the seed of the {name} only leaves the spread as it is, within half.",
                SPREAD,
                against_all(f"all but {name}", low=2 / 3, high=1.5),
                where={"arm": "RMSprop"},
            )
            for name in ("initialisation", "order")
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
    ),
    show=(SPREAD, RunSpread("train_loss"), RunSpread("validation_accuracy")),
    figure=draw,
    scales={"paper": {"seeds": 256}},
)
