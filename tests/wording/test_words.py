"""Names and levels as readers see them."""

from benchmark import Jitter
from benchmark.wording import words


def test_words():
    assert words.setting("optimizer.learning_rate") == "learning rate"
    assert words.settings(["task.noise", "probe.noise"])["task.noise"] == "task noise"
    assert words.level(None) == "none"
    assert words.level(True) == "on"
    assert words.level(1024) == "1024"
    assert words.level(1e-5) == "1\u00a0×\u00a010⁻⁵"
    assert words.levels((1, 2, 4)) == "1…4"
    assert words.levels(("a", "b")) == "a, b"
    unit = "½ squared error"
    assert Jitter("train_loss").axis("squared_error", False) == f"jitter ({unit})"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(["a"]) == "a"
