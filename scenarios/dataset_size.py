"""Dataset size against network size: does a large network on few samples wander?"""

from benchmark import (
    LSTM,
    MLP,
    Adam,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Decreases,
    Digits,
    Final,
    Increases,
    Jitter,
    Peaks,
    Product,
    Scenario,
    Surfaces,
    Training,
    Zipped,
    measures,
    plot,
)

SAMPLES, WIDTHS, EPOCHS = "task.n_train", "model.widths", "training.epochs"
STEPS = 1600
LARGE = "large network on few samples"
"""Every network makes so many updates, whatever the number of samples."""


def epochs_for(samples):
    """Passes over that many samples that make `STEPS` updates of 32 samples."""
    return STEPS * 32 // samples


def parameters(condition):
    """Number of trainable parameters."""
    inputs = 1 if condition.task.outputs == 6 else 64
    return condition.model.parameters(inputs, condition.task.outputs)


def interpolation_point(settings):
    """Parameters that can just fit every label: samples × classes (Nakkiran et al. 2020)."""
    return 10 * settings[SAMPLES]


def sized(*samples):
    """Samples with the epochs that make equally many updates."""
    return Zipped({SAMPLES: samples, EPOCHS: tuple(map(epochs_for, samples))})


def draw(figure, conditions):
    """Spread between seeds over network size and number of samples, with wrong labels."""
    runs = [r for r in conditions if r.settings["arm"] == "network size"]
    runs = [r for r in runs if r.settings["task.mislabelled"] > 0]
    axes = figure.subplots()
    spread = measures.RunSpread("validation_loss")
    at = "parameters = samples × classes"
    plot.heatmap(axes, runs, spread, "parameters", SAMPLES, lambda n: 10 * n, at)
    axes.set_title("How far seeds end apart, with 15 % wrong labels", pad=24)


scenario = Scenario(
    question="Does a large network on few samples fluctuate more?",
    says="Post E: with 200,000 parameters and about 100 samples training wanders instead of "
    "settling. Post D: too few data make the validation curve erratic. Double descent says "
    "otherwise: worst where the network can just fit the samples, better beyond.",
    family="data",
    dose="parameters",
    base=Condition(
        task=Digits(n_train=256, n_validation=512),
        model=MLP(widths=(64,)),
        optimizer=Adam(learning_rate=0.003),
        training=Training(epochs=200, batch_size=32, log_steps=False),
    ),
    vary=Arms(
        {
            "network size": Product(
                sized(64, 256),
                {WIDTHS: ((2,), (4,), (8,), (16,), (64,), (256,))},
                {"task.mislabelled": (0.0, 0.15)},
            ),
            "number of samples": Product(
                sized(64, 128, 256, 512, 1024), {WIDTHS: ((256,),), "task.mislabelled": (0.0,)}
            ),
            "LSTM": Product(
                {"task": (Surfaces(n_validation=36),), "model": (LSTM(),), EPOCHS: (30,)},
                {WIDTHS: ((4,), (16,), (48,))},
            ),
        }
    ),
    derive={"parameters": parameters},
    claims=(
        Claim(
            "spread-peaks",
            "With mislabelled samples the final validation loss differs most between seeds "
            "where parameters ≈ samples × classes.",
            measures.RunSpread("validation_loss"),
            Peaks("parameters", at=interpolation_point, within=4.0),
            where={"arm": "network size", "task.mislabelled": 0.15},
        ),
        Claim(
            "jitter-peaks",
            "So does the late jitter of the validation loss.",
            Jitter("validation_loss"),
            Peaks("parameters", at=interpolation_point, within=4.0),
            where={"arm": "network size", "task.mislabelled": 0.15},
        ),
        Claim(
            "larger-wanders-more",
            "The larger the network, the further a run wanders from the others.",
            measures.Wander("validation_loss"),
            Increases("parameters"),
            where={"arm": "network size", "task.mislabelled": 0.0},
        ),
        Claim(
            "larger-jitters-more",
            "The larger the network, the more its validation accuracy jumps.",
            Jitter("validation_accuracy"),
            Increases("parameters"),
            where={"arm": "network size"},
        ),
        Claim(
            "more-samples-calm",
            "More samples calm a large network: the validation loss wanders less.",
            measures.Wander("validation_loss"),
            Decreases(SAMPLES),
            where={"arm": "number of samples"},
        ),
        Claim(
            "lstm-larger-wanders",
            "The larger an LSTM on 98 sequences, the further its training loss wanders.",
            measures.Wander("train_loss"),
            Increases("parameters"),
            where={"arm": "LSTM"},
        ),
    ),
    causes=(
        Cause(
            "few samples", {SAMPLES: 1024}, {SAMPLES: 128}, where={"arm": "number of samples"}
        ),
        Cause(
            LARGE,
            {WIDTHS: 16},
            {WIDTHS: 256},
            where={"arm": "network size", SAMPLES: 64, "task.mislabelled": 0.0},
        ),
        Cause(LARGE, {WIDTHS: 4}, {WIDTHS: 48}, where={"arm": "LSTM"}),
    ),
    cures=(
        Cure(
            "more samples",
            LARGE,
            {SAMPLES: 64},
            {SAMPLES: 1024},
            where={"arm": "number of samples"},
        ),
    ),
    show=(
        measures.RunSpread("validation_loss"),
        measures.Wander("validation_loss"),
        Jitter("validation_accuracy"),
        Final("validation_accuracy"),
    ),
    figure=draw,
    scales={
        "paper": {
            "seeds": 128,
            "vary": Arms(
                {
                    "network size": Product(
                        sized(64, 256, 1024),
                        {WIDTHS: tuple((2**k,) for k in range(1, 13))},
                        {"task.mislabelled": (0.0, 0.15)},
                    ),
                    "number of samples": Product(
                        sized(64, 128, 256, 512, 1024),
                        {WIDTHS: ((256,),), "task.mislabelled": (0.0,)},
                    ),
                    "LSTM": Product(
                        {
                            "task": (Surfaces(n_validation=36),),
                            "model": (LSTM(),),
                            EPOCHS: (200,),
                        },
                        {WIDTHS: ((4,), (16,), (48,), (128, 128))},
                    ),
                }
            ),
        }
    },
)
