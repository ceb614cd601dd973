"""What is asked for, as texts and as a command."""

from pathlib import Path

import numpy as np
import pytest

import benchmark as bm
from benchmark.declare.asked import Asked
from benchmark.workbench.asked import command, texts


def test_overrides_become_texts():
    given = {
        "a": 8, "b": 0.1, "c": True, "d": None, "e": (64, 64), "f": [(8,), (8, 4)], "g": "full",
        "h": np.float32(0.5), "i": [1, 2],
    }  # fmt: skip
    assert texts(given) == {
        "a": "8", "b": "0.1", "c": "true", "d": "none", "e": "64-64", "f": "8,8-4", "g": "full",
        "h": "0.5", "i": "1,2",
    }  # fmt: skip
    for wrong in ({"a": object()}, {"a": []}, {"a": {"b": 1}}):
        with pytest.raises(bm.UserError, match="override of 'a' is"):
            texts(wrong)


def test_a_command_has_every_flag():
    asked = Asked("paper", 4, {"training.epochs": "2,4"})
    assert command("run", "tiny", asked, "a b", [Path("mine")]) == (
        "python -m benchmark run tiny --scale paper --seeds 4 --set training.epochs=2,4 "
        "--results 'a b' --scenarios mine"
    )
