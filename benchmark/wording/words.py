"""Settings, series, measures and values in the words of a reader."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmark.declare.measures import SECOND_HALF, Measure
from benchmark.wording.numbers import number

_SETTINGS = {
    "model.widths": "layer widths",
    "optimizer.beta1": "β₁",
    "optimizer.beta2": "β₂",
    "optimizer.epsilon": "ε",
    "model.batch_norm": "batch-norm momentum",
    "task.feature_noise": "noise on features (SD)",
    "task.leak": "leaked share",
    "task.minority": "share of the last class",
    "task.mislabelled": "mislabelled share",
    "task.n_test": "test samples",
    "task.n_train": "training samples",
    "task.n_validation": "validation samples",
    "task.validation_mislabelled": "mislabelled share of validation",
    "task.variety": "share of distinct samples",
    "training.last_batch": "last batch",
    "training.order": "batch order",
    "training.steps": "steps per epoch",
}
_SERIES = {
    "step_loss": "minibatch loss",
    "running_train_accuracy": "running training accuracy",
    "running_train_loss": "running training loss",
    "train_accuracy": "training accuracy",
    "train_loss": "training loss",
}
# Kind -> (what it says of a series, short name of the number, its unit).
# The unit "=" is the series', "time" that of its points.
_MEASURES = {
    "level": ("mean {of}", "mean", "="),
    "final": ("final {of}", "final value", "="),
    "jitter": ("jitter of the {of}", "jitter", "="),
    "relative_jitter": ("relative jitter of the {of}", "relative jitter", ""),
    "wander": ("wander of the {of}", "wander", "="),
    "run_spread": ("spread between runs of the final {of}", "SD over runs", "="),
    "rise_fraction": ("how often the {of} rises", "share", "of {time}"),
    "drawup": ("largest setback of the {of}", "setback", "="),
    "reversal_fraction": ("how often the {of} turns", "share", "of {time}"),
    "von_neumann": ("von Neumann ratio of the {of}", "ratio", ""),
    "dominant_period": ("dominant period of the {of}", "period", "{time}"),
    "periodicity_p": ("periodicity of the {of}", "p-value", ""),
    "spike_rate": ("how often the {of} spikes", "share", "of {time}"),
    "autocorrelation": ("autocorrelation of the {of} at lag {lag:g}", "correlation", ""),
    "variance": ("variance over time of the {of}", "variance", "=²"),
    "trend_share": ("trend's share of the variance over time of the {of}", "share", ""),
    "wander_share": ("slow share of the variance over time of the {of}", "share", ""),
    "noise_share": ("noise's share of the variance over time of the {of}", "share", ""),
    "evaluation_noise": ("noise of evaluating the {whole}", "noise SD", "="),
    "evaluation_share": ("share of evaluation noise in the {whole}", "share", ""),
    "diverged": ("how many runs diverge", "share", "of runs"),
    "spiked": ("how many runs spike", "share", "of runs"),
    "steps_to": ("time until the {of} is below {below:g}", "time", "{time}"),
    "evaluation_gap": ("{of} minus {other}", "gap", "="),
    "generalisation_gap": ("{of} minus {other}", "gap", "="),
}


def setting(path: str) -> str:
    """A dotted path in words: ``optimizer.learning_rate`` → "learning rate"."""
    return _SETTINGS.get(path, path.rpartition(".")[2].replace("_", " "))


def settings(paths: Iterable[str]) -> dict[str, str]:
    """Paths in words, with their part where one word would stand for two settings."""
    words = {path: setting(path) for path in paths}
    said = list(words.values())
    return {
        path: f"{path.partition('.')[0]} {word}" if said.count(word) > 1 else word
        for path, word in words.items()
    }


def level(value: Any) -> str:
    """The value of a setting: "none", "on", a number, or a name."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int) and abs(value) < 1_000_000:
        return str(value).replace("-", "−")
    # Settings are exact, so that they are told with a digit more than what is measured.
    return number(value, 4) if isinstance(value, int | float) else str(value).replace("_", " ")


def levels(value: Any) -> str:
    """One value, several separated by commas, or many numbers as a range."""
    several = list(value) if isinstance(value, tuple | list) else [value]
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in several)
    if numbers and len(several) > 2:
        return f"{level(min(several))}…{level(max(several))}"
    return ", ".join(map(level, several))


def series(name: str) -> str:
    """A recorded series in words: ``train_loss`` → "training loss"."""
    return _SERIES.get(name, name.replace("_", " "))


def series_unit(name: str, loss: str | None) -> str:
    """Unit of a series, or "" for a pure number or one that is not known.

    Args:
        name: of the series.
        loss: the task's loss, "cross_entropy" or "squared_error"; None if tasks differ.
    """
    if name.endswith("loss"):
        return {"cross_entropy": "nats", "squared_error": "½ squared error"}.get(loss or "", "")
    return "share correct" if "accuracy" in name or "recall" in name else ""


def measure(which: Measure) -> str:
    """What a measure is: "jitter of the training loss"."""
    if which.kind == "custom":
        text = which.label.replace("_", " ").replace("-", " ")
    else:
        said = [series(name) for name in which.series]
        text = _MEASURES[which.kind][0].format(
            of=said[0],
            other=said[-1],
            whole=said[0].replace(" a ", " "),
            **dict(which.options),
        )
    if which.summary != which.usual:
        text = f"{_SUMMARIES[which.summary]} over runs of the {text}"
    if which.window != SECOND_HALF:
        start, end = (f"{100 * edge:.3g}" for edge in which.window)
        whole = which.window == (0.0, 1.0)
        text = f"{text}, {'whole run' if whole else f'{start}–{end} % of the run'}"
    return text


_SUMMARIES = {"mean": "mean", "geometric_mean": "geometric mean", "sd": "SD"}


def axis(which: Measure, loss: str | None, steps: bool) -> str:
    """The label of a measure's axis, with its unit: "jitter (nats)".

    Args:
        which: the measure.
        loss: the task's loss, or None if tasks differ.
        steps: whether the series has a value per step and not per epoch.
    """
    if which.kind == "custom":
        return which.label.replace("_", " ").replace("-", " ")
    _, short, unit = _MEASURES[which.kind]
    time = "steps" if steps else "epochs"
    own = series_unit(which.series[0], loss)
    unit = unit.format(time=time)
    if unit.startswith("="):
        unit = own and own + unit[1:]
    if unit.startswith("of "):
        return f"{short} {unit}"
    if not unit and which.kind in ("level", "final"):
        return measure(which)
    return f"{short} ({unit})" if unit else short


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def sentence(text: str) -> str:
    """`text` with a capital first letter, but for symbols such as β."""
    return text[:1].upper() + text[1:] if text[:1].isascii() else text
