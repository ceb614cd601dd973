"""Class imbalance: a calm accuracy may hide a recall that jumps."""

from dataclasses import dataclass

from benchmark import (
    MLP,
    SGD,
    Cause,
    Claim,
    Condition,
    Cure,
    Custom,
    Decreases,
    Digits,
    Equals,
    Evaluation,
    Jitter,
    Level,
    Ratio,
    Scenario,
    Training,
    Within,
    parts,
    plot,
    theory,
)

SHARE, BALANCE = "task.minority", "training.balance"
RARE, RAREST = 0.02, 0.01
RECALL, ACCURACY = "validation_recall_9", "validation_accuracy"


@dataclass(frozen=True)
class Rare(parts.Probe):
    """Series (per step) `step_rare_absent`: 1 where a batch holds nothing of the last class."""

    every: int = parts.static(2, at_least=1)

    def at_step(self, probing, memory, batch):
        import jax.numpy as jnp

        rare = batch.y == probing.condition.task.outputs - 1
        return memory, {"step_rare_absent": 1.0 - jnp.any(rare).astype(jnp.float32)}


def absent(condition):
    """(1 − π)^B."""
    return theory.minority_absent(condition.task.minority, condition.batch_size)


def share_of_batches(flags):
    """Mean over all steps of a run."""
    return flags.mean(1)


ABSENT = Custom(
    "share_of_batches", "step_rare_absent", share_of_batches, (0, 1), window=(0.0, 1.0)
)


def draw(figure, conditions):
    """Jitter of accuracy and of minority recall against the share of the minority."""
    plain = [r for r in conditions if r.settings[BALANCE] == "none"]
    left, right = figure.subplots(1, 2)
    plot.lines(left, plain, Jitter(ACCURACY), SHARE, label="accuracy")
    plot.lines(left, plain, Jitter(RECALL), SHARE, label="recall of the minority")
    left.set(ylabel="jitter (share correct)")
    left.set_title(
        "The rarer the class, the more its recall jumps; accuracy hides it", wrap=True
    )
    plot.lines(right, conditions, Jitter(RECALL), SHARE, BALANCE)
    right.set(ylabel="jitter of the minority's recall (share correct)")
    right.set_title("Cures side by side")
    for axes in (left, right):
        axes.set_xlabel("share of the minority")
        axes.legend()


scenario = Scenario(
    question="Does a rare class make the curves fluctuate, and do class weights calm them?",
    says="Post D: where one class dominates, validation looks fine while the rarer class is "
    "hardly learned; class weights or oversampling put it right.",
    family="data",
    dose=SHARE,
    base=Condition(
        task=Digits(n_train=1024, n_validation=512, minority=0.1),
        model=MLP(widths=(64,)),
        optimizer=SGD(learning_rate=0.1),
        training=Training(epochs=30, batch_size=32, log_steps=False),
        probes=(Rare(),),
        evaluation=Evaluation(per_class=True),
    ),
    vary={BALANCE: ("none", "weights", "oversample"), SHARE: (0.1, 0.05, RARE, RAREST)},
    claims=(
        Claim(
            "accuracy-looks-fine",
            "With one digit in a hundred a nine, accuracy is above 0.95 nevertheless.",
            Level(ACCURACY),
            Within(low=0.95),
            where={BALANCE: "none", SHARE: RAREST},
        ),
        Claim(
            "rare-class-not-learned",
            "… while less than half of the nines are found.",
            Level(RECALL),
            Within(high=0.5),
            where={BALANCE: "none", SHARE: RAREST},
        ),
        Claim(
            "recall-jumps",
            "The rarer a class, the more its recall jumps from epoch to epoch.",
            Jitter(RECALL),
            Decreases(SHARE),
            where={BALANCE: "none"},
        ),
        Claim(
            "accuracy-does-not",
            "… and the less the accuracy jumps.",
            Jitter(ACCURACY),
            # Accuracy has less room to move where guessing the large class is right.
            Within(high=0.02),
            where={BALANCE: "none", SHARE: (RARE, RAREST)},
        ),
        Claim(
            "batches-without",
            "A batch of B holds nothing of a class of share π with probability (1 − π)^B.",
            ABSENT,
            Equals(absent, within=0.1),
            where={BALANCE: "none", SHARE: (RARE, RAREST)},
        ),
        Claim(
            "weights-find-it",
            "Class weights raise the rare class's recall by half or more.",
            Level(RECALL),
            Ratio({BALANCE: "weights"}, {BALANCE: "none"}, low=1.5),
            where={SHARE: (RARE, RAREST)},
        ),
        Claim(
            "weights-calm",
            "… and calm it by a fifth or more.",
            Jitter(RECALL),
            Ratio({BALANCE: "weights"}, {BALANCE: "none"}, high=0.8),
            where={SHARE: (RARE, RAREST)},
        ),
        Claim(
            "oversampling-calms",
            "Oversampling calms the rare class's recall by a fifth or more.",
            Jitter(RECALL),
            Ratio({BALANCE: "oversample"}, {BALANCE: "none"}, high=0.8),
            where={SHARE: (RARE, RAREST)},
        ),
        Claim(
            "weights-disturb-accuracy",
            "The price of class weights: accuracy jumps at least half as much again.",
            Jitter(ACCURACY),
            Ratio({BALANCE: "weights"}, {BALANCE: "none"}, low=1.5),
            where={SHARE: (RARE, RAREST)},
        ),
    ),
    causes=(Cause("class imbalance", {SHARE: 0.1}, {SHARE: RARE}, where={BALANCE: "none"}),),
    cures=tuple(
        Cure(name, "class imbalance", {BALANCE: "none"}, {BALANCE: how}, where={SHARE: RARE})
        for name, how in (("class weights", "weights"), ("oversampling", "oversample"))
    ),
    show=(Level(ACCURACY), Level(RECALL), Jitter(ACCURACY), Jitter(RECALL), ABSENT),
    figure=draw,
    seeds=24,
    scales={"paper": {"seeds": 128, "training.epochs": 60}},
)
