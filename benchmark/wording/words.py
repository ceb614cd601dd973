"""Settings and their values in the words of a reader.

Measures, series and expectations know their own words.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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


def selection(chosen: Mapping[str, Any]) -> str:
    """Settings with their values: "batch size 8, batch order sorted"."""
    return ", ".join(f"{setting(path)} {levels(value)}" for path, value in chosen.items())


def between(low: float | None, high: float | None) -> str:
    """A region, of which one end may be None: "at least 2", "0.5 to 2"."""
    if low is not None and high is not None:
        return f"{number(low)} to {number(high)}"
    return f"at least {number(low)}" if low is not None else f"at most {number(high or 0.0)}"


def margin(share: float) -> str:
    """How far off something may be: "± 5 %"."""
    return f"±\u00a0{100 * share:.3g}\u00a0%"


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def sentence(text: str) -> str:
    """`text` with a capital first letter, but for symbols such as β."""
    return text[:1].upper() + text[1:] if text[:1].isascii() else text
