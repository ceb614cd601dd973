"""Learning-rate schedules: how much calmer does a lower rate at the end make the curve?"""

from benchmark import (
    MLP,
    SGD,
    Arms,
    Cause,
    Claim,
    Condition,
    Cosine,
    Cure,
    Custom,
    Digits,
    Drawup,
    Equals,
    Final,
    Jitter,
    Level,
    Momentum,
    Plateau,
    Point,
    Product,
    Quadratic,
    Ratio,
    Scenario,
    StepDecay,
    Training,
    parts,
    plot,
    theory,
)

RATE, SCHEDULE, WARM = (
    "optimizer.learning_rate",
    "training.schedule",
    "training.schedule.warm_up",
)
LOW, HIGH = 0.02, 0.2
HIGH_RATE, FAST = "high learning rate", {"arm": "schedule", RATE: HIGH}
LATE, EARLY = (0.75, 1.0), (0.0, 0.2)
CUT = StepDecay(factor_each=0.1, at=(0.5,))


def floor_fall(loss):
    """Mean loss in the quarter before the cut over that in the last quarter, per run."""
    quarter = max(1, loss.shape[1] // 4)
    return loss[:, quarter : 2 * quarter].mean(1) / loss[:, -quarter:].mean(1)


def tenfold_cut(condition):
    """10·(2 − ηa/10)/(2 − ηa): by what the floor of a quadratic falls."""
    return theory.rate_cut_factor(condition.optimizer.learning_rate, condition.task.curvature)


def draw(figure, conditions):
    """Jitter in the last quarter against the loss at the end, one point a run."""
    runs = [r for r in conditions if r.settings["arm"] == "schedule"]
    axes = figure.subplots()
    here = [r for r in runs if r.settings[RATE] == HIGH]
    plot.scatter(
        axes, here, Jitter("validation_loss", window=LATE), Final("validation_loss"), SCHEDULE
    )
    axes.set(xscale="log")
    axes.set_title("What each schedule does to jitter and level of validation")


scenario = Scenario(
    question="How much calmer does a falling learning rate make the end of training?",
    says="Post D advises a scheduler that starts with a large rate and lets it fall; post B "
    "halved its rate on plateaus and its validation still jumped. On a quadratic theory says "
    "that a tenth of the rate leaves a tenth of the noise.",
    family="optimisation",
    dose=SCHEDULE,
    base=Condition(
        task=Digits(n_train=1024, n_validation=512, n_test=261, mislabelled=0.1),
        model=MLP(widths=(32,)),
        optimizer=SGD(HIGH),
        training=Training(epochs=60, batch_size=8, log_steps=False),
    ),
    vary=Arms(
        {
            "schedule": {
                SCHEDULE: (None, CUT, Cosine(), Plateau(factor_each=0.5, patience=20)),
                RATE: (LOW, HIGH),
            },
            "warm-up": Product(
                {"optimizer": (Momentum(0.05),)},
                {SCHEDULE: (parts.Schedule(), parts.Schedule(warm_up=0.2))},
            ),
            "quadratic": Product(
                {
                    "task": (Quadratic(),),
                    "model": (Point(),),
                    "training": (
                        Training(
                            epochs=2000, batch_size=4, order="fresh", steps=20, log_steps=False
                        ),
                    ),
                },
                {SCHEDULE: (CUT,), RATE: (0.2, 0.5, 1.0)},
            ),
        }
    ),
    claims=(
        Claim(
            "quadratic-tenfold",
            "On a quadratic a tenfold cut lowers the loss 10·(2 − ηa/10)/(2 − ηa) times.",
            Custom("floor_fall", "validation_loss", floor_fall, window=(0.0, 1.0)),
            Equals(tenfold_cut, within=0.1),
            where={"arm": "quadratic"},
        ),
        Claim(
            "step-tenfold",
            "In a network, too, a tenfold cut at half time divides the late jitter of the "
            "validation loss by ten, give or take a half.",
            Jitter("validation_loss", window=LATE),
            Ratio({SCHEDULE: None}, {SCHEDULE: "StepDecay"}, low=10 / 1.5, high=15),
            where={"arm": "schedule", RATE: HIGH},
        ),
        Claim(
            "step-accuracy",
            "… and that of the validation accuracy at least by three.",
            Jitter("validation_accuracy", window=LATE),
            Ratio({SCHEDULE: None}, {SCHEDULE: "StepDecay"}, low=3.0),
            where={"arm": "schedule", RATE: HIGH},
        ),
        Claim(
            "rate-now-decides",
            "Only the rate of the moment counts: after the cut the curve jumps as much as one "
            "that had the small rate throughout, within a quarter.",
            Jitter("validation_loss", window=LATE),
            Ratio({SCHEDULE: "StepDecay", RATE: HIGH}, {SCHEDULE: None, RATE: LOW}, 0.8, 1.25),
            where={"arm": "schedule"},
        ),
        Claim(
            "cosine-calms",
            "A cosine calms the last quarter at least tenfold.",
            Jitter("validation_loss", window=LATE),
            Ratio({SCHEDULE: None}, {SCHEDULE: "Cosine"}, low=10.0),
            where={"arm": "schedule", RATE: HIGH},
        ),
        Claim(
            "plateau-calms",
            "Halving the rate after twenty epochs without progress, as post B did, halves "
            "the late jitter at least.",
            Jitter("validation_loss", window=LATE),
            Ratio({SCHEDULE: None}, {SCHEDULE: "Plateau"}, low=2.0),
            where={"arm": "schedule", RATE: HIGH},
        ),
        Claim(
            "schedule-ends-lower",
            "At the rate that validation finds best for each, a cosine ends with a test loss "
            "at least five per cent below that of a constant rate.",
            Final("test_loss"),
            Ratio({SCHEDULE: "Cosine"}, {SCHEDULE: None}, high=0.95),
            where={"arm": "schedule"},
            tune={RATE: Final("validation_loss")},
        ),
        Claim(
            "warm-up-calms-start",
            "At a rate that is too high for the start, a warm-up halves the largest setback "
            "of the training loss in the first fifth of the run.",
            Drawup("train_loss", window=EARLY),
            Ratio({WARM: 0.2}, {WARM: None}, high=0.5),
            where={"arm": "warm-up"},
        ),
        Claim(
            "warm-up-ends-alike",
            "… but late jitter is the same with and without it, within a quarter.",
            Jitter("validation_loss", window=LATE),
            Ratio({WARM: 0.2}, {WARM: None}, low=0.8, high=1.25),
            where={"arm": "warm-up"},
        ),
    ),
    causes=(
        Cause(HIGH_RATE, {RATE: LOW}, {RATE: HIGH}, where={"arm": "schedule", SCHEDULE: None}),
    ),
    cures=(
        *(
            Cure(name, HIGH_RATE, {SCHEDULE: None}, {SCHEDULE: kind}, where=FAST)
            for name, kind in (
                ("step decay", "StepDecay"),
                ("cosine decay", "Cosine"),
                ("decay on plateaus", "Plateau"),
            )
        ),
        Cure("warm-up", HIGH_RATE, {WARM: None}, {WARM: 0.2}, where={"arm": "warm-up"}),
    ),
    show=(
        Jitter("validation_loss", window=LATE),
        Jitter("validation_accuracy", window=LATE),
        Final("validation_loss"),
        Level("rate_factor", window=LATE),
    ),
    figure=draw,
    scales={"paper": {"seeds": 128}},
)
