"""The noisy quadratic: where the fluctuation of training can be computed by hand."""

from benchmark import (
    SGD,
    Adam,
    Arms,
    Cause,
    Claim,
    Condition,
    Cure,
    Decreases,
    Equals,
    Level,
    Momentum,
    Point,
    PowerLaw,
    Product,
    Quadratic,
    Ratio,
    Scenario,
    Training,
    measures,
    plot,
    probes,
)

BATCH, RATE, BETA = "training.batch_size", "optimizer.learning_rate", "optimizer.momentum"


def sgd_floor(condition):
    """½a·Var(w) with Var(w) = ησ²/(B·a(2 − ηa)): exact for constant-rate SGD."""
    a, eta = condition.task.curvature, condition.optimizer.learning_rate
    return 0.5 * eta * condition.task.noise**2 / (condition.batch_size * (2 - eta * a))


def momentum_floor(condition):
    """½ησ²(1 + β)/(B(1 − β)(2(1 + β) − ηa)): the heavy ball's stationary excess loss."""
    a, eta = condition.task.curvature, condition.optimizer.learning_rate
    beta = condition.optimizer.momentum
    noise = condition.task.noise**2 / condition.batch_size
    return 0.5 * eta * noise * (1 + beta) / ((1 - beta) * (2 * (1 + beta) - eta * a))


def step_correlation(condition):
    """Correlation of the parameter one step apart, 1 − ηa."""
    return 1 - condition.optimizer.learning_rate * condition.task.curvature


def draw(figure, conditions):
    """Simulated floors against predicted ones, all arms with a closed form."""
    axes, floors = figure.subplots(), {"momentum": momentum_floor}
    runs = [r for r in conditions if r.settings["arm"] != "Adam"]
    held = plot.estimates(runs, Level("validation_loss", over_runs="mean"))
    for arm, marker in (("SGD, rate", "o"), ("SGD, batch", "s"), ("momentum", "^")):
        here = [r for r in runs if r.settings["arm"] == arm]
        predicted = [floors.get(arm, sgd_floor)(r.condition) for r in here]
        axes.plot(predicted, [held[id(r)].mean for r in here], marker, label=arm)
    axes.axline((1e-3, 1e-3), slope=1, color="grey", linestyle="--", zorder=0, label="theory")
    axes.set(xscale="log", yscale="log", xlabel="predicted excess loss")
    axes.set(ylabel="simulated excess loss")
    axes.set_title("The floor of the loss is where theory says, over three decades")
    axes.legend()


scenario = Scenario(
    question="How much does constant-rate training fluctuate around a minimum?",
    says="All five posts blame the learning rate and the batch size; post E adds that the loss "
    "should 'gradually go down'. On a quadratic with noisy gradients theory says exactly "
    "how far down, and how the rest fluctuates.",
    family="optimisation",
    dose=RATE,
    base=Condition(
        task=Quadratic(curvature=1.0, noise=1.0),
        model=Point(),
        optimizer=SGD(learning_rate=0.1),
        training=Training(epochs=20, batch_size=4, order="fresh", steps=400, log_steps=False),
    ),
    vary=Arms(
        {
            "SGD, rate": {
                RATE: (0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
                "probes": ((probes.Weights(every=20),),),
            },
            "SGD, batch": {BATCH: (1, 4, 16, 64)},
            "momentum": {"optimizer": (Momentum(0.02),), BETA: (0.0, 0.5, 0.9, 0.99)},
            "Adam": Product({"optimizer": (Adam(0.002),)}, {BATCH: (1, 4, 16, 64)}),
        }
    ),
    claims=(
        Claim(
            "sgd-floor",
            "The loss stops falling at a floor of ½ησ²/(B(2 − ηa)).",
            Level("validation_loss", over_runs="mean"),
            Equals(sgd_floor, within=0.05),
            where={"arm": ("SGD, rate", "SGD, batch")},
        ),
        Claim(
            "batch-floor",
            "The floor is proportional to 1/B.",
            Level("validation_loss", over_runs="mean"),
            PowerLaw(BATCH, -1.0, within=0.05),
            where={"arm": "SGD, batch"},
        ),
        Claim(
            "texture",
            "A larger rate makes the fluctuation rougher: neighbours correlate by 1 − ηa.",
            measures.Autocorrelation("step_weight_0"),
            Equals(step_correlation, within=0.05),
            where={"arm": "SGD, rate", RATE: (0.1, 0.2, 0.5)},
        ),
        Claim(
            "rate-cut",
            "Cutting the rate tenfold lowers the floor (2 − ηa/10)/(2 − ηa) times tenfold.",
            Level("validation_loss", over_runs="mean"),
            Ratio({RATE: 0.5}, {RATE: 0.05}, low=12.35, high=13.65),
            where={"arm": "SGD, rate"},
        ),
        Claim(
            "momentum-floor",
            "Momentum's floor is ½ησ²(1 + β)/(B(1 − β)(2(1 + β) − ηa)).",
            Level("validation_loss", over_runs="mean"),
            Equals(momentum_floor, within=0.05),
            where={"arm": "momentum"},
        ),
        Claim(
            "momentum-smooths",
            "At the same learning rate, more momentum averages the noise away.",
            Level("validation_loss", over_runs="mean"),
            Decreases(BETA),
            where={"arm": "momentum"},
        ),
        Claim(
            "adam-batch",
            "Under Adam the floor falls only with the square root of the batch size.",
            Level("validation_loss", over_runs="mean"),
            PowerLaw(BATCH, -0.5, within=0.05),
            where={"arm": "Adam"},
        ),
    ),
    causes=(
        Cause("high learning rate", {RATE: 0.02}, {RATE: 0.2}, where={"arm": "SGD, rate"}),
        Cause("small batch", {BATCH: 64}, {BATCH: 4}, where={"arm": "SGD, batch"}),
        Cause("small batch", {BATCH: 64}, {BATCH: 4}, where={"arm": "Adam"}),
        Cause("momentum", {BETA: 0.0}, {BETA: 0.9}, where={"arm": "momentum"}),
    ),
    cures=(
        Cure(
            "lower rate",
            "high learning rate",
            {RATE: 0.2},
            {RATE: 0.02},
            where={"arm": "SGD, rate"},
        ),
        Cure(
            "larger batch", "small batch", {BATCH: 4}, {BATCH: 64}, where={"arm": "SGD, batch"}
        ),
    ),
    show=(
        Level("validation_loss", over_runs="mean"),
        measures.Autocorrelation("step_weight_0"),
    ),
    seeds=1000,
    block=500,
    lanes=500,
    figure=draw,
    scales={"paper": {"seeds": 5000}},
)
