"""Does a smaller batch make the training loss fluctuate more?"""

from benchmark import (
    FULL,
    MLP,
    SGD,
    Claim,
    Condition,
    Decreases,
    Digits,
    Jitter,
    Scenario,
    Training,
)

scenario = Scenario(
    question="Does a smaller batch make the training loss fluctuate more?",
    says="x",
    family="optimisation",
    base=Condition(
        task=Digits(n_train=1024, n_validation=512),
        model=MLP(widths=(64, 64)),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=20, batch_size=32),
    ),
    vary={"training.batch_size": (1, 2, 4, 8, 16, 32, 64, 128, FULL)},
    seeds=32,
    claims=(
        Claim("step-jitter", "x", Jitter("step_loss"), Decreases("training.batch_size")),
    ),
)
