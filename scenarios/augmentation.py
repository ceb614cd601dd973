"""Augmentation: the cure everyone names, for few and for many samples."""

from benchmark import (
    CNN,
    Adam,
    Augmentation,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Final,
    Images,
    Jitter,
    Ratio,
    Scenario,
    Training,
    Within,
    measures,
    plot,
)

SAMPLES, KIND = "task.n_train", "kind"
FEW, MANY = 128, 1024
HOW = {
    "none": None,
    "noise": Augmentation(noise=0.5),
    "moves": Augmentation(shift=0.1, zoom=0.2, shear=0.2, flip=True),
}


def kind(condition):
    """Which augmentation a condition has."""
    how = condition.training.augmentation
    return next(name for name, each in HOW.items() if each == how)


def lead(validation, running):
    """Validation accuracy minus the training accuracy that is printed, per run."""
    return (validation - running).mean(1)


LEAD = Custom("lead", ("validation_accuracy", "running_train_accuracy"), lead, (-1, 1))


def draw(figure, conditions):
    """Jitter and final accuracy by augmentation, for few and many samples."""
    left, right = figure.subplots(1, 2)
    plot.lines(left, conditions, Jitter("validation_loss"), KIND, SAMPLES)
    left.set_title("How much validation jumps, by augmentation")
    plot.lines(right, conditions, Final("validation_accuracy"), KIND, SAMPLES)
    right.set_title("… and where it ends")
    for axes in (left, right):
        axes.set_xlabel("augmentation")
        axes.legend(loc="upper left" if axes is left else "center right")


scenario = Scenario(
    question="Does augmentation calm the validation curve?",
    says="Post D offers augmentation as a quick fix for small or uniform data, which does not "
    "always suffice. Posts B and C augment by shear and zoom and fluctuate all the same.",
    family="data",
    dose=KIND,
    base=Condition(
        task=Images(classes=5, n_train=FEW, n_validation=512),
        model=CNN(blocks=(8, 16)),
        optimizer=Adam(0.003),
        # Eight steps an epoch whatever the number of samples: curves of equal cadence.
        training=Training(epochs=60, batch_size=32, steps=8, log_steps=False),
    ),
    vary={"training.augmentation": tuple(HOW.values()), SAMPLES: (FEW, MANY)},
    derive={KIND: kind},
    claims=(
        Claim(
            "calms-few",
            "With few samples, moving the images calms the validation loss by a fifth or more.",
            Jitter("validation_loss"),
            Ratio({KIND: "moves"}, {KIND: "none"}, high=0.8),
            where={SAMPLES: FEW},
        ),
        Claim(
            "noise-calms-few",
            "So does adding noise to them.",
            Jitter("validation_loss"),
            Ratio({KIND: "noise"}, {KIND: "none"}, high=0.8),
            where={SAMPLES: FEW},
        ),
        Claim(
            "no-need-with-many",
            "With many samples it makes no difference to jitter, within a quarter.",
            Jitter("validation_loss"),
            Ratio({KIND: "moves"}, {KIND: "none"}, low=0.8, high=1.25),
            where={SAMPLES: MANY},
        ),
        Claim(
            "helps-few",
            "With few samples, moving the images halves the final validation loss.",
            Final("validation_loss"),
            Ratio({KIND: "moves"}, {KIND: "none"}, high=0.5),
            where={SAMPLES: FEW},
        ),
        Claim(
            "training-below-validation",
            "Under augmentation the printed training accuracy is below validation's.",
            LEAD,
            Within(low=0.0),
            where={KIND: "moves", SAMPLES: MANY},
        ),
        Claim(
            "closes-the-gap",
            "With few samples, it halves the gap between validation and training loss.",
            measures.GeneralisationGap(),
            Ratio({KIND: "moves"}, {KIND: "none"}, high=0.5),
            where={SAMPLES: FEW},
        ),
    ),
    causes=(Cause("few samples", {SAMPLES: MANY}, {SAMPLES: FEW}, where={KIND: "none"}),),
    cures=(
        Cure(
            "augmentation", "few samples", {KIND: "none"}, {KIND: "moves"}, where={SAMPLES: FEW}
        ),
        Cure(
            "noise on inputs",
            "few samples",
            {KIND: "none"},
            {KIND: "noise"},
            where={SAMPLES: FEW},
        ),
        Cure(
            "more samples", "few samples", {SAMPLES: FEW}, {SAMPLES: MANY}, where={KIND: "none"}
        ),
    ),
    show=(
        Jitter("validation_loss"),
        Jitter("validation_accuracy"),
        Final("validation_loss"),
        Final("validation_accuracy"),
        LEAD,
    ),
    figure=draw,
    seeds=16,
    scales={"paper": {"seeds": 128, "training.epochs": 120, "model.blocks": (16, 32, 64)}},
)
