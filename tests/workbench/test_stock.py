"""Which results there are."""

from pathlib import Path

import numpy as np

from benchmark.declare.scenario import Resolved
from benchmark.declare.series import recorded
from benchmark.store.blocks import Block
from benchmark.store.results import Results
from benchmark.workbench.stock import stock_of
from helpers.stored import store

MADE_BY_OTHER_CODE = "2 stored blocks were made by other code than today's"


def zeros(block: Block) -> dict[str, np.ndarray]:
    known = recorded(block.condition).known
    return {name: np.zeros((2, *shape), np.float32) for name, shape in known.items()}


def test_results_of_edited_own_code_are_told_of(write_own, tmp_path: Path, capsys):
    def compute(resolved: Resolved) -> tuple[int, str]:
        told: list[str] = []
        results = Results.at(resolved, tmp_path)
        missing = results.missing(told.append)
        store(results, zeros, missing)
        stock_of(resolved, tmp_path, None, False)
        said = capsys.readouterr().err
        assert told == ([said.removeprefix("own: ").removesuffix("\n")] if said else [])
        return len(missing), said

    assert compute(write_own()) == (2, "")
    assert compute(write_own("It falls", "It does fall")) == (0, "")
    kept, said = compute(write_own("GAIN = 1.0", "GAIN = 0.5"))
    assert kept == 0 and MADE_BY_OTHER_CODE in said and said.count("\n") == 1
    assert compute(write_own()) == (0, "")
