"""Fingerprints: which cause of fluctuation can be read off the curves themselves?"""

from benchmark import (
    CNN,
    LSTM,
    MLP,
    Adam,
    Arms,
    Cases,
    Cause,
    Claim,
    Condition,
    Digits,
    Images,
    Jitter,
    Level,
    Ratio,
    Scenario,
    Surfaces,
    Training,
    Within,
    curves,
    measures,
    plot,
)

HEALTHY, SIZE = "healthy", 480
CHANCE = 1 / 13
"""Twelve causes and health."""

SYSTEMS = {
    "digits": {
        "task": Digits(SIZE, SIZE, minority=0.1, mislabelled=0.0, feature_noise=0.0),
        "model": MLP(widths=(32,), dropout=0.0),
        "optimizer.learning_rate": 0.003,
    },
    "images": {
        "task": Images(SIZE, SIZE, minority=0.2, mislabelled=0.0, feature_noise=0.0),
        "model": CNN(blocks=(4, 8), dense=(16,), dropout=0.0),
        "optimizer.learning_rate": 0.003,
    },
    "sequences": {
        "task": Surfaces(SIZE, SIZE, minority=1 / 6, mislabelled=0.0, feature_noise=0.0),
        "model": LSTM(widths=(8,), dropout=0.0),
        "optimizer.learning_rate": 0.01,
    },
}


def causes(rate):
    """What switches each cause on, alone, in a system with that learning rate."""
    return {
        "high learning rate": {"optimizer.learning_rate": 10 * rate},
        "small batch": {"training.batch_size": 4},
        "mislabelled samples": {"task.mislabelled": 0.2},
        "noisy features": {"task.feature_noise": 1.0},
        "few samples": {"task.n_train": 96},
        "class imbalance": {"task.minority": 0.02},
        "dropout": {"model.dropout": 0.5},
        "batch-norm statistics lag": {"model.batch_norm": 0.99},
        "sorted data": {"training.order": "sorted"},
        "partial epochs": {"training.steps": 3, "training.passes": "restart"},
        "small validation set": {"task.n_validation": 48},
        "partial validation passes": {"evaluation.steps": 5, "evaluation.order": "sorted"},
    }


def cause(condition):
    """The cause that is on, found from the settings."""
    held = condition.settings
    for system in SYSTEMS.values():
        if isinstance(condition.task, type(system["task"])):
            for name, changed in causes(system["optimizer.learning_rate"]).items():
                if all(held[path] == level for path, level in changed.items()):
                    return name
    return HEALTHY


def cases(system):
    """The healthy condition of a system, and every cause alone."""
    changes = causes(system["optimizer.learning_rate"])
    return Cases((system, *({**system, **changed} for changed in changes.values())))


def draw(figure, conditions):
    """Validation loss of one run under every cause, system by system."""
    import numpy as np

    panels = figure.subplots(1, len(SYSTEMS), sharey=True)
    for axes, system in zip(panels, SYSTEMS, strict=True):
        here = [r for r in conditions if r.settings["arm"] == system]
        for row, r in enumerate(here):
            seen = r.series.get(f"{curves.looked_at(r.settings)}{LOSS}", r.series[LOSS])
            loss = np.log(seen[0, 1:])
            middle, half = (loss.max() + loss.min()) / 2, np.ptp(loss) / 2 or 1.0
            colour = plot.INK if r.settings["cause"] == HEALTHY else plot.BLUE
            epochs = range(1, len(loss) + 1)
            axes.plot(epochs, row - 0.42 * (loss - middle) / half, color=colour, linewidth=0.8)
        names = [r.settings["cause"] for r in here]
        axes.set_yticks(range(len(names)), names)
        axes.set(title=system, xlabel="epoch", ylim=(len(names) - 0.4, -0.6))
        axes.grid(visible=False, axis="y")
    figure.suptitle("One validation loss per cause (logarithm, each to its own range)")


LOSS = "validation_loss"
RUNS, NEW = "named_among_runs", "named_among_systems"
LOUD = ("high learning rate", "sorted data", "partial validation passes", "dropout")

scenario = Scenario(
    question="Can the cause of a restless curve be read off the curve itself?",
    says="All five posts ask for it: here are my training and validation curves, what is "
    "wrong? The answers name a cause from the picture.",
    family="measurement",
    base=Condition(
        task=Digits(),
        model=MLP(),
        optimizer=Adam(learning_rate=0.003),
        training=Training(epochs=40, batch_size=32, log_steps=False),
    ),
    vary=Arms({name: cases(system) for name, system in SYSTEMS.items()}),
    derive={"cause": cause},
    dose="cause",
    claims=(
        Claim(
            "named-among-runs",
            "A classifier that knows other runs of a system names the cause of a new run of it "
            "in at least half of the runs.",
            Level(f"all_{RUNS}"),
            Within(low=0.5),
            where={"cause": HEALTHY},
        ),
        Claim(
            "named-among-systems",
            "One that knows other systems only names it at least twice as often as a guess.",
            Level(f"all_{NEW}"),
            Within(low=2 * CHANCE),
            where={"cause": HEALTHY},
        ),
        Claim(
            "every-cause-among-runs",
            "Every cause, and health, is named at least twice as often as by a guess.",
            Level(RUNS),
            Within(low=2 * CHANCE),
        ),
        Claim(
            "every-cause-among-systems",
            "… on a new system, too.",
            Level(NEW),
            Within(low=2 * CHANCE),
        ),
        Claim(
            "loud-causes",
            "A high rate, sorted data, partial validation passes and dropout are named in at "
            "least nine of ten runs of a known system.",
            Level(RUNS),
            Within(low=0.9),
            where={"cause": LOUD},
        ),
        Claim(
            "rate-before-labels",
            "A tenfold rate raises the jitter of validation more than wrong labels of a fifth.",
            Jitter("validation_loss"),
            Ratio({"cause": "high learning rate"}, {"cause": "mislabelled samples"}, low=1.0),
        ),
    ),
    causes=tuple(Cause(name, {"cause": HEALTHY}, {"cause": name}) for name in causes(rate=1.0)),
    fingerprints=True,
    show=(
        Jitter("validation_loss"),
        measures.VonNeumann("validation_loss"),
        Level("validation_accuracy"),
        Level(RUNS),
        Level(NEW),
    ),
    figure=draw,
    seeds=20,
    scales={"paper": {"seeds": 128}},
)
