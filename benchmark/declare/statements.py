"""What the five posts say on why curves fluctuate and what helps, and what tests it.

In our words; worded so that a statement stands as its claim does.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Post: TypeAlias = Literal["A", "B", "C", "D", "E"]

POSTS: dict[Post, str] = {
    "A": "a shallow CNN on 5,000 medical images: training and validation accuracy jump",
    "B": "a deep CNN on 29,000 images: validation goes up and down with every other epoch",
    "C": "a ResNet on 40,000 simulated images: the validation loss is wild",
    "D": "an article that lists what makes the validation accuracy of a CNN erratic",
    "E": "an LSTM on 98 sequences: the training loss fluctuates; with an answer",
}
"""The posts, and what each is about."""


@dataclass(frozen=True)
class Statement:
    """A statement of a post, and the claim that tests it.

    Attributes:
        post: its letter.
        says: the statement in our words, one sentence.
        scenario: where it is tested.
        claim: the name of that scenario's claim; the statement stands as the claim does.
        nearest: whether the claim does not test the statement itself, but is the nearest
            there is.
    """

    post: Post
    says: str
    scenario: str
    claim: str
    nearest: bool = False


_SAID: dict[Post, str] = {
    "A": """
learning_rate/jitter-rises: Too high a learning rate makes the curves bounce around a minimum.
case_medical_cnn/rate-no-effect: Lowering Adam's rate from 0.01 to 0.001 changes nothing.
~learning_rate/too-big-never-settles: The network may throw NaNs.
~fingerprints/named-among-runs: Such a pattern is the symptom of one thing.
overfitting/turns-up: Lack of data would show as gradual overfitting instead.
case_medical_cnn/sorted-below-chance: Training accuracy itself may fall far below chance.
""",
    "B": """
case_alternating_validation/half-pass-alternates: Validation accuracy alternates between high
  and low with every epoch …
case_alternating_validation/training-is-calm: … while training improves calmly.
case_alternating_validation/only-half-passes: Neither rate, nor dropout, nor augmentation
  explains the alternation.
~case_alternating_validation/not-as-stated: Batches of 64 or 128 instead of 32 give the same.
shuffling/sorted-jumps: Samples in a proper random order keep the curve from jumping.
lr_schedule/plateau-calms: Halving the rate when validation stops improving calms it.
metric_averaging/validation-looks-better: Validation is far better than training in the first
  epoch.
""",
    "C": """
case_resnet_simulated/wild-validation: The validation loss swings wildly …
case_resnet_simulated/training-falls: … while the training loss falls quickly.
case_resnet_simulated/coverage-swings: The reason: batch size and steps per epoch did not cover
  the data.
epoch_coverage/more-coverage-cures: With epochs that cover the data it converges.
dataset_size/more-samples-calm: More images would help.
""",
    "D": """
~case_rollercoaster/data-costs-level: It is rarely a single cause, usually several together.
case_rollercoaster/small-data-jumps: A small training set makes the validation accuracy erratic.
data_quality/noise-raises-accuracy-jitter: So do noisy data …
label_noise/share-raises-accuracy-jitter: … and wrong labels …
data_quality/variety-calms-accuracy: … and data without variety.
data_quality/variety-lowers-loss: Data without variety generalise poorly.
augmentation/calms-few: Augmentation is a quick fix for few data.
overfitting/overfitting-is-restless: Overfitting makes validation restless.
dataset_size/larger-jitters-more: Too many parameters for the data make it erratic.
overfitting/dropout-stops-turn-up: Dropout helps against overfitting …
overfitting/dropout-calms: … and calms validation.
overfitting/stopping-keeps-accuracy: Stopping early saves what overfitting would cost.
overfitting/best-not-last-level: Keep the best weights, not the last.
learning_rate/too-big-guesses: Too large a rate leaps around and never finds the minimum.
learning_rate/too-small-is-slow: Too small a rate is so slow that training is stuck.
lr_schedule/cosine-calms: A schedule that lowers the rate helps.
batch_size/gradient-noise: Small batches have noisy gradients …
batch_size/epoch-jitter: … which make training unstable.
batch_size/large-generalises-worse: Very large batches generalise poorly.
class_imbalance/accuracy-looks-fine: With a dominant class the accuracy looks fine …
class_imbalance/rare-class-not-learned: … while the rare class is not learned.
class_imbalance/weights-find-it: Class weights cure that.
class_imbalance/oversampling-calms: Oversampling calms the metrics of the rare class.
validation_leak/leak-makes-erratic: A leak of validation into training makes validation erratic
  …
validation_leak/leak-raises-accuracy: … and too good to be true.
validation_leak/scaling-first-flatters: Preprocessing before the split flatters validation, too.
""",
    "E": """
dropout/lstm-printed-loss-jumps: Dropout layers make the printed loss fluctuate.
optimizer/rmsprop-spikes-late: Adaptive rates (RMSprop, Adam) make it fluctuate.
learning_rate/lstm-sgd-rate: With plain SGD and any rate it fluctuates alike.
learning_rate/too-small-is-smooth: At a really small rate the loss should go down smoothly.
batch_size/lstm-epoch-jitter: The main reason is that updates use few samples.
batch_size/all-samples: With all samples in every update the loss just decreases …
~batch_size/all-samples-any-rate: … whatever the rate.
dataset_size/lstm-larger-wanders: A large network on few samples wanders instead of settling.
case_lstm_surfaces/small-batch: Very small batches are a reason of their own.
label_noise/wrong-label-harms: One wrong label among two or three right ones makes the update
  raise the loss.
label_noise/larger-batch-dampens: Larger batches dampen that.
batch_size/large-is-slow: Very large batches make training slow.
case_lstm_surfaces/batch-of-two: In batches of two the LSTM does not learn.
case_lstm_surfaces/reaches-all-correct: In the end all of the training set is classified
  correctly.
""",
}
# A line is scenario/claim: what is said; ~ before it if the claim is only the nearest; an
# indented line goes on with the one before.


def _read(post: Post) -> list[Statement]:
    found = []
    for row in _SAID[post].strip().replace("\n  ", " ").splitlines():
        place, _, says = row.partition(": ")
        scenario, _, claim = place.removeprefix("~").partition("/")
        found.append(Statement(post, says, scenario, claim, place.startswith("~")))
    return found


STATEMENTS: tuple[Statement, ...] = tuple(row for post in POSTS for row in _read(post))
"""All statements, post by post."""
